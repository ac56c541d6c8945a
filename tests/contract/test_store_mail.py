"""Contract of the store: messages, placements, keywords, counters (ports), on both drivers."""

import asyncio

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench, gather

from smartmail.domain.errors import AlreadyExists, Invalid, NotFound, OverQuota
from smartmail.domain.ids import MailboxId
from smartmail.domain.keywords import DRAFT, FLAGGED, SEEN, Keywords


async def test_new_mailbox_is_empty_and_first(bench: Bench):
    row = bench.inbox
    assert (row.id, row.role, row.parent_id, row.uidnext) == (1, "inbox", 0, 1)
    assert (row.placements, row.total, row.unseen, row.unseen_placements, row.size) == (0, 0, 0, 0, 0)
    assert row.created_modseq == row.modseq == row.highest_modseq == 1
    assert 0 < row.uidvalidity < 2**32


async def test_uidvalidity_rises_also_after_a_mailbox_has_gone(bench: Bench):
    first = await bench.new_mailbox("a")
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_mailbox(first.id))
    bench.now[0] -= 86_400_000
    again = await bench.new_mailbox("a")
    assert again.uidvalidity > first.uidvalidity > bench.inbox.uidvalidity
    assert again.id > first.id


async def test_mailbox_names_and_roles_are_unique(bench: Bench):
    box = await bench.new_mailbox("work")
    await bench.new_mailbox("work", parent=box.id)
    with pytest.raises(AlreadyExists):
        await bench.new_mailbox("work")
    with pytest.raises(AlreadyExists):
        await bench.new_mailbox("other inbox", role="inbox")
    with pytest.raises(NotFound):
        await bench.new_mailbox("orphan", parent=MailboxId(99))
    with pytest.raises(AlreadyExists):
        await bench.store.write(bench.account.id, lambda tx: tx.update_mailbox(box.id, name_hash=b"inbox"))


async def test_update_mailbox_changes_only_what_is_given(bench: Bench):
    box = await bench.new_mailbox("trash", role="trash")
    changed = await bench.store.write(
        bench.account.id,
        lambda tx: tx.update_mailbox(box.id, sealed_name=b"x", name_hash=b"y", subscribed=False, sort_order=7),
    )
    assert (changed.sealed_name, changed.name_hash, changed.subscribed, changed.sort_order) == (b"x", b"y", False, 7)
    assert (changed.role, changed.modseq, changed.uidvalidity) == ("trash", box.modseq + 1, box.uidvalidity)
    without = await bench.store.write(bench.account.id, lambda tx: tx.update_mailbox(box.id, role=""))
    assert without.role is None
    assert await bench.mailbox(box.id) == without
    with pytest.raises(NotFound):
        await bench.store.write(bench.account.id, lambda tx: tx.update_mailbox(MailboxId(99), sort_order=1))


async def test_added_message_is_there_with_all_it_brought(bench: Bench):
    other = await bench.new_mailbox("other")
    new = bench.message(bench.inbox.id, other.id, size=300, keywords=Keywords(FLAGGED, (2, 7)), has_attachment=True)
    added = await bench.store.write(bench.account.id, lambda tx: tx.add_message(new))
    assert added.placements == ((bench.inbox.id, 1), (other.id, 1))
    [row] = await bench.store.messages(bench.account.id, [added.message_id])
    assert row.keywords == new.keywords
    assert (row.blob_id, row.wrapped_key, row.size, row.received_at, row.sent_at, row.has_attachment) == (
        new.blob.id, new.wrapped_key, 300, new.received_at, new.sent_at, True,
    )  # fmt: skip
    assert row.created_modseq == row.modseq == added.modseq
    assert await bench.store.summaries(bench.account.id, [added.message_id]) == [
        (added.message_id, new.blob.id, new.summary)
    ]
    assert await bench.store.blob(new.blob.id) == new.blob
    assert await bench.store.blob_key(bench.account.id, new.blob.id) == new.wrapped_key
    account = await bench.store.account(bench.account.id)
    assert (account.used, account.messages, account.modseq) == (300, 1, added.modseq)
    assert [(p.mailbox_id, p.uid) for p in await bench.store.placements(bench.account.id, [added.message_id])] == [
        (bench.inbox.id, 1), (other.id, 1),
    ]  # fmt: skip


async def test_add_message_refuses_and_changes_nothing(bench: Bench):
    poor = await bench.new_account("poor@acme.test", quota=250)
    box = await bench.new_mailbox("inbox", account=poor)
    await bench.store.write(poor.id, lambda tx: tx.add_message(bench.message(box.id, size=200)))
    before = await bench.store.account(poor.id)
    with pytest.raises(OverQuota):
        await bench.store.write(poor.id, lambda tx: tx.add_message(bench.message(box.id, size=51)))
    with pytest.raises(NotFound):
        await bench.store.write(poor.id, lambda tx: tx.add_message(bench.message(MailboxId(9))))
    nowhere = bench.message()
    object.__setattr__(nowhere, "mailboxes", ())
    with pytest.raises(Invalid):
        await bench.store.write(poor.id, lambda tx: tx.add_message(nowhere))
    assert await bench.store.account(poor.id) == before
    await bench.store.write(poor.id, lambda tx: tx.add_message(bench.message(box.id, size=50)))


async def test_write_to_an_unknown_account(bench: Bench):
    with pytest.raises(NotFound):
        await bench.store.write(99, lambda tx: tx.account())
    with pytest.raises(NotFound):
        await bench.store.account(99)


async def test_sixty_four_concurrent_appends_get_rising_uids(bench: Bench):
    added = await asyncio.gather(*(bench.add() for _ in range(64)))
    uids = [a.placements[0][1] for a in added]
    assert sorted(uids) == list(range(1, 65))
    assert len({a.modseq for a in added}) == 64
    assert sorted(added, key=lambda a: a.modseq) == sorted(added, key=lambda a: a.placements[0][1])
    assert (await bench.mailbox()).uidnext == 65


async def test_uids_are_never_given_again(bench: Bench):
    await bench.add_many(3)
    await bench.store.write(bench.account.id, lambda tx: tx.remove_placements(bench.inbox.id, [3]))
    await bench.store.write(bench.account.id, lambda tx: tx.remove_placements(bench.inbox.id, [1, 2]))
    assert (await bench.add()).placements == ((bench.inbox.id, 4),)


async def test_a_body_that_raises_changes_nothing_and_disturbs_nobody(bench: Bench):
    class Oops(Exception):
        pass

    async def failing(tx):
        await tx.create_mailbox_that(bench) if False else None
        await tx.add_message(bench.message())
        await tx.messages([1])
        raise Oops

    results = await gather(
        *(bench.store.write(bench.account.id, failing) if n % 3 == 1 else bench.add() for n in range(30))
    )
    good = [r for r in results if not isinstance(r, Exception)]
    assert len(good) == 20
    assert all(isinstance(r, Oops) for r in results if isinstance(r, Exception))
    assert await bench.uids() == sorted(r.placements[0][1] for r in good)
    account = await bench.store.account(bench.account.id)
    assert (account.messages, account.used) == (20, 2000)


async def test_a_body_sees_its_own_changes(bench: Bench):
    other = await bench.new_mailbox("other")

    async def body(tx):
        added = await tx.add_message(bench.message(keywords=Keywords(FLAGGED)))
        first = await tx.messages([added.message_id])
        await tx.set_keywords({added.message_id: Keywords(SEEN)})
        await tx.place(other.id, [added.message_id])
        return first, await tx.messages([added.message_id]), await tx.entries(other.id, [1]), await tx.mailboxes()

    first, later, lines, boxes = await bench.store.write(bench.account.id, body)
    assert first[0].keywords == Keywords(FLAGGED)
    assert later[0].keywords == Keywords(SEEN)
    assert later[0].modseq == first[0].modseq
    assert [(line.uid, line.keywords) for line in lines] == [(1, Keywords(SEEN))]
    assert [(b.placements, b.unseen) for b in boxes] == [(1, 0), (1, 0)]


async def test_one_modseq_per_transaction(bench: Bench):
    added = await bench.add_many(3)
    assert len({a.modseq for a in added}) == 1
    before = (await bench.store.account(bench.account.id)).modseq
    await bench.store.write(bench.account.id, lambda tx: tx.set_keywords({1: Keywords()}))
    assert (await bench.store.account(bench.account.id)).modseq == before
    await bench.store.write(bench.account.id, lambda tx: tx.set_keywords({1: Keywords(SEEN)}))
    assert (await bench.store.account(bench.account.id)).modseq == before + 1


async def test_counters_follow_seen_draft_and_deleted(bench: Bench):
    await bench.add(keywords=Keywords(SEEN))
    await bench.add(keywords=Keywords(DRAFT))
    await bench.add()

    async def counters():
        row = await bench.mailbox()
        return row.placements, row.total, row.unseen, row.unseen_placements, row.size

    assert await counters() == (3, 3, 1, 2, 300)
    await bench.store.write(bench.account.id, lambda tx: tx.set_deleted(bench.inbox.id, [1, 3], deleted=True))
    assert await counters() == (3, 1, 0, 2, 300)
    await bench.store.write(bench.account.id, lambda tx: tx.set_keywords({3: Keywords(SEEN)}))
    assert await counters() == (3, 1, 0, 1, 300)
    await bench.store.write(bench.account.id, lambda tx: tx.set_deleted(bench.inbox.id, [1, 3], deleted=False))
    assert await counters() == (3, 3, 0, 1, 300)
    await bench.store.write(bench.account.id, lambda tx: tx.remove_placements(bench.inbox.id, [2]))
    assert await counters() == (2, 2, 0, 0, 200)


async def test_set_keywords_answers_what_changed(bench: Bench):
    await bench.add_many(3)
    changed = await bench.store.write(
        bench.account.id,
        lambda tx: tx.set_keywords({1: Keywords(SEEN), 2: Keywords(), 3: Keywords(0, (4, 9)), 77: Keywords(SEEN)}),
    )
    assert sorted(changed) == [1, 3]
    rows = {row.id: row for row in await bench.store.messages(bench.account.id, [1, 2, 3])}
    assert rows[3].keywords == Keywords(0, (4, 9))
    assert rows[2].modseq < rows[1].modseq == rows[3].modseq


async def test_set_deleted_answers_what_changed(bench: Bench):
    await bench.add_many(3)
    mark = bench.store.write(bench.account.id, lambda tx: tx.set_deleted(bench.inbox.id, [3, 1, 9], deleted=True))
    assert await mark == [1, 3]
    again = bench.store.write(bench.account.id, lambda tx: tx.set_deleted(bench.inbox.id, [1, 2], deleted=True))
    assert await again == [2]
    _, lines = await bench.store.view(bench.account.id, bench.inbox.id)
    assert [line.deleted for line in lines] == [True, True, True]


async def test_place_copies_in_order_and_not_twice(bench: Bench):
    other = await bench.new_mailbox("other")
    await bench.add_many(3)
    placed = await bench.store.write(bench.account.id, lambda tx: tx.place(other.id, [3, 1, 77]))
    assert placed == [(3, 1), (1, 2)]
    again = await bench.store.write(bench.account.id, lambda tx: tx.place(other.id, [1, 2, 3]))
    assert again == [(2, 3)]
    account = await bench.store.account(bench.account.id)
    assert (account.messages, account.used) == (3, 300)
    with pytest.raises(NotFound):
        await bench.store.write(bench.account.id, lambda tx: tx.place(MailboxId(99), [1]))
    # JMAP's mailboxIds changed, so the message has, and every mailbox that shows its modseq.
    [row] = await bench.store.messages(bench.account.id, [2])
    assert row.modseq == account.modseq == (await bench.mailbox()).highest_modseq


async def test_the_copy_stays_when_the_original_goes(bench: Bench):
    other = await bench.new_mailbox("other")
    await bench.add_many(2)
    await bench.store.write(bench.account.id, lambda tx: tx.place(other.id, [1]))
    gone = await bench.store.write(bench.account.id, lambda tx: tx.remove_placements(bench.inbox.id, [1, 2, 9]))
    assert gone == [2]
    assert await bench.uids() == []
    assert await bench.uids(other.id) == [1]
    account = await bench.store.account(bench.account.id)
    assert (account.messages, account.used) == (1, 100)


async def test_destroy_messages_takes_all_placements(bench: Bench):
    other = await bench.new_mailbox("other")
    await bench.add_many(2, bench.inbox.id, other.id)
    gone = await bench.store.write(bench.account.id, lambda tx: tx.destroy_messages([2, 5]))
    assert gone == [2]
    assert (await bench.uids(), await bench.uids(other.id)) == ([1], [1])
    assert await bench.store.messages(bench.account.id, [1, 2]) == [
        row for row in await bench.store.all_messages(bench.account.id) if row.id == 1
    ]
    assert await bench.store.summaries(bench.account.id, [2]) == []


async def test_destroy_mailbox_destroys_what_it_held_last(bench: Bench):
    other = await bench.new_mailbox("other")
    await bench.add(bench.inbox.id, other.id)
    await bench.add(other.id)
    gone = await bench.store.write(bench.account.id, lambda tx: tx.destroy_mailbox(other.id))
    assert gone == [2]
    assert [row.id for row in await bench.store.mailboxes(bench.account.id)] == [bench.inbox.id]
    with pytest.raises(NotFound):
        await bench.store.view(bench.account.id, other.id)
    with pytest.raises(NotFound):
        await bench.store.write(bench.account.id, lambda tx: tx.destroy_mailbox(other.id))


async def test_blobs_are_counted_and_die_with_the_last_reference(bench: Bench):
    blob = bench.blob(5)
    await bench.add(blob=blob)
    await bench.add(blob=blob)
    assert await bench.refs(blob) == 2
    await bench.store.write(bench.account.id, lambda tx: tx.discard_messages([1]))
    assert await bench.refs(blob) == 1
    assert await bench.store.dead_blobs(bench.now[0] + 1, 10) == []
    await bench.store.write(bench.account.id, lambda tx: tx.discard_messages([2]))
    assert await bench.store.dead_blobs(bench.now[0] + 1, 10) == [blob]
    assert await bench.store.dead_blobs(bench.now[0], 10) == []
    with pytest.raises(NotFound):
        await bench.store.blob_key(bench.account.id, blob.id)


async def test_a_dead_blob_that_is_used_again_lives(bench: Bench):
    blob = bench.blob(5)
    await bench.add(blob=blob)
    await bench.store.write(bench.account.id, lambda tx: tx.discard_messages([1]))
    await bench.add(blob=blob)
    assert await bench.store.dead_blobs(bench.now[0] + 1, 10) == []
    assert await bench.store.forget_blobs([blob.id]) == []


async def test_added_and_destroyed_in_one_body(bench: Bench):
    new = bench.message(refs=(b"r",))

    async def body(tx):
        added = await tx.add_message(new)
        await tx.discard_messages([added.message_id])
        return await tx.add_message(bench.message(refs=(b"r",)))

    kept = await bench.store.write(bench.account.id, body)
    assert await bench.refs(new.blob) == 0
    assert await bench.store.thread(bench.account.id, [kept.thread_id]) == [(kept.thread_id, kept.message_id)]
    assert (await bench.mailbox()).total == 1


async def test_blob_key_is_the_proof_of_access(bench: Bench):
    other = await bench.new_account("u2@acme.test")
    added = bench.message()
    await bench.store.write(bench.account.id, lambda tx: tx.add_message(added))
    with pytest.raises(NotFound):
        await bench.store.blob_key(other.id, added.blob.id)


async def test_list_messages_is_newest_first_without_deleted(bench: Bench):
    for at in (500, 900, 700, 700):
        await bench.add(received_at=at)
    await bench.store.write(bench.account.id, lambda tx: tx.set_deleted(bench.inbox.id, [1], deleted=True))
    listed = bench.store.list_messages
    assert await listed(bench.account.id, bench.inbox.id, position=0, limit=10) == ([2, 4, 3], 3)
    assert await listed(bench.account.id, bench.inbox.id, position=1, limit=1) == ([4], 3)
    assert await listed(bench.account.id, bench.inbox.id, position=5, limit=1) == ([], 3)
    assert [row.id for row in await bench.store.all_messages(bench.account.id)] == [2, 4, 3, 1]
    with pytest.raises(NotFound):
        await listed(bench.account.id, MailboxId(99), position=0, limit=1)


async def test_empty_requests_are_answered(bench: Bench):
    account_id = bench.account.id
    assert await bench.store.messages(account_id, []) == []
    assert await bench.store.placements(account_id, []) == []
    assert await bench.store.summaries(account_id, []) == []
    assert await bench.store.blobs([]) == []
    assert await bench.store.thread(account_id, []) == []
    assert await bench.store.all_messages(account_id) == []

    async def body(tx):
        return [
            await tx.place(bench.inbox.id, []), await tx.remove_placements(bench.inbox.id, []),
            await tx.destroy_messages([]), await tx.set_keywords({}), await tx.messages([]), await tx.placements([]),
            await tx.set_deleted(bench.inbox.id, [], deleted=True), await tx.entries(bench.inbox.id, []),
            await tx.place(bench.inbox.id, [5]), await tx.remove_placements(bench.inbox.id, [5]),
            await tx.destroy_messages([5]),
        ]  # fmt: skip

    assert await bench.store.write(account_id, body) == [[]] * 11
    assert (await bench.store.account(account_id)).modseq == 1


async def test_keyword_numbers_stay(bench: Bench):
    number = await bench.store.write(bench.account.id, lambda tx: tx.keyword_number(b"h1", b"sealed1"))
    other = await bench.store.write(bench.account.id, lambda tx: tx.keyword_number(b"h2", b"sealed2"))
    again = await bench.store.write(bench.account.id, lambda tx: tx.keyword_number(b"h1", b"sealed other"))
    assert number == again != other
    assert await bench.store.keywords(bench.account.id) == [(number, b"sealed1"), (other, b"sealed2")]


async def test_imports_are_remembered_once(bench: Bench):
    async def note(tx):
        return await tx.remember_import(b"source 1", 5), await tx.remember_import(b"source 1", None)

    assert await bench.store.write(bench.account.id, note) == (True, False)
    other = await bench.new_account("u2@acme.test")
    assert await bench.store.imported(other.id, [b"source 1"]) == set()
    assert await bench.store.write(other.id, lambda tx: tx.remember_import(b"source 1", None)) is True
    assert await bench.store.imported(bench.account.id, [b"source 1", b"source 2"]) == {b"source 1"}
    assert await bench.store.imported(bench.account.id, []) == set()


async def test_uploads_hold_their_blob_until_they_expire(bench: Bench):
    blob = bench.blob(9)
    for _ in range(2):
        await bench.store.write(bench.account.id, lambda tx: tx.put_upload(blob, b"key", "text/plain", 5_000))
    assert await bench.refs(blob) == 1
    assert await bench.store.blob_key(bench.account.id, blob.id) == b"key"
    assert await bench.store.expire(4_999) == 0
    assert await bench.store.expire(5_000) == 1
    assert await bench.refs(blob) == 0
    with pytest.raises(NotFound):
        await bench.store.blob_key(bench.account.id, blob.id)


async def test_keywords_of_lines_just_read_touch_the_mailbox_that_holds_them(bench: Bench):
    """The store may answer from what the transaction has read: a move inside it must not mislead that."""
    other = await bench.new_mailbox("other")
    third = await bench.new_mailbox("third")
    await bench.add_many(3)
    await bench.store.write(bench.account.id, lambda tx: tx.place(third.id, [2]))

    async def move_then_mark(tx):
        await tx.mailboxes()
        lines = await tx.entries(bench.inbox.id, [1, 2, 3])
        await tx.place(other.id, [1])
        await tx.remove_placements(bench.inbox.id, [1, 2])
        return await tx.set_keywords({line.message_id: Keywords(FLAGGED) for line in lines})

    assert await bench.store.write(bench.account.id, move_then_mark) == [1, 2, 3]
    modseq = (await bench.store.account(bench.account.id)).modseq
    for mailbox_id, uids in ((bench.inbox.id, [3]), (other.id, [1]), (third.id, [1])):
        assert (await bench.mailbox(mailbox_id)).highest_modseq == modseq
        assert await bench.uids(mailbox_id) == uids


async def test_keywords_set_twice_in_one_transaction(bench: Bench):
    await bench.add_many(2)

    async def twice(tx):
        await tx.mailboxes()
        await tx.entries(bench.inbox.id, [1, 2])
        first = await tx.set_keywords({1: Keywords(SEEN), 2: Keywords(FLAGGED)})
        second = await tx.set_keywords({1: Keywords(SEEN), 2: Keywords(SEEN)})
        return first, second

    assert await bench.store.write(bench.account.id, twice) == ([1, 2], [2])
    row = await bench.mailbox()
    assert (row.unseen, row.unseen_placements) == (0, 0)
