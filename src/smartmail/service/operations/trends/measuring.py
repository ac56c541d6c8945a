"""Measures what no process knows by itself: queue and volumes; folds minutes into hours and forgets old ones.

FAILURE  A volume that does not answer has no figure for that moment; the rest is measured.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from smartmail.domain.errors import MailError
from smartmail.domain.ids import VolumeId
from smartmail.domain.trace import time_of
from smartmail.domain.trends import HOURS_KEPT, MINUTES_KEPT, NOBODY, WATCHED, Waiting
from smartmail.ports.blobs import Volume, VolumeUnavailable
from smartmail.ports.clock import Clock
from smartmail.ports.store_trends import TrendStore
from smartmail.service.kernel.clock import HOUR, MINUTE, SECOND
from smartmail.service.operations.trends.counting import TrendCounter

PAGE: Final = 5_000
LATE_HOURS: Final = 1
"""An hour is folded again while the next one lasts: processes write behind."""


class TrendMeasures:
    """What one process of the installation does for all."""

    def __init__(
        self, store: TrendStore, volumes: Mapping[VolumeId, Volume], clock: Clock, counter: TrendCounter
    ) -> None:
        self._store = store
        self._volumes = volumes
        self._clock = clock
        self._counter = counter

    async def measure(self) -> None:
        """Note what waits and how much room there is."""
        now = self._clock.now()
        rows = await self._store.waiting()
        for one in rows:
            self._counter.measure("queue.waiting", one.waiting, "", one.organization_id)
            self._counter.measure("queue.held", one.held, "", one.organization_id)
            self._counter.measure("queue.oldest", age(one, now), "", one.organization_id)
        for volume_id, volume in list(self._volumes.items()):
            with suppress(VolumeUnavailable, MailError, OSError):
                room = await volume.room()
                if room.total is not None and room.free is not None:
                    self._counter.measure("volume.free", room.free, str(int(volume_id)))
                    self._counter.measure("volume.total", room.total, str(int(volume_id)))
        self._counter.measure(WATCHED, 1, "", NOBODY)
        await self._counter.flush()

    async def fold(self) -> int:
        """Fold the hours that are over; return how many. Forgets what is too old."""
        minute, hour = self._clock.now() // MINUTE, self._clock.now() // HOUR
        newest = await self._store.newest_hour()
        first = hour - MINUTES_KEPT // 60 + 1
        if newest is not None:
            first = max(first, newest - LATE_HOURS + 1)
        folded = 0
        for one in range(first, hour):
            folded += await self._store.fold_trends(one)
        while await self._store.drop_trends(minute - MINUTES_KEPT, hour - HOURS_KEPT, PAGE) >= PAGE:
            pass
        return folded


def age(one: Waiting, now: int) -> int:
    """Return for how many seconds the oldest entry has waited: ids rise with time."""
    return 0 if one.oldest_entry is None else max(0, now - time_of(one.oldest_entry)) // SECOND
