"""/quarantine: messages held for their recipients; releasing or deleting one needs a reason."""

from typing import Annotated

from msgspec import Meta

from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Id, Input, Output, Page, Time, part, time_of
from smartmail.service.flow.quarantine import Deed
from smartmail.service.flow.quarantine.items import HeldItem

Reason = Annotated[str, Meta(min_length=1, max_length=500)]


class QuarantinedMessage(Output, frozen=True):
    """A message in quarantine, for one recipient. `nature`: why it is held."""

    id: str
    account_id: Id | None
    sender: str
    recipient: str
    subject: str
    nature: str
    dangerous: bool
    size: int
    at: Time


class QuarantineReleaseRequest(Input, frozen=True):
    """Release a message. `learn`: train the filter that it is no spam; `allow`: allow its sender from now on."""

    reason: Reason
    learn: bool = False
    allow: bool = False
    dangerous: bool = False


class QuarantineDeleteRequest(Input, frozen=True):
    """Why the message is deleted."""

    reason: Reason


async def _list(call: Call) -> Page[QuarantinedMessage]:
    home = await call.may_here()
    hidden = await call.services.authority.masks(call.actor, "quarantine.read", Scope("organization", str(home)))
    rows = await call.services.quarantine.all(organization_id=home, limit=5_000)
    return part(rows, lambda one: one.id, call.page, lambda one: _told(one, hidden))


async def _release(call: Call) -> None:
    await call.may_here()
    body = call.body
    deed = Deed(learn=body.learn, allow=body.allow, reason=body.reason, dangerous=body.dangerous)
    await call.services.quarantine.release(call.actor, call.path["id"], deed)


async def _delete(call: Call) -> None:
    await call.may_here()
    await call.services.quarantine.delete(call.actor, call.path["id"], call.body.reason)


def _told(one: HeldItem, hidden: frozenset[str]) -> QuarantinedMessage:
    bare, entry = "addresses" in hidden, one.row.entry
    return QuarantinedMessage(
        one.id, None if one.row.account_id is None else str(one.row.account_id), "" if bare else one.author,
        "" if bare else one.recipient, "" if "subject" in hidden else one.summary.subject, one.inspection.nature,
        one.is_dangerous, entry.size, time_of(entry.created_at),
    )  # fmt: skip


OPERATIONS = (
    Operation(
        "GET", "/quarantine", "Messages in quarantine.", _list, "quarantine.read", Page[QuarantinedMessage], paged=True
    ),
    Operation(
        "POST",
        "/quarantine/{id}/release",
        "Release a message.",
        _release,
        "quarantine.change",
        body=QuarantineReleaseRequest,
    ),
    Operation(
        "POST",
        "/quarantine/{id}/delete",
        "Delete a message.",
        _delete,
        "quarantine.change",
        body=QuarantineDeleteRequest,
    ),
)
