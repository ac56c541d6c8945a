"""Contract of the store: what lies in quarantine, digests, lists of senders (ports/store_quarantine.py), on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound, OverQuota
from smartmail.domain.quarantine import RulePlace, SenderRule, Told
from smartmail.domain.queue import NewRecipient, QueueTarget

AUDIT = AuditRecord(1, "cli", "sender.block", "system")
OWN = RulePlace("account", "5")


def held(account_id, hold="quarantine") -> NewRecipient:
    return NewRecipient("acme.test", b"hash", b"sealed", "held", hold, START, account_id)


async def put(bench: Bench, *recipients: NewRecipient, created_at: int = START):
    entry = replace(bench.entry(), recipients=recipients, created_at=created_at)
    await bench.store.enqueue(entry)
    return entry.id


def shown(rows):
    return [(row.entry.id, row.recipient.number, row.account_id) for row in rows]


async def test_each_sees_their_own_and_administrators_all(bench: Bench):
    store, me = bench.store, bench.account.id
    other = (await bench.new_account("other@acme.test")).id
    first = await put(bench, held(me), held(other), held(None))
    second = await put(bench, held(me), created_at=START + 5)
    await put(bench, held(me, "approval"), NewRecipient("x.test", b"h", b"s"))
    assert shown(await store.quarantined(account_id=me, limit=10)) == [(first, 0, me), (second, 0, me)]
    assert shown(await store.quarantined(account_id=me, limit=1)) == [(first, 0, me)]
    assert shown(await store.quarantined(account_id=me, after=first, limit=5)) == [(second, 0, me)]
    assert shown(await store.quarantined(entries=[first], account_id=other, limit=5)) == [(first, 1, other)]
    everything = [(first, 0, me), (first, 1, other), (first, 2, None), (second, 0, me)]
    assert shown(await store.quarantined(limit=5)) == everything
    assert shown(await store.quarantined(organization_id=bench.organization_id, limit=5)) == everything
    assert await store.quarantined(organization_id=bench.organization_id + 1, limit=5) == []
    assert shown(await store.quarantined(created_before=START + 5, limit=5)) == everything[:3]
    assert await store.quarantine_newest() == {me: second, other: first}


@pytest.mark.parametrize("act", ["release", "delete"])
async def test_what_is_let_out_or_deleted_lies_there_no_more(bench: Bench, act):
    store, me = bench.store, bench.account.id
    entry = await put(bench, held(me), held(me))
    assert await store.change_queue(act, [QueueTarget(entry, (0,))], now=START)
    assert shown(await store.quarantined(account_id=me, limit=5)) == [(entry, 1, me)]
    assert await store.change_queue(act, [QueueTarget(entry, (0,))], now=START) == []
    assert await store.change_queue(act, [QueueTarget(entry, (1,))], now=START)
    assert await store.quarantine_newest() == {}


async def test_a_digest_is_queued_and_remembered_once(bench: Bench):
    store, me = bench.store, bench.account.id
    assert await store.quarantine_told(me) == Told()
    told = Told(await put(bench, held(me)), 77)
    notice = bench.entry()
    assert await store.tell_quarantine(me, Told(), told, notice)
    assert await store.quarantine_told(me) == told
    # Another process that began from the same state comes too late, and queues nothing.
    assert not await store.tell_quarantine(me, Told(), told, bench.entry())
    assert len(await store.queue_entries(10)) == 2
    later = Told(told.entry_id + 1, 78)
    assert await store.tell_quarantine(me, told, later, bench.entry())
    assert await store.quarantine_told(me) == later


def rule(key: bytes = b"k" * 16, owner: RulePlace = OWN, act: str = "block", until: int | None = None) -> SenderRule:
    return SenderRule(0, owner, act, "address", key, b"sealed", "cli", START, until)


async def test_a_rule_about_the_same_sender_replaces_the_one_before(bench: Bench):
    store = bench.store
    first = await store.put_sender_rule(rule(), 5, AUDIT)
    assert first == replace(rule(), id=first.id)
    second = await store.put_sender_rule(rule(act="allow", until=START + 9), 5, AUDIT)
    assert (second.id, second.act, second.expires_at) == (first.id, "allow", START + 9)
    system = await store.put_sender_rule(rule(owner=RulePlace("system")), 5, AUDIT)
    assert await store.sender_rules(OWN) == [second]
    assert await store.find_sender_rules([b"k" * 16, b"z" * 16]) in ([second, system], [system, second])
    assert await store.find_sender_rules([b"z" * 16]) == []
    assert len(await store.unchained_records("audit", 0, 1000)) == 3


async def test_a_list_has_an_end(bench: Bench):
    store = bench.store
    for number in range(2):
        await store.put_sender_rule(rule(bytes([number]) * 16), 2, AUDIT)
    with pytest.raises(OverQuota):
        await store.put_sender_rule(rule(b"c" * 16), 2, AUDIT)
    assert len(await store.sender_rules(OWN)) == 2
    await store.put_sender_rule(rule(b"\x00" * 16, act="allow"), 2, AUDIT)
    assert len(await store.unchained_records("audit", 0, 1000)) == 3


async def test_rules_go_by_hand_and_by_time(bench: Bench):
    store = bench.store
    mine = await store.put_sender_rule(rule(until=START + 10), 5, AUDIT)
    other = await store.put_sender_rule(rule(b"o" * 16), 5, AUDIT)
    with pytest.raises(NotFound):
        await store.remove_sender_rule(RulePlace("account", "6"), mine.id, AUDIT)
    assert await store.drop_sender_rules(START + 10) == 0
    assert await store.drop_sender_rules(START + 11) == 1
    await store.remove_sender_rule(OWN, other.id, AUDIT)
    with pytest.raises(NotFound):
        await store.remove_sender_rule(OWN, other.id, AUDIT)
    assert await store.sender_rules(OWN) == []


async def test_whether_anybody_has_a_rule_of_a_kind(bench: Bench):
    store = bench.store
    assert not await store.has_sender_kinds(("url", "file"))
    await store.put_sender_rule(rule(), 5, AUDIT)
    assert not await store.has_sender_kinds(("url", "file"))
    await store.put_sender_rule(replace(rule(b"u" * 16), kind="file"), 5, AUDIT)
    assert await store.has_sender_kinds(("url", "file"))


async def test_hits_are_counted(bench: Bench):
    store = bench.store
    one = await store.put_sender_rule(rule(), 5, AUDIT)
    await store.note_sender_hits([one.id, 999], START + 1)
    await store.note_sender_hits([one.id], START + 2)
    [found] = await store.sender_rules(OWN)
    assert (found.hits, found.hit_at) == (2, START + 2)
    # Saying it again keeps the count.
    assert (await store.put_sender_rule(rule(act="allow"), 5, AUDIT)).hits == 2
