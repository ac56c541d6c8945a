"""Tests open copies of one migrated file (tests/house/template.py): no different from a file that was migrated itself."""

import re
from pathlib import Path
from typing import Any

import apsw
import pytest
from tests.contract.store_backends import fatal
from tests.house import template

from smartmail.adapters.sql import migrate, open_sqlite, sqlite


async def made(path: Path) -> dict[str, Any]:
    """Open a store at a fresh path and close it; return all that the file holds."""
    await (await open_sqlite(str(path), now=lambda: 1, on_fatal=fatal)).close()
    connection = apsw.Connection(str(path))
    try:
        schema = connection.execute("select type, name, tbl_name, sql from sqlite_master order by 1, 2").fetchall()
        rows = {
            name: connection.execute(f'select * from "{name}"').fetchall()
            for kind, name, *_ in schema
            if kind == "table"
        }
        pragmas = {name: connection.pragma(name) for name in ("journal_mode", "page_size", "user_version", "encoding")}
        return {"schema": schema, "rows": rows, "pragmas": pragmas, "mode": path.stat().st_mode & 0o777}
    finally:
        connection.close()


@pytest.fixture
def migrated_times(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many scripts each opening still found to run."""
    runs: list[int] = []
    real = migrate.migrate

    async def counted(session: Any, statements: Any, until: int | None = None) -> None:
        seen: list[str] = []
        await real(session, lambda script: seen.append(script) or statements(script), until)
        runs.append(len(seen))

    monkeypatch.setattr(sqlite, "migrate", counted)
    return runs


async def test_a_copy_is_what_migrations_make(tmp_path: Path, migrated_times: list[int]):
    copied = await made(tmp_path / "copied.db")
    with template.migrations():
        migrated = await made(tmp_path / "migrated.db")
    assert migrated_times == [0, len(migrate.scripts())]
    assert copied == migrated
    # Nothing that two stores must not share: the version of the schema is all that it knows, where numbers stand, and that no
    # record is older than tags.
    assert {name for name, rows in copied["rows"].items() if rows} == {"meta", "sqlite_sequence", "audit_untagged"}
    assert {number for _, number in copied["rows"]["sqlite_sequence"]} == {0}
    assert [name for name, _ in sorted(copied["rows"]["meta"])] == ["floor", "schema"]
    assert not re.search(r"\.copy", " ".join(one.name for one in tmp_path.iterdir()))


async def test_other_scripts_are_run_and_not_copied(
    tmp_path: Path, migrated_times: list[int], monkeypatch: pytest.MonkeyPatch
):
    first = migrate.scripts()[:5]
    monkeypatch.setattr(migrate, "scripts", lambda: first)
    await made(tmp_path / "old.db")
    assert migrated_times == [5]


async def test_a_file_that_is_there_is_left_to_the_store(tmp_path: Path, migrated_times: list[int]):
    (tmp_path / "empty.db").touch()
    await made(tmp_path / "empty.db")
    assert migrated_times == [len(migrate.scripts())]
