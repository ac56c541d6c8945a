"""A look along the way of mail: the real engine over a real wire, every line kept but secrets and content."""

import contextlib
import dataclasses

import pytest
from tests.flows.hostile_mx import Exchanger, exchangers
from tests.flows.house import open_house
from tests.flows.queue_house import put_port

from smartmail.domain.audit import AuditQuery
from smartmail.domain.errors import Forbidden, Invalid
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.route_probe import ProbePlace
from smartmail.domain.transport import HostTerms
from smartmail.edge.relay.route_probe import HIDDEN, ProbeSpeaker, Transcript
from smartmail.service.flow.directory import NewPerson


@contextlib.asynccontextmanager
async def company(tmp_path, hosts):
    """A house whose exchangers are these; yield it and its administrator."""
    async with exchangers(hosts) as (port, dns), open_house(tmp_path, resolver=dns) as house:
        await put_port(house, port)
        made = {}
        for name in ("boss", "kim"):
            person = NewPerson(f"{name}@a.example", name, "ko", is_admin=name == "boss")
            account = await house.services.provisioning.person(person, None)
            made[name] = Actor(
                account.id, account.organization_id, account.login, account.is_admin, Origin("admin", "127.0.0.1"),
                account.auth_epoch, by="session",
            )  # fmt: skip
        yield house, made


def said(probe, by):
    return [line.text for line in probe.lines if line.by == by]


async def test_a_look_sends_nothing(tmp_path):
    host = Exchanger()
    async with company(tmp_path, {"far.test": host}) as (house, people):
        probe = await house.services.route_probes.probe(people["boss"], "lee@far.test")
        assert (probe.outcome, probe.host, host.taken) == ("answered", "mx.far.test", [])
        assert said(probe, "us") == ["EHLO mx.test", "QUIT"]
        assert said(probe, "host")[0] == "220 mx ESMTP"
        assert said(probe, "note") == [f"mx.far.test [{probe.address}]:{probe.port}"]


async def test_a_test_mail_goes_signed_and_its_content_is_not_shown(tmp_path):
    host = Exchanger()
    async with company(tmp_path, {"far.test": host}) as (house, people):
        boss = people["boss"]
        made = await house.services.signing.keys.create("a.example", boss.organization_id)
        await house.services.signing.keys.activate("a.example", made.row.selector)
        probe = await house.services.route_probes.probe(boss, "lee@far.test", send=True)
        assert probe.outcome == "accepted"
        [message] = host.taken
        assert message.startswith(b"DKIM-Signature:") and b"To: lee@far.test" in message
        us = said(probe, "us")
        assert [line.split(":")[0].split(" ")[0] for line in us[:4]] == ["EHLO", "MAIL", "RCPT", "DATA"]
        assert us[4].endswith("octets]") and us[5:] == ["QUIT"]
        assert not any("Subject" in line for line in us)
        await house.services.audit.chain()
        [found] = await house.services.audit.find(AuditQuery(action="route.test"))
        record = found.row.record
        assert "lee" not in str(record) and "domain:far.test" in str(record)


async def test_what_the_host_answers_is_the_outcome(tmp_path):
    hosts = {
        "full.test": Exchanger({"rcpt": b"452 4.2.2 mailbox full\r\n"}),
        "gone.test": Exchanger({"rcpt": b"550 5.1.1 no such user\r\n"}),
        "shut.test": Exchanger({"banner": b"554 5.7.1 not you\r\n"}),
    }
    async with company(tmp_path, hosts) as (house, people):
        probes = house.services.route_probes
        for domain, outcome, words in (
            ("full.test", "later", "mailbox full"), ("gone.test", "refused", "no such user"), ("shut.test", "failed", "not you"),
        ):  # fmt: skip
            probe = await probes.probe(people["boss"], f"lee@{domain}", send=True)
            assert probe.outcome == outcome
            assert any(words in line for line in said(probe, "host"))


async def test_ways_without_a_host(tmp_path):
    async with company(tmp_path, {}) as (house, people):
        probes, boss = house.services.route_probes, people["boss"]
        assert (await probes.probe(boss, "kim@a.example")).outcome == "local"
        nowhere = await probes.probe(boss, "lee@nowhere.test")
        assert nowhere.outcome == "nowhere" and "does not exist" in nowhere.lines[0].text
        closed = await probes.probe(boss, "lee@far.test", ("127.0.0.1", 9))
        assert closed.outcome == "failed" and "ConnectionRefused" in said(closed, "note")[-1]
        with pytest.raises(Invalid):
            await probes.probe(boss, "no address")
        with pytest.raises(Forbidden):
            await probes.probe(people["kim"], "lee@far.test")


async def test_what_must_be_sealed_is_not_sent_in_clear(tmp_path):
    host = Exchanger()
    async with exchangers({"far.test": host}) as (port, dns):
        [address] = await dns.addresses("mx.far.test")
        terms = HostTerms("partner", demand=True, names=("mx.far.test",), server_name="mx.far.test")
        spoken = await ProbeSpeaker("us.test").speak(ProbePlace("mx.far.test", address, port, terms), None)
        assert spoken.outcome == "insecure" and "offers no TLS" in spoken.lines[-1].text
        plain = dataclasses.replace(terms, demand=False, names=())
        assert (
            await ProbeSpeaker("us.test").speak(ProbePlace("mx.far.test", address, port, plain), None)
        ).outcome == "answered"


def test_a_login_is_never_kept():
    tape = Transcript()
    tape("host", b"250 AUTH PLAIN LOGIN\r\n")
    tape("us", b"AUTH PLAIN AHVzZXIAc2VjcmV0\r\n")
    tape("host", b"334 UGFzc3dvcmQ6\r\n")
    tape("us", b"c2VjcmV0\r\n")
    tape("host", b"235 2.7.0 welcome\r\n")
    tape("us", b"MAIL FROM:<a@b.test>\r\n")
    texts = [line.text for line in tape.lines]
    assert texts[1] == f"AUTH PLAIN {HIDDEN}" and texts[3] == HIDDEN and texts[5] == "MAIL FROM:<a@b.test>"
