"""Who waits for news of an account: callbacks that are called in the process in which they were given.

Must not know what the news is, nor how a process hears of it.
"""

from collections.abc import Callable

from smartmail.domain.ids import AccountId

Waiter = Callable[[], None]


class Waiters:
    """Callbacks by account; an account without any is forgotten."""

    def __init__(self) -> None:
        self._of: dict[int, set[Waiter]] = {}

    def __len__(self) -> int:
        """Return how many accounts are waited for."""
        return len(self._of)

    def watch(self, account_id: AccountId, waiter: Waiter) -> Callable[[], None]:
        """Call `waiter` on each `call` for the account; return a function that ends it."""
        waiters = self._of.setdefault(account_id, set())
        waiters.add(waiter)

        def end() -> None:
            waiters.discard(waiter)
            if not waiters and self._of.get(account_id) is waiters:
                del self._of[account_id]

        return end

    def call(self, account_id: int) -> None:
        """Call who waits for an account. A waiter may end itself or begin another one meanwhile."""
        for waiter in tuple(self._of.get(account_id, ())):
            waiter()

    def call_all(self) -> None:
        """Call everybody who waits."""
        for account_id in tuple(self._of):
            self.call(account_id)
