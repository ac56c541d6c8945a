"""The client's side of IMAP, as much as bringing mail in from other providers needs.

NAME       imap client engine.
PURPOSE    Commands in as calls, octets out; octets in, events out. One command at a time: the driver waits for Completed.
STATES     greeting, idle, a command that runs, TLS, closed.
LIMITS     A line `LINE` octets, a literal that is kept `LITERAL`; the literals of a command that streams come as chunks of
           any length, and the driver says how much is enough. `ANSWER_S` for an answer to go on.
FAILURE    What is no answer ends the dialog as Broken; nothing that a server says raises.
SECURITY   What came behind the go-ahead of STARTTLS in clear is an attack (RFC 9051 §11.1): Broken. Passwords appear in
           no event.
STANDARDS  RFC 9051 §2.2, §4.3, §6.2, §7 and RFC 3501, which most servers still speak.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from smartmail.proto.lineio import LocalProtocolError

LINE: Final = 8 << 20
LITERAL: Final = 64 << 10
ANSWER_S: Final = 60.0
_LITERAL: Final = re.compile(rb"~?\{(\d{1,15})\+?\}$")
_CODE: Final = re.compile(r"\[([^\]]*)\] ?(.*)", re.DOTALL)

_State = Literal["greeting", "idle", "running", "tls", "closed"]


@dataclass(frozen=True, slots=True)
class Greeting:
    """The server is there. `status`: OK, PREAUTH or BYE."""

    status: str
    text: str


@dataclass(frozen=True, slots=True)
class Untagged:
    """An answer without a tag: pieces of its lines, between them its literals (odd places; b"" for one that streamed)."""

    pieces: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Begun:
    """A literal of so many octets comes in chunks."""

    size: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Octets of it."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class Go:
    """The server wants more of the command."""


@dataclass(frozen=True, slots=True)
class TlsGo:
    """The handshake may begin."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A command has ended. `code` is the response code in brackets."""

    ok: bool
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """Nothing more comes of this dialog."""

    reason: str


Event = Greeting | Untagged | Begun | Chunk | Go | TlsGo | Completed | Broken


class ClientEngine:
    """One connection, from its greeting on."""

    def __init__(self) -> None:
        self._state: _State = "greeting"
        self._raw = b""
        self._looked = 0
        self._pieces: list[bytes] = []
        self._left = 0
        """Octets of a literal that are still to come."""
        self._streams = False
        self._kept: list[bytes] | None = None
        self._number = 0
        self._tls = False
        self._out: list[bytes] = []

    @property
    def closed(self) -> bool:
        """Whether nothing more comes."""
        return self._state == "closed"

    @property
    def deadline_s(self) -> float:
        """Seconds that the server may be silent."""
        return ANSWER_S

    def receive_data(self, data: bytes) -> None:
        """Take octets of the server."""
        if self._state != "closed":
            self._raw = self._raw + data if self._raw else data

    def connection_lost(self) -> Broken:
        """Take the end of the connection."""
        return self._break("the connection ended")

    def data_to_send(self) -> bytes:
        """Return and forget what must be sent now."""
        data = b"".join(self._out)
        self._out.clear()
        return data

    # Commands

    def command(self, text: str, *, streams: bool = False) -> None:
        """Send a command. `streams`: the literals of its answers come as chunks."""
        if self._state != "idle":
            raise LocalProtocolError("the command before has not ended")
        self._number += 1
        self._send(f"s{self._number} {text}".encode())
        self._state, self._streams, self._tls = "running", streams, False

    def starttls(self) -> None:
        """Ask for TLS (RFC 9051 §6.2.1)."""
        self.command("STARTTLS")
        self._tls = True

    def tls_started(self) -> None:
        """The handshake is made."""
        if self._state != "tls":
            raise LocalProtocolError("no handshake was due")
        self._state, self._raw, self._looked = "idle", b"", 0

    def respond(self, octets: bytes) -> None:
        """Answer Go with octets in base64."""
        self._send(base64.b64encode(octets))

    def _send(self, line: bytes) -> None:
        if any(octet in line for octet in b"\r\n\0"):
            raise LocalProtocolError("a command is one line")
        self._out.append(line + b"\r\n")

    # Answers

    def next_event(self) -> Event | None:
        """Return the next event; None when more octets, or a command, are needed."""
        while self._state not in {"closed", "tls"}:
            if self._left:
                event = self._literal()
                if event is not None or self._left:
                    return event
            line = self._line()
            if not isinstance(line, bytes):
                return line
            told = self._take(line)
            if told is not None:
                return told
        return self._break("octets came before TLS") if self._state == "tls" and self._raw else None

    def _line(self) -> bytes | Broken | None:
        end = self._raw.find(b"\n", self._looked)
        if end < 0:
            self._looked = len(self._raw)
            return self._break("an answer without an end") if self._looked > LINE else None
        line, self._raw, self._looked = self._raw[:end].rstrip(b"\r"), self._raw[end + 1 :], 0
        return line

    def _literal(self) -> Event | None:
        piece, self._raw = self._raw[: self._left], self._raw[self._left :]
        self._left -= len(piece)
        if self._kept is None:
            return Chunk(piece) if piece else None
        self._kept.append(piece)
        if not self._left:
            self._pieces.append(b"".join(self._kept))
            self._kept = None
        return None

    def _take(self, line: bytes) -> Event | None:
        """Take a line, which is a whole answer or goes up to a literal."""
        literal = _LITERAL.search(line)
        if literal is None:
            pieces, self._pieces = [*self._pieces, line], []
            return self._answer(pieces)
        size = int(literal[1])
        self._pieces.append(line[: literal.start()])
        if sum(map(len, self._pieces)) > LINE:
            return self._break("an answer without an end")
        if self._streams:
            self._pieces.append(b"")
            self._left = size
            return Begun(size)
        if size > LITERAL:
            return self._break("a name that is too long")
        self._left, self._kept = size, []
        if not size:
            self._pieces.append(b"")
            self._kept = None
        return None

    def _answer(self, pieces: Sequence[bytes]) -> Event | None:
        first = pieces[0]
        if self._state == "greeting":
            status, _, text = first.removeprefix(b"* ").decode("utf-8", "replace").partition(" ")
            if not first.startswith(b"* ") or status.upper() not in {"OK", "PREAUTH", "BYE"}:
                return self._break("that is no greeting of IMAP")
            self._state = "closed" if status.upper() == "BYE" else "idle"
            return Greeting(status.upper(), text[:500])
        if first.startswith(b"* "):
            return Untagged((first[2:], *pieces[1:]))
        if first.startswith(b"+"):
            return Go() if self._state == "running" else self._break("octets came unasked")
        tag, _, rest = first.decode("utf-8", "replace").partition(" ")
        if self._state != "running" or tag != f"s{self._number}":
            return self._break("that is no answer of IMAP")
        return self._completed(rest)

    def _completed(self, rest: str) -> Event:
        status, _, text = rest.partition(" ")
        ok, self._state = status.upper() == "OK", "idle"
        if ok and self._tls:
            self._state = "tls"
            return self._break("octets came before TLS") if self._raw else TlsGo()
        coded = _CODE.match(text)
        code, text = (coded[1], coded[2]) if coded else ("", text)
        return Completed(ok, text[:500], code.upper()[:4000])

    def _break(self, reason: str) -> Broken:
        self._state, self._raw, self._kept, self._left = "closed", b"", None, 0
        return Broken(reason)
