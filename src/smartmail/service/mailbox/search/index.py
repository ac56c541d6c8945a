"""Answers which messages of an account match clauses of text.

NAME        search index
PURPOSE     For each clause the exact set of messages: one bucket per term and segment says who may match, the sealed
            search text of those decides where the terms alone do not. Must not know mailboxes and rights.
STATES      none; a query whose segments were merged under it is run again.
LIMITS      Segments and texts are read in pages, so that the event loop is never held for long; opened texts of messages
            without a segment are kept up to MAX_TEXTS characters per process.
FAILURE     A damaged bucket makes all messages of its segment candidates, so that their texts decide; a segment whose list
            of messages does not open makes the answer Unavailable until the indexer has replaced it, never wrong. A
            message whose text does not open is not found and logged. Messages that are not indexed yet are read on the spot when
            they are few (READ_PENDING), the rest is counted, never hidden.
SECURITY    Buckets and texts are opened in memory only.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Sequence

from smartmail.domain.errors import Unavailable
from smartmail.domain.ids import AccountId, BlobId, MessageId
from smartmail.domain.search import SearchView, SegmentRow
from smartmail.formats.search import postings
from smartmail.formats.search.document import Document
from smartmail.formats.search.segment import BEFORE_ALL
from smartmail.formats.search.wording import Clause
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.mailbox.search.documents import DocumentReader, ReadMessage, open_document
from smartmail.service.mailbox.search.hits import ByTime, Everything, Hits, Lookup
from smartmail.service.mailbox.search.segments import Segments
from smartmail.service.mailbox.search.store import Store

READ_PENDING = 200
"""Messages not indexed yet that a query reads itself, newest first."""
MAX_TEXTS = 16_000_000
_SEGMENT_PAGE = 32
_NEWEST_PAGE = 8
_TEXT_PAGE = 256
_ASIDE = 64
"""More texts than these are opened off the event loop."""
_ATTEMPTS = 5
_NO_BLOB = BlobId(b"")


class SearchIndex:
    """Finds messages by their text."""

    def __init__(self, store: Store, keyring: Keyring, reader: DocumentReader, segments: Segments) -> None:
        self._store = store
        self._keyring = keyring
        self._reader = reader
        self._segments = segments
        self._texts = _Texts()

    async def matching(
        self, account_id: AccountId, clauses: Sequence[Clause], within: Collection[MessageId] | None = None
    ) -> list[set[MessageId]]:
        """Return for each clause the messages that match, of those in `within` if it is given.

        Messages that were destroyed a moment ago may be among them. Raises NotFound, SealError, Unavailable.
        """
        keys = await self._keyring.account_by_id(account_id)
        found: list[set[MessageId]] = []
        for clause in clauses:
            hits = await self._hits(keys, account_id, clause)
            maybe = hits.maybe if within is None else [one for one in hits.maybe if one in within]
            found.append(hits.sure | await self._verified(keys, account_id, clause, maybe))
        return found

    async def newest(self, account_id: AccountId, clause: Clause, limit: int) -> list[MessageId]:
        """Return the newest received messages that match, at most `limit`: no more segments are read and no more texts
        opened than needed.
        """
        keys = await self._keyring.account_by_id(account_id)
        for _attempt in range(_ATTEMPTS):
            hits = ByTime()
            view = await self._judge_loose(keys, account_id, clause, hits)
            found = await self._newest_in(keys, account_id, view, clause, limit, hits)
            if await self._stands(account_id, view, whole=found is not None):
                return found or []
        raise Unavailable(detail="the index changes faster than it can be read")

    async def _newest_in(
        self, keys: Sealer, account_id: AccountId, view: SearchView, clause: Clause, limit: int, hits: ByTime
    ) -> list[MessageId] | None:
        """Read segments by their newest message; None: the list of one of them was not there."""
        contents = await self._segments.contents(keys, account_id, view.segments)
        if len(contents) < len(view.segments):
            return None
        rows = sorted(view.segments, key=lambda row: contents[row.id].latest, reverse=True)
        bounds = [contents[row.id].latest for row in rows]
        found: list[MessageId] = []
        for start in range(0, len(rows) + 1, _NEWEST_PAGE):
            # What was received after everything in the segments that are left is next in the order.
            ready = hits.newer_than(bounds[start] if start < len(rows) else BEFORE_ALL)
            found += await self._picked_newest(keys, account_id, clause, ready, limit - len(found))
            if len(found) >= limit:
                break
            await self._judge_segments(keys, account_id, rows[start : start + _NEWEST_PAGE], clause, hits)
            await asyncio.sleep(0)
        found += await self._picked_newest(keys, account_id, clause, hits.newer_than(BEFORE_ALL), limit - len(found))
        return found

    async def _picked_newest(
        self, keys: Sealer, account_id: AccountId, clause: Clause, hits: ByTime, limit: int
    ) -> list[MessageId]:
        """Return the newest that match."""
        sure = set(hits.sure)
        ordered = sorted(sure.union(hits.maybe), reverse=True)
        found: list[MessageId] = []
        step = max(_TEXT_PAGE, limit)
        for start in range(0, len(ordered) if limit > 0 else 0, step):
            page = ordered[start : start + step]
            good = await self._verified(keys, account_id, clause, [hit[1] for hit in page if hit not in sure])
            found += [hit[1] for hit in page if hit in sure or hit[1] in good]
            if len(found) >= limit:
                break
        return found[:limit]

    async def pending(self, account_id: AccountId) -> int:
        """Return how many messages queries do not look into, or not into the text of their files: those not indexed that
        are too many to be read on the spot, and those read so whose files have text.
        """
        unindexed = await self._store.search_unindexed(account_id, READ_PENDING + 1)
        if len(unindexed) <= READ_PENDING:
            return sum(not read.whole for read in (await self._read(account_id, unindexed)).values())
        account, state = await self._store.account(account_id), await self._store.search_state(account_id)
        return max(account.messages - state.indexed - READ_PENDING, 1)

    async def documents(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> dict[MessageId, Document]:
        """Return the texts of messages, indexed or not; those that do not open are left out."""
        keys = await self._keyring.account_by_id(account_id)
        found = await self._open(keys, account_id, message_ids)
        missing = [one for one in message_ids if one not in found]
        if missing:
            read = await self._reader.read(account_id, missing, with_files=False)
            found.update({one.id: one.document for one in read})
        return found

    # -- candidates -------------------------------------------------------------------------------------------------

    async def _hits(self, keys: Sealer, account_id: AccountId, clause: Clause) -> Everything:
        for _attempt in range(_ATTEMPTS):
            hits, whole = Everything(), True
            view = await self._judge_loose(keys, account_id, clause, hits)
            for start in range(0, len(view.segments), _SEGMENT_PAGE):
                rows = view.segments[start : start + _SEGMENT_PAGE]
                whole &= await self._judge_segments(keys, account_id, rows, clause, hits)
                await asyncio.sleep(0)
            if await self._stands(account_id, view, whole=whole):
                return hits
        raise Unavailable(detail="the index changes faster than it can be read")

    async def _stands(self, account_id: AccountId, view: SearchView, *, whole: bool) -> bool:
        """Whether the index is still what was read. Raises Unavailable when it is and a part of it does not open."""
        if (await self._store.search_state(account_id)).generation != view.state.generation:
            return False
        if not whole:
            raise Unavailable(detail="a segment of the index does not open")
        return True

    async def _judge_loose(self, keys: Sealer, account_id: AccountId, clause: Clause, hits: Hits) -> SearchView:
        """Judge by their texts what is not indexed yet and what has no segment; return the view that the segments are
        to be read by. In this order: what is indexed meanwhile is in the view.
        """
        unindexed = await self._store.search_unindexed(account_id, READ_PENDING)
        for one, read in (await self._read(account_id, unindexed)).items():
            if clause.holds(read.document):
                hits.add(read.received_at, one)
        view = await self._segments.view(account_id)
        times = dict(view.tail)
        texts = await self._loose_texts(keys, account_id, view.state.generation, list(times))
        for one, document in texts.items():
            if clause.holds(document):
                hits.add(times[one], one)
        return view

    async def _read(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> dict[MessageId, ReadMessage]:
        """Return messages that are not indexed yet, without the text of their files: that takes longer than a person
        waits.
        """
        found: dict[MessageId, ReadMessage] = {}
        for one in message_ids:
            held = self._texts.get((account_id, one))
            if held is not None:
                found[one] = held
        missing = [one for one in message_ids if one not in found]
        for read in await self._reader.read(account_id, missing, with_files=False) if missing else ():
            self._texts.put((account_id, read.id), read)
            found[read.id] = read
        return found

    async def _loose_texts(
        self, keys: Sealer, account_id: AccountId, generation: int, message_ids: Sequence[MessageId]
    ) -> dict[MessageId, Document]:
        found: dict[MessageId, Document] = {}
        missing: list[MessageId] = []
        for one in message_ids:
            held = self._texts.get((account_id, one, generation))
            if held is None:
                missing.append(one)
            else:
                found[one] = held.document
        opened = await self._open(keys, account_id, missing)
        for one, document in opened.items():
            self._texts.put((account_id, one, generation), ReadMessage(one, _NO_BLOB, 0, document))
        return found | opened

    async def _judge_segments(
        self, keys: Sealer, account_id: AccountId, rows: Sequence[SegmentRow], clause: Clause, hits: Hits
    ) -> bool:
        """Judge the messages of segments; say whether the lists of all of them were there."""
        contents = await self._segments.contents(keys, account_id, rows)
        lists, damaged = await self._segments.lists(keys, account_id, rows, list(clause.all_terms()))
        for row in rows:
            inside = contents.get(row.id)
            if inside is None:
                continue
            size = postings.width(row.messages)
            alive = ((1 << row.messages) - 1) & ~int.from_bytes(row.dead, "little")
            if row.id in damaged:
                sure, maybe = 0, alive
            else:
                judged = clause.judge(Lookup(lists, row.id, size), alive)
                sure, maybe = judged[0], judged[1] & ~judged[0]
            hits.keep(inside, sure, maybe, size)
        return len(contents) == len(rows)

    # -- verification -----------------------------------------------------------------------------------------------

    async def _verified(
        self, keys: Sealer, account_id: AccountId, clause: Clause, message_ids: Sequence[MessageId]
    ) -> set[MessageId]:
        found: set[MessageId] = set()
        for start in range(0, len(message_ids), _TEXT_PAGE):
            page = message_ids[start : start + _TEXT_PAGE]
            sealed = dict(await self._store.search_texts(account_id, page))
            if len(page) > _ASIDE:
                found |= await asyncio.to_thread(_matched, keys, clause, sealed)
            else:
                found |= _matched(keys, clause, sealed)
            await asyncio.sleep(0)
        return found

    async def _open(
        self, keys: Sealer, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> dict[MessageId, Document]:
        found: dict[MessageId, Document] = {}
        for start in range(0, len(message_ids), _TEXT_PAGE):
            page = await self._store.search_texts(account_id, message_ids[start : start + _TEXT_PAGE])
            for one, sealed in page:
                document = open_document(keys, one, sealed)
                if document is not None:
                    found[one] = document
            await asyncio.sleep(0)
        return found


def _matched(keys: Sealer, clause: Clause, sealed: dict[MessageId, bytes]) -> set[MessageId]:
    found = set()
    for one, octets in sealed.items():
        document = open_document(keys, one, octets)
        if document is not None and clause.holds(document):
            found.add(one)
    return found


class _Texts:
    """Opened texts, the least used go first."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[int, ...], ReadMessage] = OrderedDict()
        self._size = 0

    def get(self, key: tuple[int, ...]) -> ReadMessage | None:
        held = self._held.get(key)
        if held is not None:
            self._held.move_to_end(key)
        return held

    def put(self, key: tuple[int, ...], read: ReadMessage) -> None:
        if key in self._held:
            return
        self._held[key] = read
        self._size += len(read.document.joined)
        while self._size > MAX_TEXTS:
            _key, gone = self._held.popitem(last=False)
            self._size -= len(gone.document.joined)
