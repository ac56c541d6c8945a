"""Shapes of our own SentMail methods: 수신확인 and 발송취소 of one sent mail."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from smartmail.proto.jmap.core import Answer, Arguments, Id

Address = Annotated[str, Meta(min_length=3, max_length=320)]


class SentMailArguments(Arguments, frozen=True, kw_only=True):
    """A mail that the account sent."""

    email_id: Id


class RecipientObject(Struct, frozen=True, rename="camel", kw_only=True):
    """One recipient. `state`: planned, queued, withdrawn, delivered, read, deleted (thrown away unread, as their program
    tells), failed;    `known`: inside, list, told (by a receipt, RFC 8098), remote, none. `isTold`: whether an unread one is truly unread;
    `reason`: why it failed and what to do, in the account's language.
    """

    email: str
    name: str
    state: str
    known: str
    reply: str
    reason: str | None
    delivered_at: str | None
    read_at: str | None
    is_told: bool


class StatesAnswer(Answer, frozen=True, kw_only=True):
    """SentMail/recipients."""

    list: Sequence[RecipientObject]


class RecallObject(Struct, frozen=True, rename="camel", kw_only=True):
    """What a recall did at one recipient: recalled, cancelled, read, gone, outside, failed, large (a list with more members
    than a person takes mail back from). `reading`: whether it had been read at that moment: read, unread, unknown. `counts`: at how
    many members of a list each; `rest`: members whom nobody has counted yet get nothing.
    """

    email: str
    result: str
    reading: str
    counts: Mapping[str, int] | None = None
    rest: bool = False


class RecallAnswer(Answer, frozen=True, kw_only=True):
    """SentMail/recall. `links`: how many links to big files went out with it, all of which have ended. `receipt`: the signed receipt,
    the text of a file (formats.recall_receipt).
    """

    list: Sequence[RecallObject]
    links: int
    receipt: str


class SentListArguments(Arguments, frozen=True, kw_only=True):
    """A mail that the account sent, and a list that it went to, as the recipients name it."""

    email_id: Id
    list: Address


class ListReaderObject(Struct, frozen=True, rename="camel", kw_only=True):
    """A member inside. `state`: read, unread, hidden (policy does not let colleagues learn of it), or gone (taken back, or
    thrown away unread).
    """

    email: str
    name: str
    department: str
    state: str
    read_at: str | None


class ListReadingAnswer(Answer, frozen=True, kw_only=True):
    """SentMail/listReaders. `ask`: whom to ask where the readers may not be told; `isWhole` false: the list has more."""

    name: str
    list: Sequence[ListReaderObject]
    ask: Sequence[str]
    is_whole: bool
    reminded_at: str | None


class RemindAnswer(Answer, frozen=True, kw_only=True):
    """SentMail/remind: to how many it was written."""

    reminded: int
