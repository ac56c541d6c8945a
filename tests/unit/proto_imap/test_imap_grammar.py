"""Commands as text → commands as objects."""

from datetime import UTC, datetime

import pytest

from smartmail.base.text import fold
from smartmail.proto.imap import commands as c
from smartmail.proto.imap import search_keys as k
from smartmail.proto.imap.fetch_items import BodySection, Item, Text
from smartmail.proto.imap.grammar import Bad, Parsed, ParsedAppend, Refused, parse, parse_append
from smartmail.proto.imap.limits import FETCH_ITEMS, SEARCH_DEPTH
from smartmail.proto.imap.numbers import SAVED, STAR, NumberSet


def one(text: str, *literals: bytes, utf8: bool = False):
    parsed = parse(b"t " + text.encode(), literals, utf8=utf8)
    assert isinstance(parsed, Parsed), parsed
    return parsed.command


def bad(text: str, *literals: bytes, utf8: bool = False) -> str:
    parsed = parse(b"t " + text.encode(), literals, utf8=utf8)
    assert isinstance(parsed, Bad), parsed
    assert parsed.tag == b"t"
    return parsed.text


def key(text: str, *literals: bytes, utf8: bool = False):
    return one("SEARCH " + text, *literals, utf8=utf8).key


ALL_NUMBERS = NumberSet(((1, STAR),))


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("noop", c.Noop()),
        ('ID ("a" NIL "b" "c")', c.Id((("a", None), ("b", "c")))),
        ("AUTHENTICATE plain =", c.Authenticate("PLAIN", b"")),
        ('LOGIN "a\\"b" c]', c.Login('a"b', "c]")),
        ("ENABLE condstore CONDSTORE", c.Enable(("CONDSTORE",))),
        ("SELECT iNbOx", c.Select("INBOX")),
        ("EXAMINE x (condstore)", c.Select("x", read_only=True, condstore=True)),
        ("CREATE &1VytbA-", c.Create("한구")),
        ("CREATE x (USE (\\sent \\SENT))", c.Create("x", ("\\Sent",))),
        ("RENAME a b", c.Rename("a", "b")),
        ("LSUB # %", c.Lsub("#", "%")),
        ("STATUS x (UNSEEN SIZE)", c.Status("x", (c.StatusItem.UNSEEN, c.StatusItem.SIZE))),
        ('LIST "" *', c.List("", ("*",))),
        (
            'LIST (SUBSCRIBED RECURSIVEMATCH) "" (a% "b") RETURN (CHILDREN STATUS (MESSAGES))',
            c.List(
                "",
                ("a%", "b"),
                frozenset({c.ListSelect.SUBSCRIBED, c.ListSelect.RECURSIVEMATCH}),
                frozenset({c.ListReturn.CHILDREN}),
                (c.StatusItem.MESSAGES,),
                extended=True,
            ),
        ),
        ("UID EXPUNGE 3:1", c.Expunge(NumberSet(((1, 3),)))),
        ("COPY 2,*:4 x", c.Copy(NumberSet(((2, 2), (4, STAR))), "x")),
        ("UID MOVE 1:* x", c.Move(ALL_NUMBERS, "x", uid=True)),
        ("STORE 1 -flags.silent \\seen $A", c.Store(NumberSet(((1, 1),)), c.StoreMode.REMOVE, ("\\Seen", "$A"), True)),
        (
            "UID STORE 1:* (UNCHANGEDSINCE 12) FLAGS (\\Recent)",
            c.Store(ALL_NUMBERS, c.StoreMode.REPLACE, (), uid=True, unchanged_since=12),
        ),
        ("FETCH 1:* ALL", c.Fetch(ALL_NUMBERS, (Item.FLAGS, Item.INTERNALDATE, Item.RFC822_SIZE, Item.ENVELOPE))),
        ("UID FETCH 1:* FLAGS", c.Fetch(ALL_NUMBERS, (Item.UID, Item.FLAGS), uid=True)),
        (
            "UID FETCH 1:* (FLAGS UID FLAGS) (CHANGEDSINCE 9)",
            c.Fetch(ALL_NUMBERS, (Item.FLAGS, Item.UID), uid=True, changed_since=9),
        ),
    ],
)
def test_commands(text, command):
    assert one(text) == command


@pytest.mark.parametrize(
    ("item", "section"),
    [
        ("BODY[]", BodySection()),
        ("body.peek[text]<5.10>", BodySection((), Text.TEXT, partial=(5, 10), peek=True, label=b"BODY[TEXT]")),
        ("BODY[1.2]", BodySection((1, 2), label=b"BODY[1.2]")),
        ("BODY[1.mime]", BodySection((1,), Text.MIME, label=b"BODY[1.MIME]")),
        (
            'BODY[2.HEADER.FIELDS (from "x-y" "x(z")]',
            BodySection((2,), Text.FIELDS, ("FROM", "X-Y", "X(Z"), label=b'BODY[2.HEADER.FIELDS (FROM X-Y "X(Z")]'),
        ),
        ("BODY[HEADER.FIELDS.NOT (A)]", BodySection((), Text.FIELDS_NOT, ("A",), label=b"BODY[HEADER.FIELDS.NOT (A)]")),
        ("RFC822.HEADER", BodySection((), Text.HEADER, peek=True, label=b"RFC822.HEADER")),
        ("RFC822", BodySection(label=b"RFC822")),
    ],
)
def test_sections(item, section):
    assert one(f"FETCH 1 ({item})").items == (section,)
    assert one(f"FETCH 1 {item}").items == (section,)


def test_header_field_as_a_literal():
    items = one("FETCH 1 BODY.PEEK[HEADER.FIELDS ({4}\r\n)]", b"Date").items
    assert items[0].fields == ("DATE",)


def test_seen_is_set_by_bodies_without_peek():
    assert one("FETCH 1 (FLAGS BODY[TEXT])").sets_seen
    assert one("FETCH 1 RFC822").sets_seen
    assert not one("FETCH 1 (RFC822.HEADER BODY.PEEK[] BODY BODYSTRUCTURE)").sets_seen


def test_search_keys():
    assert key("1,3 UNSEEN") == k.And((k.Numbers(NumberSet(((1, 1), (3, 3))), uid=False), k.Not(k.Flag("\\Seen"))))
    assert key("OR NOT (FROM A SUBJECT {2}\r\n) UID 7", b"Bc") == k.Or(
        k.Not(k.And((k.Header("from", "a"), k.Header("subject", "bc")))), k.Numbers(NumberSet(((7, 7),)), uid=True)
    )
    assert key('SENTSINCE "1-Jan-1970"') == k.Date(k.DateField.SENT, k.DateTest.SINCE, 0)
    assert key("BEFORE 31-Dec-1969") == k.Date(k.DateField.INTERNAL, k.DateTest.BEFORE, -1)
    assert key("KEYWORD $Junk UNKEYWORD x") == k.And((k.Flag("$Junk"), k.Not(k.Flag("x"))))
    assert key("HEADER X-Spam ''") == k.Header("x-spam", "''")
    assert key('MODSEQ "/flags/\\\\seen" priv 12') == k.ModSeq(12)
    assert key("LARGER 99999999999") == k.Larger(99_999_999_999)
    assert key("THREADID T1") == k.ObjectId("T1", thread=True)
    assert key("((ALL))") == k.All()


@pytest.mark.parametrize(
    ("charset", "octets"),
    [
        ("UTF-8", "회의".encode()),
        ("euc-kr", "회의".encode("cp949")),
        ("ISO-2022-KR", "회의".encode("iso2022_kr")),
        ("KS_C_5601-1987", "회의".encode("cp949")),
    ],
)
def test_search_text_is_decoded_by_its_charset(charset, octets):
    assert key(f"CHARSET {charset} TEXT {{{len(octets)}}}\r\n", octets) == k.Text(fold("회의"))


def test_search_text_is_folded():
    assert key('TEXT "ＡＢＣ ﬁ STRASSE"') == k.Text("abc fi strasse")


def test_search_refusals():
    refused = parse(b"t SEARCH CHARSET NO-SUCH ALL")
    assert isinstance(refused, Refused)
    assert refused.code.startswith("BADCHARSET (")
    assert bad("SEARCH TEXT {1}\r\n", b"\xff") == "text is not in the charset of the command"
    assert bad("SEARCH CHARSET UTF-8 ALL", utf8=True).startswith("CHARSET is not allowed")
    assert bad("SEARCH " + "NOT " * (SEARCH_DEPTH + 2) + "ALL") == "search program too large"
    assert bad("SEARCH " + "(" * 30_000 + "ALL" + ")" * 30_000) == "search program too large"
    assert bad("SEARCH " + " ".join(["ALL"] * 5_000)) == "search program too large"
    assert isinstance(key("NOT " * (SEARCH_DEPTH - 1) + "ALL"), k.Not)
    assert bad("SEARCH ON 31-Feb-2024") == "invalid date"
    assert key("UID $") == k.Numbers(SAVED, uid=True)
    assert key("$") == k.Numbers(SAVED, uid=False)


@pytest.mark.parametrize(
    "text",
    [
        "NOOP ",
        "NOOP x",
        "SELECT",
        "SELECT a b",
        'SELECT ""',
        'SELECT "a',
        'SELECT "a\\x"',
        "SELECT a (FOO)",
        "SELECT &",
        "SELECT &AGE",
        "SELECT &AGEAYg-",
        "FETCH 1",
        "FETCH 1 ()",
        "FETCH 1 (ALL)",
        "FETCH 1 FANTASY",
        "FETCH 1 BODY[0]",
        "FETCH 1 BODY[1.]",
        "FETCH 1 BODY[1TEXT]",
        "FETCH 1 BODY[.TEXT]",
        "FETCH 1 BODY[HEADER.FIELDS ()]",
        "FETCH 1 BODY[TEXT]<0.0>",
        "FETCH 1 BODY[TEXT]<5>",
        "FETCH 1 BODY[HEADER.FIELDS (a:b)]",
        "FETCH 0 FLAGS",
        "FETCH 1:0 FLAGS",
        "FETCH 4294967296 FLAGS",
        "FETCH 1: FLAGS",
        "FETCH 1:2:3 FLAGS",
        "FETCH $,1 FLAGS",
        "STORE 1 FLAG (x)",
        "STORE 1 +FLAGS.LOUD (x)",
        "STORE 1 FLAGS (\\*)",
        "STATUS x ()",
        'LIST (RECURSIVEMATCH) "" *',
        'LIST "" ()',
        'LIST "" * RETURN',
        "SEARCH",
        "SEARCH OR ALL",
        "SEARCH NOT",
        "SEARCH FROM",
        "SEARCH RETURN ALL",
        "SEARCH RETURN (X) ALL",
        "UID",
        "UID UID FETCH 1 FLAGS",
        "ID x",
        "CREATE a (USE)",
        "AUTHENTICATE",
    ],
)
def test_mistakes_are_bad_with_the_tag(text):
    assert bad(text)


def test_append_head():
    parsed = parse_append(b't APPEND inbox (\\Seen k) "17-Jul-1996 02:44:25 -0700" {310}\r\n', ())
    assert isinstance(parsed, ParsedAppend)
    (begin,) = parsed.steps
    head = begin.head
    assert head == c.AppendHead("INBOX", ("\\Seen", "k"), head.date)
    assert head.date == datetime(1996, 7, 17, 9, 44, 25, tzinfo=UTC)
    for text in (
        b't APPEND inbox "31-Feb-1996 02:44:25 -0700" {3}\r\n',
        b't APPEND inbox "01-Foo-1996 02:44:25 -0700" {3}\r\n',
        b't APPEND inbox "01-Jan-0000 02:44:25 -0700" {3}\r\n',
        b't APPEND inbox "01-Jan-0001 00:00:00 +9959" {3}\r\n',
        b"t APPEND inbox x {3}\r\n",
        b"t APPEND inbox (\\Seen) CATENATE (TXT {3}\r\n",
        b"t APPEND inbox (\\Seen) CATENATE (",
        b"t APPEND inbox CATENATE ()",
        b"t REPLACE 1:2 inbox {3}\r\n",
        b"t APPEND {3}\r\n",
    ):
        assert isinstance(parse_append(text, ()), Bad), text


def test_utf8_names_only_when_enabled():
    assert one('SELECT "회의 & 일정"', utf8=True) == c.Select("회의 & 일정")
    assert one("SELECT a&b", utf8=True) == c.Select("a&b")
    assert "UTF8=ACCEPT" in bad('SELECT "회의"')
    assert bad('SELECT "a\u2028b"', utf8=True) == "control character in a mailbox name"


def test_condstore_commands():
    for text in (
        "SELECT x (CONDSTORE)",
        "FETCH 1 (MODSEQ)",
        "FETCH 1 FLAGS (CHANGEDSINCE 1)",
        "STORE 1 (UNCHANGEDSINCE 1) FLAGS ()",
        "SEARCH OR NOT MODSEQ 1 ALL",
        "STATUS x (HIGHESTMODSEQ)",
        'LIST "" * RETURN (STATUS (HIGHESTMODSEQ))',
    ):
        assert c.enables_condstore(one(text)), text
    for text in ("SELECT x", "FETCH 1 FLAGS", "STORE 1 FLAGS ()", "SEARCH ALL", "STATUS x (UNSEEN)", "NOOP"):
        assert not c.enables_condstore(one(text)), text


def test_a_fetch_of_more_items_than_are_made_for_each_message_is_refused():
    """RFC 5530 §3: the same item twice is one; LIMIT says that the command is well formed."""
    fields = [f"BODY.PEEK[HEADER.FIELDS (X{number})]" for number in range(FETCH_ITEMS)]
    assert len(one(f"FETCH 1 ({' '.join(fields + fields)})").items) == FETCH_ITEMS
    parsed = parse(f"t FETCH 1 ({' '.join(fields)} UID)".encode(), ())
    assert isinstance(parsed, Refused)
    assert (parsed.tag, parsed.code) == (b"t", "LIMIT")
