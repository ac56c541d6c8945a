"""What is demanded of a host: the domain, we and the sender together, without a network."""

import json
from dataclasses import asdict

import pytest
from tests.house.bus import LocalBus
from tests.house.clock import FrozenClock

from smartmail.domain.transport import HostTerms, Needs, PartnerRule, StsRow
from smartmail.formats.tlsa import Tlsa
from smartmail.ports.dns import DnsAnswer, DnsFailure, MxHost
from smartmail.ports.http import HttpAnswer, HttpFailed, NoHttp
from smartmail.service.flow.routing import Host, Route
from smartmail.service.flow.transport import TransportRules, TransportService

HOST, DOMAIN = Host("mx.b.example", 25), "b.example"
OWN = Route("hosts", (HOST,), exchangers=True)
RECORD, PKIX = Tlsa(3, 1, 1, b"\1" * 32), Tlsa(1, 1, 1, b"\1" * 32)
NOW = 1_800_000_000_000
DAY = 86_400_000


class Store:
    """Settings, policies and counts in dicts."""

    def __init__(self, **settings):
        self.known, self.policies, self.counts = settings, {}, []

    async def settings(self, scope):
        assert scope == "transport"
        return self.known

    async def sts_policy(self, domain):
        return self.policies.get(domain)

    async def put_sts_policy(self, row):
        self.policies[row.domain] = row

    async def stale_sts_policies(self, before, limit):
        return [row for row in self.policies.values() if row.fetched_at < before][:limit]

    async def drop_sts_policies(self, before):
        self.policies = {name: row for name, row in self.policies.items() if row.expires_at >= before}

    async def count_tls(self, count):
        self.counts.append(count)


class Resolver:
    """A resolver that proves what it is told to; `failing` names are no answer."""

    def __init__(self, *, secure=True, tlsa=(), txt=(), failing=()):
        self.secure, self.records, self.texts, self.failing = secure, tuple(tlsa), list(txt), failing

    def _check(self, kind):
        if kind in self.failing:
            raise DnsFailure(kind)

    async def mx_answer(self, domain):
        self._check("mx")
        return DnsAnswer((MxHost(10, HOST.host),), self.secure, domain, self.secure)

    async def address_answer(self, host):
        self._check("a")
        return DnsAnswer(("192.0.2.1",), self.secure, host, self.secure)

    async def tlsa_answer(self, name):
        self._check("tlsa")
        assert name == "_25._tcp.mx.b.example"
        return DnsAnswer(self.records, self.secure, name, self.secure)

    async def txt(self, name):
        self._check("txt")
        return self.texts if name == "_mta-sts.b.example" else []


class Web:
    """Answers every request with one answer."""

    def __init__(self, answer):
        self.answer, self.asked = answer, []

    async def request(self, method, url, **_):
        self.asked.append(url)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Everybody:
    """Authority that lets everybody."""

    async def require(self, actor, permission, scope, text=""):
        return None


def policy(mode="enforce", mx="mx.b.example", age=86400):
    return f"version: STSv1\nmode: {mode}\nmx: {mx}\nmax_age: {age}\n"


def served(text, status=200, kind="text/plain"):
    return Web(HttpAnswer(status, {"content-type": kind}, text.encode()))


def service(resolver, store=None, web=None, clock=None):
    store, clock = store or Store(), clock or FrozenClock(NOW)
    return TransportService(
        store, resolver, web or NoHttp(), TransportRules(store, clock, Everybody(), LocalBus()), clock
    )


def partner(**options):
    return Store(**{"partner:b.example": json.dumps(asdict(PartnerRule(DOMAIN, **options)))})


async def test_nothing_is_demanded_where_nobody_asks():
    terms = await service(Resolver(secure=False, tlsa=[RECORD])).terms(DOMAIN, OWN, HOST)
    assert (terms.kind, terms.demand, terms.verifies, terms.minimum) == ("none", False, False, "1.2")
    assert terms.report.kind == "no-policy-found"


async def test_dane_alone_decides_where_there_are_records():
    resolver = Resolver(tlsa=[RECORD], txt=[b"v=STSv1; id=1;"])
    terms = await service(resolver, web=served(policy(mx="elsewhere.example"))).terms("B.Example", OWN, HOST)
    assert (terms.kind, terms.demand, terms.tlsa, terms.refusal) == ("dane", True, (RECORD,), "")
    assert terms.names == ("mx.b.example", "b.example") and terms.server_name == "mx.b.example"
    assert terms.report.strings == ("3 1 1 " + "01" * 32,)
    unusable = await service(Resolver(tlsa=[PKIX])).terms(DOMAIN, OWN, HOST)
    assert (unusable.demand, unusable.verifies) == (True, False)


@pytest.mark.parametrize("kind", ["mx", "a", "tlsa"])
async def test_an_answer_that_does_not_come_puts_the_host_off(kind):
    made = service(Resolver(tlsa=[RECORD], failing=(kind,)))
    terms = await made.terms(DOMAIN, OWN, HOST)
    assert (terms.refusal, terms.demand, terms.final) == ("dnssec-invalid", True, False)
    assert not (await made.terms(DOMAIN, OWN, HOST, Needs(waive=True))).demand


async def test_a_host_that_was_named_needs_no_dns():
    """In a closed network nothing but the smarthost may be known to DNS."""
    made = service(Resolver(failing=("mx", "a", "tlsa", "txt")))
    assert not (await made.terms(DOMAIN, Route("hosts", (HOST,)), HOST)).demand
    terms = await made.terms(DOMAIN, Route("hosts", (HOST,), username="u"), HOST)
    assert (terms.kind, terms.demand, terms.names) == ("smarthost", True, ())
    terms = await made.terms(DOMAIN, Route("hosts", (HOST,), verify_tls=True), HOST)
    assert (terms.kind, terms.demand, terms.names) == ("smarthost", True, ("mx.b.example",))
    required = await made.terms(DOMAIN, Route("hosts", (HOST,)), HOST, Needs(require=True))
    assert (required.names, required.extension, required.refusal) == (("mx.b.example",), True, "")


async def test_partner_rules_add_to_the_domains():
    route = Route("hosts", (HOST,))
    terms = await service(Resolver(), partner(minimum="1.3")).terms(DOMAIN, OWN, HOST)
    assert (terms.kind, terms.names, terms.minimum, terms.final) == ("partner", ("mx.b.example",), "1.3", True)
    terms = await service(Resolver(tlsa=[RECORD]), partner()).terms(DOMAIN, OWN, HOST)
    assert terms.tlsa == (RECORD,) and terms.final
    terms = await service(Resolver(tlsa=[RECORD]), partner(names=("*.c.example",), defer=True)).terms(DOMAIN, OWN, HOST)
    assert (terms.tlsa, terms.names, terms.patterns, terms.final) == ((), ("*.c.example",), True, False)
    assert (await service(Resolver(), partner()).terms(DOMAIN, route, HOST)).names == ("mx.b.example",)
    waived = await service(Resolver(tlsa=[RECORD]), partner()).terms(DOMAIN, OWN, HOST, Needs(waive=True))
    assert (waived.kind, waived.demand) == ("partner", True)
    testing = service(Resolver(txt=[b"v=STSv1; id=1;"]), partner(), served(policy("testing", "x.example")))
    terms = await testing.terms(DOMAIN, OWN, HOST)
    assert (terms.testing, terms.refusal, terms.names) == (False, "", ("mx.b.example",))


async def test_requiretls_needs_a_name_that_is_proven():
    required = Needs(require=True, waive=True)
    terms = await service(Resolver()).terms(DOMAIN, OWN, HOST, required)
    assert (terms.kind, terms.names, terms.extension, terms.final, terms.refusal) == (
        "requiretls",
        ("mx.b.example",),
        True,
        True,
        "",
    )
    terms = await service(Resolver(secure=False)).terms(DOMAIN, OWN, HOST, required)
    assert terms.refusal == "validation-failure"
    for mode in ("enforce", "testing"):
        named = service(Resolver(secure=False, txt=[b"v=STSv1; id=1;"]), web=served(policy(mode)))
        terms = await named.terms(DOMAIN, OWN, HOST, required)
        assert (terms.refusal, terms.testing, terms.names) == ("", False, ("mx.b.example",))
    # A testing policy that does not name the host proves nothing, and stops nothing that DNSSEC proves.
    other = served(policy("testing", "x.example"))
    assert (
        await service(Resolver(txt=[b"v=STSv1; id=1;"]), web=other).terms(DOMAIN, OWN, HOST, required)
    ).refusal == ""
    assert (await service(Resolver(tlsa=[RECORD])).terms(DOMAIN, OWN, HOST, required)).tlsa == (RECORD,)
    terms = await service(Resolver(tlsa=[PKIX])).terms(DOMAIN, OWN, HOST, required)
    assert (terms.tlsa, terms.names) == ((), ("mx.b.example",))


@pytest.mark.parametrize(
    ("web", "result"),
    [
        (served("no policy"), "sts-policy-invalid"), (served(policy(), 301), "sts-policy-fetch-error"),
        (served(policy(), kind="text/html"), "sts-policy-fetch-error"), (Web(HttpFailed("too slow")), "sts-policy-fetch-error"),
        (Web(HttpFailed("ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED]")), "sts-webpki-invalid"),
    ],
    ids=range(5),
)  # fmt: skip
async def test_a_policy_that_cannot_be_had_is_counted_and_left_alone_for_a_while(web, result):
    clock, store = FrozenClock(NOW), Store()
    made = service(Resolver(secure=False, txt=[b"v=STSv1; id=1;"]), store, web, clock)
    for _ in range(3):
        assert not (await made.terms(DOMAIN, OWN, HOST)).demand
    assert len(web.asked) == 1 and web.asked[0] == "https://mta-sts.b.example/.well-known/mta-sts.txt"
    assert [(one.result, json.loads(one.policy)["kind"], one.domain) for one in store.counts] == [
        (result, "sts", DOMAIN)
    ]
    clock.at += 6 * 60_000
    web.answer = HttpAnswer(200, {"content-type": "text/plain; charset=utf-8"}, policy().encode())
    assert (await made.terms(DOMAIN, OWN, HOST)).names == ("mx.b.example",)


async def test_policies_are_fetched_once_kept_and_refreshed():
    clock, store, web = FrozenClock(NOW), Store(), served(policy(age=10 * 86400))
    resolver = Resolver(secure=False, txt=[b"v=STSv1; id=1;"])
    made = service(resolver, store, web, clock)
    assert [(await made.terms(DOMAIN, OWN, HOST)).kind for _ in range(3)] == ["sts"] * 3
    assert len(web.asked) == 1
    assert await made.policies.refresh() == 0
    clock.at += DAY + 1
    assert await made.policies.refresh() == 1
    assert len(web.asked) == 2 and store.policies[DOMAIN].expires_at == clock.at + 10 * DAY
    # A record that is gone, or DNS that fails, takes no policy away; its end does.
    for texts, failing in (([], ()), ([b"v=STSv1; id=1;"], ("txt",))):
        resolver.texts, resolver.failing = texts, failing
        assert (await made.terms(DOMAIN, OWN, HOST)).kind == "sts"
    clock.at += 11 * DAY
    assert (await made.terms(DOMAIN, OWN, HOST)).kind == "none"
    await made.policies.refresh()
    assert store.policies == {}


async def test_equal_terms_may_share_a_connection():
    """What is told to a domain afterwards is no part of what a connection must fulfil."""
    made = service(Resolver(secure=False))
    other = await made.terms("c.example", OWN, HOST)
    assert await made.terms(DOMAIN, OWN, HOST) == other and other.report.domain == "c.example"
    assert other != HostTerms(server_name=HOST.host, minimum="1.0")


async def test_a_kept_policy_that_has_ended_is_none():
    store = Store()
    store.policies[DOMAIN] = StsRow(DOMAIN, "1", policy(), NOW - DAY, NOW)
    assert (await service(Resolver(secure=False), store).terms(DOMAIN, OWN, HOST)).kind == "none"
