"""Paths of MAIL and RCPT, and xtext."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.proto.smtp.path import NULL, POSTMASTER, Path, parse_address, parse_path
from smartmail.proto.smtp.xtext import utf8_decode, utf8_encode, xtext_decode, xtext_encode

GOOD = {
    "<>": NULL,
    "<PostMaster>": POSTMASTER,
    "<a@b>": Path("a", "b"),
    "<a.b+c=d@sub.example.com>": Path("a.b+c=d", "sub.example.com"),
    "<@x.example,@y.example:a@b.example>": Path("a", "b.example"),
    '<"a b"@c.example>': Path("a b", "c.example"),
    '<"a\\"b\\\\"@c.example>': Path('a"b\\', "c.example"),
    '<"a@b"@c.example>': Path("a@b", "c.example"),
    "<a@[192.0.2.1]>": Path("a", "[192.0.2.1]"),
    "<a@[IPv6:2001:db8::25]>": Path("a", "[IPv6:2001:db8::25]"),
    "<a@under_score.example>": Path("a", "under_score.example"),
    "<.a..b.@docomo.example>": Path(".a..b.", "docomo.example"),
    "<홍길동@한국.example>": Path("홍길동", "한국.example"),
    "<" + "a" * 255 + "@b.example>": Path("a" * 255, "b.example"),
}
BAD = [
    "",
    "a@b",
    "<a>",
    "<a@>",
    "<@b>",
    "<a@b",
    "<a b@c>",
    "<a@b..c>",
    "<a@b.>",
    "<a@-b>",
    "<a@b->",
    "<a@[1.2.3]>",
    "<a@[IPv6:zz]>",
    "<a@[x-tag:y]>",
    "<a@@b>",
    '<"a@b>',
    '<"a\r\n"@b>',
    "<a\0@b>",
    "<a@b\u2028c>",
    "<\u3000a@b>",
    "<" + "a" * 256 + "@b>",
    "<a@" + "b" * 64 + ".c>",
    "<a@" + "b." * 130 + "c>",
]


@pytest.mark.parametrize(("text", "path"), GOOD.items())
def test_path_is_read(text, path):
    assert parse_path(text) == (path, len(text))


@pytest.mark.parametrize("text", BAD)
def test_no_path(text):
    assert parse_path(text) is None


def test_rest_behind_the_path_is_left():
    assert parse_path("FROM:<a@b> SIZE=1", 5) == (Path("a", "b"), 10)


def test_bare_address():
    assert parse_address("a@b.example") == Path("a", "b.example")
    assert parse_address("") is None
    assert parse_address("a@b> <c@d") is None


local_parts = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60)


@given(local_parts)
@settings(max_examples=200, deadline=None)
def test_what_is_written_is_read_back(local):
    path = Path(local, "example.com")
    text = str(path)
    assert parse_path(text) == (path, len(text))


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_a_path_or_none(text):
    found = parse_path(text)
    if found:
        again = str(found[0])
        assert parse_path(again) == (found[0], len(again))


@pytest.mark.parametrize(
    "text", ["<" + "a" * 50_000, "<" + '"' + "\\" * 50_001, "<@" + "a," * 30_000, "<a@" + "b-" * 30_000]
)
def test_hostile_paths_cost_linear_time(text):
    assert parse_path(text) is None


@given(local_parts)
@settings(max_examples=100, deadline=None)
def test_xtext_round_trip(text):
    assert xtext_decode(xtext_encode(text)) == text


@pytest.mark.parametrize("text", ["+", "+0", "+0d", "a=b", "a b", "+0D+0A", "+80", "a\tb", "é"])
def test_no_xtext(text):
    assert xtext_decode(text) is None


def test_xtext_takes_no_foreign_text():
    with pytest.raises(ValueError):
        xtext_encode("홍")


def test_utf8_addresses():
    assert utf8_decode(utf8_encode("홍길동 x\\y@예.example")) == "홍길동 x\\y@예.example"
    assert utf8_decode("\\x{C815}\\x{1F600}") == "정😀"
    assert utf8_decode("\\x{0A}") is None
    assert utf8_decode("\\x{D800}") is None
    assert utf8_decode("\\x{FFFFFF}") is None
