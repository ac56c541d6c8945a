"""Two tables of countries of independent making, compared: what both say holds, what they dispute is unknown.

PURPOSE     A table that is wrong shuts people out who come from home. Where two makers who do not copy from each other say
            the same, it is right nearly always; where they differ nobody can tell from outside who is.
STRATEGIES  What a registry's database says of space that the registry itself holds is no country of anybody's network (its
            root object names the country of the registry's seat): it is dropped, and the delegation stands in.
            A unit of the table (/24, /48) holds a country only where both name that one for all of it.
Must not know files: rows in, rows out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv6Network
from itertools import pairwise
from typing import Final, NamedTuple

from smartmail.formats.geo_table import Range, change_points

UNITS: Final = {4: 8, 6: 80}
"""By how many bits an address is shifted to the number of its unit: /24 and /48."""
NO_COUNTRIES: Final = frozenset({"EU", "AP", "ZZ"})
"""Codes of registries for regions; no country has them."""
_SEATS: Final = {
    "AU": ("2001:200::/23", "2001:c00::/23", "2001:e00::/23", "2001:4400::/23", "2001:8000::/19", "2001:a000::/20",
           "2001:b000::/20", "2400::/12"),
    "MU": ("2001:4200::/23", "2c00::/12"),
    "UY": ("2001:1200::/23", "2800::/12"),
}  # fmt: skip
"""Country of a registry's seat: the space that the registry hands out (IANA, IPv6 Global Unicast Address Assignments)."""
_HELD: Final = tuple(
    (int(network.network_address), int(network.broadcast_address), seat)
    for seat, texts in _SEATS.items()
    for network in map(IPv6Network, texts)
)


class Piece(NamedTuple):
    """Addresses from `first` to `last` for which each table has one answer, "" for none, in the tables' order."""

    first: int
    last: int
    values: tuple[str, ...]


class Answer(NamedTuple):
    """What the makers say of the units `first` to `last` of one announced network (shifted by UNITS)."""

    version: int
    first: int
    last: int
    asn: str
    one: str
    other: str

    @property
    def units(self) -> int:
        return self.last - self.first + 1


def flat(rows: list[Range], version: int) -> list[Range]:
    """Return the rows of one family in order, none over another: where two overlap the narrower one holds."""
    points = change_points(rows, 0)
    ends = [first for first, _value in points[1:]] + [1 << (32 if version == 4 else 128)]
    return [Range(version, first, end - 1, value) for (first, value), end in zip(points, ends, strict=True) if value]


def pieces(tables: Sequence[Sequence[Range]]) -> Iterator[Piece]:
    """Yield where something changes in any of the tables of one family; each is in order, no range overlaps another.

    Raises ValueError for a table that is not so.
    """
    for table in tables:
        if any(right.first <= left.last for left, right in pairwise(table)):
            raise ValueError("ranges overlap or are not in order")
    points = sorted({point for table in tables for row in table for point in (row.first, row.last + 1)})
    at = [0] * len(tables)
    for first, end in pairwise(points):
        values = []
        for number, table in enumerate(tables):
            here = at[number]
            while here < len(table) and table[here].last < first:
                here += 1
            at[number] = here
            values.append(table[here].value if here < len(table) and table[here].first <= first else "")
        if any(values):
            yield Piece(first, end - 1, tuple(values))


def registry_rows(whois: Sequence[Range], delegations: Sequence[Range], version: int) -> list[Range]:
    """Return what the registries say of one family: their databases without placeholders, delegations in the gaps."""
    found: list[Range] = []
    for first, last, (entry, delegated) in pieces((whois, delegations)):
        dropped = entry in NO_COUNTRIES or (entry != delegated and version == 6 and _is_seat(first, entry))
        value = (delegated if dropped else entry) or delegated
        if value and value not in NO_COUNTRIES:
            _join(found, Range(version, first, last, value))
    return found


def agreed(one: Sequence[Range], other: Sequence[Range], version: int) -> list[Range]:
    """Return the whole units for which both tables name one country; one family."""
    joined: list[Range] = []
    for first, last, (left, right) in pieces((one, other)):
        if left and left == right:
            _join(joined, Range(version, first, last, left))
    shift, found = UNITS[version], []
    for row in joined:
        start, end = -(-row.first >> shift), (row.last + 1) >> shift
        if start < end:
            found.append(Range(version, start << shift, (end << shift) - 1, row.value))
    return found


def answers(announced: Sequence[Range], one: Sequence[Range], other: Sequence[Range], version: int) -> Iterator[Answer]:
    """Yield what both makers say of each announced network, unit by unit where that changes; parts of units left out."""
    shift = UNITS[version]
    for first, last, (asn, left, right) in pieces((announced, one, other)):
        start, end = -(-first >> shift), (last + 1) >> shift
        if asn and start < end:
            yield Answer(version, start, end - 1, asn, left, right)


class Figures(NamedTuple):
    """Of the announced networks of a country: how many, and how many units, each maker puts there, and both."""

    networks: int
    units: int
    both_networks: int
    both_units: int


def figures(found: Iterable[Answer], country: str) -> tuple[Figures, Figures]:
    """Return how much of what the first, and of what the second, maker puts in a country the other puts there too."""
    counted = [[0, 0, 0, 0], [0, 0, 0, 0]]
    for answer in found:
        both = answer.one == answer.other
        for row, value in zip(counted, (answer.one, answer.other), strict=True):
            if value == country:
                row[0] += 1
                row[1] += answer.units
                row[2] += both
                row[3] += answer.units * both
    return Figures(*counted[0]), Figures(*counted[1])


def disputes(found: Iterable[Answer]) -> Counter[tuple[str, str]]:
    """Return how many units the makers dispute, by what they say; "" says nothing."""
    counted: Counter[tuple[str, str]] = Counter()
    for answer in found:
        if answer.one != answer.other:
            counted[answer.one, answer.other] += answer.units
    return counted


def _is_seat(first: int, value: str) -> bool:
    return any(start <= first <= end and seat == value for start, end, seat in _HELD)


def _join(rows: list[Range], row: Range) -> None:
    """Add a range; one that goes on where the last ends, with its value, becomes part of that."""
    if rows and rows[-1].last + 1 == row.first and rows[-1].value == row.value:
        row = rows.pop()._replace(last=row.last)
    rows.append(row)
