"""The store: all groups over one driver (ports.store.Store)."""

import os
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from smartmail.adapters.sql.addressing import SqlAddressing
from smartmail.adapters.sql.audit import SqlAudit
from smartmail.adapters.sql.authentication import SqlAuthentication
from smartmail.adapters.sql.cases import SqlCases
from smartmail.adapters.sql.cluster import SqlCluster
from smartmail.adapters.sql.config import SqlConfig
from smartmail.adapters.sql.correspondents import SqlCorrespondents
from smartmail.adapters.sql.defence import SqlDefence
from smartmail.adapters.sql.directory import SqlDirectory
from smartmail.adapters.sql.filters import SqlFilters
from smartmail.adapters.sql.lessons import SqlLessons
from smartmail.adapters.sql.metadata import SqlMetadata
from smartmail.adapters.sql.policy import SqlPolicy
from smartmail.adapters.sql.push import SqlPush
from smartmail.adapters.sql.quarantine import SqlQuarantine
from smartmail.adapters.sql.queue import SqlQueue
from smartmail.adapters.sql.queue_control import SqlQueueControl
from smartmail.adapters.sql.reads import SqlReads
from smartmail.adapters.sql.route import SqlRoute
from smartmail.adapters.sql.search import SqlSearch
from smartmail.adapters.sql.session import Database, DeliverCall
from smartmail.adapters.sql.sharing import SqlSharing
from smartmail.adapters.sql.sqlite import SqliteDatabase
from smartmail.adapters.sql.trace import SqlTrace
from smartmail.adapters.sql.transport import SqlTransport
from smartmail.adapters.sql.tx import run_body, run_expected
from smartmail.adapters.sql.vault import SqlVault
from smartmail.adapters.sql.work import Now
from smartmail.domain.errors import MailError, StateMismatch
from smartmail.domain.ids import AccountId
from smartmail.domain.message import Added, Delivery
from smartmail.domain.queue import NewQueueEntry
from smartmail.ports.expectation import expectation_of
from smartmail.ports.store import Body, Store

T = TypeVar("T")


class SqlStore(
    SqlReads,
    SqlQueue,
    SqlQueueControl,
    SqlQuarantine,
    SqlCases,
    SqlDirectory,
    SqlConfig,
    SqlPolicy,
    SqlSharing,
    SqlPush,
    SqlMetadata,
    SqlSearch,
    SqlFilters,
    SqlCorrespondents,
    SqlLessons,
    SqlVault,
    SqlAudit,
    SqlTransport,
    SqlAuthentication,
    SqlAddressing,
    SqlDefence,
    SqlRoute,
    SqlTrace,
    SqlCluster,
):
    """ports.store.Store on a `Database`."""

    def __init__(self, database: Database, now: Now) -> None:
        self._db = database
        self._now = now

    async def write(self, account_id: AccountId, body: Body[T]) -> T:
        expected = expectation_of(account_id)
        if expected is None:
            return await self._db.change(account_id, lambda session: run_body(session, account_id, body, self._now()))
        try:
            result, state = await self._db.change(
                account_id, lambda session: run_expected(session, account_id, body, self._now(), expected)
            )
        except StateMismatch:
            expected.missed = True
            raise
        expected.carry(state)
        return result

    async def deliver_many(
        self, deliveries: Sequence[Delivery], fallback: NewQueueEntry | None
    ) -> list[Added | MailError | None]:
        if not deliveries:
            return []
        return await self._db.deliver(DeliverCall(deliveries, fallback))

    async def close(self) -> None:
        await self._db.close()


def wall_clock() -> int:
    """Return milliseconds of Unix time."""
    return time.time_ns() // 1_000_000


def end_process(_error: BaseException) -> None:
    """End at once: what a failed sync left behind is only known after recovery (reliability.md 3)."""
    os._exit(70)


async def open_sqlite(
    path: str, *, now: Now = wall_clock, on_fatal: Callable[[BaseException], None] = end_process
) -> Store:
    """Open or make a database file. Raises Unavailable: file not writable, affected library, other schema."""
    return SqlStore(SqliteDatabase(path, now, on_fatal), now)


async def open_postgres(address: str, *, now: Now = wall_clock, connections: int = 8) -> Store:
    """Connect to a PostgreSQL database, making the schema when it is empty. Raises Unavailable."""
    from smartmail.adapters.sql.postgres import PostgresDatabase

    return SqlStore(await PostgresDatabase.connect(address, now, connections), now)
