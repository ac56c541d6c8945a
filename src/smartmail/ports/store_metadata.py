"""The group of the store for what IMAP keeps beside mail: annotations (RFC 5464), save dates (RFC 8514), and which
messages are recent (RFC 3501 §2.3.2).

Rules that every driver keeps, proved by tests/contract/test_store_metadata.py: annotations go with their mailbox; neither they
nor what is recent change a modseq. Values are sealed, names are keyed hashes.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from smartmail.domain.ids import AccountId, MailboxId, Uid


class MetadataStore(Protocol):
    """Annotations, save dates, recent messages."""

    async def annotations(
        self, account_id: AccountId, mailbox_id: MailboxId, owner_id: AccountId
    ) -> Mapping[bytes, bytes]:
        """Return name hash → sealed entry: what all see (owner 0) and what is `owner_id`'s own. `mailbox_id` 0: the
        server's.
        """
        ...

    async def set_annotations(
        self,
        account_id: AccountId,
        mailbox_id: MailboxId,
        owner_id: AccountId,
        values: Mapping[bytes, bytes | None],
        *,
        most: int,
    ) -> bool:
        """Put or take away (None) entries of one owner (0: what all see), all or none; False when the owner would then
        have more than `most` there.
        """
        ...

    async def save_dates(self, account_id: AccountId, mailbox_id: MailboxId, uids: Sequence[Uid]) -> dict[Uid, int]:
        """Return when the messages came into the mailbox, in milliseconds; those that exist."""
        ...

    async def claim_recent(self, account_id: AccountId, mailbox_id: MailboxId, upto: Uid) -> Uid:
        """Note that a session has been told of every message up to a UID; return up to where one had been before: each
        message is news to one session alone. Raises NotFound.
        """
        ...

    async def count_above(self, account_id: AccountId, mailbox_id: MailboxId, uid: Uid) -> int:
        """Return how many messages a mailbox has above a UID."""
        ...
