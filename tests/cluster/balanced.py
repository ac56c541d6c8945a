"""Two nodes behind two balancers, made of what the guide prints, at the addresses that it prints.

Each machine is a network namespace on one switch, so addresses, ports and names of interfaces are the guide's own. Only
files lie elsewhere, and the service of buckets is a stand-in on plain HTTP.
"""

import asyncio
import contextlib
import logging
import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from tests.lab.authority import Authority
from tests.lab.switch import Host, switched
from tests.lab.tls_postgres import tls_postgres
from tests.peers.guide_nodes import GUIDE, Machine, block, commands, run_over
from tests.peers.served import children, until

from smartmail.app.node import open_node
from smartmail.app.serving.seed import seed_bench
from smartmail.app.settings import load

SERVICE = "192.0.2.10"
"""The address that people use."""
HOSTS = {
    "client": (100,), "other": (101,), "balancer1": (11,), "balancer2": (12,), "node1": (21,), "node2": (22,),
    "database": (31,), "bucket": (41,),
}  # fmt: skip
_STATE = re.compile(r"Server (\w+)/(\w+) is (UP|DOWN), reason: ([^,]+)")


class GuideMachine(Machine):
    """A node's machine that has the guide's addresses and ports."""

    def __init__(self, folder: Path, host: Host, endpoint: str) -> None:
        super().__init__(folder, 0, endpoint)
        self.host = host

    def here(self, text: str) -> str:
        return self.placed(text).replace("https://s3.example.co.kr", self.endpoint)

    def serve(self, command: str) -> None:
        self.host.inside(super().serve, command)


class Balancer:
    """A balancer's machine. Its processes have numbers of their own, so that it does not see those of the other one."""

    def __init__(self, folder: Path, host: Host, priority: int) -> None:
        self.folder = folder
        self.host = host
        for name in ("haproxy", "keepalived", "sysctl.d"):
            (folder / "etc" / name).mkdir(parents=True)
        for command in commands("6.")[0]:
            host.inside(run, "/bin/sh", "-c", command.replace("/etc/", f"{folder}/etc/"))
        self.haproxy = self._file("haproxy/haproxy.cfg", block("6.", "haproxy"))
        moving = block("7.", "keepalived").replace("priority 100", f"priority {priority}")
        self.keepalived = self._file("keepalived/keepalived.conf", moving)
        self._machine = self._start("unshare", "--pid", "--mount-proc", "--fork", "--kill-child", "sleep", "infinity")
        self._balancing: subprocess.Popen[bytes] | None = None
        try:
            until(lambda: children(self._machine.pid), 60, "the first process of a balancer")
            self.balance()
            self._watch_over()
        except BaseException:
            self.close()
            raise

    def _file(self, name: str, text: str) -> Path:
        path = self.folder / "etc" / name
        path.write_text(text)
        return path

    def _start(self, *words: str) -> "subprocess.Popen[bytes]":
        return self.host.inside(self._popen, *words)

    def _popen(self, *words: str) -> "subprocess.Popen[bytes]":
        with (self.folder / "said").open("ab") as said:
            return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True)

    def _program(self, *words: str) -> "subprocess.Popen[bytes]":
        first = str(children(self._machine.pid)[0])
        return self._start("nsenter", "--target", first, "--pid", "--mount", *words)

    def balance(self) -> None:
        """Start HAProxy, as Debian's unit does but for what it says to its service manager."""
        self._balancing = self._program("haproxy", "-W", "-db", "-f", str(self.haproxy))

    def _watch_over(self) -> None:
        """Start keepalived."""
        files = [f"--{name}={self.folder / name}" for name in ("pid", "vrrp_pid")]
        self._program("keepalived", "--dont-fork", "--log-console", f"--use-file={self.keepalived}", *files)

    def fail(self) -> None:
        """End HAProxy."""
        assert self._balancing is not None
        for process in children(self._balancing.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
        self._balancing.wait(60)

    @property
    def has_address(self) -> bool:
        return f"{SERVICE}/24" in self.host.addresses()

    def said(self) -> str:
        return (self.folder / "said").read_text(errors="replace")

    def servers(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Return (listener, node) → last change of state, UP or DOWN, and why; those that never changed are not there."""
        return {(listener, node): (state, why) for listener, node, state, why in _STATE.findall(self.said())}

    def down(self) -> set[tuple[str, str]]:
        """Return (listener, node) of servers that get no connections."""
        return {server for server, (state, _) in self.servers().items() if state == "DOWN"}

    def close(self) -> None:
        self._machine.kill()
        self._machine.wait(60)


def run(*words: str) -> str:
    """Run a command, which must succeed; return what it says."""
    said = subprocess.run(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert said.returncode == 0, f"{words}: {said.stdout}"
    return said.stdout


@dataclass(frozen=True)
class World:
    """All machines, and the address of the database's administrator."""

    hosts: dict[str, Host]
    nodes: dict[str, GuideMachine]
    balancers: tuple[Balancer, Balancer]
    administration: str

    def serve(self, name: str) -> None:
        [[serve]] = commands("3.")
        self.nodes[name].serve(serve)

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Return rows of the nodes' database."""

        async def ask() -> list[tuple[object, ...]]:
            connection = await asyncpg.connect(self.administration.replace("/postgres?", "/smartmail?"))
            try:
                return [tuple(row) for row in await connection.fetch(statement)]
            finally:
                await connection.close()

        return asyncio.run(ask())


@contextlib.contextmanager
def guide_world(folder: Path) -> Iterator[World]:
    """Follow the guide from the database to the address that moves."""
    shown = Authority().issue("database.example.co.kr")
    with switched("192.0.2", HOSTS) as hosts, contextlib.ExitStack() as stack:
        administration = stack.enter_context(
            tls_postgres(hosts["database"], block("1.", "postgresql"), block("1.", "pg_hba"), shown)
        )
        asyncio.run(_make_database(administration))
        endpoint = stack.enter_context(_bucket(hosts["bucket"]))
        nodes = {name: GuideMachine(folder / name, hosts[name], endpoint) for name in ("node1", "node2")}
        _write_files(nodes["node1"])
        for node in nodes.values():
            stack.callback(node.stop)
        [[serve]], (copy, [serve_too]) = commands("3."), commands("4.")[:2]
        nodes["node1"].serve(serve)
        hosts["node1"].inside(asyncio.run, _people(nodes["node1"].data))
        for command in copy:
            run_over(command, nodes["node1"], nodes["node2"])
        _move_folders(nodes["node1"], nodes["node2"])
        nodes["node2"].serve(serve_too)
        balancers = []
        for name, priority in (("balancer1", 100), ("balancer2", 90)):
            balancers.append(Balancer(folder / name, hosts[name], priority))
            stack.callback(balancers[-1].close)
        yield World(hosts, nodes, (balancers[0], balancers[1]), administration)


async def _make_database(administration: str) -> None:
    connection = await asyncpg.connect(administration)
    try:
        for statement in block("1.", "sql").strip().split("\n"):
            await connection.execute(statement)
    finally:
        await connection.close()


@contextlib.contextmanager
def _bucket(host: Host) -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address=host.address, port=5000, verbose=False)
    endpoint = f"http://{host.address}:5000"
    host.inside(server.start)
    try:
        host.inside(urllib.request.urlopen, urllib.request.Request(f"{endpoint}/mail", method="PUT"))
        yield endpoint
    finally:
        server.stop()


def _write_files(node: GuideMachine) -> None:
    page = (GUIDE / "en/nodes.md").read_text(encoding="utf-8")
    [address] = re.findall(r"`(postgresql://[^`]+)`", page)
    for name, text in (("database-url", address), ("s3-access", "id"), ("s3-secret", "secret")):
        (node.folder / "srv/smartmail" / name).write_text(text + "\n")
    (node.data / "node.toml").write_text(node.here(block("3.", "toml")), encoding="utf-8")


def _move_folders(one: GuideMachine, two: GuideMachine) -> None:
    """Change what differs only since both machines have one tree of files."""
    file = two.data / "node.toml"
    file.write_text(file.read_text().replace(str(one.folder), str(two.folder)))


async def _people(data: Path) -> None:
    """Make the accounts that tests know."""
    async with open_node(load(str(data))) as node:
        await seed_bench(node)
