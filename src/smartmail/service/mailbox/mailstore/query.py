"""Queries over the messages of an account: filters and sorts (RFC 8621 §4.4), cheapest facts first.

NAME        query
PURPOSE     `window` answers a plain list of one mailbox from an index; `find` judges a tree of conditions: columns,
            then what the search index finds, then header fields; `newest` gives the first of that. `matching` gives IMAP SEARCH the same sets of messages
            for its texts; `snippets` shows where they stand.
STATES      none; columns of an account are kept per process and brought up to date from the change log.
STRATEGIES  Where every match must hold a text and the index finds few messages with it, only those are looked at; who
            wants the newest matches alone (`newest`) has the index look for the newest.
LIMITS      MAX_LINES columns per process.
FAILURE     A message that cannot be read has no header fields. What is not indexed yet is counted (`pending`).
SECURITY    Rights are asked at every read (service.mailbox.mailstore.reading): an actor finds what they may read. Messages whose
            every placement is marked deleted are never found (AR-2).
STANDARDS   RFC 8621 §4.4.1, §4.4.2, §5; RFC 8620 §5.5.
"""

from collections.abc import Collection, Container, Iterator, Sequence

from smartmail.domain.ids import AccountId, MailboxId, MessageId
from smartmail.domain.principal import Actor
from smartmail.formats.search.document import Field
from smartmail.formats.search.excerpt import Excerpt
from smartmail.formats.search.wording import Clause, Switch
from smartmail.service.mailbox.mailstore.columns import ColumnCache, newest
from smartmail.service.mailbox.mailstore.conditions import (
    NEWEST_FIRST,
    Line,
    Operator,
    Order,
    Tree,
    Wish,
    conditions,
    first_of_threads,
    required,
    wishes,
)
from smartmail.service.mailbox.mailstore.facts import EVERYTHING, Facts, judge_columns
from smartmail.service.mailbox.mailstore.keywords import KeywordService
from smartmail.service.mailbox.mailstore.reading import ReadingService
from smartmail.service.mailbox.search.service import SearchService

FEW = 20_000
"""Messages that are read one by one rather than with the account's columns."""
HANDFUL = 500
"""The same where the columns are in memory already."""
NEWEST_MOST = 1_000
"""Of so many the newest are found without the rest."""
_AHEAD = (2, 16)
"""How many times as many texts are found at first, and once more, as other conditions may leave too few of them."""
_IN_SUBJECT = frozenset({Field.SUBJECT, Field.COMMON, Field.ANYWHERE})
_IN_TEXT = frozenset({Field.BODY, Field.COMMON, Field.ANYWHERE, Field.FILE})


class _Every:
    """All messages."""

    def __contains__(self, message_id: object) -> bool:
        return True


class QueryService:
    """Finds messages of an account."""

    def __init__(self, reading: ReadingService, keywords: KeywordService, search: SearchService) -> None:
        self._reading = reading
        self._keywords = keywords
        self._search = search
        self._columns = ColumnCache(reading)

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
        facts = await self._facts(actor, account_id, tree)
        found = await self._judged(account_id, facts, tree)
        ordered = await facts.sorted(found, orders)
        return first_of_threads(ordered) if collapse else [line.id for line in ordered]

    async def newest(
        self, actor: Actor, account_id: AccountId, tree: Tree | None, limit: int
    ) -> list[MessageId] | None:
        """Return the first `limit` of what `find` gives in its usual order, or all if there are fewer; None: only `find`
        can tell. No more of the index is read than the newest messages with the texts of the tree need.
        """
        asked = required(tree)
        needed = _together(asked)
        if needed is None or limit > NEWEST_MOST or _asks_threads(tree):
            return None
        await self._reading.state(actor, account_id, "message")
        for ahead in _AHEAD:
            ids = await self._search.newest(account_id, needed, ahead * limit)
            facts = await Facts.of_few(self._reading, actor, account_id, ids)
            facts.hits.update(dict.fromkeys(asked, _Every()))
            found = await self._judged(account_id, facts, tree)
            if len(found) >= limit or len(ids) < ahead * limit:
                return [line.id for line in found[:limit]]
        return None

    async def matching(
        self,
        actor: Actor,
        account_id: AccountId,
        texts: Sequence[tuple[Field, str]],
        within: Collection[MessageId] | None = None,
    ) -> list[Container[MessageId]]:
        """Return for each (field, text) the messages that hold the whole text there, of those in `within`; others may be
        among them, also some that the actor may not see. Raises NotFound.
        """
        await self._reading.state(actor, account_id, "message")
        asked = [Wish(field, (text,), frozenset()) for field, text in texts]
        hits = await self._hits(account_id, asked, within)
        return [hits[wish] for wish in asked]

    async def pending(self, actor: Actor, account_id: AccountId) -> int:
        """Return how many messages are not indexed yet and so not found by their text. Raises NotFound."""
        await self._reading.state(actor, account_id, "message")
        pending = await self._search.pending(account_id)
        if pending and actor.account_id != account_id:
            # How many come elsewhere in an account is not for who may read a part of it.
            pending = min(pending, len(await self._reading.every_row(actor, account_id)))
        return pending

    async def snippets(
        self, actor: Actor, account_id: AccountId, tree: Tree | None, message_ids: Sequence[MessageId]
    ) -> dict[MessageId, Excerpt]:
        """Return where the texts of a filter stand in those messages that exist. Raises NotFound."""
        rows = await self._reading.rows(actor, account_id, message_ids)
        shown = list(_affirmed(tree))
        subject = _clauses([wish for wish in shown if wish.field in _IN_SUBJECT])
        text = _clauses([wish for wish in shown if wish.field in _IN_TEXT])
        return await self._search.excerpts(account_id, subject, text, [one for one in message_ids if one in rows])

    async def explain(
        self, actor: Actor, account_id: AccountId, tree: Tree | None, message_ids: Sequence[MessageId]
    ) -> dict[MessageId, frozenset[Switch]]:
        """Return by which switches of the filter messages were found; none: as typed. Raises NotFound."""
        rows = await self._reading.rows(actor, account_id, message_ids)
        clauses = _clauses(list(_affirmed(tree)))
        return await self._search.hows(account_id, clauses, [one for one in message_ids if one in rows])

    async def _judged(self, account_id: AccountId, facts: Facts, tree: Tree | None) -> list[Line]:
        """Return what matches, newest first."""
        facts.numbers = {name: number for number, name in (await self._keywords.names(account_id)).items()}
        test = facts.test(tree)
        candidates = facts.candidates(tree)
        open_, found = await judge_columns(candidates, test, facts.hits)
        if open_:
            missing = [wish for wish in wishes(tree) if wish not in facts.hits]
            facts.hits.update(await self._hits(account_id, missing, {line.id for line in open_}))
            open_, more = await judge_columns(open_, test, facts.hits)
            found += more
            await facts.judge_headers(test, open_, found)
            found.sort(key=newest, reverse=True)
        return found

    async def _facts(self, actor: Actor, account_id: AccountId, tree: Tree | None) -> Facts:
        """Return what the query is judged by: few messages where the index knows them, else all of the account."""
        await self._reading.state(actor, account_id, "message")
        hits: dict[Wish, Container[MessageId]] = {}
        asked = list(dict.fromkeys(required(tree)))
        if asked and not _asks_threads(tree):
            hits = await self._hits(account_id, asked, None)
            sets = [ids for ids in hits.values() if isinstance(ids, set)]
            few = set.intersection(*sets) if sets else None
            most = HANDFUL if self._columns.holds(actor, account_id) else FEW
            if few is not None and len(few) <= most:
                facts = await Facts.of_few(self._reading, actor, account_id, list(few))
                facts.hits.update(hits)
                return facts
        facts = Facts.of_columns(self._reading, actor, account_id, await self._columns.get(actor, account_id))
        await facts.load_members(tree)
        facts.hits.update(hits)
        return facts

    async def _hits(
        self, account_id: AccountId, asked: Sequence[Wish], within: Collection[MessageId] | None
    ) -> dict[Wish, Container[MessageId]]:
        clauses = {wish: wish.clause() for wish in asked}
        given = {wish: clause for wish, clause in clauses.items() if clause is not None}
        found = await self._search.matching(account_id, list(given.values()), within) if given else []
        hits: dict[Wish, Container[MessageId]] = dict.fromkeys(asked, _Every())
        hits.update(zip(given, found, strict=True))
        return hits


def _asks_threads(tree: Tree | None) -> bool:
    return any((one.all_in_thread, one.some_in_thread, one.none_in_thread) != (None,) * 3 for one in conditions(tree))


def _together(asked: Sequence[Wish]) -> Clause | None:
    """Return what looks for all of the texts at once, None when they say nothing."""
    demands = dict.fromkeys(demand for one in _clauses(asked) for demand in one.demands)
    return Clause(tuple(demands)) if demands else None


def _affirmed(tree: Tree | None) -> Iterator[Wish]:
    """Yield the texts that a match may hold: those under NOT are no reason for it."""
    if isinstance(tree, Operator):
        if tree.kind != "NOT":
            for part in tree.parts:
                yield from _affirmed(part)
    else:
        yield from wishes(tree)


def _clauses(asked: Sequence[Wish]) -> list[Clause]:
    return [clause for wish in asked if (clause := wish.clause()) is not None]
