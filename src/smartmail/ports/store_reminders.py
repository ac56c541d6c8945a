"""The store's part for reminders (domain/reminders.py). Proved by tests/contract/test_store_reminders.py."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.ids import AccountId, MessageId, ModSeq
from smartmail.domain.reminders import ReminderRow


class ReminderTx(Protocol):
    """Reminders inside one transaction of their account. A reminder goes with its message."""

    async def reminders(self, message_ids: Sequence[MessageId]) -> list[ReminderRow]:
        """Return those of the messages, as this transaction sees them."""
        ...

    async def waiting_reminders(self) -> int:
        """Return how many wait."""
        ...

    async def put_reminders(self, rows: Sequence[ReminderRow]) -> None:
        """Keep them, each in place of what its message had; the messages count as changed."""
        ...

    async def drop_reminders(self, message_ids: Sequence[MessageId]) -> list[MessageId]:
        """Forget those of the messages; return which had one. They count as changed."""
        ...

    async def note_looked(self, message_id: MessageId, looked: ModSeq) -> None:
        """Keep up to where answers were looked for. Not a change of the message."""
        ...


class ReminderStore(Protocol):
    """Reminders, read."""

    async def of_account(
        self, account_id: AccountId, message_ids: Sequence[MessageId] | None, limit: int
    ) -> list[ReminderRow]:
        """Return those of the messages, or all, the earliest hour first."""
        ...

    async def due(self, now: int, limit: int) -> list[tuple[AccountId, MessageId]]:
        """Return waiting ones of all accounts whose hour has come, the earliest first."""
        ...

    async def old(self, before: int, limit: int) -> list[tuple[AccountId, MessageId]]:
        """Return woken ones of all accounts whose hour lay before `before`, the oldest first."""
        ...

    async def stirred(self, limit: int) -> list[tuple[AccountId, MessageId]]:
        """Return waiting or woken follow-ups of all accounts in whose conversation something came that was not looked
        at, in no order.
        """
        ...

    async def conversation_since(
        self, account_id: AccountId, ref_hash: bytes, since: ModSeq, limit: int
    ) -> list[tuple[MessageId, ModSeq]]:
        """Return messages of the conversations that name a message id and when they came, of those that came after
        `since`, the oldest first.
        """
        ...

    async def put_off(self, account_id: AccountId, message_id: MessageId, wake_at: int) -> None:
        """Give one that waits and cannot be woken now another hour. Not a change of the message."""
        ...
