"""A paper as a spreadsheet (ECMA-376, .xlsx): one sheet for each section, numbers as numbers, charts that stay live.

SECURITY    Text is text: a name that begins with `=` is no formula, an address no link.
"""

from io import BytesIO
from typing import Any, Final

from smartmail.formats.papers.model import ColumnKind, Paper, Section

_FORMATS: Final[dict[ColumnKind, str]] = {
    "text": "@", "count": "#,##0", "octets": "#,##0", "percent": "0.0000", "seconds": "#,##0.000",
}  # fmt: skip
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
_LONGEST_NAME: Final = 31
_UNIT_CHARACTERS: Final = 14


def xlsx(paper: Paper) -> bytes:
    """Return the file."""
    import xlsxwriter

    made = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(made, options) as book:
        book.set_properties({"title": paper.title, "keywords": ", ".join(paper.keywords)})
        looks = {kind: book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
        head = book.add_format({"bold": True, "bg_color": "#EEF1F5", "border": 1, "border_color": "#C8CED8"})
        title = book.add_format({"bold": True, "font_size": 14})
        taken: set[str] = set()
        for number, section in enumerate(paper.sections):
            sheet = book.add_worksheet(_name(section.title, taken))
            top = _lines(sheet, paper if number == 0 else None, section, title)
            _table(sheet, section, top, head, looks)
            if section.chart is not None:
                _chart(book, sheet, section, top)
    return made.getvalue()


def _lines(sheet: Any, paper: Paper | None, section: Section, title: Any) -> int:
    """Write what stands above the table; return the row of its head."""
    row = 0
    if paper is not None:
        sheet.write_string(row, 0, paper.title, title)
        row += 1
        for name, value in paper.facts:
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 1, value)
            row += 1
        for note in paper.notes:
            sheet.write_string(row, 0, note)
            row += 1
        row += 1
    if section.note:
        sheet.write_string(row, 0, section.note)
        row += 1
    return row


def _table(sheet: Any, section: Section, top: int, head: Any, looks: dict[ColumnKind, Any]) -> None:
    columns = section.table.columns
    for at, column in enumerate(columns):
        sheet.set_column(at, at, _UNIT_CHARACTERS * max(1.0, column.width))
        sheet.write_string(top, at, column.head, head)
    for down, cells in enumerate(section.table.rows, start=top + 1):
        for at, (column, cell) in enumerate(zip(columns, cells, strict=True)):
            if isinstance(cell, str):
                sheet.write_string(down, at, cell)
            else:
                sheet.write_number(down, at, cell, looks[column.kind])
    sheet.freeze_panes(top + 1, 1)
    if section.table.rows:
        sheet.autofilter(top, 0, top + len(section.table.rows), len(columns) - 1)


def _chart(book: Any, sheet: Any, section: Section, top: int) -> None:
    rows, chart = len(section.table.rows), section.chart
    if not rows or chart is None:
        return
    drawn = book.add_chart({"type": "column"})
    name = sheet.get_name()
    for at in chart.series:
        drawn.add_series({
            "name": [name, top, at], "categories": [name, top + 1, chart.labels, top + rows, chart.labels],
            "values": [name, top + 1, at, top + rows, at],
        })  # fmt: skip
    drawn.set_legend({"position": "bottom"})
    drawn.set_size({"width": 720, "height": 300})
    sheet.insert_chart(top, len(section.table.columns) + 1, drawn)


def _name(title: str, taken: set[str]) -> str:
    """Return a name that a sheet may have and no other one has."""
    base = title.translate(_FORBIDDEN).strip("' ")[:_LONGEST_NAME] or "Sheet"
    name, number = base, 2
    while name.lower() in taken:
        tail = f" {number}"
        name, number = base[: _LONGEST_NAME - len(tail)] + tail, number + 1
    taken.add(name.lower())
    return name
