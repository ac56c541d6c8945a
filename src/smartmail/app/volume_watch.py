"""The loop of every process that follows the rows of volumes: what was added is opened, what was taken out is closed.

FAILURE  The store is away: the next look finds what changed. A hint that was lost costs `LOOK_S`.
"""

import asyncio
import contextlib
from typing import Final

from smartmail.app.node import Node
from smartmail.app.worker_context import WorkerContext
from smartmail.domain.errors import MailError
from smartmail.service.volumes.book import TOPIC

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
            await _either(heard, context.stopping)
    finally:
        end()


async def _either(heard: asyncio.Event, stopping: asyncio.Event) -> None:
    waiting = [asyncio.ensure_future(one.wait()) for one in (heard, stopping)]
    try:
        await asyncio.wait(waiting, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
