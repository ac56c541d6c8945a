"""What the jobs of upkeep remove: expired rows, old changes."""

from typing import Protocol

from smartmail.domain.ids import AccountId, ModSeq


class UpkeepStore(Protocol):
    """Expired rows and old changes."""

    async def expire(self, now: int) -> int:
        """Remove expired delivery keys, sessions, uploads and tokens; return how many."""
        ...

    async def trim_changes(self, account_id: AccountId, below: ModSeq) -> None:
        """Forget what was destroyed up to `below` and raise the horizon to it. Raises NotFound, also for a modseq that
        the account has not reached.
        """
        ...

    async def mark_changes(self, now: int, last: int) -> int:
        """Note how far the change log of accounts is that went on since their newest mark, unless that is younger than
        `last`; return how many.
        """
        ...

    async def old_marks(self, before: int, limit: int) -> list[tuple[AccountId, ModSeq]]:
        """Return the newest per account of the oldest `limit` marks made before a time. `trim_changes` removes marks up
        to its own.
        """
        ...
