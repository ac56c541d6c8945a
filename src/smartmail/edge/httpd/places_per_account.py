"""How many of something are under way at once for one account, where the next one waits instead of being refused.

JMAP requests (RFC 8620 §2, maxConcurrentRequests) whichever way they come, and whatever else takes long. Must not know what
it is. Counts in this process alone. Beside it: `few_at_once`, which refuses.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from smartmail.domain.ids import AccountId


class PlacesPerAccount:
    """`most` places for each account."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._places: dict[AccountId, asyncio.Semaphore] = {}
        self._users: Counter[AccountId] = Counter()

    def is_full(self, account: AccountId) -> bool:
        """Say whether one more would have to wait."""
        places = self._places.get(account)
        return places is not None and places.locked()

    @asynccontextmanager
    async def one_more(self, account: AccountId) -> AsyncIterator[None]:
        """Hold a place for as long as the block runs."""
        await self.enter(account)
        try:
            yield
        finally:
            self.leave(account)

    async def enter(self, account: AccountId) -> None:
        """Take a place, once there is one. Whoever has it calls `leave`."""
        places = self._places.setdefault(account, asyncio.Semaphore(self._most))
        self._users[account] += 1
        try:
            await places.acquire()
        except BaseException:
            self._gone(account)
            raise

    def leave(self, account: AccountId) -> None:
        """Give a place back."""
        self._places[account].release()
        self._gone(account)

    def _gone(self, account: AccountId) -> None:
        self._users[account] -= 1
        if not self._users[account]:
            del self._users[account], self._places[account]
