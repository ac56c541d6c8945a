"""SPF, DKIM, ARC and DMARC judge as pyspf, dkimpy and authheaders do, on generated zones and messages."""

import asyncio
import ipaddress
import re

import authheaders
import dkim as dkimpy
import spf as pyspf
from authres import DKIMAuthenticationResult, SPFAuthenticationResult
from cryptography.hazmat.primitives import serialization
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.lab.dkim import sign_message
from tests.unit.proto_mailauth.zones import Table

from smartmail.proto.mailauth import dmarc, keys
from smartmail.proto.mailauth.dkim import SigningKey, Verifier
from smartmail.proto.mailauth.spf import MAX_VOIDS, check_host

NAMES = ("a.test", "b.test", "x.a.test", "gone.test", "mx.a.test")
ADDRESSES = ("192.0.2.1", "192.0.2.77", "198.51.100.9", "2001:db8::1")


# -- SPF ------------------------------------------------------------------------------------------------------------

SPECS = st.sampled_from(
    [*NAMES, "%{d}", "%{l}.a.test", "%{ir}.%{v}.a.test", "%{d1r}.test", "x.%{o}", "%{h}", "%{p}.b.test"]
)
CIDR = st.sampled_from(["", "", "/24", "/0", "//64", "/24//0", "/33", "/024"])
QUALIFIER = st.sampled_from(["", "+", "-", "~", "?"])


def joined(*parts):
    return st.tuples(*(st.just(part) if isinstance(part, str) else part for part in parts)).map("".join)


MECHANISM = st.one_of(
    st.just("all"),
    joined("include:", SPECS),
    joined(st.sampled_from(["a", "mx"]), CIDR),
    joined(st.sampled_from(["a:", "mx:"]), SPECS, CIDR),
    joined("exists:", SPECS),
    st.just("ptr"),
    joined("ptr:", SPECS),
    joined("ip4:", st.sampled_from(["192.0.2.0", "192.0.2.1", "198.51.100.0"]), st.sampled_from(["", "/24", "/32", "/0", "/33"])),
    joined("ip6:", st.sampled_from(["2001:db8::", "2001:db8::1"]), st.sampled_from(["", "/32", "/128", "/129"])),
)  # fmt: skip
TERM = st.one_of(
    joined(QUALIFIER, MECHANISM), joined(QUALIFIER, MECHANISM), joined("redirect=", SPECS),
    st.sampled_from(["exp=b.test", "x=%{d}", "junk", "a:", "all:x", "ip4:1.2.3", "%", "?all"]),
)  # fmt: skip
RECORD = st.lists(TERM, max_size=5, unique=True).map(lambda terms: " ".join(["v=spf1", *terms]))
HOSTS = st.fixed_dictionaries(
    {},
    optional={
        "TXT": st.lists(RECORD, min_size=1, max_size=1),
        "A": st.lists(st.sampled_from(ADDRESSES[:3]), min_size=1, max_size=2),
        "AAAA": st.just(["2001:db8::1"]),
        "MX": st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True),
    },
)
ZONES = st.fixed_dictionaries({name: HOSTS for name in NAMES if name != "gone.test"}, optional={
    address: st.lists(st.sampled_from(NAMES), min_size=1, max_size=2).map(lambda names: {"PTR": names})
    for address in ADDRESSES
})  # fmt: skip


def told_pyspf(zone):
    """Answer pyspf out of a zone."""

    def lookup(name, kind, *_rest, **_options):
        name = name.lower().rstrip(".")
        owner = reversed_name(name) if kind == "PTR" else name
        for value in zone.get(owner, {}).get(kind, []):
            data = value
            if kind == "TXT":
                data = (value.encode(),)
            elif kind == "MX":
                data = (10, value)
            elif kind == "AAAA":
                data = ipaddress.ip_address(value).packed
            yield (name, kind), data

    return lookup


def reversed_name(name):
    labels = name.split(".")
    if name.endswith(".in-addr.arpa"):
        return ".".join(reversed(labels[:-2]))
    digits = "".join(reversed(labels[:-2]))
    return str(ipaddress.ip_address(bytes.fromhex(digits))) if len(digits) == 32 else name


@settings(max_examples=250, deadline=None)
@given(ZONES, st.sampled_from(ADDRESSES), st.sampled_from(["joe@a.test", "joe-x@x.a.test", "x@gone.test", ""]))
def test_spf_as_pyspf(zone, address, sender):
    ours = asyncio.run(check_host(address, sender.rpartition("@")[2] or "b.test", sender, "b.test", Table(zone).ask))
    before, pyspf.DNSLookup = pyspf.DNSLookup, told_pyspf(zone)
    try:
        query = pyspf.query(i=address, s=sender, h="b.test", strict=True)
        theirs = query.check()[0]
    finally:
        pyspf.DNSLookup = before
    # The standard bounds empty answers of terms; pyspf counts those behind them (hosts of mx, names of ptr) as well.
    assume(query.void_lookups <= MAX_VOIDS)
    # It also voids a record that includes itself, though a term before that would match.
    assume("trivial recursion" not in str(query.perm_error))
    assert ours.result == theirs


# -- DKIM -----------------------------------------------------------------------------------------------------------

RSA = keys.generate("rsa")
RECORD_OF = keys.record_of(RSA)
PEM = RSA.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
LINES = st.lists(st.sampled_from([b"text", b"", b" \t", b"a  b\t ", b".", b"\xea\xb0\x80 x "]), max_size=8)
DAMAGE = st.sampled_from([b"", b"text", b"Subject", b"  b", b"\r\n\r\n", b"c=relaxed", b"bh="])


def verify(message: bytes) -> list[str]:
    async def lookup(_name):
        return [RECORD_OF]

    header, _, body = message.partition(b"\r\n\r\n")
    verifier = Verifier(header + b"\r\n")
    verifier.update(body)
    return [one.result for one in asyncio.run(verifier.finish(lookup, 1_700_000_100))]


@settings(max_examples=100, deadline=None)
@given(LINES, st.sampled_from([b"simple", b"relaxed"]), st.sampled_from([b"simple", b"relaxed"]), DAMAGE, st.booleans())
def test_dkim_as_dkimpy(lines, header_form, body_form, damage, theirs_signs):
    message = b"From: a@e.test\r\nTo: b@c.test\r\nSubject:  x  y \r\n\r\n" + b"".join(one + b"\r\n" for one in lines)
    if theirs_signs:
        field = dkimpy.sign(
            message, b"s1", b"e.test", PEM, canonicalize=(header_form, body_form), include_headers=[b"from", b"subject"]
        )
    else:
        field = sign_message(message, [SigningKey("e.test", "s1", RSA)], signed_at=1_700_000_000)
    signed = field + message
    if damage:
        at = signed.find(damage, len(field) if damage != b"bh=" else 0)
        assume(at >= 0)
        signed = signed[:at] + b"X" + signed[at + 1 :]
    try:
        theirs = dkimpy.verify(signed, dnsfunc=lambda name, timeout=5: RECORD_OF.encode())
    except dkimpy.DKIMException:
        theirs = False
    assert (verify(signed) == ["pass"]) == theirs


# -- DMARC ----------------------------------------------------------------------------------------------------------

# authheaders knows no tree walk of the standard, but the public suffix list: where the organisation publishes, both agree.
POLICY = st.sampled_from(["none", "quarantine", "reject"])
MODE = st.sampled_from(["r", "s"])
DOMAIN = st.sampled_from(
    ["example.com", "a.example.com", "b.a.example.com", "c.example.com", "example.org", "x.example.org"]
)


@st.composite
def dmarc_records(draw):
    text = f"v=DMARC1; p={draw(POLICY)}; adkim={draw(MODE)}; aspf={draw(MODE)}"
    return text + (f"; sp={draw(POLICY)}" if draw(st.booleans()) else "")


@settings(max_examples=60, deadline=None)
@given(
    dmarc_records(), st.none() | dmarc_records(), st.sampled_from(["example.com", "a.example.com", "b.a.example.com"]),
    st.none() | DOMAIN, st.none() | DOMAIN,
)  # fmt: skip
def test_dmarc_as_authheaders(at_organisation, at_author, author, spf_domain, dkim_domain):
    texts = {"_dmarc.example.com": at_organisation, "_dmarc.example.org": "v=DMARC1; p=none"}
    if at_author is not None:
        texts[f"_dmarc.{author}"] = at_author
    names = Table({name: {"TXT": [text]} for name, text in texts.items()})
    ours = asyncio.run(dmarc.judge(author, spf_domain or "", [dkim_domain] if dkim_domain else [], names.ask))
    spf_result = SPFAuthenticationResult(result="pass", smtp_mailfrom=f"x@{spf_domain}") if spf_domain else None
    dkim_result = DKIMAuthenticationResult(result="pass", header_d=dkim_domain) if dkim_domain else None
    found = authheaders.dmarc_per_from(author, spf_result, dkim_result, dnsfunc=lambda name: texts.get(name, ""))
    theirs, _comment, _domain, policy = found
    assert ours.result == theirs
    # It takes sp= of the author's own record too, where RFC 9989 takes p=: no oracle for that cell.
    if ours.record.domain != author or not re.search("sp=", at_author or at_organisation):
        assert ours.policy == policy
