"""Grammar of commands that extensions brought: what is read, and what is refused with which answer."""

import pytest

from smartmail.proto.imap import commands as c
from smartmail.proto.imap import search_keys as k
from smartmail.proto.imap.capability import ENABLE, Offer, names
from smartmail.proto.imap.grammar import Bad, Parsed, Refused, parse, parse_append, parse_append_next
from smartmail.proto.imap.grammar_append import Begin, End, TextPart, Url
from smartmail.proto.imap.numbers import SAVED, NumberSet
from smartmail.proto.imap.states import State


def read(text, *literals):
    parsed = parse(b"t " + text.encode(), literals)
    assert isinstance(parsed, Parsed), parsed
    return parsed.command


# -- QRESYNC, PARTIAL, SEARCHRES ---------------------------------------------------------------------------------------


def test_select_with_what_the_client_knows():
    found = read("SELECT INBOX (QRESYNC (67890007 20050715194045000 41:211,214 (1,29,31 5,210,211)))").resync
    assert (found.uidvalidity, found.modseq, found.known) == (
        67890007,
        20050715194045000,
        NumberSet(((41, 211), (214, 214))),
    )
    assert [one.ranges for one in found.matches] == [((1, 1), (29, 29), (31, 31)), ((5, 5), (210, 210), (211, 211))]
    assert read("EXAMINE a (CONDSTORE QRESYNC (1 2))").resync == c.Resync(1, 2)


def test_fetch_modifiers():
    found = read("UID FETCH 300:500 (FLAGS) (CHANGEDSINCE 12345 VANISHED)")
    assert (found.changed_since, found.vanished) == (12345, True)
    assert read("UID FETCH 1:* FLAGS (PARTIAL -1:-30)").partial == (-1, -30)
    assert read("FETCH $ FLAGS").numbers == SAVED


def test_search_options():
    found = read("UID SEARCH RETURN (PARTIAL 23500:24000 SAVE) UIDAFTER 7 YOUNGER 60")
    assert found.partial == (23500, 24000)
    assert found.returns == {c.SearchReturn.PARTIAL, c.SearchReturn.SAVE}
    assert found.key == k.And((k.UidBound(7, after=True), k.Within(60, younger=True)))
    assert read("SEARCH RETURN () ALL").returns == {c.SearchReturn.ALL}
    assert read("SEARCH SAVEDON 1-Feb-1994").key == k.Date(k.DateField.SAVED, k.DateTest.ON, 8797)


def test_sort_and_thread():
    found = read("SORT RETURN (COUNT) (SUBJECT REVERSE DATE) UTF-8 ALL")
    assert found.criteria == ((c.SortField.SUBJECT, False), (c.SortField.DATE, True))
    assert read("UID THREAD orderedsubject US-ASCII UNSEEN").method is c.ThreadMethod.ORDEREDSUBJECT


def test_esearch_in():
    found = read('ESEARCH IN (mailboxes ("a b" c) subtree-one d selected) RETURN (COUNT) UNSEEN')
    assert found.filters == (
        c.MailboxFilter(c.Where.MAILBOXES, ("a b", "c")),
        c.MailboxFilter(c.Where.SUBTREE_ONE, ("d",)),
        c.MailboxFilter(c.Where.SELECTED),
    )
    assert read("ESEARCH ALL").filters == (c.MailboxFilter(c.Where.SELECTED),)


# -- NOTIFY, METADATA, QUOTA, ACL --------------------------------------------------------------------------------------


def test_notify():
    found = read(
        "NOTIFY SET STATUS (selected MessageNew (UID FLAGS) MessageExpunge)".replace("selected M", "selected (M") + ")"
    )
    (group,) = found.groups
    assert found.status
    assert group.events == {"MESSAGENEW", "MESSAGEEXPUNGE"}
    assert len(group.fetch) == 2
    assert read("NOTIFY NONE") == c.Notify()
    assert read("NOTIFY SET (inboxes NONE)").groups[0].events == frozenset()


def test_metadata():
    assert read("GETMETADATA (MAXSIZE 1024 DEPTH 1) INBOX (/Shared/Comment)") == c.GetMetadata(
        "INBOX", ("/shared/comment",), 1024, 1
    )
    assert read('GETMETADATA "" /private/a').mailbox == ""
    assert read("GETMETADATA (DEPTH infinity) a /private/a").depth is None
    assert read('SETMETADATA a (/private/a "x" /shared/b NIL)').values == (("/private/a", b"x"), ("/shared/b", None))


def test_quota_and_acl():
    assert read('SETQUOTA "" (STORAGE 512 message 5)').limits == (("STORAGE", 512), ("MESSAGE", 5))
    assert read("SETACL INBOX kim +lrs") == c.SetAcl("INBOX", "kim", "+", "lrs")
    assert read('SETACL INBOX kim ""') == c.SetAcl("INBOX", "kim", "", "")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a (QRESYNC)", "SELECT a (QRESYNC (0 1))", "SELECT a (QRESYNC (1 1 $))", "SELECT a (QRESYNC (1 1 1:* ))",
        "UID FETCH 1 FLAGS (VANISHED)", "FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)", "FETCH 1 FLAGS (PARTIAL 1:-2)",
        "UID SEARCH RETURN (ALL PARTIAL 1:2) ALL", "UID SEARCH RETURN (PARTIAL 0:5) ALL", "SEARCH YOUNGER 0",
        "SORT () UTF-8 ALL", "SORT (REVERSE) UTF-8 ALL", "THREAD X UTF-8 ALL", "ESEARCH IN () ALL",
        "ESEARCH IN (mailboxes ()) ALL", "NOTIFY", "NOTIFY SET", "NOTIFY SET (selected MessageNew)", "NOTIFY SET (inboxes ())",
        "NOTIFY SET (selected (MessageNew))", "NOTIFY SET (selected (FlagChange))",
        "NOTIFY SET (inboxes (MessageNew (UID) MessageExpunge))", "NOTIFY SET (subtree-one a (MailboxName))",
        "GETMETADATA a", "GETMETADATA (DEPTH 2) a /private/a", "GETMETADATA a private/a", "GETMETADATA a /private/*",
        "GETMETADATA a /private//a", "SETMETADATA a ()", "SETMETADATA a (/private/a)", "SETQUOTA a (STORAGE -1)",
        "SETACL a kim LR", "SETACL a kim", "MYRIGHTS", "COMPRESS", "UNAUTHENTICATE x", "GETJMAPACCESS x",
    ],
)  # fmt: skip
def test_mistakes_are_bad(text):
    assert isinstance(parse(b"t " + text.encode(), ()), Bad), text


def test_what_is_right_and_not_offered_is_no():
    found = parse(b"t NOTIFY SET (personal (MailboxMetadataChange))", ())
    assert isinstance(found, Refused)
    assert found.code.startswith("BADEVENT (MessageNew ")
    found = parse(b"t SORT (DATE) KOI8-R ALL", ())
    assert isinstance(found, Refused)
    assert found.code.startswith("BADCHARSET")


# -- CATENATE and REPLACE ----------------------------------------------------------------------------------------------


def test_catenate_comes_in_steps():
    first = parse_append(b't APPEND Drafts (\\Draft) CATENATE (URL "/a/;UID=1" TEXT {5+}\r\n', ())
    assert [type(step) for step in first.steps] == [Begin, Url, TextPart]
    assert first.steps[0].head.flags == ("\\Draft",)
    more = parse_append_next(b' URL "/b/;UID=2") (\\Seen) {3+}\r\n', first.steps[0].head, is_open=True)
    assert [type(step) for step in more] == [Url, End, Begin]
    assert more[2].head.flags == ("\\Seen",)
    assert not more[2].head.catenate


def test_replace_names_one_message():
    head = parse_append(b"t UID REPLACE 7 Sent (\\Seen) {5+}\r\n", ()).head
    assert (head.mailbox, head.replaces, head.uid, head.name) == ("Sent", NumberSet(((7, 7),)), True, "UID REPLACE")
    assert isinstance(parse_append(b"t REPLACE 1,2 Sent {5+}\r\n", ()), Bad)
    second = parse_append_next(b" {3+}\r\n", head, is_open=False)
    assert isinstance(second, list)


# -- capabilities ------------------------------------------------------------------------------------------------------


def told(state, *, tls, compressed=False, **offer):
    return set(names(Offer(**offer), state, tls=tls, compressed=compressed))


def test_capabilities_hold_for_the_connection_as_it_is():
    before = told(State.NOT_AUTHENTICATED, tls=False)
    assert {"STARTTLS", "LOGINDISABLED", "LITERAL-", "IMAP4rev1", "IMAP4rev2"} <= before
    assert not any(name.startswith("AUTH=") for name in before)
    secure = told(State.NOT_AUTHENTICATED, tls=True)
    assert "AUTH=PLAIN" in secure
    assert not secure & {"STARTTLS", "LOGINDISABLED"}
    within = told(State.AUTHENTICATED, tls=True, compress=True)
    assert within == told(State.SELECTED, tls=True, compress=True)
    assert {"LITERAL+", "COMPRESS=DEFLATE", "QRESYNC", "UIDONLY", "NOTIFY"} <= within
    assert not within & {"STARTTLS", "LITERAL-", "SASL-IR"}
    assert "COMPRESS=DEFLATE" not in told(State.AUTHENTICATED, tls=True, compress=True, compressed=True)
    assert "COMPRESS=DEFLATE" not in told(State.AUTHENTICATED, tls=True)
    assert "NOTIFY" not in told(State.AUTHENTICATED, tls=True, hidden=frozenset({"NOTIFY"}))


def test_what_enable_turns_on_is_announced():
    within = {name.upper() for name in told(State.AUTHENTICATED, tls=True)}
    assert set(ENABLE) <= within
