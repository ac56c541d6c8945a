"""Invariant: no header, record or answer of a stranger makes a judgement raise or ask without end."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lab.dkim import sign_message
from tests.unit.proto_mailauth.zones import Table

from smartmail.formats.authentication_results import parse, server_of
from smartmail.formats.headers import split_fields
from smartmail.proto.mailauth import arc, dmarc, keys
from smartmail.proto.mailauth.bodies import Bodies
from smartmail.proto.mailauth.dkim import SigningKey, Verifier
from smartmail.proto.mailauth.spf import check_host
from smartmail.proto.mailauth.spf_record import RecordError, parse_spf
from smartmail.service.flow.authentication.forgeries import forgeries

ED = keys.generate("ed25519")
RECORD = keys.record_of(ED)
HEAD = b"From: a@e.test\r\nSubject: x\r\nTo: b@c.test\r\n"


def sealed() -> bytes:
    message = HEAD + b"\r\nbody\r\n"
    key = SigningKey("e.test", "s1", ED)
    message = sign_message(message, [key], signed_at=1) + message
    for number in range(2):
        header, _, body = message.partition(b"\r\n\r\n")
        bodies = Bodies()
        bodies.want("relaxed")
        chain = arc.Chain(header + b"\r\n", bodies)
        bodies.update(body)
        state = "pass" if number else "none"
        digest = bodies.digest("relaxed")[0]
        message = arc.seal(header + b"\r\n", chain, state, [], digest, key, server="mx.test", signed_at=1) + message
    return message


SEALED = sealed()
PIECES = [
    b"ARC-Seal:", b"ARC-Message-Signature:", b"ARC-Authentication-Results:", b"DKIM-Signature:", b"i=1;", b"i=2", b"b=", b"bh=",
    b"h=from", b";", b"=", b":", b"\r\n", b"\r\n\t", b"\r\n ", b"\n", b"\r", b"\0", b"\xff", "한".encode(), b"cv=pass", b"cv=none",
    b"a=ed25519-sha256", b"d=e.test", b"s=s1", b"c=relaxed/", b"l=5", b"l=99999999999999999999", b"x=1", b"t=0", b"q=", b"From: ",
    b"Authentication-Results: mx.test;", b"X-SmartMail-", b"(", b")", b'"', b"\\", b"\r\n\r\n",
]  # fmt: skip
PIECE = st.sampled_from(PIECES) | st.binary(max_size=6)
EDIT = st.tuples(st.integers(0, len(SEALED)), st.integers(0, 40), PIECE)
WORDS = [
    "v=spf1", "v=DMARC1", " ", "a", "mx", "include:", "redirect=", "exp=", "exists:", "ip4:", "ip6:", "ptr", "all", "-", "~", "/", "//",
    "24", "%{", "}", "%", "%{i}", "%{p}", "%{ir}", "%{d2r.-}", "a.test", "b.test", ".", ":", "=", ";", "p=reject", "sp=", "np=none",
    "rua=mailto:", "psd=y", "t=y", "adkim=s", "\u200b", "é", "\x00", "p=", "k=ed25519", "192.0.2.1", "::1",
]  # fmt: skip
TEXT = st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=25).map("".join)


@settings(max_examples=600, deadline=None)
@given(st.lists(EDIT, min_size=1, max_size=6), st.sampled_from(["key", "none", "junk"]), st.binary(max_size=40))
def test_signatures_and_chains(edits, answer, record) -> None:
    octets = SEALED
    for at, length, piece in edits:
        octets = octets[:at] + piece + octets[at + length :]
    asked = []

    async def lookup(name):
        asked.append(name)
        return {"key": [RECORD], "none": [], "junk": [record.decode("utf-8", "replace")]}[answer]

    header, _, body = octets.partition(b"\r\n\r\n")
    bodies = Bodies()
    verifier, chain = Verifier(header, bodies), arc.Chain(header, bodies)
    bodies.update(body)
    verdicts = asyncio.run(verifier.finish(lookup, 100))
    verdict = asyncio.run(chain.judge(lookup))
    assert verdict.result in {"none", "pass", "fail"}
    assert len(asked) <= 10 + 51
    assert all(one.result in {"pass", "fail", "neutral", "policy", "permerror"} for one in verdicts)
    for number in range(1, chain.length + 1):
        chain.results(number)
    for start, end in forgeries(header, "mx.test"):
        assert 0 <= start < end <= len(header)


@settings(max_examples=500, deadline=None)
@given(TEXT, TEXT, st.sampled_from(["192.0.2.1", "2001:db8::1", "nonsense"]), st.text(max_size=30))
def test_records_of_strangers(first, second, address, sender) -> None:
    names = Table(
        {
            "a.test": {"TXT": ["v=spf1 " + first], "MX": ["b.test"], "A": ["192.0.2.1", "x"]},
            "b.test": {"TXT": [second], "AAAA": ["2001:db8::1"]},
            "_dmarc.a.test": {"TXT": [first]},
            "_dmarc.test": {"TXT": ["v=DMARC1;" + second]},
            "192.0.2.1": {"PTR": ["a.test", second]},
        }
    )
    found = asyncio.run(check_host(address, "a.test", sender, "a.test", names.ask))
    assert found.result in {"none", "neutral", "pass", "fail", "softfail", "permerror"}
    assert found.explanation.isprintable()
    judged = asyncio.run(dmarc.judge(first or "a.test", "a.test", [second, "x.a.test"], names.ask))
    assert judged.result in {"none", "pass", "fail", "permerror"}
    assert len(names.asked) < 400
    for text in (first, second, "v=spf1 " + second):
        try:
            parse_spf(text)
        except RecordError:
            continue


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECE, max_size=30).map(b"".join))
def test_results_of_strangers(octets) -> None:
    found = parse(octets)
    server_of(octets)
    if found is not None:
        assert len(found.results) <= 64
    for start, end in forgeries(octets, "mx.test"):
        assert octets[start:end].lower().startswith((b"authentication-results", b"x-smartmail-"))
    assert len(split_fields(octets)) <= 2000
