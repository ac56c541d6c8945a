"""The guide's way from an empty machine to two nodes, and from SQLite to PostgreSQL, run word for word as far as one machine can.

What the guide calls /srv and /mnt lies in a folder for each node, another host's files are copied beside, and addresses of
balancers are some of loopback.
"""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from tests.house.postgres import OwnServer
from tests.peers.served import DOMAIN, ROOT, Served, free_port_base, put_node_file, served, until

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

GUIDE = ROOT / "docs/guide-admin"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROXY_V2_LOCAL = b"\r\n\r\n\0\r\nQUIT\n" + bytes([0x20, 0, 0, 0])  # PROXY protocol, version 2, §2.2


def blocks(heading: str, language: str = "en") -> list[tuple[str, str]]:
    """Return (kind, text) of the blocks below the headings whose number or beginning is `heading`; "": of the page."""
    page = (GUIDE / language / "nodes.md").read_text(encoding="utf-8")
    sections = re.split(r"^##+ ", page, flags=re.MULTILINE)
    return [(one[1], one[2]) for text in sections if text.startswith(heading) for one in _BLOCK.finditer(text)]


def lines(text: str) -> list[str]:
    """Return the lines of a block without remarks."""
    return [said for line in text.splitlines() if (said := line.partition("#")[0].rstrip())]


def commands(heading: str) -> list[list[str]]:
    return [lines(text) for kind, text in blocks(heading) if not kind]


def test_both_languages_tell_the_same_blocks():
    told = [[(kind, lines(text)) for kind, text in blocks("", language)] for language in ("en", "ko")]
    assert told[0] == told[1]
    assert len(told[0]) > 10


def test_the_balancers_ask_what_the_nodes_answer_and_send_what_they_want():
    [(_, haproxy)] = [one for one in blocks("6.") if one[0] == "haproxy"]
    [(_, node)] = [one for one in blocks("3.") if one[0] == "toml"]
    assert "httpchk GET /health/ready" in haproxy
    assert "send-proxy-v2" in haproxy and "check-send-proxy" in haproxy
    assert "192.0.2.11/32" in node and "192.0.2.12/32" in node


class Machine:
    """One node's machine."""

    def __init__(self, folder: Path, base: int, endpoint: str) -> None:
        self.folder = folder
        self.base = base
        self.endpoint = endpoint
        self.data = folder / "srv/smartmail/data"
        self.data.mkdir(parents=True)
        (folder.parent / "mnt/backup").mkdir(parents=True, exist_ok=True)
        program = folder / "smartmail"
        program.write_text(
            f'#!/bin/sh\nPYTHONPATH="{ROOT / "src"}" exec "{sys.executable}" -m smartmail.app.cli "$@"\n'
        )
        program.chmod(0o755)
        self.server: subprocess.Popen[bytes] | None = None
        self.said = bytearray()

    def here(self, text: str) -> str:
        """Return a text of the guide for this machine."""
        text = text.replace("/srv/", f"{self.folder}/srv/").replace("/mnt/", f"{self.folder.parent}/mnt/")
        text = text.replace("https://s3.example.co.kr", self.endpoint).replace('"0.0.0.0"', '"127.0.0.1"')
        text = text.replace("port_base = 0", f"port_base = {self.base}")
        return re.sub(r"192\.0\.2\.(1[12])/32", r"127.0.0.\1/32", text)

    def run(self, command: str) -> str:
        """Run a command and return what it says; it must succeed."""
        done = subprocess.run(
            ["/bin/sh", "-c", self.here(command)], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
            text=True,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def serve(self, command: str) -> None:
        """Start the server and wait until it serves."""
        output = (self.folder / "output").open("wb")
        with output:
            self.server = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {self.here(command)}"], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        said = self.folder / "output"
        until(lambda: b"READY\n" in said.read_bytes() or self.server.poll() is not None, 240, "READY")  # type: ignore[union-attr]
        assert self.server.poll() is None, said.read_text()[-3000:]

    def stop(self) -> None:
        if self.server is not None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(60)
            self.server = None

    def ready(self, url: str = "http://127.0.0.1:80/health/ready") -> bool:
        """Ask as the guide does."""
        parts = urlsplit(url)
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.base + int(parts.port or 80)}{parts.path}", timeout=30
            ) as answer:
                return json.load(answer)["status"] in {"ready", "live"}
        except OSError:  # an HTTPError is one too
            return False

    def checked(self, source: str, hello: bytes) -> bytes:
        """Ask as a balancer at `source` does; return the first line of the answer, empty where there is none."""
        with socket.create_connection(("127.0.0.1", self.base + 80), 30, source_address=(source, 0)) as connection:
            connection.sendall(hello + b"GET /health/ready HTTP/1.0\r\nHost: x\r\n\r\n")
            said = b""
            try:
                while piece := connection.recv(4096):
                    said += piece
            except OSError:
                pass
        return said.partition(b"\r\n")[0]


@pytest.fixture
def database() -> Iterator[OwnServer]:
    server = OwnServer()
    yield server
    server.close()


@pytest.fixture
def bucket_service() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def make_database(server: OwnServer) -> str:
    """Run the guide's statements; return the address that the nodes use."""

    async def run() -> None:
        connection = await asyncpg.connect(server.address)
        try:
            for statement in blocks("1.")[0][1].strip().split("\n"):
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())
    host = urlsplit(server.address).query
    return f"postgresql://smartmail:CHANGE-ME@/smartmail?{host}"


def test_from_an_empty_machine_to_two_nodes(tmp_path: Path, database: OwnServer, bucket_service: str):
    address = make_database(database)
    urllib.request.urlopen(urllib.request.Request(f"{bucket_service}/mail", method="PUT"))
    with free_port_base() as base_1, free_port_base() as base_2:
        one, two = (Machine(tmp_path / f"node{n}", base, bucket_service) for n, base in ((1, base_1), (2, base_2)))
        for name, text in (("database-url", address), ("s3-access", "id"), ("s3-secret", "secret")):
            (one.folder / "srv/smartmail" / name).write_text(text + "\n")
        [(_, node_file)] = [block for block in blocks("3.") if block[0] == "toml"]
        (one.data / "node.toml").write_text(one.here(node_file), encoding="utf-8")
        try:
            [[serve]] = commands("3.")
            one.serve(serve)
            copy, [serve_too] = commands("4.")
            for command in copy:
                run_over(command, one, two)
            renamed = (two.data / "node.toml").read_text()
            assert 'node = "node2"' in renamed
            # What differs only since both are one machine here: folders and ports.
            (two.data / "node.toml").write_text(
                renamed.replace(str(one.folder), str(two.folder)).replace(str(base_1), str(base_2))
            )
            two.serve(serve_too)

            for command in commands("5.")[0]:
                for node in (one, two):
                    until(lambda node=node, url=command.split()[-1]: node.ready(url), 120, command)
            for balancer in ("127.0.0.11", "127.0.0.12"):
                until(lambda at=balancer: b" 200 " in one.checked(at, _PROXY_V2_LOCAL), 60, "a balancer's check")
                assert one.checked(balancer, b"") == b"", "a balancer must send the header"

            for command in commands("8.")[0]:
                two.run(command)
            one.stop()
            assert not one.ready()
            until(two.ready, 60, "the other node")
            one.serve(serve)
            until(one.ready, 60, "the node that came back")
        finally:
            one.stop()
            two.stop()


def run_over(command: str, one: Machine, two: Machine) -> None:
    """Run a command of the first node that reaches to the second."""
    if command.startswith("scp -p "):
        source, target = command.removeprefix("scp -p ").split(" node2:")
        shutil.copy2(one.here(source), two.here(target))
    else:
        two.run(command.removeprefix("ssh node2 "))


async def test_from_sqlite_to_postgresql(tmp_path: Path, database: OwnServer):
    address = await asyncio.to_thread(make_database, database)
    login = f"u1@{DOMAIN}"
    with free_port_base() as base:
        machine = Machine(tmp_path / "node1", base, "")
        put_node_file(machine.data, f"[listen]\nport_base = {base}\n")
        with served(machine.data, "--bench", base=base) as node:
            session = await node.imap(login, tls=True)
            await session.append("INBOX", b"Subject: before the move\r\n\r\nbody\r\n")
            session.close()
            assert node.stop() == 0
        (machine.folder / "srv/smartmail/database-url").write_text(address + "\n")
        try_it, move, serve = commands("From SQLite")[0]
        assert "nothing was changed" in machine.run(try_it)
        assert "the same in every row" in machine.run(move)
        assert not (machine.data / "smartmail.db").exists()
        try:
            await asyncio.to_thread(machine.serve, serve)
            session = await Served(machine.data, base).imap(login, tls=True)
            await session.select("INBOX", examine=True)
            assert len(await session.search('SUBJECT "before the move"')) == 1
            session.close()
        finally:
            machine.stop()
        assert os.path.exists(machine.data / "smartmail.db.moved")
