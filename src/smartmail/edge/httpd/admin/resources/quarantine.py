"""/quarantine: messages held for their recipients; showing, releasing or deleting one needs a reason."""

from typing import Annotated

from msgspec import Meta

from smartmail.domain.ids import AccountId, QueueEntryId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.case_evidence import VerdictReason
from smartmail.edge.httpd.admin.shapes import Id, Input, Output, Page, Time, part, time_of
from smartmail.service.flow.quarantine import Deed
from smartmail.service.flow.quarantine.items import HeldItem
from smartmail.service.protection.filtering.explaining import TOP, explain

FILE = "message/rfc822"
MOST = 5_000
Reason = Annotated[str, Meta(min_length=1, max_length=500)]


class QuarantinedMessage(Output, frozen=True):
    """A message in quarantine, for one recipient. `nature`: why it is held; `malware`: an engine found some, it is never let
    out here; `reasons`: what weighed, the heaviest first, where this role sees all of a message.
    """

    id: str
    account_id: Id | None
    sender: str
    recipient: str
    subject: str
    nature: str
    dangerous: bool
    size: int
    at: Time
    malware: bool
    score: float
    reasons: list[VerdictReason]


class QuarantinedMessageDetail(Output, frozen=True):
    """A message in quarantine with the reasons of its verdict. `reverse_path`: of its envelope."""

    message: QuarantinedMessage
    reverse_path: str
    score: float
    virus: str
    country: str
    reasons: list[VerdictReason]


class QuarantineQuery(Input, frozen=True):
    """Of one person, or all; `entryId`: the message that a trace tells of."""

    account_id: Id | None = None
    entry_id: Id | None = None


class QuarantineAction(Output, frozen=True):
    """Who showed, released or deleted which message, and why."""

    at: Time
    actor: str
    action: str
    item: str
    reason: str


class QuarantineReleaseRequest(Input, frozen=True):
    """Release a message. `learn`: train the filter that it is no spam; `allow`: allow its sender from now on;
    `dangerous`: also what engines call malware, without another scan.
    """

    reason: Reason
    learn: bool = False
    allow: bool = False
    dangerous: bool = False


class QuarantineReason(Input, frozen=True):
    """Why the message is shown or deleted; kept with the record of it."""

    reason: Reason


api = Resource(asks="organization")
_ONE = "/quarantine/{item}"


@api.get(
    "/quarantine", "Messages in quarantine.", "quarantine.read", query=QuarantineQuery, cli="quarantine list",
    columns="id at recipient sender subject nature", asks="handler",
)  # fmt: skip
async def _list(call: Call) -> Page[QuarantinedMessage]:
    home = await call.may_here()
    person = None
    if call.query.account_id is not None:
        person = AccountId(int(call.query.account_id))
        await call.may(Scope("account", str(person)))
    hidden = await call.services.authority.masks(call.actor, "quarantine.read", Scope("organization", str(home)))
    wanted = 0 if call.query.entry_id is None else int(call.query.entry_id)
    rows = await call.services.quarantine.all(
        organization_id=home, account_id=person, after=QueueEntryId(max(0, wanted - 1)), limit=MOST
    )
    found = [one for one in rows if wanted in {0, one.row.entry.id}]
    return part(found, lambda one: one.id, call.page, lambda one: _told(one, hidden, call.language))


@api.get(
    "/quarantine-actions", "What was done with messages in quarantine, newest first.", "audit.read",
    cli="quarantine history", asks="system",
)  # fmt: skip
async def _history(call: Call) -> Page[QuarantineAction]:
    found = await call.services.quarantine.history(call.page.limit)
    return Page([QuarantineAction.from_row(one, item=one.object.partition(":")[2], reason=why) for one, why in found])


@api.post(
    f"{_ONE}/inspection", "Why a message is held; requires a reason.", "message.read", QuarantineReason,
    cli="quarantine show",
)  # fmt: skip
async def _show(call: Call) -> QuarantinedMessageDetail:
    item, _ = await call.services.quarantine.show(call.actor, call.path["item"], call.body.reason)
    found = item.inspection
    reasons = _reasons(item, call.language, len(found.reasons))
    return QuarantinedMessageDetail(
        _told(item, frozenset(), call.language), item.sender, found.score, found.virus, found.country, reasons
    )


@api.post(
    f"{_ONE}/content", "A message in quarantine as it came; requires a reason.", "message.read", QuarantineReason,
    stream=FILE, cli="quarantine content",
)  # fmt: skip
async def _content(call: Call) -> None:
    """Answer the message as it came: that it was taken, and why, is on record before a byte leaves."""
    _, octets = await call.services.quarantine.show(call.actor, call.path["item"], call.body.reason)
    await call.file(octets, "message.eml")


@api.post(
    f"{_ONE}/release", "Release a message.", "quarantine.change", QuarantineReleaseRequest, cli="quarantine release"
)
async def _release(call: Call) -> None:
    body = call.body
    deed = Deed(learn=body.learn, allow=body.allow, reason=body.reason, dangerous=body.dangerous)
    await call.services.quarantine.release(call.actor, call.path["item"], deed)


@api.post(f"{_ONE}/delete", "Delete a message.", "quarantine.change", QuarantineReason, cli="quarantine delete")
async def _delete(call: Call) -> None:
    await call.services.quarantine.delete(call.actor, call.path["item"], call.body.reason)


def _told(one: HeldItem, hidden: frozenset[str], language: str) -> QuarantinedMessage:
    bare, entry = "addresses" in hidden, one.row.entry
    return QuarantinedMessage(
        one.id, None if one.row.account_id is None else str(one.row.account_id), "" if bare else one.author,
        "" if bare else one.recipient, "" if "subject" in hidden else one.summary.subject, one.inspection.nature,
        one.is_dangerous, entry.size, time_of(entry.created_at), one.is_malware, one.inspection.score,
        # What rules saw names addresses and words of the message.
        [] if hidden & {"addresses", "subject"} else _reasons(one, language, TOP),
    )  # fmt: skip


def _reasons(one: HeldItem, language: str, most: int) -> list[VerdictReason]:
    return [VerdictReason(each.weight, each.text) for each in explain(one.inspection, language, most)]
