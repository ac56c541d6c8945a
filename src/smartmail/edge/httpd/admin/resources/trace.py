"""/trace: what happened to a message, and when."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.mailbox import ROLES
from smartmail.domain.policy import Scope
from smartmail.domain.trace import ACTS
from smartmail.domain.trace import time_of as milliseconds_of
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.case_evidence import VerdictReason
from smartmail.edge.httpd.admin.resources.queue import entry_of
from smartmail.edge.httpd.admin.shapes import Id, Input, Output, Page, Past, Time, milliseconds, time_of
from smartmail.formats.seal import SealError
from smartmail.service.flow.tracing.service import Marks, Story
from smartmail.service.flow.tracing.wording import Line, lines_of

SAME: Final = 50
"""More stories than this do not begin in one millisecond; a page begins in the last one's."""
Mark = Annotated[str, Meta(max_length=998)]


class MessageTraceEvent(Output, frozen=True, omit_defaults=True):
    """An event of a trace. `description` and, of a reply, `meaning`: in the reader's language, empty where this role does not
    see all of it; `rules`: what the spam filter weighed, `reasons`: the same with the weights apart; `score`: of a check;
    `act`: what a check asked for, or why it is held.
    """

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
    description: str = ""
    meaning: str = ""
    rules: list[str] = []  # noqa: RUF012 -- msgspec copies it
    reasons: list[VerdictReason] = []  # noqa: RUF012
    score: float = 0.0
    act: str = ""


class MessageTraceCopy(Output, frozen=True):
    """Where a delivered copy is now; no mailboxes: it is gone."""

    recipient: str
    mailboxes: list[str]
    read: bool


class MessageTrace(Output, frozen=True):
    """The trace of one message. Fields that are not visible to this role are empty. `tls`: of the connection that brought
    it; `parent`: the message that it was made of. `children` (messages that were made of it) and `copies`: only where one
    message is asked for.
    """

    id: Id
    at: Time
    sender: str
    recipients: list[str]
    subject: str
    message_id: str
    door: str
    peer: str
    tls: str
    size: int
    parent: Id | None
    children: list[Id]
    events: list[MessageTraceEvent]
    copies: list[MessageTraceCopy]


class MessageTraceQuery(Input, frozen=True):
    """Which messages: all marks must fit."""

    sender: Mark | None = None
    recipient: Mark = ""
    message_id: Mark = ""
    peer: Mark = ""
    text: Annotated[str, Meta(max_length=200)] = ""
    since: Past | None = None
    until: Past | None = None


api = Resource(asks="organization")


@api.get(
    "/trace", "Message traces, newest first.", "trace.read", query=MessageTraceQuery, cli="trace find",
    columns="id at sender recipients subject",
)  # fmt: skip
async def _find(call: Call) -> Page[MessageTrace]:
    query, until = call.query, 0
    if query.until is not None:
        until = milliseconds(query.until)
    if call.page.after:
        until = min(milliseconds_of(call.page.after_number) + 1, until or 1 << 60)
    found = await call.services.trace.find(
        Marks(
            query.sender, query.recipient, query.message_id, query.peer, text=query.text, organization_id=call.home,
            since=milliseconds(query.since) if query.since else 0, until=until, limit=call.page.limit + SAME,
        )
    )  # fmt: skip
    hidden = await call.services.authority.masks(call.actor, "trace.read", Scope("organization", str(call.home)))
    found = [one for one in found if not call.page.after or one.id < call.page.after_number]
    shown = found[: call.page.limit]
    following = str(shown[-1].id) if len(found) > call.page.limit else None
    return Page([_told(one, hidden, call.language) for one in shown], following)


@api.get("/trace/{id}", "The trace of one message.", "trace.read", cli="trace show")
async def _one(call: Call) -> MessageTrace:
    home, number = call.home, entry_of(call.path["id"])
    found = await call.services.trace.find(Marks(number=number, organization_id=home))
    if not found:
        raise NotFound
    # The id may be one that a peer was told; what came out of a message is newer than it.
    one = next((one for one in found if one.id == number), found[-1])
    hidden = await call.services.authority.masks(call.actor, "trace.read", Scope("organization", str(home)))
    copies = [] if hidden & {"addresses", "subject"} else await _copies(call, one)
    children = [str(each.id) for each in found if each is not one]
    return msgspec.structs.replace(_told(one, hidden, call.language), children=children, copies=copies)


async def _copies(call: Call, story: Story) -> list[MessageTraceCopy]:
    """Return where copies of ours are now."""
    copies = []
    for _, event in story.events:
        if event.account_id and event.message_number:
            try:
                now = await call.services.trace.whereabouts(AccountId(event.account_id), event.message_number)
            except (MailError, SealError):
                now = None
            mailboxes = [] if now is None else list(now.mailboxes)
            copies.append(MessageTraceCopy(event.recipient, mailboxes, now is not None and now.seen))
    return copies


def _told(one: Story, hidden: frozenset[str], language: str) -> MessageTrace:
    facts, bare = one.facts, "addresses" in hidden
    return MessageTrace(
        str(one.id), time_of(one.at), "" if bare else facts.sender, [] if bare else list(facts.recipients),
        "" if "subject" in hidden else facts.subject, facts.message_id, facts.door, facts.peer, facts.tls, facts.size,
        str(facts.parent) if facts.parent else None, [], [_event(line, hidden) for line in lines_of(one, language)], [],
    )  # fmt: skip


def _event(line: Line, hidden: frozenset[str]) -> MessageTraceEvent:
    at, one = line.at, line.event
    told = not hidden & {"addresses", "subject"}
    bare, is_act = "addresses" in hidden, one.kind in ACTS
    # What a person calls a mailbox of their own says as much as a subject.
    mailbox = one.act if is_act and (one.act in ROLES or "subject" not in hidden) else ""
    return MessageTraceEvent(
        time_of(at), one.kind, "" if bare else one.recipient, one.code, "" if bare else one.text,
        one.host, one.tls, "" if bare and is_act else one.by, one.door, mailbox,
        line.text if told else "", line.meaning, list(line.rules) if told else [],
        [VerdictReason(weight, text) for weight, text in line.reasons] if told else [], one.score,
        one.act if one.kind in {"checked", "held"} else "",
    )  # fmt: skip
