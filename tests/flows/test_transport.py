"""Secure transport between two SmartMails, TLS reports to other domains, and our own policy and commands."""

import asyncio
import contextlib
import datetime
import email
import json
import smtplib
import socket
import ssl
from dataclasses import asdict

import pytest
from tests.flows.house import PASSWORD, SIZE, compose_house, serve
from tests.house.jobs import service_of
from tests.lab.authority import Authority
from tests.lab.policies import policy_host

from smartmail.adapters.dns.resolver import DnsResolver
from smartmail.adapters.http.client import OutgoingClient
from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.transport import ReportPolicy, TlsCount
from smartmail.edge.net.deadlines import Deadlines
from smartmail.edge.net.limits import Limits
from smartmail.edge.net.listener import Listener
from smartmail.edge.net.wire import Endpoint
from smartmail.edge.relay.agent import RelayAgent, RelayConfig
from smartmail.edge.smtpd.session import Listener as SmtpListener
from smartmail.edge.smtpd.session import SmtpSession
from smartmail.formats import mta_sts, tls_report
from smartmail.proto.smtp.config import ServerConfig
from smartmail.service.flow.delivery.desk import Hello

ADMIN = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
DAY = 86_400_000


@contextlib.asynccontextmanager
async def house_of(folder, domain, login, **options):
    folder.mkdir()
    async with compose_house(folder, **options) as house, serve(house):
        organization = await house.services.provisioning.organization("test")
        await house.services.directory.add_domain(domain, organization)
        await house.person(login)
        yield house


@contextlib.asynccontextmanager
async def mx_with_tls(house, certificate):
    """Open an MX that offers STARTTLS; return its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    config = SmtpListener("mx", ServerConfig("mx.test", size=SIZE, starttls=True), SIZE, lambda: context)
    sock = socket.create_server(("127.0.0.1", 0))
    endpoint = Endpoint("mx", lambda: SmtpSession(house.services, config), limits=Limits(per_address=0, per_network=0))
    listener = Listener(endpoint, [sock], Deadlines(asyncio.get_running_loop()))
    listener.start()
    try:
        yield sock.getsockname()[1]
    finally:
        await listener.drain(0.1)


@contextlib.asynccontextmanager
async def relaying(house):
    stopping = asyncio.Event()
    agent = asyncio.create_task(RelayAgent(house.services, RelayConfig("mx.test", "w1")).run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await agent


async def inbox(house, login):
    services = house.services
    actor = await services.auth.login(login, PASSWORD, Origin("imap"))
    box = await services.mailboxes.by_role(actor, actor.account_id, "inbox")
    view = await services.views.open(actor, actor.account_id, box.row.id)
    return [await services.reading.octets(actor, actor.account_id, entry.message_id) for entry in view.entries]


async def until(condition, seconds=60):
    async with asyncio.timeout(seconds):
        while not (found := await condition()):
            await asyncio.sleep(0.02)
    return found


async def submit_required(house, login, to):
    actor = await house.services.auth.login(login, PASSWORD, Origin("smtp"))
    hello = Hello("client", Origin("smtp"), "submission", "ESMTPSA", "mx.test", "TLSv1.3 x", actor)
    incoming = house.services.delivery.incoming(hello, max_size=SIZE)
    await incoming.mail(login, require_tls=True)
    await incoming.rcpt(to)
    await incoming.begin()
    await incoming.chunk(f"From: {login}\r\nTo: {to}\r\nSubject: secret\r\n\r\nbody\r\n".encode())
    await incoming.finish()


async def test_requiretls_goes_from_house_to_house_and_on(dns_lab, tmp_path):
    authority = Authority()
    certificate = authority.issue("mx.required.test").write(tmp_path / "mx.pem")
    dns_lab.zone("required.test", "@ MX 10 mx\nmx A 127.0.0.1")
    dns_lab.zone("onward.test", "@ MX 10 mx\nmx A 127.0.0.1")
    resolver = DnsResolver(*dns_lab.resolver)
    async with (
        house_of(tmp_path / "a", "a.example", "kim@a.example", resolver=resolver) as a,
        house_of(tmp_path / "b", "required.test", "lee@required.test", resolver=resolver) as b,
        mx_with_tls(b, certificate) as port,
    ):
        await a.store.put_setting("system", "relay.port", json.dumps(port))
        await a.services.transport.rules.set_authorities(ADMIN, authority.pem)
        lee = await b.services.auth.login("lee@required.test", PASSWORD, Origin("imap"))
        script = b'require ["copy"]; redirect :copy "x@onward.test";'
        kept = await b.services.filters.put(lee, lee.account_id, "on", script)
        await b.services.filters.activate(lee, lee.account_id, kept.id)
        async with relaying(a):
            await submit_required(a, "kim@a.example", "lee@required.test")
            found = await until(lambda: inbox(b, "lee@required.test"))
        assert b"Subject: secret" in found[0]
        # RFC 8689 §5: what goes on from there still asks for it.
        [(_id, envelope, _recipients)] = await until(lambda: b.services.queue.entries())
        assert envelope.require_tls
        counted = await a.store.tls_counts(a.clock.now() // DAY, "required.test")
        assert [(one.result, one.sessions) for one in counted] == [("", 1)]


async def test_the_door_offers_requiretls_inside_tls(tmp_path):
    certificate = Authority().issue("mx.test").write(tmp_path / "mx.pem")
    async with (
        house_of(tmp_path / "b", "b.example", "lee@b.example") as house,
        mx_with_tls(house, certificate) as port,
    ):

        def talk():
            with smtplib.SMTP("127.0.0.1", port) as client:
                client.ehlo()
                assert not client.has_extn("requiretls")
                assert client.docmd("MAIL FROM:<a@a.example> REQUIRETLS")[0] == 555
                context = ssl.create_default_context()
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                client.starttls(context=context)
                client.ehlo()
                assert client.has_extn("requiretls")
                client.sendmail("a@a.example", ["lee@b.example"], b"Subject: x\r\n\r\ny\r\n", ["REQUIRETLS"])

        await asyncio.to_thread(talk)
        assert len(await inbox(house, "lee@b.example")) == 1


COUNTS = [("", 5, ""), ("certificate-expired", 2, "192.0.2.1")]


async def counted(house, domain, day):
    policy = json.dumps(asdict(ReportPolicy("sts", domain, ("version: STSv1", "mode: testing"), (f"mx.{domain}",))))
    for result, sessions, address in COUNTS:
        await house.store.count_tls(TlsCount(day, domain, policy, result, f"mx.{domain}", address, sessions))


async def test_reports_go_out_by_mail_and_web_once(dns_lab, tmp_path):
    authority = Authority()
    (tmp_path / "authority.pem").write_text(authority.pem)
    resolver = DnsResolver(*dns_lab.resolver)
    async with policy_host(authority, tmp_path, ["reports.told.test"]) as web:
        dns_lab.zone(
            "told.test",
            f'_smtp._tls TXT "v=TLSRPTv1; rua=mailto:kim@a.example,https://reports.told.test:{web.port}/tls"\n'
            "reports A 127.0.0.1",
        )
        web.policies["reports.told.test"] = "thanks"
        dns_lab.zone("untold.test", "@ TXT x")
        dns_lab.zone("failing.test", "@ TXT x", bogus=True)
        http = OutgoingClient(
            networks=["127.0.0.0/8"], authorities=str(tmp_path / "authority.pem"), lookup=resolver.addresses
        )
        async with house_of(tmp_path / "a", "a.example", "kim@a.example", resolver=resolver, http=http) as house:
            today = house.clock.now() // DAY
            [ours] = await house.services.directory.domains()
            await house.services.administration.create_dkim(ADMIN, ours, "sm1", "ed25519")
            for domain in ("told.test", "untold.test", "failing.test"):
                await counted(house, domain, today - 1)
            await counted(house, "told.test", today)
            await counted(house, "failing.test", today - 9)
            assert await service_of(house.services, "tls-reports").send() == 2
            # The day is not over, and who could not be asked is asked again, for a while.
            assert await house.store.tls_domains(today + 1, 9) == [(today - 1, "failing.test"), (today, "told.test")]
            assert await service_of(house.services, "tls-reports").send() == 0
            # RFC 8460 §3: it leaves with a signature of ours.
            [work] = await house.services.queue.lease("w0", limit=9, admit=lambda _lane, _domain: True)
            assert b"d=a.example" in await house.services.signing.prefix(work)
            await house.services.queue.give_back("w0", work)
            async with relaying(house):
                [octets] = await until(lambda: inbox(house, "kim@a.example"))
        await http.close()
    message = email.message_from_bytes(octets)
    assert message["TLS-Report-Domain"] == "told.test" and message["TLS-Required"] == "No"
    assert message["From"] == "tls-reports@a.example" and message["Return-Path"] == "<>"
    report = tls_report.read(message.get_payload()[1].get_payload(decode=True))
    assert [tls_report.read(one) for one in web.posted] == [report]
    [policy] = report.policies
    assert (policy.kind, policy.domain, policy.successes, policy.failed) == ("sts", "told.test", 5, 2)
    assert policy.failures[0].result == "certificate-expired" and policy.failures[0].receiving_ip == "192.0.2.1"
    assert report.start.endswith("T00:00:00Z") and report.end.endswith("T23:59:59Z")


async def test_our_own_policy(tmp_path):
    async with house_of(tmp_path / "a", "a.example", "kim@a.example") as house:
        rules = house.services.transport.rules
        assert await rules.own_policy("a.example") is None
        first = await rules.set_own_policy(ADMIN, "A.Example", "testing", 86400, ("mx.a.example",))
        assert (await rules.own_policy("a.example")) == first
        for mode, age, mx in (
            ("enforce", -1, ("mx.a.example",)),
            ("enforce", 1, ()),
            ("maybe", 1, ("m.x",)),
            ("enforce", 1, ("m x",)),
        ):
            with pytest.raises(Invalid):
                await rules.set_own_policy(ADMIN, "a.example", mode, age, mx)
        with pytest.raises(NotFound):
            await rules.set_own_policy(ADMIN, "b.example", "testing", 1, ("mx.a.example",))
        await rules.drop_own_policy(ADMIN, "a.example")
        assert await rules.own_policy("a.example") is None


@pytest.fixture
def smartmail(tmp_path, capsys):
    """Run a command in a data directory with one domain; return (exit code, output, errors)."""
    where = tmp_path / "data"

    def run(*words):
        code = main([*words, "--data", str(where)])
        out, err = capsys.readouterr()
        return code, out, err

    async def begin():
        async with open_node(load(str(where)), first_start=True) as node:
            organization = await node.services.provisioning.organization("test")
            await node.services.directory.add_domain("a.example", organization)

    asyncio.run(begin())
    return run


def test_partner_commands(smartmail, tmp_path):
    def items(act):
        return json.loads(smartmail("partner", act, "--json")[1])["items"]

    assert smartmail("partner", "tls", "b.example", "--minimum", "1.3", "--names", "*.b.example")[0] == 0
    assert smartmail("partner", "tls", ".c.example", "--defer")[0] == 0
    until_ = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=30)
    assert smartmail("partner", "exception", "old.b.example", "--port", "2525", "--until", str(until_))[0] == 0
    assert smartmail("partner", "exception", "2001:db8::1", "--until", str(until_))[0] == 0
    inward = ("10.0.0.9", "--port", "587", "--inward")
    assert smartmail("partner", "exception", *inward, "--until", str(until_))[0] == 0
    pem = tmp_path / "ca.pem"
    pem.write_text(Authority().pem)
    broken = tmp_path / "broken.pem"
    for text in ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "nothing"):
        broken.write_text(text)
        assert smartmail("partner", "set-authorities", str(broken))[0] == 65
    assert smartmail("partner", "set-authorities", str(pem))[0] == 0
    assert json.loads(smartmail("partner", "authorities", "--json")[1]) == {"count": 1}
    assert items("list") == [
        {"domain": ".c.example", "minimum": "1.2", "names": [], "defer": True},
        {"domain": "b.example", "minimum": "1.3", "names": ["*.b.example"], "defer": False},
    ]
    assert [(one["host"], one["port"], one["inward"]) for one in items("exceptions")] == [
        ("2001:db8::1", 25, False), ("old.b.example", 2525, False), ("10.0.0.9/32", 587, True),
    ]  # fmt: skip
    # What ended already is no exception; what is not there cannot be removed.
    assert smartmail("partner", "exception", "x.example", "--until", "2020-01-01")[0] == 65
    assert smartmail("partner", "end-exception", "old.b.example", "--port", "2525")[0] == 0
    assert smartmail("partner", "end-exception", *inward)[0] == 0
    assert smartmail("partner", "remove", "b.example")[0] == 0
    assert smartmail("partner", "remove", "b.example")[0] == 66
    assert json.loads(smartmail("partner", "set-authorities", "--json")[1]) == {"count": 0}
    acts = smartmail("audit", "list", "--installation", "--json")[1]
    assert "transport.exception" in acts and "transport.partner_removed" in acts


def test_domain_tls_commands(smartmail, tmp_path):
    # A record that leads to a host is there when the server has a name.
    (tmp_path / "data" / "node.toml").write_text('[names]\nmail = "mx.a.example"\napp = "mail.a.example"\n')
    assert smartmail("domain", "tls", "a.example")[0] == 66
    asked = ("testing", "--mx", "mx.a.example", "--max-age", "86400")
    assert smartmail("domain", "set-tls", "a.example", *asked)[0] == 0
    policy = json.loads(smartmail("domain", "tls", "a.example", "--json")[1])
    assert (policy["mode"], policy["mx"], policy["maxAge"]) == ("testing", ["mx.a.example"], 86400)
    zone = smartmail("domain", "zone", "a.example")[1]
    [line] = [one for one in zone.splitlines() if one.startswith("_mta-sts.a.example. IN TXT")]
    assert mta_sts.read_record([line.split('"')[1].encode()])
    assert "mta-sts.a.example. IN CNAME" in zone and '_smtp._tls.a.example. IN TXT "v=TLSRPTv1' in zone
    assert smartmail("domain", "set-tls", "b.example", "testing")[0] == 66
    assert smartmail("domain", "end-tls", "a.example")[0] == 0
    assert "_mta-sts" not in smartmail("domain", "zone", "a.example")[1]


def test_reports_of_others_are_shown(tmp_path, capsys):
    failure = tls_report.Failures("certificate-expired", 7, "mx.a.example", "192.0.2.9")
    policy = tls_report.PolicyResults("sts", "a.example", (), (), 40, (failure,))
    report = tls_report.TlsReport(
        "b.example", "", "1@b.example", "2026-11-25T00:00:00Z", "2026-11-25T23:59:59Z", (policy,)
    )
    cover = tls_report.Cover("r@b.example", "p@a.example", "a.example", "b.example", "1@b.example", "x", "yz")
    octets = tls_report.write(report)
    forms = (octets, tls_report.pack(octets), tls_report.mail(report, cover, "r.json.gz", "text"))
    for form in forms:
        file = tmp_path / "report"
        file.write_bytes(form)
        assert main(["partner", "report", str(file)]) == 0
        out = capsys.readouterr().out
        assert "certificate-expired" in out and "mx.a.example" in out and "40" in out
        assert main(["partner", "report", str(file), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["report-id"] == "1@b.example"
    for form in (b"", b"Subject: x\r\n\r\nnothing", b"\x1f\x8bjunk"):
        file.write_bytes(form)
        assert main(["partner", "report", str(file)]) == 1
