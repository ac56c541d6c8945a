"""From octets to the words of one command, whatever is in them (RFC 5804 §4): the stream is never lost.

A command is a line; where the line ends with a literal's size, that many octets follow and the line goes on behind them.
What is too large is counted and thrown away, what is malformed is read to its end; both are told of the command as a
whole.
LIMITS    `line` octets of each piece of a line, `octets` of all strings; a literal larger than ENDLESS ends the session.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from smartmail.proto.lineio import LineBuffer, LineFault

ENDLESS: Final = 16 << 20
"""Octets of a literal from which on reading it to its end is not worth it."""
MAX_WORDS: Final = 8

_WORD: Final = re.compile(
    rb'[ ]*+(?:"(?P<quoted>(?:[^"\\\0]|\\[^\0])*+)"|(?P<number>[0-9]{1,20})|(?P<atom>[A-Za-z]++))(?=[ ]|$)'
)
# RFC 5804 §4 gives clients the form with a plus only; the other one is read alike, since its octets follow too.
_LITERAL: Final = re.compile(rb"[ ]*+\{([0-9]{1,10})\+?\}\Z")
_ESCAPE: Final = re.compile(rb"\\(.)", re.DOTALL)


@dataclass(slots=True)
class Command:
    """The words of a command: an atom is a str in upper case, a number an int, a string bytes.

    `fault` says what is wrong with its form; `is_too_large` that a string was longer than the limit.
    """

    words: list[str | int | bytes] = field(default_factory=list)
    fault: str = ""
    is_too_large: bool = False
    is_endless: bool = False


class Framer:
    """Cuts commands out of a stream."""

    def __init__(self) -> None:
        self._buffer = LineBuffer()
        self._command: Command | None = None
        self._literal: list[bytes] | None = None  # None outside of a literal that is kept
        self._left = 0  # octets of the literal that have not come
        self._kept = 0

    def feed(self, data: bytes) -> None:
        """Take octets of the client."""
        self._buffer.feed(data)

    def clear(self) -> int:
        """Forget all that waits; return how many octets it was."""
        self._command = self._literal = None
        self._left = self._kept = 0
        return self._buffer.clear()

    def next(self, *, line: int, octets: int) -> Command | None:
        """Return the next command, None when it is not complete."""
        while True:
            if self._left and not self._take():
                return None
            piece = self._buffer.next_line(line)
            if piece is None:
                return None
            command = self._command = self._command or Command()
            if isinstance(piece, LineFault):
                command.fault = "lines end with CRLF" if piece is LineFault.BARE else "the line is too long"
                command.is_endless = piece is LineFault.ENDLESS
                return self._finish()
            if not self._read(command, piece, octets) or command.is_endless:
                return self._finish()

    def _finish(self) -> Command | None:
        command, self._command, self._kept = self._command, None, 0
        return command

    def _take(self) -> bool:
        """Read on in a literal; False when more of it has to come."""
        piece = self._buffer.take(self._left)
        self._left -= len(piece)
        if self._literal is not None:
            self._literal.append(piece)
        if self._left:
            return False
        if self._literal is not None and self._command is not None:
            self._command.words.append(b"".join(self._literal))
            self._literal = None
        return True

    def _read(self, command: Command, piece: bytes, octets: int) -> bool:
        """Read a piece of a line; True when a literal follows."""
        position = 0
        while position < len(piece):
            match = _WORD.match(piece, position)
            if match is None:
                break
            self._word(command, match, octets)
            position = match.end()
        literal = _LITERAL.match(piece, position)
        if literal is None and position < len(piece.rstrip(b" ")):
            command.fault = command.fault or "the command is malformed"
            # The size of a literal behind something malformed still counts.
            literal = _LITERAL.search(piece, position)
        return literal is not None and self._begin(command, int(literal[1]), octets)

    def _word(self, command: Command, match: re.Match[bytes], octets: int) -> None:
        if len(command.words) >= MAX_WORDS:
            command.fault = "too many arguments"
        elif match["quoted"] is not None:
            self._kept += len(match["quoted"])
            command.is_too_large = command.is_too_large or self._kept > octets
            command.words.append(_ESCAPE.sub(rb"\1", match["quoted"]))
        elif match["number"] is not None:
            command.words.append(int(match["number"]))
        else:
            command.words.append(match["atom"].decode("ascii").upper())

    def _begin(self, command: Command, size: int, octets: int) -> bool:
        self._left = size
        self._kept += size
        command.is_endless = size > ENDLESS
        if len(command.words) >= MAX_WORDS:
            command.fault = "too many arguments"
        elif self._kept > octets:
            command.is_too_large = True
        elif size:
            self._literal = []
        else:
            command.words.append(b"")
        return True
