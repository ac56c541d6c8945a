"""Contract of the store: reminders, and a placement that stands where it is told, on both drivers."""

from dataclasses import replace

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.domain.ids import MailboxId, MessageId, ModSeq
from smartmail.domain.reminders import ReminderRow

HOUR = 3_600_000


async def add(bench: Bench, *boxes, **facts) -> MessageId:
    new = bench.message(*boxes, **facts)
    return (await bench.store.write(bench.account.id, lambda tx: tx.add_message(new))).message_id


async def write(bench: Bench, body):
    return await bench.store.write(bench.account.id, body)


def asleep(message_id: MessageId, at: int, box: int = 1) -> ReminderRow:
    return ReminderRow(message_id, "snooze", "waiting", at, MailboxId(box))


async def test_a_reminder_is_kept_replaced_and_forgotten(bench: Bench):
    store, account = bench.store, bench.account.id
    one, two = await add(bench), await add(bench)
    before = (await store.account(account)).modseq
    rows = [asleep(one, START + 2 * HOUR), asleep(two, START + HOUR)]
    await write(bench, lambda tx: tx.put_reminders(rows))
    assert await store.reminders.of_account(account, None, 10) == rows[::-1], "the earliest first"
    assert await store.reminders.of_account(account, [one, MessageId(99)], 10) == rows[:1]
    assert sorted((await store.changes(account, "message", before, 10)).updated) == sorted([one, two])
    assert await write(bench, lambda tx: tx.waiting_reminders()) == 2
    woken = replace(rows[0], state="woken")
    await write(bench, lambda tx: tx.put_reminders([woken]))
    assert await store.reminders.of_account(account, [one], 10) == [woken]
    assert await write(bench, lambda tx: tx.waiting_reminders()) == 1
    assert await write(bench, lambda tx: tx.drop_reminders([one, MessageId(99)])) == [one]
    assert await write(bench, lambda tx: tx.drop_reminders([one])) == []
    assert await write(bench, lambda tx: tx.reminders([one, two])) == rows[1:]


async def test_what_is_due_of_all_accounts(bench: Bench):
    store, account = bench.store, bench.account.id
    one, two, three = await add(bench), await add(bench), await add(bench)
    rows = [asleep(one, START + 5), asleep(two, START + 9), replace(asleep(three, START), state="woken")]
    await write(bench, lambda tx: tx.put_reminders(rows))
    assert await store.reminders.due(START + 4, 10) == []
    assert await store.reminders.due(START + 5, 10) == [(account, one)]
    assert await store.reminders.due(START + 9, 1) == [(account, one)]
    assert await store.reminders.old(START, 10) == [] and await store.reminders.old(START + 1, 10) == [(account, three)]
    state = await store.state(account, "message")
    await store.reminders.put_off(account, one, START + 100)
    assert await store.reminders.due(START + 9, 10) == [(account, two)]
    assert await store.state(account, "message") == state


async def test_a_reminder_goes_with_its_message(bench: Bench):
    store, account = bench.store, bench.account.id
    one, two = await add(bench), await add(bench)
    await write(bench, lambda tx: tx.put_reminders([asleep(one, START), asleep(two, START)]))
    await write(bench, lambda tx: tx.destroy_messages([one]))
    assert [row.message_id for row in await store.reminders.of_account(account, None, 10)] == [two]
    copy = await add(bench)
    await write(bench, lambda tx: tx.move_marks(two, copy))
    assert [row.message_id for row in await store.reminders.of_account(account, None, 10)] == [copy]


async def test_follow_ups_stir_when_their_conversation_gets_something(bench: Bench):
    store, account = bench.store, bench.account.id
    sent = await add(bench, refs=(b"id-sent",), subject=b"plan")
    row = ReminderRow(sent, "followUp", "waiting", START, bench.inbox.id, b"id-sent")
    await write(bench, lambda tx: tx.put_reminders([row]))
    assert await store.reminders.stirred(10) == [(account, sent)], "what was there before is looked at once"
    assert [one for one, _ in await store.reminders.conversation_since(account, b"id-sent", ModSeq(0), 10)] == [sent]
    looked = await store.state(account, "message")
    await write(bench, lambda tx: tx.note_looked(sent, looked))
    assert await store.reminders.stirred(10) == []
    await add(bench, refs=(b"other",), subject=b"plan")
    assert await store.reminders.stirred(10) == []
    answer = await add(bench, refs=(b"id-answer", b"id-sent"), subject=b"another subject")
    assert await store.reminders.stirred(10) == [(account, sent)]
    [(found, came)] = await store.reminders.conversation_since(account, b"id-sent", looked, 10)
    assert found == answer and came > looked
    await write(bench, lambda tx: tx.put_reminders([replace(row, kind="snooze")]))
    assert await store.reminders.stirred(10) == []


async def test_a_placement_may_stand_as_if_received_at_another_time(bench: Bench):
    store, account = bench.store, bench.account.id
    old, new = await add(bench, received_at=START), await add(bench, received_at=START + HOUR)
    other = await bench.new_mailbox("other")
    await write(bench, lambda tx: tx.place(other.id, [old], at=START + 2 * HOUR))
    await write(bench, lambda tx: tx.place(other.id, [new]))
    assert (await store.list_messages(account, other.id, position=0, limit=9))[0] == [old, new]
    assert (await store.list_messages(account, bench.inbox.id, position=0, limit=9))[0] == [new, old]
    assert (await store.messages(account, [old]))[0].received_at == START
