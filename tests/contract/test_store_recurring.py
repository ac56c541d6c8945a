"""Contract of the store: plans of mail that is sent again and again, on both drivers."""

from dataclasses import replace

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench, Lease

from smartmail.domain.ids import MessageId
from smartmail.domain.recurring import RecurringRow

MINUTE = 60_000


async def plan(bench: Bench, next_at: int = START) -> RecurringRow:
    """Keep a plan of a new message."""
    new = bench.message()
    added = await bench.store.write(bench.account.id, lambda tx: tx.add_message(new))
    row = RecurringRow(bench.account.id, added.message_id, "active", b"sealed", next_at)
    await put(bench, row)
    return row


async def put(bench: Bench, row: RecurringRow) -> None:
    await bench.store.write(bench.account.id, lambda tx: tx.put_recurring(row))


async def test_a_plan_is_kept_replaced_and_forgotten(bench: Bench):
    store, account = bench.store, bench.account.id
    two, one = await plan(bench, START + 2), await plan(bench, START + 1)
    assert await store.recurring.of_account(account) == [one, two], "the next turn first"
    before = (await store.account(account)).modseq
    sent = replace(
        one,
        state="held",
        sealed=b"other",
        next_at=START + 9,
        turns=3,
        made=MessageId(7),
        reason="policy",
        leased_until=5,
    )
    await put(bench, sent)
    assert (await store.changes(account, "message", before, 10)).updated == [one.message_id]
    assert await store.recurring.of_account(account) == [two, sent]
    assert await store.write(account, lambda tx: tx.recurring()) == [two, sent]
    assert await store.write(account, lambda tx: tx.drop_recurring(one.message_id))
    assert not await store.write(account, lambda tx: tx.drop_recurring(one.message_id))
    assert await store.recurring.of_account(account) == [two]
    await store.recurring.forget(account)
    assert await store.recurring.of_account(account) == []


async def test_the_plan_that_is_due_longest_is_leased_once(bench: Bench):
    store, account = bench.store, bench.account.id
    late, early = await plan(bench, START + 2), await plan(bench, START + 1)
    assert await store.recurring.lease(START, START + MINUTE, "w") is None
    now = START + 2
    assert await store.recurring.lease(now, now + MINUTE, "w") == replace(early, leased_until=now + MINUTE)
    assert await store.recurring.lease(now, now + MINUTE, "w") == replace(late, leased_until=now + MINUTE)
    assert await store.recurring.lease(now, now + MINUTE, "w") is None
    assert (await store.recurring.lease(now + MINUTE, now + 2 * MINUTE, "w")).message_id == early.message_id, (
        "it was let go"
    )
    state = await store.state(account, "message")
    await store.recurring.put_off(account, early.message_id, now + 9 * MINUTE)
    assert await store.state(account, "message") == state
    assert (await store.recurring.lease(now + MINUTE, now + 2 * MINUTE, "w")).message_id == late.message_id
    await put(bench, replace(early, state="paused"))
    await put(bench, replace(late, state="held"))
    assert await store.recurring.lease(now + 99 * MINUTE, now + 100 * MINUTE, "w") is None


async def leased_recurring(bench: Bench) -> Lease:
    await plan(bench)
    return lambda worker, now, until: bench.store.recurring.lease(now, until, worker)


LEASED = {"recurring": leased_recurring}
