"""Figures over time (ports.store_trends.TrendStore)."""

from collections.abc import Sequence

from smartmail.adapters.sql.declared import every, first_column, optional
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import change_by, read_aside_by
from smartmail.domain.ids import OrganizationId
from smartmail.domain.trends import TRENDS, Grain, Trend, Waiting
from smartmail.ports.store_trends import TrendStore

_MINUTES_OF_HOUR = 60
_TABLES: dict[Grain, str] = {"minute": "trend_minute", "hour": "trend_hour"}
_ADD = """insert into trend_minute (name, at, organization_id, label, total, peak, samples)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (name, at, organization_id, label) do update set
    total = trend_minute.total + excluded.total, samples = trend_minute.samples + excluded.samples,
    peak = case when trend_minute.peak > excluded.peak then trend_minute.peak else excluded.peak end"""
_OF_ONE = """select name, organization_id, label, at, total, peak, samples from {table}
    where name = $1 and at >= $2 and at < $3 and organization_id = $4 order by at, label"""
_COUNTS = """select name, 0, label, at, sum(total), sum(peak), sum(samples) from {table}
    where name = $1 and at >= $2 and at < $3 group by name, at, label order by at, label"""
_GAUGES = """select name, 0, label, at, sum(total / samples), sum(peak), 1 from {table}
    where name = $1 and at >= $2 and at < $3 group by name, at, label order by at, label"""
_FOLD = """insert into trend_hour (name, at, organization_id, label, total, peak, samples)
    select name, cast($1 as bigint), organization_id, label, sum(total), max(peak), sum(samples)
    from trend_minute where at >= $2 and at < $3 group by name, organization_id, label
    on conflict (name, at, organization_id, label) do update set total = excluded.total, peak = excluded.peak,
    samples = excluded.samples returning at"""
_OLD = "select name, at, organization_id, label from {table} where at < $1 order by at limit $2"
_DROP = "delete from {table} where name = $1 and at = $2 and organization_id = $3 and label = $4"
_WAITING = """select e.organization_id, sum(case when q.state = 'held' then 0 else 1 end),
    sum(case when q.state = 'held' then 1 else 0 end), min(case when q.state = 'held' then null else q.entry_id end)
    from queue_recipient q join queue_entry e on e.id = q.entry_id
    where q.state in ('held', 'ready', 'leased') group by e.organization_id"""


def _figure(row: Sequence[object]) -> Trend:
    name, organization_id, label, *numbers = row
    # PostgreSQL sums whole numbers as decimals.
    at, total, peak, samples = (int(str(one)) for one in numbers)
    return Trend(str(name), OrganizationId(int(str(organization_id))), str(label), at, total, peak, samples)


async def _read(
    session: Session, grain: Grain, names: Sequence[str], organization_id: OrganizationId | None, since: int, until: int
) -> list[Trend]:
    found: list[Trend] = []
    table = _TABLES[grain]
    for name in names:
        if organization_id is not None:
            rows = await session.rows(_OF_ONE.format(table=table), name, since, until, organization_id)
        else:
            is_gauge = name in TRENDS and TRENDS[name].kind == "gauge"
            rows = await session.rows((_GAUGES if is_gauge else _COUNTS).format(table=table), name, since, until)
        found += [_figure(row) for row in rows]
    return found


async def _drop(session: Session, minute: int, hour: int, limit: int) -> int:
    gone = 0
    for table, before in (("trend_minute", minute), ("trend_hour", hour)):
        old = await session.rows(_OLD.format(table=table), before, limit)
        await session.many(_DROP.format(table=table), [tuple(row) for row in old])
        gone += len(old)
    return gone


class SqlTrends(OnDatabase):
    """ports.store_trends.TrendStore."""

    async def add_trends(self, figures: Sequence[Trend]) -> None:
        # In the order of their keys: two processes never wait for each other in a circle.
        sets = sorted(
            (one.name, one.at, int(one.organization_id), one.label, one.total, one.peak, one.samples)
            for one in figures
        )  # fmt: skip
        await self._db.change(0, lambda session: session.many(_ADD, sets))

    trends = read_aside_by(_read)

    async def fold_trends(self, hour: int) -> bool:
        first = hour * _MINUTES_OF_HOUR
        rows = await self._db.change(0, lambda s: s.rows(_FOLD, hour, first, first + _MINUTES_OF_HOUR))
        return bool(rows)

    newest_hour = optional(TrendStore.newest_hour, first_column, "select max(at) from trend_hour")
    drop_trends = change_by(_drop)
    waiting = every(TrendStore.waiting, Shape(Waiting), _WAITING, aside=True)
