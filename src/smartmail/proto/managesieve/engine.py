"""The server's side of ManageSieve.

NAME       managesieve server engine.
PURPOSE    octets in, events out, answers in, octets out. It answers CAPABILITY, NOOP and LOGOUT by itself; the driver
           proves who it is and keeps the scripts.
STATES     `table.State`, `table.TABLE`.
LIMITS     A script `Config.max_script` octets; a line `LINE`, with AUTHENTICATE `AUTH_LINE` (tokens are long); `MISTAKES`
           wrong commands or `LOGINS` failed logins end the session; `deadline_s` says how long to wait for the client.
FAILURE    A mistake of the client is answered and told as Violation; LocalProtocolError means that the driver broke
           the contract.
SECURITY   Mechanisms are offered by the driver: none before TLS that would show a secret. STARTTLS forgets what came
           behind it in clear. A script that is too large is thrown away unread, never run as commands.
STANDARDS  RFC 5804. UNAUTHENTICATE (§2.14), NOOP with a tag (§2.13), quota codes (§1.3).
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from smartmail.proto.lineio import LocalProtocolError
from smartmail.proto.managesieve import events, wire
from smartmail.proto.managesieve.events import ASKS, Event
from smartmail.proto.managesieve.framing import Command, Framer
from smartmail.proto.managesieve.table import ARGUMENTS, TABLE, Arg, State

LINE: Final = 4_300  # RFC 5804 §4: two quoted strings of 1024 octets, each octet escaped
AUTH_LINE: Final = 12_288
NAME_OCTETS: Final = 4_096
MISTAKES: Final = 20
LOGINS: Final = 3
LOGIN_S: Final = 180.0
SESSION_S: Final = 1_800.0  # RFC 5804 §1.4: at least 30 minutes


@dataclass(frozen=True, slots=True)
class Config:
    """What a listener tells of itself. `starttls`: the handshake can be done."""

    host: str
    extensions: tuple[str, ...] = ()
    starttls: bool = False
    max_script: int = 1 << 18
    max_redirects: int = 4
    notify: tuple[str, ...] = ("mailto",)


class ServerEngine:
    """One connection. `tls` is true when the listener made the handshake already."""

    def __init__(self, config: Config, *, tls: bool = False) -> None:
        self._config = config
        self._tls = tls
        self._state = State.NOBODY
        self._framer = Framer()
        self._out: list[bytes] = []
        self._events: list[Event] = []
        self._pending: Event | None = None
        self._mechanisms: tuple[str, ...] = ()
        self._owner = ""
        self._language = ""
        self._mistakes = 0
        self._logins = 0

    # ── the contract of engines ───────────────────────────────────────────────────────────────────────────────

    @property
    def state(self) -> State:
        """Where the session is."""
        return self._state

    @property
    def deadline_s(self) -> float | None:
        """Seconds that the client may be silent."""
        return SESSION_S if self._state is State.READY else LOGIN_S

    def receive_data(self, data: bytes) -> None:
        """Take octets of the client."""
        if self._state is not State.CLOSED:
            self._framer.feed(data)

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

    def offer(self, mechanisms: Sequence[str]) -> None:
        """Say which mechanisms may be used from now on; before `greet` and after each handshake or logout."""
        self._mechanisms = tuple(mechanisms)

    def greet(self) -> None:
        """Say that we are there: the capabilities, then OK (RFC 5804 §1.7)."""
        self._out.append(wire.capabilities(self._capabilities()))
        self._ok(f"{self._config.host} SmartMail ManageSieve ready")

    def challenge(self, data: bytes) -> None:
        """Go on with the exchange of AUTHENTICATE."""
        self._answered(events.Authenticate, events.AuthResponse)
        self._out.append(wire.string(base64.b64encode(data).decode("ascii")) + b"\r\n")
        self._state = State.AUTH

    def authenticated(self, owner: str, language: str, final: bytes | None = None) -> None:
        """The login is right. `final`: the mechanism's last words, told with the success (RFC 5804 §2.1)."""
        self._answered(events.Authenticate, events.AuthResponse)
        self._owner, self._language = owner, language
        self._state = State.READY
        code = b"" if final is None else b"SASL " + wire.string(base64.b64encode(final).decode("ascii"))
        self._ok("logged in", code)

    def unauthenticated(self) -> None:
        """The login is forgotten."""
        self._answered(events.Unauthenticate)
        self._state, self._owner, self._language = State.NOBODY, "", ""
        self._ok("nobody is logged in now")

    def begin_tls(self) -> None:
        """Say yes to STARTTLS; the driver begins the handshake behind this answer."""
        self._answered(events.StartTls)
        self._ok("begin TLS now")
        self._state = State.TLS

    def tls_established(self) -> None:
        """The handshake is done. Give `offer` and then `greet`: capabilities are told anew (RFC 5804 §2.2)."""
        if self._state is not State.TLS:
            raise LocalProtocolError("no handshake was agreed")
        self._tls = True
        self._framer.clear()
        self._mechanisms = ()
        self._state = State.NOBODY

    def accept(self, text: str = "", warnings: str = "") -> None:
        """Answer an event with OK; warnings of a script that is kept all the same are told with it."""
        self._answered(
            events.HaveSpace, events.PutScript, events.CheckScript, events.SetActive, events.DeleteScript,
            events.RenameScript,
        )  # fmt: skip
        self._ok(warnings or text, b"WARNINGS" if warnings else b"")

    def list_scripts(self, scripts: Sequence[tuple[str, bool]]) -> None:
        """Answer ListScripts: names, and whether each is the active one."""
        self._answered(events.ListScripts)
        self._out += [wire.string(name) + (b" ACTIVE\r\n" if active else b"\r\n") for name, active in scripts]
        self._ok("")

    def send_script(self, content: bytes) -> None:
        """Answer GetScript."""
        self._answered(events.GetScript)
        self._out.append(wire.literal(content) + b"\r\n")
        self._ok("")

    def refuse(self, text: str, code: str = "") -> None:
        """Answer an event with NO and a response code such as NONEXISTENT (RFC 5804 §1.3)."""
        event = self._answered(*ASKS)
        self._no(text, code)
        if isinstance(event, (events.Authenticate, events.AuthResponse)):
            self._state = State.NOBODY
            self._logins += 1
            if self._logins >= LOGINS:
                self._end("too many failed logins")

    def bye(self, text: str, code: str = "") -> None:
        """End the session from our side."""
        if self._state is not State.CLOSED:
            self._pending = None
            self._end(text, code)

    # ── commands ──────────────────────────────────────────────────────────────────────────────────────────────

    def _advance(self) -> bool:
        """Use one command; False when none is complete."""
        ready = self._state is State.READY
        octets = self._config.max_script + NAME_OCTETS if ready else AUTH_LINE
        command = self._framer.next(line=LINE if ready else AUTH_LINE, octets=octets)
        if command is None:
            return False
        if command.is_endless:
            self._end("too much")
        elif self._state is State.AUTH:
            self._response(command)
        elif command.fault:
            self._violate(command.fault)
        else:
            self._command(command)
        return True

    def _command(self, command: Command) -> None:
        name = command.words[0] if command.words else ""
        if not isinstance(name, str) or name not in ARGUMENTS:
            self._violate("unknown command")
        elif name not in TABLE[self._state]:
            self._violate("log in first" if self._state is State.NOBODY else "log out first")
        elif command.is_too_large and self._state is State.READY:
            self._no(f"a script has at most {self._config.max_script} octets", "QUOTA/MAXSIZE")
        elif command.is_too_large:
            self._violate("the arguments are too long")
        else:
            self._run(name, command.words[1:])

    def _run(self, name: str, words: Sequence[object]) -> None:
        arguments = _arguments(words, ARGUMENTS[name])
        if arguments is None:
            self._violate(f"{name} takes {', '.join(arg.value for arg in ARGUMENTS[name]) or 'no argument'}")
        elif name in _ASKING:
            self._events.append(_ASKING[name](*arguments))
        else:
            _OWN[name](self, *arguments)

    def _capability(self) -> None:
        self._out.append(wire.capabilities(self._capabilities()))
        self._ok("")

    def _capabilities(self) -> list[tuple[str, str | None]]:
        """RFC 5804 §1.7."""
        config, ready = self._config, self._state is State.READY
        found: list[tuple[str, str | None]] = [
            ("IMPLEMENTATION", "SmartMail"),
            ("SIEVE", " ".join(config.extensions)),
            ("NOTIFY", " ".join(config.notify)),
            ("MAXREDIRECTS", str(config.max_redirects)),
            ("SASL", " ".join(self._mechanisms)),
        ]
        if config.starttls and not self._tls and not ready:
            found.append(("STARTTLS", None))
        if ready:
            found += [("OWNER", self._owner), ("LANGUAGE", self._language)]
        return [*found, ("UNAUTHENTICATE", None), ("VERSION", "1.0")]

    def _noop(self, tag: str = "") -> None:
        """RFC 5804 §2.13: what it is called with comes back."""
        self._ok("done", b"TAG " + wire.string(tag) if tag else b"")

    def _logout(self) -> None:
        self._ok("bye")
        self._close()

    def _starttls(self) -> None:
        if self._tls or not self._config.starttls:
            return self._violate("TLS is on already" if self._tls else "there is no TLS here")
        # What came behind it in clear must not run inside TLS (CVE-2011-0411).
        return self._events.append(events.StartTls(self._framer.clear()))

    def _authenticate(self, mechanism: str, initial: str | None = None) -> None:
        mechanism = mechanism.upper()
        if mechanism not in self._mechanisms:
            needs_tls = not self._mechanisms and not self._tls and self._config.starttls
            return self._violate(
                "STARTTLS first" if needs_tls else "that mechanism is not offered",
                "ENCRYPT-NEEDED" if needs_tls else "",
            )
        data = None if initial is None else _decoded(initial)
        if initial is not None and data is None:
            return self._violate("the initial response is no base64")
        return self._events.append(events.Authenticate(mechanism, data))

    def _response(self, command: Command) -> None:
        text = _text(command.words[0]) if len(command.words) == 1 and not command.fault else None
        data = None if text is None or command.is_too_large else _decoded(text)
        if data is None:
            self._state = State.NOBODY
            self._violate("given up" if text == "*" else "that is no response")
            self._events.append(events.AuthAborted())
        else:
            self._events.append(events.AuthResponse(data))

    # ── saying ────────────────────────────────────────────────────────────────────────────────────────────────

    def _ok(self, text: str, code: bytes = b"") -> None:
        self._out.append(wire.answer(b"OK", text, code))

    def _no(self, text: str, code: str = "") -> None:
        self._out.append(wire.answer(b"NO", text, code.encode("ascii")))

    def _violate(self, text: str, code: str = "") -> None:
        self._no(text, code)
        self._events.append(events.Violation(text))
        self._mistakes += 1
        if self._mistakes >= MISTAKES:
            self._end("too many mistakes")

    def _answered(self, *kinds: type) -> Event:
        event = self._pending
        if event is None or not isinstance(event, kinds):
            raise LocalProtocolError("nothing of that kind waits for an answer")
        self._pending = None
        return event

    def _end(self, text: str, code: str = "") -> None:
        self._out.append(wire.answer(b"BYE", text, code.encode("ascii")))
        self._close()

    def _close(self) -> None:
        if self._state is not State.CLOSED:
            self._state = State.CLOSED
            self._framer.clear()
            self._events.append(events.Closed())


def _text(word: object) -> str | None:
    """Return a string argument; None for another kind, or octets that are no UTF-8."""
    if not isinstance(word, bytes):
        return None
    try:
        return word.decode()
    except UnicodeDecodeError:
        return None


def _arguments(words: Sequence[object], wanted: Sequence[Arg]) -> list[object] | None:
    """Return the arguments as their handler takes them; None when they are not what the command takes."""
    if not sum(arg is not Arg.MAYBE for arg in wanted) <= len(words) <= len(wanted):
        return None
    found = [_argument(word, arg) for word, arg in zip(words, wanted, strict=False)]
    return None if None in found else found


def _argument(word: object, arg: Arg) -> object | None:
    if arg is Arg.NUMBER:
        return word if isinstance(word, int) else None
    if arg is Arg.SCRIPT:
        # Whether the octets of a script are UTF-8 is judged with the script.
        return word if isinstance(word, bytes) else None
    return _text(word)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


_ASKING: Final[dict[str, Callable[..., Event]]] = {
    "UNAUTHENTICATE": events.Unauthenticate,
    "HAVESPACE": events.HaveSpace,
    "PUTSCRIPT": events.PutScript,
    "CHECKSCRIPT": events.CheckScript,
    "LISTSCRIPTS": events.ListScripts,
    "GETSCRIPT": events.GetScript,
    "SETACTIVE": events.SetActive,
    "DELETESCRIPT": events.DeleteScript,
    "RENAMESCRIPT": events.RenameScript,
}
_OWN: Final[dict[str, Callable[..., None]]] = {
    "CAPABILITY": ServerEngine._capability,  # noqa: SLF001 -- the table of its own methods
    "NOOP": ServerEngine._noop,  # noqa: SLF001
    "LOGOUT": ServerEngine._logout,  # noqa: SLF001
    "STARTTLS": ServerEngine._starttls,  # noqa: SLF001
    "AUTHENTICATE": ServerEngine._authenticate,  # noqa: SLF001
}
