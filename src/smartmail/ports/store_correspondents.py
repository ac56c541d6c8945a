"""The store's part for correspondents (domain/correspondents.py). Proved by tests/contract/test_store_correspondents.py."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.correspondents import Contact, Correspondent
from smartmail.domain.ids import AccountId, ThreadId


class CorrespondentStore(Protocol):
    """Lines of owners, by keyed hashes."""

    async def correspondents(self, owner: int, keys: Sequence[bytes]) -> dict[bytes, Correspondent]:
        """Return the lines of these keys that are there."""
        ...

    async def has_reference(self, account_id: AccountId, hashes: Sequence[bytes]) -> bool:
        """Say whether a conversation of an account names one of these message ids (keyed hashes)."""
        ...

    async def referring_threads(self, account_id: AccountId, hashes: Sequence[bytes], limit: int) -> list[ThreadId]:
        """Return at most `limit` threads of an account that name one of these message ids (keyed hashes), the oldest first."""
        ...

    async def note_contacts(self, contacts: Sequence[Contact]) -> None:
        """Add to lines: counts grow, the first time stays, the last and the proved one only rise. Owners keep
        `MAX_CORRESPONDENTS` lines, those that were silent longest go.
        """
        ...
