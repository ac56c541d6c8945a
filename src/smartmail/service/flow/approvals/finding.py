"""Who a step of an approval line names at this moment: by the tree of departments, posts, groups or by name.

The sender is never among them, unless the line sends first or the step is the sender's own look at the recipients. Who cannot decide (left, closed) is left out; who is away and has
a person in their place stays, for that person decides. Must not know votes.
"""

from typing import Protocol

from smartmail.domain.account import Account
from smartmail.domain.approving import Course, Who
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import Seat, lineage
from smartmail.ports.clock import Clock
from smartmail.ports.store_absences import AbsenceStore
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_approvals import ApprovalStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_policy import GroupStore


class FindingStore(AbsenceStore, AccountStore, DirectoryStore, GroupStore, MailReads, OrganizationStore, Protocol):
    """The groups of the store that are used here."""

    @property
    def approving(self) -> ApprovalStore:
        """Approvals."""
        ...


class Finder:
    """Finds approvers, and in whose right a person may decide."""

    def __init__(self, store: FindingStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def step(
        self, course: Course, organization_id: OrganizationId, sender: AccountId | None
    ) -> frozenset[AccountId]:
        """Return who may decide in the step that a course is at."""
        return await self._allowed(course, course.now.who, organization_id, sender)

    async def above(
        self, course: Course, organization_id: OrganizationId, sender: AccountId | None
    ) -> frozenset[AccountId]:
        """Return to whom a step is escalated; nobody where the line ends."""
        step, rest = course.now, course.line.steps[course.step + 1 :]
        who = step.escalate
        if who is None and step.who.kind == "manager":
            who = Who("manager", min(32, step.who.levels + 1), step.who.duty)
        if who is None and rest:
            who = rest[0].who
        return frozenset() if who is None else await self._allowed(course, who, organization_id, sender)

    async def rights(self, account_id: AccountId) -> list[AccountId]:
        """Return in whose right an account may decide: its own, theirs whose deputy it is, theirs whom it substitutes."""
        if not account_id:
            return []
        now = self._clock.now()
        deputy = [one.account_id for one in await self._store.approving.deputy_of(account_id) if one.acts(now)]
        away = [
            one.account_id for one in await self._store.substituted(account_id)
            if one.since <= now and (not one.until or now < one.until)
        ]  # fmt: skip
        return list(dict.fromkeys([account_id, *deputy, *away]))

    async def told(self, accounts: frozenset[AccountId]) -> list[Account]:
        """Return who is told that accounts have to decide: they and who decides for them now."""
        now, found = self._clock.now(), dict.fromkeys(accounts)
        found |= {one.deputy_id: None for one in await self._store.approving.deputies(accounts) if one.acts(now)}
        for one in sorted(accounts):
            absence = await self._store.absence(one)
            if absence is not None and absence.substitute_id:
                found[absence.substitute_id] = None
        known = [await self._account(one) for one in found]
        return [one for one in known if one is not None and one.may("login", now)]

    async def _allowed(
        self, course: Course, who: Who, organization_id: OrganizationId, sender: AccountId | None
    ) -> frozenset[AccountId]:
        named = await self._named(who, organization_id, sender)
        if who.kind == "sender":
            account = await self._account(sender) if sender else None
            return (
                frozenset({account.id})
                if account is not None and account.may("login", self._clock.now())
                else frozenset()
            )
        own = sender if sender and not course.line.afterwards else None
        return frozenset({one for one in named if one != own and await self._decides(one, organization_id, own)})

    async def _named(self, who: Who, organization_id: OrganizationId, sender: AccountId | None) -> set[AccountId]:
        if who.kind == "manager":
            return set() if sender is None else await self._managers(who, organization_id, sender)
        if who.kind == "post":
            return set(await self._store.post_holders(AccountId(who.post)))
        if who.kind == "people":
            return {AccountId(one) for one in who.people}
        if who.kind == "group":
            return set(await self._store.group_members(who.group))
        if who.kind == "administrators":
            return {one.id for one in await self._store.administrators(organization_id)}
        return set()

    async def _managers(self, who: Who, organization_id: OrganizationId, sender: AccountId) -> set[AccountId]:
        """Return the managers `levels` up: of departments above the sender that have one apart from the sender."""
        seats = await self._store.seats(organization_id)
        own = next((one for one in seats if one.account_id == sender), None)
        if own is None:
            return set()
        departments = {one.id: one for one in await self._store.departments(organization_id)}
        duties = {one.id: one for one in await self._store.titles(organization_id) if one.kind == "duty"}
        ranks = {
            number: (one.position, number) for number, one in duties.items() if not who.duty or one.name == who.duty
        }
        left = who.levels
        for department in lineage(departments, own.department_id):
            here = [one for one in seats if one.department_id == department.id and one.duty_id in ranks]
            there = [one for one in here if one.account_id != sender]
            there = [one for one in there if await self._decides(one.account_id, organization_id, sender)]
            heads = _heads(there, ranks)
            left -= bool(heads)
            if heads and not left:
                return heads
        return set()

    async def _decides(self, account_id: AccountId, organization_id: OrganizationId, own: AccountId | None) -> bool:
        """Say whether a person decides in the right of an account."""
        account, now = await self._account(account_id), self._clock.now()
        if account is None or account.organization_id != organization_id:
            return False
        if account.may("login", now):
            return True
        absence = await self._store.absence(account_id)
        stands = [] if absence is None or not absence.substitute_id else [absence.substitute_id]
        if account.state == "suspended":
            stands += [one.deputy_id for one in await self._store.approving.deputies([account_id]) if one.acts(now)]
        return any(one != own for one in stands)

    async def _account(self, account_id: AccountId) -> Account | None:
        try:
            return await self._store.account(account_id)
        except NotFound:
            return None


def _heads(seats: list[Seat], ranks: dict[int, tuple[int, int]]) -> set[AccountId]:
    """Return who has the highest duty among some seats."""
    first = min((ranks[one.duty_id] for one in seats), default=None)
    return {one.account_id for one in seats if ranks[one.duty_id] == first}
