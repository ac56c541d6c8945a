"""The vault: messages that were deleted or replaced and can be brought back (docs/vocabulary.md)."""

from dataclasses import dataclass
from typing import Literal

from smartmail.domain.ids import AccountId, BlobId, MailboxId, MessageId, ThreadId
from smartmail.domain.keywords import Keywords

VaultReason = Literal["deleted", "detached", "recalled"]
"""Why a message is in the vault. What was recalled is not restored by the person."""


@dataclass(frozen=True, slots=True)
class VaultRow:
    """A message that has gone. Times in milliseconds of Unix time; `mailboxes` held it last.

    `replaced_by` is the message without attachments that took its place.
    """

    account_id: AccountId
    message_id: MessageId
    thread_id: ThreadId
    blob_id: BlobId
    wrapped_key: bytes
    size: int
    received_at: int
    sent_at: int
    keywords: Keywords
    has_attachment: bool
    sealed_summary: bytes
    mailboxes: tuple[MailboxId, ...]
    reason: VaultReason
    replaced_by: MessageId | None
    at: int
    story: int = 0
