"""The database of a node moves from SQLite to PostgreSQL: one command, while nobody serves (`./smartmail database move`, ADR 77).

NAME      moving database
STATES    SQLite in use → the copy shows in PostgreSQL, whole → compared → the node file names it (the turn) → the SQLite
          file lies aside. Killed anywhere before the turn, the node is as it was; after it, the node is on PostgreSQL. Run
          again, it goes on: a copy that is whole is compared and not made anew.
FAILURE   The target holds anything else: refused, and nothing is removed there. A copy of an earlier run that differs by now,
          since the node has served meanwhile, is made anew: only while it bears this node's mark and no node has ever served on
          it. A difference right after the copy: the node stays on SQLite.
SECURITY  The address may hold a password: it goes into the node file only as it was given (file:PATH, env:NAME or itself).
"""

import asyncio
import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from smartmail.adapters.sql.loading import PostgresLoader
from smartmail.adapters.sql.long_read import sqlite_snapshot
from smartmail.app.cluster.node_lock import MOVE, NodeLock
from smartmail.app.cluster.node_name import place_of
from smartmail.app.moved_settings import write_moved
from smartmail.app.node import open_node
from smartmail.app.opening.restore_journal import require_no_restore
from smartmail.app.settings import Settings, secret
from smartmail.app.worker_context import CannotStartError
from smartmail.domain.audit import AuditRecord
from smartmail.domain.backup import MADE_ANEW, BackupFinding, TableFacts
from smartmail.domain.errors import Unavailable
from smartmail.service.operations.backup.carrying import carry, facts_of, unlike
from smartmail.service.operations.backup.telling import Told, quiet

ASIDE: Final = "smartmail.db.moved"
_DATABASE: Final = "smartmail.db"


@dataclass(frozen=True, slots=True)
class Moved:
    """What was, or in a trial would be, moved. `aside`: where the SQLite file lies by now."""

    tables: int
    rows: int
    aside: str = ""


async def try_move(settings: Settings, address: str, told: Told = quiet) -> Moved:
    """Look whether a move could be made, and how much it would bring; change nothing. Raises CannotStartError, Unavailable,
    SettingsError.
    """
    path = _source(settings)
    lock = NodeLock(settings.directory, holder=MOVE)
    try:
        loader = PostgresLoader(secret(address), place_of(settings.directory))
        if await loader.is_there() and not await loader.is_unused_copy():
            raise Unavailable(detail=_TAKEN)
        async with sqlite_snapshot(path, MADE_ANEW) as snapshot:
            return _moved(await facts_of(snapshot, told))
    finally:
        lock.release()


async def move_database(settings: Settings, address: str, actor: str, told: Told = quiet) -> Moved:
    """Move it to the database at `address`: postgresql://…, or file:PATH or env:NAME that holds such a one. `actor` is who is
    named in the audit. Raises CannotStartError, Unavailable, SettingsError.
    """
    if not settings.uses_sqlite:
        return _finished(settings)
    path = _source(settings)
    lock = NodeLock(settings.directory, holder=MOVE)
    try:
        loader = PostgresLoader(secret(address), place_of(settings.directory))
        if not await _has_copy(path, loader, told):
            await _note(settings, actor)
        with _no_writers(path):
            facts = await _copied(path, loader, told)
            told("settings", 0, 1)
            write_moved(settings, address)
            told("settings", 1, 1)
            return _moved(facts, _put_aside(settings))
    finally:
        lock.release()


def _finished(settings: Settings) -> Moved:
    """End a move whose turn was made: put the file aside. Raises CannotStartError where there is nothing to end."""
    if not os.path.exists(os.path.join(settings.directory, _DATABASE)):
        raise CannotStartError("This node is on PostgreSQL already: there is nothing to move.")
    lock = NodeLock(settings.directory, holder=MOVE)
    try:
        return Moved(0, 0, _put_aside(settings))
    finally:
        lock.release()


def _source(settings: Settings) -> str:
    require_no_restore(settings)
    path = os.path.join(settings.directory, _DATABASE)
    if not settings.uses_sqlite or not os.path.exists(path):
        raise CannotStartError(
            f"{settings.directory} holds no SQLite database. Name the right directory with --data DIR."
        )
    return path


async def _note(settings: Settings, actor: str) -> None:
    """Bring the schema up to date, and record who moves it: the record moves along."""
    async with open_node(settings) as node:
        await node.store.audit(AuditRecord(node.clock.now(), actor, "database.move", "database"))


_TAKEN = "the database at that address has tables already, which are not of a move of this node: a move needs an empty database"


async def _has_copy(path: str, loader: PostgresLoader, told: Told) -> bool:
    """Say whether an earlier run has made the copy, whole and still the same. One that the node has left behind since is
    removed. Raises Unavailable: there is anything else.
    """
    if not await loader.is_there():
        return False
    if not await loader.is_unused_copy():
        raise Unavailable(detail=_TAKEN)
    async with sqlite_snapshot(path, MADE_ANEW) as snapshot, loader.snapshot(MADE_ANEW) as copy:
        if not await unlike(copy, await facts_of(snapshot, told), told):
            return True
    await loader.remove()
    return False


async def _copied(path: str, loader: PostgresLoader, told: Told) -> list[TableFacts]:
    """Have a copy in the target that is the same in every row; return what it holds."""
    there = await loader.is_there()
    async with sqlite_snapshot(path, MADE_ANEW) as snapshot:
        facts = await (facts_of(snapshot, told) if there else carry(snapshot, loader, told))
    async with loader.snapshot(MADE_ANEW) as copy:
        if found := await unlike(copy, facts, told):
            raise Unavailable(detail=_differs(found))
    return facts


def _differs(found: Sequence[BackupFinding]) -> str:
    names = ", ".join(one.object for one in found)
    return f"the copy is not the same ({names}): this node stays on SQLite. Run the move again; if it differs again, tell the vendor"


@contextmanager
def _no_writers(path: str) -> Iterator[None]:
    """Let nobody else write: writers of all processes queue on this lock (adapters.sql.sqlite_writer)."""
    descriptor = os.open(path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _put_aside(settings: Settings) -> str:
    """Rename the SQLite file and what belongs to it, the log first: the file alone would lack its newest rows."""
    path = os.path.join(settings.directory, _DATABASE)
    aside, number = os.path.join(settings.directory, ASIDE), 1
    while os.path.exists(aside):
        number += 1
        aside = os.path.join(settings.directory, f"{ASIDE}-{number}")
    for end in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            os.rename(path + end, aside + end)
    return aside


def _moved(facts: Sequence[TableFacts], aside: str = "") -> Moved:
    return Moved(len(facts), sum(one.rows for one in facts), aside)


def moving(settings: Settings, address: str, actor: str, *, trial: bool, told: Told = quiet) -> Moved:
    """Do it, for a command that has no loop. Raises as the others do."""
    return asyncio.run(try_move(settings, address, told) if trial else move_database(settings, address, actor, told))
