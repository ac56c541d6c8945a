"""The server side of one IMAP session.

NAME
  ServerEngine — IMAP4rev1 without sockets, clocks or mail

PURPOSE
  Octets in, events out; answers in, octets out. It keeps the session's state, lets one command run at a time in the
  order sent, runs the sub-dialogues of AUTHENTICATE, IDLE and APPEND, and answers alone what needs no mail:
  CAPABILITY, ENABLE, LOGOUT, every mistake of the peer. It must not know who logs in, what a mailbox holds, or why a
  driver says NO.

  The driver's loop: `receive_data` → `next_event` until None → `data_to_send` → read again while `wants_read`.
  A command event is answered with `write` (whole lines, `wire.py` makes them) and one `finish`. `finish` moves the
  state by the tables of `states.py`; after it `next_event` may give the next command out of what was pipelined.

STATES
  not authenticated → authenticated ⇄ selected; logout from any (RFC 3501 §3). See `states.ALLOWED`.

LIMITS
  `limits.Limits`. Memory: one command, `read_ahead` of pipelined input, one chunk of a message.

FAILURE
  Mistakes of the peer become `Bad`, answered; too many in a row, or a stream that cannot be followed, become BYE.
  Only misuse by our own driver raises: `LocalProtocolError`.

SECURITY
  STARTTLS drops all plaintext that came behind it. No password is taken without TLS unless the offer says so.
  Arguments of LOGIN and AUTHENTICATE never appear in a repr.

STANDARDS
  RFC 3501, 9051, 2177, 2971, 3502, 3516, 3691, 4315, 4469, 4731, 4959, 4978, 5161, 5258, 5819, 6154, 6851, 6855, 7162,
  7888, 8437, 8438, 8508, 9586.
"""

import binascii
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from typing import Final

from smartmail.proto.imap import capability, framing, wire
from smartmail.proto.imap.capability import Offer
from smartmail.proto.imap.commands import (
    AppendHead,
    Authenticate,
    Capability,
    Command,
    Compress,
    Enable,
    Fetch,
    Idle,
    Login,
    Logout,
    MultiSearch,
    Search,
    Select,
    Sort,
    StartTls,
    Thread,
    Unauthenticate,
    enables_condstore,
)
from smartmail.proto.imap.events import (
    AppendAbort,
    AppendChunk,
    AppendEnd,
    AppendStart,
    AppendStop,
    AppendText,
    AppendUrl,
    AuthAborted,
    AuthResponse,
    Bad,
    Closed,
    CloseReason,
    CommandReceived,
    Enabled,
    Event,
    IdleDone,
)
from smartmail.proto.imap.grammar import Bad as BadGrammar
from smartmail.proto.imap.grammar import Refused, parse, parse_append, parse_append_next, streams
from smartmail.proto.imap.grammar_append import Begin, End, Step, TextPart, Url
from smartmail.proto.imap.grammar_session import decode_base64
from smartmail.proto.imap.limits import Limits
from smartmail.proto.imap.search_keys import uses_sequence
from smartmail.proto.imap.states import ALLOWED, ON_OK, ON_START, State

_DEFAULT_LIMITS: Final = Limits()
_SPELLED: Final = {"IMAP4REV2": "IMAP4rev2"}
_NUMBERED: Final = frozenset({"FETCH", "STORE", "COPY", "MOVE", "SEARCH", "SORT", "THREAD", "REPLACE"})
"""Commands that speak in sequence numbers; not EXPUNGE, which names none (RFC 9586 §3)."""


class Status(Enum):
    OK = b"OK"
    NO = b"NO"
    BAD = b"BAD"


class LocalProtocolError(Exception):
    """Our own driver asked for what the session's state does not allow."""


class _Inside(Enum):
    """The sub-dialogue that incoming octets belong to."""

    NOTHING = 0
    AUTH = 1
    IDLE = 2
    APPEND = 3


class ServerEngine:
    __slots__ = (
        "_answered_bad",
        "_appended",
        "_closing",
        "_command",
        "_compressed",
        "_enabled",
        "_events",
        "_framer",
        "_inside",
        "_limits",
        "_offer",
        "_out",
        "_part_octets",
        "_parts_open",
        "_starving",
        "_state",
        "_tag",
        "_tls",
        "_tls_pending",
    )

    def __init__(self, offer: Offer | None = None, *, tls: bool = False, limits: Limits = _DEFAULT_LIMITS) -> None:
        """`tls`: the connection is under TLS from its first octet (port 993)."""
        self._offer = offer or Offer()
        self._limits = limits
        self._framer = framing.Framer(limits)
        self._state = State.NOT_AUTHENTICATED
        self._tls = tls
        self._tls_pending = False
        self._closing = False
        self._enabled: frozenset[str] = frozenset()
        self._inside = _Inside.NOTHING
        self._tag = b""
        self._command: Command | None = None
        self._appended = 0
        self._parts_open = False
        self._part_octets = 0
        self._compressed = False
        self._answered_bad = 0
        self._events: deque[Event] | None = None
        self._out: list[bytes] = []
        self._starving = True

    # -- what the driver may ask -----------------------------------------------------------------------------

    @property
    def state(self) -> State:
        return self._state

    @property
    def tls(self) -> bool:
        return self._tls

    @property
    def enabled(self) -> frozenset[str]:
        return self._enabled

    @property
    def utf8(self) -> bool:
        """Whether names and strings go out as UTF-8 (RFC 6855 §3, RFC 9051 §5.1)."""
        return "UTF8=ACCEPT" in self._enabled or self.rev2

    @property
    def rev2(self) -> bool:
        """Whether the client speaks IMAP4rev2 (RFC 9051 §6.3.1)."""
        return "IMAP4REV2" in self._enabled

    @property
    def uid_only(self) -> bool:
        """Whether sequence numbers mean nothing to the client (RFC 9586)."""
        return "UIDONLY" in self._enabled

    @property
    def vanishing(self) -> bool:
        """Whether VANISHED takes the place of EXPUNGE (RFC 7162 §3.2.10, RFC 9586 §3.1)."""
        return "QRESYNC" in self._enabled or "UIDONLY" in self._enabled

    @property
    def compressed(self) -> bool:
        return self._compressed

    @property
    def condstore(self) -> bool:
        """Whether MODSEQ belongs in every FETCH that tells flags (RFC 7162 §3.1)."""
        return "CONDSTORE" in self._enabled

    @property
    def tag(self) -> bytes:
        """The tag of the command in progress, empty without one."""
        return self._tag if self._command is not None else b""

    @property
    def command(self) -> Command | None:
        """The command in progress; its `name` is what `MailboxView.updates` wants."""
        return self._command

    @property
    def idling(self) -> bool:
        return self._inside is _Inside.IDLE

    @property
    def wants_read(self) -> bool:
        """Whether more input is welcome: the engine waits for it, or little is held behind a running command."""
        if self._closing or self._tls_pending:
            return False
        return self._starving or self._framer.buffered < self._limits.read_ahead

    @property
    def deadline_s(self) -> float:
        """How long the driver should wait for input before it says BYE (RFC 3501 §5.4)."""
        if self._closing:
            return self._limits.logout_s
        return self._limits.login_s if self._state is State.NOT_AUTHENTICATED else self._limits.idle_s

    def capabilities(self) -> tuple[str, ...]:
        return capability.names(self._offer, self._state, tls=self._tls, compressed=self._compressed)

    def capability_code(self) -> bytes:
        """Return the response code for the greeting and the OK of a login (RFC 3501 §7.1)."""
        return f"CAPABILITY {' '.join(self.capabilities())}".encode("ascii")

    # -- octets ----------------------------------------------------------------------------------------------

    def receive_data(self, data: bytes) -> None:
        if self._tls_pending:
            raise LocalProtocolError("plaintext after STARTTLS: pause reading before the go-ahead")
        if self._closing or not data:
            return
        self._starving = False
        self._framer.feed(data)

    def data_to_send(self) -> bytes:
        """Return and forget what is to be written now."""
        if not self._out:
            return b""
        data = self._out[0] if len(self._out) == 1 else b"".join(self._out)
        self._out.clear()
        return data

    def next_event(self) -> Event | None:
        """Return what happened next, or None: feed more, or finish the command in progress."""
        while True:
            if self._events:
                return self._events.popleft()
            if self._closing or self._tls_pending:
                return None
            event, progress = self._advance()
            if event is not None:
                return event
            if not progress:
                return None

    # -- answers ---------------------------------------------------------------------------------------------

    def greet(self, words: str = "ready") -> None:
        self._out.append(wire.condition(b"OK", words, self.capability_code()))

    def write(self, data: bytes) -> None:
        """Write whole untagged lines, or pieces of one. After BYE nothing is said any more."""
        if not self._closing:
            self._out.append(data)

    def finish(self, status: Status, words: str, code: bytes = b"") -> None:
        """Answer the command in progress: `tag OK [code] words`. After BYE it does nothing: the session ended first."""
        command = self._command
        if self._closing:
            return
        if command is None:
            raise LocalProtocolError("no command to finish")
        if isinstance(command, AppendHead):
            # What is left of an APPEND that is answered now means nothing any more.
            self._events = None
        if self._inside is _Inside.APPEND and not self._framer.discard():
            self._end_command(status, words, code)
            self._close(CloseReason.STREAM_LOST, "the rest of the message is too large to skip")
            return
        if status is Status.OK:
            self._move(ON_OK.get(command.name, self._state))
            if isinstance(command, Unauthenticate):
                # RFC 8437 §2: what ENABLE turned on is off again; TLS and compression stay.
                self._enabled = frozenset()
        self._end_command(status, words, code)

    def finish_login(self, words: str = "logged in") -> None:
        """Answer OK to LOGIN or AUTHENTICATE with the capabilities that hold from now on."""
        if self._closing:
            return
        if not isinstance(self._command, Login | Authenticate):
            raise LocalProtocolError("no login to finish")
        self._move(State.AUTHENTICATED)
        self._end_command(Status.OK, words, self.capability_code())

    def deselect(self) -> None:
        """The selected mailbox is gone (deleted by another session); a NO or OK must have told the client."""
        if self._state is State.SELECTED:
            self._state = State.AUTHENTICATED

    def offer_logins(self, mechanisms: tuple[str, ...]) -> None:
        """Offer these SASL mechanisms from now on (RFC 3501 §6.2.2): TLS has come, or a policy has changed."""
        self._offer = replace(self._offer, mechanisms=mechanisms)

    def challenge(self, data: bytes) -> None:
        """Send a SASL challenge; `AuthResponse` or `AuthAborted` follows (RFC 3501 §6.2.2)."""
        if not isinstance(self._command, Authenticate):
            raise LocalProtocolError("no AUTHENTICATE in progress")
        self._out.append(b"+ " + binascii.b2a_base64(data, newline=False) + b"\r\n")
        self._inside = _Inside.AUTH

    def start_idle(self) -> None:
        """Let the client idle; `write` lines at will until `IdleDone` (RFC 2177)."""
        if not isinstance(self._command, Idle):
            raise LocalProtocolError("no IDLE in progress")
        self._out.append(b"+ idling\r\n")
        self._inside = _Inside.IDLE

    def accept_append(self) -> None:
        """Let the octets of the message come that `AppendStart` announced."""
        if self._inside is not _Inside.APPEND or not self._framer.deciding:
            raise LocalProtocolError("no message to accept")
        if self._framer.waits:
            self._out.append(b"+ go on\r\n")
        self._framer.accept()

    def begin_tls(self) -> None:
        """Answer OK to STARTTLS and drop all plaintext; flush, do the handshake, then `tls_established`.

        The driver stops reading before it flushes: a fast ClientHello must not land in the plaintext buffer.
        """
        if not isinstance(self._command, StartTls):
            raise LocalProtocolError("no STARTTLS in progress")
        self._end_command(Status.OK, "begin TLS now", b"")
        # RFC 3501 §6.2.1: nothing said before the handshake counts after it; what was pipelined may be an intruder's.
        self._framer.drop()
        self._tls_pending = True

    def begin_compression(self) -> None:
        """Answer OK to COMPRESS; everything behind the answer is compressed, both ways (RFC 4978 §3)."""
        if not isinstance(self._command, Compress):
            raise LocalProtocolError("no COMPRESS in progress")
        self._end_command(Status.OK, "DEFLATE active", b"")
        # A client waits for the answer: what it said before is neither plain nor compressed.
        self._framer.drop()
        self._framer.logged_in = True
        self._compressed = True
        self._starving = True

    def tls_established(self) -> None:
        if not self._tls_pending:
            raise LocalProtocolError("no handshake was due")
        self._tls_pending = False
        self._tls = True
        self._answered_bad = 0
        self._starving = True

    def bye(self, words: str, code: bytes = b"") -> None:
        """End the session from our side: shutdown, autologout, a lock on the account (RFC 3501 §7.1.5)."""
        if not self._closing:
            self._close(CloseReason.DRIVER, words, code)

    # -- input, one step -------------------------------------------------------------------------------------

    def _advance(self) -> tuple[Event | None, bool]:
        """Return an event, and whether something was done that may lead to one."""
        if self._inside in {_Inside.AUTH, _Inside.IDLE}:
            return self._advance_line()
        if self._command is not None and self._inside is not _Inside.APPEND:
            return None, False
        frame = self._framer.next()
        if frame is None:
            self._starving = not self._framer.deciding
            return None, False
        return self._take(frame), True

    def _take(self, frame: framing.Frame) -> Event | None:
        match frame:
            case framing.Framed(text, literals):
                return self._take_command(text, literals)
            case framing.Ask():
                self._out.append(b"+ go on\r\n")
                return None
            case framing.Head():
                return self._take_head(frame)
            case framing.Chunk(data):
                return AppendChunk(data)
            case framing.Stop():
                return self._take_stop()
            case framing.Tail(text):
                return self._take_tail(text)
            case framing.Broken():
                return self._take_broken(frame)

    def _take_command(self, text: bytes, literals: tuple[bytes, ...]) -> Event | None:
        if streams(text):
            return self._take_whole_append(text, literals)
        parsed = parse(text, literals, utf8=self.utf8, rev2=self.rev2)
        match parsed:
            case BadGrammar(tag, words):
                return self._bad(tag, words)
            case Refused(tag, words, code):
                return self._no(tag, words, code)
        return self._begin(parsed.tag, parsed.command)

    def _begin(self, tag: bytes, command: Command) -> Event | None:
        refusal = self._refusal(tag, command)
        if refusal is not None:
            return refusal
        self._tag = tag
        match command:
            case Capability():
                self._out.append(wire.capability_line(self.capabilities()))
                self._tagged(Status.OK, "done")
                return None
            case Logout():
                self._close(CloseReason.LOGOUT, "see you", tagged=True)
                return None
            case Enable(names):
                return self._enable(names)
        self._command = command
        self._imply_condstore(command)
        if isinstance(command, Select) and self._state is State.SELECTED:
            # RFC 7162 §3.2.11: responses from here on are about the new mailbox.
            self._out.append(wire.condition(b"OK", "previous mailbox closed", b"CLOSED"))
        self._state = ON_START.get(command.name, self._state)
        self._push(CommandReceived(tag, command))
        return None

    def _refusal(self, tag: bytes, command: Command) -> Event | None:
        """Whether state or transport forbid the command (RFC 3501 §3, §6.2)."""
        if self._state not in ALLOWED[command.name]:
            return self._bad(tag, f"{command.name} is not allowed in the {self._state.value} state")
        secure = self._tls or self._offer.plain_login
        if isinstance(command, Login | Authenticate) and not secure:
            # RFC 5530 §3: the client should have looked at LOGINDISABLED.
            return self._no(tag, "TLS is needed first", "PRIVACYREQUIRED")
        if isinstance(command, StartTls) and (self._tls or self._compressed or not self._offer.tls_available):
            return self._bad(tag, "TLS is on already" if self._tls else "STARTTLS is not offered")
        if isinstance(command, Compress):
            return self._compress_refusal(tag, command)
        return self._mode_refusal(tag, command)

    def _compress_refusal(self, tag: bytes, command: Compress) -> Event | None:
        """RFC 4978 §3."""
        if command.mechanism != "DEFLATE" or not self._offer.compress:
            return self._bad(tag, "that compression is not offered")
        if self._compressed:
            return self._no(tag, "DEFLATE is active already", "COMPRESSIONACTIVE")
        return None

    def _mode_refusal(self, tag: bytes, command: Command) -> Event | None:
        """Whether what ENABLE turned on, or did not, forbids the command (RFC 7162 §3.2, RFC 9586 §3)."""
        resync = command.resync if isinstance(command, Select) else None
        if (resync or (isinstance(command, Fetch) and command.vanished)) and "QRESYNC" not in self._enabled:
            return self._bad(tag, "QRESYNC is not enabled")
        if isinstance(command, MultiSearch) and self._state is not State.SELECTED and command.in_selected:
            # RFC 7377 §2.2
            return self._bad(tag, "no mailbox is selected")
        if not self.uid_only:
            return None
        key = command.key if isinstance(command, Search | Sort | Thread | MultiSearch) else None
        if command.name in _NUMBERED or (key is not None and uses_sequence(key)) or (resync and resync.matches):
            return self._bad(tag, "only UIDs are used in this session", b"UIDREQUIRED")
        return None

    def _enable(self, names: tuple[str, ...]) -> Event:
        known = tuple(name for name in names if name in capability.ENABLE and name not in self._enabled)
        self._enabled |= frozenset(known)
        if "QRESYNC" in known:
            # RFC 7162 §3.2.3
            self._enabled |= {"CONDSTORE"}
        self._out.append(wire.enabled_line([_SPELLED.get(name, name) for name in known]))
        self._tagged(Status.OK, "done")
        return Enabled(known)

    def _imply_condstore(self, command: Command) -> None:
        if not self.condstore and enables_condstore(command):
            self._enabled |= {"CONDSTORE"}
            self._push(Enabled(("CONDSTORE",), implied=True))

    # -- APPEND ----------------------------------------------------------------------------------------------

    def _take_head(self, head: framing.Head) -> Event | None:
        if isinstance(self._command, AppendHead):
            steps = parse_append_next(head.text, self._command, is_open=self._parts_open)
            return self._abort_append(steps) if isinstance(steps, str) else self._step(steps, head.size)
        begun = self._begin_append(head.text, head.literals)
        return self._step(begun, head.size) if isinstance(begun, tuple) else self._refuse_append(begun)

    def _begin_append(self, text: bytes, literals: tuple[bytes, ...]) -> tuple[Step, ...] | Event | None:
        """Return the first steps of an APPEND that is allowed, or what was answered instead."""
        parsed = parse_append(text, literals, utf8=self.utf8, rev2=self.rev2)
        if isinstance(parsed, BadGrammar):
            return self._bad(parsed.tag, parsed.text)
        refusal = self._refusal(parsed.tag, parsed.head)
        if refusal is not None:
            return refusal
        self._tag = parsed.tag
        self._command = parsed.head
        self._inside = _Inside.APPEND
        self._appended = 0
        self._parts_open = False
        return parsed.steps

    def _take_whole_append(self, text: bytes, literals: tuple[bytes, ...]) -> Event | None:
        """An APPEND without any octets of its own: all parts of its messages are URLs (RFC 4469 §3)."""
        begun = self._begin_append(text, literals)
        if not isinstance(begun, tuple):
            return begun
        if not begun:
            return self._abort_append("message literal expected")
        self._inside = _Inside.NOTHING
        event = self._step(begun, None)
        if not isinstance(event, AppendAbort):
            self._push(AppendEnd(self._tag))
        return event

    def _step(self, steps: Sequence[Step], size: int | None) -> Event | None:
        """Turn steps into events. `size`: of the literal that ends them, None: the command is over."""
        events: list[Event] = []
        for step in steps:
            event = self._event_of(step, size)
            if isinstance(event, AppendAbort):
                return event
            events.append(event)
        for event in events[1:]:
            self._push(event)
        return events[0] if events else None

    def _event_of(self, step: Step, size: int | None) -> Event:
        match step:
            case Begin(head):
                return self._start_append(head, None if head.catenate else size)
            case Url(url):
                return AppendUrl(url)
            case TextPart():
                return self._start_part(size or 0)
            case End():
                self._parts_open = False
                self._appended += 1
                return AppendStop()

    def _start_part(self, size: int) -> Event:
        self._part_octets += size
        limit = self._limits.append
        if limit is not None and self._part_octets > limit:
            # RFC 4469 §5
            return self._abort_append("message too large", Status.NO, b"TOOBIG")
        return AppendText(size)

    def _start_append(self, message: AppendHead, size: int | None) -> Event:
        self._command = message
        if size == 0:
            # RFC 3502 §6.3.11: an empty literal is an error, and how a client takes an APPEND back.
            return self._abort_append("empty message", Status.NO)
        limit = self._limits.append
        if limit is not None and size is not None and size > limit:
            # RFC 7889 §4
            return self._abort_append("message too large", Status.NO, b"TOOBIG")
        if self._appended >= self._limits.append_messages:
            return self._abort_append("too many messages in one APPEND", Status.NO, b"LIMIT")
        if message.utf8 and not self.utf8:
            # RFC 6855 §4: only after ENABLE UTF8=ACCEPT.
            return self._abort_append("UTF8 without UTF8=ACCEPT")
        self._parts_open = message.catenate
        self._part_octets = 0
        return AppendStart(self._tag, message, size, self._appended)

    def _take_stop(self) -> Event | None:
        """The octets of a literal are complete."""
        if self._parts_open:
            return None
        self._appended += 1
        return AppendStop()

    def _refuse_append(self, event: Event | None) -> Event | None:
        """The head itself was wrong and is answered: throw the rest away."""
        if not self._framer.discard() and not self._closing:
            self._close(CloseReason.STREAM_LOST, "the rest of the message is too large to skip")
        return event

    def _abort_append(self, words: str, status: Status = Status.BAD, code: bytes = b"") -> Event:
        tag = self._tag
        self.finish(status, words, code)
        if status is Status.BAD:
            self._count_mistake()
        return AppendAbort(tag, words)

    def _take_tail(self, text: bytes) -> Event | None:
        assert isinstance(self._command, AppendHead)
        steps = parse_append_next(text, self._command, is_open=self._parts_open)
        if isinstance(steps, str):
            return self._abort_append(steps)
        event = self._step(steps, None)
        if isinstance(event, AppendAbort):
            return event
        self._inside = _Inside.NOTHING
        if event is None:
            return AppendEnd(self._tag)
        self._push(AppendEnd(self._tag))
        return event

    # -- sub-dialogues of lines ------------------------------------------------------------------------------

    def _advance_line(self) -> tuple[Event | None, bool]:
        limit = self._limits.line_before_login
        line = self._framer.line(limit)
        if line is None:
            self._starving = True
            return None, False
        too_long = len(line) > limit
        event = self._take_idle_line(line) if self._inside is _Inside.IDLE else self._take_auth(line, too_long=too_long)
        return event, True

    def _take_idle_line(self, line: bytes) -> Event:
        self._inside = _Inside.NOTHING
        if line.upper() == b"DONE":
            return IdleDone()
        # RFC 2177 §3: nothing but DONE may be said. The idle is over; what was said is thrown away.
        tag = self._tag
        self._end_command(Status.BAD, "DONE expected", b"")
        self._count_mistake()
        return Bad(tag, "DONE expected")

    def _take_auth(self, line: bytes, *, too_long: bool) -> Event:
        self._inside = _Inside.NOTHING
        data = None if too_long or line == b"*" else decode_base64(line)
        if data is not None:
            return AuthResponse(data)
        words = "cancelled" if line == b"*" else "base64 expected"
        self._end_command(Status.BAD, words, b"")
        return AuthAborted(words)

    # -- refusals and the end --------------------------------------------------------------------------------

    def _take_broken(self, broken: framing.Broken) -> Event | None:
        if broken.fatal:
            self._close(CloseReason.STREAM_LOST, broken.reason)
            return None
        if self._inside is _Inside.APPEND:
            return self._abort_append(broken.reason)
        return self._bad(broken.tag, broken.reason)

    def _bad(self, tag: bytes | None, words: str, code: bytes = b"") -> Event:
        told = b"[%b] %b" % (code, wire.text(words)) if code else wire.text(words)
        self._out.append(b"%b BAD %b\r\n" % (tag or b"*", told))
        self._count_mistake()
        return Bad(tag, words)

    def _no(self, tag: bytes, words: str, code: str) -> Event:
        self._out.append(b"%b NO [%b] %b\r\n" % (tag, code.encode("ascii"), wire.text(words)))
        return Bad(tag, words, no=True)

    def _count_mistake(self) -> None:
        if self._closing:
            return
        self._answered_bad += 1
        before = self._state is State.NOT_AUTHENTICATED
        if self._answered_bad >= (self._limits.bad_before_login if before else self._limits.bad):
            self._close(CloseReason.TOO_MANY_ERRORS, "too many errors")

    def _end_command(self, status: Status, words: str, code: bytes) -> None:
        self._inside = _Inside.NOTHING
        self._command = None
        self._tagged(status, words, code)

    def _tagged(self, status: Status, words: str, code: bytes = b"") -> None:
        if status is not Status.BAD:
            self._answered_bad = 0
        written = wire.text(words)
        self._out.append(b"%b %b %b%b\r\n" % (self._tag, status.value, b"[%b] " % code if code else b"", written))

    def _move(self, state: State) -> None:
        self._state = state
        self._framer.logged_in = state in {State.AUTHENTICATED, State.SELECTED}

    def _close(self, reason: CloseReason, words: str, code: bytes = b"", *, tagged: bool = False) -> None:
        self._out.append(wire.condition(b"BYE", words, code))
        if tagged:
            self._tagged(Status.OK, "logged out")
        self._state = State.LOGOUT
        self._closing = True
        self._command = None
        self._inside = _Inside.NOTHING
        self._framer.drop()
        self._events = deque([Closed(reason)])

    def _push(self, event: Event) -> None:
        if self._events is None:
            self._events = deque()
        self._events.append(event)
