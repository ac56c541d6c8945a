"""What only the PostgreSQL driver promises: transactions run again, connections lost, first start, refusals."""

import asyncio

import asyncpg
import pytest
from tests.contract.store_backends import START, Bench, fresh_postgres, new_database

from smartmail.adapters.sql import open_postgres
from smartmail.adapters.sql.postgres import PostgresDatabase
from smartmail.domain.errors import Unavailable
from smartmail.domain.message import Added

pytestmark = pytest.mark.postgres


@pytest.fixture
async def own_database() -> str:
    """An empty database; it goes with the server, for dropping it would wait for a checkpoint."""
    return await new_database()


async def run(address: str, *statements: str) -> list:
    connection = await asyncpg.connect(address)
    try:
        return [await connection.fetch(statement) for statement in statements][-1]
    finally:
        await connection.close()


async def made(address: str) -> Bench:
    bench = Bench(await open_postgres(address, now=lambda: START), [START])
    await bench.start()
    return bench


async def test_nodes_that_start_at_once_make_one_schema(own_database: str):
    stores = await asyncio.gather(*(open_postgres(own_database) for _ in range(4)))
    assert await run(own_database, "select count(*) from meta where name = 'schema'") == [(1,)]
    for store in stores:
        await store.close()


@pytest.mark.parametrize("version", ["76", "x"])
async def test_a_database_of_another_version_is_refused_and_left_alone(own_database: str, version: str):
    await (await open_postgres(own_database)).close()
    await run(own_database, f"update meta set value = '{version}'")
    with pytest.raises(Unavailable) as caught:
        await open_postgres(own_database)
    assert version in caught.value.detail
    assert await run(own_database, "select value from meta where name = 'schema'") == [(version,)]


async def test_a_server_that_may_lose_commits_is_refused(own_database: str):
    name = own_database.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
    await run(own_database, f"alter database {name} set synchronous_commit = off")
    with pytest.raises(Unavailable) as caught:
        await open_postgres(own_database)
    assert "synchronous_commit" in caught.value.detail


@pytest.mark.parametrize("address", ["postgresql:///x?host=/nowhere", "postgresql://127.0.0.1:1/x", "nonsense"])
async def test_a_server_that_is_away(address: str):
    with pytest.raises(Unavailable):
        await open_postgres(address)


async def test_deadlocks_are_run_again():
    database = await PostgresDatabase.connect(await fresh_postgres(), lambda: START, 4)
    runs = []

    async def unlucky(session):
        runs.append(1)
        await session.run("insert into setting (scope, name, value) values ('a', 'b', 'c')")
        if len(runs) < 3:
            raise (asyncpg.DeadlockDetectedError if len(runs) == 1 else asyncpg.SerializationError)("again")
        return "done"

    assert await database.change(0, unlucky) == "done"
    assert len(runs) == 3
    assert len(await database.rows("select 1 from setting")) == 1

    async def hopeless(session):
        raise asyncpg.DeadlockDetectedError("again")

    with pytest.raises(Unavailable):
        await database.change(0, hopeless)
    await database.close()


async def test_two_that_lock_against_each_other_both_succeed():
    """Accounts taken in opposite order by hand: the server breaks the deadlock, the driver runs one again."""
    bench = await made(await fresh_postgres())
    other = await bench.new_account("u2@acme.test")
    met = asyncio.Barrier(2)
    first_runs = set()

    async def body(session, mine, theirs):
        await session.run("update account set title = 'x' where id = $1", mine)
        if mine not in first_runs:
            first_runs.add(mine)
            await met.wait()
        await session.run("update account set title = 'x' where id = $1", theirs)

    a, b = bench.account.id, other.id
    await asyncio.gather(
        bench.store._db.change(0, lambda s: body(s, a, b)), bench.store._db.change(0, lambda s: body(s, b, a))
    )
    await bench.store.close()


async def test_a_lost_connection_is_unavailable_and_heals(own_database: str):
    bench = await made(own_database)
    await bench.add()

    async def cut(tx):
        await tx.add_message(bench.message())
        await run(
            own_database,
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()",
        )
        await tx.messages([1])

    with pytest.raises(Unavailable):
        await bench.store.write(bench.account.id, cut)
    added = await bench.add()
    assert added.placements[0][1] == 2
    assert await bench.uids() == [1, 2]
    await bench.store.close()


async def test_deliveries_of_one_moment_share_a_transaction():
    bench = await made(await fresh_postgres())
    results = await asyncio.gather(*(bench.store.deliver_many([bench.delivery()], None) for _ in range(64)))
    # Of the rows themselves: the server's own work takes transaction numbers too.
    [transactions] = await bench.store._db.row("select count(distinct xmin::text) from placement")
    assert sorted(r[0].placements[0][1] for r in results) == list(range(1, 65))
    assert 1 <= transactions <= 3
    await bench.store.close()


async def test_a_delivery_that_breaks_the_statement_harms_no_other():
    """A value that the database refuses (nothing of ours makes one) fails its own call only."""
    bench = await made(await fresh_postgres())
    bad = bench.delivery()
    object.__setattr__(bad.message.blob, "size", 2**70)
    results = await asyncio.gather(
        *(bench.store.deliver_many([bad if n == 3 else bench.delivery()], None) for n in range(8)),
        return_exceptions=True,
    )
    assert [isinstance(r, list) and isinstance(r[0], Added) for r in results] == [n != 3 for n in range(8)]
    assert isinstance(results[3], Exception)
    assert await bench.uids() == list(range(1, 8))
    await bench.store.close()
