"""Lessons and models (ports.store_lessons.LessonStore and LessonTx)."""

from collections.abc import Mapping, Sequence

from smartmail.adapters.sql.declared import every, executed, whole_row
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import Shape, Stored
from smartmail.adapters.sql.tx_base import TxBase
from smartmail.domain.ids import MessageId, OrganizationId
from smartmail.domain.lessons import LessonOutcome, LessonRow, ModelRow
from smartmail.ports.store_lessons import LessonStore

MAX_FAILURES = 5
_MAYBE = Stored(
    lambda value: None if value is None else bool(value), lambda value: None if value is None else int(value)
)
_LESSON = Shape(LessonRow, learned=_MAYBE)
_MODEL = "organization_id, account_id, version, good, bad, updated_at, sealed"
_NOTE = """insert into spam_lesson (account_id, message_id, wish, pending, learned, said_at, failures, sealed)
    values ($1, $2, $3, 1, null, $4, 0, null)
    on conflict (account_id, message_id) do update set wish = excluded.wish, pending = 1, failures = 0,
    said_at = case when excluded.said_at > spam_lesson.said_at then excluded.said_at else spam_lesson.said_at + 1 end"""
_PENDING = f"""select {_LESSON} from spam_lesson where pending = 1 order by failures, said_at, account_id, message_id
    limit $1"""
_LESSONS = f"select {_LESSON} from spam_lesson where account_id = $1 and message_id = any($2)"
_FIND = f"select {_MODEL} from spam_model where organization_id = $1 and account_id = $2"
_VERSIONS = "select account_id, version from spam_model where organization_id = $1 and account_id = any($2)"
_ALL = "select account_id, good, bad, updated_at from spam_model where organization_id = $1 order by account_id"
_ADD = f"""insert into spam_model ({_MODEL}) values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (organization_id, account_id) do nothing returning version"""
_SET = """update spam_model set version = $3, good = $4, bad = $5, updated_at = $6, sealed = $7
    where organization_id = $1 and account_id = $2 and version = $3 - 1 returning version"""
_DONE = """insert into spam_lesson (account_id, message_id, wish, pending, learned, said_at, failures, sealed)
    values ($1, $2, $6, 0, $4, $3, 0, $5)
    on conflict (account_id, message_id) do update set learned = excluded.learned, sealed = excluded.sealed,
    pending = case when spam_lesson.said_at > excluded.said_at then spam_lesson.pending else 0 end"""
_FAIL = f"""update spam_lesson set failures = failures + 1,
    pending = case when failures + 1 >= {MAX_FAILURES} then 0 else pending end
    where account_id = $1 and message_id = $2"""
_OLD = """select account_id, message_id from spam_lesson where pending = 0 and said_at < $1
    order by said_at limit $2"""
_FORGET = "delete from spam_lesson where account_id = $1 and message_id = $2 and pending = 0"


class _Changed(Exception):
    """Control flow: another process was faster, so nothing of this transaction may stay."""


class SqlLessons(OnDatabase):
    """ports.store_lessons.LessonStore."""

    pending_lessons = every(LessonStore.pending_lessons, _LESSON, _PENDING)
    lessons = every(LessonStore.lessons, _LESSON, _LESSONS)

    async def model(self, organization_id: OrganizationId, account_id: int) -> ModelRow | None:
        row = await self._db.row(_FIND, organization_id, account_id)
        if row is None:
            return None
        organization, account, version, good, bad, updated_at, sealed = row
        return ModelRow(OrganizationId(organization), account, version, good, bad, updated_at, bytes(sealed))

    async def model_versions(self, organization_id: OrganizationId, account_ids: Sequence[int]) -> dict[int, int]:
        return {row[0]: row[1] for row in await self._db.rows(_VERSIONS, organization_id, list(account_ids))}

    models = every(LessonStore.models, whole_row, _ALL)

    async def keep_lessons(self, models: Sequence[ModelRow], outcomes: Sequence[LessonOutcome]) -> bool:
        async def work(session: Session) -> None:
            for one in models:
                statement = _ADD if one.version == 1 else _SET
                values = (one.organization_id, one.account_id, one.version, one.good, one.bad, one.updated_at)
                if await session.row(statement, *values, one.sealed) is None:
                    raise _Changed
            await session.many(_DONE, [_outcome(one) for one in outcomes])

        try:
            await self._db.change(0, work)
        except _Changed:
            return False
        return True

    fail_lesson = executed(LessonStore.fail_lesson, _FAIL)

    async def forget_lessons(self, before: int, limit: int) -> int:
        rows = await self._db.rows(_OLD, before, limit)
        if rows:
            sets = [(row[0], row[1]) for row in rows]
            await self._db.change(0, lambda session: session.many(_FORGET, sets))
        return len(rows)


def _outcome(one: LessonOutcome) -> tuple[object, ...]:
    learned = None if one.learned is None else int(one.learned)
    return one.account_id, one.message_id, one.said_at, learned, one.sealed, int(one.wish)


class TxLessons(TxBase):
    """ports.store_lessons.LessonTx."""

    async def note_lessons(self, wishes: Mapping[MessageId, bool]) -> None:
        await self._session.many(_NOTE, [(self._id, one, int(spam), self._now) for one, spam in wishes.items()])
