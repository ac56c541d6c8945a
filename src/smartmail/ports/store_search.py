"""The store's part for search: sealed texts, sealed buckets, and how far the indexer is.

Nothing here belongs to a mail transaction: the index follows the change log and may always be made anew. One indexer at
a time changes an account's index; `search_apply` refuses a step that was planned on an older generation.
"""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.ids import AccountId, MessageId, ModSeq
from smartmail.domain.search import IndexStatus, PendingRow, SearchChange, SearchState, SearchView


class SearchStore(Protocol):
    """The search index of accounts."""

    async def search_due(self, limit: int, reading: int) -> list[AccountId]:
        """Return accounts whose mail has changed since their index did, or whose index was read in an older way."""
        ...

    async def search_state(self, account_id: AccountId) -> SearchState:
        """Return how far an index is; the initial state when there is none."""
        ...

    async def search_view(self, account_id: AccountId) -> SearchView:
        """Return state, segments by id and tail, from one snapshot."""
        ...

    async def search_pending(
        self, account_id: AccountId, after: tuple[ModSeq, MessageId], limit: int
    ) -> list[PendingRow]:
        """Return messages by (modseq, id) after a place, indexed or not."""
        ...

    async def search_unindexed(self, account_id: AccountId, limit: int) -> list[MessageId]:
        """Return messages without a search text that changed after the cursor, newest first."""
        ...

    async def search_gone(
        self, account_id: AccountId, after: ModSeq, limit: int
    ) -> tuple[list[MessageId], ModSeq] | None:
        """Return messages destroyed in the first `limit` transactions after a modseq, and the last one's modseq (`after`
        when there was none); None when the log does not reach back that far. Raises NotFound.
        """
        ...

    async def search_orphans(self, account_id: AccountId, limit: int) -> list[MessageId]:
        """Return messages that have a search text and are no more: a walk over all, for when the change log is cut."""
        ...

    async def search_buckets(
        self, account_id: AccountId, keys: Sequence[tuple[int, int]]
    ) -> list[tuple[int, int, bytes]]:
        """Return (segment, number, sealed bucket) of those (segment, number) that exist."""
        ...

    async def search_segment(self, account_id: AccountId, segment_id: int) -> list[tuple[int, bytes]]:
        """Return (number, sealed bucket) of a whole segment, its list of messages among them."""
        ...

    async def search_texts(
        self, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> list[tuple[MessageId, bytes]]:
        """Return sealed search texts of those that exist, in no order."""
        ...

    async def search_apply(self, account_id: AccountId, generation: int, change: SearchChange) -> SearchState | None:
        """Do one step; return the state after it. None, and nothing is changed: the generation is another one."""
        ...

    async def search_status(self, account_id: AccountId) -> IndexStatus:
        """Count an index: a walk over it."""
        ...
