"""What the resolver says is proven, against the DNS lab; and how long it remembers."""

import pytest
from tests.lab.dns import DnsLab

from smartmail.adapters.dns.answers import MAX_AGE, Answer, AnswerCache
from smartmail.adapters.dns.resolver import DnsResolver
from smartmail.ports.dns import DnsFailure, MxHost, SecureResolver, ServiceHost, ServiceResolver
from smartmail.service.flow.transport.dane import Dane

DATA = "3 1 1 " + "ab" * 32


@pytest.fixture(scope="module")
def zones(dns_lab: DnsLab) -> DnsLab:
    dns_lab.zone(
        "proven.test",
        f"@ MX 10 mx\nmx A 127.0.0.1\nalias CNAME mx\nout CNAME mx.open.test.\n_25._tcp.mx TLSA {DATA}\n"
        f"_25._tcp.out TLSA {DATA}\n@ TXT \"one \" \"string\"\nnull MX 0 .\n"
        "_imaps._tcp SRV 0 1 993 mx\n_pop3._tcp SRV 0 0 0 .",
    )  # fmt: skip
    dns_lab.zone(
        "open.test", f"@ MX 10 mx.proven.test.\nmx A 127.0.0.1\n_25._tcp.mx TLSA {DATA}\nself MX 10 mx", secure=False
    )
    dns_lab.zone("forged.test", f"@ MX 10 mx\nmx A 127.0.0.1\n_25._tcp.mx TLSA {DATA}", bogus=True)
    dns_lab.zone("edge.test", "@ MX 10 mx.forged.test.")
    return dns_lab


@pytest.fixture
def resolver(zones):
    return DnsResolver(*zones.resolver)


async def test_answers_with_what_is_proven(resolver):
    assert isinstance(resolver, SecureResolver)
    exchangers = await resolver.mx_answer("Proven.test.")
    assert (exchangers.rows, exchangers.secure) == ((MxHost(10, "mx.proven.test"),), True)
    assert not (await resolver.mx_answer("open.test")).secure
    alias = await resolver.address_answer("alias.proven.test")
    assert (alias.rows, alias.secure, alias.name) == (("127.0.0.1",), True, "mx.proven.test")
    out = await resolver.address_answer("out.proven.test")
    assert (out.secure, out.alias_secure, out.name) == (False, True, "mx.open.test")
    found = await resolver.tlsa_answer("_25._tcp.mx.proven.test")
    assert found.secure and str(found.rows[0]) == DATA
    assert await resolver.txt("proven.test") == [b"one string"]
    assert await resolver.mx("null.proven.test") == [MxHost(0, "")]
    assert isinstance(resolver, ServiceResolver)
    assert await resolver.srv("_imaps._tcp.proven.test") == [ServiceHost(993, "mx.proven.test")]
    assert await resolver.srv("_pop3._tcp.proven.test") == [ServiceHost(0, "")]
    assert await resolver.mx("nobody.proven.test") == await resolver.addresses("nobody.invalid") == []


async def test_forgeries_are_failures_not_absence(resolver):
    for question in (
        resolver.mx("forged.test"), resolver.tlsa_answer("_25._tcp.mx.forged.test"), resolver.addresses("mx.forged.test"),
        resolver.address_answer("mx.forged.test"), resolver.names("no address"),
    ):  # fmt: skip
        with pytest.raises(DnsFailure):
            await question


async def test_nobody_but_loopback_is_believed_unasked(zones):
    """The flag that says "proven" could be set by anyone on the way to a resolver elsewhere."""
    told = DnsResolver(*zones.resolver, trusted=False)
    assert not (await told.mx_answer("proven.test")).secure
    assert DnsResolver("192.0.2.1")._may_believe(["192.0.2.1"]) is False
    assert DnsResolver("192.0.2.1", trusted=True)._may_believe(["192.0.2.1"]) is True
    assert DnsResolver()._may_believe(["127.0.0.53", "::1"]) is True
    assert DnsResolver()._may_believe(["127.0.0.1", "192.0.2.1"]) is DnsResolver()._may_believe([]) is False
    # A server that holds the zones but validates nothing says nothing of proof.
    assert not (await DnsResolver(*zones.authority).mx_answer("proven.test")).secure


async def records(resolver, domain, host):
    dane = Dane(resolver)
    return await dane.records(domain, host, 25, await dane.exchangers(domain))


async def test_dane_needs_proof_all_the_way(resolver):
    found = await records(resolver, "proven.test", "mx.proven.test")
    assert found.demand and [str(one) for one in found.tlsa] == [DATA]
    assert (found.base, found.names) == ("mx.proven.test", ("mx.proven.test", "proven.test"))
    # RFC 7672 §2.2.1: an unproven MX may name anybody's host. §2.2.2: no records of an unproven zone.
    assert not (await records(resolver, "open.test", "mx.proven.test")).demand
    assert not (await records(resolver, "self.open.test", "mx.open.test")).demand
    # §2.2.2: an alias into an unproven zone is asked under its own, proven name.
    out = await records(resolver, "proven.test", "out.proven.test")
    assert out.demand and out.base == "out.proven.test"
    assert (await records(resolver, "proven.test", "alias.proven.test")).base == "mx.proven.test"
    # A host that is its domain's own, without MX.
    assert (await records(resolver, "mx.proven.test", "mx.proven.test")).demand
    with pytest.raises(DnsFailure):
        await records(resolver, "edge.test", "mx.forged.test")


async def test_a_resolver_that_proves_nothing_gives_no_dane(zones):
    class Plain:
        async def mx(self, domain):
            return [MxHost(10, "mx.proven.test")]

    assert not (await records(Plain(), "proven.test", "mx.proven.test")).demand
    assert not (await records(DnsResolver(*zones.resolver, trusted=False), "proven.test", "mx.proven.test")).demand


async def test_a_silent_resolver_is_a_failure(zones, monkeypatch):
    monkeypatch.setattr("smartmail.adapters.dns.resolver.LIFETIME_SECONDS", 0.3)
    resolver = DnsResolver(*zones.resolver)
    with zones.silence(), pytest.raises(DnsFailure):
        await resolver.mx("proven.test")
    assert await resolver.mx("proven.test") == [MxHost(10, "mx.proven.test")]


async def test_answers_are_asked_for_once(zones):
    zones.zone("kept.test", "@ TXT old")
    resolver = DnsResolver(*zones.resolver)
    assert await resolver.txt("kept.test") == [b"old"]
    zones.zone("kept.test", "@ TXT new")
    assert await resolver.txt("KEPT.test.") == [b"old"]
    assert await DnsResolver(*zones.resolver).txt("kept.test") == [b"new"]


def test_the_cache_is_bounded_in_time_and_number():
    now = [0.0]
    cache = AnswerCache(lambda: now[0], most=3)
    cache.put("a", "TXT", Answer((1,), True, "a", 10))
    cache.put("b", "TXT", Answer((1,), True, "b", 10 * MAX_AGE))
    cache.put("c", "TXT", Answer((1,), True, "c", 0))
    now[0] = 9
    assert cache.get("a", "TXT").rows == (1,) and cache.get("a", "MX") is cache.get("c", "TXT") is None
    now[0] = 10
    assert cache.get("a", "TXT") is None and cache.get("b", "TXT") is not None
    now[0] = MAX_AGE
    assert cache.get("b", "TXT") is None
    for name in "defg":
        cache.put(name, "TXT", Answer((), False, name, 5))
    assert [name for name in "defg" if cache.get(name, "TXT")] == ["e", "f", "g"]
