"""The search index as rows (ports.store_search.SearchStore): sealed texts and buckets, read by key only."""

from collections.abc import AsyncIterator, Sequence

from smartmail.adapters.sql import tombstones
from smartmail.adapters.sql.declared import every, first_column, whole_row
from smartmail.adapters.sql.session import OnDatabase, Row, Session, Work, row_of
from smartmail.adapters.sql.transactions import in_read
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, BlobId, MessageId, ModSeq
from smartmail.domain.search import (
    IndexStatus,
    NewSegment,
    NewText,
    PendingRow,
    SearchChange,
    SearchState,
    SearchView,
    SegmentRow,
)
from smartmail.ports.store_search import SearchStore

_PAGE = 64
"""Buckets in one step of the event loop, some 10 KB each."""
_TEXT_PAGE = 512

_STATE = """select generation, cursor_modseq, cursor_message, gone_modseq, indexed, epoch, next_segment,
    reading from search_index where account_id = $1"""
_DUE = """select id from account left join search_index s on s.account_id = id
    where message_state > coalesce(s.gone_modseq, 0) or message_state > coalesce(s.cursor_modseq, 0)
        or s.reading < $2
    order by id limit $1"""
_SEGMENTS = "select id, messages, buckets, dead from search_segment where account_id = $1 order by id"
_TAIL = "select message_id, received_at from search_tail where account_id = $1 order by message_id"
_PENDING = """select m.modseq, m.id, m.blob_id, m.wrapped_key, m.received_at, m.size,
        case when t.message_id is null then 0 else 1 end
    from message m left join search_text t on t.account_id = m.account_id and t.message_id = m.id
        and t.blob_id = m.blob_id and t.epoch = $4
    where m.account_id = $1 and m.modseq >= $2 and (m.modseq > $2 or m.id > $3)
    order by m.modseq, m.id limit $5"""
_UNINDEXED = """select m.id from message m where m.account_id = $1 and m.modseq >= $2
    and not exists (select 1 from search_text t where t.account_id = m.account_id and t.message_id = m.id)
    order by m.modseq desc, m.id desc limit $3"""
_GONE = """select modseq, gone from tombstone where account_id = $1 and modseq > $2 and type = $3
    order by modseq limit $4"""
_ORPHANS = """select t.message_id from search_text t where t.account_id = $1
    and not exists (select 1 from message m where m.account_id = t.account_id and m.id = t.message_id) limit $2"""
_BUCKETS = """select b.segment_id, b.number, b.sealed from keys(account_id bigint, segment_id bigint, number bigint)
    join search_bucket b
    on b.account_id = k.account_id and b.segment_id = k.segment_id and b.number = k.number"""
_SEGMENT = "select number, sealed from search_bucket where account_id = $1 and segment_id = $2 order by number"
_TEXTS = "select message_id, sealed from search_text where account_id = $1 and message_id = any($2)"

_BEGIN = """insert into search_index (account_id, generation, cursor_modseq, cursor_message, gone_modseq, indexed, epoch,
    next_segment, reading) values ($1, 0, 0, 0, 0, 0, 0, 1, 0) on conflict (account_id) do nothing"""
_LOCK = _STATE + " for update"
_KNOWN = "select message_id from search_text where account_id = $1 and message_id = any($2)"
_LIVING = "select id from message where account_id = $1 and id = any($2)"
_PUT_TEXT = """insert into search_text (account_id, message_id, blob_id, epoch, sealed) values ($1, $2, $3, $4, $5)
    on conflict (account_id, message_id) do update set blob_id = excluded.blob_id, epoch = excluded.epoch,
    sealed = excluded.sealed"""
_PUT_TAIL = """insert into search_tail (account_id, message_id, received_at) values ($1, $2, $3)
    on conflict (account_id, message_id) do nothing"""
_DROP_TAIL = "delete from search_tail where account_id = $1 and message_id = any($2)"
_SET_DEAD = "update search_segment set dead = $3 where account_id = $1 and id = $2"
_ADD_SEGMENT = "insert into search_segment (account_id, id, messages, buckets, dead) values ($1, $2, $3, $4, $5)"
_ADD_BUCKET = "insert into search_bucket (account_id, segment_id, number, sealed) values ($1, $2, $3, $4)"
_SET_STATE = """update search_index set generation = $2, cursor_modseq = $3, cursor_message = $4, gone_modseq = $5,
    indexed = $6, epoch = $7, next_segment = $8, reading = $9 where account_id = $1"""
_STATUS = """select a.messages, (select count(*) from search_segment s where s.account_id = $1),
    (select coalesce(sum(length(b.sealed)), 0) from search_bucket b where b.account_id = $1),
    (select coalesce(sum(length(t.sealed)), 0) from search_text t where t.account_id = $1),
    (select count(*) from message m where m.account_id = $1 and not exists (select 1 from search_text t
        where t.account_id = m.account_id and t.message_id = m.id))
    from account a where a.id = $1"""


def _state(row: Row | None) -> SearchState:
    return SearchState(*row) if row is not None else SearchState()


class SqlSearch(OnDatabase):
    """ports.store_search.SearchStore."""

    search_due = every(SearchStore.search_due, first_column, _DUE)

    async def search_state(self, account_id: AccountId) -> SearchState:
        return _state(await self._db.row(_STATE, account_id))

    @in_read
    async def search_view(self, session: Session, account_id: AccountId) -> SearchView:
        state = _state(await session.row(_STATE, account_id))
        segments = [SegmentRow(*row) for row in await session.rows(_SEGMENTS, account_id)]
        tail = [(MessageId(row[0]), int(row[1])) for row in await session.rows(_TAIL, account_id)]
        return SearchView(state, segments, tail)

    @in_read
    async def search_pending(
        self, session: Session, account_id: AccountId, after: tuple[ModSeq, MessageId], limit: int
    ) -> list[PendingRow]:
        epoch = _state(await session.row(_STATE, account_id)).epoch
        found = await session.rows(_PENDING, account_id, *after, epoch, limit)
        return [PendingRow(row[0], row[1], BlobId(row[2]), row[3], row[4], row[5], bool(row[6])) for row in found]

    @in_read
    async def search_unindexed(self, session: Session, account_id: AccountId, limit: int) -> list[MessageId]:
        cursor = _state(await session.row(_STATE, account_id)).cursor
        return [MessageId(row[0]) for row in await session.rows(_UNINDEXED, account_id, cursor, limit)]

    @in_read
    async def search_gone(
        self, session: Session, account_id: AccountId, after: ModSeq, limit: int
    ) -> tuple[list[MessageId], ModSeq] | None:
        row = await row_of(session, "select horizon from account where id = $1", account_id)
        if row[0] > after:
            return None
        found = await session.rows(_GONE, account_id, after, tombstones.MESSAGE, limit)
        ids = [MessageId(number) for _modseq, gone in found for number, _created in tombstones.unpack(gone)]
        return ids, ModSeq(found[-1][0]) if found else after

    async def search_orphans(self, account_id: AccountId, limit: int) -> list[MessageId]:
        return [MessageId(row[0]) for row in await self._db.read_aside(lambda s: s.rows(_ORPHANS, account_id, limit))]

    async def search_buckets(
        self, account_id: AccountId, keys: Sequence[tuple[int, int]]
    ) -> list[tuple[int, int, bytes]]:
        found: list[tuple[int, int, bytes]] = []
        for start in range(0, len(keys), _PAGE):
            page = [(account_id, segment, number) for segment, number in keys[start : start + _PAGE]]
            found += [(row[0], row[1], row[2]) for row in await self._db.read(_lookup(page))]
        return found

    search_segment = every(SearchStore.search_segment, whole_row, _SEGMENT, aside=True)

    async def search_texts(
        self, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> list[tuple[MessageId, bytes]]:
        found: list[tuple[MessageId, bytes]] = []
        async for page in self._text_pages(account_id, message_ids):
            found += [(MessageId(row[0]), row[1]) for row in page]
        return found

    async def _text_pages(
        self, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> AsyncIterator[Sequence[Row]]:
        for start in range(0, len(message_ids), _TEXT_PAGE):
            yield await self._db.rows(_TEXTS, account_id, list(message_ids[start : start + _TEXT_PAGE]))

    async def search_apply(self, account_id: AccountId, generation: int, change: SearchChange) -> SearchState | None:
        return await self._db.change(account_id, lambda session: _apply(session, account_id, generation, change))

    async def search_status(self, account_id: AccountId) -> IndexStatus:
        row = await self._db.read_aside(lambda s: s.row(_STATUS, account_id))
        if row is None:
            raise NotFound
        return IndexStatus(account_id, int(row[0]), int(row[4]), int(row[1]), int(row[2]), int(row[3]))


def _lookup(keys: Sequence[tuple[object, ...]]) -> Work[Sequence[Row]]:
    async def work(session: Session) -> Sequence[Row]:
        return await session.lookup(_BUCKETS, keys)

    return work


async def _apply(session: Session, account_id: int, generation: int, change: SearchChange) -> SearchState | None:
    await session.run(_BEGIN, account_id)
    state = _state(await session.row(_LOCK, account_id))
    if state.generation != generation:
        return None
    forgotten = await _forget(session, account_id, list(change.forget))
    made, replaced = await _put_texts(session, account_id, state.epoch, change.texts)
    for segment_id, dead in change.dead.items():
        await session.run(_SET_DEAD, account_id, segment_id, dead)
    for segment in change.add:
        await _add_segment(session, account_id, segment)
    for segment_id in change.drop:
        await session.run("delete from search_segment where account_id = $1 and id = $2", account_id, segment_id)
        await session.run("delete from search_bucket where account_id = $1 and segment_id = $2", account_id, segment_id)
    cursor = change.cursor or (state.cursor, state.cursor_message)
    after = SearchState(
        state.generation + (change.moves_segments or replaced > 0),
        cursor[0],
        cursor[1],
        state.gone if change.gone is None else change.gone,
        state.indexed - forgotten + made,
        state.epoch if change.epoch is None else change.epoch,
        max([state.next_segment, *(one.id + 1 for one in change.add)]),
        state.reading if change.reading is None else change.reading,
    )
    await session.run(_SET_STATE, account_id, *after)
    return after


async def _forget(session: Session, account_id: int, ids: list[MessageId]) -> int:
    """Remove texts; return how many there were."""
    if not ids:
        return 0
    known = len(await session.rows(_KNOWN, account_id, ids))
    await session.run("delete from search_text where account_id = $1 and message_id = any($2)", account_id, ids)
    await session.run(_DROP_TAIL, account_id, ids)
    return known


async def _put_texts(session: Session, account_id: int, epoch: int, texts: Sequence[NewText]) -> tuple[int, int]:
    """Keep the texts of messages that still exist; return how many had none before, and how many had one."""
    if not texts:
        return 0, 0
    ids = [one.message_id for one in texts]
    living = {row[0] for row in await session.rows(_LIVING, account_id, ids)}
    known = {row[0] for row in await session.rows(_KNOWN, account_id, ids)}
    kept = [one for one in texts if one.message_id in living]
    if kept:
        await session.many(_PUT_TEXT, [(account_id, one.message_id, one.blob_id, epoch, one.sealed) for one in kept])
        await session.many(_PUT_TAIL, [(account_id, one.message_id, one.received_at) for one in kept])
    return len(living - known), len(living & known)


async def _add_segment(session: Session, account_id: int, segment: NewSegment) -> None:
    await session.run(_ADD_SEGMENT, account_id, segment.id, segment.messages, segment.buckets, b"")
    await session.many(_ADD_BUCKET, [(account_id, segment.id, number, sealed) for number, sealed in segment.sealed])
    if segment.tail:
        await session.run(_DROP_TAIL, account_id, list(segment.tail))
