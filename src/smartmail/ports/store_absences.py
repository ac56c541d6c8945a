"""The store's part for people who are away for a while."""

from typing import Protocol

from smartmail.domain.absence import Absence
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, OrganizationId


class AbsenceStore(Protocol):
    """Who is away. Going and coming back are one commit each with the state of the account and the planned change."""

    async def put_absence(self, row: Absence, audit: AuditRecord, *, planned: int = 0) -> Account:
        """Note that somebody is away, or is so otherwise than noted. A shut one is suspended, an open one active.

        Raises NotFound, Forbidden (the last administrator), StateMismatch (they left, or the planned change waits no more).
        """
        ...

    async def end_absence(self, account_id: AccountId, audit: AuditRecord, *, planned: int = 0) -> Account:
        """Note that somebody is back; who was shut is active again. Raises NotFound (not away), StateMismatch (planned)."""
        ...

    async def absence(self, account_id: AccountId) -> Absence | None:
        """Return how somebody is away."""
        ...

    async def absences(self, organization_id: OrganizationId) -> list[Absence]:
        """Return who of a company is away, by account."""
        ...

    async def over_absences(self, now: int, limit: int) -> list[Absence]:
        """Return absences whose end has come, the earliest first."""
        ...

    async def substituted(self, substitute_id: AccountId) -> list[Absence]:
        """Return absences in which somebody is the substitute."""
        ...

    async def release_leaver(self, account_id: AccountId, audit: AuditRecord) -> list[str]:
        """Give the addresses of a destroyed account free before their time, for the same person; return them.

        Raises NotFound, StateMismatch (its data are still there).
        """
        ...
