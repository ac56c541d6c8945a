"""Opening, trying and making volumes by the place that their rows name (ports.blobs.VolumeHost).

STRATEGIES  A place is tried with what a volume does: one long write and its sync, some small ones. The numbers are for an
            administrator who must know whether mail will wait for this disk.
LIMITS      64 MB are written to try a directory, 8 MB to try a bucket; both are removed.
SECURITY    Keys of buckets come opened and are kept by the client only.
"""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from smartmail.adapters.volumes.files import Files, PosixFiles, refused, write_all
from smartmail.adapters.volumes.layout import Layout
from smartmail.adapters.volumes.objects import ObjectVolume, S3Settings, connect
from smartmail.adapters.volumes.packs import PackVolume
from smartmail.domain.cluster import VolumeKind, VolumeRow
from smartmail.ports.blobs import OtherVolume, Probe, Volume, VolumeFailed, VolumeUnavailable

_MIB: Final = 1 << 20
_CHUNKS: Final = 64
_SMALL_WRITES: Final = 16
_OBJECT_OCTETS: Final = 8 * _MIB


class PlaceHost:
    """Directories and buckets. `on_failure` must end the process; `random` as of the volumes."""

    def __init__(
        self,
        on_failure: Callable[[VolumeFailed], None] | None = None,
        *,
        files: Files | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_failure = on_failure
        self._files = files or PosixFiles()
        self._now = now

    async def open(self, row: VolumeRow, secret: str) -> Volume:
        config = json.loads(row.config)
        identity = config["identity"]
        if row.kind == "local":
            return await asyncio.to_thread(self._packs, config["path"], identity)
        volume = _objects(config, secret)
        if await volume.known() != identity:
            raise OtherVolume(f"the volume {identity} is not in the bucket {config['bucket']}")
        return volume

    def _packs(self, path: str, identity: str = "") -> PackVolume:
        return PackVolume(path, files=self._files, on_failure=self._on_failure, identity=identity)

    async def probe(self, kind: VolumeKind, config: Mapping[str, str], secret: str) -> Probe:
        if kind == "local":
            return await asyncio.to_thread(self._probe_directory, config["path"])
        return await self._probe_bucket(_objects(config, secret))

    async def make(self, kind: VolumeKind, config: Mapping[str, str], secret: str) -> str:
        if kind == "s3":
            return await _objects(config, secret).identity()
        volume = await asyncio.to_thread(self._packs, config["path"])
        try:
            return await volume.identity()
        finally:
            await volume.close()

    async def release(self, row: VolumeRow, secret: str) -> None:
        config = json.loads(row.config)
        if row.kind == "s3":
            await _objects(config, secret).release()
            return
        try:
            await asyncio.to_thread(Layout(config["path"], self._files).release)
        except FileNotFoundError:
            return
        except OSError as error:
            raise refused(error) from error

    # --- trying ---

    def _probe_directory(self, path: str) -> Probe:
        if not os.path.isabs(path):
            raise VolumeUnavailable(f"{path} is no absolute path")
        if not os.path.isdir(os.path.dirname(path.rstrip("/")) or "/"):
            raise VolumeUnavailable(f"{os.path.dirname(path)} does not exist")
        try:
            self._files.make_directory(path)
            identity = Layout(path, self._files).known()
            if identity is None and self._files.list(path) not in ([], ["lost+found"]):
                raise VolumeUnavailable(f"{path} is not empty: a volume needs a directory of its own")
            octets_s, sync_ms = self._measure(path)
            total, free = self._files.space(path)
        except OSError as error:
            raise refused(error) from error
        return Probe(identity, total, free, octets_s, sync_ms)

    def _measure(self, path: str) -> tuple[int, float]:
        """Return octets per second and milliseconds of a small durable write. Raises OSError."""
        file = os.path.join(path, f"probe-{os.urandom(4).hex()}.new")
        descriptor = self._files.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        try:
            began, chunk, at = self._now(), os.urandom(_MIB), 0
            for _ in range(_CHUNKS):
                at = write_all(self._files, descriptor, [chunk], at)
            self._files.sync(descriptor)
            took = max(self._now() - began, 1e-6)
            syncs = []
            for _ in range(_SMALL_WRITES):
                began = self._now()
                at = write_all(self._files, descriptor, [chunk[:4096]], at)
                self._files.sync(descriptor)
                syncs.append((self._now() - began) * 1000)
            return int(_CHUNKS * _MIB / took), statistics.median(syncs)
        finally:
            self._files.close(descriptor)
            with suppress(OSError):
                self._files.unlink(file)

    async def _probe_bucket(self, volume: ObjectVolume) -> Probe:
        identity, key = await volume.known(), f"probe-{os.urandom(8).hex()}"
        began = self._now()
        await volume.put(key, os.urandom(_OBJECT_OCTETS))
        took = max(self._now() - began, 1e-6)
        await volume.remove(key)
        began = self._now()
        await volume.put(key, b"small")
        small = (self._now() - began) * 1000
        await volume.remove(key)
        return Probe(identity, None, None, int(_OBJECT_OCTETS / took), small)


def _objects(config: Mapping[str, str], secret: str) -> ObjectVolume:
    keys = json.loads(secret) if secret else {}
    settings = S3Settings(
        config.get("endpoint", ""), config["bucket"], config.get("region", "us-east-1"), keys.get("access", ""),
        keys.get("secret", ""), config.get("prefix", ""),
    )  # fmt: skip
    return ObjectVolume(connect(settings))
