"""Tables of RTF (specification 1.9.1, "Table Definitions") and of Word before XML: rows tell the right edges of their cells; columns
are all edges together.
"""

from itertools import pairwise
from typing import Final

from smartmail.formats.layout.making import MAX_NESTED, Making
from smartmail.formats.layout.model import Block, Cell, Table

_TWIPS: Final = 20
_NEAR: Final = 40  # twips: edges of rows that were meant to be one
_MAX_EDGES: Final = 60


class Edge:
    """What a row says of a cell: its right edge, its ground, and whether it goes on from its left or from above."""

    __slots__ = ("above", "begins", "fill", "left", "right")

    def __init__(self) -> None:
        self.right = 0
        self.fill = ""
        self.left = self.above = self.begins = False

    def merges(self, word: bytes) -> None:
        """Take a word of merging."""
        self.left = self.left or word == b"clmrg"
        self.above = self.above or word == b"clvmrg"
        self.begins = self.begins or word == b"clvmgf"

    def at(self, right: int) -> "Edge":
        """Return itself with its right edge."""
        self.right = max(-100_000, min(right, 100_000))
        return self


class _Row:
    def __init__(self, start: int, edges: list[Edge], cells: list[tuple[Block, ...]]) -> None:
        self.start, self.edges, self.cells = start, edges, cells


class _Table:
    def __init__(self) -> None:
        self.rows: list[_Row] = []
        self.cells: list[tuple[Block, ...]] = []
        self.blocks: list[Block] = []
        self.edges: list[Edge] = []
        self.start = 0


class Tables:
    """The body of a flow, and the tables that are open in it, one in the other; a level of 0 is the body."""

    def __init__(self, making: Making) -> None:
        self._making = making
        self.body: list[Block] = []
        self._open: list[_Table] = []

    def add(self, level: int, blocks: list[Block]) -> None:
        """Add blocks to the cell that is open at a level."""
        level = min(level, MAX_NESTED)
        self._close(level)
        (self._at(level).blocks if level else self.body).extend(blocks)

    def has_blocks(self, level: int) -> bool:
        """Return whether the open cell holds something."""
        return min(level, MAX_NESTED) <= len(self._open) and bool(self._at(level).blocks)

    def begin_row(self, level: int) -> None:
        """Forget the edges of the row before."""
        table = self._at(level)
        table.edges, table.start = [], 0

    def starts_at(self, level: int, left: int) -> None:
        """Take the left edge of a row."""
        self._at(level).start = max(-100_000, min(left, 100_000))

    def add_edge(self, level: int, edge: Edge) -> None:
        """Take the next cell of a row."""
        edges = self._at(level).edges
        if len(edges) < _MAX_EDGES:
            edges.append(edge)
        else:
            self._making.out.note("limits")

    def end_cell(self, level: int) -> None:
        """End the open cell. Raises Enough."""
        self._making.block()
        self._close(min(level, MAX_NESTED))
        table = self._at(level)
        table.cells.append(tuple(table.blocks))
        table.blocks = []

    def end_row(self, level: int) -> None:
        """End the open row."""
        self._close(min(level, MAX_NESTED))
        table = self._at(level)
        if table.cells:
            table.rows.append(_Row(table.start, table.edges, table.cells))
            table.cells = []

    def finish(self) -> list[Block]:
        """Close all tables and return the body."""
        self._close(0)
        return self.body

    def _at(self, level: int) -> _Table:
        level = max(1, min(level, MAX_NESTED))
        while len(self._open) < level:
            self._open.append(_Table())
        return self._open[level - 1]

    def _close(self, level: int) -> None:
        """Close the tables deeper than a level."""
        while len(self._open) > level:
            table = self._open.pop()
            around = self._open[-1].blocks if self._open else self.body
            if table.cells:
                table.rows.append(_Row(table.start, table.edges, table.cells))
            if table.rows:
                around.append(_drawn(table.rows))
            around += table.blocks


def _drawn(rows: list[_Row]) -> Table:
    if any(len(row.edges) < len(row.cells) for row in rows):
        return Table(tuple(tuple(Cell(cell) for cell in row.cells[:_MAX_EDGES]) for row in rows))
    places = _columns(rows)
    made: list[list[Cell]] = []
    growing: dict[int, tuple[int, int]] = {}  # column → row and place of the cell that covers what is below it
    for row in rows:
        cells: list[Cell] = []
        left = _nearest(places, row.start)
        if left:
            cells.append(Cell(columns=left))
        for blocks, edge in zip(row.cells, row.edges, strict=False):
            right = max(left + 1, _nearest(places, edge.right))
            if edge.left and cells:
                old = cells[-1]
                cells[-1] = Cell(old.blocks, old.columns + right - left, old.rows, old.fill)
            elif edge.above and left in growing:
                at, number = growing[left]
                old = made[at][number]
                made[at][number] = Cell(old.blocks, old.columns, old.rows + 1, old.fill)
            else:
                growing.pop(left, None)
                if edge.begins:
                    growing[left] = len(made), len(cells)
                cells.append(Cell(blocks, right - left, 1, edge.fill))
            left = right
        made.append(cells)
    widths = tuple(max(0, (after - before) // _TWIPS) for before, after in pairwise(places))
    return Table(tuple(map(tuple, made)), widths)


def _columns(rows: list[_Row]) -> list[int]:
    """Return where columns begin and end, in twips; those that are near each other are one."""
    edges = sorted({edge.right for row in rows for edge in row.edges} | {row.start for row in rows})
    places: list[int] = []
    for edge in edges:
        if (not places or edge - places[-1] > _NEAR) and len(places) <= _MAX_EDGES:
            places.append(edge)
    return places


def _nearest(places: list[int], edge: int) -> int:
    """Return the column that an edge belongs to."""
    return min(range(len(places)), key=lambda at: abs(places[at] - edge))
