"""TLSA records against certificate chains: RFC 7672 §3 case by case."""

import hashlib
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from tests.lab.authority import Authority, Issued, self_signed
from tests.unit.formats.certificate_house import make

from smartmail.formats.tls_names import covers
from smartmail.formats.tlsa import MAX_CHAIN, MAX_RECORDS, Tlsa, disagreement, usable

HOST = "mx.good.test"
NOW = int(time.time())


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.mark.parametrize("selector", [0, 1])
@pytest.mark.parametrize("matching", [0, 1, 2])
def test_end_entity_is_known_by_each_form(selector, matching):
    one, other = self_signed(HOST), self_signed(HOST)
    record = one.tlsa(3, selector, matching)
    assert disagreement([record], one.chain, [HOST], NOW) == ""
    assert disagreement([record], other.chain, [HOST], NOW) == "validation-failure"
    assert disagreement([record, other.tlsa(3)], other.chain, [HOST], NOW) == ""


def test_end_entity_needs_neither_name_nor_date(authority):
    wrong = authority.issue("elsewhere.test", expired=True)
    assert disagreement([wrong.tlsa(3)], wrong.chain, [HOST], NOW) == ""


@pytest.mark.parametrize("selector", [0, 1])
@pytest.mark.parametrize("matching", [0, 1, 2])
def test_trust_anchor_vouches_for_names_in_time(authority, selector, matching):
    record = authority.root.tlsa(2, selector, matching)
    assert disagreement([record], authority.issue(HOST).chain, ["other.test", HOST], NOW) == ""
    assert disagreement([record], authority.issue("*.good.test").chain, [HOST], NOW) == ""
    assert disagreement([record], authority.issue("x.test").chain, [HOST], NOW) == "certificate-host-mismatch"
    assert disagreement([record], authority.issue(HOST, expired=True).chain, [HOST], NOW) == "certificate-expired"
    assert disagreement([record], self_signed(HOST).chain, [HOST], NOW) == "certificate-not-trusted"


def test_trust_anchor_in_the_middle_and_at_the_top(authority):
    middle = authority.intermediate()
    leaf = authority.issue(HOST, by=middle)
    assert disagreement([middle.tlsa(2)], leaf.chain, [HOST], NOW) == ""
    assert disagreement([authority.root.tlsa(2)], leaf.chain, [HOST], NOW) == ""
    # The order in which a peer sends its chain is not to be relied on (RFC 8446 §4.4.2).
    assert disagreement([authority.root.tlsa(2)], [leaf.chain[0], *reversed(leaf.chain[1:])], [HOST], NOW) == ""
    old = authority.issue(HOST, by=authority.intermediate("old", expired=True))
    assert disagreement([authority.root.tlsa(2)], old.chain, [HOST], NOW) == "certificate-not-trusted"


def test_anchor_that_the_peer_does_not_send(authority):
    leaf = authority.issue(HOST)
    assert disagreement([authority.root.tlsa(2, 0, 0)], leaf.chain[:1], [HOST], NOW) == ""
    assert disagreement([authority.root.tlsa(2, 0, 1)], leaf.chain[:1], [HOST], NOW) == "certificate-not-trusted"


def test_a_leaf_is_no_authority(authority):
    """Who has a certificate of the anchor's must not be able to make one for the host."""
    thief = authority.issue("thief.test")
    forged = authority.issue(HOST, by=Issued(thief.certificate, thief.key, thief.behind))
    assert disagreement([authority.root.tlsa(2)], forged.chain, [HOST], NOW) == "certificate-not-trusted"
    assert disagreement([thief.tlsa(2)], forged.chain, [HOST], NOW) == "certificate-not-trusted"


def test_records_that_mean_nothing_for_smtp():
    data = b"\1" * 32
    records = [Tlsa(0, 1, 1, data), Tlsa(1, 1, 1, data), Tlsa(3, 2, 1, data), Tlsa(3, 1, 3, data), Tlsa(3, 1, 1, b"\1")]
    assert usable([*records, Tlsa(3, 0, 0, b"")]) == ()
    good = Tlsa(3, 1, 1, data)
    assert usable([*records, good]) == (good,)
    assert len(usable([good] * 1000)) == MAX_RECORDS


def test_nonsense_is_no_agreement():
    record = Tlsa(2, 0, 1, b"\1" * 32)
    for chain in ([], [b""], [b"junk", b"more"], [b"\x30\x03\x02\x01\x01"]):
        assert disagreement([record, Tlsa(3, 1, 0, b"x")], chain, [HOST], NOW) == "validation-failure"


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("mx.a.test", "MX.a.test.", True), ("*.a.test", "mx.a.test", True), ("*.a.test", "a.test", False),
        ("*.a.test", "x.mx.a.test", False), ("m*.a.test", "mx.a.test", False), ("*", "test", False), ("*.test", "a.test", False),
        ("", "", False), ("*.a.test", ".a.test", False),
    ],
)  # fmt: skip
def test_names(pattern, name, fits):
    assert covers(pattern, name) is fits


def test_certificates_that_issue_each_other_take_no_time():
    """Of one name and key each issues all others: nine of them have a million ways, which a peer can make us walk."""
    top, key = make("Any CA", ca=True)
    again = [_renewed(top, key) for _ in range(MAX_CHAIN - 2)]
    leaf, _leaf_key = make("mx.example", issuer=(top, key))
    chain = [one.public_bytes(Encoding.DER) for one in (leaf, top, *again)]
    other = hashlib.sha256(b"another").digest()
    began = time.process_time()
    fault = disagreement([Tlsa(2, 0, 1, other)], chain, ["mx.example"], int(time.time()))
    assert fault == "certificate-not-trusted"
    assert time.process_time() - began < 1
    last = Tlsa(2, 0, 1, hashlib.sha256(chain[-1]).digest())
    assert disagreement([last], chain, ["mx.example"], int(time.time())) == ""


def _renewed(certificate, key):
    built = x509.CertificateBuilder(
        certificate.subject, certificate.subject, key.public_key(), x509.random_serial_number(),
        certificate.not_valid_before_utc, certificate.not_valid_after_utc, list(certificate.extensions),
    )  # fmt: skip
    return built.sign(key, SHA256())
