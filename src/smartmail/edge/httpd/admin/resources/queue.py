"""/queue: mail on its way: what waits, and acts on all that a filter names, first as a dry run."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import QueueEntryId
from smartmail.domain.policy import Scope
from smartmail.domain.queue import QueueAct
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.jobs import JobTold
from smartmail.edge.httpd.admin.resources.jobs import told as job_told
from smartmail.edge.httpd.admin.shapes import Asked, Count, Id, Page, Time, Told, milliseconds, time_of, time_or_none
from smartmail.service.admin_jobs import QUEUE_ACT, QueueWish
from smartmail.service.envelope import Result
from smartmail.service.queue_control import Found

Mark = Annotated[str, Meta(max_length=320)]
State = Literal["", "held", "ready", "waiting", "leased"]


class WaitingTold(Told, frozen=True):
    """A recipient that waits."""

    address: str
    domain: str
    state: str
    hold_reason: str | None
    attempts: Count
    next_at: Time
    cause: str | None
    reply: "ReplyTold | None"


class ReplyTold(Told, frozen=True):
    """The last answer for a recipient; `code` 0: there was none. `text` null: the reader's role does not show it."""

    code: int
    enhanced: str
    text: str | None
    host: str
    at: Time | None


class EntryTold(Told, frozen=True):
    """A message in the queue, with those of its recipients that are meant."""

    id: Id
    sender: str
    account_id: Id | None
    size: Count
    created_at: Time
    expires_at: Time
    recipients: list[WaitingTold]


class QueueMarks(Asked, frozen=True):
    """Which recipients; what is left out does not matter. `domain`: of the recipient."""

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


class QueueActAsked(Asked, frozen=True):
    """An act on all that is meant. `to`: where a reroute goes (HOST or HOST:PORT); `report`: tell senders of a delete."""

    act: Literal["hold", "release", "retry", "reroute", "delete"]
    marks: QueueMarks
    to: Mark = ""
    report: bool = False


class Met(Told, frozen=True):
    """What an act would meet."""

    entries: Count
    recipients: Count
    octets: Count


def _wish(marks: QueueMarks, act: QueueAct = "retry", to: str = "", *, report: bool = False) -> QueueWish:
    return QueueWish(
        act, int(marks.entry or 0), int(marks.account_id or 0), marks.sender, marks.sender_domain, marks.recipient,
        marks.domain, marks.state, marks.cause,
        None if marks.created_before is None else milliseconds(marks.created_before),
        None if marks.created_after is None else milliseconds(marks.created_after), to, report,
    )  # fmt: skip


async def _list(call: Call) -> Page[EntryTold]:
    home = await call.may_here()
    hidden = await call.services.authority.masks(call.actor, "queue.read", Scope("organization", str(home)))
    after = QueueEntryId(call.page.after_number)
    found = await call.services.queue_control.find(_wish(call.query).marks(home), call.page.limit + 1, after)
    shown = found[: call.page.limit]
    following = str(shown[-1].entry.id) if len(found) > call.page.limit else None
    return Page([_told(one, hide="addresses" in hidden) for one in shown], following)


async def _one(call: Call) -> EntryTold:
    home, number = await call.may_here(), call.number()
    hidden = await call.services.authority.masks(call.actor, "queue.read", Scope("organization", str(home)))
    found = await call.services.queue_control.find(QueueWish("retry", entry=number).marks(home), 1) if number else []
    if not found:
        raise NotFound
    return _told(found[0], hide="addresses" in hidden)


async def _try(call: Call) -> Met:
    home = await call.may_here()
    body = call.body
    met = await call.services.queue_control.act(
        call.actor, body.act, _wish(body.marks).marks(home), to=body.to, report=body.report, dry_run=True
    )
    return Met(met.entries, met.recipients, met.octets)


async def _act(call: Call) -> JobTold:
    await call.may_here()
    body = call.body
    wish = msgspec.to_builtins(_wish(body.marks, body.act, body.to, report=body.report))
    return job_told(await call.services.admin_api.jobs.start(call.actor, QUEUE_ACT, wish))


def _told(one: Found, *, hide: bool) -> EntryTold:
    entry = one.entry
    recipients = [
        WaitingTold(
            "" if hide else row.recipient.address, row.row.domain, row.row.state, row.row.hold_reason,
            max(row.row.attempts, 0), time_of(row.row.next_at), row.cause, _reply(row.result, hide=hide),
        )
        for row in one.waiting
    ]  # fmt: skip
    return EntryTold(
        str(entry.id), "" if hide else one.envelope.reverse_path,
        None if entry.account_id is None else str(entry.account_id), entry.size, time_of(entry.created_at),
        time_of(entry.expires_at), recipients,
    )  # fmt: skip


def _reply(one: Result | None, *, hide: bool) -> ReplyTold | None:
    """What a host said may name the address that it is about."""
    if one is None:
        return None
    return ReplyTold(one.code, one.enhanced, None if hide else one.text, one.host, time_or_none(one.at))


OPERATIONS = (
    Operation(
        "GET", "/queue", "What waits, oldest first.", _list, "queue.read", Page[EntryTold], query=QueueMarks, paged=True,
    ),
    Operation("GET", "/queue/{id}", "One message, with the last answers.", _one, "queue.read", EntryTold),
    Operation("POST", "/queue/try", "What an act would meet.", _try, "queue.read", Met, QueueActAsked),
    Operation(
        "POST", "/queue/acts", "Hold, release, retry, reroute or delete.", _act, "queue.change", JobTold,
        QueueActAsked, status=202,
    ),
)  # fmt: skip
