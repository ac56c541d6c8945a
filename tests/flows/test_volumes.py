"""Volumes added, weighed, emptied and taken out while blobs come, are read and move: real packs, store and services."""

import asyncio
import errno
import json
import os
from pathlib import Path

import pytest
from tests.flows.volume_house import ROOT, VolumeHouse, open_volume_house

from smartmail.adapters.volumes.files import PosixFiles
from smartmail.adapters.volumes.host import PlaceHost
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, StateMismatch, StorageFull, Unavailable
from smartmail.domain.ids import AccountId, VolumeId
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.volumes import TierRule
from smartmail.service.kernel.clock import DAY, MINUTE
from smartmail.service.kernel.volumes.administering import NewVolume

FIRST = VolumeId(1)


class FullFiles(PosixFiles):
    """Directories under `full` have no room."""

    def __init__(self) -> None:
        self.full: set[str] = set()
        self._paths: dict[int, str] = {}

    def open(self, path: str, flags: int) -> int:
        descriptor = super().open(path, flags)
        self._paths[descriptor] = path
        return descriptor

    def _refuse(self, path: str) -> bool:
        return any(path.startswith(one) for one in self.full)

    def write(self, descriptor, parts, offset):
        if self._refuse(self._paths[descriptor]):
            raise OSError(errno.ENOSPC, "no space")
        return super().write(descriptor, parts, offset)

    def space(self, path: str) -> tuple[int, int]:
        total, free = super().space(path)
        return total, 0 if self._refuse(path) else free


@pytest.fixture
async def house(tmp_path: Path):
    (tmp_path / "data").mkdir()
    async with open_volume_house(tmp_path / "data") as house:
        yield house


async def filled(house: VolumeHouse, number: int, size: int = 3000) -> list:
    return [(await house.keep(octets), octets) for octets in (os.urandom(size) for _ in range(number))]


async def all_read(house: VolumeHouse, kept: list) -> None:
    for blob, octets in kept:
        assert await house.read(blob) == octets
        assert await house.blobs.read(blob.row, blob.organization_id, blob.data_key, 100, 50) == octets[100:150]


async def test_a_volume_is_added_with_numbers_and_takes_its_share(house: VolumeHouse):
    row, probe = await house.admin.add(ROOT, NewVolume("local", {"path": str(house.directory / "b")}, weight=3))
    assert probe.octets_s > 0 and probe.sync_ms > 0 and probe.free > 0
    kept = await filled(house, 40)
    places = [await house.place(blob) for blob, _ in kept]
    assert places.count(row.id) == 30
    assert places[:4].count(FIRST) == 1, "the smaller share comes in between, not at the end"
    await all_read(house, kept)


async def test_places_that_are_no_place_for_a_volume_are_refused_with_the_reason(house: VolumeHouse, tmp_path: Path):
    async def reason(path: str) -> str:
        with pytest.raises((Invalid, AlreadyExists)) as caught:
            await house.admin.add(ROOT, NewVolume("local", {"path": path}))
        return str(caught.value)

    strange = tmp_path / "strange"
    await PlaceHost().make("local", {"path": str(strange)}, "")
    assert "another installation" in await reason(str(strange))
    assert "a volume already" in await reason(str(house.directory / "first"))
    assert "absolute" in await reason("b")
    assert "does not exist" in await reason(str(tmp_path / "none" / "b"))
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").write_text("mine")
    assert "not empty" in await reason(str(tmp_path / "used"))
    assert "needs a path" in await reason("")
    assert len(await house.store.volumes()) == 1


async def test_who_may_not_change_nodes_changes_no_volume(house: VolumeHouse):
    kim = Actor(
        AccountId(house.account_id), house.organization_id, "kim@a.example", is_admin=False, origin=Origin("web")
    )
    for act in (
        house.admin.views(kim), house.admin.drain(kim, FIRST), house.admin.detach(kim, FIRST),
        house.admin.add(kim, NewVolume("local", {"path": "/x"})), house.admin.change(kim, FIRST, weight=0),
        house.admin.scan(kim, FIRST), house.admin.rebalance(kim), house.admin.set_tier(kim, None),
        house.admin.pause(kim, FIRST), house.admin.cap(kim, FIRST, 1), house.admin.keep(kim, FIRST),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            await act


async def test_a_full_volume_is_left_within_the_same_write_and_comes_back_by_itself(tmp_path: Path):
    (tmp_path / "data").mkdir()
    files = FullFiles()
    async with open_volume_house(tmp_path / "data", PlaceHost(files=files)) as house:
        second = await house.add("b", weight=1)
        writers = [await house.blobs.create(house.organization_id) for _ in range(4)]
        for writer in writers:
            await writer.append(b"a" * 70_000)
        files.full.add(str(house.directory / "first"))
        began = asyncio.get_running_loop().time()
        blobs = [await writer.commit() for writer in writers]
        assert asyncio.get_running_loop().time() - began < 1
        assert {blob.row.volume_id for blob in blobs} == {second}
        assert house.blobs.held == 0
        assert await house.state(FIRST) == "full"
        for blob in blobs:
            assert await house.read(blob) == b"a" * 70_000
        await house.watch.turn()
        assert await house.state(FIRST) == "full"
        files.full.add(str(house.directory / "b"))
        with pytest.raises(StorageFull):
            await house.keep(b"no room")
        files.full.clear()
        house.clock.ahead += MINUTE
        await house.watch.turn()
        assert [await house.state(one) for one in (FIRST, second)] == ["online", "online"]
        await filled(house, 2)


async def test_a_missing_volume_is_unavailable_and_the_others_go_on(house: VolumeHouse):
    second = await house.add("b")
    kept = await filled(house, 4)
    gone = next((blob, octets) for blob, octets in kept if blob.row.volume_id == second)
    os.rename(house.directory / "b", house.directory / "unplugged")
    house.book[second]._reader.close()  # as a disk that is gone: nothing is held open
    with pytest.raises(Unavailable) as caught:
        await house.read(gone[0])
    assert caught.value.code == "unavailable"
    for _ in range(2):
        await house.watch.turn()
    assert await house.state(second) == "failed"
    more = await filled(house, 4)
    assert {await house.place(blob) for blob, _ in more} == {FIRST}
    os.rename(house.directory / "unplugged", house.directory / "b")
    await house.watch.turn()
    assert await house.state(second) == "online"
    await all_read(house, kept + more)


async def test_a_drain_empties_a_volume_under_readers_and_writers(house: VolumeHouse):
    second = await house.add("b")
    kept = await filled(house, 60) + await filled(house, 2, 5 << 20)
    late = await house.blobs.create(house.organization_id)
    while late._place.volume_id != FIRST:
        late = await house.blobs.create(house.organization_id)
    await late.append(b"late")
    await house.admin.drain(ROOT, FIRST)
    assert await house.state(FIRST) == "draining"
    blob = await late.commit()
    assert blob.row.volume_id == second, "what was on its way in goes elsewhere"
    stop = asyncio.Event()

    async def readers() -> None:
        while not stop.is_set():
            await all_read(house, kept[:20])
            await asyncio.sleep(0)

    reading = [asyncio.create_task(readers()) for _ in range(3)]
    kept += await filled(house, 10)
    await house.emptied(FIRST)
    stop.set()
    await asyncio.gather(*reading)
    assert await house.state(FIRST) == "empty"
    assert {await house.place(blob) for blob, _ in kept} == {second}
    await all_read(house, kept)
    live = [found async for found in house.book[FIRST].scan() if found.state == "live"]
    assert live == [], "old octets are gone"
    with pytest.raises(StateMismatch):
        await house.admin.detach(ROOT, second)
    await house.admin.detach(ROOT, FIRST)
    assert FIRST not in house.book and await house.state(FIRST) == "removed"
    assert not (house.directory / "first" / "volume").exists()
    await all_read(house, kept)


async def test_the_last_volume_cannot_be_drained_nor_closed(house: VolumeHouse):
    with pytest.raises(Invalid):
        await house.admin.drain(ROOT, FIRST)
    with pytest.raises(Invalid):
        await house.admin.change(ROOT, FIRST, read_only=True)
    second = await house.add("b")
    await house.admin.change(ROOT, FIRST, read_only=True)
    assert {await house.place(blob) for blob, _ in await filled(house, 3)} == {second}
    with pytest.raises(Invalid):
        await house.admin.change(ROOT, second, weight=0)


async def test_a_volume_is_not_empty_before_the_grace_is_over(house: VolumeHouse):
    await house.add("b")
    await filled(house, 6)
    await house.admin.drain(ROOT, FIRST)
    while await house.store.volume_works(["running"]):
        await house.mover.turn()
    await house.watch.turn()
    assert await house.state(FIRST) == "draining"
    await house.grace()
    await house.watch.turn()
    assert await house.state(FIRST) == "empty"


async def test_a_drain_is_paused_capped_and_given_up(house: VolumeHouse):
    await house.add("b")
    kept = await filled(house, 40)
    work = await house.admin.drain(ROOT, FIRST, cap=10_000)
    with pytest.raises(AlreadyExists):
        await house.admin.scan(ROOT, FIRST)
    await house.admin.pause(ROOT, FIRST)
    assert await house.mover.turn() == 0
    await house.admin.resume(ROOT, FIRST)
    for _ in range(5):
        await house.mover.turn()
    assert sum(house.waits) == pytest.approx(work.total / 10_000, rel=0.2), "60,000 octets at 10,000 a second"
    await house.admin.keep(ROOT, FIRST)
    assert await house.state(FIRST) == "online"
    await all_read(house, kept)


async def test_what_cannot_be_read_is_noted_and_does_not_stop_the_rest(house: VolumeHouse):
    second = await house.add("b")
    kept = await filled(house, 10)
    mine = [blob for blob, _ in kept if blob.row.volume_id == FIRST]
    pack = next(iter((house.directory / "first" / "packs").glob("*.pack")))
    offset = int(mine[2].row.location.split("-")[1], 16)
    with pack.open("r+b") as file:
        file.seek(offset + 400)
        file.write(b"damage")
    await house.admin.scan(ROOT, FIRST)
    await house.mover.turn()
    (found,) = await house.admin.findings(ROOT, FIRST)
    assert (found.blob_id, found.what) == (mine[2].row.id, "damaged")
    view = next(one for one in await house.admin.views(ROOT) if one.row.id == FIRST)
    assert (view.findings, view.work.kind, view.work.failed, view.work.percent) == (1, "scan", 1, 100)
    await house.admin.drain(ROOT, FIRST)
    await house.emptied(FIRST)
    assert await house.state(FIRST) == "draining", "what was not moved keeps it from being empty"
    assert [await house.place(blob) for blob in mine].count(FIRST) == 1
    assert second in house.book


async def test_rebalancing_brings_volumes_to_their_weights(house: VolumeHouse):
    kept = await filled(house, 40)
    second = await house.add("b", weight=3)
    (work,) = await house.admin.rebalance(ROOT)
    assert work.volume_id == FIRST
    await house.mover.turn()
    places = [await house.place(blob) for blob, _ in kept]
    assert 28 <= places.count(second) <= 36
    await house.grace()
    await all_read(house, kept)
    assert await house.admin.rebalance(ROOT) == [] or len(await house.store.volume_works(["done"])) == 1


async def test_old_mail_moves_to_the_tier_by_itself_once_a_day(house: VolumeHouse):
    archive = await house.add("archive", weight=0)
    old = await filled(house, 5)
    small = await filled(house, 2, 200)
    house.clock.ahead += 10 * DAY
    new = await filled(house, 5)
    await house.admin.set_tier(ROOT, TierRule(archive, 7, 1000))
    await house.mover.turn()
    assert {await house.place(blob) for blob, _ in old} == {archive}
    assert {await house.place(blob) for blob, _ in small + new} == {FIRST}
    await house.grace()
    await all_read(house, old + new)
    house.clock.ahead += 10 * DAY
    await house.watch.turn()
    await house.mover.turn()
    assert {await house.place(blob) for blob, _ in new} == {archive}
    await house.admin.set_tier(ROOT, None)
    assert await house.admin.tier(ROOT) is None


async def test_compaction_beside_a_drain_loses_nothing(house: VolumeHouse):
    await house.add("b")
    kept = await filled(house, 60)
    await house.book[FIRST].close()
    house.book._open.pop(FIRST)
    await house.book.refresh()
    for blob, _ in kept[::3]:
        await house.book[blob.row.volume_id].delete(blob.row.location)
    left = [one for number, one in enumerate(kept) if number % 3]
    await house.admin.drain(ROOT, FIRST)
    house.clock.ahead += DAY
    await asyncio.gather(house.mover.turn(), house.services.upkeep.reclaim(), house.mover.turn())
    await all_read(house, left)


async def test_old_places_on_their_way_out_are_no_orphans(house: VolumeHouse):
    await house.add("b")
    kept = await filled(house, 20)
    await house.admin.drain(ROOT, FIRST)
    await house.mover.turn()
    house.clock.ahead += 2 * DAY
    assert await house.services.upkeep.collect_orphans() == 0
    findings = [one async for one in house.services.checks.run(lambda step: None) if one.trouble == "orphan"]
    assert findings == []
    await all_read(house, kept)


async def test_keys_of_a_bucket_lie_sealed(house: VolumeHouse):
    secrets = house.book.secrets
    row = (await house.store.volumes())[0]
    identity = json.loads(row.config)["identity"]
    from dataclasses import replace

    sealed = replace(row, sealed=secrets.seal(identity, '{"secret": "hidden"}'))
    assert b"hidden" not in sealed.sealed
    assert secrets.open(sealed) == '{"secret": "hidden"}'
    assert "hidden" not in repr(sealed)
