"""The store's part for shares of the queue and for administrators: lines, flows, finding and changing by any mark."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import QueueEntryId
from smartmail.domain.queue import (
    Attempt,
    Flow,
    Lease,
    NewQueueEntry,
    Pick,
    QueueAct,
    QueueEntryRow,
    QueueFilter,
    QueueRecipient,
    QueueTarget,
    QueueTotals,
)


class QueueLineStore(Protocol):
    """What workers take, and in which order (docs/adr/0017)."""

    async def line_up(self, now: int, limit: int) -> int:
        """Put recipients whose time has come, and leases that ran out, into line; return how many."""
        ...

    async def queue_lanes(self, first: int, end: int, limit: int) -> list[int]:
        """Return lanes from `first` to before `end` that have something in line, ascending."""
        ...

    async def queue_flows(self, lane: int, after: str, limit: int) -> list[Flow]:
        """Return flows of a lane with something in line whose destination sorts after `after`, ascending."""
        ...

    async def lease(self, worker: str, *, now: int, until: int, picks: Sequence[Pick]) -> list[Lease]:
        """Take what the picks name, the oldest entries of each flow first; what waits with its destination counts too.

        A recipient is passed over while an older entry of the same lane for the same address is leased.
        """
        ...

    async def renew(self, worker: str, entry_ids: Sequence[QueueEntryId], until: int) -> None:
        """Make leases that the worker still holds end later."""
        ...

    async def give_back(self, worker: str, entry_id: QueueEntryId, numbers: Sequence[int] = (), *, now: int) -> None:
        """End leases of an entry without an attempt; their recipients stand in line again. `numbers`: of these recipients, none:
        of all that the worker has, which may be several leases for several destinations.
        """
        ...

    async def take_back(self, workers: str, *, now: int) -> int:
        """End the leases of workers whose names begin so, who are known to be dead; their recipients stand in line
        again. Return of how many entries.
        """
        ...

    async def take_over(self, *, now: int, silent_since: int) -> int:
        """End the leases of workers of nodes that were not seen after `silent_since`, or whose name is another place's by now;
        their recipients stand in line again. Returns of how many entries. Raises ClockOff.
        """
        ...

    async def wake(self, domain: str, *, now: int, limit: int) -> int:
        """Put recipients that wait with this destination into line, oldest first; return how many."""
        ...


class QueueControlStore(Protocol):
    """What administrators ask. These may read the whole queue."""

    async def find_queue(
        self, wanted: QueueFilter, *, now: int, after: QueueEntryId, limit: int
    ) -> list[tuple[QueueEntryRow, list[QueueRecipient]]]:
        """Return entries after an id, ascending, each with those of its open recipients that are meant."""
        ...

    async def change_queue(
        self,
        act: QueueAct,
        targets: Sequence[QueueTarget],
        *,
        now: int,
        domain: str = "",
        audit: AuditRecord | None = None,
    ) -> list[tuple[QueueEntryId, list[int]]]:
        """Do an act on recipients that are not leased, in one commit; return those that it met.

        `domain`: the new destination of a reroute. An entry that loses its last recipient is removed.
        """
        ...

    async def queue_totals(self, limit: int) -> QueueTotals:
        """Count the queue, with the `limit` destinations that most recipients wait for."""
        ...


class QueueStore(Protocol):
    """The queue: results, inspection."""

    async def enqueue(self, entry: NewQueueEntry) -> None:
        """Insert an entry that belongs to no account transaction (mail from outside)."""
        ...

    async def report(
        self, worker: str, entry_id: QueueEntryId, attempts: Sequence[Attempt], enqueue: Sequence[NewQueueEntry] = ()
    ) -> bool:
        """Record outcomes of a lease; an entry whose recipients are all final is removed and its blob released.

        `enqueue` holds reports to the sender, inserted in the same commit, so that a failure is never forgotten.
        False when the lease was lost: then nothing was recorded and nothing enqueued.
        """
        ...

    async def set_prefix(self, entry_id: QueueEntryId, sealed_prefix: bytes) -> bytes:
        """Keep the header lines that go first; the first writer wins, and the kept value is returned."""
        ...

    async def next_due(self) -> int | None:
        """Return the earliest time at which something that is not in line yet will be, or None."""
        ...

    async def queue_entries(self, limit: int) -> list[tuple[QueueEntryRow, list[QueueRecipient]]]:
        """Return the oldest entries with all recipients."""
        ...
