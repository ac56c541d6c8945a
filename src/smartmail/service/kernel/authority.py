"""Authority: the one place that says whether an administrator may do something to something.

STRATEGIES  A permission is asked for over a scope (domain.policy.Scope). What an account holds is the mark of a company's
            administrators and its appointments, read from the store and kept for a second at most; a hint drops it at
            once. The command line, which has the master key, may everything.
            Where a company separates its three offices, its administrators are the system's only, from the moment that
            somebody else holds each of the other two: so nobody is locked out on the way there.
SECURITY    Whoever holds a permission nowhere is told so before anything is looked up; whoever holds it elsewhere gets the
            same answer, by the same look-ups, for what lies outside as for what is not there. An account that administers
            is touched only by who holds all that it holds: otherwise a new password for a colleague would be a promotion.
            A lesser credential (app password, token, certificate of a mail program) administers nothing.
LIMITS      `MAX_KNOWN` accounts are remembered.
Must not know what the act is.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol

from smartmail.domain.account import Account
from smartmail.domain.authority import (
    BUILT_IN,
    COMPANY,
    OPERATING,
    PERMISSIONS,
    AdminRole,
    Appointment,
    Holding,
    Mask,
    Office,
    Permission,
    offices_of,
)
from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.policy import knobs
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_policy import GroupStore
from smartmail.ports.store_roles import RoleStore
from smartmail.service.kernel.places import SYSTEM, Place, Places, place_of
from smartmail.service.kernel.policy import PolicyService


class _Store(AccountStore, DirectoryStore, DomainStore, GroupStore, OrganizationStore, RoleStore, Protocol): ...


TOPIC: Final = "authority"
LESSER: Final = frozenset({"app", "token", "certificate"})
NARROWED: Final[frozenset[str]] = frozenset({"key"})
"""Proofs whose `extra_rights` say which permissions they carry at most."""
FRESH_MS: Final = 1000
MAX_KNOWN: Final = 10_000
GUARDED: Final = frozenset(
    {"account.change", "account.secrets", "account.sessions", "message.read", "message.open", "export.run"}
)
"""Permissions that would give who has them over an administrator what that one holds."""
EVERYTHING: Final = (Holding(SYSTEM, frozenset(PERMISSIONS)),)


class Authority:
    """Judges acts of administrators."""

    def __init__(self, store: _Store, clock: Clock, bus: Bus, policy: PolicyService) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._policy = policy
        self._places = Places(store)
        self._known: dict[AccountId, tuple[int, tuple[Holding, ...]]] = {}
        bus.subscribe(TOPIC, self._heard)
        bus.subscribe("auth", self._heard)

    # --- what others ask ---

    async def require(
        self, actor: Actor, permission: Permission, scope: Scope, text: str = ""
    ) -> OrganizationId | None:
        """Return the organisation that a scope lies in, None for the system.

        Raises Forbidden (may not), NotFound with the text (not there, or outside of what the actor administers).
        """
        held = [one for one in await self.holdings(actor) if permission in one.permissions]
        if not held:
            raise Forbidden
        place = await self._places.of(scope)
        if place is None:
            raise NotFound(text)
        if scope == SYSTEM and permission in OPERATING and not any(one.scope == SYSTEM for one in held):
            place = await self._places.of_the_only_company() or place
        if not any(place.lies_in(one.scope) for one in held):
            raise Forbidden if scope.level == "system" or _is_own(actor, scope) else NotFound(text)
        if permission in GUARDED and scope.level == "account":
            await self._spare_stronger(actor, AccountId(int(scope.subject)))
        return place.organization_id

    async def may(self, actor: Actor, permission: Permission, scope: Scope) -> bool:
        """Say whether `require` would let it pass."""
        try:
            await self.require(actor, permission, scope)
        except (Forbidden, NotFound):
            return False
        return True

    async def reach(self, actor: Actor, permission: Permission) -> tuple[Scope, ...]:
        """Return the scopes over which the actor has a permission, for lists; () for none."""
        return tuple({one.scope: None for one in await self.holdings(actor) if permission in one.permissions})

    async def organization(self, actor: Actor, permission: Permission) -> OrganizationId | None:
        """Return the one organisation in which the actor has a permission anywhere, None for all of them.

        Raises Forbidden.
        """
        reach = await self.reach(actor, permission)
        if not reach:
            raise Forbidden
        return None if SYSTEM in reach else actor.organization_id

    async def whole(self, actor: Actor, permission: Permission) -> OrganizationId | None:
        """Return the organisation over all of which the actor has a permission, None for all of them: for things that
        belong to a company as a whole. Raises Forbidden, also for who has it over a part only.
        """
        reach = await self.reach(actor, permission)
        if SYSTEM in reach:
            return None
        if Scope("organization", str(int(actor.organization_id))) not in reach:
            raise Forbidden
        return actor.organization_id

    async def require_owner(
        self,
        actor: Actor,
        permission: Permission,
        organization_id: OrganizationId | None,
        text: str = "",
        *,
        account_id: AccountId | None = None,
    ) -> None:
        """Ask about a thing that was looked for by its own id: of a company, or of one of its accounts; None: none found.

        Raises Forbidden (a permission held nowhere), NotFound with the text, which is the same for a foreign thing.
        """
        reach = await self.reach(actor, permission)
        if not reach:
            raise Forbidden
        if organization_id is None or (SYSTEM not in reach and organization_id != actor.organization_id):
            raise NotFound(text)
        scope = Scope("organization", str(int(organization_id)))
        if account_id is not None:
            scope = Scope("account", str(int(account_id)))
        place = await self._places.of(scope)
        if place is None or not any(place.lies_in(one) for one in reach):
            raise NotFound(text)

    async def visible(self, actor: Actor, permission: Permission, accounts: Sequence[Account]) -> list[Account]:
        """Return those of the accounts over which the actor has a permission. Raises Forbidden where it has it nowhere."""
        reach = await self.reach(actor, permission)
        if not reach:
            raise Forbidden
        members = await self._places.members(reach)
        places = ((one, place_of(one, members.get(one.id, ()))) for one in accounts)
        return [one for one, place in places if any(place.lies_in(scope) for scope in reach)]

    async def masks(self, actor: Actor, permission: Permission, scope: Scope) -> frozenset[Mask]:
        """Return the fields that the actor is not shown where it uses a permission: what each of its holdings hides."""
        held = [one for one in await self.holdings(actor) if permission in one.permissions]
        place = await self._places.of(scope) if held else None
        shown = [one.masks for one in held if place is not None and place.lies_in(one.scope)]
        return frozenset.intersection(*shown) if shown else frozenset()

    # --- what roles and proposals ask ---

    async def holdings(self, actor: Actor) -> tuple[Holding, ...]:
        """Return what an actor holds."""
        if actor.origin.door == "cli" or (actor.origin.door == "system" and actor.is_admin):
            return EVERYTHING
        if actor.by in LESSER or not actor.account_id:
            return ()
        held = await self.held_by(actor.account_id)
        if actor.by in NARROWED:  # a key for administration narrows what its account holds
            only = frozenset(PERMISSIONS) & actor.extra_rights
            held = tuple(replace(one, permissions=one.permissions & only) for one in held)
        return held

    async def held_by(self, account_id: AccountId) -> tuple[Holding, ...]:
        """Return what an account holds, as of a second ago at most; () where it is closed or not there."""
        now = self._clock.now()
        known = self._known.get(account_id)
        if known is not None and now < known[0]:
            return known[1]
        held = await self._read(account_id, now)
        while len(self._known) >= MAX_KNOWN:
            del self._known[next(iter(self._known))]
        self._known[account_id] = (now + FRESH_MS, held)
        return held

    async def covers(self, holdings: Sequence[Holding], asked: Holding) -> bool:
        """Say whether holdings give all that another one does, wherever it does, and hide no more."""
        place = await self._places.of(asked.scope)
        if place is None:
            return False
        able = [one for one in holdings if place.lies_in(one.scope)]
        if not able or not asked.permissions <= frozenset[Permission]().union(*(one.permissions for one in able)):
            return False
        return frozenset.intersection(*(one.masks for one in able)) <= asked.masks

    async def holders(self, organization_id: OrganizationId, permission: Permission, scope: Scope) -> list[Account]:
        """Return the active accounts of an organisation that have a permission over a scope."""
        place = await self._places.of(scope)
        named = {one.account_id for one in await self._store.appointments(organization_id)}
        found = []
        for account in await self._store.accounts(organization_id):
            if account.may("login", self._clock.now()) and (account.is_admin or account.id in named):
                held = await self.held_by(account.id)
                if place and any(permission in one.permissions and place.lies_in(one.scope) for one in held):
                    found.append(account)
        return found

    async def place(self, scope: Scope) -> Place:
        """Return where a scope lies. Raises NotFound."""
        place = await self._places.of(scope)
        if place is None:
            raise NotFound
        return place

    async def separated(self, organization_id: OrganizationId) -> bool:
        """Say whether an organisation keeps its three offices apart."""
        return await self._policy.value_of_place(organization_id, knobs.ADMIN_SEPARATION)

    def changed(self, account_id: AccountId | None = None) -> None:
        """Tell every process that what an account holds has changed, or (None) what many hold."""
        payload = "*" if account_id is None else str(int(account_id))
        self._heard(payload)
        self._bus.publish(TOPIC, payload)

    # --- how it is found out ---

    def _heard(self, payload: str) -> None:
        """Forget everything: what one holds may take from another (see SECURITY), and it is read again in no time."""
        self._known.clear()

    async def _read(self, account_id: AccountId, now: int) -> tuple[Holding, ...]:
        try:
            account = await self._store.account(account_id)
        except NotFound:
            return ()
        if not account.may("login", now):
            return ()
        separated = await self.separated(account.organization_id)
        held, office = [], None
        if account.is_admin:
            own = Scope("organization", str(int(account.organization_id)))
            held.append(await self._holding(account, BUILT_IN[COMPANY], own, separated, now))
            office = frozenset({"system"})
        for one in await self._store.appointments(account.organization_id, account_id):
            role = await self._role(one) if one.in_force(now) else None
            if role is None:
                continue
            offices: frozenset[Office] = offices_of(role) if separated else frozenset()
            # What was given before the offices were separated, or against it, does not count: the first office does.
            if len(offices) > 1 or (offices and office is not None and offices != office):
                continue
            office = offices or office
            held.append(await self._holding(account, role, one.scope, separated, now))
        return tuple(held)

    async def _role(self, one: Appointment) -> AdminRole | None:
        if one.role in BUILT_IN:
            return BUILT_IN[one.role]
        rows = await self._store.admin_roles(one.organization_id)
        return next(
            (AdminRole(one.role, "", row.permissions, row.masks) for row in rows if str(row.id) == one.role), None
        )

    async def _holding(self, account: Account, role: AdminRole, scope: Scope, separated: bool, now: int) -> Holding:
        """Return what a role comes to: a company's is all there is, or the system's office where all are filled."""
        if role.id == COMPANY and separated and await self._are_filled(account, now):
            return Holding(scope, BUILT_IN["system"].permissions, role=COMPANY)
        return Holding(scope, role.permissions, role.masks, role.id)

    async def _are_filled(self, account: Account, now: int) -> bool:
        """Say whether other active accounts hold the offices of security and audit over the whole company."""
        whole = Scope("organization", str(int(account.organization_id)))
        filled = set()
        for one in await self._store.appointments(account.organization_id):
            if one.role in {"security", "auditor"} and one.scope == whole and one.in_force(now):
                other = await self._store.account(one.account_id)
                if other.id != account.id and other.may("login", now) and not other.is_admin:
                    filled.add(one.role)
        return filled == {"security", "auditor"}

    async def _spare_stronger(self, actor: Actor, account_id: AccountId) -> None:
        """Raise Forbidden where an account holds what the actor does not."""
        if actor.origin.door == "cli" or account_id == actor.account_id:
            return
        own = await self.holdings(actor)
        for one in await self.held_by(account_id):
            if not await self.covers(own, one):
                raise Forbidden("this account administers more than you do", reason="admin.more")


def _is_own(actor: Actor, scope: Scope) -> bool:
    """Say whether a scope is the actor's own company or account, which it knows anyway."""
    return scope in {
        Scope("organization", str(int(actor.organization_id))), Scope("account", str(int(actor.account_id)))
    }  # fmt: skip
