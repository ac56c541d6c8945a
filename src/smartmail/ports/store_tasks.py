"""The store's part for leased work of all kinds: what is the same whatever the work is (adapters.sql.tasks)."""

from typing import Protocol

from smartmail.domain.tasks import DueKind, HeldTask, TaskKind


class TaskStore(Protocol):
    """Says what is due, and takes back what dead processes held."""

    async def due_tasks(self, now: int) -> set[DueKind]:
        """Return the kinds of work of which something is due and held by nobody. One statement for all of them. Of work that
        its worker leases again and again, such as the moving of a volume, also what is held.
        """
        ...

    async def held_tasks(self, now: int, limit: int) -> list[HeldTask]:
        """Return what workers hold, at most `limit` of each kind, in the order of the kinds. The queue's entries are not among it."""
        ...

    async def take_back_tasks(self, workers: str) -> dict[TaskKind, int]:
        """End the leases of workers whose names begin so, who are known to be dead; their work may be leased again at once.
        Return how many workers of each kind of work were found. The queue has its own (`take_back`).
        """
        ...
