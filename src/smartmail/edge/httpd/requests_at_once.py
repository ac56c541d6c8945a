"""How many JMAP requests of one account are carried out at once (RFC 8620 §2, maxConcurrentRequests), whichever way they come.

Must not know what is asked. Counts in this process alone.
"""

import asyncio
from collections import Counter

from smartmail.domain.ids import AccountId


class RequestsAtOnce:
    """Places for `most` requests of each account."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._places: dict[AccountId, asyncio.Semaphore] = {}
        self._users: Counter[AccountId] = Counter()

    def is_full(self, account: AccountId) -> bool:
        """Say whether one more would have to wait."""
        places = self._places.get(account)
        return places is not None and places.locked()

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
