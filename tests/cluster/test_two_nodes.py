"""Two nodes over one PostgreSQL and one S3 volume: hints between nodes, a killed node loses nothing, wrong volumes refused."""

import asyncio
import os
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.house.postgres import migrated_database, postgres_server
from tests.peers.served import ROOT, Served, served

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

MESSAGE = b"From: x@out.example\r\nTo: u1@bench.test\r\nSubject: %b\r\nMessage-ID: <%b@out.example>\r\n\r\nbody\r\n"


@pytest.fixture(scope="module")
def bucket():
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"

    def make() -> tuple[str, str]:
        name = f"mail-{os.urandom(6).hex()}"
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{name}", method="PUT"))
        return endpoint, name

    yield make
    server.stop()


def new_address() -> str:
    """Return the address of a database without a row. PostgreSQL starts before any loop of ours runs.

    Nodes that make the schema themselves: tests/peers/test_nodes_drill.py, test_health_truth.py.
    """
    postgres_server()
    return asyncio.run(migrated_database())


@pytest.fixture
def address() -> str:
    return new_address()


def node_file(directory, name, address, volume):
    """Write the node file of one node."""
    directory.mkdir(parents=True, exist_ok=True)
    endpoint, bucket = volume
    (directory / "node.toml").write_text(
        f'node = "{name}"\nprocesses = 1\n[database]\nurl = "{address}"\npool = 4\n'
        f'[volume.s3]\nbucket = "{bucket}"\nendpoint = "{endpoint}"\naccess_key = "id"\nsecret_key = "secret"\n',
        encoding="utf-8",
    )


def two(tmp_path, address, volume):
    """Node files of two nodes with one master key."""
    for name in ("a", "b"):
        node_file(tmp_path / name, name, address, volume)
    return ("--bench", "--key", str(tmp_path / "master.key"))


@dataclass(frozen=True)
class First:
    """A node that serves while others join it or are refused; what they need for it."""

    node: Served
    address: str
    volume: tuple[str, str]
    key: Path


@pytest.fixture(scope="module")
def first(tmp_path_factory, bucket):
    folder = tmp_path_factory.mktemp("first")
    address, volume, key = new_address(), bucket(), folder / "master.key"
    node_file(folder / "a", "a", address, volume)
    with served(folder / "a", "--bench", "--key", str(key)) as node:
        yield First(node, address, volume, key)


def test_mail_of_one_node_wakes_an_idle_session_of_the_other(tmp_path, first):
    a = first.node
    node_file(tmp_path / "b", "idle", first.address, first.volume)
    with served(tmp_path / "b", "--bench", "--key", str(first.key)) as b:

        async def story() -> None:
            session = await b.imap("u1@bench.test")
            await session.select("INBOX")
            tag = await session.idle()
            peer = await a.smtp()
            await peer.send("x@out.example", ["u1@bench.test"], MESSAGE % (b"hello", b"1"))
            # Promised: 1 s; other tests share the cores.
            async with asyncio.timeout(60):
                while b"EXISTS" not in (await session.response()).text:
                    pass
            await session.done(tag)
            assert await session.search("SUBJECT hello") == [1]

        asyncio.run(story())


def test_a_killed_node_loses_nothing(tmp_path, address, bucket):
    options = two(tmp_path, address, bucket())
    with served(tmp_path / "a", *options) as a, served(tmp_path / "b", *options) as b:
        acked: set[bytes] = set()

        async def sender(worker: int) -> None:
            try:
                peer = await a.smtp()
                for number in range(1000):
                    name = b"%d-%d" % (worker, number)
                    codes = await peer.send("x@out.example", ["u1@bench.test"], MESSAGE % (name, name))
                    if codes[-1] == 250:
                        acked.add(name)
            except (OSError, EOFError, ConnectionError, asyncio.IncompleteReadError):
                return

        async def story() -> None:
            senders = [asyncio.create_task(sender(worker)) for worker in range(8)]
            async with asyncio.timeout(180):
                while len(acked) < 40:
                    await asyncio.sleep(0.01)
            await asyncio.to_thread(a.kill_all)
            await asyncio.gather(*senders)
            session = await b.imap("u1@bench.test")
            count = (await session.select("INBOX"))["EXISTS"]
            for name in acked:
                found = await session.search(f"HEADER Message-ID <{name.decode()}@out.example>")
                assert len(found) == 1, name
            # What was under way when the node died may be there without an answer: one for each sender at the most.
            assert len(acked) <= count <= len(acked) + len(senders)

        asyncio.run(story())


def test_a_node_with_another_volume_is_refused(tmp_path, first, bucket):
    node_file(tmp_path / "b", "apart", first.address, bucket())
    assert first.node.is_running
    with served(tmp_path / "b", "--bench", "--key", str(first.key), start=False) as b:
        b.start(wait=False)
        assert b.ended() == 78
        assert b"share a volume" in bytes(b.stderr)


def test_another_master_key_is_refused(tmp_path, first):
    node_file(tmp_path / "b", "keyless", first.address, first.volume)
    assert first.node.is_running
    with served(tmp_path / "b", "--bench", "--key", str(tmp_path / "other.key"), start=False) as b:
        b.start(wait=False)
        assert b.ended() == 78
        assert b"key" in bytes(b.stderr).lower()


def local_node_file(directory, name, address, volume):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "node.toml").write_text(
        f'node = "{name}"\nprocesses = 1\n[database]\nurl = "{address}"\npool = 4\n[volume]\npath = "{volume}"\n',
        encoding="utf-8",
    )


def test_a_node_with_a_local_volume_of_its_own_is_refused_and_one_with_the_same_directory_joins(tmp_path, address):
    key = ("--bench", "--key", str(tmp_path / "master.key"))
    local_node_file(tmp_path / "a", "a", address, tmp_path / "volume")
    with served(tmp_path / "a", *key) as a:
        shutil.copytree(tmp_path / "volume", tmp_path / "copy")
        local_node_file(tmp_path / "b", "b", address, tmp_path / "copy")
        with served(tmp_path / "b", *key, start=False) as b:
            b.start(wait=False)
            assert b.ended() == 78
            assert b"a copy will not do" in bytes(b.stderr)
        local_node_file(tmp_path / "b", "b", address, tmp_path / "volume")
        with served(tmp_path / "b", *key) as b:
            assert a.is_running and b.is_running
            environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
            words = ["volume", "add", "--data", str(tmp_path / "a"), *key[1:], str(tmp_path / "more")]
            added = subprocess.run(
                [sys.executable, "-m", "smartmail.app.cli", *words], capture_output=True, text=True, env=environment
            )
            assert added.returncode != 0
            assert "other nodes serve (b)" in added.stderr
