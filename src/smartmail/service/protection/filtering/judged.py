"""What was learned says of a message, how much was learned, and a lesson as it is kept so that it can be taken back."""

import struct
from array import array
from dataclasses import dataclass, field

from smartmail.formats.spam import model
from smartmail.formats.spam.counts import SCRIPTS, Counts, Script
from smartmail.formats.spam.scripts import Reading
from smartmail.service.protection.filtering.content import weight_of
from smartmail.service.protection.filtering.models import LEAST


@dataclass(frozen=True, slots=True)
class Judged:
    """What was learned says of a message; `good` and `bad`: how many messages it was learned from."""

    z: float
    good: int
    bad: int
    telling: tuple[tuple[str, float], ...]
    script: Script = "latin"
    counts: Counts = field(default_factory=Counts)

    @property
    def weight(self) -> float:
        """Return what it would add to the score."""
        return weight_of(self.z)

    @property
    def percent(self) -> int:
        """Return how likely it is spam by what was learned alone."""
        return round(100 * model.odds_of(self.z))

    @property
    def silent(self) -> bool:
        """Say whether too little was taught for it to count; only what is shipped judges then."""
        return min(self.good, self.bad) < LEAST


@dataclass(frozen=True, slots=True)
class Taught:
    """What an organisation's filter was taught: lessons, people who gave some, when last (milliseconds, 0: never)."""

    good: int
    bad: int
    people: int
    taught_at: int
    counts: Counts
    has_start: bool
    """Whether the model that is shipped judges beside it."""

    @property
    def silent(self) -> bool:
        """Say whether too little was taught for it to count."""
        return min(self.good, self.bad) < LEAST


def packed_lesson(step: float, reading: Reading) -> bytes:
    """Return a lesson as it is sealed."""
    numbers = reading.numbers
    head = struct.pack("<dI", step, len(numbers)) + struct.pack(f"<{len(numbers)}I", *numbers)
    return head + bytes([SCRIPTS.index(reading.script)])


def unpacked_lesson(octets: bytes) -> "tuple[float, array[int], Script | None]":
    """Return step, numbers and script; None for a lesson of before scripts were kept."""
    step, count = struct.unpack_from("<dI", octets)
    script = octets[12 + 4 * count :]
    return step, array("I", struct.unpack_from(f"<{count}I", octets, 12)), SCRIPTS[script[0]] if script else None
