"""OAUTHBEARER, XOAUTH2 and EXTERNAL as a server."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.proto.sasl import Certificate, Challenge, Failed, Token, server_mechanism

# RFC 7628 §4.1
SUCCESS = (
    b"n,a=user@example.com,\x01host=server.example.com\x01port=143\x01"
    b"auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01"
)


def test_rfc_7628_exchange():
    mechanism = server_mechanism("OAUTHBEARER")
    assert mechanism.step(SUCCESS) == Token("user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==")


def test_rfc_7628_failure_tells_why_and_fails_with_the_dummy_answer():
    mechanism = server_mechanism("OAUTHBEARER")
    mechanism.step(SUCCESS)
    told = mechanism.refuse()
    assert isinstance(told, Challenge)
    assert json.loads(told.data)["status"] == "invalid_token"
    assert isinstance(mechanism.step(b"\x01"), Failed)


def test_oauthbearer_without_a_name():
    assert server_mechanism("OAUTHBEARER").step(b"n,,\x01auth=bearer abc\x01\x01") == Token("", "abc")


def test_xoauth2_exchange():
    mechanism = server_mechanism("xoauth2")
    assert mechanism.step(None) == Challenge(b"")
    message = b"user=someuser@example.com\x01auth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\x01\x01"
    assert mechanism.step(message) == Token("someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg")
    assert json.loads(mechanism.refuse().data)["status"] == "401"
    assert isinstance(mechanism.step(b""), Failed)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("OAUTHBEARER", b""), ("OAUTHBEARER", b"n,,\x01auth=Bearer abc"), ("OAUTHBEARER", b"auth=Bearer abc\x01\x01"),
        ("OAUTHBEARER", b"n,,\x01auth=Basic abc\x01\x01"), ("OAUTHBEARER", b"n,,\x01auth=Bearer a b\x01\x01"),
        ("OAUTHBEARER", b"p=tls-unique,,\x01auth=Bearer abc\x01\x01"), ("OAUTHBEARER", b"n,,\x01\x01"),
        ("OAUTHBEARER", b"n,a=\xff,\x01auth=Bearer abc\x01\x01"), ("OAUTHBEARER", b"n,,\x01auth=Bearer " + b"a" * 13_000 + b"\x01\x01"),
        ("XOAUTH2", b"auth=Bearer abc\x01\x01"), ("XOAUTH2", b"user=a"), ("XOAUTH2", b"user=a\x01auth=abc\x01\x01"),
    ],
)  # fmt: skip
def test_malformed_messages_fail(name, message):
    assert isinstance(server_mechanism(name).step(message), Failed)


def test_external_names_at_most_an_account():
    assert server_mechanism("EXTERNAL").step(None) == Challenge(b"")
    assert server_mechanism("EXTERNAL").step(b"") == Certificate("")
    assert server_mechanism("EXTERNAL").step(b"kim@a.example") == Certificate("kim@a.example")
    for bad in (b"a\0b", b"\xff", b"x" * 2000):
        assert isinstance(server_mechanism("EXTERNAL").step(bad), Failed)


@given(st.sampled_from(["OAUTHBEARER", "XOAUTH2", "EXTERNAL"]), st.lists(st.binary(max_size=60), max_size=3))
@settings(max_examples=200, deadline=None)
def test_no_response_raises(name, responses):
    mechanism = server_mechanism(name)
    for response in responses:
        mechanism.step(response)
    mechanism.refuse()


def test_tokens_are_not_shown():
    assert "abc" not in repr(Token("kim", "abc"))
