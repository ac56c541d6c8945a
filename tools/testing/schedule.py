"""Which worker gets which file, and when: pure, so that it can be tried on made-up suites.

A unit is a file, because module fixtures are made once per file. A file that takes long and says that its tests share
nothing (`pytestmark = pytest.mark.splittable`) becomes several units.

Half of the workers, rounded up, begin with the tiers that wait for other programs (world, screens), the others with
those that compute; each takes the longest of its own kind first and helps with the other kind when its own is used up.
So a browser that waits shares the machine with a test that computes, not with another browser; the files that need a
company of nodes stay on few workers, which start it once each; and the shortest come last, so all workers end together.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from tools.testing.tiers import WAITING, tier_of

SPLIT_FROM_S = 60.0
_SPLITTABLE = re.compile(r"^pytestmark = .*\bmark\.splittable\b", re.MULTILINE)


@dataclass(frozen=True)
class Unit:
    """Tests that one worker runs one after the other, in this order; `seconds` is what the record expects."""

    name: str
    tests: tuple[str, ...]
    seconds: float
    waits: bool


def is_splittable(source: str) -> bool:
    """Whether the source of a test file says that its tests can run in several processes."""
    return _SPLITTABLE.search(source) is not None


def file_of(test: str) -> str:
    """Return the file of a test id."""
    return test.split("::", 1)[0]


def units(
    tests: Iterable[str], seconds_of: Callable[[str], float], splittable: Callable[[str], bool]
) -> dict[str, Unit]:
    """Return the units of all `tests`, by name; within a file the given order (shuffled by the seed) is kept."""
    files: dict[str, list[str]] = {}
    for test in tests:
        files.setdefault(file_of(test), []).append(test)
    made: dict[str, Unit] = {}
    for file, own in files.items():
        seconds = seconds_of(file)
        parts = min(len(own), ceil(seconds / SPLIT_FROM_S)) if seconds > SPLIT_FROM_S and splittable(file) else 1
        for number, piece in enumerate(_pieces(own, parts), 1):
            name = file if parts == 1 else f"{file} {number}/{parts}"
            made[name] = Unit(name, tuple(piece), seconds * len(piece) / len(own), tier_of(file) in WAITING)
    return made


def _pieces(tests: Sequence[str], count: int) -> list[Sequence[str]]:
    edges = [len(tests) * number // count for number in range(count + 1)]
    return [tests[start:end] for start, end in pairwise(edges)]


def begins_with_waiting(worker: int, workers: int) -> bool:
    """Whether the worker (from 0) begins with the units that wait for other programs."""
    return worker % workers < ceil(workers / 2)


def choose(left: Iterable[Unit], prefers_waiting: bool) -> Unit:
    """Return what a free worker takes out of the units that are left (at least one): the longest of its own kind."""
    return max(left, key=lambda unit: (unit.waits == prefers_waiting, unit.seconds, unit.name))
