"""The DNS lab does what it says: signed, unsigned, bogus and absent answers."""

import dns.flags
import dns.message
import dns.query
import dns.rcode
from tests.lab.dns import DnsLab


def ask(lab: DnsLab, name: str, kind: str) -> dns.message.Message:
    return dns.query.udp(dns.message.make_query(name, kind, want_dnssec=True), lab.resolver[0], 5, lab.resolver[1])


def test_signed_zone_is_validated(dns_lab: DnsLab) -> None:
    dns_lab.zone("signed-lab.test", "@ MX 10 mx\nmx A 127.0.0.1\n_25._tcp.mx TLSA 3 1 1 " + "ab" * 32)
    answer = ask(dns_lab, "_25._tcp.mx.signed-lab.test", "TLSA")
    assert answer.flags & dns.flags.AD
    assert "3 1 1 " + "ab" * 32 in answer.answer[0].to_text()
    assert ask(dns_lab, "none.signed-lab.test", "A").rcode() == dns.rcode.NXDOMAIN


def test_unsigned_zone_has_no_ad(dns_lab: DnsLab) -> None:
    dns_lab.zone("plain-lab.test", "@ TXT hello", secure=False)
    answer = ask(dns_lab, "plain-lab.test", "TXT")
    assert answer.answer
    assert not answer.flags & dns.flags.AD


def test_bogus_and_expired_zones_fail(dns_lab: DnsLab) -> None:
    dns_lab.zone("bogus-lab.test", "@ TXT hello", bogus=True)
    dns_lab.zone("expired-lab.test", "@ TXT hello", expired=True)
    assert ask(dns_lab, "bogus-lab.test", "TXT").rcode() == dns.rcode.SERVFAIL
    assert ask(dns_lab, "expired-lab.test", "TXT").rcode() == dns.rcode.SERVFAIL


def test_zone_is_stated_anew_at_once(dns_lab: DnsLab) -> None:
    dns_lab.zone("again-lab.test", "@ TXT one")
    assert "one" in ask(dns_lab, "again-lab.test", "TXT").answer[0].to_text()
    dns_lab.zone("again-lab.test", "@ TXT two", secure=False)
    assert "two" in ask(dns_lab, "again-lab.test", "TXT").answer[0].to_text()
    dns_lab.remove("again-lab.test")
    assert ask(dns_lab, "again-lab.test", "TXT").rcode() == dns.rcode.NXDOMAIN


def test_reverse_names_and_strange_names(dns_lab: DnsLab) -> None:
    dns_lab.zone("127.in-addr.arpa", "9.9.9 PTR mx.signed-lab.test.")
    assert "mx.signed-lab.test." in ask(dns_lab, "9.9.9.127.in-addr.arpa", "PTR").answer[0].to_text()
    assert ask(dns_lab, "nobody.example", "A").rcode() == dns.rcode.NXDOMAIN
