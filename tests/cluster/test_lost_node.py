"""Two whole nodes and their queue: what a killed one held goes on before its five minutes are over, and one whose clock is ten
minutes ahead sends nothing twice (ADR 74).
"""

import asyncio
import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest
from tests.cluster.test_two_nodes import address, bucket, two  # noqa: F401 -- fixtures
from tests.flows.hostile_mx import Exchanger, exchangers
from tests.peers.served import PASSWORD, ROOT, Served, served, soon

from smartmail.adapters.sql import open_postgres

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

LETTER = "From: {0}\r\nTo: r@b.test\r\nSubject: m{1}\r\n\r\nletter {1} of {0}\r\n"
# Python runs this module before all else where it lies on the path: the machine's clock, as the node's programs see it.
AHEAD = """import time
_real, _real_ns = time.time, time.time_ns
time.time = lambda: _real() + 600
time.time_ns = lambda: _real_ns() + 600_000_000_000
"""


async def lead_to(address: str, host: str, port: int) -> None:  # noqa: F811
    """Let all that leaves go to an exchanger."""
    store = await open_postgres(address)
    await store.put_setting("system", "relay.smarthost", json.dumps({"host": host, "port": port}))
    await store.close()


async def submit(node: Served, numbers: range) -> None:
    """Send letters of several people: much from one looks like a stolen login."""
    for number in numbers:
        who = f"u{number % 8 + 1}@bench.test"
        peer = await node.smtp("submissions", who, PASSWORD)
        assert await peer.send(who, [f"r{number}@b.test"], LETTER.format(who, number).encode()) == [250]


def subjects(host: Exchanger) -> Counter[bytes]:
    return Counter(re.search(rb"Subject: (m\d+)\r\n", octets)[1] for octets in host.taken)  # type: ignore[index]


def clock_ahead(directory: Path) -> dict[str, str]:
    """The environment of a node whose clock is ten minutes ahead."""
    directory.mkdir()
    (directory / "sitecustomize.py").write_text(AHEAD)
    return {"PYTHONPATH": os.pathsep.join([str(directory), str(ROOT / "src")])}


def test_a_node_whose_clock_is_ahead_sends_nothing_twice(tmp_path, address, bucket):  # noqa: F811
    options, ahead = two(tmp_path, address, bucket()), clock_ahead(tmp_path / "clock")
    # Slower than the next look of the other node at what is due.
    host = Exchanger(delay=0.5)

    async def story() -> None:
        async with exchangers({"b.test": host}) as (port, dns):
            await lead_to(address, dns.hosts["b.test"], port)
            with (
                served(tmp_path / "a", *options, start=False) as a,
                served(tmp_path / "b", *options, start=False, environment=ahead) as b,
            ):
                await asyncio.to_thread(a.start)
                await asyncio.to_thread(b.start)
                await soon(lambda: b'"event": "clock.off"' in b.stderr, 120, "the watch of the clock")
                await asyncio.gather(submit(a, range(12)), submit(b, range(12, 24)))
                await soon(lambda: len(subjects(host)) == 24, 240, "all letters")
                # Whatever leased twice would come again within a look or two of both nodes.
                taken = len(host.taken)
                await submit(a, range(24, 25))
                await soon(lambda: len(subjects(host)) == 25, 240, "the last letter")
                assert (taken, set(subjects(host).values())) == (24, {1})

    asyncio.run(story())


def test_what_a_lost_node_held_goes_on_before_its_leases_have_run_out(tmp_path, address, bucket):  # noqa: F811
    options = two(tmp_path, address, bucket())
    release = asyncio.Event()
    host = Exchanger(acts={"mail": lambda _visit: release.wait()})

    async def story() -> None:
        async with exchangers({"b.test": host}) as (port, dns):
            await lead_to(address, dns.hosts["b.test"], port)
            with (
                served(tmp_path / "a", *options, start=False) as a,
                served(tmp_path / "b", *options, start=False) as b,
            ):
                await asyncio.to_thread(a.start)
                await submit(a, range(5))
                await soon(lambda: host.mails, 120, "the first transaction")
                await asyncio.to_thread(a.kill_all)
                began = asyncio.get_running_loop().time()
                host.acts.clear()
                await asyncio.to_thread(b.start)
                # Leases of five minutes: nothing but the end of the node's own lets them go on by then.
                await soon(
                    lambda: len(subjects(host)) == 5, began + 270 - asyncio.get_running_loop().time(), "the letters"
                )
                assert set(subjects(host).values()) == {1}
                await soon(lambda: b'"event": "queue.taken_back"' in b.stderr, 120, "the word of it in the log")
                release.set()

    asyncio.run(story())
