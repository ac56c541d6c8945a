"""Segments opened: which there are, their lists of messages, their buckets. Shared by queries and the indexer.

LIMITS   Lists of messages are kept up to MAX_CONTENTS messages per process (16 octets each), the oldest go first.
FAILURE  What does not open raises SealError or ValueError; callers decide what a damaged segment costs.
"""

import hmac
from collections import OrderedDict
from collections.abc import Callable, Sequence

from smartmail.domain.ids import AccountId
from smartmail.domain.search import CONTENTS_BUCKET, SearchView, SegmentRow
from smartmail.formats.seal import Kind, Purpose, SealError
from smartmail.formats.search.postings import Bucket
from smartmail.formats.search.segment import Contents
from smartmail.ports.store_search import SearchStore
from smartmail.service.kernel.keyring import Sealer

MAX_CONTENTS = 4_000_000
MAX_VIEWS = 2_000
_CONTENTS_PLACE = (1 << 32) - 1
"""In what binds a sealed bucket to its place, a number cannot be negative."""


class Segments:
    """Reads the segments of accounts."""

    def __init__(self, store: SearchStore) -> None:
        self._store = store
        self._contents: OrderedDict[tuple[AccountId, int], Contents] = OrderedDict()
        self._held = 0
        self._views: OrderedDict[AccountId, SearchView] = OrderedDict()

    async def view(self, account_id: AccountId) -> SearchView:
        """Return state, segments and tail as they are now."""
        known = self._views.get(account_id)
        if known is None or known.state != await self._store.search_state(account_id):
            known = self._views[account_id] = await self._store.search_view(account_id)
        self._views.move_to_end(account_id)
        while len(self._views) > MAX_VIEWS:
            self._views.popitem(last=False)
        return known

    async def contents(self, keys: Sealer, account_id: AccountId, rows: Sequence[SegmentRow]) -> dict[int, Contents]:
        """Return the lists of messages of segments; one that is missing or does not open is left out."""
        found: dict[int, Contents] = {}
        missing: list[tuple[int, int]] = []
        for row in rows:
            known = self._contents.get((account_id, row.id))
            if known is None:
                missing.append((row.id, CONTENTS_BUCKET))
            else:
                found[row.id] = known
        for segment_id, number, sealed in await self._store.search_buckets(account_id, missing):
            try:
                found[segment_id] = Contents.unpack(open_bucket(keys, segment_id, number, sealed))
            except (SealError, ValueError):
                continue
            self._keep((account_id, segment_id), found[segment_id])
        return found

    def _keep(self, key: tuple[AccountId, int], contents: Contents) -> None:
        if key in self._contents:
            return
        self._contents[key] = contents
        self._held += len(contents.ids)
        while self._held > MAX_CONTENTS and len(self._contents) > 1:
            _key, gone = self._contents.popitem(last=False)
            self._held -= len(gone.ids)

    async def lists(
        self, keys: Sealer, account_id: AccountId, rows: Sequence[SegmentRow], terms: Sequence[str]
    ) -> tuple[dict[tuple[int, str], memoryview], set[int]]:
        """Return (segment, term) → list of messages, and the segments of which some bucket does not open."""
        place = placer(keys)
        hashes = {term: place(term) for term in terms}
        wanted: dict[tuple[int, int], list[str]] = {}
        for row in rows:
            for term, hash_ in hashes.items():
                wanted.setdefault((row.id, hash_ & row.buckets - 1), []).append(term)
        found: dict[tuple[int, str], memoryview] = {}
        damaged: set[int] = set()
        for segment_id, number, sealed in await self._store.search_buckets(account_id, list(wanted)):
            try:
                bucket = Bucket(open_bucket(keys, segment_id, number, sealed))
            except (SealError, ValueError):
                damaged.add(segment_id)
                continue
            for term in wanted[segment_id, number]:
                list_ = bucket.find(term)
                if list_ is not None:
                    found[segment_id, term] = list_
        return found, damaged


def placer(keys: Sealer) -> Callable[[str], int]:
    """Return the keyed hash that says in which bucket a term lies: sizes of buckets then tell nothing of words."""
    key = keys.hashes.hash_key(Purpose.SEARCH_TERM)

    def place(term: str) -> int:
        return int.from_bytes(hmac.digest(key, term.encode("utf-8", "surrogatepass"), "sha256")[:4], "little")

    return place


def seal_bucket(keys: Sealer, segment_id: int, number: int, plain: bytes) -> bytes:
    """Seal a bucket for its place."""
    return keys.seal(Kind.SEARCH_BUCKET, plain, segment_id, place_of(number))


def open_bucket(keys: Sealer, segment_id: int, number: int, sealed: bytes) -> bytes:
    """Open a bucket. Raises SealError."""
    return keys.open(Kind.SEARCH_BUCKET, sealed, segment_id, place_of(number))


def place_of(number: int) -> int:
    """Return what a bucket is bound to beside its segment."""
    return _CONTENTS_PLACE if number == CONTENTS_BUCKET else number
