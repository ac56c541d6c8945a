"""Restoring everything: from a place and the master key to an empty host.

NAME        restoring
PURPOSE     Make a store and a volume that are what they were. Must not know which database it is, nor where files lie.
STRATEGIES  Blobs first, pack by pack, each sealed blob written as it is; then the rows, told where the blobs lie now; the
            database shows at the end. A journal notes each pack that is done, so that a restore that was killed goes on.
            Keys come from the newest key file of the place, whatever the age of the snapshot: what was shredded since
            has no key there and stays shredded.
LIMITS      A pack in memory, and some 150 octets for each blob.
FAILURE     SealError, PlaceError: the backup is damaged or of another key; nothing is shown. Blobs that the backup does
            not have are counted, and their messages come back without a body rather than not at all.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from smartmail.domain.backup import ELSEWHERE, KEY_COLUMNS, LEFT_OUT, Manifest, PackedBlob, TableHead
from smartmail.domain.ids import BlobId, VolumeId
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.backup import ObjectMissing
from smartmail.ports.blobs import Blobs, Location
from smartmail.ports.keys import KeyIdentity
from smartmail.ports.store_backup import SnapshotLoader
from smartmail.service.operations.backup import wire
from smartmail.service.operations.backup.sealed_place import SealedPlace
from smartmail.service.operations.backup.telling import Told, quiet

WRITERS: Final = 64
"""Blobs written at once: they share one sync."""

Locations = dict[BlobId, Location]


class Journal(Protocol):
    """What a restore has done, for when it is killed."""

    def done(self) -> Mapping[str, Mapping[BlobId, Location]]:
        """Return pack → where its blobs lie."""
        ...

    async def note(self, pack: str, placed: Mapping[BlobId, Location]) -> None:
        """Note a pack, durably."""
        ...

    async def end(self, restored: "Restored") -> None:
        """Note, durably, how it ends: the database shows next."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """Where everything goes: the volume with its number, what its row says, and the database."""

    volume_id: VolumeId
    volume: Blobs
    volume_row: Mapping[str, Any]
    loader: SnapshotLoader


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: counts only. `lost`: blobs that the backup does not have; `keyless`: owners without a key."""

    snapshot: str
    accounts: int
    messages: int
    blobs: int
    octets: int
    lost: int
    keyless: int


async def restore_whole(
    place: SealedPlace,
    manifest: Manifest,
    target: Target,
    *,
    journal: Journal,
    fence: bool = True,
    hold_queue: bool = True,
    told: Told = quiet,
    master: KeyIdentity | None = None,
) -> Restored:
    """Make store and volume of a backup, under `master` where it is not that of the backup. Raises PlaceError, SealError, Unavailable, StorageFull."""
    keys = await newest_keys(place)
    wanted = await _wanted(place, manifest)
    placed, octets = await _blobs(place, manifest, target.volume, wanted, journal, told)
    rows = _Rows(target, placed, keys, master)
    try:
        await target.loader.begin(manifest.schema)
        for number, part in enumerate(manifest.parts):
            told("rows", number, len(manifest.parts))
            head = manifest.head(part.table)
            if head is None or part.table in LEFT_OUT:
                continue
            await target.loader.add(head, rows.ready(head, await place.rows(part.id)))
        volume = manifest.head("volume")
        if volume is not None:
            await target.loader.add(volume, rows.volume(volume))
        heads = [one.head for one in manifest.tables]
        restored = Restored(
            manifest.name, manifest.rows("account"), manifest.rows("message"), len(placed), octets,
            len(wanted) - len(placed), rows.keyless,
        )  # fmt: skip
        await journal.end(restored)
        await target.loader.finish(heads, fence=fence, hold_queue=hold_queue)
    except BaseException:
        await target.loader.abort()
        raise
    return restored


async def newest_keys(place: SealedPlace) -> dict[tuple[str, str, int], bytes]:
    """Return (table, column, id) → wrapped key, of the newest key file. Raises SealError, ObjectMissing."""
    names = await place.names(Kind.BACKUP_KEYS)
    if not names:
        raise ObjectMissing("the place holds no keys")
    stamp, _, identifier = names[-1].rpartition("-")
    rows = wire.rows_of(await place.get(Kind.BACKUP_KEYS, identifier, stamp=f"{stamp}-"))
    return {(table, column, number): wrapped for table, column, number, wrapped in rows}


class _Rows:
    """Rows of a snapshot, told where blobs and keys are now."""

    def __init__(
        self, target: Target, placed: Locations, keys: Mapping[tuple[str, str, int], bytes], master: KeyIdentity | None
    ) -> None:
        self._target = target
        self._master = master
        self._placed = placed
        self._keys = keys
        self._volume: dict[str, Any] = {}
        self.keyless = 0

    def volume(self, head: TableHead) -> list[list[Any]]:
        """Return the one row of the volume that there is now."""
        row = {**self._volume, **self._target.volume_row}
        return [[row[column.name] for column in head.columns]]

    def ready(self, head: TableHead, rows: list[list[Any]]) -> list[list[Any]]:
        """Return rows as they go into the store."""
        if head.name in ELSEWHERE:
            self._volume = self._volume or dict(zip((one.name for one in head.columns), rows[0], strict=True))
            return []
        if head.name == "blob":
            volume, location = head.place("volume_id"), head.place("location")
            for row in rows:
                row[volume], row[location] = int(self._target.volume_id), self._placed.get(BlobId(row[0]), "")
            refs = head.place("refs")
            # What nobody refers to was not copied: it has gone. What is lost keeps its row, so that a check names it.
            return [row for row in rows if row[refs] > 0]
        if head.name == "setting" and self._master is not None:
            return self._settings(self._master, rows)
        for column in KEY_COLUMNS.get(head.name, ()):
            at = head.place(column)
            for row in rows:
                row[at] = self._keys.get((head.name, column, row[0]), b"")
                self.keyless += not row[at]
        return rows

    def _settings(self, master: KeyIdentity, rows: list[list[Any]]) -> list[list[Any]]:
        """Return settings that name the master key of today. (Scope, name, value; in the part that has the old ones.)"""
        if all(tuple(row[:2]) not in wire.MASTER_ROWS for row in rows):
            return rows
        kept = [row for row in rows if tuple(row[:2]) not in wire.MASTER_ROWS]
        kept.append(["system", "master-key", json.dumps(list(master))])
        found = {name: self._keys.get(("setting", name, 0)) for name in wire.INSTALLATION_KEYS}
        return kept + [["system", name, wrapped.hex()] for name, wrapped in found.items() if wrapped is not None]


async def _wanted(place: SealedPlace, manifest: Manifest) -> set[BlobId]:
    """Return the blobs that a snapshot refers to."""
    head = manifest.head("blob")
    if head is None:
        raise SealError("the backup has no table of blobs")
    refs = head.place("refs")
    found: set[BlobId] = set()
    for part in manifest.parts:
        if part.table == "blob":
            found.update(BlobId(row[0]) for row in await place.rows(part.id) if row[refs] > 0)  # type: ignore[arg-type,operator]
    return found


async def _blobs(
    place: SealedPlace, manifest: Manifest, volume: Blobs, wanted: set[BlobId], journal: Journal, told: Told
) -> tuple[Locations, int]:
    placed: Locations = {}
    octets = 0
    done = journal.done()
    for number, pack in enumerate(manifest.packs):
        told("packs", number, len(manifest.packs))
        if pack in done:
            placed.update(done[pack])
            continue
        index = [one for one in await place.index(pack) if one.blob_id in wanted and one.blob_id not in placed]
        sealed = await place.get(Kind.BACKUP_PACK, pack)
        octets += sum(one.size for one in index)
        new = await write_blobs(volume, index, sealed)
        await journal.note(pack, new)
        placed.update(new)
    told("packs", len(manifest.packs), len(manifest.packs))
    return placed, octets


async def write_blobs(volume: Blobs, index: Sequence[PackedBlob], pack: bytes) -> Locations:
    """Write blobs of an opened pack into a volume; return where they lie, durably."""

    async def one(blob: PackedBlob) -> tuple[BlobId, Location]:
        writer = await volume.create(blob.blob_id, blob.size)
        await writer.append(pack[blob.offset : blob.offset + blob.size])
        return blob.blob_id, await writer.commit()

    placed: Locations = {}
    for start in range(0, len(index), WRITERS):
        placed.update(await asyncio.gather(*(one(blob) for blob in index[start : start + WRITERS])))
    return placed
