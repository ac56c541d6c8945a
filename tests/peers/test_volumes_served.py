"""Volumes of a running node: added, emptied and filled up by commands while mail comes and is read; nothing is refused."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.peers.commands import run_command
from tests.peers.ledger import Ledger, make_message, prove
from tests.peers.served import DOMAIN, Served, served, soon
from tests.peers.small_disk import small_disk

RATE = 20
READERS = 20
ACCOUNTS = [f"u{number}@{DOMAIN}" for number in range(READERS)]


@pytest.fixture
def node(tmp_path: Path):
    with served(tmp_path / "data", "--bench") as node:
        yield node


async def command(node: Served, *words: str) -> dict:
    """Run a command as an administrator does, beside the node; return its JSON."""
    done = await asyncio.to_thread(run_command, node.directory, "volume", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Mail:
    """Sends at a rate and reads; notes every answer that is not success."""

    def __init__(self, node: Served) -> None:
        self.node = node
        self.ledger = Ledger()
        self.over = False
        self.troubles: list[str] = []
        self.reads = 0
        self._rng = random.Random()
        self._number = 0

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


async def until_second(node: Served, fits: Callable[[dict], bool], what: str, within: float = 180) -> None:
    """Wait until the second volume's line says so."""
    deadline = time.monotonic() + within
    while not fits(await command(node, "show", "2")):
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.5)


async def work_is_done(node: Served, volume: int, within: float = 240) -> dict:
    deadline = time.monotonic() + within
    while True:
        row = await command(node, "show", str(volume))
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
        assert added["measured"]["octetsPerSecond"] > 0
        await until_second(node, lambda view: view["blobs"] > 20, "new mail goes there, no process was started anew")
        disk.fill()
        acks = mail.ledger.acks
        await until_second(node, lambda view: view["state"] == "full", "it is known to be full")
        # The other volume takes over: nothing is refused, and nobody waits for the full one.
        await soon(lambda: mail.ledger.acks > acks + 3 * RATE, what="mail goes on")
        disk.filler.unlink()
        await until_second(node, lambda view: view["state"] == "online", "it comes back by itself")
        await command(node, "drain", "1")
        row = await work_is_done(node, 1)
        assert (row["state"], row["blobs"], row["work"]["unreadable"]) == ("draining", 0, 0)
        reads = mail.reads
        await soon(lambda: mail.reads > max(200, reads + READERS), 180, "mail is read from its new place")
        mail.over = True
        await asyncio.gather(*tasks)
        assert mail.troubles == []
        problems, _ = await prove(node.imap, mail.ledger)
        assert not problems, problems[:10]
        node.stop()
