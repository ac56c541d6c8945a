"""The store's core group: one account, and changes to its mail in one transaction. Most services use it."""

from typing import Protocol

from smartmail.domain.account import Account
from smartmail.domain.ids import AccountId
from smartmail.ports.store_tx import Body, T


class AccountStore(Protocol):
    """One account, and changes to its mail."""

    async def account(self, account_id: AccountId) -> Account:
        """Return an account. Raises NotFound."""
        ...

    async def write(self, account_id: AccountId, body: Body[T]) -> T:
        """Run `body` in one durable transaction on one account. Raises what `body` raises, NotFound, Unavailable.

        StateMismatch, before `body` runs, when the task expects another state (ports.expectation).
        """
        ...
