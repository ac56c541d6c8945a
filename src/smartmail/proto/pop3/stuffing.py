"""The octets of a message as a multi-line answer: dots doubled, ended by a dot, perhaps cut after some lines.

LIMITS     Works on chunks and keeps a few octets of state; chunk borders make no difference.
STANDARDS  RFC 1939 §3 (byte-stuffing, the last line's CRLF), §7 TOP (header, blank line and n lines of the body).
"""

from typing import Final

_ALL: Final = -1


class Stuffing:
    """One message on its way out. `lines` None gives all of it, else the header and so many lines of the body."""

    __slots__ = ("_at_start", "_before", "_in_header", "_left", "_tail")

    def __init__(self, lines: int | None = None) -> None:
        self._left = _ALL if lines is None else lines
        self._in_header = lines is not None
        self._at_start = True  # the next octet begins a line
        self._tail = b""  # the last two octets, for the end of the last line
        self._before = b"\r\n"  # as if a line had ended: a message may begin with its blank line

    @property
    def wants_more(self) -> bool:
        """Whether more octets of the message will be used."""
        return self._in_header or self._left != 0

    def feed(self, chunk: bytes) -> bytes:
        """Return what is sent for the next octets of the message."""
        if not chunk or not self.wants_more:
            return b""
        piece = chunk if self._left == _ALL and not self._in_header else self._cut(chunk)
        if not piece:
            return b""
        out = piece.replace(b"\n.", b"\n..")
        if self._at_start and piece.startswith(b"."):
            out = b"." + out
        self._at_start = piece.endswith(b"\n")
        self._tail = (self._tail + piece[-2:])[-2:]
        return out

    def _cut(self, chunk: bytes) -> bytes:
        """Return the part of the chunk that belongs to the header and the lines asked for."""
        end = 0
        if self._in_header:
            end = self._header_end(chunk)
            if end < 0:
                return chunk
            self._in_header = False
        while self._left > 0:
            newline = chunk.find(b"\n", end)
            if newline < 0:
                return chunk
            end = newline + 1
            self._left -= 1
        return chunk[:end]

    def _header_end(self, chunk: bytes) -> int:
        """Return the offset behind the blank line, -1 when it is not in this chunk. Lines end with CRLF or bare LF."""
        joined, shift = self._before + chunk, len(self._before)
        self._before = joined[-3:]
        ends = [found + len(mark) for mark in (b"\n\r\n", b"\n\n") if (found := joined.find(mark)) >= 0]
        return min(ends) - shift if ends else -1

    def finish(self) -> bytes:
        """Return the end of the answer: a CRLF for a last line that has none, and the dot."""
        closing = b"" if self._tail in (b"", b"\r\n") else b"\r\n"
        return closing + b".\r\n"
