"""Merger of companies of the installation (회사 합병): all people of one go to another, planned, looked at, then done.

STRATEGIES  A merger is a transfer of each person (people.py), with what is known of them as far as the other company has
            words for it. The plan names every login that is taken there with what it becomes. It is done now, person by
            person, or written down as planned changes for one day; who has gone already is passed by, so that a killed run
            is simply run again.
LIMITS      Shared accounts, lists and groups stay with the old company: their rights are those of its people. They are named.
SECURITY    account.change over both companies.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from smartmail.domain.account import Account
from smartmail.domain.errors import Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import PersonRow, Seat, Step, Wanted, WantedSeat
from smartmail.domain.principal import Actor
from smartmail.service.people.organization.domains import checked_domain, free_names
from smartmail.service.people.organization.ground import Ground
from smartmail.service.people.organization.people import KEPT_MONTHS, PeopleService
from smartmail.service.people.organization.planned import PlannedService, PlannedStep
from smartmail.service.people.organization.store import Store
from smartmail.service.people.organization.writing import Tables, tables

GONE = frozenset({"leaving", "closed"})


@dataclass(frozen=True, slots=True)
class MergerPlan:
    """What a merger would do. `clashes`: (login, what it becomes) where the name is taken; `numbers`: logins whose employee
    number is somebody's there; `staying`: shared accounts and the like, which stay.
    """

    source: OrganizationId
    target: OrganizationId
    steps: tuple[Step, ...]
    clashes: tuple[tuple[str, str], ...]
    numbers: tuple[str, ...]
    staying: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """How many were transferred, or planned. `errors`: (login, why)."""

    done: int
    errors: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MergerStanding:
    """How far a merger is that was planned for a day: how many of its people wait, went, could not go, were taken back."""

    domain: str
    effective_at: int
    waiting: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0


@dataclass(frozen=True, slots=True)
class _There:
    """What the other company has already."""

    known: Tables
    numbers: frozenset[str]


class MergerService:
    """Plans mergers and carries them out."""

    def __init__(self, ground: Ground[Store], people: PeopleService, planned: PlannedService) -> None:
        self._ground = ground
        self._store = ground.store
        self._people = people
        self._planned = planned

    async def plan(
        self, actor: Actor, source: OrganizationId, domain: str, *, mailbox: bool = True, months: int = KEPT_MONTHS
    ) -> MergerPlan:
        """Return what bringing all people of a company into a domain of another one would do. Writes nothing.

        Raises Invalid (the same company, no months: old addresses stay for a while at least), NotFound, Forbidden.
        """
        await self._ground.company(actor, "account.change", source)
        absent = NotFound(f"{domain} is no domain of ours")
        row = await self._store.domain(checked_domain(domain))
        home = source if row is None or row.state != "active" else row.organization_id
        try:
            # Asked of one that is nobody's as well: that another company has it is not told by how long it takes either.
            await self._ground.company(actor, "account.change", home)
        except NotFound:
            raise absent from None
        if row is None or row.state != "active":
            raise absent
        if row.organization_id == source:
            raise Invalid("that is the same company: give the domain another name instead", reason="merge.same")
        if months < 1:
            raise Invalid(
                "old addresses stay for a month at least, or mail for everybody bounces at once", reason="merge.month"
            )
        accounts = await self._store.accounts(source)
        moving = [one for one in accounts if one.kind == "person" and one.state not in GONE]
        names = await free_names([one.login for one in moving], row.name, self._taken)
        rows = {one.account_id: one for one in await self._store.people(source)}
        there = await self._there(row.organization_id)
        here, seats = await tables(self._store, source), await self._seats(source)
        steps, numbers = [], []
        for one in moving:
            person = rows.get(one.id) or PersonRow(one.id, source)
            if person.employee_number in there.numbers:
                numbers.append(one.login)
            wanted = await self._wanted(one, person, seats.get(one.id, ()), here, there, names[one.login])
            steps.append(
                Step(kind="transfer", account_id=one.id, wanted=wanted, login=names[one.login], months=months,
                     mailbox=mailbox)
            )  # fmt: skip
        clashes = [(old, new) for old, new in names.items() if old.partition("@")[0] != new.partition("@")[0]]
        staying = [one.login for one in accounts if one.kind != "person" and one.state not in GONE]
        return MergerPlan(
            source, row.organization_id, tuple(steps), tuple(clashes), tuple(numbers), tuple(staying)
        )  # fmt: skip

    async def apply(self, actor: Actor, plan: MergerPlan, at: int | None = None) -> Merged:
        """Transfer everybody now, or on a day to come; who has gone meanwhile is passed by. Raises Forbidden, NotFound."""
        for company in (plan.source, plan.target):
            await self._ground.company(actor, "account.change", company)
        done, errors = 0, list[tuple[str, str]]()
        waiting = {
            one.step.account_id for one in await self._transfers(actor, plan.source) if one.row.state == "waiting"
        }
        for step in plan.steps:
            account = await self._store.account(AccountId(step.account_id))
            if account.state in GONE:
                continue
            if step.account_id in waiting:
                errors.append((account.login, "a transfer is planned already: cancel it first"))
                continue
            try:
                if at is None:
                    await self._people.perform(actor, step)
                else:
                    await self._planned.plan(actor, step, at)
                done += 1
            except MailError as error:
                errors.append((account.login, error.public or error.code))
        return Merged(done, tuple(errors))

    async def standings(self, actor: Actor, source: OrganizationId) -> list[MergerStanding]:
        """Return how far the planned mergers of a company are, the newest day first; a transfer of one person counts as one.

        Raises NotFound, Forbidden.
        """
        counts: dict[tuple[str, int], Counter[str]] = {}
        for one in await self._transfers(actor, source):
            place = one.step.login.partition("@")[2], one.row.effective_at
            counts.setdefault(place, Counter())[one.row.state] += 1
        return [
            MergerStanding(domain, at, found["waiting"], found["done"], found["failed"], found["cancelled"])
            for (domain, at), found in sorted(counts.items(), key=lambda one: (-one[0][1], one[0][0]))
        ]

    async def cancel(self, actor: Actor, source: OrganizationId, domain: str) -> int:
        """Take back all transfers into a domain that wait; who has gone stays gone. Return how many. Raises NotFound, Forbidden."""
        name, taken = checked_domain(domain), 0
        for one in await self._transfers(actor, source):
            if one.row.state != "waiting" or one.step.login.partition("@")[2] != name:
                continue
            try:
                await self._planned.cancel(actor, source, one.row.id)
                taken += 1
            except NotFound:
                continue  # it was applied this moment
        if not taken:
            raise NotFound("nobody waits to go there")
        return taken

    async def _transfers(self, actor: Actor, source: OrganizationId) -> list[PlannedStep]:
        await self._ground.company(actor, "account.change", source)
        return [one for one in await self._planned.list_all(actor, source) if one.step.kind == "transfer"]

    async def _taken(self, addresses: Sequence[str]) -> set[str]:
        found = set(await self._store.resolve(addresses))
        found |= {row.address for row in await self._store.stand_ins(addresses)}
        return found | {row.address for row in await self._store.left_addresses(addresses)}

    async def _there(self, organization_id: OrganizationId) -> _There:
        numbers = {row.employee_number for row in await self._store.people(organization_id) if row.employee_number}
        return _There(await tables(self._store, organization_id), frozenset(numbers))

    async def _seats(self, organization_id: OrganizationId) -> dict[AccountId, list[Seat]]:
        found: dict[AccountId, list[Seat]] = {}
        for one in await self._store.seats(organization_id):
            found.setdefault(one.account_id, []).append(one)
        return found

    async def _wanted(
        self, account: Account, row: PersonRow, seats: Sequence[Seat], here: Tables, there: _There, login: str
    ) -> Wanted:
        """Return what is known of somebody, as far as the other company has words for it."""

        def word(kind: str, title_id: int) -> str | None:
            name = here.name(title_id)
            return (
                name if name and (kind, name) in {(one.kind, one.name) for one in there.known.titles.values()} else None
            )

        codes = [(here.departments[one.department_id].code, one.duty_id) for one in seats
                 if one.department_id in here.departments]  # fmt: skip
        sits = tuple(
            WantedSeat(code, word("duty", duty) or "") for code, duty in codes if code in there.known.by_code
        )  # fmt: skip
        number = row.employee_number if row.employee_number not in there.numbers else ""
        return Wanted(
            login=login, name=account.name, employee_number=number or None, seats=sits or None,
            position=word("position", row.position_id), grade=word("grade", row.grade_id),
            honorific=word("honorific", row.honorific_id), language=account.language,
            facts=await self._people.facts(row) or None,
        )  # fmt: skip
