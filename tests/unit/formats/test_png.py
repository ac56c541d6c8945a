"""PNG: pixels survive, everything else goes, and what is wrong is refused."""

import random
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from smartmail.formats.png import MOST_SIDE, PngError, cleaned


def picture(mode: str, width: int = 33, height: int = 17, **values) -> bytes:
    image = Image.new("RGBA", (width, height))
    chance = random.Random(3)
    image.putdata([tuple(chance.randrange(256) for _ in range(4)) for _ in range(width * height)])
    out = BytesIO()
    image.convert(mode).save(out, "PNG", **values)
    return out.getvalue()


def pixels(octets: bytes):
    image = Image.open(BytesIO(octets))
    return image.size, image.convert("RGBA").tobytes()


@pytest.mark.parametrize("mode", ["RGBA", "RGB", "L", "LA", "P"])
def test_pixels_are_those_that_came(mode):
    octets = picture(mode)
    made, width, height = cleaned(octets)
    assert (width, height) == (33, 17)
    assert pixels(made) == pixels(octets)
    assert cleaned(made)[0] == made


def test_a_smooth_picture_uses_all_filters():
    image = Image.linear_gradient("L").resize((64, 64)).convert("RGB")
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    assert pixels(cleaned(out.getvalue())[0]) == pixels(out.getvalue())


def test_nothing_but_pixels_is_left():
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>secret</script>")
    octets = picture("RGBA", pnginfo=info) + b"<html>trailing"
    made, *_ = cleaned(octets)
    assert b"secret" not in made and b"trailing" not in made
    assert pixels(made) == pixels(octets)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def head(width: int, height: int, depth: int = 8, kind: int = 6, interlaced: int = 0) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlaced))


END = chunk(b"IEND", b"")
GOOD = zlib.compress(b"\0" * 5)


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture("RGBA")[:-30],
        head(1, 1) + END, chunk(b"IDAT", GOOD), head(0, 1) + chunk(b"IDAT", GOOD) + END,
        head(MOST_SIDE + 1, 1) + chunk(b"IDAT", GOOD) + END, head(1, 1, depth=16) + chunk(b"IDAT", GOOD) + END,
        head(1, 1, interlaced=1) + chunk(b"IDAT", GOOD) + END, head(1, 1, kind=5) + chunk(b"IDAT", GOOD) + END,
        head(1, 1) + chunk(b"IDAT", b"no zlib") + END, head(1, 2) + chunk(b"IDAT", GOOD) + END,
        head(1, 1) + chunk(b"IDAT", zlib.compress(b"\x09\0\0\0\0")) + END,
        head(1, 1, kind=3) + chunk(b"PLTE", b"\0\0\0") + chunk(b"IDAT", zlib.compress(b"\0\x07")) + END,
        head(1, 1) + chunk(b"IDAT", zlib.compress(b"\0" * 50_000_000)) + END,
        picture("RGBA").replace(b"IHDR", b"IHDX"), b"\x89PNG\r\n\x1a\n" + b"\0" * 600_000,
    ],
)  # fmt: skip
def test_what_is_no_picture_of_ours_is_refused(octets):
    with pytest.raises(PngError):
        cleaned(octets)


def test_noise_never_gets_through_by_accident():
    chance = random.Random(5)
    whole = picture("P")
    for _ in range(400):
        broken = bytearray(whole)
        broken[chance.randrange(8, len(broken))] ^= 1 << chance.randrange(8)
        try:
            cleaned(bytes(broken))
        except PngError:
            continue
