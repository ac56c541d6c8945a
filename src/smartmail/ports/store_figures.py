"""The store's part for reports: rows to count, and counted days (sealed)."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.figures import FigureRow
from smartmail.domain.ids import OrganizationId
from smartmail.domain.trace import EventRow, StoryRow


class FigureStore(Protocol):
    """Gives what is counted a page at a time; keeps what it came to."""

    async def stories_begun(
        self, organization_id: OrganizationId, *, after: int, before: int, limit: int
    ) -> list[StoryRow]:
        """Return stories with after < id < before, ascending."""
        ...

    async def events_of_span(
        self,
        organization_id: OrganizationId,
        *,
        after: tuple[int, int],
        before: int,
        since: int,
        until: int,
        limit: int,
    ) -> list[tuple[EventRow, StoryRow]]:
        """Return events (seq in [since, until)) of stories with an id below `before`, each with its story, by (story, seq)
        from above `after` on.
        """
        ...

    async def put_figures(self, row: FigureRow) -> None:
        """Keep a counted day, in the place of the one that was there."""
        ...

    async def figures(self, organization_id: OrganizationId, first: str, last: str) -> list[FigureRow]:
        """Return the counted days from the first to the last, ascending."""
        ...

    async def counted_days(self, organization_id: OrganizationId, first: str) -> Sequence[str]:
        """Return the names of the counted days from one on, ascending."""
        ...

    async def drop_figures(self, before: str) -> int:
        """Forget days before one; return how many."""
        ...
