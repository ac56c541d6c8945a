"""A long kill run: load with a ledger on a node of its own, kill -9 of random processes, then the proof over IMAP.

    .venv/bin/python tools/soak.py --rounds 100
    .venv/bin/python tools/soak.py --rounds 0 --messages 100000      (how soon a full store serves again)

Prints one line a round and ends with 0 only when nothing acknowledged is missing, altered or doubled and no UID went back.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.peers.ledger import prove  # noqa: E402 - the path comes first
from tests.peers.served import Served, served  # noqa: E402
from tests.peers.storm import ACCOUNTS, FLAGGING, Storm  # noqa: E402

_READY_S = 5.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--messages", type=int, default=0, help="copies to put into the store before the kills")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="smartmail-soak-") as folder,
        served(Path(folder) / "data", "--bench") as node,
    ):
        problems = asyncio.run(run(node, options))
    for problem in problems[:50]:
        print(problem)
    print("FAILED" if problems else "nothing lost, altered or doubled")
    return 1 if problems else 0


async def run(node: Served, options: argparse.Namespace) -> list[str]:
    problems = []
    if options.messages:
        await fill(node, options.messages)
        problems += await restart(node)
    storm = Storm(node, random.Random(options.seed), f"soak{options.seed}")
    async with storm.run_load(options.connections):
        for number in range(options.rounds):
            healed = await storm.kill_round(number)
            print(f"{number + 1:4} healed in {healed:4.1f} s, {dict(storm.ledger.counts())}", flush=True)
    if options.rounds:
        problems += await judge(node, storm)
    return problems


async def judge(node: Served, storm: Storm) -> list[str]:
    started = time.monotonic()
    problems, _ = await prove(node.imap, storm.ledger)
    # What was there before the storm is not in its ledger.
    problems = [problem for problem in problems if "fill." not in problem] + storm.problems
    session = await node.imap(FLAGGING)
    await session.select("INBOX")
    lost = storm.flagged - set(await session.search("FLAGGED KEYWORD $Storm"))
    session.close()
    print(
        f"{dict(storm.ledger.counts())}, {storm.repeats} repeats, {storm.appended} appended, {storm.moved} moved, "
        f"{len(storm.flagged)} flagged; proved in {time.monotonic() - started:.0f} s"
    )
    return problems + [f"flag of UID {uid} lost" for uid in sorted(lost)]


async def fill(node: Served, copies: int) -> None:
    """Put small messages for all twenty accounts into the store."""
    started, numbers = time.monotonic(), iter(range(copies // len(ACCOUNTS)))

    async def send() -> None:
        session = await node.smtp()
        for number in numbers:
            octets = f"Subject: {number}\r\nMessage-ID: <fill.{number}@soak.example>\r\n\r\n{'x ' * 400}\r\n".encode()
            codes = await session.send("fill@soak.example", ACCOUNTS, octets)
            assert set(codes) == {250}, codes
        await session.quit()

    await asyncio.gather(*(send() for _ in range(16)))
    spent = time.monotonic() - started
    print(f"{copies} messages stored in {spent:.0f} s ({copies / spent:.0f}/s)", flush=True)


async def restart(node: Served) -> list[str]:
    """Kill the whole tree; return a complaint when it does not serve again in time."""
    before, started = node.readies, time.monotonic()
    for pid in [node.supervisor(), *node.workers().values()]:
        node.kill(pid)
    await asyncio.to_thread(node.wait_ready, before)
    ready = time.monotonic() - started
    session = await node.imap(ACCOUNTS[0])
    count = (await session.select("INBOX"))["EXISTS"]
    answered = time.monotonic() - started
    session.close()
    spent = sum(cpu_seconds(pid) for pid in node.everyone())
    load = os.getloadavg()[0]
    print(
        f"READY {ready:.1f} s after kill -9 (CPU {spent:.1f} s, load of the machine {load:.0f}); "
        f"inbox of {count} opened after {answered:.1f} s",
        flush=True,
    )
    # On a machine that is busy with something else the time says nothing.
    return [f"ready only after {ready:.1f} s"] if ready > _READY_S and load < 2 * (os.cpu_count() or 1) else []


def cpu_seconds(pid: int) -> float:
    """Return what a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
