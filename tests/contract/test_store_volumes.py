"""Contract of the store: volumes at work (ports/store_volumes.py), on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench, Lease

from smartmail.domain.audit import AuditRecord
from smartmail.domain.cluster import VolumeRow
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.ids import BlobId, VolumeId
from smartmail.domain.volumes import VolumeFinding, VolumeSample, VolumeUse, VolumeWork

BY = AuditRecord(START, "cli", "volume.act", "volume:1")


def work(volume_id: int, **facts: object) -> VolumeWork:
    begun = VolumeWork(
        0, VolumeId(volume_id), "drain", "running", VolumeId(0), 0, 0, 0, BlobId(b""), 0, 0, 0, 0, 1000, START
    )
    return replace(begun, **facts)


async def registered(bench: Bench, **facts: object) -> VolumeRow:
    row = VolumeRow(VolumeId(0), "local", "online", '{"path": "/b"}', 3)
    return await bench.store.register_volume(replace(row, **facts), BY)


async def test_a_volume_is_kept_as_it_is_given(bench: Bench):
    made = await registered(bench, read_only=True, sealed=b"secret")
    assert made.id > 0 and made in await bench.store.volumes()
    assert (made.read_only, made.sealed, made.weight) == (True, b"secret", 3)
    assert "secret" not in repr(made)
    await bench.store.change_volume(made.id, weight=0, audit=BY)
    await bench.store.change_volume(made.id, read_only=False, audit=BY)
    assert await bench.store.volumes() == [replace(made, weight=0, read_only=False)]
    with pytest.raises(NotFound):
        await bench.store.change_volume(VolumeId(99), weight=1, audit=BY)


async def test_a_state_changes_only_from_those_it_may_come_from(bench: Bench):
    made = await registered(bench)
    assert not await bench.store.turn_volume(made.id, ["draining"], "empty")
    assert await bench.store.turn_volume(made.id, ["online", "full"], "draining", BY)
    assert [row.state for row in await bench.store.volumes()] == ["draining"]


async def test_a_volume_has_one_open_work_and_the_work_one_worker(bench: Bench):
    store = bench.store
    made = await store.begin_work(work(1), BY)
    assert made == work(1, id=made.id)
    with pytest.raises(AlreadyExists):
        await store.begin_work(work(1, kind="scan"), BY)
    other = await store.begin_work(work(2), BY)
    assert await store.volume_works(["running"]) == [made, other]
    assert await store.lease_work(made.id, "a", START, START + 10) == made
    assert await store.lease_work(made.id, "b", START + 5, START + 20) is None
    further = replace(made, cursor=BlobId(b"x"), found=2, blobs=5, octets=50, failed=1)
    assert await store.note_work(further, "a", START + 30)
    assert not await store.note_work(further, "b", START + 30)
    assert await store.cap_work(VolumeId(1), 7, BY)
    assert await store.lease_work(made.id, "b", START + 30, START + 40) == replace(further, cap=7)


async def test_a_paused_work_cannot_be_gone_on_with(bench: Bench):
    store = bench.store
    made = await store.begin_work(work(1), BY)
    await store.lease_work(made.id, "a", START, START + 10)
    assert await store.turn_work(VolumeId(1), ["running"], "paused", BY)
    assert not await store.turn_work(VolumeId(1), ["running"], "paused", BY)
    assert not await store.note_work(made, "a", START + 10)
    assert await store.lease_work(made.id, "a", START, START + 10) is None
    assert await store.turn_work(VolumeId(1), ["paused"], "running", BY)
    assert await store.lease_work(made.id, "b", START, START + 10) == made
    assert await store.note_work(replace(made, state="done", ended_at=START), "b", 0)
    assert not await store.turn_work(VolumeId(1), ["running", "paused"], "cancelled", BY)
    await store.begin_work(work(1), BY)


async def test_moved_blobs_leave_their_old_place_noted(bench: Bench):
    store = bench.store
    added = [await bench.add() for _ in range(3)]
    assert added
    lying = [row for row, _ in await store.blob_rows(BlobId(b""), 10)]
    moves = [(row, replace(row, volume_id=VolumeId(9), location=f"new-{n}")) for n, row in enumerate(lying)]
    moves[1] = (replace(moves[1][0], location="elsewhere"), moves[1][1])
    assert await store.move_blobs(moves, START + 50) == [lying[0].id, lying[2].id]
    assert [(await store.blob(row.id)).location for row in lying] == ["new-0", lying[1].location, "new-2"]
    source = lying[0].volume_id
    asked = [lying[0].location, "other"]
    assert await store.leaving_places(source, asked) == [lying[0].location]
    assert await store.due_places(START + 49, 10) == []
    due = await store.due_places(START + 50, 10)
    assert {(one.id, one.volume_id, one.location) for one in due} == {
        (row.id, source, row.location) for row in (lying[0], lying[2])
    }
    await store.drop_places(due)
    assert await store.due_places(START + 50, 10) == []
    assert await store.move_blobs([], 0) == []


async def test_use_counts_what_lies_and_what_leaves_keeps_a_volume_from_being_empty(bench: Bench):
    store = bench.store
    await bench.add()
    (row,) = [row for row, _ in await store.blob_rows(BlobId(b""), 10)]
    assert await store.volume_use() == [VolumeUse(row.volume_id, 1, row.size)]
    await store.move_blobs([(row, replace(row, volume_id=VolumeId(9)))], START)
    assert await store.volume_use() == [VolumeUse(VolumeId(9), 1, row.size)]
    assert await store.holds_blobs(row.volume_id)
    assert await store.holds_blobs(VolumeId(9))
    await store.drop_places(await store.due_places(START, 9))
    assert not await store.holds_blobs(row.volume_id)


async def test_findings_and_samples_are_replaced(bench: Bench):
    store = bench.store
    finding = VolumeFinding(VolumeId(1), BlobId(b"b" * 16), "p-0-1", "damaged", START)
    await store.put_finding(finding)
    await store.put_finding(replace(finding, what="missing"))
    assert await store.volume_findings(VolumeId(1), 9) == [replace(finding, what="missing")]
    await store.drop_findings(VolumeId(1))
    assert await store.volume_findings(VolumeId(1), 9) == []
    for day, used in ((1, 10), (2, 20), (2, 25)):
        await store.put_sample(VolumeSample(VolumeId(1), day, used, 100))
    assert await store.volume_samples(VolumeId(1), 2) == [VolumeSample(VolumeId(1), 2, 25, 100)]
    assert len(await store.volume_samples(VolumeId(1), 0)) == 2


async def leased_volume_work(bench: Bench) -> Lease:
    row = await bench.store.begin_work(work(1), BY)
    return lambda worker, now, until: bench.store.lease_work(row.id, worker, now, until)


LEASED = {"volume-works": leased_volume_work}
