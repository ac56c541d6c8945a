"""The care of a SQLite file: room given back, damage found, statistics."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest
from tests.contract.store_backends import Bench, Factory, bench, store
from tests.contract.test_store_database import Told, filled

from smartmail.adapters.sql import sqlite_care

__all__ = ["bench", "store"]


@pytest.fixture
async def store_factory(tmp_path: Path) -> AsyncIterator[Factory]:
    """A fresh file and the means to open it."""
    factory = Factory("sqlite", str(tmp_path / "mail.db"))
    yield factory
    for opened in factory.opened:
        await opened.close()


async def emptied(bench: Bench, rows: int) -> None:
    for number in range(rows):
        await bench.store.put_setting("bulk", f"n{number}", None)


async def test_a_rewrite_gives_room_back_and_steps_do_afterwards(bench: Bench, store_factory: Factory):
    care = bench.store.database_care()
    await filled(bench, 300)
    await emptied(bench, 300)
    before = await care.facts()
    assert before.spare > 500_000
    assert not before.stepwise
    await care.give_back(Told())
    assert (await care.facts()).octets == before.octets, "a file without a map gives nothing back in steps"
    await care.rewrite(Told())
    after = await care.facts()
    assert after.stepwise
    assert after.octets < before.octets - 500_000
    assert os.stat(store_factory.address).st_size == after.octets
    await filled(bench, 300)
    await emptied(bench, 300)
    spare = (await care.facts()).spare
    assert spare > 500_000
    await care.give_back(Told())
    last = await care.facts()
    assert last.spare < spare / 10
    assert {one for one in os.listdir(os.path.dirname(store_factory.address)) if not one.startswith("mail.db")} == set()


async def test_damage_is_found_and_named(bench: Bench, store_factory: Factory):
    await filled(bench, 50)
    await bench.store.close()
    connection = apsw.Connection(store_factory.address)
    connection.execute("pragma journal_mode = delete")
    [(name, page)] = connection.execute(
        "select name, rootpage from sqlite_master where type = 'index' and tbl_name = 'account' limit 1"
    ).fetchall()
    size = connection.execute("pragma page_size").fetchall()[0][0]
    connection.close()
    with open(store_factory.address, "r+b") as file:
        # Where the last entries of the page lie: they fill it from its end.
        file.seek(page * size - 12)
        file.write(b"\xff" * 12)
    found = await sqlite_care.SqliteCare(store_factory.address).check(Told())
    assert found, name
    assert len(found) <= sqlite_care.MOST_FINDINGS


async def test_small_tables_get_no_statistics_that_would_mislead_once_they_have_grown(
    bench: Bench, store_factory: Factory, monkeypatch: pytest.MonkeyPatch
):
    care = bench.store.database_care()

    def counted() -> set[str]:
        connection = apsw.Connection(store_factory.address)
        known = connection.execute("select count(*) from sqlite_master where name = 'sqlite_stat1'").fetchall()[0][0]
        names = {row[0] for row in connection.execute("select tbl from sqlite_stat1")} if known else set()
        connection.close()
        return names

    await filled(bench, 30)
    await care.optimise(Told())
    assert counted() == set()
    monkeypatch.setattr(sqlite_care, "LARGE_ROWS", 20)
    await care.optimise(Told())
    assert "setting" in counted()
    assert "account" not in counted()
