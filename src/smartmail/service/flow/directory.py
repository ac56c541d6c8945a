"""Who is who: organisations, domains, accounts and addresses.

Part of the accept path: `resolve` answers RCPT. Must not know SMTP replies, sealing or mailboxes' contents.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from smartmail.domain.account import Account, AccountKind, AccountState, DomainRow, NewAccount, Organization
from smartmail.domain.admin_api import AccountMarks, AccountOrder
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.factors import FactorKind
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.formats.address import domain_to_ascii, normalize, split_address
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_admin_jobs import AdminJobStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.service.flow.addressing.book import AddressBook
from smartmail.service.flow.addressing.expansion import MAX_DEPTH, Place
from smartmail.service.flow.addressing.finding import AddressFinder
from smartmail.service.flow.addressing.walls import Walls
from smartmail.service.kernel.keyring import Keyring


class _Store(AccountStore, AdminJobStore, DirectoryStore, DomainStore, Protocol): ...


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
    """What an address is to us: an account, or nobody in a domain of ours, or somebody elsewhere.

    `ours` without an account and with a `place`: what the queue hands on, to several, to a list, to another system.
    """

    address: str
    account_id: AccountId | None
    ours: bool
    place: Place | None = None


class DirectoryService:
    """Look-ups and changes of the directory."""

    def __init__(
        self,
        store: _Store,
        keyring: Keyring,
        book: AddressBook,
        walls: Walls,
        close_reason: Callable[[str], Awaitable[str]],
    ) -> None:
        """`close_reason`: what who writes to a leaver's address reads."""
        self._store = store
        self._keyring = keyring
        self.finder = AddressFinder(book, walls)
        self._close_reason = close_reason

    async def resolve(self, address: str, *, stay: bool = False) -> Resolution:
        """Say what an address is. Sub-addresses (`kim+shop@…`, RFC 5233) belong to the plain one; an alias for one
        account is that account. `stay`: mail from the other system of a shared domain, which does not go back there.

        `postmaster` without a domain or of any of our domains always exists (RFC 5321 §4.5.1).
        """
        place = first = await self.finder.find(address, stay=stay)
        for _step in range(MAX_DEPTH):
            if place.kind == "account" and not place.next and not place.also:
                return Resolution(address, place.account_id, ours=True)
            if place.kind != "several" or len(place.next) != 1 or place.also:
                break
            place = await self.finder.find(place.next[0], stay=stay)
        if first.kind == "outside":
            return Resolution(address, None, ours=False)
        return Resolution(address, None, ours=True, place=None if place.kind == "nobody" else first)

    async def account_of(self, address: str) -> AccountId | None:
        """Return the account that an address itself belongs to, whatever else is done with its mail."""
        return (await self.finder.find(address, bare=True)).account_id

    async def resolve_many(self, addresses: Iterable[str]) -> Mapping[str, Resolution]:
        """Resolve several addresses."""
        return {address: await self.resolve(address) for address in addresses}

    async def nobody(self, address: str) -> NotFound:
        """Return the error of mail to an address of ours that is nobody's."""
        return NotFound(await self._close_reason(normalize(address)) or "no such recipient here")

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

    async def account_page(self, organization_id: OrganizationId, after: AccountId, limit: int) -> Sequence[Account]:
        """Return accounts of an organisation with an id above `after`, by id."""
        return await self._store.account_page(organization_id, after, limit)

    async def count_states(self, organization_id: OrganizationId) -> dict[AccountState, int]:
        """Count the persons of an organisation by the state of their account."""
        return dict(await self._store.count_states(organization_id))

    async def find_accounts(
        self, organization_id: OrganizationId, marks: AccountMarks, after: AccountId, limit: int,
        order: AccountOrder = "id", *, descending: bool = False,
    ) -> Sequence[Account]:  # fmt: skip
        """Return those of them that fit, in an order, behind the account `after`."""
        return await self._store.find_accounts(organization_id, marks, after, limit, order, descending=descending)

    async def count_accounts(self, organization_id: OrganizationId, marks: AccountMarks) -> int:
        """Return how many accounts of an organisation fit."""
        return await self._store.count_accounts(organization_id, marks)

    async def factor_kinds(self, account_ids: Sequence[AccountId]) -> dict[AccountId, list[FactorKind]]:
        """Return what each of them proves itself with besides the password."""
        kinds: dict[AccountId, list[FactorKind]] = {one: [] for one in account_ids}
        for account_id, kind in await self._store.factor_kinds(account_ids):
            kinds[account_id].append(kind)
        return kinds

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
            raise Invalid(f"not a domain name: {name!r}", reason="domain.form", domain=name)
        row = DomainRow(domain, organization_id)
        await self._store.add_domain(row)
        return row

    async def create_person(self, person: NewPerson) -> Account:
        """Make a personal account in the domain of its login. Raises NotFound (domain), AlreadyExists, Invalid."""
        login = normalize(person.login)
        local, domain = split_address(login)
        row = await self._store.domain(domain) if local and domain else None
        if row is None or row.state != "active":
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
