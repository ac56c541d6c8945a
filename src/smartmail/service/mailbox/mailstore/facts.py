"""What one query knows, and the tree of conditions as a test over it."""

import asyncio
from collections.abc import Callable, Container, Mapping, Sequence

from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId, MailboxId, MessageId, ThreadId
from smartmail.domain.keywords import SYSTEM
from smartmail.domain.principal import Actor
from smartmail.formats.headers import Header
from smartmail.formats.summary import Summary
from smartmail.service.mailbox.mailstore.columns import Columns, newest
from smartmail.service.mailbox.mailstore.conditions import (
    NEWEST_FIRST,
    Condition,
    Line,
    Order,
    Subject,
    Test,
    Tree,
    Wish,
    column_tests,
    conditions,
    every,
    header_tests,
    line_of,
    needs_account,
    none,
    some,
    sort_text,
    text_tests,
    within,
)
from smartmail.service.mailbox.mailstore.reading import ReadingService

EVERYTHING = 1 << 40
SUMMARY_BLOCK = 256
YIELD_LINES = 10_000


class Facts:
    """What one query knows."""

    def __init__(self, reading: ReadingService, actor: Actor, account_id: AccountId, lines: Sequence[Line]) -> None:
        self._reading = reading
        self._actor = actor
        self._account_id = account_id
        self._lines = lines
        self._known_members: dict[MailboxId, frozenset[MessageId]] = {}
        self._members: dict[MailboxId, frozenset[MessageId]] = {}
        self._visible: frozenset[MessageId] = frozenset()
        self._threads: dict[ThreadId, list[Line]] | None = None
        self.numbers: dict[str, int] = {}
        self.hits: dict[Wish, Container[MessageId]] = {}

    @classmethod
    def of_columns(cls, reading: ReadingService, actor: Actor, account_id: AccountId, columns: Columns) -> "Facts":
        """Return facts over all messages of an account."""
        # Two queries may run at once: what one of them reads is not changed under it by the other.
        facts = cls(reading, actor, account_id, columns.lines)
        facts._known_members = columns.members
        return facts

    @classmethod
    async def of_few(
        cls, reading: ReadingService, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> "Facts":
        """Return facts over these messages alone; their membership is known."""
        rows = await reading.rows(actor, account_id, message_ids)
        facts = cls(reading, actor, account_id, sorted(map(line_of, rows.values()), key=newest, reverse=True))
        members: dict[MailboxId, set[MessageId]] = {}
        for message_id, boxes in (await reading.placed(actor, account_id, list(rows))).items():
            for box in boxes:
                members.setdefault(box, set()).add(message_id)
        facts._members = {box: frozenset(ids) for box, ids in members.items()}
        facts._visible = frozenset[MessageId]().union(*facts._members.values())
        return facts

    # membership

    async def load_members(self, tree: Tree | None) -> None:
        """Read the membership that the tree needs: of mailboxes that it names when all matches lie in one, else all."""
        asked = list(conditions(tree))
        box = within(tree)
        simple = box is not None and not any(needs_account(one) for one in asked)
        named = {one.in_mailbox for one in asked}
        for mailbox_id in await self._reading.mailbox_ids(self._actor, self._account_id):
            if not simple or mailbox_id in named:
                self._members[mailbox_id] = await self._member(mailbox_id)
        self._visible = frozenset[MessageId]().union(*self._members.values())

    async def _member(self, mailbox_id: MailboxId) -> frozenset[MessageId]:
        known = self._known_members.get(mailbox_id)
        if known is None:
            ids, _total = await self._reading.window(self._actor, self._account_id, mailbox_id, 0, EVERYTHING)
            known = self._known_members[mailbox_id] = frozenset(ids)
        return known

    def candidates(self, tree: Tree | None) -> list[Line]:
        """Return the lines that can match, newest first."""
        box = within(tree)
        inside = self._visible if box is None else self._members.get(box, frozenset())
        return [line for line in self._lines if line.id in inside]

    # judging

    def test(self, tree: Tree | None) -> Test:
        """Return the tree as a function."""
        if tree is None:
            return lambda _subject: True
        if isinstance(tree, Condition):
            # The cheap ones first: a no ends it.
            return every([*column_tests(tree), *self._membership_tests(tree), *self._keyword_tests(tree),
                          *text_tests(tree), *header_tests(tree)])  # fmt: skip
        parts = [self.test(part) for part in tree.parts]
        return {"AND": every, "OR": some, "NOT": none}[tree.kind](parts)

    def _membership_tests(self, one: Condition) -> list[Test]:
        tests: list[Test] = []
        if one.in_mailbox is not None:
            inside = self._members.get(one.in_mailbox, frozenset())
            tests.append(lambda subject: subject.line.id in inside)
        if one.not_only_in is not None:
            others = [ids for box, ids in self._members.items() if box not in one.not_only_in]
            elsewhere = frozenset[MessageId]().union(*others)
            tests.append(lambda subject: subject.line.id in elsewhere)
        return tests

    def _keyword_tests(self, one: Condition) -> list[Test]:
        wanted: list[tuple[str | None, Callable[[str], Callable[[Line], bool]], bool]] = [
            (one.has_keyword, self._has, True),
            (one.not_keyword, self._has, False),
            (one.all_in_thread, self._all_in_thread, True),
            (one.some_in_thread, self._some_in_thread, True),
            (one.none_in_thread, self._some_in_thread, False),
        ]
        return [_expects(make(keyword), outcome) for keyword, make, outcome in wanted if keyword is not None]

    def _has(self, keyword: str) -> Callable[[Line], bool]:
        bit = SYSTEM.get(keyword)
        if bit is not None:
            return lambda line: bool(line.bits & bit)
        number = self.numbers.get(keyword, -1)
        return lambda line: number in line.tags

    def _all_in_thread(self, keyword: str) -> Callable[[Line], bool]:
        has, threads = self._has(keyword), self._by_thread()
        return lambda line: all(has(one) for one in threads.get(line.thread_id, ()))

    def _some_in_thread(self, keyword: str) -> Callable[[Line], bool]:
        has, threads = self._has(keyword), self._by_thread()
        return lambda line: any(has(one) for one in threads.get(line.thread_id, ()))

    def _by_thread(self) -> dict[ThreadId, list[Line]]:
        if self._threads is None:
            self._threads = {}
            for line in self._lines:
                if line.id in self._visible:
                    self._threads.setdefault(line.thread_id, []).append(line)
        return self._threads

    async def judge_headers(self, test: Test, open_: Sequence[Line], found: list[Line]) -> None:
        """Decide by header fields: kept ones from summaries, others from the header itself."""
        left: list[tuple[Line, Summary]] = []
        for start in range(0, len(open_), SUMMARY_BLOCK):
            block = open_[start : start + SUMMARY_BLOCK]
            summaries = await self._summaries(block)
            for line in block:
                summary = summaries.get(line.id)
                verdict = test(Subject(line, self.hits, summary, last=summary is None))
                if verdict is None and summary is not None:
                    left.append((line, summary))
                elif verdict:
                    found.append(line)
            await asyncio.sleep(0)
        for line, summary in left:
            if test(Subject(line, self.hits, summary, await self._header(line, summary), last=True)):
                found.append(line)

    async def _header(self, line: Line, summary: Summary) -> Header | None:
        try:
            size = summary.header_size
            octets = await self._reading.octets(self._actor, self._account_id, line.id, 0, size, shows=False)
        except MailError:
            return None
        return Header(octets)

    async def _summaries(self, lines: Sequence[Line]) -> dict[MessageId, Summary]:
        return await self._reading.summaries(self._actor, self._account_id, [line.id for line in lines])

    # sorting

    async def sorted(self, lines: list[Line], orders: Sequence[Order]) -> list[Line]:
        """Return the lines, which come newest first, in another order; what is equal stays newest first."""
        if not orders or orders[0] == NEWEST_FIRST[0]:
            return lines
        for order in reversed(orders):
            lines = sorted(lines, key=await self._sort_key(lines, order), reverse=not order.ascending)
        return lines

    async def _sort_key(self, lines: Sequence[Line], order: Order) -> Callable[[Line], int | str]:
        match order.key:
            case "receivedAt":
                return lambda line: line.received_at
            case "sentAt":
                return lambda line: line.sent_at
            case "size":
                return lambda line: line.size
            case "hasKeyword":
                return self._has(order.keyword)
            case "allInThreadHaveKeyword":
                return self._all_in_thread(order.keyword)
            case "someInThreadHaveKeyword":
                return self._some_in_thread(order.keyword)
        texts: dict[MessageId, str] = {}
        for start in range(0, len(lines), SUMMARY_BLOCK):
            for message_id, summary in (await self._summaries(lines[start : start + SUMMARY_BLOCK])).items():
                texts[message_id] = sort_text(summary, order.key)
            await asyncio.sleep(0)
        return lambda line: texts.get(line.id, "")


def _expects(has: Callable[[Line], bool], outcome: bool) -> Test:
    return lambda subject: has(subject.line) is outcome


async def judge_columns(
    lines: Sequence[Line], test: Test, hits: Mapping[Wish, Container[MessageId]]
) -> tuple[list[Line], list[Line]]:
    """Return (lines that need more facts, lines that match)."""
    open_: list[Line] = []
    found: list[Line] = []
    for start in range(0, len(lines), YIELD_LINES):
        for line in lines[start : start + YIELD_LINES]:
            verdict = test(Subject(line, hits))
            if verdict is None:
                open_.append(line)
            elif verdict:
                found.append(line)
        await asyncio.sleep(0)
    return open_, found
