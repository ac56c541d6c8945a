"""From database rows to the nouns of the domain, and the column lists that go with them."""

from collections.abc import Iterable
from typing import Any

from smartmail.adapters.sql.session import Row
from smartmail.domain.account import Account, Faculty, states_with
from smartmail.domain.ids import AccountId, BlobId, ModSeq, OrganizationId, QueueEntryId, VolumeId
from smartmail.domain.keywords import Keywords
from smartmail.domain.mailbox import MailboxRow
from smartmail.domain.message import BlobRow, MessageRow, Placement, ViewEntry
from smartmail.domain.queue import QueueEntryRow, QueueRecipient
from smartmail.domain.submission import IdentityRow, SubmissionRow

ACCOUNT = (
    "id, organization_id, kind, state, login, name, language, is_admin, wrapped_key, modseq, horizon,"
    " coalesce(quota, policy_quota) as quota, used, messages, auth_epoch, department, title, department_id,"
    " ends_at"
)
MAILBOX = (
    "id, parent_id, role, sealed_name, name_hash, subscribed, sort_order, uidvalidity, uidnext, placements, total,"
    " unseen, unseen_placements, size, created_modseq, modseq, highest_modseq, recent_uid"
)
MESSAGE = (
    "id, thread_id, blob_id, wrapped_key, size, received_at, sent_at, flags, tags, has_attachment, created_modseq,"
    " modseq, story"
)
PLACEMENT = "mailbox_id, uid, message_id, deleted, created_modseq, modseq"
VIEW = "p.uid, p.message_id, m.flags, m.tags, p.deleted, m.modseq"
"""Every change of a placement touches its message too (JMAP's mailboxIds), so the message's modseq is the larger."""
ENTRY = (
    "e.id, e.organization_id, e.blob_id, b.volume_id, b.location, b.size, b.newer_key, e.wrapped_key, e.sealed_envelope,"
    " e.sealed_prefix, e.size, e.created_at, e.expires_at, e.account_id, e.submission_id"
)
RECIPIENT = "entry_id, number, domain, sealed, state, hold_reason, due_at, attempts, delay_told, sealed_result"
IDENTITY = "id, address, sealed, created_modseq, modseq"
SUBMISSION = "id, identity_id, message_id, thread_id, queue_id, sealed, undo_status, send_at, created_modseq, modseq"

_MAX_INTERNED = 10_000


class _Interned(dict[tuple[int, str | None], Keywords]):
    """Keywords by their stored form: a mailbox of 100,000 has a handful of different ones."""

    def __missing__(self, key: tuple[int, str | None]) -> Keywords:
        if len(self) >= _MAX_INTERNED:
            self.clear()
        bits, tags = key
        value = Keywords(bits, tuple(map(int, tags.split(","))) if tags else ())
        self[key] = value
        return value


_keywords = _Interned()


def keywords(bits: int, tags: str | None) -> Keywords:
    """Return keywords from their stored form."""
    return _keywords[bits, tags]


def tags_text(value: Keywords) -> str | None:
    """Return the stored form of own keywords."""
    return ",".join(map(str, value.tags)) if value.tags else None


def states(faculty: Faculty) -> str:
    """Return the states in which an account can do something, as SQL has a list."""
    return ", ".join(f"'{state}'" for state in states_with(faculty))


def account(row: Row) -> Account:
    """Return an account from the columns ACCOUNT."""
    values: list[Any] = list(row)
    values[7] = bool(values[7])
    return Account(*values)


def mailbox(row: Row) -> MailboxRow:
    """Return a mailbox from the columns MAILBOX."""
    values: list[Any] = list(row)
    values[5] = bool(values[5])
    return MailboxRow(*values)


def messages(rows: Iterable[Row]) -> list[MessageRow]:
    """Return messages from the columns MESSAGE."""
    known = _keywords
    return [
        MessageRow(
            number, thread, blob, key, size, received, sent, known[bits, tags], attachment != 0, created, modseq, story
        )
        for number, thread, blob, key, size, received, sent, bits, tags, attachment, created, modseq, story in rows
    ]


def entries(rows: Iterable[Row]) -> list[ViewEntry]:
    """Return lines of a mailbox from the columns VIEW."""
    known = _keywords
    return [
        ViewEntry(uid, message, known[bits, tags], deleted != 0, modseq)
        for uid, message, bits, tags, deleted, modseq in rows
    ]


def placements(rows: Iterable[Row]) -> list[Placement]:
    """Return placements from the columns PLACEMENT."""
    return [Placement(box, uid, message, deleted != 0, created, modseq)
            for box, uid, message, deleted, created, modseq in rows]  # fmt: skip


def blob(row: Row) -> BlobRow:
    """Return a blob from id, volume_id, location, size and, where it is asked for, newer_key."""
    return BlobRow(BlobId(row[0]), VolumeId(row[1]), row[2], row[3], bytes(row[4] or b"") if len(row) > 4 else b"")


def queue_entry(row: Row) -> QueueEntryRow:
    """Return a queue entry from the columns ENTRY."""
    (
        number,
        organization,
        blob_id,
        volume,
        location,
        octets,
        newer,
        key,
        envelope,
        prefix,
        size,
        created,
        expires,
        owner,
        sub,
    ) = row
    return QueueEntryRow(
        QueueEntryId(number), OrganizationId(organization), BlobRow(blob_id, volume, location, octets, newer or b""), key, envelope,
        prefix, size, created, expires, None if owner is None else AccountId(owner), sub,
    )  # fmt: skip


def recipient(row: Row) -> QueueRecipient:
    """Return a recipient from the columns RECIPIENT."""
    values: list[Any] = list(row)
    values[8] = bool(values[8])
    return QueueRecipient(*values)


def identity(row: Row) -> IdentityRow:
    """Return an identity from the columns IDENTITY."""
    return IdentityRow(*row)


def submission(row: Row) -> SubmissionRow:
    """Return a submission from the columns SUBMISSION."""
    return SubmissionRow(*row)


def modseq(row: Row | None) -> ModSeq:
    """Return the first column as a modseq, 0 when there is none."""
    return ModSeq(row[0] or 0) if row else ModSeq(0)
