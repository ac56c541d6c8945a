"""Keeps the search index after the mail: texts of new messages, segments, merges, what was destroyed.

NAME        indexing
PURPOSE     `catch_up` brings one account's index to its mail; `rebuild` makes it anew while it answers. Must not know
            when it is called: edge/jobs has the loop.
STRATEGIES  Texts first: a message is found as soon as its text is kept. Messages gather in the tail; SMALL of them
            become a segment; segments merge when their living messages reach MIDDLE and LARGE; a segment a quarter
            of which is dead is written anew. While there is a backlog the newest messages go first.
            Mail whose files an older way of reading did not see is marked as having some in passing, so that looking for
            attachments finds it: what is shown of it is read out of its summary and right at once.
LIMITS      Work of more than some milliseconds runs off the event loop; a page of texts is bounded.
FAILURE     Every step is one transaction and may be repeated; a step planned on an older generation is planned anew, so
            that two indexers cost work and nothing else. A damaged segment is dropped and its messages go back to
            the tail.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from smartmail.base import log
from smartmail.domain.ids import AccountId, MessageId, ModSeq
from smartmail.domain.search import (
    CONTENTS_BUCKET,
    IndexStatus,
    NewSegment,
    NewText,
    PendingRow,
    SearchChange,
    SearchState,
    SearchView,
    SegmentRow,
)
from smartmail.formats.seal import SealError
from smartmail.formats.search import postings, segment, terms
from smartmail.formats.search.document import READING, Document, compose
from smartmail.formats.search.segment import LARGE, MIDDLE, SMALL, Contents, Entry
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.mailbox.search.documents import DocumentReader, open_document, seal_document
from smartmail.service.mailbox.search.segments import Segments, open_bucket, placer, seal_bucket
from smartmail.service.mailbox.search.store import Store

PAGE = 100
"""Messages read, and kept in one transaction."""
FRESH = 20
"""Newest messages taken between two pages of a backlog."""
GONE_PAGE = 500
KEPT_TEXT = 10_000
"""Characters of a text that is kept in memory until its segment is made."""
BUILD_TEXT = 30_000_000
"""Characters of texts held while a segment is made."""
DEAD_SHARE = 4
"""A segment of which more than one in so many is dead is written anew."""
EVERYTHING = 1 << 40
_LAST = MessageId((1 << 62) - 1)


class _MovedOnError(Exception):
    """Somebody else changed the index: plan anew."""


@dataclass(slots=True)
class _Job:
    """What one run over an account works with."""

    account_id: AccountId
    keys: Sealer
    state: SearchState
    indexed: int = 0
    read: dict[MessageId, Document] = field(default_factory=dict)


class IndexingService:
    """The work of the indexer."""

    def __init__(self, store: Store, keyring: Keyring, reader: DocumentReader, segments: Segments) -> None:
        self._store = store
        self._keyring = keyring
        self._reader = reader
        self._segments = segments

    async def due(self, limit: int = 1_000) -> list[AccountId]:
        """Return accounts whose mail has changed since their index did, or whose index was read in an older way."""
        return await self._store.search_due(limit, READING)

    async def status(self, account_id: AccountId) -> IndexStatus:
        """Count an account's index. Raises NotFound."""
        return await self._store.search_status(account_id)

    async def rebuild(self, account_id: AccountId) -> None:
        """Have every text of an account read anew; the old index answers until its messages have moved. The work itself
        is done by `catch_up`. Raises NotFound.
        """
        await self._store.account(account_id)
        while True:
            state = await self._store.search_state(account_id)
            change = SearchChange(epoch=state.epoch + 1, cursor=(ModSeq(0), MessageId(0)), reading=READING)
            if await self._store.search_apply(account_id, state.generation, change) is not None:
                return

    async def catch_up(self, account_id: AccountId, most: int = EVERYTHING) -> int:
        """Bring the index to the mail; return how many messages were read: when `most` or more, there may be others.

        Raises NotFound, SealError, Unavailable.
        """
        indexed = 0
        while True:
            keys = await self._keyring.account_by_id(account_id)
            job = _Job(account_id, keys, await self._store.search_state(account_id))
            try:
                await self._run(job, most - indexed)
            except _MovedOnError:
                indexed += job.indexed
                continue
            return indexed + job.indexed

    async def _run(self, job: _Job, most: int) -> None:
        until = await self._store.state(job.account_id, "message")
        await self._read_as_now(job)
        await self._drop_unreadable(job)
        await self._forget_destroyed(job)
        while True:
            place = job.state.cursor, job.state.cursor_message
            rows = await self._store.search_pending(job.account_id, place, PAGE)
            wanted = [row.id for row in rows if not row.indexed]
            more = len(rows) == PAGE
            if more and wanted:
                await self._index(job, await self._newest(job, set(wanted)), None)
            await self._index(job, wanted, _after(rows) if more else _end(rows, until))
            await self._gather(job, SMALL if not more else MIDDLE)
            if not more or job.indexed >= most:
                break
        await self._merge(job)

    async def _read_as_now(self, job: _Job) -> None:
        """Have an index that was read in an older way made anew, as `rebuild` does; an empty one needs no new epoch."""
        state = job.state
        if state.reading < READING:
            again = SearchChange(epoch=state.epoch + 1, cursor=(ModSeq(0), MessageId(0)), reading=READING)
            await self._apply(job, again if state.indexed else SearchChange(reading=READING))

    async def _drop_unreadable(self, job: _Job) -> None:
        """Nobody knows which messages are in a segment whose list does not open: all are read anew."""
        rows = (await self._view(job)).segments
        there = await self._segments.contents(job.keys, job.account_id, rows)
        broken = [row.id for row in rows if row.id not in there]
        if broken:
            log.event("search.unreadable", account=job.account_id, segments=len(broken), error="contents")
            await self._apply(
                job, SearchChange(drop=broken, epoch=job.state.epoch + 1, cursor=(ModSeq(0), MessageId(0)))
            )

    async def _newest(self, job: _Job, besides: set[MessageId]) -> list[MessageId]:
        """Return newest messages that have no text at all: they shall not wait for the backlog."""
        found = await self._store.search_unindexed(job.account_id, FRESH)
        return [one for one in found if one not in besides]

    async def _apply(self, job: _Job, change: SearchChange) -> None:
        state = await self._store.search_apply(job.account_id, job.state.generation, change)
        if state is None:
            raise _MovedOnError
        job.state = state

    # -- texts ------------------------------------------------------------------------------------------------------

    async def _index(
        self, job: _Job, message_ids: Sequence[MessageId], cursor: tuple[ModSeq, MessageId] | None
    ) -> None:
        """Keep the texts of messages; the cursor moves in the same step."""
        if not message_ids and cursor in {None, (job.state.cursor, job.state.cursor_message)}:
            return
        read = await self._reader.read(job.account_id, message_ids, with_files=True)
        texts = [
            NewText(one.id, one.blob_id, one.received_at, seal_document(job.keys, one.id, one.document)) for one in read
        ]
        dead = await self._dead(job, [one.id for one in read]) if job.state.epoch or job.state.generation else {}
        if files := [one.id for one in read if one.unseen_files]:
            await self._store.write(job.account_id, lambda tx: tx.note_files(files))
        await self._apply(job, SearchChange(texts=texts, dead=dead, cursor=cursor))
        if len(job.read) < MIDDLE:
            job.read.update({one.id: one.document for one in read if len(one.document.joined) < KEPT_TEXT})
        job.indexed += len(read)

    async def _forget_destroyed(self, job: _Job) -> None:
        while True:
            found = await self._store.search_gone(job.account_id, job.state.gone, GONE_PAGE)
            if found is None:
                await self._forget_orphans(job)
                return
            ids, until = found
            if until == job.state.gone:
                break
            for start in range(0, len(ids), 5_000):
                await self._forget(job, ids[start : start + 5_000], None)
            await self._apply(job, SearchChange(gone=until))
        target = await self._store.state(job.account_id, "message")
        again = await self._store.search_gone(job.account_id, job.state.gone, 1)
        if again is not None and again[1] == job.state.gone < target:
            # Nothing was destroyed up to here: the next look need not begin further back.
            await self._apply(job, SearchChange(gone=target))

    async def _forget_orphans(self, job: _Job) -> None:
        """The change log was trimmed: compare what is indexed with what is there."""
        target = await self._store.state(job.account_id, "message")
        while orphans := await self._store.search_orphans(job.account_id, 1_000):
            await self._forget(job, orphans, None)
        await self._apply(job, SearchChange(gone=target))

    async def _forget(self, job: _Job, ids: Sequence[MessageId], gone: ModSeq | None) -> None:
        await self._apply(job, SearchChange(forget=ids, dead=await self._dead(job, ids), gone=gone))

    async def _dead(self, job: _Job, ids: Iterable[MessageId]) -> dict[int, bytes]:
        """Return the new bitmaps of the segments that hold some of the messages."""
        view = await self._view(job)
        wanted = set(ids)
        if not wanted or not view.segments:
            return {}
        contents = await self._segments.contents(job.keys, job.account_id, view.segments)
        found: dict[int, bytes] = {}
        for row in view.segments:
            inside = contents.get(row.id)
            if inside is None or min(wanted) > inside.ids[-1] or max(wanted) < inside.ids[0]:
                continue
            before = int.from_bytes(row.dead, "little")
            bits = before | sum(1 << at for at, one in enumerate(inside.ids) if one in wanted and not before >> at & 1)
            if bits != before:
                found[row.id] = bits.to_bytes(postings.width(row.messages), "little")
        return found

    async def _view(self, job: _Job) -> SearchView:
        view = await self._segments.view(job.account_id)
        if view.state.generation != job.state.generation:
            raise _MovedOnError
        return view

    # -- segments ---------------------------------------------------------------------------------------------------

    async def _gather(self, job: _Job, enough: int) -> None:
        """Make segments of the tail while it has enough messages."""
        while len(tail := (await self._view(job)).tail) >= enough:
            documents = await self._documents(job, [one for one, _at in tail[:MIDDLE]])
            contents = segment.contents_of(Entry(one, at) for one, at in tail if one in documents)
            those = [documents[MessageId(one)] for one in contents.ids]
            made = await asyncio.to_thread(_built, job.keys, job.state.next_segment, contents, those)
            await self._apply(job, SearchChange(add=[made]))
            await self._merge(job)

    async def _documents(self, job: _Job, ids: Sequence[MessageId]) -> dict[MessageId, Document]:
        """Return the texts of messages, those read a moment ago and kept ones, up to BUILD_TEXT characters in all."""
        found: dict[MessageId, Document] = {}
        size = 0
        for start in range(0, len(ids), PAGE):
            page = ids[start : start + PAGE]
            missing = [one for one in page if one not in job.read]
            opened = dict(await self._store.search_texts(job.account_id, missing))
            for one in page:
                document = job.read.pop(one, None) or open_document(job.keys, one, opened.get(one, b""))
                found[one] = document or compose()
                size += len(found[one].joined)
            if size > BUILD_TEXT:
                break
            await asyncio.sleep(0)
        return found

    async def _merge(self, job: _Job) -> None:
        while rows := _to_merge((await self._view(job)).segments):
            living = [row for row in rows if _living(row)]
            drop = [row.id for row in rows]
            if not living:
                await self._apply(job, SearchChange(drop=drop))
                continue
            contents = await self._segments.contents(job.keys, job.account_id, living)
            buckets = {row.id: dict(await self._store.search_segment(job.account_id, row.id)) for row in living}
            try:
                merged = await asyncio.to_thread(_merged, job.keys, job.state.next_segment, living, contents, buckets)
            except (SealError, ValueError, KeyError) as error:
                await self._give_up(job, living, contents, error)
                continue
            await self._apply(job, SearchChange(add=[merged], drop=drop))

    async def _give_up(
        self, job: _Job, rows: Sequence[SegmentRow], contents: dict[int, Contents], error: Exception
    ) -> None:
        """Drop segments that do not open; their messages are read anew."""
        log.event("search.unreadable", account=job.account_id, segments=len(rows), error=type(error).__name__)
        await self._apply(job, SearchChange(drop=[row.id for row in rows]))
        for row in rows:
            inside = contents.get(row.id)
            for start in range(0, len(inside.ids) if inside is not None else 0, PAGE):
                assert inside is not None
                await self._index(job, [MessageId(one) for one in inside.ids[start : start + PAGE]], None)
        if len(contents) < len(rows):
            await self._apply(job, SearchChange(epoch=job.state.epoch + 1, cursor=(ModSeq(0), MessageId(0))))
            raise _MovedOnError


def _after(rows: Sequence[PendingRow]) -> tuple[ModSeq, MessageId]:
    return rows[-1].modseq, rows[-1].id


def _end(rows: Sequence[PendingRow], until: ModSeq) -> tuple[ModSeq, MessageId] | None:
    """Return the cursor when all has been looked at that there was at modseq `until`."""
    last = _after(rows) if rows else None
    return last if last is not None and last[0] >= until else (until, _LAST)


def _living(row: SegmentRow) -> int:
    return row.messages - int.from_bytes(row.dead, "little").bit_count()


def _to_merge(rows: Sequence[SegmentRow]) -> list[SegmentRow]:
    """Return segments that shall become one: small ones that make a middle one, middle ones that make a large one, or
    one that is a quarter dead.
    """
    living = {row.id: _living(row) for row in rows}
    for low, high in ((0, MIDDLE), (MIDDLE, LARGE)):
        those = [row for row in rows if low <= living[row.id] < high]
        taken: list[SegmentRow] = []
        for row in those:
            if sum(living[one.id] for one in taken) < high:
                taken.append(row)
        if len(taken) > 1 and sum(living[row.id] for row in taken) >= high:
            return taken
    for row in rows:
        if (row.messages - living[row.id]) * DEAD_SHARE > row.messages:
            return [row]
    return []


def _built(keys: Sealer, segment_id: int, contents: Contents, documents: Sequence[Document]) -> NewSegment:
    sealed = [(CONTENTS_BUCKET, seal_bucket(keys, segment_id, CONTENTS_BUCKET, contents.pack()))]
    for number, plain in segment.build(len(documents), map(terms.of_document, documents), placer(keys)):
        sealed.append((number, seal_bucket(keys, segment_id, number, plain)))
    tail = [MessageId(one) for one in contents.ids]
    return NewSegment(segment_id, len(tail), segment.buckets_for(len(tail)), sealed, tail)


def _merged(
    keys: Sealer,
    segment_id: int,
    rows: Sequence[SegmentRow],
    contents: dict[int, Contents],
    buckets: dict[int, dict[int, bytes]],
) -> NewSegment:
    sources = [
        segment.Source(
            contents[row.id],
            int.from_bytes(row.dead, "little"),
            row.buckets,
            partial(_read, keys, row.id, buckets[row.id]),
        )
        for row in rows
    ]
    merge = segment.Merge(sources, placer(keys))
    sealed = [(CONTENTS_BUCKET, seal_bucket(keys, segment_id, CONTENTS_BUCKET, merge.contents.pack()))]
    for number, plain in merge.run():
        sealed.append((number, seal_bucket(keys, segment_id, number, plain)))
    return NewSegment(segment_id, len(merge.contents.ids), merge.buckets, sealed)


def _read(keys: Sealer, segment_id: int, buckets: dict[int, bytes], number: int) -> bytes:
    sealed = buckets.get(number)
    return b"" if sealed is None else open_bucket(keys, segment_id, number, sealed)
