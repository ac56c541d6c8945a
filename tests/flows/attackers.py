"""Hosts of the whole internet on loopback: every listener of a house behind a PROXY header, and raw clients."""

import asyncio
import base64
import contextlib
import socket
from collections.abc import AsyncIterator, Callable

from tests.flows.house import House, _makers

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.net.deadlines import Deadlines
from smartmail.edge.net.limits import Limits, Network
from smartmail.edge.net.listener import Listener
from smartmail.edge.net.wire import Endpoint

ADMIN = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
PATIENCE_S = 60.0


def loopback() -> tuple[Network, ...]:
    import ipaddress

    return (ipaddress.ip_network("127.0.0.0/8"),)


@contextlib.asynccontextmanager
async def doors(
    house: House, *, limits: Limits | None = None, make: dict | None = None
) -> AsyncIterator[dict[str, int]]:
    """Open listeners that believe PROXY headers; yield their ports."""
    await house.services.defence.ready()
    deadlines = Deadlines(asyncio.get_running_loop())
    ports, listeners = {}, []
    for name, maker in (make or _makers(house.services)).items():
        sock = socket.create_server(("127.0.0.1", 0), backlog=4096)
        ports[name] = sock.getsockname()[1]
        endpoint = Endpoint(
            name, maker, refusal=b"421 4.7.0 no\r\n", proxy_from=loopback(), guard=house.services.defence.admit,
            limits=limits or Limits(per_address=0, per_network=0),
        )  # fmt: skip
        listener = Listener(endpoint, [sock], deadlines)
        listener.start()
        listeners.append(listener)

    def expel() -> None:
        for listener in listeners:
            listener.expel(house.services.defence.is_banned)

    house.services.defence.on_ban(expel)
    try:
        yield ports
    finally:
        for listener in listeners:
            await listener.drain(0.1)


class Peer:
    """One raw connection from any address."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def from_(cls, address: str, port: int, first: bytes = b"") -> "Peer":
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        kind = "TCP6" if ":" in address else "TCP4"
        local = "::1" if ":" in address else "127.0.0.1"
        writer.write(f"PROXY {kind} {address} {local} 4000 {port}\r\n".encode() + first)
        return cls(reader, writer)

    def send(self, octets: bytes) -> None:
        self.writer.write(octets)

    async def reply(self) -> str:
        """Return one whole reply, "" at the end of the connection."""
        lines = []
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    line = await self.reader.readline()
                except ConnectionError:
                    line = b""
                lines.append(line.decode().rstrip())
                if not line or line[3:4] != b"-":
                    return "\n".join(lines)

    async def say(self, line: str) -> str:
        self.send(line.encode() + b"\r\n")
        return await self.reply()

    async def rest(self) -> bytes:
        """Read until the other side closes."""
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(ConnectionError):
                return await self.reader.read()
            return b""

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


async def greet(address: str, port: int, name: str = "mail.outside.test") -> Peer:
    """Connect and say EHLO."""
    peer = await Peer.from_(address, port)
    assert (await peer.reply()).startswith("220")
    assert (await peer.say(f"EHLO {name}")).startswith("250")
    return peer


async def send(
    address: str, port: int, sender: str, recipient: str, octets: bytes, *, name: str = "mail.outside.test"
) -> str:
    """Send one mail; return the first reply that is not positive, or the last."""
    peer = await greet(address, port, name)
    try:
        for line in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>"):
            reply = await peer.say(line)
            if not reply.startswith("250"):
                return reply
        assert (await peer.say("DATA")).startswith("354")
        peer.send(octets + b"\r\n.\r\n")
        return await peer.reply()
    finally:
        await peer.close()


def plain(login: str, password: str) -> str:
    return base64.b64encode(f"\0{login}\0{password}".encode()).decode()


async def log_in(address: str, port: int, login: str, password: str) -> str:
    """Try one login at the submission door."""
    peer = await greet(address, port)
    try:
        return await peer.say(f"AUTH PLAIN {plain(login, password)}")
    finally:
        await peer.close()


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until a condition holds; coroutines are awaited."""
    async with asyncio.timeout(seconds):
        while True:
            found = condition()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            await asyncio.sleep(0.01)
