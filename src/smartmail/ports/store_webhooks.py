"""The store's part for webhooks: targets, and how far each has come along its company's chain of records."""

from typing import Protocol

from smartmail.domain.admin_api import WebhookRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import OrganizationId


class WebhookStore(Protocol):
    """Targets of events."""

    async def add_webhook(self, row: WebhookRow, audit: AuditRecord) -> WebhookRow:
        """Keep one; return it with its id."""
        ...

    async def webhook(self, webhook_id: int) -> WebhookRow | None:
        """Return one."""
        ...

    async def webhooks(self, organization_id: OrganizationId) -> list[WebhookRow]:
        """Return those of an organisation, by id."""
        ...

    async def change_webhook(self, row: WebhookRow, audit: AuditRecord) -> None:
        """Replace sealed part, types, state, place in the chain and next time. Raises NotFound."""
        ...

    async def delete_webhook(self, webhook_id: int, audit: AuditRecord) -> bool:
        """Remove one; False when there is none."""
        ...

    async def due_webhooks(self, now: int, limit: int) -> list[WebhookRow]:
        """Return the active ones whose time has come and that nobody works for."""
        ...

    async def lease_webhook(self, webhook_id: int, now: int, until: int, worker: str) -> WebhookRow | None:
        """Take one; None when somebody else works for it, or it is active no more."""
        ...

    async def note_webhook(self, row: WebhookRow, worker: str, *, due: bool) -> bool:
        """Write how a turn went and give the lease back (`due`: keep it); False when somebody has changed or taken it
        meanwhile, and nothing was written.
        """
        ...
