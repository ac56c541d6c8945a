"""How a message comes in: DATA, BDAT and the answers to them, for SMTP and LMTP.

Knows no other command. Octets that were announced or begun are always read to their end, whatever the answer.
STANDARDS: RFC 5321 §4.1.1.4, RFC 3030 §2, RFC 2033 §4.2.
"""

import re
from collections.abc import Sequence
from typing import Final

from smartmail.proto.lineio import LocalProtocolError
from smartmail.proto.smtp import events, replies
from smartmail.proto.smtp.config import ServerConfig
from smartmail.proto.smtp.data import ChunkDecoder, DataDecoder
from smartmail.proto.smtp.dialog import Dialog
from smartmail.proto.smtp.intake import Intake
from smartmail.proto.smtp.reply import Reply
from smartmail.proto.smtp.table import TABLE, State, Verb

# RFC 3030 §2: chunk-size of up to 20 digits.
_BDAT: Final = re.compile(r"([0-9]{1,20})(?: +(LAST))?", re.IGNORECASE)


class Reception(Dialog):
    """The part of the server engine that takes messages."""

    def __init__(self, config: ServerConfig, *, tls: bool) -> None:
        super().__init__(config, tls=tls)
        self._decoder = DataDecoder()
        # Octets of a BDAT that is refused for its place in the dialog; they belong to no message.
        self._swallow: Intake | None = None
        self._chunk_left = 0
        self._chunk_last = False
        self._chunk_refusal: Reply | None = None
        self._chunk_return = State.RCPT

    def refuse_data(self, reply: Reply) -> None:
        """Give up the message that is coming in: no more chunks; `reply` is the answer at its end."""
        if self._intake is None:
            raise LocalProtocolError("no message is coming in")
        self._intake.refuse(reply)
        if self._events and isinstance(self._events[-1], events.DataEnd):
            # The end was read together with the octets that the driver could not take: there is nothing to ask any more.
            self._events.pop()
            self._pending = None
            self._data_done(self._intake)

    def send_each(self, answers: Sequence[Reply]) -> None:
        """Answer DataEnd in LMTP: one reply for each accepted recipient, in their order (RFC 2033 §4.2)."""
        if not self._lmtp or len(answers) != self._recipients or not isinstance(self._pending, events.DataEnd):
            raise LocalProtocolError("LMTP wants one reply for each accepted recipient, after DataEnd")
        self._take_pending()
        self._out.extend(reply.encode() for reply in answers)
        self._end_transaction()

    def _refusal(self, verb: Verb, reply: Reply) -> Reply:
        # RFC 5321 §3.3: 554 when all recipients were refused; RFC 2033 §4.2 wants 503 in LMTP.
        if reply is replies.RCPT_FIRST and self._refused_recipients and not self._lmtp and verb is not Verb.RCPT:
            return replies.NO_RECIPIENTS
        return reply

    def _read_data(self) -> bool:
        intake, decoder = self._intake, self._decoder
        assert intake is not None
        if not self._buffer.has_data():
            return False
        self._pass_on(intake, self._buffer.take_all())
        if decoder.done and self._intake is intake:
            self._buffer.put_back(decoder.rest)
            self._data_done(intake)
        return True

    def _pass_on(self, intake: Intake, data: bytes) -> None:
        content = intake.take(data)
        if content:
            self._events.append(events.Chunk(content))
        if intake.fault is not None:
            self._tell_fault(intake)
            if intake.swallowed > self._limits.swallowed:
                self._violate(replies.FLOOD)

    def _tell_fault(self, intake: Intake) -> None:
        fault = intake.news()
        if fault is not None:
            self._events.append(events.DataRejected(fault))

    def _data_done(self, intake: Intake) -> None:
        if intake.fault is None:
            return self._ask(events.DataEnd(intake.size))
        # RFC 2033 §4.2: the answers to a message are as many as its accepted recipients.
        for _ in range(self._recipients if self._lmtp else 1):
            self._say(intake.fault)
        return self._end_transaction()

    def _bdat(self, rest: str) -> None:
        """RFC 3030 §2: whatever the answer will be, the octets that were announced are read first."""
        match = _BDAT.fullmatch(rest)
        if match is None:
            return self._violate(replies.SYNTAX)
        self._chunk_left, self._chunk_last = int(match[1]), bool(match[2])
        self._chunk_refusal = self._bdat_refusal()
        self._chunk_return = self._state
        if self._chunk_refusal is None and self._intake is None:
            return self._ask(events.DataStart(chunking=True))
        return self._begin_chunk()

    def _bdat_refusal(self) -> Reply | None:
        if not self._config.chunking:
            return replies.NOT_OFFERED
        if self._config.tls_required and not self._tls:
            return replies.TLS_FIRST
        step = TABLE[self._state][Verb.BDAT]
        return self._refusal(Verb.BDAT, step) if isinstance(step, Reply) else None

    def _begin_chunk(self) -> None:
        if self._chunk_refusal is not None:
            self._swallow = Intake(ChunkDecoder(), 0)
            self._swallow.refuse(self._chunk_refusal)
        self._state = State.CHUNK
        if not self._chunk_left:
            self._chunk_done()

    def _read_chunk(self) -> bool:
        intake = self._intake if self._chunk_refusal is None else self._swallow
        assert intake is not None
        data = self._buffer.take(self._chunk_left)
        if not data:
            return False
        self._chunk_left -= len(data)
        self._pass_on(intake, data)
        if not self._chunk_left and self._state is State.CHUNK:
            self._chunk_done()
        return True

    def _chunk_done(self) -> None:
        if self._chunk_refusal is not None:
            self._state = self._chunk_return
            return self._violate(self._chunk_refusal)
        intake = self._intake
        assert intake is not None
        if self._chunk_last:
            intake.finish()
            self._tell_fault(intake)
            return self._data_done(intake)
        if intake.fault is None:
            self._state = State.BDAT
            return self._say(Reply(250, "2.0.0", "Octets received"))
        self._say(intake.fault)
        return self._clear_transaction(State.LOST)

    def _clear_transaction(self, state: State) -> None:
        self._state = state
        self._recipients = self._refused_recipients = 0
        self._intake = None
        self._smtputf8 = False

    def _end_transaction(self) -> None:
        self._idle = 0
        self._clear_transaction(State.READY)

    def _answer_data_start(self, event: events.DataStart, reply: Reply) -> None:
        if event.chunking:
            self._intake = Intake(ChunkDecoder(), self._config.size)
            if not reply.positive:
                self._intake.refuse(reply)
            self._begin_chunk()
        elif self._early():
            return
        elif reply.positive:
            self._decoder = DataDecoder()
            self._intake = Intake(self._decoder, self._config.size)
            self._state = State.DATA
            self._say(replies.DATA_GO)
        else:
            self._say(reply)

    def _answer_data_end(self, _event: events.DataEnd, reply: Reply) -> None:
        for _ in range(self._recipients if self._lmtp else 1):
            self._say(reply)
        self._end_transaction()
