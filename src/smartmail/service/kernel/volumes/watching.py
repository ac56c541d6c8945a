"""NAME
    watching: states of volumes by what is seen of them, samples of how they fill, the rule for old mail

STATES
    online ⇄ full by the room that is left, with a gap between, so that a volume does not flutter; failed from online or full
    when it does not answer twice in a row, and back when it does; draining → empty when nothing lies there and nothing is
    on its way out.

STRATEGIES
    Looked at every few seconds by one process. A sample a day and volume, of its last look on that day.

LIMITS
    Whether a draining volume is empty is asked only once its drain is done: it looks at all blobs.

FAILURE
    A look that fails is a look that says so.
"""

import json
from dataclasses import dataclass, field
from typing import Final

from smartmail.base import log
from smartmail.domain.audit import AuditRecord
from smartmail.domain.cluster import VolumeRow, VolumeState
from smartmail.domain.errors import AlreadyExists
from smartmail.domain.ids import BlobId, VolumeId
from smartmail.domain.volumes import FORECAST_DAYS, TierRule, VolumeSample, VolumeWork, days_to_full
from smartmail.ports.blobs import Room, VolumeError
from smartmail.ports.clock import Clock
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE
from smartmail.service.kernel.volumes.book import VolumeBook
from smartmail.service.kernel.volumes.store import Store

SETTINGS: Final = "volumes"
TIER: Final = "tier"
TIER_DAY: Final = "tier-day"
ROOM_AGAIN: Final = 256 << 20
"""Octets that must be free again before a full volume takes blobs, or a fiftieth of a small one."""
BUCKET_AGAIN_MS: Final = MINUTE
"""How long a full bucket, which cannot be asked, is left alone."""
MISSES: Final = 2
SOON_DAYS: Final = 14


def tier_rule(text: str | None) -> TierRule | None:
    """Return the rule that a setting holds."""
    if text is None:
        return None
    kept = json.loads(text)
    return TierRule(VolumeId(kept["target"]), kept["days"], kept["least"])


def tier_work(rule: TierRule, source: VolumeId, now: int, total: int = 0) -> VolumeWork:
    """Return the work that moves what is old enough out of a volume."""
    bound = now - rule.days * DAY
    return VolumeWork(
        0, source, "tier", "running", rule.target_id, 0, bound, rule.least, BlobId(b""), 0, 0, 0, 0, total, now
    )


@dataclass(slots=True)
class _Seen:
    """What was seen of a volume. Times in milliseconds."""

    misses: int = 0
    full_since: int = 0
    sampled_at: int = -HOUR
    warned_on: int = 0
    room: Room | None = field(default=None)


class VolumeWatch:
    """Looks at all volumes. A job's work."""

    def __init__(self, store: Store, book: VolumeBook, clock: Clock) -> None:
        self._store = store
        self._book = book
        self._clock = clock
        self._seen: dict[VolumeId, _Seen] = {}

    async def turn(self) -> None:
        """Look once."""
        await self._book.refresh()
        for row in list(self._book.rows.values()):
            if row.state in {"removed", "offline"}:
                continue
            seen = self._seen.setdefault(row.id, _Seen())
            seen.room = await self._look(row.id)
            seen.misses = 0 if seen.room is not None else seen.misses + 1
            state = await self._state(row, seen)
            if state != row.state:
                await self._book.turn(row, state)
            if seen.room is not None:
                await self._sample(row, seen, seen.room)
        await self._tier()

    async def _look(self, volume_id: VolumeId) -> Room | None:
        volume = self._book.get(volume_id)
        try:
            return None if volume is None else await volume.room()
        except VolumeError:
            return None

    async def _state(self, row: VolumeRow, seen: _Seen) -> VolumeState:
        """Return the state that a volume should be in."""
        now, room = self._clock.now(), seen.room
        if row.state == "draining":
            return "empty" if await self._is_empty(row.id) else "draining"
        if row.state not in {"online", "full", "failed"}:
            return row.state
        if room is None:
            return "failed" if seen.misses >= MISSES else row.state
        if room.free == 0:
            return "full"
        if row.state != "full":
            seen.full_since = 0
            return "online"
        seen.full_since = seen.full_since or now
        return "online" if self._has_room_again(room, now - seen.full_since) else "full"

    def _has_room_again(self, room: Room, waited: int) -> bool:
        if room.free is None or room.total is None:
            return waited >= BUCKET_AGAIN_MS
        return room.free >= min(ROOM_AGAIN, room.total // 50)

    async def _is_empty(self, volume_id: VolumeId) -> bool:
        open_works = await self._store.volume_works(["running", "paused"])
        if any(work.volume_id == volume_id for work in open_works):
            return False
        return not await self._store.holds_blobs(volume_id)

    async def _sample(self, row: VolumeRow, seen: _Seen, room: Room) -> None:
        now = self._clock.now()
        if room.total is None or room.free is None or now - seen.sampled_at < HOUR:
            return
        seen.sampled_at = now
        day = now // DAY
        await self._store.put_sample(VolumeSample(row.id, day, room.total - room.free, room.total))
        days = days_to_full(await self._store.volume_samples(row.id, day - FORECAST_DAYS))
        if days is not None and days < SOON_DAYS and seen.warned_on != day:
            seen.warned_on = day
            log.event("volume.filling", volume=row.id, days=round(days, 1))

    async def _tier(self) -> None:
        """Begin the day's move of old mail out of all volumes but the one that it goes to."""
        rule = tier_rule(await self._store.setting(SETTINGS, TIER))
        day = str(self._clock.now() // DAY)
        if rule is None or await self._store.setting(SETTINGS, TIER_DAY) == day:
            return
        await self._store.put_setting(SETTINGS, TIER_DAY, day)
        for row in self._book.rows.values():
            if row.id != rule.target_id and row.state in {"online", "full"}:
                audit = AuditRecord(self._clock.now(), "system", "volume.tier", f"volume:{row.id}")
                try:
                    await self._store.begin_work(tier_work(rule, row.id, self._clock.now()), audit)
                except AlreadyExists:
                    continue  # it is being emptied or read through: tomorrow
