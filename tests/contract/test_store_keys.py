"""Contract of the store: keys at work (ports/store_keys.py), on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench, Lease

from smartmail.domain.account import Hold
from smartmail.domain.audit import AuditRecord
from smartmail.domain.cluster import NodeRow
from smartmail.domain.errors import AlreadyExists, StateMismatch
from smartmail.domain.ids import AccountId, BlobId, MessageId, VolumeId
from smartmail.domain.keys import KeyAck, KeyRotation, Opening, Reseal
from smartmail.domain.message import BlobRow
from smartmail.domain.policy import Scope
from smartmail.domain.proposals import ProposalRow
from smartmail.domain.records import Destruction

BY = AuditRecord(START, "cli", "key.act", "key:1")


def rotation(**facts: object) -> KeyRotation:
    begun = KeyRotation(0, "old", "new", "check", "spreading", b"sealed key", 0, 3, "cli", START, START)
    return replace(begun, **facts)


def reseal(**facts: object) -> Reseal:
    begun = Reseal(0, "running", 2, 0, "message", AccountId(0), 0, 0, 0, 0, 0, 1000, "cli", START)
    return replace(begun, **facts)


async def actions(bench: Bench) -> list[str]:
    return [row.record.action for row in await bench.store.unchained_records("audit", 0, 100)]


async def test_one_rotation_is_open_and_its_key_is_forgotten_at_the_end(bench: Bench):
    store = bench.store
    made = await store.begin_rotation(rotation(), BY)
    assert made == rotation(id=made.id) and "sealed key" not in repr(made)
    with pytest.raises(AlreadyExists):
        await store.begin_rotation(rotation(new_id="other"), BY)
    assert not await store.turn_rotation(made.id, ["switching"], "settling", START + 1)
    assert await store.turn_rotation(made.id, ["spreading"], "rewrapping", START + 1)
    await store.count_rotation(made.id, 2, 4)
    (row,) = await store.rotations(5)
    assert row == replace(made, state="rewrapping", changed_at=START + 1, done=2, total=4)
    assert await store.turn_rotation(made.id, ["rewrapping"], "done", START + 2, BY)
    (row,) = await store.rotations(5)
    assert (row.state, row.sealed, row.ended_at) == ("done", b"", START + 2)
    again = await store.begin_rotation(rotation(), BY)
    assert [one.id for one in await store.rotations(5)] == [again.id, made.id]
    assert (await actions(bench)).count("key.act") == 3


async def test_what_nodes_have_done(bench: Bench):
    store = bench.store
    await store.put_key_ack(KeyAck(1, "b", "", START, "no room"))
    await store.put_key_ack(KeyAck(1, "a", "taken", START))
    await store.put_key_ack(KeyAck(1, "b", "taken", START + 1))
    await store.put_key_ack(KeyAck(2, "a", "taken", START))
    assert await store.key_acks(1) == [KeyAck(1, "a", "taken", START), KeyAck(1, "b", "taken", START + 1)]
    for name, at in (("n1", START), ("n2", START + 1000)):
        await store.heartbeat(NodeRow(name, START, at, "", "local"))
    assert await store.nodes_since(START + 1) == ["n2"]
    assert await store.nodes_since(START) == ["n1", "n2"]


async def test_a_setting_is_added_once(bench: Bench):
    await bench.store.add_setting("system", "key-x", "one")
    await bench.store.add_setting("system", "key-x", "two")
    assert await bench.store.setting("system", "key-x") == "one"


async def test_an_organisations_key_is_replaced_only_where_it_is_the_one_that_was_read(bench: Bench):
    before = (await bench.store.organization(bench.organization_id)).wrapped_key
    assert not await bench.store.replace_organization_key(bench.organization_id, b"other", b"new")
    assert await bench.store.replace_organization_key(bench.organization_id, before, b"new")
    assert (await bench.store.organization(bench.organization_id)).wrapped_key == b"new"


async def test_one_work_seals_anew_and_one_worker_is_at_it(bench: Bench):
    store = bench.store
    made = await store.begin_reseal(reseal(), BY)
    assert made == reseal(id=made.id)
    with pytest.raises(AlreadyExists):
        await store.begin_reseal(reseal(), BY)
    assert await store.lease_reseal(made.id, "a", START, START + 10) == made
    assert await store.lease_reseal(made.id, "b", START + 5, START + 20) is None
    further = replace(made, table="vault", account_id=AccountId(7), message_id=9, found=2, blobs=5, octets=50, failed=1)
    assert not await store.note_reseal(further, "b", START + 30)
    assert await store.note_reseal(further, "a", START + 30)
    assert await store.reseals(1) == [further]
    assert await store.cap_reseal(made.id, 500, BY)
    assert await store.turn_reseal(made.id, ["running"], "paused", BY)
    assert not await store.note_reseal(further, "a", START + 30)
    assert await store.turn_reseal(made.id, ["paused"], "cancelled", BY)
    assert not await store.cap_reseal(made.id, 1, BY)
    assert (await store.reseals(1))[0].ended_at == BY.at
    assert (await store.begin_reseal(reseal(), BY)).id > made.id


async def test_messages_are_walked_with_their_blobs_and_a_blob_is_swapped_once(bench: Bench):
    store = bench.store
    ids = [(await bench.add()).message_id for _ in range(3)]
    found = await store.sealed_messages("message", AccountId(0), 0, 2)
    assert [one[1] for one in found] == ids[:2] and all(one[0] == bench.account.id and one[2] for one in found)
    rest = await store.sealed_messages("message", found[-1][0], found[-1][1], 10)
    assert [one[1] for one in rest] == ids[2:]
    assert await store.sealed_messages("vault", AccountId(0), 0, 10) == []
    old = found[0][3]
    new = replace(old, volume_id=VolumeId(2), location="elsewhere", newer_key=b"newer")
    assert await store.reseal_blob(old, new, START + 5)
    assert not await store.reseal_blob(old, new, START + 5)
    assert await store.blob(old.id) == new and "newer" not in repr(new)
    assert new in [row for row, _refs in await store.blob_rows(BlobId(b""), 10)]
    assert [(one.id, one.location) for one in await store.due_places(START + 5, 10)] == [(old.id, old.location)]
    absent = BlobRow(BlobId(b"x" * 16), VolumeId(1), "l", 1)
    assert not await store.reseal_blob(absent, absent, START)
    assert await store.blob_octets() == sum(one[3].size for one in (*found, *rest))


def proposal(key: int, home: int) -> ProposalRow:
    return ProposalRow(
        0, key, home, "message.open", Scope("account", "1"), "waiting", AccountId(5), "account:5", b"sealed", START,
        START + 1000,
    )  # fmt: skip


async def test_an_opening_is_made_once_of_what_somebody_else_confirmed(bench: Bench):
    store, home = bench.store, bench.organization_id
    one = Opening(0, home, bench.account.id, "account:5", "", START, START + 100, b"why")
    with pytest.raises(StateMismatch):
        await store.add_opening(one, 77, BY)
    for key, decider in ((77, "account:6"), (78, "waiting-time"), (79, "account:5")):
        made = await store.add_proposal(proposal(key, home), BY)
        assert await store.decide_proposal(made.id, "running", replace(BY, actor=decider), lease_until=START + 5)
    for key in (78, 79):
        with pytest.raises(StateMismatch):
            await store.add_opening(one, key, BY)
    number = await store.add_opening(one, 77, BY)
    assert await store.add_opening(one, 77, BY) == number
    kept = replace(one, id=number, confirmed_by="account:6")
    assert await store.openings(home, 10) == await store.openings(None, 10) == [kept]
    assert await store.openings(home + 1, 10) == []
    assert (await store.opening(kept.id), await store.opening(kept.id + 1)) == (kept, None)
    assert kept.is_open(START) and not kept.is_open(START + 100) and "why" not in repr(kept)
    assert await store.end_opening(number, "account:6", START + 9, BY)
    assert not await store.end_opening(number, "account:6", START + 9, BY)
    (ended,) = await store.openings(home, 10)
    assert (ended.ended_at, ended.ended_by) == (START + 9, "account:6") and not ended.is_open(START + 10)


async def test_keys_of_many_are_destroyed_together_or_not_at_all(bench: Bench):
    store, home = bench.store, bench.organization_id
    other = await bench.new_account("u2@acme.test")
    third = await bench.new_account("u3@acme.test")
    entry = Destruction(
        0, home, START, "domain", "domain:acme.test", "ground", "cli", "", "key", {"accounts": 2}, ("k",), None
    )
    hold = Hold(other.id, MessageId(0), "case", START, "cli")
    await store.put_hold(hold, BY)
    with pytest.raises(StateMismatch):
        await store.destroy_keys([bench.account.id, other.id], home, entry, BY)
    assert (await store.account(bench.account.id)).wrapped_key and (await store.organization(home)).wrapped_key
    number = await store.destroy_keys([bench.account.id, third.id], None, entry, BY)
    assert [(await store.account(one.id)).wrapped_key for one in (bench.account, other, third)] == [
        b"", other.wrapped_key, b"",
    ]  # fmt: skip
    assert [one.id for one in await store.destructions(home, 5)] == [number]
    assert (await store.organization(home)).wrapped_key
    await store.destroy_keys([], home, entry, BY)
    company = await store.organization(home)
    assert (company.wrapped_key, company.wrapped_queue_key) == (b"", b"")


async def leased_reseal(bench: Bench) -> Lease:
    row = await bench.store.begin_reseal(reseal(), BY)
    return lambda worker, now, until: bench.store.lease_reseal(row.id, worker, now, until)


LEASED = {"reseal": leased_reseal}
