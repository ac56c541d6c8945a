"""A process that makes the first start of a data directory with a domain and people: DIRECTORY LOGIN…"""

import asyncio

from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.service.flow.directory import NewPerson


def make(words: list[str]) -> int:
    """Be the process."""
    asyncio.run(_make(*words))
    return 0


async def _make(directory: str, *logins: str) -> None:
    async with open_node(load(directory), first_start=True) as node:
        provisioning = node.services.provisioning
        await node.services.directory.add_domain("a.example", await provisioning.organization("test"))
        for login in logins:
            await provisioning.person(NewPerson(login, "김민수"), "correct horse")
