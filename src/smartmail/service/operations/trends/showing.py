"""Shows figures over a range of time, drawn together to some hundred points, and what they are now.

STRATEGIES  Up to two days come from minutes, more from hours. A stretch in which nothing was measured is unknown, not zero.
            What waits now is asked of the store at most every second, less often where that is slow, whoever asks.
SECURITY    Only figures over which the reader has the permission, of their company; of the whole installation for who has
            it over the system (or where there is one company only).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import msgspec

from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.trends import HOUR_S, MINUTE_S, TRENDS, WATCHED, Grain, Trend, Waiting
from smartmail.ports.clock import Clock
from smartmail.ports.store_settings import SettingStore
from smartmail.ports.store_trends import TrendStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import HOUR, MINUTE, SECOND
from smartmail.service.kernel.places import SYSTEM
from smartmail.service.operations.alarms.measures import SEEN, days_left
from smartmail.service.operations.trends.measuring import age


class _Store(SettingStore, TrendStore, Protocol): ...


Range = Literal["1h", "6h", "1d", "2d", "7d", "30d", "90d"]
Of = Literal["company", "installation"]
Wish = Literal["", "company", "installation"]
"""Whose figures are asked for; "": the widest that the reader may see, each by itself."""
Reach = Mapping[str, OrganizationId | None]


@dataclass(frozen=True, slots=True)
class Span:
    """A range: how long it is, in steps of how many seconds, made of minutes or of hours."""

    seconds: int
    step: int
    grain: Grain


RANGES: Final[Mapping[Range, Span]] = {
    "1h": Span(HOUR_S, MINUTE_S, "minute"),
    "6h": Span(6 * HOUR_S, MINUTE_S, "minute"),
    "1d": Span(24 * HOUR_S, 5 * MINUTE_S, "minute"),
    "2d": Span(48 * HOUR_S, 10 * MINUTE_S, "minute"),
    "7d": Span(7 * 24 * HOUR_S, HOUR_S, "hour"),
    "30d": Span(30 * 24 * HOUR_S, 3 * HOUR_S, "hour"),
    "90d": Span(90 * 24 * HOUR_S, 6 * HOUR_S, "hour"),
}
FRESH_MS: Final = SECOND
SLOW_FACTOR: Final = 5
ALIVE_S: Final = 150
"""A process that measured nothing for so long is silent: two turns and a minute's edge."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart. Values by step, None where nothing was measured."""

    name: str
    label: str
    values: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Figures of a range. Times in seconds since 1970: where each step begins."""

    of: Of
    step: int
    times: tuple[int, ...]
    lines: tuple[Line, ...]
    unseen: int
    """How many steps nobody measured."""


@dataclass(frozen=True, slots=True)
class Now:
    """How it stands: what waits, the oldest in seconds, and the counters of this and the last minute."""

    of: Of
    at: int
    waiting: int
    held: int
    oldest: int
    counts: tuple[tuple[str, str, int], ...]
    before: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class VolumeOutlook:
    """A volume as it is measured: free and all octets, and how many days are left (None: nobody can say yet)."""

    volume_id: int
    free: int
    total: int
    days_left: int | None


@dataclass(frozen=True, slots=True)
class ProcessSeen:
    """A process: octets in memory, the slowest answer of its loop (ms), and when it was last measured (s)."""

    name: str
    memory: int
    lag: int
    seen_at: int
    silent: bool


class TrendView:
    """Answers."""

    def __init__(self, store: _Store, clock: Clock, authority: Authority) -> None:
        self._store = store
        self._clock = clock
        self._authority = authority
        self._waiting: list[Waiting] = []
        self._stale_at = 0
        self._asking = asyncio.Lock()

    async def visible(self, actor: Actor, of: Wish) -> Reach:
        """Return the names of figures that the actor may see, and of which company: None for all of them."""
        found: dict[str, OrganizationId | None] = {}
        own = Scope("organization", str(int(actor.organization_id)))
        for scope, home in ((own, actor.organization_id), (SYSTEM, None)):
            if of in {"", "company" if scope == own else "installation"}:
                held = {
                    one for one in {one.permission for one in TRENDS.values()}
                    if await self._authority.may(actor, one, scope)
                }  # fmt: skip
                found |= {
                    name: home for name, one in TRENDS.items()
                    if one.permission in held and (one.by_company or home is None)
                }  # fmt: skip
        return found

    async def show(self, actor: Actor, of: Wish, wanted: Range, names: frozenset[str] = frozenset()) -> Shown:
        """Return the figures of a range that ends now, of those names (none: all) that the actor may see."""
        span, seen = RANGES[wanted], await self.visible(actor, of)
        chosen = {name: home for name, home in seen.items() if not names or name in names}
        unit = MINUTE_S if span.grain == "minute" else HOUR_S
        end = (self._clock.now() // SECOND // span.step + 1) * span.step
        since, until = (end - span.seconds) // unit, -(-end // unit)
        rows = await self._rows(span.grain, chosen, since, until)
        marks = await self._store.trends(span.grain, (WATCHED,), None, since, until)
        if span.grain == "hour":
            # The hour that lasts is not folded yet.
            rows += await self._unfolded(chosen, marks)
        times = tuple(range(end - span.seconds, end, span.step))
        measured = {one.at * unit // span.step * span.step for one in (*marks, *rows)}
        lines = _lines(rows, unit, span.step, times, measured)
        return Shown(_widest(seen), span.step, times, lines, sum(one not in measured for one in times))

    async def _rows(self, grain: Grain, chosen: Reach, since: int, until: int) -> list[Trend]:
        found: list[Trend] = []
        for home in dict.fromkeys(chosen.values()):
            names = sorted(name for name, one in chosen.items() if one == home)
            found += await self._store.trends(grain, names, home, since, until)
        return found

    async def _unfolded(self, chosen: Reach, marks: list[Trend]) -> list[Trend]:
        newest = await self._store.newest_hour()
        now = self._clock.now()
        first, until = (now // HOUR if newest is None else newest + 1) * 60, now // MINUTE + 1
        marks += [
            Trend(WATCHED, one.organization_id, "", one.at // 60, 1, 1, 1)
            for one in await self._store.trends("minute", (WATCHED,), None, first, until)
        ]
        return [
            Trend(one.name, one.organization_id, one.label, one.at // 60, one.total, one.peak, one.samples)
            for one in await self._rows("minute", chosen, first, until)
        ]

    async def now(self, actor: Actor, of: Wish) -> Now:
        """Return how it stands, at most two seconds behind. What the actor may not see is zero, or not among the counts."""
        seen = await self.visible(actor, of)
        now = self._clock.now()
        rows = await self._queue() if "queue.waiting" in seen else []
        home = seen.get("queue.waiting")
        mine = [one for one in rows if home in {None, one.organization_id}]
        minute = now // MINUTE
        counters = {name: one for name, one in seen.items() if TRENDS[name].kind == "count"}
        counted = await self._rows("minute", counters, minute - 1, minute + 1)
        return Now(
            _widest(seen), now // SECOND, sum(one.waiting for one in mine), sum(one.held for one in mine),
            max((age(one, now) for one in mine), default=0),
            tuple((one.name, one.label, one.total) for one in counted if one.at == minute),
            tuple((one.name, one.label, one.total) for one in counted if one.at == minute - 1),
        )  # fmt: skip

    async def volumes(self, actor: Actor) -> list[VolumeOutlook]:
        """Return the volumes as they were last measured; none for who may not see them."""
        if "volume.free" not in await self.visible(actor, "installation"):
            return []
        minute = self._clock.now() // MINUTE
        rows = await self._store.trends("minute", ("volume.free", "volume.total"), None, minute - 10, minute + 1)
        last = {(one.name, one.label): one.total // one.samples for one in rows}
        found = []
        for name, label in sorted(last):
            if name == "volume.free":
                text = await self._store.setting(SEEN, f"volume:{label}")
                samples = msgspec.json.decode(text, type=list[tuple[int, int]]) if text else []
                free = last[name, label]
                days = days_left([*samples, (self._clock.now(), free)])
                found.append(VolumeOutlook(int(label), free, last.get(("volume.total", label), 0), days))
        return found

    async def processes(self, actor: Actor) -> list[ProcessSeen]:
        """Return the processes that were measured in the last hour; none for who may not see them."""
        if "process.memory" not in await self.visible(actor, "installation"):
            return []
        now = self._clock.now()
        minute = now // MINUTE
        rows = await self._store.trends("minute", ("process.memory", "process.lag"), None, minute - 60, minute + 1)
        memory = {one.label: one for one in rows if one.name == "process.memory"}
        lag = {one.label: one.peak for one in rows if one.name == "process.lag"}
        return [
            ProcessSeen(
                label, one.total // one.samples, lag.get(label, 0), one.at * MINUTE_S,
                now // SECOND - one.at * MINUTE_S > ALIVE_S,
            )
            for label, one in sorted(memory.items())
        ]  # fmt: skip

    async def _queue(self) -> list[Waiting]:
        async with self._asking:
            if self._clock.now() >= self._stale_at:
                began = self._clock.now()
                self._waiting = await self._store.waiting()
                ended = self._clock.now()
                self._stale_at = ended + max(FRESH_MS, SLOW_FACTOR * (ended - began))
            return self._waiting


def _widest(seen: Reach) -> Of:
    return "installation" if None in seen.values() else "company"


def _lines(rows: Sequence[Trend], unit: int, step: int, times: Sequence[int], measured: set[int]) -> tuple[Line, ...]:
    """Return the lines: counts of a step added up, gauges at their mean, the oldest at its peak."""
    found: dict[tuple[str, str], dict[int, list[Trend]]] = {}
    for one in rows:
        at = one.at * unit // step * step
        found.setdefault((one.name, one.label), {}).setdefault(at, []).append(one)
    lines = []
    for (name, label), steps in sorted(found.items()):
        values = tuple(_value(name, steps[at]) if at in steps else _empty(name, at, measured) for at in times)
        lines.append(Line(name, label, values))
    return tuple(lines)


def _value(name: str, parts: Sequence[Trend]) -> int:
    if TRENDS[name].kind == "count":
        return sum(one.total for one in parts)
    if name in {"queue.oldest", "process.lag"}:
        return max(one.peak for one in parts)
    return sum(one.total for one in parts) // max(1, sum(one.samples for one in parts))


def _empty(name: str, at: int, measured: set[int]) -> int | None:
    """Nothing counted is zero, and so is a queue in which nothing waits; a volume or process that is not there is not."""
    return 0 if at in measured and TRENDS[name].by_company else None
