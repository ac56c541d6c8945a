"""The receiving side of SMTP, submission and LMTP.

NAME: smtp server engine.
PURPOSE: octets in, events out, replies in, octets out. Knows the dialog; knows no address, no message, no clock.
    Loop of the driver: `receive_data`, then `next_event` until None, answering each event of `events.ASKS` by
    `send` or `accept`, then write `data_to_send`. While an event is unanswered no other is given, so a driver may
    take its time and replies keep their order; it should pause reading meanwhile (`blocked`).
STATES: `table.State`; the transitions are `table.TABLE`.
LIMITS: `config.Limits`, each with its reason; `deadline_s` says how long to wait for the peer.
FAILURE: what a peer does wrong is answered and told as Violation or DataRejected; LocalProtocolError means that
    the driver broke the contract.
SECURITY: only CRLF.CRLF ends a message; a message with a bare CR or LF is refused after its end was read; STARTTLS
    forgets plaintext and dialog; AUTH needs TLS; who talks out of turn is cut off (RFC 5321 §3.1, RFC 2920 §3.1).
STANDARDS: RFC 5321, RFC 2920 (PIPELINING), RFC 1870 (SIZE), RFC 6152 (8BITMIME), RFC 6531 (SMTPUTF8), RFC 3030
    (CHUNKING without BINARYMIME), RFC 3461 (DSN), RFC 2034 (ENHANCEDSTATUSCODES), RFC 3207 (STARTTLS), RFC 4954
    (AUTH), RFC 2033 (LMTP), RFC 6409 (submission).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from smartmail.proto.lineio import LineFault, LocalProtocolError
from smartmail.proto.sasl import Credentials, server_mechanism
from smartmail.proto.smtp import events, parameters, replies
from smartmail.proto.smtp.config import ServerConfig
from smartmail.proto.smtp.events import Event
from smartmail.proto.smtp.exchange import AuthExchange, Response, challenge
from smartmail.proto.smtp.path import POSTMASTER, parse_path
from smartmail.proto.smtp.reception import Reception
from smartmail.proto.smtp.reply import Reply
from smartmail.proto.smtp.table import FRAMED, HELLOS, TABLE, TRANSACTION, State, Verb

_FAULTS: Final = {
    LineFault.BARE: replies.BARE,
    LineFault.TOO_LONG: replies.LINE_TOO_LONG,
    LineFault.ENDLESS: replies.ENDLESS_LINE,
}
# RFC 3207 §4: what may be said before TLS where TLS is demanded; RSET harms nobody.
_BEFORE_TLS: Final = HELLOS | {Verb.NOOP, Verb.QUIT, Verb.STARTTLS, Verb.RSET, Verb.UNKNOWN}
_HELLO_CHARACTERS: Final = 255
_READ_HERE: Final = frozenset({"PLAIN", "LOGIN"})


class ServerEngine(Reception):
    """One connection. `tls` is true when the listener made the handshake already (port 465)."""

    def __init__(self, config: ServerConfig, *, tls: bool = False) -> None:
        super().__init__(config, tls=tls)
        self._exchange: AuthExchange | None = None
        self._verbs = _known_verbs(config.protocol)
        self._mail_parameters = _offered_mail_parameters(config)
        # Asked for every command, so kept at hand.
        self._must_secure = config.tls_required and not tls
        self._may_login = bool(config.mechanisms)
        self._offered = config.mechanisms
        self._in_clear = config.auth_cleartext
        self._ask(events.Connected())

    def send(self, reply: Reply) -> None:
        """Answer the oldest unanswered event. Raises LocalProtocolError when there is none or it is unread."""
        event = self._take_pending()
        if reply.code == 421:
            self._say(reply)
            self._end()
            return
        self._answers[type(event)](self, event, reply)

    def accept(self) -> None:
        """Answer the oldest unanswered event with its ordinary positive reply."""
        if self._pending is None:
            raise LocalProtocolError("nothing to accept")
        self.send(_ACCEPTING.get(type(self._pending), replies.NOOP_OK))

    def offer(self, mechanisms: tuple[str, ...]) -> None:
        """Offer these from the next EHLO on: policy and TLS decide, for a listener whose config allows logins at all."""
        if self._may_login:
            self._offered = mechanisms

    def offer_in_clear(self, mechanisms: tuple[str, ...]) -> None:
        """Let this one peer log in although the listener offers no login: a machine that cannot do TLS, by exception."""
        self._may_login = self._in_clear = True
        self._offered = mechanisms

    def challenge(self, data: bytes) -> None:
        """Answer an AuthStep with the mechanism's next challenge. Raises LocalProtocolError without one."""
        if not isinstance(self._take_pending(), events.AuthStep):
            raise LocalProtocolError("no exchange waits for a challenge")
        self._say(challenge(data))

    def tls_started(self) -> None:
        """The handshake is done. RFC 3207 §4.2: all that was said or sent in plaintext before is forgotten."""
        if self._state is not State.TLS:
            raise LocalProtocolError("no handshake was agreed")
        self._tls = True
        self._must_secure = False
        self._identity = ""
        self._buffer.clear()
        self._state = State.START

    # ── the loop ──────────────────────────────────────────────────────────────────────────────────────────────

    def _advance(self) -> bool:
        """Use waiting octets for one step; False when there are too few."""
        if self._state in FRAMED:
            return self._advance_framed()
        limit = self._limits.command_line
        if self._may_login and self._buffer.starts_with(b"AUTH "):
            limit = self._limits.auth_line
        line = self._buffer.next_line(limit)
        if line is None:
            return False
        if isinstance(line, LineFault):
            self._violate(_FAULTS[line])
        else:
            self._command(line)
        return True

    def _advance_framed(self) -> bool:
        if self._state is State.DATA:
            return self._read_data()
        if self._state is State.CHUNK:
            return self._read_chunk()
        return self._read_auth() if self._state is State.AUTH else False

    def _command(self, line: bytes) -> None:
        try:
            text = line.decode().rstrip(" ")
        except UnicodeDecodeError:
            return self._violate(replies.NOT_TEXT)
        if not text.isprintable():
            return self._violate(replies.SYNTAX)
        word, _, rest = text.partition(" ")
        verb = self._verbs.get(word.upper(), Verb.UNKNOWN)
        step = TABLE[self._state][verb]
        if verb is Verb.BDAT:
            return self._bdat(rest)
        if self._must_secure and verb not in _BEFORE_TLS:
            return self._violate(replies.TLS_FIRST)
        if isinstance(step, Reply):
            return self._violate(self._refusal(verb, step))
        return self._commands[verb](self, rest)

    # ── commands ──────────────────────────────────────────────────────────────────────────────────────────────

    def _ehlo(self, name: str) -> None:
        self._hello(name, esmtp=True)

    def _helo(self, name: str) -> None:
        self._hello(name, esmtp=False)

    def _hello(self, name: str, *, esmtp: bool) -> None:
        # RFC 5321 §4.1.4 forbids to refuse mail for a name that does not verify; only its form is judged here.
        if not name or not name.isascii() or " " in name or len(name) > _HELLO_CHARACTERS:
            return self._violate(replies.BAD_HELLO)
        if self._loitering():
            return None
        return self._ask(events.Hello(name, esmtp))

    def _chat(self, reply: Reply) -> None:
        if not self._loitering():
            self._say(reply)

    def _vrfy(self, rest: str) -> None:
        if rest:
            self._chat(replies.VRFY)
        else:
            self._violate(replies.SYNTAX)

    def _mail(self, rest: str) -> None:
        if self._config.auth_required and not self._identity:
            return self._violate(replies.AUTH_FIRST)
        found = parse_path(rest, _path_start(rest, 5)) if rest[:5].upper() == "FROM:" else None
        if found is None or found[0] is POSTMASTER:
            return self._violate(replies.BAD_SENDER)
        path, end = found
        if end == len(rest) and rest.isascii():
            return self._ask(events.Mail(path))
        fields = self._parameters(rest, end, self._mail_parameters)
        if isinstance(fields, Reply):
            return self._violate(fields)
        mail = events.Mail(path, **fields)
        if mail.require_tls and not self._tls:
            # RFC 8689 §2: it is not offered outside TLS, and a parameter that was not offered is not known.
            return self._violate(replies.UNKNOWN_PARAMETER)
        if not mail.smtputf8 and not path.is_ascii:
            return self._violate(replies.NEEDS_SMTPUTF8_SENDER)
        if self._config.size and mail.size > self._config.size:
            return self._violate(replies.TOO_LARGE)
        return self._ask(mail)

    def _parameters(
        self, rest: str, start: int, known: dict[str, tuple[str, parameters.Reader]]
    ) -> dict[str, Any] | Reply:
        if start < len(rest) and rest[start] != " ":
            return replies.SYNTAX
        # RFC 5321 §4.1.4: parameters belong to EHLO sessions.
        return parameters.read_parameters(rest[start:], known if self._esmtp else {})

    def _rcpt(self, rest: str) -> None:
        found = parse_path(rest, _path_start(rest, 3)) if rest[:3].upper() == "TO:" else None
        if found is None or found[0].is_null:
            return self._violate(replies.BAD_RECIPIENT)
        path, end = found
        if not self._smtputf8 and not rest.isascii() and not path.is_ascii:
            return self._violate(replies.NEEDS_SMTPUTF8)
        if self._recipients >= self._limits.recipients:
            return self._violate(replies.TOO_MANY_RECIPIENTS)
        if end == len(rest):
            return self._ask(events.Rcpt(path))
        fields = self._parameters(rest, end, parameters.RCPT_DSN if self._config.dsn else {})
        return self._violate(fields) if isinstance(fields, Reply) else self._ask(events.Rcpt(path, **fields))

    def _data(self, rest: str) -> None:
        if rest:
            return self._violate(replies.NO_PARAMETERS)
        return self._ask(events.DataStart())

    def _noop(self, _rest: str) -> None:
        self._chat(replies.NOOP_OK)

    def _help(self, _rest: str) -> None:
        self._chat(replies.HELP)

    def _rset(self, rest: str) -> None:
        if rest:
            return self._violate(replies.NO_PARAMETERS)
        self._chat(replies.RESET_OK)
        if self._state in TRANSACTION:
            self._clear_transaction(State.READY)
            self._events.append(events.Reset())
        return None

    def _quit(self, rest: str) -> None:
        if rest:
            return self._violate(replies.NO_PARAMETERS)
        self._hang_up(replies.BYE)
        return self._events.append(events.Quit())

    def _starttls(self, rest: str) -> None:
        if not self._config.starttls:
            return self._violate(replies.NOT_OFFERED)
        if rest or self._tls:
            return self._violate(replies.TLS_ACTIVE if self._tls else replies.NO_PARAMETERS)
        # CVE-2011-0411: commands sent behind STARTTLS in plaintext must not run inside TLS.
        return self._ask(events.StartTls(self._buffer.clear()))

    # ── authentication ────────────────────────────────────────────────────────────────────────────────────────

    def _auth(self, rest: str) -> None:
        name, _, initial = rest.partition(" ")
        name = name.upper()
        if not self._may_login:
            return self._violate(replies.NOT_OFFERED)
        if self._identity or not self._auth_offered():
            return self._violate(replies.AUTH_TWICE if self._identity else replies.AUTH_NEEDS_TLS)
        if name not in self._offered:
            return self._violate(replies.AUTH_UNKNOWN if name else replies.SYNTAX)
        self._exchange = AuthExchange(name, server_mechanism(name) if name in _READ_HERE else None)
        self._state = State.AUTH
        return self._exchanged(self._exchange.begin(initial.strip(" ")), begins=True)

    def _auth_offered(self) -> bool:
        return self._tls or self._in_clear

    def _read_auth(self) -> bool:
        line = self._buffer.next_line(self._limits.auth_line)
        if line is None:
            return False
        assert self._exchange is not None
        if isinstance(line, LineFault):
            self._state = State.READY
            self._violate(replies.AUTH_TOO_LONG if line is LineFault.TOO_LONG else _FAULTS[line])
        else:
            self._exchanged(self._exchange.answer(line))
        return True

    def _exchanged(self, outcome: Credentials | Response | Reply, *, begins: bool = False) -> None:
        assert self._exchange is not None
        if isinstance(outcome, Response):
            self._ask(events.AuthStep(self._exchange.name, outcome.data, begins))
        elif isinstance(outcome, Credentials):
            self._ask(events.Auth(self._exchange.name, outcome.authzid, outcome.authcid, outcome.password))
        elif outcome.positive:
            self._say(outcome)
        else:
            self._state = State.READY
            self._violate(self._login_failed(outcome))

    def _login_failed(self, reply: Reply) -> Reply:
        self._logins += 1
        return replies.TOO_MANY_LOGINS if self._logins >= self._limits.auth_failures else reply

    # ── answers of the driver ─────────────────────────────────────────────────────────────────────────────────

    def _answer_connected(self, _event: events.Connected, reply: Reply) -> None:
        if not reply.positive:
            self._say(reply)
            self._state = State.REFUSED
        elif not self._early():
            protocol = "LMTP" if self._lmtp else "ESMTP"
            # RFC 2034 §3: no enhanced code in the greeting and in answers to the hellos.
            self._say(Reply(220, "", f"{self._config.host} {protocol} SmartMail"))
            self._state = State.START

    def _answer_hello(self, event: events.Hello, reply: Reply) -> None:
        if self._early():
            return
        if not reply.positive:
            self._say(reply)
            return
        self._esmtp = event.esmtp
        self._clear_transaction(State.READY)
        keywords = self._keywords() if event.esmtp else []
        self._say(Reply(250, "", "\n".join([self._config.host, *keywords])))

    def _keywords(self) -> list[str]:
        config = self._config
        return [
            "PIPELINING",
            f"SIZE {config.size}" if config.size else "SIZE",
            "8BITMIME",
            "ENHANCEDSTATUSCODES",
            *(["SMTPUTF8"] if config.smtputf8 else []),
            *(["CHUNKING"] if config.chunking else []),
            *(["DSN"] if config.dsn else []),
            *(["STARTTLS"] if config.starttls and not self._tls else []),
            *(["REQUIRETLS"] if config.require_tls and self._tls else []),
            *([f"AUTH {' '.join(self._offered)}"] if self._offered and self._auth_offered() else []),
        ]

    def _answer_mail(self, event: events.Mail, reply: Reply) -> None:
        if reply.positive:
            self._state = State.MAIL
            self._smtputf8 = event.smtputf8
            self._say(reply)
        else:
            self._refuse(reply)

    def _answer_rcpt(self, _event: events.Rcpt, reply: Reply) -> None:
        if reply.positive:
            self._state = State.RCPT
            self._recipients += 1
            self._say(reply)
        else:
            self._refused_recipients += 1
            self._refuse(reply)

    def _answer_starttls(self, _event: events.StartTls, reply: Reply) -> None:
        self._say(reply)
        if reply.positive:
            self._state = State.TLS

    def _answer_auth(self, event: events.Auth | events.AuthStep, reply: Reply) -> None:
        self._exchange = None
        self._state = State.READY
        if self._early():
            return
        if reply.positive:
            self._identity = event.mechanism if isinstance(event, events.AuthStep) else event.authzid or event.authcid
            self._say(reply)
            return
        final = self._login_failed(reply) if reply.permanent else reply
        if final.code == 421:
            self._violate(final)
        else:
            self._say(final)

    _commands: Final[dict[Verb, Callable[..., None]]] = {
        Verb.EHLO: _ehlo,
        Verb.HELO: _helo,
        Verb.LHLO: _ehlo,
        Verb.MAIL: _mail,
        Verb.RCPT: _rcpt,
        Verb.DATA: _data,
        Verb.RSET: _rset,
        Verb.NOOP: _noop,
        Verb.VRFY: _vrfy,
        Verb.HELP: _help,
        Verb.QUIT: _quit,
        Verb.STARTTLS: _starttls,
        Verb.AUTH: _auth,
    }

    _answers: Final[dict[type[Event], Callable[..., None]]] = {
        events.Connected: _answer_connected,
        events.Hello: _answer_hello,
        events.Mail: _answer_mail,
        events.Rcpt: _answer_rcpt,
        events.DataStart: Reception._answer_data_start,  # noqa: SLF001 - our own base
        events.DataEnd: Reception._answer_data_end,  # noqa: SLF001 - our own base
        events.StartTls: _answer_starttls,
        events.Auth: _answer_auth,
        events.AuthStep: _answer_auth,
    }


_ACCEPTING: Final[dict[type[Event], Reply]] = {
    events.Mail: replies.MAIL_OK,
    events.Rcpt: replies.RCPT_OK,
    events.DataStart: replies.DATA_GO,
    events.DataEnd: replies.ACCEPTED,
    events.StartTls: replies.TLS_GO,
    events.Auth: replies.AUTH_OK,
    events.AuthStep: replies.AUTH_OK,
}


@lru_cache(maxsize=8)
def _known_verbs(protocol: str) -> dict[str, Verb]:
    # RFC 2033 §4.1: LMTP has LHLO instead of HELO and EHLO, which are unknown commands there.
    foreign = {Verb.EHLO, Verb.HELO} if protocol == "lmtp" else {Verb.LHLO}
    return {verb.value: verb for verb in Verb if verb is not Verb.UNKNOWN and verb not in foreign}


@lru_cache(maxsize=64)
def _offered_mail_parameters(config: ServerConfig) -> dict[str, tuple[str, parameters.Reader]]:
    return {
        **parameters.MAIL_BASE,
        **(parameters.MAIL_DSN if config.dsn else {}),
        **(parameters.MAIL_UTF8 if config.smtputf8 else {}),
        **(parameters.MAIL_TLS if config.require_tls else {}),
        **(parameters.MAIL_AUTH if config.mechanisms else {}),
    }


def _path_start(rest: str, start: int) -> int:
    """Return where the path begins: RFC 5321 §3.3 allows no space behind the colon, many devices send one."""
    while rest[start : start + 1] == " ":
        start += 1
    return start
