"""The store's part for requests to use shared accounts."""

from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import OrganizationId
from smartmail.domain.share_requests import ShareRequest


class ShareRequestStore(Protocol):
    """Requests by company; each person has at most one for an account."""

    async def put_share_request(self, row: ShareRequest, most: int, since: int, audit: AuditRecord) -> None:
        """Keep a request in place of the person's earlier one for the account, and forget those of the company asked
        before `since`. Raises OverQuota: the person, or the account, has `most` others that wait.
        """
        ...

    async def share_request(self, request_id: int) -> ShareRequest | None:
        """Return one."""
        ...

    async def share_requests(self, organization_id: OrganizationId, since: int) -> list[ShareRequest]:
        """Return those asked since then, the newest first."""
        ...

    async def move_share_request(self, row: ShareRequest, before: str, audit: AuditRecord | None) -> bool:
        """Write role, state and who decided; False when its state is not `before` (any more)."""
        ...

    async def drop_share_request(self, request_id: int, audit: AuditRecord) -> bool:
        """Forget one; False when it is gone."""
        ...
