"""The store's part for the chains of audit records (ports.store).

Promises: a record is in at most one link; links and heads are written in one transaction; nothing here changes a record,
and only `drop_records` removes some, each with a sealed notice in its link.
"""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import (
    AuditHead,
    AuditLink,
    AuditQuery,
    AuditRecord,
    AuditRow,
    RecordFacts,
    RecordKind,
    Source,
)
from smartmail.domain.ids import AccountId, OrganizationId


class AuditStore(Protocol):
    """Records and their links."""

    async def unchained_records(self, source: Source, after: int, limit: int) -> list[AuditRow]:
        """Return records with an id above `after` that no link holds, by ascending id."""
        ...

    async def newest_chained(self, source: Source) -> int:
        """Return the highest id of a record that has a link, 0 when none has."""
        ...

    async def count_unchained(self, before: int) -> int:
        """Return how many records older than a time no link holds."""
        ...

    async def chain_records(self, links: Sequence[AuditLink], heads: Sequence[tuple[AuditHead, int]]) -> None:
        """Append links, and set each head that still has the length given with it (0: that there is none).

        Raises StateMismatch, and writes nothing, when a head has another length or a record has a link.
        """
        ...

    async def audit_organizations(self) -> list[OrganizationId]:
        """Return all organisations that have a chain, 0 for the installation among them."""
        ...

    async def audit_tip(self, organization_id: OrganizationId) -> tuple[AuditHead | None, AuditLink | None]:
        """Return the head of a chain and its last link: they agree unless somebody has been at them."""
        ...

    async def audit_links(
        self, organization_id: OrganizationId, after: int, limit: int
    ) -> list[tuple[AuditLink, AuditRow | None]]:
        """Return links with a number above `after`, each with its record, or None when that is gone."""
        ...

    async def find_links(self, organization_id: OrganizationId, query: AuditQuery) -> list[AuditLink]:
        """Return links of one chain whose facts are those asked for, newest first; the query's organisation is not
        looked at.

        Where every fact that is asked for is common, some hundred thousand of the newest records are looked at.
        """
        ...

    async def records_of(self, links: Sequence[AuditLink]) -> list[tuple[AuditLink, AuditRow | None]]:
        """Return links, each with its record, or None when that is gone."""
        ...

    async def old_links(
        self, organization_id: OrganizationId, kind: RecordKind, before: int, after: tuple[int, int], limit: int
    ) -> list[tuple[AuditLink, AuditRow | None]]:
        """Return links of a kind whose time is before one, by (time, number) from above `after` on."""
        ...

    async def drop_records(self, gone: Sequence[AuditLink], audit: AuditRecord) -> int:
        """Remove the records of links, keep each link's `gone` and forget its facts; record that, where it removed any.

        What another process has dropped is passed over; return how many this one did.
        """
        ...

    async def link_facts(
        self, organization_id: OrganizationId, since: int, until: int, after: tuple[int, int], limit: int
    ) -> list[tuple[int, RecordFacts]]:
        """Return number and facts of records of a span by (time, number) from above `after` on."""
        ...

    async def last_login(self, organization_id: OrganizationId, account_id: AccountId, before: int) -> int | None:
        """Return when an account last logged in before a time."""
        ...
