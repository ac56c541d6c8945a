"""Everything that a matrix of transport security needs: signed zones, policies, Postfix as the hosts, a house that sends.

A `Cell` is one recipient domain; `World.outcomes` sends one message to all of them and tells what became of each:
(delivered | deferred | bounced, enhanced code, TLS version or "", what proved the host).
"""

import asyncio
import contextlib
import email
import io
import json
import smtplib
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.flows.house import PASSWORD, House, compose_house, serve
from tests.lab.authority import Authority, self_signed
from tests.lab.dns import DnsLab
from tests.lab.policies import PolicyHost, policy_host
from tests.peers.mail_hosts import HostKind, MailHosts, mail_hosts
from tests.peers.served import free_port

from smartmail.adapters.dns.resolver import DnsResolver
from smartmail.adapters.http.client import OutgoingClient
from smartmail.base import log
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.relay.agent import RelayAgent, RelayConfig

ADMIN = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
_EVENTS = {"queue.delivered": "delivered", "queue.deferred": "deferred", "queue.bounced": "bounced"}
POLICY = "version: STSv1\nmode: {mode}\nmx: {mx}\nmax_age: 86400\n"


@dataclass(frozen=True)
class Cell:
    """A domain `name`.test whose one exchanger, mx.`name`.test, is a host of a kind.

    `tlsa` makes its record lines' data from (kinds, authority); `sts` is the mode of its policy, for `mx` (its own host);
    `insecure` zones are not signed, `bogus` ones do not hold.
    """

    name: str
    kind: str
    tlsa: Callable[[dict[str, HostKind], Authority], Iterable[object]] | None = None
    sts: str = ""
    mx: str = ""
    secure: bool = True
    bogus: bool = False
    record: bool = True

    @property
    def domain(self) -> str:
        return f"{self.name}.test"


@dataclass
class World:
    """The running parts."""

    lab: DnsLab
    house: House
    hosts: MailHosts
    authority: Authority
    policies: PolicyHost
    cells: dict[str, Cell] = field(default_factory=dict)
    log: io.StringIO = field(default_factory=io.StringIO)

    def zone(self, cell: Cell) -> None:
        """State a cell's zone."""
        lines = ["@ MX 10 mx", f"mx A {self.hosts.kinds[cell.kind].address}", "mta-sts A 127.0.0.1"]
        if cell.tlsa is not None:
            lines += [f"_{self.hosts.port}._tcp.mx TLSA {one}" for one in cell.tlsa(self.hosts.kinds, self.authority)]
        if cell.sts and cell.record:
            lines.append('_mta-sts TXT "v=STSv1; id=1;"')
        self.lab.zone(cell.domain, "\n".join(lines), secure=cell.secure, bogus=cell.bogus)
        if cell.sts:
            self.policies.policies[cell.domain] = POLICY.format(mode=cell.sts, mx=cell.mx or f"mx.{cell.domain}")

    def events(self, *names: str) -> list[dict[str, object]]:
        """Return the log lines of these names so far."""
        lines = [json.loads(line) for line in self.log.getvalue().splitlines()]
        return [line for line in lines if line["event"] in names]

    async def outcomes(self, names: Iterable[str], header: str = "") -> dict[str, tuple[object, ...]]:
        """Send one message to each cell; return what became of it."""
        wanted = [self.cells[name] for name in names]
        before = len(self.events(*_EVENTS))
        await asyncio.to_thread(self._submit, [f"x@{cell.domain}" for cell in wanted], header)
        return await self.settle(wanted, before)

    async def settle(self, wanted: list[Cell], before: int) -> dict[str, tuple[object, ...]]:
        """Run the relay until there is an outcome for each cell behind so many older ones."""
        stopping = asyncio.Event()
        agent = asyncio.create_task(RelayAgent(self.house.services, RelayConfig("mx.a.example", "w1")).run(stopping))
        try:
            async with asyncio.timeout(90):
                while len(found := self._ended(wanted, before)) < len(wanted):
                    await asyncio.sleep(0.02)
        finally:
            stopping.set()
            await agent
        return found

    def _ended(self, wanted: list[Cell], before: int) -> dict[str, tuple[object, ...]]:
        by_domain = {line["domain"]: line for line in self.events(*_EVENTS)[before:]}
        return {
            cell.name: (_EVENTS[str(line["event"])], line["status"], line["tls"], line["verified"])
            for cell in wanted
            if (line := by_domain.get(cell.domain)) is not None
        }

    def _submit(self, to: list[str], header: str) -> None:
        text = f"From: kim@a.example\r\nTo: all@a.example\r\nSubject: matrix\r\n{header}\r\nbody\r\n"
        with smtplib.SMTP("127.0.0.1", self.house.ports["submission"]) as client:
            client.login("kim@a.example", PASSWORD)
            client.sendmail("kim@a.example", to, text.encode())

    async def report(self) -> str:
        """Return the text and the fields of the newest report in the sender's inbox."""
        services = self.house.services
        actor = await services.auth.login("kim@a.example", PASSWORD, Origin("imap"))
        box = await services.mailboxes.by_role(actor, actor.account_id, "inbox")
        view = await services.views.open(actor, actor.account_id, box.row.id)
        octets = await services.reading.octets(actor, actor.account_id, view.entries[-1].message_id)
        parts = email.message_from_bytes(octets).get_payload()
        return parts[0].get_payload(decode=True).decode() + parts[1].as_string()

    async def results(self, domain: str) -> list[str]:
        """Return what the counts of today say of a domain: words of RFC 8460, "" for success, as often as counted."""
        day = self.house.clock.now() // 86_400_000
        rows = await self.house.store.tls_counts(day, domain)
        return sorted(row.result for row in rows for _ in range(row.sessions))


def host_kinds(authority: Authority, cells: Iterable[Cell]) -> dict[str, HostKind]:
    """Return the hosts: good and bad ones."""
    names = [f"mx.{cell.domain}" for cell in cells]
    good = authority.issue(*names)
    return {
        "good": HostKind(good),
        "modern": HostKind(good, ("smtpd_tls_protocols=>=TLSv1.3",)),
        "only12": HostKind(good, ("smtpd_tls_protocols=TLSv1.2",)),
        "old": HostKind(good, ("smtpd_tls_protocols=TLSv1.1",)),
        "wrong": HostKind(authority.issue("elsewhere.test")),
        "expired": HostKind(authority.issue(*names, expired=True)),
        "selfsigned": HostKind(self_signed(*names)),
        "clear": HostKind(None),
    }  # fmt: skip


@contextlib.asynccontextmanager
async def open_world(lab: DnsLab, folder: Path, cells: list[Cell]) -> AsyncIterator[World]:
    """Run everything until the block ends; the log goes into the world."""
    authority, port = Authority(), free_port()
    kinds = host_kinds(authority, cells)
    resolver = DnsResolver(*lab.resolver)
    authorities = folder / "authority.pem"
    authorities.write_text(authority.pem)
    web = OutgoingClient(networks=["127.0.0.0/8"], authorities=str(authorities), lookup=resolver.addresses)
    (folder / "house").mkdir()
    with mail_hosts(port, kinds, tuple(cell.domain for cell in cells)) as hosts:
        async with (
            policy_host(authority, folder, [f"mta-sts.{cell.domain}" for cell in cells]) as policies,
            compose_house(folder / "house", resolver=resolver, http=web) as house,
            serve(house),
        ):
            organization = await house.services.provisioning.organization("test")
            await house.services.directory.add_domain("a.example", organization)
            await house.person("kim@a.example")
            await house.store.put_setting("system", "relay.port", json.dumps(port))
            await house.store.put_setting("transport", "sts-port", json.dumps(policies.port))
            await house.services.transport.rules.set_authorities(ADMIN, authority.pem)
            world = World(lab, house, hosts, authority, policies, {cell.name: cell for cell in cells})
            for cell in cells:
                world.zone(cell)
            log.configure(stream=world.log)
            try:
                yield world
            finally:
                log.configure()
                await web.close()
