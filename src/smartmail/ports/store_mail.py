"""What services read of one account's mail, and the delivery of copies."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from smartmail.domain.changes import Changes, ChangeType
from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId, BlobId, MailboxId, MessageId, ModSeq, SubmissionId, ThreadId
from smartmail.domain.mailbox import MailboxRow
from smartmail.domain.message import Added, Delivery, MessageRow, Placement, ViewChanges, ViewEntry
from smartmail.domain.queue import NewQueueEntry
from smartmail.domain.submission import IdentityRow, SubmissionRow


class MailReads(Protocol):
    """What services read of one account's mail."""

    async def mailboxes(self, account_id: AccountId) -> list[MailboxRow]:
        """Return all mailboxes of an account."""
        ...

    async def view(self, account_id: AccountId, mailbox_id: MailboxId) -> tuple[MailboxRow, list[ViewEntry]]:
        """Return a mailbox and all its lines by ascending UID, from one snapshot. Raises NotFound."""
        ...

    async def view_changes(
        self, account_id: AccountId, mailbox_id: MailboxId, since: ModSeq, *, everything: bool = False
    ) -> ViewChanges:
        """Return what changed in the mailbox after `since`; `everything` also tells UIDs that came and went since then.
        Raises NotFound when the mailbox has gone.
        """
        ...

    async def messages(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> list[MessageRow]:
        """Return those that exist, in no order."""
        ...

    async def placements(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> list[Placement]:
        """Return all placements of the messages."""
        ...

    async def summaries(
        self, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> list[tuple[MessageId, BlobId, bytes]]:
        """Return (id, blob id, sealed summary) of those that exist, in no order."""
        ...

    async def inspections(
        self, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> list[tuple[MessageId, BlobId, bytes]]:
        """Return (id, the blob that it is bound to, sealed inspection) of those that have one, in no order."""
        ...

    async def list_messages(
        self, account_id: AccountId, mailbox_id: MailboxId, *, position: int, limit: int
    ) -> tuple[list[MessageId], int]:
        """Return a window of the mailbox, newest received first, without deleted placements, and the total."""
        ...

    async def all_messages(self, account_id: AccountId) -> list[MessageRow]:
        """Return every message of the account, newest received first (filters and sorts run in services)."""
        ...

    async def thread(self, account_id: AccountId, thread_ids: Sequence[ThreadId]) -> list[tuple[ThreadId, MessageId]]:
        """Return members of the threads, oldest received first."""
        ...

    async def thread_counts(self, account_id: AccountId) -> Mapping[MailboxId, tuple[int, int]]:
        """Return mailbox → (threads, threads with an unseen message), as RFC 8621 §2 counts them."""
        ...

    async def keywords(self, account_id: AccountId) -> list[tuple[int, bytes]]:
        """Return number and sealed spelling of the account's own keywords."""
        ...

    async def changes(self, account_id: AccountId, kind: ChangeType, since: ModSeq, limit: int) -> Changes | None:
        """Return what happened to objects of a kind after `since`; None when the log does not reach back that far or
        `since` is yet to come. An object created and destroyed after `since` is left out. An answer is cut between
        two transactions only; one transaction that alone has more than `limit` lines is given whole.
        """
        ...

    async def state(self, account_id: AccountId, kind: ChangeType) -> ModSeq:
        """Return the highest modseq among the kind's changes."""
        ...

    async def imported(self, account_id: AccountId, keys: Sequence[bytes]) -> set[bytes]:
        """Return those keys that `MailTx.remember_import` has noted."""
        ...

    async def identities(self, account_id: AccountId) -> list[IdentityRow]:
        """Return all identities."""
        ...

    async def submissions(self, account_id: AccountId, ids: Sequence[SubmissionId] | None) -> list[SubmissionRow]:
        """Return the named submissions that exist, or all."""
        ...


class DeliveryStore(Protocol):
    """Copies for many accounts in one commit."""

    async def deliver_many(
        self, deliveries: Sequence[Delivery], fallback: NewQueueEntry | None
    ) -> list[Added | MailError | None]:
        """Store one copy per delivery in one commit: Added, None for a duplicate, or the error of that copy.

        Copies that fail are kept in that same commit as recipients of `fallback` (one recipient per delivery, in the
        same order; the others are left out). Without `fallback`, or when that fails too, nothing is stored and the
        first error is raised.
        """
        ...
