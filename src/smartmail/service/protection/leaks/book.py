"""The leak rules in force in this process.

STRATEGIES  The rules of exactly the epoch that service.kernel.policy applies, read when that moves and swapped as a whole: one
            epoch for knobs, access rules and leak rules. Where there is no rule, a letter costs this look at the epoch.
FAILURE     Rules that cannot be compiled (a newer program's) are logged and the last good ones hold; without any:
            Unavailable, and nothing leaves.
Must not know letters.
"""

import asyncio
from typing import Protocol

from smartmail.base import log
from smartmail.domain.errors import Unavailable
from smartmail.policy.leaks import LeakRuleset
from smartmail.ports.store_leaks import LeakStore
from smartmail.service.kernel.policy import PolicyService


class Store(Protocol):
    """The group of the store that has them."""

    @property
    def leaks(self) -> LeakStore: ...


class LeakBook:
    """Knows the rules in force."""

    def __init__(self, store: Store, policy: PolicyService) -> None:
        self._store = store
        self._policy = policy
        self._rules: LeakRuleset | None = None
        self._seen = -1
        self._reading = asyncio.Lock()

    async def rules(self) -> LeakRuleset:
        """Return the leak rules in force. Raises Unavailable."""
        epoch = (await self._policy.ruleset()).epoch
        if epoch != self._seen:
            async with self._reading:
                if epoch != self._seen:
                    await self._read(epoch)
        if self._rules is None:
            raise Unavailable(detail="the leak rules cannot be obeyed")
        return self._rules

    async def _read(self, epoch: int) -> None:
        _, rows = await self._store.leaks.rules(epoch)
        try:
            self._rules = LeakRuleset(epoch, rows)
        except (ValueError, KeyError, TypeError) as error:
            log.event("leaks.unreadable", epoch=epoch, detail=str(error))
        self._seen = epoch
