"""Counts what this process does, and adds it to the installation's minutes.

STRATEGIES  What services tell the tracer and the record of logins is counted as it passes, in memory; a loop of the process
            writes it every half second. Nobody waits for it.
LIMITS      One number for each figure, company, label and minute; minutes older than two hours are given up.
FAILURE     The store is away: numbers wait for it. A process that dies loses its last half second of numbers; the books of
            the queue and the records do not depend on them.
"""

from collections.abc import Iterable
from typing import Final, Protocol

from smartmail.domain.account import LoginAttempt
from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.trace import Event, Facts
from smartmail.domain.trends import NOBODY, TRENDS, WATCHED, Trend, merged
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_trends import TrendStore
from smartmail.service.kernel.clock import MINUTE


class _Store(AccountStore, TrendStore, Protocol): ...


WAIT_MINUTES: Final = 120
MAX_HOMES: Final = 20_000
INWARD: Final = frozenset({"smtp", "lmtp"})
_ENDS: Final = {"deferred": "mail.deferred", "bounced": "mail.bounced", "expired": "mail.bounced"}
_Key = tuple[str, OrganizationId, str, int]


class TrendCounter:
    """Counts, and writes behind."""

    def __init__(self, store: _Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: dict[_Key, Trend] = {}
        self._knocks: dict[tuple[AccountId | None, str, str, int], int] = {}
        self._homes: dict[AccountId, OrganizationId] = {}

    def count(self, name: str, organization_id: OrganizationId, label: str = "", by: int = 1) -> None:
        """Count something that happened now."""
        self._put(name, organization_id, label, by)

    def measure(self, name: str, value: int, label: str = "", organization_id: OrganizationId = NOBODY) -> None:
        """Note what was measured now."""
        self._put(name, organization_id, label, value)

    def told(self, organization_id: OrganizationId, facts: Facts | None, events: Iterable[Event]) -> None:
        """Count what the tracer was told. `facts`: of a story that begins."""
        kinds = {one.kind: one for one in events}
        if "accepted" in kinds and facts is not None:
            self.count("mail.in" if facts.door in INWARD else "mail.sent", organization_id)
        if "rejected" in kinds:
            self.count("verdict", organization_id, "refused")
        elif "checked" in kinds:
            self.count("verdict", organization_id, kinds["checked"].act or "deliver")
        for one in events:
            if one.kind == "delivered":
                self.count("mail.out" if one.host else "mail.delivered", organization_id)
            elif one.kind in _ENDS:
                self.count(_ENDS[one.kind], organization_id)

    def knocked(self, attempt: LoginAttempt) -> None:
        """Count a login, or one that failed."""
        name = "login.ok" if attempt.result == "ok" else "login.failed"
        key = (attempt.account_id, name, attempt.country, self._clock.now() // MINUTE)
        self._knocks[key] = self._knocks.get(key, 0) + 1

    async def flush(self) -> bool:
        """Write what waits; say whether there was anything. Raises nothing: what cannot be written waits."""
        try:
            await self._place_knocks()
            batch, self._waiting = self._waiting, {}
            if not batch:
                return False
            try:
                await self._store.add_trends(list(batch.values()))
            except MailError:
                for one in batch.values():
                    self._join(one)
                raise
        except MailError:
            self._forget_old()
            return False
        return True

    async def _place_knocks(self) -> None:
        """Find out whose logins were counted. Raises Unavailable, and then they wait."""
        for account_id in {key[0] for key in self._knocks}:
            await self._home(account_id)
        knocks, self._knocks = self._knocks, {}
        for (account_id, name, country, minute), number in knocks.items():
            if account_id is not None and account_id not in self._homes:  # it came while the others were looked up
                self._knocks[account_id, name, country, minute] = number
                continue
            home = NOBODY if account_id is None else self._homes[account_id]
            self._join(Trend(name, home, country, minute, number, number, 1))

    def _put(self, name: str, organization_id: OrganizationId, label: str, value: int) -> None:
        assert name in TRENDS or name == WATCHED, name
        self._join(Trend(name, organization_id, label, self._clock.now() // MINUTE, value, value, 1))

    def _join(self, one: Trend) -> None:
        key = (one.name, one.organization_id, one.label, one.at)
        there = self._waiting.get(key)
        self._waiting[key] = one if there is None else merged(there, one)

    def _forget_old(self) -> None:
        oldest = self._clock.now() // MINUTE - WAIT_MINUTES
        self._waiting = {key: one for key, one in self._waiting.items() if one.at >= oldest}
        self._knocks = {key: number for key, number in self._knocks.items() if key[3] >= oldest}

    async def _home(self, account_id: AccountId | None) -> OrganizationId:
        if account_id is None:
            return NOBODY
        known = self._homes.get(account_id)
        if known is None:
            try:
                known = (await self._store.account(account_id)).organization_id
            except NotFound:
                known = NOBODY
            if len(self._homes) >= MAX_HOMES:
                self._homes.clear()
            self._homes[account_id] = known
        return known
