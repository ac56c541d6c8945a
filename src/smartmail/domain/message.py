"""Message, placement and what is needed to add one (docs/vocabulary.md)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from smartmail.domain.ids import AccountId, BlobId, MailboxId, MessageId, ModSeq, ThreadId, Uid, VolumeId
from smartmail.domain.keywords import NONE, SEEN, Keywords


@dataclass(frozen=True, slots=True)
class BlobRow:
    """Where sealed bytes lie. `size` is of the plain octets; `location` is the volume's own token. `newer_key`: where they
    were sealed anew, their key wrapped under the one that messages have.
    """

    id: BlobId
    volume_id: VolumeId
    location: str
    size: int
    newer_key: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class ThreadKeys:
    """Keyed hashes that decide the thread: own Message-ID, References and In-Reply-To, and the base subject.

    A message joins the thread of any earlier one that shares a reference and the base subject (RFC 8621 §3).
    Threads never merge: the oldest match wins and stays.
    """

    refs: tuple[bytes, ...] = ()
    subject: bytes = b""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message about to be stored in one account. `received_at` and `sent_at` in milliseconds of Unix time.

    `summary` is sealed under the account key and bound to account and blob, so that a copy keeps it.
    `thread_id` names a thread of the account for a copy of a message of ours; else `thread` decides. `replaces`: it takes
    the place of one that goes in the same transaction, so a full account has room for it. `inspection` is sealed like the
    summary: what was found out about a message from outside, b"" for one that nobody inspected. `story`: the one that it
    was delivered in (domain.trace), below 0 once it was read, 0 for none. `carried`: it comes from another account, with its
    story, which tells so.
    """

    blob: BlobRow
    wrapped_key: bytes
    size: int
    received_at: int
    sent_at: int
    summary: bytes
    mailboxes: tuple[MailboxId, ...]
    keywords: Keywords = NONE
    thread: ThreadKeys = ThreadKeys()
    has_attachment: bool = False
    thread_id: ThreadId | None = None
    replaces: bool = False
    inspection: bytes = b""
    story: int = 0
    carried: bool = False


class MessageRow(NamedTuple):
    """A message as the store keeps it; `story` as in NewMessage. (A tuple: lists of 100,000 are made at once.)"""

    id: MessageId
    thread_id: ThreadId
    blob_id: BlobId
    wrapped_key: bytes
    size: int
    received_at: int
    sent_at: int
    keywords: Keywords
    has_attachment: bool
    created_modseq: ModSeq
    modseq: ModSeq
    story: int = 0

    @property
    def was_read(self) -> bool:
        """Whether it is marked as seen, or its content has ever been shown."""
        return self.story < 0 or bool(self.keywords.bits & SEEN)


@dataclass(frozen=True, slots=True)
class Placement:
    """A message in a mailbox with its UID; `deleted` is IMAP's \\Deleted, which belongs to the placement."""

    mailbox_id: MailboxId
    uid: Uid
    message_id: MessageId
    deleted: bool
    created_modseq: ModSeq
    modseq: ModSeq


@dataclass(frozen=True, slots=True)
class Added:
    """What `add_message` did."""

    message_id: MessageId
    thread_id: ThreadId
    placements: tuple[tuple[MailboxId, Uid], ...]
    modseq: ModSeq


class ViewEntry(NamedTuple):
    """One line of a mailbox as IMAP sees it. `modseq` is the larger of message's and placement's.

    (A tuple: views of 100,000 lines are made at once.)
    """

    uid: Uid
    message_id: MessageId
    keywords: Keywords
    deleted: bool
    modseq: ModSeq


@dataclass(frozen=True, slots=True)
class ViewChanges:
    """What changed in a mailbox after a modseq: entries new or changed, UIDs gone, and where we are now.

    `complete` is False when the change log no longer reaches back that far: reload the view.
    """

    entries: Sequence[ViewEntry]
    vanished: Sequence[Uid]
    highest_modseq: ModSeq
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Delivery:
    """One copy for one account, for `Store.deliver_many`.

    `duplicate_key` is the keyed hash of (reverse-path, recipient, Message-ID, octets): a repeat within 24 h is
    acknowledged and not stored.
    """

    account_id: AccountId
    message: NewMessage
    duplicate_key: bytes
