"""Who may post to a list, and what the list's message looks like (service/flow/addressing/posting.py, leaving.py)."""

import hashlib
import hmac
import itertools

import pytest

from smartmail.domain.addressing import ListText
from smartmail.formats.headers import Header
from smartmail.service.flow.addressing import leaving, posting
from smartmail.service.flow.addressing.posting import Author, Dress, Facts, dressed, judge

PLAIN = Facts(100, attached=False, automatic=False, been_here=False)
ADDRESS = "all@a.example"


def author(inside=False, member=False, moderator=False, proven=True):
    return Author(inside, member, moderator, proven)


def settings(**facts):
    return ListText(**{"name": "전체", "owners": ("kim@a.example",), **facts})


@pytest.mark.parametrize(
    ("post", "who", "allowed"),
    [
        ("anyone", author(), True),
        ("inside", author(), False),
        ("inside", author(inside=True), True),
        ("members", author(inside=True), False),
        ("members", author(member=True), True),
        ("members", author(member=True, proven=False), False),
        ("moderators", author(inside=True, member=True), False),
        ("moderators", author(moderator=True), True),
        ("moderators", author(moderator=True, proven=False), False),
    ],
)
def test_who_may_post(post, who, allowed):
    assert judge(settings(post=post), who, PLAIN)[0] == ("post" if allowed else "refuse")
    strangers = judge(settings(post=post, moderation="strangers"), who, PLAIN)[0]
    assert strangers == ("post" if allowed else "hold")
    everybody = judge(settings(post=post, moderation="all"), who, PLAIN)[0]
    assert everybody == ("post" if who.moderator and who.proven else "hold")


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (Facts(100, attached=False, automatic=False, been_here=True), posting.LOOP),
        (Facts(100, attached=False, automatic=True, been_here=False), posting.AUTOMATIC),
        (Facts(101, attached=False, automatic=False, been_here=False), posting.TOO_LARGE),
        (Facts(100, attached=True, automatic=False, been_here=False), posting.ATTACHED),
    ],
)
def test_limits_hold_for_moderators_too(facts, why):
    strict = settings(post="anyone", max_octets=100, attachments=False)
    assert judge(strict, author(moderator=True), facts) == ("refuse", why)
    assert why in posting.REFUSALS


def test_every_verdict_is_one_of_three():
    flags = list(itertools.product([False, True], repeat=4))
    for post, moderation in itertools.product(
        ("anyone", "inside", "members", "moderators"), ("never", "strangers", "all")
    ):
        for who in flags:
            verdict, why = judge(settings(post=post, moderation=moderation), Author(*who), PLAIN)
            assert verdict in {"post", "hold", "refuse"}
            assert verdict != "refuse" or why in posting.REFUSALS
            assert verdict != "refuse" or moderation == "never"


def header(octets: bytes) -> Header:
    return Header(octets)


BLOCK = (
    b"Return-Path: <x@c.example>\r\nFrom: Out <out@c.example>\r\nTo: all@a.example\r\nSubject: hello\r\n"
    b"List-Id: old\r\nDisposition-Notification-To: out@c.example\r\nX-Long: a\r\n b\r\nDKIM-Signature: v=1\r\n"
)


def test_a_plain_list_leaves_what_an_author_signed():
    made = Header(dressed(header(BLOCK), Dress(ADDRESS, settings(), rewritten=False)))
    for name in ("from", "to", "subject", "x-long", "dkim-signature"):
        assert made.all(name) == header(BLOCK).all(name), name
    assert made.text("list-id") == "전체 <all.a.example>"
    assert made.all("return-path") == made.all("disposition-notification-to") == []
    assert made.text("precedence") == "list"


def test_a_prefix_is_set_once():
    dress = Dress(ADDRESS, settings(prefix="[전체]"), rewritten=False)
    once = dressed(header(BLOCK), dress)
    assert Header(once).text("subject") == "[전체] hello"
    assert Header(dressed(Header(once), dress)).text("subject") == "[전체] hello"


def test_a_rewritten_from_leaves_the_author_reachable():
    made = Header(dressed(header(BLOCK), Dress(ADDRESS, settings(), rewritten=True)))
    assert made.text("from") == "Out via 전체 <all@a.example>"
    assert made.text("reply-to") == "Out <out@c.example>"
    both = Header(dressed(header(BLOCK), Dress(ADDRESS, settings(reply_to="list"), rewritten=True)))
    assert posting.addresses_of(both, "reply-to") == {ADDRESS, "out@c.example"}


def test_a_list_that_only_moderators_write_to_says_so():
    made = Header(dressed(header(BLOCK), Dress(ADDRESS, settings(post="moderators"), rewritten=False)))
    assert made.first("list-post") == b"NO"


@pytest.mark.parametrize("rewritten", [False, True])
def test_br_10_nobody_can_answer_a_notice_to_all(rewritten):
    block = (
        b"From: Boss <boss@a.example>\r\nTo: all@a.example, kim@a.example\r\nCc: lee@a.example\r\nSubject: hello\r\n"
    )
    made = Header(dressed(header(block), Dress(ADDRESS, settings(notice=True, reply_to="list"), rewritten=rewritten)))
    assert [len(made.all(name)) for name in ("to", "cc", "reply-to")] == [1, 0, 1]
    # Whoever answers to all writes to these: the author alone.
    everybody = set().union(*(posting.addresses_of(made, name) for name in ("reply-to", "to", "cc")))
    assert everybody == {"boss@a.example"}
    assert made.text("to") == "전체:;"
    assert made.first("list-post") == b"NO"


def test_nothing_of_a_name_becomes_a_field():
    made = dressed(header(BLOCK), Dress(ADDRESS, settings(name="x\r\nBcc: evil@c.example"), rewritten=True))
    assert Header(made).all("bcc") == []


def test_the_lists_own_field_ends_a_loop():
    made = Header(dressed(header(BLOCK), Dress(ADDRESS, settings(), rewritten=False)))
    assert posting.been_here(made, ADDRESS)
    assert not posting.been_here(header(BLOCK), ADDRESS)


def mac(purpose, octets):
    return hmac.digest(b"key", str(purpose).encode() + octets, hashlib.sha256)


def test_a_token_takes_one_member_off_one_list():
    token = leaving.token(ADDRESS, "out@c.example", mac)
    assert leaving.read_token(token, mac) == (ADDRESS, "out@c.example")
    for index in range(len(token)):
        changed = token[:index] + ("A" if token[index] != "A" else "B") + token[index + 1 :]
        found = leaving.read_token(changed, mac)
        assert found in {None, (ADDRESS, "out@c.example")}  # the last letter may hold bits that count for nothing
    for text in ("", "é", "=", "A" * 2000, "!!!!"):
        assert leaving.read_token(text, mac) is None


def test_the_fields_are_those_of_one_click():
    made = Header(leaving.fields("https://mail.a.example", "TOKEN", "all-request@a.example"))
    assert made.first("list-unsubscribe-post") == b"List-Unsubscribe=One-Click"
    assert b"<https://mail.a.example/lists/leave/TOKEN>" in made.first("list-unsubscribe")
