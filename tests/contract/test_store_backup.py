"""What every driver keeps of ports.store_backup: the rows of one moment, and what is noted of runs."""

from pathlib import Path

import pytest
from obstore.store import MemoryStore
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench
from tests.contract.test_store_admin_api import job
from tests.contract.test_store_admin_api import record as job_record

from smartmail.adapters.backup import DirectoryPlace, ObjectPlace
from smartmail.adapters.sql.fencing import MODSEQS, UIDS, fence, hold_queue
from smartmail.domain.audit import AuditRecord
from smartmail.domain.backup import LEFT_OUT
from smartmail.domain.queue import NewRecipient
from smartmail.ports.backup import BackupPlace, ObjectMissing, PlaceError
from smartmail.service.operations.backup.taking import compared
from smartmail.service.operations.backup.wire import Digest

AUDIT = AuditRecord(1, "cli", "backup.taken", "backup")


async def digests(store) -> dict[str, tuple[int, str]]:
    found = {}
    async with store.snapshot() as snapshot:
        for table in snapshot.tables:
            digest = Digest()
            async for rows in snapshot.rows(table, 3):
                digest.add(compared(table, rows))
            found[table.name] = (digest.rows, digest.hex)
    return found


async def test_a_snapshot_shows_one_moment_while_others_write(bench: Bench):
    await bench.add_many(8)
    async with bench.store.snapshot() as snapshot:
        heads = {table.name: table for table in snapshot.tables}
        assert "message" in heads
        assert not LEFT_OUT & set(heads)
        await bench.new_account("later@acme.test")
        rows = [row async for block in snapshot.rows(heads["account"], 2) for row in block]
        assert len(rows) == 1, "what came later is not in it"
        message = heads["message"]
        blocks = [block async for block in snapshot.rows(message, 3)]
        assert [len(block) for block in blocks] == [3, 3, 2]
        kinds = {"int": int, "text": str, "bytes": bytes}
        for row in blocks[0]:
            for column, value in zip(message.columns, row, strict=True):
                assert value is None or type(value) is kinds[column.kind], column
        assert heads["account"].serial == 1
        assert heads["message"].serial is None
    assert (await digests(bench.store))["account"][0] == 2


async def test_runs_are_noted_newest_first(store):
    first = await store.begin_backup_run("backup", "", 10, AUDIT)
    second = await store.begin_backup_run("verify", "0001", 20, AUDIT)
    await store.end_backup_run(first, "good", 30, {"messages": 3})
    runs = await store.backup_runs(None, 10)
    assert [one.id for one in runs] == [second, first]
    assert (runs[1].state, runs[1].ended_at, runs[1].facts) == ("good", 30, {"messages": 3})
    assert (runs[0].state, runs[0].ended_at, runs[0].snapshot) == ("running", None, "0001")
    assert [one.kind for one in await store.backup_runs("verify", 10)] == ["verify"]
    assert await store.backup_runs("restore", 10) == []


async def test_the_fence_jumps_over_all_that_clients_may_have_seen(bench: Bench):
    await bench.add_many(3)
    before, lines = await bench.store.view(bench.account.id, bench.inbox.id)
    old = await bench.store.account(bench.account.id)
    await bench.store._db.change(0, fence)
    after, same = await bench.store.view(bench.account.id, bench.inbox.id)
    new = await bench.store.account(bench.account.id)
    assert [(one.uid, one.message_id) for one in same] == [(one.uid, one.message_id) for one in lines]
    assert (after.uidvalidity, after.uidnext) == (before.uidvalidity, before.uidnext + UIDS)
    assert new.modseq == old.modseq + MODSEQS == after.highest_modseq
    assert new.auth_epoch == old.auth_epoch + 1, "sign-ins end"
    assert all(one.modseq == new.modseq for one in same), "all flags are read anew"
    seen = old.modseq + 1000
    told = await bench.store.view_changes(bench.account.id, bench.inbox.id, seen)
    assert not told.complete, "what went since is not known"
    assert await bench.store.changes(bench.account.id, "message", seen, 100) is None
    added = await bench.add()
    assert added.placements[0][1] == before.uidnext + UIDS
    assert added.message_id > 3 + UIDS - 1


async def test_a_mailbox_with_no_room_for_the_jump_gets_a_new_uidvalidity(bench: Bench):
    await bench.add_many(2)
    high = 1 << 32
    await bench.store._db.change(0, lambda session: session.run("update mailbox set uidnext = $1", high - 5))
    before = await bench.mailbox()
    await bench.store._db.change(0, fence)
    after = await bench.mailbox()
    assert after.uidnext == before.uidnext
    assert after.uidvalidity > before.uidvalidity


async def test_the_task_that_took_the_backup_does_not_run_again_after_a_restore(bench: Bench):
    store = bench.store
    taking, other = [
        await store.add_job(job(kind=kind), job_record("job.start")) for kind in ("backup.take", "users.x")
    ]
    assert (await store.lease_job(1, 2, "w")).id == taking.id
    await store._db.change(0, fence)
    ended = await store.job(taking.id)
    assert (ended.state, ended.ended_at) == ("cancelled", ended.started_at)
    assert (await store.job(other.id)).state == "waiting", "what else was asked is still done"
    again = await store.add_job(job(kind="backup.take"), job_record("job.start"), alone=True)
    assert again.state == "waiting"


async def test_mail_that_waited_is_held_after_a_restore(bench: Bench):
    await bench.store.enqueue(bench.entry(NewRecipient("b.example", b"h" * 16, b"sealed")))
    await bench.store._db.change(0, hold_queue)
    ((_, recipients),) = await bench.store.queue_entries(10)
    assert [(one.state, one.hold_reason) for one in recipients] == [("held", "administrator")]


@pytest.fixture(params=["directory", "objects"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> BackupPlace:
    return DirectoryPlace(str(tmp_path / "place")) if request.param == "directory" else ObjectPlace(MemoryStore())


async def test_a_place_keeps_whole_objects_under_their_names(place: BackupPlace):
    assert await place.entries("rows/") == []
    with pytest.raises(ObjectMissing):
        await place.get("rows/aa")
    await place.put("rows/bb", b"two")
    await place.put("rows/aa", b"one")
    await place.put("place", b"not among them")
    await place.put("rows/aa", b"one again")
    assert [(one.name, one.size) for one in await place.entries("rows/")] == [("rows/aa", 9), ("rows/bb", 3)]
    assert await place.get("rows/aa") == b"one again"
    await place.delete("rows/aa")
    await place.delete("rows/aa")
    assert [one.name for one in await place.entries("rows/")] == ["rows/bb"]


@pytest.mark.parametrize("name", ["../key", "/etc/passwd", "rows/../../key", "rows/a.part", ""])
async def test_no_name_leaves_the_directory(tmp_path: Path, name: str):
    with pytest.raises(PlaceError):
        await DirectoryPlace(str(tmp_path / "place")).put(name, b"x")
    assert not any(tmp_path.rglob("*"))
