"""Counted days, and the rows that they are counted from (ports.store_figures.FigureStore)."""

from smartmail.adapters.sql.declared import counted, every, executed, first_column
from smartmail.adapters.sql.session import OnDatabase
from smartmail.adapters.sql.shape import Shape
from smartmail.domain.figures import FigureRow
from smartmail.domain.ids import OrganizationId
from smartmail.domain.trace import EventRow, StoryRow
from smartmail.ports.store_figures import FigureStore

_FIGURE = Shape(FigureRow)
_STORIES = """select id, organization_id, sealed from trace_story
    where organization_id = $1 and id > $2 and id < $3 order by id limit $4"""
# The condition on the story alone lets both databases walk the primary key from where the last page ended.
_EVENTS = """select e.story_id, e.seq, e.sealed, s.organization_id, s.sealed
    from trace_event e join trace_story s on s.id = e.story_id
    where e.story_id >= $2 and e.story_id < $4 and (e.story_id > $2 or e.seq > $3) and e.seq >= $5 and e.seq < $6
        and s.organization_id = $1
    order by e.story_id, e.seq limit $7"""
_PUT = """insert into figure_day (organization_id, day, counted_at, sealed) values ($1, $2, $3, $4)
    on conflict (organization_id, day) do update set counted_at = excluded.counted_at, sealed = excluded.sealed"""
_DAYS = """select organization_id, day, counted_at, sealed from figure_day
    where organization_id = $1 and day >= $2 and day <= $3 order by day"""
_COUNTED = "select day from figure_day where organization_id = $1 and day >= $2 order by day"


class SqlFigures(OnDatabase):
    """ports.store_figures.FigureStore."""

    stories_begun = every(
        FigureStore.stories_begun, Shape(StoryRow, "id, organization_id, sealed"), _STORIES, aside=True
    )

    async def events_of_span(
        self,
        organization_id: OrganizationId,
        *,
        after: tuple[int, int],
        before: int,
        since: int,
        until: int,
        limit: int,
    ) -> list[tuple[EventRow, StoryRow]]:
        values = (organization_id, *after, before, since, until, limit)
        rows = await self._db.read_aside(lambda s: s.rows(_EVENTS, *values))
        return [
            (EventRow(row[0], row[1], bytes(row[2])), StoryRow(row[0], OrganizationId(row[3]), bytes(row[4])))
            for row in rows
        ]

    put_figures = executed(
        FigureStore.put_figures, _PUT, row=_FIGURE.values("organization_id, day, counted_at, sealed")
    )
    figures = every(FigureStore.figures, _FIGURE, _DAYS, aside=True)
    counted_days = every(FigureStore.counted_days, first_column, _COUNTED)
    drop_figures = counted(FigureStore.drop_figures, "delete from figure_day where day < $1 returning day")
