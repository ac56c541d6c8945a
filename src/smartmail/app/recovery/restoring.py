"""A node made of a backup: everything back on an empty host, and the rehearsal of it in a sandbox.

The restore needs the place, the master key and an empty data directory (or database). What it has done of the blobs is
noted in a journal beside, so that one that was killed goes on; the database shows last, so that nobody starts half a node.
The rehearsal restores into a folder of its own, with SQLite and a local volume whatever the node uses, compares every
row with the manifest, opens a node there without listeners, relay and jobs, and reads every message.
"""

import json
import os
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from smartmail.adapters.backup import DirectoryNodeFiles
from smartmail.adapters.clock import SystemClock
from smartmail.adapters.keys.master import MasterKeyError
from smartmail.adapters.keys.ring import KeyRing
from smartmail.adapters.sql import open_sqlite
from smartmail.adapters.sql.loading import PostgresLoader, SqliteLoader
from smartmail.adapters.volumes.objects import ObjectVolume, connect
from smartmail.adapters.volumes.packs import PackVolume
from smartmail.app.cluster.node_lock import RESTORE, NodeLock
from smartmail.app.node import open_node
from smartmail.app.opening.backing import s3_settings
from smartmail.app.opening.master_keys import ring_of
from smartmail.app.opening.restore_journal import FileJournal
from smartmail.app.settings import Backup, Database, Settings, Volume, load, secret
from smartmail.app.worker_context import CannotStartError
from smartmail.domain.backup import BackupFinding, Manifest
from smartmail.domain.errors import NotFound, Unavailable
from smartmail.domain.ids import VolumeId
from smartmail.formats.seal import SealError
from smartmail.ports.backup import NODE_FILE, TLS_FOLDER, BackupPlace, ObjectMissing
from smartmail.ports.blobs import Volume as VolumePort
from smartmail.service.operations.backup.restoring import Restored, Target, restore_whole
from smartmail.service.operations.backup.sealed_place import SealedPlace, open_place
from smartmail.service.operations.backup.telling import Told, quiet
from smartmail.service.operations.backup.verifying import compare
from smartmail.service.operations.checking import Step

VOLUME = VolumeId(1)
Loader = SqliteLoader | PostgresLoader


@dataclass(frozen=True, slots=True)
class RestoredNode:
    """A node made of a backup: the counts, the settings that it is to be served with, which of its files came back."""

    counts: Restored
    settings: Settings
    files: tuple[str, ...] = ()


async def restore_node(
    settings: Settings,
    place: BackupPlace,
    name: str = "",
    *,
    fence: bool = True,
    hold_queue: bool = True,
    files: bool = True,
    told: Told = quiet,
) -> RestoredNode:
    """Make the node of `settings` of a backup, the newest unless one is named, with its node file and certificates where
    there are none and `files` says so. Nobody serves on the directory meanwhile, nor after an end that came too early.

    Raises CannotStartError (no master key; somebody works on the directory), NotFound (no such backup), SettingsError (of the
    node file that came back), PlaceError, SealError, Unavailable, StorageFull.
    """
    keys = _keys(settings)
    sealed = await open_place(place, keys, SystemClock(), make=False)
    manifest = await _manifest(sealed, name)
    lock = NodeLock(settings.directory, holder=RESTORE)
    try:
        work = _Work(sealed, manifest, keys, FileJournal(settings.directory), told)
        return await work.run(settings, fence=fence, hold_queue=hold_queue, files=files)
    finally:
        lock.release()


@dataclass(frozen=True, slots=True)
class _Work:
    """One restore, under the lock of the node."""

    sealed: SealedPlace
    manifest: Manifest
    keys: KeyRing
    journal: FileJournal
    told: Told

    async def run(self, settings: Settings, *, fence: bool, hold_queue: bool, files: bool) -> RestoredNode:
        if self.journal.is_new and settings.uses_sqlite:
            await _require_empty(_loader(settings))
        self.journal.mark()  # before anything is written that a server would take for a node
        back: list[str] = []
        if files:
            settings, back = await self._files(settings)
        loader = _loader(settings)
        counts = await self._ended(loader)
        if counts is None:
            counts = await self._contents(settings, loader, fence=fence, hold_queue=hold_queue)
        return RestoredNode(counts, settings, tuple(back))

    async def _ended(self, loader: Loader) -> Restored | None:
        """Return how a restore ended that was killed right after, None where there is no database. Raises Unavailable."""
        if not await loader.is_there():
            return None
        ended = self.journal.result()
        if ended is not None or self.journal.is_new:
            self.journal.remove()
        if ended is None:
            await _require_empty(loader)
        return ended

    async def _files(self, settings: Settings) -> tuple[Settings, list[str]]:
        """Bring the node's files back; return the settings that hold by then."""
        found = await self.sealed.files(self.manifest)
        here = DirectoryNodeFiles(settings.directory, settings.config_file)
        back = []
        if here.restore_node_file(found):
            back.append(NODE_FILE)
            settings = load(settings.directory, key_file=settings.key_file)
        if here.restore_certificates(found):
            back.append(TLS_FOLDER)
        return settings, back

    async def _contents(self, settings: Settings, loader: Loader, *, fence: bool, hold_queue: bool) -> Restored:
        volume = _volume(settings)
        try:
            identity = await volume.identity()
            self.journal.begin(f"{self.manifest.name} {identity}")
            row = {
                "id": int(VOLUME), "kind": "s3" if settings.file.volume.s3 else "local", "state": "online", "weight": 1,
                "config": json.dumps({"identity": identity}),
            }  # fmt: skip
            restored = await restore_whole(
                self.sealed, self.manifest, Target(VOLUME, volume, row, loader), journal=self.journal, fence=fence,
                hold_queue=hold_queue, told=self.told, master=self.keys.identity,
            )  # fmt: skip
            self.journal.remove()
            return restored
        finally:
            await volume.close()


async def _require_empty(loader: Loader) -> None:
    if await loader.is_there():
        raise Unavailable(detail="a database is there: a restore needs an empty data directory or database")


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


def _loader(settings: Settings) -> Loader:
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
    node = await restore_node(sandbox, place, manifest.name, fence=False, hold_queue=False, files=False, told=told)
    restored = node.counts

    findings = [
        BackupFinding("missing", f"blob {one}", "the volume did not give it when the backup was taken")
        for one in manifest.missing
    ]
    try:
        await sealed.files(manifest)
    except (SealError, ObjectMissing) as error:
        findings.append(BackupFinding("unreadable", f"files/{manifest.files}", str(error)))
    store = await open_sqlite(os.path.join(folder, "smartmail.db"))
    try:
        async with store.snapshot() as snapshot:
            findings += [one async for one in compare(snapshot, manifest)]
    finally:
        await store.close()
    async with open_node(sandbox) as opened:

        def step(at: Step) -> None:
            told(at.what, at.done, at.total or 0)

        async for one in opened.services.checks.run(step, deep=True):
            findings.append(BackupFinding("unreadable", one.object, f"{one.trouble}: {one.meaning}"))
    return Rehearsed(restored, tuple(findings), (clock.now() - begun) / 1000)


def _sandbox(settings: Settings, folder: str) -> Settings:
    """Return settings of a node in a folder of its own that nobody reaches and that sends nothing."""
    replace = msgspec.structs.replace
    file = replace(settings.file, database=Database(), volume=Volume(), backup=Backup(), anchors="")
    return replace(settings, directory=folder, file=file, roles=(), demo=False, bench=False)
