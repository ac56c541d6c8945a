"""Queries over the messages of an account: filters and sorts (RFC 8621 §4.4), cheapest facts first.

NAME        query
PURPOSE     `window` answers a plain list of one mailbox from an index; `find` judges a tree of conditions: columns,
            then summaries, then decoded text. (IMAP SEARCH has its own evaluator: its keys differ.)
STATES      none; columns of an account are kept per process and brought up to date from the change log.
LIMITS      MAX_LINES columns per process; decoded text for TEXT_MESSAGES messages and TEXT_OCTETS octets per query,
            newest first: beyond that a message is found by its summary alone (the search index will end this bound).
FAILURE     A message that cannot be read is judged by its summary.
SECURITY    Messages whose every placement is marked deleted are never found (docs/architecture.md 1.15).
STANDARDS   RFC 8621 §4.4.1, §4.4.2; RFC 8620 §5.5.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId, MailboxId, MessageId, ModSeq, ThreadId
from smartmail.domain.keywords import SYSTEM
from smartmail.domain.message import MessageRow
from smartmail.domain.principal import Actor
from smartmail.formats.headers import Header
from smartmail.formats.mime.text import searchable_text
from smartmail.formats.summary import Summary
from smartmail.service.mailstore.conditions import (
    NEWEST_FIRST,
    Condition,
    Line,
    Order,
    Subject,
    Test,
    Tree,
    column_tests,
    conditions,
    every,
    first_of_threads,
    folded,
    line_of,
    needs_account,
    needs_text,
    none,
    some,
    sort_text,
    summary_tests,
    within,
)
from smartmail.service.mailstore.keywords import KeywordService
from smartmail.service.mailstore.reading import ReadingService

MAX_LINES = 300_000
"""Columns kept per process, some 250 octets each."""
EVERYTHING = 1 << 40
SUMMARY_BLOCK = 256
TEXT_BLOCK = 8
TEXT_MESSAGES = 2_000
TEXT_OCTETS = 256 << 20
MAX_TEXT = 32 << 20
"""A message larger than this is judged by its summary."""
YIELD_LINES = 10_000
MAX_CAUGHT_UP = 5_000
"""Changes that are cheaper to take in than to read all columns again."""


class Columns:
    """Lines of one account at a state, newest received first, and mailbox membership as far as it was asked for."""

    __slots__ = ("_by_id", "lines", "members", "state")

    def __init__(self, state: ModSeq, rows: Iterable[MessageRow]) -> None:
        self._by_id = {row.id: line_of(row) for row in rows}
        self._settle(state)

    def catch_up(self, state: ModSeq, rows: Iterable[MessageRow], gone: Iterable[int]) -> None:
        """Take in changed rows; membership is asked for anew."""
        for row in rows:
            self._by_id[row.id] = line_of(row)
        for message_id in gone:
            self._by_id.pop(MessageId(message_id), None)
        self._settle(state)

    def _settle(self, state: ModSeq) -> None:
        self.lines = sorted(self._by_id.values(), key=_newest, reverse=True)
        self.members: dict[MailboxId, frozenset[MessageId]] = {}
        self.state = state


def _newest(line: Line) -> tuple[int, int]:
    return line.received_at, line.id


class QueryService:
    """Finds messages of an account."""

    def __init__(self, reading: ReadingService, keywords: KeywordService) -> None:
        self._reading = reading
        self._keywords = keywords
        self._columns: OrderedDict[AccountId, Columns] = OrderedDict()
        # Decoding is work of a core: one query at a time may do it, others wait.
        self._decoding = asyncio.Semaphore(1)

    async def window(
        self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId, position: int = 0, limit: int = EVERYTHING
    ) -> tuple[list[MessageId], int]:
        """Return ids in a mailbox, newest received first, and the total. Raises NotFound."""
        return await self._reading.window(actor, account_id, mailbox_id, position, limit)

    async def find(
        self,
        actor: Actor,
        account_id: AccountId,
        tree: Tree | None,
        orders: Sequence[Order] = NEWEST_FIRST,
        *,
        collapse: bool = False,
    ) -> list[MessageId]:
        """Return the ids of all messages that match, in order; `collapse`: the first of each thread only."""
        facts = _Facts(self._reading, actor, account_id, await self._up_to_date(actor, account_id))
        facts.numbers = {name: number for number, name in (await self._keywords.names(account_id)).items()}
        await facts.load_members(tree)
        test = facts.test(tree)
        open_, found = await _judge_columns(facts.candidates(tree), test)
        if open_:
            left = await facts.judge_summaries(test, open_, found)
            if left:
                async with self._decoding:
                    await facts.judge_texts(test, left, found, with_text=needs_text(tree))
            found.sort(key=_newest, reverse=True)
        ordered = await facts.sorted(found, orders)
        return first_of_threads(ordered) if collapse else [line.id for line in ordered]

    async def _up_to_date(self, actor: Actor, account_id: AccountId) -> Columns:
        state = await self._reading.state(actor, account_id, "message")
        known = self._columns.get(account_id)
        if known is not None and known.state != state and not await self._caught_up(actor, account_id, known):
            known = None
        if known is None:
            known = Columns(state, await self._reading.every_row(actor, account_id))
        self._columns[account_id] = known
        self._columns.move_to_end(account_id)
        while len(self._columns) > 1 and sum(len(one.lines) for one in self._columns.values()) > MAX_LINES:
            self._columns.popitem(last=False)
        return known

    async def _caught_up(self, actor: Actor, account_id: AccountId, columns: Columns) -> bool:
        changes = await self._reading.changes(actor, account_id, "message", columns.state, MAX_CAUGHT_UP)
        if changes is None or changes.more:
            return False
        ids = [MessageId(one) for one in (*changes.created, *changes.updated)]
        rows = await self._reading.rows(actor, account_id, ids)
        columns.catch_up(changes.until, rows.values(), changes.destroyed)
        return True


class _Facts:
    """What one query knows."""

    def __init__(self, reading: ReadingService, actor: Actor, account_id: AccountId, columns: Columns) -> None:
        self._reading = reading
        self._actor = actor
        self._account_id = account_id
        # Two queries may run at once: what one of them reads is not changed under it by the other.
        self._lines = columns.lines
        self._known_members = columns.members
        self._members: dict[MailboxId, frozenset[MessageId]] = {}
        self._visible: frozenset[MessageId] = frozenset()
        self._threads: dict[ThreadId, list[Line]] | None = None
        self.numbers: dict[str, int] = {}

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
                          *summary_tests(tree)])  # fmt: skip
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

    async def judge_summaries(self, test: Test, open_: Sequence[Line], found: list[Line]) -> list[Line]:
        """Decide what summaries can decide; return what stays open."""
        left: list[Line] = []
        for start in range(0, len(open_), SUMMARY_BLOCK):
            block = open_[start : start + SUMMARY_BLOCK]
            summaries = await self._summaries(block)
            for line in block:
                summary = summaries.get(line.id)
                verdict = test(Subject(line, summary, last=summary is None))
                if verdict is None:
                    left.append(line)
                elif verdict:
                    found.append(line)
            await asyncio.sleep(0)
        return left

    async def judge_texts(self, test: Test, open_: Sequence[Line], found: list[Line], *, with_text: bool) -> None:
        """Decide the rest by header fields and decoded text, within the bounds of the module."""
        room = TEXT_OCTETS
        for start in range(0, len(open_), TEXT_BLOCK):
            block = open_[start : start + TEXT_BLOCK]
            within_bounds = start < TEXT_MESSAGES and room > 0
            room -= sum(line.size for line in block)
            summaries = await self._summaries(block)
            for line in block:
                subject = Subject(line, summaries.get(line.id), last=True)
                if within_bounds and subject.summary is not None:
                    subject = await self._read(subject, subject.summary, with_text=with_text)
                if test(subject):
                    found.append(line)

    async def _read(self, subject: Subject, summary: Summary, *, with_text: bool) -> Subject:
        whole = with_text and summary.size <= MAX_TEXT
        length = summary.size if whole else summary.header_size
        try:
            octets = await self._reading.octets(self._actor, self._account_id, subject.line.id, 0, length)
        except MailError:
            return subject
        text = await asyncio.to_thread(_decoded, octets) if whole else None
        return subject._replace(header=Header(octets[: summary.header_size]), text=text)

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


def _decoded(octets: bytes) -> str:
    return folded(searchable_text(octets)[1])


async def _judge_columns(lines: Sequence[Line], test: Test) -> tuple[list[Line], list[Line]]:
    """Return (lines that need more facts, lines that match)."""
    open_: list[Line] = []
    found: list[Line] = []
    for start in range(0, len(lines), YIELD_LINES):
        for line in lines[start : start + YIELD_LINES]:
            verdict = test(Subject(line))
            if verdict is None:
                open_.append(line)
            elif verdict:
                found.append(line)
        await asyncio.sleep(0)
    return open_, found
