"""Contract of the store: the queue (architecture 4.9), on both drivers."""

import asyncio
from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.queue import Attempt, Flow, NewRecipient, Pick, QueueFilter, QueueTarget, lane_of

NOW = START + 1_000


def to(domain: str, name: str = "r", **values):
    return NewRecipient(domain, name.encode(), b"sealed " + name.encode(), **values)


async def take(store, worker, now, until, limit=10, busy=None):
    """Lease as services do: line up, walk lanes and flows, pick each in turn."""
    await store.line_up(now, 1000)
    room, picks = dict(busy or {}), []
    for lane in await store.queue_lanes(0, 1 << 62, 100):
        for flow in await store.queue_flows(lane, "", 100):
            picks.append(Pick(lane, flow.domain, max(0, min(limit, room.get(flow.domain, limit)))))
    taken = []
    for pick in picks:
        if len(taken) < limit and pick.count:
            least = replace(pick, count=min(pick.count, limit - len(taken)))
            taken += await store.lease(worker, now=now, until=until, picks=[least])
    return taken


async def lease(bench: Bench, worker="w1", now=NOW, until=NOW + 100, limit=10, busy=None):
    return await take(bench.store, worker, now, until, limit, busy)


def done(number: int, state="delivered", next_at=0, **values):
    return Attempt(number, state, next_at, b"reply", **values)


async def test_an_entry_is_leased_by_destination(bench: Bench):
    entry = bench.entry(to("a.test", "1"), to("b.test", "2"), to("a.test", "3"))
    await bench.store.enqueue(entry)
    found = {x.recipients[0].domain: x for x in await lease(bench)}
    assert [r.number for r in found["a.test"].recipients] == [0, 2]
    assert [r.sealed for r in found["b.test"].recipients] == [b"sealed 2"]
    row = found["a.test"].entry
    assert (row.id, row.blob, row.wrapped_key, row.sealed_envelope, row.sealed_prefix, row.account_id) == (
        entry.id, entry.blob, b"queue key", b"envelope", None, None,
    )  # fmt: skip
    assert found["a.test"].until == NOW + 100
    assert await lease(bench, "w2") == []


async def test_an_id_is_enqueued_once(bench: Bench):
    entry = bench.entry(to("a.test"))
    await bench.store.enqueue(entry)
    with pytest.raises(AlreadyExists):
        await bench.store.enqueue(entry)
    assert await bench.refs(entry.blob) == 1


async def test_only_what_is_due_and_oldest_first(bench: Bench):
    older = bench.entry(to("a.test", "1", next_at=900), created_at=0)
    newer = bench.entry(to("a.test", "2", next_at=100), created_at=0)
    future = bench.entry(to("c.test", next_at=NOW + 1), created_at=0)
    held = bench.entry(to("d.test", state="held", hold_reason="approval"))
    for entry in (older, newer, future, held):
        await bench.store.enqueue(entry)
    assert await bench.store.next_due() == 100
    assert [x.entry.id for x in await lease(bench, limit=1)] == [older.id]
    assert [x.entry.id for x in await lease(bench)] == [newer.id]
    # Leases end sooner than nothing else comes.
    assert await bench.store.next_due() == NOW + 1


async def test_what_is_due_at_once_stands_in_line_at_once(bench: Bench):
    await bench.store.enqueue(bench.entry(to("a.test")))
    assert await bench.store.next_due() is None
    assert await bench.store.line_up(NOW, 10) == 0
    assert await bench.store.queue_flows(0, "", 10) == [Flow(0, "a.test", several=False)]


async def test_lining_up_is_bounded_and_oldest_due_first(bench: Bench):
    for due in (5, 3, 4):
        await bench.store.enqueue(bench.entry(to(f"d{due}.test", next_at=due), created_at=0))
    assert await bench.store.line_up(NOW, 2) == 2
    assert [flow.domain for flow in await bench.store.queue_flows(0, "", 10)] == ["d3.test", "d4.test"]
    assert await bench.store.line_up(NOW, 2) == 1
    assert await bench.store.line_up(NOW, 2) == 0


async def test_lanes_and_flows_are_walked(bench: Bench):
    for lane in (7, 3, lane_of("bulk", bench.organization_id, bench.account.id)):
        for number, domain in enumerate(("b.test", "a.test", "b.test")):
            await bench.store.enqueue(bench.entry(to(domain, str(number)), lane=lane))
    assert await bench.store.queue_lanes(0, 1 << 60, 10) == [3, 7]
    assert await bench.store.queue_lanes(4, 1 << 60, 10) == [7]
    assert await bench.store.queue_lanes(0, 1 << 60, 1) == [3]
    assert await bench.store.queue_lanes(2 << 60, 3 << 60, 10) == [2 << 60 | bench.account.id]
    assert await bench.store.queue_flows(3, "", 10) == [Flow(3, "a.test", several=False), Flow(3, "b.test")]
    assert await bench.store.queue_flows(3, "a.test", 10) == [Flow(3, "b.test")]
    [one] = await bench.store.lease("w", now=NOW, until=NOW + 9, picks=[Pick(3, "b.test")])
    assert one.lane == 3
    assert await bench.store.queue_flows(3, "a.test", 10) == [Flow(3, "b.test", several=False)]


async def test_a_transaction_has_a_bounded_number_of_recipients(bench: Bench):
    await bench.store.enqueue(bench.entry(*(to("a.test", str(number)) for number in range(25))))
    taken = await bench.store.lease("w", now=NOW, until=NOW + 9, picks=[Pick(0, "a.test", 5, recipients=10)])
    assert [len(one.recipients) for one in taken] == [10, 10, 5]
    assert sorted(row.number for one in taken for row in one.recipients) == list(range(25))


async def test_order_is_kept_for_a_recipient(bench: Bench):
    first, second = bench.entry(to("a.test", "kim")), bench.entry(to("a.test", "kim"))
    other = bench.entry(to("a.test", "lee"))
    for entry in (first, second, other):
        await bench.store.enqueue(entry)
    taken = await bench.store.lease("w", now=NOW, until=NOW + 9, picks=[Pick(0, "a.test", 3)])
    assert [one.entry.id for one in taken] == [first.id, other.id]
    await bench.store.report("w", first.id, [done(0)])
    taken = await bench.store.lease("w", now=NOW, until=NOW + 9, picks=[Pick(0, "a.test", 3)])
    assert [one.entry.id for one in taken] == [second.id]


async def test_what_waits_with_its_destination_goes_before_what_came_later(bench: Bench):
    first = bench.entry(to("a.test", "kim"))
    await bench.store.enqueue(first)
    await lease(bench)
    await bench.store.report("w1", first.id, [done(0, "ready", NOW * 5, behind=True)])
    assert await lease(bench) == []
    second = bench.entry(to("a.test", "kim"))
    await bench.store.enqueue(second)
    # Of a dead destination only what stands in line is taken, to be put off.
    assert await bench.store.lease("w1", now=NOW, until=NOW + 9, picks=[Pick(0, "a.test", 5, "unsure")]) == []
    dead = Pick(0, "a.test", 5, "dead")
    [one] = await bench.store.lease("w1", now=NOW, until=NOW + 9, picks=[dead])
    assert one.entry.id == second.id
    await bench.store.give_back("w1", second.id, now=NOW)
    assert [one.entry.id for one in await lease(bench, limit=1)] == [first.id]
    await bench.store.report("w1", first.id, [done(0, "ready", NOW * 5, behind=True)])
    assert await bench.store.wake("b.test", now=NOW, limit=9) == 0
    assert await bench.store.wake("a.test", now=NOW, limit=9) == 1
    taken = await bench.store.lease("w1", now=NOW, until=NOW + 9, picks=[Pick(0, "a.test", 2)])
    assert [one.entry.id for one in taken] == [first.id]


async def test_a_lease_is_renewed_or_given_back(bench: Bench):
    entry = bench.entry(to("a.test"))
    await bench.store.enqueue(entry)
    await lease(bench, until=NOW + 10)
    await bench.store.renew("w1", [entry.id], NOW + 500)
    await bench.store.renew("w2", [entry.id], NOW + 900)
    assert await bench.store.next_due() == NOW + 500
    assert await lease(bench, "w2", now=NOW + 499) == []
    await bench.store.give_back("w2", entry.id, now=NOW)
    assert await lease(bench, "w2", now=NOW + 1) == []
    await bench.store.give_back("w1", entry.id, now=NOW)
    [again] = await lease(bench, "w2", now=NOW + 1)
    assert again.recipients[0].attempts == 0
    assert not await bench.store.report("w1", entry.id, [done(0)])


async def test_what_is_given_back_leaves_what_goes_elsewhere_under_way(bench: Bench):
    entry = bench.entry(to("a.test"), to("b.test"))
    await bench.store.enqueue(entry)
    taken = await lease(bench)
    assert len(taken) == 2
    await bench.store.give_back("w1", entry.id, [1], now=NOW)
    [[first, second]] = [rows for _, rows in await bench.store.queue_entries(9)]
    assert (first.state, second.state) == ("leased", "ready")


async def find(bench: Bench, now=NOW, **marks):
    found = await bench.store.find_queue(QueueFilter(**marks), now=now, after=0, limit=100)
    return [(entry.id, [row.number for row in rows]) for entry, rows in found]


async def test_the_queue_is_found_by_any_mark(bench: Bench):
    one = bench.entry(
        to("a.test", "kim"), to("b.test", "lee", next_at=NOW * 9), account_id=bench.account.id, sender_hash=b"s1",
        sender_domain="acme.test", size=10, created_at=100,
    )  # fmt: skip
    two = bench.entry(
        to("b.test", "kim", state="held", hold_reason="approval"), sender_hash=b"s2", size=1000, created_at=200
    )
    for entry in (one, two):
        await bench.store.enqueue(entry)
    everything = [(one.id, [0, 1]), (two.id, [0])]
    first, second = [(one.id, [0, 1])], [(two.id, [0])]
    assert await find(bench) == everything
    assert await find(bench, entries=(two.id, 999)) == second
    assert await find(bench, account_id=bench.account.id) == first
    assert await find(bench, organization_id=bench.organization_id) == everything
    assert await find(bench, organization_id=999) == []
    assert await find(bench, senders=(b"s2", b"x")) == second
    assert await find(bench, sender_domain="acme.test") == first
    assert await find(bench, recipients=(b"kim",)) == [(one.id, [0]), (two.id, [0])]
    assert await find(bench, domain="b.test") == [(one.id, [1]), (two.id, [0])]
    assert await find(bench, state="held") == second
    assert await find(bench, hold_reason="approval") == second
    assert await find(bench, state="ready") == [(one.id, [0])]
    assert await find(bench, state="waiting") == [(one.id, [1])]
    assert await find(bench, created_before=150) == first
    assert await find(bench, created_after=150) == second
    assert await find(bench, larger=500) == second
    assert await find(bench, smaller=500) == first
    page = await bench.store.find_queue(QueueFilter(), now=NOW, after=one.id, limit=1)
    assert [entry.id for entry, _rows in page] == [two.id]
    await lease(bench, limit=1)
    assert await find(bench, state="leased") == [(one.id, [0])]


async def test_acts_of_administrators(bench: Bench):
    entry = bench.entry(to("a.test", "1"), to("b.test", "2", next_at=NOW * 9), to("c.test", "3"))
    await bench.store.enqueue(entry)
    await lease(bench, limit=1)
    whole = [QueueTarget(entry.id, (0, 1, 2)), QueueTarget(999, (0,))]
    act = bench.store.change_queue
    # What is leased may be on its way this moment: no act meets it.
    assert await act("hold", whole, now=NOW) == [(entry.id, [1, 2])]
    assert await find(bench, hold_reason="administrator") == [(entry.id, [1, 2])]
    assert await lease(bench, "w2") == []
    assert await act("retry", whole, now=NOW) == []
    assert await act("reroute", whole, now=NOW, domain="=10.0.0.1:25") == [(entry.id, [1, 2])]
    assert await lease(bench, "w2") == []
    assert await act("release", [QueueTarget(entry.id, (1,))], now=NOW) == [(entry.id, [1])]
    [taken] = await lease(bench, "w2")
    assert (taken.recipients[0].number, taken.recipients[0].domain) == (1, "=10.0.0.1:25")
    await bench.store.report("w2", entry.id, [done(1, "ready", NOW * 9)])
    assert await act("retry", whole, now=NOW) == [(entry.id, [1])]
    record = AuditRecord(NOW, "cli", "queue.delete", f"queue:{entry.id}")
    report = bench.entry(to("sender.test"))
    assert await act("delete", [QueueTarget(entry.id, (0, 1, 2), report)], now=NOW, audit=record) == [
        (entry.id, [1, 2])
    ]
    assert await find(bench) == [(entry.id, [0]), (report.id, [0])]
    totals = await bench.store.queue_totals(1)
    assert (totals.entries, totals.destinations) == (2, (("a.test", 1),))
    assert dict(totals.states) == {"cancelled": 2, "leased": 1, "ready": 1}
    await bench.store.report("w1", entry.id, [done(0)])
    assert await act("delete", [QueueTarget(report.id, (0,))], now=NOW) == [(report.id, [0])]
    assert await bench.store.queue_entries(10) == []
    assert await bench.refs(report.blob) == 0


async def test_nothing_due(bench: Bench):
    assert await bench.store.next_due() is None
    assert await lease(bench) == []


async def test_busy_destinations_are_passed_over(bench: Bench):
    for number, domain in enumerate(("a.test", "a.test", "a.test", "b.test")):
        await bench.store.enqueue(bench.entry(to(domain, str(number))))
    taken = await lease(bench, busy={"a.test": 0, "c.test": -1})
    assert [x.recipients[0].domain for x in taken] == ["b.test"]
    taken = await lease(bench, busy={"a.test": 2})
    assert len(taken) == 2


async def test_the_last_result_removes_the_entry_and_releases_its_blob(bench: Bench):
    entry = bench.entry(to("a.test", "1"), to("a.test", "2"))
    await bench.store.enqueue(entry)
    await lease(bench)
    assert await bench.store.report("w1", entry.id, [done(0), done(1, "ready", NOW + 50, delay_told=True)])
    [(_, recipients)] = await bench.store.queue_entries(10)
    assert [(r.state, r.next_at, r.attempts, r.delay_told, r.sealed_result) for r in recipients] == [
        ("delivered", 0, 1, False, b"reply"), ("ready", NOW + 50, 1, True, b"reply"),
    ]  # fmt: skip
    assert await bench.refs(entry.blob) == 1
    [again] = await lease(bench, now=NOW + 50, until=NOW + 200)
    assert [r.number for r in again.recipients] == [1]
    report = bench.entry(to("sender.test"))
    assert await bench.store.report("w1", entry.id, [done(1, "bounced")], [report])
    assert [e.id for e, _ in await bench.store.queue_entries(10)] == [report.id]
    assert await bench.store.dead_blobs(bench.now[0] + 1, 10) == [entry.blob]
    assert not await bench.store.report("w1", entry.id, [done(1)])


async def test_a_lease_that_ran_out_is_taken_by_another(bench: Bench):
    entry = bench.entry(to("a.test"))
    await bench.store.enqueue(entry)
    await lease(bench, "w1", until=NOW + 100)
    assert await lease(bench, "w2", now=NOW + 99) == []
    assert await bench.store.next_due() == NOW + 100
    assert len(await lease(bench, "w2", now=NOW + 100, until=NOW + 300)) == 1
    lost = bench.entry(to("sender.test"))
    assert not await bench.store.report("w1", entry.id, [done(0)], [lost])
    assert [e.id for e, _ in await bench.store.queue_entries(10)] == [entry.id]
    assert await bench.refs(lost.blob) is None
    assert await bench.store.report("w2", entry.id, [done(0)])


async def test_a_late_report_counts_while_nobody_else_took_over(bench: Bench):
    entry = bench.entry(to("a.test"))
    await bench.store.enqueue(entry)
    await lease(bench, "w1", until=NOW + 1)
    assert await bench.store.report("w1", entry.id, [done(0)])


async def test_workers_never_get_the_same(bench: Bench, store_factory):
    for number in range(40):
        await bench.store.enqueue(bench.entry(to(f"d{number % 5}.test", "1"), to("other.test", "2")))
    stores = [bench.store, await store_factory.open()]
    seen: list[tuple[int, int]] = []

    async def work(number: int):
        worker = f"w{number}"
        empty = 0
        while empty < 3:
            taken = await take(stores[number % 2], worker, NOW, NOW + 100, 3)
            empty = 0 if taken else empty + 1
            for one in taken:
                seen.extend((one.entry.id, r.number) for r in one.recipients)
                assert await stores[number % 2].report(worker, one.entry.id, [done(r.number) for r in one.recipients])

    await asyncio.gather(*(work(n) for n in range(6)))
    # What a worker skipped because another held the entry for a moment is still there.
    await work(0)
    assert len(seen) == len(set(seen)) == 80
    assert await bench.store.queue_entries(10) == []


async def test_the_first_prefix_wins(bench: Bench):
    entry = bench.entry(to("a.test"))
    await bench.store.enqueue(entry)
    assert await bench.store.set_prefix(entry.id, b"DKIM 1") == b"DKIM 1"
    assert await bench.store.set_prefix(entry.id, b"DKIM 2") == b"DKIM 1"
    assert (await lease(bench))[0].entry.sealed_prefix == b"DKIM 1"
    with pytest.raises(NotFound):
        await bench.store.set_prefix(999, b"")


async def submit(bench: Bench, *recipients):
    entry = bench.entry(*recipients, account_id=bench.account.id, submission_id=1)
    await bench.store.write(bench.account.id, lambda tx: tx.add_queue_entry(entry))
    return entry


async def cancel(bench: Bench, entry, account=None):
    return await bench.store.write((account or bench.account).id, lambda tx: tx.cancel_queue_entry(entry.id))


async def test_cancel_takes_all_or_nothing(bench: Bench):
    entry = await submit(bench, to("a.test", state="held", hold_reason="undo_window"), to("b.test"))
    other = await bench.new_account("u2@acme.test")
    assert not await cancel(bench, entry, other)
    assert await cancel(bench, entry)
    assert await bench.refs(entry.blob) == 0
    assert not await cancel(bench, entry)
    leased = await submit(bench, to("a.test"), to("b.test", next_at=NOW * 9))
    await lease(bench)
    assert not await cancel(bench, leased)
    [(_, recipients)] = await bench.store.queue_entries(10)
    assert [r.state for r in recipients] == ["leased", "ready"]


async def test_never_both_cancelled_and_leased(bench: Bench):
    for _ in range(10):
        entry = await submit(bench, to("a.test"))
        cancelled, leases = await asyncio.gather(cancel(bench, entry), lease(bench))
        assert cancelled != bool(leases)
        if leases:
            assert await bench.store.report("w1", entry.id, [done(0)])


async def test_a_failing_body_queues_nothing(bench: Bench):
    entry = bench.entry(to("a.test"))

    async def body(tx):
        await tx.add_queue_entry(entry)
        raise ValueError

    with pytest.raises(ValueError):
        await bench.store.write(bench.account.id, body)
    assert await bench.store.queue_entries(10) == []
    assert await bench.refs(entry.blob) is None
