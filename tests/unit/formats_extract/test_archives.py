"""7z, RAR, ALZ and EGG: what is read, what is told, and that hostile ones cost nothing but themselves."""

import bz2
import lzma
import random
import struct
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.formats_extract import archives as made
from tests.unit.formats_extract.documents import docx

from smartmail.formats.extract import alz_bzip2
from smartmail.formats.extract.out import Enough, Extracted, Limits, Out, Unreadable
from smartmail.formats.extract.reading import extract

FOLDER = Path(__file__).parent / "by_archivers"
"""Made by 7-Zip 25.01 and Info-ZIP 3.0 of texts of ours."""
MEMBERS = {"안/똠방 계획.txt": "번호 900101-1234568".encode("cp949"), "b.docx": docx("번호 850505-6123459")}
TEXT = "안/똠방 계획.txt\n번호 900101-1234568\nb.docx\n번호 850505-6123459"
NAMES = "안/똠방 계획.txt\nb.docx"
SMALL = Limits(chars=50_000, members=100, unpacked=16 << 20, member=4 << 20)


def told(octets: bytes) -> tuple[str, str | None]:
    found = extract(octets)
    assert found is not None
    return found.text, found.problem


@pytest.mark.parametrize("width", [2, 4, 8])
@pytest.mark.parametrize("method", [0, 1, 2])
def test_alz(method, width):
    assert told(made.alz(MEMBERS, method=method, width=width)) == (TEXT, None)


def test_alz_that_cannot_be_read_is_told():
    assert told(made.alz(MEMBERS, encrypted=True)) == (NAMES, "encrypted")
    assert told(made.alz(MEMBERS, method=3)) == (NAMES, "unsupported")
    cut = made.alz(MEMBERS)
    assert told(cut[: cut.index(b"BLZ\x01", 20)])[1] == "damaged"


def test_alz_with_the_bzip2_of_others():
    octets = made.alz({"a.txt": b"x"}, method=0)
    packed = bz2.compress(b"900101-1234568" * 3)
    head = struct.pack("<BBIII", 1, 0, zlib.crc32(b"900101-1234568" * 3), len(packed), 42)
    octets = octets[:21] + head + b"a.txt" + packed + octets[-16:]
    assert told(octets) == ("a.txt\n" + "900101-1234568" * 3, None)


def test_a_changed_octet_of_an_archive_is_noticed():
    for octets in (made.alz({"a.txt": b"text of it"}, method=0), made.egg({"a.txt": b"text of it"}, method=0)):
        assert told(octets.replace(b"text of it", b"text of us")) == ("a.txt\ntext of us", "damaged")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2_000) | st.text("ab", max_size=3_000).map(str.encode))
def test_the_bzip2_of_alz_is_that_of_bzip2(octets):
    out = Out(Limits(), lambda *_: None, lambda: False)
    assert b"".join(alz_bzip2.unpacked(out, made.alz_bzip2(octets) or bytes.fromhex("444c5a02"))) == octets


def test_blocks_of_the_bzip2_of_alz():
    octets = bytes(random.Random(1).choices(b"abc \n", k=1_000_000))
    out = Out(Limits(), lambda *_: None, lambda: False)
    pieces = list(alz_bzip2.unpacked(out, made.alz_bzip2(octets)))
    assert len(pieces) == 2
    assert b"".join(pieces) == octets


@pytest.mark.parametrize("blocks", [1, 3])
@pytest.mark.parametrize("locale", [None, 949])
@pytest.mark.parametrize("method", [0, 1, 2, 4])
def test_egg(method, locale, blocks):
    assert told(made.egg(MEMBERS, method=method, locale=locale, blocks=blocks)) == (TEXT, None)


def test_egg_that_cannot_be_read_is_told():
    assert told(made.egg(MEMBERS, method=3)) == (NAMES, "unsupported")  # AZO
    assert told(made.egg(MEMBERS, encrypted=True)) == (NAMES, "encrypted")
    assert told(made.egg(MEMBERS, veiled=True)) == ("", "encrypted")
    for magic, problem in ((0x24F5A262, "unsupported"), (0x24E5A060, "unsupported"), (0x08D144A8, "encrypted")):
        assert told(made.egg(MEMBERS, head=struct.pack("<IBH", magic, 0, 0))) == (NAMES, problem)
    assert told(made.egg(MEMBERS)[:-4]) == (TEXT, "damaged")


@pytest.mark.parametrize("method", ["copy", "lzma", "lzma2", "bzip2", "deflate", "bcj", "delta"])
def test_7z_by_7_zip(method):
    found = extract((FOLDER / f"{method}.7z").read_bytes())
    assert found is not None
    assert sorted(found.text.splitlines()) == [
        "dir/b.txt", "prog.exe", "번호 900101-1234568", "번호 900101-1234568 둘", "회의.txt",
    ]  # fmt: skip
    assert found.problem is None


def test_filters_of_7z_give_every_octet_back():
    wanted = "2faf04adab74413892c5289aef4bc70a9627fa5b9a9e17288c99fe9a98796cc0"  # of prog.exe, by sha256sum
    limits = Limits(thorough=True)
    for method in ("copy", "bcj", "delta"):
        found = extract((FOLDER / f"{method}.7z").read_bytes(), limits=limits)
        assert found is not None
        assert [one.sha256 for one in found.files if one.name == "prog.exe"] == [wanted]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("ppmd.7z", "dir/b.txt\nprog.exe\n회의.txt", "unsupported"),
        ("bcj2.7z", "dir/b.txt\nprog.exe\n회의.txt", "unsupported"),
        ("aes.7z", "dir/b.txt\n회의.txt", "encrypted"),
        ("aes-names.7z", "", "encrypted"),
        ("aes.zip", "회의.txt", "encrypted"),
        ("zipcrypto.zip", "회의.txt", "encrypted"),
        ("lzma.zip", "회의.txt\n번호 900101-1234568", None),
    ],
)
def test_archives_that_cannot_be_read_are_told(name, text, problem):
    assert told((FOLDER / name).read_bytes()) == (text, problem)


@pytest.mark.parametrize("rar", [made.rar4, made.rar5])
def test_rar(rar):
    assert told(rar(MEMBERS)) == (TEXT, None)
    assert told(rar(MEMBERS, method=0x33 if rar is made.rar4 else 3)) == (NAMES, "unsupported")
    assert told(rar(MEMBERS, encrypted=True)) == (NAMES, "encrypted")
    assert told(rar(MEMBERS, locked=True)) == ("", "encrypted")
    assert told(rar(MEMBERS)[:-10])[1] == "damaged"


@pytest.mark.parametrize("octets", [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x01\x00", b"ALZ\x01\n\0\0\0", b"EGGA\0\1"])
def test_archives_of_nothing_are_damaged(octets):
    assert told(octets + bytes([255]) * 100)[1] == "damaged"


def test_more_streams_in_one_packed_file():
    """Tools unpack all of them: what stands in the second may not be missed."""
    halves = [b"first\n", b"900101-1234568\n"]
    packed = (
        b"".join(zlib.compress(half, wbits=31) for half in halves),
        b"".join(map(bz2.compress, halves)),
        b"\0\0\0\0".join(map(lzma.compress, halves)),
    )
    for octets in packed:
        assert told(octets) == ("first\n900101-1234568", None)
    assert told(lzma.compress(halves[1], lzma.FORMAT_ALONE)) == ("900101-1234568", None)
    assert told(packed[0] + b"more")[0] == "first\n900101-1234568"


def test_names_of_tar_archives():
    import tarfile

    name = "긴이름" * 60 + ".txt"
    assert told(made.tarred({name: b"1"}, tarfile.PAX_FORMAT)) == (f"{name}\n1", None)
    old = bytearray(made.tarred({"a.txt": b"900101-1234568"}))
    old[257:265] = bytes(8)  # an archive before POSIX: no magic, another sum
    total = sum(old[:512]) - sum(old[148:156]) + 8 * 0x20
    old[148:156] = b"%06o\0 " % total
    assert told(bytes(old)) == ("a.txt\n900101-1234568", None)
    assert told(made.tarred({"a.txt": b"1" * 600})[:700])[1] == "damaged"


# --- hostile ones ---------------------------------------------------------------------------------------------------

SEEDS = {
    **{f"alz {method}": made.alz(MEMBERS, method=method) for method in (0, 1, 2)},
    **{f"egg {method}": made.egg(MEMBERS, method=method, blocks=2) for method in (0, 1, 2, 4)},
    "rar4": made.rar4(MEMBERS),
    "rar5": made.rar5(MEMBERS),
    **{one.name: one.read_bytes() for one in sorted(FOLDER.iterdir())},
}


@pytest.mark.parametrize("seed", SEEDS)
def test_damaged_archives(seed):
    """Nothing is raised, and nothing takes long."""
    rng, octets = random.Random(seed), SEEDS[seed]
    for _ in range(150):
        changed = bytearray(octets)
        for _ in range(rng.randint(1, 6)):
            at = rng.randrange(len(changed))
            match rng.randrange(4):
                case 0:
                    changed[at] = rng.randrange(256)
                case 1:
                    changed[at : at + 4] = rng.choice((b"\xff" * 4, bytes(4), b"\xff\xff\xff\x7f", b"\0\0\0\x80"))
                case 2:
                    del changed[at : at + rng.randrange(30)]
                case 3:
                    changed[at:at] = changed[max(0, at - 50) : at]
        if seed.endswith("7z"):  # its sums are right, so that what stands behind them is looked at
            _right_sums(changed)
        before = time.process_time()
        assert isinstance(extract(bytes(changed), limits=SMALL), Extracted | None)
        assert time.process_time() - before < 5


def _right_sums(octets: bytearray) -> None:
    if len(octets) < 32:
        return
    offset, size = struct.unpack_from("<QQ", octets, 12)
    directory = octets[32 + offset : 32 + offset + size] if offset < len(octets) else b""
    octets[28:32] = struct.pack("<I", zlib.crc32(directory))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([octets[:n] for octets in SEEDS.values() for n in (8, 40, 100)]))
def test_readers_raise_nothing_else(octets, head):
    extract(head + octets, limits=SMALL)


def test_bombs_in_all_archives():
    bomb = {"a.txt": b"0" * (12 << 20)}
    limits = Limits(ratio=100, ratio_from=64 << 10)
    for octets in (made.alz(bomb), made.egg(bomb, method=2), made.egg(bomb, method=4)):
        found = extract(octets, limits=limits)
        assert found is not None
        assert (found.text, found.problem) == ("a.txt", "limits")


def test_a_bomb_in_the_slow_bzip2_ends_with_its_time():
    octets = made.alz_bzip2(b"0" * 100_000)
    block = octets[:-4]
    looks = iter(range(1 << 30))
    out = Out(Limits(), lambda *_: None, lambda: next(looks) > 3)
    with pytest.raises((Enough, Unreadable)):
        list(alz_bzip2.unpacked(out, block * 50))
