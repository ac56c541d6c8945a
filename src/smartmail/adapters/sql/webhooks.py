"""Webhooks (ports.store_webhooks.WebhookStore)."""

# ruff: noqa: S608 (statements are made of this module's own column lists only)

import json

from smartmail.adapters.sql.config import add_audit, recorded
from smartmail.adapters.sql.session import Database, Session
from smartmail.adapters.sql.shape import ITEMS, Shape
from smartmail.adapters.sql.tasks import WEBHOOK, Leasing
from smartmail.domain.admin_api import WebhookRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import OrganizationId

_HOOK = Shape(WebhookRow, types=ITEMS)
_ADD = f"""insert into webhook (organization_id, sealed, types, state, seq, next_at, created_at, changed_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8) returning {_HOOK}"""
_ONE = f"select {_HOOK} from webhook where id = $1"
_ALL = f"select {_HOOK} from webhook where organization_id = $1 order by id"
# Whoever works for it meanwhile loses the lease: its news would be of the target as it was.
_CHANGE = """update webhook set sealed = $2, types = $3, state = $4, seq = $5, next_at = $6, changed_at = $7,
    attempts = $8, failing_since = $9, leased_until = 0, worker = '' where id = $1 returning id"""
_DROP = "delete from webhook where id = $1 returning id"
_DUE = f"""select {_HOOK} from webhook where state = 'active' and next_at <= $1 and leased_until <= $1
    order by next_at limit $2"""
_LEASING = Leasing(WEBHOOK, _HOOK)
_NOTE = """update webhook set seq = $3, next_at = $4, attempts = $5, failing_since = $6, last_at = $7, last_status = $8,
    state = $9, leased_until = case when $10::smallint = 1 then leased_until else 0 end
    where id = $1 and worker = $2 and changed_at = $11 returning id"""


class SqlWebhooks:
    """ports.store_webhooks.WebhookStore."""

    _db: Database

    async def add_webhook(self, row: WebhookRow, audit: AuditRecord) -> WebhookRow:
        values = (
            row.organization_id, row.sealed, json.dumps(row.types), row.state, row.seq, row.next_at, row.created_at,
            row.changed_at,
        )  # fmt: skip

        async def work(session: Session) -> WebhookRow:
            made = await session.row(_ADD, *values)
            await add_audit(session, audit, None)
            assert made is not None
            return _HOOK.of(made)

        return await self._db.change(0, work)

    async def webhook(self, webhook_id: int) -> WebhookRow | None:
        row = await self._db.row(_ONE, webhook_id)
        return None if row is None else _HOOK.of(row)

    async def webhooks(self, organization_id: OrganizationId) -> list[WebhookRow]:
        return [_HOOK.of(row) for row in await self._db.rows(_ALL, organization_id)]

    async def change_webhook(self, row: WebhookRow, audit: AuditRecord) -> None:
        values = (
            row.id, row.sealed, json.dumps(row.types), row.state, row.seq, row.next_at, row.changed_at, row.attempts,
            row.failing_since,
        )  # fmt: skip
        if not await self._webhook_written(audit, _CHANGE, *values):
            raise NotFound

    async def delete_webhook(self, webhook_id: int, audit: AuditRecord) -> bool:
        return await self._webhook_written(audit, _DROP, webhook_id)

    async def due_webhooks(self, now: int, limit: int) -> list[WebhookRow]:
        return [_HOOK.of(row) for row in await self._db.rows(_DUE, now, limit)]

    async def lease_webhook(self, webhook_id: int, now: int, until: int, worker: str) -> WebhookRow | None:
        return await _LEASING.one(self._db, now, until, worker, webhook_id)

    async def note_webhook(self, row: WebhookRow, worker: str, *, due: bool) -> bool:
        values = (
            row.id, worker, row.seq, row.next_at, row.attempts, row.failing_since, row.last_at, row.last_status,
            row.state, int(due), row.changed_at,
        )  # fmt: skip
        return await self._db.change(0, lambda session: session.row(_NOTE, *values)) is not None

    async def _webhook_written(self, audit: AuditRecord, sql: str, *values: object) -> bool:
        return await self._db.change(0, lambda session: recorded(session, audit, None, sql, *values))
