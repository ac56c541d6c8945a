"""The store's part for what was deleted (ports.store): messages in the vault, and tags."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.tags import TagRow
from smartmail.domain.vault import VaultReason, VaultRow


class VaultTx(Protocol):
    """Inside a mail transaction."""

    async def set_aside(
        self, message_ids: Sequence[MessageId], *, reason: VaultReason, replaced_by: MessageId | None = None
    ) -> list[MessageId]:
        """Remove messages with all placements into the vault; return those that existed."""
        ...

    async def discard_messages(self, message_ids: Sequence[MessageId]) -> list[MessageId]:
        """Remove messages with all placements and leave nothing in the vault; held ones are kept there all the same.
        Return those that existed.
        """
        ...

    async def take_from_vault(self, message_ids: Sequence[MessageId]) -> list[VaultRow]:
        """Remove rows from the vault and return them; the caller adds the message anew in the same transaction, which
        takes the blob's reference over.
        """
        ...

    async def move_marks(self, old: MessageId, new: MessageId) -> None:
        """Give what hangs on a message besides its row (personal keywords, who sent it, notes) to another one."""
        ...

    async def all_tags(self) -> list[TagRow]:
        """Return all tags, as this transaction sees them."""
        ...

    async def put_tag(self, number: int, sealed: bytes) -> TagRow:
        """Make or change the tag of an own keyword. Raises NotFound (keyword)."""
        ...

    async def destroy_tag(self, number: int) -> None:
        """Remove a tag; messages keep the keyword. Raises NotFound."""
        ...


class VaultStore(Protocol):
    """Outside of transactions."""

    async def vault(self, account_id: AccountId, *, position: int, limit: int) -> tuple[list[VaultRow], int]:
        """Return a window of the vault, what went last first, and the total."""
        ...

    async def vault_rows(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> list[VaultRow]:
        """Return those that are in the vault."""
        ...

    async def vault_ages(self) -> list[tuple[AccountId, int]]:
        """Return (account, time of its oldest row) of every account with something in the vault."""
        ...

    async def purge_vault(self, account_id: AccountId, *, before: int, limit: int) -> int:
        """Forget rows that went before a time, but those that a hold keeps; return how many, at most `limit`."""
        ...

    async def tags(self, account_id: AccountId) -> list[TagRow]:
        """Return all tags with their counts."""
        ...

    async def tagged_messages(
        self, account_id: AccountId, number: int, *, position: int, limit: int
    ) -> tuple[list[MessageId], int]:
        """Return a window of the messages that carry an own keyword, newest received first, and the total."""
        ...
