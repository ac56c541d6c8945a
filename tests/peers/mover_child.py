"""A process that moves blobs between two volumes and compacts both without end, to be killed: DIRECTORY, ms ahead."""

import asyncio
import sys

from tests.flows.house import LocalBus
from tests.flows.volume_house import MovedClock

from smartmail.adapters.sql import open_sqlite
from smartmail.adapters.volumes.host import PlaceHost
from smartmail.domain.audit import AuditRecord
from smartmail.domain.cluster import NodeRow
from smartmail.domain.ids import BlobId, VolumeId
from smartmail.domain.volumes import VolumeWork
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.volumes.book import VolumeBook
from smartmail.service.kernel.volumes.moving import VolumeMover
from smartmail.service.operations.upkeep import UpkeepService


async def main(directory: str, ahead: int) -> None:
    clock = MovedClock()
    clock.ahead = ahead
    store = await open_sqlite(f"{directory}/mail.db", now=clock.now)
    book = VolumeBook({}, store, LocalBus(), clock, PlaceHost())
    await book.refresh()
    mover = VolumeMover(store, book, clock)
    upkeep = UpkeepService(store, book, clock, NodeRow("node1", 0, 0, "", "local"))
    print("ready", flush=True)
    while True:
        if not await store.volume_works(["running"]):
            source = max(await store.volume_use(), key=lambda one: one.blobs).volume_id
            work = VolumeWork(
                0, VolumeId(source), "drain", "running", VolumeId(3 - source), 0, 0, 0, BlobId(b""), 0, 0, 0, 0, 1,
                clock.now(),
            )  # fmt: skip
            await store.begin_work(work, AuditRecord(clock.now(), "cli", "volume.drain", f"volume:{source}"))
        await asyncio.gather(mover.turn(), upkeep.reclaim())
        # Old places are due, packs are old enough to be compacted: all that can be under way is under way.
        clock.ahead += DAY // 8


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
