"""Contract of the store: change log, states, views, threads (ports), on both drivers."""

import asyncio

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.changes import Changes
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import MailboxId
from smartmail.domain.keywords import SEEN, Keywords
from smartmail.domain.submission import NewSubmission


async def since(bench: Bench) -> int:
    return (await bench.store.account(bench.account.id)).modseq


async def changes(bench: Bench, kind, since, limit=1000) -> Changes:
    found = await bench.store.changes(bench.account.id, kind, since, limit)
    assert found is not None
    return found


def lists(found: Changes):
    return list(found.created), list(found.updated), list(found.destroyed)


async def test_created_updated_destroyed(bench: Bench):
    await bench.add_many(3)
    start = await since(bench)
    await bench.add()
    await bench.store.write(bench.account.id, lambda tx: tx.set_keywords({1: Keywords(SEEN)}))
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages([2]))
    found = await changes(bench, "message", start)
    assert lists(found) == ([4], [1], [2])
    assert found.until == await since(bench) == await bench.store.state(bench.account.id, "message")
    assert not found.more


async def test_created_and_destroyed_is_left_out(bench: Bench):
    start = await since(bench)
    await bench.add()
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages([1]))
    for kind in ("message", "thread"):
        found = await changes(bench, kind, start)
        assert lists(found) == ([], [], [])
        assert found.until == await since(bench)


async def test_created_and_updated_is_created_only(bench: Bench):
    start = await since(bench)
    await bench.add()
    await bench.store.write(bench.account.id, lambda tx: tx.set_keywords({1: Keywords(SEEN)}))
    assert lists(await changes(bench, "message", start)) == ([1], [], [])


async def test_every_page_leads_to_a_state_that_was(bench: Bench):
    """A created object that changed later stands at its creation, and comes again as updated."""
    start = await since(bench)
    first = await bench.add()
    await bench.add()
    await bench.store.write(bench.account.id, lambda tx: tx.set_keywords({1: Keywords(SEEN)}))
    page = await changes(bench, "message", start, 1)
    assert (lists(page), page.until, page.more) == (([1], [], []), first.modseq, True)
    page = await changes(bench, "message", page.until, 1)
    assert (lists(page), page.more) == (([2], [], []), True)
    page = await changes(bench, "message", page.until, 1)
    assert (lists(page), page.more) == (([], [1], []), False)
    assert page.until == await since(bench)


async def test_pages_are_cut_between_transactions_only(bench: Bench):
    start = await since(bench)
    await bench.add_many(3)
    await bench.add_many(2)
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages([1, 4]))
    page = await changes(bench, "message", start, 2)
    # One transaction alone is more than the limit: it is given whole. 1 and 4 have gone, so they never were.
    assert (lists(page), page.more) == (([2, 3], [], []), True)
    page = await changes(bench, "message", page.until, 2)
    assert lists(page) == ([5], [], [1])
    assert await bench.store.changes(bench.account.id, "message", page.until, 2) == Changes((), (), (), page.until)


async def test_a_transaction_larger_than_the_limit_is_given_whole(bench: Bench):
    start = await since(bench)
    await bench.add_many(20)
    page = await changes(bench, "message", start, 5)
    assert len(page.created) == 20
    assert not page.more
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages(list(range(1, 15))))
    page = await changes(bench, "message", page.until, 5)
    assert len(page.destroyed) == 14
    assert not page.more


async def test_states_move_with_their_kind_only(bench: Bench):
    store, account = bench.store, bench.account.id
    await bench.add()

    async def states():
        return [await store.state(account, k) for k in ("mailbox", "message", "thread", "identity", "submission")]

    before = await states()
    identity = await store.write(account, lambda tx: tx.put_identity(None, "a@acme.test", b"s"))
    after = await states()
    assert after == [*before[:3], identity.modseq, before[4]]
    await store.write(account, lambda tx: tx.set_keywords({1: Keywords(SEEN)}))
    mailbox, message, thread, *_ = await states()
    assert mailbox == message == await since(bench) > thread
    with pytest.raises(NotFound):
        await store.state(99, "message")
    with pytest.raises(NotFound):
        await store.changes(99, "message", 0, 10)


async def test_mailbox_changes_tell_counters_and_properties(bench: Bench):
    start = await since(bench)
    box = await bench.new_mailbox("new")
    await bench.add()
    assert lists(await changes(bench, "mailbox", start)) == ([box.id], [bench.inbox.id], [])
    start = await since(bench)
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_mailbox(box.id))
    assert lists(await changes(bench, "mailbox", start)) == ([], [], [box.id])


async def test_identities_and_submissions_change(bench: Bench):
    store, account = bench.store, bench.account.id
    start = await since(bench)
    identity = await store.write(account, lambda tx: tx.put_identity(None, "a@acme.test", b"1"))
    changed = await store.write(account, lambda tx: tx.put_identity(identity.id, "b@acme.test", b"2"))
    assert await store.identities(account) == [changed]
    assert (changed.address, changed.sealed, changed.created_modseq) == ("b@acme.test", b"2", identity.modseq)
    submission = await store.write(
        account, lambda tx: tx.add_submission(NewSubmission(identity.id, 1, 1, 77, b"env", "pending", 5))
    )
    final = await store.write(account, lambda tx: tx.update_submission(submission.id, undo_status="final"))
    assert (final.undo_status, final.sealed, final.queue_id) == ("final", b"env", 77)
    assert await store.submissions(account, None) == await store.submissions(account, [submission.id, 9]) == [final]
    assert await store.submissions(account, []) == []
    await store.write(account, lambda tx: tx.destroy_identity(identity.id))
    assert lists(await changes(bench, "identity", start)) == ([], [], [])
    assert lists(await changes(bench, "identity", changed.modseq)) == ([], [], [identity.id])
    assert lists(await changes(bench, "submission", start)) == ([submission.id], [], [])
    await store.write(account, lambda tx: tx.destroy_submission(submission.id))
    assert await store.submissions(account, None) == []
    assert lists(await changes(bench, "submission", final.modseq)) == ([], [], [submission.id])
    for body in (
        lambda tx: tx.destroy_submission(submission.id),
        lambda tx: tx.destroy_identity(identity.id),
        lambda tx: tx.put_identity(identity.id, "", b""),
        lambda tx: tx.update_submission(99, sealed=b""),
        lambda tx: tx.submission(submission.id),
    ):
        with pytest.raises(NotFound):
            await store.write(account, body)


async def test_what_several_add_to_a_submission_at_once_is_all_there(bench: Bench):
    store, account = bench.store, bench.account.id
    new = NewSubmission(1, 1, 1, 77, b"", "pending", 5)
    made = await store.write(account, lambda tx: tx.add_submission(new))

    async def add(tx, letter: bytes) -> None:
        held = await tx.submission(made.id)
        await tx.update_submission(made.id, sealed=held.sealed + letter)

    await asyncio.gather(*(store.write(account, lambda tx, one=bytes([one]): add(tx, one)) for one in b"abcdefgh"))
    [row] = await store.submissions(account, None)
    assert sorted(row.sealed) == list(b"abcdefgh")


async def test_below_the_horizon_nothing_can_be_told(bench: Bench):
    await bench.add_many(2)
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages([1]))
    old = await since(bench) - 1
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages([2]))
    await bench.store.trim_changes(bench.account.id, old + 1)
    assert (await bench.store.account(bench.account.id)).horizon == old + 1
    assert await bench.store.changes(bench.account.id, "message", old, 10) is None
    assert not (await bench.store.view_changes(bench.account.id, bench.inbox.id, old)).complete
    assert lists(await changes(bench, "message", old + 1)) == ([], [], [2])
    # A state of the future (of a database before it was restored) is not ours.
    assert await bench.store.changes(bench.account.id, "message", 10_000, 10) is None
    assert not (await bench.store.view_changes(bench.account.id, bench.inbox.id, 10_000)).complete


async def test_view_lists_uids_and_changes_follow(bench: Bench):
    other = await bench.new_mailbox("other")
    await bench.add_many(4)
    row, lines = await bench.store.view(bench.account.id, bench.inbox.id)
    assert [(line.uid, line.message_id) for line in lines] == [(1, 1), (2, 2), (3, 3), (4, 4)]
    seen = row.highest_modseq
    nothing = await bench.store.view_changes(bench.account.id, bench.inbox.id, seen)
    assert (list(nothing.entries), list(nothing.vanished), nothing.highest_modseq) == ([], [], seen)

    await bench.store.write(bench.account.id, lambda tx: tx.set_keywords({2: Keywords(SEEN)}))
    await bench.store.write(bench.account.id, lambda tx: tx.remove_placements(bench.inbox.id, [1]))
    await bench.add(other.id)
    await bench.add()
    found = await bench.store.view_changes(bench.account.id, bench.inbox.id, seen)
    assert [(line.uid, line.keywords.bits) for line in found.entries] == [(2, SEEN), (5, 0)]
    assert list(found.vanished) == [1]
    assert found.highest_modseq == (await bench.mailbox()).highest_modseq == await since(bench)
    # What happens elsewhere does not touch the mailbox.
    assert (await bench.mailbox(other.id)).highest_modseq < found.highest_modseq
    with pytest.raises(NotFound):
        await bench.store.view_changes(bench.account.id, MailboxId(99), 0)
    with pytest.raises(NotFound):
        await bench.store.view(bench.account.id, MailboxId(99))


async def test_what_came_and_went_is_not_told(bench: Bench):
    await bench.add()
    start = await since(bench)
    await bench.add()
    await bench.store.write(bench.account.id, lambda tx: tx.remove_placements(bench.inbox.id, [2]))
    found = await bench.store.view_changes(bench.account.id, bench.inbox.id, start)
    assert (list(found.entries), list(found.vanished)) == ([], [])


async def test_a_view_read_in_pages_is_one_snapshot(bench: Bench, monkeypatch):
    """Lines move while the pages are read: the answer is the mailbox as it is at the end."""
    from smartmail.adapters.sql import reads

    monkeypatch.setattr(reads, "PAGE", 7)
    await bench.add_many(60)
    account, inbox = bench.account.id, bench.inbox.id

    async def disturb():
        for number in range(1, 40, 3):
            await bench.store.write(account, lambda tx, n=number: tx.set_keywords({n: Keywords(SEEN)}))
            await bench.store.write(account, lambda tx, n=number: tx.remove_placements(inbox, [n + 1, 60 - n]))
            await bench.add()
            await bench.store.write(account, lambda tx, n=number: tx.remove_placements(inbox, [61 + n // 6]))

    task = asyncio.create_task(disturb())
    while not task.done():
        row, lines = await bench.store.view(account, inbox)
        assert len(lines) == row.placements
        assert [line.uid for line in lines] == sorted({line.uid for line in lines})
        assert sum(1 for line in lines if not line.keywords.bits & SEEN) == row.unseen_placements
        await asyncio.sleep(0)
    await task


async def test_threads_by_reference_and_subject(bench: Bench):
    a = await bench.add(refs=(b"a",), subject=b"s")
    reply = await bench.add(refs=(b"b", b"a"), subject=b"s")
    renamed = await bench.add(refs=(b"c", b"a"), subject=b"other")
    to_reply = await bench.add(refs=(b"d", b"b"), subject=b"s")
    lone = await bench.add(refs=(), subject=b"s")
    assert a.thread_id == reply.thread_id == to_reply.thread_id
    assert len({a.thread_id, renamed.thread_id, lone.thread_id}) == 3
    assert await bench.store.thread(bench.account.id, [a.thread_id]) == [
        (a.thread_id, a.message_id), (a.thread_id, reply.message_id), (a.thread_id, to_reply.message_id),
    ]  # fmt: skip


async def test_threads_never_merge_and_the_oldest_wins(bench: Bench):
    a = await bench.add(refs=(b"a",))
    b = await bench.add(refs=(b"b",))
    both = await bench.add(refs=(b"b", b"a", b"new"))
    assert both.thread_id == a.thread_id != b.thread_id
    assert (await bench.add(refs=(b"b",))).thread_id == b.thread_id
    assert (await bench.add(refs=(b"new",))).thread_id == a.thread_id


async def test_threads_inside_one_body_and_one_delivery(bench: Bench):
    async def body(tx):
        return [await tx.add_message(bench.message(refs=refs)) for refs in ((b"x",), (b"y", b"x"), (b"y",), ())]

    threads = [added.thread_id for added in await bench.store.write(bench.account.id, body)]
    assert threads[0] == threads[1] == threads[2] != threads[3]
    delivered = await bench.store.deliver_many([bench.delivery(refs=(b"q",)), bench.delivery(refs=(b"q", b"y"))], None)
    assert delivered[1].thread_id == threads[0] != delivered[0].thread_id


async def test_a_copy_joins_the_thread_it_names(bench: Bench):
    a = await bench.add(refs=(b"a",))
    b = await bench.add(refs=(b"b",))
    assert (await bench.add(refs=(b"a",), thread_id=b.thread_id)).thread_id == b.thread_id
    # A thread that has gone does not come back.
    gone = await bench.add(refs=(b"z",), thread_id=999)
    assert gone.thread_id not in (a.thread_id, b.thread_id, 999)

    async def body(tx):
        first = await tx.add_message(bench.message())
        return first, await tx.add_message(bench.message(thread_id=first.thread_id))

    first, copy = await bench.store.write(bench.account.id, body)
    assert copy.thread_id == first.thread_id


async def test_a_dead_thread_does_not_come_back(bench: Bench):
    a = await bench.add(refs=(b"a",))
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages([a.message_id]))
    again = await bench.add(refs=(b"a",))
    assert again.thread_id != a.thread_id
    assert (await bench.add(refs=(b"a",))).thread_id == again.thread_id


async def test_sweeping_references_spares_living_threads(bench: Bench):
    a = await bench.add(refs=(b"a",))
    b = await bench.add(refs=(b"b",))
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages([a.message_id]))
    await bench.store.expire(bench.now[0])
    assert (await bench.add(refs=(b"b",))).thread_id == b.thread_id
    assert (await bench.add(refs=(b"a",))).thread_id not in (a.thread_id, b.thread_id)


async def test_thread_changes(bench: Bench):
    a = await bench.add(refs=(b"a",))
    b = await bench.add(refs=(b"b",))
    c = await bench.add(refs=(b"c",))
    await bench.add(refs=(b"c",))
    start = await since(bench)
    await bench.add(refs=(b"a",))
    new = await bench.add(refs=(b"new",))
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages([b.message_id, c.message_id]))
    await bench.store.write(bench.account.id, lambda tx: tx.set_keywords({new.message_id: Keywords(SEEN)}))
    found = await changes(bench, "thread", start)
    assert lists(found) == ([new.thread_id], [a.thread_id, c.thread_id], [b.thread_id])
    assert found.until == await bench.store.state(bench.account.id, "thread")
    # The first message of a thread that lives on has gone: still the same thread, and not a new one.
    start = found.until
    await bench.add(refs=(b"c",))
    assert lists(await changes(bench, "thread", start)) == ([], [c.thread_id], [])
    page = await changes(bench, "thread", 0, 1)
    assert (lists(page), page.more) == (([a.thread_id], [], []), True)


async def test_thread_counts_as_jmap_counts_them(bench: Bench):
    trash = await bench.new_mailbox("trash", role="trash")
    other = await bench.new_mailbox("other")
    await bench.add(refs=(b"a",), keywords=Keywords(SEEN))
    await bench.add(other.id, refs=(b"a",))  # unread elsewhere: the inbox's thread is unread
    await bench.add(refs=(b"b",), keywords=Keywords(SEEN))
    await bench.add(trash.id, refs=(b"b",))  # unread in the trash only: it is not
    await bench.add(trash.id, refs=(b"c",), keywords=Keywords(SEEN))
    deleted = await bench.add(refs=(b"d",))
    uid = deleted.placements[0][1]
    await bench.store.write(bench.account.id, lambda tx: tx.set_deleted(bench.inbox.id, [uid], deleted=True))
    assert await bench.store.thread_counts(bench.account.id) == {
        bench.inbox.id: (2, 1), other.id: (1, 1), trash.id: (2, 1),
    }  # fmt: skip
