"""TOTP against the vectors of RFC 6238 appendix B and KA-10, and the otpauth address."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats.qr_code import svg
from smartmail.formats.totp import Totp

SECRET = base64.b32decode("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
LONG = b"12345678901234567890123456789012"
"""RFC 6238 errata 2866: SHA-256 takes 32 octets."""


@pytest.mark.parametrize(
    ("at", "sha1", "sha256"),
    [
        (59, "94287082", "46119246"),
        (1111111109, "07081804", "68084774"),
        (1111111111, "14050471", "67062674"),
        (1234567890, "89005924", "91819424"),
        (2000000000, "69279037", "90698825"),
        (20000000000, "65353130", "77737706"),
    ],
)
def test_vectors_of_the_standard(at, sha1, sha256):
    assert Totp(SECRET, digits=8).code(at // 30) == sha1
    assert Totp(LONG, "SHA256", 8).code(at // 30) == sha256
    assert Totp(SECRET).code(at // 30) == sha1[2:]


def test_a_step_either_way_is_taken_and_says_which():
    totp = Totp(SECRET)
    for skew in (-1, 0, 1):
        assert totp.step_of(totp.code(100 + skew), 3010) == 100 + skew
    for skew in (-2, 2):
        assert totp.step_of(totp.code(100 + skew), 3010) is None
    assert totp.step_of(" 287 082 ", 59) == 1
    assert totp.step_of("287082", 0) == 1


@given(st.text(max_size=12))
def test_what_is_no_code_is_none(text):
    totp = Totp(SECRET)
    if "".join(text.split()) not in {totp.code(step) for step in (0, 1, 2)}:
        assert totp.step_of(text, 45) is None


def test_other_figures_are_no_digits():
    assert Totp(SECRET).step_of("٢٨٧٠٨٢", 59) is None


def test_the_address_is_what_apps_read():
    assert Totp(SECRET).address("SmartMail", "user@dom.example") == (
        "otpauth://totp/SmartMail:user@dom.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=SmartMail"
    )
    assert Totp(LONG, "SHA256", 8).address("우리 회사", "a").endswith("&algorithm=SHA256&digits=8")


def test_the_secret_is_in_no_repr():
    assert "12345" not in repr(Totp(SECRET))


def test_a_picture_is_read_back(tmp_path):
    import zxingcpp
    from PIL import Image, ImageDraw

    text = Totp(SECRET).address("SmartMail", "kim@a.example")
    picture = svg(text)
    side = int(picture.split('viewBox="0 0 ')[1].split()[0])
    image = Image.new("L", (side * 8, side * 8), 255)
    draw = ImageDraw.Draw(image)
    for part in picture.split('fill="#000" d="')[1].split('"')[0].split("M")[1:]:
        x, y = (int(number) for number in part.split("h")[0].split())
        draw.rectangle((x * 8, y * 8, x * 8 + 7, y * 8 + 7), 0)
    assert [one.text for one in zxingcpp.read_barcodes(image)] == [text]
