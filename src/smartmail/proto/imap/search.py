"""Which messages match a SEARCH program (RFC 3501 §6.4.4): cheap facts first, mail text only where nothing else decides.

PURPOSE: `bind` turns the tree of `search_keys.py` into one test over message indices, with three answers: True, False,
and None when a text is needed that is not loaded. The caller runs it over all messages with no text at hand, loads
what is wanted for the few that stay undecided, and asks again: first headers (summaries), then search texts. Must
not know where facts come from.

FAILURE: a text that cannot be had should be given as empty, not as None, or the message stays undecided.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Iterator, Sequence
from typing import Final, Protocol

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
    walk,
)
from smartmail.proto.imap.view import MailboxView, Ranges

Test = Callable[[int], bool | None]
"""Index of a message → matches, does not, or None: a text is missing."""

_DAY: Final = 86_400


class Facts(Protocol):
    """What is known of the messages of one view, by index (sequence number - 1). Columns have the view's length."""

    @property
    def internal_dates(self) -> Sequence[int]:
        """Seconds since 1970-01-01 UTC, moved by the zone in which INTERNALDATE is shown."""

    @property
    def saved_dates(self) -> Sequence[int]:
        """Seconds since 1970-01-01 UTC when each message came into the mailbox, moved as `internal_dates` is."""

    @property
    def now(self) -> int:
        """Seconds since 1970-01-01 UTC."""

    @property
    def sent_days(self) -> Sequence[int]:
        """Days since 1970-01-01 of the Date header as written, zone ignored; internal date where there is none."""

    @property
    def sizes(self) -> Sequence[int]: ...

    @property
    def modseqs(self) -> Sequence[int]: ...

    def has_flag(self, flag: str) -> Callable[[int], bool] | None:
        """Return a test for a flag (`\\Seen`) or keyword (any case); None: no message here has it."""

    def object_id(self, index: int, *, thread: bool) -> str:
        """Return EMAILID or THREADID."""

    def header(self, index: int, field: str) -> Container[str] | None:
        """Return what the values of a field (lower case) hold: decoded and folded text (`base.text.fold`), joined by LF,
        or whatever can tell of the texts of the program whether they stand there.

        `""` for an empty field or one whose text cannot be had. None: not loaded. A field that is absent must be
        told apart from an empty one for `HEADER field ""`: return `ABSENT` for it.
        """

    def body(self, index: int) -> Container[str] | None:
        """The same for the text of all parts; None: not loaded."""

    def text(self, index: int) -> Container[str] | None:
        """The same for header and body; None: not loaded."""


ABSENT: Final = "\x00"
"""`Facts.header` of a field that a message does not have; no folded search text holds NUL, and none finds it."""


def bind(key: Key, view: MailboxView, facts: Facts) -> Test | None:
    """Return the test; None: a sequence number in it is out of range, answer BAD (RFC 3501 §9 seq-number)."""
    try:
        return _bind(key, view, facts)
    except _OutOfRangeError:
        return None


class _OutOfRangeError(Exception):
    pass


def scope(key: Key, view: MailboxView) -> Ranges:
    """Return the index ranges outside of which nothing can match, gone messages left out."""
    ranges: Ranges = [(0, view.count)] if view.count else []
    keys = key.keys if isinstance(key, And) else (key,)
    for one in keys:
        if isinstance(one, Numbers):
            ranges = _intersect(ranges, view.resolve(one.numbers, uid=one.uid) or [])
        elif isinstance(one, UidBound):
            bound = (
                (bisect_right(view.uids, one.uid), view.count) if one.after else (0, bisect_left(view.uids, one.uid))
            )
            ranges = _intersect(ranges, [bound])
    return view.live(ranges)


def _intersect(left: Ranges, right: Ranges) -> Ranges:
    """Return what two sorted lists of disjoint ranges have in common, in one pass."""
    both: Ranges = []
    i = j = 0
    while i < len(left) and j < len(right):
        start = max(left[i][0], right[j][0])
        stop = min(left[i][1], right[j][1])
        if start < stop:
            both.append((start, stop))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return both


def indices(ranges: Ranges) -> Iterator[int]:
    for start, stop in ranges:
        yield from range(start, stop)


def headers_wanted(key: Key) -> frozenset[str]:
    """Return the header fields (lower case) that a program may ask for."""
    return frozenset(one.field for one in walk(key) if isinstance(one, Header))


# -- one test for each kind of key ---------------------------------------------------------------------------------


def _bind(key: Key, view: MailboxView, facts: Facts) -> Test:
    match key:
        case All():
            return _always
        case And(keys):
            return _all_of([_bind(one, view, facts) for one in sorted(keys, key=_cost)])
        case Or(left, right):
            first, second = sorted((left, right), key=_cost)
            return _either(_bind(first, view, facts), _bind(second, view, facts))
        case Not(inner):
            return _negated(_bind(inner, view, facts))
        case Flag(flag):
            return facts.has_flag(flag) or _never
        case Numbers(numbers, uid):
            ranges = view.resolve(numbers, uid=uid)
            if ranges is None:
                raise _OutOfRangeError
            return _within(ranges)
        case UidBound(uid, after):
            uids = view.uids
            return (lambda i: uids[i] > uid) if after else (lambda i: uids[i] < uid)
    return _bind_fact(key, facts)


def _bind_fact(key: Key, facts: Facts) -> Test:
    match key:
        case Date(field, test, day):
            return _on_date(facts, field, test, day)
        case Within(seconds, younger):
            moments, limit = facts.internal_dates, facts.now - seconds
            return (lambda i: moments[i] >= limit) if younger else (lambda i: moments[i] <= limit)
        case Larger(size):
            sizes = facts.sizes
            return lambda i: sizes[i] > size
        case Smaller(size):
            sizes = facts.sizes
            return lambda i: sizes[i] < size
        case ModSeq(modseq):
            modseqs = facts.modseqs
            return lambda i: modseqs[i] >= modseq
        case ObjectId(value, thread):
            return lambda i: facts.object_id(i, thread=thread) == value
        case Header(field_name, text):
            return _in_header(facts, field_name, text)
        case Body(text):
            return _contains(facts.body, text)
        case Text(text):
            return _contains(facts.text, text)
    return _never


def _cost(key: Key) -> int:
    """Rank keys by what an answer costs: columns, then summaries, then search texts."""
    cost = 0
    for one in walk(key):
        match one:
            case Body() | Text():
                return 3
            case Header():
                cost = 2
            case ObjectId():
                cost = max(cost, 1)
    return cost


def _always(_: int) -> bool:
    return True


def _never(_: int) -> bool:
    return False


def _all_of(tests: list[Test]) -> Test:
    def test(index: int) -> bool | None:
        verdict: bool | None = True
        for one in tests:
            answer = one(index)
            if answer is False:
                return False
            if answer is None:
                verdict = None
        return verdict

    return test


def _either(first: Test, second: Test) -> Test:
    def test(index: int) -> bool | None:
        one = first(index)
        if one:
            return True
        other = second(index)
        return True if other else None if one is None or other is None else False

    return test


def _negated(inner: Test) -> Test:
    def test(index: int) -> bool | None:
        answer = inner(index)
        return None if answer is None else not answer

    return test


def _within(ranges: Ranges) -> Test:
    if len(ranges) == 1:
        start, stop = ranges[0]
        return lambda i: start <= i < stop
    starts = [low for low, _ in ranges]
    stops = [high for _, high in ranges]

    def test(index: int) -> bool:
        position = bisect_right(starts, index) - 1
        return position >= 0 and index < stops[position]

    return test


def _on_date(facts: Facts, field: DateField, test: DateTest, day: int) -> Test:
    """RFC 3501 §6.4.4: BEFORE is earlier, SINCE is within or later than the day."""
    if field is DateField.SENT:
        values, low, high = facts.sent_days, day, day + 1
    else:
        values = facts.saved_dates if field is DateField.SAVED else facts.internal_dates
        low, high = day * _DAY, (day + 1) * _DAY
    if test is DateTest.BEFORE:
        return lambda i: values[i] < low
    if test is DateTest.SINCE:
        return lambda i: values[i] >= low
    return lambda i: low <= values[i] < high


def _in_header(facts: Facts, field: str, text: str) -> Test:
    header = facts.header

    def test(index: int) -> bool | None:
        value = header(index, field)
        return None if value is None else value != ABSENT and text in value

    return test


def _contains(get: Callable[[int], Container[str] | None], text: str) -> Test:
    if not text:
        # Every message holds the empty string; its text need not be loaded to know.
        return _always

    def test(index: int) -> bool | None:
        value = get(index)
        return None if value is None else text in value

    return test
