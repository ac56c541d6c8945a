"""Contract of the store: leases by one clock, given back by who follows the dead, and whose a node's name is (ADR 74)."""

import contextlib

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench, fresh_postgres

from smartmail.adapters.sql import open_postgres
from smartmail.domain.cluster import NodeClaim
from smartmail.domain.errors import ClockOff
from smartmail.domain.queue import NewRecipient, Pick

LATER = START + 300_000


def recipient(address: bytes = b"hash"):
    return NewRecipient("b.test", address, b"sealed", next_at=START)


def claim(place: str, holder: str, at: int, skew: int = 0) -> NodeClaim:
    return NodeClaim("n1", place, holder, at, at, skew)


async def test_what_a_dead_worker_held_stands_in_line_at_once_and_what_others_hold_stays_theirs(bench: Bench):
    store = bench.store
    for number, worker in enumerate(("n1/background/aa-1", "n1/background/ab-1", "n10/background/aa-1", "n1/b")):
        await store.enqueue(bench.entry(recipient(b"h%d" % number)))
        assert await store.lease(worker, now=START, until=LATER, picks=[Pick(0, "b.test")])
    assert await store.take_back("n1/background/aa-", now=START + 5) == 1
    assert await store.take_back("n1/background/aa-", now=START + 5) == 0
    rows = [row for _, held in await store.queue_entries(10) for row in held]
    assert [row.state for row in rows] == ["ready", "leased", "leased", "leased"]
    first = (await store.queue_entries(1))[0][0].id
    (again,) = await store.lease("n1/background/aa-2", now=START + 6, until=LATER, picks=[Pick(0, "b.test", 9)])
    assert again.entry.id == first


async def test_named_leases_of_the_dead_are_free_at_once(bench: Bench):
    store = bench.store
    for name, owner in (("a", "n1/background/aa-1"), ("b", "n1/background/bb-1")):
        assert await store.lock(name, owner, now=START, until=LATER)
    await store.take_back_locks("n1/background/aa-")
    assert await store.lock("a", "other", now=START + 1, until=LATER)
    assert not await store.lock("b", "other", now=START + 1, until=LATER)


async def test_a_name_is_one_tree_s_until_it_is_silent(bench: Bench):
    store = bench.store
    mine = await store.claim_node(claim("p1", "h1", START), START - 20_000)
    assert mine.holder == "h1"
    # Another place is refused while the first is heard of …
    assert (await store.claim_node(claim("p2", "h2", START + 5), START - 19_995)).holder == "h1"
    assert await store.hold_node("n1", "h1", START + 10_000, 17)
    assert (await store.claim_node(claim("p2", "h2", START + 25_000), START + 5_000)).holder == "h1"
    assert [(one.holder, one.skew) for one in await store.node_claims(START)] == [("h1", 17)]
    # … the same place has it at once, and who was there before is told so.
    assert (await store.claim_node(claim("p1", "h3", START + 10_001), START - 9_999)).holder == "h3"
    assert not await store.hold_node("n1", "h1", START + 10_002, 0)
    # A silent one has lost it.
    assert (await store.claim_node(claim("p2", "h4", START + 30_001), START + 10_001)).holder == "h4"
    assert not await store.hold_node("n1", "h3", START + 30_002, 0)


@pytest.mark.postgres
async def test_a_node_whose_clock_is_off_takes_nothing_and_goes_on_with_what_it_holds():
    fault = [""]
    store = await open_postgres(await fresh_postgres(), now=lambda: START, clock_fault=lambda: fault[0])
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        made = Bench(store, [START])
        await made.start()
        await store.enqueue(made.entry(recipient()))
        assert await store.lock("job", "w", now=START, until=LATER)
        fault[0] = "the clock is off"
        with pytest.raises(ClockOff):
            await store.lease("w", now=START, until=LATER, picks=[Pick(0, "b.test")])
        with pytest.raises(ClockOff):
            await store.lock("other", "w", now=START, until=LATER)
        assert await store.lock("job", "w", now=START, until=LATER + 1, any_clock=True)
        assert await store.lock("job", "w", now=START, until=START)
        fault[0] = ""
        assert await store.lease("w", now=START, until=LATER, picks=[Pick(0, "b.test")])


@pytest.mark.postgres
async def test_the_time_of_leases_is_the_server_s_whatever_this_node_thinks():
    store = await open_postgres(await fresh_postgres(), now=lambda: 0)
    try:
        first = await store.moment()
        assert START < first <= await store.moment()
    finally:
        await store.close()


async def test_what_a_lost_node_holds_stands_in_line_once_its_own_lease_is_over(bench: Bench):
    """By the database's clock, and not after the five minutes of what it was sending."""
    store = bench.store
    workers = ("n1/background/aa.1-1", "n1/edge/aa.1-2", "n1/background/bb.1-1", "n2/background/aa.1-1", "w", "x/y/z-1")
    for number, worker in enumerate(workers):
        await store.enqueue(bench.entry(recipient(b"h%d" % number)))
        assert await store.lease(worker, now=START, until=LATER, picks=[Pick(0, "b.test")])
    assert await store.take_over(now=START, silent_since=START) == 0, "who has no claim is not judged by it"
    for name in ("n1", "n2"):
        await store.claim_node(NodeClaim(name, "aa.1", name, START, START), 0)

    async def states() -> list[str]:
        return [row.state for _, held in await store.queue_entries(10) for row in held]

    # A name has one place: what another place leased under it is of a node that lost the name.
    assert await store.take_over(now=START + 20_000, silent_since=START - 1) == 1
    assert await states() == ["leased", "leased", "ready", "leased", "leased", "leased"]
    assert await store.hold_node("n2", "n2", START + 15_000, 0)
    assert await store.take_over(now=START + 20_000, silent_since=START) == 2
    assert await states() == ["ready", "ready", "ready", "leased", "leased", "leased"]
    assert await store.take_over(now=START + 20_000, silent_since=START) == 0
    (again,) = await store.lease("n2/background/aa.1-1", now=START + 20_001, until=LATER, picks=[Pick(0, "b.test")])
    assert len(again.recipients) == 1
