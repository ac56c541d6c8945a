"""/queue: pending messages, and actions on all that match a filter, with a dry run."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from smartmail.base.i18n import translate
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import QueueEntryId
from smartmail.domain.policy import Scope
from smartmail.domain.queue import HoldReason, QueueAct
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.jobs import Task
from smartmail.edge.httpd.admin.resources.jobs import told as job_told
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Past, Time, milliseconds
from smartmail.service.flow.queue_control import Found
from smartmail.service.kernel.envelope import Result
from smartmail.service.operations.admin_jobs import QUEUE_ACT, QueueWish

Mark = Annotated[str, Meta(max_length=320)]
State = Literal["", "held", "ready", "waiting", "leased"]
Number = Annotated[
    str,
    Meta(pattern="^[0-9a-f]{1,19}$", description="As the API tells it, or in hexadecimal as replies, logs and Received fields."),
]  # fmt: skip


class QueueRecipient(Output, frozen=True):
    """A pending recipient. `meaning`: what the last reply means, in the reader's language."""

    address: str
    domain: str
    state: str
    hold_reason: str | None
    attempts: Count
    next_at: Time
    cause: str | None
    meaning: str | None
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
    """A filter of recipients; absent fields match all. `domain`: of the recipient; `larger`, `smaller`: bytes."""

    entry: Number | None = None
    account_id: Id | None = None
    sender: Mark = ""
    sender_domain: Mark = ""
    recipient: Mark = ""
    domain: Mark = ""
    state: State = ""
    hold_reason: HoldReason | None = None
    cause: Mark = ""
    created_before: Past | None = None
    created_after: Past | None = None
    larger: Count | None = None
    smaller: Count | None = None


class QueueActionRequest(Input, frozen=True):
    """An action on all matching recipients. `to`: next host of a reroute (HOST or HOST:PORT), "" for the domains of their
    addresses; `report`: send bounces for deleted messages.
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


class QueueTotals(Output, frozen=True):
    """The whole queue in numbers: recipients by state, and by the destinations that most of them wait for."""

    entries: Count
    bytes: Count
    states: dict[str, Count]
    destinations: dict[str, Count]


api = Resource(asks="organization")


def entry_of(text: str) -> int:
    """Return the number of a message: decimal as the API tells it, or hexadecimal as replies, logs and Received fields do.

    Ids have 16 hexadecimal digits, and 17 to 19 decimal ones. Raises NotFound: it is neither.
    """
    try:
        number = int(text, 16 if len(text) == 16 or not text.isdecimal() else 10)
    except ValueError:
        raise NotFound from None
    if not 0 <= number < 1 << 63:
        raise NotFound
    return number


def _wish(marks: QueueFilter, act: QueueAct = "retry", to: str = "", *, report: bool = False) -> QueueWish:
    return QueueWish(
        act, 0 if marks.entry is None else entry_of(marks.entry), int(marks.account_id or 0), marks.sender,
        marks.sender_domain, marks.recipient, marks.domain, marks.state, marks.cause,
        None if marks.created_before is None else milliseconds(marks.created_before),
        None if marks.created_after is None else milliseconds(marks.created_after), to, report,
        marks.hold_reason, marks.larger, marks.smaller,
    )  # fmt: skip


@api.get(
    "/queue", "Queue entries, oldest first.", "queue.read", query=QueueFilter, cli="queue list",
    columns="id sender recipients size createdAt expiresAt",
)  # fmt: skip
async def _list(call: Call) -> Page[QueueEntry]:
    hidden = await call.services.authority.masks(call.actor, "queue.read", Scope("organization", str(call.home)))
    after = QueueEntryId(call.page.after_number)
    found = await call.services.queue_control.find(_wish(call.query).marks(call.home), call.page.limit + 1, after)
    shown = found[: call.page.limit]
    following = str(shown[-1].entry.id) if len(found) > call.page.limit else None
    return Page([_told(one, call.language, hide="addresses" in hidden) for one in shown], following)


@api.get("/queue-totals", "The queue in numbers.", "queue.read", cli="queue stats", asks="system")
async def _totals(call: Call) -> QueueTotals:
    found = await call.services.queue_control.totals()
    return QueueTotals(found.entries, found.octets, dict(found.states), dict(found.destinations))


@api.get("/queue/{id}", "One queue entry with the last replies.", "queue.read", cli="queue show")
async def _one(call: Call) -> QueueEntry:
    home, number = call.home, entry_of(call.path["id"])
    hidden = await call.services.authority.masks(call.actor, "queue.read", Scope("organization", str(home)))
    found = await call.services.queue_control.find(QueueWish("retry", entry=number).marks(home), 1) if number else []
    if not found:
        raise NotFound
    return _told(found[0], call.language, hide="addresses" in hidden)


@api.post("/queue/dry-run", "Dry run of a queue action.", "queue.read", QueueActionRequest, cli="queue dry-run act")
async def _try(call: Call) -> QueueMatch:
    body = call.body
    met = await call.services.queue_control.act(
        call.actor, body.act, _wish(body.marks).marks(call.home), to=body.to, report=body.report, dry_run=True
    )
    return QueueMatch.from_row(met)


@api.post(
    "/queue/actions", "Hold, release, retry, reroute or delete queue entries.", "queue.change", QueueActionRequest,
    status=202,
    cli=(
        "queue hold act=hold", "queue release act=release", "queue retry act=retry", "queue reroute act=reroute --to",
        "queue delete act=delete --report",
    ),
)  # fmt: skip
async def _act(call: Call) -> Task:
    body = call.body
    wish = msgspec.to_builtins(_wish(body.marks, body.act, body.to, report=body.report))
    return job_told(await call.services.admin_api.jobs.start(call.actor, QUEUE_ACT, wish))


def _told(one: Found, language: str, *, hide: bool) -> QueueEntry:
    entry = one.entry
    recipients = [
        QueueRecipient.from_row(row.row, address="" if hide else row.recipient.address, attempts=max(row.row.attempts, 0), cause=row.cause, meaning=None if row.cause is None else translate(language, f"reply.{row.cause}"), reply=_reply(row.result, hide=hide))
        for row in one.waiting
    ]  # fmt: skip
    return QueueEntry.from_row(entry, sender="" if hide else one.envelope.reverse_path, recipients=recipients)


def _reply(one: Result | None, *, hide: bool) -> DeliveryReply | None:
    """What a host said may name the address that it is about."""
    if one is None:
        return None
    return DeliveryReply.from_row(one, text=None if hide else one.text)
