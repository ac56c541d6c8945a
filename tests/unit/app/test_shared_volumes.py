"""A node joins others only with local volumes that are proven to be theirs; a copy of the directory proves nothing."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.unit.app.test_node_name import START, Time

from smartmail.adapters.clock import DatabaseClock
from smartmail.adapters.sql import open_sqlite
from smartmail.adapters.volumes.packs import PackVolume
from smartmail.app.cluster.node_name import SILENT_MS, _read_holder, claim_name, join_nodes, place_of, require_name
from smartmail.app.cluster.shared_volumes import local_places, show_signs
from smartmail.app.settings import load
from smartmail.app.worker_context import CannotStartError, CannotStartYetError


class Cluster:
    """Nodes over one store; each has a directory, and a volume where the test says."""

    def __init__(self, root: Path, store: object, time: Time) -> None:
        self.root = root
        self.store = store
        self.time = time
        self.clock = DatabaseClock(time, lambda: 0)

    def settings(self, name: str, volume: Path):
        folder = self.root / name
        folder.mkdir(exist_ok=True)
        (folder / "node.toml").write_text(f'node = "{name}"\n[volume]\npath = "{volume}"\n', encoding="utf-8")
        return load(str(folder))

    async def start(self, settings) -> None:
        await claim_name(settings, self.store, self.clock, pause_s=0)
        # Times of the database pass with every look at it: nothing is waited for.
        await join_nodes(settings, self.store, self.clock, pause_s=0)

    @contextlib.asynccontextmanager
    async def serving(self, settings) -> AsyncIterator[None]:
        async def beat() -> None:
            while True:
                rows = await self.store.volumes()
                now = await self.store.moment()
                place, holder = place_of(settings.directory), _read_holder(settings)
                show_signs(local_places(settings, rows), place, holder, now)
                await require_name(settings, self.store, self.clock)
                await asyncio.sleep(0)

        task = asyncio.create_task(beat())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    time = Time()
    store = await open_sqlite(str(tmp_path / "shared.db"), now=time)
    await store.add_volume("local", '{"identity": "00"}', 1)
    yield Cluster(tmp_path, store, time)
    await store.close()


async def made(path: Path) -> Path:
    volume = PackVolume(str(path))
    await volume.close()
    return path


async def test_one_node_alone_needs_no_proof(cluster, tmp_path):
    await cluster.start(cluster.settings("a", await made(tmp_path / "one")))
    assert cluster.time.now - START < SILENT_MS


async def test_a_second_node_with_a_directory_of_its_own_refuses_and_says_what_to_do(cluster, tmp_path):
    one = cluster.settings("a", await made(tmp_path / "one"))
    other = cluster.settings("b", await made(tmp_path / "other"))
    await cluster.start(one)
    async with cluster.serving(one):
        with pytest.raises(CannotStartError, match=r'\("a"\).*volume add --kind s3') as refused:
            await cluster.start(other)
        assert not isinstance(refused.value, CannotStartYetError)
        assert [claim.name for claim in await cluster.store.node_claims(cluster.time.now - SILENT_MS)] == ["a"]
        # The one that serves starts again at once: the refused one is in nobody's way.
        await cluster.start(one)


async def test_a_copy_of_the_directory_is_refused_too(cluster, tmp_path):
    one = cluster.settings("a", await made(tmp_path / "one"))
    await cluster.start(one)
    async with cluster.serving(one):
        for _ in range(100):
            await asyncio.sleep(0)
        shutil.copytree(tmp_path / "one", tmp_path / "copy")
        assert list((tmp_path / "copy").glob("node-*.sign"))
        with pytest.raises(CannotStartError, match="a copy will not do"):
            await cluster.start(cluster.settings("b", tmp_path / "copy"))


async def test_a_directory_that_both_mount_is_proven(cluster, tmp_path):
    volume = await made(tmp_path / "one")
    (tmp_path / "mounted").symlink_to(volume)
    one, other = cluster.settings("a", volume), cluster.settings("b", tmp_path / "mounted")
    await cluster.start(one)
    async with cluster.serving(one):
        await cluster.start(other)
        async with cluster.serving(other):
            await cluster.start(one)


async def test_every_local_volume_must_be_proven(cluster, tmp_path):
    volume = await made(tmp_path / "one")
    missing = tmp_path / "on a disk of the first"
    await cluster.store.add_volume("local", f'{{"identity": "01", "path": "{missing}"}}', 1)
    one, other = cluster.settings("a", volume), cluster.settings("b", volume)
    await cluster.start(one)
    async with cluster.serving(one):
        with pytest.raises(CannotStartError, match="on a disk of the first"):
            await cluster.start(other)


async def test_the_place_of_a_lost_node_may_be_taken(cluster, tmp_path):
    one = cluster.settings("a", await made(tmp_path / "one"))
    await cluster.start(one)
    await cluster.start(cluster.settings("b", await made(tmp_path / "other")))


async def test_buckets_need_no_proof(cluster, tmp_path):
    [row] = await cluster.store.volumes()
    assert await cluster.store.turn_volume(row.id, ["online"], "removed")
    await cluster.store.add_volume("s3", '{"identity": "02", "bucket": "mail"}', 1)
    one = cluster.settings("a", tmp_path / "nowhere")
    await cluster.start(one)
    async with cluster.serving(one):
        await cluster.start(cluster.settings("b", tmp_path / "nowhere else"))
