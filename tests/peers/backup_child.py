"""A process that takes a backup beside a node, to be killed: DIRECTORY, CONFIG."""

import asyncio
import sys

from smartmail.app.cli.acting import CLI
from smartmail.app.node import open_node
from smartmail.app.settings import load


async def main(directory: str, config: str) -> None:
    async with open_node(load(directory, config=config)) as node:
        await node.services.backups.take(CLI)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
