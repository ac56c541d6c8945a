"""The loop of every process that follows the rows of volumes: what was added is opened, what was taken out is closed.

FAILURE  The store is away: the next look finds what changed. A hint that was lost costs `LOOK_S`.
"""

import asyncio
import contextlib
from typing import Final

from smartmail.app.node import Node
from smartmail.app.waiting import either
from smartmail.app.worker_context import WorkerContext
from smartmail.domain.errors import MailError
from smartmail.service.kernel.volumes.book import TOPIC

LOOK_S: Final = 5.0


async def follow_volumes(context: WorkerContext, node: Node) -> None:
    """Look every few seconds and when there is a hint, until the process stops."""
    heard = asyncio.Event()
    end = node.bus.subscribe(TOPIC, lambda _payload: heard.set())
    try:
        while not context.stopping.is_set():
            heard.clear()
            with contextlib.suppress(MailError):
                await node.services.volumes.book.refresh()
            await either(heard, context.stopping, LOOK_S)
    finally:
        end()
