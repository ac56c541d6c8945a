"""Charts of office documents (ECMA-376 part 1, §21.2): drawn anew out of the values that their writer kept beside them.

Bars, lines and parts of a whole are drawn as such; areas, nets and points as lines. The workbook behind a chart is not asked.

LIMITS    MAX_SERIES of a chart, MAX_POINTS of a series, _MAX_CHARTS of a sheet.
"""

from math import isfinite
from typing import Final

from msgspec.structs import replace

from smartmail.formats.extract.zip_archive import Archive
from smartmail.formats.layout import tree
from smartmail.formats.layout.cell_formats import shown
from smartmail.formats.layout.chart_drawing import COLOURS, Chart, Series, drawn
from smartmail.formats.layout.making import Making, colour, whole
from smartmail.formats.layout.model import Block, Cell, Drawing, Paragraph, Run, Table
from smartmail.formats.layout.tree import Node

MAX_SERIES: Final = 20
MAX_POINTS: Final = 200
_MAX_CHARTS: Final = 20  # of a sheet
_STANDARD: Final = (480, 288)
_NAME: Final = 400
_TITLE_SIZE: Final = 14.0
_BARS: Final = frozenset({"barChart", "bar3DChart"})
_PARTS: Final = frozenset({"pieChart", "pie3DChart", "doughnutChart", "ofPieChart"})
_LINES: Final = frozenset({
    "lineChart", "line3DChart", "areaChart", "area3DChart", "radarChart", "scatterChart", "bubbleChart", "stockChart",
})  # fmt: skip


def name_of(node: Node, relations: dict[str, str]) -> str:
    """Return the part that holds the chart of a frame, "" where there is none."""
    chart = next(node.every("chart"), Node("", {}))
    return relations.get(chart.relation(), "")


def with_table(making: Making, archive: Archive, name: str, width: float, height: float) -> list[Block]:
    """Return the title of a chart, its drawing, and its values as a table. Raises Enough."""
    chart = _read(making, archive, name)
    if chart is None:
        return []
    blocks: list[Block] = []
    if chart.title:
        blocks.append(Paragraph((Run(chart.title, bold=True, size=_TITLE_SIZE),)))
    return [*blocks, replace(drawn(chart, *_size(width, height)), name=chart.title[:_NAME]), _table(making, chart)]


def alone(making: Making, archive: Archive, name: str, width: float = 0, height: float = 0) -> list[Block]:
    """Return a drawing that says its values itself: where there is no room for a table, or one is there. Raises Enough."""
    chart = _read(making, archive, name)
    if chart is None:
        return []
    drawing: Drawing = drawn(chart, *_size(width, height), titled=True)
    return [replace(drawing, name=_told(chart))]


def of_sheet(making: Making, archive: Archive, sheet: Node, name: str) -> list[Block]:
    """Return the charts that lie on a sheet; `name`: that of its part. Raises Enough."""
    if not sheet.find("drawing"):
        return []
    part = tree.relations(making.out, archive, name).get(sheet.find("drawing").relation(), "")
    relations = tree.relations(making.out, archive, part)
    blocks: list[Block] = []
    for frame in list(tree.part(making.out, archive, part).every("graphicFrame"))[:_MAX_CHARTS]:
        if chart := name_of(frame, relations):
            blocks += alone(making, archive, chart)
    return blocks


def _size(width: float, height: float) -> tuple[int, int]:
    if width < 1 or height < 1:
        return _STANDARD
    return int(min(max(width, 160), 1_200)), int(min(max(height, 120), 900))


def _read(making: Making, archive: Archive, name: str) -> Chart | None:
    root = tree.part(making.out, archive, name)
    chart, plot = root.find("chart"), root.find("chart", "plotArea")
    found = Chart(making.text("".join(each.text() for each in chart.find("title").every("t", "v")))[:200])
    for group in plot.nodes():
        kind = "bar" if group.name in _BARS else "part" if group.name in _PARTS else "line"
        if group.name not in _BARS | _PARTS | _LINES:
            continue
        if kind == "bar":
            found.across = group.find("barDir").get("val") == "bar"
            found.stacked = group.find("grouping").get("val") in {"stacked", "percentStacked"}
            found.shares = group.find("grouping").get("val") == "percentStacked"
        for node in group.nodes("ser"):
            if len(found.series) >= MAX_SERIES:
                making.out.note("limits")
                break
            _series(making, node, kind, found)
    return found if any(series.values for series in found.series) and found.categories else None


def _series(making: Making, node: Node, kind: str, chart: Chart) -> None:
    """Add a series to a chart; the first that names its points names them for all."""
    making.block()
    names = _points(making, node.find("cat") or node.find("xVal"))
    points = _points(making, node.find("val") or node.find("yVal"))
    at = len(chart.series)
    title = making.text("".join(each.text() for each in node.find("tx").every("v")))[:100]
    own = _colour(node.find("spPr")) or _colour(node.find("spPr", "ln"))
    values = {place: value for place, text in points.items() if (value := _number(text)) is not None}
    form = next((each.text() for each in (node.find("val") or node.find("yVal")).every("formatCode")), "General")
    series = Series(
        kind, title, own or COLOURS[at % len(COLOURS)], values, {at: _shown(values[at], form) for at in values}
    )
    series.colours = {whole(each.find("idx").get("val")): _colour(each.find("spPr")) for each in node.nodes("dPt")}
    chart.series.append(series)
    count = max((*values, *names), default=-1) + 1
    while len(chart.categories) < count:
        chart.categories.append("")
    for place, text in names.items():
        chart.categories[place] = chart.categories[place] or text[:100]


def _points(making: Making, around: Node) -> dict[int, str]:
    """Return what a writer kept of some points; of names on several levels the nearest. Raises Enough."""
    found: dict[int, str] = {}
    form = next((each.text() for each in around.every("formatCode")), "")
    dates = around.name == "cat" and form not in {"", "General"}
    for point in (next(around.every("lvl"), around)).every("pt"):
        making.block()
        at = whole(point.get("idx"), most=MAX_POINTS)
        if at >= MAX_POINTS:
            making.out.note("limits")
            break
        text = making.text(point.find("v").text().strip())
        value = _number(text) if dates else None
        found.setdefault(at, text if value is None else _shown(value, form))
    return found


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) and abs(value) < 1e15 else None


def _shown(value: float, form: str) -> str:
    try:
        return shown(value, form)
    except (ValueError, OverflowError):
        return f"{value:.10g}"


def _colour(node: Node) -> str:
    fill = node.find("solidFill")
    name = fill.find("schemeClr").get("val")
    if name.startswith("accent") and name[6:] in {"1", "2", "3", "4", "5", "6"}:
        return COLOURS[int(name[6:]) - 1]
    return colour(fill.find("srgbClr").get("val"))


def _table(making: Making, chart: Chart) -> Table:
    """Return the values as a table; the grounds of names are the colours of the drawing. Raises Enough."""

    def cell(text: str, fill: str = "", *, number: bool = False) -> Cell:
        making.block()
        return Cell((Paragraph((Run(text),), align="right" if number else ""),) if text else (), fill=fill)

    single = len(chart.series) == 1 and chart.series[0].kind == "part"
    rows: list[tuple[Cell, ...]] = []
    if any(each.title for each in chart.series):
        rows.append((cell(""), *(cell(each.title, "" if single else each.color) for each in chart.series)))
    for at, name in enumerate(chart.categories):
        ground = chart.series[0].colour_of(at) if single else ""
        rows.append((cell(name, ground), *(cell(each.shown.get(at, ""), number=True) for each in chart.series)))
    return Table(tuple(rows))


def _told(chart: Chart) -> str:
    parts = [chart.title] if chart.title else []
    for series in chart.series:
        said = ", ".join(
            f"{name} {series.shown[at]}".strip() for at, name in enumerate(chart.categories) if at in series.shown
        )
        parts.append(f"{series.title}: {said}" if series.title else said)
    return ". ".join(parts)[:_NAME]
