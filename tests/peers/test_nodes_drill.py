"""The guide's way from an empty machine to two nodes, and from SQLite to PostgreSQL, run word for word as far as one machine can.

What the guide calls /srv and /mnt lies in a folder for each node, another host's files are copied beside, and addresses of
balancers are some of loopback.
"""

import asyncio
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from tests.house.postgres import OwnServer
from tests.peers.guide_nodes import Machine, block, blocks, commands, lines, run_over
from tests.peers.served import DOMAIN, Served, free_port_base, put_node_file, served, until

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

_PROXY_V2_LOCAL = b"\r\n\r\n\0\r\nQUIT\n" + bytes([0x20, 0, 0, 0])  # PROXY protocol, version 2, §2.2


def test_both_languages_tell_the_same_blocks():
    told = [[(kind, lines(text)) for kind, text in blocks("", language)] for language in ("en", "ko")]
    assert told[0] == told[1]
    assert len(told[0]) > 10


def test_the_balancers_ask_what_the_nodes_answer_and_send_what_they_want():
    haproxy, node = block("6.", "haproxy"), block("3.", "toml")
    assert "httpchk GET /health/ready" in haproxy
    assert "send-proxy-v2" in haproxy and "check-send-proxy" in haproxy
    assert "192.0.2.11/32" in node and "192.0.2.12/32" in node


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
            for statement in block("1.", "sql").strip().split("\n"):
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
        (one.data / "node.toml").write_text(one.here(block("3.", "toml")), encoding="utf-8")
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
