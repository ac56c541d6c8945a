"""The SEARCH program (RFC 3501 §6.4.4, RFC 4731, RFC 7162 §3.1.5, RFC 8474 §6).

Text is decoded by the charset of the command and folded here, once, so that `search.py` compares plain strings.
"""

import re
from collections.abc import Callable
from datetime import date as calendar_date
from typing import Final

from smartmail.base.text import fold
from smartmail.proto.imap.commands import Search, SearchReturn
from smartmail.proto.imap.cursor import SYSTEM_FLAGS, Cursor, GrammarError
from smartmail.proto.imap.grammar_mailbox import MONTHS
from smartmail.proto.imap.limits import SEARCH_DEPTH, SEARCH_KEYS
from smartmail.proto.imap.search_keys import (
    All,
    And,
    Body,
    Date,
    DateField,
    DateTest,
    Flag,
    Header,
    Key,
    Larger,
    ModSeq,
    Not,
    Numbers,
    ObjectId,
    Or,
    Smaller,
    Text,
)

CHARSETS: Final = {
    "US-ASCII": "ascii",
    "UTF-8": "utf-8",
    # Older clients in Korea, Japan and China send what their mail is written in. EUC-KR is decoded as its superset.
    "EUC-KR": "cp949",
    "KS_C_5601-1987": "cp949",
    "CP949": "cp949",
    "WINDOWS-949": "cp949",
    "ISO-2022-KR": "iso2022_kr",
    "ISO-2022-JP": "iso2022_jp",
    "SHIFT_JIS": "cp932",
    "EUC-JP": "euc_jp",
    "GB2312": "gb18030",
    "GBK": "gb18030",
    "GB18030": "gb18030",
    "BIG5": "big5hkscs",
    "ISO-8859-1": "cp1252",
    "WINDOWS-1252": "cp1252",
}
_WORD: Final = re.compile(rb"[A-Za-z]{1,10}")
_DATE: Final = re.compile(rb'("?)([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4})\1')
_EPOCH: Final = calendar_date(1970, 1, 1).toordinal()
_ENTRY_TYPES: Final = {"PRIV", "SHARED", "ALL"}
_NEW: Final = And((Flag("\\Recent"), Not(Flag("\\Seen"))))


def search(cursor: Cursor) -> Search:
    return _search(cursor, uid=False)


def uid_search(cursor: Cursor) -> Search:
    return _search(cursor, uid=True)


def _search(cursor: Cursor, *, uid: bool) -> Search:
    cursor.space()
    returns = None
    if _peek_word(cursor) == "RETURN":
        cursor.word("RETURN")
        cursor.space()
        returns = _returns(cursor)
        cursor.space()
    charset = None
    if _peek_word(cursor) == "CHARSET":
        cursor.word("CHARSET")
        cursor.space()
        charset = _charset(cursor)
        cursor.space()
    return Search(_Reader(cursor, charset).program(), uid, returns)


def _peek_word(cursor: Cursor) -> str:
    found = _WORD.match(cursor.text, cursor.position)
    return found.group().decode("ascii").upper() if found else ""


def _returns(cursor: Cursor) -> frozenset[SearchReturn]:
    words = cursor.list_of(lambda: cursor.word("return option"), empty=True)
    try:
        # RFC 4731 §3.1: an empty list means ALL.
        return frozenset(SearchReturn(word) for word in words) or frozenset({SearchReturn.ALL})
    except ValueError:
        raise GrammarError("unknown return option") from None


def _charset(cursor: Cursor) -> str:
    name = cursor.unicode(cursor.astring()).upper()
    if cursor.utf8:
        # RFC 6855 §3: after ENABLE UTF8=ACCEPT a SEARCH with CHARSET is BAD.
        raise GrammarError("CHARSET is not allowed after UTF8=ACCEPT")
    codec = CHARSETS.get(name)
    if codec is None:
        raise GrammarError("unknown charset", no=True, code="BADCHARSET (UTF-8 US-ASCII EUC-KR)")
    return codec


class _Reader:
    """Reads keys; `depth` and `count` are bounded so that neither stack nor time is the client's."""

    __slots__ = ("_codec", "_count", "_cursor")

    def __init__(self, cursor: Cursor, codec: str | None) -> None:
        self._cursor = cursor
        # Without CHARSET the text is US-ASCII; UTF-8 holds that and is what clients mean otherwise.
        self._codec = codec or "utf-8"
        self._count = 0

    def program(self) -> Key:
        keys = [self._key(0)]
        while not self._cursor.ended:
            self._cursor.space()
            keys.append(self._key(0))
        return keys[0] if len(keys) == 1 else And(tuple(keys))

    def _key(self, depth: int) -> Key:
        self._count += 1
        if depth > SEARCH_DEPTH or self._count > SEARCH_KEYS:
            raise GrammarError("search program too large")
        cursor = self._cursor
        if cursor.at(b"("):
            keys = cursor.list_of(lambda: self._key(depth + 1))
            return keys[0] if len(keys) == 1 else And(tuple(keys))
        if cursor.text[cursor.position : cursor.position + 1] in _SET_START:
            return Numbers(cursor.numbers(), uid=False)
        word = cursor.word("search key")
        simple = _SIMPLE.get(word)
        if simple is not None:
            return simple
        cursor.space()
        if word == "NOT":
            return Not(self._key(depth + 1))
        if word == "OR":
            left = self._key(depth + 1)
            cursor.space()
            return Or(left, self._key(depth + 1))
        reader = _ARGUMENT.get(word)
        if reader is None:
            raise GrammarError("unknown search key")
        return reader(self)

    def _text(self) -> str:
        octets = self._cursor.astring()
        try:
            return fold(octets.decode(self._codec))
        except UnicodeDecodeError:
            raise GrammarError("text is not in the charset of the command") from None

    def header(self) -> Key:
        field = self._cursor.unicode(self._cursor.astring()).lower()
        if not field or not field.isascii() or not field.isprintable() or ":" in field or " " in field:
            raise GrammarError("invalid header field name")
        self._cursor.space()
        return Header(field, self._text())

    def header_of(self, field: str) -> Key:
        return Header(field, self._text())

    def body(self) -> Key:
        return Body(self._text())

    def text(self) -> Key:
        return Text(self._text())

    def keyword(self) -> Key:
        return Flag(self._keyword())

    def unkeyword(self) -> Key:
        return Not(Flag(self._keyword()))

    def _keyword(self) -> str:
        flag = self._cursor.atom("keyword")
        return SYSTEM_FLAGS.get(flag.casefold(), flag)

    def date(self, field: DateField, test: DateTest) -> Key:
        cursor = self._cursor
        found = _DATE.match(cursor.text, cursor.position)
        month = MONTHS.get(found[3].decode("ascii").upper()) if found else None
        if found is None or month is None:
            raise GrammarError("invalid date")
        cursor.position = found.end()
        try:
            day = calendar_date(int(found[4]), month, int(found[2])).toordinal() - _EPOCH
        except ValueError:
            raise GrammarError("invalid date") from None
        return Date(field, test, day)

    def larger(self) -> Key:
        return Larger(self._cursor.number64("size"))

    def smaller(self) -> Key:
        return Smaller(self._cursor.number64("size"))

    def uid(self) -> Key:
        return Numbers(self._cursor.numbers(), uid=True)

    def modseq(self) -> Key:
        """RFC 7162 §3.1.5: `MODSEQ ["entry" type] value`."""
        cursor = self._cursor
        if cursor.at(b'"'):
            cursor.string()
            cursor.space()
            if cursor.word("entry type") not in _ENTRY_TYPES:
                raise GrammarError("unknown entry type")
            cursor.space()
        return ModSeq(cursor.number64("mod-sequence"))

    def object_id(self, *, thread: bool) -> Key:
        return ObjectId(self._cursor.unicode(self._cursor.astring()), thread)


_SET_START: Final = frozenset({b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8", b"9", b"*", b"$"})

_SIMPLE: Final[dict[str, Key]] = {
    "ALL": All(),
    "ANSWERED": Flag("\\Answered"),
    "DELETED": Flag("\\Deleted"),
    "DRAFT": Flag("\\Draft"),
    "FLAGGED": Flag("\\Flagged"),
    "RECENT": Flag("\\Recent"),
    "SEEN": Flag("\\Seen"),
    "UNANSWERED": Not(Flag("\\Answered")),
    "UNDELETED": Not(Flag("\\Deleted")),
    "UNDRAFT": Not(Flag("\\Draft")),
    "UNFLAGGED": Not(Flag("\\Flagged")),
    "UNSEEN": Not(Flag("\\Seen")),
    "NEW": _NEW,
    "OLD": Not(Flag("\\Recent")),
}


def _on(field: DateField, test: DateTest) -> Callable[[_Reader], Key]:
    return lambda reader: reader.date(field, test)


def _in(field: str) -> Callable[[_Reader], Key]:
    return lambda reader: reader.header_of(field)


_ARGUMENT: Final[dict[str, Callable[[_Reader], Key]]] = {
    "BCC": _in("bcc"),
    "CC": _in("cc"),
    "FROM": _in("from"),
    "SUBJECT": _in("subject"),
    "TO": _in("to"),
    "HEADER": _Reader.header,
    "BODY": _Reader.body,
    "TEXT": _Reader.text,
    "KEYWORD": _Reader.keyword,
    "UNKEYWORD": _Reader.unkeyword,
    "BEFORE": _on(DateField.INTERNAL, DateTest.BEFORE),
    "ON": _on(DateField.INTERNAL, DateTest.ON),
    "SINCE": _on(DateField.INTERNAL, DateTest.SINCE),
    "SENTBEFORE": _on(DateField.SENT, DateTest.BEFORE),
    "SENTON": _on(DateField.SENT, DateTest.ON),
    "SENTSINCE": _on(DateField.SENT, DateTest.SINCE),
    "LARGER": _Reader.larger,
    "SMALLER": _Reader.smaller,
    "UID": _Reader.uid,
    "MODSEQ": _Reader.modseq,
    "EMAILID": lambda reader: reader.object_id(thread=False),
    "THREADID": lambda reader: reader.object_id(thread=True),
}
