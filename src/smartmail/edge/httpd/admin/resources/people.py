"""The directory entries of people and their changes, now or at a later time: /accounts/{id}/person, /planned-changes.

SECURITY  Telephone, birthday and number are left out for roles that mask them (service.governance.roles.masking).
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from smartmail.domain.organization import Step, Wanted, WantedSeat
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.accounts import Account, Language
from smartmail.edge.httpd.admin.resources.accounts import told as account_told
from smartmail.edge.httpd.admin.resources.naming import with_addresses
from smartmail.edge.httpd.admin.shapes import (
    Address,
    Day,
    Id,
    Input,
    Output,
    Page,
    Time,
    Word,
    milliseconds,
    part,
    time_or_none,
)
from smartmail.formats.address import split_address
from smartmail.service.governance.roles.masking import FIELDS
from smartmail.service.people.organization.planned import PlannedStep

Title = Annotated[str, Meta(max_length=100, description='"": none.')]
Months = Annotated[int, Meta(ge=0, le=36, description="How long the old address stays.")]
KeptMonths = Annotated[int, Meta(ge=1, le=36, description="How long the old addresses lead to the new account.")]
FactName = Annotated[str, Meta(min_length=1, max_length=50)]
Facts = Annotated[dict[FactName, Annotated[str, Meta(max_length=500)]], Meta(max_length=50)]


class Membership(Output, frozen=True):
    """Membership in a department: its path and code, and the duty there."""

    path: str
    code: str
    duty: str


class PersonAddress(Output, frozen=True):
    """An address; `until` null: without end."""

    address: str
    until: Time | None


class Person(Output, frozen=True):
    """The directory entry of a person. `masked`: names of fields that the reader's role does not show."""

    account_id: Id
    login: str
    name: str
    employee_number: str | None
    position: str
    grade: str
    honorific: str
    seats: list[Membership]
    facts: dict[str, str]
    addresses: list[PersonAddress]
    masked: list[str]


class MembershipCreate(Input, frozen=True):
    """Membership in a department, given by its code, with the duty there."""

    department: Annotated[str, Meta(min_length=1, max_length=100)]
    duty: Title = ""


Seats = Annotated[list[MembershipCreate], Meta(max_length=20)]


class PersonUpdate(Input, frozen=True):
    """A merge patch (RFC 7396). `seats`: the primary one first; `facts` are merged, an empty value removes one; `at`:
    apply at that time instead of now.
    """

    name: Word | UnsetType = UNSET
    employee_number: Annotated[str, Meta(max_length=50)] | UnsetType = UNSET
    position: Title | UnsetType = UNSET
    grade: Title | UnsetType = UNSET
    honorific: Title | UnsetType = UNSET
    seats: Seats | UnsetType = UNSET
    facts: Facts | UnsetType = UNSET
    at: Day | UnsetType = UNSET


class PersonCreate(Input, frozen=True):
    """A person with an account; they sign in by a setup link."""

    login: Address
    name: Word
    employee_number: Annotated[str, Meta(max_length=50)] = ""
    position: Title = ""
    grade: Title = ""
    honorific: Title = ""
    language: Language | Literal[""] = ""
    seats: Seats = []  # noqa: RUF012 -- msgspec copies it
    facts: Facts = {}  # noqa: RUF012


class AccountRenameRequest(Input, frozen=True):
    """A new login; the old one remains an address for `months`."""

    login: Address
    months: Months = 6
    at: Day | None = None


class AccountTransferRequest(Input, frozen=True):
    """A login in another organization of the installation; old addresses are forwarded for `months`. `mailbox`: move
    the messages, too.
    """

    login: Address
    months: KeptMonths = 6
    mailbox: bool = False
    at: Day | None = None


class AccountLeaveRequest(Input, frozen=True):
    """When a person leaves; the account can then neither log in nor receive mail."""

    at: Day


class PersonChangeResult(Output, frozen=True):
    """The account as it is now, or the id of the planned change."""

    account: Account | None
    planned_id: Id | None


class PlannedChange(Output, frozen=True):
    """A change that is applied at a time in the future. `error`: code of the failure."""

    id: Id
    account_id: Id
    kind: str
    login: str
    effective_at: Time
    state: str
    actor: str
    applied_at: Time | None
    error: str
    address: str = ""


class AccountGroup(Output, frozen=True):
    """A group that an account is a member of."""

    id: Id
    name: str


api = Resource()
_AT = "/accounts/{id}"


@api.post(
    "/people", "Create a person with an account.", "account.change", PersonCreate, status=201, cli="person add login"
)
async def _join(call: Call) -> Account:
    body, home = call.body, await call.may_here()
    wanted = Wanted(
        login=body.login, name=body.name, employee_number=body.employee_number or None, seats=_seats(body.seats) or None,
        position=body.position or None, grade=body.grade or None, honorific=body.honorific or None,
        language=body.language, facts=body.facts or None,
    )  # fmt: skip
    return account_told(await call.services.organization.people.join(call.actor, home, wanted))


@api.get(f"{_AT}/person", "The directory entry of a person.", "account.read", cli="person show")
async def _person(call: Call) -> Person:
    account_id = await call.account()
    card = await call.services.organization.people.card(call.actor, account_id)
    masks = await call.services.authority.masks(call.actor, "account.read", Scope("account", str(account_id)))
    hidden = frozenset[str]().union(*(FIELDS[one] for one in masks)) if masks else frozenset[str]()
    facts = {name: value for name, value in card.facts.items() if name not in hidden}
    number = None if "employeeNumber" in hidden else card.row.employee_number
    gone = sorted({*card.facts} & hidden) + (["employeeNumber"] if number is None else [])
    return Person(
        str(account_id), card.account.login, card.account.name, number, card.position, card.grade, card.honorific,
        [Membership.from_row(one) for one in card.seats], facts,
        [PersonAddress(one, time_or_none(card.ends.get(one))) for one in card.addresses], gone,
    )  # fmt: skip


@api.patch(
    f"{_AT}/person", "Change a directory entry, now or at a later time.", "account.change", PersonUpdate,
    cli="person set",
)  # fmt: skip
async def _change(call: Call) -> PersonChangeResult:
    account_id, body = await call.account(), call.body
    account = await call.services.directory.account(account_id)
    facts = None
    if body.facts is not UNSET:
        card = await call.services.organization.people.card(call.actor, account_id)
        facts = {name: value for name, value in {**card.facts, **body.facts}.items() if value}
    wanted = Wanted(
        login=account.login, name=_set(body.name), employee_number=_set(body.employee_number),
        seats=None if body.seats is UNSET else _seats(body.seats), position=_set(body.position),
        grade=_set(body.grade), honorific=_set(body.honorific), facts=facts,
    )  # fmt: skip
    at = None if body.at is UNSET else milliseconds(body.at)
    return await do_step(call, Step(kind="change", account_id=account_id, wanted=wanted), at)


@api.post(
    f"{_AT}/rename", "Change the login of an account.", "account.change", AccountRenameRequest,
    cli="person rename login",
)  # fmt: skip
async def _rename(call: Call) -> PersonChangeResult:
    account_id, body = await call.account(), call.body
    await may_arrive(call, body.login)
    step = Step(kind="rename", account_id=account_id, login=body.login, months=body.months)
    return await do_step(call, step, None if body.at is None else milliseconds(body.at))


@api.post(
    f"{_AT}/transfer", "Move an account to another organization.", "account.change", AccountTransferRequest,
    cli="person transfer login",
)  # fmt: skip
async def _transfer(call: Call) -> PersonChangeResult:
    account_id, body = await call.account(), call.body
    await may_arrive(call, body.login)
    step = Step(kind="transfer", account_id=account_id, login=body.login, months=body.months, mailbox=body.mailbox)
    return await do_step(call, step, None if body.at is None else milliseconds(body.at))


@api.post(
    f"{_AT}/leave", "Close an account at a given time.", "account.change", AccountLeaveRequest, cli="person close"
)
async def _leave(call: Call) -> PersonChangeResult:
    step = Step(kind="close", account_id=await call.account())
    return await do_step(call, step, milliseconds(call.body.at))


async def may_arrive(call: Call, login: str) -> None:
    """A login belongs to a domain, whose administrators say who has one there. Raises NotFound, Forbidden."""
    await call.may(Scope("domain", split_address(login)[1].lower()))


async def do_step(call: Call, step: Step, at: int | None) -> PersonChangeResult:
    """Do a thing to a person, or plan it."""
    if at is not None:
        return PersonChangeResult(None, str((await call.services.organization.planned.plan(call.actor, step, at)).id))
    return PersonChangeResult(account_told(await call.services.organization.people.perform(call.actor, step)), None)


@api.get(f"{_AT}/groups", "Groups of an account.", "group.read", cli="person groups")
async def _groups(call: Call) -> Page[AccountGroup]:
    account_id = await call.account()
    home = (await call.services.directory.account(account_id)).organization_id
    governing = call.services.governing
    found = [
        AccountGroup(str(one.id), one.name)
        for one in await governing.groups(home)
        if account_id in await governing.members(one.id)
    ]
    return part(found, lambda one: int(one.id), call.page, lambda one: one)


@api.get(
    "/planned-changes", "Planned changes.", "account.read", cli="person planned",
    columns="id effectiveAt state address kind login error",
)  # fmt: skip
async def _planned(call: Call) -> Page[PlannedChange]:
    rows = await call.services.organization.planned.list_all(call.actor, await call.may_here())
    return await with_addresses(call, part(rows, lambda one: one.row.id, call.page, _planned_told))


@api.delete("/planned-changes/{id}", "Cancel a planned change.", "account.change", cli="person cancel")
async def _cancel(call: Call) -> None:
    await call.services.organization.planned.cancel(call.actor, await call.may_here(), call.number())


def _seats(seats: list[MembershipCreate]) -> tuple[WantedSeat, ...]:
    return tuple(WantedSeat(one.department, one.duty) for one in seats)


def _set(value: str | UnsetType) -> str | None:
    return None if isinstance(value, UnsetType) else value


def _planned_told(one: PlannedStep) -> PlannedChange:
    row, step = one.row, one.step
    return PlannedChange.from_row(
        row, account_id=str(step.account_id), kind=step.kind, login=step.login, error=row.detail
    )
