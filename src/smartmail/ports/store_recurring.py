"""The store's part for recurring mail (domain/recurring.py). Proved by tests/contract/test_store_recurring.py."""

from typing import Protocol

from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.recurring import RecurringRow


class RecurringTx(Protocol):
    """Plans inside one transaction of their account."""

    async def recurring(self) -> list[RecurringRow]:
        """Return all, as this transaction sees them."""
        ...

    async def put_recurring(self, row: RecurringRow) -> None:
        """Keep a plan in place of what its message had; the message counts as changed."""
        ...

    async def drop_recurring(self, message_id: MessageId) -> bool:
        """Forget a plan; False where there is none. Its message counts as changed."""
        ...


class RecurringStore(Protocol):
    """Plans of all accounts."""

    async def of_account(self, account_id: AccountId) -> list[RecurringRow]:
        """Return the plans of an account, the next turn first."""
        ...

    async def lease(self, now: int, until: int, worker: str) -> RecurringRow | None:
        """Lease to a worker the active plan that is due longest and is nobody's at present; None where none is."""
        ...

    async def put_off(self, account_id: AccountId, message_id: MessageId, until: int) -> None:
        """Keep a plan from being leased until then; its next turn stays. Not a change of the message."""
        ...

    async def forget(self, account_id: AccountId) -> None:
        """Forget the plans of an account that is gone."""
        ...
