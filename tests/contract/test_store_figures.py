"""Contract of the store: rows that are counted for reports, and counted days, on both drivers."""

from dataclasses import replace

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.figures import FigureRow
from smartmail.domain.ids import OrganizationId
from smartmail.domain.trace import EventRow, StoryRow, TraceBatch

OURS, OTHERS = OrganizationId(1), OrganizationId(2)


def story(number: int, home: OrganizationId = OURS) -> StoryRow:
    return StoryRow(number, home, b"story %d" % number)


def event(story_id: int, seq: int) -> EventRow:
    return EventRow(story_id, seq, b"event %d" % seq)


async def test_stories_come_in_pages_and_of_one_company_only(bench: Bench):
    store = bench.store
    rows = [story(10), story(20), story(25, OTHERS), story(30), story(40)]
    await store.add_trace(TraceBatch(stories=tuple(rows)))
    assert await store.stories_begun(OURS, after=10, before=40, limit=10) == [story(20), story(30)]
    assert await store.stories_begun(OURS, after=9, before=41, limit=2) == [story(10), story(20)]
    assert await store.stories_begun(OTHERS, after=0, before=99, limit=9) == [story(25, OTHERS)]


async def test_events_of_a_span_come_with_their_stories_and_page_by_page(bench: Bench):
    store = bench.store
    events = [event(10, 11), event(10, 55), event(20, 50), event(20, 51), event(25, 52), event(30, 99), event(60, 61)]
    stories = (story(10), story(20), story(25, OTHERS), story(30), story(60))
    await store.add_trace(TraceBatch(stories=stories, events=tuple(events)))
    found, place = [], (0, 0)
    while page := await store.events_of_span(OURS, after=place, before=60, since=50, until=60, limit=2):
        assert len(page) <= 2
        found += page
        place = (page[-1][0].story_id, page[-1][0].seq)
    assert found == [(event(10, 55), story(10)), (event(20, 50), story(20)), (event(20, 51), story(20))]
    # Stories from before the place are not looked at any more.
    assert await store.events_of_span(OURS, after=(15, 0), before=60, since=50, until=60, limit=1) == found[1:2]


async def test_a_day_that_is_counted_again_takes_the_place_of_the_first(bench: Bench):
    store = bench.store
    rows = [FigureRow(OURS, f"2026-11-{day:02}", day, b"sealed %d" % day) for day in (28, 29, 30)]
    for one in [*rows, FigureRow(OTHERS, "2026-11-29", 5, b"others")]:
        await store.put_figures(one)
    again = replace(rows[1], counted_at=99, sealed=b"again")
    await store.put_figures(again)
    assert await store.figures(OURS, "2026-11-01", "2026-11-29") == [rows[0], again]
    assert await store.counted_days(OURS, "2026-11-29") == ["2026-11-29", "2026-11-30"]
    assert await store.drop_figures("2026-11-30") == 3
    assert await store.figures(OURS, "0000", "9999") == [rows[2]]
