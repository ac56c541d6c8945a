"""/trends: what is counted and measured, over a range of time, now, and as it changes (Server-Sent Events).

LIMITS    `AdminLimits.streams` of an account at once; a range has at most some 360 points.
SECURITY  Which figures are told is decided for each by its own permission (service.trends.showing); each look of a stream
          asks again whether the caller still is who it was.
"""

import asyncio
from collections import Counter
from typing import Annotated, Final, Literal, cast

import msgspec
from msgspec import Meta

from smartmail.domain.errors import Forbidden, MailError, RateLimited
from smartmail.domain.trends import TRENDS
from smartmail.edge.httpd.admin import proving
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Asked, Count, Id, Time, Told, time_of
from smartmail.service.trends.showing import Now, Of, Range, Wish

LOOK_S: Final = 1.0
PING_S: Final = 15.0
_open: Counter[int] = Counter()
Names = Annotated[str, Meta(max_length=500, description="Names between commas; empty: all.")]
Width = Annotated[
    Literal["", "company", "installation"], Meta(description="Whose figures; empty: the widest that one may see.")
]


class TrendQuery(Asked, frozen=True):
    """Which range, of whom, which figures."""

    range: Range = "1h"
    of: Width = ""
    names: Names = ""


class LiveQuery(Asked, frozen=True):
    """Of whom."""

    of: Width = ""


class TrendLine(Told, frozen=True):
    """One line. `label`: a country, a volume, a process, a verdict. `values` by step; null: nobody measured."""

    name: str
    label: str
    unit: str
    kind: Literal["count", "gauge"]
    values: list[int | None]


class TrendsTold(Told, frozen=True):
    """A range: where each step begins (seconds since 1970), the lines, and how many steps nobody measured."""

    of: Of
    step_seconds: Count
    times: list[int]
    lines: list[TrendLine]
    unseen: Count


class CountTold(Told, frozen=True):
    """A counter of one minute."""

    name: str
    label: str
    value: Count


class LiveTold(Told, frozen=True):
    """How it stands: recipients that wait and are held, the oldest (seconds), and the counters of the minute that lasts and
    of the one before it.
    """

    at: Time
    of: Of
    waiting: Count
    held: Count
    oldest_seconds: Count
    minute: list[CountTold]
    last_minute: list[CountTold]


class VolumeOutlookTold(Told, frozen=True):
    """A volume: free and all octets; `daysLeft` null: nobody can say yet."""

    id: Id
    free: Count
    total: Count
    days_left: int | None


class ProcessSeenTold(Told, frozen=True):
    """A process: octets in memory, the slowest answer of its loop, when it was last measured."""

    name: str
    memory: Count
    lag_ms: Count
    seen_at: Time
    silent: bool


class MachinesTold(Told, frozen=True):
    """Volumes and processes; empty for who may not see them."""

    volumes: list[VolumeOutlookTold]
    processes: list[ProcessSeenTold]


async def _of(call: Call) -> Wish:
    """Return whose figures are asked for. Raises Forbidden where none of them may be seen."""
    call.open_to_all()
    if not await call.services.trends.view.visible(call.actor, call.query.of):
        raise Forbidden
    return cast(Wish, call.query.of)


async def _show(call: Call) -> TrendsTold:
    of, query = await _of(call), call.query
    names = frozenset(name for name in query.names.split(",") if name)
    shown = await call.services.trends.view.show(call.actor, of, query.range, names)
    lines = [
        TrendLine(one.name, one.label, TRENDS[one.name].unit, TRENDS[one.name].kind, list(one.values))
        for one in shown.lines
    ]
    return TrendsTold(shown.of, shown.step, list(shown.times), lines, shown.unseen)


async def _now(call: Call) -> LiveTold:
    return _live(await call.services.trends.view.now(call.actor, await _of(call)))


def _live(one: Now) -> LiveTold:
    return LiveTold(
        time_of(one.at * 1000), one.of, one.waiting, one.held, one.oldest,
        [CountTold(*each) for each in one.counts], [CountTold(*each) for each in one.before],
    )  # fmt: skip


async def _machines(call: Call) -> MachinesTold:
    call.open_to_all()
    view = call.services.trends.view
    volumes, processes = await view.volumes(call.actor), await view.processes(call.actor)
    return MachinesTold(
        [VolumeOutlookTold(str(one.volume_id), one.free, one.total, one.days_left) for one in volumes],
        [
            ProcessSeenTold(one.name, one.memory, one.lag, time_of(one.seen_at * 1000), one.silent)
            for one in processes
        ],
    )  # fmt: skip


async def _stream(call: Call) -> None:
    of = await _of(call)
    if _open[call.actor.account_id] >= call.limits.streams:
        raise RateLimited("too many streams of this account")
    _open[call.actor.account_id] += 1
    gone = asyncio.ensure_future(call.request.gone())
    try:
        kind = [("content-type", "text/event-stream; charset=utf-8"), ("x-accel-buffering", "no")]
        await call.answer.start(200, kind)
        await call.answer.piece(b": open\n\n")
        await _follow(call, of, gone, min(LOOK_S, call.limits.poll_s))
    finally:
        gone.cancel()
        _open[call.actor.account_id] -= 1


async def _follow(call: Call, of: Wish, gone: "asyncio.Future[None]", look_s: float) -> None:
    """Tell how it stands whenever that has changed, until the client goes or is no longer who it was."""
    told, quiet = b"", 0.0
    while not gone.done():
        try:
            if not await call.services.trends.view.visible(call.actor, of):
                break
            if not await proving.still_stands(call.services, call.request):
                break
            live = _live(await call.services.trends.view.now(call.actor, of))
        except MailError:
            break
        # The clock alone is no news.
        news = msgspec.json.encode((live.waiting, live.held, live.minute, live.last_minute))
        if news != told:
            await call.answer.piece(b"event: trends\ndata: %s\n\n" % msgspec.json.encode(live))
            told, quiet = news, 0.0
        quiet += look_s
        if quiet >= PING_S:
            quiet = 0.0
            await call.answer.piece(b": still here\n\n")
        await asyncio.wait([gone], timeout=look_s)
    if not gone.done():
        await call.answer.piece(b"", last=True)


OPERATIONS = (
    Operation("GET", "/trends", "Figures over a range of time.", _show, answer=TrendsTold, query=TrendQuery),
    Operation("GET", "/trends/now", "Figures as they stand.", _now, answer=LiveTold, query=LiveQuery),
    Operation("GET", "/trends/machines", "Volumes and processes as they stand.", _machines, answer=MachinesTold),
    Operation(
        "GET", "/trends/events", "Figures as they change.", _stream, query=LiveQuery, stream="text/event-stream",
    ),
)  # fmt: skip
