"""OpenDocument and RTF keep their looks: headings, lists, looks of characters, merged cells, sheets, places on slides."""

from pathlib import Path

import pytest
from tests.unit.formats_extract import documents as plain
from tests.unit.formats_layout import open_packages as made
from tests.unit.formats_layout.packages import png
from tests.unit.formats_layout.test_layouts import MERGED, blocks, spans, words

from smartmail.formats.layout.model import Paragraph, Picture, Run, Table
from smartmail.formats.layout.reading import layout

BY_OFFICE = Path(plain.__file__).parent / "by_office"


def texts(found):
    return [(line.marker, line.indent) for line in found]


def test_a_text_keeps_headings_lists_looks_tables_notes_and_pictures():
    header, title, date, *lines, looks, table, picture, nothing, note = blocks(made.notice(), "공문.odt")
    assert header.runs == (Run("대외비", size=10.0),)
    assert (title.heading, title.align) == (1, "center")
    assert title.runs == (Run("부품 납품 계약서", bold=True, size=21.0),)
    assert (date.align, date.runs[0].size) == ("right", 10.0)
    assert texts(lines) == [("제1조", 1), ("제2조", 1), ("가.", 2), ("나.", 2), ("", 2), ("제3조", 1), ("•", 1)]
    assert looks.runs == (
        Run("보통 ", size=10.0), Run("굵게 ", bold=True, size=10.0), Run("기울임 ", italic=True, size=10.0),
        Run("밑줄 ", underline=True, size=10.0), Run("취소선 ", strike=True, size=10.0),
        Run("파랑 ", color="0000ff", size=10.0), Run("형광 ", back="ffff00", size=10.0), Run("큰 글자 ", size=18.0),
        Run("윗글", script="super", size=10.0), Run("끝\t칸   \n줄여기", size=10.0), Run("1", script="super", size=12.0),
    )  # fmt: skip
    assert spans(table) == MERGED
    assert (table.rows[0][0].fill, table.rows[0][1].fill, table.widths) == ("1f4e79", "ddebf7", (100, 150, 150))
    assert picture == Picture(0, 100, 50)
    assert nothing == Paragraph()
    assert (note.marker, note.runs[0].text) == ("1", "각주 글")


def test_a_text_says_nothing_of_what_was_struck_out_or_lies_outside():
    told = repr(layout(made.notice(), "", "공문.odt"))
    assert "elsewhere" not in told
    assert "지운 글" not in told
    assert "숨김" not in told
    assert "메모" not in told


def test_headings_are_numbered_and_lists_go_on_where_they_are_told_to():
    outline = (
        '<text:outline-style><text:outline-level-style text:level="1" style:num-format="I" style:num-suffix="."/>'
        '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/></text:outline-style>'
        '<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="①"/></text:list-style>'
    )
    head = made.p("장", "", "h", 'text:outline-level="1"')
    part = made.p("절", "", "h", 'text:outline-level="2"')
    body = (
        head + part + part + head + part
        + made.items(made.p("하나"), made.p("둘"), name="L")
        + made.items(made.p("셋"), name="L", more='text:continue-numbering="true"')
        + made.items(made.p("다시"), name="L")
    )  # fmt: skip
    found = blocks(made.opened("text", body, common=outline), "a.odt")
    assert [line.marker for line in found] == ["I.", "I.1", "I.2", "II.", "II.1", "①", "②", "③", "①"]
    assert [line.heading for line in found] == [1, 2, 2, 1, 2, 0, 0, 0, 0]


def test_words_in_boxes_sections_and_ruby_are_there():
    body = (
        f"<text:section>{made.p('구역')}</text:section><text:section text:display='none'>{made.p('숨은 구역')}</text:section>"
        + made.p("앞" + made.frame(f"<draw:text-box>{made.p('상자')}</draw:text-box>"))
        + made.p("<text:ruby><text:ruby-base>會議</text:ruby-base><text:ruby-text>회의</text:ruby-text></text:ruby>")
    )
    found = blocks(made.opened("text", body), "a.odt")
    assert [words(type("Cell", (), {"blocks": [line]})) for line in found] == ["구역", "앞", "상자", "會議(회의)"]


def test_sheets_show_the_words_of_their_cells_and_not_a_million_coloured_rows():
    found = layout(made.spending(), "", "예산.ods")
    assert (found.kind, found.complete, [page.name for page in found.pages]) == ("sheets", True, ["예산", "일정"])
    (table,) = found.pages[0].blocks
    assert spans(table) == [
        [("2027년 예산안", 4, 1)],
        [("영업본부", 1, 1), ("1,240,000,000원", 1, 1), ("97%", 1, 1), ("2027년 1월 13일", 1, 1)],
        [("", 1, 1)] * 4,
        [("합계", 1, 1), ("-5원", 1, 1), ("참", 1, 1), ("", 1, 1)],
    ]
    head = table.rows[0][0]
    assert (head.fill, head.blocks[0].align) == ("1f4e79", "center")
    assert head.blocks[0].runs == (Run("2027년 예산안", bold=True, color="ffffff", size=16.0),)
    assert [cell.blocks[0].align for cell in table.rows[1]] == ["", "right", "right", "right"]
    assert table.rows[3][2].blocks[0].align == "center"
    assert table.widths == (100, 150, 150, 150)


def test_cells_whose_words_were_not_written_show_their_values():
    cells = [
        made.number_cell("1240000.50"), made.number_cell("0.5", kind="percentage"), made.number_cell("2027-01-13", kind="date"),
        made.number_cell("PT09H05M00S", kind="time"), made.number_cell("true", kind="boolean"),
        made.number_cell("3", kind="currency", more='office:currency="KRW"'),
    ]  # fmt: skip
    (table,) = layout(made.ods(made.sheet("장", made.row(*cells)))).pages[0].blocks
    assert [words(cell) for cell in table.rows[0]] == [
        "1240000.5",
        "50.00%",
        "2027-01-13",
        "9:05:00".zfill(8),
        "TRUE",
        "3 KRW",
    ]


def test_repeated_cells_and_rows_stand_as_often_and_hidden_rows_do_not():
    rows = made.row(
        made.text_cell("가", more='table:number-columns-repeated="3"'), more='table:number-rows-repeated="2"'
    )
    hidden = made.row(made.text_cell("나"), more='table:visibility="collapse"')
    (table,) = layout(made.ods(made.sheet("장", rows, hidden, made.row(made.text_cell("다"))))).pages[0].blocks
    assert [[words(cell) for cell in row] for row in table.rows] == [["가"] * 3, ["가"] * 3, [""] * 3, ["다", "", ""]]


def test_slides_have_their_boxes_in_place_on_what_the_master_shows():
    found = layout(made.proposal(), "", "계획.odp")
    assert (found.kind, [(page.width, page.height) for page in found.pages]) == ("slides", [(720, 540)] * 2)
    band, title, body, box, picture = found.pages[0].boxes
    assert (band.fill, band.y, band.width) == ("000080", 0.95, 1.0)
    assert (title.x, title.y, title.anchor, title.blocks[0].align) == (0.05, 0.05, "middle", "center")
    assert title.blocks[0].runs == (Run("2027년 사업 계획", bold=True, color="1f497d", size=40.0),)
    assert [(line.marker, line.indent, line.runs[0].bold, line.runs[0].size) for line in body.blocks] == [
        ("•", 1, False, 24.0), ("–", 2, True, 20.0)
    ]  # fmt: skip
    assert (box.fill, box.x, box.blocks[0].runs[0].text) == ("4f81bd", 0.7, "핵심")
    assert picture.blocks == (Picture(0, 90, 90),)
    (table,) = found.pages[1].boxes[1].blocks
    assert found.pages[1].back == "e2f0d9"
    assert spans(table) == MERGED
    assert "발표 노트" not in repr(found)
    assert "넣으시오" not in repr(found)


def test_cells_on_slides_look_as_their_style_says():
    head = made.style("head", '<style:graphic-properties draw:fill="solid" draw:fill-color="#1f4e79"/>'
                      + made.letters('style:font-weight-asian="bold"'), family="table-cell")  # fmt: skip
    page = made.slide(made.frame(made.TEXT_TABLE, ("0pt", "0pt", "90pt", "90pt")))
    (box,) = layout(made.opened("presentation", page, own=head)).pages[0].boxes
    cell, other = box.blocks[0].rows[0]
    assert (cell.fill, cell.blocks[0].runs) == ("1f4e79", (Run("구분", bold=True, size=18.0),))
    assert (other.fill, other.blocks[0].runs) == ("", (Run("내용", size=18.0),))


def test_rich_text_keeps_headings_lists_looks_tables_notes_and_pictures():
    header, title, date, *lines, looks, table, picture, note = blocks(made.rich(), "계약서.rtf")
    assert header.runs == (Run("대외비"),)
    assert (title.heading, title.align) == (1, "center")
    assert title.runs == (Run("부품 납품 계약서", bold=True, size=20.0),)
    assert (date.align, date.runs) == ("right", (Run("2027년"),))
    assert texts(lines) == [("제1조", 1), ("가.", 2), ("•", 1)]
    assert looks.runs == (
        Run("보통 "), Run("굵게 ", bold=True), Run("기울임 ", italic=True), Run("밑줄 ", underline=True),
        Run("취소선 ", strike=True), Run("파랑 ", color="0000ff"), Run("형광 ", back="ffff00"), Run("큰 글자 ", size=18.0),
        Run("윗글", script="super"), Run("끝 😶\nhere"), Run("1", script="super"),
    )  # fmt: skip
    assert spans(table) == MERGED
    assert (table.rows[0][0].fill, table.rows[0][1].fill, table.widths) == ("1f4e79", "ddebf7", (100, 150, 150))
    assert picture == Picture(0, 100, 50)
    assert (note.marker, note.runs[0].text.strip()) == ("1", "각주 글")
    told = repr(layout(made.rich(), "", "계약서.rtf"))
    assert not [each for each in ("elsewhere", "숨김", "메모", "꼬리") if each in told]


def test_octets_of_code_page_949_are_read_without_any_unicode():
    text = "".join(f"\\'{octet:02x}" for octet in "회의자료 예산안".encode("cp949"))
    assert blocks(made.rtf(rf"\pard\f0 {text}\par"), "a.rtf") == (Paragraph((Run("회의자료 예산안"),)),)


def test_pictures_of_rich_text_are_octets_or_digits_and_only_what_browsers_draw():
    binary = made.rtf("X").replace(b"X", b"{\\pict\\pngblip\\picwgoal400 \\bin%d " % len(png()) + png() + b"}\\par ")
    found = layout(binary, "", "a.rtf")
    assert found.pages[0].blocks == (Picture(0, 20),)
    assert [(one.type, one.octets) for one in found.pictures] == [("image/png", png())]
    twice = layout(made.rtf(made.rtf_picture(png()) * 2 + made.rtf_picture(b"x" * 40, r"\wmetafile8") + r"\par"))
    assert ([block.at for block in twice.pages[0].blocks], len(twice.pictures)) == ([0, 0, -1], 1)


def test_tables_of_rich_text_lie_in_cells_and_end_with_their_paragraphs():
    inner = rf"\pard\intbl\itap2 {made.korean('안')}\nestcell{{\*\nesttableprops\trowd\cellx1000\nestrow}}{{\nonesttables\par}}"
    found = blocks(
        made.rtf(rf"\trowd\cellx2000 {inner}\pard\intbl {made.korean('밖')}\cell\row\pard {made.korean('뒤')}\par"),
        "a.rtf",
    )
    table, after = found
    nested, below = table.rows[0][0].blocks
    assert (isinstance(nested, Table), words(nested.rows[0][0]), below.runs[0].text) == (True, "안", "밖")
    assert after.runs[0].text == "뒤"


def test_boxes_of_rich_text_stand_once_beside_their_paragraph():
    shape = (
        r"{\shp{\*\shpinst{\sp{\sn shapeType}{\sv 202}}"
        rf"{{\sp{{\sn pib}}{{\sv {made.rtf_picture(png())}}}}}"
        rf"{{\shptxt\pard {made.korean('상자')}\par}}}}{{\shprslt{{{made.korean('옛 상자')}}}}}}}"
    )
    found = blocks(made.rtf(rf"\pard {made.korean('앞')}{shape}{made.korean('뒤')}\par"), "a.rtf")
    assert [block if isinstance(block, Picture) else block.runs[0].text for block in found] == [
        "앞뒤",
        Picture(0, 100, 50),
        "상자",
    ]


@pytest.mark.parametrize("name", ["w.odt", "c.ods", "p.odp", "w.rtf"])
def test_what_an_office_program_wrote_is_laid_out(name):
    found = layout((BY_OFFICE / name).read_bytes(), "", name)
    told = repr(found)
    assert "회의자료: 똠방각하 2026년 예산안" in told
    assert found.complete
    if name[0] == "w":
        header, title, _, table, *_ = found.pages[0].blocks
        assert (header.runs[0].text, title.heading, title.runs[0].size) == ("머리말 대외비", 1, 18.0)
        assert [words(cell) for cell in table.rows[0]] == ["칸 하나", "칸 둘 會議"]
        assert len(table.widths) == 2


def test_an_encrypted_text_has_no_layout():
    locked = '<m:manifest xmlns:m="m"><m:encryption-data/></m:manifest>'
    assert layout(made.opened("text", made.p("글"), **{"META-INF/manifest.xml": locked})) is None
