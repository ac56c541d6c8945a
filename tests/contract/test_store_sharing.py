"""Contract of the store: grants, each person's own marks, work on shared mail (ports/store_sharing.py), on both drivers."""

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, MailboxId, MessageId, ThreadId
from smartmail.domain.keywords import FLAGGED, NONE, SEEN, Keywords
from smartmail.domain.rights import WHOLE_ACCOUNT, Grant, Grantee
from smartmail.domain.sharing import NoticeRow, PersonKeywords, SentByRow

LEE, PARK = AccountId(77), AccountId(78)
TO_LEE, TO_TEAM = Grantee("account", LEE), Grantee("group", 3)
VIEW = frozenset("lrs")


async def add(bench: Bench, *boxes, **facts) -> MessageId:
    new = bench.message(*boxes, **facts)
    return (await bench.store.write(bench.account.id, lambda tx: tx.add_message(new))).message_id


async def write(bench: Bench, body):
    return await bench.store.write(bench.account.id, body)


async def test_a_grant_is_given_changed_and_taken(bench: Bench):
    box = bench.inbox.id
    assert await bench.store.grants(bench.account.id) == []
    assert await bench.store.grants_state(bench.account.id) == 0
    assert await write(bench, lambda tx: tx.set_grant(box, TO_LEE, VIEW)) == frozenset()
    sending = frozenset({"l", "sendAs", "sendOnBehalf"})
    assert await write(bench, lambda tx: tx.set_grant(WHOLE_ACCOUNT, TO_TEAM, sending)) == frozenset()
    first, second = await bench.store.grants(bench.account.id)
    assert first == Grant(bench.account.id, WHOLE_ACCOUNT, TO_TEAM, sending, first.modseq)
    assert second == Grant(bench.account.id, box, TO_LEE, VIEW, second.modseq)
    assert first.modseq == second.modseq + 1 == await bench.store.grants_state(bench.account.id)
    assert await write(bench, lambda tx: tx.set_grant(box, TO_LEE, frozenset("lr"))) == VIEW
    assert await write(bench, lambda tx: tx.set_grant(box, TO_LEE, frozenset())) == frozenset("lr")
    assert await bench.store.grants(bench.account.id) == [first]


async def test_a_grant_that_says_nothing_new_changes_nothing(bench: Bench):
    await write(bench, lambda tx: tx.set_grant(bench.inbox.id, TO_LEE, VIEW))
    before = (await bench.store.account(bench.account.id)).modseq
    assert await write(bench, lambda tx: tx.set_grant(bench.inbox.id, TO_LEE, VIEW)) == VIEW
    assert (await bench.store.account(bench.account.id)).modseq == before


async def test_a_grant_may_end(bench: Bench):
    box, store = bench.inbox.id, bench.store
    await write(bench, lambda tx: tx.set_grant(box, TO_LEE, VIEW, 5_000))
    await write(bench, lambda tx: tx.set_grant(WHOLE_ACCOUNT, TO_TEAM, VIEW))
    whole, some = await store.grants(bench.account.id)
    assert (whole.ends_at, some.ends_at) == (0, 5_000)
    assert [one for one in await store.ended_grants(4_999, 1_000) if one.account_id == bench.account.id] == []
    ended = [one for one in await store.ended_grants(5_000, 1_000) if one.account_id == bench.account.id]
    assert ended == [some]
    # Other rights keep the end; another end is a change of its own.
    await write(bench, lambda tx: tx.set_grant(box, TO_LEE, frozenset("lr")))
    before = await store.grants_state(bench.account.id)
    assert await write(bench, lambda tx: tx.set_grant(box, TO_LEE, frozenset("lr"), 7_000)) == frozenset("lr")
    assert await store.grants_state(bench.account.id) > before
    # What was prolonged in the meantime stays.
    assert not await write(bench, lambda tx: tx.end_grant(some))
    [_, longer] = await store.grants(bench.account.id)
    assert longer.ends_at == 7_000
    child = await bench.new_mailbox("child")
    await write(bench, lambda tx: tx.copy_grants(box, child.id))
    assert {one.ends_at for one in await store.grants(bench.account.id) if one.mailbox_id == child.id} == {7_000}
    assert {one.ends_at for one in await store.granted_to(LEE) if one.account_id == bench.account.id} == {7_000}
    before = await store.grants_state(bench.account.id)
    assert await write(bench, lambda tx: tx.end_grant(longer))
    assert not await write(bench, lambda tx: tx.end_grant(longer))
    assert await store.grants_state(bench.account.id) > before
    assert [one.mailbox_id for one in await store.grants(bench.account.id)] == [WHOLE_ACCOUNT, child.id]


async def test_a_grant_needs_its_mailbox_and_changes_it(bench: Bench):
    other = await bench.new_mailbox("other")
    with pytest.raises(NotFound):
        await write(bench, lambda tx: tx.set_grant(MailboxId(99), TO_LEE, VIEW))
    since = (await bench.store.account(bench.account.id)).modseq
    await write(bench, lambda tx: tx.set_grant(other.id, TO_LEE, VIEW))
    changes = await bench.store.changes(bench.account.id, "mailbox", since, 10)
    assert (list(changes.created), list(changes.updated)) == ([], [other.id])
    await write(bench, lambda tx: tx.set_grant(WHOLE_ACCOUNT, TO_LEE, VIEW))
    changes = await bench.store.changes(bench.account.id, "mailbox", changes.until, 10)
    assert sorted(changes.updated) == [bench.inbox.id, other.id]


async def test_who_shares_with_me(bench: Bench):
    await write(bench, lambda tx: tx.set_grant(bench.inbox.id, TO_LEE, VIEW))
    assert await bench.store.accounts_shared_with([TO_LEE, TO_TEAM]) == [bench.account.id]
    assert await bench.store.accounts_shared_with([Grantee("group", LEE), Grantee("account", PARK)]) == []
    assert await bench.store.accounts_shared_with([]) == []


async def test_a_new_mailbox_takes_over_and_a_gone_one_forgets(bench: Bench):
    parent = await bench.new_mailbox("parent")
    await write(bench, lambda tx: tx.set_grant(parent.id, TO_LEE, VIEW))
    await write(bench, lambda tx: tx.set_personal(parent.id, personal=True))
    child = await bench.new_mailbox("child", parent=parent.id)
    await write(bench, lambda tx: tx.copy_grants(parent.id, child.id))
    assert {one.mailbox_id for one in await bench.store.grants(bench.account.id)} == {parent.id, child.id}
    assert await bench.store.personal_mailboxes(bench.account.id) == [parent.id, child.id]
    await write(bench, lambda tx: tx.drop_grants(child.id))
    assert {one.mailbox_id for one in await bench.store.grants(bench.account.id)} == {parent.id}
    assert await bench.store.personal_mailboxes(bench.account.id) == [parent.id]
    await write(bench, lambda tx: tx.set_personal(parent.id, personal=False))
    assert await bench.store.personal_mailboxes(bench.account.id) == []


async def test_subscriptions_are_each_persons_own(bench: Bench):
    box = bench.inbox.id
    assert await bench.store.person_subscriptions(bench.account.id, LEE) == {}
    await write(bench, lambda tx: tx.set_person_subscribed(LEE, box, subscribed=False))
    await write(bench, lambda tx: tx.set_person_subscribed(PARK, box, subscribed=True))
    await write(bench, lambda tx: tx.set_person_subscribed(LEE, box, subscribed=True))
    await write(bench, lambda tx: tx.set_person_subscribed(PARK, box, subscribed=False))
    assert await bench.store.person_subscriptions(bench.account.id, LEE) == {box: True}
    assert await bench.store.person_subscriptions(bench.account.id, PARK) == {box: False}
    with pytest.raises(NotFound):
        await write(bench, lambda tx: tx.set_person_subscribed(LEE, MailboxId(99), subscribed=True))


async def test_marks_of_a_person_begin_empty_where_they_are_personal(bench: Bench):
    other = await bench.new_mailbox("other")
    await write(bench, lambda tx: tx.set_personal(bench.inbox.id, personal=True))
    inside = await add(bench, bench.inbox.id, keywords=Keywords(SEEN))
    outside = await add(bench, other.id)
    both = await add(bench, other.id, bench.inbox.id)
    asked = [inside, outside, both, MessageId(999)]
    assert await bench.store.person_keywords(bench.account.id, LEE, asked) == [
        PersonKeywords(inside, NONE, personal=True), PersonKeywords(both, NONE, personal=True),
    ]  # fmt: skip
    assert await bench.store.person_keywords(bench.account.id, LEE, []) == []


async def test_marks_of_a_person_are_kept_and_told(bench: Bench):
    await write(bench, lambda tx: tx.set_personal(bench.inbox.id, personal=True))
    one = await add(bench, bench.inbox.id)
    two = await add(bench, bench.inbox.id)
    since = (await bench.store.account(bench.account.id)).modseq
    wanted = Keywords(SEEN | FLAGGED, (4,))
    assert await write(bench, lambda tx: tx.set_person_keywords(LEE, {one: wanted, two: NONE})) == [one]
    assert (await bench.store.person_keywords(bench.account.id, LEE, [one]))[0].keywords == wanted
    assert (await bench.store.person_keywords(bench.account.id, PARK, [one]))[0].keywords == NONE
    [row] = await bench.store.messages(bench.account.id, [one])
    assert (row.keywords, row.modseq) == (NONE, since + 1)
    changes = await bench.store.view_changes(bench.account.id, bench.inbox.id, since)
    assert [line.message_id for line in changes.entries] == [one]
    assert await write(bench, lambda tx: tx.set_person_keywords(LEE, {one: wanted})) == []
    assert (await bench.store.account(bench.account.id)).modseq == since + 1


async def test_a_transaction_sees_marks_that_it_has_set(bench: Bench):
    await write(bench, lambda tx: tx.set_personal(bench.inbox.id, personal=True))
    new = bench.message(bench.inbox.id)

    async def body(tx):
        added = await tx.add_message(new)
        await tx.set_person_keywords(LEE, {added.message_id: Keywords(SEEN)})
        return await tx.person_keywords(LEE, [added.message_id])

    [own] = await write(bench, body)
    assert own.keywords == Keywords(SEEN)
    assert own.personal


async def test_unseen_of_a_person(bench: Bench):
    other = await bench.new_mailbox("other")
    await write(bench, lambda tx: tx.set_personal(bench.inbox.id, personal=True))
    ids = [await add(bench, bench.inbox.id, keywords=Keywords(SEEN)) for _ in range(3)]
    await add(bench, other.id)
    await write(bench, lambda tx: tx.set_person_keywords(LEE, {ids[0]: Keywords(SEEN)}))
    await write(bench, lambda tx: tx.set_deleted(bench.inbox.id, [2], deleted=True))
    assert await bench.store.person_unseen(bench.account.id, LEE) == {bench.inbox.id: (1, 2)}
    assert await bench.store.person_unseen(bench.account.id, PARK) == {bench.inbox.id: (2, 3)}


async def test_who_refers_to_a_blob(bench: Bench):
    one = await add(bench, bench.inbox.id)
    [row] = await bench.store.messages(bench.account.id, [one])
    assert [held.id for held in await bench.store.blob_messages(bench.account.id, row.blob_id)] == [one]
    assert not await bench.store.is_upload(bench.account.id, row.blob_id)
    blob = bench.message(bench.inbox.id).blob
    await write(bench, lambda tx: tx.put_upload(blob, b"k", "text/plain", bench.now[0] + 1))
    assert await bench.store.is_upload(bench.account.id, blob.id)
    assert await bench.store.blob_messages(bench.account.id, blob.id) == []


async def test_an_assignment_is_one_per_thread_and_told(bench: Bench):
    one = await add(bench, bench.inbox.id)
    row = await write(bench, lambda tx: tx.put_assignment(one, LEE, PARK, 5, "open"))
    assert (row.message_id, row.assignee, row.assigned_by, row.at, row.state) == (one, LEE, PARK, 5, "open")
    assert row.created_modseq == row.modseq == await bench.store.state(bench.account.id, "assignment")
    again = await write(bench, lambda tx: tx.put_assignment(one, PARK, LEE, 6, "done"))
    assert (again.thread_id, again.assignee, again.state) == (row.thread_id, PARK, "done")
    assert again.created_modseq == row.created_modseq < again.modseq
    assert await bench.store.assignments(bench.account.id, None) == [again]
    assert await bench.store.assignments(bench.account.id, [again.thread_id]) == [again]
    assert await bench.store.assignments(bench.account.id, []) == []
    changes = await bench.store.changes(bench.account.id, "assignment", row.modseq, 10)
    assert (list(changes.updated), changes.until) == ([row.thread_id], again.modseq)
    await write(bench, lambda tx: tx.drop_assignment(row.thread_id))
    changes = await bench.store.changes(bench.account.id, "assignment", again.modseq, 10)
    assert list(changes.destroyed) == [row.thread_id]
    with pytest.raises(NotFound):
        await write(bench, lambda tx: tx.drop_assignment(ThreadId(row.thread_id)))
    with pytest.raises(NotFound):
        await write(bench, lambda tx: tx.put_assignment(MessageId(99), LEE, PARK, 5, "open"))


async def test_notes_are_kept_changed_and_told(bench: Bench):
    one = await add(bench, bench.inbox.id)
    first = await write(bench, lambda tx: tx.put_note(None, one, LEE, 5, b"first"))
    second = await write(bench, lambda tx: tx.put_note(None, one, PARK, 6, b"second"))
    assert (first.id, second.id, first.edited_at) == (1, 2, None)
    changed = await write(bench, lambda tx: tx.put_note(1, one, LEE, 7, b"changed"))
    assert (changed.sealed, changed.at, changed.edited_at, changed.author) == (b"changed", 5, 7, LEE)
    assert await bench.store.notes(bench.account.id, None) == [changed, second]
    assert await bench.store.notes(bench.account.id, [2]) == [second]
    assert await bench.store.notes_on(bench.account.id, [first.thread_id]) == [changed, second]
    await write(bench, lambda tx: tx.drop_note(2))
    changes = await bench.store.changes(bench.account.id, "note", first.modseq, 10)
    assert (list(changes.created), list(changes.updated), list(changes.destroyed)) == ([], [1], [])
    third = await write(bench, lambda tx: tx.put_note(None, one, LEE, 8, b"third"))
    assert third.id == 3
    for missing in (2, 99):
        with pytest.raises(NotFound):
            await write(bench, lambda tx, missing=missing: tx.drop_note(missing))


async def test_who_sent_is_kept_with_the_message(bench: Bench):
    one = await add(bench, bench.inbox.id)
    since = (await bench.store.account(bench.account.id)).modseq
    row = SentByRow(one, LEE, on_behalf=True, at=9, sealed=b"Lee", queue_id=1 << 60)
    await write(bench, lambda tx: tx.put_sent_by(row))
    assert await bench.store.sent_by(bench.account.id, [one, MessageId(99)]) == [row]
    assert await bench.store.sent_copies(1 << 60) == [(bench.account.id, one)]
    assert await bench.store.sent_copies(0) == []
    changes = await bench.store.changes(bench.account.id, "message", since, 10)
    assert list(changes.updated) == [one]
    await write(bench, lambda tx: tx.drop_sent_by(one))
    assert await bench.store.sent_by(bench.account.id, [one]) == []


async def test_notices_are_kept_until_they_are_dropped(bench: Bench):
    first = NoticeRow(0, LEE, PARK, 4, frozenset(), VIEW, 5)
    second = NoticeRow(0, LEE, PARK, 0, VIEW, frozenset({"sendAs"}), 6)
    for notice in (first, second):
        await write(bench, lambda tx, notice=notice: tx.add_notice(notice))
    found = await bench.store.notices(bench.account.id)
    assert [(one.old, one.new, one.mailbox_id) for one in found] == [
        (first.old, first.new, 4), (second.old, second.new, 0),
    ]  # fmt: skip
    ids = [one.id for one in found]
    assert await write(bench, lambda tx: tx.drop_notices([ids[0], 999])) == [ids[0]]
    assert [one.id for one in await bench.store.notices(bench.account.id)] == ids[1:]


async def test_touched_notices_are_a_new_state_without_changes(bench: Bench):
    since = await bench.store.state(bench.account.id, "notice")
    await write(bench, lambda tx: tx.touch_notices())
    assert await bench.store.state(bench.account.id, "notice") > since
    changes = await bench.store.changes(bench.account.id, "notice", since, 10)
    assert (list(changes.created), list(changes.updated), list(changes.destroyed)) == ([], [], [])


async def test_changed_senders_void_what_was_told_of_identities(bench: Bench):
    await write(bench, lambda tx: tx.put_identity(None, "a@b.example", b"x"))
    since = await bench.store.state(bench.account.id, "identity")
    assert await bench.store.changes(bench.account.id, "identity", since, 10) is not None
    await write(bench, lambda tx: tx.touch_senders())
    now = await bench.store.state(bench.account.id, "identity")
    assert now > since
    assert await bench.store.changes(bench.account.id, "identity", since, 10) is None
    assert await bench.store.changes(bench.account.id, "identity", now, 10) is not None


async def test_what_hung_on_gone_messages_is_swept(bench: Bench):
    one, two = await add(bench, bench.inbox.id), await add(bench, bench.inbox.id)
    await write(bench, lambda tx: tx.set_person_keywords(LEE, {one: Keywords(SEEN), two: Keywords(SEEN)}))
    await write(bench, lambda tx: tx.put_sent_by(SentByRow(one, LEE, on_behalf=False, at=1, sealed=b"x")))
    assert await bench.store.sweep_sharing(bench.account.id) == 0
    await write(bench, lambda tx: tx.destroy_messages([one]))
    assert await bench.store.sweep_sharing(bench.account.id) == 2
    [left] = await bench.store.person_keywords(bench.account.id, LEE, [one, two])
    assert left.message_id == two


async def test_notices_are_told_as_changes(bench: Bench):
    notice = NoticeRow(0, LEE, PARK, 4, frozenset(), VIEW, 5)
    await write(bench, lambda tx: tx.add_notice(notice))
    [first] = [one.id for one in await bench.store.notices(bench.account.id)]
    since = await bench.store.state(bench.account.id, "notice")
    await write(bench, lambda tx: tx.add_notice(notice))
    second = (await bench.store.notices(bench.account.id))[1].id
    changes = await bench.store.changes(bench.account.id, "notice", since, 10)
    assert (list(changes.created), list(changes.updated), list(changes.destroyed)) == ([second], [], [])
    await write(bench, lambda tx: tx.drop_notices([first, second]))
    changes = await bench.store.changes(bench.account.id, "notice", since, 10)
    assert (list(changes.created), list(changes.destroyed)) == ([], [first])
    states = await bench.store.states(bench.account.id)
    assert states.of("notice") == changes.until == await bench.store.state(bench.account.id, "notice")
    await write(bench, lambda tx: tx.drop_notices([first]))
    assert await bench.store.state(bench.account.id, "notice") == changes.until


async def test_work_changes_the_mailboxes_of_its_message(bench: Bench):
    other = await bench.new_mailbox("other")
    one = await add(bench, bench.inbox.id)

    async def moved(body) -> bool:
        before = {row.id: row.highest_modseq for row in await bench.store.mailboxes(bench.account.id)}
        await write(bench, body)
        after = {row.id: row.highest_modseq for row in await bench.store.mailboxes(bench.account.id)}
        assert after[other.id] == before[other.id]
        return after[bench.inbox.id] > before[bench.inbox.id]

    row = await write(bench, lambda tx: tx.put_assignment(one, LEE, PARK, 5, "open"))
    assert await moved(lambda tx: tx.put_assignment(one, LEE, PARK, 5, "done"))
    assert await moved(lambda tx: tx.put_note(None, one, LEE, 5, b"a"))
    assert await moved(lambda tx: tx.put_note(1, one, LEE, 6, b"b"))
    assert await moved(lambda tx: tx.drop_note(1))
    assert await moved(lambda tx: tx.drop_assignment(row.thread_id))


async def test_a_note_goes_with_its_message_and_an_assignment_with_its_conversation(bench: Bench):
    one = await add(bench, bench.inbox.id)
    [row] = await bench.store.messages(bench.account.id, [one])
    two = await add(bench, bench.inbox.id, thread_id=row.thread_id)
    await write(bench, lambda tx: tx.put_assignment(one, LEE, PARK, 5, "open"))
    await write(bench, lambda tx: tx.put_note(None, one, LEE, 5, b"a"))
    kept = await write(bench, lambda tx: tx.put_note(None, two, LEE, 5, b"b"))
    since = (await bench.store.account(bench.account.id)).modseq
    await write(bench, lambda tx: tx.destroy_messages([one]))
    assert await bench.store.notes(bench.account.id, None) == [kept]
    changes = await bench.store.changes(bench.account.id, "note", since, 10)
    assert list(changes.destroyed) == [1]
    [assigned] = await bench.store.assignments(bench.account.id, None)
    assert (assigned.thread_id, assigned.message_id) == (row.thread_id, two)
    changes = await bench.store.changes(bench.account.id, "assignment", since, 10)
    assert (list(changes.updated), list(changes.destroyed)) == ([row.thread_id], [])
    await write(bench, lambda tx: tx.remove_placements(bench.inbox.id, [2]))
    assert await bench.store.assignments(bench.account.id, None) == []
    changes = await bench.store.changes(bench.account.id, "assignment", since, 10)
    assert list(changes.destroyed) == [row.thread_id]


async def test_what_left_a_mailbox_is_known_once_the_account_is_shared(bench: Bench):
    other = await bench.new_mailbox("other")
    before = await add(bench, bench.inbox.id)
    await write(bench, lambda tx: tx.destroy_messages([before]))
    await write(bench, lambda tx: tx.set_grant(bench.inbox.id, TO_LEE, VIEW))
    gone, moved, hidden = [await add(bench, box) for box in (bench.inbox.id, bench.inbox.id, other.id)]
    rows = {row.id: row for row in await bench.store.messages(bench.account.id, [gone, moved, hidden])}
    since = (await bench.store.account(bench.account.id)).modseq
    late = await add(bench, bench.inbox.id)
    await write(bench, lambda tx: tx.destroy_messages([gone, hidden, late]))
    middle = (await bench.store.account(bench.account.id)).modseq
    await write(bench, lambda tx: tx.place(other.id, [moved]))
    await write(bench, lambda tx: tx.remove_placements(bench.inbox.id, [3]))
    now = (await bench.store.account(bench.account.id)).modseq

    async def left(boxes, since, until):
        return await bench.store.left(bench.account.id, boxes, since, until)

    assert await left([bench.inbox.id], since, middle) == ({gone}, {rows[gone].thread_id})
    assert await left([bench.inbox.id], middle, now) == ({moved}, {rows[moved].thread_id})
    assert (await left([bench.inbox.id, other.id], since, now))[0] == {gone, moved, hidden}
    assert await left([], 0, now) == (set(), set())
    assert before not in (await left([bench.inbox.id], 0, now))[0]
