"""Whatever a page sends as a proof: it is refused with a reason, never an error of ours; nothing changed still opens."""

import base64
import functools

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lab import npki
from tests.lab.npki import Pki

from smartmail.formats.npki import keyfile, proof
from smartmail.formats.npki.chain import Listed, TrustList, trusted_chain
from smartmail.formats.npki.names import identity_of, policies_of
from smartmail.formats.npki.reasons import REASONS, Refusal
from smartmail.formats.npki.revocation import NoAnswerError, list_urls, ocsp_urls, read_answer
from smartmail.service.identity.factors.methods import Refused
from smartmail.service.identity.identity_certificates.method import _read

LINE = npki.line("https://mail.a.example", "hong@a.example", bytes(32), 1_700_000_000)


@functools.cache
def world() -> tuple[Pki, npki.Issued, bytes]:
    pki = Pki()
    person = pki.leaf()
    return pki, person, npki.signed(LINE, person)


def judged(der: bytes) -> str:
    """Return the reason, "" for a proof that holds."""
    pki, _person, _cms = world()
    trust = TrustList(tuple(Listed(one.certificate) for one in (pki.root, pki.sub)))
    try:
        found = proof.read_cms(der)
        if found.line != LINE:
            return "structure"
        chain = trusted_chain(found.certificate, found.others, trust, int(pki.now.timestamp()))
        identity_of(chain.leaf), policies_of(chain.leaf), ocsp_urls(chain.leaf), list_urls(chain.leaf)
    except Refusal as refusal:
        assert refusal.reason in REASONS
        return refusal.reason
    return ""


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=300))
def test_any_octets_are_refused(octets: bytes):
    assert judged(octets)


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_a_proof_that_was_changed_is_refused_or_the_same(data: st.DataObject):
    """A changed octet may stand where nothing is signed (how an algorithm is named, how many bits of a signature's last octet
    are unused): then line and signer are the same.
    """
    _pki, person, cms = world()
    at = data.draw(st.integers(0, len(cms) - 1))
    changed = bytearray(cms)
    changed[at] ^= data.draw(st.integers(1, 255))
    if not judged(bytes(changed)):
        found = proof.read_cms(bytes(changed))
        assert (found.line, signed_part(found.certificate)) == (LINE, signed_part(person.certificate))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_proof_that_was_cut_is_refused(data: st.DataObject):
    _pki, _person, cms = world()
    assert judged(cms[: data.draw(st.integers(0, len(cms) - 1))])


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_a_changed_certificate_never_raises_what_is_not_a_refusal(data: st.DataObject):
    """Inside the certificate the proof's signature still fits the key, so that parsing and chain are reached."""
    _pki, person, _cms = world()
    der = bytearray(person.der)
    for _ in range(data.draw(st.integers(1, 3))):
        der[data.draw(st.integers(0, len(der) - 1))] ^= data.draw(st.integers(1, 255))
    octets = npki.signed(LINE, person).replace(person.der, bytes(der))
    if not is_same(bytes(der), person):
        assert judged(octets)
        assert judged_alone(bytes(der))


def signed_part(certificate: x509.Certificate) -> tuple[bytes, bytes]:
    return certificate.tbs_certificate_bytes, certificate.signature


def is_same(der: bytes, person: npki.Issued) -> bool:
    """Say whether what an authority has signed is unchanged."""
    try:
        return signed_part(x509.load_der_x509_certificate(der)) == signed_part(person.certificate)
    except (ValueError, x509.InvalidVersion):
        return False


def judged_alone(der: bytes) -> str:
    """Return why a certificate that was changed does not count, past the proof's own signature."""
    pki, _person, _cms = world()
    try:
        certificate = x509.load_der_x509_certificate(der)
    except (ValueError, x509.InvalidVersion):
        return "structure"
    trust = TrustList(tuple(Listed(one.certificate) for one in (pki.root, pki.sub)))
    try:
        trusted_chain(certificate, [certificate], trust, int(pki.now.timestamp()))
    except Refusal as refusal:
        return refusal.reason
    return ""


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda one: st.lists(one, max_size=3),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["cms", "line", "certificate", "signature", "identity"]), _JSON))
def test_any_answer_of_a_page_is_refused(response: dict[str, object]):
    with pytest.raises((Refusal, Refused)):
        _read(response)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_octets_are_no_answer_of_a_responder(octets: bytes):
    pki, person, _cms = world()
    with pytest.raises(NoAnswerError):
        read_answer(octets, person.certificate, pki.sub.certificate, b"n" * 16, 1_700_000_000)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_changed_key_file_is_an_error_of_its_own_kind(data: st.DataObject):
    _pki, person, _cms = world()
    file = bytearray(npki.key_file(person, rounds=2))
    at = data.draw(st.integers(0, len(file) - 1))
    file[at] ^= data.draw(st.integers(1, 255))
    try:
        keyfile.open_key(bytes(file), npki.PASSWORD.encode())
    except (ValueError, TypeError, KeyError):
        return


def test_the_bare_signature_in_base64_is_read():
    _pki, person, _cms = world()
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    signature = person.key.sign(LINE.encode(), padding.PKCS1v15(), hashes.SHA256())
    found = _read({
        "line": LINE,
        "certificate": base64.b64encode(person.der).decode(),
        "signature": base64.b64encode(signature).decode(),
    })  # fmt: skip
    assert found.line == LINE
