"""The loop of every process that measures itself and writes what it counted.

FAILURE  The store is away: the next turn writes.
"""

import asyncio
import os
import time
from contextlib import suppress
from typing import Final

from smartmail.app.node import Node
from smartmail.app.worker_context import WorkerContext

FLUSH_S: Final = 0.5
SELF_S: Final = 15.0


async def measure_process(context: WorkerContext, node: Node) -> None:
    """Count until the process stops."""
    counter = node.services.trends.counter
    name = f"{context.settings.file.node}/{context.process_name}"
    due, slowest = 0.0, 0.0
    while not context.stopping.is_set():
        began = time.monotonic()
        if began >= due:
            counter.measure("process.memory", resident(), name)
            counter.measure("process.lag", int(slowest * 1000), name)
            due, slowest = began + SELF_S, 0.0
        await counter.flush()
        asleep = time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_S):
                await context.stopping.wait()
        # How much later than asked the loop came back is how long it keeps its sessions waiting.
        slowest = max(slowest, time.monotonic() - asleep - FLUSH_S)
    await counter.flush()


def resident() -> int:
    """Return the octets of memory that this process holds, 0 where the system does not tell (proc(5), statm)."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
