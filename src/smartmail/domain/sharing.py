"""What people share beside the mail itself: assignments, internal notes, who sent, who is replying."""

from dataclasses import dataclass
from typing import Literal

from smartmail.domain.ids import AccountId, MessageId, ModSeq, ThreadId
from smartmail.domain.keywords import Keywords

AssignmentState = Literal["open", "done"]


@dataclass(frozen=True, slots=True)
class PersonKeywords:
    """What one person alone has set on a message of somebody else's account."""

    message_id: MessageId
    keywords: Keywords
    personal: bool
    """Whether \\Seen and star of the message are each person's own."""


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """Who takes care of a conversation; one per thread, `id` is the thread's. Times in milliseconds."""

    thread_id: ThreadId
    message_id: MessageId
    assignee: AccountId
    assigned_by: AccountId
    at: int
    state: AssignmentState
    created_modseq: ModSeq
    modseq: ModSeq


@dataclass(frozen=True, slots=True)
class NoteRow:
    """An internal note on a message, sealed. Times in milliseconds."""

    id: int
    thread_id: ThreadId
    message_id: MessageId
    author: AccountId
    at: int
    edited_at: int | None
    sealed: bytes
    created_modseq: ModSeq
    modseq: ModSeq


@dataclass(frozen=True, slots=True)
class SentByRow:
    """Which person sent a message of a shared account. `sealed` holds how they were called then; `queue_id` is that of
    the queue entry when the message is the account's copy of one that was sent from elsewhere, else 0.
    """

    message_id: MessageId
    person_id: AccountId
    on_behalf: bool
    at: int
    sealed: bytes
    queue_id: int = 0


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One change of somebody's rights on another account, kept in the account of whom it concerns (RFC 9670 §3)."""

    id: int
    changed_by: AccountId
    object_account: AccountId
    mailbox_id: int
    old: frozenset[str]
    new: frozenset[str]
    at: int
