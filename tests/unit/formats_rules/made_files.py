"""Files that attackers send, made here: archives, documents with macros, pictures with codes."""

import io
import zipfile

from tests.unit.formats_extract import documents


def zipped(**files: bytes) -> bytes:
    """Return an archive; `__` in a name stands for a dot."""
    return packed({name.replace("__", "."): octets for name, octets in files.items()})


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in files.items():
            archive.writestr(name, octets)
    return out.getvalue()


def encrypted(name: str) -> bytes:
    """Return an archive whose one member says that it is encrypted."""
    octets = bytearray(packed({name: b"secret"}))
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        octets[octets.find(magic) + at] |= 1
    return bytes(octets)


def office(**parts: bytes) -> bytes:
    return packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>", **parts})


def picture(text: str, form: str = "PNG") -> bytes:
    """Return a picture with a QR code."""
    import zxingcpp
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=5)).save(out, form)
    return out.getvalue()


__all__ = ["documents", "encrypted", "office", "packed", "picture", "zipped"]
