"""One person: where they sit, what they are called, their login, and the way to another company of the group.

STRATEGIES  Everything that is done to somebody is a `Step`, so that it can be done now or on a day to come; the commit
            that does a planned one also ends it, and what follows a commit may be repeated.
            A rename keeps the old address for some months, a transfer hands all addresses to the new account for as long;
            the mailbox is carried over and sealed anew (service.people.account_life.transfers), or stays.
SECURITY    Telephone numbers and the like are sealed under the company's key, bound to the account.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.account_life import LeavingRow
from smartmail.domain.addressing import Targets
from smartmail.domain.errors import AlreadyExists, Invalid, MailError, NotFound
from smartmail.domain.ids import AccountId, IdentityId, OrganizationId
from smartmail.domain.organization import PersonRow, Renaming, Seat, Step, Wanted, path_of
from smartmail.domain.principal import Actor, system_actor
from smartmail.formats.address import normalize, split_address
from smartmail.formats.seal import Kind, SealError
from smartmail.service.flow.addressing.standing import StandInService
from smartmail.service.flow.directory import NewPerson
from smartmail.service.identity.auth import AuthService
from smartmail.service.mailbox.identities import IdentityService
from smartmail.service.people.organization.absences import AbsenceService, AbsenceShown
from smartmail.service.people.organization.ground import MONTH, Ground
from smartmail.service.people.organization.store import Store
from smartmail.service.people.organization.writing import nobody, tables, write_of
from smartmail.service.people.provisioning import ProvisioningService

KEPT_MONTHS = 6
MAX_FACTS = 50
PHONES = ("mobile", "phone", "extension")


@dataclass(frozen=True, slots=True)
class SeatShown:
    """A seat in words: path of the department, its code, duty."""

    path: str
    code: str
    duty: str


@dataclass(frozen=True, slots=True)
class PersonCard:
    """Everything that the directory knows of a person. `ends`: addresses that end, with the time in milliseconds."""

    account: Account
    row: PersonRow
    seats: tuple[SeatShown, ...]
    position: str
    grade: str
    honorific: str
    facts: Mapping[str, str]
    addresses: Sequence[str]
    ends: Mapping[str, int]
    absence: AbsenceShown | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """What becomes of the account of a leaver, and how it is restored (service.people.account_life)."""

    leaving: Callable[[Actor, Account, AccountId, bool], Awaitable[LeavingRow]]
    """Returns the leaver that an account moved to another company is for the old one; whether mail goes along."""
    settle: Callable[[AccountId], Awaitable[None]]
    """Settles what can be settled now; the rest is a job's."""
    rehire: Callable[[Actor, Step, int], Awaitable[Account]]
    """Restores a leaver."""


class PeopleService:
    """Shows and changes people."""

    def __init__(
        self,
        ground: Ground[Store],
        auth: AuthService,
        identities: IdentityService,
        provisioning: ProvisioningService,
        stand_ins: StandInService,
        absences: AbsenceService,
        departure: Departure,
    ) -> None:
        self._ground = ground
        self._store = ground.store
        self._auth = auth
        self._identities = identities
        self._provisioning = provisioning
        self._stand_ins = stand_ins
        self._absences = absences
        self._departure = departure

    async def card(self, actor: Actor, account_id: AccountId) -> PersonCard:
        """Return what is known of somebody. Raises NotFound, Forbidden."""
        await self._ground.person(actor, "account.read", account_id)
        account = await self._store.account(account_id)
        row, seats = await self.rows(account)
        known = await tables(self._store, account.organization_id)
        shown = [
            SeatShown(path_of(known.departments, one.department_id), known.departments[one.department_id].code,
                      known.name(one.duty_id))
            for one in seats if one.department_id in known.departments
        ]  # fmt: skip
        return PersonCard(
            account, row, tuple(shown), known.name(row.position_id), known.name(row.grade_id),
            known.name(row.honorific_id), await self.facts(row), await self._store.addresses(account_id),
            dict(await self._store.address_ends(account_id)), await self._absences.of(account_id),
        )  # fmt: skip

    async def rows(self, account: Account) -> tuple[PersonRow, list[Seat]]:
        """Return what is stored of a person, and their seats."""
        found = await self._store.people(account.organization_id, account.id)
        row = found[0] if found else PersonRow(account.id, account.organization_id)
        return row, await self._store.seats(account.organization_id, account.id)

    async def facts(self, row: PersonRow) -> dict[str, str]:
        """Open the facts of a person. Raises SealError."""
        if row.sealed is None:
            return {}
        keys = await self._ground.keyring.organization(row.organization_id)
        opened = keys.open(Kind.PERSON_FACTS, row.sealed, row.account_id)
        return msgspec.msgpack.decode(opened, type=dict[str, str])

    async def numbers(self, account: Account) -> tuple[Sequence[str], Sequence[str]]:
        """Return telephone numbers and birthdays of a person: no part of a password (service.identity.auth asks)."""
        row, _ = await self.rows(account)
        try:
            facts = await self.facts(row)
        except SealError:
            return (), ()
        phones = [facts[name] for name in PHONES if facts.get(name)]
        return phones, [facts["birthday"]] if facts.get("birthday") else []

    async def sealed(self, row: PersonRow, facts: Mapping[str, str] | None) -> bytes | None:
        """Seal the facts of a person. Raises Invalid."""
        if not facts:
            return None
        if len(facts) > MAX_FACTS:
            raise Invalid(f"at most {MAX_FACTS} facts are kept of a person", reason="person.facts", most=MAX_FACTS)
        keys = await self._ground.keyring.organization(row.organization_id)
        return keys.seal(Kind.PERSON_FACTS, msgspec.msgpack.encode(dict(facts)), row.account_id)

    async def join(self, actor: Actor, organization_id: OrganizationId, wanted: Wanted) -> Account:
        """Make a person's account with everything that is known of them; they get in by an invitation.

        Raises Forbidden, NotFound (domain), AlreadyExists (login, number), Invalid (no such department, title).
        """
        await self._ground.company(actor, "account.change", organization_id)
        login = normalize(wanted.login)
        row = await self._store.domain(split_address(login)[1])
        if row is None or row.organization_id != organization_id:
            raise NotFound(f"{wanted.login} is in no domain of this company")
        known = await tables(self._store, organization_id)
        write_of(known, nobody(organization_id), PersonRow(AccountId(0), organization_id), (), wanted, None)
        name = wanted.name or split_address(login)[0]
        account = await self._provisioning.person(NewPerson(login, name, wanted.language), None, by=actor.named)
        return await self._change(actor, account.id, wanted, 0)

    async def absence(self, account_id: AccountId) -> AbsenceShown | None:
        """Return how somebody is away. Whoever calls has asked for rights."""
        return await self._absences.of(account_id)

    async def check_heir(self, actor: Actor, leaver: AccountId, successor: AccountId) -> None:
        """Raise Forbidden where the mail of somebody who is away would pass from a leaver to the actor."""
        if any(row.mail == "forward" for row in await self._store.substituted(leaver)):
            await self._absences.covering.check(actor, successor)

    # --- what is done to somebody ---

    async def perform(self, actor: Actor, step: Step, *, planned: int = 0) -> Account:
        """Do one thing to a person; return the account as it is then. Raises what the kinds below raise."""
        account_id = AccountId(step.account_id)
        if planned == 0:
            await self.check(actor, step)
        if step.kind == "change" and step.wanted is not None:
            return await self._change(actor, account_id, step.wanted, planned)
        if step.kind == "rename":
            return await self._rename(actor, account_id, step.login, step.months, planned)
        if step.kind == "transfer":
            return await self._transfer(actor, account_id, step, planned)
        if step.kind == "close":
            return await self._close(actor, account_id, planned)
        if step.kind == "away" and step.away is not None:
            return await self._absences.go(actor, account_id, step.away, planned)
        if step.kind == "return":
            return await self._absences.back(actor, account_id, planned)
        if step.kind == "rehire":
            return await self._departure.rehire(actor, step, planned)
        raise Invalid("nothing is to be done", reason="act.none")

    async def check(self, actor: Actor, step: Step, at: int = 0) -> None:
        """Raise unless the actor may do a thing, now or at another time. Raises Forbidden, NotFound, Invalid."""
        await self._ground.person(actor, "account.change", AccountId(step.account_id))
        if step.kind in {"rename", "transfer"} or (step.kind == "rehire" and step.login):
            await self._check_domain(actor, step)
        if step.kind == "away":
            if step.away is None:
                raise Invalid("say how they are away", reason="absence.form")
            await self._absences.check(actor, await self._store.account(AccountId(step.account_id)), step.away, at)
        if step.wanted is not None and step.wanted.seats:
            await self._check_seats(actor, AccountId(step.account_id), step.wanted)

    async def _check_domain(self, actor: Actor, step: Step) -> None:
        """A login in another domain is the business of who administers that domain's company."""
        domain = split_address(normalize(step.login))[1]
        row = await self._store.domain(domain)
        if row is None:
            raise NotFound(f"{step.login} is in no domain of ours")
        account = await self._store.account(AccountId(step.account_id))
        if split_address(account.login)[1] != domain:
            await self._ground.company(actor, "account.change", row.organization_id)

    async def _check_seats(self, actor: Actor, account_id: AccountId, wanted: Wanted) -> None:
        """A new seat opens what is shared with a department: only who administers that one too gives it."""
        account = await self._store.account(account_id)
        standing = await self._store.standing(account_id)
        for one in await self._store.departments(account.organization_id):
            if one.code not in standing.departments and any(one.code == seat.department for seat in wanted.seats or ()):
                await self._ground.department(actor, "account.change", account.organization_id, one.code)

    async def _change(self, actor: Actor, account_id: AccountId, wanted: Wanted, planned: int) -> Account:
        """Seats, titles, number, name, facts. Raises Invalid (no such department, title), AlreadyExists (number)."""
        account = await self._store.account(account_id)
        row, seats = await self.rows(account)
        known = await tables(self._store, account.organization_id)
        write = write_of(known, account, row, seats, wanted, await self.sealed(row, wanted.facts))
        record = self._ground.record(actor, "person.change", f"account:{account_id}")
        await self._store.write_people(account.organization_id, [write], record, planned=planned)
        self._ground.tell(account.organization_id)
        return await self._store.account(account_id)

    async def _rename(self, actor: Actor, account_id: AccountId, login: str, months: int, planned: int) -> Account:
        """A new login in a domain of the same company. Raises Invalid, NotFound (domain), AlreadyExists."""
        account = await self._store.account(account_id)
        new = normalize(login)
        row = await self._store.domain(split_address(new)[1])
        if row is None or row.organization_id != account.organization_id or not split_address(new)[0]:
            raise NotFound(f"{login} is in no domain of the account's company")
        if new == account.login:
            raise Invalid("that is the login already", reason="login.same")
        ends_at = self._ground.clock.now() + months * MONTH if months > 0 else None
        await self._rename_one(actor, account, Renaming(account_id, account.login, new, ends_at), planned)
        self._ground.tell(account.organization_id)
        return await self._store.account(account_id)

    async def rename_many(self, actor: Actor, renamings: Sequence[Renaming]) -> None:
        """Give many accounts other logins, in one commit but for those with a forward. Whoever calls has asked for rights.

        Raises AlreadyExists, NotFound.
        """
        rows = await self._store.stand_ins([one.old for one in renamings])
        forwarding = {row.address for row in rows if row.kind == "forward"}
        accounts = {one.account_id: await self._store.account(one.account_id) for one in renamings}
        plain = [one for one in renamings if one.old not in forwarding]
        for one in renamings:
            if one.old in forwarding:
                await self._rename_one(actor, accounts[one.account_id], one, 0)
        if plain:
            record = self._ground.record(actor, "person.rename", f"accounts:{len(plain)}")
            await self._store.rename_accounts(plain, record)
        for one in plain:
            await self._identity(accounts[one.account_id], one.new)
        self._ground.tell(*{account.organization_id for account in accounts.values()})

    async def _rename_one(self, actor: Actor, account: Account, renaming: Renaming, planned: int) -> None:
        forward = await self._forward(account)
        if forward is not None:
            # Before the login changes: a forward on an address that is nobody's yet does nothing.
            there = replace(account, login=renaming.new)
            await self._stand_ins.put_forward(actor, there, forward.addresses, keep=forward.keep)
        # The identity comes first: whoever is killed behind it runs again, behind the commit nobody would.
        identity = await self._identity(account, renaming.new)
        record = self._ground.record(actor, "person.rename", f"account:{account.id}")
        try:
            await self._store.rename_accounts([renaming], record, planned=planned)
        except MailError:
            if identity is not None:
                own = system_actor(account.id, account.organization_id)
                await self._identities.destroy(own, account.id, identity)
            raise
        if forward is not None and renaming.ends_at is not None:
            await self._stand_ins.retire(actor, account.login, "forward")

    async def _identity(self, account: Account, login: str) -> IdentityId | None:
        """Make the identity of a login that an account is about to get; None where it has it."""
        if any(one.address == login for one in await self._store.identities(account.id)):
            return None
        return (await self._identities.create_default(replace(account, login=login))).id

    async def _forward(self, account: Account) -> Targets | None:
        try:
            return await self._stand_ins.targets(account.login, "forward")
        except NotFound:
            return None

    async def _close(self, actor: Actor, account_id: AccountId, planned: int) -> Account:
        record = self._ground.record(actor, "account.close", f"account:{account_id}")
        closed = await self._store.set_account_state(account_id, "closed", record)
        self._auth.changed(closed)
        if planned:
            done = self._ground.record(actor, "person.planned-close", f"account:{account_id}")
            await self._store.end_change(planned, "done", "", done)
        self._ground.tell(closed.organization_id)
        return closed

    async def _transfer(self, actor: Actor, account_id: AccountId, step: Step, planned: int) -> Account:
        """전적: a new account with another company; the old one closes, its addresses lead to the new one for a while, and
        the mailbox goes along where the step says so.

        Raises NotFound (domain), Invalid (same company), AlreadyExists (login).
        """
        old = await self._store.account(account_id)
        login = normalize(step.login)
        domain = await self._store.domain(split_address(login)[1])
        if domain is None:
            raise NotFound(f"{login} is in no domain of ours")
        if domain.organization_id == old.organization_id:
            raise Invalid("that is the same company: rename the account instead", reason="person.samecompany")
        new = await self._arrive(actor, old, login, repeat=planned > 0)
        if step.wanted is not None:
            await self._change(actor, new.id, step.wanted, 0)
        ends_at = self._ground.clock.now() + (step.months or KEPT_MONTHS) * MONTH
        record = self._ground.record(actor, "person.transfer", f"account:{account_id} account:{new.id}")
        leaving = await self._departure.leaving(actor, old, new.id, step.mailbox)
        await self._store.hand_addresses(old.id, new.id, ends_at, record, planned=planned, leaving=leaving)
        self._auth.changed(await self._store.account(old.id))
        self._ground.tell(old.organization_id, new.organization_id)
        await self._departure.settle(old.id)
        return await self._store.account(new.id)

    async def _arrive(self, actor: Actor, old: Account, login: str, *, repeat: bool) -> Account:
        """Make the account in the other company; one that a killed run has made is taken."""
        try:
            return await self._provisioning.person(NewPerson(login, old.name, old.language), None, by=actor.named)
        except AlreadyExists:
            found = await self._store.resolve([login])
            if not repeat or login not in found:
                raise AlreadyExists(f"{login} is, or was, somebody's", reason="login.taken", login=login) from None
            made = await self._store.account(found[login])
            if made.name != old.name or made.messages:
                raise AlreadyExists(f"{login} is, or was, somebody's", reason="login.taken", login=login) from None
            return made

    async def end_addresses(self) -> int:
        """Take away addresses whose time is over; return how many. A job's work."""
        ended = 0
        while gone := await self._store.end_addresses(self._ground.clock.now(), 500):
            ended += len(gone)
        return ended
