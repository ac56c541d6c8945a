"""DKIM: the vectors of the RFCs, another implementation in both directions, and hostile signatures."""

import base64
import hashlib
import re

import dkim as oracle
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lab.dkim import sign_message

from smartmail.formats.headers import split_fields
from smartmail.proto.mailauth import keys
from smartmail.proto.mailauth.canonical import BodyHasher
from smartmail.proto.mailauth.dkim import SigningKey, TemporaryLookupError, Verifier, sign
from smartmail.proto.mailauth.signature import parse_signature, signed_octets
from smartmail.proto.mailauth.tags import TagError, parse_tags

NOW = 1704423600
RSA = keys.generate("rsa")
ED = keys.generate("ed25519")
RSA_KEY = SigningKey("e.test", "r1", RSA)
ED_KEY = SigningKey("e.test", "e1", ED)
ZONE = {"r1._domainkey.e.test": [keys.record_of(RSA)], "e1._domainkey.e.test": [keys.record_of(ED)]}
MESSAGE = (
    b"Received: from x\r\n\tby y; Fri, 5 Jan 2024 12:00:00 +0900\r\nFrom: =?utf-8?B?6rmA?= <kim@e.test>\r\n"
    b"To: a@b.test,\r\n c@d.test\r\nSubject:  two   spaces\t\r\nDate: Fri, 5 Jan 2024 12:00:00 +0900\r\n"
    b"Message-ID: <1@e.test>\r\nX-Other: x\r\n\r\nbody \t text  \r\n\r\nsecond\r\n\r\n\r\n"
)


async def verify(message, zone=ZONE, now=NOW, chunk=10**9):
    async def lookup(name):
        if zone.get(name) == "SERVFAIL":
            raise TemporaryLookupError
        return zone.get(name, [])

    header, _, body = message.partition(b"\r\n\r\n")
    verifier = Verifier(header + b"\r\n")
    for at in range(0, len(body), chunk):
        verifier.update(body[at : at + chunk])
    return await verifier.finish(lookup, now)


def texts(verdicts):
    return [(v.result, v.reason) for v in verdicts]


# -- vectors of the RFCs --------------------------------------------------------------------------------------------

RFC6376_KEY = (
    "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt"
    "IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi"
    "tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
)
# RFC 6376 A.2 with errata 3192 (one blank in the body) and 4926 (the folds of b=).
RFC6376_MESSAGE = b"""DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;
      c=simple/simple; q=dns/txt; i=joe@football.example.com;
      h=Received : From : To : Subject : Date : Message-ID;
      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB
      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut
      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV
      4bmp/YzhwvcubU4=;
Received: from client1.football.example.com  [192.0.2.1]
      by submitserver.example.com with SUBMISSION;
      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game. Are you hungry yet?

Joe.
""".replace(b"\n", b"\r\n")

RFC8463_ZONE = {
    "brisbane._domainkey.football.example.com": ["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="],
    "test._domainkey.football.example.com": [
        (
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi"
            "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G"
            "+2kryOTIKT+l/K4w3QIDAQAB"
        )
    ],
}
RFC8463_MESSAGE = b"""DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.

""".replace(b"\n", b"\r\n")


async def test_rfc_6376_example():
    (verdict,) = await verify(RFC6376_MESSAGE, {"brisbane._domainkey.example.com": [RFC6376_KEY]})
    assert (verdict.result, verdict.domain, verdict.identity) == ("pass", "example.com", "joe@football.example.com")
    assert verdict.key_bits == 1024


async def test_rfc_8463_example():
    first, second = await verify(RFC8463_MESSAGE, RFC8463_ZONE)
    assert (first.result, first.algorithm, first.key_bits) == ("pass", "ed25519-sha256", 256)
    assert (second.result, second.algorithm) == ("pass", "rsa-sha256")
    assert (first.domain, first.selector, first.signature[:8]) == ("football.example.com", "brisbane", "/gCrinpc")


async def test_rfc_8463_ed25519_is_made_again_bit_for_bit():
    private = serialization.load_der_private_key(
        bytes.fromhex("302e020100300506032b657004220420")
        + base64.b64decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="),
        None,
    )
    assert keys.record_of(private) == RFC8463_ZONE["brisbane._domainkey.football.example.com"][0]
    header = RFC8463_MESSAGE.partition(b"\r\n\r\n")[0] + b"\r\n"
    own, *others = split_fields(header)
    value = header[own.value_start : own.end]
    octets = signed_octets(header, others, parse_signature(value).fields, "relaxed", own.name, value)
    assert private.sign(hashlib.sha256(octets).digest()) == parse_signature(value).signature


@pytest.mark.parametrize(
    ("form", "body", "canonical"),
    [
        # RFC 6376 §3.4.5 and §3.4.3–3.4.4.
        ("relaxed", b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n"),
        ("simple", b" C \r\nD \t E\r\n\r\n\r\n", b" C \r\nD \t E\r\n"),
        ("simple", b"", b"\r\n"),
        ("relaxed", b"", b""),
        ("simple", b"\r\n\r\n", b"\r\n"),
        ("relaxed", b" \t\r\n\r\n", b""),
        ("relaxed", b"  ", b""),
        ("simple", b"a", b"a\r\n"),
        ("relaxed", b"a \t", b"a\r\n"),
        ("relaxed", b"a\r\n \r\n\r\nb", b"a\r\n\r\n\r\nb\r\n"),
        ("relaxed", b"a\rb\nc \r", b"a\rb\nc \r\r\n"),
    ],
)
def test_canonical_body(form, body, canonical):
    hasher = BodyHasher(form)
    hasher.update(body)
    assert hasher.digest() == hashlib.sha256(canonical).digest()
    assert hasher.octets == len(canonical)


def plain_relaxed(body):
    """The rule of RFC 6376 §3.4.4 written down as it reads, for whole bodies."""
    lines = body.split(b"\r\n")
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in lines]
    text = b"\r\n".join(lines)
    while text.endswith(b"\r\n"):
        text = text[:-2]
    return text + b"\r\n" if text else b""


def plain_simple(body):
    while body.endswith(b"\r\n"):
        body = body[:-2]
    return body + b"\r\n"


_BODY = st.lists(st.sampled_from([b"\r\n", b"\r\n", b" ", b"\t", b"a", b"\r", b"\n", b"bc"]), max_size=25).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(_BODY, st.integers(1, 5), st.none() | st.integers(0, 20))
def test_chunks_do_not_matter(body, size, limit):
    for form, rule in (("relaxed", plain_relaxed), ("simple", plain_simple)):
        hasher = BodyHasher(form, limit)
        for at in range(0, len(body), size):
            hasher.update(body[at : at + size])
        assert hasher.digest() == hashlib.sha256(rule(body)[:limit]).digest()
        assert hasher.octets == len(rule(body))


# -- the other implementation ---------------------------------------------------------------------------------------


def dns(name, timeout=5):
    found = ZONE.get(name.decode().rstrip("."))
    return found[0].encode() if found else None


@pytest.mark.parametrize("forms", ["relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed"])
async def test_what_we_sign_others_verify(forms):
    header_form, body_form = forms.split("/")
    header, _, body = MESSAGE.partition(b"\r\n\r\n")
    hasher = BodyHasher(body_form)
    hasher.update(body)
    forms = {"header_form": header_form, "body_form": body_form}
    edwards = sign(header + b"\r\n", hasher.digest(), ED_KEY, signed_at=NOW, **forms)
    assert texts(await verify(edwards + MESSAGE)) == [("pass", "")]
    field = sign(header + b"\r\n", hasher.digest(), RSA_KEY, signed_at=NOW, **forms)
    signed = field + MESSAGE
    assert max(map(len, field.split(b"\r\n"))) <= 78
    assert oracle.DKIM(signed).verify(dnsfunc=dns)
    assert texts(await verify(signed)) == [("pass", "")]


@pytest.mark.parametrize("forms", ["relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed"])
@pytest.mark.parametrize("length", [False, True])
async def test_what_others_sign_we_verify(forms, length):
    pem = RSA.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    canonicalize = tuple(form.encode() for form in forms.split("/"))
    field = oracle.sign(MESSAGE, b"r1", b"e.test", pem, canonicalize=canonicalize, length=length)
    assert texts(await verify(field + MESSAGE)) == [("pass", "")]


_HEADERS = st.lists(
    st.tuples(
        st.sampled_from([b"Subject", b"X-a", b"To", b"subject"]),
        st.sampled_from([b" x", b"", b" a  b\t", b" a\r\n\tb", b"\t"]),
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(_HEADERS, _BODY)
async def test_any_message_of_ours_verifies_at_both(fields, body):
    message = b"From: kim@e.test\r\n" + b"".join(b"%b:%b\r\n" % field for field in fields) + b"\r\n" + body
    signed = sign_message(message, [RSA_KEY], signed_at=NOW) + message
    assert texts(await verify(signed, chunk=3)) == [("pass", "")]
    # SMTP always gives a last CRLF; without one the RFC leaves room, and bare line ends are not mail.
    if body.endswith(b"\r\n") and not re.search(rb"\r(?!\n)|(?<!\r)\n", body):
        assert oracle.DKIM(signed).verify(dnsfunc=dns)


# -- what must fail, and how ----------------------------------------------------------------------------------------

SIGNED = sign_message(MESSAGE, [RSA_KEY, ED_KEY], signed_at=NOW) + MESSAGE


async def test_two_keys_two_verdicts():
    assert texts(await verify(SIGNED)) == [("pass", ""), ("pass", "")]
    assert await verify(MESSAGE) == ()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"second", b"Second", "body hash did not verify"),
        (b"Subject:  two", b"Subject: Two", "signature did not verify"),
        (b"X-Other: x\r\n", b"X-Other: x\r\nFrom: evil@e.test\r\n", "signature did not verify"),
        (b"X-Other: x\r\n", b"X-Other: x\r\nSubject: evil\r\n", "signature did not verify"),
        (b"X-Other: x\r\n", b"X-Other: x\r\nReply-To: evil@e.test\r\n", "signature did not verify"),
        (b"t=1704423600", b"t=1704423601", "signature did not verify"),
    ],
)
async def test_a_change_is_seen(old, new, reason):
    assert old in SIGNED
    assert texts(await verify(SIGNED.replace(old, new))) == [("fail", reason)] * 2


@pytest.mark.parametrize(
    ("old", "new"), [(b"X-Other: x", b"X-Other: y"), (b"two   spaces", b"two spaces"), (b"by y", b"by z")]
)
async def test_a_change_of_what_is_not_signed_is_not(old, new):
    assert texts(await verify(SIGNED.replace(old, new))) == [("pass", "")] * 2


async def test_appended_octets_under_l_are_told():
    header, _, body = MESSAGE.partition(b"\r\n\r\n")
    hasher = BodyHasher("relaxed")
    hasher.update(body)
    field = sign(header + b"\r\n", hasher.digest(), RSA_KEY, signed_at=NOW)
    pem = RSA.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    limited = oracle.sign(MESSAGE, b"r1", b"e.test", pem, length=True, canonicalize=(b"relaxed", b"relaxed"))
    first, second = await verify(limited + field + MESSAGE.rstrip(b"\r\n") + b"\r\nadvertisement\r\n")
    assert (first.result, first.covers_all) == ("pass", False)
    assert (second.result, second.covers_all) == ("fail", True)
    (cut,) = await verify(limited + MESSAGE.replace(b"second", b"sec"))
    assert (cut.result, cut.reason) == ("permerror", "body is shorter than l= says")


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], ("permerror", "no key for signature")),
        ("SERVFAIL", ("temperror", "key could not be looked up")),
        (["v=DKIM1; p="], ("permerror", "key revoked")),
        (["v=DKIM2; p=AAAA"], ("permerror", "not a DKIM1 record")),
        (["p=AAAA; v=DKIM1"], ("permerror", "not a DKIM1 record")),
        (["v=DKIM1; p=!!"], ("permerror", "key syntax error: p= is not base64")),
        (["v=DKIM1; p=AAAA"], ("permerror", "key syntax error: p= is no such key")),
        (["v=DKIM1; k=dsa; p=AAAA"], ("permerror", "key algorithm is not known")),
        (["garbage"], ("permerror", "key syntax error: not a tag list")),
        ([keys.record_of(ED)], ("permerror", "inappropriate key algorithm")),
        ([keys.record_of(RSA) + "; h=sha1"], ("permerror", "inappropriate hash algorithm")),
        ([keys.record_of(RSA) + "; s=tlsrpt"], ("permerror", "key is not for email")),
        ([keys.record_of(keys.generate("rsa"))], ("fail", "signature did not verify")),
        (["garbage", keys.record_of(RSA)], ("pass", "")),
        ([keys.record_of(RSA) + "; h=sha256:x; s=*; t=y:s; n=note"], ("pass", "")),
    ],
)
async def test_key_records(records, expected):
    signed = sign_message(MESSAGE, [RSA_KEY], signed_at=NOW) + MESSAGE
    (verdict,) = await verify(signed, {"r1._domainkey.e.test": records})
    assert (verdict.result, verdict.reason) == expected
    assert verdict.testing is ("t=y" in records[0] if records and records != "SERVFAIL" else False)


async def test_a_strict_key_refuses_identities_below_its_domain():
    header, _, body = MESSAGE.partition(b"\r\n\r\n")
    hasher = BodyHasher("relaxed")
    hasher.update(body)
    field = sign(header + b"\r\n", hasher.digest(), ED_KEY, signed_at=NOW, identity="@sub.e.test")
    assert texts(await verify(field + MESSAGE)) == [("pass", "")]
    strict = {"e1._domainkey.e.test": [keys.record_of(ED) + "; t=s"]}
    assert texts(await verify(field + MESSAGE, strict)) == [("permerror", "domain mismatch")]


async def test_short_rsa_keys_do_not_count():
    from cryptography.hazmat.primitives.asymmetric import rsa

    weak = SigningKey("e.test", "w", rsa.generate_private_key(65537, 1024))
    record = keys.record_of(weak.private)
    signed = sign_message(MESSAGE, [weak], signed_at=NOW) + MESSAGE
    (verdict,) = await verify(signed, {"w._domainkey.e.test": [record]})
    assert verdict.result == "pass"
    assert verdict.key_bits == 1024
    tiny = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALRiMLAHudeSA2eN6kgPbtHUa7bGNjvSyZSDhGxqOXuaCRKbBQUyUIZ1uVUKpbXZKp5ZbUnuTBQ7P4FD0Nc0ZfECAwEAAQ=="
    (verdict,) = await verify(signed, {"w._domainkey.e.test": [f"v=DKIM1; p={tiny}"]})
    assert verdict.result in {"policy", "permerror"}


async def test_expiry():
    header, _, body = MESSAGE.partition(b"\r\n\r\n")
    hasher = BodyHasher("relaxed")
    hasher.update(body)
    field = sign(header + b"\r\n", hasher.digest(), RSA_KEY, signed_at=NOW, expires_at=NOW + 60)
    assert texts(await verify(field + MESSAGE, now=NOW + 60)) == [("pass", "")]
    assert texts(await verify(field + MESSAGE, now=NOW + 61)) == [("fail", "signature expired")]


BASE = "v=1; a=rsa-sha256; d=e.test; s=r1; h=from:to; bh=AAAA; b=AAAA"


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ("", "missing required tag v"),
        (BASE.replace("v=1", "v=2"), "incompatible version"),
        (BASE.replace("rsa-sha256", "rsa-sha1"), "algorithm is not accepted"),
        (BASE.replace("h=from:to", "h=to"), "From field not signed"),
        (BASE.replace("h=from:to", "h=from:"), "h= is too long or has an empty name"),
        (BASE.replace("h=from:to", "h=from" + ":x" * 300), "h= is too long"),
        (BASE.replace("bh=AAAA", "bh=?"), "bh= is not base64"),
        (BASE.replace("b=AAAA", "b="), "b= is not base64"),
        (BASE.replace("d=e.test", "d=e"), "d= is no domain"),
        (BASE.replace("d=e.test", "d=e..test"), "d= is no domain"),
        (BASE.replace("s=r1", "s=r 1"), "s= is no selector"),
        (BASE + "; i=@other.test", "domain mismatch"),
        (BASE + "; i=@xe.test", "domain mismatch"),
        (BASE + "; c=nowsp", "canonicalization is not known"),
        (BASE + "; q=http", "query method is not known"),
        (BASE + "; t=x", "t= is no time"),
        (BASE + "; t=10; x=10", "expires before it was made"),
        (BASE + "; l=-1", "l= is no length"),
        (BASE + "; l=" + "9" * 99, "l= is no length"),
        (BASE + "; b=BBBB", "stands twice"),
        (BASE + "; =x", "not a tag list"),
        (BASE + "; n=" + "x" * 20_000, "signature syntax error"),
        ("a" * 10 + ";" * 60, "signature syntax error"),
    ],
)
async def test_malformed_signatures(tags, reason):
    (verdict,) = await verify(f"DKIM-Signature: {tags}\r\n".encode() + MESSAGE)
    assert verdict.result == "permerror"
    assert reason in verdict.reason


async def test_only_so_many_signatures_are_judged():
    asked = []

    class Zone(dict):
        def get(self, name, default=None):
            asked.append(name)
            return default

    many = b"".join(sign_message(MESSAGE, [ED_KEY], signed_at=NOW) for _ in range(40))
    assert len(await verify(many + MESSAGE, Zone())) == 10
    assert len(asked) <= 20


def test_tag_lists():
    assert parse_tags(" a = b ; c=d=e;\r\n\tf=\r\n g ;") == {"a": "b", "c": "d=e", "f": "g"}
    assert parse_tags("") == {}
    for bad in ("a", "a=b;;c=d", "1a=b", "a=b;a=c", "a=\x00", ";".join(f"a{i}=1" for i in range(99))):
        with pytest.raises(TagError):
            parse_tags(bad)


def test_private_keys_are_kept_and_read_back():
    for key in (RSA, ED):
        again = keys.load_private(keys.save_private(key))
        assert keys.record_of(again) == keys.record_of(key)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        assert keys.record_of(keys.load_private(pem)) == keys.record_of(key)
    for bad in (b"", b"-----BEGIN PRIVATE KEY-----\n", b"\x00" * 40):
        with pytest.raises(ValueError):
            keys.load_private(bad)


_SIGNATURE_SOUP = st.lists(
    st.sampled_from(
        ["v=1", "a=rsa-sha256", "d=e.test", "s=r1", "h=from", "bh=AAAA", "b=AAAA", ";", ";", " ", "\r\n\t", "i=@", "l=1", "x=9", "=", "한", "\x00"]
    ),
    max_size=25,
).map("".join)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(_SIGNATURE_SOUP, st.text(max_size=30), st.binary(max_size=40))
async def test_no_signature_or_record_breaks_the_verifier(tags, record, raw):
    message = b"DKIM-Signature: " + tags.encode("utf-8", "replace") + raw + b"\r\n" + SIGNED
    for verdict in await verify(message, {"r1._domainkey.e.test": [record], "e1._domainkey.e.test": [record]}):
        assert verdict.result in {"pass", "fail", "neutral", "policy", "permerror"}
