"""A process of the tree follows the one that died before it: what that one held is taken back at once (ADR 74).

Nothing is done twice by it: each process holds a lock that ends with it, so whoever has the lock knows that the one before
is dead; and names in leases say from which data directory they are, so that no living process elsewhere is meant.
"""

import os
from typing import Final

from smartmail.app.cluster.node_lock import FileLock
from smartmail.app.cluster.node_name import place_of
from smartmail.app.node import Node
from smartmail.app.worker_context import CannotStartYetError, WorkerContext
from smartmail.base import log
from smartmail.domain.cluster import workers_of

PATIENCE_S: Final = 5.0
"""How long a process waits for the end of the one before it, which its supervisor has ended."""


def only_one(context: WorkerContext) -> FileLock:
    """Take the lock of this process's name, once the one before is dead. Raises CannotStartYetError: it lives."""
    folder = os.path.join(context.settings.directory, "run")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    lock = FileLock(os.path.join(folder, f"{context.process_name}.lock"))
    if lock.taken(PATIENCE_S):
        return lock
    raise CannotStartYetError(
        f"A process {context.process_name} of this node lives still (process {lock.holder()[0]}). It ends with its "
        "supervisor; end it if it does not."
    )


def worker_prefix(context: WorkerContext) -> str:
    """Return how the names in leases begin of all processes that were, are and will be in this one's stead."""
    settings = context.settings
    return workers_of(settings.file.node, context.process_name, place_of(settings.directory))


async def take_back(context: WorkerContext, node: Node) -> None:
    """Give back what the process before this one held when it died. Raises Unavailable."""
    before = worker_prefix(context)
    taken = await node.store.take_back(before, now=node.clock.now())
    await node.store.take_back_locks(before)
    if taken:
        log.event("queue.taken_back", entries=taken)
    for kind, workers in (await node.store.tasks.take_back(before)).items():
        log.event("job.taken_back", job=kind, workers=workers)
