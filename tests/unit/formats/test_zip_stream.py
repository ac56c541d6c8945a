"""Streamed ZIP archives, read back by the standard library."""

import io
import os
import zipfile
import zlib

import pytest

from smartmail.formats.zip_stream import ZipStream

AT = 1_795_752_271  # 2026-11-27T04:04:31Z
FILES = {
    "받은메일함/견적서 (1).eml": b"Subject: a\r\n\r\n" + b"text " * 500,
    "보낸메일함/2026/見積り.eml": os.urandom(4000),
    "empty.eml": b"",
}


def archive(files: dict[str, bytes], **options) -> bytes:
    stream = ZipStream(**options)
    octets = b"".join(stream.add(name, content, AT) for name, content in files.items())
    whole = octets + stream.finish()
    assert stream.offset == len(whole)
    return whole


def test_another_reader_finds_names_octets_and_dates():
    with zipfile.ZipFile(io.BytesIO(archive(FILES, zone_minutes=540))) as opened:
        assert opened.testzip() is None
        assert {one.filename: opened.read(one) for one in opened.infolist()} == FILES
        assert {one.date_time for one in opened.infolist()} == {(2026, 11, 27, 13, 4, 30)}
        assert opened.getinfo("empty.eml").compress_type == zipfile.ZIP_STORED
        assert opened.infolist()[0].compress_size < 200


def test_more_files_than_the_old_format_counts():
    files = {f"{number}.eml": b"x" for number in range(65_540)}
    with zipfile.ZipFile(io.BytesIO(archive(files))) as opened:
        assert len(opened.infolist()) == 65_540
        assert opened.read("65539.eml") == b"x"


def test_beyond_four_gibibytes(tmp_path):
    """What lies before is a hole in a sparse file: only the places matter."""
    stream = ZipStream()
    first = stream.add("first.eml", b"one", AT)
    hole = 5 << 30
    stream.offset += hole
    path = tmp_path / "large.zip"
    with path.open("wb") as file:
        file.write(first)
        file.seek(hole, os.SEEK_CUR)
        file.write(stream.add("later.eml", b"two", AT) + stream.finish())
    with zipfile.ZipFile(path) as opened:
        assert (opened.read("first.eml"), opened.read("later.eml")) == (b"one", b"two")
        assert opened.getinfo("later.eml").header_offset > hole


@pytest.mark.parametrize("at", [-5, 0, 1 << 33, 1 << 60])
def test_times_that_the_format_does_not_know(at):
    stream = ZipStream()
    octets = stream.add("a.eml", b"x", at) + stream.finish()
    with zipfile.ZipFile(io.BytesIO(octets)) as opened:
        assert 1980 <= opened.getinfo("a.eml").date_time[0] <= 2107


def test_the_checksum_is_of_what_is_inside():
    octets = archive({"a.eml": b"hello"})
    with zipfile.ZipFile(io.BytesIO(octets)) as opened:
        assert opened.getinfo("a.eml").CRC == zlib.crc32(b"hello")
    with zipfile.ZipFile(io.BytesIO(octets.replace(b"hello", b"hellO"))) as broken:
        assert broken.testzip() == "a.eml"


def test_a_file_of_unknown_length_stands_between_others():
    stream = ZipStream(540)
    octets = stream.add("first.eml", b"x", AT)
    file = stream.begin("받은메일함.mbox", AT)
    octets += file.head
    pieces = [os.urandom(3000), b"text " * 5000, b""]
    for piece in pieces:
        octets += file.feed(piece)
    octets += file.end() + stream.add("last.eml", b"y", AT) + stream.finish()
    assert stream.offset == len(octets)
    with zipfile.ZipFile(io.BytesIO(octets)) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == ["first.eml", "받은메일함.mbox", "last.eml"]
        assert opened.read("받은메일함.mbox") == b"".join(pieces)
        assert opened.getinfo("받은메일함.mbox").date_time == (2026, 11, 27, 13, 4, 30)
