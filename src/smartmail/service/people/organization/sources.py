"""Whole lists of people, as files and other systems bring them: first the difference, then its application.

STRATEGIES  `plan` reads the company once and compares in memory; nothing is written. Somebody is found by employee
            number, else by login. `apply` writes in commits of `STEP` people; what is there already is no difference, so
            that a run that was killed is simply run again.
LIMITS      MAKING accounts are made at a time: each is some small commits, which the store takes together.
SECURITY    A run that would close more than `CATCH` of a hundred people stops and asks. Administrators are never
            closed by a list.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from smartmail.domain.account import Account
from smartmail.domain.errors import Invalid, MailError
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import PersonRow, PersonWrite, Renaming, Seat, Step, Wanted
from smartmail.domain.principal import Actor
from smartmail.formats.address import normalize, split_address
from smartmail.service.flow.directory import NewPerson
from smartmail.service.people.organization.ground import MONTH, Ground
from smartmail.service.people.organization.people import KEPT_MONTHS, PeopleService
from smartmail.service.people.organization.store import Store
from smartmail.service.people.organization.writing import Tables, nobody, tables, write_of
from smartmail.service.people.provisioning import ProvisioningService

STEP = 500
GONE = frozenset({"leaving", "closed"})
MAKING = 32
CATCH = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """What has to be done so that a company is as a source wants it. `errors`: (place in the list, why).

    `active`: how many people are open now; `spared`: administrators that the list does not name.
    """

    organization_id: OrganizationId
    make: tuple[Wanted, ...] = ()
    change: tuple[PersonWrite, ...] = ()
    rename: tuple[Renaming, ...] = ()
    close: tuple[Account, ...] = ()
    reopen: tuple[Account, ...] = ()
    errors: tuple[tuple[int, str], ...] = ()
    unchanged: int = 0
    active: int = 0
    spared: int = 0

    @property
    def needs_consent(self) -> bool:
        """Whether it would close more people than a slip of a source may."""
        return len(self.close) * 100 > self.active * CATCH

    @property
    def empty(self) -> bool:
        """Whether nothing has to be done."""
        return not (self.make or self.change or self.rename or self.close or self.reopen)


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done. `errors`: (login, why) of people who could not be made."""

    made: int = 0
    changed: int = 0
    renamed: int = 0
    closed: int = 0
    errors: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Present:
    """A company as it is."""

    accounts: list[Account]
    rows: dict[AccountId, PersonRow]
    seats: dict[AccountId, list[Seat]]
    domains: set[str]
    by_login: dict[str, Account] = field(default_factory=dict)
    by_number: dict[str, Account] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Of who was destroyed nothing is left that a source could mean: whoever is named like that is somebody new.
        there = [one for one in self.accounts if one.wrapped_key]
        self.by_login = {one.login: one for one in there}
        numbers = {row.employee_number: number for number, row in self.rows.items() if row.employee_number}
        known = {one.id: one for one in there}
        self.by_number = {text: known[number] for text, number in numbers.items() if number in known}

    def find(self, wanted: Wanted) -> Account | None:
        """Return whom a source means."""
        if wanted.employee_number and wanted.employee_number in self.by_number:
            return self.by_number[wanted.employee_number]
        return self.by_login.get(normalize(wanted.login))

    def row(self, account: Account) -> PersonRow:
        return self.rows.get(account.id) or PersonRow(account.id, account.organization_id)


@dataclass(slots=True)
class _Draft:
    """A difference while it is made."""

    make: list[Wanted] = field(default_factory=list)
    change: list[PersonWrite] = field(default_factory=list)
    rename: list[Renaming] = field(default_factory=list)
    close: list[Account] = field(default_factory=list)
    reopen: list[Account] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)
    named: set[AccountId] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    logins: set[str] = field(default_factory=set)
    unchanged: int = 0


class SourceService:
    """Plans and applies differences."""

    def __init__(self, ground: Ground[Store], people: PeopleService, provisioning: ProvisioningService) -> None:
        self._ground = ground
        self._store = ground.store
        self._people = people
        self._provisioning = provisioning

    async def plan(
        self,
        actor: Actor,
        organization_id: OrganizationId,
        wanted: Sequence[Wanted],
        *,
        whole: bool = False,
        months: int = KEPT_MONTHS,
        known: Tables | None = None,
    ) -> Difference:
        """Compare a company with a list. `whole`: who is not in it shall go; `months`: how long old logins stay; `known`:
        tables in place of the company's own, where more will be in them by then.

        What a line gets wrong is an error of that line. Raises Forbidden, NotFound.
        """
        await self._ground.company(actor, "account.change", organization_id)
        present = await self._present(organization_id)
        known = known or await tables(self._store, organization_id)
        ends_at = self._ground.clock.now() + months * MONTH if months else None
        draft = _Draft()
        for place, one in enumerate(wanted):
            if place % 200 == 0:
                await asyncio.sleep(0)
            try:
                await self._compare(draft, present, known, one, ends_at)
            except Invalid as error:
                draft.errors.append((place, error.public))
                if (account := present.find(one)) is not None:
                    draft.named.add(account.id)
        people = [one for one in present.accounts if one.kind == "person" and one.state not in GONE]
        absent = [one for one in people if whole and one.id not in draft.named]
        draft.close += [one for one in absent if not one.is_admin]
        return Difference(
            organization_id, tuple(draft.make), tuple(draft.change), tuple(draft.rename), tuple(draft.close),
            tuple(draft.reopen), tuple(draft.errors), draft.unchanged, len(people),
            sum(one.is_admin for one in absent),
        )  # fmt: skip

    async def _present(self, organization_id: OrganizationId) -> _Present:
        seats: dict[AccountId, list[Seat]] = {}
        for one in await self._store.seats(organization_id):
            seats.setdefault(one.account_id, []).append(one)
        return _Present(
            await self._store.accounts(organization_id),
            {row.account_id: row for row in await self._store.people(organization_id)},
            seats,
            {row.name for row in await self._store.domains() if row.organization_id == organization_id},
        )

    async def _compare(self, draft: _Draft, present: _Present, known: Tables, one: Wanted, ends_at: int | None) -> None:
        login = normalize(one.login)
        _check_line(draft, present, one, login)
        account = present.find(one)
        if account is None:
            if one.active:
                _check_words(known, one)
                draft.make.append(one)
            return
        if account.id in draft.named:
            raise Invalid("two lines are about one person", reason="import.twice")
        draft.named.add(account.id)
        if not one.active:
            if account.state not in GONE:
                draft.close.append(account)
            return
        before = (len(draft.change), len(draft.rename), len(draft.reopen))
        if account.state in GONE:
            if account.login not in await self._store.addresses(account.id):
                raise Invalid("they went to another company: transfer them back", reason="person.moved")
            draft.reopen.append(account)
        await self._changes(draft, present, known, account, one)
        if login != account.login:
            taken = present.by_login.get(login)
            if taken is not None:
                raise Invalid(f"{login} is somebody else's", reason="login.taken", login=login)
            draft.rename.append(Renaming(account.id, account.login, login, ends_at))
        draft.unchanged += before == (len(draft.change), len(draft.rename), len(draft.reopen))

    async def _changes(self, draft: _Draft, present: _Present, known: Tables, account: Account, one: Wanted) -> None:
        row, seats = present.row(account), present.seats.get(account.id, [])
        sealed = row.sealed
        if one.facts is not None and await self._people.facts(row) != one.facts:
            sealed = await self._people.sealed(row, one.facts)
        write = write_of(known, account, row, seats, one, sealed)
        stands = PersonWrite(row, account.name, account.department_id, account.department, account.title, tuple(seats))
        if write != stands:
            draft.change.append(write)

    # --- apply ---

    async def apply(self, actor: Actor, plan: Difference, *, sure: bool = False) -> Applied:
        """Do what a plan says. Raises Forbidden, NotFound, and Invalid when it would close too many and nobody is sure."""
        await self._ground.company(actor, "account.change", plan.organization_id)
        if plan.needs_consent and not sure:
            raise Invalid(
                f"this would close {len(plan.close)} of {plan.active} accounts, more than {CATCH} in a hundred: "
                "look at the plan, and say that you are sure",
                reason="import.closing",
                closing=len(plan.close),
                active=plan.active,
            )
        record = self._ground.record(actor, "person.sync", f"organization:{plan.organization_id}")
        for start in range(0, len(plan.rename), STEP):
            await self._people.rename_many(actor, plan.rename[start : start + STEP])
        for account in plan.reopen:
            await self._people.perform(actor, Step(kind="rehire", account_id=account.id))
        for start in range(0, len(plan.change), STEP):
            await self._store.write_people(plan.organization_id, plan.change[start : start + STEP], record)
        made, errors = await self._make(actor, plan)
        for account in plan.close:
            await self._people.perform(actor, Step(kind="close", account_id=account.id))
        self._ground.tell(plan.organization_id)
        return Applied(made, len(plan.change), len(plan.rename), len(plan.close), tuple(errors))

    async def _make(self, actor: Actor, plan: Difference) -> tuple[int, list[tuple[str, str]]]:
        gate, errors = asyncio.Semaphore(MAKING), list[tuple[str, str]]()

        async def make(one: Wanted) -> tuple[Account, Wanted] | None:
            async with gate:
                try:
                    name = one.name or split_address(normalize(one.login))[0]
                    new = NewPerson(one.login, name, one.language)
                    return await self._provisioning.person(new, None, by=actor.named), one
                except MailError as error:
                    errors.append((one.login, error.public or error.code))
                    return None

        count = 0
        known = await tables(self._store, plan.organization_id) if plan.make else None
        for start in range(0, len(plan.make), STEP):
            pairs = await asyncio.gather(*(make(one) for one in plan.make[start : start + STEP]))
            made = [pair for pair in pairs if pair is not None]
            assert known is not None
            writes = [await self._write(known, account, one) for account, one in made]
            if writes:
                record = self._ground.record(actor, "person.sync", f"organization:{plan.organization_id}")
                await self._store.write_people(plan.organization_id, writes, record)
            count += len(made)
        return count, errors

    async def _write(self, known: Tables, account: Account, one: Wanted) -> PersonWrite:
        row = PersonRow(account.id, account.organization_id)
        return write_of(known, account, row, (), one, await self._people.sealed(row, one.facts))


def _check_line(draft: _Draft, present: _Present, one: Wanted, login: str) -> None:
    local, domain = split_address(login)
    if not local or domain not in present.domains:
        raise Invalid(f"{one.login} is in no domain of this company", reason="domain.foreign", name=one.login)
    number = (one.employee_number or "").strip()
    if login in draft.logins or (number and number in draft.numbers):
        raise Invalid("two lines have the same login or employee number", reason="import.twice")
    draft.logins.add(login)
    if number:
        draft.numbers.add(number)


def _check_words(known: Tables, one: Wanted) -> None:
    """Raise Invalid for departments and titles that the company lacks, before anybody is made."""
    account = nobody(known.organization_id)
    write_of(known, account, PersonRow(account.id, known.organization_id), (), one, None)


def counts(plan: Difference) -> Mapping[str, int]:
    """Return a plan in figures."""
    return {
        "make": len(plan.make), "change": len(plan.change), "rename": len(plan.rename), "close": len(plan.close),
        "reopen": len(plan.reopen), "unchanged": plan.unchanged, "errors": len(plan.errors),
    }  # fmt: skip
