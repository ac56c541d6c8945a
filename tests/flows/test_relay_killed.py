"""The relay killed under load and started again: nothing lost, repeats only of what was under way (RFC 5321 §6.1)."""

import asyncio
import contextlib
import json
from collections import Counter

from tests.flows.hostile_mx import Exchanger, exchangers
from tests.flows.house import open_house
from tests.flows.queue_house import enqueue, put_port, until
from tests.house.child import start

MESSAGES = 160
MINUTES = 600_000


@contextlib.asynccontextmanager
async def child(directory, ahead: int, hosts: dict[str, str]):
    """Run a relay; it is killed at the end of the block."""
    process = await asyncio.to_thread(start, "tests.flows.relay_child", str(directory), str(ahead), json.dumps(hosts))
    try:
        yield process
    finally:
        await asyncio.to_thread(process.kill)


@contextlib.asynccontextmanager
async def filled_queue(host, directory):
    """A house with MESSAGES letters for one exchanger in its queue, closed; yield the DNS that leads there."""
    directory.mkdir()
    async with exchangers({"b.test": host}) as (port, dns):
        async with open_house(directory, resolver=dns) as house:
            await put_port(house, port)
            await house.person("kim@a.example")
            for number in range(MESSAGES):
                await enqueue(house, "kim@a.example", [f"r{number}@b.test"], b"Subject: m%d\r\n\r\n\r\n" % number)
        yield dns


async def test_killed_under_load(tmp_path):
    host, directory = Exchanger(delay=0.004), tmp_path / "house"
    async with filled_queue(host, directory) as dns:
        under_way = 0
        for generation, wanted in enumerate((50, 100)):
            async with child(directory, generation * MINUTES, dns.hosts):
                await until(lambda wanted=wanted: asyncio.sleep(0, len(host.taken) >= wanted), 120)
                # Each connection has one transaction at most.
                under_way += host.open_now
        async with child(directory, 2 * MINUTES, dns.hosts):
            await until(lambda: asyncio.sleep(0, len(_subjects(host)) == MESSAGES), 120)
    repeats = sum(_subjects(host).values()) - MESSAGES
    assert 0 <= repeats <= under_way


def _subjects(host) -> Counter[bytes]:
    return Counter(octets[octets.index(b"Subject:") :].split(b"\r\n")[0] for octets in host.taken)


async def test_what_a_killed_relay_held_is_sent_by_the_next_one_at_once(tmp_path):
    host, directory = Exchanger(delay=0.004), tmp_path / "house"
    async with filled_queue(host, directory) as dns:
        async with child(directory, 0, dns.hosts):
            await until(lambda: asyncio.sleep(0, len(host.taken) >= 50), 120)
            under_way = host.open_now
        # The process is dead: what it had leased is given back, and no clock has to pass its five minutes.
        async with open_house(directory, resolver=dns) as house:
            assert await house.store.take_back("w0", now=house.clock.now()) > 0
        async with child(directory, 0, dns.hosts):
            await until(lambda: asyncio.sleep(0, len(_subjects(host)) == MESSAGES), 120)
    assert 0 <= sum(_subjects(host).values()) - MESSAGES <= under_way
