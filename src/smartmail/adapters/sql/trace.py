"""Stories of messages, what finds them, and the books of the queue (ports.store_trace.TraceStore).

The queue's tally is written by `tally` in the commit that takes or ends a recipient, so that no crash comes between.
"""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from smartmail.adapters.sql.declared import every
from smartmail.adapters.sql.session import OnDatabase, Row, Session
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import change_by, read_aside_by
from smartmail.domain.ids import AccountId, MessageId, OrganizationId
from smartmail.domain.queue import Attempt, RecipientState
from smartmail.domain.trace import (
    ENDS,
    HOUR,
    ActRow,
    Book,
    BookKind,
    EventRow,
    Fold,
    MailAct,
    StoryRow,
    TextRow,
    TraceBatch,
    first_id,
    period_of,
    time_of,
)
from smartmail.ports.store_trace import TraceStore

# The queue may tell of a story before whoever took the message over: what it knows of the beginning gives way.
_TEXT_ROW = Shape(TextRow)
_ADD_STORY = """insert into trace_story (id, organization_id, sealed) values ($1, $2, $3)
    on conflict (id) do update set sealed = excluded.sealed where $4::integer = 0"""
_ADD_EVENT = "insert into trace_event (story_id, seq, sealed) values ($1, $2, $3) on conflict do nothing"
_ADD_KEY = "insert into trace_key (period, key, story_id) values ($1, $2, $3) on conflict do nothing"
_ADD_TEXT = "insert into trace_text (organization_id, id, lines, sealed) values ($1, $2, $3, $4)"
_COUNT = """insert into trace_book (hour, organization_id, kind, count) values ($1, $2, $3, $4)
    on conflict (hour, organization_id, kind) do update set count = trace_book.count + excluded.count"""
_FIND = """select story_id from trace_key where period = $1 and key = $2 and story_id >= $3 and story_id < $4
    order by story_id desc limit $5"""
_RECENT = """select id from trace_story where ($1::bigint is null or organization_id = $1) and id >= $2 and id < $3
    order by id desc limit $4"""
_STORIES_OF = "select id, story from message where account_id = $1 and id = any($2) and story <> 0"
# Asked for so seldom that an index, written with every delivery, would cost more.
_OF_STORIES = """select distinct p.message_id from placement p
    join message m on m.account_id = p.account_id and m.id = p.message_id
    where p.account_id = $1 and p.received_at >= $2 and abs(m.story) = any($3)"""
_STORIES = "select id, organization_id, sealed from trace_story where id = any($1) order by id"
_EVENTS = "select story_id, seq, sealed from trace_event where story_id = $1 order by seq limit $2"
_TEXTS = """select organization_id, id, lines, sealed from trace_text
    where organization_id = $1 and id > $2 and id < $3 order by id desc limit $4"""
_SMALL = """select organization_id, id, lines, sealed from trace_text
    where organization_id = $1 and id < $2 and lines < 2500 order by id limit $3"""
_DROP_TEXTS = "delete from trace_text where organization_id = $1 and id = any($2) returning id"
_DROPS = (
    """delete from trace_event where (story_id, seq) in
        (select story_id, seq from trace_event where story_id < $1 order by story_id, seq limit $2) returning seq""",
    """delete from trace_story where id in (select id from trace_story where id < $1 order by id limit $2)
        returning id""",
)
_DROP_OLD_TEXTS = """delete from trace_text where organization_id = $3 and id in
    (select id from trace_text where organization_id = $3 and id < $1 order by id limit $2) returning id"""
_DROP_KEYS = """delete from trace_key where (period, key, story_id) in (select period, key, story_id
    from trace_key where period < $1 limit $2) returning story_id"""

_ACTS = """select at, account_id, modseq, by_account, door, acts from trace_act
    where (at, account_id, modseq) > ($1, $2, $3) order by at, account_id, modseq limit $4"""
_DROP_ACT = "delete from trace_act where at = $1 and account_id = $2 and modseq = $3"

_TALLY_NEW = """insert into queue_tally (entry_id, kind, organization_id, count) values ($1, 'accepted', $2, $3)
    on conflict (entry_id, kind) do nothing"""
# An entry from before the books has no first line: it stays out of them.
_TALLY = """insert into queue_tally (entry_id, kind, organization_id, count)
    select entry_id, $2::text, organization_id, $3::integer from queue_tally where entry_id = $1 and kind = 'accepted'
    on conflict (entry_id, kind) do update set count = queue_tally.count + excluded.count"""
_OPEN = "select count(*) from queue_recipient where entry_id = $1 and state in ('held', 'ready', 'leased')"
_END_OF: dict[RecipientState, BookKind] = {
    "delivered": "delivered", "bounced": "bounced", "expired": "expired", "cancelled": "removed",
}  # fmt: skip
_SETTLED = """select t.entry_id from queue_tally t
    where not exists (select 1 from queue_entry e where e.id = t.entry_id)
    group by t.entry_id
    having sum(case when t.kind = 'accepted' then t.count else -t.count end) = 0 order by t.entry_id limit $1"""
_TAKE_SETTLED = "delete from queue_tally where entry_id = any($1) returning entry_id, kind, organization_id, count"
_BOOKS = """select hour, organization_id, kind, count from trace_book where hour >= $1 and hour < $2"""
_TALLIES = """select entry_id, organization_id, kind, count from queue_tally where entry_id >= $1 and entry_id < $2"""
_WAITING = """select q.entry_id, e.organization_id, case when q.state = 'held' then 'held' else 'queued' end, count(*)
    from queue_recipient q join queue_entry e on e.id = q.entry_id
    join queue_tally t on t.entry_id = q.entry_id and t.kind = 'accepted'
    where q.entry_id >= $1 and q.entry_id < $2 and q.state in ('held', 'ready', 'leased')
    group by 1, 2, 3"""
_UNBALANCED = """select t.entry_id, sum(case when t.kind = 'accepted' then t.count else -t.count end)
        - (select count(*) from queue_recipient q where q.entry_id = t.entry_id
            and q.state in ('held', 'ready', 'leased'))
    from queue_tally t where t.entry_id >= $1 and t.entry_id < $2 group by t.entry_id
    having sum(case when t.kind = 'accepted' then t.count else -t.count end)
        <> (select count(*) from queue_recipient q where q.entry_id = t.entry_id
            and q.state in ('held', 'ready', 'leased'))
    order by t.entry_id limit $3"""


async def tally_new(session: Session, entry_id: int, organization_id: int, count: int) -> None:
    """Enter the recipients of a new entry into the books."""
    await session.run(_TALLY_NEW, entry_id, organization_id, count)


async def tally(session: Session, entry_id: int, kind: BookKind, count: int) -> None:
    """Enter what became of recipients of an entry."""
    if count:
        await session.run(_TALLY, entry_id, kind, count)


async def tally_attempts(session: Session, entry_id: int, attempts: Sequence[Attempt]) -> None:
    """Enter the ends that attempts came to."""
    for state, kind in _END_OF.items():
        await tally(session, entry_id, kind, sum(one.state == state for one in attempts))


async def tally_rest(session: Session, entry_id: int, kind: BookKind) -> None:
    """Enter one end for all recipients of an entry that had none yet."""
    row = await session.row(_OPEN, entry_id)
    await tally(session, entry_id, kind, 0 if row is None else row[0])


def _act(row: Row) -> ActRow:
    acts = msgspec.msgpack.decode(bytes(row[5]), type=tuple[MailAct, ...])
    return ActRow(row[0], AccountId(row[1]), row[2], row[3], row[4], acts)


async def _add(session: Session, batch: TraceBatch) -> None:
    # In the order of their keys: two processes never wait for each other in a circle.
    stories = sorted(batch.stories, key=lambda one: one.id)
    await session.many(_ADD_STORY, [(one.id, one.organization_id, one.sealed, int(one.joins)) for one in stories])
    await session.many(_ADD_EVENT, [(one.story_id, one.seq, one.sealed) for one in batch.events])
    await session.many(_ADD_KEY, sorted(batch.keys))
    await session.many(_ADD_TEXT, [(one.organization_id, one.id, one.lines, one.sealed) for one in batch.texts])
    await session.many(_COUNT, sorted(batch.counts))


async def _find(session: Session, keys: Sequence[bytes], *, since: int, until: int, limit: int) -> list[int]:
    found: set[int] = set()
    oldest = await session.row("select min(period) from trace_key")
    if oldest is None or oldest[0] is None:
        return []
    for period in range(period_of(until), max(period_of(since), oldest[0]) - 1, -1):
        for key in keys:
            rows = await session.rows(_FIND, period, key, first_id(since), first_id(until), limit)
            found.update(row[0] for row in rows)
        # Everything of an older period is older: what is found is the newest there is.
        if len(found) >= limit:
            break
    return sorted(found, reverse=True)[:limit]


async def _events(session: Session, ids: Sequence[int], limit: int) -> list[EventRow]:
    found = []
    for story_id in sorted(set(ids)):
        found += [EventRow(row[0], row[1], bytes(row[2])) for row in await session.rows(_EVENTS, story_id, limit)]
    return found


async def _merge(session: Session, merged: TextRow, ids: Sequence[int]) -> bool:
    gone = await session.rows(_DROP_TEXTS, merged.organization_id, list(ids))
    if len(gone) != len(ids):
        # Somebody was here first: put nothing in, and undo what was taken out.
        raise _Lost
    await session.run(_ADD_TEXT, merged.organization_id, merged.id, merged.lines, merged.sealed)
    return True


class _Lost(Exception):
    """A piece was merged or forgotten meanwhile."""


async def _drop(session: Session, before: int, limit: int) -> int:
    count = 0
    for statement in _DROPS:
        count += len(await session.rows(statement, first_id(before), limit))
    for (organization_id,) in await session.rows("select id from organization order by id"):
        count += len(await session.rows(_DROP_OLD_TEXTS, first_id(before), limit, organization_id))
    return count + len(await session.rows(_DROP_KEYS, period_of(before), limit))


async def _settle(session: Session, ids: Sequence[int]) -> None:
    sums: dict[tuple[int, int, str], int] = defaultdict(int)
    for entry_id, kind, organization_id, count in await session.rows(_TAKE_SETTLED, list(ids)):
        sums[time_of(entry_id) // HOUR, organization_id, kind] += count
    await session.many(_COUNT, [(*key, count) for key, count in sorted(sums.items())])


async def _books(session: Session, since: int, until: int) -> list[Book]:
    first, end = -(-since // HOUR), -(-until // HOUR)
    sums: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for hour, organization_id, kind, count in await session.rows(_BOOKS, first, end):
        sums[hour, organization_id][kind] += count
    low, high = first_id(first * HOUR), first_id(end * HOUR)
    for statement in (_TALLIES, _WAITING):
        for entry_id, organization_id, kind, count in await session.rows(statement, low, high):
            sums[time_of(entry_id) // HOUR, organization_id][kind] += count
    return [
        Book(
            hour * HOUR, OrganizationId(organization_id), kinds["accepted"],
            tuple((kind, kinds[kind]) for kind in ENDS if kinds[kind]), kinds["held"], kinds["queued"],
        )
        for (hour, organization_id), kinds in sorted(sums.items())
    ]  # fmt: skip


class SqlTrace(OnDatabase):
    """ports.store_trace.TraceStore."""

    add_trace = change_by(_add)
    find_trace = read_aside_by(_find)

    async def recent_trace(
        self, organization_id: OrganizationId | None, *, since: int, until: int, limit: int
    ) -> list[int]:
        values = (organization_id, first_id(since), first_id(until), limit)
        return [row[0] for row in await self._db.read_aside(lambda s: s.rows(_RECENT, *values))]

    async def trace_stories(self, ids: Sequence[int]) -> list[StoryRow]:
        rows = await self._db.rows(_STORIES, list(ids)) if ids else []
        return [StoryRow(row[0], OrganizationId(row[1]), bytes(row[2])) for row in rows]

    trace_events = read_aside_by(_events)
    trace_texts = every(TraceStore.trace_texts, _TEXT_ROW, _TEXTS, aside=True)
    small_trace_texts = every(TraceStore.small_trace_texts, _TEXT_ROW, _SMALL, aside=True)

    async def merge_trace_texts(self, merged: TextRow, ids: Sequence[int]) -> bool:
        try:
            return await self._db.change(0, lambda s: _merge(s, merged, ids))
        except _Lost:
            return False

    async def trace_acts(self, after: tuple[int, int, int], limit: int) -> list[ActRow]:
        return [_act(row) for row in await self._db.rows(_ACTS, *after, limit)]

    async def stories_of(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> dict[MessageId, int]:
        found = await self._db.rows(_STORIES_OF, account_id, list(message_ids)) if message_ids else []
        return {MessageId(row[0]): abs(int(row[1])) for row in found}

    async def messages_of_stories(self, account_id: AccountId, stories: Sequence[int], since: int) -> list[MessageId]:
        found = await self._db.rows(_OF_STORIES, account_id, since, list(stories)) if stories else []
        return [MessageId(row[0]) for row in found]

    async def drop_trace_acts(self, keys: Sequence[tuple[int, int, int]]) -> None:
        await self._db.change(0, lambda s: s.many(_DROP_ACT, list(keys)))

    drop_trace = change_by(_drop)

    async def settle_books(self, limit: int) -> Fold:
        # What is settled stays so: finding it needs no writer's turn.
        rows = await self._db.read_aside(lambda s: s.rows(_SETTLED, limit))
        ids = [row[0] for row in rows]
        if ids:
            await self._db.change(0, lambda s: _settle(s, ids))
        return Fold(len(ids), more=len(ids) == limit)

    books = read_aside_by(_books)

    async def unbalanced(self, since: int, until: int, limit: int) -> list[tuple[int, int]]:
        low, high = first_id(since), first_id(until)
        rows = await self._db.read_aside(lambda s: s.rows(_UNBALANCED, low, high, limit))
        return [(row[0], int(row[1])) for row in rows]
