"""One transaction on the mail of one account, as services see it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import IdentityId, MailboxId, MessageId, QueueEntryId, SubmissionId, Uid
from smartmail.domain.keywords import Keywords
from smartmail.domain.mailbox import MailboxRow, NewMailbox
from smartmail.domain.message import Added, BlobRow, MessageRow, NewMessage, Placement, ViewEntry
from smartmail.domain.queue import NewQueueEntry
from smartmail.domain.submission import IdentityRow, NewSubmission, SubmissionRow, UndoStatus
from smartmail.ports.store_approvals import Asking
from smartmail.ports.store_contacts import ContactTx
from smartmail.ports.store_filters import FilterTx
from smartmail.ports.store_lessons import LessonTx
from smartmail.ports.store_recurring import RecurringTx
from smartmail.ports.store_reminders import ReminderTx
from smartmail.ports.store_sharing import SharingTx
from smartmail.ports.store_vault import VaultTx

T = TypeVar("T")


class MailTx(ContactTx, SharingTx, FilterTx, LessonTx, RecurringTx, ReminderTx, VaultTx, Protocol):
    """Changes to one account's mail inside one transaction."""

    async def account(self) -> Account:
        """Return the account, locked against other writers until the commit."""
        ...

    async def mailboxes(self) -> list[MailboxRow]:
        """Return all mailboxes."""
        ...

    async def create_mailbox(self, new: NewMailbox) -> MailboxRow:
        """Make one; UIDVALIDITY is greater than any that the account gave before. Raises AlreadyExists by name_hash
        under the same parent or by role.
        """
        ...

    async def update_mailbox(
        self,
        mailbox_id: MailboxId,
        *,
        parent_id: MailboxId | None = None,
        sealed_name: bytes | None = None,
        name_hash: bytes | None = None,
        role: str | None = None,
        subscribed: bool | None = None,
        sort_order: int | None = None,
    ) -> MailboxRow:
        """Change what is not None (role "" takes the role away). Raises NotFound, AlreadyExists."""
        ...

    async def destroy_mailbox(self, mailbox_id: MailboxId) -> list[MessageId]:
        """Remove a mailbox and its placements; return the messages destroyed because it held their last placement."""
        ...

    async def add_message(self, new: NewMessage) -> Added:
        """Store a message with its placements; find or make its thread. Raises NotFound (mailbox), OverQuota."""
        ...

    async def place(
        self, mailbox_id: MailboxId, message_ids: Sequence[MessageId], *, at: int | None = None
    ) -> list[tuple[MessageId, Uid]]:
        """Add placements, in the given order; a message that the mailbox already holds gets no second one and is left
        out of the answer. `at`: they stand in the mailbox's list as if received then. Raises NotFound.
        """
        ...

    async def remove_placements(self, mailbox_id: MailboxId, uids: Sequence[Uid]) -> list[MessageId]:
        """Remove placements that exist; return the messages destroyed because it was their last one."""
        ...

    async def destroy_messages(self, message_ids: Sequence[MessageId]) -> list[MessageId]:
        """Remove messages with all placements; return those that existed. Raises Forbidden while a hold keeps one."""
        ...

    async def set_keywords(self, changes: Mapping[MessageId, Keywords]) -> list[MessageId]:
        """Set the keywords of messages; unchanged ones keep their modseq and are left out of the answer."""
        ...

    async def note_read(self, message_ids: Sequence[MessageId]) -> list[MessageId]:
        """Note that the content of messages is shown, without a keyword: what has a story is told there once. Return those
        that exist.
        """
        ...

    async def note_files(self, message_ids: Sequence[MessageId]) -> None:
        """Mark messages that have files which an older version did not see; their modseq rises."""
        ...

    async def set_deleted(self, mailbox_id: MailboxId, uids: Sequence[Uid], *, deleted: bool) -> list[Uid]:
        """Mark or unmark placements as \\Deleted; return those that changed."""
        ...

    async def messages(self, message_ids: Sequence[MessageId]) -> list[MessageRow]:
        """Return those that exist, as this transaction sees them."""
        ...

    async def entries(self, mailbox_id: MailboxId, uids: Sequence[Uid]) -> list[ViewEntry]:
        """Return the view lines of those UIDs that exist, ascending, as this transaction sees them."""
        ...

    async def placements(self, message_ids: Sequence[MessageId]) -> list[Placement]:
        """Return all placements of the messages."""
        ...

    async def keyword_number(self, name_hash: bytes, sealed_name: bytes) -> int:
        """Return the number of an own keyword, giving it one when it is new."""
        ...

    async def remember_import(self, key: bytes, message_id: MessageId | None) -> bool:
        """Note an imported source item (keyed hash); False when it was already noted (MG-6: no doubles)."""
        ...

    async def note_parcel_message(self, parcel_id: bytes, message_id: MessageId) -> None:
        """Note that a parcel brought a message."""
        ...

    async def put_identity(self, identity_id: IdentityId | None, address: str, sealed: bytes) -> IdentityRow:
        """Make (id None) or change an identity."""
        ...

    async def destroy_identity(self, identity_id: IdentityId) -> None:
        """Remove an identity. Raises NotFound."""
        ...

    async def add_submission(self, new: NewSubmission) -> SubmissionRow:
        """Record a submission."""
        ...

    async def submission(self, submission_id: SubmissionId) -> SubmissionRow:
        """Return a submission as it is in this commit: what several tell of it is laid together. Raises NotFound."""
        ...

    async def update_submission(
        self, submission_id: SubmissionId, *, undo_status: UndoStatus | None = None, sealed: bytes | None = None
    ) -> SubmissionRow:
        """Change a submission. Raises NotFound."""
        ...

    async def destroy_submission(self, submission_id: SubmissionId) -> None:
        """Take a submission off the record; what it sent is on its way. Raises NotFound."""
        ...

    async def add_queue_entry(self, entry: NewQueueEntry) -> None:
        """Insert a queue entry in the same commit (6.2 ■ C)."""
        ...

    async def ask_approval(self, asking: Asking) -> None:
        """Note a question about an entry of the same commit. Raises AlreadyExists: it was asked before."""
        ...

    async def cancel_queue_entry(self, entry_id: QueueEntryId) -> bool:
        """Cancel every recipient of an entry of this account and remove it; False, and nothing is changed, when one was
        leased or already final.
        """
        ...

    async def end_question(self, entry_id: QueueEntryId, by: str) -> int | None:
        """Close the question that an entry waits for, as its sender wants no answer any more; return its id, None where
        nobody is asked. Before `cancel_queue_entry`: a decision locks both in this order.
        """
        ...

    async def put_upload(self, blob: BlobRow, wrapped_key: bytes, media_type: str, expires_at: int) -> None:
        """Note an uploaded blob of the account (RFC 8620 §6.1)."""
        ...

    async def audit(self, record: AuditRecord) -> None:
        """Append an audit record, unchained."""
        ...


Body = Callable[[MailTx], Awaitable[T]]
