"""IDLE: a session that waits costs a callback and a place in one list, no task and no timer of its own (RFC 2177)."""

import asyncio
from collections.abc import Callable
from weakref import WeakKeyDictionary

from smartmail.domain.ids import AccountId
from smartmail.service.kernel.push import POLL_SECONDS, Hints


class _Rounds:
    """Looks after all idling sessions of an event loop in turn, each once in POLL_SECONDS, in case a hint was lost."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: list[set[Callable[[], None]]] = [set() for _ in range(max(1, round(POLL_SECONDS)))]
        self._at = 0
        self._timer: asyncio.TimerHandle | None = None

    def add(self, look: Callable[[], None]) -> Callable[[], None]:
        """Call `look` regularly; return a function that ends it."""
        slot = min(self._slots, key=len)
        slot.add(look)
        if self._timer is None:
            self._timer = self._loop.call_later(1.0, self._turn)
        return lambda: slot.discard(look)

    def _turn(self) -> None:
        self._timer = self._loop.call_later(1.0, self._turn) if any(self._slots) else None
        self._at = (self._at + 1) % len(self._slots)
        for look in tuple(self._slots[self._at]):
            look()


_rounds: WeakKeyDictionary[asyncio.AbstractEventLoop, _Rounds] = WeakKeyDictionary()


def wait(hints: Hints, account_id: AccountId, look: Callable[[], None]) -> Callable[[], None]:
    """Call `look` on each hint for the account and every few seconds; return a function that ends it."""
    loop = asyncio.get_running_loop()
    rounds = _rounds.get(loop)
    if rounds is None:
        rounds = _rounds[loop] = _Rounds(loop)
    unwatch, leave = hints.watch(account_id, look), rounds.add(look)

    def end() -> None:
        unwatch()
        leave()

    return end
