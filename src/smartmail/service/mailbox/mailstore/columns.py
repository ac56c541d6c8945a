"""Columns of an account kept per process: what filters and sorts need of every message, without its summary.

LIMITS MAX_LINES per process; the accounts that were asked for least recently go first.
"""

from collections import OrderedDict
from collections.abc import Iterable

from smartmail.domain.ids import AccountId, MailboxId, MessageId, ModSeq
from smartmail.domain.message import MessageRow
from smartmail.domain.principal import Actor
from smartmail.service.mailbox.mailstore.conditions import Line, line_of
from smartmail.service.mailbox.mailstore.reading import ReadingService

MAX_LINES = 300_000
"""Columns kept per process, some 250 octets each."""
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
        self.lines = sorted(self._by_id.values(), key=newest, reverse=True)
        self.members: dict[MailboxId, frozenset[MessageId]] = {}
        self.state = state


def newest(line: Line) -> tuple[int, int]:
    """Sort key: when received."""
    return line.received_at, line.id


class ColumnCache:
    """The columns of accounts as their actors see them."""

    def __init__(self, reading: ReadingService) -> None:
        self._reading = reading
        # In an account that is shared each actor sees other messages.
        self._columns: OrderedDict[tuple[AccountId, AccountId], Columns] = OrderedDict()

    def holds(self, actor: Actor, account_id: AccountId) -> bool:
        """Whether the columns are there, or only need to be brought up to date."""
        return (account_id, actor.account_id) in self._columns

    async def get(self, actor: Actor, account_id: AccountId) -> Columns:
        """Return the columns as they are now. Raises NotFound."""
        key = account_id, actor.account_id
        state = await self._reading.state(actor, account_id, "message")
        known = self._columns.get(key)
        if known is not None and known.state != state and not await self._caught_up(actor, account_id, known):
            known = None
        if known is None:
            known = Columns(state, await self._reading.every_row(actor, account_id))
        self._columns[key] = known
        self._columns.move_to_end(key)
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
