"""Contract of the store: what is marked deleted everywhere goes out of a thread's sight, and the log of threads tells so;
a client that is ahead of its own modseq hears of what has gone; both on both drivers.
"""

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.domain.keywords import SEEN, Keywords


async def thread_changes(bench: Bench, since: int) -> tuple[list[int], list[int], list[int]]:
    found = await bench.store.changes(bench.account.id, "thread", since, 100)
    assert found is not None
    return list(found.created), list(found.updated), list(found.destroyed)


async def state(bench: Bench, kind: str) -> int:
    return await bench.store.state(bench.account.id, kind)


@pytest.fixture
async def added(bench: Bench):
    """Two messages of two threads in the inbox, the second in another mailbox too."""
    other = await bench.new_mailbox("other")
    first, second = await bench.add(), await bench.add()
    await bench.store.write(bench.account.id, lambda tx: tx.place(other.id, [second.message_id]))
    return first, second, other


async def test_marks_come_and_go(bench: Bench, added):
    first, second, _ = added
    inbox, before = bench.inbox.id, await state(bench, "thread")
    await bench.store.write(bench.account.id, lambda tx: tx.set_deleted(inbox, [1], deleted=True))
    assert await thread_changes(bench, before) == ([], [first.thread_id], [])
    between = await state(bench, "thread")
    assert between > before
    await bench.store.write(bench.account.id, lambda tx: tx.set_deleted(inbox, [1], deleted=False))
    assert await thread_changes(bench, between) == ([], [first.thread_id], [])
    # Keywords move no thread.
    after = await state(bench, "thread")
    await bench.store.write(bench.account.id, lambda tx: tx.set_keywords({second.message_id: Keywords(SEEN)}))
    assert await state(bench, "thread") == after


async def test_a_copy_brings_back_and_a_removal_hides(bench: Bench, added):
    first, second, other = added
    inbox = bench.inbox.id
    await bench.store.write(bench.account.id, lambda tx: tx.set_deleted(inbox, [1, 2], deleted=True))
    before = await state(bench, "thread")
    await bench.store.write(bench.account.id, lambda tx: tx.place(other.id, [first.message_id]))
    assert await thread_changes(bench, before) == ([], [first.thread_id], [])
    between = await state(bench, "thread")
    # The second message stays in the inbox, where it is marked.
    await bench.store.write(bench.account.id, lambda tx: tx.remove_placements(other.id, [1]))
    assert await thread_changes(bench, between) == ([], [second.thread_id], [])
    # Where a message is seen elsewhere, moving it is nothing to its thread.
    third = await bench.add()
    still = await state(bench, "thread")
    await bench.store.write(bench.account.id, lambda tx: tx.place(other.id, [third.message_id]))
    await bench.store.write(bench.account.id, lambda tx: tx.remove_placements(inbox, [3]))
    assert await state(bench, "thread") == still


async def test_whoever_is_ahead_of_its_modseq_hears_of_what_went(bench: Bench):
    await bench.add()
    since = (await bench.mailbox()).highest_modseq
    await bench.add()
    await bench.store.write(bench.account.id, lambda tx: tx.remove_placements(bench.inbox.id, [2]))
    account, inbox = bench.account.id, bench.inbox.id
    assert list((await bench.store.view_changes(account, inbox, since)).vanished) == []
    assert list((await bench.store.view_changes(account, inbox, since, everything=True)).vanished) == [2]


async def test_filters_have_a_state_that_is_told(bench: Bench):
    before = await bench.store.states(bench.account.id)
    await bench.store.write(bench.account.id, lambda tx: tx.put_vacation(b"sealed", START, enabled=True))
    after = await bench.store.states(bench.account.id)
    assert after.filters == after.modseq > before.modseq
    await bench.add()
    assert (await bench.store.states(bench.account.id)).filters == after.filters
