"""The store's part for changes of keys of companies and accounts, proved by tests/contract/test_store_rekeying.py.

- There is one open change at a time.
- A wrapped key, and a sealed value, is replaced only where it is still the one that was read.
"""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.rekeying import Rekey, SealedColumn, SealedValue


class RekeyStore(Protocol):
    """Changes of keys, and what is sealed."""

    async def begin_rekey(self, row: Rekey, audit: AuditRecord) -> Rekey:
        """Add a change as it is given, but its id. Raises AlreadyExists while one is open."""
        ...

    async def rekeys(self, limit: int) -> list[Rekey]:
        """Return changes, the newest first."""
        ...

    async def lease_rekey(self, number: int, worker: str, now: int, until: int) -> Rekey | None:
        """Take or renew an open change; None when another is at it or it is over."""
        ...

    async def note_rekey(self, row: Rekey, worker: str, until: int, audit: AuditRecord | None = None) -> bool:
        """Write state, place, counts and times. False when it is another's, or is over, or was given up meanwhile."""
        ...

    async def withdraw_rekey(self, number: int, at: int, audit: AuditRecord) -> bool:
        """Give up a change that has only announced keys (it is announcing, or switching at part 0); say whether it was."""
        ...

    async def kept_rekeys(self) -> list[Rekey]:
        """Return changes that are done and whose keys of before are not destroyed, the oldest first."""
        ...

    async def note_destroyed(self, number: int, at: int, audit: AuditRecord) -> bool:
        """Note that the keys of before are destroyed, once; say whether it was not noted yet."""
        ...

    async def replace_account_key(self, account_id: AccountId, old: bytes, new: bytes) -> bool:
        """Replace an account's wrapped key if it is still the old one; say whether it was."""
        ...

    async def replace_queue_key(self, organization_id: OrganizationId, old: bytes, new: bytes) -> bool:
        """Replace the wrapped key of a company's queue if it is still the old one; say whether it was."""
        ...

    async def sealed_values(
        self, column: SealedColumn, owner: int, after: tuple[object, ...] | None, limit: int
    ) -> list[SealedValue]:
        """Return an owner's values of a column after a key, by key; those that are null are left out."""
        ...

    async def reseal_values(
        self, column: SealedColumn, owner: int, changes: Sequence[tuple[SealedValue, bytes]]
    ) -> None:
        """Replace values that are still what was read."""
        ...
