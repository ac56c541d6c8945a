"""Opening a company from the browser: the company with its domain, its signing key and its first administrator at once.

STRATEGIES  The first administrator gets a link and chooses the password; nobody else ever knows it. Who runs the machine goes
            on (companies.CompanyService.create).
FAILURE     What can be refused is refused before anything is made. A crash in between leaves a company without people, which
            is closed or opened again under the same name.
SECURITY    Permission company.change over the installation. It gives nothing inside the new company: who opens it does not
            see its people or their mail.
"""

from dataclasses import dataclass, field

from smartmail.domain.account import Account, Organization
from smartmail.domain.errors import AlreadyExists, Invalid
from smartmail.domain.ids import OrganizationId
from smartmail.domain.principal import Actor
from smartmail.formats.address import normalize, split_address
from smartmail.service.flow.directory import NewPerson
from smartmail.service.flow.signing_keys import SigningKeys
from smartmail.service.identity.auth import AuthService
from smartmail.service.people.organization.companies import SYSTEM, CompanyService
from smartmail.service.people.organization.domains import checked_domain
from smartmail.service.people.organization.ground import Ground, cleaned
from smartmail.service.people.organization.store import Store
from smartmail.service.people.provisioning import ProvisioningService


@dataclass(frozen=True, slots=True)
class Opening:
    """What a company begins with: its name, its domain, and who administers it (`local`: before the @)."""

    name: str
    domain: str
    local: str
    person: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """The company, its administrator, and the token by which they set their password."""

    company: Organization
    administrator: Account
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CompanyShown:
    """A company with its domains."""

    company: Organization
    domains: tuple[str, ...]


class OpeningService:
    """Opens, shows and closes companies for who administers the installation."""

    def __init__(
        self, ground: Ground[Store], companies: CompanyService, auth: AuthService,
        provisioning: ProvisioningService, signing_keys: SigningKeys,
    ) -> None:  # fmt: skip
        self._ground = ground
        self._store = ground.store
        self._companies = companies
        self._auth = auth
        self._provisioning = provisioning
        self._signing_keys = signing_keys

    async def shown(self, actor: Actor) -> list[CompanyShown]:
        """Return all companies. Raises Forbidden."""
        await self._ground.authority.require(actor, "company.change", SYSTEM)
        domains = await self._store.domains()
        return [
            CompanyShown(one, tuple(row.name for row in domains if row.organization_id == one.id))
            for one in await self._store.organizations()
        ]

    async def open(self, actor: Actor, asked: Opening) -> Opened:
        """Make a company. Raises Forbidden, Invalid, AlreadyExists (its name, its domain)."""
        await self._ground.authority.require(actor, "company.change", SYSTEM)
        name, domain, login = await self._checked(asked)
        company = await self._company(actor, name)
        await self._companies.give_domain(actor, company.id, domain)
        made = await self._signing_keys.create(domain, company.id)
        await self._store.audit(self._ground.record(actor, "domain.dkim", f"domain:{domain} {made.row.selector}"))
        person = NewPerson(login, cleaned(asked.person, "a person"), asked.language, is_admin=True)
        account = await self._provisioning.person(person, None, by=actor.named)
        token = await self._auth.new_setup_link(account.id)
        await self._store.audit(self._ground.record(actor, "account.setup_link", f"account:{account.id}"))
        return Opened(company, account, token)

    async def close(self, actor: Actor, organization_id: OrganizationId) -> int:
        """Close a company, not one's own; return how many accounts were open. Raises Forbidden, NotFound, Invalid."""
        await self._ground.authority.require(actor, "company.change", SYSTEM)
        if organization_id == actor.organization_id:
            raise Invalid("nobody closes the company that they belong to", reason="company.own")
        return await self._companies.close(actor, organization_id)

    async def _checked(self, asked: Opening) -> tuple[str, str, str]:
        """Return name, domain and login as they are kept. Raises Invalid, AlreadyExists."""
        name, domain = cleaned(asked.name, "a company"), checked_domain(asked.domain)
        cleaned(asked.person, "a person")
        login = normalize(f"{asked.local.strip().lower()}@{domain}")
        local, kept = split_address(login)
        if not local or kept != domain or any(ord(one) < 33 for one in local):
            raise Invalid(f"not an address: {login!r}", reason="address.form", address=login)
        if await self._store.domain(domain) is not None:
            raise AlreadyExists(f"{domain} is a domain already", reason="domain.taken", domain=domain)
        return name, domain, login

    async def _company(self, actor: Actor, name: str) -> Organization:
        """Make the company, or take the one of this name that an earlier try left without anything."""
        for one in await self._store.organizations():
            if one.name == name:
                if one.state != "active" or any(row.organization_id == one.id for row in await self._store.domains()):
                    raise AlreadyExists(f"there is a company {name} already", reason="company.taken", name=name)
                return one
        return await self._companies.create(actor, name)
