"""What the directory knows of people, and what is done to them now or on a day to come: /accounts/{id}/person, /planned-changes.

SECURITY  Telephone, birthday and number are left out for roles that mask them (service.roles.masking).
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from smartmail.domain.organization import Step, Wanted, WantedSeat
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.accounts import AccountTold, Language
from smartmail.edge.httpd.admin.resources.accounts import told as account_told
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
)
from smartmail.formats.address import split_address
from smartmail.service.organization.planned import PlannedStep
from smartmail.service.roles.masking import FIELDS

Title = Annotated[str, Meta(max_length=100, description='"": none.')]
Months = Annotated[int, Meta(ge=0, le=36, description="How long the old address stays.")]
KeptMonths = Annotated[int, Meta(ge=1, le=36, description="How long the old addresses lead to the new account.")]
FactName = Annotated[str, Meta(min_length=1, max_length=50)]
Facts = Annotated[dict[FactName, Annotated[str, Meta(max_length=500)]], Meta(max_length=50)]


class SeatTold(Told, frozen=True):
    """A seat: the department's path and code, and the duty there."""

    path: str
    code: str
    duty: str


class EndingAddress(Told, frozen=True):
    """An address; `until` null: it stays."""

    address: str
    until: Time | None


class PersonTold(Told, frozen=True):
    """What the directory knows of a person. `masked` names what the reader's role does not show."""

    account_id: Id
    login: str
    name: str
    employee_number: str | None
    position: str
    grade: str
    honorific: str
    seats: list[SeatTold]
    facts: dict[str, str]
    addresses: list[EndingAddress]
    masked: list[str]


class SeatAsked(Asked, frozen=True):
    """A department by its code, and the duty there."""

    department: Annotated[str, Meta(min_length=1, max_length=100)]
    duty: Title = ""


Seats = Annotated[list[SeatAsked], Meta(max_length=20)]


class PersonPatch(Asked, frozen=True):
    """A merge patch (RFC 7396). `seats`: the primary one first; `facts` are merged, an empty value removes one; `at`: on
    that day instead of now.
    """

    name: Word | UnsetType = UNSET
    employee_number: Annotated[str, Meta(max_length=50)] | UnsetType = UNSET
    position: Title | UnsetType = UNSET
    grade: Title | UnsetType = UNSET
    honorific: Title | UnsetType = UNSET
    seats: Seats | UnsetType = UNSET
    facts: Facts | UnsetType = UNSET
    at: Time | UnsetType = UNSET


class PersonNew(Asked, frozen=True):
    """A person who joins: the account with all that is known of them; they get in by a set-up link."""

    login: Address
    name: Word
    employee_number: Annotated[str, Meta(max_length=50)] = ""
    position: Title = ""
    grade: Title = ""
    honorific: Title = ""
    language: Language | Literal[""] = ""
    seats: Seats = []  # noqa: RUF012 -- msgspec copies it
    facts: Facts = {}  # noqa: RUF012


class Renaming(Asked, frozen=True):
    """Another login; the old one stays an address for a while."""

    login: Address
    months: Months = 6
    at: Time | None = None


class Transfer(Asked, frozen=True):
    """A login with another company of the installation; the old addresses lead there for a while. `mailbox`: it goes along."""

    login: Address
    months: KeptMonths = 6
    mailbox: bool = False
    at: Time | None = None


class Leaving(Asked, frozen=True):
    """When somebody leaves: no login and no mail from then on."""

    at: Time


class Done(Told, frozen=True):
    """The account as it is now, or the number of what is planned."""

    account: AccountTold | None
    planned_id: Id | None


class PlannedTold(Told, frozen=True):
    """Something that is done on a day to come. `error`: code of what went wrong."""

    id: Id
    account_id: Id
    kind: str
    login: str
    effective_at: Time
    state: str
    actor: str
    applied_at: Time | None
    error: str


class GroupOf(Told, frozen=True):
    """A group that an account is in."""

    id: Id
    name: str


async def _person(call: Call) -> PersonTold:
    account_id = await call.account()
    card = await call.services.organization.people.card(call.actor, account_id)
    masks = await call.services.authority.masks(call.actor, "account.read", Scope("account", str(account_id)))
    hidden = frozenset[str]().union(*(FIELDS[one] for one in masks)) if masks else frozenset[str]()
    facts = {name: value for name, value in card.facts.items() if name not in hidden}
    number = None if "employeeNumber" in hidden else card.row.employee_number
    gone = sorted({*card.facts} & hidden) + (["employeeNumber"] if number is None else [])
    return PersonTold(
        str(account_id), card.account.login, card.account.name, number, card.position, card.grade, card.honorific,
        [SeatTold(one.path, one.code, one.duty) for one in card.seats], facts,
        [EndingAddress(one, time_or_none(card.ends.get(one))) for one in card.addresses], gone,
    )  # fmt: skip


async def _join(call: Call) -> AccountTold:
    body, home = call.body, await call.may_here()
    wanted = Wanted(
        login=body.login, name=body.name, employee_number=body.employee_number or None, seats=_seats(body.seats) or None,
        position=body.position or None, grade=body.grade or None, honorific=body.honorific or None,
        language=body.language, facts=body.facts or None,
    )  # fmt: skip
    return account_told(await call.services.organization.people.join(call.actor, home, wanted))


async def _change(call: Call) -> Done:
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


async def _rename(call: Call) -> Done:
    account_id, body = await call.account(), call.body
    await may_arrive(call, body.login)
    step = Step(kind="rename", account_id=account_id, login=body.login, months=body.months)
    return await do_step(call, step, None if body.at is None else milliseconds(body.at))


async def _transfer(call: Call) -> Done:
    account_id, body = await call.account(), call.body
    await may_arrive(call, body.login)
    step = Step(kind="transfer", account_id=account_id, login=body.login, months=body.months, mailbox=body.mailbox)
    return await do_step(call, step, None if body.at is None else milliseconds(body.at))


async def _leave(call: Call) -> Done:
    step = Step(kind="close", account_id=await call.account())
    return await do_step(call, step, milliseconds(call.body.at))


async def may_arrive(call: Call, login: str) -> None:
    """A login belongs to a domain, whose administrators say who has one there. Raises NotFound, Forbidden."""
    await call.may(Scope("domain", split_address(login)[1].lower()))


async def do_step(call: Call, step: Step, at: int | None) -> Done:
    """Do a thing to somebody, or plan it."""
    if at is not None:
        return Done(None, str((await call.services.organization.planned.plan(call.actor, step, at)).id))
    return Done(account_told(await call.services.organization.people.perform(call.actor, step)), None)


async def _planned(call: Call) -> Page[PlannedTold]:
    rows = await call.services.organization.planned.list_all(call.actor, await call.may_here())
    return part(rows, lambda one: one.row.id, call.page, _planned_told)


async def _cancel(call: Call) -> None:
    await call.services.organization.planned.cancel(call.actor, await call.may_here(), call.number())


async def _groups(call: Call) -> Page[GroupOf]:
    account_id = await call.account()
    home = (await call.services.directory.account(account_id)).organization_id
    governing = call.services.governing
    found = [
        GroupOf(str(one.id), one.name)
        for one in await governing.groups(home)
        if account_id in await governing.members(one.id)
    ]
    return part(found, lambda one: int(one.id), call.page, lambda one: one)


def _seats(seats: list[SeatAsked]) -> tuple[WantedSeat, ...]:
    return tuple(WantedSeat(one.department, one.duty) for one in seats)


def _set(value: str | UnsetType) -> str | None:
    return None if isinstance(value, UnsetType) else value


def _planned_told(one: PlannedStep) -> PlannedTold:
    row, step = one.row, one.step
    return PlannedTold(
        str(row.id), str(step.account_id), step.kind, step.login, time_of(row.effective_at), row.state, row.actor,
        time_or_none(row.applied_at), row.detail,
    )  # fmt: skip


_AT = "/accounts/{id}"
OPERATIONS = (
    Operation("POST", "/people", "Somebody joins.", _join, "account.change", AccountTold, PersonNew, status=201),
    Operation("GET", f"{_AT}/person", "What the directory knows.", _person, "account.read", PersonTold),
    Operation("PATCH", f"{_AT}/person", "Change it, now or on a day.", _change, "account.change", Done, PersonPatch),
    Operation("POST", f"{_AT}/rename", "Another login.", _rename, "account.change", Done, Renaming),
    Operation("POST", f"{_AT}/transfer", "Move to another company.", _transfer, "account.change", Done, Transfer),
    Operation("POST", f"{_AT}/leave", "Leave on a day.", _leave, "account.change", Done, Leaving),
    Operation("GET", f"{_AT}/groups", "Groups of an account.", _groups, "group.read", Page[GroupOf], paged=True),
    Operation(
        "GET", "/planned-changes", "What is planned.", _planned, "account.read", Page[PlannedTold], paged=True,
    ),
    Operation("DELETE", "/planned-changes/{id}", "Take one back.", _cancel, "account.change"),
)  # fmt: skip
