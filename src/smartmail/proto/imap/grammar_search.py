"""The SEARCH program (RFC 3501 §6.4.4, RFC 4731, RFC 7162 §3.1.5, RFC 8474 §6), SORT, THREAD (RFC 5256) and ESEARCH (RFC 7377).

Text is decoded by the charset of the command and folded here, once, so that `search.py` compares plain strings.
"""

import re
from collections.abc import Callable
from datetime import date as calendar_date
from typing import Final

from smartmail.base.text import fold
from smartmail.proto.imap.commands import (
    MailboxFilter,
    MultiSearch,
    Search,
    SearchReturn,
    Sort,
    SortField,
    Thread,
    ThreadMethod,
    Where,
    Window,
)
from smartmail.proto.imap.cursor import SYSTEM_FLAGS, Cursor, GrammarError
from smartmail.proto.imap.grammar_mailbox import MONTHS
from smartmail.proto.imap.grammar_message import window
from smartmail.proto.imap.limits import SEARCH_DEPTH, SEARCH_KEYS, SEARCH_MAILBOXES
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
    UidBound,
    Within,
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
_WORD: Final = re.compile(rb"[A-Za-z]{1,20}")
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
    returns, partial = _return_options(cursor)
    return Search(_program(cursor), uid, returns, partial)


def _program(cursor: Cursor) -> Key:
    """Take `[CHARSET name SP] key …` to the end of the command."""
    charset = None
    if _peek_word(cursor) == "CHARSET":
        cursor.word("CHARSET")
        cursor.space()
        charset = _charset(cursor)
        cursor.space()
    return _Reader(cursor, charset).program()


def _peek_word(cursor: Cursor) -> str:
    found = _WORD.match(cursor.text, cursor.position)
    return found.group().decode("ascii").upper() if found else ""


def _return_options(cursor: Cursor) -> tuple[frozenset[SearchReturn] | None, Window | None]:
    """Take `RETURN (…) SP` if it comes: RFC 4731 §3.1, RFC 5182 §2.1, RFC 9394 §3.1."""
    if _peek_word(cursor) != "RETURN":
        return None, None
    cursor.word("RETURN")
    cursor.space()
    partial: Window | None = None

    def one() -> SearchReturn:
        nonlocal partial
        try:
            option = SearchReturn(cursor.word("return option"))
        except ValueError:
            raise GrammarError("unknown return option") from None
        if option is SearchReturn.PARTIAL:
            if partial is not None:
                raise GrammarError("PARTIAL twice")
            cursor.space()
            partial = window(cursor)
        return option

    # RFC 4731 §3.1: an empty list means ALL.
    returns = frozenset(cursor.list_of(one, empty=True)) or frozenset({SearchReturn.ALL})
    if {SearchReturn.ALL, SearchReturn.PARTIAL} <= returns:
        # RFC 9394 §3.1
        raise GrammarError("ALL and PARTIAL exclude each other")
    cursor.space()
    return returns, partial


def sort(cursor: Cursor) -> Sort:
    return _sort(cursor, uid=False)


def uid_sort(cursor: Cursor) -> Sort:
    return _sort(cursor, uid=True)


def _sort(cursor: Cursor, *, uid: bool) -> Sort:
    """RFC 5256 §3, RFC 5267 §3 RETURN."""
    cursor.space()
    returns, partial = _return_options(cursor)
    criteria = tuple(dict.fromkeys(cursor.list_of(lambda: _criterion(cursor))))
    cursor.space()
    codec = _charset(cursor, told_always=True)
    cursor.space()
    return Sort(criteria, _Reader(cursor, codec).program(), uid, returns, partial)


def _criterion(cursor: Cursor) -> tuple[SortField, bool]:
    word = cursor.word("sort key")
    reverse = word == "REVERSE"
    if reverse:
        cursor.space()
        word = cursor.word("sort key")
    try:
        return SortField(word), reverse
    except ValueError:
        raise GrammarError("unknown sort key") from None


def thread(cursor: Cursor) -> Thread:
    return _thread(cursor, uid=False)


def uid_thread(cursor: Cursor) -> Thread:
    return _thread(cursor, uid=True)


def _thread(cursor: Cursor, *, uid: bool) -> Thread:
    """RFC 5256 §3."""
    cursor.space()
    try:
        method = ThreadMethod(cursor.word("threading algorithm"))
    except ValueError:
        raise GrammarError("unknown threading algorithm") from None
    cursor.space()
    codec = _charset(cursor, told_always=True)
    cursor.space()
    return Thread(method, _Reader(cursor, codec).program(), uid)


def multi_search(cursor: Cursor) -> MultiSearch:
    """RFC 7377 §2.1: `ESEARCH [IN (sources)] [RETURN (…)] program`; without IN it is the selected mailbox."""
    cursor.space()
    filters: tuple[MailboxFilter, ...] = (MailboxFilter(Where.SELECTED),)
    if _peek_word(cursor) == "IN":
        cursor.word("IN")
        cursor.space()
        filters = tuple(cursor.list_of(lambda: mailbox_filter(cursor)))
        cursor.space()
    returns, partial = _return_options(cursor)
    if returns is not None and SearchReturn.SAVE in returns and filters != (MailboxFilter(Where.SELECTED),):
        # RFC 7377 §2.2
        raise GrammarError("SAVE is for the selected mailbox alone")
    key = _program(cursor)
    return MultiSearch(filters, key, returns or frozenset({SearchReturn.ALL}), partial)


def mailbox_filter(cursor: Cursor) -> MailboxFilter:
    """RFC 5465 §8 filter-mailboxes, RFC 7377 §4 source-mbox."""
    try:
        where = Where(cursor.word("mailboxes"))
    except ValueError:
        raise GrammarError("unknown mailbox filter") from None
    if where not in {Where.SUBTREE, Where.SUBTREE_ONE, Where.MAILBOXES}:
        return MailboxFilter(where)
    cursor.space()
    names = cursor.list_of(cursor.mailbox) if cursor.at(b"(") else [cursor.mailbox()]
    if len(names) > SEARCH_MAILBOXES:
        raise GrammarError("too many mailboxes")
    return MailboxFilter(where, tuple(dict.fromkeys(names)))


def _charset(cursor: Cursor, *, told_always: bool = False) -> str:
    """`told_always`: the grammar of SORT and THREAD has no form without a charset (RFC 5256 §5)."""
    name = cursor.unicode(cursor.astring()).upper()
    if cursor.utf8 and not cursor.rev2 and not told_always:
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

    def within(self, *, younger: bool) -> Key:
        """RFC 5032 §3: an interval is a positive number of seconds."""
        seconds = self._cursor.number("interval")
        if not seconds:
            raise GrammarError("interval expected")
        return Within(seconds, younger)

    def uid_bound(self, *, after: bool) -> Key:
        """RFC 9738 §3.3."""
        uid = self._cursor.number("UID")
        if not uid:
            raise GrammarError("UID expected")
        return UidBound(uid, after)

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
    # RFC 8514 §4.3: every mailbox here keeps save dates.
    "SAVEDATESUPPORTED": All(),
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
    "SAVEDBEFORE": _on(DateField.SAVED, DateTest.BEFORE),
    "SAVEDON": _on(DateField.SAVED, DateTest.ON),
    "SAVEDSINCE": _on(DateField.SAVED, DateTest.SINCE),
    "OLDER": lambda reader: reader.within(younger=False),
    "YOUNGER": lambda reader: reader.within(younger=True),
    "UIDAFTER": lambda reader: reader.uid_bound(after=True),
    "UIDBEFORE": lambda reader: reader.uid_bound(after=False),
    "LARGER": _Reader.larger,
    "SMALLER": _Reader.smaller,
    "UID": _Reader.uid,
    "MODSEQ": _Reader.modseq,
    "EMAILID": lambda reader: reader.object_id(thread=False),
    "THREADID": lambda reader: reader.object_id(thread=True),
}
