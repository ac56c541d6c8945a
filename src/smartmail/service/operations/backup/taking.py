"""Taking a backup while mail flows: blobs first, then the rows of one moment, then the blobs that came in between.

NAME        taking
PURPOSE     Write everything that a restore needs into a sealed place. Must not know where the place is, nor when it is time.
STRATEGIES  Incremental: a blob that a pack of the place holds already is not copied again; rows are written whole each
            time (docs/adr/0040). Sealed blobs are copied as they are, in packs of `PACK` octets, never opened. The manifest
            goes last: what has none is no backup, and the next run finds the packs of one that was killed.
LIMITS      `PACK` octets and one blob are held in memory, and some 150 octets for each blob of the place. `pace` bounds
            octets a second. A blob dies only an hour after its last reference (service.operations.upkeep): the blobs of a snapshot are
            copied right after it, so none is missing unless the volume has lost it.
FAILURE     PlaceError, Unavailable: nothing changed for older backups. A blob that its volume does not give is named in the
            manifest, and the backup is not a good one.
SECURITY    Wrapped keys whose destruction shreds do not go into snapshots: they lie apart and live a week, so that what is
            shredded cannot be brought back from an old backup.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from smartmail.domain.backup import (
    ELSEWHERE,
    KEY_COLUMNS,
    MOVED,
    Manifest,
    PackedBlob,
    Part,
    TableFacts,
    TableHead,
)
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import BlobId, VolumeId
from smartmail.domain.message import BlobRow
from smartmail.formats.seal import ID_OCTETS, Kind, SealError
from smartmail.ports.backup import NodeFiles, ObjectMissing
from smartmail.ports.blobs import BlobDamaged, BlobMissing, Blobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_backup import BackupStore, Snapshot
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.service.operations.backup import wire
from smartmail.service.operations.backup.sealed_place import SealedPlace
from smartmail.service.operations.backup.telling import Told, quiet


class _Store(BackupStore, BlobRowStore, Protocol): ...


PACK: Final = 16 << 20
PART_ROWS: Final = 5_000
PART_OCTETS: Final = 4 << 20
BLOCK: Final = 500
PAGE: Final = 512
READERS: Final = 8
"""Blobs read at once."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a run did: the manifest, blobs and octets that were new in the place."""

    manifest: Manifest
    new_blobs: int
    new_octets: int


class Pace:
    """Bounds octets a second; 0 does not."""

    def __init__(self, octets_per_s: int, wait: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._rate = octets_per_s
        self._wait = wait

    async def spent(self, octets: int) -> None:
        """Wait as long as these may take."""
        if self._rate:
            await self._wait(octets / self._rate)


class Taking:
    """One run."""

    def __init__(
        self, store: _Store, volumes: Mapping[VolumeId, Blobs], place: SealedPlace, clock: Clock, pace: Pace,
        told: Told = quiet, files: NodeFiles | None = None,
    ) -> None:  # fmt: skip
        self._store = store
        self._volumes = volumes
        self._place = place
        self._clock = clock
        self._pace = pace
        self._told = told
        self._files = files
        self._held: dict[BlobId, str] = {}
        self._missing: set[BlobId] = set()
        self._pack: list[tuple[BlobId, bytes]] = []
        self._packed = 0
        self._new_blobs = 0
        self._new_octets = 0

    async def run(self) -> Taken:
        """Take a backup. Raises PlaceError, Unavailable."""
        self._held = await held_blobs(self._place)
        await self._copy_known()
        await self._flush()
        made_at = self._clock.now()
        wanted: set[BlobId] = set()
        async with self._store.snapshot() as snapshot:
            tables: list[TableFacts] = []
            parts: list[Part] = []
            keys: list[list[Any]] = []
            for number, table in enumerate(snapshot.tables):
                self._told("rows", number, len(snapshot.tables))
                facts, found = await self._table(snapshot, table, wanted, keys)
                tables.append(facts)
                parts += found
        await self._copy([blob_id for blob_id in wanted if blob_id not in self._held])
        await self._flush()
        await self._place.put(Kind.BACKUP_KEYS, wire.rows_to_octets(keys), stamp=f"{made_at:014d}-")
        manifest = Manifest(
            f"{made_at:014d}", made_at, self._place.master, snapshot.schema, tuple(tables), tuple(parts),
            tuple(sorted({self._held[blob_id] for blob_id in wanted if blob_id in self._held})),
            tuple(sorted(blob_id.hex() for blob_id in wanted if blob_id not in self._held)),
            await self._node_files(),
        )  # fmt: skip
        await self._place.put_manifest(manifest)
        return Taken(manifest, self._new_blobs, self._new_octets)

    async def _node_files(self) -> str:
        """Keep the files of the node that takes the backup; return the id of the object, "" without any."""
        files = {} if self._files is None else await self._files.read()
        return (await self._place.put(Kind.BACKUP_FILES, wire.files_to_octets(files))).id if files else ""

    # --- rows ---

    async def _table(
        self, snapshot: Snapshot, table: TableHead, wanted: set[BlobId], keys: list[list[Any]]
    ) -> tuple[TableFacts, list[Part]]:
        digest, parts = wire.Digest(), []
        async for rows in _parts(snapshot, table):
            shown = self._without_keys(table, rows, keys)
            if table.name == "blob":
                refs = table.place("refs")
                wanted.update(BlobId(row[0]) for row in shown if row[refs] > 0)
            octets = await asyncio.to_thread(_packed, table, shown, digest)
            written = await self._place.put(Kind.BACKUP_PART, octets)
            parts.append(Part(written.id, table.name, len(shown), written.size, written.sha256, *_bounds(table, shown)))
            await self._pace.spent(written.size)
        return TableFacts(table, digest.rows, digest.hex), parts

    @staticmethod
    def _without_keys(table: TableHead, rows: Sequence[Sequence[Any]], keys: list[list[Any]]) -> list[list[Any]]:
        """Return rows with keys that shred left blank; put those into `keys`."""
        shown = [list(row) for row in rows]
        for column in KEY_COLUMNS.get(table.name, ()):
            at = table.place(column)
            for row in shown:
                if row[at]:
                    keys.append([table.name, column, row[0], row[at]])
                row[at] = b""
        if table.name == "setting":
            named = [row for row in shown if row[0] == "system" and row[1] in wire.INSTALLATION_KEYS]
            keys += [["setting", row[1], 0, bytes.fromhex(row[2])] for row in named]
        return shown

    # --- blobs ---

    async def _copy_known(self) -> None:
        """Copy all blobs of now that the place does not hold: nearly all, before the snapshot is taken."""
        after = BlobId(b"")
        done = 0
        while rows := await self._store.blob_rows(after, PAGE):
            after = rows[-1][0].id
            done += len(rows)
            self._told("blobs", done, 0)
            await self._copy_rows([row for row, refs in rows if refs > 0 and row.id not in self._held])

    async def _copy(self, blob_ids: Sequence[BlobId]) -> None:
        for start in range(0, len(blob_ids), PAGE):
            await self._copy_rows(await self._store.blobs(blob_ids[start : start + PAGE]))

    async def _copy_rows(self, rows: Sequence[BlobRow]) -> None:
        for start in range(0, len(rows), READERS):
            some = rows[start : start + READERS]
            for row, sealed in zip(some, await asyncio.gather(*(self._read(row) for row in some)), strict=True):
                if sealed is None:
                    self._missing.add(row.id)
                else:
                    await self._add(row.id, sealed)

    async def _read(self, row: BlobRow) -> bytes | None:
        """Return a blob's sealed octets, wherever it lies by now; None when it is lost or has gone."""
        for _attempt in range(3):
            volume = self._volumes.get(row.volume_id)
            if volume is None:
                return None
            try:
                return await volume.read(row.location)
            except BlobDamaged:
                return None
            except BlobMissing:
                try:
                    row = await self._store.blob(row.id)
                except NotFound:
                    return None
        return None

    async def _add(self, blob_id: BlobId, sealed: bytes) -> None:
        if self._pack and self._packed + len(sealed) > PACK:
            await self._flush()
        self._pack.append((blob_id, sealed))
        self._packed += len(sealed)

    async def _flush(self) -> None:
        """Keep the pack that waits, then its index: a pack without one is nothing yet."""
        if not self._pack:
            return
        octets = b"".join(sealed for _, sealed in self._pack)
        name = self._clock.random(ID_OCTETS).hex()
        await self._place.put(Kind.BACKUP_PACK, octets, identifier=name)
        index, at = [], 0
        for blob_id, sealed in self._pack:
            index.append(PackedBlob(blob_id, name, at, len(sealed)))
            at += len(sealed)
        await self._place.put(Kind.BACKUP_INDEX, wire.index_to_octets(index), identifier=name)
        self._held.update((blob_id, name) for blob_id, _ in self._pack)
        self._new_blobs += len(self._pack)
        self._new_octets += at
        self._pack, self._packed = [], 0
        await self._pace.spent(len(octets))


async def held_blobs(place: SealedPlace) -> dict[BlobId, str]:
    """Return blob → pack of all packs of a place that can be read; one whose index is damaged is as if not there."""
    found: dict[BlobId, str] = {}
    packs = set(await place.names(Kind.BACKUP_PACK))
    for name in await place.names(Kind.BACKUP_INDEX):
        if name in packs:
            try:
                found.update((one.blob_id, name) for one in await place.index(name))
            except (SealError, ObjectMissing):
                continue
    return found


def compared(table: TableHead, rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return what of a table's rows is the same before a backup and after a restore."""
    if table.name in ELSEWHERE:
        return []
    if table.name == "blob":  # what nobody refers to is not copied
        refs = table.place("refs")
        rows = [row for row in rows if row[refs] > 0]
    if table.name == "setting":
        rows = [row for row in rows if tuple(row[:2]) not in wire.MASTER_ROWS]
    hidden = {*MOVED.get(table.name, ()), *KEY_COLUMNS.get(table.name, ())}
    shown = [at for at, column in enumerate(table.columns) if column.name not in hidden]
    if len(shown) == len(table.columns):
        return [list(row) for row in rows]
    return [[row[at] for at in shown] for row in rows]


def _packed(table: TableHead, rows: list[list[Any]], digest: wire.Digest) -> bytes:
    """Take rows into the digest and return them packed: apart from the event loop, which mail waits for."""
    digest.add(compared(table, rows))
    return wire.rows_to_octets(rows)


async def _parts(snapshot: Snapshot, table: TableHead) -> AsyncIterator[list[Sequence[Any]]]:
    """Return a table's rows, as many at a time as make a part."""
    waiting: list[Sequence[Any]] = []
    octets = 0
    async for rows in snapshot.rows(table, BLOCK):
        waiting += rows
        octets += sum(len(value) for row in rows for value in row if isinstance(value, bytes | str))
        if len(waiting) >= PART_ROWS or octets >= PART_OCTETS:
            yield waiting
            waiting, octets = [], 0
    if waiting:
        yield waiting


def _bounds(table: TableHead, rows: Sequence[Sequence[Any]]) -> tuple[int | None, int | None]:
    if table.columns[0].kind != "int":
        return None, None
    values = [row[0] for row in rows if row[0] is not None]
    return (min(values), max(values)) if len(values) == len(rows) else (None, None)
