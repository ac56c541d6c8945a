"""The store's part for message trace and books. Everything but times, ids and counts is a keyed hash or sealed."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.ids import AccountId, MessageId, OrganizationId
from smartmail.domain.trace import ActRow, Book, EventRow, Fold, StoryRow, TextRow, TraceBatch


class TraceStore(Protocol):
    """Stories, their events, what finds them, and the books."""

    async def add_trace(self, batch: TraceBatch) -> None:
        """Write a batch. A story that is there already stays as it is; its new events join it."""
        ...

    async def find_trace(self, keys: Sequence[bytes], *, since: int, until: int, limit: int) -> list[int]:
        """Return the newest stories, begun in [since, until), that one of the keyed hashes finds; the newest first."""
        ...

    async def recent_trace(
        self, organization_id: OrganizationId | None, *, since: int, until: int, limit: int
    ) -> list[int]:
        """Return the newest stories begun in [since, until), the newest first."""
        ...

    async def trace_stories(self, ids: Sequence[int]) -> list[StoryRow]:
        """Return the stories that exist, ascending."""
        ...

    async def trace_events(self, ids: Sequence[int], limit: int) -> list[EventRow]:
        """Return events of stories in the order in which they happened; at most the first `limit` of each."""
        ...

    async def trace_texts(
        self, organization_id: OrganizationId, *, after: int, before: int, limit: int
    ) -> list[TextRow]:
        """Return pieces of words with after < id < before, the newest first."""
        ...

    async def small_trace_texts(self, organization_id: OrganizationId, *, before: int, limit: int) -> list[TextRow]:
        """Return pieces that are small enough to be merged, the oldest first."""
        ...

    async def merge_trace_texts(self, merged: TextRow, ids: Sequence[int]) -> bool:
        """Put one piece in the place of others; False, and nothing done, where one of them is gone."""
        ...

    async def trace_acts(self, after: tuple[int, int, int], limit: int) -> list[ActRow]:
        """Return what was done with delivered messages and is not told yet, the oldest first; `after`: a key."""
        ...

    async def stories_of(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> dict[MessageId, int]:
        """Return the stories of messages of an account that have one (above 0, whether they were read or not)."""
        ...

    async def messages_of_stories(self, account_id: AccountId, stories: Sequence[int], since: int) -> list[MessageId]:
        """Return messages of an account with one of some stories, received since (milliseconds): a walk over what lies there."""
        ...

    async def drop_trace_acts(self, keys: Sequence[tuple[int, int, int]]) -> None:
        """Forget acts that are told."""
        ...

    async def drop_trace(self, before: int, limit: int) -> int:
        """Forget at most `limit` events, and as many keys, stories and pieces, from before a time; return how many rows
        went. Books stay.
        """
        ...

    async def settle_books(self, limit: int) -> Fold:
        """Sum up entries of the queue that have come to their end, and whose recipients all have one."""
        ...

    async def books(self, since: int, until: int) -> list[Book]:
        """Return the books of hours that begin in [since, until), ascending."""
        ...

    async def unbalanced(self, since: int, until: int, limit: int) -> list[tuple[int, int]]:
        """Return entries made in [since, until) of which recipients are missing (positive) or too many, and how many."""
        ...
