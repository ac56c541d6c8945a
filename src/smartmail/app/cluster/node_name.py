"""A node's name is one tree's: claimed before its processes start, held by each of them, by the database's clock (ADR 74).

Leases, hints and records carry the name, so two nodes of one name would take each other's work for their own. Where the
database is a file of the data directory the lock of that directory says it all (app.node_lock), and nothing here is asked.

STATES   nobody's → claimed → held (seen every BEAT_S) → silent for SILENT_MS: nobody's again.
         The same data directory claims at once: its lock proves that the tree of before is dead.
FAILURE  The database is away: nobody can claim either. Who comes back and finds its name taken ends its processes.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from smartmail.adapters.clock import DatabaseClock
from smartmail.adapters.sql import SqlStore
from smartmail.app.cluster.node_lease import NodeLease
from smartmail.app.cluster.shared_volumes import local_places, require_shared_volumes, show_signs
from smartmail.app.node import Node
from smartmail.app.settings import Settings
from smartmail.app.worker_context import CannotStartError, WorkerContext
from smartmail.base import log
from smartmail.domain.cluster import SILENT_MS, NodeClaim
from smartmail.domain.errors import MailError

BEAT_S: Final = 5.0
_PLACE, _HOLDER = "place", "holder"
_PLACE_OCTETS: Final = 8


def place_of(directory: str) -> str:
    """Return what tells this data directory from any other, a copy of it too: octets of its own, and where they lie."""
    path = os.path.join(directory, _PLACE)
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(os.urandom(_PLACE_OCTETS).hex())
    with open(path, encoding="ascii") as file:
        return f"{file.read().strip()}.{os.fstat(file.fileno()).st_ino:x}"


async def claim_name(settings: Settings, store: SqlStore, clock: DatabaseClock, pause_s: float = 1.0) -> None:
    """Take the node's name for this start. Raises CannotStartError where another node has it and lives."""
    place = place_of(settings.directory)
    holder = f"{place}-{clock.random(8).hex()}"
    first: NodeClaim | None = None
    while True:
        now = await store.moment()
        wish = NodeClaim(settings.file.node, place, holder, now, now, clock.skew())
        held = await store.claim_node(wish, now - SILENT_MS)
        if held.holder == holder:
            _write_holder(settings, holder)
            return
        if first is not None and (held.holder, held.seen_at) != (first.holder, first.seen_at):
            raise CannotStartError(taken(settings.file.node))
        # Alive or dead? It is seen again within BEAT_S, or not before its name is free.
        first = first or held
        await asyncio.sleep(pause_s)


def taken(name: str) -> str:
    """Return what to do where another node has the name."""
    return (
        f'Another node named "{name}" runs on this database. Give each node a name of its own: node = "…" in its '
        f"node.toml. If that one is to be replaced by this one, stop it first; a node that was lost gives its name up "
        f"by itself {SILENT_MS // 1000} seconds after its last sign of life."
    )


async def hold_name(context: WorkerContext, node: Node, lease: NodeLease) -> None:
    """Tell every few seconds that the name is held, and watch the clock, until the process stops.

    Raises CannotStartError where the name is another's by now: what this process does ends with it.
    """
    watch = ClockWatch(node.clock)
    while not context.stopping.is_set():
        if not context.settings.uses_sqlite:
            with suppress(MailError):
                await watch.look(node.store.moment)
                await require_name(context.settings, node.store, node.clock, lease)
                await _show_signs(context.settings, node)
        with suppress(TimeoutError):
            async with asyncio.timeout(BEAT_S):
                await context.stopping.wait()


async def join_nodes(settings: Settings, store: SqlStore, clock: DatabaseClock, pause_s: float = 1.0) -> None:
    """Let a node that has claimed its name join those that serve. Raises CannotStartError (app.shared_volumes)."""
    await require_shared_volumes(settings, store, clock, _read_holder(settings), SILENT_MS, pause_s)


async def _show_signs(settings: Settings, node: Node) -> None:
    places = local_places(settings, node.volumes.rows.values())
    if places:
        place, holder = place_of(settings.directory), _read_holder(settings)
        await asyncio.to_thread(show_signs, places, place, holder, node.clock.now())


async def require_name(
    settings: Settings, store: SqlStore, clock: DatabaseClock, lease: NodeLease | None = None
) -> None:
    """Tell that the holder of the name lives, which renews its lease. Raises CannotStartError: another has it."""
    holder = _read_holder(settings)
    lease = lease or NodeLease()
    began = lease.begin()
    if not await store.hold_node(settings.file.node, holder, clock.now(), clock.skew()):
        log.event("node.superseded", node=settings.file.node)
        raise CannotStartError(taken(settings.file.node))
    lease.renewed(began)


class ClockWatch:
    """Asks the database for its time now and then, and tells when this node's clock goes wrong and is right again."""

    def __init__(self, clock: DatabaseClock, every: int = 12) -> None:
        self._clock = clock
        self._every = every
        """Looks between two questions, while the clock is right."""
        self._left = 0
        self._fault = ""

    async def look(self, ask: Callable[[], Awaitable[int]]) -> None:
        """Ask if it is time, and tell what has changed. Raises Unavailable."""
        if self._left <= 0 or self._fault:
            asked = await self._clock.measure(ask)
            self._left = self._every if asked is not None else 0
        self._left -= 1
        fault = self._clock.fault()
        if fault and not self._fault:
            log.event("clock.off", skew_ms=self._clock.skew(), detail=fault)
        elif self._fault and not fault:
            log.event("clock.right", skew_ms=self._clock.skew())
        self._fault = fault


def _path(settings: Settings) -> str:
    return os.path.join(settings.directory, "run", _HOLDER)


def _write_holder(settings: Settings, holder: str) -> None:
    path = _path(settings)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(holder)


def _read_holder(settings: Settings) -> str:
    try:
        with open(_path(settings), encoding="ascii") as file:
            return file.read().strip()
    except OSError as error:
        raise CannotStartError(
            f"{_path(settings)}: {error.strerror}. Start the node anew: ./smartmail serve."
        ) from error
