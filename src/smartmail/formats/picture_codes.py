"""QR codes in pictures: where they lead. Called in killable children only: the decoders are native code.

LIMITS  Pictures of at most `MAX_PIXELS`, of an animation the first frame, at most `MAX_CODES` codes.
FAILURE A picture that cannot be read has no codes. Without the two libraries nothing is found.
"""

from typing import Any, Final

MAX_PIXELS: Final = 24_000_000
MAX_CODES: Final = 10
MAX_SIDE: Final = 1_600
"""Larger pictures are made smaller first: a code that a phone should read from a screen survives that."""
_FORMATS: Final = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
_MAX_TEXT: Final = 2_000

_tools: list[Any] = []


def preload() -> bool:
    """Load the libraries now, for there may be no descriptors later; say whether they are there."""
    if not _tools:
        try:
            import zxingcpp
            from PIL import Image

            Image.init()  # type: ignore[no-untyped-call,unused-ignore]
            Image.MAX_IMAGE_PIXELS = MAX_PIXELS
        except ImportError:
            return False
        _tools.extend((zxingcpp, Image))
    return True


class _Octets:
    """What the picture library reads from: octets that are there already."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0

    def read(self, count: int = -1) -> bytes:
        end = len(self._octets) if count is None or count < 0 else self._at + count
        piece = self._octets[self._at : end]
        self._at += len(piece)
        return piece

    def seek(self, at: int, whence: int = 0) -> int:
        self._at = max(0, at + (0, self._at, len(self._octets))[whence])
        return self._at

    def tell(self) -> int:
        return self._at


def codes_in(octets: bytes) -> tuple[str, ...]:
    """Return the texts of the QR codes in a picture."""
    if not preload():
        return ()
    zxing, image = _tools
    try:
        with image.open(_Octets(octets), formats=_FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                return ()
            opened.draft("L", (MAX_SIDE, MAX_SIDE))
            picture = _flat(image, opened)
    except (OSError, ValueError, SyntaxError, image.DecompressionBombError, MemoryError):
        return ()
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    found = zxing.read_barcodes(picture, formats=(zxing.BarcodeFormat.QRCode, zxing.BarcodeFormat.MicroQRCode))
    return tuple(one.text[:_MAX_TEXT] for one in found[:MAX_CODES] if one.text)


def _flat(image: Any, opened: Any) -> Any:
    """Return the picture in grey on white: a code on a transparent ground is seen on paper."""
    if opened.mode in {"RGBA", "LA", "PA"} or "transparency" in opened.info:
        clear = opened.convert("RGBA")
        ground = image.new("RGBA", clear.size, "white")
        ground.alpha_composite(clear)
        return ground.convert("L")
    return opened.convert("L")
