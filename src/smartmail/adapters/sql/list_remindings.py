"""When authors of mail to lists last reminded its readers (ports.store_list_remindings.ListRemindingStore)."""

from smartmail.adapters.sql.session import Database, Session
from smartmail.domain.ids import AccountId, MessageId

_LAST = "select at from list_reminding where account_id = $1 and message_id = $2"
_NOTE = """insert into list_reminding (account_id, message_id, at) values ($1, $2, $3)
    on conflict (account_id, message_id) do update set at = excluded.at where list_reminding.at < $4
    returning at"""
_FORGET = "delete from list_reminding where account_id = $1 and message_id = $2"


class SqlListRemindings:
    """ports.store_list_remindings.ListRemindingStore."""

    _db: Database

    async def list_reminding(self, account_id: AccountId, message_id: MessageId) -> int:
        row = await self._db.row(_LAST, account_id, message_id)
        return 0 if row is None else int(row[0])

    async def note_list_reminding(self, account_id: AccountId, message_id: MessageId, at: int, before: int) -> bool:
        async def work(session: Session) -> bool:
            return await session.row(_NOTE, account_id, message_id, at, before) is not None

        return await self._db.change(account_id, work)

    async def forget_list_reminding(self, account_id: AccountId, message_id: MessageId) -> None:
        async def work(session: Session) -> None:
            await session.run(_FORGET, account_id, message_id)

        await self._db.change(account_id, work)
