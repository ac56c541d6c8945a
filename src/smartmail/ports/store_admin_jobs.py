"""The store's part for the admin API: answers to repeated requests, long work, keys of programs, pages of accounts."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.account import Account, AccountState
from smartmail.domain.admin_api import AccountMarks, AccountOrder, AdminKeyRow, JobRow, JobState, KeptAnswer
from smartmail.domain.audit import AuditRecord
from smartmail.domain.factors import FactorKind
from smartmail.domain.ids import AccountId, OrganizationId


class AdminJobStore(Protocol):
    """What one request leaves for the next."""

    async def claim_answer(
        self, account_id: AccountId, key_hash: bytes, request_hash: bytes, now: int, until: int
    ) -> KeptAnswer | None:
        """Begin the request of a key: None when it is ours to do, else what is kept of an earlier one. What has expired
        is nothing.
        """
        ...

    async def count_answers(self, account_id: AccountId) -> int:
        """Return how many keys of an account are claimed or kept."""
        ...

    async def keep_answer(
        self, account_id: AccountId, key_hash: bytes, status: int, sealed_answer: bytes, until: int
    ) -> None:
        """Keep the answer of a request that was claimed."""
        ...

    async def drop_answer(self, account_id: AccountId, key_hash: bytes) -> None:
        """Give a claim back: the request came to nothing and may be tried again."""
        ...

    async def forget_answers(self, now: int, limit: int) -> int:
        """Remove what has expired; return how many."""
        ...

    async def add_job(self, row: JobRow, audit: AuditRecord, *, alone: bool = False) -> JobRow:
        """Keep long work; return it with its id. `alone`: raises AlreadyExists while one of its kind waits or runs, of
        whatever organisation.
        """
        ...

    async def job(self, job_id: int) -> JobRow | None:
        """Return one."""
        ...

    async def jobs(self, organization_id: OrganizationId, before: int, limit: int) -> list[JobRow]:
        """Return those of an organisation with an id below `before` (0: all), newest first."""
        ...

    async def lease_job(self, now: int, until: int, worker: str) -> JobRow | None:
        """Take the next one that waits, or whose worker is gone."""
        ...

    async def note_job(self, job_id: int, worker: str, done: int, total: int, until: int) -> bool:
        """Tell how far it is and go on with the lease; False when it shall end, or is another's."""
        ...

    async def keep_job(self, job_id: int, worker: str, sealed_result: bytes) -> None:
        """Keep what it has so far; nothing happens when it is another's."""
        ...

    async def end_job(
        self, job_id: int, worker: str, state: JobState, sealed_result: bytes | None, error: str, now: int
    ) -> None:
        """Say how it ended; nothing happens when it is another's."""
        ...

    async def cancel_job(self, job_id: int, now: int, audit: AuditRecord) -> bool:
        """Ask for its end: what waits ends at once. False when it has ended."""
        ...

    async def add_admin_key(self, row: AdminKeyRow, audit: AuditRecord) -> AdminKeyRow:
        """Keep a key; return it with its id."""
        ...

    async def admin_key(self, lookup: bytes) -> AdminKeyRow | None:
        """Return the key of a look-up."""
        ...

    async def admin_keys(self, organization_id: OrganizationId) -> list[AdminKeyRow]:
        """Return those of an organisation, by id."""
        ...

    async def touch_admin_key(self, key_id: int, now: int) -> None:
        """Note that a key was used."""
        ...

    async def delete_admin_key(self, key_id: int, audit: AuditRecord) -> bool:
        """Remove one; False when there is none."""
        ...

    async def account_page(self, organization_id: OrganizationId, after: AccountId, limit: int) -> Sequence[Account]:
        """Return accounts of an organisation with an id above `after`, by id."""
        ...

    async def count_states(self, organization_id: OrganizationId) -> Sequence[tuple[AccountState, int]]:
        """Count the persons of an organisation by the state of their account."""
        ...

    async def find_accounts(
        self, organization_id: OrganizationId, marks: AccountMarks, after: AccountId, limit: int,
        order: AccountOrder = "id", *, descending: bool = False,
    ) -> Sequence[Account]:  # fmt: skip
        """Return those of them that fit, in an order, behind the account `after` (0: from the beginning). Case does not
        matter for letters that the database knows; as they were typed all are found.
        """
        ...

    async def count_accounts(self, organization_id: OrganizationId, marks: AccountMarks) -> int:
        """Return how many fit."""
        ...

    async def factor_kinds(self, account_ids: Sequence[AccountId]) -> Sequence[tuple[AccountId, FactorKind]]:
        """Return what kinds of proof each of them has, besides the password; no kind twice."""
        ...
