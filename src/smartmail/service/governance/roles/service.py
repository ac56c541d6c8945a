"""Who holds which administrative role: appointments, the mark of a company's administrators, previews."""

from dataclasses import dataclass
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.authority import BUILT_IN, COMPANY, INSTALLATION, AdminRole, Appointment, Holding, offices_of
from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_roles import RoleStore
from smartmail.service.governance.roles.acts import Appoint, Dismiss, Mark, Preview
from smartmail.service.governance.roles.defining import RoleBook
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.places import SYSTEM
from smartmail.service.kernel.proposals import Act, Outcome, ProposalService


class _Store(AccountStore, AuditLog, RoleStore, Protocol): ...


KEPT = 90 * DAY
"""How long appointments that have ended can be looked at."""
LEVELS = frozenset({"organization", "domain", "department", "group"})


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would be left if somebody held a role no more: who could still change roles, and which offices are empty."""

    administrators: int
    changers: int
    vacant: tuple[str, ...] = ()


class RoleService:
    """Appoints, dismisses, shows what somebody may."""

    def __init__(
        self, store: _Store, authority: Authority, book: RoleBook, proposals: ProposalService, clock: Clock
    ) -> None:
        self._store = store
        self._authority = authority
        self.book = book
        self._proposals = proposals
        self._clock = clock
        proposals.add(Act(
            "role.appoint", "roles", "role.change", Appoint, lambda one: one.scope, self._appoint,
            check=self._check_appoint,
        ))  # fmt: skip
        proposals.add(Act(
            "role.dismiss", "roles", "role.change", Dismiss, lambda one: one.scope, self._dismiss,
            check=self._check_dismiss,
        ))  # fmt: skip
        proposals.add(Act(
            "role.administrator", "roles", "role.change", Mark, lambda one: one.scope, self._mark, repeatable=True,
            check=self._check_mark,
        ))  # fmt: skip

    # --- what administrators do ---

    async def appoint(
        self, actor: Actor, account_id: AccountId, role: str, scope: Scope, *, expires_at: int | None = None,
        reason: str = "",
    ) -> Outcome:  # fmt: skip
        """Let an account hold a role; the outcome says its number, or that it waits for another administrator.

        The company's own administrators without an end carry a mark on their account instead.
        Raises Forbidden (not held by the actor, oneself, an excluded office), NotFound, AlreadyExists, Invalid.
        """
        if role == COMPANY and scope.level == "organization" and expires_at is None:
            return await self.mark(actor, account_id, administrator=True, reason=reason)
        asked = Appoint(int(account_id), role, scope.level, scope.subject, expires_at)
        return await self._proposals.do(actor, "role.appoint", asked, reason)

    async def dismiss(self, actor: Actor, appointment_id: int, reason: str = "") -> Outcome:
        """End an appointment. Raises Forbidden (not held by the actor, one's own), NotFound."""
        one = await self._appointment(actor, appointment_id)
        asked = Dismiss(appointment_id, one.scope.level, one.scope.subject)
        return await self._proposals.do(actor, "role.dismiss", asked, reason)

    async def mark(self, actor: Actor, account_id: AccountId, *, administrator: bool, reason: str = "") -> Outcome:
        """Make an account an administrator of its company, or no more.

        Raises Forbidden (less than an administrator, oneself, the last one, an excluded office), NotFound.
        """
        organization_id = await self._authority.require(actor, "role.change", _account(account_id))
        asked = Mark(int(account_id), int(organization_id or 0), administrator)
        return await self._proposals.do(actor, "role.administrator", asked, reason)

    async def appointments(
        self, actor: Actor, organization_id: OrganizationId, account_id: AccountId | None = None
    ) -> list[Appointment]:
        """Return the appointments over scopes that the actor may look at. Raises Forbidden, NotFound."""
        if await self._authority.organization(actor, "role.read") not in {None, organization_id}:
            raise NotFound
        found = await self._store.appointments(organization_id, account_id)
        return [one for one in found if await self._authority.may(actor, "role.read", one.scope)]

    async def preview(self, actor: Actor, account_id: AccountId) -> Preview:
        """Return what another administrator is allowed, and what is hidden there. Looking is in the audit.

        Raises Forbidden, NotFound.
        """
        await self._authority.require(actor, "role.read", _account(account_id))
        held = await self._authority.held_by(account_id)
        await self._store.audit(self._record(actor, "role.preview", f"account:{account_id}"))
        return Preview(account_id, held)

    async def rehearse(self, actor: Actor, account_id: AccountId) -> Rehearsal:
        """Return what would be left without an account's roles. Raises Forbidden, NotFound."""
        organization_id = await self._authority.require(actor, "role.read", _account(account_id))
        assert organization_id is not None
        whole = Scope("organization", str(int(organization_id)))
        able = [
            one for one in await self._authority.holders(organization_id, "role.change", whole) if one.id != account_id
        ]
        now = self._clock.now()
        left = [
            one for one in await self._store.appointments(organization_id)
            if one.account_id != account_id and one.scope == whole and one.in_force(now)
        ]  # fmt: skip
        offices = {office for one in left if one.role in BUILT_IN for office in offices_of(BUILT_IN[one.role])}
        if any(one.is_admin for one in able):
            offices.add("system")
        vacant = tuple(one for one in ("system", "security", "audit") if one not in offices)
        separated = await self._authority.separated(organization_id)
        return Rehearsal(sum(one.is_admin for one in able), len(able), vacant if separated else ())

    async def forget(self) -> int:
        """Remove appointments that ended long ago; a job of each day."""
        return await self._store.forget_appointments(self._clock.now() - KEPT)

    # --- checks: before somebody is asked, and again when it is done ---

    async def _check_appoint(self, actor: Actor, asked: Appoint) -> None:
        account_id = AccountId(asked.account_id)
        if asked.level not in LEVELS and (asked.level, asked.role) != ("system", INSTALLATION):
            raise Invalid("a role is held over a company, a domain, a department or a group", reason="role.place")
        if asked.expires_at is not None and asked.expires_at <= self._clock.now():
            raise Invalid("its end lies in the past", reason="end.past")
        organization_id = await self._authority.require(actor, "role.change", asked.scope)
        await self._authority.require(actor, "role.change", _account(account_id))
        account = await self._store.account(account_id)
        # The installation is no company's: only who holds it, or the command line, gives it.
        if account.organization_id != organization_id and asked.level != "system":
            raise NotFound
        if not account.may("login"):
            raise Invalid("the account is closed", reason="account.closed")
        if account_id == actor.account_id:
            raise Forbidden("nobody widens what they hold themselves", reason="role.self")
        role = await self.book.role(account.organization_id, asked.role)
        await self._require_covered(actor, Holding(asked.scope, role.permissions, role.masks))

    async def _check_dismiss(self, actor: Actor, asked: Dismiss) -> None:
        one = await self._appointment(actor, asked.appointment_id)
        if one.account_id == actor.account_id:
            raise Forbidden("nobody locks themselves out: another administrator does this", reason="role.lockout")
        role = await self._role_of(one)
        if role is not None:
            await self._require_covered(actor, Holding(one.scope, role.permissions, role.masks))

    async def _check_mark(self, actor: Actor, asked: Mark) -> None:
        await self._authority.require(actor, "role.change", asked.scope)
        if asked.account_id == actor.account_id:
            raise Forbidden("nobody changes what they hold themselves", reason="role.self")
        await self._require_covered(actor, Holding(asked.scope, BUILT_IN[COMPANY].permissions))

    async def _require_covered(self, actor: Actor, asked: Holding) -> None:
        if not await self._authority.covers(await self._authority.holdings(actor), asked):
            raise Forbidden("nobody gives, or takes, what they do not hold", reason="role.more")

    async def _appointment(self, actor: Actor, appointment_id: int) -> Appointment:
        """Raises NotFound where it is not there, or over nothing that the actor may change."""
        reach = await self._authority.reach(actor, "role.change")
        if not reach:
            raise Forbidden
        home = None if SYSTEM in reach else actor.organization_id
        found = [one for one in await self._store.appointments(home) if one.id == appointment_id]
        if not found or not await self._authority.may(actor, "role.change", found[0].scope):
            raise NotFound
        return found[0]

    async def _role_of(self, one: Appointment) -> AdminRole | None:
        known = await self.book.known(one.organization_id)
        return next((role for role in known if role.id == one.role), None)

    # --- what is done ---

    async def _appoint(self, actor: Actor, asked: Appoint, key: int) -> str:
        await self._check_appoint(actor, asked)
        account = await self._store.account(AccountId(asked.account_id))
        role = await self.book.role(account.organization_id, asked.role)
        excluded = await self._excluded(account.organization_id, role)
        new = Appointment(
            0,
            account.organization_id,
            account.id,
            role.id,
            asked.scope,
            actor.named,
            self._clock.now(),
            asked.expires_at,
        )
        record = self._record(
            actor, "role.appoint", f"account:{account.id} role:{role.id} {asked.level}:{asked.subject}"
        )
        made = await self._store.appoint(new, excluded, record)
        self._authority.changed(account.id)
        return f"appointment:{made.id}"

    async def _dismiss(self, actor: Actor, asked: Dismiss, key: int) -> str:
        await self._check_dismiss(actor, asked)
        one = await self._appointment(actor, asked.appointment_id)
        about = f"account:{one.account_id} appointment:{asked.appointment_id}"
        record = self._record(actor, "role.dismiss", about)
        gone = await self._store.dismiss(asked.appointment_id, record)
        self._authority.changed(gone.account_id)
        return f"appointment:{gone.id}"

    async def _mark(self, actor: Actor, asked: Mark, key: int) -> str:
        await self._check_mark(actor, asked)
        account_id = AccountId(asked.account_id)
        account = await self._store.account(account_id)
        excluded = await self._excluded(account.organization_id, BUILT_IN[COMPANY])
        word = "role.administrator" if asked.administrator else "role.no-administrator"
        record = self._record(actor, word, f"account:{account_id}")
        await self._store.set_administrator(account_id, excluded, record, administrator=asked.administrator)
        self._authority.changed(account_id)
        return f"account:{account_id}"

    async def _excluded(self, organization_id: OrganizationId, role: AdminRole) -> frozenset[str]:
        """Return the roles that nobody may hold beside this one. Raises Forbidden for a role that crosses offices."""
        if not await self._authority.separated(organization_id):
            return frozenset()
        own = offices_of(role)
        if len(own) > 1:
            raise Forbidden("this role crosses two of the three offices", reason="role.offices")
        known = await self.book.known(organization_id)
        return frozenset(one.id for one in known if own and offices_of(one) - own)

    def _record(self, actor: Actor, action: str, about: str) -> AuditRecord:
        return AuditRecord(self._clock.now(), actor.named, action, about, actor.origin.address, door=actor.origin.door)


def _account(account_id: AccountId) -> Scope:
    return Scope("account", str(int(account_id)))
