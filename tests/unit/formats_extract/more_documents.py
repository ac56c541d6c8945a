"""Documents of kinds that need more hands: workbooks in binary form, distribution documents, objects in documents."""

import struct
import uuid

from asn1crypto import cms
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.modes import ECB
from tests.unit.formats_extract import documents as made

from smartmail.formats.extract.hwp import distribution_key

# --- objects inside -------------------------------------------------------------------------------------------------


def native(name, octets):
    """What Windows keeps of a file that was dropped into a document ([MS-OLEDS], OLE 1.0 package)."""
    raw = name.encode("cp949") + b"\0"
    body = struct.pack("<H", 2) + raw + b"C:\\" + raw + struct.pack("<HHI", 0, 3, len(raw) + 3) + b"C:\\" + raw
    body += struct.pack("<I", len(octets)) + octets
    return struct.pack("<I", len(body)) + body


def ole_package(name, octets):
    return made.compound({"\x01Ole10Native": native(name, octets), "\x01CompObj": bytes(20)})


def old_with_object(package):
    """A Word document of the old form with a document of the new form in it, as Word keeps it."""
    base = made.word97("x")
    streams = streams_of(base)
    return made.compound(
        {**streams, "ObjectPool/_1234567890/Package": package, "ObjectPool/_1234567890/\x01CompObj": bytes(20)}
    )


def streams_of(octets):
    from smartmail.formats.extract.compound_file import CompoundFile
    from smartmail.formats.extract.out import Limits, Out

    file = CompoundFile(Out(Limits(), lambda *_: None, lambda: False), octets)
    return {"/".join(one.path): file.read(one) for one in file.entries.values() if one.is_stream}


def rtf_with_object(package):
    """An object of RTF: an OLE 1.0 header in hexadecimal digits, then the compound file."""
    held = ole_package("a.docx", package)
    head = struct.pack("<II", 0x501, 2) + struct.pack("<I", 8) + b"Package\0" + bytes(8) + struct.pack("<I", len(held))
    digits = (head + held).hex().encode()
    return rb"{\rtf1 x{\object\objemb{\*\objclass Package}{\*\objdata " + digits + rb"}{\result y}}}"


def custom_properties(values):
    rows = "".join(
        f'<property fmtid="{{D5CDD505}}" pid="{number}" name="{name}"><vt:lpwstr xmlns:vt="v">{value}</vt:lpwstr></property>'
        for number, (name, value) in enumerate(values.items(), 2)
    )
    return f'<?xml version="1.0"?><Properties xmlns="p">{rows}</Properties>'


SUMMARY = "\x05DocumentSummaryInformation"


def old_properties(values, *, page=949):
    """Custom properties of [MS-OLEPS]: an empty first set, then names and values."""
    wide = page == 1_200

    def text(value):
        octets = (value + "\0").encode("utf-16-le" if wide else "cp949")
        count = len(octets) // 2 if wide else len(octets)
        return count, octets + (bytes(-len(octets) % 4) if wide else b"")

    names = struct.pack("<I", len(values))
    for number, name in enumerate(values, 2):
        count, octets = text(name)
        names += struct.pack("<II", number, count) + octets
    names += bytes(-len(names) % 4)
    blobs = {0: names, 1: struct.pack("<II", 2, page)}
    for number, value in enumerate(values.values(), 2):
        count, octets = text(value)
        blobs[number] = struct.pack("<II", 0x1F if wide else 0x1E, count) + octets + bytes(-len(octets) % 4)
    at, table, body = 8 + 8 * len(blobs), b"", b""
    for key, blob in blobs.items():
        table += struct.pack("<II", key, at + len(body))
        body += blob
    section = struct.pack("<II", at + len(body), len(blobs)) + table + body
    first = uuid.UUID("{D5CDD502-2E9C-101B-9397-08002B2CF9AE}").bytes_le
    custom = uuid.UUID("{D5CDD505-2E9C-101B-9397-08002B2CF9AE}").bytes_le
    head = struct.pack("<HHI16sI", 0xFFFE, 0, 0, b"", 2)
    return head + first + struct.pack("<I", 68) + custom + struct.pack("<I", 76) + struct.pack("<II", 8, 0) + section


def signed_message(content):
    """A message that was signed by wrapping it (application/pkcs7-mime; smime-type=signed-data)."""
    inner = cms.ContentInfo({"content_type": "data", "content": content})
    made_of = {"version": "v1", "digest_algorithms": [], "encap_content_info": inner, "signer_infos": []}
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(made_of)}).dump()


# --- workbooks ------------------------------------------------------------------------------------------------------


def xls(text, *, comment="", footer=""):
    def record(kind, payload):
        return struct.pack("<HH", kind, len(payload)) + payload

    coded = text.encode("utf-16-le")
    out = record(0x0809, b"\x00\x06\x05\x00" + bytes(12))
    out += record(0xFC, struct.pack("<IIHB", 1, 1, len(text), 1) + coded)
    out += record(0xFD, struct.pack("<HHHI", 0, 0, 0, 0))
    if footer:
        out += record(0x15, struct.pack("<HB", len(footer), 1) + footer.encode("utf-16-le"))
    if comment:
        out += record(0x1B6, bytes(18)) + record(0x3C, b"\x01" + comment.encode("utf-16-le"))
    return made.compound({"Workbook": out})


def _xlsb_record(kind, payload):
    head = bytes((kind,)) if kind < 0x80 else bytes((kind & 0x7F | 0x80, kind >> 7))
    size, digits = len(payload), b""
    while True:
        digits += bytes((size & 0x7F | (0x80 if size > 0x7F else 0),))
        size >>= 7
        if not size:
            return head + digits + payload


def _wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(text, *, inline="", formula="", comment=""):
    """A workbook of [MS-XLSB]: one shared string, a text in a cell, the text of a formula, a comment."""
    sheet = _xlsb_record(0, struct.pack("<I", 0) + bytes(20))
    sheet += _xlsb_record(7, struct.pack("<III", 0, 0, 0))
    sheet += _xlsb_record(5, struct.pack("<IId", 1, 0, 3.5)) + _xlsb_record(2, struct.pack("<III", 2, 0, 42 << 2 | 2))
    if inline:
        sheet += _xlsb_record(6, struct.pack("<II", 3, 0) + _wide(inline))
    if formula:
        sheet += _xlsb_record(8, struct.pack("<II", 4, 0) + _wide(formula) + bytes(10))
    members = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.bin": _xlsb_record(156, struct.pack("<II", 1, 1) + _wide("rId1") + _wide("숨긴 장")),
        "xl/sharedStrings.bin": _xlsb_record(159, bytes(8))
        + _xlsb_record(19, b"\0" + _wide(text))
        + _xlsb_record(160, b""),
        "xl/worksheets/sheet1.bin": sheet,
    }
    if comment:
        members["xl/comments1.bin"] = _xlsb_record(637, b"\0" + _wide(comment))
    return made.zipped(members)


# --- distribution documents -----------------------------------------------------------------------------------------


def hwp_distribution(text):
    """A document that may be read and not changed (배포용 문서)."""
    data = bytearray(256)
    data[:4] = struct.pack("<I", 0x1234567)
    key = distribution_key(bytes(data))
    packed = made.deflate(made.hwp_section(text))
    packed += bytes(-len(packed) % 16)
    encryptor = Cipher(algorithms.AES(key), ECB()).encryptor()
    section = made.hwp_record(28, bytes(data)) + encryptor.update(packed)
    header = b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05000300, 5) + bytes(216)
    return made.compound({"FileHeader": header, "ViewText/Section0": section})
