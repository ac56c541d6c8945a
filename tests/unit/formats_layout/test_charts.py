"""Charts are drawn out of the values that their writer kept; whatever these are, the drawing stays on its paper."""

import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.formats_layout import charts as made
from tests.unit.formats_layout.test_layouts import spans

from smartmail.formats.layout import charts
from smartmail.formats.layout.markup import Markup
from smartmail.formats.layout.model import Drawing, Layout, Paragraph, View
from smartmail.formats.layout.reading import layout


def drawing_of(part):
    found = layout(made.word(part), "", "보고서.docx")
    assert found.complete
    return next(block for block in found.pages[0].blocks if isinstance(block, Drawing))


def stays(drawing):
    """Nothing stands outside the paper."""
    points = [point for one in drawing.figures for point in one.points]
    across, down = points[::2], points[1::2]
    assert min(across) >= 0 and max(across) <= drawing.width
    assert min(down) >= 0 and max(down) <= drawing.height
    assert all(0 <= label.x <= drawing.width and 0 <= label.y <= drawing.height for label in drawing.labels)


def bars_of(drawing, color):
    """(left, top, right, bottom) of the bars of a colour, without what stands for it in the legend."""
    found = [(*one.points[:2], *one.points[4:6]) for one in drawing.figures if one.filled and one.color == color]
    return [each for each in found if each[2] - each[0] != 9 or each[3] - each[1] != 9]


def test_bars_of_a_document_stand_with_their_values_in_a_table():
    title, drawing, table = layout(made.word(made.TURNOVER)).pages[0].blocks[1:]
    assert title.runs[0].text == drawing.name == "분기별 매출"
    assert (drawing.width, drawing.height) == (400, 240)
    sales, costs = bars_of(drawing, "1f4e79"), bars_of(drawing, "ed7d31")
    assert (len(sales), len(costs)) == (4, 3)
    heights = [bottom - top for _, top, _, bottom in sales]
    assert heights[3] / heights[0] == pytest.approx(402.6 / 310, abs=0.02)
    assert len({bottom for *_, bottom in (*sales, *costs)}) == 1
    assert sales[0][2] == pytest.approx(costs[0][0], abs=0.2) and costs[0][2] < sales[1][0]
    words = [label.text for label in drawing.labels]
    assert words == ["매출", "비용", "0", "100", "200", "300", "400", "500", *made.NAMES]
    assert spans(table)[0] == [("", 1, 1), ("매출", 1, 1), ("비용", 1, 1)]
    assert spans(table)[4] == [("4분기", 1, 1), ("403억", 1, 1), ("", 1, 1)]
    assert [cell.fill for cell in table.rows[0]] == ["", "1f4e79", "ed7d31"]
    stays(drawing)


def test_bars_lie_and_stand_on_each_other():
    lying = drawing_of(made.chart(made.bars(made.SALES, direction="bar")))
    bars = bars_of(lying, "1f4e79")
    assert len({left for left, *_ in bars}) == 1
    assert [label.text for label in lying.labels if label.anchor == "end"] == list(made.NAMES)
    piled = drawing_of(made.chart(made.bars(made.SALES, made.COSTS, grouping="stacked")))
    under, above = bars_of(piled, "1f4e79"), bars_of(piled, "ed7d31")
    assert [top for _, top, *_ in under][:3] == pytest.approx([bottom for *_, bottom in above])
    shares = drawing_of(made.chart(made.bars(made.SALES, made.COSTS, grouping="percentStacked")))
    assert "100%" in [label.text for label in shares.labels]
    for each in (lying, piled, shares):
        stays(each)


def test_lines_over_bars_and_what_is_below_nothing():
    line = f"<c:lineChart>{made.series('이익', (110, -80, None, 95))}</c:lineChart>"
    drawing = drawing_of(made.chart(made.bars(made.SALES), line))
    (profit,) = [one for one in drawing.figures if one.color == "ed7d31" and not one.filled]
    assert len(profit.points) == 6
    assert "-100" in [label.text for label in drawing.labels]
    assert max(profit.points[1::2]) > max(bottom for *_, bottom in bars_of(drawing, "1f4e79"))
    stays(drawing)


def test_parts_of_a_whole_have_their_colours_and_shares():
    own = '<c:dPt><c:idx val="1"/><c:spPr><a:solidFill><a:schemeClr val="accent6"/></a:solidFill></c:spPr></c:dPt>'
    part = made.chart(f"<c:pieChart>{made.series('', (50, 25, 25), names=('가', '나', '다'), more=own)}</c:pieChart>")
    drawing, table = layout(made.word(part)).pages[0].blocks[2:]
    assert [label.text for label in drawing.labels] == ["가 50%", "나 25%", "다 25%"]
    assert [one.color for one in drawing.figures if len(one.points) > 8] == ["4472c4", "70ad47", "a5a5a5"]
    assert [row[0].fill for row in table.rows] == ["4472c4", "70ad47", "a5a5a5"]
    stays(drawing)


def test_a_chart_of_a_slide_fills_its_frame_and_says_its_values():
    (box,) = layout(made.slide(made.TURNOVER)).pages[0].boxes
    (drawing,) = box.blocks
    assert (box.x, box.width, drawing.width, drawing.height) == (0.1, 0.5, 360, 216)
    assert drawing.name.startswith("분기별 매출. 매출: 1분기 310억, 2분기 290억")
    assert drawing.labels[0].text == "분기별 매출"
    stays(drawing)


def test_a_chart_of_a_workbook_stands_under_its_sheet():
    _, drawing = layout(made.sheet(made.TURNOVER)).pages[0].blocks
    assert isinstance(drawing, Drawing)
    assert "4분기 403억" in drawing.name


def test_a_drawing_as_markup_is_shapes_and_escaped_words():
    found = layout(made.word(made.chart(made.bars(made.series("&lt;b&gt;", (1, 2))), title="&quot;&gt;&lt;script&gt;")))
    html = Markup(str).view(View(layout=found), str)
    assert "<script" not in html and "<b>" not in html and "style=" not in html
    assert 'aria-label="&quot;&gt;&lt;script&gt;"' in html
    assert re.search(r'<polygon fill="#4472c4" points="[\d. ]+"/>', html)


@pytest.mark.parametrize(
    "part",
    [
        made.chart(), made.chart(made.bars()), made.chart(made.bars(made.series("x", ()))),
        made.chart(made.bars(made.series("x", ("nan", "1e999", "-inf", "글")))),
        made.chart(f"<c:pieChart>{made.series('x', ())}</c:pieChart>"), "<c:chartSpace", "",
    ],
)  # fmt: skip
def test_a_chart_without_values_is_not_drawn(part):
    found = layout(made.word(part))
    assert [block for block in found.pages[0].blocks if not isinstance(block, Paragraph)] == []


def test_a_chart_is_bounded():
    many = made.chart(
        made.bars(*(made.series(f"{at}", range(300), names=[f"{place}" for place in range(300)]) for at in range(40)))
    )
    found = layout(made.word(many))
    assert (found.complete, found.problem) == (False, "limits")
    drawing = next(block for block in found.pages[0].blocks if isinstance(block, Drawing))
    assert len(drawing.figures) < charts.MAX_SERIES * charts.MAX_POINTS + 100
    stays(drawing)


_VALUES = st.lists(st.none() | st.floats() | st.sampled_from(["", "1e14", "-1e-300", "x"]), max_size=8)
_GROUPS = st.sampled_from(["barChart", "lineChart", "pieChart", "scatterChart", "areaChart"])


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(_GROUPS, _VALUES), min_size=1, max_size=4), st.sampled_from(["clustered", "stacked", "percentStacked"]),
       st.sampled_from(["bar", "col"]))  # fmt: skip
def test_whatever_the_values_are_the_drawing_stays_on_its_paper(groups, grouping, direction):
    inner = f'<c:barDir val="{direction}"/><c:grouping val="{grouping}"/>'
    part = made.chart(*(f"<c:{name}>{inner}{made.series('값', values)}</c:{name}>" for name, values in groups))
    found = layout(made.word(part))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Layout) == found
    for block in found.pages[0].blocks:
        if isinstance(block, Drawing) and block.figures:
            stays(block)
