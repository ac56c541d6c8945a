"""The client's side of POP3: for bringing mail in from other providers.

NAME       pop3 client engine.
PURPOSE    Commands in as calls, octets out; octets in, events out. One command at a time: the driver waits for its answer.
STATES     what is awaited: a greeting, one line, a listing, a message, a challenge, TLS, nothing.
LIMITS     Answer lines `LINE` octets; listings `LISTING`; a message as many as the driver wants, in chunks. `ANSWER_S` for
           an answer to begin.
FAILURE    What is no answer ends the dialog as Broken; nothing that a server says raises.
SECURITY   What came behind the go-ahead of STLS in clear is an attack (RFC 2595 §4): Broken. Passwords appear in no event.
STANDARDS  RFC 1939 §3, RFC 2449 §5, §8 (response codes), RFC 2595 §4, RFC 5034 §4.
"""

import base64
from dataclasses import dataclass
from typing import Final, Literal

from smartmail.proto.lineio import LocalProtocolError

LINE: Final = 8_192
LISTING: Final = 16 << 20
ANSWER_S: Final = 60.0

_Await = Literal["line", "listing", "message", "tls", "idle", "closed"]


@dataclass(frozen=True, slots=True)
class Said:
    """One line. `code` is that of RFC 2449 §8 in capitals, "" for none."""

    ok: bool
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A listing, without its dots."""

    lines: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Octets of the message."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class Whole:
    """The message has ended."""


@dataclass(frozen=True, slots=True)
class TlsGo:
    """The handshake may begin."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Nothing more comes of this dialog."""

    reason: str


Event = Said | Listed | Chunk | Whole | TlsGo | Broken


class ClientEngine:
    """One connection, from its greeting on."""

    def __init__(self) -> None:
        self._await: _Await = "line"
        self._then: _Await = "idle"
        """What follows a positive line."""
        self._raw = b""
        self._at_start = True
        self._listing: list[bytes] = []
        self._listed = 0
        self._is_listing = False
        self._out: list[bytes] = []

    @property
    def closed(self) -> bool:
        """Whether nothing more comes."""
        return self._await == "closed"

    @property
    def deadline_s(self) -> float:
        """Seconds that the server may be silent."""
        return ANSWER_S

    def receive_data(self, data: bytes) -> None:
        """Take octets of the server."""
        if self._await != "closed":
            self._raw = self._raw + data if self._raw else data

    def connection_lost(self) -> Broken:
        """Take the end of the connection."""
        self._await = "closed"
        return Broken("the connection ended")

    def data_to_send(self) -> bytes:
        """Return and forget what must be sent now."""
        data = b"".join(self._out)
        self._out.clear()
        return data

    # Commands

    def ask(self, command: str) -> None:
        """Send a command that is answered by a line."""
        self._send(command.encode(), "idle")

    def list_(self, command: str) -> None:
        """Send a command whose positive answer is followed by a listing."""
        self._send(command.encode(), "listing")

    def retrieve(self, number: int) -> None:
        """Ask for a message."""
        self._send(b"RETR %d" % number, "message")

    def starttls(self) -> None:
        """Ask for TLS (RFC 2595 §4)."""
        self._send(b"STLS", "tls")

    def tls_started(self) -> None:
        """The handshake is made."""
        if self._await != "tls":
            raise LocalProtocolError("no handshake was due")
        self._await, self._raw = "idle", b""

    def plain(self, login: str, password: str) -> None:
        """Log in by AUTH PLAIN (RFC 5034 §4)."""
        self._send(b"AUTH PLAIN " + base64.b64encode(f"\0{login}\0{password}".encode()), "idle")

    def _send(self, line: bytes, then: _Await) -> None:
        if self._await != "idle":
            raise LocalProtocolError("the answer to the command before is not here yet")
        if any(octet in line for octet in b"\r\n\0"):
            raise LocalProtocolError("a command is one line")
        self._out.append(line + b"\r\n")
        self._await, self._then = "line", then

    # Answers

    def next_event(self) -> Event | None:
        """Return the next event; None when more octets, or a command, are needed."""
        if self._await == "line":
            return self._line()
        if self._await in {"listing", "message"}:
            return self._lines()
        if self._raw and self._await in {"idle", "tls"}:
            return self._break("octets came unasked")
        return None

    def _line(self) -> Event | None:
        end = self._raw.find(b"\n")
        if end > LINE or (end < 0 and len(self._raw) > LINE):
            return self._break("an answer without an end")
        if end < 0:
            return None
        line, self._raw = self._raw[:end].rstrip(b"\r"), self._raw[end + 1 :]
        status, _, text = line.decode("utf-8", "replace").partition(" ")
        if status not in {"+OK", "-ERR", "+"}:
            return self._break("that is no answer of POP3")
        ok, then, self._then = status == "+OK", self._then, "idle"
        self._await = then if ok else "idle"
        if ok and then == "tls":
            return self._break("octets came before TLS") if self._raw else TlsGo()
        self._at_start, self._is_listing = True, then == "listing"
        code = text[1 : text.index("]")].upper() if text.startswith("[") and "]" in text else ""
        return Said(ok, text[:500], code[:40])

    def _lines(self) -> Event | None:
        """Take octets up to the line that is a dot, without the dots that were put before others (RFC 1939 §3)."""
        raw = self._raw
        if self._at_start and raw.startswith(b"."):
            if raw in {b".", b".\r"}:
                return None
            if raw.startswith(b".\r\n"):
                self._raw, self._await = raw[3:], "idle"
                return self._end()
            raw = raw[1:]
        if not raw:
            return None
        cut = raw.find(b"\n.")
        piece, self._raw = (raw, b"") if cut < 0 else (raw[: cut + 1], raw[cut + 1 :])
        self._at_start = piece.endswith(b"\n")
        if not self._is_listing:
            return Chunk(piece)
        self._listed += len(piece)
        self._listing.append(piece)
        return self._break("a listing that is too long") if self._listed > LISTING else self._lines()

    def _end(self) -> Event:
        if not self._is_listing:
            return Whole()
        lines = b"".join(self._listing).splitlines()
        self._listing.clear()
        self._listed = 0
        return Listed(tuple(lines))

    def _break(self, reason: str) -> Broken:
        self._await, self._raw = "closed", b""
        self._listing.clear()
        return Broken(reason)


def unique_ids(lines: tuple[bytes, ...]) -> dict[int, str]:
    """Return what UIDL told: number → name, without lines that are none (RFC 1939 §7)."""
    found: dict[int, str] = {}
    for line in lines:
        number, _, name = line.partition(b" ")
        if number.isdigit() and len(number) < 10 and 0 < len(name.strip()) <= 255:
            found[int(number)] = name.strip().decode("latin-1")
    return found


def sizes(lines: tuple[bytes, ...]) -> dict[int, int]:
    """Return what LIST told: number → octets."""
    found: dict[int, int] = {}
    for line in lines:
        words = line.split()
        if len(words) >= 2 and all(word.isdigit() and len(word) < 16 for word in words[:2]):
            found[int(words[0])] = int(words[1])
    return found
