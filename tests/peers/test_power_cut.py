"""Power cuts under load (reliability.md 2, 3): a real file system loses what was not synced; nothing acknowledged is lost.

Database and volume lie on two file systems, which are cut together or one at a time: no order between the two is given
by chance.
"""

import asyncio
import random
import time
from contextlib import ExitStack

import pytest
from tests.peers.ledger import prove
from tests.peers.served import Served, put_node_file, served, soon
from tests.peers.small_disk import Disk, small_disk
from tests.peers.storm import FLAGGING, Storm

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
    """Cut at a random moment of the load, look on for a moment, then start anew on what is left."""
    storm.blowing.set()
    acks = storm.ledger.acks
    await soon(lambda: storm.ledger.acks > acks + storm.rng.randrange(5, 200), 30, "load")
    for name in which:
        disks[name].cut_power()
    print("CUT", which, storm.numbers, storm.ledger.acks, time.time())
    replies = sum(storm.ledger.codes.values())
    # Whoever lives on now must not acknowledge what it cannot keep: the proof shows it.
    await soon(
        lambda: sum(storm.ledger.codes.values()) > replies + 20 or not node.workers(), 15, "replies after the cut"
    )
    storm.blowing.clear()
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
    assert storm.ledger.counts()["acked"] > 200
    assert {code for code in storm.ledger.codes if code // 100 not in {0, 2, 4}} == set()
    session = await node.imap(FLAGGING)
    await session.select("INBOX")
    assert storm.flagged <= set(await session.search("FLAGGED KEYWORD $Storm"))
