"""Cells of a sheet by their places, and the table that they are: what is merged, what is covered, how far it reaches.

LIMITS    MAX_ROWS and MAX_COLUMNS of a sheet, counted from its first; MAX_SHEETS.
"""

from collections.abc import Iterable
from typing import Final

from smartmail.formats.layout.making import Making
from smartmail.formats.layout.model import Cell, Table

MAX_ROWS: Final = 500
MAX_COLUMNS: Final = 60
MAX_SHEETS: Final = 60
_MAX_COVERED: Final = 200_000  # cells looked at for what is merged

Place = tuple[int, int]
"""Row and column, from 0."""
_EMPTY: Final = Cell()


class Grid:
    """The cells of one sheet. What lies beyond the bounds is noted as missing."""

    def __init__(self, making: Making) -> None:
        self._making = making
        self._rows: dict[int, dict[int, Cell]] = {}
        self._columns = 0

    def has_room(self, row: int, column: int = 0) -> bool:
        """Return whether a cell may stand here."""
        if row < MAX_ROWS and column < MAX_COLUMNS:
            return True
        self._making.out.note("limits")
        return False

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Put a cell that shows something."""
        self._rows.setdefault(row, {})[column] = cell
        self._columns = max(self._columns, column + 1)

    @property
    def size(self) -> Place:
        """How many rows and columns hold something."""
        return max(self._rows, default=-1) + 1, self._columns

    def table(self, areas: Iterable[tuple[Place, Place]], widths: tuple[int, ...]) -> Table:
        """Return the table; `areas`: first and last cell of what is merged. Raises Enough."""
        spans, covered = _merged(areas, self.size)
        rows = []
        for row in range(self.size[0]):
            found, cells = self._rows.get(row, {}), []
            for column in range(self._columns):
                if (row, column) in covered:
                    continue
                self._making.block()
                cell = found.get(column, _EMPTY)
                span = spans.get((row, column))
                cells.append(cell if span is None else Cell(cell.blocks, span[1], span[0], cell.fill))
            rows.append(tuple(cells))
        return Table(tuple(rows), widths[: self._columns])


def _merged(areas: Iterable[tuple[Place, Place]], last: Place) -> tuple[dict[Place, Place], set[Place]]:
    """Return (rows and columns that a cell covers, cells that are covered), within what is shown."""
    spans: dict[Place, Place] = {}
    covered: set[Place] = set()
    room = _MAX_COVERED
    for start, end in areas:
        if start in covered or start in spans:
            continue
        rows, columns = min(end[0], last[0] - 1) - start[0] + 1, min(end[1], last[1] - 1) - start[1] + 1
        room -= max(0, rows) * max(0, columns)
        if room < 0:
            break
        area = {(start[0] + down, start[1] + right) for down in range(rows) for right in range(columns)} - {start}
        if rows < 1 or columns < 1 or area & covered or area & spans.keys():
            continue  # areas that overlap are no table
        spans[start] = rows, columns
        covered |= area
    return spans, covered
