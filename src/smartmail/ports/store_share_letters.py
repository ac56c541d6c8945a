"""The store's part for letters about shares that are still to be written."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.ids import AccountId
from smartmail.domain.queue import NewQueueEntry
from smartmail.domain.share_letters import ShareLetter


class ShareLetterStore(Protocol):
    """Keeps them until the last reader is done with."""

    async def add_share_letters(self, rows: Sequence[ShareLetter]) -> None:
        """Keep what is to be told."""
        ...

    async def lease_share_letter(self, now: int, until: int, worker: str) -> ShareLetter | None:
        """Give the oldest that nobody works on to a worker; None where there is none."""
        ...

    async def note_share_letter(
        self, letter_id: bytes, worker: str, told: AccountId, until: int, entry: NewQueueEntry | None
    ) -> bool:
        """Queue a reader's letter, note that they are done with and keep the lease, all or nothing.

        False, and nothing is queued, where it is another worker's by now, or gone.
        """
        ...

    async def drop_share_letter(self, letter_id: bytes, worker: str) -> bool:
        """Forget one that is done with; False where it is another worker's by now, or gone."""
        ...
