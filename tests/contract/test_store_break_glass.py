"""Contract of the store: break-glass access as it was opened and ended, on both drivers."""

from dataclasses import replace

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.domain.break_glass import Glass


def new(bench: Bench, at: int = 0, **changed: object) -> Glass:
    row = Glass(
        0,
        bench.organization_id,
        bench.account.id,
        START + at,
        START + at + 100,
        "account:1",
        "admin",
        "192.0.2.9",
        b"why",
    )
    return replace(row, **changed)


async def test_a_new_opening_ends_the_one_before(bench: Bench):
    store = bench.store
    first = await store.add_glass(new(bench))
    assert first == new(bench, id=first.id)
    second = await store.add_glass(new(bench, 50))
    assert list(await store.glasses(bench.organization_id)) == [
        second, replace(first, ended_at=START + 50, ended_by="account:1")
    ]  # fmt: skip
    assert await store.glasses(bench.organization_id, 1) == [second]
    assert await store.glasses(bench.organization_id + 1) == []
    assert await store.end_glass(bench.account.id, START + 60, "account:2") == 1
    assert await store.end_glass(bench.account.id, START + 61, "account:2") == 0
    [ended, _] = await store.glasses(bench.organization_id)
    assert (ended.ended_by, ended.is_open(START + 59), ended.is_open(START + 60)) == ("account:2", True, False)


async def test_what_has_ended_is_reported_once(bench: Bench):
    store = bench.store
    one = await store.add_glass(new(bench))
    assert await store.ended_glasses(START + 99) == []
    assert await store.ended_glasses(START + 100) == [one]
    assert await store.report_glass(one.id, START + 101)
    assert not await store.report_glass(one.id, START + 102)
    assert await store.ended_glasses(START + 200) == []


async def test_what_was_open_at_a_time_or_after_is_found_in_all_companies(bench: Bench):
    store = bench.store
    past = await store.add_glass(new(bench))
    later = await store.add_glass(new(bench, 500, account_id=bench.account.id + 1, organization_id=99))
    assert list(await store.glasses_since(START + 50)) == [later, past]
    assert list(await store.glasses_since(START + 100)) == [later]
    await store.end_glass(later.account_id, START + 550, "account:1")
    assert list(await store.glasses_since(START + 550)) == []
