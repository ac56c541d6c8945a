"""A real node under load is backed up; backups and restores are killed at random points; the whole data directory is lost;
everything that was acknowledged comes back, once, whole, with flags, UIDs and UIDVALIDITY.
"""

import asyncio
import contextlib
import json
import os
import random
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.peers import backup_child
from tests.peers.commands import Forked, start_command
from tests.peers.ledger import prove
from tests.peers.served import Served, served, soon
from tests.peers.storm import ACCOUNTS, Storm

from smartmail.adapters.sql import SqlStore, open_sqlite

KILLS = 6
MOST_S = 1.0
"""How long after its begin a backup or a restore is killed at most."""
MAILS = 300
"""How many are there before the first backup."""


@contextlib.asynccontextmanager
async def beside(directory: Path) -> AsyncIterator[SqlStore]:
    """The store of a directory that a node serves."""
    store = await open_sqlite(str(directory / "smartmail.db"))
    try:
        yield store
    finally:
        await store.close()


async def begun(store: SqlStore) -> int:
    """Return which backup began last."""
    return max((one.id for one in await store.backup_runs("backup", 1)), default=0)


def has_open(pid: int, directory: Path) -> bool:
    """Whether a process has a file of a directory open."""
    with contextlib.suppress(OSError):
        for one in os.listdir(f"/proc/{pid}/fd"):
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{pid}/fd/{one}").startswith(f"{directory}/"):
                    return True
    return False


class Backups:
    """The command as an administrator types it, in a process of its own."""

    def __init__(self, directory: Path, config: Path) -> None:
        self._directory = directory
        self._config = str(config)

    def start(self, *words: str) -> Forked:
        return start_command(self._directory, "backup", *words, "--config", self._config)

    async def run(self, *words: str) -> tuple[int, str]:
        done = await asyncio.to_thread(self.start(*words).finish, 300)
        self.errors = done.stderr
        return done.returncode, done.stdout + ("" if done.returncode == 0 else self.errors)

    async def take_killed(self, rng: random.Random, load: asyncio.Event) -> bool:
        """Take a backup and kill it at a random moment after its begin; say whether it was still at work. `load`: set as
        long as it is.

        Its lease would hold the next one up for twenty seconds: that they are over is done to the lease, so that each is
        killed at its work and not while it waits.
        """
        async with beside(self._directory) as store:
            before = await begun(store)
            process = Forked(backup_child.take, [str(self._directory), self._config])
            while process.poll() is None and await begun(store) == before:
                await asyncio.sleep(0.05)
            load.set()
            at_work = await self._kill(process, rng.uniform(0, MOST_S))
            load.clear()
            await store.take_back_locks("backup/")
        return at_work

    async def restore_killed(self, rng: random.Random) -> bool:
        """Restore and kill it at a random moment after its begin; say whether it was still at work."""
        process = self.start("restore")
        while process.poll() is None and not has_open(process.pid, self._directory):
            await asyncio.sleep(0.02)
        return await self._kill(process, rng.uniform(0, MOST_S))

    async def _kill(self, process: Forked, after_s: float) -> bool:
        await asyncio.sleep(after_s)
        at_work = process.poll() is None
        if at_work:
            process.kill()
        await asyncio.to_thread(process.finish)
        return at_work


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "node.toml"
    file.write_text(f'[backup]\ndirectory = "{tmp_path / "place"}"\nhour = -1\n')
    return file


async def facts(node: Served) -> dict[str, tuple[str, dict[str, str]]]:
    """Return mailbox → (UIDVALIDITY, UID → flags) of some accounts, by IMAP."""
    found = {}
    for login in ACCOUNTS[:4]:
        session = await node.imap(login)
        chosen = await session.select("INBOX", examine=True)
        answers = b" ".join(one.text for one in await session.ok("UID FETCH 1:* (UID FLAGS)")).decode()
        lines = dict(re.findall(r"UID (\d+) FLAGS \(([^)]*)\)", answers))
        assert lines
        found[login] = (str(chosen["UIDVALIDITY"]), {uid: _sorted(flags) for uid, flags in lines.items()})
        session.close()
    return found


async def lost(node: Served, storm: Storm) -> list[str]:
    """Return what the ledger finds wrong. The server's own notices are in no ledger."""
    problems, _ = await prove(node.imap, storm.ledger)
    return [one for one in problems if not one.endswith("@localhost was never sent to it")][:10]


def _sorted(flags: str) -> str:
    return " ".join(sorted(one for one in flags.split() if "Recent" not in one))


@pytest.mark.slow
async def test_everything_acknowledged_comes_back_after_the_loss_of_the_data(tmp_path: Path, config: Path):
    rng = random.Random(20261126)
    data = tmp_path / "data"
    backups = Backups(data, config)
    with served(data, "--bench", "--config", str(config)) as node:
        storm = Storm(node, rng, "backup")
        async with storm.run_load(6):
            storm.blowing.set()
            await soon(lambda: storm.ledger.acks > MAILS, 120, "load")
            cut = sum([await backups.take_killed(rng, storm.blowing) for _ in range(KILLS)])
            storm.blowing.set()
            code, said = await backups.run("take", "--wait")
            assert code == 0, said
        code, said = await backups.run("take", "--wait", "--json")
        assert code == 0, said
        taken = json.loads(said)["result"]
        assert not taken["missing"]
        before = await facts(node)
        assert not await lost(node, storm)
        code, said = await backups.run("verify", "newest", "--wait")
        assert code == 0, said
        code, said = await backups.run("rehearse", "newest", "--wait", "--json")
        assert code == 0, said
        assert json.loads(said)["result"]["good"]
        assert (await backups.run("status"))[0] == 0
        assert node.stop() == 0
    print(f"{cut} of {KILLS} backups killed at work; {taken}, {storm.ledger.counts()}")
    assert cut
    shutil.rmtree(data)
    cut = sum([await backups.restore_killed(rng) for _ in range(KILLS)])
    code, said = await backups.run("restore")
    if "is there" in said:  # the last kill came after the end
        code = 0
    assert code == 0, said
    print(f"{cut} of {KILLS} restores killed at work")
    with served(data, "--bench", "--config", str(config)) as node:
        assert not await lost(node, storm)
        assert await facts(node) == before
        assert node.stop() == 0
