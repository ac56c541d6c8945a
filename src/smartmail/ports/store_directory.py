"""Organisations, domains, accounts, addresses, credentials, sessions."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from smartmail.domain.account import Account, AccountState, Credential, DomainRow, NewAccount, Organization, Session
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, OrganizationId


class DirectoryStore(Protocol):
    """Organisations, accounts, addresses."""

    async def create_organization(
        self, name: str, wrap: Callable[[OrganizationId], tuple[bytes, bytes]]
    ) -> Organization:
        """Make an organisation; `wrap` makes (wrapped key, wrapped queue key) once the id is known.

        Raises AlreadyExists by name.
        """
        ...

    async def organization(self, organization_id: OrganizationId) -> Organization:
        """Raises NotFound."""
        ...

    async def organizations(self) -> list[Organization]:
        """Return all."""
        ...

    async def create_account(self, new: NewAccount, wrap: Callable[[AccountId], bytes]) -> Account:
        """Make an account and its login address. `wrap` makes the wrapped key once the id is known.
        Raises AlreadyExists (address), NotFound (organisation).
        """
        ...

    async def update_account(
        self,
        account_id: AccountId,
        *,
        name: str | None = None,
        language: str | None = None,
        is_admin: bool | None = None,
        quota: int | None = None,
        state: AccountState | None = None,
        raise_epoch: bool = False,
        audit: AuditRecord | None = None,
    ) -> Account:
        """Change what is not None (quota -1 lifts it), with the record of the act. Raises NotFound."""
        ...

    async def accounts(self, organization_id: OrganizationId | None = None) -> list[Account]:
        """Return accounts ordered by login."""
        ...

    async def administrators(self, organization_id: OrganizationId | None = None) -> list[Account]:
        """Return the administrators of an organisation, None: of all, that can sign in now, ordered by login."""
        ...

    async def add_address(self, address: str, account_id: AccountId) -> None:
        """Add an alias. Raises AlreadyExists, NotFound."""
        ...

    async def addresses(self, account_id: AccountId) -> list[str]:
        """Return all addresses of the account, the login first."""
        ...

    async def resolve(self, addresses: Sequence[str]) -> Mapping[str, AccountId]:
        """Return those addresses (normalised) that are accounts of ours and active."""
        ...


class DomainStore(Protocol):
    """Domains of our own."""

    async def add_domain(self, row: DomainRow) -> None:
        """Raises AlreadyExists."""
        ...

    async def domain(self, name: str) -> DomainRow | None:
        """Return the domain if it is ours."""
        ...

    async def domains(self) -> list[DomainRow]:
        """Return all."""
        ...


class CredentialStore(Protocol):
    """Passwords, tokens and certificates of accounts."""

    async def credentials(self, account_id: AccountId) -> list[Credential]:
        """Return all credentials of an account."""
        ...

    async def put_credential(self, credential: Credential) -> Credential:
        """Insert (id 0) or replace; the main password is one per account. How it was last used stays.

        Raises NotFound (id), AlreadyExists (another has the same `lookup`).
        """
        ...

    async def credential_of(self, lookup: bytes) -> Credential | None:
        """Return the token or certificate found by its SHA-256."""
        ...

    async def delete_credential(self, account_id: AccountId, credential_id: int) -> None:
        """Remove one."""
        ...


class SessionStore(Protocol):
    """Sessions of the web."""

    async def put_session(self, session: Session) -> None:
        """Insert or refresh a web session."""
        ...

    async def session(self, token_hash: bytes) -> Session | None:
        """Return a session."""
        ...

    async def sessions(self, account_id: AccountId) -> list[Session]:
        """Return an account's sessions by time of their start, expired ones among them."""
        ...

    async def delete_session(self, token_hash: bytes, *, audit: AuditRecord | None = None) -> None:
        """Remove a session, with the record of the act where it is one."""
        ...
