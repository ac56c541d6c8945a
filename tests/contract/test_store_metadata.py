"""Contract of the store: annotations and save dates (ports/store_metadata.py), on both drivers."""

import asyncio

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, MailboxId, Uid

EVERYBODY = AccountId(0)
SERVER = MailboxId(0)


async def test_annotations_are_each_persons_own_or_everybodys(bench: Bench):
    store, account, box = bench.store, bench.account.id, bench.inbox.id
    lee = await bench.new_account("lee@acme.test")
    assert await store.set_annotations(account, box, EVERYBODY, {b"s": b"shared"}, most=9)
    assert await store.set_annotations(account, box, account, {b"p": b"mine"}, most=9)
    assert await store.set_annotations(account, box, lee.id, {b"p": b"hers"}, most=9)
    assert await store.annotations(account, box, account) == {b"s": b"shared", b"p": b"mine"}
    assert await store.annotations(account, box, lee.id) == {b"s": b"shared", b"p": b"hers"}
    assert await store.annotations(account, SERVER, account) == {}
    assert await store.annotations(lee.id, box, lee.id) == {}


async def test_annotations_are_replaced_and_taken_away(bench: Bench):
    store, account, box = bench.store, bench.account.id, bench.inbox.id
    before = (await store.account(account)).modseq
    await store.set_annotations(account, box, account, {b"a": b"1", b"b": b"2"}, most=9)
    await store.set_annotations(account, box, account, {b"a": b"3", b"b": None, b"never": None}, most=9)
    assert await store.annotations(account, box, account) == {b"a": b"3"}
    assert (await store.account(account)).modseq == before


async def test_more_than_allowed_is_refused_as_a_whole(bench: Bench):
    store, account, box = bench.store, bench.account.id, bench.inbox.id
    assert await store.set_annotations(account, box, account, {b"a": b"1", b"b": b"2"}, most=2)
    assert not await store.set_annotations(account, box, account, {b"a": b"9", b"c": b"3"}, most=2)
    assert await store.annotations(account, box, account) == {b"a": b"1", b"b": b"2"}
    # One that goes makes room for one that comes; others' entries do not count.
    assert await store.set_annotations(account, box, account, {b"a": None, b"c": b"3"}, most=2)
    assert await store.set_annotations(account, box, EVERYBODY, {b"a": b"1"}, most=2)


async def test_annotations_go_with_their_mailbox(bench: Bench):
    box = await bench.new_mailbox("box")
    store, account = bench.store, bench.account.id
    await store.set_annotations(account, box.id, account, {b"a": b"1"}, most=9)
    await store.set_annotations(account, bench.inbox.id, account, {b"a": b"1"}, most=9)
    await store.write(account, lambda tx: tx.destroy_mailbox(box.id))
    assert await store.annotations(account, box.id, account) == {}
    assert await store.annotations(account, bench.inbox.id, account) == {b"a": b"1"}


async def test_save_dates_say_when_a_message_came_into_the_mailbox(bench: Bench):
    store, account, other = bench.store, bench.account.id, await bench.new_mailbox("other")
    bench.now[0] = START + 1_000
    delivered = await bench.add(received_at=bench.now[0])
    appended = await bench.add(received_at=START - 9_000_000)
    bench.now[0] += 500
    await store.write(account, lambda tx: tx.place(other.id, [delivered.message_id, appended.message_id]))
    uids = [Uid(1), Uid(2), Uid(77)]
    assert await store.save_dates(account, bench.inbox.id, uids) == {1: START + 1_000, 2: START + 1_000}
    assert await store.save_dates(account, other.id, uids) == {1: START + 1_500, 2: START + 1_500}


async def test_every_message_is_recent_for_one_session_alone(bench: Bench):
    store, account, box = bench.store, bench.account.id, bench.inbox.id
    for _ in range(3):
        await bench.add()
    before = (await store.account(account)).modseq
    assert await store.count_above(account, box, Uid(0)) == 3
    claims = await asyncio.gather(*(store.claim_recent(account, box, Uid(2)) for _ in range(5)))
    assert sorted(claims) == [0, 2, 2, 2, 2]
    assert await store.claim_recent(account, box, Uid(1)) == 2
    assert await store.claim_recent(account, box, Uid(3)) == 2
    assert await store.claim_recent(account, box, Uid(3)) == 3
    assert await store.count_above(account, box, Uid(2)) == 1
    [row] = [one for one in await store.mailboxes(account) if one.id == box]
    assert row.recent_uid == 3
    # What is written to the mailbox afterwards leaves the mark, and neither moves a modseq for it.
    assert (await store.account(account)).modseq == before
    await bench.add()
    [row] = [one for one in await store.mailboxes(account) if one.id == box]
    assert (row.recent_uid, row.uidnext) == (3, 5)
    with pytest.raises(NotFound):
        await store.claim_recent(account, MailboxId(999), Uid(1))
