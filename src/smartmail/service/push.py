"""Hints that an account has changed: published after the commit, heard by idle sessions.

A lost hint costs latency, never data: whoever waits also looks every few seconds (docs/architecture.md 4.3).
"""

from collections.abc import Callable

from smartmail.domain.ids import AccountId
from smartmail.ports.bus import Bus

ACCOUNT_TOPIC = "account"
QUEUE_TOPIC = "queue"
POLL_SECONDS = 5.0
"""How often a waiting session looks by itself, in case a hint was lost."""

Waiter = Callable[[], None]


class Hints:
    """One subscription to the bus per process, fanned out to the sessions that wait for an account."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._waiters: dict[int, set[Waiter]] = {}
        bus.subscribe(ACCOUNT_TOPIC, self._heard)

    def account_changed(self, account_id: AccountId) -> None:
        """Tell that the account has a new change."""
        self._bus.publish(ACCOUNT_TOPIC, str(account_id))

    def queue_changed(self) -> None:
        """Tell the delivery workers that something is due."""
        self._bus.publish(QUEUE_TOPIC, "")

    def on_queue(self, listener: Waiter) -> Callable[[], None]:
        """Call `listener` when the queue may have something due; return a function that ends it."""
        return self._bus.subscribe(QUEUE_TOPIC, lambda _payload: listener())

    def watch(self, account_id: AccountId, waiter: Waiter) -> Callable[[], None]:
        """Call `waiter` on each hint for the account; return a function that ends it."""
        waiters = self._waiters.setdefault(account_id, set())
        waiters.add(waiter)

        def end() -> None:
            waiters.discard(waiter)
            if not waiters and self._waiters.get(account_id) is waiters:
                del self._waiters[account_id]

        return end

    def _heard(self, payload: str) -> None:
        if not payload.isdigit():
            return
        for waiter in tuple(self._waiters.get(int(payload), ())):
            waiter()
