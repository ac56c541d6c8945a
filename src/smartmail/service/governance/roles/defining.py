"""Roles that a company makes for itself."""

from collections.abc import Collection

from smartmail.domain.audit import AuditRecord
from smartmail.domain.authority import (
    BUILT_IN,
    MASKS,
    PERMISSIONS,
    AdminRole,
    AdminRoleRow,
    Holding,
    Mask,
    Permission,
    offices_of,
)
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.seal import Kind
from smartmail.ports.clock import Clock
from smartmail.ports.store_roles import RoleStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring

MAX_NAME = 100
MAX_ROLES = 200
"""That one company makes."""


class RoleBook:
    """Knows the roles that there are, and makes new ones."""

    def __init__(self, store: RoleStore, keyring: Keyring, authority: Authority, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._authority = authority
        self._clock = clock

    async def roles(self, actor: Actor, organization_id: OrganizationId) -> list[AdminRole]:
        """Return the built-in roles, then the company's own. Raises Forbidden, NotFound."""
        if await self._authority.organization(actor, "role.read") not in {None, organization_id}:
            raise NotFound
        return await self.known(organization_id)

    async def known(self, organization_id: OrganizationId) -> list[AdminRole]:
        """The same for services."""
        rows = await self._store.admin_roles(organization_id)
        return [*BUILT_IN.values(), *[await self._opened(row) for row in rows]]

    async def role(self, organization_id: OrganizationId, role_id: str) -> AdminRole:
        """Return one by its id. Raises NotFound."""
        found = next((one for one in await self.known(organization_id) if one.id == role_id), None)
        if found is None:
            raise NotFound
        return found

    async def put(
        self, actor: Actor, organization_id: OrganizationId, name: str, permissions: Collection[str],
        masks: Collection[str] = (), role_id: int = 0,
    ) -> AdminRole:  # fmt: skip
        """Make a role, or change one for all who hold it.

        Raises Forbidden (it gives what the actor has not, hides less than the actor is shown, or is the actor's own),
        NotFound, AlreadyExists (name), Invalid.
        """
        whole = Scope("organization", str(int(organization_id)))
        await self._authority.require(actor, "role.change", whole)
        words, given, hidden = _checked(name, permissions, masks)
        known = await self.known(organization_id)
        old = next((one for one in known if one.id == str(role_id)), None) if role_id else None
        if role_id and old is None:
            raise NotFound
        if any(one.name == words and one.id != str(role_id) for one in known):
            raise AlreadyExists("a role has that name", reason="role.taken")
        if len(known) >= MAX_ROLES + len(BUILT_IN):
            raise Invalid(f"a company makes {MAX_ROLES} roles at most", reason="count.most", most=MAX_ROLES)
        await self._require_covered(actor, whole, AdminRole(str(role_id), words, given, hidden), old)
        await self._require_office(organization_id, AdminRole(str(role_id), words, given, hidden), old)
        return await self._kept(actor, organization_id, role_id, words, given, hidden)

    async def drop(self, actor: Actor, organization_id: OrganizationId, role_id: int) -> None:
        """Remove a role that nobody holds. Raises Forbidden, NotFound, StateMismatch (somebody holds it)."""
        whole = Scope("organization", str(int(organization_id)))
        await self._authority.require(actor, "role.change", whole)
        role = await self.role(organization_id, str(role_id))
        await self._require_covered(actor, whole, role, role)
        record = self._record(actor, "role.drop", role_id)
        await self._store.drop_admin_role(organization_id, role_id, record)

    async def _kept(
        self, actor: Actor, organization_id: OrganizationId, role_id: int, name: str,
        permissions: frozenset[Permission], masks: frozenset[Mask],
    ) -> AdminRole:  # fmt: skip
        keys, now = await self._keyring.organization(organization_id), self._clock.now()
        row = AdminRoleRow(
            role_id, organization_id, keys.seal_text(Kind.ADMIN_ROLE, name), permissions, masks, actor.named, now
        )
        made = await self._store.put_admin_role(
            row, self._record(actor, "role.change" if role_id else "role.new", role_id)
        )
        self._authority.changed()
        return await self._opened(made)

    async def _require_covered(self, actor: Actor, whole: Scope, new: AdminRole, old: AdminRole | None) -> None:
        own = await self._authority.holdings(actor)
        if old is not None and any(one.role == old.id for one in own):
            raise Forbidden("nobody changes a role that is their own", reason="role.own")
        for one in (new, old):
            asked = None if one is None else Holding(whole, one.permissions, one.masks)
            if asked is not None and not await self._authority.covers(own, asked):
                raise Forbidden("nobody gives what they do not hold", reason="role.more")

    async def _require_office(self, organization_id: OrganizationId, new: AdminRole, old: AdminRole | None) -> None:
        """Raise Forbidden where a role would cross the offices of a company that separates them."""
        if not await self._authority.separated(organization_id):
            return
        if len(offices_of(new)) > 1:
            raise Forbidden("this role would cross two of the three offices", reason="role.offices")
        held = old is not None and any(one.role == old.id for one in await self._store.appointments(organization_id))
        if old is not None and held and offices_of(new) != offices_of(old):
            raise Forbidden("somebody holds this role: it stays in its office", reason="role.heldoffice")

    async def _opened(self, row: AdminRoleRow) -> AdminRole:
        keys = await self._keyring.organization(row.organization_id)
        return AdminRole(str(row.id), keys.open_text(Kind.ADMIN_ROLE, row.sealed_name), row.permissions, row.masks)

    def _record(self, actor: Actor, action: str, role_id: int) -> AuditRecord:
        return AuditRecord(
            self._clock.now(), actor.named, action, f"role:{role_id}", actor.origin.address, door=actor.origin.door
        )


def _checked(
    name: str, permissions: Collection[str], masks: Collection[str]
) -> tuple[str, frozenset[Permission], frozenset[Mask]]:
    """Raises Invalid."""
    words = " ".join(name.split())
    if not words or len(words) > MAX_NAME or not words.isprintable():
        raise Invalid(f"a role's name has 1 to {MAX_NAME} characters", reason="name.length", most=MAX_NAME)
    unknown = [*(one for one in permissions if one not in PERMISSIONS), *(one for one in masks if one not in MASKS)]
    if unknown or not permissions:
        raise Invalid(f"there is no {unknown[0]!r}" if unknown else "a role permits something", reason="role.empty")
    return (
        words, frozenset(one for one in PERMISSIONS if one in permissions), frozenset(one for one in MASKS if one in masks)
    )  # fmt: skip
