"""How fast a volume is emptied, and what readers feel of it: python -m tests.bench.drain_speed [MESSAGES] [--cap MB/S].

A house with two volumes in one temporary directory; MESSAGES (default 6,000) of the sizes of office mail lie in the first.
A reader's time is from the look-up of the place to the opened octets. Reported: MB/s of sealed octets moved (copied, synced,
read back, swapped), p95 of reads before and during the drain. The disk is shared by both volumes here: two disks are faster.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from pathlib import Path

from tests.flows.volume_house import ROOT, VolumeHouse, open_volume_house

from smartmail.domain.ids import VolumeId
from smartmail.service.kernel.sealed_blobs import SealedBlob

SIZES = (4_000, 12_000, 30_000, 75_000, 200_000, 1_000_000)
WEIGHTS = (30, 30, 20, 12, 6, 2)
READERS = 4
READS_S = 50


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] * 1000 if len(times) > 1 else 0.0


async def reading(house: VolumeHouse, kept: list[SealedBlob], times: list[float], stop: asyncio.Event) -> None:
    """One reader: a message some ten times a second, at random."""
    chance = random.Random()
    while not stop.is_set():
        blob = chance.choice(kept)
        began = time.perf_counter()
        row = await house.store.blob(blob.row.id)
        await house.blobs.read(row, blob.organization_id, blob.data_key)
        times.append(time.perf_counter() - began)
        await asyncio.sleep(chance.uniform(0, 2 * READERS / READS_S))


async def measured(directory: Path, messages: int, cap: int) -> dict[str, object]:
    async with open_volume_house(directory) as house:
        chance = random.Random(1)
        sizes = chance.choices(SIZES, WEIGHTS, k=messages)
        kept: list[SealedBlob] = []
        for at in range(0, messages, 50):
            kept += await asyncio.gather(*(house.keep(os.urandom(size)) for size in sizes[at : at + 50]))
        await house.add("b")
        kept_octets = sum(sizes)
        stop, idle, busy = asyncio.Event(), [], []
        readers = [asyncio.create_task(reading(house, kept, idle, stop)) for _ in range(READERS)]
        await asyncio.sleep(10)
        stop.set()
        await asyncio.gather(*readers)
        seconds = await drained(house, kept, busy, cap)
        return {
            "messages": messages, "MB": round(kept_octets / 1e6), "seconds": round(seconds, 2),
            "MB/s": round(kept_octets / 1e6 / seconds, 1), "idle p95 ms": round(p95(idle), 2),
            "drain p95 ms": round(p95(busy), 2), "reads": len(busy), "load": os.getloadavg()[0],
        }  # fmt: skip


async def drained(house: VolumeHouse, kept: list[SealedBlob], busy: list[float], cap: int) -> float:
    """Drain in a process of its own, as the jobs role does, while readers read here; return its seconds."""
    await house.admin.drain(ROOT, VolumeId(1), cap)
    stop = asyncio.Event()
    readers = [asyncio.create_task(reading(house, kept, busy, stop)) for _ in range(READERS)]
    mover = await asyncio.create_subprocess_exec(
        os.sys.executable,
        "-m",
        "tests.bench.drain_speed",
        "--move",
        str(house.directory),
        stdout=asyncio.subprocess.PIPE,
    )
    seconds = float((await mover.communicate())[0])
    stop.set()
    await asyncio.gather(*readers)
    use = await house.store.volume_use()
    assert [one.volume_id for one in use] == [2], use
    return seconds


async def move(directory: Path) -> float:
    async with open_volume_house(directory) as house:
        mover = house.services.volumes.mover
        began = time.perf_counter()
        while await house.store.volume_works(["running"]):
            await mover.turn()
        return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("messages", type=int, nargs="?", default=6000)
    parser.add_argument("--cap", type=int, default=0, metavar="MB/S")
    parser.add_argument("--move", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.move:
        print(asyncio.run(move(options.move)))
        return
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place) / "data"
        directory.mkdir()
        print(json.dumps(asyncio.run(measured(directory, options.messages, options.cap << 20)), indent=1))


if __name__ == "__main__":
    main()
