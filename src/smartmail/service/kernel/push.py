"""Hints that an account has changed: published after the commit, heard by idle sessions.

A lost hint costs latency, never data: whoever waits also looks every few seconds (AR-4).
"""

from collections.abc import Callable

from smartmail.domain.ids import AccountId
from smartmail.ports.bus import Bus
from smartmail.service.kernel.waiters import Waiter, Waiters

ACCOUNT_TOPIC = "account"
QUEUE_TOPIC = "queue"
PUSH_TOPIC = "push"
POLL_SECONDS = 5.0
"""How often a waiting session looks by itself, in case a hint was lost."""


class Hints:
    """One subscription to the bus per process, fanned out to the sessions that wait for an account."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._waiters = Waiters()
        bus.subscribe(ACCOUNT_TOPIC, self._heard)
        # Who waits must also learn that its login has ended: password, lock, credential (one account), policy (all).
        bus.subscribe("auth", lambda payload: self._heard(payload.partition(" ")[0]))
        bus.subscribe("policy", lambda _payload: self._waiters.call_all())

    def account_changed(self, account_id: AccountId) -> None:
        """Tell that the account has a new change."""
        self._bus.publish(ACCOUNT_TOPIC, str(account_id))

    def queue_changed(self) -> None:
        """Tell the delivery workers that something is due."""
        self._bus.publish(QUEUE_TOPIC, "")

    def push_changed(self) -> None:
        """Tell who sends to devices that there is a subscription to look at."""
        self._bus.publish(PUSH_TOPIC, "")

    def on_push(self, listener: Waiter) -> Callable[[], None]:
        """Call `listener` when a device may have to be told something; return a function that ends it."""
        ends = [self._bus.subscribe(topic, lambda _payload: listener()) for topic in (PUSH_TOPIC, ACCOUNT_TOPIC)]

        def end() -> None:
            for one in ends:
                one()

        return end

    def on_queue(self, listener: Waiter) -> Callable[[], None]:
        """Call `listener` when the queue may have something due; return a function that ends it."""
        return self._bus.subscribe(QUEUE_TOPIC, lambda _payload: listener())

    def on_account(self, listener: Callable[[AccountId], None]) -> Callable[[], None]:
        """Call `listener` with each account that has changed; return a function that ends it."""
        return self._bus.subscribe(
            ACCOUNT_TOPIC, lambda payload: listener(AccountId(int(payload))) if payload.isdigit() else None
        )

    def watch(self, account_id: AccountId, waiter: Waiter) -> Callable[[], None]:
        """Call `waiter` on each hint for the account; return a function that ends it."""
        return self._waiters.watch(account_id, waiter)

    def _heard(self, payload: str) -> None:
        if payload.isdigit():
            self._waiters.call(int(payload))
