"""Letters about shares that are still to be written (ports.store_share_letters.ShareLetterStore)."""

from collections.abc import Sequence

from smartmail.adapters.sql.declared import changed
from smartmail.adapters.sql.queue import add_entry
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import WORD_SET, Parts, Shape, Stored
from smartmail.adapters.sql.task_tables import Tasks, TaskTable
from smartmail.adapters.sql.tasks import Leasing
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.ids import AccountId
from smartmail.domain.queue import NewQueueEntry
from smartmail.domain.rights import Grantee
from smartmail.domain.share_letters import ShareLetter
from smartmail.ports.store_share_letters import ShareLetterStore

_NUMBERS = Stored(lambda text: tuple(map(int, text.split())), lambda numbers: " ".join(map(str, numbers)))
_COLUMNS = Shape(
    ShareLetter,
    grantee=Parts(Grantee, "grantee_kind, grantee_id"),
    rights=WORD_SET,
    mailboxes=_NUMBERS,
    readers=_NUMBERS,
)
_ADD = f"insert into share_letter ({_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
_TASK = TaskTable("share-letters", "share_letter", order="leased_until, created_at, id")
_LEASING = Leasing(_TASK, _COLUMNS)
_NOTE = "update share_letter set told = $3, leased_until = $4 where id = $1 and worker = $2 returning id"
_DROP = "delete from share_letter where id = $1 and worker = $2 returning id"


class SqlShareLetters(OnDatabase):
    """ports.store_share_letters.ShareLetterStore."""

    TASKS: Tasks = (_TASK,)

    async def add_share_letters(self, rows: Sequence[ShareLetter]) -> None:
        values = [_COLUMNS.dump(one) for one in rows]
        await self._db.change(0, lambda session: session.many(_ADD, values))

    async def lease_share_letter(self, now: int, until: int, worker: str) -> ShareLetter | None:
        return await _LEASING.next(self._db, now, until, worker)

    @in_change
    async def note_share_letter(
        self, session: Session, letter_id: bytes, worker: str, told: AccountId, until: int, entry: NewQueueEntry | None
    ) -> bool:
        if await session.row(_NOTE, letter_id, worker, told, until) is None:
            return False
        if entry is not None:
            await add_entry(session, entry)
        return True

    drop_share_letter = changed(ShareLetterStore.drop_share_letter, _DROP)
