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
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress

from smartmail.domain.errors import Unavailable
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.search import SearchView, SegmentRow
from smartmail.formats.search import postings
from smartmail.formats.search.document import Document
from smartmail.formats.search.segment import Contents
from smartmail.formats.search.wording import Clause
from smartmail.ports.store import Store
from smartmail.service.keyring import Keyring, Sealer
from smartmail.service.search.documents import DocumentReader, open_document
from smartmail.service.search.segments import Segments

READ_PENDING = 200
"""Messages not indexed yet that a query reads itself, newest first."""
MAX_TEXTS = 16_000_000
_SEGMENT_PAGE = 32
_NEWEST_PAGE = 8
_TEXT_PAGE = 256
_ASIDE = 64
"""More texts than these are opened off the event loop."""
_ATTEMPTS = 5

Hit = tuple[int, MessageId]
"""When received, and which message: hits sort by time."""


@dataclass(slots=True)
class Hits:
    """What one clause has found so far: sure ones, and those whose text must be looked at."""

    sure: list[Hit] = field(default_factory=list)
    maybe: list[Hit] = field(default_factory=list)

    def newer_than(self, bound: int) -> "Hits":
        """Take out the hits that were received after a time."""
        taken = Hits(*([hit for hit in those if hit[0] > bound] for those in (self.sure, self.maybe)))
        self.sure, self.maybe = ([hit for hit in those if hit[0] <= bound] for those in (self.sure, self.maybe))
        return taken


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
            maybe = hits.maybe if within is None else [hit for hit in hits.maybe if hit[1] in within]
            matched = {hit[1] for hit in hits.sure}
            matched.update([hit[1] for hit in await self._verified(keys, account_id, clause, maybe)])
            found.append(matched)
        return found

    async def newest(self, account_id: AccountId, clause: Clause, limit: int) -> list[MessageId]:
        """Return the newest received messages that match, at most `limit`: no more segments are read and no more texts
        opened than needed.
        """
        keys = await self._keyring.account_by_id(account_id)
        for _attempt in range(_ATTEMPTS):
            view = await self._segments.view(account_id)
            found = await self._newest_in(keys, account_id, view, clause, limit)
            if await self._stands(account_id, view, whole=found is not None):
                return found or []
        raise Unavailable(detail="the index changes faster than it can be read")

    async def _newest_in(
        self, keys: Sealer, account_id: AccountId, view: SearchView, clause: Clause, limit: int
    ) -> list[MessageId] | None:
        """Read segments by their newest message; None: the list of one of them was not there."""
        contents = await self._segments.contents(keys, account_id, view.segments)
        if len(contents) < len(view.segments):
            return None
        rows = sorted(view.segments, key=lambda row: max(contents[row.id].times, default=0), reverse=True)
        bounds = [max(contents[row.id].times, default=0) for row in rows]
        hits, found = Hits(), list[MessageId]()
        await self._judge_loose(keys, account_id, view, clause, hits)
        for start in range(0, len(rows) + 1, _NEWEST_PAGE):
            # What was received after everything in the segments that are left is next in the order.
            ready = hits.newer_than(bounds[start] if start < len(rows) else -1)
            found += await self._picked_newest(keys, account_id, clause, ready, limit - len(found))
            if len(found) >= limit:
                break
            await self._judge_segments(keys, account_id, rows[start : start + _NEWEST_PAGE], clause, hits)
            await asyncio.sleep(0)
        found += await self._picked_newest(keys, account_id, clause, hits.newer_than(-1), limit - len(found))
        return found

    async def _picked_newest(
        self, keys: Sealer, account_id: AccountId, clause: Clause, hits: Hits, limit: int
    ) -> list[MessageId]:
        """Return the newest that match."""
        sure = set(hits.sure)
        ordered = sorted(sure.union(hits.maybe), reverse=True)
        found: list[MessageId] = []
        step = max(_TEXT_PAGE, limit)
        for start in range(0, len(ordered) if limit > 0 else 0, step):
            page = ordered[start : start + step]
            good = set(await self._verified(keys, account_id, clause, [hit for hit in page if hit not in sure]))
            found += [hit[1] for hit in page if hit in sure or hit in good]
            if len(found) >= limit:
                break
        return found[:limit]

    async def pending(self, account_id: AccountId) -> int:
        """Return how many messages no query looks at: not indexed, and too many to be read on the spot."""
        unindexed = await self._store.search_unindexed(account_id, READ_PENDING + 1)
        if len(unindexed) <= READ_PENDING:
            return 0
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

    async def _hits(self, keys: Sealer, account_id: AccountId, clause: Clause) -> Hits:
        for _attempt in range(_ATTEMPTS):
            view = await self._segments.view(account_id)
            hits = Hits()
            await self._judge_loose(keys, account_id, view, clause, hits)
            whole = True
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

    async def _judge_loose(
        self, keys: Sealer, account_id: AccountId, view: SearchView, clause: Clause, hits: Hits
    ) -> None:
        """Judge messages without a segment by their texts: the tail, and what is not indexed yet."""
        times = dict(view.tail)
        found = await self._loose_texts(keys, account_id, view.state.generation, list(times))
        hits.sure += [(times[one], one) for one, document in found.items() if clause.holds(document)]
        unindexed = await self._store.search_unindexed(account_id, READ_PENDING)
        if not unindexed:
            return
        fresh = [one for one in unindexed if self._texts.get((account_id, one)) is None]
        for read in await self._reader.read(account_id, fresh, with_files=False):
            self._texts.put((account_id, read.id), read.document, read.received_at)
        for one in unindexed:
            held = self._texts.get((account_id, one))
            if held is not None and clause.holds(held[0]):
                hits.sure.append((held[1], one))

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
                found[one] = held[0]
        opened = await self._open(keys, account_id, missing)
        for one, document in opened.items():
            self._texts.put((account_id, one, generation), document, 0)
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
                judged = clause.judge(_Lookup(lists, row.id, size), alive)
                sure, maybe = judged[0], judged[1] & ~judged[0]
            hits.sure += _picked(inside, sure, size)
            hits.maybe += _picked(inside, maybe, size)
        return len(contents) == len(rows)

    # -- verification -----------------------------------------------------------------------------------------------

    async def _verified(self, keys: Sealer, account_id: AccountId, clause: Clause, hits: Sequence[Hit]) -> list[Hit]:
        found: list[Hit] = []
        for start in range(0, len(hits), _TEXT_PAGE):
            page = hits[start : start + _TEXT_PAGE]
            sealed = dict(await self._store.search_texts(account_id, [hit[1] for hit in page]))
            if len(page) > _ASIDE:
                matched = await asyncio.to_thread(_matched, keys, clause, sealed)
            else:
                matched = _matched(keys, clause, sealed)
            found += [hit for hit in page if hit[1] in matched]
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


def _picked(contents: Contents, bits: int, size: int) -> Iterator[Hit]:
    if not bits:
        return iter(())
    if bits.bit_count() < size:
        return iter([(contents.times[at], MessageId(contents.ids[at])) for at in postings.positions(bits, size)])
    flags = postings.flags(bits, size)
    return zip(compress(contents.times, flags), map(MessageId, compress(contents.ids, flags)), strict=True)


class _Lookup:
    """Term → messages of one segment as bits; each list is read once."""

    def __init__(self, lists: dict[tuple[int, str], memoryview], segment_id: int, size: int) -> None:
        self._lists = lists
        self._id = segment_id
        self._size = size
        self._known: dict[str, int] = {}

    def __call__(self, term: str) -> int:
        known = self._known.get(term)
        if known is None:
            list_ = self._lists.get((self._id, term))
            known = self._known[term] = 0 if list_ is None else postings.bits_of(list_, self._size)
        return known


class _Texts:
    """Opened texts, the least used go first."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[object, ...], tuple[Document, int]] = OrderedDict()
        self._size = 0

    def get(self, key: tuple[object, ...]) -> tuple[Document, int] | None:
        held = self._held.get(key)
        if held is not None:
            self._held.move_to_end(key)
        return held

    def put(self, key: tuple[object, ...], document: Document, received_at: int) -> None:
        if key in self._held:
            return
        self._held[key] = document, received_at
        self._size += len(document.joined)
        while self._size > MAX_TEXTS:
            _key, (gone, _at) = self._held.popitem(last=False)
            self._size -= len(gone.joined)
