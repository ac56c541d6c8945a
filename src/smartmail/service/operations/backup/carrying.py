"""Carrying a whole database into another one, row by row, and showing that both are the same.

NAME        carrying
PURPOSE     What a move from SQLite to PostgreSQL does with rows. Must not know which databases they are, nor settings.
STRATEGIES  All tables but the version of the schema, in blocks; of each the count and the sum of the hashes of its rows are taken
            while it is read, and compared with what the other database gives back. Numbers that a database gives out by itself
            go on from where they were (`SnapshotLoader.finish`).
LIMITS      A block of rows in memory.
FAILURE     Unavailable: the other database shows nothing (`SnapshotLoader.abort`), and the first is as it was.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final, Protocol

from smartmail.domain.backup import LEFT_OUT, BackupFinding, TableFacts, TableHead
from smartmail.ports.store_backup import Snapshot, SnapshotLoader
from smartmail.service.operations.backup import wire
from smartmail.service.operations.backup.telling import Told, quiet
from smartmail.service.operations.backup.verifying import differences

BLOCK_ROWS: Final = 2_000


class WholeLoader(SnapshotLoader, Protocol):
    """A SnapshotLoader that also takes tables into which its own migrations put rows."""

    async def clear(self, table: TableHead) -> None:
        """Remove those rows."""
        ...


async def carry(snapshot: Snapshot, loader: WholeLoader, told: Told = quiet) -> list[TableFacts]:
    """Bring all rows over and show them; return what they were. Raises Unavailable."""
    try:
        await loader.begin(snapshot.schema)
        facts = [await _table(snapshot, loader, number, told) for number in range(len(snapshot.tables))]
        await loader.finish(snapshot.tables, fence=False, hold_queue=False)
    except BaseException:
        await loader.abort()
        raise
    return facts


async def facts_of(snapshot: Snapshot, told: Told = quiet) -> list[TableFacts]:
    """Return what the rows of a database are, without bringing them anywhere."""
    return [await _table(snapshot, None, number, told) for number in range(len(snapshot.tables))]


async def unlike(snapshot: Snapshot, facts: Sequence[TableFacts], told: Told = quiet) -> list[BackupFinding]:
    """Return the tables of a database that are not what `facts` say, in count or in any value."""
    return [one async for one in differences(snapshot, facts, lambda _head, rows: _plain(rows), told)]


async def _table(snapshot: Snapshot, loader: WholeLoader | None, number: int, told: Told) -> TableFacts:
    table, digest = snapshot.tables[number], wire.Digest()
    told("copy" if loader else "read", number, len(snapshot.tables))
    if loader is not None and table.name in LEFT_OUT:
        await loader.clear(table)
    async for rows in snapshot.rows(table, BLOCK_ROWS):
        await asyncio.to_thread(digest.add, _plain(rows))
        if loader is not None:
            await loader.add(table, rows)
    return TableFacts(table, digest.rows, digest.hex)


def _plain(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(row) for row in rows]
