"""Invariant: nothing that DNS, a policy host, a reporter or a peer's certificate says raises out of what reads it."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lab.authority import Authority, self_signed

from smartmail.formats import mta_sts, tls_report
from smartmail.formats.tls_names import covers
from smartmail.formats.tlsa import Tlsa, disagreement, usable

EXAMPLES = 300
WORDS = {"", *tls_report.RESULTS}
LEAF = Authority().issue("mx.a.test")
CHAINS = [LEAF.chain, self_signed("mx.a.test").chain]
NOW = int(time.time())

octets = st.binary(max_size=200)
mangled = st.builds(
    lambda chain, at, octet: [chain[0][:at] + bytes([octet]) + chain[0][at + 1 :], *chain[1:]],
    st.sampled_from(CHAINS), st.integers(0, 600), st.integers(0, 255),
)  # fmt: skip
records = st.builds(Tlsa, st.integers(0, 255), st.integers(0, 255), st.integers(0, 255), st.binary(max_size=70))
lines = st.sampled_from(
    [b"version: STSv1", b"mode: enforce", b"mode:none", b"max_age: 86400", b"mx: a.test", b"mx: *.a.test", b"mx:", b": x", b"\r", b"\0"]
)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(records, max_size=5), st.one_of(st.lists(octets, max_size=3), mangled))
def test_certificates_and_records(found, chain):
    true = LEAF.tlsa(3)
    for given_ in (found, usable(found), [*usable(found), true, Tlsa(2, 0, 0, chain[0] if chain else b"x")]):
        assert disagreement(given_, chain, ["mx.a.test"], NOW) in WORDS
    # A certificate with any octet changed is another one.
    if chain and chain[0] != LEAF.chain[0]:
        assert disagreement([LEAF.tlsa(3, 0, 1)], chain, ["mx.a.test"], NOW) != ""


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.one_of(st.binary(max_size=500), st.lists(lines, max_size=12).map(b"\n".join)))
def test_policies(text):
    try:
        policy = mta_sts.read_policy(text)
    except mta_sts.StsError:
        return
    assert mta_sts.read_policy(mta_sts.write_policy(policy)) == policy
    assert policy.mx or policy.mode == "none"


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(
        st.one_of(octets, octets.map(b"v=STSv1; id=".__add__), octets.map(b"v=TLSRPTv1; rua=".__add__)), max_size=3
    )
)
def test_texts(texts):
    identity = mta_sts.read_record(texts)
    assert identity is None or mta_sts.read_record([mta_sts.write_record(identity).encode()]) == identity
    for place in tls_report.read_record(texts):
        assert place.isprintable() and " " not in place and place.lower().startswith(("mailto:", "https://"))


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["policies", "policy", "summary", "date-range", "report-id", "policy-type"]), inner, max_size=4),
    ),
)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.one_of(octets, octets.map(tls_report.pack), JSON))
def test_reports(given_):
    import json

    text = given_ if isinstance(given_, bytes) else json.dumps(given_).encode()
    try:
        report = tls_report.read(text)
    except tls_report.ReportError:
        return
    assert tls_report.read(tls_report.write(report)).policies == report.policies


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.text("ab*.", max_size=12), st.text("ab*.", max_size=12))
def test_names(pattern, name):
    if covers(pattern, name) and pattern.rstrip(".").startswith("*."):
        assert name.rstrip(".").count(".") >= 2
