"""Mailbox: a named set of messages (RFC 8621 §2), an IMAP mailbox."""

from dataclasses import dataclass
from typing import Literal, get_args

from smartmail.domain.ids import MailboxId, ModSeq, Uid

MailboxRole = Literal["inbox", "sent", "drafts", "trash", "junk", "archive", "memos", "scheduled", "snoozed"]
ROLES: tuple[MailboxRole, ...] = get_args(MailboxRole)

MAX_NAME_OCTETS = 255
MAX_DEPTH = 20

OTHERS = "Other Users"
"""RFC 2342 §5, example 5.4: the level below which IMAP shows mailboxes of other people, one level for each login."""
SHARED = "Shared"
"""RFC 2342 §5: the same for accounts that nobody logs in as."""


def is_reserved(path: tuple[str, ...]) -> bool:
    """Say whether a mailbox at this path would be hidden behind mailboxes of others: LIST could never show it."""
    return path[0] == OTHERS or (path[0] == SHARED and len(path) > 1 and "@" in path[1])


def unreserved(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return a path that is not reserved, for mail that comes with one and must lie somewhere: its first name marked."""
    return (f"{path[0]}_", *path[1:]) if is_reserved(path) else path


@dataclass(frozen=True, slots=True)
class NewMailbox:
    """What is needed to make one. `sealed_name` and `name_hash` are made by the service that knows the key."""

    parent_id: MailboxId
    role: MailboxRole | None
    sealed_name: bytes
    name_hash: bytes
    subscribed: bool = True
    sort_order: int = 0


@dataclass(frozen=True, slots=True)
class MailboxRow:
    """A mailbox as the store keeps it: the name is sealed, the counters are plain.

    `total` and `unseen` leave out placements marked deleted (RFC 8621 §4.1.1); `placements` counts all of them,
    as IMAP STATUS MESSAGES does, and `unseen_placements` all without \\Seen, as IMAP STATUS UNSEEN does.
    `modseq` is that of its properties, `highest_modseq` of anything in it (RFC 7162 HIGHESTMODSEQ). `recent_uid`: up to
    where an IMAP session that may change it has been told of its messages (RFC 3501 §2.3.2).
    """

    id: MailboxId
    parent_id: MailboxId
    role: MailboxRole | None
    sealed_name: bytes
    name_hash: bytes
    subscribed: bool
    sort_order: int
    uidvalidity: int
    uidnext: Uid
    placements: int
    total: int
    unseen: int
    unseen_placements: int
    size: int
    created_modseq: ModSeq
    modseq: ModSeq
    highest_modseq: ModSeq
    recent_uid: Uid


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox with its name opened; `path` runs from the root."""

    row: MailboxRow
    name: str
    path: tuple[str, ...]
