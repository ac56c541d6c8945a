"""The memory of the misdelivery guard (ports.store_correspondence.CorrespondenceStore)."""

from smartmail.adapters.sql.declared import executed, optional
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.correspondence import CorrespondenceRow
from smartmail.ports.store_correspondence import CorrespondenceStore

_COLUMNS = Shape(CorrespondenceRow)
_OF = f"select {_COLUMNS} from correspondence where account_id = $1"
_PUT = f"""insert into correspondence ({_COLUMNS}) values ($1, $2, $3)
    on conflict (account_id) do update set letters = excluded.letters, sealed = excluded.sealed
    where correspondence.letters = $4 returning account_id"""


class SqlCorrespondence(OnDatabase):
    """ports.store_correspondence.CorrespondenceStore."""

    of_account = optional(CorrespondenceStore.of_account, _COLUMNS, _OF)
    forget = executed(CorrespondenceStore.forget, "delete from correspondence where account_id = $1")

    @in_change
    async def put(self, session: Session, row: CorrespondenceRow, before: int) -> bool:
        return await session.row(_PUT, row.account_id, row.letters, row.sealed, before) is not None
