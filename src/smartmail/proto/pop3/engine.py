"""The server's side of POP3.

NAME       pop3 server engine.
PURPOSE    octets in, events out, answers in, octets out. It keeps the listing of the maildrop and the deletion marks, and
           answers STAT, LIST, UIDL, DELE and RSET by itself; the driver proves who it is, streams messages and removes.
STATES     `table.State`, `table.TABLE`.
LIMITS     Command lines 255 octets with CRLF (RFC 2449 §4), AUTH lines `AUTH_LINE` (tokens are long); `MISTAKES` wrong
           commands or `LOGINS` failed logins end the session; `deadline_s` says how long to wait for the client.
FAILURE    A mistake of the client is answered and told as Violation; LocalProtocolError means that the driver broke
           the contract.
SECURITY   No password without TLS, unless the configuration says so; STLS forgets what came behind it in clear and
           whatever was said before (RFC 2595 §4). No APOP: it needs passwords that can be read.
STANDARDS  RFC 1939, RFC 2449 (CAPA, RESP-CODES), RFC 2595 (STLS), RFC 3206 (AUTH-RESP-CODE), RFC 5034 (AUTH),
           RFC 6856 (UTF8). No exclusive lock (RFC 1939 §8 asks for one for mailbox files): messages are named by ids
           here, so that two sessions cannot delete each other's.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from smartmail.proto.lineio import LineBuffer, LineFault, LocalProtocolError
from smartmail.proto.pop3 import events
from smartmail.proto.pop3.events import ASKS, Event
from smartmail.proto.pop3.stuffing import Stuffing
from smartmail.proto.pop3.table import COMMANDS, TABLE, State

COMMAND_LINE: Final = 253  # without CRLF
AUTH_LINE: Final = 12_288
MISTAKES: Final = 20
LOGINS: Final = 3
LOGIN_S: Final = 180.0
SESSION_S: Final = 600.0  # RFC 1939 §3: at least 10 minutes


class Drop(NamedTuple):
    """One message of the maildrop: its size in octets and its unique-id (1 to 70 of 0x21–0x7E, RFC 1939 §7)."""

    size: int
    uid: str


@dataclass(frozen=True, slots=True)
class Config:
    """What this listener offers. `starttls`: STLS can be done. `cleartext_login`: passwords without TLS.

    `login_delay`: seconds that clients should leave between two logins, 0 for none (RFC 2449 §6.5).
    """

    host: str
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN")
    starttls: bool = False
    cleartext_login: bool = False
    login_delay: int = 0


class ServerEngine:
    """One connection. `tls` is true when the listener made the handshake already (port 995)."""

    def __init__(self, config: Config, *, tls: bool = False) -> None:
        self._config = config
        self._offered = config.mechanisms
        self._delay = config.login_delay
        self._tls = tls
        self._state = State.AUTHORIZATION
        self._buffer = LineBuffer()
        self._out: list[bytes] = []
        self._events: list[Event] = []
        self._pending: Event | None = None
        self._name: str | None = None  # after USER
        self._utf8 = False
        self._mistakes = 0
        self._logins = 0
        self._drops: Sequence[Drop] = ()
        self._deleted: set[int] = set()
        self._lines: int | None = None  # of a TOP
        self._stuffing: Stuffing | None = None

    # ── the contract of engines ───────────────────────────────────────────────────────────────────────────────

    @property
    def state(self) -> State:
        """Where the session is."""
        return self._state

    @property
    def deadline_s(self) -> float | None:
        """Seconds that the client may be silent."""
        return SESSION_S if self._state in (State.TRANSACTION, State.UPDATE) else LOGIN_S

    @property
    def utf8(self) -> bool:
        """Whether the client takes UTF-8 in headers (RFC 6856 §2)."""
        return self._utf8

    def receive_data(self, data: bytes) -> None:
        """Take octets of the client."""
        if self._state is not State.CLOSED:
            self._buffer.feed(data)

    def next_event(self) -> Event | None:
        """Return the next event; None when more octets, or the driver's answer, are needed."""
        while not self._events and self._pending is None and self._state not in (State.TLS, State.CLOSED):
            if not self._advance():
                return None
        if not self._events:
            return None
        event = self._events.pop(0)
        if isinstance(event, ASKS):
            self._pending = event
        return event

    def data_to_send(self) -> bytes:
        """Return and forget what must be sent now."""
        data = b"".join(self._out)
        self._out.clear()
        return data

    # ── the driver's answers ──────────────────────────────────────────────────────────────────────────────────

    def greet(self) -> None:
        """Say that we are there."""
        self._ok(f"{self._config.host} SmartMail POP3 ready")

    def offer_logins(self, mechanisms: tuple[str, ...], *, delay: int = 0) -> None:
        """Offer these SASL mechanisms from now on, and say how many seconds to leave between two logins (RFC 2449 §6.5):
        TLS has come, or a policy has changed.
        """
        self._offered = mechanisms
        self._delay = delay

    def challenge(self, data: bytes) -> None:
        """Go on with the exchange of AUTH."""
        self._answered(events.Authenticate, events.AuthResponse)
        self._out.append(b"+ " + base64.b64encode(data) + b"\r\n")
        self._state = State.AUTH

    def open_maildrop(self, drops: Sequence[Drop]) -> None:
        """The login is right: these are the messages, in the order of their numbers."""
        self._answered(events.Login, events.Authenticate, events.AuthResponse)
        self._drops = drops
        self._state = State.TRANSACTION
        self._ok(f"{len(drops)} messages ({sum(drop.size for drop in drops)} octets)")

    def refuse(self, text: str, code: str = "") -> None:
        """Answer the event with -ERR and a response code such as AUTH or SYS/TEMP (RFC 2449 §8, RFC 3206)."""
        event = self._answered(*ASKS)
        self._error(text, code)
        if isinstance(event, events.Quit):
            self._end()
        elif self._state in (State.AUTH, State.AUTHORIZATION) and not isinstance(event, events.StartTls):
            self._state = State.AUTHORIZATION
            self._name = None
            self._logins += 1
            if self._logins >= LOGINS:
                self._end()

    def begin_tls(self) -> None:
        """Say yes to STLS; the driver begins the handshake behind this answer."""
        self._answered(events.StartTls)
        self._ok("begin TLS now")
        self._state = State.TLS

    def tls_established(self) -> None:
        """The handshake is done. RFC 2595 §4: all knowledge of before is forgotten."""
        if self._state is not State.TLS:
            raise LocalProtocolError("no handshake was agreed")
        self._tls = True
        self._name = None
        self._utf8 = False
        self._buffer.clear()
        self._state = State.AUTHORIZATION

    def start_message(self, octets: int) -> None:
        """Begin the answer to Retrieve."""
        self._answered(events.Retrieve)
        self._ok(f"{octets} octets")
        self._stuffing = Stuffing(self._lines)

    def feed_message(self, chunk: bytes) -> bool:
        """Send the next octets of the message; False when no more of it are wanted."""
        if self._stuffing is None:
            raise LocalProtocolError("no message was begun")
        self._out.append(self._stuffing.feed(chunk))
        return self._stuffing.wants_more

    def end_message(self) -> None:
        """The message is whole."""
        if self._stuffing is None:
            raise LocalProtocolError("no message was begun")
        self._out.append(self._stuffing.finish())
        self._stuffing = None

    def finish(self) -> None:
        """All that Quit named is removed."""
        self._answered(events.Quit)
        self._ok("bye")
        self._end()

    def bye(self, text: str, code: str = "") -> None:
        """End the session from our side."""
        if self._state is not State.CLOSED:
            # Inside a message an -ERR would be taken for its text.
            if self._stuffing is None:
                self._error(text, code)
            self._pending = None
            self._end()

    # ── lines ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _advance(self) -> bool:
        """Use one line; False when none is complete."""
        in_auth = self._state is State.AUTH
        limit = AUTH_LINE if in_auth or self._buffer.starts_with(b"AUTH ") else COMMAND_LINE
        line = self._buffer.next_line(limit)
        if line is None:
            return False
        if isinstance(line, LineFault):
            self._state = State.AUTHORIZATION if in_auth else self._state
            self._violate("the line is too long" if line is not LineFault.BARE else "lines end with CRLF")
            if line is LineFault.ENDLESS:
                self._end()
        elif in_auth:
            self._response(line)
        else:
            self._command(line)
        return True

    def _command(self, line: bytes) -> None:
        try:
            text = line.decode()
        except UnicodeDecodeError:
            return self._violate("a command is UTF-8 text")
        word, _, rest = text.partition(" ")
        word = word.upper()
        if word not in COMMANDS:
            return self._violate("unknown command")
        if word not in TABLE[self._state]:
            return self._violate("log in first" if self._state is State.AUTHORIZATION else "you are logged in already")
        return _HANDLERS[word](self, rest)

    # ── before login ──────────────────────────────────────────────────────────────────────────────────────────

    def _may_login(self) -> bool:
        return self._tls or self._config.cleartext_login

    def _capa(self, rest: str) -> None:
        config, before = self._config, self._state is State.AUTHORIZATION
        login = self._may_login()
        lines = [
            "TOP", "UIDL", "RESP-CODES", "AUTH-RESP-CODE", "PIPELINING", "UTF8 USER",
            *(["USER"] if login and "PLAIN" in self._offered else []),
            *([f"SASL {' '.join(self._offered)}"] if login and self._offered else []),
            *(["STLS"] if before and config.starttls and not self._tls else []),
            *([f"LOGIN-DELAY {self._delay}"] if self._delay else []),
            "EXPIRE NEVER", "IMPLEMENTATION SmartMail",
        ]  # fmt: skip
        if rest:
            self._violate("CAPA takes no argument")
        else:
            self._listing("capabilities follow", lines)

    def _stls(self, rest: str) -> None:
        if rest or self._tls or not self._config.starttls:
            return self._violate("TLS is on already" if self._tls else "STLS takes no argument here")
        # What came behind it in clear must not run inside TLS (CVE-2011-0411).
        return self._events.append(events.StartTls(self._buffer.clear()))

    def _named(self, rest: str) -> None:
        if not self._may_login():
            return self._violate("STLS first: passwords are not taken in clear")
        if not rest:
            return self._violate("USER needs a name")
        # The same answer whoever it is: names are not told.
        self._name = rest
        return self._ok("now the password")

    def _pass(self, rest: str) -> None:
        name, self._name = self._name, None
        if name is None:
            return self._violate("USER first")
        return self._events.append(events.Login(name, rest))

    def _auth(self, rest: str) -> None:
        mechanism, _, initial = rest.partition(" ")
        if not rest and self._may_login():
            # RFC 5034 §4 has dropped the list without an argument; old clients still ask so.
            return self._listing("mechanisms follow", list(self._offered))
        if not self._may_login():
            return self._violate("STLS first: passwords are not taken in clear")
        if mechanism.upper() not in self._offered:
            return self._violate("that mechanism is not offered")
        # RFC 5034 §4: "=" is an empty initial response.
        data = b"" if initial == "=" else _decoded(initial.encode()) if initial else None
        if initial and data is None:
            return self._violate("the initial response is no base64")
        return self._events.append(events.Authenticate(mechanism.upper(), data))

    def _response(self, line: bytes) -> None:
        data = _decoded(line)
        if line == b"*" or data is None:
            self._state = State.AUTHORIZATION
            self._violate("given up" if line == b"*" else "that is no base64")
            self._events.append(events.AuthAborted())
        else:
            self._events.append(events.AuthResponse(data))

    def _utf8_on(self, rest: str) -> None:
        if rest:
            return self._violate("UTF8 takes no argument")
        self._utf8 = True
        return self._ok("UTF-8 it is")

    # ── after login ───────────────────────────────────────────────────────────────────────────────────────────

    def _kept(self) -> list[int]:
        return [number for number in range(1, len(self._drops) + 1) if number not in self._deleted]

    def _stat(self, rest: str) -> None:
        if rest:
            return self._violate("STAT takes no argument")
        kept = self._kept()
        return self._ok(f"{len(kept)} {sum(self._drops[number - 1].size for number in kept)}")

    def _list(self, rest: str) -> None:
        self._show(rest, lambda drop: str(drop.size))

    def _uidl(self, rest: str) -> None:
        self._show(rest, lambda drop: drop.uid)

    def _show(self, rest: str, value: Callable[[Drop], str]) -> None:
        if not rest:
            return self._listing("listing follows", [f"{n} {value(self._drops[n - 1])}" for n in self._kept()])
        number = self._number(rest)
        if number is None:
            return None
        return self._ok(f"{number} {value(self._drops[number - 1])}")

    def _retr(self, rest: str) -> None:
        number = self._number(rest)
        if number is not None:
            self._lines = None
            self._events.append(events.Retrieve(number))

    def _top(self, rest: str) -> None:
        first, _, lines = rest.partition(" ")
        if not _is_number(lines):
            return self._violate("TOP needs a message and a number of lines")
        number = self._number(first)
        if number is not None:
            self._lines = int(lines)
            self._events.append(events.Retrieve(number, whole=False, content=self._lines > 0))
        return None

    def _dele(self, rest: str) -> None:
        number = self._number(rest)
        if number is not None:
            self._deleted.add(number)
            self._ok(f"message {number} will be deleted")

    def _number(self, text: str) -> int | None:
        """Return the number of a message that is there; else the client has been told."""
        if not _is_number(text):
            self._violate("that is no message number")
            return None
        number = int(text)
        if not 1 <= number <= len(self._drops) or number in self._deleted:
            self._error("no such message")
            return None
        return number

    def _noop(self, _rest: str) -> None:
        self._ok("")

    def _rset(self, rest: str) -> None:
        if rest:
            return self._violate("RSET takes no argument")
        self._deleted.clear()
        return self._ok("all marks are gone")

    def _quit(self, _rest: str) -> None:
        if self._state is State.TRANSACTION:
            self._state = State.UPDATE
            self._events.append(events.Quit(tuple(sorted(self._deleted))))
        else:
            self._ok("bye")
            self._end()

    # ── saying ────────────────────────────────────────────────────────────────────────────────────────────────

    def _ok(self, text: str) -> None:
        self._out.append(f"+OK {text}".rstrip().encode() + b"\r\n")

    def _error(self, text: str, code: str = "") -> None:
        self._out.append(f"-ERR [{code}] {text}\r\n".encode() if code else f"-ERR {text}\r\n".encode())

    def _listing(self, text: str, lines: list[str]) -> None:
        self._ok(text)
        self._out.append("".join(f"{line}\r\n" for line in [*lines, "."]).encode())

    def _violate(self, text: str) -> None:
        self._error(text)
        self._events.append(events.Violation(text))
        self._mistakes += 1
        if self._mistakes >= MISTAKES:
            self._end()

    def _answered(self, *kinds: type) -> Event:
        event = self._pending
        if event is None or not isinstance(event, kinds):
            raise LocalProtocolError("nothing of that kind waits for an answer")
        self._pending = None
        return event

    def _end(self) -> None:
        if self._state is not State.CLOSED:
            self._state = State.CLOSED
            self._buffer.clear()
            self._events.append(events.Closed())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10


def _decoded(octets: bytes) -> bytes | None:
    try:
        return base64.b64decode(octets, validate=True)
    except (binascii.Error, ValueError):
        return None


_HANDLERS: Final[dict[str, Callable[[ServerEngine, str], None]]] = {
    "CAPA": ServerEngine._capa,  # noqa: SLF001 -- the table of its own methods
    "STLS": ServerEngine._stls,  # noqa: SLF001
    "USER": ServerEngine._named,  # noqa: SLF001
    "PASS": ServerEngine._pass,  # noqa: SLF001
    "AUTH": ServerEngine._auth,  # noqa: SLF001
    "UTF8": ServerEngine._utf8_on,  # noqa: SLF001
    "STAT": ServerEngine._stat,  # noqa: SLF001
    "LIST": ServerEngine._list,  # noqa: SLF001
    "UIDL": ServerEngine._uidl,  # noqa: SLF001
    "RETR": ServerEngine._retr,  # noqa: SLF001
    "TOP": ServerEngine._top,  # noqa: SLF001
    "DELE": ServerEngine._dele,  # noqa: SLF001
    "NOOP": ServerEngine._noop,  # noqa: SLF001
    "RSET": ServerEngine._rset,  # noqa: SLF001
    "QUIT": ServerEngine._quit,  # noqa: SLF001
}
