"""The volumes that a node opens at its start: the one of its node file, and those that were added since.

FAILURE  A volume that is not there stops the start only when no other one could take mail: the others serve meanwhile.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import replace

from smartmail.adapters.sql import SqlStore
from smartmail.adapters.volumes.host import PlaceHost
from smartmail.app.settings import Settings, secret
from smartmail.app.worker_context import CannotStartError
from smartmail.base import log
from smartmail.domain.cluster import VolumeKind, VolumeRow
from smartmail.ports.blobs import OtherVolume, Probe, Volume, VolumeFailed, VolumeUnavailable
from smartmail.ports.clock import Clock
from smartmail.ports.keys import Keys
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.volumes.book import VolumeBook, VolumeSecrets

_OTHER = (
    "This node's volume is not the one that the database knows. Nodes that share a database share a volume: "
    "point [volume] at the same bucket, or put the volume's directory back."
)


class NodeHost:
    """A PlaceHost that knows where the volume of the node file lies (ports.blobs.VolumeHost)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._places = PlaceHost(_end_process)

    def own(self) -> tuple[VolumeKind, dict[str, str], str]:
        """Return kind, place and secret of the node file's volume."""
        s3 = self._settings.file.volume.s3
        if s3 is None:
            return "local", {"path": self._settings.volume_path}, ""
        place = {"bucket": s3.bucket, "endpoint": s3.endpoint, "region": s3.region, "prefix": s3.prefix}
        return "s3", place, json.dumps({"access": secret(s3.access_key), "secret": secret(s3.secret_key)})

    async def open(self, row: VolumeRow, secret: str) -> Volume:
        if has_place(row):
            return await self._places.open(row, secret)
        kind, place, own_secret = self.own()
        if kind != row.kind:
            raise OtherVolume(f"volume {row.id} is {row.kind}, and the node file names one that is {kind}")
        return await self._places.open(replace(row, config=json.dumps(json.loads(row.config) | place)), own_secret)

    async def probe(self, kind: VolumeKind, config: Mapping[str, str], secret: str) -> Probe:
        return await self._places.probe(kind, config, secret)

    async def make(self, kind: VolumeKind, config: Mapping[str, str], secret: str) -> str:
        return await self._places.make(kind, config, secret)

    async def release(self, row: VolumeRow, secret: str) -> None:
        await self._places.release(row, secret)


def has_place(row: VolumeRow) -> bool:
    """Say whether a row says itself where the volume lies: else it is the one of the node file."""
    config = json.loads(row.config)
    return "path" in config or "bucket" in config


async def open_volumes(settings: Settings, store: SqlStore, keys: Keys, clock: Clock) -> VolumeBook:
    """Open the node's volumes. Raises CannotStartError."""
    host = NodeHost(settings)
    rows = [row for row in await store.volumes() if row.state != "removed"]
    if not rows:
        await _first(store, host)
    book = VolumeBook({}, store, None, clock, host, VolumeSecrets(Keyring(keys, store, clock), clock))
    own = next((row for row in rows if not has_place(row)), None)
    await book.refresh()
    if own is not None and own.id not in book and len(rows) == 1:
        await _explain(host, own)
    if not len(book):
        raise CannotStartError("No volume can be opened. Plug one in, or check its path or bucket and its rights.")
    return book


async def _first(store: SqlStore, host: NodeHost) -> None:
    """Make the first volume of an installation."""
    kind, place, opened_by = host.own()
    try:
        identity = await host.make(kind, place, opened_by)
    except (VolumeUnavailable, OSError) as error:
        raise CannotStartError(f"The volume cannot be opened: {error}. Check path or bucket and its rights.") from error
    await store.add_volume(kind, json.dumps({"identity": identity}), 1)


async def _explain(host: NodeHost, row: VolumeRow) -> None:
    """Say why the only volume cannot be opened. Raises CannotStartError."""
    try:
        await (await host.open(row, "")).close()
    except OtherVolume as error:
        raise CannotStartError(f"{_OTHER} ({error})") from error
    except (VolumeUnavailable, OSError) as error:
        raise CannotStartError(f"The volume cannot be opened: {error}. Check path or bucket and its rights.") from error


def _end_process(error: VolumeFailed) -> None:
    """A failed sync leaves the disk unknown: end at once, the supervisor starts us anew (docs/adr)."""
    log.event("volume.failed", detail=str(error))
    os._exit(74)
