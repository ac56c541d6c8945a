"""Forecasts and shares of volumes."""

import random

import pytest

from smartmail.domain.cluster import VolumeRow
from smartmail.domain.ids import VolumeId
from smartmail.domain.volumes import VolumeSample, days_to_full, excess, takes_blobs

GIB = 1 << 30


def month(per_day: float, start: float = 100 * GIB, total: int = 1000 * GIB, days: int = 30, seed: int = 1):
    """A month as offices fill volumes: little at week-ends, some noise, a clean-up once."""
    chance, used, samples = random.Random(seed), start, []
    for day in range(days):
        week = (0.3 if day % 7 in {5, 6} else 1.28) * per_day
        used += week * chance.uniform(0.85, 1.15)
        samples.append(VolumeSample(VolumeId(1), 20_000 + day, int(used), total))
    return samples


@pytest.mark.parametrize("seed", range(20))
def test_a_replayed_month_tells_the_day_within_a_tenth(seed: int):
    per_day = random.Random(seed).uniform(1, 12) * GIB
    samples = month(per_day, seed=seed)
    used, day = samples[-1].used, 0
    for sample in month(per_day, start=used, days=2000, seed=seed + 1000):
        day += 1
        if sample.used >= sample.total:
            break
    assert days_to_full(samples) == pytest.approx(day, rel=0.1)


def test_old_samples_do_not_count():
    quiet = [VolumeSample(VolumeId(1), day, 10 * GIB, 1000 * GIB) for day in range(19_000, 19_900)]
    samples = month(5 * GIB)
    assert days_to_full([*quiet, *samples]) == days_to_full(samples)


def test_what_does_not_grow_or_is_hardly_known_has_no_day():
    def one(day: int, used: int) -> VolumeSample:
        return VolumeSample(VolumeId(1), day, used, 100)

    assert days_to_full([]) is None
    assert days_to_full([one(1, 1), one(2, 2)]) is None
    assert days_to_full([one(1, 5), one(2, 5), one(3, 5)]) is None
    assert days_to_full([one(1, 9), one(2, 5), one(3, 2)]) is None
    assert days_to_full([one(1, 80), one(2, 90), one(3, 100)]) == 0
    assert days_to_full([one(1, 10), one(2, 20), one(3, 30)]) == pytest.approx(7)


def test_shares_are_by_weight():
    one, two, three = VolumeId(1), VolumeId(2), VolumeId(3)
    assert excess({one: 90, two: 10}, {one: 1, two: 1}) == {one: 40}
    assert excess({one: 25, two: 75}, {one: 1, two: 3}) == {}
    assert excess({one: 100, three: 7}, {one: 1, two: 1}) == {one: 50}, "what has no weight has no share"
    assert excess({one: 5}, {}) == {}


@pytest.mark.parametrize(
    ("state", "read_only", "weight", "takes"),
    [("online", False, 1, True), ("online", True, 1, False), ("online", False, 0, False), ("full", False, 1, False),
     ("draining", False, 1, False), ("failed", False, 1, False)],
)  # fmt: skip
def test_who_takes_new_blobs(state: str, read_only: bool, weight: int, takes: bool):
    assert takes_blobs(VolumeRow(VolumeId(1), "local", state, "{}", weight, read_only)) is takes
