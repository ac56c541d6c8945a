"""Redirects, proofs and scopes of programs that ask to be let in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats import oauth


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1/x", "http://127.0.0.1:5000/", "http://[::1]:1/a?b=c", "http://localhost/", "https://a.example/b",
        "com.example.app:/back", "net.example:/",
    ],
)  # fmt: skip
def test_places_where_a_program_may_be_answered(uri: str) -> None:
    assert oauth.is_redirect(uri)
    assert oauth.is_same_redirect(uri, uri)


@pytest.mark.parametrize(
    "uri",
    [
        "", "http://a.example/", "http://127.0.0.2/", "http://127.0.0.1.evil.example/", "http://x@127.0.0.1/", "javascript:x",
        "data:text/html,x", "https:///x", "http://127.0.0.1:70000/", "http://127.0.0.1/#f", "http://127.0.0.1/ x",
        "http://127.0.0.1/\r\nSet-Cookie: a", "app:/back", "com.example.app:/백", "http://[::1/", "http://127.0.0.1\\@evil/",
        "file:///etc/passwd", "https://x;script-src/", "https://a,b/", "com.example://a;b/x", "https://a.example/" + "x" * 500,
    ],
)  # fmt: skip
def test_places_where_it_may_not(uri: str) -> None:
    assert not oauth.is_redirect(uri)


@pytest.mark.parametrize(
    ("registered", "asked", "same"),
    [
        ("http://127.0.0.1/a", "http://127.0.0.1:5000/a", True),
        ("http://127.0.0.1:1/a", "http://127.0.0.1:5000/a", True),
        ("http://127.0.0.1/a", "http://127.0.0.1:5000/b", False),
        ("http://127.0.0.1/a", "http://localhost:5000/a", False),
        ("http://127.0.0.1/a?x=1", "http://127.0.0.1:5000/a?x=2", False),
        ("https://a.example/", "https://a.example:444/", False),
        ("com.example.app:/a", "com.example.app:/b", False),
        ("http://127.0.0.1/a", "http://x@127.0.0.1/a", False),
    ],
)
def test_only_the_port_of_loopback_may_differ(registered: str, asked: str, same: bool) -> None:
    assert oauth.is_same_redirect(registered, asked) is same


def test_the_example_of_rfc_7636_appendix_b() -> None:
    verifier, challenge = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert oauth.is_challenge(challenge)
    assert oauth.proves(verifier, challenge)
    assert not oauth.proves(verifier[:-1] + "l", challenge)
    assert not oauth.proves("short", challenge)
    assert not oauth.is_challenge(challenge + "=")


def test_scopes_are_those_that_are_known() -> None:
    assert oauth.scopes_of("smtp openid imap smtp", ("imap", "smtp")) == ("imap", "smtp")
    assert oauth.scopes_of("", ("imap",)) == ()


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("http://127.0.0.1:5000/a?b", "http://127.0.0.1:5000"), ("com.example.app:/a", "com.example.app:"),
        ("https://a.example/x", "https://a.example"),
    ],
)  # fmt: skip
def test_where_the_form_may_lead(uri: str, source: str) -> None:
    assert oauth.form_source(uri) == source


@given(st.text(max_size=80))
def test_no_text_is_too_odd(text: str) -> None:
    for prefix in ("", "http://127.0.0.1/", "http://127.0.0.1:", "com.example:"):
        if oauth.is_redirect(prefix + text):
            # It goes into headers and into a policy as it is.
            assert all(" " < sign < "\x7f" for sign in prefix + text)
            assert not set(oauth.form_source(prefix + text)) & set("; ,'\"")
    oauth.is_same_redirect("http://127.0.0.1/", text)
