"""Documents keep their looks: headings, lists, looks of characters, merged cells, sheets, places on slides."""

import pytest
from tests.unit.formats_extract import documents as plain
from tests.unit.formats_layout import packages as made

from smartmail.formats.layout.model import Paragraph, Picture, Run, Table
from smartmail.formats.layout.reading import layout


def blocks(octets, name):
    found = layout(octets, "", name)
    assert (found.kind, found.complete, found.problem) == ("document", True, "")
    return found.pages[0].blocks


def words(cell):
    return "".join(run.text for block in cell.blocks for run in block.runs)


def spans(table):
    return [[(words(cell), cell.columns, cell.rows) for cell in row] for row in table.rows]


MERGED = [
    [("구분", 1, 1), ("내용", 2, 1)],
    [("일정", 1, 2), ("시제품", 1, 1), ("3월 14일", 1, 1)],
    [("양산", 1, 1), ("5월 2일", 1, 1)],
]


def test_a_word_document_keeps_headings_lists_looks_tables_and_pictures():
    title, date, *lines, looks, table, picture = blocks(made.contract(), "계약서.docx")
    assert (title.heading, title.align) == (1, "center")
    assert title.runs == (Run("부품 납품 계약서", bold=True, size=20.0),)
    assert (date.align, date.runs[0].size) == ("right", 11.0)
    assert [(line.marker, line.indent) for line in lines] == [
        ("제1조", 1), ("제2조", 1), ("가.", 2), ("나.", 2), ("제3조", 1), ("•", 1)
    ]  # fmt: skip
    assert looks.runs == (
        Run("보통 ", size=11.0), Run("굵게 ", bold=True, size=11.0), Run("기울임 ", italic=True, size=11.0),
        Run("밑줄 ", underline=True, size=11.0), Run("취소선 ", strike=True, size=11.0),
        Run("파랑 ", color="0000ff", size=11.0), Run("형광 ", back="ffff00", size=11.0), Run("큰 글자 ", size=18.0),
        Run("강조", bold=True, color="c00000", size=11.0),
    )  # fmt: skip
    assert spans(table) == MERGED
    assert (table.rows[0][0].fill, table.widths) == ("1f4e79", (100, 150, 150))
    assert picture == Picture(0, 100, 50)


def test_pictures_are_handed_on_as_they_are_and_only_once():
    twice = made.WORD_PICTURE.format("rId1") + made.WORD_PICTURE.format("rId2") + made.WORD_PICTURE.format("rId1")
    octets = made.docx(twice, pictures={"a.png": made.png(), "b.emf": b"\1\0\0\0 EMF"},
                       targets={"rId1": "media/a.png", "rId2": "media/b.emf"})  # fmt: skip
    found = layout(octets)
    assert [block.at for block in found.pages[0].blocks] == [0, -1, 0]
    assert [(one.type, one.octets) for one in found.pictures] == [("image/png", made.png())]


def test_a_workbook_shows_sheets_merged_cells_and_numbers_as_its_formats_say():
    found = layout(made.budget(), "", "예산.xlsx")
    assert (found.kind, [page.name for page in found.pages]) == ("sheets", ["예산", "일정"])
    (table,) = found.pages[0].blocks
    assert spans(table) == [
        [("2027년 예산안", 4, 1)],
        [("영업본부", 1, 1), ("1,240,000,000원", 1, 1), ("97%", 1, 1), ("2027-01-13", 1, 1)],
        [("", 1, 1)] * 4,
        [("합계", 1, 1), ("-5원", 1, 1), ("TRUE", 1, 1), ("", 1, 1)],
    ]
    head = table.rows[0][0]
    assert (head.fill, head.blocks[0].align) == ("1f4e79", "center")
    assert head.blocks[0].runs[0] == Run("2027년 예산안", bold=True, color="ffffff")
    assert table.rows[1][1].blocks[0].align == "right"


def test_a_workbook_without_relations_or_looks_is_shown_and_an_empty_one_is_not():
    assert "1234567" in repr(layout(plain.xlsx(), "", "예산.xlsx").pages)
    assert layout(made.xlsx("<sheetData/>"), "", "빈.xlsx") is None


def test_slides_have_their_boxes_in_place_with_those_of_their_layout():
    found = layout(made.plan(), "", "계획.pptx")
    assert (found.kind, [(page.width, page.height) for page in found.pages]) == ("slides", [(720, 540)] * 2)
    title, body, box, picture = found.pages[0].boxes
    assert (title.x, title.y, title.blocks[0].align) == (0.0547, 0.0437, "center")
    assert title.blocks[0].runs == (Run("2027년 사업 계획", bold=True, color="1f497d", size=40.0),)
    assert [(line.marker, line.runs[0].bold) for line in body.blocks] == [("•", False), ("•", True)]
    assert (body.y, body.blocks[0].runs[0].size) == (0.2187, 24.0)
    assert (box.fill, box.x) == ("4f81bd", 0.7108)
    assert picture.blocks == (Picture(0, 94, 94),)
    (table,) = found.pages[1].boxes[0].blocks
    assert spans(table) == [[("분기별", 2, 1)], [("1분기", 1, 1), ("310억", 1, 1)]]


def test_words_that_were_made_to_fit_their_box_are_as_small():
    shape = made.shape("긴 글", (0, 0, 1_000_000, 1_000_000), more='sz="2000"')
    shape = shape.replace("<a:bodyPr/>", '<a:bodyPr><a:normAutofit fontScale="62500"/></a:bodyPr>')
    assert layout(made.pptx(shape)).pages[0].boxes[0].blocks[0].runs[0].size == 12.5


def test_shapes_of_a_group_stand_where_the_group_puts_them():
    inner = made.shape("안", (0, 0, 1_000_000, 1_000_000))
    group = (
        '<p:grpSp><p:grpSpPr><a:xfrm><a:off x="914400" y="685800"/><a:ext cx="2000000" cy="2000000"/><a:chOff x="0" y="0"/>'
        f'<a:chExt cx="1000000" cy="1000000"/></a:xfrm></p:grpSpPr>{inner}</p:grpSp>'
    )
    (box,) = layout(made.pptx(group)).pages[0].boxes
    assert (box.x, box.y, box.width, box.height) == (0.1, 0.1, 0.2187, 0.2916)


def test_a_hancom_document_keeps_its_looks_tables_and_pictures():
    title, line, entry, table, picture = blocks(made.minutes(), "회의록.hwpx")
    assert (title.heading, title.align) == (1, "center")
    assert title.runs == (Run("주간 회의록", bold=True, underline=True, color="c00000", size=20.0),)
    assert line == Paragraph((Run("첫째 줄\n둘째\t칸"),), align="justify")
    assert (entry.marker, entry.indent) == ("●", 1)
    assert spans(table) == MERGED
    assert (table.rows[0][1].fill, table.widths) == ("ddebf7", (90, 90, 90))
    assert picture == Picture(0, 120, 60)


@pytest.mark.parametrize("name", ["w.docx", "c.xlsx", "p.pptx"])
def test_what_an_office_program_wrote_is_laid_out(name):
    from pathlib import Path

    octets = (Path(__file__).parents[1] / "formats_extract" / "by_office" / name).read_bytes()
    found = layout(octets, "", name)
    told = repr(found)
    assert "회의자료: 똠방각하 2026년 예산안" in told
    assert found.complete


def test_what_has_no_layout_is_left_to_its_text():
    for octets, name in (
        (b"plain", "a.txt"), (made.png(), "a.png"), (b"%PDF-1.4", "a.pdf"), (plain.word97("글", flags=0x0300), "a.doc"), (b"", ""),
        (made.docx(""), "empty.docx"),
    ):  # fmt: skip
        assert layout(octets, "", name) is None


def test_nothing_of_what_lies_outside_is_named():
    octets = made.docx(
        made.WORD_PICTURE.format("rId9") + f"<w:p><w:hyperlink r:id='rId9'>{made.run('여기')}</w:hyperlink></w:p>",
        targets={"rId9": "http://tracker.example/pixel.png"},
    )
    found = layout(octets)
    assert "tracker" not in repr(found)
    assert found.pages[0].blocks[-1].runs[0].text == "여기"
    assert isinstance(found.pages[0].blocks[0], Paragraph | Table) and not found.pictures


@pytest.mark.parametrize("flags", [0, 1])
def test_an_older_hancom_document_keeps_its_looks_tables_and_pictures(flags):
    title, looks, *entries, table, picture = blocks(made.hwp_minutes(flags), "회의록.hwp")
    assert (title.heading, title.align) == (1, "center")
    assert title.runs == (Run("주간 회의록", bold=True, underline=True, color="c00000", size=20.0),)
    assert [(run.text, run.bold) for run in looks.runs] == [("보통 ", False), ("강조 ", True), ("끝", False)]
    assert [(line.marker, line.indent, line.align) for line in entries] == [("1.", 1, "left"), ("2.", 1, "left")]
    assert spans(table) == MERGED
    assert (table.rows[0][1].fill, table.widths) == ("ddebf7", (90, 90, 90))
    assert picture == Picture(0, 120, 60)
