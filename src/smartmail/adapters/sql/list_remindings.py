"""When authors of mail to lists last reminded its readers (ports.store_list_remindings.ListRemindingStore)."""

from smartmail.adapters.sql.declared import executed, integer
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.transactions import in_account_change
from smartmail.domain.ids import AccountId, MessageId
from smartmail.ports.store_list_remindings import ListRemindingStore

_LAST = "select at from list_reminding where account_id = $1 and message_id = $2"
_NOTE = """insert into list_reminding (account_id, message_id, at) values ($1, $2, $3)
    on conflict (account_id, message_id) do update set at = excluded.at where list_reminding.at < $4
    returning at"""
_FORGET = "delete from list_reminding where account_id = $1 and message_id = $2"


class SqlListRemindings(OnDatabase):
    """ports.store_list_remindings.ListRemindingStore."""

    list_reminding = integer(ListRemindingStore.list_reminding, _LAST)

    @in_account_change
    async def note_list_reminding(
        self, session: Session, account_id: AccountId, message_id: MessageId, at: int, before: int
    ) -> bool:
        return await session.row(_NOTE, account_id, message_id, at, before) is not None

    forget_list_reminding = executed(ListRemindingStore.forget_list_reminding, _FORGET, by_account=True)
