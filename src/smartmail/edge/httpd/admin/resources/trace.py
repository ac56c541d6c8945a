"""/trace: what happened to a message, and when."""

from typing import Annotated, Final

from msgspec import Meta

from smartmail.domain.mailbox import ROLES
from smartmail.domain.policy import Scope
from smartmail.domain.trace import ACTS, Event
from smartmail.domain.trace import time_of as milliseconds_of
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Id, Input, Output, Page, Time, milliseconds, time_of
from smartmail.service.flow.tracing.service import Marks, Story

SAME: Final = 50
"""More stories than this do not begin in one millisecond; a page begins in the last one's."""
Mark = Annotated[str, Meta(max_length=998)]


class MessageTraceEvent(Output, frozen=True, omit_defaults=True):
    """An event of a trace."""

    at: Time
    kind: str
    recipient: str = ""
    code: int = 0
    text: str = ""
    host: str = ""
    tls: str = ""
    by: str = ""
    door: str = ""
    mailbox: str = ""
    """Where a copy went to: a role, or the name of a mailbox of its person's own."""


class MessageTrace(Output, frozen=True):
    """The trace of one message. Fields that are not visible to this role are empty."""

    id: Id
    at: Time
    sender: str
    recipients: list[str]
    subject: str
    message_id: str
    door: str
    peer: str
    size: int
    events: list[MessageTraceEvent]


class MessageTraceQuery(Input, frozen=True):
    """Which messages: all marks must fit."""

    sender: Mark | None = None
    recipient: Mark = ""
    message_id: Mark = ""
    peer: Mark = ""
    text: Annotated[str, Meta(max_length=200)] = ""
    since: Time | None = None
    until: Time | None = None


async def _find(call: Call) -> Page[MessageTrace]:
    home = await call.may_here()
    query, until = call.query, 0
    if query.until is not None:
        until = milliseconds(query.until)
    if call.page.after:
        until = min(milliseconds_of(call.page.after_number) + 1, until or 1 << 60)
    found = await call.services.trace.find(
        Marks(
            query.sender, query.recipient, query.message_id, query.peer, text=query.text, organization_id=home,
            since=milliseconds(query.since) if query.since else 0, until=until, limit=call.page.limit + SAME,
        )
    )  # fmt: skip
    hidden = await call.services.authority.masks(call.actor, "trace.read", Scope("organization", str(home)))
    found = [one for one in found if not call.page.after or one.id < call.page.after_number]
    shown = found[: call.page.limit]
    following = str(shown[-1].id) if len(found) > call.page.limit else None
    return Page([_told(one, hidden) for one in shown], following)


def _told(one: Story, hidden: frozenset[str]) -> MessageTrace:
    facts, bare = one.facts, "addresses" in hidden
    return MessageTrace(
        str(one.id), time_of(one.at), "" if bare else facts.sender, [] if bare else list(facts.recipients),
        "" if "subject" in hidden else facts.subject, facts.message_id, facts.door, facts.peer, facts.size,
        [_event(at, event, hidden) for at, event in one.events],
    )  # fmt: skip


def _event(at: int, one: Event, hidden: frozenset[str]) -> MessageTraceEvent:
    bare, is_act = "addresses" in hidden, one.kind in ACTS
    # What a person calls a mailbox of their own says as much as a subject.
    mailbox = one.act if is_act and (one.act in ROLES or "subject" not in hidden) else ""
    return MessageTraceEvent(
        time_of(at), one.kind, "" if bare else one.recipient, one.code, "" if bare else one.text,
        one.host, one.tls, "" if bare and is_act else one.by, one.door, mailbox,
    )  # fmt: skip


OPERATIONS = (
    Operation(
        "GET", "/trace", "Message traces, newest first.", _find, "trace.read", Page[MessageTrace],
        query=MessageTraceQuery, paged=True,
    ),
)  # fmt: skip
