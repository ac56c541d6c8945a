"""When authors of mail to lists last reminded its readers (ports.store_list_remindings.ListRemindingStore)."""

from smartmail.adapters.sql.declared import changed, executed, integer
from smartmail.adapters.sql.session import OnDatabase
from smartmail.ports.store_list_remindings import ListRemindingStore

_LAST = "select at from list_reminding where account_id = $1 and message_id = $2"
_NOTE = """insert into list_reminding (account_id, message_id, at) values ($1, $2, $3)
    on conflict (account_id, message_id) do update set at = excluded.at where list_reminding.at < $4
    returning at"""
_FORGET = "delete from list_reminding where account_id = $1 and message_id = $2"


class SqlListRemindings(OnDatabase):
    """ports.store_list_remindings.ListRemindingStore."""

    list_reminding = integer(ListRemindingStore.list_reminding, _LAST)

    note_list_reminding = changed(ListRemindingStore.note_list_reminding, _NOTE, by_account=True)

    forget_list_reminding = executed(ListRemindingStore.forget_list_reminding, _FORGET, by_account=True)
