"""The store's part for backups: all rows of one moment, a database made of them, and what is noted of each run."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.backup import BackupRun, RunKind, RunState, TableHead

Values = Sequence[Any]
"""A row: numbers, texts, octets and None, the same on both databases."""


class Snapshot(Protocol):
    """The store as it was at one moment, while it is written on."""

    @property
    def schema(self) -> int:
        """Return the version of the schema."""
        ...

    @property
    def tables(self) -> Sequence[TableHead]:
        """Return all tables but `domain.backup.LEFT_OUT`, by name."""
        ...

    def rows(self, table: TableHead, block: int) -> AsyncIterator[Sequence[Values]]:
        """Return a table's rows by its primary key, at most `block` at a time."""
        ...


class SnapshotLoader(Protocol):
    """A database that is being made of a snapshot: nobody sees it before `finish`.

    Raises domain.errors.Unavailable: not empty, not writable, newer than this program.
    """

    async def is_there(self) -> bool:
        """Say whether the place holds a database already."""
        ...

    async def begin(self, schema: int) -> None:
        """Make the tables of that schema."""
        ...

    async def add(self, table: TableHead, rows: Sequence[Values]) -> None:
        """Add rows."""
        ...

    async def finish(self, tables: Sequence[TableHead], *, fence: bool, hold_queue: bool) -> None:
        """Set what the database counts by itself, bring the schema up to date, and show it.

        `fence`: clients saw more than what comes back (adapters.sql.fencing); `hold_queue`: waiting mail is held.
        """
        ...

    async def abort(self) -> None:
        """Drop what was made."""
        ...


class BackupStore(Protocol):
    """Outside of transactions."""

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        """Open the rows of this moment. Raises Unavailable."""
        ...

    async def begin_backup_run(self, kind: RunKind, snapshot: str, at: int, audit: AuditRecord) -> int:
        """Note that a run began; return its id."""
        ...

    async def end_backup_run(self, run_id: int, state: RunState, at: int, facts: Mapping[str, Any]) -> None:
        """Note how a run ended."""
        ...

    async def backup_runs(self, kind: RunKind | None, limit: int) -> list[BackupRun]:
        """Return the newest runs, of one kind or all."""
        ...
