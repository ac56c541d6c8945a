"""The store's part for invitations: what a person knows and said of an event."""

from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId


class InvitationStore(Protocol):
    """Keeps one sealed text for each event of an account."""

    async def invitation(self, account_id: AccountId, uid_hash: bytes) -> bytes | None:
        """Return what is sealed of an event."""
        ...

    async def invitations(self, account_id: AccountId, limit: int) -> list[tuple[bytes, bytes]]:
        """Return (hash of the UID, what is sealed) of events of an account, what changed last first."""
        ...

    async def put_invitation(
        self, account_id: AccountId, uid_hash: bytes, before: bytes | None, sealed: bytes, at: int,
        audit: AuditRecord | None = None,
    ) -> bool:  # fmt: skip
        """Write it in place of `before` (None: there was none); False where somebody else wrote since."""
        ...
