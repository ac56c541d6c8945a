"""The leak group of the store: leak rules with their history, and incidents.

Rules that every driver keeps, proved by tests/contract/test_store_leaks.py:

- Leak rules ride on the epoch of the policy, as access rules do: they begin and end with a revision, those of any past
  epoch can be read again, and a return to a past epoch (`PolicyStore.revise_policy` with `returning`) returns them too.
- An incident is written once; only what an officer made of it changes, and the plain values (`sealed_values`) are
  forgotten before the rest.
- An exception and the review of its incident are one commit; one that has ended stays as a record, and counts no more.
"""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import OrganizationId
from smartmail.domain.leaks import IncidentQuery, IncidentRow, LeakExceptionRow, LeakRevision, LeakRule, ReviewState


class LeakStore(Protocol):
    """Leak rules and incidents."""

    async def rules(self, epoch: int | None = None) -> tuple[int, list[LeakRule]]:
        """Return an epoch (None: the newest) and all its leak rules, from one snapshot, by id."""
        ...

    async def revise(
        self, expected: int, begin: Sequence[LeakRule], end: Sequence[int], audit: AuditRecord
    ) -> tuple[int, list[LeakRule]]:
        """Begin and end rules; return the new epoch, and the begun rules with their ids. Raises StateMismatch when `expected` is
        not the newest epoch, NotFound when a rule to be ended has ended already.
        """
        ...

    async def revisions(self, limit: int) -> list[LeakRevision]:
        """Return the newest changes of the policy that began or ended leak rules, newest first, each with those rules by id."""
        ...

    async def add(self, row: IncidentRow) -> None:
        """Keep an incident."""
        ...

    async def incidents(self, organization_id: OrganizationId, query: IncidentQuery) -> list[IncidentRow]:
        """Return incidents of a company, newest first."""
        ...

    async def incident(self, organization_id: OrganizationId, incident_id: int) -> IncidentRow:
        """Return one of a company. Raises NotFound."""
        ...

    async def review(
        self, organization_id: OrganizationId, incident_id: int, state: ReviewState, by: str, audit: AuditRecord
    ) -> None:
        """Note what an officer made of it. Raises NotFound."""
        ...

    async def except_values(self, rows: Sequence[LeakExceptionRow], by: str, audit: AuditRecord) -> None:
        """Keep exceptions of one incident, and that it was a false positive, in one transaction. Raises NotFound (the incident)."""
        ...

    async def excepted(self, organization_id: OrganizationId, now: int) -> list[tuple[bytes, bytes]]:
        """Return mark and fingerprint of a company's exceptions in force."""
        ...

    async def exceptions(self, organization_id: OrganizationId, before: int, limit: int) -> list[LeakExceptionRow]:
        """Return a company's exceptions, also those that have ended, newest first; `before`: with a smaller id (0: from the newest)."""
        ...

    async def exception(self, organization_id: OrganizationId, exception_id: int) -> LeakExceptionRow:
        """Return one of a company. Raises NotFound."""
        ...

    async def end_exception(
        self, organization_id: OrganizationId, exception_id: int, at: int, by: str, audit: AuditRecord
    ) -> None:
        """End one before its time. Raises NotFound (also when it has been ended)."""
        ...

    async def forget(self, before: int, values_before: int) -> None:
        """Drop incidents and exceptions (by their end) that are older than a time, and the values of those incidents older than
        another. Milliseconds.
        """
        ...
