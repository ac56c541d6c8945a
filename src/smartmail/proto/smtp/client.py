"""The sending side of SMTP and LMTP.

NAME: smtp client engine.
PURPOSE: carries messages to one peer over one connection: greeting, hello, STARTTLS, login, any number of
    transactions, QUIT. Knows the dialog; where to connect, whether to insist on TLS and when to try again is the
    driver's. Loop: `receive_data`, `next_event` until None, call what the event allows, write `data_to_send`.
STATES: `ClientState`; a transaction is a script of commands, sent at once with PIPELINING, else one by one.
LIMITS: `reply.MAX_LINE` and `MAX_LINES` for what a peer answers; `deadline_s` for how long to wait for it.
FAILURE: each transaction ends in exactly one Done with a result for every recipient, also when the peer breaks
    the protocol (`Failed` follows), or the driver tells `connection_lost`. LocalProtocolError is our own misuse.
SECURITY: plaintext behind the go-ahead of STARTTLS ends the dialog; capabilities are forgotten with it; no
    password goes out without TLS; no bare CR or LF and no path that hides a line end is ever written.
STANDARDS: RFC 5321, RFC 2920 §3.1, RFC 1870, RFC 6152, RFC 6531, RFC 3461, RFC 3207, RFC 4954, RFC 2033, RFC 8689 §4.2.
"""

import binascii
from collections import deque
from collections.abc import Callable
from enum import StrEnum

from smartmail.proto.lineio import LineBuffer, LineFault, LocalProtocolError
from smartmail.proto.sasl import Credentials, client_mechanism
from smartmail.proto.sasl.client import ClientMechanism
from smartmail.proto.smtp.client_events import (
    Capabilities,
    ClientConfig,
    ClientEvent,
    DataWanted,
    Done,
    Envelope,
    Failed,
    Goodbye,
    LoggedIn,
    LoginRefused,
    Phase,
    Ready,
    Result,
    TlsGo,
    TlsRefused,
)
from smartmail.proto.smtp.commands import mail_command, rcpt_command
from smartmail.proto.smtp.data import DataEncoder
from smartmail.proto.smtp.reply import MAX_LINE, Reply, ReplyParser

LOST = Reply(421, "4.4.2", "Connection lost")
BROKEN = Reply(451, "4.5.0", "Peer broke the protocol")
NO_SMTPUTF8 = Reply(553, "5.6.7", "Peer does not offer SMTPUTF8")
TOO_LARGE = Reply(552, "5.3.4", "Message exceeds what the peer takes")
NO_REQUIRETLS = Reply(550, "5.7.30", "Peer does not offer REQUIRETLS")
NO_MECHANISM = Reply(504, "5.5.4", "No common authentication mechanism")
NO_TLS = Reply(538, "5.7.11", "No password without TLS")


class ClientState(StrEnum):
    """What the engine waits for."""

    GREETING = "greeting"
    HELLO = "hello"
    READY = "ready"
    STARTTLS = "starttls"
    TLS = "tls"
    AUTH = "auth"
    COMMANDS = "commands"  # MAIL, RCPT and DATA under way
    BODY = "body"  # the driver gives content
    END = "end"  # the last dot is out
    QUIT = "quit"
    CLOSED = "closed"


_READING_NOTHING = frozenset({ClientState.TLS, ClientState.CLOSED})


class ClientEngine:
    """One connection. `tls` is true when the handshake was made before the greeting."""

    def __init__(self, config: ClientConfig, *, tls: bool = False) -> None:
        self._config = config
        self._lmtp = config.protocol == "lmtp"
        self._tls = tls
        self._state = ClientState.GREETING
        self._buffer = LineBuffer()
        self._parser = ReplyParser()
        self._out: list[bytes] = []
        self._events: deque[ClientEvent] = deque()
        self._capabilities = Capabilities()
        self._helo = False
        self._mechanism: ClientMechanism | None = None
        # A transaction: commands not sent yet, handlers of the replies that are due, results so far.
        self._script: deque[tuple[bytes, Callable[[Reply], None]]] = deque()
        self._due: deque[Callable[[Reply], None]] = deque()
        self._results: list[Result | None] = []
        self._accepted: list[int] = []
        self._open = False
        self._needs_reset = False
        self._encoder = DataEncoder()

    # ── what the driver sees ──────────────────────────────────────────────────────────────────────────────────

    @property
    def state(self) -> ClientState:
        return self._state

    @property
    def closed(self) -> bool:
        return self._state is ClientState.CLOSED

    @property
    def tls(self) -> bool:
        return self._tls

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    @property
    def deadline_s(self) -> float | None:
        """Seconds to wait for the peer, None when it is the driver's turn (RFC 5321 §4.5.3.2)."""
        timeouts = self._config.timeouts
        return {
            ClientState.GREETING: timeouts.greeting,
            ClientState.READY: None,
            ClientState.TLS: None,
            ClientState.CLOSED: None,
            ClientState.COMMANDS: self._command_deadline(),
            ClientState.BODY: timeouts.data_block,
            ClientState.END: timeouts.data_end,
            ClientState.QUIT: timeouts.quit,
        }.get(self._state, timeouts.command)

    def _command_deadline(self) -> float:
        # DATA is the last of a script, so that what waits alone with nothing behind it is its answer.
        timeouts = self._config.timeouts
        return timeouts.command if self._script or len(self._due) > 1 else timeouts.data_start

    def receive_data(self, data: bytes) -> None:
        """Take octets from the peer."""
        if self._state not in _READING_NOTHING:
            self._buffer.feed(data)

    def next_event(self) -> ClientEvent | None:
        """Return what happened next; None when more octets or a call are needed."""
        while not self._events:
            if self._state in _READING_NOTHING or not self._advance():
                return None
        return self._events.popleft()

    def data_to_send(self) -> bytes:
        """Return all octets for the peer, once."""
        data = b"".join(self._out)
        self._out.clear()
        return data

    def starttls(self) -> None:
        """Ask for TLS; the peer must have offered it."""
        self._want(ClientState.READY)
        if self._tls or not self._capabilities.has("STARTTLS"):
            raise LocalProtocolError("STARTTLS is active or was not offered")
        self._state = ClientState.STARTTLS
        self._out.append(b"STARTTLS\r\n")

    def tls_started(self) -> None:
        """The handshake is done; RFC 3207 §4.2: what the peer offered before is forgotten."""
        self._want(ClientState.TLS)
        self._tls = True
        self._capabilities = Capabilities()
        self._say_hello()

    def login(self, credentials: Credentials) -> None:
        """Log in with the best mechanism of both; LoginRefused follows at once when there is none."""
        self._want(ClientState.READY)
        mechanism = client_mechanism(self._capabilities.mechanisms, credentials)
        if mechanism is None or not (self._tls or self._config.auth_cleartext):
            self._events.append(LoginRefused(NO_MECHANISM if mechanism is None else NO_TLS))
            return
        self._mechanism = mechanism
        self._state = ClientState.AUTH
        initial = mechanism.initial()
        # RFC 4954 §4: an empty initial response is "=".
        words = b"" if initial is None else b" " + (binascii.b2a_base64(initial, newline=False) or b"=")
        self._out.append(b"AUTH " + mechanism.name.encode() + words + b"\r\n")

    def send_message(self, envelope: Envelope) -> None:
        """Begin a transaction; DataWanted or Done follows."""
        self._want(ClientState.READY)
        if not envelope.recipients:
            raise LocalProtocolError("an envelope without recipients")
        self._results = [None] * len(envelope.recipients)
        self._accepted = []
        offered = self._capabilities
        refusal = self._impossible(envelope)
        if refusal is not None:
            self._decide(refusal, Phase.MAIL, local=True)
            self._finish()
            return
        script: list[tuple[bytes, Callable[[Reply], None]]] = [(mail_command(envelope, offered), self._mail_answered)]
        for index, recipient in enumerate(envelope.recipients):
            script.append((rcpt_command(recipient, offered), self._rcpt_handler(index)))
        script.append((b"DATA\r\n", self._data_answered))
        if self._needs_reset:
            script.insert(0, (b"RSET\r\n", self._reset_answered))
        self._script.extend(script)
        self._open = True
        self._state = ClientState.COMMANDS
        self._push()

    def send_data(self, content: bytes) -> None:
        """Give content with CRLF line ends, in chunks of any size."""
        self._want(ClientState.BODY)
        self._out.append(self._encoder.feed(content))

    def end_data(self) -> None:
        """Say that the content is whole."""
        self._want(ClientState.BODY)
        self._out.append(self._encoder.finish())
        self._state = ClientState.END
        if self._lmtp:
            # RFC 2033 §4.2: one reply for each accepted recipient, in order.
            self._due.extend(self._end_handler((index,)) for index in self._accepted)
        else:
            self._due.append(self._end_handler(tuple(self._accepted)))

    def quit(self) -> None:
        """Take leave."""
        self._want(ClientState.READY)
        self._state = ClientState.QUIT
        self._out.append(b"QUIT\r\n")

    def connection_lost(self) -> None:
        """Tell that the connection ended or timed out; what is open is decided as temporary."""
        if self._state is ClientState.QUIT:
            self._quit_answered(LOST)
        else:
            self._give_up("connection lost", LOST, told=None)

    # ── replies ───────────────────────────────────────────────────────────────────────────────────────────────

    def _want(self, state: ClientState) -> None:
        if self._state is not state or self._events:
            raise LocalProtocolError(f"not possible in state {self._state}")

    def _advance(self) -> bool:
        line = self._buffer.next_line(MAX_LINE)
        if line is None:
            return False
        outcome = line.value if isinstance(line, LineFault) else self._parser.feed(line)
        if isinstance(outcome, str):
            self._give_up(outcome, BROKEN, told=None)
        elif outcome is not None:
            self._answered(outcome)
        return True

    def _answered(self, reply: Reply) -> None:
        if reply.code == 421:
            # RFC 5321 §3.8: the peer closes, whatever it was asked.
            self._give_up("peer closed the dialog", reply, told=reply)
        elif self._due:
            self._due.popleft()(reply)
        elif self._state in _SINGLE:
            _SINGLE[self._state](self, reply)
        else:
            # While content goes out a refusal may come early; anything else out of turn is noise we cannot place.
            refusal = reply if self._state is ClientState.BODY and reply.code >= 400 else BROKEN
            self._give_up("a reply to nothing", refusal, told=reply)

    def _give_up(self, reason: str, reply: Reply, *, told: Reply | None) -> None:
        if self._state is ClientState.CLOSED:
            return
        if self._open:
            phase = {ClientState.BODY: Phase.DATA, ClientState.END: Phase.END}.get(self._state)
            self._decide(reply, phase or (Phase.RCPT if self._accepted else Phase.MAIL), local=told is None)
            self._events.append(Done(tuple(result for result in self._results if result)))
            self._open = False
        self._events.append(Failed(reason, told))
        self._state = ClientState.CLOSED
        self._script.clear()
        self._due.clear()
        self._buffer.clear()

    def _greeted(self, reply: Reply) -> None:
        if reply.code == 220:
            self._say_hello()
        else:
            self._give_up("greeting refused us", reply, told=reply)

    def _say_hello(self) -> None:
        verb = "LHLO" if self._lmtp else "EHLO"
        self._helo = False
        self._state = ClientState.HELLO
        self._out.append(f"{verb} {self._config.host}\r\n".encode("ascii", "replace"))

    def _hello_answered(self, reply: Reply) -> None:
        if 200 <= reply.code < 300:
            self._capabilities = Capabilities() if self._helo else read_capabilities(reply)
            self._state = ClientState.READY
            self._events.append(Ready(self._capabilities))
        elif reply.permanent and not self._helo and not self._lmtp:
            # RFC 5321 §3.2: a host that does not know EHLO is asked with HELO.
            self._helo = True
            self._out.append(f"HELO {self._config.host}\r\n".encode("ascii", "replace"))
        else:
            self._give_up("hello refused", reply, told=reply)

    def _starttls_answered(self, reply: Reply) -> None:
        if reply.code != 220:
            self._state = ClientState.READY
            self._events.append(TlsRefused(reply))
        elif self._buffer.has_data():
            # NO STARTTLS (2021): replies injected in plaintext would be believed inside TLS.
            self._give_up("plaintext behind the go-ahead of STARTTLS", BROKEN, told=None)
        else:
            self._state = ClientState.TLS
            self._events.append(TlsGo())

    def _auth_answered(self, reply: Reply) -> None:
        if reply.code == 334:
            self._out.append(self._response(reply))
            return
        self._mechanism = None
        self._state = ClientState.READY
        self._events.append(LoggedIn(reply) if reply.code == 235 else LoginRefused(reply))

    def _response(self, reply: Reply) -> bytes:
        assert self._mechanism is not None
        try:
            answer = self._mechanism.respond(binascii.a2b_base64(reply.text.encode(), strict_mode=True))
        except binascii.Error:
            answer = None
        return (b"*" if answer is None else binascii.b2a_base64(answer, newline=False)) + b"\r\n"

    def _quit_answered(self, _reply: Reply) -> None:
        self._state = ClientState.CLOSED
        self._events.append(Goodbye())

    # ── the transaction ───────────────────────────────────────────────────────────────────────────────────────

    def _impossible(self, envelope: Envelope) -> Reply | None:
        offered = self._capabilities
        if envelope.needs_smtputf8 and not offered.has("SMTPUTF8"):
            return NO_SMTPUTF8
        if envelope.require_tls and not (self._tls and offered.has("REQUIRETLS")):
            # RFC 8689 §4.2.1: the client must not hand such a message to a peer that would not keep to it.
            return NO_REQUIRETLS
        return TOO_LARGE if 0 < offered.size < envelope.size else None

    def _push(self) -> None:
        """Send what may be sent: all of the script with PIPELINING, else the next command when none is due."""
        pipelining = self._config.pipelining and self._capabilities.has("PIPELINING")
        while self._script and (pipelining or not self._due):
            command, handler = self._script.popleft()
            self._out.append(command)
            self._due.append(handler)

    def _decide(self, reply: Reply, phase: Phase, *, local: bool = False) -> None:
        """Give every recipient without a result this one."""
        result = Result(reply, phase, local)
        self._results = [known or result for known in self._results]

    def _finish(self) -> None:
        self._script.clear()
        self._open = False
        self._state = ClientState.READY
        self._events.append(Done(tuple(result for result in self._results if result)))

    def _reset_answered(self, reply: Reply) -> None:
        if not 200 <= reply.code < 300:
            self._give_up("RSET refused", reply, told=reply)
            return
        self._needs_reset = False
        self._push()

    def _mail_answered(self, reply: Reply) -> None:
        if 200 <= reply.code < 300:
            self._needs_reset = True
        else:
            self._decide(reply, Phase.MAIL)
            # Without pipelining the rest was not sent; with it the replies still come and change nothing.
            self._script.clear()
        self._go_on()

    def _rcpt_handler(self, index: int) -> Callable[[Reply], None]:
        def answered(reply: Reply) -> None:
            if self._results[index] is None:
                if 200 <= reply.code < 300:
                    self._accepted.append(index)
                else:
                    self._results[index] = Result(reply, Phase.RCPT)
            if len(self._script) == 1 and not self._accepted:
                # Only DATA is left and it would be for nobody.
                self._script.clear()
            self._go_on()

        return answered

    def _go_on(self) -> None:
        self._push()
        if not self._due:
            self._finish()

    def _data_answered(self, reply: Reply) -> None:
        if reply.code == 354 and self._accepted:
            self._encoder = DataEncoder()
            self._state = ClientState.BODY
            self._events.append(DataWanted(tuple(self._accepted)))
        elif reply.code == 354:
            # RFC 2920 §3.1: all recipients were refused and DATA was not; an empty message, whose fate is nobody's.
            self._out.append(b".\r\n")
            self._due.append(lambda _reply: self._finish())
        else:
            self._decide(reply if reply.code >= 400 else BROKEN, Phase.DATA, local=reply.code < 400)
            self._finish()

    def _end_handler(self, indexes: tuple[int, ...]) -> Callable[[Reply], None]:
        def answered(reply: Reply) -> None:
            for index in indexes:
                self._results[index] = Result(reply, Phase.END)
            if not self._due:
                self._needs_reset = False
                self._finish()

        return answered


_SINGLE: dict[ClientState, Callable[[ClientEngine, Reply], None]] = {
    ClientState.GREETING: ClientEngine._greeted,  # noqa: SLF001
    ClientState.HELLO: ClientEngine._hello_answered,  # noqa: SLF001
    ClientState.STARTTLS: ClientEngine._starttls_answered,  # noqa: SLF001
    ClientState.AUTH: ClientEngine._auth_answered,  # noqa: SLF001
    ClientState.QUIT: ClientEngine._quit_answered,  # noqa: SLF001
}


def read_capabilities(reply: Reply) -> Capabilities:
    """Read the keyword lines of an EHLO or LHLO reply (RFC 5321 §4.1.1.1)."""
    keywords: dict[str, tuple[str, ...]] = {}
    for line in reply.lines[1:]:
        # "AUTH=PLAIN" is an old form that some hosts still send beside the right one.
        words = line.upper().replace("AUTH=", "AUTH ").split()
        if words:
            keywords[words[0]] = tuple(dict.fromkeys((*keywords.get(words[0], ()), *words[1:])))
    return Capabilities(esmtp=True, keywords=keywords)
