"""A process that takes a backup beside a node, to be killed: DIRECTORY, CONFIG."""

import asyncio

from smartmail.app.cli.acting import CLI
from smartmail.app.node import open_node
from smartmail.app.settings import load


def take(words: list[str]) -> int:
    """Be the process."""
    asyncio.run(_take(*words))
    return 0


async def _take(directory: str, config: str) -> None:
    async with open_node(load(directory, config=config)) as node:
        await node.services.backups.take(CLI)
