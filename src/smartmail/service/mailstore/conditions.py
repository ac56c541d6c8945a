"""Conditions of a query as functions of three values: yes, no, and "cannot be told without more facts" (None).

Pure: what a message is known by comes in as a `Subject`. Texts compare folded (base.text), words separately unless
quoted, as RFC 8621 §4.4.1 lets the server choose.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from smartmail.base.text import fold
from smartmail.domain.ids import MailboxId, MessageId, ThreadId
from smartmail.domain.message import MessageRow
from smartmail.formats.headers import Header
from smartmail.formats.summary import HeaderAddress, Summary
from smartmail.formats.threading import base_subject
from smartmail.formats.words import decode_text

MAX_TERMS = 16
"""Words of one text condition that are looked for."""
_TERM = re.compile(r'"([^"]+)"|(\S+)')


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold; None says nothing. Times in milliseconds, keywords in lower case.

    `not_only_in`: lies in some mailbox that is not one of these. `header`: field name, and text that its value holds.
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


class Subject(NamedTuple):
    """One message under judgement with what has been loaded of it; `last`: there will be no more."""

    line: Line
    summary: Summary | None = None
    header: Header | None = None
    text: str | None = None
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


def needs_text(tree: Tree | None) -> bool:
    """Say whether some condition looks into decoded bodies."""
    return any(one.text is not None or one.body is not None for one in conditions(tree))


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
    return tests


def summary_tests(one: Condition) -> list[Test]:
    """Return tests on summaries and text."""
    tests = [
        _summary_test(pick, wanted)
        for pick, wanted in (
            (_from, one.from_), (_to, one.to), (_cc, one.cc), (_bcc, one.bcc), (_subject, one.subject),
        )
        if wanted is not None
    ]  # fmt: skip
    if one.body is not None:
        tests.append(_text_test(_preview, one.body))
    if one.text is not None:
        tests.append(_text_test(_everything, one.text))
    if one.header is not None:
        tests.append(_header_test(*one.header))
    return tests


def terms(text: str) -> list[str]:
    """Return the folded words and quoted phrases of a text condition."""
    found = [folded(match[1] or match[2]) for match in _TERM.finditer(text)]
    return list(dict.fromkeys(found))[:MAX_TERMS]


def folded(text: str) -> str:
    """Fold; the usual case in one step."""
    return text.lower() if text.isascii() else fold(text)


def _summary_test(pick: Callable[[Summary], Iterable[str]], wanted: str) -> Test:
    needles = terms(wanted)

    def test(subject: Subject) -> Verdict:
        if subject.summary is None:
            return False if subject.last else None
        return _holds(folded("\n".join(pick(subject.summary))), needles)

    return test


def _text_test(pick: Callable[[Summary], Iterable[str]], wanted: str) -> Test:
    """What the summary does not show may stand in the body."""
    needles = terms(wanted)

    def test(subject: Subject) -> Verdict:
        if subject.summary is None:
            return False if subject.last else None
        shown = folded("\n".join(pick(subject.summary)))
        if _holds(shown, needles):
            return True
        if subject.text is None:
            return False if subject.last else None
        return _holds(f"{shown}\n{subject.text}", needles)

    return test


def _holds(text: str, needles: Sequence[str]) -> bool:
    return all(needle in text for needle in needles)


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


def _shown(boxes: Iterable[HeaderAddress]) -> Iterator[str]:
    for box in boxes:
        yield f"{box.group} {box.name} {box.address}" if box.group else f"{box.name} {box.address}"


def _from(summary: Summary) -> Iterable[str]:
    return _shown(summary.addresses.from_)


def _to(summary: Summary) -> Iterable[str]:
    return _shown(summary.addresses.to)


def _cc(summary: Summary) -> Iterable[str]:
    return _shown(summary.addresses.cc)


def _bcc(summary: Summary) -> Iterable[str]:
    return _shown(summary.addresses.bcc)


def _subject(summary: Summary) -> Iterable[str]:
    return (summary.subject,)


def _preview(summary: Summary) -> Iterable[str]:
    return (summary.preview,)


def _everything(summary: Summary) -> Iterable[str]:
    boxes = summary.addresses
    lists = (boxes.from_, boxes.to, boxes.cc, boxes.bcc)
    return (summary.subject, summary.preview, *(text for boxes in lists for text in _shown(boxes)))


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
