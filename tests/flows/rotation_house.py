"""A data directory with many companies, opened as nodes; run as a program it replaces the master key again and again."""

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path

from smartmail.app.node import Node, open_node
from smartmail.app.settings import load
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.directory import NewPerson

ROOT = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
WHY = "연례 마스터 키 교체입니다"


def identity_of(path: Path) -> str:
    return next(line for line in path.read_text().splitlines() if line.startswith("id: ")).removeprefix("id: ")


@asynccontextmanager
async def node(where: Path, *, key: Path | None = None, name: str = ""):
    """Open a node over a data directory, with a key file and a name of its own where they are given."""
    config = None
    if name:
        config = where.parent / f"{name}.toml"
        config.write_text(f'node = "{name}"\n')
    settings = load(str(where), config=str(config) if config else None, key_file=str(key) if key else None)
    async with open_node(settings) as opened:
        yield opened


async def begin(where: Path, *, companies: int = 1) -> None:
    async with open_node(load(str(where)), first_start=True) as opened:
        organization = await opened.services.provisioning.organization("test")
        await opened.services.directory.add_domain("a.example", organization)
        await opened.services.provisioning.person(NewPerson("kim@a.example", "Kim"), "a long secret 1")
        for number in range(1, companies):
            await opened.services.provisioning.organization(f"company {number}")


async def names(opened: Node) -> list[str]:
    """Return what only the right keys open, of all companies."""
    person = await opened.services.directory.account_by_login("kim@a.example")
    actor = Actor(person.id, person.organization_id, person.login, is_admin=False, origin=Origin("web"))
    found = [box.name for box in await opened.services.mailboxes.list_all(actor, person.id)]
    keyring = opened.services.checks._keyring
    keyring._organizations.clear()
    for one in await opened.store.organizations():
        await keyring.organization(one.id)
    return found


async def turned(opened: Node) -> None:
    """Go on until no rotation is open and the old key is gone."""
    opened.services.keys.rotation._settle_ms = 0
    for _ in range(50):
        await opened.services.keys.rotation.turn()
        if await opened.services.keys.rotation.current() is None:
            break
    await opened.services.keys.rotation.turn()


async def _again_and_again(where: Path) -> None:
    async with node(where) as opened:
        rotation = opened.services.keys.rotation
        rotation._settle_ms = 0
        print("ready", flush=True)
        while True:
            if await rotation.current() is None:
                await rotation.turn()
                await rotation.begin(ROOT, WHY)
            await rotation.turn()


if __name__ == "__main__":
    asyncio.run(_again_and_again(Path(sys.argv[1])))
