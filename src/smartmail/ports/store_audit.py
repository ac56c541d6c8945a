"""The store's part for the chains of audit records (ports.store).

Promises: a record is in at most one link; links and heads are written in one transaction; nothing here changes or
removes a record.
"""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditHead, AuditLink, AuditQuery, AuditRow, Source
from smartmail.domain.ids import OrganizationId


class AuditStore(Protocol):
    """Records and their links."""

    async def unchained_records(self, source: Source, after: int, limit: int) -> list[AuditRow]:
        """Return records with an id above `after` that no link holds, by ascending id."""
        ...

    async def newest_chained(self, source: Source) -> int:
        """Return the highest id of a record that has a link, 0 when none has."""
        ...

    async def newest_login(self, before: int) -> int:
        """Return the highest id of an attempt from before a time, 0 when there is none."""
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

    async def audit_records(self, query: AuditQuery) -> list[tuple[AuditRow, OrganizationId | None, int | None]]:
        """Return records, newest first, each with its chain and number there; None for those not chained yet, which
        only a query for all organisations shows.
        """
        ...
