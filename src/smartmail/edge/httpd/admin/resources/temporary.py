"""/temporary-accounts: accounts with an end date, their sponsors and extensions."""

from typing import Annotated

from msgspec import Meta

from smartmail.domain.ids import AccountId
from smartmail.domain.organization import Wanted
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.accounts import Account, told
from smartmail.edge.httpd.admin.shapes import (
    Address,
    Id,
    Input,
    LastDay,
    Output,
    Page,
    Time,
    Word,
    milliseconds,
    part,
    time_of,
    time_or_none,
)  # fmt: skip
from smartmail.formats.address import split_address
from smartmail.service.people.account_life.temporary import Temporary

Reason = Annotated[str, Meta(max_length=1000)]


class TemporaryAccount(Output, frozen=True):
    """A temporary account. `mustTakeOver`: who has to become the sponsor because the previous one left."""

    account_id: Id
    address: str
    ends_at: Time
    agreed_until: Time
    sponsor: str
    must_take_over: str
    asked_until: Time | None
    reason: str


class TemporaryAccountCreate(Input, frozen=True):
    """A temporary account to create; it is used by a setup link."""

    address: Address
    name: Word
    ends_at: LastDay
    sponsor: Id
    reason: Reason = ""
    inside_only: bool = True


class ExtensionRequest(Input, frozen=True):
    """A later end date, and why."""

    until: LastDay
    reason: Word


class ExtensionDecision(Input, frozen=True):
    """Whether the later end date is granted."""

    granted: bool


class SponsorUpdate(Input, frozen=True):
    """The new sponsor of the account."""

    sponsor: Id


api = Resource()


def _told(one: Temporary) -> TemporaryAccount:
    row = one.row
    return TemporaryAccount(
        str(row.account_id), one.account.login, time_of(one.account.ends_at or row.agreed_until),
        time_of(row.agreed_until), one.sponsor, one.heir, time_or_none(row.asked_until), one.reason,
    )  # fmt: skip


@api.get(
    "/temporary-accounts", "Temporary accounts of the organization.", "account.read", cli="temporary list",
    columns="address endsAt sponsor askedUntil reason",
)  # fmt: skip
async def _list(call: Call) -> Page[TemporaryAccount]:
    home = await call.may_here()
    found = await call.services.account_life.temporary.list_all(call.actor, home)
    await call.services.witness.listed(call.actor, [one.account.id for one in found])
    return part(found, lambda one: int(one.row.account_id), call.page, _told)


@api.post(
    "/temporary-accounts", "Create a temporary account.", "account.change", TemporaryAccountCreate, status=201,
    cli="temporary add address",
)  # fmt: skip
async def _create(call: Call) -> Account:
    body = call.body
    await call.may(Scope("domain", split_address(body.address)[1].lower()))
    made = await call.services.account_life.temporary.create(
        call.actor, call.home, Wanted(login=body.address, name=body.name),
        ends_at=milliseconds(body.ends_at), sponsor=AccountId(int(body.sponsor)), reason=body.reason,
        inside_only=body.inside_only,
    )  # fmt: skip
    return told(made)


@api.post(
    "/temporary-accounts/{id}/extension", "Request a later end date.", "account.change", ExtensionRequest,
    cli="temporary ask",
)  # fmt: skip
async def _ask(call: Call) -> None:
    account_id = await call.account()
    await call.services.account_life.temporary.ask_extension(
        call.actor, account_id, milliseconds(call.body.until), call.body.reason
    )


@api.put(
    "/temporary-accounts/{id}/extension", "Grant or decline a later end date.", "account.change", ExtensionDecision,
    cli=("temporary grant granted=true", "temporary refuse granted=false"),
)  # fmt: skip
async def _decide(call: Call) -> Account:
    account_id = await call.account()
    return told(await call.services.account_life.temporary.decide(call.actor, account_id, grant=call.body.granted))


@api.put(
    "/temporary-accounts/{id}/sponsor", "Change the sponsor.", "account.change", SponsorUpdate,
    cli="temporary sponsor sponsor",
)  # fmt: skip
async def _sponsor(call: Call) -> Account:
    account_id = await call.account()
    sponsor = AccountId(int(call.body.sponsor))
    return told(await call.services.account_life.temporary.assign(call.actor, account_id, sponsor))
