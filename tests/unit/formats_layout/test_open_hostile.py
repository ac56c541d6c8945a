"""OpenDocument and RTF: bombs, loops and lies cost at most the limits, and are told."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.formats_extract.documents import zipped
from tests.unit.formats_layout import open_packages as made
from tests.unit.formats_layout.packages import png
from tests.unit.formats_layout.test_layout_hostile import depth_of, measured

from smartmail.formats.layout import grid, making
from smartmail.formats.layout.model import Layout
from smartmail.formats.layout.reading import layout

WHOLE = {"a.odt": made.notice, "a.ods": made.spending, "a.odp": made.proposal, "a.rtf": made.rich}


def read_back(found):
    """What the owner of the child makes of it: the strict reading must take all that is made."""
    packed = msgspec.msgpack.encode(found)
    assert msgspec.msgpack.decode(packed, type=Layout) == found
    return msgspec.msgpack.decode(packed), len(packed)


def test_a_part_that_is_a_bomb_ends_at_its_ratio():
    found, peak, _ = measured(made.opened("text", made.p("앞") + made.p("0" * (40 << 20))))
    assert (found.complete, found.problem) == (False, "limits")
    assert peak < 200 << 20


def test_entities_are_refused():
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><office:document-content xmlns:office="o"/>'
    )
    assert layout(zipped({"mimetype": "x", "content.xml": bomb})) is None
    outside = (
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><o:document-content xmlns:o="o" xmlns:t="t"><o:body><o:text>'
        "<t:p>&e;</t:p></o:text></o:body></o:document-content>"
    )
    assert "root" not in repr(layout(zipped({"mimetype": "x", "content.xml": outside})))


@pytest.mark.parametrize(
    "body",
    [
        made.row(
            made.text_cell("가" * 5_000, more='table:number-columns-repeated="9999999"'),
            more='table:number-rows-repeated="9999999"',
        ),
        made.row(made.cell("", "ground", 'table:number-columns-repeated="60"'), more='table:number-rows-repeated="500"')
        * 50,
        made.row(made.text_cell("x", more='table:number-columns-spanned="999999999" table:number-rows-spanned="-7"'))
        * 600,
        made.row(made.number_cell("1e999"), made.number_cell("nan"), made.number_cell("x" * 5_000, kind="percentage")),
        '<table:table-column table:number-columns-repeated="99999999999"/>' * 200 + made.row(made.text_cell("x")),
    ],
)
def test_lies_of_a_sheet_cost_nothing(body):
    found, peak, took = measured(made.ods(made.sheet("장", body)))
    _, size = read_back(found)
    assert size < 8 << 20
    assert peak < 100 << 20
    assert took < 10


def test_a_large_sheet_shows_its_beginning():
    rows = made.row(made.text_cell("x")) * (grid.MAX_ROWS + 100)
    found = layout(made.ods(made.sheet("장", rows)))
    assert (len(found.pages[0].blocks[0].rows), found.complete, found.problem) == (grid.MAX_ROWS, False, "limits")


def test_a_repeated_cell_of_a_text_counts_each_time(monkeypatch):
    monkeypatch.setattr(making, "MAX_CHARS", 100_000)
    cell = made.cell("가" * 1_000, more='table:number-columns-repeated="60"')
    row = f'<table:table-row table:number-rows-repeated="100">{cell}</table:table-row>'
    found, peak, _ = measured(made.opened("text", made.p("앞") + f"<table:table>{row}</table:table>"))
    assert (found.problem, len(found.pages[0].blocks)) == ("limits", 1)
    assert peak < 50 << 20


@pytest.mark.parametrize(
    "octets",
    [
        made.opened("text", made.p("밖") + "<table:table><table:table-row><table:table-cell>" * 30 + made.p("안")
                    + "</table:table-cell></table:table-row></table:table>" * 30),
        made.opened("text", made.p("밖") + "<text:p><draw:frame><draw:text-box>" * 25 + made.p("안")
                    + "</draw:text-box></draw:frame></text:p>" * 25),
        made.odp(made.slide("<draw:g>" * 100 + made.box("안", ("0pt", "0pt", "9pt", "9pt")) + "</draw:g>" * 100,
                            made.box("밖", ("0pt", "0pt", "9pt", "9pt")))),
        made.opened("text", made.p("밖") + "<text:list><text:list-item>" * 50 + made.p("안") + "</text:list-item></text:list>" * 50),
        made.rtf("x" + "".join(rf"\trowd\cellx{level}00\pard\itap{level} x" for level in range(1, 2_000))),
        made.rtf("{" * 5_000 + "x" + "}" * 5_000 + r"\par"),
        made.rtf(r"{\footnote " * 300 + "x" + "}" * 300 + r"\par"),
        made.rtf(r"x\par" + r"{\shp{\shptxt " * 300 + "x" + "}}" * 300 + r"\par"),
    ],
)  # fmt: skip
def test_what_lies_in_itself_ends_and_can_be_read_back(octets):
    found, _, took = measured(octets)
    told, _ = read_back(found)
    assert depth_of(told) <= making.MAX_NESTED
    assert took < 10


def test_styles_that_stand_on_each_other_end():
    found = layout(made.opened("text", made.p("글", "loop")))
    assert found.pages[0].blocks[0].runs[0].italic


def test_characters_of_rich_text_are_bounded_before_they_are_a_paragraph(monkeypatch):
    monkeypatch.setattr("smartmail.formats.layout.rich_text.MAX_CHARS", 1_000)
    found = layout(made.rtf(made.korean("앞") + r"\par" + r"\uc0\u54620" * 5_000 + r"\par"))
    assert (found.pages[0].blocks[0].runs[0].text, found.complete, found.problem) == ("앞", False, "limits")


def test_a_picture_of_rich_text_that_is_too_large_or_too_many_is_not_shown(monkeypatch):
    monkeypatch.setattr(making, "MAX_PICTURES", 2)
    monkeypatch.setattr(making, "MAX_PICTURE", 2_000)
    large = made.rtf_picture(png() + bytes(3_000))
    found = layout(made.rtf(large + "".join(made.rtf_picture(png(at)) for at in range(4)) + r"\par"))
    assert [block.at for block in found.pages[0].blocks] == [-1, 0, 1, -1, -1]


def test_a_row_of_more_cells_than_a_page_holds_is_cut():
    edges = "".join(rf"\cellx{at}00" for at in range(1, 3_000))
    found = layout(made.rtf(rf"\trowd{edges}" + r"x\cell" * 3_000 + r"\row"))
    assert len(found.pages[0].blocks[0].rows[0]) <= 60


def test_the_time_ends_it():
    for octets in (made.opened("text", made.p("글") * 5_000), made.rtf((made.korean("글") + r"\par") * 5_000)):
        asked = iter([False] * 3 + [True] * 1_000_000)
        found = layout(octets, expired=lambda asked=asked: next(asked))
        assert found is None or found.problem == "limits"


@pytest.mark.parametrize("name", WHOLE)
def test_spoiled_and_cut_octets_raise_nothing(name):
    octets = WHOLE[name]()
    for at in range(0, len(octets), 23):
        for spoiled in (octets[:at], octets[:at] + bytes((octets[at] ^ 0x41,)) + octets[at + 1 :]):
            found = layout(spoiled, "", name)
            if found is not None:
                read_back(found)


_WORDS = st.sampled_from(
    r"{ } \par \cell \row \trowd \cellx500 \cellx-9 \pard \intbl \itap3 \nestcell {\*\nesttableprops \nestrow} {\footnote {\header {\shptxt"
    r" {\pict\pngblip 89504e47 \bin9 {\listtext {\colortbl; \red999 {\stylesheet{\s1 {\fonttbl{\f1\fcharset2 \f1 \'b7 \u-9 \uc9 \clvmgf \clvmrg"
    r" \clmrg \b \fs-4 \fs999999 \cf9999999999 \outlinelevel-3 \ilvl99 \li-99999999 \chftn \sect \v \plain \super \ul {\sp{\sv {\*\shppict x".split()
)


@settings(deadline=None, max_examples=400)
@given(st.lists(_WORDS, max_size=60))
def test_no_order_of_words_of_rich_text_raises_anything(words):
    found = layout(b"{\\rtf1" + "".join(words).encode() + b" x\\par")
    if found is not None:
        read_back(found)


_NAMES = ["text:p", "text:h", "text:list", "text:list-item", "text:span", "text:note", "text:note-body", "table:table", "table:table-row",
          "table:table-cell", "table:covered-table-cell", "table:table-column", "draw:frame", "draw:text-box", "draw:image", "draw:g",
          "draw:rect", "draw:page", "text:s", "text:section"]  # fmt: skip
_KEYS = ["text:style-name", "table:number-columns-repeated", "table:number-rows-repeated", "table:number-columns-spanned",
         "table:number-rows-spanned", "text:outline-level", "svg:width", "svg:height", "svg:x", "draw:transform", "xlink:href", "text:c",
         "office:value-type", "office:value", "text:start-value", "text:continue-numbering"]  # fmt: skip
_SAID = st.sampled_from(["", "H1", "L", "-1", "0", "9999999999", "1e300", "nan", "3cm", "-9999999cm", "true", "float", "../x", "Pictures/a.png",
                         "translate (1cm 2cm)"])  # fmt: skip


def _element(name, said, parts):
    attributes = " ".join(f'{key}="{value}"' for key, value in said.items())
    return f"<{name} {attributes}>{''.join(parts)}</{name}>"


_ELEMENTS = st.recursive(
    st.sampled_from(["글", " ", "x"]),
    lambda inner: st.builds(
        _element,
        st.sampled_from(_NAMES), st.dictionaries(st.sampled_from(_KEYS), _SAID, max_size=4), st.lists(inner, max_size=4),
    ),
    max_leaves=25,
)  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(["text", "spreadsheet", "presentation"]), st.lists(_ELEMENTS, max_size=4))
def test_no_elements_of_open_document_raise_anything(kind, parts):
    found = layout(made.opened(kind, "".join(parts), **{"Pictures/a.png": png()}))
    if found is not None:
        read_back(found)
