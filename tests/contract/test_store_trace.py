"""Contract of the store: stories of messages and the books of the queue, on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench
from tests.contract.test_store_queue import done, take, to

from smartmail.domain.addressing import ApprovalRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.queue import QueueTarget
from smartmail.domain.trace import HOUR, PERIOD, EventRow, StoryRow, TextRow, TraceBatch, first_id, period_of
from smartmail.ports.store_approvals import Move

AUDIT = AuditRecord(START, "account:1", "test", "object")


def at(milliseconds: int, low: int = 0) -> int:
    return first_id(START + milliseconds) | low


def story(number: int, key: bytes = b"k" * 16, organization: int = 1) -> TraceBatch:
    period = period_of(number >> 22)
    return TraceBatch((StoryRow(number, organization, b"s%d" % number),), (), ((period, key, number),))


async def test_what_is_found_is_the_newest_of_its_time(store):
    numbers = [at(0, 1), at(0, 2), at(5_000), at(PERIOD), at(3 * PERIOD)]
    for number in numbers:
        await store.add_trace(story(number))
    await store.add_trace(story(at(6_000), b"x" * 16))

    async def find(since, until, limit=100, keys=(b"k" * 16,)):
        return await store.find_trace(keys, since=since, until=until, limit=limit)

    assert await find(0, START + 9 * PERIOD) == numbers[::-1]
    assert await find(0, START + 9 * PERIOD, limit=2) == [numbers[4], numbers[3]]
    assert await find(START + 1, START + PERIOD) == [numbers[2]]
    assert await find(START, START + PERIOD + 1, limit=3) == [numbers[3], numbers[2], numbers[1]]
    assert await find(0, START + 9 * PERIOD, keys=(b"n" * 16, b"x" * 16)) == [at(6_000)]
    assert await find(0, START + 9 * PERIOD, keys=()) == []


async def test_stories_and_events_come_back_in_order_and_once(store):
    first, second = at(1), at(2)
    events = (EventRow(first, at(9), b"later"), EventRow(first, at(3), b"sooner"), EventRow(second, at(4), b"other"))
    batch = TraceBatch((StoryRow(second, 2, b"b"), StoryRow(first, 1, b"a")), events)
    await store.add_trace(batch)
    await store.add_trace(replace(batch, stories=(StoryRow(first, 1, b"not again", joins=True),)))
    assert await store.trace_stories([second, first, at(77)]) == [StoryRow(first, 1, b"a"), StoryRow(second, 2, b"b")]
    assert await store.trace_events([second, first], 10) == [events[1], events[0], events[2]]
    assert await store.trace_events([first], 1) == [events[1]]
    assert await store.recent_trace(None, since=0, until=START + 99, limit=9) == [second, first]
    assert await store.recent_trace(2, since=0, until=START + 99, limit=9) == [second]
    assert await store.recent_trace(None, since=0, until=START + 2, limit=9) == [first]


async def test_how_a_story_begins_is_told_by_who_took_the_message_whoever_comes_first(store):
    """The queue of one process may be written sooner than the edge of another; it knows part of the recipients."""
    number = at(1)
    await store.add_trace(TraceBatch((StoryRow(number, 1, b"of the queue", joins=True),)))
    assert await store.trace_stories([number]) == [StoryRow(number, 1, b"of the queue")]
    await store.add_trace(TraceBatch((StoryRow(number, 1, b"of the door"),)))
    await store.add_trace(TraceBatch((StoryRow(number, 1, b"of another lane", joins=True),)))
    assert await store.trace_stories([number]) == [StoryRow(number, 1, b"of the door")]


async def test_pieces_of_words_are_merged_once(store):
    rows = [TextRow(1, at(number), 10, b"p%d" % number) for number in range(1, 4)]
    full = TextRow(1, at(9), 4_000, b"full")
    await store.add_trace(TraceBatch(texts=(*rows, full, TextRow(2, at(1), 1, b"elsewhere"))))
    assert await store.trace_texts(1, after=0, before=at(99), limit=9) == [full, *rows[::-1]]
    assert await store.trace_texts(1, after=at(1), before=at(9), limit=1) == [rows[2]]
    assert await store.small_trace_texts(1, before=at(99), limit=9) == rows
    assert await store.small_trace_texts(1, before=at(3), limit=9) == rows[:2]
    merged = TextRow(1, at(2), 20, b"both")
    assert await store.merge_trace_texts(merged, [at(1), at(2)])
    # Somebody else was slower: nothing of it is done.
    assert not await store.merge_trace_texts(TextRow(1, at(3), 30, b"all"), [at(1), at(2), at(3)])
    assert await store.trace_texts(1, after=0, before=at(99), limit=9) == [full, rows[2], merged]


async def test_what_is_old_goes_in_steps(bench: Bench):
    store, own = bench.store, bench.organization_id
    old, new = at(-1), at(3 * PERIOD)
    for number in (old, new):
        await store.add_trace(story(number))
        await store.add_trace(TraceBatch(events=(EventRow(number, number, b"e"), EventRow(number, number + 1, b"e"))))
        await store.add_trace(TraceBatch(texts=(TextRow(own, number, 1, b"t"),)))
    gone = [await store.drop_trace(START + 2 * PERIOD, 1) for _ in range(3)]
    assert gone == [4, 1, 0]
    assert await store.trace_stories([old, new]) == [StoryRow(new, 1, b"s%d" % new)]
    assert [one.story_id for one in await store.trace_events([old, new], 9)] == [new, new]
    assert await store.find_trace([b"k" * 16], since=0, until=START + 9 * PERIOD, limit=9) == [new]
    assert [one.id for one in await store.trace_texts(own, after=0, before=at(9 * PERIOD), limit=9)] == [new]


# --- books ---


async def book(bench: Bench):
    """Return the one book there is, as (accepted, ends, held, queued), which balances before and after settling."""
    before = await bench.store.books(0, START + 9 * HOUR)
    while (await bench.store.settle_books(2)).more:
        pass
    [one] = after = await bench.store.books(0, START + 9 * HOUR)
    assert before == after
    assert one.difference == 0
    assert await bench.store.unbalanced(0, START + 9 * HOUR, 9) == []
    return one.accepted, dict(one.ends), one.held, one.queued


def entry(bench: Bench, *recipients, **values):
    return bench.entry(*recipients, id=at(next(bench.numbers)), **values)


async def test_every_end_of_a_recipient_is_in_the_books(bench: Bench):
    await bench.store.enqueue(entry(bench, to("a.test", "1"), to("a.test", "2"), to("a.test", "3"), to("b.test", "4")))
    await bench.store.enqueue_all([entry(bench, to("c.test", state="held", hold_reason="quarantine"))])
    assert await book(bench) == (5, {}, 1, 4)
    leases = {one.recipients[0].domain: one for one in await take(bench.store, "w", START, START + 99)}
    attempts = [done(0), done(1, "bounced"), done(2, "ready", START + 5)]
    assert await bench.store.report("w", leases["a.test"].entry.id, attempts)
    assert await book(bench) == (5, {"delivered": 1, "bounced": 1}, 1, 2)
    report = entry(bench, to("a.test", "9"))
    assert await bench.store.report("w", leases["b.test"].entry.id, [done(3, "expired")], [report])
    # What lost its lease counts nothing.
    assert not await bench.store.report("w", leases["b.test"].entry.id, [done(3, "delivered")])
    assert await book(bench) == (6, {"delivered": 1, "bounced": 1, "expired": 1}, 1, 2)
    target = QueueTarget(leases["a.test"].entry.id, (0, 2))
    assert await bench.store.change_queue("delete", [target], now=START, audit=AUDIT)
    assert await bench.store.change_queue("delete", [QueueTarget(report.id, (0,))], now=START, audit=AUDIT)
    assert await book(bench) == (6, {"delivered": 1, "bounced": 1, "expired": 1, "removed": 2}, 1, 0)


async def test_what_is_not_approved_has_an_end(bench: Bench):
    waiting = entry(bench, to("a.test", "1", state="held", hold_reason="approval"), to("b.test", "2"))
    question = ApprovalRow(0, bench.organization_id, "list", "all@acme.test", None, waiting.id, "waiting", 1, 500, None, "", b"s")  # fmt: skip
    asked = await bench.store.approving.ask(question, waiting)
    assert await book(bench) == (2, {}, 1, 1)
    assert await bench.store.approving.move(
        Move(replace(asked, state="rejected", decided_at=9, decided_by="cli"), (), hold="remove", audit=AUDIT)
    )
    assert await book(bench) == (2, {"unapproved": 2}, 0, 0)


async def test_what_its_sender_takes_back_has_an_end(bench: Bench):
    own = entry(bench, to("a.test"), to("b.test"), account_id=bench.account.id)
    await bench.store.enqueue(own)
    assert await bench.store.write(bench.account.id, lambda tx: tx.cancel_queue_entry(own.id))
    assert await book(bench) == (2, {"withdrawn": 2}, 0, 0)


async def test_copies_that_failed_are_accepted_by_the_queue(bench: Bench):
    full = await bench.new_account("full@acme.test", quota=1)
    box = await bench.new_mailbox("inbox", role="inbox", account=full)
    copies = [bench.delivery(), bench.delivery(full)]
    copies[1] = replace(copies[1], message=replace(copies[1].message, mailboxes=(box.id,)))
    await bench.store.deliver_many(copies, entry(bench, to("acme.test", "1"), to("acme.test", "2")))
    assert await book(bench) == (1, {}, 0, 1)


async def test_counts_of_copies_stored_at_once_add_up(store):
    hour = START // HOUR
    for count in (2, 3):
        await store.add_trace(TraceBatch(counts=((hour, 1, "accepted", count), (hour, 1, "delivered", count))))
    [one] = await store.books(START - HOUR, START + HOUR)
    assert (one.hour, one.accepted, one.ends, one.difference) == (hour * HOUR, 5, (("delivered", 5),), 0)
    assert await store.books(START + HOUR, START + 2 * HOUR) == []


@pytest.mark.parametrize("loss", ["recipient", "entry", "tally"])
async def test_a_loss_is_seen_and_named(bench: Bench, loss):
    whole, hurt = entry(bench, to("a.test")), entry(bench, to("a.test", "1"), to("a.test", "2"))
    for one in (whole, hurt):
        await bench.store.enqueue(one)
    statements = {
        "recipient": ["delete from queue_recipient where entry_id = $1 and number = 1"],
        "entry": ["delete from queue_recipient where entry_id = $1", "delete from queue_entry where id = $1"],
        "tally": ["update queue_tally set count = 1 where entry_id = $1"],
    }[loss]
    for statement in statements:
        await bench.store._db.change(0, lambda s, sql=statement: s.run(sql, hurt.id))
    missing = {"recipient": 1, "entry": 2, "tally": -1}[loss]
    assert await bench.store.settle_books(9) is not None
    assert await bench.store.unbalanced(0, START + HOUR, 9) == [(hurt.id, missing)]
    [one] = await bench.store.books(0, START + 9 * HOUR)
    assert one.difference == missing


async def test_an_entry_from_before_the_books_stays_out_of_them(bench: Bench):
    await bench.store.enqueue(entry(bench, to("a.test")))
    await bench.store._db.change(0, lambda s: s.run("delete from queue_tally"))
    [lease] = await take(bench.store, "w", START, START + 99)
    assert await bench.store.report("w", lease.entry.id, [done(0)])
    assert await bench.store.books(0, START + 9 * HOUR) == []
    assert await bench.store.unbalanced(0, START + HOUR, 9) == []
