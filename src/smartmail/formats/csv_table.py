"""Tables as spreadsheets write them: CSV in whatever spelling a person's Excel chose, and CSV that Excel opens well.

STRATEGIES  The spelling is found out: a byte order mark says UTF-8 or UTF-16; without one UTF-8 is tried, then CP949, what
            Korean Excel writes. Others are named. The separator is whichever of `,` `;` and tab stands most often in the
            first line outside quotation marks. Lines are RFC 4180's, with line ends inside quotes.
LIMITS      MAX_OCTETS, MAX_ROWS, MAX_COLUMNS, MAX_CELL: more is refused.
FAILURE     TableError with the line.
SECURITY    A cell that a spreadsheet would run as a formula is written with a ' before it, and read without.
Must not know what the columns mean.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final

MAX_OCTETS: Final = 32 << 20
MAX_ROWS: Final = 200_000
MAX_COLUMNS: Final = 200
MAX_CELL: Final = 10_000
SEPARATORS: Final = ",;\t"
ENCODINGS: Final = ("utf-8", "utf-16", "cp949", "shift_jis", "cp932", "euc-jp", "gb18030", "big5")
_MARK: Final = "\ufeff"
_FORMULA: Final = re.compile(r"'*[=+\-@|%]")
"""Also what has ' before it already: so what is read is what was written."""
_SHIELDED: Final = re.compile(r"'+[=+\-@|%]")


class TableError(Exception):
    """A file that is no table. `code`: encoding, quotes, empty, size, rows, columns, cell."""

    def __init__(self, code: str, line: int = 0) -> None:
        super().__init__(f"{code} (line {line})" if line else code)
        self.code = code
        self.line = line


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: the line that it begins in, and as many cells as the header has; `more`: it had more than that."""

    line: int
    cells: tuple[str, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows, and how they were written."""

    header: tuple[str, ...]
    rows: tuple[TableRow, ...]
    encoding: str
    separator: str


def read(octets: bytes, encoding: str = "") -> Table:
    """Return a table; empty rows are left out, blanks around cells are gone. Raises TableError."""
    if len(octets) > MAX_OCTETS:
        raise TableError("size")
    text, spelling = _decoded(octets, encoding)
    text, separator = _separated(text)
    header: tuple[str, ...] = ()
    rows: list[TableRow] = []
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    try:
        for raw in reader:
            line, begins = begins, reader.line_num + 1
            cells = _cells(raw, line)
            if not any(cells):
                continue
            if not header:
                header = _header(cells)
                continue
            if len(rows) >= MAX_ROWS:
                raise TableError("rows", line)
            rows.append(_row(line, cells, len(header)))
    except csv.Error:
        raise TableError("quotes", begins) from None
    if not header:
        raise TableError("empty")
    return Table(header, tuple(rows), spelling, separator)


def write(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table in UTF-8 with its mark, lines as RFC 4180 has them, without formulas."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return (_MARK + out.getvalue()).encode("utf-8", "replace")


def _decoded(octets: bytes, encoding: str) -> tuple[str, str]:
    if encoding:
        if encoding.lower() not in ENCODINGS:
            raise TableError("encoding")
        tried: tuple[str, ...] = (encoding.lower(),)
    elif octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        tried = ("utf-16",)
    elif b"\0" in octets[:200]:
        # Without a mark: ASCII signs, such as separators, say which octet comes first.
        tried = ("utf-16-be" if octets[:200:2].count(0) > octets[1:200:2].count(0) else "utf-16-le",)
    else:
        tried = ("utf-8", "cp949")
    for spelling in tried:
        try:
            return octets.decode(spelling).removeprefix(_MARK), spelling
        except UnicodeError:
            continue
    raise TableError("encoding")


def _separated(text: str) -> tuple[str, str]:
    """Return the text and its separator; Excel's own line `sep=;` says it."""
    first, _, rest = text.partition("\n")
    said = first.strip().lower()
    if said.startswith("sep=") and len(said) == 5 and said[4] in SEPARATORS:
        return "\n" + rest, said[4]
    if first.strip("\r").lower() == "sep=\t":
        return "\n" + rest, "\t"
    outside = "".join(first.split('"')[::2])
    return text, max(SEPARATORS, key=outside.count)


def _cells(raw: list[str], line: int) -> list[str]:
    if len(raw) > MAX_COLUMNS:
        raise TableError("columns", line)
    if any(len(cell) > MAX_CELL for cell in raw):
        raise TableError("cell", line)
    return [_plain(cell) for cell in raw]


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if _SHIELDED.match(cell) else cell


def _header(cells: list[str]) -> tuple[str, ...]:
    while not cells[-1]:
        cells.pop()
    return tuple(cells)


def _row(line: int, cells: list[str], width: int) -> TableRow:
    return TableRow(line, tuple((cells + [""] * width)[:width]), more=any(cells[width:]))


def _safe(cell: str) -> str:
    cell = cell.strip()
    return "'" + cell if _FORMULA.match(cell) else cell
