"""Signed lines and chains: every way of being wrong has a word of its own."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.lab import npki
from tests.lab.npki import DAY, Issued, Pki

from smartmail.formats.npki import chain, proof
from smartmail.formats.npki.chain import Listed, TrustList
from smartmail.formats.npki.reasons import Reason, Refusal

ORIGIN, ACCOUNT, NONCE = "https://mail.a.example", "hong@a.example", bytes(range(32))


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki()


def trust(*pkis: Pki, policies: tuple[str, ...] = ()) -> TrustList:
    listed = tuple(Listed(one.certificate, "npki") for pki in pkis for one in (pki.root, pki.sub))
    return TrustList(listed, (("npki", policies),) if policies else ())


def now(pki: Pki) -> int:
    return int(pki.now.timestamp())


def question(pki: Pki, **changes: object) -> proof.Question:
    facts = {"origin": ORIGIN, "account": ACCOUNT, "nonce": NONCE, "asked_at": now(pki), "now": now(pki) + 5}
    return proof.Question(**(facts | changes))  # type: ignore[arg-type]


def good_line(pki: Pki) -> str:
    return npki.line(ORIGIN, ACCOUNT, NONCE, now(pki))


def reason(act: Callable[[], object]) -> Reason:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.reason


@pytest.mark.parametrize("digest", ["sha256", "sha512"])
def test_a_signed_line_is_read(pki: Pki, digest: str):
    person = pki.leaf()
    found = proof.read_cms(npki.signed(good_line(pki), person, digest=digest, others=[pki.sub]))
    assert found.certificate == person.certificate
    assert found.others == (pki.sub.certificate,)
    proof.require_line(found, question(pki))


def test_a_bare_signature_is_read(pki: Pki):
    person, text = pki.leaf(), good_line(pki)
    signature = person.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    proof.require_line(proof.read_raw(text, person.der, signature), question(pki))
    assert reason(lambda: proof.read_raw(text + " ", person.der, signature)) == "signature"
    weak = person.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA1())
    assert reason(lambda: proof.read_raw(text, person.der, weak)) == "signature"
    assert reason(lambda: proof.read_raw(text, b"x", signature)) == "structure"


def test_proofs_that_prove_nothing(pki: Pki):
    person, other, text = pki.leaf(), pki.leaf("이몽룡()002"), good_line(pki)
    read = proof.read_cms
    assert reason(lambda: read(b"junk")) == "structure"
    assert reason(lambda: read(b"\x30" * 70_000)) == "structure"
    assert reason(lambda: read(npki.signed(text, person, digest="sha1"))) == "weak_algorithm"
    assert reason(lambda: read(npki.signed(text, other, certificate=person))) == "signature"
    assert reason(lambda: read(npki.signed(text, person, shown=text.replace("hong", "kong")))) == "signature"
    for name in ("signing_time", "content_type"):
        assert reason(lambda name=name: read(npki.signed(text, person, leave=[name]))) == "structure"
    assert reason(lambda: read(npki.signed(text, person, leave=["message_digest"]))) == "signature"
    small = pki.leaf("작은키()003", key=npki.rsa_key("small", 1024))
    assert reason(lambda: read(npki.signed(text, small))) == "weak_algorithm"


def test_every_part_of_the_line_counts(pki: Pki):
    person, t = pki.leaf(), now(pki)

    def said(text: str, **changes: object) -> Reason:
        found = proof.read_cms(npki.signed(text, person))
        return reason(lambda: proof.require_line(found, question(pki, **changes)))

    assert said(npki.line("https://evil.example", ACCOUNT, NONCE, t)) == "origin"
    assert said(npki.line(ORIGIN, "kim@a.example", NONCE, t)) == "account"
    assert said(npki.line(ORIGIN, ACCOUNT, bytes(32), t)) == "nonce_unknown"
    assert said(good_line(pki), nonce=b"") == "nonce_replayed"
    assert said(good_line(pki), now=t + 121) == "nonce_expired"
    assert said(npki.line(ORIGIN, ACCOUNT, NONCE, t + 121)) == "nonce_expired"
    assert said("SmartMail-Login-v2" + good_line(pki)[18:]) == "structure"
    assert said(good_line(pki) + "|more") == "structure"
    assert said(good_line(pki).rsplit("|", 1)[0] + "|soon") == "structure"


def judged(pki: Pki, leaf: Issued, listed: TrustList, others: tuple[Issued, ...] = ()) -> chain.Chain:
    return chain.trusted_chain(leaf.certificate, [one.certificate for one in others], listed, now(pki))


def test_a_good_chain_ends_at_a_root_of_the_list(pki: Pki):
    person = pki.leaf()
    found = judged(pki, person, trust(pki))
    assert found.certificates == (person.certificate, pki.sub.certificate, pki.root.certificate)
    assert (found.leaf, found.issuer, found.family) == (person.certificate, pki.sub.certificate, "npki")
    only_root = TrustList((Listed(pki.root.certificate, "npki"),))
    assert judged(pki, person, only_root, (pki.sub,)).issuer == pki.sub.certificate
    deep = pki.authority("deep", pki.sub)
    assert len(judged(pki, pki.leaf(by=deep), trust(pki), (deep,)).certificates) == 4


def test_chains_that_are_wrong(pki: Pki):
    other = Pki("strange")
    sha1 = hashes.SHA1()
    cases: list[tuple[Reason, Issued, TrustList, tuple[Issued, ...]]] = [
        ("expired", pki.leaf(until=-DAY / 2), trust(pki), ()),
        ("not_yet_valid", pki.leaf(since=DAY), trust(pki), ()),
        ("unknown_root", other.leaf(), trust(pki), (other.sub, other.root)),
        ("unknown_root", pki.leaf(), TrustList(), (pki.sub, pki.root)),
        ("unknown_root", pki.leaf(), TrustList((Listed(pki.sub.certificate),)), (pki.root,)),
        ("chain_weak", pki.leaf(digest=sha1), trust(pki), ()),
        ("key_usage", pki.leaf(usages=("key_encipherment",)), trust(pki), ()),
        ("key_usage", pki.leaf(purposes=(ExtendedKeyUsageOID.SERVER_AUTH,)), trust(pki), ()),
        ("policy", pki.leaf(policy="1.2.410.200005.1.1.6.1"), trust(pki, policies=("1.2.410.200005.1.1.4",)), ()),
        ("policy", pki.leaf(policy=None), trust(pki, policies=("1.2.410.200005.1.1.*",)), ()),
    ]
    for expected, leaf, listed, others in cases:
        assert reason(lambda leaf=leaf, listed=listed, others=others: judged(pki, leaf, listed, others)) == expected


def test_authorities_that_may_not(pki: Pki):
    no_ca = pki.authority("no ca", pki.sub, ca=False, usages=("digital_signature",))
    no_sign = pki.authority("no sign", pki.sub, usages=("crl_sign",))
    short = pki.authority("short", pki.root, length=0)
    below = pki.authority("below", short)
    old = pki.authority("old", pki.root, days=-1)
    person = pki.leaf("다른이()9")
    for expected, issuer, more in (
        ("not_authority", no_ca, ()), ("not_authority", no_sign, ()), ("not_authority", below, (short,)),
        ("chain_expired", old, ()), ("not_authority", person, ()),
    ):  # fmt: skip
        leaf = pki.leaf("손자()8", by=issuer)
        assert reason(lambda leaf=leaf, i=issuer, m=more: judged(pki, leaf, trust(pki), (i, *m))) == expected


def test_a_second_way_helps_where_the_first_is_wrong(pki: Pki):
    old = pki.authority(pki.organization + "CA Class 2", pki.root, days=-1)
    listed = TrustList((Listed(old.certificate), Listed(pki.sub.certificate), Listed(pki.root.certificate)))
    assert judged(pki, pki.leaf(), listed).issuer == pki.sub.certificate
