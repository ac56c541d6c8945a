"""Loops that every process of the tree runs in addition to its roles: its epoch of the policy, its volumes, its own measures.

A process is on the list of those that apply the policy before it serves and until it has served its last: who changes something
waits for those on it (service.kernel.agreement).
FAILURE  The store is away: the next turn does it. A hint that was lost costs the pause of its loop. A process that ends as asked
         takes itself off the list.
"""

import asyncio
import os
import time
from contextlib import suppress
from typing import Final

from smartmail.app.node import Node
from smartmail.app.worker_context import WorkerContext
from smartmail.domain.errors import MailError
from smartmail.service.kernel.volumes.book import TOPIC

LOOK_S: Final = 1.0
VOLUME_LOOK_S: Final = 5.0
FLUSH_S: Final = 0.5
SELF_S: Final = 15.0


async def either(one: asyncio.Event, other: asyncio.Event, seconds: float) -> None:
    """Wait until one of two events is set, at most some seconds."""
    waiting = [asyncio.ensure_future(event.wait()) for event in (one, other)]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waiting:
            wait.cancel()


async def acknowledge(context: WorkerContext, node: Node) -> None:
    """Look at the epoch each second and when there is a hint, until the process stops."""
    acks, decisions = node.services.policy_acks, node.services.decisions
    heard = asyncio.Event()
    end = node.bus.subscribe(acks.topic, lambda _payload: heard.set())
    try:
        while not context.stopping.is_set():
            heard.clear()
            await show(context, node)
            await decisions.flush()
            await either(heard, context.stopping, LOOK_S)
    finally:
        end()


async def show(context: WorkerContext, node: Node) -> None:
    """Put this process on the list, with the epoch that it obeys."""
    with suppress(MailError):
        await node.services.policy_acks.turn(context.settings.file.node, context.process_name)


async def leave(context: WorkerContext, node: Node) -> None:
    """Take this process off the list: it does nothing any more."""
    with suppress(MailError):
        await node.services.policy_acks.leave(context.settings.file.node, context.process_name)


async def follow_volumes(context: WorkerContext, node: Node) -> None:
    """Look every few seconds and when there is a hint, until the process stops."""
    heard = asyncio.Event()
    end = node.bus.subscribe(TOPIC, lambda _payload: heard.set())
    try:
        while not context.stopping.is_set():
            heard.clear()
            with suppress(MailError):
                await node.services.volumes.book.refresh()
            await either(heard, context.stopping, VOLUME_LOOK_S)
    finally:
        end()


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
