"""/queue: pending messages, and actions on all that match a filter, with a dry run."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import QueueEntryId
from smartmail.domain.policy import Scope
from smartmail.domain.queue import QueueAct
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.jobs import Task
from smartmail.edge.httpd.admin.resources.jobs import told as job_told
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Time, milliseconds
from smartmail.service.flow.queue_control import Found
from smartmail.service.kernel.envelope import Result
from smartmail.service.operations.admin_jobs import QUEUE_ACT, QueueWish

Mark = Annotated[str, Meta(max_length=320)]
State = Literal["", "held", "ready", "waiting", "leased"]


class QueueRecipient(Output, frozen=True):
    """A pending recipient."""

    address: str
    domain: str
    state: str
    hold_reason: str | None
    attempts: Count
    next_at: Time
    cause: str | None
    reply: "DeliveryReply | None"


class DeliveryReply(Output, frozen=True):
    """The last reply for a recipient; `code` 0: no reply. `text` null: not visible to this role."""

    code: int
    enhanced: str
    text: str | None
    host: str
    at: Time | None


class QueueEntry(Output, frozen=True):
    """A message in the queue with the matching recipients."""

    id: Id
    sender: str
    account_id: Id | None
    size: Count
    created_at: Time
    expires_at: Time
    recipients: list[QueueRecipient]


class QueueFilter(Input, frozen=True):
    """A filter of recipients; absent fields match all. `domain`: of the recipient."""

    entry: Id | None = None
    account_id: Id | None = None
    sender: Mark = ""
    sender_domain: Mark = ""
    recipient: Mark = ""
    domain: Mark = ""
    state: State = ""
    cause: Mark = ""
    created_before: Time | None = None
    created_after: Time | None = None


class QueueActionRequest(Input, frozen=True):
    """An action on all matching recipients. `to`: next host of a reroute (HOST or HOST:PORT); `report`: send bounces
    for deleted messages.
    """

    act: Literal["hold", "release", "retry", "reroute", "delete"]
    marks: QueueFilter
    to: Mark = ""
    report: bool = False


class QueueMatch(Output, frozen=True):
    """Number of entries, recipients and bytes that an action would affect."""

    entries: Count
    recipients: Count
    octets: Count


def _wish(marks: QueueFilter, act: QueueAct = "retry", to: str = "", *, report: bool = False) -> QueueWish:
    return QueueWish(
        act, int(marks.entry or 0), int(marks.account_id or 0), marks.sender, marks.sender_domain, marks.recipient,
        marks.domain, marks.state, marks.cause,
        None if marks.created_before is None else milliseconds(marks.created_before),
        None if marks.created_after is None else milliseconds(marks.created_after), to, report,
    )  # fmt: skip


async def _list(call: Call) -> Page[QueueEntry]:
    home = await call.may_here()
    hidden = await call.services.authority.masks(call.actor, "queue.read", Scope("organization", str(home)))
    after = QueueEntryId(call.page.after_number)
    found = await call.services.queue_control.find(_wish(call.query).marks(home), call.page.limit + 1, after)
    shown = found[: call.page.limit]
    following = str(shown[-1].entry.id) if len(found) > call.page.limit else None
    return Page([_told(one, hide="addresses" in hidden) for one in shown], following)


async def _one(call: Call) -> QueueEntry:
    home, number = await call.may_here(), call.number()
    hidden = await call.services.authority.masks(call.actor, "queue.read", Scope("organization", str(home)))
    found = await call.services.queue_control.find(QueueWish("retry", entry=number).marks(home), 1) if number else []
    if not found:
        raise NotFound
    return _told(found[0], hide="addresses" in hidden)


async def _try(call: Call) -> QueueMatch:
    home = await call.may_here()
    body = call.body
    met = await call.services.queue_control.act(
        call.actor, body.act, _wish(body.marks).marks(home), to=body.to, report=body.report, dry_run=True
    )
    return QueueMatch.from_row(met)


async def _act(call: Call) -> Task:
    await call.may_here()
    body = call.body
    wish = msgspec.to_builtins(_wish(body.marks, body.act, body.to, report=body.report))
    return job_told(await call.services.admin_api.jobs.start(call.actor, QUEUE_ACT, wish))


def _told(one: Found, *, hide: bool) -> QueueEntry:
    entry = one.entry
    recipients = [
        QueueRecipient.from_row(row.row, address="" if hide else row.recipient.address, attempts=max(row.row.attempts, 0), cause=row.cause, reply=_reply(row.result, hide=hide))
        for row in one.waiting
    ]  # fmt: skip
    return QueueEntry.from_row(entry, sender="" if hide else one.envelope.reverse_path, recipients=recipients)


def _reply(one: Result | None, *, hide: bool) -> DeliveryReply | None:
    """What a host said may name the address that it is about."""
    if one is None:
        return None
    return DeliveryReply.from_row(one, text=None if hide else one.text)


OPERATIONS = (
    Operation(
        "GET", "/queue", "Queue entries, oldest first.", _list, "queue.read", Page[QueueEntry], query=QueueFilter,
        paged=True,
    ),
    Operation("GET", "/queue/{id}", "One queue entry with the last replies.", _one, "queue.read", QueueEntry),
    Operation(
        "POST", "/queue/dry-run", "Dry run of a queue action.", _try, "queue.read", QueueMatch, QueueActionRequest,
    ),
    Operation(
        "POST", "/queue/actions", "Hold, release, retry, reroute or delete queue entries.", _act, "queue.change", Task,
        QueueActionRequest, status=202,
    ),
)  # fmt: skip
