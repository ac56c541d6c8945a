"""kill -9 under load: what was acknowledged is there, once, whole."""

import random
import time

import pytest
from tests.peers.ledger import Found, Ledger, compare, prove
from tests.peers.recount import recount
from tests.peers.served import Served, served, soon
from tests.peers.storm import FLAGGING, KINDS, Storm
from tests.strength import rounds

# Each kind of kill once, and a process that hangs.
ROUNDS = rounds(len(KINDS) + 1, 30)


@pytest.fixture
def node(tmp_path):
    with served(tmp_path / "data", "--bench") as node:
        yield node


def is_enough(storm: Storm) -> bool:
    """Whether there is something that could have been lost, of each kind."""
    return storm.ledger.acks > 100 and min(storm.appended, len(storm.flagged), storm.moved) > 5


@pytest.mark.slow
async def test_nothing_acknowledged_is_lost_by_kills(node: Served):
    storm = Storm(node, random.Random(20261124), "kill")
    started = time.monotonic()
    async with storm.run_load():
        # The promise is 1 s for a process and 5 s for the supervisor on a quiet machine; here it is only told.
        healed = [await storm.kill_round(number) for number in range(ROUNDS)]
        storm.blowing.set()
        await soon(lambda: is_enough(storm), 120, "load")
    spent = time.monotonic() - started
    problems, _ = await prove(node.imap, storm.ledger)
    print(
        f"{ROUNDS} kills in {spent:.0f} s, {dict(storm.ledger.counts())}, {storm.repeats} repeats, "
        f"{storm.appended} appended, {len(storm.flagged)} flagged, {storm.moved} moved, "
        f"healed in {max(healed):.1f} s at most"
    )
    assert not problems + storm.problems, (problems + storm.problems)[:20]
    session = await node.imap(FLAGGING)
    await session.select("INBOX")
    assert storm.flagged <= set(await session.search(r"FLAGGED KEYWORD $Storm"))
    assert node.stop() == 0
    assert recount(node.directory) == {}


def test_the_ledger_sees_every_kind_of_loss():
    ledger = Ledger()
    for name, code in (("kept", 250), ("lost", 250), ("twice", 250), ("doubt", 0), ("no", 452)):
        ledger.note(name, b"octets", "a@x.example", code)
    found = Found()
    found.copies.update({"kept": 1, "twice": 2, "no": 1, "stranger": 1})
    found.altered.append("kept")
    said = "\n".join(compare("a@x.example", found, ledger))
    for words in (
        "altered kept",
        "lost is acked and stored 0",
        "twice is acked and stored 2",
        "no is refused and stored 1",
    ):
        assert words in said
    assert "stranger was never sent" in said
    assert "doubt" not in said
