"""Ten doors on real listeners, fake origins by country, and one try at each door from each origin.

Connections come from 127.0.0.2, which may say by PROXY v2 where it stands for; 127.0.0.1 may not. DAV and download links
have no listener yet: they are asked for at the service, and `REAL` does not name them.
"""

import asyncio
import base64
import contextlib
import ipaddress
import json
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.house.bus import LocalBus
from tests.house.clock import FrozenClock  # noqa: F401 -- tests know it by this place
from tests.house.opening import NO_APP, opened, settle

from smartmail.adapters.clock import SystemClock
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AuthFailed
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.httpd.app import WebConfig, make_app
from smartmail.edge.imapd.session import ImapConfig, ImapSession
from smartmail.edge.net.deadlines import Deadlines
from smartmail.edge.net.http import HttpHost
from smartmail.edge.net.limits import Limits
from smartmail.edge.net.listener import Listener
from smartmail.edge.net.wire import Endpoint
from smartmail.edge.pop3d.session import Pop3Config, Pop3Session
from smartmail.edge.sieved.session import SieveConfig, SieveSession
from smartmail.edge.smtpd.session import Listener as SmtpListener
from smartmail.edge.smtpd.session import SmtpSession
from smartmail.formats.geo_table import Facts, Range, build
from smartmail.proto.lineio.proxy import SIGNATURE_V2
from smartmail.proto.smtp.config import ServerConfig
from smartmail.service.catalogue import Services
from smartmail.service.flow.directory import NewPerson

LOGIN, PASSWORD = "kim@a.example", "correct horse"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
AUDIT = AuditRecord(0, "cli", "access-rule.new", "access-rule", "")
NETWORKS = {"192.0.2.0/24": "KR", "198.51.100.0/24": "CN", "203.0.113.0/24": "US", "2001:db8:9::/48": "JP"}
AUTONOMOUS = {"192.0.2.0/24": "9318", "198.51.100.0/24": "4134", "203.0.113.0/24": "16509", "2001:db8:9::/48": "2500"}
ORIGINS = {
    "KR": "192.0.2.9", "CN": "198.51.100.9", "US": "203.0.113.7", "JP": "2001:db8:9::9", "private": "10.1.2.3",
    "unknown": "233.252.0.9",
}  # fmt: skip
REAL = ("web", "admin", "jmap", "imap", "pop3", "smtp", "sieve", "push")
PLAIN = base64.b64encode(f"\0{LOGIN}\0{PASSWORD}".encode()).decode()


def table(kind: str, values: dict[str, str]) -> bytes:
    """Return a table of addresses."""
    rows = []
    for text, value in values.items():
        network = ipaddress.ip_network(text)
        rows.append(Range(network.version, int(network.network_address), int(network.broadcast_address), value))
    return build(Facts(kind, "bench", "none", "2026-11-26"), rows)


def proxied(address: str) -> bytes:
    """Return the PROXY v2 header of a connection from an address, whose TLS the balancer has ended."""
    source = ipaddress.ip_address(address)
    target = ipaddress.ip_address("192.0.2.250" if source.version == 4 else "2001:db8::250")
    version = struct.pack("!BH", 0x21, 7) + b"TLSv1.3"
    facts = struct.pack("!BHBI", 0x20, 5 + len(version), 1, 0) + version
    body = source.packed + target.packed + struct.pack("!HH", 4000, 993) + facts
    return SIGNATURE_V2 + struct.pack("!BBH", 0x21, 0x11 if source.version == 4 else 0x21, len(body)) + body


@dataclass
class Line:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, text: str) -> str:
        self.writer.write(text.encode() + b"\r\n")
        return await self.hear()

    async def hear(self) -> str:
        """Return the last line of an answer."""
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), 60)).decode()
            if line[:1] in {"*", '"'} and not line.startswith(("* OK [CAP", "* BYE", "* OK IMAP", "* OK Smart")):
                continue
            if line[:3].isdigit() and line[3:4] == "-":
                continue
            return line

    async def ended(self, seconds: float = 10) -> str:
        """Return what is said until the other end has gone."""
        async with asyncio.timeout(seconds):
            return (await self.reader.read()).decode("utf-8", "replace")

    async def close(self) -> None:
        self.writer.close()
        with contextlib.suppress(OSError):
            await self.writer.wait_closed()


@dataclass
class AccessHouse:
    """Services, listeners, one person who administers, and what opens doors."""

    services: Services
    store: object
    clock: SystemClock
    bus: LocalBus
    account: Account
    token: str
    ports: dict[str, int] = field(default_factory=dict)

    async def line(self, door: str, address: str = "") -> Line:
        """Connect; with an address as whoever is there, else from here."""
        source = ("127.0.0.2", 0) if address else None
        reader, writer = await asyncio.open_connection("127.0.0.1", self.ports[door], local_addr=source)
        if address:
            writer.write(proxied(address))
        return Line(reader, writer)

    async def http(
        self, address: str, method: str, path: str, body: object = None, *, host: str = "mail.test", **fields: str
    ) -> tuple[int, dict[str, str], bytes]:
        line = await self.line("https", address)
        octets = b"" if body is None else json.dumps(body).encode()
        head = {"host": host, "x-smartmail": "1", "content-type": "application/json", "connection": "close", **fields}
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in head.items())
        line.writer.write(f"{method} {path} HTTP/1.1\r\n{lines}content-length: {len(octets)}\r\n\r\n".encode() + octets)
        found = await answer_head(line.reader)
        rest = await asyncio.wait_for(line.reader.read(), 60) if "text/event-stream" not in str(found[1]) else b""
        await line.close()
        return found[0], found[1], rest

    async def comes_in(self, door: str, address: str, secret: str = PASSWORD) -> bool:
        """Say whether the right name and secret open a door from an address."""
        if door in {"dav", "links"}:
            return await self._at_the_service(door, address, secret)
        if door in {"web", "admin", "jmap", "push"}:
            return await self._by_http(door, address, secret)
        line = await self.line("submission" if door == "smtp" else door, address)
        try:
            said = await log_in(line, door, secret)
        finally:
            await line.close()
        return said.startswith(("a OK", "+OK", "235", "OK"))

    async def _by_http(self, door: str, address: str, secret: str) -> bool:
        if door == "jmap":
            token = self.token if secret == PASSWORD else self.token[:-3] + "aaa"
            return (await self.http(address, "GET", "/jmap/session", authorization=f"Bearer {token}"))[0] == 200
        if door == "push":
            path, token = "/jmap/events/?types=*&ping=0&closeafter=no", self.token
            return (await self.http(address, "GET", path, authorization=f"Bearer {token}"))[0] == 200
        path, host, me = ("/auth/login", "mail.test", "/auth/me")
        if door == "admin":
            path, host, me = "/admin/v1/session", "admin.test", "/admin/v1/session"
        found = await self.http(address, "POST", path, {"address": LOGIN, "password": secret}, host=host)
        if found[0] not in {200, 201, 204}:
            return False
        cookie = found[1]["set-cookie"].split(";")[0]
        return (await self.http(address, "GET", me, host=host, cookie=cookie))[0] == 200

    async def _at_the_service(self, door: str, address: str, secret: str) -> bool:
        origin = Origin(door, address, 5, tls=True)
        try:
            if door == "dav":
                await self.services.auth.login(LOGIN, secret, origin)
            else:
                account = self.account
                actor = Actor(
                    account.id, account.organization_id, LOGIN, True, origin, account.auth_epoch, by="session"
                )
                await self.services.auth.pass_on(actor, "links")
        except AuthFailed:
            return False
        return True

    async def results(self) -> list[tuple[str, str, str]]:
        """Return door, result and country of logins, newest first."""
        await self.services.auth.settle()
        found = await self.services.auth.login_attempts(CLI, self.account.id, limit=100)
        return [(one.door, one.result, one.country) for one in found]


async def answer_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Return status and fields of an HTTP answer."""
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)).decode()
    fields = (line.partition(": ") for line in head.split("\r\n")[1:-2])
    return int(head.split()[1]), {name.lower(): value for name, _, value in fields}


async def log_in(line: Line, door: str, secret: str = PASSWORD) -> str:
    """Give name and secret at a door of a mail program; return the answer."""
    plain = base64.b64encode(f"\0{LOGIN}\0{secret}".encode()).decode()
    await line.hear()
    if door == "imap":
        return await line.say(f'a LOGIN {LOGIN} "{secret}"')
    if door == "pop3":
        await line.say(f"USER {LOGIN}")
        return await line.say(f"PASS {secret}")
    if door == "smtp":
        await line.say("EHLO x.example")
        return await line.say(f"AUTH PLAIN {plain}")
    return await line.say(f'AUTHENTICATE "PLAIN" "{plain}"')


@contextlib.asynccontextmanager
async def access_house(
    directory: Path, *, clock: SystemClock | None = None, bus: LocalBus | None = None
) -> AsyncIterator[AccessHouse]:
    """Open it: the person kim@a.example, who administers, with a password and a token."""
    directory.mkdir(exist_ok=True)
    bus, clock = bus or LocalBus(), clock or SystemClock()
    async with opened(directory, clock=clock, bus=bus) as base:
        services = base.services
        organization_id = await services.provisioning.organization("test")
        await services.directory.add_domain("a.example", organization_id)
        account = await services.provisioning.person(NewPerson(LOGIN, "김민수", is_admin=True), PASSWORD)
        await services.geo.replace(table("country", NETWORKS))
        await services.geo.replace(table("asn", AUTONOMOUS))
        me = await services.auth.login(LOGIN, PASSWORD, Origin("web", "127.0.0.1", 5, tls=True))
        token = (await services.auth.new_token(me, "bench", scopes=("mail",))).secret
        house = AccessHouse(services, base.store, clock, bus, account, token)
        async with _serve(house):
            yield house
        await settle(services)


@contextlib.asynccontextmanager
async def _serve(house: AccessHouse) -> AsyncIterator[None]:
    services, deadlines = house.services, Deadlines(asyncio.get_running_loop())
    config = WebConfig("mail.test", "admin.test", "files.test", 10443, webmail=NO_APP, admin=NO_APP, poll_s=60)
    host = HttpHost(make_app(services, config))
    await host.start()
    taking = ServerConfig("mx.test", mechanisms=("PLAIN",), auth_required=True, auth_cleartext=True)
    submission = SmtpListener("submission", taking, 1 << 20)
    makers = {
        "https": host.make,
        "imap": lambda: ImapSession(services, ImapConfig("mx.test", 1 << 20, cleartext_login=True)),
        "pop3": lambda: Pop3Session(services, Pop3Config("mx.test", cleartext_login=True)),
        "sieve": lambda: SieveSession(services, SieveConfig("mx.test", cleartext_login=True)),
        "submission": lambda: SmtpSession(services, submission),
    }
    listeners = []
    for name, make in makers.items():
        sock = socket.create_server(("127.0.0.1", 0))
        house.ports[name] = sock.getsockname()[1]
        trusted = (ipaddress.ip_network("127.0.0.2/32"),)
        endpoint = Endpoint(name, make, proxy_from=trusted, limits=Limits(per_address=0, per_network=0))
        listeners.append(Listener(endpoint, [sock], deadlines))
        listeners[-1].start()
    try:
        yield
    finally:
        for listener in listeners:
            await listener.drain(0.1)
        await host.stop()
