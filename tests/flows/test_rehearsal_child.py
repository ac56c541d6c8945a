"""A rehearsal in a process of its own: it tells steps and a result, leaves nothing behind, and ends with who asked."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import msgspec
import pytest

from smartmail.app.node import open_node
from smartmail.app.opening.rehearsing import ChildRehearser
from smartmail.app.opening.sandbox import PREFIX, Sandbox
from smartmail.app.settings import load
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, Unavailable
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.ports.backup import PlaceSpec
from smartmail.service.operations.backup.planning import Wish

ROOT = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


@pytest.fixture
async def node(tmp_path):
    """A node with a backup in a place that was set from the browser."""
    (tmp_path / "data").mkdir()
    async with open_node(load(str(tmp_path / "data")), first_start=True) as opened:
        await opened.services.provisioning.organization("test")
        await opened.services.backups.plans.set(ROOT, Wish(directory=str(tmp_path / "place")))
        await opened.services.backups.take(ROOT)
        yield opened


def left(node) -> list[str]:
    return [name for name in os.listdir(node.settings.directory) if name.startswith(PREFIX)]


async def test_a_backup_is_rehearsed_filed_and_nothing_is_left(node, tmp_path):
    os.makedirs(os.path.join(node.settings.directory, f"{PREFIX}of-a-killed-one", "volume"))
    steps = []
    done = await node.services.backups.rehearse(ROOT, "", lambda *step: steps.append(step))
    assert done["good"]
    assert done["findings"] == []
    assert {what for what, _done, _total in steps} >= {"packs", "rows"}
    assert left(node) == []
    [run] = [one for one in await node.services.backups.runs(ROOT) if one.kind == "rehearsal"]
    assert (run.state, run.facts["good"]) == ("good", True)
    assert len(list((tmp_path / "place" / "rehearsals").iterdir())) == 1


async def test_a_damaged_backup_is_found_out(node, tmp_path):
    for one in (tmp_path / "place" / "rows").iterdir():
        one.write_bytes(one.read_bytes()[:-1] + b"\0")
    with pytest.raises(Unavailable):
        await node.services.backups.rehearse(ROOT)
    [run] = [one for one in await node.services.backups.runs(ROOT) if one.kind == "rehearsal"]
    assert run.state == "failed"
    assert left(node) == []


async def test_a_place_that_is_not_there_is_said(node, tmp_path):
    rehearser = ChildRehearser(node.settings)
    with pytest.raises(Unavailable):
        await rehearser.rehearse(PlaceSpec("directory", {"path": str(tmp_path / "nowhere")}), "", lambda *_step: None)
    with pytest.raises(Unavailable):
        await rehearser.rehearse(None, "", lambda *_step: None)
    assert left(node) == []


async def test_a_rehearsal_that_nobody_waits_for_ends(node):
    begun = asyncio.Event()
    task = asyncio.create_task(node.services.backups.rehearse(ROOT, "", lambda *_step: begun.set()))
    await asyncio.wait_for(begun.wait(), 120)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left(node) == []
    [run] = [one for one in await node.services.backups.runs(ROOT) if one.kind == "rehearsal"]
    assert (run.state, run.facts["error"]) == ("failed", "cancelled")


async def test_what_a_killed_process_left_running_is_failed_when_the_next_one_begins(node):
    audit = AuditRecord(node.clock.now(), "system", "backup.taken", "backup")
    for kind in ("backup", "rehearsal"):
        await node.store.begin_backup_run(kind, "", node.clock.now(), audit)
    await node.services.backups.take(ROOT)
    assert {one.kind for one in await node.services.backups.runs(ROOT) if one.state == "running"} == {"rehearsal"}
    await node.services.backups.rehearse(ROOT)
    found = await node.services.backups.runs(ROOT)
    assert [one.state for one in found if one.facts.get("error") == "died"] == ["failed", "failed"]
    assert not [one for one in found if one.state == "running"]


async def test_who_waits_rehearses_when_the_one_that_runs_has_ended(node):
    begun = asyncio.Event()
    first = asyncio.create_task(node.services.backups.rehearse(ROOT, "", lambda *_step: begun.set()))
    await asyncio.wait_for(begun.wait(), 120)
    with pytest.raises(AlreadyExists):
        await node.services.backups.rehearse(ROOT)
    assert not first.done()
    assert (await node.services.backups.rehearse(ROOT, waits=True))["good"]
    assert (await first)["good"]
    runs = [one.state for one in await node.services.backups.runs(ROOT) if one.kind == "rehearsal"]
    assert runs == ["good", "good"]


def test_a_sandbox_in_use_is_not_cleared_away_by_the_next_one(tmp_path):
    """The command and the schedule may use one directory (docs/guide-admin, `sandbox`)."""
    first = Sandbox(str(tmp_path))
    (tmp_path / first.folder / "smartmail.db").write_bytes(b"restored")
    killed = tmp_path / f"{PREFIX}of-a-killed-one"
    killed.mkdir()
    second = Sandbox(str(tmp_path))
    assert sorted(tmp_path.iterdir()) == sorted(map(Path, (first.folder, second.folder)))
    assert os.listdir(first.folder) == ["smartmail.db"]
    first.remove()
    second.remove()
    assert list(tmp_path.iterdir()) == []


async def test_a_child_whose_parent_still_listens_ends_without_a_word(tmp_path):
    asked = {
        "settings": msgspec.to_builtins(load(str(tmp_path / "data"))), "place": None, "name": "", "folder": str(tmp_path),
    }  # fmt: skip
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "smartmail.app.recovery.rehearsal_child", stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    assert child.stdin and child.stdout and child.stderr
    child.stdin.write(json.dumps(asked).encode() + b"\n")
    # The pipe stays open, as with the parent that waits for the result.
    said, complaint = await asyncio.gather(child.stdout.read(), child.stderr.read())
    assert (await child.wait(), complaint) == (0, b"")
    assert json.loads(said)["error"] == "unavailable"
    child.stdin.close()
