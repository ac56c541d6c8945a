"""Agreement: who changes what processes keep in memory answers only when every process has put its copy away.

STRATEGIES  The change is committed first. Then all are told on the bus, and each process that lives answers there: those that
            acknowledge the policy (policy_changes.acks) are the ones that live.
LIMITS      Who does not answer is waited for until no process trusts its copy any more: what keeps copies looks anew after
            a time of its own, which the waiting exceeds. So a lost hint costs time, and never makes the answer untrue.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from smartmail.domain.errors import MailError
from smartmail.domain.policy_changes import Ack
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_policy_changes import PolicyChangeStore
from smartmail.service.kernel.clock import SECOND

LIVING_MS: Final = 45 * SECOND
"""A process that did not show for so long that it lives is gone."""
_ASKED: Final = "changed"
_ANSWERED: Final = "changed-heard"
_SOMEBODY: Final = ""
"""Stands for the others where the store does not tell who they are: no process has this name."""


async def living(store: PolicyChangeStore, now: int) -> tuple[Ack, ...]:
    """Return the processes of all nodes that live."""
    return tuple(one for one in await store.acks() if now - one.seen_at <= LIVING_MS)


class Agreement:
    """One for each process: asks the others, and answers them."""

    def __init__(self, store: PolicyChangeStore, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._clock = clock
        self._bus = bus
        self._name = _SOMEBODY
        self._listeners: dict[str, Callable[[], None]] = {}
        self._waiting: dict[str, tuple[set[str], asyncio.Event]] = {}
        bus.subscribe(_ASKED, self._asked)
        bus.subscribe(_ANSWERED, self._answered)

    def join(self, node: str, process: str) -> None:
        """Answer from now on under the name by which this process acknowledges the policy."""
        self._name = _name_of(node, process)

    def on(self, kind: str, put_away: Callable[[], None]) -> None:
        """Call `put_away` when something of a kind has changed; what is asked for after it comes from the store."""
        self._listeners[kind] = put_away

    async def reach(self, kind: str, within_s: float) -> bool:
        """Wait until all processes that live have put away what they keep of a kind; after `within_s` seconds they do not
        trust it any more. Returns whether all have answered. The change is committed.
        """
        token, done = f"{self._clock.new_id():x}", asyncio.Event()
        waiting = await self._others()
        self._waiting[token] = waiting, done
        try:
            self._bus.publish(_ASKED, f"{token} {kind}")
            if waiting:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(within_s):
                        await done.wait()
            return not waiting
        finally:
            del self._waiting[token]

    async def _others(self) -> set[str]:
        try:
            found = await living(self._store, self._clock.now())
        except MailError:  # What is committed is not undone by it.
            return {_SOMEBODY}
        return {_name_of(one.node, one.process) for one in found} - {self._name}

    def _asked(self, payload: str) -> None:
        token, _, kind = payload.partition(" ")
        put_away = self._listeners.get(kind)
        if put_away is not None:
            put_away()
        if self._name != _SOMEBODY and token not in self._waiting:
            self._bus.publish(_ANSWERED, f"{token} {self._name}")

    def _answered(self, payload: str) -> None:
        token, _, name = payload.partition(" ")
        waiting, done = self._waiting.get(token, (set[str](), None))
        waiting.discard(name)
        if done is not None and not waiting:
            done.set()


def _name_of(node: str, process: str) -> str:
    return f"{node}/{process}"
