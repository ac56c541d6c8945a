"""The loop of every process that says which epoch of the policy it obeys, and writes what rehearsals need.

A process is on the list before it serves and until it has served its last: who changes something waits for those on it
(service.kernel.agreement).
FAILURE  The store is away: the next turn says it. A process that ends as asked takes itself off the list.
"""

import asyncio
import contextlib
from typing import Final

from smartmail.app.node import Node
from smartmail.app.waiting import either
from smartmail.app.worker_context import WorkerContext
from smartmail.domain.errors import MailError

LOOK_S: Final = 1.0


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
    with contextlib.suppress(MailError):
        await node.services.policy_acks.turn(context.settings.file.node, context.process_name)


async def leave(context: WorkerContext, node: Node) -> None:
    """Take this process off the list: it does nothing any more."""
    with contextlib.suppress(MailError):
        await node.services.policy_acks.leave(context.settings.file.node, context.process_name)
