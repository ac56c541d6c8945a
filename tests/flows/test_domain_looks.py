"""What DNS says of our own domains: looked at by itself, kept, and never told as well before anybody looked."""

import pytest
from tests.flows.authenticated import Zones
from tests.flows.house import compose_house
from tests.house.jobs import service_of

from smartmail.app.wiring.ports import Operating
from smartmail.domain.domain_looks import DomainLook, WantedRecord
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.client_setup import MailServer
from smartmail.ports.dns import DnsFailure, ServiceHost
from smartmail.service.people.domain_records import AGAIN, FORGET, SOONER

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
DOMAIN = "a.example"


class World(Zones):
    """DNS with hosts as well: `hosts` their addresses, `claims` the names of addresses."""

    def __init__(self) -> None:
        super().__init__({})
        self.hosts: dict[str, list[str]] = {}
        self.claims: dict[str, list[str]] = {}
        self.silent = False
        self.services: dict[str, list[ServiceHost]] = {}

    async def srv(self, name):
        return self.services.get(name, [])

    async def mx(self, domain):
        if self.silent:
            raise DnsFailure(domain)
        return await super().mx(domain)

    async def txt(self, name):
        if self.silent:
            raise DnsFailure(name)
        return await super().txt(name)

    async def addresses(self, host):
        if self.silent:
            raise DnsFailure(host)
        return self.hosts.get(host, [])

    async def names(self, address):
        return self.claims.get(address, [])


@pytest.fixture
async def house(tmp_path):
    world = World()
    servers = (MailServer("imap", "localhost", 993, "tls"),)
    async with compose_house(tmp_path, resolver=world, operating=Operating(servers=servers)) as opened:
        organization_id = await opened.services.provisioning.organization("test")
        await opened.services.directory.add_domain(DOMAIN, organization_id)
        opened.world = world
        yield opened


async def domain_of(house):
    return await house.services.administration.domain(DOMAIN)


async def publish(house) -> str:
    """Publish all that the domain wants; return the name of the mail host."""
    row, records, world = await domain_of(house), house.services.domain_records, house.world
    if not await house.services.administration.dkim_records(row):
        await house.services.administration.create_dkim(CLI, row, "sm1", "ed25519")
    mail = await records.host()
    for one in await records.wanted(row):
        if one.kind == "TXT":
            world.texts[one.name] = one.text
    world.exchangers[DOMAIN] = [mail]
    world.hosts[mail] = ["9.9.9.9", "10.0.0.7"]
    world.claims["9.9.9.9"] = [mail]
    return mail


async def look(house) -> DomainLook | None:
    return (await house.services.domain_records.looks()).get(DOMAIN)


async def test_a_domain_is_well_only_when_every_needed_record_was_found(house):
    records = house.services.domain_records
    assert await look(house) is None, "nobody has looked"
    await records.look_again()
    assert (await look(house)).verdict == "incomplete"
    assert (await look(house)).lacking == ("mx", "spf", "dkim", "dmarc", "host")
    mail = await publish(house)
    await records.looked(await domain_of(house))
    assert ((await look(house)).verdict, (await look(house)).lacking) == ("complete", ())
    shown = {(one.purpose, one.name): one.state for one in await records.known(await domain_of(house))}
    assert shown["host", mail] == shown["reverse", "9.9.9.9"] == shown["mx", DOMAIN] == "published"
    assert ("reverse", "10.0.0.7") not in shown, "nobody outside sees an address of a private network"
    for break_it, lacking in (
        (lambda world: world.claims.update({"9.9.9.9": ["dsl-9.isp.example"]}), ("reverse",)),
        (lambda world: world.texts.update({DOMAIN: "v=spf1 include:other.example -all"}), ("spf", "reverse")),
        (lambda world: world.exchangers.update({DOMAIN: ["mx.other.example"]}), ("mx", "spf", "reverse")),
    ):
        break_it(house.world)
        await records.looked(await domain_of(house))
        assert ((await look(house)).verdict, (await look(house)).lacking) == ("incomplete", lacking)


async def test_a_name_service_that_is_silent_says_nothing_against_a_domain(house):
    await publish(house)
    house.world.silent = True
    await house.services.domain_records.look_again()
    assert (await look(house)).verdict == "unanswered"
    half = DomainLook(DOMAIN, 1, (WantedRecord("mx", DOMAIN, "MX", "", "published"),
                                  WantedRecord("spf", DOMAIN, "TXT", "", "unanswered"),
                                  WantedRecord("dkim", DOMAIN, "TXT", "", "published"),
                                  WantedRecord("dmarc", DOMAIN, "TXT", "", "published")))  # fmt: skip
    assert (half.verdict, half.lacking) == ("unanswered", ())


async def test_the_job_looks_sooner_at_what_is_not_well(house):
    records, job = house.services.domain_records, service_of(house.services, "domain-records")
    assert job is records
    await records.look_again()
    await publish(house)
    await records.look_again()
    assert (await look(house)).verdict == "incomplete", "its turn has not come"
    house.clock.go(SOONER)
    await records.look_again()
    first = await look(house)
    assert first.verdict == "complete"
    house.world.exchangers.clear()
    house.clock.go(SOONER)
    await records.look_again()
    assert await look(house) == first
    house.clock.go(AGAIN)
    await records.look_again()
    assert (await look(house)).lacking == ("mx",)


async def test_looks_at_domains_that_are_gone_are_forgotten(house):
    await house.store.put_domain_look(DomainLook("gone.example", house.clock.now(), ()))
    house.clock.go(FORGET + 1)
    await house.services.domain_records.look_again()
    assert set(await house.services.domain_records.looks()) == {DOMAIN}


async def test_what_is_wanted_since_the_look_was_not_looked_at(house):
    await publish(house)
    records = house.services.domain_records
    await records.looked(await domain_of(house))
    await house.services.administration.create_dkim(CLI, await domain_of(house), "sm2", "rsa")
    states = {one.name: one.state for one in await records.known(await domain_of(house)) if one.purpose == "dkim"}
    assert states == {f"sm1._domainkey.{DOMAIN}": "published", f"sm2._domainkey.{DOMAIN}": "unasked"}


async def test_what_mail_programs_ask_for_is_looked_at_but_is_no_fault(house):
    mail = await publish(house)
    imaps, absent = f"_imaps._tcp.{DOMAIN}", f"_pop3s._tcp.{DOMAIN}"
    house.world.services = {imaps: [ServiceHost(993, mail.upper() + ".")], absent: [ServiceHost(0, "")]}
    found = {one.name: one.state for one in await house.services.domain_records.looked(await domain_of(house))}
    assert (found[imaps], found[absent], found[f"autoconfig.{DOMAIN}"]) == ("published", "published", "missing")
    assert (await look(house)).verdict == "complete"
    house.world.services[imaps] = [ServiceHost(143, mail)]
    found = {one.name: one.state for one in await house.services.domain_records.looked(await domain_of(house))}
    assert found[imaps] == "different"
