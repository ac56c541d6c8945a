"""A node moves from SQLite to PostgreSQL: everything is there and the same; killed anywhere and run again it ends well."""

import asyncio
import os
import signal
import sys
import tomllib
from pathlib import Path

import asyncpg
import pytest
from tests.contract.store_backends import new_database
from tests.flows.house import PASSWORD

from smartmail.app import cli
from smartmail.app.cluster.node_lock import NodeLock
from smartmail.app.node import Node, open_node
from smartmail.app.recovery.moving_database import ASIDE, Moved, move_database, try_move
from smartmail.app.settings import SettingsError, load
from smartmail.app.worker_context import CannotStartError
from smartmail.domain.errors import Unavailable
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.directory import NewPerson

pytestmark = pytest.mark.postgres
LOGIN = "kim@a.example"


@pytest.fixture
async def address() -> str:
    return await new_database()


async def fill(node: Node) -> None:
    organization_id = await node.services.provisioning.organization("test")
    await node.services.directory.add_domain("a.example", organization_id)
    account = await node.services.provisioning.person(NewPerson(LOGIN, "kim"), PASSWORD)
    actor = Actor(account.id, account.organization_id, account.login, False, Origin("jmap"), account.auth_epoch)
    await node.services.auth.open_session(actor)
    for number in range(30):
        await deliver(node, actor, f"{number} 본문")


async def deliver(node: Node, actor: Actor, text: str) -> int:
    octets = f"From: x@b.example\r\nTo: {LOGIN}\r\nSubject: {text}\r\n\r\n{text}\r\n".encode()
    box = await node.services.mailboxes.by_role(actor, actor.account_id, "inbox")
    intake = await node.services.messages.begin(actor, actor.account_id, len(octets))
    await intake.feed(octets)
    added = await node.services.messages.add(actor, actor.account_id, await intake.finish(), [box.row.id])
    return added.message_id


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    """The directory of a node with mail, which has a node file with a comment."""
    directory = tmp_path / "data"
    directory.mkdir()
    (directory / "node.toml").write_text('# ours\nnode = "mail1"\n\n[database]\npool = 4 # few\n', encoding="utf-8")
    async with open_node(load(str(directory)), first_start=True) as node:
        await fill(node)
    return directory


async def subjects(directory: Path) -> tuple[int, int]:
    """Open the node; return how many messages can be read, and the number of one that comes in now."""
    async with open_node(load(str(directory))) as node:
        account = await node.services.directory.account_by_login(LOGIN)
        actor = Actor(account.id, account.organization_id, account.login, False, Origin("jmap"), account.auth_epoch)
        assert [one async for one in node.services.checks.run(lambda step: None, deep=True)] == []
        count = len(await node.store._db.rows("select id from message"))
        return count, await deliver(node, actor, "one more")


async def test_everything_is_there_the_node_file_names_it_and_numbers_go_on(data: Path, address: str):
    steps: list[tuple[str, int, int]] = []
    moved = await move_database(load(str(data)), address, "cli", lambda *step: steps.append(step))
    assert moved.tables > 100 and moved.rows > 100
    assert {what for what, _, _ in steps} == {"copy", "compare", "settings"}
    assert not (data / "smartmail.db").exists() and (data / ASIDE).exists()
    text = (data / "node.toml").read_text()
    assert "# ours" in text and "pool = 4 # few" in text
    settings = load(str(data))
    assert (settings.file.database.url, settings.file.database.pool, settings.uses_sqlite) == (address, 4, False)
    assert settings.volume_path == str(data / "volume")
    count, number = await subjects(data)
    assert (count, number) == (30, 31)
    connection = await asyncpg.connect(address)
    try:
        assert await connection.fetchval("select count(*) from session") == 1, "who is signed in stays so"
        assert await connection.fetchval("select count(*) from audit where action = 'database.move'") == 1
        behind = """select c.relname from pg_class c join pg_sequences q on q.sequencename = c.relname || '_id_seq'
            where c.relkind = 'r' and q.last_value is null"""
        for (table,) in await connection.fetch(behind):
            assert await connection.fetchval(f'select count(*) from "{table}"') == 0, table
    finally:
        await connection.close()


async def test_a_trial_changes_nothing(data: Path, address: str):
    before = {one.name: one.read_bytes() for one in data.iterdir() if one.name in {"smartmail.db", "node.toml"}}
    trial = await try_move(load(str(data)), address)
    assert trial.rows > 100
    assert before == {name: (data / name).read_bytes() for name in before}
    assert (await move_database(load(str(data)), address, "cli")).rows == trial.rows + 1, "and the record of the move"


async def test_while_the_node_serves_nothing_is_moved(data: Path, address: str):
    lock = NodeLock(str(data))
    try:
        with pytest.raises(CannotStartError, match="Stop it first"):
            await move_database(load(str(data)), address, "cli")
    finally:
        lock.release()


async def test_a_target_that_holds_anything_else_is_refused_and_stays(data: Path, address: str, tmp_path: Path):
    (tmp_path / "other").mkdir()
    async with open_node(load(str(tmp_path / "other")), first_start=True) as node:
        await node.services.provisioning.organization("of somebody else")
    await move_database(load(str(tmp_path / "other")), address, "cli")
    for act in (move_database(load(str(data)), address, "cli"), try_move(load(str(data)), address)):
        with pytest.raises(Unavailable) as refused:
            await act
        assert "needs an empty database" in str(refused.value.detail)
    assert (data / "smartmail.db").exists() and load(str(data)).uses_sqlite
    connection = await asyncpg.connect(address)
    try:
        assert await connection.fetchval("select name from organization") == "of somebody else"
    finally:
        await connection.close()


async def killed_at(data: Path, address: str, what: str, done: int) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.flows.moving_child", str(data), address, what, str(done)
    )
    assert await child.wait() == -signal.SIGKILL, f"{what} {done}"


@pytest.mark.slow
async def test_killed_at_any_step_it_is_run_again_and_ends_well(data: Path, address: str):
    for what, done in (("copy", 0), ("copy", 40), ("compare", 0), ("compare", 90), ("settings", 0)):
        await killed_at(data, address, what, done)
        assert load(str(data)).uses_sqlite and (data / "smartmail.db").exists()
    await move_database(load(str(data)), address, "cli")
    assert await subjects(data) == (30, 31)


async def test_a_copy_that_was_cut_off_and_left_behind_is_made_anew(data: Path, address: str):
    await killed_at(data, address, "settings", 0)
    assert await subjects(data) == (30, 31), "the node has served on SQLite meanwhile"
    await try_move(load(str(data)), address)
    await move_database(load(str(data)), address, "cli")
    assert await subjects(data) == (31, 32)


async def test_a_copy_that_somebody_has_served_on_is_never_removed(data: Path, address: str):
    await killed_at(data, address, "settings", 0)
    await subjects(data)
    connection = await asyncpg.connect(address)
    try:
        await connection.execute("insert into node_claim values ('x', 'p', 'h', 1, 1, 0)")
        with pytest.raises(Unavailable):
            await move_database(load(str(data)), address, "cli")
        assert await connection.fetchval("select count(*) from message") == 30
    finally:
        await connection.close()


async def test_after_the_turn_only_the_file_is_put_aside(data: Path, address: str):
    await killed_at(data, address, "settings", 1)
    assert not load(str(data)).uses_sqlite and (data / "smartmail.db").exists()
    assert await move_database(load(str(data)), address, "cli") == Moved(0, 0, str(data / ASIDE))
    assert not (data / "smartmail.db").exists()
    assert await subjects(data) == (30, 31)
    with pytest.raises(CannotStartError, match="PostgreSQL already"):
        await move_database(load(str(data)), address, "cli")


async def test_a_node_file_that_cannot_be_changed_is_left_and_said(data: Path, address: str):
    text = 'database = { pool = 4 }\nnode = "mail1"\n'
    (data / "node.toml").write_text(text)
    with pytest.raises(SettingsError, match="by hand"):
        await move_database(load(str(data)), address, "cli")
    assert (data / "node.toml").read_text() == text and (data / "smartmail.db").exists()
    assert not os.path.exists(data / "node.toml.new")


async def test_the_command_moves_and_says_what_comes_next(data: Path, address: str, capsys, tmp_path: Path):
    secret = tmp_path / "address"
    secret.write_text(address + "\n")
    words = ["database", "move", "--data", str(data), "--to", f"file:{secret}"]
    assert await asyncio.to_thread(cli.main, [*words, "--dry-run"]) == 0
    assert "nothing was changed" in capsys.readouterr().out
    assert await asyncio.to_thread(cli.main, words) == 0
    assert "Start the node" in capsys.readouterr().out
    assert tomllib.loads((data / "node.toml").read_text())["database"]["url"] == f"file:{secret}"
    assert await asyncio.to_thread(cli.main, words) == 78
