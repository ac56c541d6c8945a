"""The store's part for appearances."""

from typing import Protocol

from smartmail.domain.appearance import AppearanceRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import OrganizationId


class AppearanceStore(Protocol):
    """Keeps how companies show themselves."""

    async def appearances(self, organization_id: OrganizationId) -> list[AppearanceRow]:
        """Return the appearances of a company, that of the whole company first."""
        ...

    async def put_appearance(self, row: AppearanceRow, audit: AuditRecord) -> None:
        """Keep an appearance in the place of the one that was."""
        ...

    async def drop_appearance(self, organization_id: OrganizationId, domain: str, audit: AuditRecord) -> bool:
        """Forget one; False where there was none."""
        ...
