"""Recurring mail (ports.store_recurring)."""

from smartmail.adapters.sql.declared import every, executed
from smartmail.adapters.sql.session import OnDatabase
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.task_tables import Tasks, TaskTable
from smartmail.adapters.sql.tasks import Leasing
from smartmail.adapters.sql.tx_base import TxBase
from smartmail.domain.ids import MessageId
from smartmail.domain.recurring import RecurringRow
from smartmail.ports.store_recurring import RecurringStore

_COLUMNS = Shape(RecurringRow)
_RECURRING_ROW_VALUES = _COLUMNS.values("message_id, state, sealed, next_at, turns, made, reason, leased_until")
_OF = f"select {_COLUMNS} from recurring where account_id = $1 order by next_at, message_id"
_PUT = f"""insert into recurring ({_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    on conflict (account_id, message_id) do update set state = excluded.state, sealed = excluded.sealed,
    next_at = excluded.next_at, turns = excluded.turns, made = excluded.made, reason = excluded.reason,
    leased_until = excluded.leased_until,
    worker = case when recurring.leased_until = excluded.leased_until then recurring.worker else '' end"""
_DROP = "delete from recurring where account_id = $1 and message_id = $2 returning message_id"
_TASK = TaskTable(
    "recurring", "recurring", "state = 'active' and next_at <= $1", key=("account_id", "message_id"),
    order="next_at, account_id, message_id",
)  # fmt: skip
_LEASING = Leasing(_TASK, _COLUMNS)
_PUT_OFF = "update recurring set leased_until = $3, worker = '' where account_id = $1 and message_id = $2"


class TxRecurring(TxBase):
    """ports.store_recurring.RecurringTx."""

    async def recurring(self) -> list[RecurringRow]:
        return [_COLUMNS.of(row) for row in await self._session.rows(_OF, self._id)]

    async def put_recurring(self, row: RecurringRow) -> None:
        await self._sync()
        await self._session.run(_PUT, self._id, *_RECURRING_ROW_VALUES(row))
        await self._touch_messages([row.message_id], self._state.touch())

    async def drop_recurring(self, message_id: MessageId) -> bool:
        await self._sync()
        if await self._session.row(_DROP, self._id, message_id) is None:
            return False
        await self._touch_messages([message_id], self._state.touch())
        return True


class SqlRecurring(OnDatabase):
    """ports.store_recurring.RecurringStore."""

    TASKS: Tasks = (_TASK,)

    of_account = every(RecurringStore.of_account, _COLUMNS, _OF)

    async def lease(self, now: int, until: int, worker: str) -> RecurringRow | None:
        return await _LEASING.next(self._db, now, until, worker)

    put_off = executed(RecurringStore.put_off, _PUT_OFF)
    forget = executed(RecurringStore.forget, "delete from recurring where account_id = $1")
