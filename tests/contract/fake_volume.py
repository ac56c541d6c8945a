"""A volume in memory, under the same contract suite as the real ones. `full` and `down` are switches for tests."""

from collections.abc import AsyncIterator

from smartmail.domain.ids import BlobId
from smartmail.ports.blobs import (
    BlobMissing,
    BlobStat,
    CompactResult,
    Location,
    Relocate,
    Room,
    Scanned,
    VolumeFailed,
    VolumeFull,
    VolumeSpace,
    VolumeUnavailable,
)


class FakeVolume:
    shared = True

    def __init__(self, identity: str = "00" * 16) -> None:
        self._identity = identity
        self.kept: dict[Location, tuple[BlobId, bytes]] = {}
        self.full = False
        self.down = False
        self.failed = False

    async def identity(self) -> str:
        return self._identity

    def check(self) -> None:
        if self.failed:
            raise VolumeFailed("a sync failed")
        if self.down:
            raise VolumeUnavailable("down")

    async def create(self, blob_id: BlobId, size_hint: int = 0) -> "FakeWriter":
        self.check()
        if self.full:
            raise VolumeFull("full")
        return FakeWriter(self, blob_id)

    def _find(self, location: Location) -> tuple[BlobId, bytes]:
        self.check()
        if location not in self.kept:
            raise BlobMissing(location)
        return self.kept[location]

    async def read(self, location: Location, start: int = 0, length: int | None = None) -> bytes:
        octets = self._find(location)[1]
        return octets[start:] if length is None else octets[start : start + length]

    async def stat(self, location: Location) -> BlobStat:
        blob_id, octets = self._find(location)
        return BlobStat(blob_id, len(octets))

    async def delete(self, location: Location) -> None:
        self.check()
        self.kept.pop(location, None)

    async def close(self) -> None:
        return

    async def room(self) -> Room:
        self.check()
        return Room(1 << 30, 0 if self.full else 1 << 29)

    async def space(self) -> VolumeSpace:
        return VolumeSpace(None, None, sum(len(octets) for _, octets in self.kept.values()), 0)

    async def scan(self, *, verify: bool = True) -> AsyncIterator[Scanned]:
        for location, (blob_id, octets) in list(self.kept.items()):
            yield Scanned("live", location, blob_id, len(octets), 0)

    async def compact(self, relocate: Relocate, *, now: float, grace_s: float) -> CompactResult:
        return CompactResult(0, 0, 0)

    async def sweep(self, *, now: float, grace_s: float) -> int:
        return 0


class FakeWriter:
    def __init__(self, volume: FakeVolume, blob_id: BlobId) -> None:
        self._volume = volume
        self._blob_id = blob_id
        self._octets = bytearray()
        self._open = True

    async def append(self, sealed: bytes) -> None:
        if not self._open:
            raise ValueError("ended")
        self._octets += sealed

    async def commit(self) -> Location:
        if not self._open:
            raise ValueError("ended")
        self._open = False
        self._volume.check()
        if self._volume.full:
            raise VolumeFull("full")
        location = f"fake-{len(self._volume.kept)}-{self._blob_id.hex()}"
        self._volume.kept[location] = (self._blob_id, bytes(self._octets))
        return location

    async def abort(self) -> None:
        self._open = False
