"""A place of backups with its key: objects go in sealed and come out opened.

The backup key is made at the first use of a place, wrapped by the master key, and lies there: an empty host needs the
master key and the place, nothing else. Under another master key the place gets another backup key beside it.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from smartmail.domain.backup import Manifest, PackedBlob
from smartmail.formats.keychain import head_of, with_head
from smartmail.formats.seal import ID_OCTETS, NONCE_OCTETS, Kind, SealError, SealKey, context, open_small, seal_small
from smartmail.ports.backup import BackupPlace, ObjectMissing
from smartmail.ports.clock import Clock
from smartmail.ports.keys import SECRETS_OWNER, KeyIdentity, Keys, MasterKeeper, WrappedKey
from smartmail.service.operations.backup import wire

OWNER: Final = 0x4241434B5550
"""Under which number the backup key hangs beside other keys of the installation: "BACKUP"."""
PLACE: Final = "place"
FOLDERS: Final[Mapping[Kind, str]] = {
    Kind.BACKUP_PART: "rows", Kind.BACKUP_PACK: "packs", Kind.BACKUP_INDEX: "indexes", Kind.BACKUP_KEYS: "keys",
    Kind.BACKUP_FILES: "files",
}  # fmt: skip
MANIFESTS: Final = "manifests"


@dataclass(frozen=True, slots=True)
class Written:
    """An object that was kept: its id, sealed size, and SHA-256 of the sealed octets."""

    id: str
    size: int
    sha256: str


class SealedPlace:
    """Reads and writes a place under one backup key. Everything may raise PlaceError, opening SealError."""

    def __init__(self, place: BackupPlace, key: SealKey, master: str, clock: Clock) -> None:
        self.place = place
        self.master = master
        self._key = key
        self._clock = clock

    async def put(self, kind: Kind, plain: bytes, *, stamp: str = "", identifier: str = "") -> Written:
        """Seal octets and keep them, under a new random id unless one is given; `stamp` goes before it in the name."""
        made = identifier or self._clock.random(ID_OCTETS).hex()
        nonce = self._clock.random(NONCE_OCTETS)
        sealed = await asyncio.to_thread(seal_small, self._key, _bound(kind, made), nonce, plain)
        await self.place.put(_name(kind, stamp + made), sealed)
        return Written(made, len(sealed), hashlib.sha256(sealed).hexdigest())

    async def get(self, kind: Kind, identifier: str, *, stamp: str = "") -> bytes:
        """Return opened octets."""
        return self.opened(kind, identifier, await self.place.get(_name(kind, stamp + identifier)))

    def opened(self, kind: Kind, identifier: str, sealed: bytes) -> bytes:
        """Open an object's octets. Raises SealError: damaged, another's, or under another key."""
        return open_small(self._key, _bound(kind, identifier), sealed)

    async def raw(self, kind: Kind, identifier: str) -> bytes:
        """Return an object's octets as they lie there."""
        return await self.place.get(_name(kind, identifier))

    async def drop(self, kind: Kind, name: str) -> None:
        """Remove an object."""
        await self.place.delete(_name(kind, name))

    async def names(self, kind: Kind) -> list[str]:
        """Return the names of all objects of a kind, in order."""
        folder = f"{FOLDERS[kind]}/"
        return [one.name.removeprefix(folder) for one in await self.place.entries(folder)]

    async def older(self, kind: Kind, before: int) -> list[str]:
        """Return the names of the objects of a kind that were written before a Unix second."""
        folder = f"{FOLDERS[kind]}/"
        found = await self.place.entries(folder)
        return [one.name.removeprefix(folder) for one in found if one.written_at < before]

    async def put_manifest(self, manifest: Manifest) -> None:
        """Keep a manifest: from now on there is this backup."""
        await self.place.put(f"{MANIFESTS}/{manifest.name}", wire.manifest_to_octets(manifest, self._key))

    async def manifest_names(self) -> list[str]:
        """Return the names of all backups, oldest first."""
        return [one.name.removeprefix(f"{MANIFESTS}/") for one in await self.place.entries(f"{MANIFESTS}/")]

    async def manifest(self, name: str) -> Manifest:
        """Return a backup's manifest. Raises ObjectMissing, SealError."""
        return wire.manifest_of(name, await self.place.get(f"{MANIFESTS}/{name}"), self._key)

    async def drop_manifest(self, name: str) -> None:
        """Give a backup up."""
        await self.place.delete(f"{MANIFESTS}/{name}")

    async def index(self, pack: str) -> list[PackedBlob]:
        """Return what a pack holds. Raises ObjectMissing, SealError."""
        return wire.index_of(pack, await self.get(Kind.BACKUP_INDEX, pack))

    async def rows(self, part: str) -> list[list[object]]:
        """Return the rows of a part. Raises ObjectMissing, SealError."""
        return wire.rows_of(await self.get(Kind.BACKUP_PART, part))

    async def files(self, manifest: Manifest) -> Mapping[str, bytes]:
        """Return the files of the node that a backup was taken of. Raises ObjectMissing, SealError."""
        return wire.files_of(await self.get(Kind.BACKUP_FILES, manifest.files)) if manifest.files else {}


async def open_place(place: BackupPlace, keys: Keys, clock: Clock, *, make: bool) -> SealedPlace:
    """Return a place with its key, made where there is none yet and `make` says so.

    Raises PlaceError, ObjectMissing (there are no backups), SealError (of another master key).
    """
    master = keys.identity.id
    try:
        document = json.loads(await place.get(PLACE))
        known: dict[str, str] = dict(document["keys"])
    except ObjectMissing:
        if not make:
            raise
        known = {}
    except (ValueError, KeyError, TypeError) as error:
        raise SealError("the file `place` is damaged") from error
    if master not in known:
        if not make:
            raise SealError(f"made under master key {', '.join(sorted(known))}, and this one is {master}")
        known[master] = keys.wrap(Kind.KEY_OF_INSTALLATION, OWNER).wrapped.hex()
        await place.put(PLACE, json.dumps({"format": wire.FORMAT, "keys": known}, sort_keys=True).encode())
    try:
        wrapped = bytes.fromhex(known[master])
    except ValueError as error:
        raise SealError("the file `place` is damaged") from error
    return SealedPlace(place, keys.unwrap(WrappedKey(Kind.KEY_OF_INSTALLATION, OWNER, wrapped)), master, clock)


async def let_open(place: BackupPlace, keys: Keys, keeper: MasterKeeper, target: KeyIdentity, clock: Clock) -> None:
    """Let a place be opened by another master key too, while both are here: the backup key is wrapped under it, and the
    newest keys of organisations go into a key file under it, so that older backups are restored with it alone.

    Raises PlaceError, SealError.
    """
    try:
        document = json.loads(await place.get(PLACE))
        known: dict[str, str] = dict(document["keys"])
    except ObjectMissing:
        return
    except (ValueError, KeyError, TypeError) as error:
        raise SealError("the file `place` is damaged") from error
    if target.id in known or keys.identity.id not in known:
        return
    wrapped = WrappedKey(Kind.KEY_OF_INSTALLATION, OWNER, bytes.fromhex(known[keys.identity.id]))
    sealed = SealedPlace(place, keys.unwrap(wrapped), target.id, clock)
    names = await sealed.names(Kind.BACKUP_KEYS)
    if names:
        stamp, _, identifier = names[-1].rpartition("-")
        rows = wire.rows_of(await sealed.get(Kind.BACKUP_KEYS, identifier, stamp=f"{stamp}-"))
        rows = [_rewrapped(row, keeper, target) for row in rows if row[1] != "key-root"]
        rows.append(["setting", "key-root", 0, keeper.root(target).wrapped])
        newer = max(clock.now(), int(stamp) + 1)
        await sealed.put(Kind.BACKUP_KEYS, wire.rows_to_octets(rows), stamp=f"{newer:014d}-")
    under = keeper.rewrapped(wrapped, target)
    known[target.id] = (under or wrapped.wrapped).hex()
    await place.put(PLACE, json.dumps({"format": wire.FORMAT, "keys": known}, sort_keys=True).encode())


def _rewrapped(row: list[Any], keeper: MasterKeeper, target: KeyIdentity) -> list[Any]:
    table, column, number, wrapped = row
    if (table, column) == ("organization", "wrapped_key"):
        key = WrappedKey(Kind.KEY_OF_ORGANIZATION, number, head_of(wrapped))
    elif (table, column) == ("setting", "key-secrets"):
        key = WrappedKey(Kind.KEY_OF_INSTALLATION, SECRETS_OWNER, wrapped)
    else:
        return row
    new = keeper.rewrapped(key, target)
    return [table, column, number, with_head(wrapped, new) if new else wrapped]


def _name(kind: Kind, name: str) -> str:
    return f"{FOLDERS[kind]}/{name}"


def _bound(kind: Kind, identifier: str) -> bytes:
    try:
        return context(kind, bytes.fromhex(identifier))
    except ValueError as error:
        raise SealError("an id has 32 hexadecimal digits") from error
