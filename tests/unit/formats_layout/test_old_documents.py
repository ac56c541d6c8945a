"""Documents of Word and presentations of PowerPoint before XML keep their looks; what lies in them costs nothing."""

import gzip
import struct

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.formats_extract import documents as plain
from tests.unit.formats_layout import old_documents as made
from tests.unit.formats_layout.packages import png
from tests.unit.formats_layout.test_layout_hostile import depth_of, measured
from tests.unit.formats_layout.test_layouts import MERGED, blocks, spans
from tests.unit.formats_layout.test_open_layouts import BY_OFFICE

from smartmail.formats.layout import making, old_word_file
from smartmail.formats.layout.model import Box, Layout, Paragraph, Picture, Run, Table
from smartmail.formats.layout.reading import layout


def read_back(found):
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Layout) == found


def text_of(block):
    return "".join(run.text for run in block.runs)


def test_an_old_document_keeps_headings_lists_looks_tables_and_pictures():
    title, date, *entries, looks, table, picture, note = blocks(made.agreement(), "계약서.doc")
    assert (title.heading, title.align) == (1, "center")
    assert title.runs == (Run("부품 납품 계약서", bold=True, size=20.0),)
    assert (date.align, date.runs[0].size) == ("right", 10.0)
    assert [(line.marker, line.indent) for line in entries] == [
        ("제1조", 1),
        ("제2조", 1),
        ("가.", 2),
        ("제3조", 1),
        ("•", 1),
    ]
    assert looks.runs == (
        Run("보통 ", size=10.0), Run("굵게 ", bold=True, size=10.0), Run("기울임 ", italic=True, size=10.0),
        Run("밑줄 ", underline=True, size=10.0), Run("취소선 ", strike=True, size=10.0),
        Run("형광 ", back="ffff00", size=10.0), Run("큰 글자 ", size=18.0), Run("강조", bold=True, color="c00000", size=10.0),
        Run("2", script="super", size=10.0), Run("여기 😶", size=10.0),
    )  # fmt: skip
    assert spans(table) == MERGED
    assert (table.rows[0][0].fill, table.widths) == ("1f4e79", (100, 150, 150))
    assert picture == Picture(0, 100, 50)
    assert text_of(note) == "각주 글"


def test_a_table_in_a_cell_is_in_the_cell():
    inner = made.Paragraph("안", looks=made.INNER + made.sprm(0x244B, 1))
    end = made.Paragraph(looks=made.INNER + made.sprm(0x244C, 1) + made.row((900, 0))[6:])
    outer = (made.cell("앞"), inner, end, made.cell("뒤"), made.end_of_row((2000, 0), (4000, 0)))
    (table,) = layout(made.doc(*outer)).pages[0].blocks
    first, second = table.rows[0]
    assert text_of(first.blocks[0]) == "앞"
    assert isinstance(second.blocks[0], Table) and text_of(second.blocks[0].rows[0][0].blocks[0]) == "안"
    assert text_of(second.blocks[1]) == "뒤"


def test_what_is_on_in_a_style_is_put_off_by_a_run():
    same = layout(made.doc(made.Paragraph(("글", made.sprm(0x0835, 0x80)), ("글", made.sprm(0x0835, 0x81)), style=1)))
    assert [run.bold for run in same.pages[0].blocks[0].runs] == [True, False]


def test_a_field_that_never_ends_hides_a_little_and_not_the_rest():
    found = layout(made.doc(made.Paragraph("앞\x13" + "가" * 20_000), made.Paragraph("뒤")))
    assert text_of(found.pages[0].blocks[-1]) == "뒤"


def test_a_picture_that_floats_stands_where_it_is_held():
    spot = struct.pack("<II", 1, 9) + struct.pack("<I4i", 1026, 0, 0, 2000, 1000) + bytes(6)
    group = made.holder(0xF000, made.holder(0xF001, made.store_entry(made.blip(png()))))
    ident = made.atom(0xF00A, struct.pack("<II", 1026, 0))
    drawn = made.holder(0xF002, made.holder(0xF003, made.holder(0xF004, ident, made.properties(_104=1))))
    found = layout(made.doc(made.Paragraph("앞\x08뒤"), wanted=((40, spot), (50, group + b"\0" + drawn))))
    assert found.pages[0].blocks == (Paragraph((Run("앞뒤", size=10.0),)), Picture(0, 100, 50))
    assert found.pictures[0].octets == png()


def test_metafiles_are_not_shown_and_bitmaps_get_their_head():
    bitmap = struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0) + bytes(4)
    for octets, more, told in ((b"EMF", {"kind": 0xF01A}, None), (bitmap, {"kind": 0xF01F, "instance": 0x7A8}, b"BM")):
        picture = made.Paragraph(("\x01", made.sprm(0x6A03, 0, 4)))
        found = layout(made.doc(made.Paragraph("글"), picture, data=made.inline_picture(octets, **more)))
        assert found.pages[0].blocks[1].at == (-1 if told is None else 0)
        assert [one.octets[:2] for one in found.pictures] == ([] if told is None else [told])


def test_what_an_office_program_wrote_is_laid_out():
    found = layout((BY_OFFICE / "w.doc").read_bytes(), "", "w.doc")
    newer = layout((BY_OFFICE / "w.docx").read_bytes(), "", "w.docx")
    assert found.complete
    assert found.pages[0].blocks == newer.pages[0].blocks
    slides = layout(gzip.decompress((BY_OFFICE / "p.ppt.gz").read_bytes()), "", "p.ppt")
    newer = layout((BY_OFFICE / "p.pptx").read_bytes(), "", "p.pptx")
    assert slides.complete
    assert [page.boxes[0].blocks[0].runs[0].text for page in slides.pages] == [
        page.boxes[0].blocks[0].runs[0].text for page in newer.pages
    ]
    assert [(page.width, page.height) for page in slides.pages] == [(page.width, page.height) for page in newer.pages]


def test_what_is_encrypted_or_older_is_left_to_its_text():
    assert layout(made.doc(made.Paragraph("글"), encrypted=True), "", "a.doc") is None
    assert layout(made.doc(made.Paragraph("글"), magic=0xA5DC), "", "a.doc") is None
    assert (
        layout(made.ppt(made.slide(made.shape((0, 0, 9, 9), made.words("글"))), token=0xF3D1C4DF), "", "a.ppt") is None
    )


def test_a_document_without_looks_is_shown_as_its_text():
    (page,) = layout(plain.word97("글"), "", "a.doc").pages
    assert [text_of(block) for block in page.blocks] == ["Budget", "글"]


def test_an_old_presentation_has_its_boxes_in_place_with_the_looks_of_its_master():
    found = layout(made.strategy(), "", "계획.ppt")
    assert (found.kind, found.complete) == ("slides", True)
    first, last = found.pages
    assert (first.width, first.height, first.back) == (720.0, 540.0, "eeeeee")
    band, title, body, box, picture, inner = first.boxes
    assert band == Box(0.0, 0.0, 1.0, 0.0231, fill="4f81bd")
    assert (title.x, title.y, title.width) == (0.0547, 0.0437, 0.8906)
    assert title.blocks == (Paragraph((Run("2027년 사업 계획", bold=True, color="1f497d", size=40.0),), "center"),)
    sales, product = body.blocks
    assert (sales.marker, sales.indent, product.marker, product.indent) == ("•", 0, "", 1)
    assert sales.runs == (Run("매출 ", size=28.0, color="000000"), Run("310억", bold=True, size=28.0, color="000000"))
    assert product.runs == (Run("신제품", bold=True),)
    assert (box.fill, box.anchor, box.blocks[0].runs) == (
        "1f4e79",
        "middle",
        (Run("상자", italic=True, color="ffffff"),),
    )
    assert picture.blocks == (Picture(0, 93, 93),)
    assert (inner.x, inner.y, inner.width) == (0.1736, 0.6944, 0.0868)
    assert [box.blocks[0].runs[0].text for box in last.boxes] == ["끝"]


def test_a_presentation_that_lost_its_places_shows_its_slides_as_they_lie():
    octets = made.ppt(made.slide(made.shape((0, 0, 9, 9), made.words("하나"))), spoil=0)
    assert [page.boxes[0].blocks[0].runs[0].text for page in layout(octets).pages] == ["하나"]
    loop = made.ppt(made.slide(made.shape((0, 0, 9, 9), made.words("하나"))), spoil=9_999_999)
    assert len(layout(loop).pages) == 1


@pytest.mark.parametrize("make", [made.agreement, made.strategy])
def test_spoiled_and_cut_octets_raise_nothing(make):
    octets = make()
    for at in range(0, len(octets), 41):
        for spoiled in (octets[:at], octets[:at] + bytes((octets[at] ^ 0x41,)) + octets[at + 1 :]):
            found = layout(spoiled)
            if found is not None:
                read_back(found)


def test_groups_in_groups_and_tables_in_tables_end():
    shapes = made.shape((0, 0, 9, 9), made.words("안"))
    for _ in range(60):
        shapes = made.group((0, 0, 9, 9), (0, 0, 9, 9), shapes)
    found, _, took = measured(made.ppt(made.slide(shapes, made.shape((0, 0, 9, 9), made.words("밖")))))
    assert [box.blocks[0].runs[0].text for box in found.pages[0].boxes] == ["밖"]
    assert took < 10
    deep = [
        made.Paragraph(f"{at}", looks=made.IN_TABLE + made.sprm(0x6649, at, 4) + made.sprm(0x244B, 1))
        for at in range(2, 90)
    ]
    found, _, took = measured(made.doc(*deep, made.cell("끝"), made.end_of_row((900, 0))))
    assert depth_of(msgspec.to_builtins(found)) <= making.MAX_NESTED
    assert took < 10


def test_pieces_that_say_the_same_octets_again_and_again_are_bounded(monkeypatch):
    monkeypatch.setattr(old_word_file, "MAX_TEXT", 50_000)
    count = 10_000
    pieces = struct.pack(f"<{count + 1}I", *range(0, (count + 1) * 50, 50)) + struct.pack("<HIH", 0, 0x400, 0) * count
    clx = b"\2" + struct.pack("<I", len(pieces)) + pieces
    octets = made.doc(made.Paragraph("가" * 49), wanted=((33, clx),), lengths=(count * 50,))
    found, peak, took = measured(octets)
    assert (found.complete, found.problem) == (False, "limits")
    assert sum(len(text_of(block)) for block in found.pages[0].blocks) < 50_000
    assert peak < 50 << 20
    assert took < 20


def test_a_picture_that_many_shapes_show_is_kept_once():
    shapes = [made.shape((0, 0, 9, 9), looks=made.properties(_104=1)) for _ in range(300)]
    found = layout(made.ppt(made.slide(*shapes), store=made.store_entry(delay=4), pictures=b"----" + made.blip(png())))
    assert (len(found.pages[0].boxes), len(found.pictures)) == (300, 1)


def test_the_time_ends_it():
    for octets in (
        made.doc(*(made.Paragraph("글") for _ in range(1_000))),
        made.ppt(made.slide(*(made.shape((0, 0, 9, 9), made.words("글")) for _ in range(1_000)))),
    ):
        asked = iter([False] * 12 + [True] * 1_000_000)
        found = layout(octets, expired=lambda asked=asked: next(asked))
        assert found is None or found.problem == "limits"


_CODES = st.sampled_from([0x0835, 0x6A03, 0x4A30, 0x2461, 0x2416, 0x2417, 0x6649, 0x244B, 0x244C, 0x460B, 0x260A, 0xD608, 0xD612,
                          0xD62B, 0x5624, 0x6646, 0xC615, 0x6A09, 0x840F])  # fmt: skip
_LOOKS = st.lists(st.tuples(_CODES, st.binary(max_size=9)), max_size=5).map(
    lambda pairs: b"".join(struct.pack("<H", code) + operand for code, operand in pairs)[:200]
)
_TEXTS = st.text("가\r\x07\x0c\x13\x14\x15\x01\x08\x28\x05", max_size=8)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(_TEXTS, _LOOKS, _LOOKS), min_size=1, max_size=6), st.binary(max_size=90))
def test_no_order_of_marks_and_properties_raises_anything(paragraphs, data):
    octets = made.doc(
        *(
            made.Paragraph((text, ink), mark="\x07" if at % 2 else "\r", looks=looks)
            for at, (text, ink, looks) in enumerate(paragraphs)
        ),
        data=data,
    )
    found = layout(octets)
    if found is not None:
        read_back(found)


_ATOMS = st.sampled_from(
    [0xF9F, 0xFA0, 0xFA8, 0xFA1, 0xFA3, 0xF9E, 0xF00B, 0xF00A, 0xF009, 0xF010, 0xF00F, 0x7F0, 0x3EF]
)
_HOLDERS = st.sampled_from([0xF002, 0xF003, 0xF004, 0xF00D, 0xF011, 0x40C])
_TREES = st.recursive(
    st.builds(made.atom, _ATOMS, st.binary(max_size=40), st.integers(0, 9)),
    lambda inner: st.builds(lambda kind, some: made.holder(kind, *some), _HOLDERS, st.lists(inner, max_size=5)),
    max_leaves=25,
)


@settings(deadline=None, max_examples=300)
@given(st.lists(_TREES, max_size=5), _TREES)
def test_no_order_of_records_raises_anything(records, master):
    shapes = made.shape((0, 0, 9, 9), made.words("글"))
    found = layout(made.ppt(made.slide(shapes, *records), made.holder(0x3EE, *records), master=master))
    if found is not None:
        read_back(found)
