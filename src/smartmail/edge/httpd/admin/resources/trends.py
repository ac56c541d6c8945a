"""/trends: measured figures over a range of time, now, and as a stream (Server-Sent Events).

LIMITS    `AdminLimits.streams` of an account at once; a range has at most some 360 points.
SECURITY  Which figures are told is decided for each by its own permission (service.operations.trends.showing); each look of a stream
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
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Time, time_of
from smartmail.service.operations.trends.showing import Now, Of, Range, Wish

LOOK_S: Final = 1.0
PING_S: Final = 15.0
_open: Counter[int] = Counter()
Names = Annotated[str, Meta(max_length=500, description="Names between commas; empty: all.")]
Width = Annotated[
    Literal["", "company", "installation"], Meta(description="Whose figures; empty: the widest that one may see.")
]


class TrendQuery(Input, frozen=True):
    """Which range, of whom, which figures."""

    range: Range = "1h"
    of: Width = ""
    names: Names = ""


class LiveQuery(Input, frozen=True):
    """Of whom."""

    of: Width = ""


class TrendSeries(Output, frozen=True):
    """One series. `label`: a country, volume, process or verdict; `values` by step, null: not measured."""

    name: str
    label: str
    unit: str
    kind: Literal["count", "gauge"]
    values: list[int | None]


class Trends(Output, frozen=True):
    """Series over a range. `times`: start of each step in seconds since 1970; `unseen`: steps without a measurement."""

    of: Of
    step_seconds: Count
    times: list[int]
    lines: list[TrendSeries]
    unseen: Count


class CounterValue(Output, frozen=True):
    """A counter of one minute."""

    name: str
    label: str
    value: Count


class LiveFigures(Output, frozen=True):
    """Current figures: pending and held recipients, age of the oldest in seconds, counters of this minute and the last
    one.
    """

    at: Time
    of: Of
    waiting: Count
    held: Count
    oldest_seconds: Count
    minute: list[CounterValue]
    last_minute: list[CounterValue]


class VolumeForecast(Output, frozen=True):
    """A volume with its free and total bytes. `daysLeft` null: not enough data."""

    id: Id
    free: Count
    total: Count
    days_left: int | None


class ProcessFigures(Output, frozen=True):
    """A process: memory in bytes, the longest delay of its event loop in milliseconds, time of the last measurement."""

    name: str
    memory: Count
    lag_ms: Count
    seen_at: Time
    silent: bool


class MachineFigures(Output, frozen=True):
    """Volumes and processes; empty if the role may not see them."""

    volumes: list[VolumeForecast]
    processes: list[ProcessFigures]


api = Resource()


async def _of(call: Call) -> Wish:
    """Return whose figures are asked for. Raises Forbidden where none of them may be seen."""
    call.open_to_all()
    if not await call.services.trends.view.visible(call.actor, call.query.of):
        raise Forbidden
    return cast(Wish, call.query.of)


@api.get("/trends", "Figures over a range of time.", query=TrendQuery)
async def _show(call: Call) -> Trends:
    of, query = await _of(call), call.query
    names = frozenset(name for name in query.names.split(",") if name)
    shown = await call.services.trends.view.show(call.actor, of, query.range, names)
    lines = [TrendSeries.from_row(one, unit=TRENDS[one.name].unit, kind=TRENDS[one.name].kind) for one in shown.lines]
    return Trends.from_row(shown, step_seconds=shown.step, lines=lines)


@api.get("/trends/now", "Current figures.", query=LiveQuery)
async def _now(call: Call) -> LiveFigures:
    return _live(await call.services.trends.view.now(call.actor, await _of(call)))


def _live(one: Now) -> LiveFigures:
    return LiveFigures(
        time_of(one.at * 1000), one.of, one.waiting, one.held, one.oldest,
        [CounterValue(*each) for each in one.counts], [CounterValue(*each) for each in one.before],
    )  # fmt: skip


@api.get("/trends/machines", "Current figures of volumes and processes.")
async def _machines(call: Call) -> MachineFigures:
    call.open_to_all()
    view = call.services.trends.view
    volumes, processes = await view.volumes(call.actor), await view.processes(call.actor)
    return MachineFigures(
        [VolumeForecast.from_row(one, id=str(one.volume_id)) for one in volumes],
        [
            ProcessFigures.from_row(one, lag_ms=one.lag, seen_at=time_of(one.seen_at * 1000))
            for one in processes
        ],
    )  # fmt: skip


@api.get("/trends/events", "Stream of current figures.", query=LiveQuery, stream="text/event-stream")
async def _stream(call: Call) -> None:
    of = await _of(call)
    if _open[call.actor.account_id] >= call.limits.streams:
        raise RateLimited("too many streams of this account", reason="windows.many")
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
