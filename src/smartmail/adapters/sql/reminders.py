"""Reminders (ports.store_reminders)."""

from collections.abc import Sequence

from smartmail.adapters.sql.declared import every, executed, whole_row
from smartmail.adapters.sql.session import OnDatabase
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.task_tables import Look, Tasks
from smartmail.adapters.sql.tx_base import TxBase
from smartmail.domain.ids import AccountId, MessageId, ModSeq
from smartmail.domain.reminders import ReminderRow
from smartmail.ports.store_reminders import ReminderStore

_COLUMNS = Shape(ReminderRow)
_SOME = f"select {_COLUMNS} from reminder where account_id = $1 and message_id = any($2) order by wake_at, message_id limit $3"
_ALL = f"select {_COLUMNS} from reminder where account_id = $1 order by wake_at, message_id limit $2"
_OF = f"select {_COLUMNS} from reminder where account_id = $1 and message_id = any($2)"
_WAITING = "select count(*) from reminder where account_id = $1 and state = 'waiting'"
_PUT = f"""insert into reminder (account_id, {_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (account_id, message_id) do update set kind = excluded.kind, state = excluded.state,
    wake_at = excluded.wake_at, mailbox_id = excluded.mailbox_id, ref_hash = excluded.ref_hash, looked = excluded.looked"""
_DROP = "delete from reminder where account_id = $1 and message_id = any($2) returning message_id"
_LOOKED = "update reminder set looked = $3 where account_id = $1 and message_id = $2 and looked < $3"
_PUT_OFF = """update reminder set wake_at = $3
    where account_id = $1 and message_id = $2 and state = 'waiting' returning 1"""
_DUE = """select account_id, message_id from reminder where state = 'waiting' and wake_at <= $1
    order by wake_at, account_id, message_id limit $2"""
_OLD = """select account_id, message_id from reminder where state = 'woken' and wake_at < $1
    order by wake_at, account_id, message_id limit $2"""
# Accounts where nothing came are out after one look; conversations are looked into for the others only.
_STIRRED = """select r.account_id, r.message_id from reminder r join account a on a.id = r.account_id
    where r.kind = 'followUp' and a.message_state > r.looked and exists (
        select 1 from thread_ref t
        join message m on m.account_id = t.account_id and m.thread_id = t.thread_id
        where t.account_id = r.account_id and t.ref_hash = r.ref_hash and m.created_modseq > r.looked)
    limit $1"""
_SINCE = """select m.id, m.created_modseq from message m where m.account_id = $1 and m.created_modseq > $3 and m.thread_id in (
        select t.thread_id from thread_ref t where t.account_id = $1 and t.ref_hash = $2)
    order by m.created_modseq, m.id limit $4"""


class TxReminders(TxBase):
    """ports.store_reminders.ReminderTx."""

    async def reminders(self, message_ids: Sequence[MessageId]) -> list[ReminderRow]:
        if not message_ids:
            return []
        return [_COLUMNS.of(row) for row in await self._session.rows(_OF, self._id, list(message_ids))]

    async def waiting_reminders(self) -> int:
        row = await self._session.row(_WAITING, self._id)
        return 0 if row is None else int(row[0])

    async def put_reminders(self, rows: Sequence[ReminderRow]) -> None:
        if not rows:
            return
        await self._sync()
        await self._session.many(
            _PUT,
            [
                (self._id, one.message_id, one.kind, one.state, one.wake_at, one.mailbox_id, one.ref_hash, one.looked)
                for one in rows
            ],
        )
        await self._touch_messages([one.message_id for one in rows], self._state.touch())

    async def drop_reminders(self, message_ids: Sequence[MessageId]) -> list[MessageId]:
        if not message_ids:
            return []
        await self._sync()
        dropped = [MessageId(row[0]) for row in await self._session.rows(_DROP, self._id, list(message_ids))]
        if dropped:
            await self._touch_messages(dropped, self._state.touch())
        return dropped

    async def note_looked(self, message_id: MessageId, looked: ModSeq) -> None:
        await self._session.run(_LOOKED, self._id, message_id, looked)

    async def _forget_work(self, message_ids: Sequence[MessageId]) -> None:
        await self._session.run(_DROP, self._id, list(message_ids))
        await super()._forget_work(message_ids)


class SqlReminders(OnDatabase):
    """ports.store_reminders.ReminderStore."""

    TASKS: Tasks = (Look("reminders", "select 1 from reminder where state = 'waiting' and wake_at <= $1"),)

    async def of_account(
        self, account_id: AccountId, message_ids: Sequence[MessageId] | None, limit: int
    ) -> list[ReminderRow]:
        if message_ids is None:
            return [_COLUMNS.of(row) for row in await self._db.rows(_ALL, account_id, limit)]
        return [_COLUMNS.of(row) for row in await self._db.rows(_SOME, account_id, list(message_ids), limit)]

    due = every(ReminderStore.due, whole_row, _DUE)
    old = every(ReminderStore.old, whole_row, _OLD)
    stirred = every(ReminderStore.stirred, whole_row, _STIRRED)

    async def conversation_since(
        self, account_id: AccountId, ref_hash: bytes, since: ModSeq, limit: int
    ) -> list[tuple[MessageId, ModSeq]]:
        found = await self._db.rows(_SINCE, account_id, ref_hash, since, limit)
        return [(MessageId(row[0]), ModSeq(row[1])) for row in found]

    put_off = executed(ReminderStore.put_off, _PUT_OFF)
