"""PLAIN and LOGIN on both sides, SASLprep."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.proto.sasl import Challenge, Credentials, Failed, client_mechanism, saslprep, server_mechanism


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"\0tim\0tanstaaftanstaaf", Credentials("", "tim", "tanstaaftanstaaf")),  # RFC 4616 §4
        (b"Ursel\0Kurt\0xipj3plmq", Credentials("Ursel", "Kurt", "xipj3plmq")),
        (b"tim\0tim\0x", Credentials("", "tim", "x")),
        ("\0홍길동\0비밀".encode(), Credentials("", "홍길동", "비밀")),
    ],
)
def test_plain(message, expected):
    assert server_mechanism("plain").step(message) == expected


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"a",
        b"\0a",
        b"\0\0p",
        b"\0a\0",
        b"\0a\0p\0q",
        b"\0\xff\0p",
        b"\0a\0p\nq",
        b"\0a\0" + b"p" * 1021,
        b"\0\xc2\xad\0p",
    ],
)
def test_plain_refuses(message):
    assert isinstance(server_mechanism("PLAIN").step(message), Failed)


def test_plain_without_initial_response():
    mechanism = server_mechanism("PLAIN")
    assert mechanism.step(None) == Challenge(b"")
    assert mechanism.step(b"\0a\0b") == Credentials("", "a", "b")


def test_login():
    mechanism = server_mechanism("LOGIN")
    assert mechanism.step(None) == Challenge(b"Username:")
    assert mechanism.step(b"tim") == Challenge(b"Password:")
    assert mechanism.step(b"secret") == Credentials("", "tim", "secret")
    assert isinstance(server_mechanism("LOGIN").step(b"x" * 1021), Failed)


def test_unknown_mechanism():
    assert server_mechanism("CRAM-MD5") is None


def test_decomposed_hangul_is_the_same_password():
    composed = "비밀번호"
    assert saslprep(unicodedata.normalize("NFD", composed)) == composed


@pytest.mark.parametrize(
    ("text", "prepared"),
    # RFC 4013 §3
    [
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("\u0007", None),
        ("\u0627\u0031", None),
    ],
)
def test_rfc_4013_examples(text, prepared):
    assert saslprep(text) == prepared


def test_non_ascii_space_becomes_space():
    assert saslprep("a\u3000b") == "a b"


fields = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)


@given(fields, fields, st.sampled_from(["PLAIN", "LOGIN"]))
@settings(max_examples=60, deadline=None)
def test_client_and_server_understand_each_other(name, password, kind):
    credentials = Credentials("", name, password)
    client, server = client_mechanism([kind], credentials), server_mechanism(kind)
    outcome = server.step(client.initial())
    while isinstance(outcome, Challenge):
        outcome = server.step(client.respond(outcome.data))
    assert outcome == credentials
    assert client.respond(b"more") is None


@given(st.sampled_from(["PLAIN", "LOGIN"]), st.lists(st.binary(max_size=60), min_size=1, max_size=3))
@settings(max_examples=200, deadline=None)
def test_no_response_raises(kind, responses):
    mechanism = server_mechanism(kind)
    for response in responses:
        if not isinstance(mechanism.step(response), Challenge):
            break


def test_no_mechanism_for_authzid_over_login():
    assert client_mechanism(["LOGIN"], Credentials("boss", "me", "x")) is None
    assert client_mechanism(["GSSAPI"], Credentials("", "me", "x")) is None


def test_password_is_not_shown():
    assert "secret" not in repr(Credentials("", "a", "secret"))
