r"""What arrived and was not used yet, cut into CRLF lines or counted octets.

Knows line ends and limits, not what a line means. Memory is bounded by the longest line plus what the
driver feeds while the engine is blocked; no sequence of feeds costs more than linear time.

LIMITS: a line longer than its limit is thrown away up to its end and told once as TOO_LONG, so that the
stream stays in step; a line that never ends is told as ENDLESS after ENDLESS_OCTETS.
STANDARDS: RFC 5321 §2.3.8 (only CRLF ends a line), §4.5.3.1 (limits).
"""

from enum import Enum
from typing import Final

# A line of one mebibyte is no line: the peer only wants to keep us reading.
ENDLESS_OCTETS: Final = 1 << 20


class LineFault(Enum):
    """Why a line is not one."""

    BARE = "bare CR or LF"
    TOO_LONG = "line too long"
    ENDLESS = "line without an end"


class LineBuffer:
    """Octets in arrival order. `next_line` and the `take` methods consume from the front."""

    __slots__ = ("_buffer", "_late", "_position", "_skipped")

    def __init__(self) -> None:
        self._buffer = b""
        self._position = 0
        # Pieces that came behind an unread rest; joined at the next read, so that feeding is never quadratic.
        self._late: list[bytes] = []
        self._skipped = 0

    def __len__(self) -> int:
        return len(self._buffer) - self._position + sum(map(len, self._late))

    def feed(self, data: bytes) -> None:
        """Add what the peer sent."""
        if self._position >= len(self._buffer) and not self._late:
            self._buffer = data
            self._position = 0
        elif data:
            self._late.append(data)

    def _join(self) -> None:
        self._buffer = b"".join((self._buffer[self._position :], *self._late))
        self._position = 0
        self._late.clear()

    def has_data(self) -> bool:
        """True when an octet waits (cheaper than the length)."""
        return self._position < len(self._buffer) or bool(self._late)

    def next_line(self, limit: int) -> bytes | LineFault | None:
        """Return the next line without its CRLF, None when it is not complete, or what is wrong with it.

        `limit` counts octets without the CRLF. A fault has consumed the line up to its LF.
        """
        if self._late:
            self._join()
        start = self._position
        end = self._buffer.find(b"\n", start)
        if end < 0:
            return self._no_end(limit)
        self._position = end + 1
        # Length is judged before content, so that how the line was cut in packets makes no difference.
        if self._skipped or end - start > limit + 1:
            length, self._skipped = self._skipped + end - start, 0
            return LineFault.ENDLESS if length > ENDLESS_OCTETS else LineFault.TOO_LONG
        line = self._buffer[start : end - 1] if end > start else b""
        return LineFault.BARE if end == start or self._buffer[end - 1] != 13 or b"\r" in line else line

    def _no_end(self, limit: int) -> LineFault | None:
        waiting = len(self._buffer) - self._position
        if not self._skipped and waiting <= limit + 1:
            return None
        # Forget the octets, not that there were some: the fault is told when the end comes.
        self._skipped += waiting
        self._buffer = b""
        self._position = 0
        return LineFault.ENDLESS if self._skipped > ENDLESS_OCTETS else None

    def starts_with(self, prefix: bytes) -> bool:
        """True when the waiting octets begin with `prefix` (ASCII, upper case), letter case ignored."""
        if self._late:
            self._join()
        return self._buffer[self._position : self._position + len(prefix)].upper() == prefix

    def take(self, count: int) -> bytes:
        """Return at most `count` octets."""
        if self._late:
            self._join()
        piece = self._buffer[self._position : self._position + count]
        self._position += len(piece)
        return piece

    def take_all(self) -> bytes:
        """Return all that waits; without a copy when nothing of it was read before."""
        if self._late or self._position:
            self._join()
        piece, self._buffer = self._buffer, b""
        return piece

    def put_back(self, data: bytes) -> None:
        """Put octets in front of all that waits (what came behind the end of a message)."""
        if self.has_data():
            self._join()
            data += self._buffer
        self._buffer = data
        self._position = 0

    def clear(self) -> int:
        """Forget all that waits and return how many octets it was (RFC 3207 §4.2: nothing survives STARTTLS)."""
        count = len(self)
        self._buffer = b""
        self._position = self._skipped = 0
        self._late.clear()
        return count
