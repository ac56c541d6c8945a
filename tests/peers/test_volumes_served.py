"""Volumes of a running node: added, emptied and filled up by commands while mail comes and is read; nothing is refused."""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.peers.ledger import Ledger, make_message, prove
from tests.peers.served import DOMAIN, ROOT, Served, served
from tests.peers.small_disk import small_disk

RATE = 20
# It is a second on a machine of one's own; beside another worker's tests the machine itself stands still for longer.
TAKEN_OVER_S = 5.0
READERS = 20
ACCOUNTS = [f"u{number}@{DOMAIN}" for number in range(READERS)]


@pytest.fixture
def node(tmp_path: Path):
    with served(tmp_path / "data", "--bench") as node:
        yield node


async def command(node: Served, *words: str) -> object:
    """Run a command as an administrator does, beside the node; return its JSON."""
    line = [sys.executable, "-m", "smartmail.app.cli", "volume", *words, "--data", str(node.directory), "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = await asyncio.to_thread(subprocess.run, line, capture_output=True, env=environment)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


class Mail:
    """Sends at a rate and reads; notes every answer that is not success, and the longest silence between successes."""

    def __init__(self, node: Served) -> None:
        self.node = node
        self.ledger = Ledger()
        self.over = False
        self.troubles: list[str] = []
        self.longest = 0.0
        self.reads = 0
        self._rng = random.Random()
        self._number = 0
        self._last = time.monotonic()

    async def send(self) -> None:
        session = await self.node.smtp("smtp")
        while not self.over:
            self._number += 1
            message_id, login = f"{self._number}.v@storm.example", ACCOUNTS[self._number % len(ACCOUNTS)]
            octets = make_message(self._rng, message_id, "sender@storm.example", login)
            codes = await session.send("sender@storm.example", [login], octets)
            if set(codes) != {250}:
                self.troubles.append(f"answers {codes}")
            self.ledger.note(message_id, octets, login, codes[0])
            self.longest = max(self.longest, time.monotonic() - self._last)
            self._last = time.monotonic()
            await asyncio.sleep(1 / RATE)
        session.close()

    async def read(self, login: str) -> None:
        session = await self.node.imap(login)
        while not self.over:
            told = await session.select("INBOX")
            if told["EXISTS"]:
                try:
                    lines = await session.ok(f"FETCH {self._rng.randint(1, told['EXISTS'])} (BODY.PEEK[])")
                    assert lines[0].literals[0]
                    self.reads += 1
                except Exception as error:
                    self.troubles.append(f"{login}: {error!r}")
            await asyncio.sleep(0.5)
        session.close()


async def work_is_done(node: Served, volume: int, within: float = 60) -> dict:
    deadline = time.monotonic() + within
    while True:
        (row,) = [one for one in await command(node, "list") if one["volume"] == volume]
        if row["work"] and row["work"]["state"] == "done":
            return row
        assert time.monotonic() < deadline, row
        await asyncio.sleep(0.5)


async def test_a_volume_is_added_filled_and_the_first_one_drained_under_load(node: Served, tmp_path: Path):
    mail = Mail(node)
    with small_disk("tmpfs", tmp_path, 400, "second") as disk:
        tasks = [asyncio.create_task(mail.send()), *(asyncio.create_task(mail.read(one)) for one in ACCOUNTS)]
        await asyncio.sleep(2)
        added = await command(node, "add", str(disk.path / "volume"), "--weight", "5")
        assert added["octetsPerSecond"] > 0
        await asyncio.sleep(4)
        views = {one["volume"]: one for one in await command(node, "list")}
        assert views[2]["blobs"] > 20, "new mail goes there by weight, no process was started anew"
        disk.fill()
        mail.longest = 0.0
        await asyncio.sleep(4)
        assert mail.longest < TAKEN_OVER_S, "the other volume takes over; nobody waits for the full one"
        assert {one["volume"]: one["state"] for one in await command(node, "list")}[2] == "full"
        disk.filler.unlink()
        deadline = time.monotonic() + 30
        while {one["volume"]: one["state"] for one in await command(node, "list")}[2] != "online":
            assert time.monotonic() < deadline, "it comes back by itself"
            await asyncio.sleep(0.5)
        await command(node, "drain", "1")
        row = await work_is_done(node, 1)
        assert (row["state"], row["blobs"], row["work"]["unreadable"]) == ("draining", 0, 0)
        await asyncio.sleep(3)
        mail.over = True
        await asyncio.gather(*tasks)
        assert mail.troubles == [] and mail.reads > 200
        problems, _ = await prove(node.imap, mail.ledger)
        assert not problems, problems[:10]
        node.stop()
