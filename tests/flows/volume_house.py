"""A house with several volumes in directories, a clock that is set, and a mover that never waits."""

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.house.bus import LocalBus
from tests.house.clock import MovedClock
from tests.house.opening import master_keys, settle

from smartmail.adapters.sql import SqlStore, open_sqlite
from smartmail.adapters.volumes.host import PlaceHost
from smartmail.app.wiring.ports import Ports
from smartmail.app.wiring.services import compose_services
from smartmail.domain.ids import AccountId, OrganizationId, VolumeId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.catalogue import Services
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.sealed_blobs import SealedBlob, SealedBlobs
from smartmail.service.kernel.volumes.administering import NewVolume
from smartmail.service.kernel.volumes.book import VolumeBook, VolumeSecrets
from smartmail.service.kernel.volumes.moving import GRACE_MS, VolumeMover
from smartmail.service.kernel.volumes.watching import VolumeWatch

ROOT = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


@dataclass
class VolumeHouse:
    store: SqlStore
    clock: MovedClock
    book: VolumeBook
    services: Services
    directory: Path
    waits: list[float]
    organization_id: OrganizationId = OrganizationId(0)

    @property
    def blobs(self) -> SealedBlobs:
        return self._blobs

    def __post_init__(self) -> None:
        self._blobs = SealedBlobs(self.book, self.clock, self.store)
        self.mover = VolumeMover(self.store, self.book, self.clock, self._wait)
        self.watch = VolumeWatch(self.store, self.book, self.clock)
        self.admin = self.services.volumes.admin

    async def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.ahead += int(seconds * 1000)

    async def add(self, name: str, weight: int = 1) -> VolumeId:
        row, _probe = await self.admin.add(
            ROOT, NewVolume("local", {"path": str(self.directory / name)}, weight=weight)
        )
        return row.id

    async def keep(self, octets: bytes) -> SealedBlob:
        """Store a blob and let an upload refer to it, so that the store knows it."""
        blob = await self.blobs.store(self.organization_id, octets)
        await self.know(blob)
        return blob

    async def know(self, blob: SealedBlob) -> None:
        async def body(tx) -> None:
            await tx.put_upload(blob.row, b"", "text/plain", self.clock.now() + 10**12)

        await self.store.write(self.account_id, body)

    async def read(self, blob: SealedBlob) -> bytes:
        """Read with the place that the blob had when it was stored."""
        return await self.blobs.read(blob.row, blob.organization_id, blob.data_key)

    async def place(self, blob: SealedBlob) -> VolumeId:
        return (await self.store.blob(blob.row.id)).volume_id

    async def grace(self) -> None:
        self.clock.ahead += GRACE_MS + 1000
        await self.mover.turn()

    async def emptied(self, volume_id: VolumeId) -> None:
        """Turn until a drain is done and its grace is over."""
        for _ in range(20):
            await self.mover.turn()
            if not await self.store.volume_works(["running"]):
                break
        await self.grace()
        await self.watch.turn()

    async def state(self, volume_id: VolumeId) -> str:
        return next(row.state for row in await self.store.volumes() if row.id == volume_id)


@contextlib.asynccontextmanager
async def open_volume_house(directory: Path, host: PlaceHost | None = None) -> AsyncIterator[VolumeHouse]:
    """Open a house whose first volume is `first`."""
    clock = MovedClock()
    store = await open_sqlite(str(directory / "mail.db"), now=clock.now)
    keys = master_keys(directory)
    host = host or PlaceHost()
    if not await store.volumes():
        path = {"path": str(directory / "first")}
        identity = await host.make("local", path, "")
        await store.add_volume("local", json.dumps({"identity": identity, **path}), 1)
    bus = LocalBus()
    book = VolumeBook({}, store, bus, clock, host, VolumeSecrets(Keyring(keys, store, clock), clock))
    await book.refresh()
    services = compose_services(
        Ports(store=store, keys=keys, volumes=book, bus=bus, clock=clock, host="mx.test", resolver=None)
    )
    house = VolumeHouse(store, clock, book, services, directory, [])
    try:
        house.organization_id = await services.provisioning.organization("test")
        if await store.domain("a.example") is None:
            from smartmail.service.flow.directory import NewPerson

            await services.directory.add_domain("a.example", house.organization_id)
            await services.provisioning.person(NewPerson("kim@a.example", "kim"), "correct horse")
        house.account_id = (await store.accounts())[0].id
        yield house
        await settle(services)
    finally:
        await book.close()
        await store.close()
