"""Shapes of our own TraceEvent/query: what became of one's own mail."""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

from smartmail.proto.jmap.core import Answer, Arguments, Id

MAX_STORIES: Final = 100


class TraceFilter(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What is looked for; all that is named must fit. `email_id`: an Email of the account, by its Message-ID."""

    email_id: Id | None = None
    from_: str | None = None
    to: str | None = None
    message_id: str | None = None
    text: str | None = None
    after: str | None = None
    before: str | None = None


class TraceArguments(Arguments, frozen=True, kw_only=True):
    """The newest messages that fit, with their events."""

    filter: TraceFilter | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_STORIES)] = 20


class TraceEvent(Struct, frozen=True, rename="camel", kw_only=True):
    """One event in the reader's language. `reply` is what the other server said, `meaning` what that means."""

    at: str
    kind: str
    recipient: str | None
    text: str
    host: str | None
    reply: str | None
    meaning: str | None
    tls: str | None


class TracedMessage(Struct, frozen=True, rename="camel", kw_only=True):
    """A message and what became of it, the first event first. `id` is the one that servers and administrators know."""

    id: str
    begun_at: str
    from_: str
    to: Sequence[str]
    subject: str
    message_id: str | None
    is_outgoing: bool
    events: Sequence[TraceEvent]


class TraceAnswer(Answer, frozen=True, kw_only=True):
    """TraceEvent/query: the objects themselves, not ids: nobody keeps a copy of them."""

    list: Sequence[TracedMessage]
