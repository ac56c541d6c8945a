"""Identity and submission (RFC 8621 §6, §7) as the store keeps them."""

from dataclasses import dataclass
from typing import Literal

from smartmail.domain.ids import IdentityId, MessageId, ModSeq, QueueEntryId, SubmissionId, ThreadId

UndoStatus = Literal["pending", "final", "canceled"]


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """An address that the account may send as; name, signatures and reply-to are sealed."""

    id: IdentityId
    address: str
    sealed: bytes
    created_modseq: ModSeq
    modseq: ModSeq


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """A request to send. `sealed` holds the envelope; `send_at` in milliseconds."""

    identity_id: IdentityId
    message_id: MessageId
    thread_id: ThreadId
    queue_id: QueueEntryId
    sealed: bytes
    undo_status: UndoStatus
    send_at: int


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """A submission with its change numbers."""

    id: SubmissionId
    identity_id: IdentityId
    message_id: MessageId
    thread_id: ThreadId
    queue_id: QueueEntryId
    sealed: bytes
    undo_status: UndoStatus
    send_at: int
    created_modseq: ModSeq
    modseq: ModSeq
