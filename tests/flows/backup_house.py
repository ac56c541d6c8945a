"""A house that is backed up, lost, and made anew from its backup."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.flows.house import House
from tests.flows.imap_client import Client

from smartmail.adapters.backup import DirectoryPlace
from smartmail.adapters.clock import SystemClock
from smartmail.adapters.keys.master import load
from smartmail.adapters.keys.ring import KeyRing
from smartmail.adapters.sql.loading import PostgresLoader, SqliteLoader
from smartmail.adapters.volumes.packs import PackLimits, PackVolume
from smartmail.domain.ids import VolumeId
from smartmail.service.operations.backup.restoring import Restored, Target, restore_whole
from smartmail.service.operations.backup.sealed_place import SealedPlace, open_place
from smartmail.service.operations.backup.taking import Pace, Taken, Taking


class NoJournal:
    """Notes nothing."""

    def done(self) -> Mapping[str, Mapping[bytes, str]]:
        return {}

    async def note(self, pack: str, placed: Mapping[bytes, str]) -> None:
        return

    async def end(self, restored: Restored) -> None:
        return


def keys_of(directory: Path) -> KeyRing:
    return KeyRing(load(str(directory.parent / f"{directory.name}.key")))


async def sealed_place(directory: Path, folder: Path, *, make: bool = True) -> SealedPlace:
    return await open_place(DirectoryPlace(str(folder)), keys_of(directory), SystemClock(), make=make)


async def take(house: House, directory: Path, folder: Path) -> Taken:
    place = await sealed_place(directory, folder)
    return await Taking(house.store, house.services.upkeep._volumes, place, house.clock, Pace(0)).run()


async def restore(
    directory: Path, folder: Path, *, name: str = "", postgres: str = "", fence: bool = True, journal: object = None
) -> Restored:
    """Make the house in `directory` of the newest (or a named) backup."""
    directory.mkdir(exist_ok=True)
    place = await sealed_place(directory, folder, make=False)
    manifest = await place.manifest(name or (await place.manifest_names())[-1])
    volume = PackVolume(str(directory / "volume"), limits=PackLimits(reserve_octets=0))
    loader = PostgresLoader(postgres) if postgres else SqliteLoader(str(directory / "mail.db"))
    row = {"id": 1, "kind": "local", "state": "online", "config": "{}", "weight": 1}
    try:
        return await restore_whole(
            place, manifest, Target(VolumeId(1), volume, row, loader), journal=journal or NoJournal(), fence=fence
        )
    finally:
        await volume.close()


def lose(directory: Path) -> None:
    """The whole data directory is gone; the master key lies elsewhere."""
    shutil.rmtree(directory)


async def seen(port: int, login: str, password: str) -> dict[str, tuple[str, dict[int, tuple[bytes, bytes]]]]:
    """Return mailbox → (UIDVALIDITY, UID → (flags, octets)), by IMAP."""
    client = await Client.open(port, login, password)
    found = {}
    for line in (await client.cmd('LIST "" *')).lines:
        name = line.partition(b'"/" ')[2].decode().strip('"')
        chosen = await client.cmd(f'EXAMINE "{name}"')
        answer = await client.cmd("UID FETCH 1:* (UID FLAGS BODY.PEEK[])")
        found[name] = (
            chosen.codes()["UIDVALIDITY"],
            {
                int(one["UID"]): ([flag for flag in one["FLAGS"] if flag != "\\Recent"], one["BODY[]"])
                for one in answer.fetches().values()
            },
        )
    await client.close()
    return found
