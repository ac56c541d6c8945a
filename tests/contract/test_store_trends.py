"""Contract of the store: trends, on both drivers."""

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.ids import OrganizationId
from smartmail.domain.queue import NewRecipient
from smartmail.domain.trends import Trend, Waiting

A, B = OrganizationId(1), OrganizationId(2)
HOUR = 480_000
MINUTE = HOUR * 60


def one(
    name: str, home: OrganizationId, at: int, total: int, label: str = "", peak: int = 0, samples: int = 1
) -> Trend:
    return Trend(name, home, label, at, total, peak or total, samples)


async def test_what_processes_add_to_one_minute_is_one_figure(bench: Bench):
    store = bench.store
    await store.add_trends([one("mail.in", A, MINUTE, 3), one("queue.waiting", A, MINUTE, 10)])
    await store.add_trends([one("mail.in", A, MINUTE, 4), one("queue.waiting", A, MINUTE, 4)])
    await store.add_trends([one("mail.in", B, MINUTE, 5), one("mail.in", A, MINUTE + 1, 1)])
    assert await store.trends("minute", ["mail.in"], A, MINUTE, MINUTE + 2) == [
        one("mail.in", A, MINUTE, 7, peak=4, samples=2), one("mail.in", A, MINUTE + 1, 1),
    ]  # fmt: skip
    assert await store.trends("minute", ["queue.waiting"], A, MINUTE, MINUTE + 1) == [
        one("queue.waiting", A, MINUTE, 14, peak=10, samples=2)
    ]
    whole = await store.trends("minute", ["mail.in"], None, MINUTE, MINUTE + 1)
    assert [(each.total, each.organization_id) for each in whole] == [(12, 0)]


async def test_gauges_of_companies_are_added_at_their_means(bench: Bench):
    store = bench.store
    for value in (10, 20, 30):
        await store.add_trends([one("queue.waiting", A, MINUTE, value)])
    await store.add_trends([one("queue.waiting", B, MINUTE, 5)])
    [whole] = await store.trends("minute", ["queue.waiting"], None, MINUTE, MINUTE + 1)
    assert (whole.total, whole.samples, whole.peak) == (25, 1, 35)


async def test_minutes_fold_into_hours_as_often_as_one_likes(bench: Bench):
    store = bench.store
    assert await store.newest_hour() is None
    assert not await store.fold_trends(HOUR)
    await store.add_trends([one("login.failed", A, MINUTE, 2, "KR"), one("login.failed", A, MINUTE + 59, 3, "KR")])
    await store.add_trends([one("login.failed", A, MINUTE, 1, "CN"), one("login.failed", A, MINUTE + 60, 9, "KR")])
    for _ in range(2):
        assert await store.fold_trends(HOUR)
        assert await store.trends("hour", ["login.failed"], A, HOUR, HOUR + 1) == [
            one("login.failed", A, HOUR, 1, "CN"), one("login.failed", A, HOUR, 5, "KR", peak=3, samples=2),
        ]  # fmt: skip
    assert await store.newest_hour() == HOUR


async def test_what_is_old_is_forgotten(bench: Bench):
    store = bench.store
    await store.add_trends([one("mail.in", A, MINUTE + n, 1) for n in range(5)])
    await store.fold_trends(HOUR)
    assert await store.drop_trends(MINUTE + 3, HOUR, 2) == 2
    assert await store.drop_trends(MINUTE + 3, HOUR, 2) == 1
    assert len(await store.trends("minute", ["mail.in"], A, 0, MINUTE + 9)) == 2
    assert await store.drop_trends(0, HOUR + 1, 10) == 1
    assert await store.newest_hour() is None


async def test_what_waits_is_told_by_company(bench: Bench):
    assert await bench.store.waiting() == []
    moving = [NewRecipient("far.example", b"%d" % n, b"sealed") for n in range(2)]
    held = NewRecipient("far.example", b"held", b"sealed", state="held", hold_reason="approval")
    first, second = bench.entry(*moving, held), bench.entry(held)
    await bench.store.enqueue_all([first, second])
    assert await bench.store.waiting() == [Waiting(bench.organization_id, 2, 2, first.id)]
