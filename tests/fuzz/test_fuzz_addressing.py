"""Fuzz: whatever a header or a link holds, a list's message is one message with the list's fields, and nothing raises."""

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain.addressing import ListText
from smartmail.formats.headers import Header
from smartmail.service.flow.addressing import leaving, posting

LINES = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.tuples(
            st.sampled_from([b"From", b"Reply-To", b"Subject", b"List-Id", b"Return-Path", b"DKIM-Signature", b"X"]),
            st.binary(max_size=60),
        ).map(lambda pair: b"%b: %b" % pair),
    ),
    max_size=12,
).map(lambda lines: [line.replace(b"\r", b"").replace(b"\n", b"") or b"X: y" for line in lines])
SETTINGS = st.builds(
    ListText,
    name=st.text(max_size=20),
    owners=st.just(("kim@a.example",)),
    prefix=st.text(max_size=10),
    reply_to=st.sampled_from(["author", "list"]),
    post=st.sampled_from(["anyone", "moderators"]),
)


def mac(purpose, octets):
    return hmac.digest(b"key", str(purpose).encode() + octets, hashlib.sha256)


@given(LINES, SETTINGS, st.booleans(), st.booleans())
def test_any_header_becomes_one_header_of_the_list(lines, settings, rewritten, whole):
    block = b"\r\n".join(lines) + (b"\r\n" if whole and lines else b"")
    made = posting.dressed(Header(block), posting.Dress("all@a.example", settings, rewritten))
    assert made.endswith(b"\r\n\r\n")
    assert made.index(b"\r\n\r\n") == len(made) - 4, "one empty line, at the end"
    header = Header(made[:-2])
    assert len(header.all("list-id")) == 1 and posting.been_here(header, "all@a.example")
    assert len(header.all("list-post")) == 1
    assert header.all("return-path") == []
    for line in lines:
        if line.startswith((b"X: ", b"DKIM-Signature: ")):
            assert line in made


@given(st.text(max_size=200))
def test_any_link_is_read_or_refused(text):
    assert leaving.read_token(text, mac) is None


@given(st.binary(max_size=300))
def test_any_record_has_tags(record):
    assert isinstance(leaving.tags(record), dict)
