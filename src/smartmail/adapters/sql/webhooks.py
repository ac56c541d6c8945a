"""Webhooks (ports.store_webhooks.WebhookStore)."""

from smartmail.adapters.sql.declared import changed, every, inserted, must_change, optional
from smartmail.adapters.sql.session import OnDatabase
from smartmail.adapters.sql.shape import ITEMS, Shape
from smartmail.adapters.sql.task_tables import Tasks, TaskTable
from smartmail.adapters.sql.tasks import Leasing
from smartmail.domain.admin_api import WebhookRow
from smartmail.ports.store_webhooks import WebhookStore

_HOOK = Shape(WebhookRow, types=ITEMS)
_WEBHOOK_ROW_VALUES = _HOOK.values("seq, next_at, attempts, failing_since, last_at, last_status, state")
_ADD = f"""insert into webhook (organization_id, sealed, types, state, seq, next_at, created_at, changed_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8) returning {_HOOK}"""
_ALL = f"select {_HOOK} from webhook where organization_id = $1 order by id"
# Whoever works for it meanwhile loses the lease: its news would be of the target as it was.
_CHANGE = """update webhook set sealed = $2, types = $3, state = $4, seq = $5, next_at = $6, changed_at = $7,
    attempts = $8, failing_since = $9, leased_until = 0, worker = '' where id = $1 returning id"""
_DUE = f"""select {_HOOK} from webhook where state = 'active' and next_at <= $1 and leased_until <= $1
    order by next_at limit $2"""
_TASK = TaskTable("webhooks", "webhook", "state = 'active' and next_at <= $1", order="next_at, id")
_LEASING = Leasing(_TASK, _HOOK)
_NOTE = """update webhook set seq = $3, next_at = $4, attempts = $5, failing_since = $6, last_at = $7, last_status = $8,
    state = $9, leased_until = case when $10::smallint = 1 then leased_until else 0 end
    where id = $1 and worker = $2 and changed_at = $11 returning id"""


class SqlWebhooks(OnDatabase):
    """ports.store_webhooks.WebhookStore."""

    TASKS: Tasks = (_TASK,)

    add_webhook = inserted(
        WebhookStore.add_webhook,
        _HOOK,
        _ADD,
        row=_HOOK.values("organization_id, sealed, types, state, seq, next_at, created_at, changed_at"),
    )
    webhook = optional(WebhookStore.webhook, _HOOK, f"select {_HOOK} from webhook where id = $1")
    webhooks = every(WebhookStore.webhooks, _HOOK, _ALL)
    change_webhook = must_change(
        WebhookStore.change_webhook,
        _CHANGE,
        row=_HOOK.values("id, sealed, types, state, seq, next_at, changed_at, attempts, failing_since"),
    )
    delete_webhook = changed(WebhookStore.delete_webhook, "delete from webhook where id = $1 returning id")
    due_webhooks = every(WebhookStore.due_webhooks, _HOOK, _DUE)

    async def lease_webhook(self, webhook_id: int, now: int, until: int, worker: str) -> WebhookRow | None:
        return await _LEASING.one(self._db, now, until, worker, webhook_id)

    async def note_webhook(self, row: WebhookRow, worker: str, *, due: bool) -> bool:
        values = (row.id, worker, *_WEBHOOK_ROW_VALUES(row), int(due), row.changed_at)
        return await self._db.change(0, lambda session: session.row(_NOTE, *values)) is not None
