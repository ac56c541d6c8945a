"""A whole mail server inside the test's own event loop: real store, real volume, real listeners on free ports."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from smartmail.adapters.clock import SystemClock
from smartmail.adapters.keys.master import load_or_create
from smartmail.adapters.keys.ring import KeyRing
from smartmail.adapters.sql import open_postgres, open_sqlite
from smartmail.adapters.volumes.packs import PackLimits, PackVolume
from smartmail.app.composing import compose_services
from smartmail.app.operating import Operating
from smartmail.domain.account import Account
from smartmail.domain.errors import AlreadyExists
from smartmail.edge.imapd.session import ImapConfig, ImapSession
from smartmail.edge.net.deadlines import Deadlines
from smartmail.edge.net.limits import Limits
from smartmail.edge.net.listener import Listener
from smartmail.edge.net.wire import Endpoint
from smartmail.edge.pop3d.session import Pop3Config, Pop3Session
from smartmail.edge.sieved.session import SieveConfig, SieveSession
from smartmail.edge.smtpd.session import Listener as SmtpListener
from smartmail.edge.smtpd.session import SmtpSession
from smartmail.proto.smtp.config import ServerConfig
from smartmail.service.catalogue import Services
from smartmail.service.directory import NewPerson

PASSWORD = "correct horse"
SIZE = 50 << 20


class LocalBus:
    """Hints inside one process, delivered at once."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Callable[[str], None]]] = {}

    def publish(self, topic: str, payload: str) -> None:
        for listener in list(self._listeners.get(topic, ())):
            listener(payload)

    def subscribe(self, topic: str, listener: Callable[[str], None]) -> Callable[[], None]:
        self._listeners.setdefault(topic, []).append(listener)
        return lambda: self._listeners[topic].remove(listener)


@dataclass
class House:
    """One server: its services, and ports of its listeners."""

    services: Services
    store: object
    clock: SystemClock
    ports: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)

    async def person(self, login: str, **facts: object) -> Account:
        account = await self.services.provisioning.person(
            NewPerson(login, login.split("@", maxsplit=1)[0], **facts), PASSWORD
        )
        self.accounts[login] = account
        return account


@contextlib.asynccontextmanager
async def compose_house(
    directory: Path,
    *,
    bus: LocalBus | None = None,
    resolver: object = None,
    postgres: str | None = None,
    extractor: object = None,
    http: object = None,
    operating: Operating = Operating(),  # noqa: B008 -- a frozen value
) -> AsyncIterator[House]:
    """Open store, keys, volume and services of a server; a directory that holds one already is opened again."""
    store = await (open_postgres(postgres) if postgres else open_sqlite(str(directory / "mail.db")))
    key_file = directory.parent / f"{directory.name}.key"
    keys = KeyRing(load_or_create(str(key_file), str(directory), first_start=not key_file.exists()))
    volume = PackVolume(str(directory / "volume"), limits=PackLimits(reserve_octets=0))
    clock = SystemClock()
    known = await store.volumes()
    row = known[0] if known else await store.add_volume("local", "{}", 1)
    services = compose_services(
        store=store, keys=keys, volumes={row.id: volume}, bus=bus or LocalBus(), clock=clock, host="mx.test",
        resolver=resolver, extractor=extractor, dissector=extractor, http=http, operating=operating,
    )  # fmt: skip
    try:
        yield House(services, store, clock)
        await services.witness.settle()
        await services.auth.settle()
        await services.tracer.settle()
    finally:
        await volume.close()
        await store.close()


@contextlib.asynccontextmanager
async def serve(house: House, ports: Mapping[str, int] | None = None) -> AsyncIterator[House]:
    """Open plain listeners that take passwords in clear on loopback, on free ports or the named ones."""
    deadlines = Deadlines(asyncio.get_running_loop())
    listeners = []
    for name, make in _makers(house.services).items():
        sock = socket.create_server(("127.0.0.1", (ports or {}).get(name, 0)))
        house.ports[name] = sock.getsockname()[1]
        limits = Limits(per_address=0, per_network=0)
        listener = Listener(Endpoint(name, make, limits=limits), [sock], deadlines)
        listener.start()
        listeners.append(listener)
    try:
        yield house
    finally:
        for listener in listeners:
            await listener.drain(0.1)


@contextlib.asynccontextmanager
async def open_house(
    directory: Path, *, domains: tuple[str, ...] = ("a.example",), resolver: object = None, bus: LocalBus | None = None
) -> AsyncIterator[House]:
    """Open a server whose domains are ours."""
    async with compose_house(directory, bus=bus, resolver=resolver) as house:
        organization_id = await house.services.provisioning.organization("test")
        for domain in domains:
            with contextlib.suppress(AlreadyExists):
                await house.services.directory.add_domain(domain, organization_id)
        async with serve(house):
            yield house


def _makers(services: Services) -> dict[str, Callable[[], object]]:
    mx = SmtpListener("mx", ServerConfig("mx.test", size=SIZE), SIZE)
    lmtp = SmtpListener("lmtp", ServerConfig("mx.test", protocol="lmtp", size=SIZE), SIZE)
    submission_config = ServerConfig(
        "mx.test", size=SIZE, mechanisms=("PLAIN", "LOGIN"), auth_required=True, auth_cleartext=True
    )
    submission = SmtpListener("submission", submission_config, SIZE)
    imap = ImapConfig("mx.test", SIZE, cleartext_login=True)
    return {
        "smtp": lambda: SmtpSession(services, mx),
        "lmtp": lambda: SmtpSession(services, lmtp),
        "submission": lambda: SmtpSession(services, submission),
        "imap": lambda: ImapSession(services, imap),
        "pop3": lambda: Pop3Session(services, Pop3Config("mx.test", cleartext_login=True)),
        "sieve": lambda: SieveSession(services, SieveConfig("mx.test", cleartext_login=True)),
    }
