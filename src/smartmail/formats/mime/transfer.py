"""Content transfer encodings (RFC 2045 §6), read: base64, quoted-printable, uuencode; anything else is identity.

Knows octets only. Nothing raises: junk is skipped, what is cut off at the end gives what is whole. Whole and
streamed decoding give the same octets.
"""

import binascii
import re
from typing import Final, Protocol

_B64_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_B64_JUNK: Final = bytes(octet for octet in range(256) if octet not in _B64_ALPHABET + b"=")
_LINE_END_BLANKS: Final = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n)")
_BLANKS_AT_END: Final = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n|\r?\Z)")
_UU_BEGIN: Final = re.compile(rb"begin(?:-base64)? [0-7]{3,4} ")
_MAX_LINE: Final = 1_000  # of quoted-printable held back while streaming; RFC 5322 §2.1.1 allows 998

_UU: Final = frozenset({"uuencode", "x-uuencode", "uue", "x-uue"})


class Decoder(Protocol):
    """Streamed decoding: `feed` octets as they come, then `finish`."""

    def feed(self, octets: bytes) -> bytes:
        """Return what can be decoded so far."""

    def finish(self) -> bytes:
        """Return the rest."""


def decoder(encoding: str) -> Decoder:
    """Return a decoder for a transfer encoding in lower case."""
    if encoding == "base64":
        return _Base64()
    if encoding == "quoted-printable":
        return _QuotedPrintable()
    return _Uuencode() if encoding in _UU else _Identity()


def decode_body(octets: bytes, encoding: str) -> bytes:
    """Return the decoded octets of a whole body, or of the beginning of one."""
    if encoding == "base64":
        return _decode_base64(octets)
    if encoding == "quoted-printable":
        return _decode_qp(octets)
    if encoding in _UU:
        stream = _Uuencode()
        return stream.feed(octets) + stream.finish()
    return octets


class Counter(Protocol):
    """Counts what decoding would give, without keeping it: `feed` octets as they come, then `finish`."""

    def feed(self, octets: bytes) -> None:
        """Count more octets."""

    def finish(self) -> int:
        """Return how many octets the whole decodes to: as many as `decode_body` gives."""


def counter(encoding: str) -> Counter | None:
    """Return a counter for a transfer encoding in lower case, None where decoding changes nothing."""
    if encoding == "base64":
        return _Base64Counter()
    if encoding == "quoted-printable":
        return _DecodingCounter(_QuotedPrintable())
    return _UuCounter(_Uuencode()) if encoding in _UU else None


class _Base64Counter:
    """Letters are counted, not decoded: each run of them ends at padding, as for the decoder."""

    def __init__(self) -> None:
        self._run = 0
        self._ended = 0

    def feed(self, octets: bytes) -> None:
        letters = octets.translate(None, _B64_JUNK)
        first, *rest = letters.split(b"=")
        self._run += len(first)
        for piece in rest:
            self._ended += _octets_of(self._run)
            self._run = len(piece)

    def finish(self) -> int:
        return self._ended + _octets_of(self._run)


def _octets_of(letters: int) -> int:
    """Return the octets in a run of letters; a single letter over holds none."""
    return letters // 4 * 3 + max(0, letters % 4 - 1)


class _DecodingCounter:
    """The encodings whose lines have to be understood: decoded piece by piece, and dropped."""

    def __init__(self, stream: Decoder) -> None:
        self._stream = stream
        self._octets = 0

    def feed(self, octets: bytes) -> None:
        self._octets += len(self._stream.feed(octets))

    def finish(self) -> int:
        return self._octets + len(self._stream.finish())


class _UuCounter(_DecodingCounter):
    """Each line costs as much as a block of other encodings: behind so many, which is 30 MB of a file, octets count as stored."""

    _room = 500_000

    def feed(self, octets: bytes) -> None:
        self._room -= octets.count(b"\n")
        if self._room >= 0:
            super().feed(octets)
        else:
            self._octets += len(octets)


def _decode_base64(octets: bytes) -> bytes:
    pad = octets.find(b"=")
    if pad < 0 or (not octets[pad : pad + 80].strip(b"=\r\n") and pad + 80 >= len(octets)):  # padding only at the end
        try:
            return binascii.a2b_base64(octets)
        except binascii.Error:
            pass
    stream = _Base64()
    return stream.feed(octets) + stream.finish()


class _Base64:
    def __init__(self) -> None:
        self._pending = b""

    def feed(self, octets: bytes) -> bytes:
        letters = self._pending + octets.translate(None, _B64_JUNK)
        *ended, rest = letters.split(b"=")
        whole = len(rest) & ~3
        self._pending = rest[whole:]
        out = [_whole_base64(piece) for piece in ended if piece]
        out.append(binascii.a2b_base64(rest[:whole]))
        return b"".join(out)

    def finish(self) -> bytes:
        rest, self._pending = self._pending, b""
        return _whole_base64(rest)


def _whole_base64(letters: bytes) -> bytes:
    """Decode a run of letters that ends here; a single letter over holds no whole octet."""
    over = len(letters) & 3
    if over == 1:
        letters, over = letters[:-1], 0
    return binascii.a2b_base64(letters + b"=" * (4 - over if over else 0))


def _decode_qp(octets: bytes, *, ended: bool = True) -> bytes:
    """Decode lines; RFC 2045 §6.7 rule 3: blanks at the end of a line were put there on the way, and go. `ended`: the end
    of the octets is the end of a line too.
    """
    if b" " in octets or b"\t" in octets:
        octets = (_BLANKS_AT_END if ended else _LINE_END_BLANKS).sub(b"", octets)
    return binascii.a2b_qp(octets)


class _QuotedPrintable:
    def __init__(self) -> None:
        self._pending = b""

    def feed(self, octets: bytes) -> bytes:
        octets = self._pending + octets
        cut = octets.rfind(b"\n") + 1
        if len(octets) - cut > _MAX_LINE:  # no line of mail: decode all but what may be half an escape, or end a line
            mark = octets.rfind(b"=", cut)
            cut = mark if mark >= len(octets) - _MAX_LINE and mark >= 0 else len(octets.rstrip(b" \t\r"))
        self._pending = octets[cut:]
        return _decode_qp(octets[:cut], ended=False)

    def finish(self) -> bytes:
        rest, self._pending = self._pending, b""
        return _decode_qp(rest)


class _Identity:
    def feed(self, octets: bytes) -> bytes:
        return octets

    def finish(self) -> bytes:
        return b""


class _Uuencode:
    """Lines between `begin` and `end`; a line that is damaged gives nothing."""

    def __init__(self) -> None:
        self._pending = b""
        self._inside = False

    def feed(self, octets: bytes) -> bytes:
        *lines, rest = (self._pending + octets).split(b"\n")
        self._pending = rest[-_MAX_LINE:]
        return b"".join([self._line(line) for line in lines])

    def finish(self) -> bytes:
        rest, self._pending = self._pending, b""
        return self._line(rest) if rest else b""

    def _line(self, line: bytes) -> bytes:
        line = line.rstrip(b"\r")
        if not self._inside:
            self._inside = _UU_BEGIN.match(line) is not None
            return b""
        if line == b"end":
            self._inside = False
            return b""
        try:
            return binascii.a2b_uu(line)
        except binascii.Error:
            return _damaged_uu(line)


def _damaged_uu(line: bytes) -> bytes:
    """Decode as many octets as the length octet promises; some encoders wrote too much padding."""
    promised = (line[0] - 32) & 63 if line else 0
    try:
        return binascii.a2b_uu(line[: 1 + (promised * 8 + 5) // 6])
    except binascii.Error:
        return b""
