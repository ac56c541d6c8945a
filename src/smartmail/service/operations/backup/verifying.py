"""Verifying: every octet of a backup is read back, opened and counted; a restored store is compared with its manifest.

Changes nothing. Findings carry names and counts, never content. A backup that has none of them is whole; that it can be
restored too is shown by a rehearsal (docs/guide-admin, backup).
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from smartmail.domain.backup import BackupFinding, Manifest, PackedBlob, Part, TableFacts, TableHead
from smartmail.domain.ids import BlobId
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.backup import ObjectMissing
from smartmail.ports.store_backup import Snapshot
from smartmail.service.operations.backup import wire
from smartmail.service.operations.backup.restoring import newest_keys
from smartmail.service.operations.backup.sealed_place import SealedPlace
from smartmail.service.operations.backup.taking import BLOCK, compared
from smartmail.service.operations.backup.telling import Told, quiet


async def verify(place: SealedPlace, name: str = "", told: Told = quiet) -> AsyncIterator[BackupFinding]:
    """Name everything that is wrong with a backup, the newest unless one is named. Raises PlaceError."""
    names = await place.manifest_names()
    chosen = name or (names[-1] if names else "")
    if chosen not in names:
        yield BackupFinding("cut", chosen or "place", "there is no finished backup of that name")
        return
    try:
        manifest = await place.manifest(chosen)
    except SealError as error:
        yield BackupFinding("foreign", f"manifests/{chosen}", str(error))
        return
    checking = _Checking(place, manifest, told)
    async for finding in checking.run():
        yield finding


class _Checking:
    def __init__(self, place: SealedPlace, manifest: Manifest, told: Told) -> None:
        self._place = place
        self._manifest = manifest
        self._told = told
        self._wanted: set[BlobId] = set()
        self._digests = {one.head.name: wire.Digest() for one in manifest.tables}

    async def run(self) -> AsyncIterator[BackupFinding]:
        """Yield what is wrong, in the order of a restore."""
        for blob in self._manifest.missing:
            yield BackupFinding("missing", f"blob {blob}", "the volume did not give it when the backup was taken")
        for number, part in enumerate(self._manifest.parts):
            self._told("rows", number, len(self._manifest.parts))
            if (finding := await self._part(part)) is not None:
                yield finding
        for one in self._manifest.tables:
            digest = self._digests[one.head.name]
            if (digest.rows, digest.hex) != (one.rows, one.digest):
                yield BackupFinding(
                    "differs", f"table {one.head.name}", f"{one.rows} rows noted, {digest.rows} as noted"
                )
        async for finding in self._packs():
            yield finding
        try:
            await self._place.files(self._manifest)
        except (SealError, ObjectMissing) as error:
            yield BackupFinding("unreadable", f"files/{self._manifest.files}", str(error))
        try:
            await newest_keys(self._place)
        except (SealError, ObjectMissing) as error:
            yield BackupFinding("unreadable", "keys", str(error))

    async def _part(self, part: Part) -> BackupFinding | None:
        name = f"rows/{part.id} ({part.table})"
        head = self._manifest.head(part.table)
        try:
            octets = await self._place.raw(Kind.BACKUP_PART, part.id)
            if hashlib.sha256(octets).hexdigest() != part.sha256:
                return BackupFinding("damaged", name, "its octets are not those that were written")
            rows = wire.rows_of(self._place.opened(Kind.BACKUP_PART, part.id, octets))
        except ObjectMissing:
            return BackupFinding("missing", name, "it is not there")
        except SealError:
            return BackupFinding("foreign", name, "it does not open: another key, or another object in its place")
        if head is None or len(rows) != part.rows:
            return BackupFinding("differs", name, f"{part.rows} rows noted, {len(rows)} found")
        if part.table == "blob":
            refs = head.place("refs")
            self._wanted.update(BlobId(row[0]) for row in rows if row[refs] > 0)
        self._digests[part.table].add(compared(head, rows))
        return None

    async def _packs(self) -> AsyncIterator[BackupFinding]:
        held: set[BlobId] = set()
        for number, pack in enumerate(self._manifest.packs):
            self._told("packs", number, len(self._manifest.packs))
            try:
                octets = await self._place.get(Kind.BACKUP_PACK, pack)
                index = await self._place.index(pack)
            except ObjectMissing:
                yield BackupFinding("missing", f"packs/{pack}", "the pack or its index is not there")
                continue
            except SealError:
                yield BackupFinding(
                    "damaged", f"packs/{pack}", "the pack or its index does not open: changed or exchanged"
                )
                continue
            if not _fits(index, len(octets)):
                yield BackupFinding("differs", f"packs/{pack}", "its index does not fit it")
            held.update(one.blob_id for one in index)
        lost = self._wanted - held - {BlobId(bytes.fromhex(one)) for one in self._manifest.missing}
        if lost:
            yield BackupFinding("missing", "blobs", f"{len(lost)} blobs are in no pack of this backup that can be read")


async def compare(snapshot: Snapshot, manifest: Manifest) -> AsyncIterator[BackupFinding]:
    """Compare a store that was restored without a fence with what was backed up."""
    async for finding in differences(snapshot, manifest.tables, compared, quiet):
        yield finding


async def differences(
    snapshot: Snapshot,
    tables: Sequence[TableFacts],
    shown: Callable[[TableHead, Sequence[Sequence[Any]]], Sequence[Sequence[Any]]],
    told: Told,
) -> AsyncIterator[BackupFinding]:
    """Name the tables whose rows are not those that `tables` tells of. `shown`: what of a table's rows is compared."""
    heads = {table.name: table for table in snapshot.tables}
    for number, one in enumerate(tables):
        told("compare", number, len(tables))
        head = heads.get(one.head.name)
        if head is None:
            yield BackupFinding("missing", f"table {one.head.name}", "it was not restored")
            continue
        digest = wire.Digest()
        async for rows in snapshot.rows(head, BLOCK):
            digest.add(shown(head, rows))
        if (digest.rows, digest.hex) != (one.rows, one.digest):
            yield BackupFinding(
                "differs", f"table {one.head.name}", f"{one.rows} rows backed up, {digest.rows} restored"
            )


def _fits(index: list[PackedBlob], size: int) -> bool:
    at = 0
    for one in index:
        if one.offset != at:
            return False
        at += one.size
    return at == size


async def packed(place: SealedPlace, manifest: Manifest, wanted: set[BlobId]) -> Mapping[BlobId, PackedBlob]:
    """Return where blobs lie in a backup, of those that it has. Raises PlaceError."""
    found: dict[BlobId, PackedBlob] = {}
    for pack in manifest.packs:
        with suppress(SealError, ObjectMissing):
            found.update((one.blob_id, one) for one in await place.index(pack) if one.blob_id in wanted)
        if len(found) == len(wanted):
            break
    return found
