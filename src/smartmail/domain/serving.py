"""Availability: what served when, what was announced as work, and what is left as an outage. Pure; times in milliseconds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """That a service began or ceased to serve."""

    at: int
    service: str
    up: bool


@dataclass(frozen=True, slots=True)
class PlannedWork:
    """A span in which services may be away, announced before it began; () for all services."""

    since: int
    until: int
    services: tuple[str, ...] = ()
    announced_at: int = 0
    actor: str = ""

    def covers(self, service: str) -> bool:
        """Whether it is about a service."""
        return not self.services or service in self.services


@dataclass(frozen=True, slots=True)
class Outage:
    """A service that did not serve; `planned_ms` of it lie in work that was announced. `open`: it lasts still."""

    service: str
    since: int
    until: int
    planned_ms: int = 0
    open: bool = False

    @property
    def counted_ms(self) -> int:
        """Return what counts against availability."""
        return self.until - self.since - self.planned_ms


@dataclass(frozen=True, slots=True)
class Availability:
    """One service in a span: how long it should have served, how long it did not."""

    service: str
    due_ms: int
    down_ms: int
    outages: tuple[Outage, ...] = ()

    @property
    def percent(self) -> float:
        """Return how much of the time it served."""
        return 100.0 if self.due_ms <= 0 else 100.0 * (self.due_ms - self.down_ms) / self.due_ms


def availability(
    changes: Sequence[Change], works: Sequence[PlannedWork], since: int, until: int, now: int
) -> tuple[Availability, ...]:
    """Return, for each service that ever served before `until`, how much it did in [since, until), as far as time has come.

    A service owes nothing before it first came up. Planned work counts neither as time due nor as an outage.
    """
    end = min(until, now)
    found = []
    for service in sorted({one.service for one in changes if one.up and one.at < end}):
        mine = sorted((one for one in changes if one.service == service and one.at < end), key=lambda one: one.at)
        begin = max(since, next(one.at for one in mine if one.up))
        planned = _joined((max(begin, one.since), min(end, one.until)) for one in works if one.covers(service))
        outages = tuple(
            Outage(service, low, high, _shared(planned, low, high), open=high == now)
            for low, high in _down(mine, begin, end)
        )
        due = end - begin - sum(high - low for low, high in planned)
        found.append(Availability(service, due, sum(one.counted_ms for one in outages), outages))
    return tuple(found)


def _down(changes: Sequence[Change], begin: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    down: int | None = None
    for one in changes:
        if one.up and down is not None:
            spans.append((down, one.at))
            down = None
        elif not one.up and down is None:
            down = one.at
    if down is not None:
        spans.append((down, end))
    return [(max(low, begin), min(high, end)) for low, high in spans if min(high, end) > max(low, begin)]


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for low, high in sorted(one for one in spans if one[0] < one[1]):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def _shared(spans: Iterable[tuple[int, int]], low: int, high: int) -> int:
    return sum(max(0, min(high, one[1]) - max(low, one[0])) for one in spans)
