"""/temporary-accounts: accounts that end by themselves, who answers for them, and later ends."""

from typing import Annotated

from msgspec import Meta

from smartmail.domain.ids import AccountId
from smartmail.domain.organization import Wanted
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.accounts import AccountTold, told
from smartmail.edge.httpd.admin.shapes import (
    Address,
    Asked,
    Id,
    Page,
    Time,
    Told,
    Word,
    milliseconds,
    part,
    time_of,
    time_or_none,
)  # fmt: skip
from smartmail.formats.address import split_address
from smartmail.service.account_life.temporary import Temporary

Reason = Annotated[str, Meta(max_length=1000)]


class TemporaryTold(Told, frozen=True):
    """A temporary account. `mustTakeOver`: who has to answer for it because the sponsor left."""

    account_id: Id
    address: str
    ends_at: Time
    agreed_until: Time
    sponsor: str
    must_take_over: str
    asked_until: Time | None
    reason: str


class TemporaryNew(Asked, frozen=True):
    """A temporary account to be made; nobody signs in until a set-up link is used."""

    address: Address
    name: Word
    ends_at: Time
    sponsor: Id
    reason: Reason = ""
    inside_only: bool = True


class ExtensionAsked(Asked, frozen=True):
    """A later end, and why."""

    until: Time
    reason: Word


class ExtensionDecided(Asked, frozen=True):
    """Whether the later end is granted."""

    granted: bool


class SponsorNamed(Asked, frozen=True):
    """Who answers for the account from now on."""

    sponsor: Id


def _told(one: Temporary) -> TemporaryTold:
    row = one.row
    return TemporaryTold(
        str(row.account_id), one.account.login, time_of(one.account.ends_at or row.agreed_until),
        time_of(row.agreed_until), one.sponsor, one.heir, time_or_none(row.asked_until), one.reason,
    )  # fmt: skip


async def _list(call: Call) -> Page[TemporaryTold]:
    home = await call.may_here()
    found = await call.services.account_life.temporary.list_all(call.actor, home)
    await call.services.witness.listed(call.actor, [one.account.id for one in found])
    return part(found, lambda one: int(one.row.account_id), call.page, _told)


async def _create(call: Call) -> AccountTold:
    body = call.body
    await call.may(Scope("domain", split_address(body.address)[1].lower()))
    made = await call.services.account_life.temporary.create(
        call.actor, call.actor.organization_id, Wanted(login=body.address, name=body.name),
        ends_at=milliseconds(body.ends_at), sponsor=AccountId(int(body.sponsor)), reason=body.reason,
        inside_only=body.inside_only,
    )  # fmt: skip
    return told(made)


async def _ask(call: Call) -> None:
    account_id = await call.account()
    await call.services.account_life.temporary.ask_extension(
        call.actor, account_id, milliseconds(call.body.until), call.body.reason
    )


async def _decide(call: Call) -> AccountTold:
    account_id = await call.account()
    return told(await call.services.account_life.temporary.decide(call.actor, account_id, grant=call.body.granted))


async def _sponsor(call: Call) -> AccountTold:
    account_id = await call.account()
    sponsor = AccountId(int(call.body.sponsor))
    return told(await call.services.account_life.temporary.assign(call.actor, account_id, sponsor))


OPERATIONS = (
    Operation(
        "GET", "/temporary-accounts", "Temporary accounts of the company.", _list, "account.read", Page[TemporaryTold],
        paged=True,
    ),
    Operation(
        "POST", "/temporary-accounts", "Make an account that ends.", _create, "account.change", AccountTold,
        TemporaryNew, status=201,
    ),
    Operation("POST", "/temporary-accounts/{id}/extension", "Ask for a later end.", _ask, "account.change",
              body=ExtensionAsked),
    Operation(
        "PUT", "/temporary-accounts/{id}/extension", "Grant or refuse a later end.", _decide, "account.change",
        AccountTold, ExtensionDecided,
    ),
    Operation(
        "PUT", "/temporary-accounts/{id}/sponsor", "Let somebody else answer for it.", _sponsor, "account.change",
        AccountTold, SponsorNamed,
    ),
)  # fmt: skip
