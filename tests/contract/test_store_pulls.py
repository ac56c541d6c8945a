"""Contract of the store: outside mailboxes, their leases, what was brought, on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench, Lease

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import RateLimited
from smartmail.domain.pulls import PullEnd, PullRow, SeenRow

RECORD = AuditRecord(1, "system", "pull.test", "pull:1")
ONE, TWO = b"1" * 16, b"2" * 16


def a_pull(bench: Bench, **facts) -> PullRow:
    account = bench.account
    return replace(PullRow(ONE, account.id, account.organization_id, b"sealed", True, 10, 10, 50), **facts)  # noqa: FBT003


def seen(key: bytes, digest: bytes = b"d", state="taken", **facts) -> SeenRow:
    return replace(SeenRow(key, digest, state, remove=False, seen_at=70), **facts)


async def test_an_account_has_so_many(bench: Bench):
    store = bench.store
    await store.add_pull(a_pull(bench), 1, RECORD)
    with pytest.raises(RateLimited):
        await store.add_pull(a_pull(bench, id=TWO), 1, RECORD)
    await store.add_pull(a_pull(bench, id=TWO, created_at=11), 2, RECORD)
    assert [one.id for one in await store.pulls(bench.account.id)] == [ONE, TWO]
    assert await store.pull(ONE) == a_pull(bench)
    home = bench.account.organization_id
    assert [one.id for one in await store.pulls_of_organization(home, b"", 1)] == [ONE]
    assert [one.id for one in await store.pulls_of_organization(home, ONE, 9)] == [TWO]
    assert [one.id for one in await store.pulls_of_organization(None, b"", 9)] == [ONE, TWO]
    assert await store.pulls_of_organization(home + 1, b"", 9) == []


async def test_one_worker_at_a_time_and_a_dead_one_loses_it(bench: Bench):
    store = bench.store
    await store.add_pull(a_pull(bench), 5, RECORD)
    assert await store.lease_pull(49, 100, "w1") is None
    leased = await store.lease_pull(50, 100, "w1")
    assert leased is not None and (leased.worker, leased.leased_until) == ("w1", 100)
    assert await store.lease_pull(60, 160, "w2") is None
    assert await store.keep_pull(ONE, "w1", 150)
    assert await store.lease_pull(149, 250, "w2") is None
    taken = await store.lease_pull(150, 250, "w2")
    assert taken is not None and taken.worker == "w2"
    assert not await store.keep_pull(ONE, "w1", 300)
    assert not await store.note_seen(ONE, "w1", [seen(b"a")])
    end = PullEnd("login", b"said", 3, 900, 40)
    assert not await store.end_pull(ONE, "w1", end)
    assert await store.end_pull(ONE, "w2", end)
    row = await store.pull(ONE)
    assert row is not None
    assert (row.reason, row.sealed_said, row.failures, row.next_at, row.pulled_at) == ("login", b"said", 3, 900, 40)
    assert (row.worker, row.leased_until) == ("", 0)


async def test_what_is_switched_off_is_not_due(bench: Bench):
    store = bench.store
    await store.add_pull(a_pull(bench), 5, RECORD)
    leased = await store.lease_pull(50, 100, "w1")
    assert leased is not None
    assert await store.change_pull(replace(leased, enabled=False, sealed=b"new", reason="stopped"), RECORD)
    assert not await store.keep_pull(ONE, "w1", 300), "whoever works on it hears of the change"
    assert await store.lease_pull(9_999, 10_000, "w2") is None
    row = await store.pull(ONE)
    assert row is not None and (row.sealed, row.enabled, row.reason) == (b"new", False, "stopped")
    assert not await store.change_pull(replace(leased, id=TWO), RECORD)


async def test_what_was_seen_is_seen_once_and_counted(bench: Bench):
    store = bench.store
    await store.add_pull(a_pull(bench), 5, RECORD)
    await store.lease_pull(50, 100, "w1")
    rows = [seen(b"a", remove=True), seen(b"b", b"e", "skipped"), seen(b"c", b"f", "large")]
    assert await store.note_seen(ONE, "w1", rows)
    assert await store.seen_of(ONE, [b"a", b"b", b"x"]) == {b"a": rows[0], b"b": rows[1]}
    assert await store.seen_of(ONE, []) == {}
    assert await store.saw_octets(ONE, b"d")
    assert not await store.saw_octets(ONE, b"e"), "what was not brought may come"
    assert not await store.saw_octets(TWO, b"d")
    row = await store.pull(ONE)
    assert row is not None and row.taken == 1
    await store.removed_there(ONE, [b"a"])
    assert (await store.seen_of(ONE, [b"a"]))[b"a"].remove is False


async def test_another_mailbox_begins_anew_and_one_that_goes_takes_all_along(bench: Bench):
    store = bench.store
    await store.add_pull(a_pull(bench), 5, RECORD)
    await store.lease_pull(50, 100, "w1")
    await store.note_seen(ONE, "w1", [seen(b"a")])
    assert await store.change_pull(a_pull(bench), RECORD)
    assert await store.seen_of(ONE, [b"a"]) != {}
    assert await store.change_pull(a_pull(bench), RECORD, forget=True)
    assert await store.seen_of(ONE, [b"a"]) == {}
    assert await store.drop_pull(ONE, RECORD)
    assert not await store.drop_pull(ONE)
    assert await store.pull(ONE) is None


async def leased_pull(bench: Bench) -> Lease:
    await bench.store.add_pull(a_pull(bench), 5, RECORD)
    return lambda worker, now, until: bench.store.lease_pull(now, until, worker)


LEASED = {"pulls": leased_pull}
