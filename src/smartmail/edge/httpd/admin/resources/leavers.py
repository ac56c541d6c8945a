"""/leavers and those of an account: its state, owned resources, offboarding and restoring."""

from typing import Annotated, Literal

from msgspec import Meta, field

from smartmail.domain import account
from smartmail.domain.account_life import LeavingRow
from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
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


api = Resource()


def _told(row: LeavingRow) -> Offboarding:
    return Offboarding.from_row(
        row,
        successor=str(row.successor_id) if row.successor_id else None,
        reader=str(row.reader_id) if row.reader_id else None,
    )


@api.get(
    "/leavers", "Leavers of the organization.", "account.read", cli="leaver list",
    columns="address state effectiveAt successor destroyAt",
)  # fmt: skip
async def _list(call: Call) -> Page[Offboarding]:
    home = await call.may_here()
    found = await call.services.account_life.leavers.list_all(call.actor, home)
    await call.services.witness.listed(call.actor, [row.account_id for row in found])
    return await with_addresses(call, part(found, lambda row: int(row.account_id), call.page, _told))


@api.put(
    "/accounts/{id}/state", "Set the state of an account.", "account.change", AccountStateUpdate,
    cli="account state state",
)  # fmt: skip
async def _state(call: Call) -> Account:
    account_id = await call.account()
    made: account.Account = await call.services.account_life.states.set(
        call.actor, account_id, call.body.state, call.body.reason
    )
    return told(made)


@api.get(
    "/accounts/{id}/owned-resources", "Resources that an account owns, with the choices for each.", "account.change",
    cli="leaver show", columns="kind label choices",
)  # fmt: skip
async def _holdings(call: Call) -> Page[OwnedResource]:
    found = await call.services.account_life.leavers.holdings(call.actor, await call.account())
    return part(found, lambda one: f"{one.kind} {one.thing}", call.page, OwnedResource.from_row)


@api.post(
    "/accounts/{id}/offboarding", "Offboard a person, now or at a later time.", "account.change", OffboardingCreate,
    status=201, cli="leaver leave",
)  # fmt: skip
async def _leave(call: Call) -> Offboarding:
    account_id, body = await call.account(), call.body
    how = Leave(
        AccountId(int(body.successor or 0)), AccountId(int(body.reader or 0)), body.choices, body.answer, body.reason,
        None if body.at is None else milliseconds(body.at),
    )  # fmt: skip
    return await with_address(call, _told(await call.services.account_life.leavers.leave(call.actor, account_id, how)))


@api.delete(
    "/accounts/{id}/offboarding", "Cancel an offboarding that has not begun.", "account.change", cli="leaver cancel"
)
async def _cancel(call: Call) -> None:
    await call.services.account_life.leavers.cancel(call.actor, await call.account())


@api.post("/accounts/{id}/restore", "Restore a leaver.", "account.change", AccountRestoreRequest, cli="leaver restore")
async def _restore(call: Call) -> Account:
    account_id = await call.account()
    return told(await call.services.account_life.leavers.restore(call.actor, account_id, call.body.reason))
