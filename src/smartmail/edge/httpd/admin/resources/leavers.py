"""/leavers and those of an account: its state, owned resources, offboarding and restoring."""

from typing import Annotated, Literal

from msgspec import Meta, field

from smartmail.domain import account
from smartmail.domain.account_life import LeavingRow
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.accounts import Account, told
from smartmail.edge.httpd.admin.resources.naming import with_address, with_addresses
from smartmail.edge.httpd.admin.shapes import Day, Id, Input, Output, Page, Time, milliseconds, part
from smartmail.service.people.account_life import Leave

Reason = Annotated[str, Meta(max_length=1000)]
Done = Literal["hand", "end", "hold"]


class AccountStateUpdate(Input, frozen=True):
    """The new state of the account, and why."""

    state: Literal["pending", "active", "suspended", "dormant"]
    reason: Reason = ""


class OwnedResource(Output, frozen=True):
    """A resource that an account owns. `choices`: what can be done with it, the default first."""

    kind: str
    thing: str
    label: str
    choices: list[str]


class OffboardingCreate(Input, frozen=True):
    """How a person leaves. `choices`: kind → what is done instead of the default; `at` null: now."""

    successor: Id | None = None
    reader: Id | None = None
    choices: dict[str, Done] = field(default_factory=dict)
    answer: Reason = ""
    reason: Reason = ""
    at: Day | None = None


class Offboarding(Output, frozen=True):
    """The offboarding of a leaver. `state`: planned, running, done, restored, destroyed."""

    account_id: Id
    state: str
    effective_at: Time
    successor: Id | None
    reader: Id | None
    read_until: Time | None
    destroy_at: Time
    address: str = ""


class AccountRestoreRequest(Input, frozen=True):
    """Why a leaver is restored."""

    reason: Reason = ""


def _told(row: LeavingRow) -> Offboarding:
    return Offboarding.from_row(
        row,
        successor=str(row.successor_id) if row.successor_id else None,
        reader=str(row.reader_id) if row.reader_id else None,
    )


async def _state(call: Call) -> Account:
    account_id = await call.account()
    made: account.Account = await call.services.account_life.states.set(
        call.actor, account_id, call.body.state, call.body.reason
    )
    return told(made)


async def _holdings(call: Call) -> Page[OwnedResource]:
    found = await call.services.account_life.leavers.holdings(call.actor, await call.account())
    return part(found, lambda one: f"{one.kind} {one.thing}", call.page, OwnedResource.from_row)


async def _leave(call: Call) -> Offboarding:
    account_id, body = await call.account(), call.body
    how = Leave(
        AccountId(int(body.successor or 0)), AccountId(int(body.reader or 0)), body.choices, body.answer, body.reason,
        None if body.at is None else milliseconds(body.at),
    )  # fmt: skip
    return await with_address(call, _told(await call.services.account_life.leavers.leave(call.actor, account_id, how)))


async def _cancel(call: Call) -> None:
    await call.services.account_life.leavers.cancel(call.actor, await call.account())


async def _restore(call: Call) -> Account:
    account_id = await call.account()
    return told(await call.services.account_life.leavers.restore(call.actor, account_id, call.body.reason))


async def _list(call: Call) -> Page[Offboarding]:
    home = await call.may_here()
    found = await call.services.account_life.leavers.list_all(call.actor, home)
    await call.services.witness.listed(call.actor, [row.account_id for row in found])
    return await with_addresses(call, part(found, lambda row: int(row.account_id), call.page, _told))


OPERATIONS = (
    Operation("GET", "/leavers", "Leavers of the organization.", _list, "account.read", Page[Offboarding], paged=True, commands=("leaver list",), columns=("address", "state", "effectiveAt", "successor", "destroyAt")),
    Operation(
        "PUT", "/accounts/{id}/state", "Set the state of an account.", _state, "account.change",
        Account, AccountStateUpdate, commands=("account state state",),
    ),
    Operation(
        "GET", "/accounts/{id}/owned-resources", "Resources that an account owns, with the choices for each.",
        _holdings, "account.change", Page[OwnedResource], paged=True, commands=("leaver show",), columns=("kind", "label", "choices"),
    ),
    Operation(
        "POST", "/accounts/{id}/offboarding", "Offboard a person, now or at a later time.", _leave, "account.change",
        Offboarding, OffboardingCreate, status=201, commands=("leaver leave",),
    ),
    Operation(
        "DELETE", "/accounts/{id}/offboarding", "Cancel an offboarding that has not begun.", _cancel, "account.change", commands=("leaver cancel",),
    ),
    Operation(
        "POST", "/accounts/{id}/restore", "Restore a leaver.", _restore, "account.change", Account,
        AccountRestoreRequest, commands=("leaver restore",),
    ),
)  # fmt: skip
