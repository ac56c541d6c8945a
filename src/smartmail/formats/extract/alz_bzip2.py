"""The bzip2 of ALZ archives: its blocks have other marks and no checksums, so that no library reads them.

A stream is a chain of blocks, aligned to bits: `DLZ` 1, then what bzip2 writes of a block from the place of its first
letter on; `DLZ` 2 ends it. Slow, about a megabyte a second: `out.tick` is asked often.
"""

from array import array
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from smartmail.formats.extract import inflating
from smartmail.formats.extract.out import Out, Unreadable

_BLOCK, _END = 0x444C5A01, 0x444C5A02
_MAX_BLOCK: Final = 900_000
_GROUP: Final = 50
_MAX_LENGTH: Final = 20
_RUN_A, _RUN_B = 0, 1
_RUN_OF: Final = 4
_TICK_EVERY: Final = 200  # groups of symbols
_CHUNK: Final = 8


class _Bits:
    """Bits of a stream, the highest of an octet first. Raises Unreadable behind its end."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0
        self._held = 0
        self.count = 0

    def take(self, count: int) -> int:
        while self.count < count:
            self._fill()
        self.count -= count
        value = self._held >> self.count
        self._held &= (1 << self.count) - 1
        return value

    def _fill(self) -> None:
        chunk = self._octets[self._at : self._at + _CHUNK]
        if not chunk:
            raise Unreadable("damaged")
        self._at += len(chunk)
        self._held = self._held << 8 * len(chunk) | int.from_bytes(chunk, "big")
        self.count += 8 * len(chunk)

    def symbol(self, table: "_Table") -> int:
        """Return the symbol of the next code, which grows by a bit until it is one of its length."""
        length = table.shortest
        code = self.take(length)
        while code > table.limits[length]:
            length += 1
            if length > _MAX_LENGTH:
                raise Unreadable("damaged")
            code = code << 1 | self.take(1)
        place = code - table.bases[length]
        if not 0 <= place < len(table.symbols):
            raise Unreadable("damaged")
        return table.symbols[place]


class _Table:
    """A canonical code. `limits`: the last code of each length, -1 for none; `bases`: what makes a code a place."""

    def __init__(self, lengths: list[int]) -> None:
        self.symbols = [symbol for _, symbol in sorted((length, symbol) for symbol, length in enumerate(lengths))]
        self.shortest = min(lengths)
        self.limits, self.bases = [-1] * (_MAX_LENGTH + 1), [0] * (_MAX_LENGTH + 1)
        code, place = 0, 0
        for length in range(1, _MAX_LENGTH + 1):
            count = lengths.count(length)
            self.bases[length] = code - place
            code += count
            place += count
            self.limits[length] = code - 1
            code <<= 1


def unpacked(out: Out, packed: bytes | memoryview) -> Iterator[bytes]:
    """Give the octets of each block. Raises Unreadable where the stream is damaged, and Enough."""
    bits, total = _Bits(bytes(packed)), 0
    while (mark := bits.take(32)) == _BLOCK:
        octets = _block(out, bits)
        total += len(octets)
        out.unpacked(len(octets))
        inflating.judge(out, total, len(packed))
        yield octets
    if mark != _END:
        raise Unreadable("damaged")


def _block(out: Out, bits: _Bits) -> bytes:
    first = bits.take(24)
    used = [
        row * 16 + column
        for row, taken in enumerate(_flags(bits, 16))
        if taken
        for column, there in enumerate(_flags(bits, 16))
        if there
    ]
    count, selectors = bits.take(3), bits.take(15)
    if not used or not 2 <= count <= 6 or not selectors:
        raise Unreadable("damaged")
    order = _selectors(bits, selectors, count)
    tables = [_Table(_lengths(bits, len(used) + 2)) for _ in range(count)]
    letters = _letters(out, bits, used, [tables[number] for number in order])
    if first >= len(letters):
        raise Unreadable("damaged")
    return _without_runs(out, _sorted_back(letters, first))


def _flags(bits: _Bits, count: int) -> list[bool]:
    value = bits.take(count)
    return [bool(value >> place & 1) for place in reversed(range(count))]


def _selectors(bits: _Bits, number: int, count: int) -> list[int]:
    recent, order = list(range(count)), []
    for _ in range(number):
        place = 0
        while bits.take(1):
            place += 1
            if place >= count:
                raise Unreadable("damaged")
        recent.insert(0, recent.pop(place))
        order.append(recent[0])
    return order


def _lengths(bits: _Bits, symbols: int) -> list[int]:
    length, lengths = bits.take(5), []
    for _ in range(symbols):
        while bits.take(1):
            length += -1 if bits.take(1) else 1
            if not 1 <= length <= _MAX_LENGTH:
                raise Unreadable("damaged")
        if not 1 <= length <= _MAX_LENGTH:
            raise Unreadable("damaged")
        lengths.append(length)
    return lengths


def _letters(out: Out, bits: _Bits, used: list[int], tables: list[_Table]) -> bytearray:
    """Undo Huffman codes, move-to-front and runs of the first letter."""
    recent, letters, end = used[:], bytearray(), len(used) + 1
    run, weight = 0, 1
    for number, table in enumerate(tables):
        if not number % _TICK_EVERY:
            out.tick()
        for _ in range(_GROUP):
            symbol = bits.symbol(table)
            if symbol <= _RUN_B:
                run += weight << symbol
                weight <<= 1
                if run > _MAX_BLOCK:
                    raise Unreadable("damaged")
                continue
            if run:
                letters += bytes(recent[:1]) * run
                run, weight = 0, 1
            if symbol == end:
                return letters
            recent.insert(0, recent.pop(symbol - 1))
            letters.append(recent[0])
            if len(letters) > _MAX_BLOCK:
                raise Unreadable("damaged")
    raise Unreadable("damaged")


def _sorted_back(letters: bytearray, first: int) -> bytes:
    """Undo the Burrows-Wheeler transform."""
    counts = [letters.count(letter) for letter in range(256)]
    places = list(accumulate([0, *counts[:-1]]))
    follows = array("L", bytes(array("L").itemsize * len(letters)))
    for index, letter in enumerate(letters):
        follows[places[letter]] = index
        places[letter] += 1
    sorted_letters = bytearray(len(letters))
    at = follows[first]
    for index in range(len(letters)):
        sorted_letters[index] = letters[at]
        at = follows[at]
    return bytes(sorted_letters)


def _without_runs(out: Out, octets: bytes) -> bytes:
    """Undo the first step: four like octets are followed by how many more of them there are."""
    made, at, start, end = bytearray(), 0, 0, len(octets)
    while at < end:
        letter = octets[at]
        run = 1
        while run < _RUN_OF and at + run < end and octets[at + run] == letter:
            run += 1
        at += run
        if run == _RUN_OF:
            made += octets[start:at]
            more = octets[at] if at < end else 0
            made += bytes((letter,)) * more
            at += 1
            start = at
    out.tick()
    return bytes(made + octets[start:])
