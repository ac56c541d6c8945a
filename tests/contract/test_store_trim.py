"""Contract of the store: marks of the change log's age, and what trimming leaves untold, on both drivers."""

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.domain.errors import NotFound

WEEK = 7 * 24 * 3_600_000


async def mark(bench: Bench, at: int) -> int:
    return await bench.store.mark_changes(at, at - WEEK)


async def modseq(bench: Bench) -> int:
    return (await bench.store.account(bench.account.id)).modseq


async def test_accounts_that_changed_are_marked_once_a_week(bench: Bench):
    store, account = bench.store, bench.account.id
    idle = await bench.new_account("idle@acme.test")
    assert (await store.account(idle.id)).modseq == 0
    first = await modseq(bench)
    assert await mark(bench, START) == 1
    assert await mark(bench, START + WEEK) == 0  # nothing has happened
    await bench.add()
    assert await mark(bench, START + WEEK - 1) == 0  # not yet
    assert await mark(bench, START + WEEK) == 1
    second = await modseq(bench)
    assert await store.old_marks(START, 10) == []
    assert await store.old_marks(START + 1, 10) == [(account, first)]
    assert await store.old_marks(START + WEEK + 1, 10) == [(account, second)]
    assert await store.old_marks(START + WEEK + 1, 1) == [(account, first)]
    await store.trim_changes(account, first)
    assert await store.old_marks(START + WEEK + 1, 10) == [(account, second)]
    await store.trim_changes(account, second)
    assert await store.old_marks(START + WEEK + 1, 10) == []
    assert await mark(bench, START + 9 * WEEK) == 0  # trimmed up to where it is


async def test_many_accounts_are_marked_in_pieces(bench: Bench, monkeypatch):
    monkeypatch.setattr("smartmail.adapters.sql.cluster._CHUNK", 2)
    accounts = [await bench.new_account(f"p{number}@acme.test") for number in range(5)]
    for account in accounts:
        await bench.new_mailbox("inbox", account=account)
    assert await mark(bench, START) == 6
    found = dict(await bench.store.old_marks(START + 1, 100))
    assert set(found) == {bench.account.id, *(account.id for account in accounts)}


async def test_only_what_lost_something_is_untold(bench: Bench):
    store, account = bench.store, bench.account.id
    other = await bench.new_mailbox("other")
    await bench.add_many(3)
    await bench.add(other.id)
    old = await modseq(bench)
    await store.write(account, lambda tx: tx.remove_placements(bench.inbox.id, [1]))
    gone = await modseq(bench)
    await bench.add(other.id)
    await store.trim_changes(account, await modseq(bench))
    await bench.add(other.id)
    await bench.add()

    assert await store.changes(account, "message", old, 100) is None
    assert await store.changes(account, "thread", old, 100) is None
    assert not (await store.view_changes(account, bench.inbox.id, old)).complete
    # Since then nothing was forgotten, although the log is cut far behind it.
    assert len((await store.changes(account, "message", gone, 100)).created) == 3
    assert (await store.view_changes(account, bench.inbox.id, gone)).complete
    # No mailbox was ever destroyed, and nothing was removed from the other one.
    boxes = await store.changes(account, "mailbox", old, 100)
    assert (set(boxes.updated), list(boxes.destroyed)) == ({bench.inbox.id, other.id}, [])
    elsewhere = await store.view_changes(account, other.id, old)
    assert elsewhere.complete
    assert [line.uid for line in elsewhere.entries] == [2, 3]
    # What never changed is answered from any state.
    assert (await store.changes(account, "submission", 0, 100)).until == 0
    assert await store.changes(account, "message", 10_000, 100) is None


async def test_a_later_cut_counts(bench: Bench):
    store, account = bench.store, bench.account.id
    await bench.add_many(3)
    states = []
    for number in (1, 2, 3):
        await store.write(account, lambda tx, number=number: tx.destroy_messages([number]))
        states.append(await modseq(bench))
    await store.trim_changes(account, states[0])
    assert list((await store.changes(account, "message", states[0], 100)).destroyed) == [2, 3]
    await store.trim_changes(account, states[1])
    await store.trim_changes(account, states[0])  # an older cut takes nothing back
    assert await store.changes(account, "message", states[0], 100) is None
    assert list((await store.changes(account, "message", states[1], 100)).destroyed) == [3]
    for below, who in ((states[2] + 1, account), (0, 999)):
        with pytest.raises(NotFound):
            await store.trim_changes(who, below)
