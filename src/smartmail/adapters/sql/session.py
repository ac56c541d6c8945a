"""What the rest of this package needs of a database driver.

SQL is written in PostgreSQL's words with two additions that dialect.py knows:

- `= any($1)` takes a list of numbers, texts or octets;
- `from keys(a bigint, b bytea) join t on t.x = k.a and t.y = k.b` looks up many keys at once (`lookup`).

On SQLite no method of a session ever suspends, so that a coroutine over it runs from start to end in one step.
"""

import os
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from smartmail.adapters.sql.task_tables import Tasks
from smartmail.domain.audit import AuditRow
from smartmail.domain.errors import MailError, NotFound, Unavailable
from smartmail.domain.message import Added, Delivery
from smartmail.domain.queue import NewQueueEntry
from smartmail.ports.store_audit import RecordTagger
from smartmail.ports.store_backup import Snapshot
from smartmail.ports.store_database import DatabaseCare

Row = Sequence[Any]
_NONCE: Final = 8
T = TypeVar("T")


class DatabaseAway(Unavailable):
    """The database's host does not answer, or not yet: what was asked may work later without anybody's help."""


class Tags:
    """What makes the tags of records, for all sessions of a database: nothing until the keys are open."""

    def __init__(self) -> None:
        self.tagger: RecordTagger | None = None

    def of(self, row: AuditRow) -> bytes | None:
        """Return the tag of a record that is being written. Each is used once, so that no record can be put in twice."""
        if self.tagger is None:
            return None
        nonce = os.urandom(_NONCE)
        return nonce + self.tagger(nonce, row)


class Session(Protocol):
    """One connection inside one transaction. `tags`: what makes the tags of records that are written in it."""

    @property
    def tags(self) -> Tags:
        """Return what makes tags of records."""
        ...

    async def rows(self, sql: str, *args: object) -> Sequence[Row]:
        """Run a statement and return its rows."""
        ...

    async def row(self, sql: str, *args: object) -> Row | None:
        """Run a statement and return its first row."""
        ...

    async def run(self, sql: str, *args: object) -> None:
        """Run a statement that returns nothing."""
        ...

    async def many(self, sql: str, sets: Sequence[tuple[object, ...]]) -> None:
        """Run a statement once per set of arguments."""
        ...

    async def lookup(self, sql: str, keys: Sequence[tuple[object, ...]]) -> Sequence[Row]:
        """Return the rows of all keys, in no order."""
        ...


async def row_of(session: Session, sql: str, *args: object) -> Row:
    """Return the first row of a statement. Raises NotFound where there is none."""
    row = await session.row(sql, *args)
    if row is None:
        raise NotFound
    return row


Work = Callable[[Session], Coroutine[Any, Any, T]]
DeliverOutcome = list[Added | MailError | None]


@dataclass(frozen=True, slots=True)
class DeliverCall:
    """The arguments of one `deliver_many`."""

    deliveries: Sequence[Delivery]
    fallback: NewQueueEntry | None


class Database(Protocol):
    """A driver: where transactions come from."""

    @property
    def tags(self) -> Tags:
        """Return what makes tags of records that are written here."""
        ...

    async def change(self, order: int, work: Work[T]) -> T:
        """Run `work` in a durable transaction; it may be run again. `order` is the account, or 0: work that is
        committed together is sorted by it. Raises Unavailable, StorageFull.
        """
        ...

    async def lease(self, work: Work[T]) -> T:
        """Run `work`, which takes a lease, as `change` does; refused while this node's clock is off. Raises ClockOff."""
        ...

    async def moment(self) -> int:
        """Return the time by which leases are, in milliseconds of Unix time: the database server's, this machine's on
        SQLite. Raises Unavailable.
        """
        ...

    async def deliver(self, call: DeliverCall) -> DeliverOutcome:
        """Run one call of `deliver_many`, together with others that wait at the same moment."""
        ...

    async def rows(self, sql: str, *args: object) -> Sequence[Row]:
        """Run one reading statement outside any transaction."""
        ...

    async def row(self, sql: str, *args: object) -> Row | None:
        """The same for its first row."""
        ...

    async def read(self, work: Work[T]) -> T:
        """Run `work` in one read-only snapshot. It must be short: on SQLite the event loop waits for it."""
        ...

    async def read_aside(self, work: Work[T]) -> T:
        """The same for statements that count a lot and return little: they must not hold the event loop."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        """Open all rows of this moment on a connection of their own, for as long as it takes."""
        ...

    def care(self) -> DatabaseCare:
        """Return what looks at the database itself and tends it."""
        ...

    async def close(self) -> None:
        """Finish what runs and close."""
        ...


class OnDatabase:
    """A group of the store's methods on a database: what the declarations of statements and transactions need.
    `TASKS`: what workers lease of it, and at what it is looked each second whether it is due.
    """

    TASKS: Tasks = ()
    _db: Database

    def __init__(self, database: Database) -> None:
        self._db = database
