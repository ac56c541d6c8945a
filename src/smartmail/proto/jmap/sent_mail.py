"""Shapes of our own SentMail methods: 수신확인 and 발송취소 of one sent mail."""

from collections.abc import Sequence

from msgspec import Struct

from smartmail.proto.jmap.core import Answer, Arguments, Id


class SentMailArguments(Arguments, frozen=True, kw_only=True):
    """A mail that the account sent."""

    email_id: Id


class RecipientObject(Struct, frozen=True, rename="camel", kw_only=True):
    """One recipient. `state`: planned, queued, delivered, read, failed; `known`: inside, remote, none. `isTold`: whether
    an unread one is truly unread.
    """

    email: str
    name: str
    state: str
    known: str
    reply: str
    delivered_at: str | None
    read_at: str | None
    is_told: bool


class StatesAnswer(Answer, frozen=True, kw_only=True):
    """SentMail/recipients."""

    list: Sequence[RecipientObject]


class RecallObject(Struct, frozen=True, rename="camel", kw_only=True):
    """What a recall did at one recipient: recalled, cancelled, read, gone, outside, failed."""

    email: str
    result: str


class RecallAnswer(Answer, frozen=True, kw_only=True):
    """SentMail/recall."""

    list: Sequence[RecallObject]
