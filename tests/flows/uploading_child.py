"""A process that takes a big file until it is killed: `python -m tests.flows.uploading_child DIRECTORY FILE_ID`."""

import asyncio
import sys
from pathlib import Path

from tests.flows.house import compose_house

from smartmail.domain.principal import Actor, Origin

PIECE = 1 << 16


def octets(start: int, end: int) -> bytes:
    """Return octets of the file, which is the same in every process."""
    return b"".join(number.to_bytes(8, "big") for number in range(start // 8, end // 8))


async def run(directory: Path, file_id: bytes) -> None:
    async with compose_house(directory) as house:
        row = await house.store.big_file(file_id)
        actor = Actor(row.account_id, row.organization_id, "kim@a.example", False, Origin("web"))
        growth = await house.services.big_files.uploads.grow(actor, file_id, row.received)
        at = row.received
        while at < row.size:
            await growth.feed(octets(at, at + PIECE))
            at += PIECE
            print((await house.store.big_file(file_id)).received, flush=True)


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), bytes.fromhex(sys.argv[2])))
