"""The books of the queue, and the upkeep of the trace: what is settled is summed up, what is small merged, what is old
forgotten.

NAME        books
PURPOSE     Every recipient that was accepted in an hour has an end or waits. One that has neither is told of at once.
STRATEGIES  The queue enters what it takes and ends in the commit that does it. Entries that have come to their end are
            summed up and their lines removed, so that a round reads what is new and what waits, not what was.
FAILURE     A round that is cut off is done again: every step is one commit.
"""

from collections.abc import Sequence
from itertools import groupby

from smartmail.base import log
from smartmail.domain.ids import OrganizationId
from smartmail.domain.trace import HOUR, Book, TextRow, time_of
from smartmail.formats.prometheus import Metric, Sample
from smartmail.formats.seal import SealError
from smartmail.ports.clock import Clock
from smartmail.service.flow.tracing import sealing
from smartmail.service.flow.tracing.store import Store
from smartmail.service.kernel.clock import DAY, MINUTE
from smartmail.service.kernel.keyring import Keyring

CHECKED = 6 * DAY
"""Longer than the queue keeps anything (five days)."""
NAMED = 20
PAGE = 1_000
SETTLED = 5_000
"""Entries summed up in one commit; finding them walks past all that wait, so few at a time would cost more."""
FULL = 5_000
"""Lines of a piece that is not merged any more."""
KEPT_DAYS = 400
_SMALL = 500
_SETTING = "trace.days"


class BookService:
    """Settles, checks, merges and forgets."""

    def __init__(self, store: Store, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock

    async def books(self, hours: int) -> list[Book]:
        """Return the books of the last hours, this one included."""
        until = self._clock.now() // HOUR * HOUR + HOUR
        return await self._store.books(until - hours * HOUR, until)

    async def imbalances(self, limit: int = NAMED) -> list[tuple[int, int]]:
        """Return entries of the last six days that do not balance: id, and how many recipients are missing."""
        now = self._clock.now()
        return await self._store.unbalanced(now - CHECKED, now - MINUTE, limit)

    async def settle(self) -> list[tuple[int, int]]:
        """Sum up what is settled and check what is not; return what does not balance. A job."""
        while (await self._store.settle_books(SETTLED)).more:
            pass
        found = await self.imbalances()
        for hour, entries in groupby(found, lambda one: time_of(one[0]) // HOUR):
            mine = list(entries)
            log.event(
                "books.imbalance", hour=hour * HOUR, difference=sum(count for _, count in mine),
                entries=[f"{entry_id:x}" for entry_id, _ in mine],
            )  # fmt: skip
        return found

    async def merge(self) -> int:
        """Merge small pieces of words; return how many went. A job."""
        gone = 0
        for organization in await self._store.organizations():
            rows = await self._store.small_trace_texts(organization.id, before=self._now_id(MINUTE // 2), limit=_SMALL)
            for _, day in groupby(rows, lambda row: time_of(row.id) // DAY):
                for group in _groups(list(day)):
                    gone += await self._merge(organization.id, group)
        return gone

    async def forget(self) -> int:
        """Forget what is older than it is kept (setting `trace.days`); return how many rows went. A job."""
        text = await self._store.setting("system", _SETTING)
        days = max(1, int(text)) if text else KEPT_DAYS
        gone = 0
        while count := await self._store.drop_trace(self._clock.now() - days * DAY, PAGE):
            gone += count
        return gone

    def _now_id(self, ago: int) -> int:
        return (self._clock.now() - ago) << 22

    async def _merge(self, organization_id: OrganizationId, rows: Sequence[TextRow]) -> int:
        if len(rows) < 2:
            return 0
        try:
            keys = await self._keyring.queue(organization_id)
            text = b"".join(sealing.open_text(keys, row) for row in rows)
        except SealError:
            log.event("trace.unreadable", error="SealError")
            return 0
        merged = sealing.seal_text(keys, rows[-1].id, text)
        return len(rows) if await self._store.merge_trace_texts(merged, [row.id for row in rows]) else 0


def book_metric(books: Sequence[Book], now: int) -> Metric:
    """Return the books of this hour and the one before as a metric."""
    samples = []
    for one in books:
        which = "current" if one.hour == now // HOUR * HOUR else "previous"
        counts = (("accepted", one.accepted), *one.ends, ("held", one.held), ("queued", one.queued))
        labels = (("hour", which), ("organization", str(one.organization_id)))
        samples += [Sample(count, (*labels, ("kind", kind))) for kind, count in counts]
    return Metric(
        "smartmail_book_recipients", "Recipients accepted in an hour, by what became of them.", tuple(samples)
    )


def _groups(rows: list[TextRow]) -> list[list[TextRow]]:
    """Split neighbours into groups that each make one full piece."""
    groups: list[list[TextRow]] = [[]]
    lines = 0
    for row in rows:
        if groups[-1] and lines + row.lines > FULL:
            groups.append([])
            lines = 0
        groups[-1].append(row)
        lines += row.lines
    return groups
