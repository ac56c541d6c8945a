"""From database rows to the nouns of the domain, and the column lists that go with them."""

from collections.abc import Iterable

from smartmail.adapters.sql.session import Row
from smartmail.adapters.sql.shape import Parts, Shape
from smartmail.domain.account import Account, Faculty, states_with
from smartmail.domain.ids import BlobId, ModSeq, VolumeId
from smartmail.domain.keywords import Keywords
from smartmail.domain.mailbox import MailboxRow
from smartmail.domain.message import BlobRow, MessageRow, Placement, ViewEntry
from smartmail.domain.queue import QueueEntryRow, QueueRecipient
from smartmail.domain.submission import IdentityRow, SubmissionRow

ACCOUNT = Shape(
    Account,
    "id, organization_id, kind, state, login, name, language, is_admin, wrapped_key, modseq, horizon,"
    " coalesce(quota, policy_quota) as quota, used, messages, auth_epoch, department, title, department_id,"
    " ends_at",
)
MAILBOX = Shape(MailboxRow)
MESSAGE = (
    "id, thread_id, blob_id, wrapped_key, size, received_at, sent_at, flags, tags, has_attachment, created_modseq,"
    " modseq, story"
)
PLACEMENT = "mailbox_id, uid, message_id, deleted, created_modseq, modseq"
VIEW = "p.uid, p.message_id, m.flags, m.tags, p.deleted, m.modseq"
"""Every change of a placement touches its message too (JMAP's mailboxIds), so the message's modseq is the larger."""
ENTRY = Shape(
    QueueEntryRow,
    "e.id, e.organization_id, e.blob_id, b.volume_id, b.location, b.size, b.newer_key, e.wrapped_key, e.sealed_envelope,"
    " e.sealed_prefix, e.size, e.created_at, e.expires_at, e.account_id, e.submission_id",
    blob=Parts(lambda *row: blob(row), "blob_id, volume_id, location, size, newer_key"),
)
RECIPIENT = Shape(
    QueueRecipient, "entry_id, number, domain, sealed, state, hold_reason, due_at, attempts, delay_told, sealed_result"
)
IDENTITY = Shape(IdentityRow)
SUBMISSION = Shape(SubmissionRow)

account, mailbox, queue_entry, recipient = ACCOUNT.of, MAILBOX.of, ENTRY.of, RECIPIENT.of
identity, submission = IDENTITY.of, SUBMISSION.of
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


def modseq(row: Row | None) -> ModSeq:
    """Return the first column as a modseq, 0 when there is none."""
    return ModSeq(row[0] or 0) if row else ModSeq(0)
