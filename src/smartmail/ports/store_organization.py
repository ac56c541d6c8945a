"""The organisation group of the store: companies, domains, departments, titles, people, posts, planned changes.

Rules that every driver keeps, proved by tests/contract/test_store_organization.py:

- What changes where somebody stands raises the epoch of the policy in the same commit (it changes what holds for them)
  and the epoch of the directory. Changes of trees follow one another: no two of them make a circle together.
- An address that ends becomes nobody's and stays taken.
- A planned change is applied once: the commit that does it takes it from `waiting`.
"""

from collections.abc import Sequence
from typing import Literal, Protocol

from smartmail.domain.account import Account, DomainRow, Organization
from smartmail.domain.account_life import LeavingRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import (
    Department,
    DomainClaim,
    Entry,
    PersonRow,
    PersonWrite,
    PlannedChange,
    PlannedState,
    Post,
    Renaming,
    Seat,
    Standing,
    Title,
)


class OrganizationStore(Protocol):
    """Companies and where people stand in them."""

    async def rename_organization(self, organization_id: OrganizationId, name: str, audit: AuditRecord) -> Organization:
        """Raises NotFound, AlreadyExists (name)."""
        ...

    async def close_organization(self, organization_id: OrganizationId, audit: AuditRecord) -> list[Account]:
        """Close a company, its accounts and domains; return the accounts that were active. Raises NotFound."""
        ...

    async def set_sight(
        self, organization_id: OrganizationId, seen_by: OrganizationId, audit: AuditRecord, *, on: bool
    ) -> None:
        """Let a company see the directory of another, or end that."""
        ...

    async def sights(self, seen_by: OrganizationId) -> list[OrganizationId]:
        """Return the companies whose directory one sees beside its own."""
        ...

    async def directory_epoch(self, organization_id: OrganizationId) -> int:
        """Return the epoch of a company's directory; 0 before the first change."""
        ...

    async def entries(self, organization_id: OrganizationId, *, after: int = 0, limit: int = 1000) -> list[Entry]:
        """Return the active accounts of a company as the directory shows them, by id."""
        ...

    # --- domains ---

    async def claim_domain(self, claim: DomainClaim, audit: AuditRecord) -> None:
        """Note a claim; one that is there stays. Raises AlreadyExists: the domain is somebody's."""
        ...

    async def domain_claims(self, organization_id: OrganizationId | None = None) -> list[DomainClaim]:
        """Return claims by name."""
        ...

    async def drop_claim(self, name: str, organization_id: OrganizationId, audit: AuditRecord) -> bool:
        """Remove a claim; False when there is none."""
        ...

    async def add_domains(self, rows: Sequence[DomainRow], audit: AuditRecord) -> list[str]:
        """Add domains and end the claims on them; return those that are new."""
        ...

    async def close_domain(self, row: DomainRow, audit: AuditRecord) -> None:
        """Let a domain serve no more: no mail, and no list or alias in it is left. What is an address stays taken.

        Raises NotFound, Invalid (an account whose login is in it is not closed).
        """
        ...

    # --- tree and titles ---

    async def departments(self, organization_id: OrganizationId) -> list[Department]:
        """Return all departments of a company by id."""
        ...

    async def department(self, department_id: int) -> Department:
        """Raises NotFound."""
        ...

    async def put_department(self, row: Department, audit: AuditRecord) -> Department:
        """Make (id 0), rename, order or move a department. Raises AlreadyExists (code), NotFound, Invalid (a circle)."""
        ...

    async def drop_department(self, department_id: int, audit: AuditRecord) -> None:
        """Remove an empty department. Raises NotFound, Invalid (it has departments, people or a post)."""
        ...

    async def titles(self, organization_id: OrganizationId) -> list[Title]:
        """Return all titles by kind and place."""
        ...

    async def put_titles(self, rows: Sequence[Title], audit: AuditRecord) -> list[Title]:
        """Make (id 0) or change titles; return all of the company. Raises AlreadyExists, NotFound."""
        ...

    async def drop_title(self, title_id: int, audit: AuditRecord) -> None:
        """Remove a title that nobody has. Raises NotFound, Invalid."""
        ...

    # --- people ---

    async def standing(self, account_id: AccountId) -> Standing:
        """Return where somebody stands."""
        ...

    async def people(self, organization_id: OrganizationId, account_id: AccountId | None = None) -> list[PersonRow]:
        """Return what is known of a company's people, or of one of them."""
        ...

    async def seats(self, organization_id: OrganizationId, account_id: AccountId | None = None) -> list[Seat]:
        """Return who sits where, primary seats first, in a company or for one person."""
        ...

    async def department_people(self, department_id: int, *, below: bool) -> list[Account]:
        """Return the active people of a department, and of those below it, in the order of positions, then names."""
        ...

    async def department_sizes(self, organization_id: OrganizationId) -> list[tuple[int, int]]:
        """Return, for each department of a company with people whom its directory shows, how many there are in it and in
        those below it; who sits in two of them counts once.
        """
        ...

    async def write_people(
        self, organization_id: OrganizationId, writes: Sequence[PersonWrite], audit: AuditRecord, *, planned: int = 0
    ) -> None:
        """Write people as they shall stand, in one commit. With `planned` that change is done by it.

        Raises AlreadyExists (employee number), NotFound (account), StateMismatch (the planned change waits no more).
        """
        ...

    async def rename_accounts(self, renamings: Sequence[Renaming], audit: AuditRecord, *, planned: int = 0) -> None:
        """Give accounts other logins in one commit. Raises AlreadyExists (with the address), NotFound, StateMismatch."""
        ...

    async def hand_addresses(
        self, source: AccountId, target: AccountId, ends_at: int, audit: AuditRecord, *, planned: int = 0,
        leaving: LeavingRow | None = None,
    ) -> list[str]:  # fmt: skip
        """Let all addresses of an account be another's until a time, and close the account; return them.

        `leaving`: the leaver that they are from now on, instead of one who was planned.

        Raises NotFound, StateMismatch.
        """
        ...

    async def end_addresses(self, now: int, limit: int) -> list[str]:
        """Take away addresses whose time is over; return them."""
        ...

    async def address_ends(self, account_id: AccountId) -> list[tuple[str, int]]:
        """Return those addresses of an account that end, with the time."""
        ...

    async def put_post(self, post: Post, audit: AuditRecord) -> None:
        """Let a shared account follow a seat. Raises NotFound (department)."""
        ...

    async def drop_post(self, account_id: AccountId, audit: AuditRecord) -> None:
        """Let it follow no more. Raises NotFound."""
        ...

    async def posts(self, organization_id: OrganizationId) -> list[Post]:
        """Return all posts of a company."""
        ...

    async def post_holders(self, account_id: AccountId) -> list[AccountId]:
        """Return who has the seat of a post."""
        ...

    # --- planned changes ---

    async def plan_change(self, change: PlannedChange, audit: AuditRecord) -> PlannedChange:
        """Note a change (id 0) for its day."""
        ...

    async def planned_changes(
        self, organization_id: OrganizationId, state: PlannedState | None = None, *, limit: int = 1000
    ) -> list[PlannedChange]:
        """Return changes of a company by id."""
        ...

    async def due_changes(self, now: int, limit: int) -> list[PlannedChange]:
        """Return changes that wait and whose time has come, the earliest first."""
        ...

    async def end_change(
        self, change_id: int, state: Literal["done", "failed", "cancelled"], detail: str, audit: AuditRecord
    ) -> bool:
        """End a change that waits; False when it waits no more."""
        ...
