"""Temporary accounts (외주·협력사·임시, BR-5): they end by themselves, and somebody of the company answers for them.

STRATEGIES  The end is a moment in the account's own row and judged wherever an account is: at 24:00 in Korea nobody gets
            in any more, whether a job has run or not. When the sponsor leaves, the end moves to a few days from now until
            the sponsor's manager has taken over; then it is the agreed one again.
SECURITY    Permission account.change makes and ends them. An extension is asked for by the sponsor or an administrator, and
            decided by an administrator who did not ask. Inside-only by default: both ways with addresses outside are
            closed by rules of policy for the account, which whoever governs may lift.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.account_life import Sponsorship
from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import Wanted
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor
from smartmail.formats.seal import Kind
from smartmail.policy.knobs import OUTSIDE_RECEIVE, OUTSIDE_SEND
from smartmail.service.governance.governing import GovernanceService
from smartmail.service.kernel.clock import DAY
from smartmail.service.people.account_life.ground import LifeGround, day_of, house, typed
from smartmail.service.people.account_life.store import Store
from smartmail.service.people.organization.people import PeopleService

MOST_DAYS: Final = 731
"""The furthest end from now."""
GRACE_DAYS: Final = 7
"""In which somebody must take over from a sponsor who left."""
NOBODY: Final = AccountId(0)


@dataclass(frozen=True, slots=True)
class Temporary:
    """A temporary account as it is shown. `reason`: why it is there."""

    account: Account
    row: Sponsorship
    sponsor: str
    heir: str
    reason: str


class TemporaryService:
    """Makes, extends and hands over temporary accounts."""

    def __init__(self, ground: LifeGround[Store], people: PeopleService, governing: GovernanceService) -> None:
        self._ground = ground
        self._store = ground.store
        self._people = people
        self._governing = governing

    async def create(
        self, actor: Actor, organization_id: OrganizationId, wanted: Wanted, *, ends_at: int | None,
        sponsor: AccountId, reason: str, inside_only: bool = True,
    ) -> Account:  # fmt: skip
        """Make a person's account that ends. Raises Invalid (no end, in the past, too far; no such sponsor) and what
        PeopleService.join raises.
        """
        await self._ground.company(actor, "account.change", organization_id)
        self._check_end(ends_at)
        await self._ground.person_of(organization_id, sponsor)
        account = await self._people.join(actor, organization_id, wanted)
        return await self.begin(
            actor, account.id, ends_at=ends_at, sponsor=sponsor, reason=reason, inside_only=inside_only
        )

    async def begin(
        self, actor: Actor, account_id: AccountId, *, ends_at: int | None, sponsor: AccountId, reason: str,
        inside_only: bool = True,
    ) -> Account:  # fmt: skip
        """Make an account temporary. Raises Invalid, Forbidden, NotFound."""
        account = await self._ground.may_change(actor, account_id)
        until = self._check_end(ends_at)
        if account.kind != "person" or account.is_admin:
            raise Invalid(
                "an administrator, or an account that is no person's, is not temporary", reason="temporary.whose"
            )
        await self._ground.colleague(account, sponsor)
        if inside_only:
            await self._keep_inside(account)
        row = Sponsorship(
            account_id, account.organization_id, sponsor, NOBODY, until, None, NOBODY,
            await self._sealed(account, typed(reason)),
        )  # fmt: skip
        return await self._put(actor, row, until, "account.temporary")

    async def list_all(self, actor: Actor, organization_id: OrganizationId) -> list[Temporary]:
        """Return a company's temporary accounts. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "account.read", organization_id)
        return [await self._opened(row) for row in await self._store.sponsorships(organization_id)]

    async def mine(self, actor: Actor) -> list[Temporary]:
        """Return those that the actor answers for, or must take over."""
        rows = await self._store.sponsorships(actor.organization_id, sponsor=actor.account_id)
        rows += await self._store.sponsorships(actor.organization_id, heir=actor.account_id)
        return [await self._opened(row) for row in rows]

    # --- extension ---

    async def ask_extension(self, actor: Actor, account_id: AccountId, until: int | None, reason: str) -> Sponsorship:
        """Ask for a later end. Raises NotFound (not the actor's business), Invalid (no later end, no reason)."""
        row = await self._row(account_id)
        if row.sponsor_id != actor.account_id:
            await self._ground.may_change(actor, account_id)
        later = self._check_end(until)
        if later <= row.agreed_until or not reason.strip():
            raise Invalid("an extension has a later end, and a reason", reason="temporary.extension")
        account = await self._store.account(account_id)
        asked = replace(
            row, asked_until=later, asked_by=actor.account_id, sealed=await self._sealed(account, typed(reason))
        )
        record = await self._ground.why(actor, "account.extension-ask", account, typed(reason))
        await self._store.put_sponsorship(asked, account.ends_at or row.agreed_until, record)
        for one in await self._ground.authority.holders(
            row.organization_id, "account.change", Scope("account", str(int(account_id)))
        ):
            if one.id != actor.account_id:
                await self._ground.inform(
                    one.id, "extension-asked", address=account.login, day=day_of(later), reason=reason
                )
        self._ground.hints.queue_changed()
        return asked

    async def decide(self, actor: Actor, account_id: AccountId, *, grant: bool) -> Account:
        """Grant or refuse an extension. Raises Forbidden (one's own question), NotFound (nothing is asked)."""
        await self._ground.may_change(actor, account_id)
        row = await self._row(account_id)
        if row.asked_until is None:
            raise NotFound("no extension is asked for")
        if actor.account_id and actor.account_id in {row.asked_by, row.sponsor_id}:
            raise Forbidden("somebody else decides about this extension", reason="temporary.decider")
        later = row.asked_until if grant else row.agreed_until
        ends_at = (await self._store.account(account_id)).ends_at or later
        decided = replace(row, agreed_until=later, asked_until=None, asked_by=NOBODY)
        action = "account.extension-grant" if grant else "account.extension-refuse"
        # While nobody has taken over from a sponsor who left, the nearer end stays.
        account = await self._put(actor, decided, ends_at if row.heir_id or not grant else later, action)
        if row.asked_by:
            key = "extension-granted" if grant else "extension-refused"
            await self._ground.inform(row.asked_by, key, address=account.login, day=day_of(later))
        return account

    # --- sponsors ---

    async def assign(self, actor: Actor, account_id: AccountId, sponsor: AccountId) -> Account:
        """Let somebody else answer for an account. Raises Forbidden, NotFound, Invalid."""
        account = await self._ground.may_change(actor, account_id)
        row = await self._row(account_id)
        await self._ground.colleague(account, sponsor)
        return await self._put(
            actor, replace(row, sponsor_id=sponsor, heir_id=NOBODY), row.agreed_until, "account.sponsor"
        )

    async def take_over(self, actor: Actor, account_id: AccountId) -> Account:
        """Answer for an account from now on, instead of who left. Raises NotFound (it is not asked of the actor)."""
        row = await self._row(account_id)
        if not actor.account_id or row.heir_id != actor.account_id:
            raise NotFound
        return await self._put(
            actor, replace(row, sponsor_id=actor.account_id, heir_id=NOBODY), row.agreed_until, "account.sponsor"
        )

    async def abandon(self, account_id: AccountId, heir: Account | None) -> None:
        """The sponsor leaves: the heir must take over within days, without one the account stops now."""
        row = await self._row(account_id)
        account = await self._store.account(account_id)
        now = self._ground.clock.now()
        until = min(row.agreed_until, now if heir is None else now + GRACE_DAYS * DAY)
        actor = house(row.organization_id)
        changed = replace(row, sponsor_id=NOBODY, heir_id=NOBODY if heir is None else heir.id)
        await self._put(actor, changed, until, "account.sponsor-left")
        if heir is not None:
            await self._ground.inform(
                heir.id, "take-over", address=account.login, name=account.name, day=day_of(until + DAY)
            )
            self._ground.hints.queue_changed()

    async def manager_of(self, account: Account) -> Account | None:
        """Return the person with the highest duty in the nearest department, None where nobody has one."""
        standing = await self._store.standing(account.id)
        order = {one.id: one.position for one in await self._store.titles(account.organization_id)}
        codes = {one.code: one.id for one in await self._store.departments(account.organization_id)}
        seats = await self._store.seats(account.organization_id)
        for code, _far in sorted(standing.departments.items(), key=lambda pair: pair[1]):
            here = [one for one in seats if one.department_id == codes.get(code) and one.duty_id]
            for seat in sorted(here, key=lambda one: (order.get(one.duty_id, MOST_DAYS), one.account_id)):
                person = await self._store.account(seat.account_id)
                if person.id != account.id and person.may("login", self._ground.clock.now()):
                    return person
        return None

    # --- inside ---

    def _check_end(self, ends_at: int | None) -> int:
        now = self._ground.clock.now()
        if ends_at is None:
            raise Invalid("a temporary account has an end", reason="temporary.end")
        if not now < ends_at <= now + MOST_DAYS * DAY:
            raise Invalid(
                f"the end is a day to come, at most {MOST_DAYS} days from now", reason="temporary.days", most=MOST_DAYS
            )
        return ends_at

    async def _keep_inside(self, account: Account) -> None:
        scope = Scope("account", str(int(account.id)))
        actor = house(account.organization_id)
        for knob in (OUTSIDE_SEND, OUTSIDE_RECEIVE):
            await self._governing.set_knob(actor, PolicyRule(knob.name, scope, value=False))

    async def _put(self, actor: Actor, row: Sponsorship, ends_at: int, action: str) -> Account:
        record = self._ground.record(actor, action, f"account:{row.account_id}")
        account = await self._store.put_sponsorship(row, ends_at, record)
        self._ground.changed(account)
        return account

    async def _row(self, account_id: AccountId) -> Sponsorship:
        row = await self._store.sponsorship(account_id)
        if row is None:
            raise NotFound
        return row

    async def _sealed(self, account: Account, reason: str) -> bytes:
        keys = await self._ground.keyring.organization(account.organization_id)
        return keys.seal(Kind.SPONSORSHIP, msgspec.msgpack.encode(reason), account.id)

    async def _opened(self, row: Sponsorship) -> Temporary:
        keys = await self._ground.keyring.organization(row.organization_id)
        reason = msgspec.msgpack.decode(keys.open(Kind.SPONSORSHIP, row.sealed, row.account_id), type=str)
        names: Sequence[str] = [
            (await self._store.account(one)).login if one else "" for one in (row.sponsor_id, row.heir_id)
        ]
        return Temporary(await self._store.account(row.account_id), row, names[0], names[1], reason)
