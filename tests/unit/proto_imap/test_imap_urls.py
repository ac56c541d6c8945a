"""IMAP URLs of CATENATE (RFC 5092, RFC 4469)."""

import pytest

from smartmail.proto.imap.fetch_items import Text
from smartmail.proto.imap.urls import parse_url


def test_a_relative_url_names_a_part():
    found = parse_url("/%ED%95%9C%EA%B8%80/x;UIDVALIDITY=385759045/;UID=20/;SECTION=1.2.HEADER/;PARTIAL=3.5")
    assert (found.user, found.mailbox, found.uidvalidity, found.uid) == (None, "한글/x", 385759045, 20)
    assert (found.section.part, found.section.text, found.section.partial) == ((1, 2), Text.HEADER, (3, 5))


def test_an_absolute_url_may_name_a_person():
    assert parse_url("imap://kim%40a.example;AUTH=*@host/inbox/;UID=1").user == "kim@a.example"
    assert parse_url("imap://host/inbox/;uid=1").user == ""
    assert parse_url("/inbox/;UID=1").mailbox == "INBOX"
    assert parse_url("/inbox/;UID=1").section.text is Text.WHOLE


@pytest.mark.parametrize(
    "url",
    [
        "", "/", "INBOX/;UID=1", "/INBOX", "/INBOX/;UID=0", "/INBOX/;UID=4294967296", "/INBOX;UIDVALIDITY=0/;UID=1",
        "/INBOX/;UID=1/;SECTION=9.x", "/INBOX/;UID=1/;SECTION=%ff", "/%ff/;UID=1", "/a%0d%0ab/;UID=1", "http://h/a/;UID=1",
        "/INBOX/;UID=1/;PARTIAL=1.0", "/INBOX/;UID=1;URLAUTH=anonymous:INTERNAL:0", "/" + "a" * 5_000 + "/;UID=1",
    ],
)  # fmt: skip
def test_anything_else_names_nothing(url):
    assert parse_url(url) is None
