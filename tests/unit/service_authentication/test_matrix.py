"""The matrix of authentication: what is proved, by whom, and what follows from it."""

from ipaddress import ip_network

import dkim as dkimpy
import pytest
from cryptography.hazmat.primitives import serialization
from tests.house.clock import FrozenClock
from tests.lab.dkim import sign_message
from tests.unit.proto_mailauth.zones import Table

from smartmail.formats.headers import Header
from smartmail.formats.mime.scanner import Scanner
from smartmail.formats.summary import build
from smartmail.ports.dns import DnsFailure, MxHost
from smartmail.proto.mailauth import keys
from smartmail.proto.mailauth.dkim import SigningKey
from smartmail.service.flow.authentication.inspector import AuthenticationInspector
from smartmail.service.kernel.inspection.specimen import Source, Specimen
from smartmail.service.protection.route.trust import Relays

KEY = keys.generate("rsa")
OTHER = keys.generate("ed25519")
NOW = 1_700_000_000


class Names:
    """A resolver over a table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    async def _ask(self, name, kind):
        data = self.table.zone.get(name, {}).get(kind, [])
        if data == "away":
            raise DnsFailure(name)
        return data

    async def txt(self, name):
        return [text.encode() for text in await self._ask(name, "TXT")]

    async def mx(self, name):
        return [MxHost(1, host) for host in await self._ask(name, "MX")]

    async def addresses(self, name):
        return await self._ask(name, "A")

    async def names(self, address):
        return await self._ask(address, "PTR")


class Store:
    """Settings alone."""

    def __init__(self, **values: str) -> None:
        self.values = values

    async def settings(self, _scope):
        return self.values


class NoBrands:
    """Nobody wants marks."""

    async def want(self, _bimi, _accounts):
        return None


class Trusted:
    """Relays that an administrator trusts."""

    def __init__(self, networks) -> None:
        self.networks = [ip_network(one) for one in networks]

    async def relays(self) -> Relays:
        return Relays(self.networks)


def zone(**more):
    return {
        "e.test": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]},
        "other.test": {"TXT": ["v=spf1 ip4:192.0.2.1 -all"]},
        "_dmarc.e.test": {"TXT": ["v=DMARC1; p=reject"]},
        "_dmarc.strict.test": {"TXT": ["v=DMARC1; p=reject; adkim=s; aspf=s"]},
        "k._domainkey.e.test": {"TXT": [keys.record_of(KEY)]},
        "o._domainkey.e.test": {"TXT": [keys.record_of(OTHER)]},
        "k._domainkey.sub.e.test": {"TXT": [keys.record_of(KEY)]},
        "k._domainkey.mail.strict.test": {"TXT": [keys.record_of(KEY)]},
        "k._domainkey.other.test": {"TXT": [keys.record_of(KEY)]},
        "k._domainkey.bare.test": {"TXT": [keys.record_of(KEY)]},
        "t._domainkey.e.test": {"TXT": [keys.record_of(KEY).replace("v=DKIM1;", "v=DKIM1; t=y;")]},
        **more,
    }


def message(author: str = "a@e.test", more: str = "", body: str = "hello\r\n") -> bytes:
    return f"From: <{author}>\r\n{more}Subject: x\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n\r\n{body}".encode()


def dkim(octets: bytes, domain: str = "e.test", selector: str = "k", key=KEY) -> bytes:
    return sign_message(octets, [SigningKey(domain, selector, key)], signed_at=NOW - 10) + octets


async def examined(
    octets: bytes, *, sender="x@nobody.test", address="192.0.2.1", names=None, relays=(), **settings: str
):
    scanner = Scanner()
    scanner.feed(octets)
    entity = scanner.finish()

    async def read(start, length):
        return octets[start : start + length]

    values = {f"authentication.{name.replace('_', '-')}": value for name, value in settings.items()}
    specimen = Specimen(
        Source(address, helo="helo.test", by="mx.test"), sender, ["kim@a.test"], [None], Header(octets[: entity.body_start]),
        entity, build(entity), octets, len(octets), read, NOW * 1000,
    )  # fmt: skip
    await AuthenticationInspector(
        Store(**values), Names(Table(names or zone())), FrozenClock(NOW * 1000), "mx.test", Trusted(relays), NoBrands()
    ).examine(specimen)
    return specimen.findings


def results(findings) -> dict[str, str]:
    return {one.method: one.result for one in findings.authentication}


# What was sent, by whom → SPF, DKIM, DMARC, what is done, whether From is proved.
CASES = {
    "both pass": (dkim(message()), "a@e.test", ("pass", "pass", "pass", "deliver", True)),
    "spf alone": (message(), "a@e.test", ("pass", "none", "pass", "deliver", True)),
    "dkim alone": (dkim(message()), "x@nobody.test", ("none", "pass", "pass", "deliver", True)),
    "ed25519": (dkim(message(), selector="o", key=OTHER), "x@nobody.test", ("none", "pass", "pass", "deliver", True)),
    "relaxed, from above": (dkim(message("a@sub.e.test")), "x@nobody.test", ("none", "pass", "pass", "deliver", True)),
    "relaxed, from below": (dkim(message(), "sub.e.test"), "x@nobody.test", ("none", "pass", "pass", "deliver", True)),
    "strict": (dkim(message("a@strict.test"), "mail.strict.test"), "x@nobody.test", ("none", "pass", "fail", "reject", False)),
    "a third party": (dkim(message(), "other.test"), "x@other.test", ("pass", "pass", "fail", "reject", False)),
    "nothing": (message(), "x@nobody.test", ("none", "none", "fail", "reject", False)),
    "no policy, proved": (dkim(message("a@bare.test"), "bare.test"), "x@nobody.test", ("none", "pass", "none", "deliver", True)),
    "no policy, nothing": (message("a@bare.test"), "x@nobody.test", ("none", "none", "none", "deliver", False)),
    "changed body": (dkim(message()) + b"more\r\n", "x@nobody.test", ("none", "fail", "fail", "reject", False)),
    "changed header": (dkim(message()).replace(b"Subject: x", b"Subject: y"), "x@nobody.test", ("none", "fail", "fail", "reject", False)),
    "no such key": (dkim(message(), selector="gone"), "x@nobody.test", ("none", "permerror", "fail", "reject", False)),
    "a key that tries": (dkim(message(), selector="t"), "x@nobody.test", ("none", "pass", "pass", "deliver", True)),
    "two From": (dkim(message(more="From: <b@bank.test>\r\n")), "a@e.test", ("pass", "pass", "none", "reject", False)),
    "no From": (b"Subject: x\r\n\r\nbody\r\n", "a@e.test", ("pass", "none", "permerror", "deliver", False)),
    "two authors": (
        b"From: <a@e.test>, <b@bare.test>\r\nSubject: x\r\n\r\nbody\r\n", "b@bare.test", ("none", "none", "fail", "reject", False),
    ),
    "null sender": (message(), "", ("none", "none", "fail", "reject", False)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
async def test_the_matrix(case) -> None:
    octets, sender, expected = CASES[case]
    findings = await examined(octets, sender=sender)
    found = results(findings)
    assert (found["spf"], found["dkim"], found["dmarc"], findings.act, findings.aligned) == expected
    assert bool(findings.public) == (findings.act == "reject")


async def test_another_host_of_a_domain_that_lists_its_hosts() -> None:
    findings = await examined(message(), sender="a@e.test", address="203.0.113.1")
    assert results(findings) == {"spf": "fail", "dkim": "none", "dmarc": "fail", "arc": "none"}
    assert findings.act == "reject"


@pytest.mark.parametrize(
    ("away", "found"),
    [
        ({"_dmarc.e.test": {"TXT": "away"}}, ("pass", "pass", "temperror", True)),
        (
            {"e.test": {"TXT": "away"}, "k._domainkey.e.test": {"TXT": "away"}},
            ("temperror", "temperror", "temperror", True),
        ),
        ({"e.test": {"TXT": "away"}}, ("temperror", "pass", "pass", True)),
        ({"nobody.test": {"TXT": "away"}}, ("pass", "pass", "pass", True)),
    ],
)
async def test_no_answer_never_refuses(away, found) -> None:
    findings = await examined(dkim(message()), sender="a@e.test", names=zone(**away))
    told = results(findings)
    assert (told["spf"], told["dkim"], told["dmarc"]) == found[:3]
    assert findings.act == "deliver"


async def test_several_signatures_are_told_apart() -> None:
    octets = dkim(dkim(message(), "other.test"), selector="o", key=OTHER)
    findings = await examined(octets)
    signatures = [dict(one.properties) for one in findings.authentication if one.method == "dkim"]
    assert [(one["header.d"], one["header.a"]) for one in signatures] == [
        ("e.test", "ed25519-sha256"), ("other.test", "rsa-sha256"),
    ]  # fmt: skip
    assert len({one["header.b"] for one in signatures}) == 2
    assert findings.aligned


async def test_what_l_leaves_unsigned_is_told() -> None:
    pem = KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    octets = message()
    field = dkimpy.sign(
        octets,
        b"k",
        b"e.test",
        pem,
        length=True,
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[b"from", b"subject"],
    )
    findings = await examined(field + octets + b"an advertisement\r\n")
    [found] = [one for one in findings.authentication if one.method == "dkim"]
    assert found.result == "pass"
    assert "not signed" in found.reason


async def test_behind_a_trusted_relay_the_host_before_it_is_asked_for() -> None:
    line = "Received: from mail.e.test (mail.e.test [192.0.2.1])\r\n\tby gate.test with ESMTP id 1; Tue, 14 Nov 2023 22:13:20 +0000\r\n"
    octets = line.encode() + message()
    behind = await examined(octets, sender="a@e.test", address="198.51.100.9", relays=["198.51.100.0/24"])
    assert (results(behind)["spf"], behind.act) == ("pass", "deliver")
    # Nobody else is believed who was before them.
    alone = await examined(octets, sender="a@e.test", address="198.51.100.9")
    assert (results(alone)["spf"], alone.act) == ("fail", "reject")
    stranger = await examined(
        octets.replace(b"[192.0.2.1]", b"[203.0.113.7]"),
        sender="a@e.test",
        address="198.51.100.9",
        relays=["198.51.100.9/32"],
    )
    assert (results(stranger)["spf"], stranger.act) == ("fail", "reject")
