"""Contract of the store: deliver_many (architecture 1.16, 1.17), on both drivers."""

import asyncio

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.errors import NotFound, OverQuota
from smartmail.domain.message import Added
from smartmail.domain.queue import NewRecipient

DAY = 86_400_000


async def accounts(bench: Bench, count: int, quota: int | None = None):
    made = []
    for number in range(count):
        account = await bench.new_account(f"r{number}@acme.test", quota)
        await bench.new_mailbox("inbox", account=account)
        made.append(account)
    return made


async def test_one_copy_each_and_one_blob(bench: Bench):
    people = await accounts(bench, 10)
    blob = bench.blob(7)
    added = await bench.store.deliver_many([bench.delivery(a, blob=blob) for a in people], None)
    assert all(isinstance(a, Added) and a.placements[0][1] == 1 for a in added)
    assert await bench.refs(blob) == 10
    for account in people:
        assert (await bench.mailbox(1, account)).unseen == 1


async def test_nothing_to_deliver(bench: Bench):
    assert await bench.store.deliver_many([], None) == []


async def test_a_repeat_within_a_day_is_not_stored(bench: Bench):
    first = bench.delivery(key=b"same", received_at=DAY)
    assert isinstance((await bench.store.deliver_many([first], None))[0], Added)
    later = bench.delivery(key=b"same", received_at=2 * DAY - 1)
    assert await bench.store.deliver_many([later, bench.delivery(key=b"new")], None) == [
        None, Added(2, 2, ((bench.inbox.id, 2),), 3),
    ]  # fmt: skip
    assert await bench.refs(later.message.blob) is None
    after = bench.delivery(key=b"same", received_at=2 * DAY)
    assert isinstance((await bench.store.deliver_many([after], None))[0], Added)
    # The key is another one in another account.
    [other] = await accounts(bench, 1)
    assert isinstance((await bench.store.deliver_many([bench.delivery(other, key=b"same")], None))[0], Added)


async def test_a_repeat_in_the_same_call_or_moment(bench: Bench):
    both = await bench.store.deliver_many([bench.delivery(key=b"k"), bench.delivery(key=b"k")], None)
    assert isinstance(both[0], Added)
    assert both[1] is None
    many = await asyncio.gather(*(bench.store.deliver_many([bench.delivery(key=b"m")], None) for _ in range(20)))
    assert sum(isinstance(result[0], Added) for result in many) == 1


async def test_expired_keys_are_removed(bench: Bench):
    await bench.store.deliver_many([bench.delivery(key=b"k", received_at=DAY)], None)
    assert await bench.store.expire(2 * DAY) == 0
    assert await bench.store.expire(2 * DAY + 1) == 1


async def test_failing_copies_become_queue_entries_in_the_same_commit(bench: Bench):
    good, poor = (await accounts(bench, 1))[0], await bench.new_account("poor@acme.test", quota=50)
    await bench.new_mailbox("inbox", account=poor)
    blob = bench.blob(5)
    fallback = bench.entry(
        NewRecipient("acme.test", b"h0", b"good"),
        NewRecipient("acme.test", b"h1", b"poor", next_at=5),
        NewRecipient("acme.test", b"h2", b"unknown"),
        blob=blob,
    )
    deliveries = [bench.delivery(good, blob=blob), bench.delivery(poor, blob=blob), bench.delivery(blob=blob)]
    object.__setattr__(deliveries[2], "account_id", 999)
    added, over, unknown = await bench.store.deliver_many(deliveries, fallback)
    assert isinstance(added, Added)
    assert isinstance(over, OverQuota)
    assert isinstance(unknown, NotFound)
    [(entry, recipients)] = await bench.store.queue_entries(10)
    assert entry.id == fallback.id
    # They keep their numbers, which they are sealed with.
    assert [(r.number, r.sealed) for r in recipients] == [(1, b"poor"), (2, b"unknown")]
    assert await bench.refs(blob) == 2
    # The failed copy was not noted as delivered: the queue may try it later.
    await bench.store.update_account(poor.id, quota=-1)
    assert isinstance((await bench.store.deliver_many([deliveries[1]], None))[0], Added)


async def test_without_failures_there_is_no_queue_entry(bench: Bench):
    fallback = bench.entry(NewRecipient("acme.test", b"h", b"r"))
    await bench.store.deliver_many([bench.delivery()], fallback)
    assert await bench.store.queue_entries(10) == []
    assert await bench.refs(fallback.blob) is None


async def test_without_fallback_nothing_is_stored(bench: Bench):
    [good] = await accounts(bench, 1)
    poor = await bench.new_account("poor@acme.test", quota=50)
    await bench.new_mailbox("inbox", account=poor)
    for fallback in (None, bench.entry(), bench.entry(NewRecipient("a", b"", b""), NewRecipient("a", b"", b""), id=77)):
        if fallback is not None and fallback.recipients:
            await bench.store.enqueue(fallback)  # its id is taken: the fallback fails too
        first = bench.delivery(good)
        with pytest.raises(OverQuota):
            await bench.store.deliver_many([first, bench.delivery(poor)], fallback)
        assert (await bench.mailbox(1, good)).placements == 0
        assert await bench.refs(first.message.blob) is None
    assert (await bench.store.account(good.id)).modseq == 1


async def test_quota_counts_all_copies_of_a_call(bench: Bench):
    poor = await bench.new_account("poor@acme.test", quota=250)
    await bench.new_mailbox("inbox", account=poor)
    with pytest.raises(OverQuota):
        await bench.store.deliver_many([bench.delivery(poor) for _ in range(3)], None)
    await bench.store.deliver_many([bench.delivery(poor) for _ in range(2)], None)
    assert (await bench.store.account(poor.id)).used == 200


async def test_closed_accounts_take_nothing(bench: Bench):
    await bench.store.update_account(bench.account.id, state="closed")
    with pytest.raises(NotFound):
        await bench.store.deliver_many([bench.delivery()], None)


async def test_callers_at_once_do_not_disturb_each_other(bench: Bench):
    people = await accounts(bench, 5)
    poor = await bench.new_account("poor@acme.test", quota=50)
    await bench.new_mailbox("inbox", account=poor)

    async def caller(number: int):
        wanted = [bench.delivery(people[(number + n) % 5]) for n in range(3)]
        if number % 4 == 0:
            wanted.append(bench.delivery(poor))
        return await bench.store.deliver_many(wanted, None)

    async def writer(number: int):
        async def body(tx):
            await tx.add_message(bench.message(1))
            if number % 3 == 0:
                raise ValueError

        await bench.store.write(people[number % 5].id, body)

    results = await asyncio.gather(
        *(caller(n) for n in range(40)), *(writer(n) for n in range(30)), return_exceptions=True
    )
    assert [isinstance(r, OverQuota) for r in results[:40]] == [n % 4 == 0 for n in range(40)]
    assert [isinstance(r, ValueError) for r in results[40:]] == [n % 3 == 0 for n in range(30)]
    total = 0
    for account in people:
        row, lines = await bench.store.view(account.id, 1)
        assert [line.uid for line in lines] == list(range(1, row.uidnext))
        assert (await bench.store.account(account.id)).messages == row.total == len(lines)
        total += len(lines)
    assert total == 30 * 3 + 20
    assert (await bench.store.account(poor.id)).messages == 0


async def test_many_stores_on_one_database(bench: Bench, store_factory):
    """Processes on one file, nodes on one PostgreSQL: UIDs are unique and every reader sees all."""
    stores = [bench.store, await store_factory.open(), await store_factory.open()]

    async def work(store, count):
        for _ in range(count):
            await store.deliver_many([bench.delivery()], None)
            await store.write(bench.account.id, lambda tx: tx.add_message(bench.message()))

    await asyncio.gather(*(work(store, 10) for store in stores for _ in range(2)))
    for store in stores:
        _, lines = await store.view(bench.account.id, bench.inbox.id)
        assert [line.uid for line in lines] == list(range(1, 121))
        assert len({line.modseq for line in lines}) == 120
