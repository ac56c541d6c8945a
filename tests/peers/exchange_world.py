"""Five mail systems on one net of loopback, each with port 25 of an address and a signed zone of its own.

Two SmartMails (hana, duri), Postfix, Exim and OpenSMTPD. All find each other as the internet does: by MX, over port 25,
with SPF, DKIM, DMARC and TLSA published. The SmartMails serve MTA-STS policies too; duri has a second domain,
ondol.test, that has one and no TLSA.
"""

import asyncio
import base64
import contextlib
import fcntl
import json
import os
import random
import ssl
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from tests.lab.authority import Authority, Issued
from tests.lab.dns import DnsLab
from tests.peers.exchanger import GREY, Exchanger
from tests.peers.exim import exim
from tests.peers.letters import LOCAL_PART
from tests.peers.mail_systems import PASSWORD, SELECTOR, Foreign, Smart, System
from tests.peers.opensmtpd import opensmtpd
from tests.peers.postfix import DOMAIN as POSTFIX
from tests.peers.postfix import Postfix, postfix
from tests.peers.served import free_port_base, put_node_file, served, until

from smartmail.app.node import Node, open_node
from smartmail.app.settings import load
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.directory import NewPerson

NULL, LENIENT, STS = "nomail.test", "lenient.test", "ondol.test"
_ADMIN = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
_LOCAL_PARTS = ("box", LOCAL_PART)
_SCHEDULE = {"first": 1, "longest": 2, "lifetime": 600, "grey": 2}


@dataclass
class Exchange:
    """All of them by name."""

    lab: DnsLab
    net: str
    authority: Authority
    systems: dict[str, System] = field(default_factory=dict)

    def smart(self, name: str) -> Smart:
        found = self.systems[name]
        assert isinstance(found, Smart)
        return found

    def wait(self, name: str, word: str, within: float = 90.0) -> bytes:
        """Return the one message with a word in it that a system got."""
        found: list[bytes] = []
        try:
            until(lambda: found.extend(self.systems[name].messages(word)) or found, within, f"{word} at {name}")
        except AssertionError:
            self.tell()
            raise
        assert len(found) == 1
        return found[0]

    def tell(self) -> None:
        """Say all that was logged: pytest shows it when the test fails."""
        for one in self.systems.values():
            print(f"== {one.domain}\n{one.log()[-6000:]}")

    def key_record(self, name: bytes, timeout: int = 5) -> bytes:
        """Answer dkimpy's questions out of the lab."""
        import dns.resolver

        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = [self.lab.resolver[0]], self.lab.resolver[1]
        return b"".join(resolver.resolve(name.decode(), "TXT", lifetime=timeout)[0].strings)


@contextlib.contextmanager
def free_net() -> Iterator[str]:
    """Reserve 256 addresses of loopback against other tests of this machine: `127.77.<number>`."""
    for number in random.SystemRandom().sample(range(1, 255), 100):
        lock = os.open(os.path.join(tempfile.gettempdir(), f"smartmail-net-{number}"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield f"127.77.{number}"
            return
        except BlockingIOError:
            continue
        finally:
            os.close(lock)
    raise AssertionError("no free net")


@contextlib.contextmanager
def open_exchange(lab: DnsLab, folder: Path) -> Iterator[Exchange]:
    """Run all five until the block ends."""
    with contextlib.ExitStack() as stack:
        net = stack.enter_context(free_net())
        world = Exchange(lab, net, Authority())
        (folder / "authority.pem").write_text(world.authority.pem)
        _reverse_zone(world)
        _foreign(world, stack)
        for name, number, domains in (("hana", 1, ["hana.test"]), ("duri", 2, ["duri.test", STS])):
            _smart(world, stack, folder, name, number, domains)
        for name in ("hana", "duri"):
            world.smart(name).node.wait_ready()
        lab.zone(NULL, "@ MX 0 .")
        lab.zone(GREY, f"@ MX 10 mx\nmx A {net}.6")
        lab.zone(LENIENT, f'@ MX 10 mx\nmx A {net}.99\n@ TXT "v=spf1 mx -all"\n_dmarc TXT "v=DMARC1; p=none"')
        yield world


def _foreign(world: Exchange, stack: contextlib.ExitStack) -> None:
    net, server, client = world.net, world.lab.nameserver, f"{world.net}.100"
    keys = {name: _signing_key() for name in ("postfix", "exim", "opensmtpd")}
    shown = {name: world.authority.issue(f"mx.{name}.test") for name in ("exim", "opensmtpd")}
    shown["postfix"] = world.authority.issue(f"mx.{POSTFIX}")

    def make(folder: Path, port: int, address: str, relays: dict[str, int]) -> Postfix:
        return Exchanger(folder, port, address, relays, shown["postfix"], server, client, f"{net}.6")

    running = {
        "postfix": stack.enter_context(postfix(25, {}, f"{net}.3", make)),
        "exim": stack.enter_context(
            exim("exim.test", f"{net}.4", client, server, shown["exim"], SELECTOR, keys["exim"][0])
        ),
        "opensmtpd": stack.enter_context(opensmtpd("opensmtpd.test", f"{net}.5", client, server, shown["opensmtpd"])),
    }
    for number, (name, one) in enumerate(running.items(), start=3):
        domain = POSTFIX if name == "postfix" else f"{name}.test"
        signer = b"" if name == "exim" else keys[name][0]
        world.systems[name] = Foreign(domain, f"{net}.{number}", one, client, signer)
        _zone(world, domain, f"{net}.{number}", f"v=DKIM1; k=rsa; p={keys[name][1]}", shown[name])


def _smart(
    world: Exchange, stack: contextlib.ExitStack, folder: Path, name: str, number: int, domains: list[str]
) -> None:
    address, directory = f"{world.net}.{number}", folder / name
    names = [f"{host}.{domain}" for domain in domains for host in ("mx", "mta-sts")]
    shown = world.authority.issue(*names)
    pem = shown.write(folder / f"{name}.pem")
    put_node_file(directory, _node_file(world, folder, f"mx.{domains[0]}", address, pem))
    with ThreadPoolExecutor(1) as threads:
        records = threads.submit(lambda: asyncio.run(_provision(world, directory, address, domains))).result()
    for domain in domains:
        # RFC 8461 §2: where both are, DANE goes first. One domain has MTA-STS alone.
        _zone(world, domain, address, records[domain], None if domain == STS else shown, sts=True)
    base = stack.enter_context(free_port_base())
    node = stack.enter_context(served(directory, start=False, base=base, address=address, guarded=False))
    # Both at once; `open_exchange` waits.
    node.start(wait=False)
    context = ssl.create_default_context(cadata=world.authority.pem)
    context.check_hostname = False
    logins = tuple(f"{local}@{domain}" for domain in domains for local in _LOCAL_PARTS)
    world.systems[name] = Smart(domains[0], address, node, logins, context)


def _node_file(world: Exchange, folder: Path, host: str, address: str, pem: Path) -> str:
    resolver, port = world.lab.resolver
    return (
        "processes = 1\n"
        f'[dns]\naddress = "{resolver}"\nport = {port}\n'
        f'[names]\nmail = "{host}"\n'
        f'[listen]\naddresses = ["{address}"]\n[listen.ports]\nsmtp = 25\nhttps = 443\n'
        f'[tls]\ncertificate = "{pem}"\nkey = "{pem}"\n'
        f'[outgoing]\nnetworks = ["127.0.0.0/8"]\nauthorities = "{folder / "authority.pem"}"\n'
    )


async def _provision(world: Exchange, directory: Path, address: str, domains: list[str]) -> dict[str, str]:
    """Make organisation, domains, keys and people as an administrator does; return the DKIM records by domain."""
    async with open_node(load(str(directory)), first_start=True) as node:
        services, records = node.services, {}
        organization = await services.provisioning.organization("교환")
        for domain in domains:
            await services.directory.add_domain(domain, organization)
            records[domain] = (await services.signing.keys.create(domain, organization, SELECTOR)).text
            for local in _LOCAL_PARTS:
                await services.provisioning.person(NewPerson(f"{local}@{domain}", "받는 이"), PASSWORD)
        await services.transport.rules.set_authorities(_ADMIN, world.authority.pem)
        for domain in domains:
            await services.transport.rules.set_own_policy(_ADMIN, domain, "enforce", 86_400, (f"mx.{domain}",))
        await _put(node, "queue.sources", dict.fromkeys(domains, address))
        await _put(node, "queue.destinations", {"*": {"source": address}})
        await _put(node, "queue.schedule", _SCHEDULE)
        return records


async def _put(node: Node, name: str, value: object) -> None:
    await node.store.put_setting("system", name, json.dumps(value))


def _zone(world: Exchange, domain: str, address: str, key: str, shown: Issued | None, *, sts: bool = False) -> None:
    """State a domain's zone: TLSA for the certificate that its host shows, and a policy where it serves one."""
    lines = [
        "@ MX 10 mx", f"mx A {address}", f'@ TXT "v=spf1 ip4:{address} -all"', 'mx TXT "v=spf1 a -all"',
        '_dmarc TXT "v=DMARC1; p=reject; adkim=s; aspf=r"', f"{SELECTOR}._domainkey TXT {_strings(key)}",
    ]  # fmt: skip
    if shown is not None:
        lines.append(f"_25._tcp.mx TLSA {shown.tlsa(3)}")
    if sts:
        lines += [f"mta-sts A {address}", '_mta-sts TXT "v=STSv1; id=1;"']
    world.lab.zone(domain, "\n".join(lines))


def _strings(text: str) -> str:
    return " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))


def _reverse_zone(world: Exchange) -> None:
    # A test of the lab itself may have stated the zone above, which would hide ours.
    if "127.in-addr.arpa." in world.lab.zones:
        world.lab.remove("127.in-addr.arpa")
    number = world.net.rpartition(".")[2]
    hosts: Sequence[str] = ("hana.test", "duri.test", POSTFIX, "exim.test", "opensmtpd.test")
    lines = [f"{at} PTR mx.{host}." for at, host in enumerate(hosts, start=1)]
    world.lab.zone(f"{number}.77.127.in-addr.arpa", "\n".join(lines))


def _signing_key() -> tuple[bytes, str]:
    """Return a private key as PEM, and the public one as a DKIM record has it."""
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return private, base64.b64encode(public).decode()
