"""Mail exchangers that misbehave as told: one loopback address each, all on one port, with a table of DNS for them."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from smartmail.ports.dns import MxHost

CLOSE = None
Act = bytes | None | Callable[["Visit"], object]
"""What to do instead of the usual reply: send octets, close, or run something."""

USUAL = {
    "banner": b"220 mx ESMTP\r\n",
    "ehlo": b"250-mx\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n",
    "helo": b"250 mx\r\n",
    "mail": b"250 2.1.0 ok\r\n",
    "rcpt": b"250 2.1.5 ok\r\n",
    "data": b"354 go\r\n",
    "dot": b"250 2.0.0 taken\r\n",
    "rset": b"250 2.0.0 ok\r\n",
    "quit": b"221 2.0.0 bye\r\n",
    "starttls": b"220 2.0.0 go\r\n",
}


@dataclass
class Exchanger:
    """One host: how it behaves and what it took. `acts` by step; a list is used up, its last act stays."""

    acts: dict[str, Act | list[Act]] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    connections: int = 0
    open_now: int = 0
    most_open: int = 0
    transactions: list[int] = field(default_factory=list)
    """Messages of each connection."""
    delay: float = 0.0
    mails: list[bytes] = field(default_factory=list)
    at: list[float] = field(default_factory=list)

    def act(self, step: str) -> Act:
        """Return what to do at a step."""
        given = self.acts.get(step, USUAL.get(step, b"500 5.5.1 what\r\n"))
        if isinstance(given, list):
            return given.pop(0) if len(given) > 1 else given[0]
        return given


@dataclass
class Visit:
    """One connection to an exchanger."""

    host: Exchanger
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int = 0
    accepted: int = 0

    async def run(self) -> None:
        """Talk until somebody goes."""
        if not await self.do("banner"):
            return
        while line := await self.reader.readline():
            verb = line.split(b" ")[0].strip().lower().decode("latin-1")
            if verb == "mail":
                self.host.mails.append(line)
                self.accepted = 0
            if verb == "data" and not self.accepted:
                self.writer.write(b"503 5.5.1 no recipients\r\n")
                continue
            if not await self.do(verb):
                return
            if verb == "data" and self.host.acts.get("data") is None and not await self._content():
                return
            if verb == "quit":
                return

    async def do(self, step: str) -> bool:
        """Do what stands for a step; False when that was to close."""
        act = self.host.act(step)
        if self.host.delay:
            await asyncio.sleep(self.host.delay)
        if act is CLOSE:
            return False
        if callable(act):
            result = act(self)
            if asyncio.iscoroutine(result):
                return bool(await result)
            return bool(result)
        self.accepted += step == "rcpt" and act[:1] == b"2"
        self.writer.write(act)
        await self.writer.drain()
        return True

    async def _content(self) -> bool:
        lines = []
        while (line := await self.reader.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line)
        # Taken before the reply: what is lost after this was received all the same.
        self.host.taken.append(b"".join(lines))
        self.host.at.append(asyncio.get_running_loop().time())
        self.host.transactions[self.number] += 1
        return await self.do("dot")


class HostileDns:
    """Domain → its exchangers, each with a loopback address of its own."""

    def __init__(self, hosts: Mapping[str, str], mx: Mapping[str, list[MxHost]] | None = None) -> None:
        self.hosts = dict(hosts)
        self._mx = dict(mx or {})

    async def mx(self, domain: str) -> list[MxHost]:
        return self._mx.get(domain) or ([MxHost(10, f"mx.{domain}")] if domain in self.hosts else [])

    async def addresses(self, host: str) -> list[str]:
        address = self.hosts.get(host.removeprefix("mx."))
        return [address] if address else []

    async def txt(self, name: str) -> list[bytes]:
        return []

    async def names(self, address: str) -> list[str]:
        return []


@contextlib.asynccontextmanager
async def exchangers(hosts: Mapping[str, Exchanger]) -> AsyncIterator[tuple[int, HostileDns]]:
    """Open a listener for each domain; yield their port and the DNS that knows them."""
    port, addresses, servers = 0, {}, []
    for number, (domain, host) in enumerate(hosts.items(), start=1):
        addresses[domain] = f"127.0.{20 + number // 200}.{number % 200 + 1}"
        sock = socket.create_server((addresses[domain], port))
        port = sock.getsockname()[1]
        servers.append(await asyncio.start_server(_visitor(host), sock=sock, limit=1 << 20))
    try:
        yield port, HostileDns(addresses)
    finally:
        for server in servers:
            server.close()


def _visitor(host: Exchanger) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]:
    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host.connections += 1
        host.open_now += 1
        host.most_open = max(host.most_open, host.open_now)
        host.transactions.append(0)
        try:
            await Visit(host, reader, writer, len(host.transactions) - 1).run()
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            host.open_now -= 1
            writer.close()

    return visit
