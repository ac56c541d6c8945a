"""Volumes at work: what is done on them, what was found, how they fill, when they will be full.

The volume itself and its states are in domain.cluster. Octets and milliseconds throughout; days count from 1970.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from smartmail.domain.cluster import VolumeRow
from smartmail.domain.ids import BlobId, VolumeId

WorkKind = Literal["drain", "rebalance", "tier", "scan"]
"""`drain`: everything leaves. `rebalance`: what is above the volume's share leaves. `tier`: what is old goes to another
volume. `scan`: everything is read and compared with its checksum.
"""
WorkState = Literal["running", "paused", "done", "cancelled"]
Fault = Literal["damaged", "missing", "unreadable"]

FORECAST_DAYS: Final = 30
LEAST_SAMPLES: Final = 3
MOVERS: Final[frozenset[WorkKind]] = frozenset({"drain", "rebalance", "tier"})


@dataclass(frozen=True, slots=True)
class VolumeWork:
    """A work on one volume; one at a time. `total`: octets that lay there when it began. `found`: octets that the pass at
    hand has met and left.
    """

    id: int
    volume_id: VolumeId
    kind: WorkKind
    state: WorkState
    target_id: VolumeId
    cap: int
    bound: int
    least: int
    cursor: BlobId
    found: int
    blobs: int
    octets: int
    failed: int
    total: int
    started_at: int
    ended_at: int | None = None

    @property
    def percent(self) -> int:
        """Say how far it is, at most 99 before its end."""
        if self.state == "done":
            return 100
        goal = self.bound if self.kind == "rebalance" else self.total
        return min(99, self.octets * 100 // goal) if goal > 0 else 0


@dataclass(frozen=True, slots=True)
class VolumeFinding:
    """A blob that could not be read where it should lie."""

    volume_id: VolumeId
    blob_id: BlobId
    location: str
    what: Fault
    at: int


@dataclass(frozen=True, slots=True)
class VolumeSample:
    """How full a volume was on a day."""

    volume_id: VolumeId
    day: int
    used: int
    total: int


@dataclass(frozen=True, slots=True)
class VolumeUse:
    """What the store knows to lie in a volume."""

    volume_id: VolumeId
    blobs: int
    octets: int


@dataclass(frozen=True, slots=True)
class TierRule:
    """What moves to slower storage by itself: blobs at least `days` old and `least` octets large."""

    target_id: VolumeId
    days: int
    least: int = 0


def takes_blobs(row: VolumeRow) -> bool:
    """Say whether new blobs may go there as far as its settings say."""
    return row.state == "online" and not row.read_only and row.weight > 0


def days_to_full(samples: Sequence[VolumeSample]) -> float | None:
    """Return in how many days a volume is full if it goes on as in the last `FORECAST_DAYS`; None where it does not
    grow or too little is known. A line of least squares through the daily samples; its value of the last day is where
    it starts, so that a single odd day does not decide.
    """
    recent = [one for one in samples if one.day > max(s.day for s in samples) - FORECAST_DAYS] if samples else []
    days = len({one.day for one in recent})
    if days < LEAST_SAMPLES or recent[-1].total <= 0:
        return None
    middle_day = sum(one.day for one in recent) / days
    middle_used = sum(one.used for one in recent) / days
    spread = sum((one.day - middle_day) ** 2 for one in recent)
    slope = sum((one.day - middle_day) * (one.used - middle_used) for one in recent) / spread
    last = max(recent, key=lambda one: one.day)
    now = middle_used + slope * (last.day - middle_day)
    return max(0.0, last.total - now) / slope if slope > 0 else None


def excess(use: Mapping[VolumeId, int], weights: Mapping[VolumeId, int]) -> dict[VolumeId, int]:
    """Return for volumes that hold more than their share by weight how many octets are above it."""
    total, weight = sum(use.get(one, 0) for one in weights), sum(weights.values())
    if weight <= 0:
        return {}
    over = {one: use.get(one, 0) - total * own // weight for one, own in weights.items()}
    return {one: octets for one, octets in over.items() if octets > 0}
