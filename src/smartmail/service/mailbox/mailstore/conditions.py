"""Conditions of a query as functions of three values: yes, no, and "cannot be told without more facts" (None).

Pure: what a message is known by comes in as a `Subject`. Texts compare folded (base.text), words separately unless
quoted, as RFC 8621 §4.4.1 lets the server choose; where they stand is told by the search index (`Wish`, `Subject.hits`).
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from smartmail.base.text import fold
from smartmail.domain.ids import MailboxId, MessageId, ThreadId
from smartmail.domain.message import MessageRow
from smartmail.formats.headers import Header
from smartmail.formats.search.document import Field
from smartmail.formats.search.wording import NO_SWITCHES, Clause, Switch, clause
from smartmail.formats.summary import Summary
from smartmail.formats.threading import base_subject
from smartmail.formats.words import decode_text

MAX_TERMS = 16
"""Words of one text condition that are looked for."""
_TERM = re.compile(r'"([^"]+)"|(\S+)')


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold; None says nothing. Times in milliseconds, keywords in lower case.

    `not_only_in`: lies in some mailbox that is not one of these. `header`: field name, and text that its value holds.
    `file_name`: text that the name of an attachment holds. `other`: text of those header fields that are indexed beside
    what every door means by "text". `switches`: other ways to read all texts of this condition.
    `among`: one of messages that somebody else has found. `threads`: lies in one of these conversations.
    """

    in_mailbox: MailboxId | None = None
    not_only_in: frozenset[MailboxId] | None = None
    before: int | None = None
    after: int | None = None
    min_size: int | None = None
    max_size: int | None = None
    all_in_thread: str | None = None
    some_in_thread: str | None = None
    none_in_thread: str | None = None
    has_keyword: str | None = None
    not_keyword: str | None = None
    has_attachment: bool | None = None
    text: str | None = None
    from_: str | None = None
    to: str | None = None
    cc: str | None = None
    bcc: str | None = None
    subject: str | None = None
    body: str | None = None
    header: tuple[str, str] | None = None
    file_name: str | None = None
    other: str | None = None
    switches: frozenset[Switch] = NO_SWITCHES
    among: frozenset[MessageId] | None = None
    threads: frozenset[ThreadId] | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """AND: all hold; OR: at least one does; NOT: none does."""

    kind: Literal["AND", "OR", "NOT"]
    parts: tuple["Condition | Operator", ...]


Tree = Condition | Operator
SortKey = Literal[
    "receivedAt", "sentAt", "size", "from", "to", "subject", "hasKeyword", "allInThreadHaveKeyword",
    "someInThreadHaveKeyword",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """One level of a sort."""

    key: SortKey
    ascending: bool = True
    keyword: str = ""


NEWEST_FIRST = (Order("receivedAt", ascending=False),)


class Line(NamedTuple):
    """The columns of one message. (A tuple: 100,000 are made at once.)"""

    id: MessageId
    thread_id: ThreadId
    size: int
    received_at: int
    sent_at: int
    bits: int
    tags: tuple[int, ...]
    has_attachment: bool


class Wish(NamedTuple):
    """Texts of which each is looked for in a field."""

    field: Field
    texts: tuple[str, ...]
    switches: frozenset[Switch]

    def clause(self) -> Clause | None:
        """Return it as the search index takes it; None when every message has it."""
        return clause(self.field, self.texts, self.switches)


_NO_HITS: Mapping[Wish, Container[MessageId]] = {}


class Subject(NamedTuple):
    """One message under judgement with what has been loaded of it; `hits`: the messages that each wish has found;
    `last`: there will be no more.
    """

    line: Line
    hits: Mapping[Wish, Container[MessageId]] = _NO_HITS
    summary: Summary | None = None
    header: Header | None = None
    last: bool = False


Verdict = bool | None
Test = Callable[[Subject], Verdict]


def line_of(row: MessageRow) -> Line:
    """Return the columns of a row."""
    return Line(
        row.id, row.thread_id, row.size, row.received_at, row.sent_at, row.keywords.bits, row.keywords.tags,
        row.has_attachment,
    )  # fmt: skip


# -- trees ----------------------------------------------------------------------------------------------------------


def conditions(tree: Tree | None) -> Iterator[Condition]:
    """Yield all conditions of a tree."""
    if isinstance(tree, Operator):
        for part in tree.parts:
            yield from conditions(part)
    elif tree is not None:
        yield tree


def within(tree: Tree | None) -> MailboxId | None:
    """Return a mailbox in which every match lies, None when the tree names none."""
    if isinstance(tree, Condition):
        return tree.in_mailbox
    if isinstance(tree, Operator) and tree.kind == "AND":
        return next((box for part in tree.parts if (box := within(part)) is not None), None)
    return None


def needs_account(one: Condition) -> bool:
    """Say whether a condition looks beyond the mailbox that the message lies in."""
    return one.not_only_in is not None or any((one.all_in_thread, one.some_in_thread, one.none_in_thread))


def wishes(tree: Tree | None) -> list[Wish]:
    """Return the texts that a tree looks for, each once."""
    return list(dict.fromkeys(wish for one in conditions(tree) for wish in wishes_of(one)))


def wishes_of(one: Condition) -> list[Wish]:
    """Return the texts that a condition looks for."""
    named = (
        (Field.SUBJECT, one.subject), (Field.FROM, one.from_), (Field.TO, one.to), (Field.CC, one.cc),
        (Field.BCC, one.bcc), (Field.FILE, one.file_name), (Field.BODY, one.body), (Field.COMMON, one.text),
        (Field.OTHER, one.other),
    )  # fmt: skip
    return [Wish(field, tuple(words(text)), one.switches) for field, text in named if text is not None]


def required(tree: Tree | None) -> list[Wish]:
    """Return wishes that every match fulfils: where they find few messages, no others need be looked at."""
    if isinstance(tree, Condition):
        return wishes_of(tree)
    if isinstance(tree, Operator) and tree.kind == "AND":
        return [wish for part in tree.parts for wish in required(part)]
    return []


def every(tests: Sequence[Test]) -> Test:
    """All hold."""

    def test(subject: Subject) -> Verdict:
        verdict: Verdict = True
        for one in tests:
            found = one(subject)
            if found is False:
                return False
            if found is None:
                verdict = None
        return verdict

    return tests[0] if len(tests) == 1 else test


def some(tests: Sequence[Test]) -> Test:
    """At least one holds."""

    def test(subject: Subject) -> Verdict:
        verdict: Verdict = False
        for one in tests:
            found = one(subject)
            if found:
                return True
            if found is None:
                verdict = None
        return verdict

    return test


def none(tests: Sequence[Test]) -> Test:
    """None holds."""
    at_least_one = some(tests)

    def test(subject: Subject) -> Verdict:
        verdict = at_least_one(subject)
        return None if verdict is None else not verdict

    return test


# -- single conditions ----------------------------------------------------------------------------------------------


def column_tests(one: Condition) -> list[Test]:
    """Return tests on the columns of the message alone."""
    tests: list[Test] = []
    if (before := one.before) is not None:
        tests.append(lambda subject: subject.line.received_at < before)
    if (after := one.after) is not None:
        tests.append(lambda subject: subject.line.received_at >= after)
    if (least := one.min_size) is not None:
        tests.append(lambda subject: subject.line.size >= least)
    if (bound := one.max_size) is not None:
        tests.append(lambda subject: subject.line.size < bound)
    if (wanted := one.has_attachment) is not None:
        tests.append(lambda subject: subject.line.has_attachment == wanted)
    if (among := one.among) is not None:
        tests.append(lambda subject: subject.line.id in among)
    if (threads := one.threads) is not None:
        tests.append(lambda subject: subject.line.thread_id in threads)
    return tests


def text_tests(one: Condition) -> list[Test]:
    """Return tests on what the search index has found."""
    return [_wish_test(wish) for wish in wishes_of(one)]


def header_tests(one: Condition) -> list[Test]:
    """Return tests on header fields."""
    return [] if one.header is None else [_header_test(*one.header)]


def words(text: str) -> list[str]:
    """Return the words and quoted phrases of a text condition, as typed."""
    found = [match[1] or match[2] for match in _TERM.finditer(text)]
    return list(dict.fromkeys(found))[:MAX_TERMS]


def folded(text: str) -> str:
    """Fold; the usual case in one step."""
    return text.lower() if text.isascii() else fold(text)


def _wish_test(wish: Wish) -> Test:
    def test(subject: Subject) -> Verdict:
        found = subject.hits.get(wish)
        if found is None:
            return False if subject.last else None
        return subject.line.id in found

    return test


def _header_test(name: str, wanted: str) -> Test:
    needle = folded(wanted)

    def test(subject: Subject) -> Verdict:
        header = subject.header
        if header is None and subject.summary is not None:
            block = subject.summary.header_fields((name,))
            header = None if block is None else Header(block)
        if header is None:
            return False if subject.last else None
        return any(needle in folded(decode_text(value)) for value in header.all(name))

    return test


# -- sorting --------------------------------------------------------------------------------------------------------


def sort_text(summary: Summary, key: SortKey) -> str:
    """Return what a sort by from, to or subject compares (RFC 8621 §4.4.2)."""
    if key == "subject":
        return folded(base_subject(summary.subject))
    boxes = summary.addresses.from_ if key == "from" else summary.addresses.to
    return folded(boxes[0].name or boxes[0].address) if boxes else ""


def first_of_threads(lines: Iterable[Line]) -> list[MessageId]:
    """Return the first message of each thread, in order (RFC 8621 §4.4.3)."""
    first: dict[ThreadId, MessageId] = {}
    for line in lines:
        first.setdefault(line.thread_id, line.id)
    return list(first.values())
