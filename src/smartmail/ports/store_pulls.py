"""The store's part for pulls: outside mailboxes whose mail is brought in, and what was brought."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.pulls import PullEnd, PullRow, SeenRow


class PullStore(Protocol):
    """Keeps them."""

    async def add_pull(self, row: PullRow, most: int, audit: AuditRecord) -> None:
        """Keep a new pull. Raises RateLimited where the account has `most`."""
        ...

    async def pull(self, pull_id: bytes) -> PullRow | None:
        """Return a pull."""
        ...

    async def pulls(self, account_id: AccountId) -> list[PullRow]:
        """Return the pulls of an account, the oldest first."""
        ...

    async def pulls_of_organization(
        self, organization_id: OrganizationId | None, after: bytes, limit: int
    ) -> list[PullRow]:
        """Return pulls of a company (None: of all) after an id, in the order of their ids."""
        ...

    async def change_pull(self, row: PullRow, audit: AuditRecord, *, forget: bool = False) -> bool:
        """Write what its person changed (sealed, enabled, reason, failures, next_at) and take it from its worker; False where
        it is gone. `forget`: it is another mailbox now, nothing of which was seen.
        """
        ...

    async def drop_pull(self, pull_id: bytes, audit: AuditRecord | None = None) -> bool:
        """Forget a pull and what it saw; False where it is gone."""
        ...

    async def lease_pull(self, now: int, until: int, worker: str) -> PullRow | None:
        """Give the pull that is due longest to a worker; None where none is."""
        ...

    async def keep_pull(self, pull_id: bytes, worker: str, until: int) -> bool:
        """Keep the lease; False where it is another's by now, changed, or gone."""
        ...

    async def end_pull(self, pull_id: bytes, worker: str, end: PullEnd) -> bool:
        """Write what came of a turn and give the lease back; False where it is another's by now."""
        ...

    async def note_seen(self, pull_id: bytes, worker: str, rows: Sequence[SeenRow]) -> bool:
        """Note messages that are done with, and count those taken; False where the pull is another's by now."""
        ...

    async def seen_of(self, pull_id: bytes, keys: Sequence[bytes]) -> dict[bytes, SeenRow]:
        """Return what became of those of the keys that were seen."""
        ...

    async def saw_octets(self, pull_id: bytes, digest: bytes) -> bool:
        """Say whether a message of these octets was brought by a pull."""
        ...

    async def removed_there(self, pull_id: bytes, keys: Sequence[bytes]) -> None:
        """Note that messages were deleted at the source: nothing is left to do."""
        ...
