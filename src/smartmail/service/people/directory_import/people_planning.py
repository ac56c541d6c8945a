"""What a table of people comes to: the organisation's own difference (`SourceService.plan`), as acts that know what was
there before.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.directory_import import Act, Finding, What
from smartmail.domain.errors import Forbidden
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import PersonWrite
from smartmail.domain.principal import Actor
from smartmail.formats import password_hash
from smartmail.formats.address import normalize, split_address
from smartmail.formats.password_hash import HashError
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.people.administration import AdministrationService
from smartmail.service.people.directory_import import absences
from smartmail.service.people.directory_import.changes import Change, is_state, of_person, of_state
from smartmail.service.people.directory_import.columns import FACTS
from smartmail.service.people.directory_import.drafts import Draft, Options, Record, twice
from smartmail.service.people.directory_import.new_departments import NewDepartments
from smartmail.service.people.directory_import.people_rows import (
    PeopleReader,
    PersonWanted,
    Present,
    RowError,
    present_of,
)
from smartmail.service.people.directory_import.store import Store
from smartmail.service.people.organization import (
    DepartmentService,
    Difference,
    Ground,
    PeopleService,
    SourceService,
)
from smartmail.service.people.provisioning import ProvisioningService

PAGE: Final = 500


def kept(write: PersonWrite) -> dict[str, Any]:
    """Return a person as acts keep them."""
    found: dict[str, Any] = msgspec.to_builtins(write, builtin_types=(bytes,))
    return found


def stood(value: Mapping[str, Any]) -> PersonWrite:
    """Return a person that an act kept."""
    return msgspec.convert(value, PersonWrite, builtin_types=(bytes,))


@dataclass(frozen=True, slots=True)
class PeopleParts:
    """What work on people stands on."""

    ground: Ground[Store]
    people: PeopleService
    sources: SourceService
    provisioning: ProvisioningService
    administration: AdministrationService
    policy: PolicyService
    departments: DepartmentService


class PeoplePlanner:
    """Plans tables of people."""

    def __init__(self, parts: PeopleParts) -> None:
        self._parts = parts
        self._ground = parts.ground
        self._store = parts.ground.store

    async def plan(
        self, actor: Actor, organization_id: OrganizationId, records: Sequence[Record], how: Options
    ) -> Draft:
        """Compare a table with a company. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "account.change", organization_id)
        present = await present_of(self._store, organization_id)
        facts = await self._facts(present, records)
        new = NewDepartments(present)
        if how.new_departments:
            await self._ground.company(actor, "organization.change", organization_id)
        reader = PeopleReader(present, how.domain, facts, new.code if how.new_departments else None)
        read, findings = await self._read(reader, records)
        read, wrong = await self._checked(present, read)
        difference = await self._parts.sources.plan(
            actor, organization_id, [one.wanted for one in read], whole=how.whole, months=how.months,
            known=present.known,
        )  # fmt: skip
        draft = Draft(findings=[*findings, *wrong], unchanged=difference.unchanged, active=difference.active)
        draft.spared = difference.spared
        draft.findings += [read[place].record.wrong("login", "refused", text) for place, text in difference.errors]
        acts = _acts(present, difference, read, _named(present, records, how.domain))
        made = new.acts(_codes(present, difference))
        draft.acts = [*made, *(_with_codes(act, new) for act in acts)]
        draft.new_departments = new.paths(made)
        seen = await self._may_see(actor, organization_id)
        draft.changes = _changes(present, draft.acts, read, facts if seen else None)
        return draft

    async def _may_see(self, actor: Actor, organization_id: OrganizationId) -> bool:
        """Tell whether an actor may see what is sealed of people, as a card of a person shows it."""
        try:
            await self._ground.company(actor, "account.read", organization_id)
        except Forbidden:
            return False
        return True

    async def _read(self, reader: PeopleReader, records: Sequence[Record]) -> tuple[list[PersonWanted], list[Finding]]:
        found, findings = list[PersonWanted](), list[Finding]()
        for place, record in enumerate(records):
            if place % 500 == 0:
                await asyncio.sleep(0)
            try:
                found.append(reader.person(record))
            except RowError as error:
                findings.append(error.finding)
        lines = [one.record for one in found]
        once, wrong = twice(lines, [one.wanted.login for one in found], "login")
        numbered, more = twice(once, [_number(record) for record in once], "employee_number")
        chosen = {record.line for record in numbered}
        return [one for one in found if one.record.line in chosen], [*findings, *wrong, *more]

    async def _facts(self, present: Present, records: Sequence[Record]) -> dict[AccountId, dict[str, str]]:
        """Open what is sealed, where the table brings anything of it."""
        if not records or not set(FACTS) & records[0].values.keys():
            return {}
        return {
            row.account_id: await self._parts.people.facts(row)
            for row in present.rows.values()
            if row.sealed is not None
        }

    async def _checked(
        self, present: Present, read: Sequence[PersonWanted]
    ) -> tuple[list[PersonWanted], list[Finding]]:
        """Look for addresses that are somebody else's, and passwords that nobody may have."""
        fresh = [one for one in read if one.account is None or one.account.login != one.wanted.login]
        taken: dict[str, int] = {}
        for start in range(0, len(fresh), PAGE):
            logins = [one.wanted.login for one in fresh[start : start + PAGE]]
            taken.update({login: int(owner) for login, owner in (await self._store.resolve(logins)).items()})
            taken.update({row.address: 0 for row in await self._store.stand_ins(logins) if row.kind != "forward"})
        known: dict[str, PolicyView] = {}
        good, findings = list[PersonWanted](), list[Finding]()
        for one in read:
            own = int(one.account.id) if one.account else -1
            if taken.get(one.wanted.login, own) != own:
                findings.append(one.record.wrong("login", "address-taken", one.wanted.login))
            elif wrong := await self._secret(present, one, known):
                findings.append(wrong)
            else:
                good.append(one)
        return good, findings

    async def _secret(self, present: Present, one: PersonWanted, known: dict[str, PolicyView]) -> Finding | None:
        """Return what is wrong with a first password, or with the hash of one; never the cell itself."""
        if not one.password and not one.password_hash:
            return None
        domain = split_address(one.wanted.login)[1]
        if domain not in known:
            known[domain] = await self._parts.policy.of_place(present.organization_id, domain, "")
        least = known[domain][knobs.PASSWORD_MIN_LENGTH]
        if one.password:
            short = len(one.password) < least
            return one.record.wrong("password", "password-short", str(least)) if short else None
        try:
            weak = password_hash.read(one.password_hash).weak
        except HashError as error:
            return one.record.wrong("password_hash", f"hash-{error.code}")
        refused = weak and not known[domain][knobs.PASSWORD_IMPORT_WEAK]
        return one.record.wrong("password_hash", "hash-weak") if refused else None


def _number(record: Record) -> str | None:
    return record.get("employee_number") or None


def _named(present: Present, records: Sequence[Record], domain: str) -> set[AccountId]:
    """Return whom the table names, also in lines that are wrong: they do not go."""
    found = [present.by_number.get(record.values.get("employee_number", "")) for record in records]
    known = present.domains if not domain else [domain]
    for record in records:
        login = record.values.get("login", "")
        found += [
            present.by_login.get(normalize(one))
            for one in ([login] if "@" in login else [f"{login}@{name}" for name in known])
        ]
    return {one.id for one in found if one is not None}


def _acts(present: Present, difference: Difference, read: Sequence[PersonWanted], named: set[AccountId]) -> list[Act]:
    """Return acts in the order in which they are done: those who go make room before others come.

    Who is closed or has left is there again; who is suspended, asleep or away stays so.
    """
    lines = {one.wanted.login: one for one in read}
    by_account = {one.account.id: one.record.line for one in read if one.account is not None}
    acts: list[Act] = []
    acts += [
        _state_act("close", one, by_account) for one in difference.close if one.id in by_account or one.id not in named
    ]
    for new in difference.rename:
        line = by_account.get(new.account_id, 0)
        acts.append(Act(what="rename", key=new.old, line=line, after=msgspec.to_builtins(new)))
    for write in difference.change:
        account = present.accounts[write.row.account_id]
        stands = present.stands(account.id)
        assert stands is not None
        line = by_account.get(account.id, 0)
        acts.append(Act(what="change", key=account.login, line=line, before=kept(stands), after=kept(write)))
    acts += [_state_act("reopen", one, by_account) for one in difference.reopen]
    acts += absences.acts_of(present.away, [
        (one.account.id, one.account.login, one.record.line, one.record.get("active") or "")
        for one in read if one.account is not None and one.wanted.active
    ])  # fmt: skip
    for wanted in difference.make:
        row = lines[wanted.login]
        secrets = {"password": row.password, "password_hash": row.password_hash}
        after = {"wanted": msgspec.to_builtins(wanted), **{name: one for name, one in secrets.items() if one}}
        acts.append(Act(what="make", key=wanted.login, line=row.record.line, after=after))
    return acts


def _codes(present: Present, difference: Difference) -> set[str]:
    """Return the codes of departments that people will sit in."""
    known = present.known.departments
    codes = {seat.department for one in difference.make for seat in one.seats or ()}
    return codes | {known[seat.department_id].code for one in difference.change for seat in one.seats or ()}


def _with_codes(act: Act, new: NewDepartments) -> Act:
    """Return an act that names departments which are not made yet by their codes as well."""
    beside = new.beside(stood(act.after or {})) if act.what == "change" else []
    return msgspec.structs.replace(act, after={**(act.after or {}), "departments": beside}) if beside else act


def _changes(
    present: Present,
    acts: Sequence[Act],
    read: Sequence[PersonWanted],
    facts: Mapping[AccountId, dict[str, str]] | None,
) -> list[Change]:
    """Return what acts change in people that are there. `facts`: what is sealed of them; None: not to be told."""
    wanted = {one.account.id: one.wanted.facts for one in read if one.account is not None}
    found: list[Change] = []
    for act in acts:
        if act.what == "change":
            before, after = stood(act.before or {}), stood(act.after or {})
            number = after.row.account_id
            new = wanted.get(number) if facts is not None else None
            sealed = () if facts is None or new is None else (facts.get(number, {}), new)
            found += of_person(present.known, act, before, after, sealed)
        elif is_state(act):
            number = AccountId((act.after or {})["account_id"])
            found.append(of_state(act, present.accounts[number].name))
    return found


def _state_act(what: What, account: Account, lines: Mapping[AccountId, int]) -> Act:
    return Act(what=what, key=account.login, line=lines.get(account.id, 0), after={"account_id": account.id})
