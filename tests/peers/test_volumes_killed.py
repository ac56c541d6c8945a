"""The mover and compaction are killed at random points: nothing is lost, nothing stays that nobody knows."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from tests.flows.volume_house import VolumeHouse, open_volume_house
from tests.strength import rounds

from smartmail.service.kernel.clock import DAY

KILLS = rounds(6, 20)
BLOBS = 240


def killed(directory: Path, ahead: int, after_s: float) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.peers.mover_child", str(directory), str(ahead)],
        stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert child.stdout.readline() == b"ready\n"
    time.sleep(after_s)
    assert child.poll() is None, "it works without end"
    child.kill()
    child.communicate()


async def filled(directory: Path) -> list:
    async with open_volume_house(directory) as house:
        await house.add("b")
        sizes = [random.choice((300, 4_000, 60_000, 300_000)) for _ in range(BLOBS)] + [3 << 20] * 2
        return [(await house.keep(octets), octets) for octets in (os.urandom(size) for size in sizes)]


async def all_there(house: VolumeHouse, kept: list) -> None:
    for blob, octets in kept:
        assert await house.read(blob) == octets


async def test_a_mover_killed_at_random_points_loses_and_leaves_nothing(tmp_path: Path):
    directory = tmp_path / "data"
    directory.mkdir()
    kept = await filled(directory)
    ahead, moved = DAY, set()
    # Where the machine does little in that time, it is given more, until blobs were moving.
    for number in range(5 * KILLS):
        if number >= KILLS and len(moved) > 1:
            break
        killed(directory, ahead, random.uniform(0.02, 0.6) * (1 + number // KILLS))
        ahead += 2 * DAY
        if number % 5 == 4:
            async with open_volume_house(directory) as house:
                await all_there(house, kept)
                moved.add(tuple([await house.place(blob) for blob, _ in kept]))
    assert len(moved) > 1, "blobs were moving"
    async with open_volume_house(directory) as house:
        house.clock.ahead = ahead
        await house.mover.drop_left()
        await house.services.upkeep.collect_orphans()
        await all_there(house, kept)
        known = {(row.volume_id, row.location) for row in [await house.store.blob(blob.row.id) for blob, _ in kept]}
        lying = {
            (volume_id, found.location)
            for volume_id, volume in house.book.items()
            async for found in volume.scan()
            if found.state != "dead" and found.state != "torn"
        }
        assert lying == known
