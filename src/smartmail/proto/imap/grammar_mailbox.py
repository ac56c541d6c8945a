"""Arguments of the commands about mailboxes, and the head of APPEND (RFC 3501 §6.3 and extensions)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Final

from smartmail.proto.imap.commands import (
    Check,
    Close,
    Create,
    Delete,
    List,
    ListReturn,
    ListSelect,
    Lsub,
    Namespace,
    Rename,
    Resync,
    Select,
    Status,
    StatusItem,
    Subscribe,
    Unselect,
    Unsubscribe,
)
from smartmail.proto.imap.cursor import Cursor, GrammarError
from smartmail.proto.imap.numbers import STAR, NumberSet

MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), start=1
    )
}
SPECIAL_USE: Final = {
    use.casefold(): use
    for use in ("\\All", "\\Archive", "\\Drafts", "\\Flagged", "\\Junk", "\\Sent", "\\Trash", "\\Important")
}
"""RFC 6154 §2, and \\Important of RFC 8457 §3."""

_DATE_TIME: Final = re.compile(
    rb'"([ 0-3][0-9])-([A-Za-z]{3})-([0-9]{4}) ([0-2][0-9]):([0-5][0-9]):([0-6][0-9]) ([+-])([0-9]{2})([0-5][0-9])"'
)
MAX_ENTRIES: Final = 64
"""Names of entries in one command."""


def _select(cursor: Cursor, make: Callable[..., Select]) -> Select:
    cursor.space()
    name = cursor.mailbox()
    if cursor.ended:
        return make(name)
    cursor.space()
    resync: Resync | None = None

    def one() -> None:
        """RFC 4466 §2.4 parameters: CONDSTORE (RFC 7162 §3.1.8) and QRESYNC (§3.2.5)."""
        nonlocal resync
        match cursor.word("parameter"):
            case "CONDSTORE":
                return
            case "QRESYNC":
                cursor.space()
                resync = _resync(cursor)
            case _:
                raise GrammarError("unknown SELECT parameter")

    cursor.list_of(one)
    return make(name, condstore=True, resync=resync)


def _resync(cursor: Cursor) -> Resync:
    """RFC 7162 §7 qresync-param value: `(uidvalidity modseq [known-uids] [(numbers uids)])`."""
    cursor.expect(b"(", "QRESYNC values")
    uidvalidity = cursor.number("UIDVALIDITY")
    cursor.space()
    modseq = cursor.number64("mod-sequence")
    if not uidvalidity or not modseq:
        raise GrammarError("QRESYNC values are positive")
    known = None
    if cursor.at(b" ") and not cursor.at(b" ("):
        cursor.space()
        known = _plain_set(cursor)
    matches = None
    if cursor.skip(b" ("):
        numbers = _plain_set(cursor)
        cursor.space()
        matches = (numbers, _plain_set(cursor))
        cursor.expect(b")", "closing parenthesis")
    cursor.expect(b")", "closing parenthesis")
    return Resync(uidvalidity, modseq, known, matches)


def _plain_set(cursor: Cursor) -> NumberSet:
    """RFC 7162 §7 known-uids: a set without `*`."""
    found = cursor.numbers()
    if found.saved or any(high >= STAR for _low, high in found.ranges):
        raise GrammarError("a set without * is expected")
    return found


def select(cursor: Cursor) -> Select:
    return _select(cursor, Select)


def examine(cursor: Cursor) -> Select:
    return _select(cursor, lambda name, **rest: Select(name, read_only=True, **rest))


def create(cursor: Cursor) -> Create:
    """RFC 3501 §6.3.3; `(USE (\\Sent))` is RFC 6154 §3."""
    cursor.space()
    name = cursor.mailbox()
    if cursor.ended:
        return Create(name)
    cursor.space()
    cursor.expect(b"(", "parameters")
    if cursor.word("parameter") != "USE":
        raise GrammarError("unknown CREATE parameter")
    cursor.space()
    uses = cursor.list_of(lambda: _special_use(cursor), empty=True)
    cursor.expect(b")", "closing parenthesis")
    return Create(name, tuple(dict.fromkeys(uses)))


def _special_use(cursor: Cursor) -> str:
    cursor.expect(b"\\", "special-use attribute")
    name = "\\" + cursor.atom("special-use attribute")
    known = SPECIAL_USE.get(name.casefold())
    if known is None:
        # RFC 6154 §3: a use the server does not support is answered NO [USEATTR].
        raise GrammarError("unknown special-use attribute", no=True, code="USEATTR")
    return known


def delete(cursor: Cursor) -> Delete:
    cursor.space()
    return Delete(cursor.mailbox())


def rename(cursor: Cursor) -> Rename:
    cursor.space()
    name = cursor.mailbox()
    cursor.space()
    return Rename(name, cursor.mailbox())


def subscribe(cursor: Cursor) -> Subscribe:
    cursor.space()
    return Subscribe(cursor.mailbox())


def unsubscribe(cursor: Cursor) -> Unsubscribe:
    cursor.space()
    return Unsubscribe(cursor.mailbox())


def namespace(_: Cursor) -> Namespace:
    return Namespace()


def check(_: Cursor) -> Check:
    return Check()


def close(_: Cursor) -> Close:
    return Close()


def unselect(_: Cursor) -> Unselect:
    return Unselect()


def lsub(cursor: Cursor) -> Lsub:
    cursor.space()
    reference = cursor.reference()
    cursor.space()
    return Lsub(reference, cursor.pattern())


def list_mailboxes(cursor: Cursor) -> List:
    """RFC 3501 §6.3.8, RFC 5258 §6, RFC 5819 §4."""
    cursor.space()
    extended = False
    chosen: frozenset[ListSelect] = frozenset()
    if cursor.at(b"("):
        extended = True
        chosen = frozenset(cursor.list_of(lambda: _list_select(cursor), empty=True))
        cursor.space()
    if ListSelect.RECURSIVEMATCH in chosen and not chosen - {ListSelect.RECURSIVEMATCH, ListSelect.REMOTE}:
        # RFC 5258 §3.1: it qualifies another option and cannot stand alone or with REMOTE only.
        raise GrammarError("RECURSIVEMATCH needs another selection option")
    reference = cursor.reference()
    cursor.space()
    if cursor.at(b"("):
        extended = True
        patterns = tuple(dict.fromkeys(cursor.list_of(cursor.pattern)))
    else:
        patterns = (cursor.pattern(),)
    if len(patterns) > 64:
        raise GrammarError("too many patterns")
    if cursor.ended:
        return List(reference, patterns, chosen, extended=extended)
    returns, wanted, entries = _list_returns(cursor)
    return List(reference, patterns, chosen, returns, wanted, extended=True, metadata=entries)


def _list_select(cursor: Cursor) -> ListSelect:
    word = cursor.word("selection option")
    try:
        return ListSelect(word)
    except ValueError:
        raise GrammarError("unknown selection option") from None


def _list_returns(cursor: Cursor) -> tuple[frozenset[ListReturn], tuple[StatusItem, ...], tuple[str, ...]]:
    cursor.space()
    if cursor.word("RETURN") != "RETURN":
        raise GrammarError("RETURN expected")
    cursor.space()
    returns: set[ListReturn] = set()
    wanted: list[StatusItem] = []
    entries: list[str] = []

    def one() -> None:
        word = cursor.word("return option")
        if word == "STATUS":
            cursor.space()
            wanted.extend(_status_items(cursor))
            return
        if word == "METADATA":
            # RFC 9590 §3
            cursor.space()
            entries.extend(cursor.list_of(lambda: entry_name(cursor)))
            return
        try:
            returns.add(ListReturn(word))
        except ValueError:
            raise GrammarError("unknown return option") from None

    cursor.list_of(one, empty=True)
    if len(entries) > MAX_ENTRIES:
        raise GrammarError("too many entries")
    return frozenset(returns), tuple(dict.fromkeys(wanted)), tuple(dict.fromkeys(entries))


def entry_name(cursor: Cursor) -> str:
    """RFC 5464 §3.2: a name of an entry, compared without case; never `*` or `%`, never a slash at the end."""
    name = cursor.unicode(cursor.astring()).lower()
    if (
        not name.startswith("/")
        or name.endswith("/")
        or "//" in name
        or not name.isprintable()
        or set(name) & {"*", "%"}
    ):
        raise GrammarError("invalid entry name")
    return name


def _status_items(cursor: Cursor) -> tuple[StatusItem, ...]:
    words = cursor.list_of(lambda: cursor.word("status item"))
    try:
        return tuple(dict.fromkeys(StatusItem(word) for word in words))
    except ValueError:
        raise GrammarError("unknown status item") from None


def status(cursor: Cursor) -> Status:
    cursor.space()
    name = cursor.mailbox()
    cursor.space()
    return Status(name, _status_items(cursor))


def date_time(cursor: Cursor) -> datetime:
    """RFC 3501 §9 date-time."""
    found = _DATE_TIME.match(cursor.text, cursor.position)
    month = MONTHS.get(found[2].decode("ascii").upper()) if found else None
    if found is None or month is None:
        raise GrammarError("invalid date-time")
    cursor.position = found.end()
    away = timedelta(hours=int(found[8]), minutes=int(found[9]))
    zone = timezone(-away if found[7] == b"-" else away) if away < timedelta(hours=24) else None
    try:
        # Second 60 is a leap second; datetime has none.
        moment = datetime(
            int(found[3]), month, int(found[1]), int(found[4]), int(found[5]), min(int(found[6]), 59), tzinfo=zone
        )
        moment.timestamp()
    except (ValueError, OverflowError):
        raise GrammarError("invalid date-time") from None
    if zone is None:
        raise GrammarError("invalid time zone")
    return moment
