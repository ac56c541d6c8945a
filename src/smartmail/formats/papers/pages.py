"""A paper as pages for print (PDF, A4), with bars drawn.

STRATEGIES  Text stands in the CID fonts that readers of PDF bring for Korean, Japanese and Chinese (ISO 32000-1 §9.7.5.2):
            nothing is embedded, a page takes a few KB. A reader without such fonts shows a substitute. Letters that the
            language's own font lacks (a Korean name in a Chinese report) are set in the font of theirs.
SECURITY    Text is escaped before it is marked up: a name cannot bring markup.
"""

from io import BytesIO
from itertools import groupby
from typing import Any, Final

from smartmail.formats.papers.model import Cell, ColumnKind, Paper, Section

_FONTS: Final = {
    "ko": "HYGothic-Medium", "en": "HYGothic-Medium", "ja": "HeiseiKakuGo-W5", "zh-Hans": "STSong-Light",
    "zh-Hant": "MSung-Light",
}  # fmt: skip
_HANGUL: Final = ((0x1100, 0x11FF), (0x3130, 0x318F), (0xA960, 0xA97F), (0xAC00, 0xD7FF))
_KANA: Final = ((0x3040, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9D))
_COLOURS: Final = (0x2F6FEB, 0x12A594, 0xF59E0B, 0xE5484D)
_LINE: Final = 0xC8CED8
_LATIN: Final = "Helvetica"
_UNITS: Final = ("B", "KB", "MB", "GB", "TB", "PB")


def pdf(paper: Paper) -> bytes:
    """Return the file."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    styles = _Styles(paper.language)
    made = BytesIO()
    width = A4[0] - 30 * mm
    document = SimpleDocTemplate(
        made, pagesize=A4, leftMargin=15 * mm, rightMargin=15 * mm, topMargin=15 * mm, bottomMargin=16 * mm,
        title=paper.title, author="SmartMail", subject=" ".join(value for _, value in paper.facts[:2]), lang=paper.language,
    )  # fmt: skip
    story: list[Any] = [Paragraph(styles.marked(paper.title), styles.title), Spacer(1, 6)]
    for name, value in paper.facts:
        story.append(Paragraph(styles.marked(f"{name}  {value}"), styles.text))
    story += [Paragraph(styles.marked(note), styles.text) for note in paper.notes]
    for section in paper.sections:
        story += _section(section, styles, width)

    def footer(canvas: Any, page: Any) -> None:
        canvas.saveState()
        canvas.setFont(styles.font, 8)
        canvas.drawString(15 * mm, 9 * mm, paper.title)
        canvas.drawRightString(A4[0] - 15 * mm, 9 * mm, str(page.page))
        canvas.restoreState()

    document.build(story, onFirstPage=footer, onLaterPages=footer)
    return made.getvalue()


class _Styles:
    """Fonts and styles of a language."""

    def __init__(self, language: str) -> None:
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont

        for name in sorted(set(_FONTS.values())):
            if name not in pdfmetrics.getRegisteredFontNames():
                pdfmetrics.registerFont(UnicodeCIDFont(name))
        self.font = _FONTS.get(language, _FONTS["ko"])
        base = {"fontName": self.font, "wordWrap": "CJK"}
        self.title = ParagraphStyle("title", fontSize=18, leading=24, **base)
        self.heading = ParagraphStyle("heading", fontSize=12, leading=16, spaceBefore=12, spaceAfter=4, **base)
        self.text = ParagraphStyle("text", fontSize=9, leading=13, **base)
        self.cell = ParagraphStyle("cell", fontSize=8, leading=10, **base)
        self.number = ParagraphStyle("number", parent=self.cell, alignment=2)

    def marked(self, text: str) -> str:
        """Return text as markup, every letter in a font that has it."""
        return "".join(
            f'<font name="{name}">{_escaped("".join(run))}</font>' for name, run in groupby(text, self._font_of)
        )

    def _font_of(self, letter: str) -> str:
        code = ord(letter)
        if code < 0x250:
            return _LATIN
        if any(low <= code <= high for low, high in _HANGUL):
            return _FONTS["ko"]
        if any(low <= code <= high for low, high in _KANA):
            return _FONTS["ja"]
        return self.font


def _section(section: Section, styles: _Styles, width: float) -> list[Any]:
    from reportlab.platypus import Paragraph

    found: list[Any] = [Paragraph(styles.marked(section.title), styles.heading)]
    cut = section.shown and len(section.table.rows) > section.shown
    notes = [section.note, section.page_note if cut else ""]
    found += [Paragraph(styles.marked(note), styles.text) for note in notes if note]
    if section.chart is not None and section.table.rows:
        found.append(_drawing(section, styles, width))
    if section.table.rows:
        found.append(_table(section, styles, width))
    else:
        found.append(Paragraph("–", styles.text))
    return found


def _table(section: Section, styles: _Styles, width: float) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import LongTable, Paragraph

    columns = section.table.columns
    whole = sum(column.width for column in columns)
    rows: list[list[Any]] = [
        [Paragraph(styles.marked(one.head), styles.cell if one.kind == "text" else styles.number) for one in columns]
    ]
    rows += [
        [
            Paragraph(styles.marked(cell), styles.cell) if isinstance(cell, str) else shown(cell, column.kind)
            for column, cell in zip(columns, cells, strict=True)
        ]
        for cells in section.table.rows[: section.shown or None]
    ]
    line = HexColor(_LINE)
    look: list[tuple[Any, ...]] = [
        ("FONT", (0, 0), (-1, -1), _LATIN, 8), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, line), ("BACKGROUND", (0, 0), (-1, 0), HexColor(0xEEF1F5)),
        ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]  # fmt: skip
    look += [("ALIGN", (at, 1), (at, -1), "RIGHT") for at, one in enumerate(columns) if one.kind != "text"]
    return LongTable(
        rows, colWidths=[width * column.width / whole for column in columns], repeatRows=1, style=look, hAlign="LEFT"
    )


def _drawing(section: Section, styles: _Styles, width: float) -> Any:
    """Return bars: one group for each row."""
    from reportlab.graphics.charts.barcharts import VerticalBarChart
    from reportlab.graphics.charts.legends import Legend
    from reportlab.graphics.shapes import Drawing
    from reportlab.lib.colors import HexColor

    assert section.chart is not None
    rows, columns = section.table.rows, section.table.columns
    drawing = Drawing(width, 170)
    bars = VerticalBarChart()
    bars.x, bars.y, bars.width, bars.height = 40, 30, width - 50, 110
    bars.data = [[float(row[at]) for row in rows] for at in section.chart.series]
    bars.categoryAxis.categoryNames = [str(row[section.chart.labels])[-5:] for row in rows]
    bars.categoryAxis.labels.fontName = styles.font
    bars.categoryAxis.labels.fontSize = 6
    bars.categoryAxis.labels.angle = 45 if len(rows) > 12 else 0
    bars.categoryAxis.labels.dy = -6
    bars.valueAxis.valueMin = 0
    bars.valueAxis.labels.fontName = _LATIN
    bars.valueAxis.labels.fontSize = 7
    bars.valueAxis.labelTextFormat = lambda value: f"{value:,.0f}"
    if not any(any(one) for one in bars.data):
        bars.valueAxis.valueMax = 1
    bars.groupSpacing, bars.barSpacing = 4, 0
    legend = Legend()
    legend.x, legend.y, legend.columnMaximum, legend.fontName, legend.fontSize = 40, 165, 1, styles.font, 8
    legend.alignment, legend.dx, legend.dy, legend.deltax = "right", 8, 8, 120
    legend.colorNamePairs = []
    for number, at in enumerate(section.chart.series):
        colour = HexColor(_COLOURS[number % len(_COLOURS)])
        bars.bars[number].fillColor, bars.bars[number].strokeColor = colour, None
        legend.colorNamePairs.append((colour, columns[at].head))
    drawing.add(bars)
    drawing.add(legend)
    return drawing


def shown(cell: Cell, kind: ColumnKind) -> str:
    """Return a number for people."""
    if isinstance(cell, str):
        return cell
    if kind == "octets":
        return _size(cell)
    if kind == "percent":
        return f"{cell:.4f}"
    return f"{cell:,.3f}" if kind == "seconds" else f"{cell:,}"


def _size(octets: float) -> str:
    value, unit = float(octets), 0
    while abs(value) >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:,.0f} {_UNITS[unit]}" if unit == 0 else f"{value:,.1f} {_UNITS[unit]}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
