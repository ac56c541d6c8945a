"""Alarms: a condition that is met, how badly, since when; who was told and who has seen to it."""

from dataclasses import dataclass
from typing import Final, Literal

AlarmLevel = Literal["warning", "critical"]
LEVELS: Final[tuple[AlarmLevel, ...]] = ("warning", "critical")

Direction = Literal["above", "below"]


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is measured, and from which value on it is worth a warning, and is critical.

    `direction`: whether much or little is bad; the bound itself counts. `quiet_minutes`: how long an alarm that stands is
    silent after it was told, and how long one that has ended is the same alarm when it comes back. `direct`: it says that
    mail does not get out, so it is told past the queue where there is a way. `silent_until`: nobody is told before.
    """

    name: str
    unit: str
    direction: Direction
    warning: int
    critical: int
    quiet_minutes: int = 360
    direct: bool = False
    enabled: bool = True
    silent_until: int = 0

    def level(self, value: int) -> AlarmLevel | None:
        """Return how bad a value is, None for good."""
        if not self.enabled:
            return None
        sign = 1 if self.direction == "above" else -1
        if sign * value >= sign * self.critical:
            return "critical"
        return "warning" if sign * value >= sign * self.warning else None

    def worse(self, one: int, other: int) -> int:
        """Return the worse of two values."""
        return max(one, other) if self.direction == "above" else min(one, other)


@dataclass(frozen=True, slots=True)
class Reading:
    """A measured value. `subject`: of what ("" of the whole installation)."""

    condition: str
    value: int
    subject: str = ""


WatchState = Literal["met", "clear", "none", "unknown"]
"""Whether a condition is met; was looked at and is not; was looked at and there is nothing yet that could say it (no backup
was ever made); or nobody could look."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A condition that is watched, and how it was when it was looked at last."""

    condition: Condition
    state: WatchState


@dataclass(frozen=True, slots=True)
class Alarm:
    """A condition that was met. Times in milliseconds, values in the condition's unit; `peak` is the worst one."""

    id: int
    condition: str
    subject: str
    level: AlarmLevel
    value: int
    peak: int
    since: int
    seen_at: int
    told_at: int | None = None
    acknowledged_at: int | None = None
    acknowledged_by: str = ""
    ended_at: int | None = None

    @property
    def stands(self) -> bool:
        """Say whether the condition is met still."""
        return self.ended_at is None
