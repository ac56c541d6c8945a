"""The shared PostgreSQL of the tests is empty for each test (tests/house/postgres.py): no rows, numbers from 1."""

import asyncpg
import pytest
from tests.contract.store_backends import START, Bench, fresh_postgres
from tests.house import postgres

from smartmail.adapters.sql import open_postgres

pytestmark = pytest.mark.postgres


async def used() -> tuple[int, int, list[int]]:
    """Fill the database; return the account's and the company's number and the UIDs."""
    bench = Bench(await open_postgres(await fresh_postgres(), now=lambda: START), [START])
    await bench.start()
    await bench.add_many(3)
    await bench.store.enqueue_all([bench.entry()])
    numbers = (bench.account.id, bench.organization_id, await bench.uids())
    await bench.store.close()
    return numbers


async def test_nothing_is_left_of_the_test_before():
    await used()
    first = await used()
    assert await used() == first == (1, 1, [1, 2, 3])
    connection = await asyncpg.connect(await fresh_postgres())
    tables = [row[0] for row in await connection.fetch("select tablename from pg_tables where schemaname = 'public'")]
    filled = {name for name in tables if await connection.fetchval(f'select exists (select 1 from "{name}")')}
    started = await connection.fetch(
        "select 1 from pg_sequences where schemaname = 'public' and last_value is not null"
    )
    settings = {
        name: await connection.fetchval(f"show {name}") for name in ("fsync", "synchronous_commit", *postgres._SETTINGS)
    }
    await connection.close()
    assert filled == {"meta"}
    assert started == []
    # What the driver asks for is as it is on a server that may hold mail.
    assert (settings["fsync"], settings["synchronous_commit"], settings["full_page_writes"]) == ("on", "on", "off")
