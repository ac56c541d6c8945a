"""The store's part for figures over time: numbers only."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.ids import OrganizationId
from smartmail.domain.trends import Grain, Trend, Waiting


class TrendStore(Protocol):
    """Keeps what minutes came to, folded into hours."""

    async def add_trends(self, figures: Sequence[Trend]) -> None:
        """Add to minutes; what several processes add to the same minute becomes one."""
        ...

    async def trends(
        self, grain: Grain, names: Sequence[str], organization_id: OrganizationId | None, since: int, until: int
    ) -> list[Trend]:
        """Return figures with since <= at < until, ascending; those of all companies, added up, where none is named. A
        gauge of several companies is the sum of what each measured on the average.
        """
        ...

    async def fold_trends(self, hour: int) -> bool:
        """Make an hour anew out of its minutes; False where it has none."""
        ...

    async def newest_hour(self) -> int | None:
        """Return the newest hour that was folded."""
        ...

    async def drop_trends(self, minute: int, hour: int, limit: int) -> int:
        """Forget at most `limit` minutes, and as many hours, before those given; return how many rows went."""
        ...

    async def waiting(self) -> list[Waiting]:
        """Return what waits in the queue now, by company."""
        ...
