"""Bombs, loops and lies cost at most the limits, and are told."""

import time
import tracemalloc

import msgspec
import pytest
from tests.unit.formats_extract import documents as plain
from tests.unit.formats_layout import packages as made

from smartmail.formats.layout import grid, making
from smartmail.formats.layout.model import Layout
from smartmail.formats.layout.reading import layout


def measured(octets, name=""):
    tracemalloc.start()
    started = time.process_time()
    try:
        found = layout(octets, "", name)
        return found, tracemalloc.get_traced_memory()[1], time.process_time() - started
    finally:
        tracemalloc.stop()


def depth_of(value):
    """How deep tables lie in tables."""
    if isinstance(value, (list, tuple)):
        return max(map(depth_of, value), default=0)
    if not isinstance(value, dict):
        return 0
    return (value.get("is") == "table") + max(map(depth_of, value.values()), default=0)


def test_a_part_that_is_a_bomb_ends_at_its_ratio():
    body = "<w:p><w:r><w:t>앞</w:t></w:r></w:p>" + "<w:p>" + "0" * (40 << 20) + "</w:p>"
    found, peak, _ = measured(made.docx(body))
    assert not found.complete
    assert found.problem == "limits"
    assert peak < 200 << 20


def test_entities_are_refused_and_what_has_them_is_damaged():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><w:document xmlns:w="w"><w:body>&b;</w:body></w:document>'
    found = layout(plain.zipped({"word/document.xml": bomb}))
    assert found is None or found.problem == "damaged"
    outside = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><w:document xmlns:w="w"><w:body><w:p><w:r><w:t>&e;</w:t></w:r></w:p></w:body></w:document>'
    assert "root" not in repr(layout(plain.zipped({"word/document.xml": outside})))


def test_tables_in_tables_end_and_the_answer_can_be_read_back():
    row = "<w:tbl><w:tr><w:tc>"
    body = row * 60 + "<w:p><w:r><w:t>안</w:t></w:r></w:p>" + "</w:tc></w:tr></w:tbl>" * 60
    found, _, _ = measured(made.docx("<w:p><w:r><w:t>밖</w:t></w:r></w:p>" + body))
    packed = msgspec.msgpack.encode(found)
    assert depth_of(msgspec.msgpack.decode(packed)) <= making.MAX_NESTED
    assert msgspec.msgpack.decode(packed, type=Layout) == found


def test_elements_deeper_than_any_document_are_left_out():
    body = "<w:p><w:r><w:t>앞</w:t></w:r></w:p>" + "<w:sdt>" * 50_000 + "</w:sdt>" * 50_000
    found, _, took = measured(made.docx(body))
    assert (found.pages[0].blocks[0].runs[0].text, found.problem) == ("앞", "limits")
    assert took < 20


def test_a_large_sheet_shows_its_beginning():
    rows = "".join(
        f'<row r="{at}"><c r="A{at}"><v>{at}</v></c><c r="XFD{at}"><v>1</v></c></row>' for at in range(1, 3_000)
    )
    found, _, took = measured(made.xlsx(f"<sheetData>{rows}</sheetData>"))
    (table,) = found.pages[0].blocks
    assert (len(table.rows), len(table.rows[0])) == (grid.MAX_ROWS, 1)
    assert (found.complete, found.problem) == (False, "limits")
    assert took < 20


@pytest.mark.parametrize(
    "sheet",
    [
        '<sheetData><row r="99999999999999999999"><c r="A1"><v>1</v></c></row></sheetData>',
        '<sheetData><row r="1"><c r="A0"><v>1e999</v></c><c r="ZZZZ1" s="99999999"><v>nan</v></c></row></sheetData>',
        '<sheetData><row><c t="s"><v>-1</v></c><c t="s"><v>99</v></c></row></sheetData>',
        '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData><mergeCells>'
        + '<mergeCell ref="A1:XFD1048576"/><mergeCell ref="B2:A1"/><mergeCell ref="A1:B2"/>' * 2_000
        + "</mergeCells>",
        '<cols><col min="0" max="99999999" width="1e30"/></cols><sheetData><row><c><v>x</v></c></row></sheetData>',
        '<cols><col min="0" max="1"/></cols><sheetData/>',
    ],
)
def test_lies_of_a_sheet_cost_nothing(sheet):
    _, _, took = measured(made.xlsx(sheet))
    assert took < 10


def test_a_picture_that_is_too_large_and_too_many_of_them_are_not_shown(monkeypatch):
    monkeypatch.setattr(making, "MAX_PICTURE", 2_000)
    monkeypatch.setattr(making, "MAX_PICTURES", 2)
    large = made.png() + bytes(3_000)
    names = {f"{at}.png": made.png(at) for at in range(4)} | {"large.png": large}
    targets = {f"rId{at}": f"media/{name}" for at, name in enumerate(["large.png", *list(names)[:4]])}
    found = layout(
        made.docx("".join(made.WORD_PICTURE.format(key) for key in targets), pictures=names, targets=targets)
    )
    assert [block.at for block in found.pages[0].blocks] == [-1, 0, 1, -1, -1]
    assert len(found.pictures) == 2


def test_styles_that_stand_on_each_other_end():
    found = layout(made.docx('<w:p><w:pPr><w:pStyle w:val="loop"/></w:pPr><w:r><w:t>글</w:t></w:r></w:p>'))
    assert found.pages[0].blocks[0].runs[0].italic


def test_a_damaged_package_gives_what_came_before(tmp_path):
    whole = made.contract()
    for cut in range(0, len(whole), 97):
        found = layout(whole[:cut], "", "계약서.docx")
        assert found is None or isinstance(found, Layout)


def test_spoiled_octets_raise_nothing():
    for octets in (
        made.contract(),
        made.budget(),
        made.plan(),
        made.minutes(),
        made.hwp_minutes(),
        made.msg(("a.docx", b"x")),
    ):
        for at in range(0, len(octets), 61):
            layout(octets[:at] + bytes((octets[at] ^ 0x41,)) + octets[at + 1 :])


def test_a_table_of_hancom_without_cells_is_empty():
    table = plain.hwp_record(71, b" lbt" + bytes(40), 1) + plain.hwp_record(77, bytes(20), 2)
    found = layout(plain.hwp(made.hwp_paragraph("글") + made.hwp_paragraph("", inner=table)))
    assert [block.rows for block in found.pages[0].blocks[1:]] == [()]


def test_the_time_ends_it():
    asked = iter([False] * 3 + [True] * 100_000)
    found = layout(made.docx("<w:p><w:r><w:t>글</w:t></w:r></w:p>" * 5_000), expired=lambda: next(asked))
    assert found is None or found.problem == "limits"


def test_characters_of_a_document_are_bounded(monkeypatch):
    monkeypatch.setattr(making, "MAX_CHARS", 10)
    found = layout(made.docx("<w:p><w:r><w:t>다섯글자임</w:t></w:r></w:p>" * 5))
    assert (len(found.pages[0].blocks), found.problem) == (2, "limits")
