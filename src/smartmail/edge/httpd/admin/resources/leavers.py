"""/leavers, and of an account: its state, what it holds, its leaving and coming back."""

from typing import Annotated, Literal

from msgspec import Meta, field

from smartmail.domain.account import Account
from smartmail.domain.account_life import Holding, LeavingRow
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.accounts import AccountTold, told
from smartmail.edge.httpd.admin.shapes import Asked, Id, Page, Time, Told, milliseconds, part, time_of, time_or_none
from smartmail.service.account_life import Leave

Reason = Annotated[str, Meta(max_length=1000)]
Done = Literal["hand", "end", "hold"]


class StateWanted(Asked, frozen=True):
    """The state that an account shall have by hand, and why."""

    state: Literal["pending", "active", "suspended", "dormant"]
    reason: Reason = ""


class HoldingTold(Told, frozen=True):
    """One thing that somebody holds. `choices`: what can be done with its kind, the usual first."""

    kind: str
    thing: str
    label: str
    choices: list[str]


class LeavingWanted(Asked, frozen=True):
    """How somebody leaves. `choices`: kind → what is done instead of the usual; `at` null: now."""

    successor: Id | None = None
    reader: Id | None = None
    choices: dict[str, Done] = field(default_factory=dict)
    answer: Reason = ""
    reason: Reason = ""
    at: Time | None = None


class LeavingTold(Told, frozen=True):
    """A leaver. `state`: planned, running, done, restored or destroyed."""

    account_id: Id
    state: str
    effective_at: Time
    successor: Id | None
    reader: Id | None
    read_until: Time | None
    destroy_at: Time


class Restoring(Asked, frozen=True):
    """Why a leaver comes back."""

    reason: Reason = ""


def _told(row: LeavingRow) -> LeavingTold:
    return LeavingTold(
        str(row.account_id), row.state, time_of(row.effective_at), str(row.successor_id) if row.successor_id else None,
        str(row.reader_id) if row.reader_id else None, time_or_none(row.read_until), time_of(row.destroy_at),
    )  # fmt: skip


def _holding(one: Holding) -> HoldingTold:
    return HoldingTold(one.kind, one.thing, one.label, list(one.choices))


async def _state(call: Call) -> AccountTold:
    account_id = await call.account()
    made: Account = await call.services.account_life.states.set(
        call.actor, account_id, call.body.state, call.body.reason
    )
    return told(made)


async def _holdings(call: Call) -> Page[HoldingTold]:
    found = await call.services.account_life.leavers.holdings(call.actor, await call.account())
    return part(found, lambda one: f"{one.kind} {one.thing}", call.page, _holding)


async def _leave(call: Call) -> LeavingTold:
    account_id, body = await call.account(), call.body
    how = Leave(
        AccountId(int(body.successor or 0)), AccountId(int(body.reader or 0)), body.choices, body.answer, body.reason,
        None if body.at is None else milliseconds(body.at),
    )  # fmt: skip
    return _told(await call.services.account_life.leavers.leave(call.actor, account_id, how))


async def _cancel(call: Call) -> None:
    await call.services.account_life.leavers.cancel(call.actor, await call.account())


async def _restore(call: Call) -> AccountTold:
    account_id = await call.account()
    return told(await call.services.account_life.leavers.restore(call.actor, account_id, call.body.reason))


async def _list(call: Call) -> Page[LeavingTold]:
    home = await call.may_here()
    found = await call.services.account_life.leavers.list_all(call.actor, home)
    await call.services.witness.listed(call.actor, [row.account_id for row in found])
    return part(found, lambda row: int(row.account_id), call.page, _told)


OPERATIONS = (
    Operation("GET", "/leavers", "Leavers of the company.", _list, "account.read", Page[LeavingTold], paged=True),
    Operation(
        "PUT", "/accounts/{id}/state", "Suspend an account, let it be active again, …", _state, "account.change",
        AccountTold, StateWanted,
    ),
    Operation(
        "GET", "/accounts/{id}/holdings", "What somebody holds, and what would become of it.", _holdings,
        "account.change", Page[HoldingTold], paged=True,
    ),
    Operation(
        "POST", "/accounts/{id}/leaving", "Let somebody leave, now or later.", _leave, "account.change", LeavingTold,
        LeavingWanted, status=201,
    ),
    Operation("DELETE", "/accounts/{id}/leaving", "Take a plan back that has not begun.", _cancel, "account.change"),
    Operation(
        "POST", "/accounts/{id}/restoration", "Bring a leaver back.", _restore, "account.change", AccountTold, Restoring,
    ),
)  # fmt: skip
