"""Who is who: organisations, domains, accounts and addresses.

Part of the accept path: `resolve` answers RCPT. Must not know SMTP replies, sealing or mailboxes' contents.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from smartmail.domain.account import Account, AccountKind, DomainRow, NewAccount, Organization
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.formats.address import domain_to_ascii, normalize, split_address
from smartmail.ports.store import Store
from smartmail.service.keyring import Keyring

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to be made: login address, name, language ("": what policy says) and place in the organisation.

    Kind `shared` makes an account that several people work in (대표메일): nobody logs in as it, grants let them in.
    """

    login: str
    name: str
    language: str = ""
    department: str = ""
    title: str = ""
    is_admin: bool = False
    quota: int | None = None
    kind: AccountKind = "person"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an address is to us: an account, or nobody in a domain of ours, or somebody elsewhere."""

    address: str
    account_id: AccountId | None
    ours: bool


class DirectoryService:
    """Look-ups and changes of the directory."""

    def __init__(self, store: Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    async def resolve(self, address: str) -> Resolution:
        """Say what an address is. Sub-addresses (`kim+shop@…`, RFC 5233) belong to the plain one.

        `postmaster` without a domain or of any of our domains always exists (RFC 5321 §4.5.1).
        """
        local, domain = split_address(normalize(address))
        if not domain:
            return await self._postmaster(address, None) if local == "postmaster" else _elsewhere(address)
        row = await self._store.domain(domain)
        if row is None or row.state != "active":
            return _elsewhere(address)
        candidates = [f"{local}@{domain}"]
        if "+" in local:
            candidates.append(f"{local.split('+', 1)[0]}@{domain}")
        found = await self._store.resolve(candidates)
        for candidate in candidates:
            if candidate in found:
                return Resolution(address, found[candidate], ours=True)
        if local in {"postmaster", "abuse"}:
            return await self._postmaster(address, row.organization_id)
        return Resolution(address, None, ours=True)

    async def _postmaster(self, address: str, organization_id: OrganizationId | None) -> Resolution:
        for account in await self._store.accounts(organization_id):
            if account.is_admin and account.state == "active":
                return Resolution(address, account.id, ours=True)
        return Resolution(address, None, ours=True)

    async def resolve_many(self, addresses: Iterable[str]) -> Mapping[str, Resolution]:
        """Resolve several addresses."""
        return {address: await self.resolve(address) for address in addresses}

    async def account(self, account_id: AccountId) -> Account:
        """Return an account. Raises NotFound."""
        return await self._store.account(account_id)

    async def account_by_login(self, login: str) -> Account:
        """Return the active account that an address belongs to. Raises NotFound."""
        key = normalize(login)
        found = await self._store.resolve([key])
        if key not in found:
            raise NotFound
        return await self._store.account(found[key])

    async def accounts(self) -> list[Account]:
        """Return all accounts ordered by login."""
        return await self._store.accounts()

    async def addresses(self, account_id: AccountId) -> list[str]:
        """Return all addresses of an account, its login first."""
        return await self._store.addresses(account_id)

    async def domains(self) -> Sequence[DomainRow]:
        """Return all domains of ours."""
        return await self._store.domains()

    async def create_organization(self, name: str) -> Organization:
        """Make an organisation with fresh keys. Raises AlreadyExists."""
        return await self._store.create_organization(name, self._keyring.new_organization_keys)

    async def organizations(self) -> list[Organization]:
        """Return all organisations."""
        return await self._store.organizations()

    async def add_domain(self, name: str, organization_id: OrganizationId) -> DomainRow:
        """Add a domain. Raises Invalid for a name that DNS cannot hold, AlreadyExists."""
        domain = domain_to_ascii(name.strip().rstrip("."))
        labels = domain.split(".")
        if len(domain) > 253 or not all(_LABEL.match(label) for label in labels):
            raise Invalid(f"not a domain name: {name!r}")
        row = DomainRow(domain, organization_id)
        await self._store.add_domain(row)
        return row

    async def create_person(self, person: NewPerson) -> Account:
        """Make a personal account in the domain of its login. Raises NotFound (domain), AlreadyExists, Invalid."""
        login = normalize(person.login)
        local, domain = split_address(login)
        row = await self._store.domain(domain) if local and domain else None
        if row is None:
            raise NotFound(f"no domain of ours: {person.login!r}")
        organization = await self._store.organization(row.organization_id)
        new = NewAccount(
            organization_id=organization.id, kind=person.kind, login=login, name=person.name,
            language=person.language or "ko",
            is_admin=person.is_admin, quota=person.quota, department=person.department, title=person.title,
        )  # fmt: skip
        return await self._store.create_account(
            new, lambda account_id: self._keyring.new_account_key(organization, account_id)
        )


def _elsewhere(address: str) -> Resolution:
    return Resolution(address, None, ours=False)
