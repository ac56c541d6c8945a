"""Stage one of parsing: the stream becomes complete commands, whatever the commands say.

PURPOSE: split on CRLF, carry literals over (RFC 3501 §4.3, RFC 7888), stream the literals of APPEND, and stay in
step with the client after any mistake: what a client sends as part of a refused command is thrown away, never
taken for the next command. Must not know what a command means; of names it knows `APPEND` and `REPLACE` alone.

STATES
  LINE      collecting a line; a line that ends in `{n}` or `{n+}` announces a literal
  LITERAL   collecting a literal that is an argument
  DECIDE    a message literal was announced; the engine says `accept` or `discard`
  STREAM    octets of a message go out as chunks
  SKIP      octets of a refused literal are thrown away

A refused command stays *condemned* until its last line: its lines are thrown away as they come, its
non-synchronising literals are skipped, and a synchronising one ends it, because the client waits for our go-ahead
and gets the refusal instead (RFC 3501 §7.5).
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from smartmail.proto.imap.limits import MAX_NUMBER, Limits

_LITERAL: Final = re.compile(rb"\{([0-9]{1,20})(\+?)\}\r?\n\Z")
_TAG: Final = re.compile(rb"([^\x00-\x20\x7f-\xff(){%*\"\\+]{1,128}) ")
# Up to the name of the mailbox. RFC 8508 §3.3, §3.4 for REPLACE.
_APPEND: Final = re.compile(rb"[^ ]+ (?:APPEND |(?:UID )?REPLACE [0-9*$:,]+ )", re.IGNORECASE)
_TAIL: Final = 32
"""Octets kept of a line that is thrown away: enough to see the literal that its end announces."""


@dataclass(frozen=True, slots=True)
class Framed:
    """A complete command. `text` keeps `{n}` CRLF where each of `literals` stood; no CRLF at its end."""

    text: bytes
    literals: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """The client waits for `+` before it sends an argument of `size` octets; it is within limits."""

    size: int


@dataclass(frozen=True, slots=True)
class Head:
    """APPEND or REPLACE up to a message literal of `size` octets. `first` is False for the second message on (RFC 3502).

    Answer with `accept` (then write `+` if `waits`) or `discard`.
    """

    text: bytes
    literals: tuple[bytes, ...]
    size: int
    waits: bool
    first: bool


@dataclass(frozen=True, slots=True)
class Chunk:
    data: bytes


@dataclass(frozen=True, slots=True)
class Stop:
    """The last octet of a message literal has gone out as a chunk."""


@dataclass(frozen=True, slots=True)
class Tail:
    """APPEND is complete; `text` is what stood after the last literal."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """A command that could not be framed and is now over. `fatal`: the stream is lost, only BYE is left."""

    tag: bytes | None
    reason: str
    fatal: bool = False


Frame = Framed | Ask | Head | Chunk | Stop | Tail | Broken


class _Mode(Enum):
    LINE = 0
    LITERAL = 1
    DECIDE = 2
    STREAM = 3
    SKIP = 4
    DEAD = 5


class Framer:
    """Push with `feed`, pull with `next`. Holds at most one command and what was fed."""

    __slots__ = (
        "_appending",
        "_buffer",
        "_condemned",
        "_first",
        "_literals",
        "_mode",
        "_need",
        "_parts",
        "_scanned",
        "_skipped",
        "_tail",
        "_total",
        "_waits",
        "limits",
        "logged_in",
    )

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.logged_in = False
        self._buffer = bytearray()
        self._reset()

    def _reset(self) -> None:
        self._mode = _Mode.LINE
        self._scanned = 0
        self._parts: list[bytes] = []
        self._literals: list[bytes] = []
        self._total = 0
        self._need = 0
        self._waits = False
        self._appending = False
        self._first = True
        self._condemned: Broken | None = None
        self._tail = b""
        self._skipped = 0

    @property
    def buffered(self) -> int:
        """Octets fed and not yet framed."""
        return len(self._buffer)

    @property
    def deciding(self) -> bool:
        """Whether a `Head` waits for `accept` or `discard`."""
        return self._mode is _Mode.DECIDE

    @property
    def waits(self) -> bool:
        """Whether the client waits for `+` before it sends the literal just announced."""
        return self._waits

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def drop(self) -> None:
        """Forget everything that was fed (STARTTLS: what came before the handshake is not the client's word)."""
        self._buffer = bytearray()
        self._reset()

    def next(self) -> Frame | None:
        """Return what comes next, or None when more must be fed (or `accept`/`discard` is due)."""
        while True:
            step = self._step_line() if self._mode is _Mode.LINE else self._step_other()
            if not isinstance(step, bool):
                return step
            if not step:
                return None

    def line(self, limit: int) -> bytes | None:
        """Return one raw line without CRLF for a sub-dialogue (AUTHENTICATE, IDLE); None: more must be fed.

        A line beyond `limit` comes with more than `limit` octets, but cut.
        """
        end = self._buffer.find(b"\n", self._scanned)
        if end < 0:
            del self._buffer[limit + 2 :]
            self._scanned = len(self._buffer)
            return None
        line = bytes(self._buffer[: min(end, limit + 2)]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        self._scanned = 0
        return line

    def accept(self) -> None:
        """Let the message literal of the last `Head` come."""
        assert self.deciding
        self._mode = _Mode.STREAM
        self._parts.clear()
        self._literals.clear()
        self._total = 0

    def discard(self) -> bool:
        """Refuse the APPEND at hand, at any point of it, without a word: the engine has answered.

        Returns False when more would have to be thrown away than the limits allow: then only BYE is left.
        """
        if not self._appending:
            return True
        if self._mode is _Mode.DECIDE and self._waits:
            self._reset()
            return True
        self._condemned = Broken(None, "")
        if self._mode in {_Mode.DECIDE, _Mode.STREAM}:
            return self._skip()
        return True

    # -- one step for each state -----------------------------------------------------------------------------

    # Each returns a frame, or True: go on with the next step, or False: more must be fed.

    def _step_other(self) -> Frame | bool:
        match self._mode:
            case _Mode.STREAM:
                return self._step_stream()
            case _Mode.LITERAL:
                return self._step_literal()
            case _Mode.SKIP:
                return self._step_skip()
            case _Mode.DEAD:
                self._buffer.clear()
        return False

    def _step_line(self) -> Frame | bool:
        buffer = self._buffer
        end = buffer.find(b"\n", self._scanned)
        limit = self.limits.line if self.logged_in else self.limits.line_before_login
        if end < 0:
            self._scanned = len(buffer)
            if self._scanned > limit or self._condemned:
                return self._shed(limit)
            return False
        line = bytes(buffer[: end + 1])
        del buffer[: end + 1]
        self._scanned = 0
        if self._condemned:
            return self._end_condemned(line)
        return self._take_line(line, limit)

    def _shed(self, limit: int) -> Frame | bool:
        """Throw away an unfinished line that is too long or condemned; keep its tail for a literal mark."""
        if not self._condemned:
            self._condemn(f"line longer than {limit} octets", bytes(self._buffer[:256]))
        self._skipped += len(self._buffer)
        self._tail = bytes(self._tail + self._buffer)[-_TAIL:]
        self._buffer.clear()
        self._scanned = 0
        return self._die() if self._too_much() else False

    def _take_line(self, line: bytes, limit: int) -> Frame | bool:
        if len(line) > limit:
            return self._refuse_line(f"line longer than {limit} octets", line)
        if not line.endswith(b"\r\n"):
            return self._refuse_line("a line ends with CRLF", line)
        self._total += len(line)
        if self._total > self.limits.command:
            return self._refuse_line("command too long", line)
        announced = _LITERAL.search(line) if line[-3:-2] == b"}" else None
        if announced:
            return self._announce(line, int(announced[1]), waits=not announced[2])
        return self._complete(line[:-2])

    def _complete(self, line: bytes) -> Frame:
        if not self._parts and not self._appending:
            # The common case: one line, no literal. Nothing but `_total` has been touched.
            self._total = 0
            return Framed(line)
        if self._appending and not self._first:
            self._reset()
            return Tail(line)
        text = b"".join(self._parts) + line
        literals = tuple(self._literals)
        self._reset()
        return Framed(text, literals)

    def _announce(self, line: bytes, size: int, *, waits: bool) -> Frame | bool:
        if not self._parts and _APPEND.match(line):
            self._appending = True
        self._parts.append(line)
        self._need = size
        self._waits = waits
        if size > MAX_NUMBER:
            return self._refuse_literal("literal larger than a number can say")
        if self._appending and not self._names_mailbox():
            return self._head()
        largest = self.limits.literal if self.logged_in else self.limits.literal_before_login
        if size > largest:
            return self._refuse_literal(f"literal larger than {largest} octets")
        if len(self._literals) >= self.limits.literals:
            return self._refuse_literal("too many literals")
        if self._total + size > self.limits.command:
            return self._refuse_literal("command too long")
        self._mode = _Mode.LITERAL
        return Ask(size) if waits else True

    def _names_mailbox(self) -> bool:
        """Whether the literal just announced is the first argument of APPEND: its name, not its message."""
        if not self._first or len(self._parts) > 1:
            return False
        line = self._parts[0]
        found = _APPEND.match(line)
        return found is not None and line[found.end() : found.end() + 1] == b"{"

    def _head(self) -> Frame:
        self._mode = _Mode.DECIDE
        return Head(b"".join(self._parts), tuple(self._literals), self._need, self._waits, self._first)

    def _step_literal(self) -> Frame | bool:
        if len(self._buffer) < self._need:
            return False
        self._literals.append(bytes(self._buffer[: self._need]))
        del self._buffer[: self._need]
        self._total += self._need
        self._mode = _Mode.LINE
        return True

    def _step_stream(self) -> Frame | bool:
        if not self._need:
            self._mode = _Mode.LINE
            self._first = False
            return Stop()
        if not self._buffer:
            return False
        if len(self._buffer) <= self._need:
            data = bytes(self._buffer)
            self._buffer.clear()
        else:
            data = bytes(self._buffer[: self._need])
            del self._buffer[: self._need]
        self._need -= len(data)
        return Chunk(data)

    def _step_skip(self) -> Frame | bool:
        size = min(self._need, len(self._buffer))
        del self._buffer[:size]
        self._need -= size
        if self._need:
            return False
        self._mode = _Mode.LINE
        self._tail = b""
        return True

    # -- refusals --------------------------------------------------------------------------------------------

    def _condemn(self, reason: str, line: bytes) -> None:
        if self._appending and not self._first:
            self._condemned = Broken(None, reason)
            return
        found = _TAG.match(self._parts[0] if self._parts else line)
        self._condemned = Broken(found[1] if found else None, reason)
        self._parts.clear()
        self._literals.clear()

    def _refuse_line(self, reason: str, line: bytes) -> Frame | bool:
        self._condemn(reason, line)
        return self._end_condemned(line)

    def _end_condemned(self, line: bytes) -> Frame | bool:
        """A line of a condemned command ended: either a literal goes on with it, or it is over."""
        self._skipped += len(line)
        if self._too_much():
            return self._die()
        announced = _LITERAL.search(self._tail + line)
        self._tail = b""
        if announced and announced[2]:
            self._need = int(announced[1])
            return True if self._skip() else self._die()
        verdict = self._condemned
        self._reset()
        return verdict if verdict and verdict.reason else True

    def _refuse_literal(self, reason: str) -> Frame | bool:
        self._condemn(reason, self._parts[0])
        if self._waits:
            verdict = self._condemned
            self._reset()
            return verdict or True
        return True if self._skip() else self._die()

    def _skip(self) -> bool:
        """Begin to throw away the literal at hand; False when it is too much to wait for."""
        self._skipped += self._need
        self._mode = _Mode.DEAD if self._too_much() else _Mode.SKIP
        return self._mode is _Mode.SKIP

    def _too_much(self) -> bool:
        return self._skipped > (self.limits.swallow if self.logged_in else self.limits.swallow_before_login)

    def _die(self) -> Frame:
        verdict = self._condemned or Broken(None, "")
        self._reset()
        self._mode = _Mode.DEAD
        return Broken(verdict.tag, verdict.reason or "too much to throw away", fatal=True)
