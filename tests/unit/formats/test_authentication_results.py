"""Authentication-Results: the examples of RFC 8601, and fields that strangers wrote to deceive."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats.authentication_results import MethodResult, parse, server_of, write
from smartmail.formats.headers import split_fields


# RFC 8601 appendix B.
@pytest.mark.parametrize(
    ("value", "server", "results"),
    [
        ("example.org 1; none", "example.org", []),
        (
            "example.com;\r\n  spf=pass smtp.mailfrom=example.net",
            "example.com",
            [MethodResult("spf", "pass", "", (("smtp.mailfrom", "example.net"),))],
        ),
        (
            "example.com;\r\n auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n spf=pass smtp.mailfrom=example.net",
            "example.com",
            [
                MethodResult("auth", "pass", "", (("smtp.auth", "sender@example.net"),)),
                MethodResult("spf", "pass", "", (("smtp.mailfrom", "example.net"),)),
            ],
        ),
        (
            (
                'example.com;\r\n dkim=pass reason="good signature"\r\n  header.i=@mail-router.example.net;\r\n'
                ' dkim=fail reason="bad signature"\r\n  header.i=@newyork.example.com'
            ),
            "example.com",
            [
                MethodResult("dkim", "pass", "good signature", (("header.i", "@mail-router.example.net"),)),
                MethodResult("dkim", "fail", "bad signature", (("header.i", "@newyork.example.com"),)),
            ],
        ),
        (
            (
                "foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n"
                "  policy (A dot can go here) . (like that) expired\r\n  (this surprised me) = (as I wasn't expecting it) 1362471462"
            ),
            "foo.example.net",
            [MethodResult("dkim", "fail", "", (("policy.expired", "1362471462"),))],
        ),
        ('"Example.COM"; spf=none', "example.com", [MethodResult("spf", "none")]),
        (
            'a.test; dkim=pass header.b="ab+/=c"',
            "a.test",
            [MethodResult("dkim", "pass", "", (("header.b", "ab+/=c"),))],
        ),
        (
            "a.test; dkim=pass header.b=ab+/c==",
            "a.test",
            [MethodResult("dkim", "pass", "", (("header.b", "ab+/c=="),))],
        ),
        (
            'a.test; auth=pass smtp.auth="l o"@x.test; x=y',
            "a.test",
            [MethodResult("auth", "pass", "", (("smtp.auth", "l o@x.test"),)), MethodResult("x", "y")],
        ),
        ("a.test; ;;garbage; spf=pass", "a.test", [MethodResult("spf", "pass")]),
    ],
)
def test_fields_of_others(value, server, results) -> None:
    found = parse(value.encode())
    assert found.server == server
    assert list(found.results) == results


def test_the_field_of_a_chain_carries_its_number() -> None:
    found = parse(b" i=2; mx.test; spf=pass smtp.mailfrom=a@b.test")
    assert (found.instance, found.server) == (2, "mx.test")
    assert found.results[0].result == "pass"


@pytest.mark.parametrize(
    "value",
    [
        b" mx.test; spf=pass", b"\r\n\tmx.test;spf=pass", b"MX.TEST 1; spf=pass", b" (mx.evil) mx.test; x", b'"mx.test"; x',
        b'"m\\x.test"; x', b" (a (b) c)mx.test(d)/1; x", b"mx.test", b"mx.test. ; none", b"(\\)) mx.test;",
    ],
)  # fmt: skip
def test_every_way_to_write_our_name_is_our_name(value) -> None:
    assert server_of(value) == "mx.test"


@pytest.mark.parametrize("value", [b"", b"  ", b"; spf=pass", b"(only", b"="])
def test_a_field_without_a_name(value) -> None:
    assert server_of(value) is None
    assert parse(value) is None


def test_what_we_write_is_folded_and_read_again() -> None:
    results = [
        MethodResult("spf", "pass", "", (("smtp.mailfrom", "kim@a.test"),)),
        MethodResult("dkim", "fail", "body hash did not verify", (("header.d", "a.test"), ("header.b", "ab+/c==="))),
        MethodResult("dmarc", "none"),
    ]
    field = write("mx.test", results)
    assert field.startswith(b"Authentication-Results: mx.test;\r\n\tspf=pass smtp.mailfrom=kim@a.test;\r\n")
    assert list(parse(field.partition(b":")[2]).results) == results
    assert write("mx.test", []) == b"Authentication-Results: mx.test;\r\n\tnone\r\n"
    assert write("mx.test", [], field="ARC-Authentication-Results", instance=3).startswith(
        b"ARC-Authentication-Results: i=3; mx.test;"
    )


TEXT = st.text(max_size=400)


@given(TEXT, TEXT, TEXT, TEXT)
def test_no_value_ends_the_field_or_begins_another_result(reason, value, name, result) -> None:
    given_one = MethodResult("spf", "pass", reason, (("smtp.mailfrom", value), (name, "x")))
    field = write("mx.test", [given_one, MethodResult(name, result)])
    assert len(split_fields(field + b"\r\n")) == 1
    assert field.endswith(b"\r\n")
    assert all(len(line) <= 998 for line in field.split(b"\r\n"))
    found = parse(field.partition(b":")[2])
    assert [one.method for one in found.results][0] == "spf"
    assert len(found.results) == 2
    assert found.results[0].result == "pass"
    assert len(found.results[0].properties) == 2


def test_quotes_that_nobody_closes_take_no_time() -> None:
    began = time.process_time()
    parse(b'mx.test; spf=pass; "' + b'"\\' * 8_000)
    assert time.process_time() - began < 0.3
