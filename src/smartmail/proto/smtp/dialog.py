"""The ground of the server engine: buffers, the one unanswered event, counters, refusals and the end.

Knows that a dialog has commands and replies, not what any command means.
STANDARDS: RFC 5321 §3.8 (421), §4.5.3.2 (time-outs), RFC 2920 §3.1 (who may not pipeline).
"""

from collections import deque

from smartmail.proto.lineio import LineBuffer, LocalProtocolError
from smartmail.proto.smtp import events, replies
from smartmail.proto.smtp.config import ServerConfig
from smartmail.proto.smtp.events import Event
from smartmail.proto.smtp.intake import Intake
from smartmail.proto.smtp.reply import Reply
from smartmail.proto.smtp.table import State


class Dialog:
    """What every part of the server engine shares."""

    def __init__(self, config: ServerConfig, *, tls: bool) -> None:
        self._config = config
        self._limits = config.limits
        self._lmtp = config.protocol == "lmtp"
        self._tls = tls
        self._buffer = LineBuffer()
        self._out: list[bytes] = []
        self._state = State.GREETING
        self._pending: Event | None = None
        self._events: deque[Event] = deque()
        self._identity = ""
        self._esmtp = False
        self._errors = self._refusals = self._idle = self._logins = 0
        self._recipients = self._refused_recipients = 0
        self._smtputf8 = False
        self._intake: Intake | None = None

    @property
    def state(self) -> State:
        return self._state

    @property
    def closed(self) -> bool:
        """True when nothing more will be read: write what is left and close."""
        return self._state is State.CLOSED

    @property
    def blocked(self) -> bool:
        """True while an event waits for its answer: the driver should not read on."""
        return self._pending is not None

    @property
    def tls(self) -> bool:
        return self._tls

    @property
    def identity(self) -> str:
        """Who logged in (the authorisation identity), "" for nobody."""
        return self._identity

    @property
    def recipients(self) -> int:
        """How many recipients of this transaction were accepted."""
        return self._recipients

    @property
    def deadline_s(self) -> float | None:
        """Seconds that the peer may be silent, None while it is our turn (RFC 5321 §4.5.3.2)."""
        timeouts = self._config.timeouts
        if self._state is State.CLOSED:
            return timeouts.closing
        if self._pending is not None:
            return None
        if self._state in {State.DATA, State.CHUNK}:
            return timeouts.data
        return timeouts.auth if self._state is State.AUTH else timeouts.command

    def receive_data(self, data: bytes) -> None:
        """Take octets from the peer. Ignored after the end and during a handshake (plaintext is forgotten)."""
        if self._state is not State.CLOSED and self._state is not State.TLS:
            self._buffer.feed(data)

    def next_event(self) -> Event | None:
        """Return what happened next; None when more octets or an answer are needed."""
        while not self._events:
            if self._pending is not None or not self._advance():
                return None
        return self._events.popleft()

    def data_to_send(self) -> bytes:
        """Return all octets for the peer, once."""
        data = self._out[0] if len(self._out) == 1 else b"".join(self._out)
        self._out.clear()
        return data

    def close(self, reply: Reply) -> None:
        """End the dialog from our side, with 421 for a time-out or a stop (RFC 5321 §3.8)."""
        if self._state is not State.CLOSED:
            if self._state is not State.TLS:
                self._say(reply)
            self._end()

    def _advance(self) -> bool:
        """Use waiting octets for one step; False when there are too few."""
        raise NotImplementedError

    def _ask(self, event: Event) -> None:
        self._events.append(event)
        self._pending = event

    def _take_pending(self) -> Event:
        event = self._pending
        if event is None or self._events:
            raise LocalProtocolError("no event waits for an answer")
        self._pending = None
        return event

    def _say(self, reply: Reply) -> None:
        self._out.append(reply.encode())

    def _end(self) -> None:
        self._state = State.CLOSED
        self._pending = None
        self._intake = None
        self._buffer.clear()

    def _violate(self, reply: Reply) -> None:
        """Refuse something by ourselves; too many such mistakes close the connection."""
        if reply.permanent:
            self._errors += 1
        if self._errors > self._limits.errors:
            reply = replies.TOO_MANY_ERRORS
        if reply.code == 421:
            self._hang_up(reply)
        else:
            self._say(reply)
        self._events.append(events.Violation(reply))

    def _hang_up(self, reply: Reply) -> None:
        self._say(reply)
        self._end()

    def _early(self) -> bool:
        """Cut off a peer that did not wait where RFC 2920 §3.1 says it must; True when it did so."""
        if not self._config.strict_pipelining or not self._buffer.has_data():
            return False
        self._hang_up(replies.EARLY_TALK)
        self._events.append(events.Violation(replies.EARLY_TALK))
        return True

    def _loitering(self) -> bool:
        """Count a command that moves no mail; True when it was one too many."""
        self._idle += 1
        if self._idle <= self._limits.idle_commands:
            return False
        self._violate(replies.TOO_IDLE)
        return True

    def _refuse(self, reply: Reply) -> None:
        """Pass on a refusal of the driver; too many of them close the connection."""
        self._refusals += 1
        if self._refusals > self._limits.refusals:
            self._violate(replies.TOO_MANY_REFUSALS)
        else:
            self._say(reply)
