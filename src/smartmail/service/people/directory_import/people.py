"""People: plans what a table of them comes to, does it, takes it back.

STRATEGIES  The difference is the organisation's own (`SourceService.plan`); here it becomes acts that know what was there
            before. Whoever was changed by others since the plan is left alone. A new account of a step that was killed is
            dropped and made anew, where nobody has touched it.
LIMITS      MAKING accounts are made at a time.
SECURITY    Passwords are taken for new people only, and need `account.secrets`. No table makes administrators, and none closes
            them.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.directory_import import Act, MadeAccount, Outcome
from smartmail.domain.errors import AlreadyExists, MailError
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import PersonRow, PersonWrite, Renaming, Wanted
from smartmail.domain.organization import Step as OrganizationStep
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.address import normalize, split_address
from smartmail.service.flow.directory import NewPerson
from smartmail.service.people.directory_import.absences import AbsenceActs
from smartmail.service.people.directory_import.columns import FACTS, SECRETS
from smartmail.service.people.directory_import.drafts import DONE, UNDONE, Draft, Options, Record, failed, left, left_by
from smartmail.service.people.directory_import.new_departments import MAKE, DepartmentActs, settled
from smartmail.service.people.directory_import.people_planning import PeopleParts, PeoplePlanner, kept, stood
from smartmail.service.people.directory_import.people_rows import Present, present_of
from smartmail.service.people.directory_import.working import CHANGED, USED
from smartmail.service.people.organization.writing import write_of

MAKING: Final = 32


class PeopleWork:
    """Plans and does tables of people."""

    def __init__(self, parts: PeopleParts) -> None:
        self._parts = parts
        self._ground = parts.ground
        self._store = parts.ground.store
        self._absences = AbsenceActs(parts.people)
        self._departments = DepartmentActs(parts.departments)

    async def plan(
        self, actor: Actor, organization_id: OrganizationId, records: Sequence[Record], how: Options
    ) -> Draft:
        """Compare a table with a company. Raises Forbidden, NotFound."""
        return await PeoplePlanner(self._parts).plan(actor, organization_id, records, how)

    async def rows(self, actor: Actor, organization_id: OrganizationId) -> list[Sequence[str]]:
        """Return all people as rows of a table. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "account.read", organization_id)
        present = await present_of(self._store, organization_id)
        people = sorted((one for one in present.accounts.values() if one.kind == "person"), key=lambda one: one.login)
        found: list[Sequence[str]] = []
        for account in people:
            facts = await self._parts.people.facts(present.row(account))
            found.append((*_cells(present, account), *(facts.get(name, "") for name in FACTS)))
        return found

    # --- do ---

    async def begin(self, actor: Actor, organization_id: OrganizationId) -> Present:
        """Return the company as it is now. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "account.change", organization_id)
        return await present_of(self._store, organization_id)

    async def perform(self, actor: Actor, present: Present, acts: Sequence[Act], *, again: bool) -> list[Outcome]:
        """Do acts. `again`: they may have been done, a worker died over them."""
        outcomes: dict[int, Outcome] = {}
        await self._departments.perform(actor, present, _of(acts, MAKE), outcomes, again=again)
        await self._rename(actor, present, acts, outcomes)
        await self._write(actor, present, acts, outcomes)
        await self._states(actor, present, acts, outcomes)
        await self._absences.perform(actor, _of(acts, "away") + _of(acts, "return"), outcomes)
        await self._make(actor, present, acts, outcomes, again=again)
        return [outcomes[place] for place in range(len(acts))]

    async def _rename(self, actor: Actor, present: Present, acts: Sequence[Act], out: dict[int, Outcome]) -> None:
        waiting: list[tuple[int, Renaming]] = []
        for place, act in _of(acts, "rename"):
            one = msgspec.convert(act.after, Renaming)
            account = present.accounts.get(one.account_id)
            if account is not None and account.login == one.new:
                out[place] = DONE
            elif account is None or account.login != one.old:
                out[place] = Outcome(ending="failed", detail=CHANGED)
            else:
                waiting.append((place, one))
        await self._renamed(actor, waiting, out, DONE)

    async def _renamed(
        self, actor: Actor, waiting: Sequence[tuple[int, Renaming]], out: dict[int, Outcome], good: Outcome
    ) -> None:
        if not waiting:
            return
        try:
            await self._parts.people.rename_many(actor, [one for _, one in waiting])
        except MailError as error:
            if len(waiting) == 1:
                out[waiting[0][0]] = failed(error) if good is DONE else left_by(error)
                return
            for pair in waiting:
                await self._renamed(actor, [pair], out, good)
            return
        out.update({place: good for place, _ in waiting})

    async def _write(self, actor: Actor, present: Present, acts: Sequence[Act], out: dict[int, Outcome]) -> None:
        pairs = []
        for place, act in _of(acts, "change"):
            before = stood(act.before or {})
            try:
                after = settled(stood(act.after or {}), act.after or {}, present.known)
            except MailError as error:
                out[place] = failed(error)
                continue
            stands = present.stands(after.row.account_id)
            if stands == after:
                out[place] = DONE
            elif stands != before:
                out[place] = Outcome(ending="failed", detail=CHANGED)
            else:
                pairs.append((place, after))
        await self._written(actor, present.organization_id, pairs, out, DONE)

    async def _written(
        self, actor: Actor, organization_id: OrganizationId, pairs: Sequence[tuple[int, PersonWrite]],
        out: dict[int, Outcome], good: Outcome,
    ) -> None:  # fmt: skip
        if not pairs:
            return
        record = self._ground.record(actor, "person.import", f"organization:{organization_id} people:{len(pairs)}")
        try:
            await self._store.write_people(organization_id, [write for _, write in pairs], record)
        except MailError as error:
            if len(pairs) == 1:
                out[pairs[0][0]] = failed(error) if good is DONE else left_by(error)
                return
            for pair in pairs:
                await self._written(actor, organization_id, [pair], out, good)
            return
        out.update({place: good for place, _ in pairs})

    async def _states(self, actor: Actor, present: Present, acts: Sequence[Act], out: dict[int, Outcome]) -> None:
        for what, wanted in (("reopen", "active"), ("close", "closed")):
            for place, act in _of(acts, what):
                out[place] = await self._state(actor, present, act, wanted, DONE)

    async def _state(self, actor: Actor, present: Present, act: Act, wanted: str, good: Outcome) -> Outcome:
        account = present.accounts.get(AccountId((act.after or {})["account_id"]))
        if account is None:
            return Outcome(ending="failed", detail=CHANGED) if good is DONE else left(CHANGED)
        if account.state == wanted:
            return good
        try:
            if wanted == "active":
                await self._parts.people.perform(actor, OrganizationStep(kind="rehire", account_id=account.id))
            else:
                await self._parts.administration.close(actor, account.id)
        except MailError as error:
            return failed(error) if good is DONE else left_by(error)
        return good

    async def _make(
        self, actor: Actor, present: Present, acts: Sequence[Act], out: dict[int, Outcome], *, again: bool
    ) -> None:
        gate = asyncio.Semaphore(MAKING)
        wanted = _of(acts, "make")
        if any((act.after or {}).keys() & set(SECRETS) for _, act in wanted):
            scope = Scope("organization", str(present.organization_id))
            await self._ground.authority.require(actor, "account.secrets", scope)

        async def one(act: Act) -> tuple[Account, Outcome] | Outcome:
            async with gate:
                try:
                    return await self._password(actor, await self._account(actor, act, again=again), act)
                except MailError as error:
                    return failed(error)

        made = await asyncio.gather(*(one(act) for _, act in wanted))
        notes: dict[int, Outcome] = {}
        accounts: dict[int, Account] = {}
        for (place, _), found in zip(wanted, made, strict=True):
            if isinstance(found, Outcome):
                out[place] = found
            else:
                accounts[place], notes[place] = found
        await self._seat(actor, present, [pair for pair in wanted if pair[0] in accounts], accounts, notes, out)

    async def _seat(
        self, actor: Actor, present: Present, wanted: Sequence[tuple[int, Act]], accounts: Mapping[int, Account],
        notes: dict[int, Outcome], out: dict[int, Outcome],
    ) -> None:  # fmt: skip
        """Write what is known of new people; what cannot be written is told beside them."""
        writes: list[tuple[int, PersonWrite]] = []
        for place, act in wanted:
            try:
                writes.append((place, await self._new(present, accounts[place], act)))
            except MailError as error:
                notes[place] = failed(error)
        written: dict[int, Outcome] = {}
        await self._written(actor, present.organization_id, writes, written, DONE)
        shown = {place: write for place, write in writes if written[place] is DONE}
        for place, account in accounts.items():
            note = notes[place] if notes[place].detail else written.get(place, DONE)
            after = _made(account, shown.get(place))
            out[place] = msgspec.structs.replace(note, ending="done", account_id=account.id, after=after)

    async def _account(self, actor: Actor, act: Act, *, again: bool) -> Account:
        after = act.after or {}
        wanted = msgspec.convert(after["wanted"], Wanted)
        person = NewPerson(wanted.login, wanted.name or split_address(wanted.login)[0], wanted.language)
        try:
            return await self._parts.provisioning.person(person, None, by=actor.named)
        except AlreadyExists:
            if not again or not await self._dropped(actor, person):
                raise
        return await self._parts.provisioning.person(person, None, by=actor.named)

    async def _password(self, actor: Actor, account: Account, act: Act) -> tuple[Account, Outcome]:
        """Set the first password, or take over its hash; return the account as it is then, and why it has none: it can be
        invited.
        """
        secret, hashed = ((act.after or {}).get(name) for name in SECRETS)
        if not secret and not hashed:
            return account, DONE
        try:
            if secret:
                await self._parts.administration.set_password(actor, account.id, secret)
            else:
                await self._parts.administration.import_password(actor, account.id, str(hashed))
        except MailError as error:
            told = failed(error)
            return account, msgspec.structs.replace(told, detail=f"no password: {told.detail}")
        return await self._store.account(account.id), DONE

    async def _dropped(self, actor: Actor, person: NewPerson) -> bool:
        """Drop what a killed worker has made of a person."""
        login = normalize(person.login)
        found = (await self._store.resolve([login])).get(login)
        if found is None:
            return False
        account = await self._store.account(found)
        return account.login == login and await self._drop(
            actor, MadeAccount(found, account.modseq, account.auth_epoch)
        )

    async def _drop(self, actor: Actor, made: MadeAccount) -> bool:
        record = self._ground.record(actor, "account.drop", f"account:{made.account_id}")
        return await self._store.drop_new_account(made, record)

    async def _new(self, present: Present, account: Account, act: Act) -> PersonWrite:
        row = PersonRow(account.id, account.organization_id)
        wanted = msgspec.convert((act.after or {})["wanted"], Wanted)
        sealed = await self._parts.people.sealed(row, wanted.facts)
        return write_of(present.known, account, row, (), wanted, sealed)

    # --- take back ---

    async def revert(
        self, actor: Actor, present: Present, acts: Sequence[Act], outcomes: Sequence[Outcome]
    ) -> list[Outcome]:
        """Take acts back; what others have touched since is left, with why."""
        out = {place: one for place, one in enumerate(outcomes) if one.ending != "done"}
        await self._unmake(actor, present, acts, outcomes, out)
        await self._absences.revert(actor, _of(acts, "away") + _of(acts, "return"), outcomes, out)
        await self._unwrite(actor, present, acts, out)
        await self._unrename(actor, present, acts, out)
        for what, wanted in (("close", "active"), ("reopen", "closed")):
            for place, act in _of(acts, what):
                if place not in out:
                    out[place] = await self._state(actor, present, act, wanted, UNDONE)
        await self._departments.revert(actor, present, _of(acts, MAKE), out)
        return [out[place] for place in range(len(acts))]

    async def _unmake(
        self, actor: Actor, present: Present, acts: Sequence[Act], outcomes: Sequence[Outcome], out: dict[int, Outcome]
    ) -> None:
        gate = asyncio.Semaphore(MAKING)

        async def one(outcome: Outcome) -> Outcome:
            after = outcome.after or {}
            stands, stood_so = present.stands(outcome.account_id), after.get("write")
            if stands is None:
                return UNDONE
            if stood_so is not None and stands != stood(stood_so):
                return left(CHANGED)
            made = MadeAccount(AccountId(outcome.account_id), after["modseq"], after["auth_epoch"])
            async with gate:
                return UNDONE if await self._drop(actor, made) else left(USED)

        places = [place for place, _ in _of(acts, "make") if place not in out]
        out.update(zip(places, await asyncio.gather(*(one(outcomes[place]) for place in places)), strict=True))

    async def _unwrite(self, actor: Actor, present: Present, acts: Sequence[Act], out: dict[int, Outcome]) -> None:
        pairs = []
        for place, act in _of(acts, "change"):
            if place in out:
                continue
            before = stood(act.before or {})
            stands = present.stands(before.row.account_id)
            if stands == before:
                out[place] = UNDONE
            elif stands != _after(present, act):
                out[place] = left(CHANGED)
            else:
                pairs.append((place, before))
        await self._written(actor, present.organization_id, pairs, out, UNDONE)

    async def _unrename(self, actor: Actor, present: Present, acts: Sequence[Act], out: dict[int, Outcome]) -> None:
        waiting = []
        for place, act in _of(acts, "rename"):
            if place in out:
                continue
            one = msgspec.convert(act.after, Renaming)
            account = present.accounts.get(one.account_id)
            if account is not None and account.login == one.old:
                out[place] = UNDONE
            elif account is None or account.login != one.new:
                out[place] = left(CHANGED)
            else:
                waiting.append((place, Renaming(one.account_id, one.new, one.old, one.ends_at)))
        await self._renamed(actor, waiting, out, UNDONE)


def _of(acts: Sequence[Act], what: str) -> list[tuple[int, Act]]:
    return [(place, act) for place, act in enumerate(acts) if act.what == what]


def _after(present: Present, act: Act) -> PersonWrite | None:
    """Return a person as an act has left them; None: a department of it is gone."""
    try:
        return settled(stood(act.after or {}), act.after or {}, present.known)
    except MailError:
        return None


def _cells(present: Present, account: Account) -> tuple[str, ...]:
    row, name = present.row(account), present.known.name
    seats = [(present.known.departments[one.department_id].code, name(one.duty_id))
             for one in present.seats.get(account.id, ()) if one.department_id in present.known.departments]  # fmt: skip
    first, others = seats[0] if seats else ("", ""), "; ".join("/".join(filter(None, one)) for one in seats[1:])
    return (
        account.login, account.name, row.employee_number, *first, others, name(row.position_id), name(row.grade_id),
        name(row.honorific_id), account.language, _state(present, account),
    )  # fmt: skip


def _state(present: Present, account: Account) -> str:
    away = present.away.get(account.id)
    return "no" if account.state == "closed" else away.kind if away else "yes"


def _made(account: Account, write: PersonWrite | None) -> dict[str, Any]:
    found: dict[str, Any] = {"modseq": account.modseq, "auth_epoch": account.auth_epoch}
    return found if write is None else {**found, "write": kept(write)}
