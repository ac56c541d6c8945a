"""S/MIME signatures: what holds, and why the rest does not (RFC 8551, 8550, 5652)."""

import random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.unit.formats import smime_house as house

from smartmail.formats import smime
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.summary import summarize

AT = int(house.NOW.timestamp())
CA = house.authority()
KIM = house.person(CA)
TRUST = smime.Trust((CA.certificate,))


def judged(octets: bytes, trust: smime.Trust = TRUST, at: int = AT) -> smime.Judgement:
    summary = summarize(octets)
    part = smime.signature_part(summary.parts)
    der = decode_body(octets[part.body_start : part.body_end], part.encoding)
    digests = None
    if smime.form_of(summary.parts) == "detached":
        start, end = smime.signed_range(summary.parts)
        running = smime.ContentHashes()
        running.feed(octets[start:end])
        digests = running.finish()
    return smime.judge(der, digests, [one.address for one in summary.from_], trust, at)


@pytest.mark.parametrize(
    "octets",
    [
        house.message(KIM),
        house.message(KIM, pss=True),
        house.message(KIM, digest=hashes.SHA512()),
        house.message(KIM, opaque=True),
        house.message(house.person(CA, kind="ec")),
        house.message(house.person(CA, "KIM@B.test"), sender="Kim <kim@b.test>"),
    ],
    ids=["rsa", "pss", "sha512", "opaque", "ec", "case"],
)
def test_a_good_signature_holds_and_names_its_signer(octets) -> None:
    found = judged(octets)
    assert found.faults == ()
    assert found.address == "kim@b.test"
    assert found.issuer == "CN=Test CA"


OTHER = house.authority("Other CA")
LATE = house.person(CA, end=house.NOW - house.DAY)
SERVER = house.person(CA, purpose=ExtendedKeyUsageOID.SERVER_AUTH)


@pytest.mark.parametrize(
    ("octets", "fault"),
    [
        (house.message(KIM).replace("초안".encode(), "원본".encode()), "changed"),
        (house.message(KIM, sender="park@b.test"), "address"),
        (house.message(house.person(OTHER)), "untrusted"),
        (house.message(LATE), "validity"),
        (house.message(SERVER), "usage"),
    ],
    ids=["changed", "address", "untrusted", "validity", "usage"],
)
def test_each_fault_is_named(octets, fault) -> None:
    assert judged(octets).faults == (fault,)


def test_a_certificate_that_ran_out_after_the_message_came_still_counts() -> None:
    assert judged(house.message(LATE), at=AT - 10 * 86_400).good


def test_what_its_authority_revoked_does_not_count_and_lists_of_others_change_nothing() -> None:
    lists = [house.revoked(CA, KIM), house.revoked(OTHER, KIM)]
    loaded = [x509.load_pem_x509_crl(one) for one in lists]
    assert judged(house.message(KIM), smime.Trust((CA.certificate,), (loaded[0],))).faults == ("revoked",)
    assert judged(house.message(KIM), smime.Trust((CA.certificate,), (loaded[1],))).good
    # A list that names the right issuer and is signed by somebody else is nobody's.
    forged = house.Signer(OTHER.key, CA.certificate)
    lie = x509.load_pem_x509_crl(house.revoked(forged, KIM))
    assert judged(house.message(KIM), smime.Trust((CA.certificate,), (lie,))).good


def test_an_authority_that_comes_with_the_message_is_not_trusted_for_that() -> None:
    assert judged(house.message(KIM), smime.Trust()).faults == ("untrusted",)


def test_sha1_does_not_count() -> None:
    # The builder refuses SHA-1, so the name of the digest is changed in the object.
    der = house.cms(KIM)
    sha256, sha1 = bytes.fromhex("0609608648016503040201"), bytes.fromhex("06052b0e03021a")
    assert der.count(sha256) >= 2
    digests = {"sha256": b"", "sha384": b"", "sha512": b""}
    weak = der.replace(sha256, sha1 + b"\x05\x00" + b"\x05\x00")  # the same length, so that no frame moves
    assert not smime.judge(weak, digests, ["kim@b.test"], TRUST, AT).good


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        (b"text/plain", None),
        (b'multipart/signed; protocol="application/pgp-signature"; boundary=b', None),
        (b'application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"', "opaque"),
        (b"application/x-pkcs7-mime", "opaque"),
    ],
)
def test_what_is_smime_at_all(kind, form) -> None:
    parts = summarize(b"From: a@b.c\r\nContent-Type: " + kind + b"\r\n\r\nAAAA\r\n").parts
    assert smime.form_of(parts) == form


def test_no_octets_break_it_and_no_change_keeps_it_good() -> None:
    rng = random.Random(7)
    der = house.cms(KIM, detached=False)
    for _ in range(300):
        spoilt = bytearray(der)
        for _ in range(rng.randint(1, 4)):
            spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
        cut = bytes(spoilt[: rng.randrange(len(spoilt))]) if rng.random() < 0.3 else bytes(spoilt)
        smime.is_signed(cut)
        found = smime.judge(cut, None, ["kim@b.test"], TRUST, AT)
        if found.good:  # the change met what nothing signs: unused certificates, padding of the container
            assert found.address == "kim@b.test"
            assert house.CONTENT in cut
