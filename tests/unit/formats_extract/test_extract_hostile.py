"""Bombs, loops and lies cost at most the limits, and are told."""

import gzip
import struct
import tracemalloc

import pytest
from tests.unit.formats_extract import documents as made

from smartmail.formats.extract.out import DEFAULT_LIMITS, Limits
from smartmail.formats.extract.reading import extract

SMALL = Limits(chars=10_000, members=50, unpacked=4 << 20, member=1 << 20, ratio=100, ratio_from=64 << 10)


def measured(octets, name="", limits=SMALL, **more):
    """Extract and return (result, peak of memory in octets)."""
    tracemalloc.start()
    try:
        found = extract(octets, "", name, limits=limits, **more)
        return found, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_zip_bomb_ends_at_its_ratio():
    octets = made.zipped({"a.txt": b"0" * (64 << 20), "b.txt": "나"})
    limits = Limits(ratio=100, ratio_from=64 << 10)
    found, peak = measured(octets, limits=limits)
    assert found.text == "a.txt\nb.txt\n나"
    assert found.problem == "limits"
    assert found.truncated
    assert peak < 16 << 20


def test_many_small_bombs_end_at_the_sum():
    octets = made.zipped({f"{n}.txt": b"0" * 60_000 for n in range(2_000)})
    found, _ = measured(octets, limits=Limits(chars=1 << 30, unpacked=2 << 20))
    assert found.problem == "limits"
    assert len(found.parts) < 40


def test_entries_over_the_same_octets():
    """All members of the directory point at one local header: a bomb without nesting."""
    content = made.deflate(b"0" * 500_000)
    local = b"PK\x03\x04" + struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(content), 500_000, 1, 0) + b"a" + content
    entry = (
        b"PK\x01\x02"
        + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 8, 0, 0, 0, len(content), 500_000, 1, *[0] * 6)
        + b"a"
    )
    octets = local + entry * 5_000
    octets += b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 5_000, 5_000, len(entry) * 5_000, len(local), 0)
    found, _ = measured(octets)
    assert found.problem == "limits"
    assert len(found.parts) <= SMALL.members


def test_a_directory_that_is_too_long():
    found = extract(made.zipped({f"{n}": "" for n in range(3_000)}), limits=SMALL)
    assert len(found.parts) == SMALL.members
    assert found.truncated


def test_ten_thousand_nested_archives():
    octets = b"x"
    for _ in range(300):
        octets = made.zipped({"a.zip": octets}, compress=False)
    found, _ = measured(octets, limits=DEFAULT_LIMITS)
    assert found.problem == "limits"
    assert len(found.parts) == 4


def test_gzip_in_gzip_without_end():
    octets = b"x"
    for _ in range(50):
        octets = gzip.compress(octets)
    assert extract(octets, name="a.gz").problem == "limits"


def test_an_archive_that_holds_itself():
    octets = bytearray(made.zip_with_raw_name(b"r.zip", b"A" * 40))
    at = octets.index(b"A" * 40)
    octets[at : at + 40] = octets[:40]
    assert extract(bytes(octets)) is not None


def test_entities_are_refused():
    entities = "".join(f'<!ENTITY a{n} "{"&a%d;" % (n - 1) * 10}">' for n in range(1, 20))
    xml = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a0 "x">{entities}]><w><t>&a19;</t></w>'
    found, peak = measured(made.zipped({"[Content_Types].xml": "", "word/document.xml": xml}))
    assert found.problem == "damaged"
    assert found.text == ""
    assert peak < 4 << 20


def test_xml_that_names_a_file_reads_none():
    xml = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY f SYSTEM "file:///etc/passwd">]><w><t>&f;</t></w>'
    assert "root:" not in extract(made.zipped({"[Content_Types].xml": "", "word/document.xml": xml})).text
    assert "root:" not in extract(xml.encode()).text


def test_deep_xml():
    xml = "<w>" + "<p>" * 100_000 + "<t>끝</t>" + "</p>" * 100_000 + "</w>"
    octets = made.zipped({"[Content_Types].xml": "", "word/document.xml": xml})
    found, peak = measured(octets, limits=DEFAULT_LIMITS)
    assert found.text == "끝"
    assert peak < 32 << 20


def test_one_string_in_a_million_cells():
    cells = '<c t="s"><v>0</v></c>' * 100_000
    octets = made.zipped(
        {
            "[Content_Types].xml": "",
            "xl/workbook.xml": "<w/>",
            "xl/sharedStrings.xml": f"<sst><si><t>{'가' * 9_000}</t></si></sst>",
            "xl/worksheets/sheet1.xml": f"<w><sheetData><row>{cells}</row></sheetData></w>",
        }
    )
    found, peak = measured(octets)
    assert len(found.text) == SMALL.chars
    assert found.truncated
    assert peak < 16 << 20


def test_a_sector_chain_that_is_a_ring():
    octets = bytearray(made.compound({"FileHeader": b"HWP Document File".ljust(5_000, b"\0")}))
    for at in range(512, len(octets), 512):  # every chain of the table leads to itself
        if octets[at : at + 4] == struct.pack("<I", 1):
            octets[at : at + 512] = struct.pack("<128I", *range(128))
    found, _ = measured(bytes(octets))
    assert found.problem is not None


def test_a_directory_that_is_a_ring():
    octets = bytearray(made.compound({f"s{n}": b"x" for n in range(3)}))
    at = octets.index("s0".encode("utf-16-le"))
    octets[at + 68 : at + 80] = struct.pack("<III", 1, 1, 0)
    assert extract(bytes(octets)).problem == "unsupported"


def test_many_streams_of_much_text():
    big = bytes(5_000) + made.hwp_section("글") * 2_000
    octets = made.hwp(*[big] * 30, flags=0)
    found, _ = measured(octets, limits=Limits(unpacked=1 << 20))
    assert found.problem == "limits"


def test_hwp_bomb():
    section = made.hwp_section("가" * 1_000) * 20_000
    found, peak = measured(made.hwp(section))
    assert found.problem == "limits"
    assert len(found.text) <= SMALL.chars
    assert peak < 24 << 20


@pytest.mark.parametrize(
    "octets",
    [
        b"{\\rtf1 " + b"{" * 200_000,
        b"{\\rtf1 " + b"}" * 200_000,
        b"{\\rtf1 " + b"\\u1" * 100_000,
        b"{\\rtf1 \\bin999999999 x",
        b"{\\rtf1 \\bin-5 x}",
        b"{\\rtf1 " + b"\\" * 200_001,
        b"{\\rtf1 " + b"\\a" * 100_000 + b"9" * 100_000,
        b"{\\rtf1{\\fonttbl" + b"".join(b"{\\f%d\\fcharset129 x;}" % n for n in range(20_000)) + b"}}",
    ],
)
def test_rtf_without_sense(octets):
    assert extract(octets, limits=DEFAULT_LIMITS) is not None


def test_time_that_is_over_leaves_what_was_read():
    looks = iter([False] * 20 + [True] * 10_000)
    octets = made.hwp(*[made.hwp_section(f"구역 {n}") for n in range(100)])
    found = extract(octets, expired=lambda: next(looks))
    assert found.truncated
    assert found.text.startswith("구역 0\n구역 1")
    assert "구역 99" not in found.text


def test_more_text_than_is_wanted():
    found = extract("가나다".encode() * 100_000, name="a.txt", limits=SMALL)
    assert found.text == ("가나다" * 4_000)[: SMALL.chars]
    assert found.truncated
