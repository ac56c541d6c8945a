"""Composition: from settings and sockets to listeners that serve.

`prepare` runs once before the processes of a node start; `run_worker` is the life of one process.
"""

import asyncio
import contextlib
import importlib
from collections.abc import Coroutine, Sequence
from typing import Any

from smartmail.app.cluster.node_lease import NodeLease
from smartmail.app.cluster.node_name import claim_name, hold_name, join_nodes, require_name
from smartmail.app.node import Node, open_node
from smartmail.app.serving.listeners import open_listeners
from smartmail.app.serving.loops import acknowledge, either, follow_volumes, leave, measure_process, show
from smartmail.app.serving.seed import open_founding_door, seed_bench, seed_demo
from smartmail.app.serving.taking_over import only_one, take_back, worker_prefix
from smartmail.app.settings import Settings
from smartmail.app.tls.old_tls import OldTls
from smartmail.app.tls.tls_contexts import ServerContexts
from smartmail.app.worker_context import CannotStartYetError, Prepared, WorkerContext
from smartmail.base import log
from smartmail.domain.errors import MailError, StorageFull
from smartmail.edge.net.deadlines import Deadlines
from smartmail.edge.relay.agent import RelayAgent, RelayConfig

_LOOK_S = 15.0
"""How often a process looks for certificates that nobody told it of."""
# Imported where they are needed, so that a process without the role does not carry them.
_LATER = (
    "smartmail.edge.httpd.app",
    "smartmail.edge.net.http",
    "smartmail.edge.jobs.indexer",
    "smartmail.edge.jobs.loops",
    "smartmail.edge.jobs.pushing",
)


def preload() -> None:
    """Import what processes import only when they serve: for the one that they are forked from."""
    for name in _LATER:
        importlib.import_module(name)


async def prepare(settings: Settings) -> Prepared:
    """Make what the first start needs: keys, database, volume, certificate, door of the set-up. Raises CannotStartError."""
    notes: list[str] = []
    link: str | None = None
    try:
        async with open_node(settings, first_start=True) as node:
            if not settings.uses_sqlite:
                await claim_name(settings, node.store, node.clock)
                await join_nodes(settings, node.store, node.clock)
            notes += await _look_back(node)
            try:
                link = await _seed(settings, node, notes)
            except StorageFull:
                # A node that has served must come back on a full disk: mail can be read, and senders wait.
                if not await node.services.directory.accounts():
                    raise
                notes.append("The disk is full: mail can be read, and is refused with 452 until there is space.")
    except StorageFull as error:
        raise CannotStartYetError(f"No space is left for {settings.directory}. Free some.") from error
    return Prepared(link, tuple(notes))


async def _look_back(node: Node) -> list[str]:
    """Return what the administrator must know where records are missing that were there; log and record are told too."""
    with contextlib.suppress(MailError):  # a full disk: the daily check compares too
        found = await node.services.audit.rolled_back()
        if found:
            ends = ", ".join(f"{one.organization_id}:{one.seq}" for one in found)
            said = (
                f"Records that were here before are missing (chain:link {ends}). After a restore from a backup this is as it "
                "must be; otherwise somebody has put an older database back. ./smartmail audit verify shows what is there."
            )
            return [said]
    return []


async def _seed(settings: Settings, node: Node, notes: list[str]) -> str | None:
    """Put in what the first start needs; return the address of the set-up. Raises StorageFull."""
    if settings.demo:
        notes += await seed_demo(node)
    if settings.bench:
        notes += await seed_bench(node)
    return None if settings.demo or settings.bench else await open_founding_door(node)


async def run_worker(context: WorkerContext) -> None:
    """Serve the roles of one process until it is told to stop, then drain."""
    lock = only_one(context)
    try:
        await _serve(context)
    finally:
        lock.release()
    log.event("process.stopped")


async def _serve(context: WorkerContext) -> None:
    async with open_node(context.settings, process=worker_prefix(context)) as node:
        lease = NodeLease(alone=context.settings.uses_sqlite)
        if not context.settings.uses_sqlite:
            await require_name(context.settings, node.store, node.clock, lease)
        await take_back(context, node)
        contexts = ServerContexts(context.settings)
        context.reload.add(contexts.reload)
        deadlines = Deadlines(asyncio.get_running_loop())
        async with contextlib.AsyncExitStack() as stack:
            contexts.learn(await node.services.certificates.served())
            contexts.trust(await _proof_authorities(context, node))
            old = OldTls(node.clock, contexts.old)
            old.learn(await node.services.transport.rules.inward())
            listeners = await open_listeners(context, node, contexts, old, deadlines, stack)
            await show(context, node)
            workers = [asyncio.create_task(work) for work in _background(context, node, lease)]
            workers.append(asyncio.create_task(_watch_tls(context, node, contexts, old)))
            workers.append(asyncio.create_task(acknowledge(context, node)))
            workers.append(asyncio.create_task(follow_volumes(context, node)))
            workers.append(asyncio.create_task(hold_name(context, node, lease)))
            workers.append(asyncio.create_task(measure_process(context, node)))
            for listener in listeners:
                listener.start()
            context.ready()
            log.event("process.started", roles=sorted(context.roles))
            await _until_stopped(context.stopping, workers)
            node.services.health.drain()
            drain_s = context.settings.file.drain_s
            await asyncio.gather(*(listener.drain(drain_s) for listener in listeners))
            await asyncio.gather(*workers, return_exceptions=True)
            await leave(context, node)


async def _until_stopped(stopping: asyncio.Event, workers: Sequence["asyncio.Task[None]"]) -> None:
    """Wait for the stop; a background loop that ends before it is an error that ends the process."""
    stop = asyncio.create_task(_wait(stopping))
    done, _pending = await asyncio.wait([stop, *workers], return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        if task is not stop:
            task.result()
    await stop


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


async def _watch_tls(context: WorkerContext, node: Node, contexts: ServerContexts, old: OldTls) -> None:
    """Serve what changed in the list of certificates, without touching connections; a lost hint costs seconds.

    Exceptions for old TLS are read with them, and tell of their changes too.
    """
    changed = asyncio.Event()
    ends = [
        told(changed.set) for told in (node.services.certificates.on_change, node.services.transport.rules.on_change)
    ]
    try:
        while not context.stopping.is_set():
            await either(changed, context.stopping, _LOOK_S)
            changed.clear()
            with contextlib.suppress(MailError):  # the store is away: what is served stays
                if contexts.learn(await node.services.certificates.served()):
                    log.event("certificate.served")
                old.learn(await node.services.transport.rules.inward())
                contexts.trust(await _proof_authorities(context, node))
    finally:
        for end in ends:
            end()


async def _proof_authorities(context: WorkerContext, node: Node) -> set[bytes]:
    """Return whose certificates browsers may show here; none where that door is shut."""
    return await node.services.trust_lists.everywhere() if "https-certificate" in context.listeners else set()


def _background(context: WorkerContext, node: Node, lease: NodeLease) -> list[Coroutine[Any, Any, None]]:
    """Return the loops of the roles that listen to nothing."""
    host = context.settings.file.names.mail
    worker = node.clock.new_worker()
    loops: list[Coroutine[Any, Any, None]] = []
    if context.roles & {"relay", "delivery"}:
        config = RelayConfig(host, worker, term=lease.term)
        loops.append(RelayAgent(node.services, config).run(context.stopping))
    if "jobs" in context.roles:
        from smartmail.edge.jobs.indexer import Indexer
        from smartmail.edge.jobs.loops import Jobs
        from smartmail.edge.jobs.pushing import Pushing

        loops.append(Jobs(node.services, worker).run(context.stopping))
        loops.append(Indexer(node.services, worker.rpartition("/")[0]).run(context.stopping))
        loops.append(Pushing(node.services, worker).run(context.stopping))
    return loops
