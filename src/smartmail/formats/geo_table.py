"""Tables of addresses: which country, or which network (AS), a range of addresses belongs to.

NAME      geo table
PURPOSE   One compact form for every source: the tables that we ship, and those that an administrator brings. Look-ups
          bisect arrays that lie in a mapped file, so that opening one costs nothing and processes share the memory.
LIMITS    IPv6 is told apart down to /64. At most 2^24 different values, `MAX_RANGES` ranges.
FAILURE   GeoTableError for octets that are no table or are damaged; looking up never fails.
STANDARDS RFC 1918, 4193, 4291, 6598, 3927 (addresses that belong to no country); RFC 4291 §2.5.5.2 (IPv4-mapped).

Layout    "SMGT" version(1) 0 0 0, octets of the JSON head (4), head, then arrays, little-endian, each at a multiple of 8:
          for IPv4 and then IPv6 the upper and the lower part of the ranges' first addresses and the numbers of their
          values (16 and 8 bits). A range ends where the next begins; value 0 stands for nothing. Address shifted right by
          `shift` is upper and lower part together.
"""

import hashlib
import ipaddress
import json
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple, TypeGuard

Kind = Literal["country", "asn"]
KINDS: Final[tuple[Kind, ...]] = ("country", "asn")
MAX_RANGES: Final = 8_000_000
MAX_HEAD: Final = 4 << 20
_LITTLE: Final = array("H", [1]).tobytes() == b"\1\0"
"""Whether this machine's arrays lie as those of a table do."""
_MAGIC: Final = b"SMGT\1\0\0\0"
_START: Final = len(_MAGIC) + 4
_V6_SHIFT: Final = 64
_INSIDE: Final = tuple(
    ipaddress.ip_network(one)
    for one in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10", "0.0.0.0/8",
        "::/127", "fe80::/10", "fc00::/7", "fec0::/10",
    )
)  # fmt: skip
_INSIDE_4: Final = tuple((int(one.network_address), int(one.broadcast_address)) for one in _INSIDE if one.version == 4)
_INSIDE_6: Final = tuple((int(one.network_address), int(one.broadcast_address)) for one in _INSIDE if one.version == 6)


class GeoTableError(Exception):
    """Octets that are no table of ours, or rows that make none; the text is for administrators."""


class Range(NamedTuple):
    """Addresses from `first` to `last` of one family and what they belong to: a country's code or an AS number."""

    version: int
    first: int
    last: int
    value: str


class Facts(NamedTuple):
    """Where a table comes from. `date` as YYYY-MM-DD."""

    kind: Kind
    source: str
    licence: str
    date: str


class Address(NamedTuple):
    """An address as a number; IPv4 in IPv6 is IPv4."""

    version: int
    number: int


@lru_cache(4096)  # mail comes from the same hosts again and again
def parse_address(text: str) -> Address | None:
    """Return an address, None for what is none. A zone (`%eth0`) is left away."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return Address(address.version, int(address))


def is_inside(address: Address) -> bool:
    """Say whether an address belongs to a private network, to a link or to the host itself."""
    ranges = _INSIDE_4 if address.version == 4 else _INSIDE_6
    return any(first <= address.number <= last for first, last in ranges)


class _Family(NamedTuple):
    """One family's arrays: first addresses in two parts, and the numbers of values in two parts."""

    shift: int
    low_bits: int
    high: Sequence[int]
    low: Sequence[int]
    value_low: Sequence[int]
    value_high: Sequence[int]

    def find(self, number: int) -> int:
        """Return the number of the value of an address."""
        key = number >> self.shift
        high, low = key >> self.low_bits, key & ((1 << self.low_bits) - 1)
        start = bisect_left(self.high, high)
        end = bisect_right(self.high, high, start)
        at = bisect_right(self.low, low, start, end) - 1
        return 0 if at < 0 else self.value_low[at] | self.value_high[at] << 16


class GeoTable:
    """A table that was opened."""

    def __init__(self, octets: Any) -> None:
        """Open what `build` made, from bytes or a mapping. Raises GeoTableError."""
        view = memoryview(octets)
        head, self._at = _head(view)
        try:
            self.facts = Facts(head["kind"], head["source"], head["licence"], head["date"])
            self._values: list[str] = ["", *head["values"]]
            self.digest: str = head["sha256"]
            self.ranges: int = sum(one["count"] for one in head["families"])
            self._four, self._six = (self._family(view, one) for one in head["families"])
        except (KeyError, TypeError, ValueError) as error:
            raise GeoTableError("the table is damaged or of another version") from error
        self._view = view

    def look(self, address: Address) -> str:
        """Return what an address belongs to, "" where the table does not say."""
        family = self._four if address.version == 4 else self._six
        number = family.find(address.number)
        return self._values[number] if number < len(self._values) else ""

    def check(self) -> None:
        """Raise GeoTableError unless every octet is as it was written and the order is right."""
        start = _padded(_START + int.from_bytes(self._view[8:12], "little"))
        if hashlib.sha256(self._view[start:]).hexdigest() != self.digest:
            raise GeoTableError("the table is damaged")
        for one in (self._four, self._six):
            keys = [high << one.low_bits | low for high, low in zip(one.high, one.low, strict=True)]
            if any(left >= right for left, right in pairwise(keys)):
                raise GeoTableError("the table is not in order")

    def _family(self, view: memoryview, one: dict[str, Any]) -> _Family:
        count = one["count"]
        high = self._array(view, "H" if one["version"] == 4 else "I", count)
        low = self._array(view, _code(one["low_bits"]), count)
        value_low = self._array(view, "H", count)
        value_high = self._array(view, "B", count) if one["wide"] else _Zeros(count)
        return _Family(one["shift"], one["low_bits"], high, low, value_low, value_high)

    def _array(self, view: memoryview, code: str, count: int) -> Sequence[int]:
        start = self._at
        end = start + count * array(code).itemsize
        if count < 0 or end > len(view):
            raise GeoTableError("the table is cut short")
        self._at = _padded(end)
        part = view[start:end]
        if _LITTLE:
            return part.cast(code)  # type: ignore[call-overload,no-any-return]
        turned = array(code, part.tobytes())
        turned.byteswap()
        return turned


class _Zeros(Sequence[int]):
    """The upper parts of values where no value needs them."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> Any:
        return 0


def _head(view: memoryview) -> tuple[dict[str, Any], int]:
    if bytes(view[: len(_MAGIC)]) != _MAGIC or len(view) < _START:
        raise GeoTableError("this is no table of SmartMail's")
    length = int.from_bytes(view[8:12], "little")
    if length > MAX_HEAD or _START + length > len(view):
        raise GeoTableError("the table is cut short")
    try:
        head = json.loads(bytes(view[_START : _START + length]))
    except ValueError as error:
        raise GeoTableError("the table is damaged") from error
    if not isinstance(head, dict) or head.get("kind") not in KINDS:
        raise GeoTableError("the table is damaged or of another version")
    return head, _padded(_START + length)


def _padded(at: int) -> int:
    return at + -at % 8


def _code(bits: int) -> str:
    codes = {8: "B", 16: "H", 32: "I"}
    return codes[bits]


# -- making --------------------------------------------------------------------------------------------------------


def build(facts: Facts, rows: Iterable[Range], *, coarse: bool = False) -> bytes:
    """Return a table of ranges; where two overlap the narrower one holds. Raises GeoTableError.

    `coarse` tells apart no more than what is routed between networks, /24 and /48, and so makes a small table.
    """
    families: dict[int, list[Range]] = {4: [], 6: []}
    count = 0
    for row in rows:
        families[row.version].append(row)
        count += 1
        if count > MAX_RANGES:
            raise GeoTableError(f"more than {MAX_RANGES:,} ranges")
    if not count:
        raise GeoTableError("no range of addresses in it")
    numbers: dict[str, int] = {"": 0}
    heads, arrays = [], []
    for version, found in families.items():
        shift = (8 if coarse else 0) if version == 4 else (80 if coarse else _V6_SHIFT)
        points = change_points(found, shift)
        for _key, value in points:
            numbers.setdefault(value, len(numbers))
        head, made = _packed(version, shift, points, numbers)
        heads.append(head)
        arrays += made
    if len(numbers) > 1 << 24:
        raise GeoTableError("too many different values")
    body = bytearray()
    for one in arrays:
        body += bytes(-len(body) % 8) + _octets(one)
    document = facts._asdict() | {
        "values": list(numbers)[1:], "families": heads, "sha256": hashlib.sha256(body).hexdigest(),
    }  # fmt: skip
    written = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    prefix = _MAGIC + len(written).to_bytes(4, "little") + written
    return prefix + bytes(-len(prefix) % 8) + bytes(body)


def change_points(rows: list[Range], shift: int) -> list[tuple[int, str]]:
    """Return where something else begins, and what; ranges may lie inside of others but not across their ends."""
    rows.sort(key=lambda row: (row.first, -row.last))
    points: list[tuple[int, str]] = []
    around: list[tuple[int, str]] = []
    for row in rows:
        while around and around[-1][0] < row.first:
            end, _value = around.pop()
            _put(points, _up(end + 1, shift), around[-1][1] if around else "")
        _put(points, row.first >> shift, row.value)
        around.append((min(row.last, around[-1][0]) if around else row.last, row.value))
    while around:
        end, _value = around.pop()
        _put(points, _up(end + 1, shift), around[-1][1] if around else "")
    return points


def _up(number: int, shift: int) -> int:
    return (number + (1 << shift) - 1) >> shift


def _put(points: list[tuple[int, str]], key: int, value: str) -> None:
    """Add a point; what shares its key with an earlier one replaces it, what changes nothing is left out."""
    while points and points[-1][0] >= key:
        points.pop()
    if (points[-1][1] if points else "") != value:
        points.append((key, value))


def _packed(
    version: int, shift: int, points: list[tuple[int, str]], numbers: dict[str, int]
) -> tuple[dict[str, Any], list["array[int]"]]:
    width = (32 if version == 4 else 128) - shift
    # Nothing begins behind the last address.
    points = [point for point in points if not point[0] >> width]
    high_bits = 16 if version == 4 else 32
    low_bits = width - high_bits
    mask = (1 << low_bits) - 1
    values = [numbers[value] for _key, value in points]
    wide = any(value > 0xFFFF for value in values)
    arrays = [
        array("H" if version == 4 else "I", [key >> low_bits for key, _value in points]),
        array(_code(low_bits), [key & mask for key, _value in points]),
        array("H", [value & 0xFFFF for value in values]),
    ]
    if wide:
        arrays.append(array("B", [value >> 16 for value in values]))
    head = {"version": version, "shift": shift, "low_bits": low_bits, "count": len(points), "wide": wide}
    return head, arrays


def _octets(numbers: "array[int]") -> bytes:
    if not _LITTLE:
        numbers.byteswap()
    return numbers.tobytes()


# -- reading what others publish ------------------------------------------------------------------------------------


def rows_of_csv(lines: Iterable[Sequence[str]], kind: Kind) -> list[Range]:
    """Return the ranges of a CSV: `first,last,value[,…]` or `network/prefix,value[,…]`; addresses may be numbers.

    The value is a country's two letters, or an AS number with or without `AS`. A first line of words is passed over.
    Raises GeoTableError with the line.
    """
    found: list[Range] = []
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line]
        if not any(cells) or cells[0].startswith("#"):
            continue
        row = _row(cells, kind)
        if row is None:
            if number == 1:
                continue
            raise GeoTableError(f"line {number} is no range of addresses with a value: {','.join(cells)[:80]}")
        if row.value:
            found.append(row)
    return found


def _row(cells: list[str], kind: Kind) -> Range | None:
    try:
        if "/" in cells[0]:
            network = ipaddress.ip_network(cells[0], strict=False)
            first, last = Address(network.version, int(network.network_address)), int(network.broadcast_address)
            value = cells[1]
        else:
            first, end = _end(cells[0], cells[1]), _end(cells[1], cells[1])
            if first.version != end.version:
                return None
            last, value = end.number, cells[2]
    except (ValueError, IndexError):
        return None
    text = _value(value, kind)
    return None if text is None or last < first.number else Range(first.version, first.number, last, text)


def _end(text: str, other: str) -> Address:
    """Return an end of a range, also one written as a number; those of a range beyond 32 bits are IPv6."""
    if text.isdecimal():
        return Address(6 if int(other) >> 32 else 4, int(text))
    address = ipaddress.ip_address(text)
    return Address(address.version, int(address))


def _value(text: str, kind: Kind) -> str | None:
    """Return a value as it is kept, "" for one that says nothing, None for what is none."""
    if kind == "asn":
        digits = text.upper().removeprefix("AS")
        if not digits.isdecimal() or int(digits) >= 1 << 32:
            return None
        return "" if int(digits) == 0 else str(int(digits))
    if not text or text in {"-", "ZZ", "None"}:
        return ""
    return text.upper() if is_country(text.upper()) else None


def is_country(text: str | None) -> TypeGuard[str]:
    """Say whether a text has the form of a country's code (ISO 3166-1 alpha-2)."""
    return text is not None and len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()
