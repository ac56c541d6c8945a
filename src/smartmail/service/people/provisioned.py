"""People and groups of a company as a system outside keeps them, one at a time (SCIM): found, made, replaced.

STRATEGIES  Everything is done by the organisation's own services, which ask the rights and write the records. What is not
            named stays; an empty text empties. The key of the system outside is the employee number.
FAILURE     What would fail is looked at before an account is made: department, title, number, domain. Making and seating are
            two commits; a system outside that was cut off in between finds the person by login and replaces.
Must not know SCIM's words.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from smartmail.domain.account import Account, Group
from smartmail.domain.errors import AlreadyExists, Invalid, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import Step, Wanted, WantedSeat
from smartmail.domain.principal import Actor
from smartmail.formats.address import normalize, split_address
from smartmail.service.governance.governing import GovernanceService
from smartmail.service.people.administration import AdministrationService
from smartmail.service.people.organization import Ground, PeopleService
from smartmail.service.people.organization.people import KEPT_MONTHS
from smartmail.service.people.organization.sources import GONE
from smartmail.service.people.organization.store import Store
from smartmail.service.people.organization.writing import Tables, tables


@dataclass(frozen=True, slots=True)
class PersonAsked:
    """A person as it shall stand. None: not named, stays."""

    login: str
    name: str | None = None
    number: str | None = None
    position: str | None = None
    department: str | None = None
    language: str = ""
    facts: Mapping[str, str] | None = field(default=None, repr=False)
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class PersonStands:
    """A person as it stands; `department` is the code of the primary one."""

    account: Account
    number: str = ""
    position: str = ""
    department: str = ""
    facts: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class GroupStands:
    """A group with its members."""

    group: Group
    members: Sequence[Account]


class ProvisionedService:
    """Finds, makes and replaces people and groups."""

    def __init__(
        self,
        ground: Ground[Store],
        people: PeopleService,
        administration: AdministrationService,
        governing: GovernanceService,
    ) -> None:
        self._ground = ground
        self._store = ground.store
        self._people = people
        self._administration = administration
        self._governing = governing

    # --- people ---

    async def people(self, actor: Actor, organization_id: OrganizationId) -> list[Account]:
        """Return the people of a company by id. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "account.read", organization_id)
        found = [one for one in await self._store.accounts(organization_id) if one.kind == "person"]
        return sorted(found, key=lambda one: one.id)

    async def find(
        self, actor: Actor, organization_id: OrganizationId, *, login: str = "", number: str = ""
    ) -> list[Account]:
        """Return who has a login, or an employee number. Raises Forbidden, NotFound."""
        everybody = await self.people(actor, organization_id)
        if login:
            return [one for one in everybody if one.login == normalize(login)]
        owners = {row.account_id for row in await self._store.people(organization_id) if row.employee_number == number}
        return [one for one in everybody if number and one.id in owners]

    async def person(self, actor: Actor, organization_id: OrganizationId, account_id: AccountId) -> PersonStands:
        """Return somebody. Raises NotFound (also for who is another company's), Forbidden."""
        await self._ground.company(actor, "account.read", organization_id)
        account = await self._store.account(account_id)
        if account.organization_id != organization_id or account.kind != "person":
            raise NotFound
        return await self.stands(account)

    async def stands(self, account: Account, known: Tables | None = None) -> PersonStands:
        """Return what is known of an account that was found."""
        known = known or await tables(self._store, account.organization_id)
        row, seats = await self._people.rows(account)
        first = known.departments.get(seats[0].department_id) if seats else None
        return PersonStands(
            account, row.employee_number, known.name(row.position_id), first.code if first else "",
            await self._people.facts(row),
        )  # fmt: skip

    async def tables(self, organization_id: OrganizationId) -> Tables:
        """Return departments and titles, for many people at once."""
        return await tables(self._store, organization_id)

    async def create(self, actor: Actor, organization_id: OrganizationId, asked: PersonAsked) -> PersonStands:
        """Make somebody, who gets in by an invitation. Raises AlreadyExists, Invalid, Forbidden."""
        await self._ground.company(actor, "account.change", organization_id)
        wanted = await self._wanted(organization_id, asked, None)
        row = await self._store.domain(split_address(normalize(asked.login))[1])
        if row is None or row.organization_id != organization_id:
            raise Invalid(f"{asked.login} is in no domain of this company", reason="domain.foreign", name=asked.login)
        account = await self._people.join(actor, organization_id, wanted)
        if asked.active is False:
            await self._administration.close(actor, account.id)
        return await self.person(actor, organization_id, account.id)

    async def replace(
        self, actor: Actor, organization_id: OrganizationId, account_id: AccountId, asked: PersonAsked
    ) -> PersonStands:
        """Let somebody be as asked. Raises NotFound, AlreadyExists, Invalid, Forbidden."""
        stands = await self.person(actor, organization_id, account_id)
        wanted = await self._wanted(organization_id, asked, stands)
        if asked.active and stands.account.state in GONE:
            # A leaver is restored, with all mail; of who was destroyed nothing is left to come back to.
            if not stands.account.wrapped_key:
                raise Invalid("their data were destroyed: make a new user", reason="person.destroyed")
            await self._people.perform(actor, Step(kind="rehire", account_id=account_id))
        if normalize(asked.login) != stands.account.login:
            step = Step(kind="rename", account_id=account_id, login=asked.login, months=KEPT_MONTHS)
            await self._people.perform(actor, step)
        if wanted != Wanted(login=wanted.login):
            await self._people.perform(actor, Step(kind="change", account_id=account_id, wanted=wanted))
        if asked.active is False:
            await self.close(actor, organization_id, account_id)
        return await self.person(actor, organization_id, account_id)

    async def close(self, actor: Actor, organization_id: OrganizationId, account_id: AccountId) -> None:
        """Close somebody's account; data stay. Who has gone already stays as they are: a leaver has days to come back.

        Raises NotFound, Forbidden (the last administrator).
        """
        stands = await self.person(actor, organization_id, account_id)
        if stands.account.state not in GONE:
            await self._administration.close(actor, account_id)

    async def _wanted(self, organization_id: OrganizationId, asked: PersonAsked, stands: PersonStands | None) -> Wanted:
        """Return what is different. Raises Invalid, AlreadyExists (number)."""
        known = await tables(self._store, organization_id)
        own = stands or PersonStands(account=None)  # type: ignore[arg-type]  # nobody yet
        number = None if asked.number == own.number else asked.number
        if number:
            rows = await self._store.people(organization_id)
            if any(row.employee_number == number for row in rows):
                raise AlreadyExists("an employee number belongs to one person", reason="number.taken")
        if asked.position:
            known.title("position", asked.position)
        name = None if stands and asked.name == stands.account.name else asked.name
        facts = None
        if asked.facts is not None:
            merged = {key: text for key, text in {**own.facts, **asked.facts}.items() if text}
            facts = None if merged == dict(own.facts) else merged
        return Wanted(
            login=asked.login, name=name, employee_number=number,
            position=None if asked.position == own.position else asked.position,
            seats=await self._seats(known, asked, own), language="" if stands else asked.language, facts=facts,
        )  # fmt: skip

    async def _seats(self, known: Tables, asked: PersonAsked, own: PersonStands) -> tuple[WantedSeat, ...] | None:
        """Return seats with another primary one; the others stay."""
        if asked.department is None or asked.department == own.department:
            return None
        if not asked.department:
            return ()
        named = [one.code for one in known.departments.values() if one.name == asked.department]
        code = asked.department if asked.department in known.by_code else named[0] if len(named) == 1 else ""
        known.department(code or asked.department)
        if code == own.department:
            return None
        rest = [] if own.account is None else (await self._people.rows(own.account))[1][1:]
        others = (WantedSeat(known.departments[one.department_id].code, known.name(one.duty_id)) for one in rest)
        return (WantedSeat(code), *(one for one in others if one.department != code))

    # --- groups ---

    async def groups(self, actor: Actor, organization_id: OrganizationId, name: str = "") -> list[Group]:
        """Return the groups of a company by id, or the one of a name. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "group.read", organization_id)
        found = [one for one in await self._governing.groups(organization_id) if not name or one.name == name]
        return sorted(found, key=lambda one: one.id)

    async def group(self, actor: Actor, organization_id: OrganizationId, group_id: int) -> GroupStands:
        """Return a group with its members. Raises NotFound, Forbidden."""
        found = [one for one in await self.groups(actor, organization_id) if one.id == group_id]
        if not found:
            raise NotFound
        members = [await self._store.account(one) for one in await self._governing.members(group_id)]
        return GroupStands(found[0], sorted(members, key=lambda one: one.id))

    async def create_group(
        self, actor: Actor, organization_id: OrganizationId, name: str, members: Collection[int]
    ) -> GroupStands:
        """Make a group. Raises AlreadyExists, Invalid (a member that is not there), Forbidden."""
        await self._ground.company(actor, "group.change", organization_id)
        await self._check(organization_id, members)
        made = await self._governing.new_group(actor, organization_id, name)
        for one in sorted(members):
            await self._governing.set_member(actor, made.id, AccountId(one), member=True)
        return await self.group(actor, organization_id, made.id)

    async def replace_group(
        self, actor: Actor, organization_id: OrganizationId, group_id: int, name: str, members: Collection[int] | None
    ) -> GroupStands:
        """Let a group be as asked; members None: they stay. Raises NotFound, AlreadyExists, Invalid, Forbidden."""
        stands = await self.group(actor, organization_id, group_id)
        if name != stands.group.name:
            row = stands.group
            await self._governing.change_group(actor, Group(row.id, row.organization_id, name, row.priority))
        present = {int(one.id) for one in stands.members}
        wanted = present if members is None else set(members)
        await self._check(organization_id, wanted - present)
        for one in sorted(wanted ^ present):
            await self._governing.set_member(actor, group_id, AccountId(one), member=one in wanted)
        return await self.group(actor, organization_id, group_id)

    async def delete_group(self, actor: Actor, organization_id: OrganizationId, group_id: int) -> None:
        """Remove a group and what is set for it. Raises NotFound, Forbidden."""
        await self.group(actor, organization_id, group_id)
        await self._governing.delete_group(actor, group_id)

    async def _check(self, organization_id: OrganizationId, members: Collection[int]) -> None:
        known = {int(one.id) for one in await self._store.accounts(organization_id)} if members else set()
        if set(members) - known:
            raise Invalid("a member is not there", reason="member.none")
