"""A disk that fills under load: 4xx only, readable, mail flows again by itself, nothing is lost."""

import asyncio
import random
import time

import pytest
from tests.peers.ledger import prove
from tests.peers.mail_clients import Refused
from tests.peers.served import Served, served, soon
from tests.peers.small_disk import Disk, small_disk
from tests.peers.storm import ACCOUNTS, FLAGGING, Storm

_BACK_S = 120.0
_SIZE_MIB = 160


@pytest.fixture
def disk(request, tmp_path):
    with small_disk(request.param, tmp_path, _SIZE_MIB) as disk:
        yield disk


@pytest.fixture
def node(disk):
    with served(disk.path / "data", "--bench") as node:
        yield node


async def read(node: Served) -> int:
    """Log in, open the inbox and read a message and the flags of all; return how many there are."""
    session = await node.imap(FLAGGING)
    try:
        told = await session.select("INBOX")
        if told["EXISTS"]:
            assert (await session.ok("FETCH 1 (BODY.PEEK[])"))[0].literals[0]
            assert len(await session.ok("FETCH 1:* (FLAGS)")) >= told["EXISTS"]
        return told["EXISTS"]
    finally:
        session.close()


async def answer(node: Served) -> int:
    """Send a small message; return the code, 0 when the connection ended."""
    try:
        session = await node.smtp("smtp")
    except (OSError, Refused):
        return 0
    try:
        octets = b"Subject: probe\r\nMessage-ID: <%d@probe.example>\r\n\r\n.\r\n" % time.time_ns()
        return (await session.send("probe@storm.example", [ACCOUNTS[19]], octets))[0]
    except Refused as error:
        return int(error.code)
    except (OSError, ValueError):
        return 0
    finally:
        session.close()


async def flows_again(node: Served) -> float:
    """Wait until a message is accepted; return the seconds."""
    started = time.monotonic()
    while await answer(node) != 250:
        assert time.monotonic() - started < _BACK_S, "mail does not flow again"
        await asyncio.sleep(0.1)
    return time.monotonic() - started


async def proven(node: Served, storm: Storm) -> None:
    """Compare with the ledger; the probes of `answer` are not in it."""
    problems, _ = await prove(node.imap, storm.ledger)
    problems = [problem for problem in problems + storm.problems if "@probe.example was never sent" not in problem]
    assert not problems, problems[:20]


def only_temporary(storm: Storm) -> None:
    """Nothing but acceptance and temporary refusals was said; something of both."""
    codes = storm.ledger.codes
    assert {code for code in codes if code // 100 not in {0, 2, 4}} == set(), codes
    assert codes[250], codes
    assert codes[452], codes


@pytest.mark.slow
@pytest.mark.parametrize("disk", ["tmpfs"], indirect=True)
async def test_mail_fills_the_disk(node: Served, disk: Disk):
    storm = Storm(node, random.Random(1), "full", sizes=lambda: 300_000)
    async with storm.run_load(8, imap=False):
        storm.blowing.set()
        await soon(lambda: storm.ledger.codes[452] >= 50, 180, "452")
        assert await read(node) > 0
        await small_changes_go_on(node)
        storm.blowing.clear()
        disk.relieve()
        await flows_again(node)
    only_temporary(storm)
    await proven(node, storm)


async def small_changes_go_on(node: Served) -> None:
    """Small changes go on inside the volume's reserve: flags, moves and deletions, which win space back."""
    session = await node.imap(FLAGGING)
    try:
        await session.select("INBOX")
        await session.ok(r"STORE 1:5 +FLAGS (\Flagged)")
        await session.ok('MOVE 1 "Trash"')
    finally:
        session.close()


@pytest.mark.slow
@pytest.mark.parametrize(("disk", "killed"), [("ext4", False), ("ext4", True), ("tmpfs", True)], indirect=["disk"])
async def test_something_else_fills_the_disk(node: Served, disk: Disk, killed: bool):
    storm = Storm(node, random.Random(2), "filler", sizes=lambda: 3_000)
    async with storm.run_load(8, imap=False):
        storm.blowing.set()
        await soon(lambda: storm.ledger.acks >= 100, 120, "acks")
        await asyncio.to_thread(disk.fill)
        await soon(lambda: storm.ledger.codes[452] >= 20, 120, f"452 {storm.ledger.codes}")
        if killed:
            storm.blowing.clear()
            for pid in [node.supervisor(), *node.workers().values()]:
                node.kill(pid)
            deadline = time.monotonic() + _BACK_S
            while time.monotonic() < deadline:
                code = await answer(node)
                assert code in {0, 421, 451, 452}, code
                if code:
                    break
                await asyncio.sleep(0.2)
            assert code, "no answer while full after a kill"
        assert await read(node) > 0
        disk.relieve()
        await flows_again(node)
        storm.blowing.set()
        acks = storm.ledger.acks
        await soon(lambda: storm.ledger.acks > acks + 20, 120, "the load goes on")
    only_temporary(storm)
    await proven(node, storm)
