"""The store's part for photographs, proved by tests/contract/test_store_photographs.py."""

from collections.abc import Mapping
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.photographs import PhotographRow


class PhotographStore(Protocol):
    """Keeps one photograph an account; directories are told of each change."""

    async def photograph(self, account_id: AccountId) -> PhotographRow | None:
        """Return somebody's."""
        ...

    async def photographs(self, organization_id: OrganizationId) -> Mapping[AccountId, int]:
        """Return who of a company has one, and when it was put there."""
        ...

    async def put_photograph(self, row: PhotographRow, audit: AuditRecord) -> None:
        """Keep one in the place of the one that was."""
        ...

    async def drop_photograph(self, account_id: AccountId, audit: AuditRecord) -> bool:
        """Forget one; False where there was none."""
        ...
