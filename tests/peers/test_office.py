"""Three thousand connections of one office behind one address come in; a flood from another address does not keep them
out. On machines of their own, in network namespaces.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.lab.switch import Host, switched
from tests.peers.served import DOMAIN, PASSWORD, Served, put_node_file, served

from smartmail.adapters.sql import open_sqlite
from smartmail.app.serving.seed import BENCH_LOGINS

PEOPLE = [f"{login}@{DOMAIN}" for login in BENCH_LOGINS if login.startswith("u")]
EACH = 150
"""Connections of each: twenty people stand for three thousand, whose passwords would cost minutes to hash."""
CHILD = Path(__file__).with_name("office_child.py")
pytestmark = pytest.mark.peer


@contextlib.asynccontextmanager
async def child(namespace: str, *words: str) -> AsyncIterator[dict[str, int]]:
    """Run `office_child` in a namespace; yield what it counted, while its connections stand."""
    command = ["ip", "netns", "exec", namespace, sys.executable, str(CHILD), *words]
    pipe = asyncio.subprocess.PIPE
    running = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert running.stdout is not None and running.stdin is not None
    try:
        async with asyncio.timeout(400):
            yield json.loads(await running.stdout.readline())
    finally:
        running.stdin.close()
        await running.wait()


async def many_people(directory: Path) -> None:
    """Let the office be known: three thousand people have logged in from its address."""
    store = await open_sqlite(str(directory / "smartmail.db"))
    try:
        now = int(time.time() * 1000)
        await store.note_places([(number, "198.51.100.2/32", "198.51.100.0/24", now) for number in range(1, 3001)])
    finally:
        await store.close()


def test_three_thousand_connections_of_one_address_come_in_beside_a_flood(tmp_path: Path) -> None:
    # The server has a machine of its own too: a change of this one's addresses would end the page loads of browsers beside it.
    with switched("198.51.100", {"server": (1,), "office": (2,), "flooder": (18,)}) as hosts:
        hosts["server"].inside(asyncio.run, come_in(tmp_path / "data", hosts))


async def come_in(directory: Path, hosts: dict[str, Host]) -> None:
    """Let the office and the flooder come; this runs on the server's machine."""
    address = hosts["server"].address
    with served(directory, "--bench") as seeded:
        base = seeded.port_base
        assert seeded.stop() == 0
    await many_people(directory)
    put_node_file(directory, f'[listen]\naddresses = ["127.0.0.1", "{address}"]\n')
    with served(directory, base=base) as node:
        await free_of_account_bounds(node)
        port = str(node.ports["imaps"])
        async with child(hosts["flooder"].name, address, port, "flood", "600") as flood:
            # Two processes keep sixty strangers each; the others hear why.
            assert flood["* OK [CAPABILITY"] <= 2 * 60, flood
            assert flood.get("* BYE [UNAVAILABLE]", 0) > 0, flood
            async with child(hosts["office"].name, address, port, "log-in", str(EACH * len(PEOPLE)), *PEOPLE) as told:
                assert told == {"in": EACH * len(PEOPLE)}
                # Mail from elsewhere is served meanwhile.
                session = await node.imap(PEOPLE[0], PASSWORD, tls=True)
                await session.ok("NOOP")


async def free_of_account_bounds(node: Served) -> None:
    """Lift the bound of one account: twenty accounts stand for three thousand."""
    command = [sys.executable, "-m", "smartmail.app.cli", "policy", "set", "connections.per-account", "0"]
    environment = {
        "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src"),
        "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
    }
    run = await asyncio.create_subprocess_exec(*command, "--data", str(node.directory), env=environment)
    assert await run.wait() == 0
