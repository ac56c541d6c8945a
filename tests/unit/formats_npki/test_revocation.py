"""Answers of responders and lists: what counts, and what is no answer at all."""

import datetime

import pytest
from cryptography import x509
from tests.lab import npki
from tests.lab.npki import DAY, Issued, Pki

from smartmail.formats.npki import revocation
from smartmail.formats.npki.revocation import NoAnswerError

NONCE = b"n" * 16


@pytest.fixture
def pki() -> Pki:
    return Pki(ocsp="http://127.0.0.1:1/ocsp", crl="http://127.0.0.1:1/one.crl")


def now() -> int:
    return int(datetime.datetime.now(datetime.UTC).timestamp())


def ask(pki: Pki, one: Issued, **how: object) -> revocation.Standing:
    request = revocation.ask(one.certificate, pki.sub.certificate, NONCE)
    answer = pki.answer(request, [one], **how)  # type: ignore[arg-type]
    return revocation.read_answer(answer, one.certificate, pki.sub.certificate, NONCE, now())


def test_places_are_read_from_the_certificate(pki: Pki):
    person = pki.leaf()
    assert revocation.ocsp_urls(person.certificate) == ["http://127.0.0.1:1/ocsp"]
    assert revocation.list_urls(person.certificate) == ["http://127.0.0.1:1/one.crl"]
    assert revocation.list_urls(pki.root.certificate) == revocation.ocsp_urls(pki.root.certificate) == []


def test_a_responder_says_good_or_revoked(pki: Pki):
    person, gone = pki.leaf(), pki.leaf("폐지()1")
    pki.revoke(gone)
    assert ask(pki, person).state == "good"
    assert ask(pki, person, signer=pki.sub).state == "good"
    found = ask(pki, gone)
    assert found.state == "revoked"
    assert abs(found.until - found.since - 3600) <= 1


def test_answers_that_are_none(pki: Pki):
    person, other = pki.leaf(), pki.leaf("다른이()2")
    wrong = [
        lambda: ask(pki, person, nonce=b"m" * 16),
        lambda: ask(pki, person, signer=pki.leaf("속이는이()3")),
        lambda: ask(pki, person, age=-DAY),
        lambda: revocation.read_answer(b"junk", person.certificate, pki.sub.certificate, NONCE, now()),
        lambda: revocation.read_answer(
            pki.answer(revocation.ask(other.certificate, pki.sub.certificate, NONCE), [other]),
            person.certificate, pki.sub.certificate, NONCE, now(),
        ),
    ]  # fmt: skip
    for act in wrong:
        with pytest.raises(NoAnswerError):
            act()


def test_lists_are_their_issuers_and_cover_what_they_name(pki: Pki):
    person, gone = pki.leaf(), pki.leaf("폐지()1")
    pki.revoke(gone)

    def said(one: Issued, der: bytes) -> str:
        return revocation.read_list(x509.load_der_x509_crl(der), one.certificate, pki.sub.certificate).state

    assert said(person, pki.list()) == "good"
    assert said(gone, pki.list()) == "revoked"
    assert said(gone, pki.list(point="http://127.0.0.1:1/one.crl")) == "revoked"
    ldap = "ldap://ds.yessign.test:389/ou=dp4p1,ou=AccreditedCA,o=yessign,c=kr"
    other_form = "ldap://mirror.yessign.test/OU=dp4p1,%20ou=AccreditedCA,o=yessign,c=kr?certificateRevocationList"
    assert said(gone, pki.list(point=ldap)) == said(gone, pki.list(point=other_form)) == "revoked"
    forger = npki.Pki()
    for der in (pki.list(point="http://127.0.0.1:1/two.crl"), pki.list(by=pki.root)):
        with pytest.raises(NoAnswerError):
            said(person, der)
    forged = x509.load_der_x509_crl(forger.list())
    strange = Issued(forger.sub.certificate, npki.rsa_key("strange"))
    assert revocation.is_signed_by(forged, forger.sub.certificate)
    assert not revocation.is_signed_by(
        x509.load_der_x509_crl(pki.list(by=Issued(pki.sub.certificate, strange.key))), pki.sub.certificate
    )
    assert revocation.scope_of(x509.load_der_x509_crl(pki.list(point="http://x/"))) == "http://x/"
