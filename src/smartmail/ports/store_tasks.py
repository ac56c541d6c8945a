"""The store's part for leased work of all kinds: what is the same whatever the work is (adapters.sql.tasks)."""

from typing import Protocol

from smartmail.domain.tasks import HeldTask


class TaskStore(Protocol):
    """Says what is due, and takes back what dead processes held."""

    async def due(self, now: int) -> set[str]:
        """Return the kinds of work of which something is due and held by nobody. One statement for all of them. Of work that
        its worker leases again and again, such as the moving of a volume, also what is held.
        """
        ...

    async def held(self, now: int, limit: int) -> list[HeldTask]:
        """Return what workers hold, at most `limit` of each kind, in the order of the kinds. The queue's entries are not among it."""
        ...

    async def take_back(self, workers: str) -> dict[str, int]:
        """End the leases of workers whose names begin so, who are known to be dead; their work may be leased again at once.
        Return how many workers of each kind of work were found. The queue has its own (`take_back`).
        """
        ...
