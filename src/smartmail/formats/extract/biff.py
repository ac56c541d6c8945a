"""Excel before XML ([MS-XLS], BIFF8 and, without shared strings, BIFF5): sheets as lines of cells."""

import re
import struct
from collections.abc import Iterator
from typing import Final

from smartmail.formats import charset
from smartmail.formats.extract.out import Out, Unreadable

_FILEPASS, _BOUNDSHEET, _SST, _CONTINUE, _TXO, _BOF = 0x002F, 0x0085, 0x00FC, 0x003C, 0x01B6, 0x0809
_LABELSST, _LABEL, _NUMBER, _RK, _MULRK, _FORMULA, _STRING = 0x00FD, 0x0204, 0x0203, 0x027E, 0x00BD, 0x0006, 0x0207
_HEADER, _FOOTER = 0x0014, 0x0015
_WIDE, _RICH, _PHONETIC = 0x01, 0x08, 0x04


def extract(out: Out, octets: bytes) -> None:
    """Write the cells of all sheets. Raises Unreadable and Enough."""
    book = _Book(out)
    for number, (kind, payloads) in enumerate(records(octets)):
        if not number % 1_000:
            out.tick()
        if kind == _FILEPASS:
            raise Unreadable("encrypted")
        try:
            book.take(kind, payloads)
        except (struct.error, IndexError):
            out.note("damaged")
    out.line()
    for index, value in enumerate(book.strings):
        if index not in book.used:
            out.add(value + "\n")


def records(octets: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Give (type, payload and its continuations)."""
    at, held = 0, None
    while at + 4 <= len(octets):
        kind, size = struct.unpack_from("<HH", octets, at)
        payload = octets[at + 4 : at + 4 + size]
        at += 4 + size
        if kind == _CONTINUE and held is not None:
            held[1].append(payload)
            continue
        if held is not None:
            yield held
        held = (kind, [payload])
    if held is not None:
        yield held


class _Book:
    def __init__(self, out: Out) -> None:
        self.out = out
        self.strings: list[str] = []
        self.used: set[int] = set()
        self._row = -1
        self._wide = True  # BIFF8: names and labels are Unicode

    def take(self, kind: int, payloads: list[bytes]) -> None:
        payload = payloads[0]
        if kind == _SST:
            self.strings = list(shared_strings(self.out, payloads))
        elif kind == _BOF:
            self._wide = payload[:2] == b"\x00\x06"
        elif kind == _BOUNDSHEET:
            self._end_row()
            self.out.add(self._short(payload[6:]) + "\n")
        elif kind in {_LABELSST, _LABEL, _NUMBER, _RK, _FORMULA}:
            self._cell(struct.unpack_from("<H", payload)[0], self._value(kind, payload))
        elif kind == _MULRK:
            (row,) = struct.unpack_from("<H", payload)
            for at in range(6, len(payload) - 5, 6):
                self._cell(row, _rk(payload[at : at + 4]))
        elif kind in {_HEADER, _FOOTER} and payload:
            self._end_row()
            words = without_codes(self._long(payload))
            self.out.label(words)
            self.out.add(words + "\n")
        elif kind == _STRING:
            self._cell(self._row, self._long(payload))
        elif kind == _TXO and len(payloads) > 1 and payloads[1]:
            self._end_row()
            self.out.add(characters(payloads[1][1:], wide=bool(payloads[1][0] & _WIDE)) + "\n")

    def _value(self, kind: int, payload: bytes) -> str:
        if kind == _LABELSST:
            index = int(struct.unpack_from("<I", payload, 6)[0])
            if index >= len(self.strings):
                return ""
            self.used.add(index)
            return self.strings[index]
        if kind == _LABEL:
            return self._long(payload[6:])
        if kind == _RK:
            return _rk(payload[6:10])
        if kind == _FORMULA and payload[12:14] == b"\xff\xff":
            return ""  # a text or an error: the text follows in a record of its own
        return decimal(float(struct.unpack_from("<d", payload, 6)[0]))

    def _short(self, octets: bytes) -> str:
        if not self._wide:
            return charset.decode(octets[1 : 1 + octets[0]])[0]
        count, flags = octets[0], octets[1]
        return characters(octets[2 : 2 + count * (1 + (flags & _WIDE))], wide=bool(flags & _WIDE))

    def _long(self, octets: bytes) -> str:
        (count,) = struct.unpack_from("<H", octets)
        if not self._wide:
            return charset.decode(octets[2 : 2 + count])[0]
        flags = octets[2]
        return characters(octets[3 : 3 + count * (1 + (flags & _WIDE))], wide=bool(flags & _WIDE))

    def _cell(self, row: int, value: str) -> None:
        if not value:
            return
        if row != self._row:
            self._end_row()
            self._row = row
            self.out.add(value)
        else:
            self.out.add("\t" + value)

    def _end_row(self) -> None:
        self._row = -1
        self.out.line()


# What may be between the words of a header: position, font, size, colour, marks, page number, date, names.
_HEADER_CODES: Final = re.compile(r'&(?:&|"[^"]*"|\d+|K[0-9A-F]{6}|K\d{2}[+-]\d{3}|[A-Z])')


def without_codes(text: str) -> str:
    """Return the words of a header or footer of a sheet."""
    return _HEADER_CODES.sub(lambda code: "&" if code[0] == "&&" else " ", text).strip()


def characters(octets: bytes, *, wide: bool) -> str:
    """Return characters of one or two octets each."""
    return octets.decode("utf-16-le", "replace") if wide else octets.decode("latin-1")


def _rk(octets: bytes) -> str:
    return decimal(rk(octets))


def rk(octets: bytes) -> float:
    """Return a number of four octets (§2.5.217)."""
    (number,) = struct.unpack("<I", octets)
    if number & 2:
        value: float = (number >> 2) - (1 << 30 if number & 0x80000000 else 0)
    else:
        (value,) = struct.unpack("<d", b"\0\0\0\0" + struct.pack("<I", number & 0xFFFFFFFC))
    return value / 100 if number & 1 else value


def decimal(value: float) -> str:
    """Return a number as cells show it, without a format."""
    return str(int(value)) if abs(value) < 1e15 and value == int(value) else repr(value)


class _Pieces:
    """Octets of a record and its continuations. Characters that a cut divides begin anew with their width."""

    def __init__(self, payloads: list[bytes]) -> None:
        self._payloads = payloads
        self._index, self._at = 0, 0

    def take(self, count: int) -> bytes:
        taken = bytearray()
        while len(taken) < count and self._more():
            piece = self._payloads[self._index][self._at : self._at + count - len(taken)]
            self._at += len(piece)
            taken += piece
        return bytes(taken)

    def characters(self, count: int, *, wide: bool) -> str:
        pieces: list[str] = []
        while count > 0:
            if self._at >= len(self._payloads[self._index]):
                if self._index + 1 >= len(self._payloads):
                    break
                self._index, self._at = self._index + 1, 1
                wide = bool(self._payloads[self._index][:1] and self._payloads[self._index][0] & _WIDE)
            room = len(self._payloads[self._index]) - self._at
            number = min(count, room // 2 if wide else room)
            if number <= 0:
                self._at = len(self._payloads[self._index])
                continue
            size = number * 2 if wide else number
            pieces.append(characters(self._payloads[self._index][self._at : self._at + size], wide=wide))
            self._at += size
            count -= number
        return "".join(pieces)

    def _more(self) -> bool:
        while self._at >= len(self._payloads[self._index]):
            if self._index + 1 >= len(self._payloads):
                return False
            self._index, self._at = self._index + 1, 0
        return True


def shared_strings(out: Out, payloads: list[bytes]) -> Iterator[str]:
    """Give the strings of a workbook, of the payloads of its SST (§2.4.265). Raises Enough."""
    pieces, room = _Pieces(payloads), out.limits.chars
    _, total = struct.unpack("<II", pieces.take(8).ljust(8, b"\0"))
    for number in range(total):
        head = pieces.take(3)
        if len(head) < 3:
            return
        if not number % 1_000:
            out.tick()
        count, flags = struct.unpack("<HB", head)
        runs = int.from_bytes(pieces.take(2), "little") if flags & _RICH else 0
        phonetic = int.from_bytes(pieces.take(4), "little") if flags & _PHONETIC else 0
        text = pieces.characters(count, wide=bool(flags & _WIDE))
        pieces.take(runs * 4)
        pieces.take(phonetic)
        room -= len(text)
        if room < 0:
            out.note("limits")
            return
        yield text
