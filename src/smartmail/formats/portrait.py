"""A photograph read to its pixels and written anew, square, in two sizes. Called in killable children only.

LIMITS    MAX_PIXELS, of an animation the first frame; sides of SMALL and LARGE pixels.
FAILURE   What cannot be read, or is too large, is no photograph: None.
SECURITY  Nothing but pixels is left: no place, no camera, no profile, no second picture behind the first.
"""

from io import BytesIO
from typing import Any, Final

from smartmail.formats import picture_codes

MAX_PIXELS: Final = 24_000_000
LEAST_SIDE: Final = 32
SMALL: Final = 72
LARGE: Final = 256
_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF")
_QUALITY: Final = 86


def preload() -> None:
    """Load now what reads and writes pictures: there may be no descriptors later."""
    if picture_codes.preload():
        from PIL import Image

        for name in _FORMATS:
            out = BytesIO()
            Image.new("RGB", (LEAST_SIDE, LEAST_SIDE)).save(out, name)
            portrait(out.getvalue())


def portrait(octets: bytes) -> tuple[bytes, bytes] | None:
    """Return a picture as JPEG, small and large."""
    if not picture_codes.preload():
        return None
    from PIL import Image, ImageOps

    try:
        with Image.open(BytesIO(octets), formats=_FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS or min(opened.size) < LEAST_SIDE:
                return None
            opened.draft("RGB", (LARGE * 2, LARGE * 2))
            upright: Any = ImageOps.exif_transpose(opened)
            return _sized(Image, ImageOps, upright)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, MemoryError):
        return None


def _sized(image: Any, operations: Any, picture: Any) -> tuple[bytes, bytes]:
    ground = image.new("RGB", picture.size, "white")
    clear = picture.convert("RGBA")
    ground.paste(clear, mask=clear.getchannel("A"))
    large = operations.fit(ground, (LARGE, LARGE))
    return _written(operations.fit(large, (SMALL, SMALL))), _written(large)


def _written(picture: Any) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
