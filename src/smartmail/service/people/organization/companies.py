"""Companies of an installation: made and closed by the installation's administrator, renamed by their own."""

from smartmail.domain.account import DomainRow, Organization
from smartmail.domain.authority import INSTALLATION, Appointment
from smartmail.domain.errors import AlreadyExists, Invalid
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.service.identity.auth import AuthService
from smartmail.service.people.organization.ground import Ground, cleaned
from smartmail.service.people.organization.store import Store

SYSTEM = Scope("system")


class CompanyService:
    """Makes, shows and closes companies."""

    def __init__(self, ground: Ground[Store], auth: AuthService) -> None:
        self._ground = ground
        self._store = ground.store
        self._auth = auth

    async def create(self, actor: Actor, name: str) -> Organization:
        """Make a company with keys of its own. Raises Forbidden, Invalid, AlreadyExists.

        While there is one company, its administrators hold what all share (domain.authority.OPERATING). Where one of them
        makes a second one, they are appointed to the installation first: nobody locks themselves out of the machine. Who
        has the command line appoints whom they like.
        """
        await self._ground.authority.require(actor, "company.change", SYSTEM)
        name, wrap = cleaned(name, "a company"), self._ground.keyring.new_organization_keys
        if actor.account_id:
            await self._keep_the_installation(actor)
        made = await self._store.create_organization(name, wrap)
        await self._store.audit(self._ground.record(actor, "organization.create", f"organization:{made.id}"))
        return made

    async def list_all(self, actor: Actor) -> list[Organization]:
        """Return the companies that the actor administers."""
        found = await self._store.organizations()
        may = self._ground.authority.may
        return [one for one in found if await may(actor, "organization.read", Scope("organization", str(one.id)))]

    async def named(self, actor: Actor, name: str | None) -> Organization:
        """Return the company of a name, or the only one there is. Raises Invalid, which tells the names."""
        found = await self.list_all(actor)
        chosen = [one for one in found if one.name == name] if name else found
        if len(chosen) != 1:
            raise Invalid(
                f"name one company: {', '.join(one.name for one in found) or 'there is none yet'}",
                reason="company.which",
            )
        return chosen[0]

    async def rename(self, actor: Actor, organization_id: OrganizationId, name: str) -> Organization:
        """Call a company something else. Raises Forbidden, NotFound, AlreadyExists, Invalid."""
        await self._ground.company(actor, "organization.change", organization_id)
        record = self._ground.record(actor, "organization.rename", f"organization:{organization_id}")
        try:
            made = await self._store.rename_organization(organization_id, cleaned(name, "a company"), record)
        except AlreadyExists:
            raise AlreadyExists(f"there is a company {name} already", reason="company.taken", name=name) from None
        self._ground.tell(organization_id)
        return made

    async def close(self, actor: Actor, organization_id: OrganizationId) -> int:
        """Close a company: no mail, no logins, data stay. Return how many accounts were open. Raises Forbidden, NotFound."""
        await self._ground.authority.require(actor, "company.change", SYSTEM)
        record = self._ground.record(actor, "organization.close", f"organization:{organization_id}")
        closed = await self._store.close_organization(organization_id, record)
        for account in closed:
            self._auth.changed(account)
        self._ground.tell(organization_id)
        return len(closed)

    async def _keep_the_installation(self, actor: Actor) -> None:
        """Appoint the administrators of the only company to the installation, which was theirs until now."""
        known = await self._store.organizations()
        if len(known) != 1:
            return
        now = self._ground.clock.now()
        for account in await self._store.administrators(known[0].id):
            new = Appointment(0, known[0].id, account.id, INSTALLATION, SYSTEM, actor.named, now)
            record = self._ground.record(actor, "role.appoint", f"account:{account.id} role:{INSTALLATION} system")
            try:
                await self._store.appoint(new, frozenset(), record)
            except AlreadyExists:
                continue
            self._ground.authority.changed(account.id)

    async def give_domain(self, actor: Actor, organization_id: OrganizationId, domain: str) -> None:
        """Give a company a domain (in its kept form) that needs no proof. Raises Forbidden, AlreadyExists."""
        await self._ground.authority.require(actor, "company.change", SYSTEM)
        record = self._ground.record(actor, "domain.add", f"domain:{domain}")
        if not await self._store.add_domains([DomainRow(domain, organization_id)], record):
            raise AlreadyExists(f"{domain} is a domain already", reason="domain.taken", domain=domain)
        self._ground.tell(organization_id)

    async def set_sight(
        self, actor: Actor, organization_id: OrganizationId, seen_by: OrganizationId, *, on: bool
    ) -> None:
        """Let another company of the group look people of this one up, or end that; it shares nothing else.

        Raises Forbidden, NotFound, Invalid.
        """
        await self._ground.company(actor, "organization.change", organization_id)
        if organization_id == seen_by:
            raise Invalid("a company sees itself", reason="company.itself")
        await self._store.organization(seen_by)
        record = self._ground.record(actor, "organization.sight", f"organization:{organization_id} {seen_by}")
        await self._store.set_sight(organization_id, seen_by, record, on=on)
        self._ground.tell(organization_id, seen_by)

    async def sights(self, actor: Actor, organization_id: OrganizationId) -> list[OrganizationId]:
        """Return the companies whose directory one sees beside its own. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "organization.read", organization_id)
        return await self._store.sights(organization_id)
