"""What a paper is made of."""

from dataclasses import dataclass, field
from typing import Literal

ColumnKind = Literal["text", "count", "octets", "percent", "seconds"]
Cell = str | int | float


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, what its cells are, how wide it is beside the others."""

    head: str
    kind: ColumnKind = "text"
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, each as long as there are columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars over one row of labels; each series is a column of the section's table by its number."""

    labels: int
    series: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it. `shown`: so many rows on pages, 0 for all; a spreadsheet has all of them."""

    title: str
    table: Table
    note: str = ""
    chart: Chart | None = None
    shown: int = 0
    page_note: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper in one language. `facts`: lines of name and value below the title."""

    title: str
    language: str
    facts: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = field(default=())
