"""Photographs: square, small and large, upright, nothing but pixels; what is no picture is none."""

from io import BytesIO

import pytest
from PIL import Image

from smartmail.formats import portrait
from smartmail.formats.portrait import LARGE, SMALL

PLACE = b"GPS 37.5665N"


def picture(form: str = "JPEG", size: tuple[int, int] = (400, 300), colour="red", **more) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, form, **more)
    return out.getvalue()


def opened(octets: bytes) -> Image.Image:
    return Image.open(BytesIO(octets), formats=("JPEG",))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("size", [(400, 300), (33, 900), (1200, 1200)])
def test_a_picture_becomes_square_in_two_sizes(form, size):
    made = portrait.portrait(picture(form, size))
    assert made is not None
    assert [opened(one).size for one in made] == [(SMALL, SMALL), (LARGE, LARGE)]
    red, green, blue = opened(made[1]).getpixel((LARGE // 2, LARGE // 2))
    assert red > 230 and green < 30 and blue < 30


def test_nothing_but_pixels_is_left():
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()
    exif[0x0112] = 6  # turned by a quarter
    turned = Image.new("RGB", (400, 400), "red")
    turned.paste("blue", (0, 0, 400, 100))
    out = BytesIO()
    turned.save(out, "JPEG", exif=exif, comment=PLACE)
    assert PLACE in out.getvalue()
    made = portrait.portrait(out.getvalue())
    assert made is not None
    assert all(PLACE not in one and b"Exif" not in one for one in made)
    red, _, blue = opened(made[1]).getpixel((LARGE - 10, LARGE // 2))
    assert blue > red, "it stands upright"


def test_what_is_clear_is_white():
    out = BytesIO()
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(out, "PNG")
    made = portrait.portrait(out.getvalue())
    assert made is not None
    assert min(opened(made[1]).getpixel((100, 100))) > 250


def test_what_is_no_picture_is_none():
    bomb = picture("PNG", (6000, 5000))
    for octets in (b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture()[:200], b"%PDF-1.4", bomb,
                   picture("PNG", (20, 20)), picture("TIFF"), picture("BMP")):  # fmt: skip
        assert portrait.portrait(octets) is None
