"""Every cell of transport security against Postfix: delivered, put off or returned, as the RFCs say."""

import pytest
from tests.peers.transport_world import Cell, open_world

from smartmail.formats.tlsa import Tlsa

pytestmark = pytest.mark.peer

WRONG = Tlsa(3, 1, 1, b"\1" * 32)
TLS13, CLEAR = "TLSv1.3", ""
OPEN = ("delivered", "2.0.0", TLS13, "none")
IN_CLEAR = ("delivered", "2.0.0", CLEAR, "none")
BY_DANE = ("delivered", "2.0.0", TLS13, "dane")
BY_STS = ("delivered", "2.0.0", TLS13, "sts")
NO_PROOF = ("deferred", "4.7.5", CLEAR, "")
NO_TLS = ("deferred", "4.7.4", CLEAR, "")


def leaf(kind, usage=3, selector=1):
    return lambda kinds, _authority: [kinds[kind].certificate.tlsa(usage, selector)]


def anchor(_kinds, authority):
    return [authority.root.tlsa(2)]


def wrong(_kinds, _authority):
    return [WRONG]


DANE = {
    Cell("open-good", "good", secure=False): OPEN,
    Cell("open-wrong", "wrong"): OPEN,
    Cell("open-expired", "expired"): OPEN,
    Cell("open-selfsigned", "selfsigned"): OPEN,
    # RFC 7435: what cannot be sealed by TLS 1.2 or later goes in clear where nobody asks for more.
    Cell("open-old", "old"): IN_CLEAR,
    Cell("open-clear", "clear"): IN_CLEAR,
    Cell("dane-ee", "selfsigned", leaf("selfsigned")): BY_DANE,
    Cell("dane-ee-whole", "selfsigned", leaf("selfsigned", 3, 0)): BY_DANE,
    # RFC 7672 §3.1.1: neither names nor dates count for DANE-EE.
    Cell("dane-ee-expired", "expired", leaf("expired")): BY_DANE,
    Cell("dane-ee-name", "wrong", leaf("wrong")): BY_DANE,
    Cell("dane-ee-bad", "good", wrong): NO_PROOF,
    Cell("dane-rollover", "good", lambda k, a: [WRONG, k["good"].certificate.tlsa(3)]): BY_DANE,
    Cell("dane-ta", "good", anchor): BY_DANE,
    Cell("dane-ta-name", "wrong", anchor): NO_PROOF,
    Cell("dane-ta-expired", "expired", anchor): NO_PROOF,
    Cell("dane-ta-selfsigned", "selfsigned", anchor): NO_PROOF,
    Cell("dane-clear", "clear", leaf("good")): NO_TLS,
    # §2.2: records that nobody can use ask for TLS all the same, its peer unproven.
    Cell("dane-pkix", "selfsigned", leaf("good", 1)): OPEN,
    Cell("dane-pkix-clear", "clear", leaf("good", 1)): NO_TLS,
    # §2.1.1: what is not signed is no record.
    Cell("dane-unsigned", "good", wrong, secure=False): OPEN,
    # Not even the MX of such a domain can be had.
    Cell("dane-bogus", "good", leaf("good"), bogus=True): ("deferred", "4.4.3", CLEAR, ""),
    Cell("both-dane-good", "selfsigned", leaf("selfsigned"), sts="enforce"): BY_DANE,
    Cell("both-dane-bad", "good", wrong, sts="enforce"): NO_PROOF,
}
STS = {
    Cell("sts-good", "good", sts="enforce", secure=False): BY_STS,
    Cell("sts-pattern", "good", sts="enforce", mx="*.sts-pattern.test"): BY_STS,
    Cell("sts-name", "wrong", sts="enforce"): NO_PROOF,
    Cell("sts-expired", "expired", sts="enforce"): NO_PROOF,
    Cell("sts-selfsigned", "selfsigned", sts="enforce"): NO_PROOF,
    Cell("sts-old", "old", sts="enforce"): NO_PROOF,
    Cell("sts-clear", "clear", sts="enforce"): NO_TLS,
    Cell("sts-mx", "good", sts="enforce", mx="mx.elsewhere.test"): NO_PROOF,
    Cell("test-good", "good", sts="testing"): BY_STS,
    Cell("test-name", "wrong", sts="testing"): OPEN,
    Cell("test-clear", "clear", sts="testing"): IN_CLEAR,
    Cell("test-old", "old", sts="testing"): IN_CLEAR,
    Cell("test-mx", "good", sts="testing", mx="mx.elsewhere.test"): OPEN,
    Cell("none-clear", "clear", sts="none"): IN_CLEAR,
    # A policy without a record is none (RFC 8461 §3.1).
    Cell("sts-unannounced", "clear", sts="enforce", record=False): IN_CLEAR,
}


async def test_dane_and_none(dns_lab, tmp_path):
    cells = {cell.name: outcome for cell, outcome in DANE.items()}
    async with open_world(dns_lab, tmp_path, list(DANE)) as world:
        assert await world.outcomes(cells) == cells, world.hosts.log()
        assert await world.results("dane-ee.test") == [""]
        assert await world.results("dane-ee-bad.test") == ["validation-failure"]
        assert await world.results("dane-ta-name.test") == ["certificate-host-mismatch"]
        assert await world.results("dane-ta-expired.test") == ["certificate-expired"]
        assert await world.results("dane-clear.test") == ["starttls-not-supported"]
        # RFC 8689 §5: who would rather have it arrive than proven says so; what is in clear then goes in clear.
        waived = await world.outcomes(["dane-ee-bad", "dane-clear"], "TLS-Required: No\r\n")
        assert waived == {"dane-ee-bad": OPEN, "dane-clear": IN_CLEAR}
        arrived = sum(outcome[0] == "delivered" for outcome in cells.values()) + 2
        assert len(world.hosts.messages()) == arrived


async def test_mta_sts(dns_lab, tmp_path):
    cells = {cell.name: outcome for cell, outcome in STS.items()}
    async with open_world(dns_lab, tmp_path, list(STS)) as world:
        assert await world.outcomes(cells) == cells, world.hosts.log()
        assert await world.results("test-name.test") == ["certificate-host-mismatch"]
        assert await world.results("test-clear.test") == ["starttls-not-supported"]
        assert await world.results("sts-mx.test") == ["validation-failure"]
        # In testing it is counted, and mail goes on: a session that failed and one that went well.
        assert await world.results("test-mx.test") == ["", "validation-failure"]
        assert await world.results("sts-selfsigned.test") == ["certificate-not-trusted"]
        assert world.policies.asked.count("sts-good.test") == 1
