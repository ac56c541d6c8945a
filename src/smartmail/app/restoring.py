"""A node made of a backup: everything back on an empty host, and the rehearsal of it in a sandbox.

The restore needs the place, the master key and an empty data directory (or database). What it has done of the blobs is
noted in a journal beside, so that one that was killed goes on; the database shows last, so that nobody starts half a node.
The rehearsal restores into a folder of its own, with SQLite and a local volume whatever the node uses, compares every
row with the manifest, opens a node there without listeners, relay and jobs, and reads every message.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from smartmail.adapters.clock import SystemClock
from smartmail.adapters.keys.master import MasterKeyError
from smartmail.adapters.keys.ring import KeyRing
from smartmail.adapters.sql import open_sqlite
from smartmail.adapters.sql.loading import PostgresLoader, SqliteLoader
from smartmail.adapters.volumes.objects import ObjectVolume, connect
from smartmail.adapters.volumes.packs import PackVolume
from smartmail.app.backing import s3_settings
from smartmail.app.master_keys import ring_of
from smartmail.app.node import open_node
from smartmail.app.settings import Backup, Database, Settings, Volume, secret
from smartmail.app.worker_context import CannotStartError
from smartmail.domain.backup import BackupFinding, Manifest
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import BlobId, VolumeId
from smartmail.ports.backup import BackupPlace
from smartmail.ports.blobs import Volume as VolumePort
from smartmail.service.backup.restoring import Restored, Target, restore_whole
from smartmail.service.backup.sealed_place import SealedPlace, open_place
from smartmail.service.backup.telling import Told, quiet
from smartmail.service.backup.verifying import compare
from smartmail.service.checking import Step

VOLUME = VolumeId(1)
JOURNAL = "restore.journal"


class FileJournal:
    """What a restore has done of one backup into one volume; another backup or volume begins anew."""

    def __init__(self, path: str, about: str) -> None:
        self._path = path
        self._about = about
        self._done: dict[str, dict[BlobId, str]] = {}
        self._read()

    def _read(self) -> None:
        try:
            with open(self._path, encoding="ascii") as file:
                lines = file.read().split("\n")[:-1]  # what has no end of line was cut
        except FileNotFoundError:
            lines = []
        if not lines or lines[0] != self._about:
            with open(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
                file.write(self._about + "\n")
            return
        for line in lines[1:]:
            pack, placed = json.loads(line)
            self._done[pack] = {BlobId(bytes.fromhex(blob_id)): location for blob_id, location in placed.items()}

    def done(self) -> Mapping[str, Mapping[BlobId, str]]:
        """Return pack → where its blobs lie."""
        return self._done

    async def note(self, pack: str, placed: Mapping[BlobId, str]) -> None:
        """Note a pack, durably."""
        await asyncio.to_thread(self._note, pack, placed)

    def _note(self, pack: str, placed: Mapping[BlobId, str]) -> None:
        line = json.dumps([pack, {blob_id.hex(): location for blob_id, location in placed.items()}])
        with open(self._path, "a", encoding="ascii") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())


async def restore_node(
    settings: Settings,
    place: BackupPlace,
    name: str,
    *,
    fence: bool = True,
    hold_queue: bool = True,
    told: Told = quiet,
) -> Restored:
    """Make the node of `settings` of a backup, the newest unless one is named.

    Raises CannotStartError (no master key), NotFound (no such backup), PlaceError, SealError, Unavailable, StorageFull.
    """
    keys = _keys(settings)
    sealed = await open_place(place, keys, SystemClock(), make=False)
    manifest = await _manifest(sealed, name)
    os.makedirs(settings.directory, mode=0o700, exist_ok=True)
    volume = _volume(settings)
    try:
        identity = await volume.identity()
        journal = FileJournal(os.path.join(settings.directory, JOURNAL), f"{manifest.name} {identity}")
        row = {
            "id": int(VOLUME), "kind": "s3" if settings.file.volume.s3 else "local", "state": "online", "weight": 1,
            "config": json.dumps({"identity": identity}),
        }  # fmt: skip
        target = Target(VOLUME, volume, row, _loader(settings))
        restored = await restore_whole(
            sealed, manifest, target, journal=journal, fence=fence, hold_queue=hold_queue, told=told,
            master=keys.identity,
        )  # fmt: skip
        os.unlink(os.path.join(settings.directory, JOURNAL))
        return restored
    finally:
        await volume.close()


def _keys(settings: Settings) -> KeyRing:
    try:
        return ring_of(settings)
    except FileNotFoundError:
        raise CannotStartError(
            f"There is no master key at {settings.key_file}. Put your copy there, or: ./smartmail key recover"
        ) from None
    except MasterKeyError as error:
        raise CannotStartError(str(error)) from error


async def _manifest(sealed: SealedPlace, name: str) -> Manifest:
    names = await sealed.manifest_names()
    if not names or (name and name not in names):
        raise NotFound(f"there is no finished backup{' ' + name if name else ''} in the place")
    return await sealed.manifest(name or names[-1])


def _volume(settings: Settings) -> VolumePort:
    s3 = settings.file.volume.s3
    return PackVolume(settings.volume_path) if s3 is None else ObjectVolume(connect(s3_settings(s3)))


def _loader(settings: Settings) -> SqliteLoader | PostgresLoader:
    if settings.uses_sqlite:
        return SqliteLoader(os.path.join(settings.directory, "smartmail.db"))
    return PostgresLoader(secret(settings.file.database.url))


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """How a rehearsal went."""

    restored: Restored
    findings: tuple[BackupFinding, ...]
    seconds: float

    @property
    def good(self) -> bool:
        """Say whether the backup can be relied on."""
        return not self.findings and not self.restored.lost

    def document(self) -> dict[str, Any]:
        """Return it as it is filed."""
        return {
            "good": self.good, "seconds": round(self.seconds, 1), **asdict(self.restored),
            "findings": [asdict(one) for one in self.findings],
        }  # fmt: skip


async def rehearse(
    settings: Settings, place: BackupPlace, folder: str, name: str = "", told: Told = quiet
) -> Rehearsed:
    """Restore into `folder`, which is empty, compare and read everything. Raises as restore_node does."""
    clock = SystemClock()
    begun = clock.now()
    sandbox = _sandbox(settings, folder)
    sealed = await open_place(place, _keys(settings), clock, make=False)
    manifest = await _manifest(sealed, name)
    restored = await restore_node(sandbox, place, manifest.name, fence=False, hold_queue=False, told=told)
    findings = [
        BackupFinding("missing", f"blob {one}", "the volume did not give it when the backup was taken")
        for one in manifest.missing
    ]
    store = await open_sqlite(os.path.join(folder, "smartmail.db"))
    try:
        async with store.snapshot() as snapshot:
            findings += [one async for one in compare(snapshot, manifest)]
    finally:
        await store.close()
    async with open_node(sandbox) as node:

        def step(at: Step) -> None:
            told(at.what, at.done, at.total or 0)

        async for one in node.services.checks.run(step, deep=True):
            findings.append(BackupFinding("unreadable", one.object, f"{one.trouble}: {one.meaning}"))
    return Rehearsed(restored, tuple(findings), (clock.now() - begun) / 1000)


def _sandbox(settings: Settings, folder: str) -> Settings:
    """Return settings of a node in a folder of its own that nobody reaches and that sends nothing."""
    replace = msgspec.structs.replace
    file = replace(settings.file, database=Database(), volume=Volume(), backup=Backup(), anchors="")
    return replace(settings, directory=folder, file=file, roles=(), demo=False, bench=False)
