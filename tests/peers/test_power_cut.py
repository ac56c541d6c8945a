"""Power cuts under load: a real file system loses what was not synced; nothing acknowledged is lost.

Database and volume lie on two file systems, which are cut together or one at a time: no order between the two is given
by chance. The processes are stopped just before, as in a power cut nobody says anything after it.
"""

import asyncio
import random
import time
from contextlib import ExitStack

import pytest
from tests.peers.ledger import prove
from tests.peers.mail_clients import Refused
from tests.peers.served import Served, put_node_file, served, soon
from tests.peers.small_disk import Disk, small_disk
from tests.peers.storm import ACCOUNTS, FLAGGING, Storm

CUTS = (("data", "volume"), ("data",), ("volume",), ("data", "volume"))


@pytest.fixture
def disks(tmp_path):
    with ExitStack() as stack:
        yield {name: stack.enter_context(small_disk("ext4", tmp_path, 400, name)) for name in ("data", "volume")}


@pytest.fixture
def node(disks):
    directory = disks["data"].path / "node"
    put_node_file(directory, f'[volume]\npath = "{disks["volume"].path / "packs"}"\n')
    with served(directory, "--bench") as node:
        yield node


async def cut(node: Served, disks: dict[str, Disk], storm: Storm, which: tuple[str, ...]) -> None:
    """Cut at a random moment of the load, then start anew on what is left."""
    storm.blowing.set()
    acks = storm.ledger.acks
    await soon(lambda: storm.ledger.acks > acks + storm.rng.randrange(5, 200), 120, "load")
    await asyncio.sleep(storm.rng.uniform(0, 0.1))
    storm.blowing.clear()
    await asyncio.to_thread(node.freeze)
    for name in which:
        disks[name].cut_power()
    await asyncio.to_thread(node.kill_all)
    for name in which:
        disks[name].come_back()
    await asyncio.to_thread(node.start)


@pytest.mark.slow
async def test_nothing_acknowledged_is_lost_by_power_cuts(node: Served, disks: dict[str, Disk]):
    storm = Storm(node, random.Random(20261126), "power")
    async with storm.run_load(12):
        for which in CUTS:
            await cut(node, disks, storm, which)
    problems, _ = await prove(node.imap, storm.ledger)
    assert not problems + storm.problems, (problems + storm.problems)[:20]
    assert storm.ledger.counts()["acked"] > 40
    assert {code for code in storm.ledger.codes if code // 100 not in {0, 2, 4}} == set()
    session = await node.imap(FLAGGING)
    await session.select("INBOX")
    assert storm.flagged <= set(await session.search("FLAGGED KEYWORD $Storm"))


async def answer(node: Served) -> int:
    """Send a small message; return the code, 0 when the connection ended or none could be made."""
    try:
        async with asyncio.timeout(30):
            session = await node.smtp("smtp")
    except (OSError, Refused, TimeoutError):
        return 0
    try:
        async with asyncio.timeout(30):
            octets = b"Subject: late\r\nMessage-ID: <%d@late.example>\r\n\r\n.\r\n" % time.time_ns()
            return (await session.send("x@storm.example", ACCOUNTS[:1], octets))[0]
    except Refused as error:
        return int(error.code)
    except (OSError, ValueError, TimeoutError):
        return 0
    finally:
        session.close()


@pytest.mark.slow
@pytest.mark.parametrize("which", ["data", "volume"])
async def test_a_disk_that_fails_gets_no_promises(node: Served, disks: dict[str, Disk], which: str):
    """A failed sync is fatal and never repeated: from then on 4xx or nothing, until the disk is back."""
    assert await answer(node) == 250
    disks[which].cut_power()
    codes = set()
    deadline = time.monotonic() + 4
    while time.monotonic() < deadline:
        codes.add(await answer(node))
        await asyncio.sleep(0.05)
    assert codes <= {0, 421, 450, 451, 452}, codes
    await asyncio.to_thread(node.kill_all)
    disks[which].come_back()
    await asyncio.to_thread(node.start)
    assert await answer(node) == 250
    session = await node.imap(ACCOUNTS[0])
    assert (await session.select("INBOX"))["EXISTS"] == 2
