"""Files that are said to have nothing to read without a child: a thorough reading finds nothing in them either."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats.extract import naming
from smartmail.formats.extract.out import THOROUGH_LIMITS
from smartmail.formats.extract.reading import extract
from smartmail.formats.extract.wordless import MOST, is_wordless

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("people.txt", "900101-1234568")
    return out.getvalue()


@pytest.mark.parametrize(
    "octets", [PNG, b"\xff\xd8\xff\xe0" + PNG, b"MZ\x90\0\x03" + PNG, b"GIF89a\0\0" + PNG, b"OggS\0" + PNG]
)
def test_pictures_and_programs_are_wordless(octets):
    assert is_wordless(octets, "image/png", "a.png")


@pytest.mark.parametrize("octets", [
    b"", b"hello", PNG + zipped(), zipped(), b"%PDF-1.7\0" + PNG, b"\x01\x02 of no kind \0", PNG + b"7z\xbc\xaf\x27\x1c", PNG * (1 + MOST // len(PNG)),
    b"\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\0", b"-----BEGIN PGP MESSAGE-----\0",
])  # fmt: skip
def test_what_may_have_something_to_read_is_not(octets):
    assert not is_wordless(octets)


BEGINNINGS = st.sampled_from(
    [magic for magic, _ in naming._MAGIC] + [b"RIFF1234WAVE", b"RIFF1234WEBP", b"\0\0\0\x20ftypheic", b""]
)
MIDDLES = st.one_of(st.binary(max_size=300), st.text(max_size=100).map(str.encode))
ENDS = st.sampled_from(
    [b"", b"", zipped(), b"Rar!\x1a\x07\0" + bytes(9), b"7z\xbc\xaf\x27\x1c" + bytes(40), b"EGGA\0\1" + bytes(12)]
)


@given(
    st.tuples(BEGINNINGS, MIDDLES, ENDS, MIDDLES).map(b"".join), st.sampled_from(["", "image/png", "text/plain", "message/rfc822"]),
    st.sampled_from(["", "a.png", "a.txt", "a.eml"]),
)  # fmt: skip
def test_a_thorough_reading_finds_nothing_in_them(octets, media_type, name):
    if is_wordless(octets, media_type, name):
        found = extract(octets, media_type, name, limits=THOROUGH_LIMITS)
        assert (found.problem, found.truncated, len(found.files), found.files[0].text) == (None, False, 1, "")
        assert not found.files[0].labels
