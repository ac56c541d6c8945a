"""A node starts with the volumes that are there: its own, and those that were added; and says what is missing."""

import json
from pathlib import Path

import pytest
from tests.flows.volume_house import ROOT, open_volume_house

from smartmail.app import settings
from smartmail.app.node import open_node
from smartmail.app.worker_context import CannotStartError
from smartmail.domain.cluster import SILENT_MS, NodeClaim
from smartmail.domain.errors import Invalid, Unavailable
from smartmail.service.kernel.volumes.administering import NewVolume
from smartmail.service.mailbox.mailstore.reading import OctetReader

WORDS = {
    "ko": "저장소 점검 중", "en": "Storage is under maintenance", "ja": "ストレージの点検中", "zh-Hans": "存储正在维护",
    "zh-Hant": "儲存空間維護中",
}  # fmt: skip


async def test_added_volumes_are_opened_again_and_a_missing_own_one_does_not_stop_the_start(tmp_path: Path):
    options = settings.load(str(tmp_path / "data"))
    async with open_node(options, first_start=True) as node:
        assert list(node.volumes) == [1]
        await node.services.volumes.admin.add(ROOT, NewVolume("local", {"path": str(tmp_path / "b")}))
        assert list(node.volumes) == [1, 2]
    async with open_node(options) as node:
        assert list(node.volumes) == [1, 2]
    (tmp_path / "data" / "volume").rename(tmp_path / "unplugged")
    (tmp_path / "data" / "volume").mkdir()
    async with open_node(options) as node:
        assert list(node.volumes) == [2]
        assert list((tmp_path / "data" / "volume").iterdir()) == [], "the place of a disk that is away stays as it is"


async def test_a_node_whose_only_volume_is_another_one_does_not_start(tmp_path: Path):
    options = settings.load(str(tmp_path / "data"))
    async with open_node(options, first_start=True) as node:
        identity = json.loads((await node.store.volumes())[0].config)["identity"]
    (tmp_path / "data" / "volume").rename(tmp_path / "unplugged")
    with pytest.raises(CannotStartError) as caught:
        async with open_node(options):
            raise AssertionError("it started")
    assert "not the one that the database knows" in str(caught.value) and identity in str(caught.value)
    (tmp_path / "unplugged").rename(tmp_path / "data" / "volume")
    async with open_node(options) as node:
        assert list(node.volumes) == [1]


async def test_a_second_process_follows_what_the_first_adds_and_takes_out(tmp_path: Path):
    options = settings.load(str(tmp_path / "data"))
    async with open_node(options, first_start=True) as one, open_node(options) as two:
        row, _probe = await one.services.volumes.admin.add(ROOT, NewVolume("local", {"path": str(tmp_path / "b")}))
        assert await two.volumes.refresh() and row.id in two.volumes
        await one.services.volumes.admin.change(ROOT, row.id, weight=0)
        assert await two.volumes.refresh() and two.volumes.rows[row.id].weight == 0
        assert not await two.volumes.refresh(), "nothing has changed"


async def test_who_reads_is_told_in_the_own_language_that_storage_is_away(tmp_path: Path):
    directory = tmp_path / "data"
    directory.mkdir()
    async with open_volume_house(directory) as house:
        await house.add("b")
        kept = [await house.keep(b"text") for _ in range(2)]
        blob = next(one for one in kept if one.row.volume_id == 2)
        (directory / "b").rename(directory / "unplugged")
        house.book[blob.row.volume_id]._reader.close()
        for language, words in WORDS.items():
            reader = OctetReader(house.store, house.blobs, blob.row, blob.organization_id, blob.data_key, language)
            with pytest.raises(Unavailable) as caught:
                await reader.read()
            assert words in caught.value.public
        reader = OctetReader(house.store, house.blobs, blob.row, blob.organization_id, blob.data_key)
        with pytest.raises(Unavailable) as caught:
            await reader.read()
        assert caught.value.public == "", "other doors have words of their own"


async def test_a_directory_is_not_added_while_another_node_serves(tmp_path: Path):
    async with open_node(settings.load(str(tmp_path / "data")), first_start=True) as node:
        now = node.clock.now()
        new = NewVolume("local", {"path": str(tmp_path / "b")})
        for claim in (NodeClaim("node1", "p1", "h1", now, now), NodeClaim("node2", "p2", "h2", now, now)):
            await node.store.claim_node(claim, 0)
        for act in (node.services.volumes.admin.probe, node.services.volumes.admin.add):
            with pytest.raises(Invalid, match=r"other nodes serve \(node2\).*add a bucket"):
                await act(ROOT, new)
        assert not (tmp_path / "b").exists()
        await node.store.hold_node("node2", "h2", now - SILENT_MS - 1, 0)
        await node.services.volumes.admin.add(ROOT, new)


async def test_a_node_file_that_names_a_bucket_where_there_is_a_directory_is_refused(tmp_path: Path):
    options = settings.load(str(tmp_path / "data"))
    async with open_node(options, first_start=True):
        pass
    (tmp_path / "data" / "node.toml").write_text(
        '[volume.s3]\nbucket = "b"\nendpoint = "http://127.0.0.1:1"\naccess_key = "a"\nsecret_key = "s"\n'
    )
    with pytest.raises(CannotStartError, match="volume 1 is local, and the node file names one that is s3"):
        async with open_node(settings.load(str(tmp_path / "data"))):
            raise AssertionError("it started")
