"""A whole mail server inside the test's own event loop: real store, real volume, real listeners on free ports."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.house.bus import LocalBus
from tests.house.clock import MovedClock
from tests.house.opening import opened, settle

from smartmail.app.wiring.ports import Operating
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
from smartmail.service.flow.directory import NewPerson

PASSWORD = "correct horse"
SIZE = 50 << 20


@dataclass
class House:
    """One server: its services, and ports of its listeners."""

    services: Services
    store: object
    clock: MovedClock
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
    clock = MovedClock()
    async with opened(
        directory, clock=clock, bus=bus or LocalBus(), postgres=postgres, resolver=resolver, extractor=extractor,
        dissector=extractor, http=http, operating=operating,
    ) as base:  # fmt: skip
        yield House(base.services, base.store, clock)
        await settle(base.services)


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
