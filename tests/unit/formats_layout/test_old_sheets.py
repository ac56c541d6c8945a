"""Workbooks of Excel before XML keep their looks; what lies in them costs nothing."""

import struct

import msgspec
import pytest
from tests.unit.formats_extract import documents as plain
from tests.unit.formats_layout import old_packages as made
from tests.unit.formats_layout.test_layouts import spans, words
from tests.unit.formats_layout.test_open_layouts import BY_OFFICE

from smartmail.formats.layout import grid, making
from smartmail.formats.layout.model import Layout, Run
from smartmail.formats.layout.reading import layout


def test_an_old_workbook_shows_sheets_merged_cells_and_numbers_as_its_formats_say():
    found = layout(made.budget(), "", "예산.xls")
    assert (found.kind, found.complete, [page.name for page in found.pages]) == ("sheets", True, ["예산", "일정"])
    (table,) = found.pages[0].blocks
    assert spans(table) == [
        [("2027년 예산안", 4, 1)],
        [("영업본부", 1, 1), ("1,240,000,000원", 1, 1), ("97%", 1, 1), ("2027년 01월 13일", 1, 1)],
        [("", 1, 1)] * 4,
        [("합계", 1, 1), ("-5원", 1, 1), ("7", 1, 1), ("#DIV/0!", 1, 1)],
    ]
    head = table.rows[0][0]
    assert (head.fill, head.blocks[0].align) == ("003366", "center")
    assert head.blocks[0].runs == (Run("2027년 예산안", bold=True, color="ffffff", size=16.0),)
    assert table.rows[1][1].blocks[0].align == "right"
    assert table.widths[:2] == (89, 56)
    coloured = found.pages[1].blocks[0].rows[1]
    assert {cell.fill for cell in coloured} == {"ffff99"}
    assert len(coloured) == grid.MAX_COLUMNS


def test_what_an_office_program_wrote_is_laid_out():
    found = layout((BY_OFFICE / "c.xls").read_bytes(), "", "c.xls")
    assert (found.complete, [page.name for page in found.pages]) == (True, ["예산", "둘째장"])
    assert words(found.pages[0].blocks[0].rows[0][0]) == "회의자료: 똠방각하 2026년 예산안"


def test_what_is_encrypted_older_or_empty_is_left_to_its_text():
    assert layout(plain.excel97(locked=True), "", "a.xls") is None
    assert layout(made.xls(made.number_cell(0, 0, 1.0), before=made.record(0x2F, bytes(6))), "", "a.xls") is None
    assert layout(plain.compound({"Workbook": made.record(0x809, b"\x00\x05\x05\x00" + bytes(4))}), "", "a.xls") is None
    assert layout(made.xls(b""), "", "a.xls") is None


@pytest.mark.parametrize(
    "sheet",
    [
        made.number_cell(0, 0, float("nan"), 4)
        + made.number_cell(0, 1, float("inf"), 2)
        + made.number_cell(0, 2, -1e300, 4),
        made.text_cell(0, 0, 0xFFFFFFFF, 0xFFFF) + made.number_cell(65_535, 255, 1.0) + made.number_cell(0, 0, 1.0),
        made.record(0x203, b"x")
        + made.record(0xBD, b"12345")
        + made.record(0xE5, struct.pack("<H", 9) + b"\xff" * 80)
        + made.number_cell(0, 0, 1.0),
        made.bof(0x20) * 5_000 + made.number_cell(0, 0, 1.0),
        made.record(0x7D, struct.pack("<HHHHHH", 0, 65_535, 65_535, 0, 0, 0)) * 500 + made.number_cell(0, 0, 1.0),
        made.record(0x0A) * 500 + made.number_cell(0, 0, 1.0),
    ],
)
def test_lies_of_a_sheet_cost_nothing(sheet):
    found = layout(made.xls(sheet))
    if found is not None:
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Layout) == found


def test_spoiled_and_cut_octets_raise_nothing():
    octets = made.budget()
    for at in range(0, len(octets), 11):
        for spoiled in (octets[:at], octets[:at] + bytes((octets[at] ^ 0x41,)) + octets[at + 1 :]):
            found = layout(spoiled)
            if found is not None:
                assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Layout) == found


def test_a_string_that_all_cells_show_counts_each_time_and_what_was_made_stays(monkeypatch):
    monkeypatch.setattr(making, "MAX_CHARS", 50_000)
    cells = b"".join(made.text_cell(row, 0, 0) for row in range(400))
    found = layout(made.xls(cells, strings=("가" * 1_000,)))
    (page,) = found.pages
    assert (page.name, len(page.blocks[0].rows), found.complete, found.problem) == ("예산", 49, False, "limits")
