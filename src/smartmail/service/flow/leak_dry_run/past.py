"""Mail that an account sent and that is still there, as leak prevention would be shown it.

STRATEGIES  A submission has the envelope, but not by which of our own ways it came (`WAYS`); a copy in Sent without one was handed in
            by SMTP and kept by a mail program: its envelope is To, Cc and Bcc of its header.
LIMITS      What was refused is in no mailbox, and what a mail program kept no copy of is nowhere: neither is met.
SECURITY    Read with the account's keys for counts and masked values; the content goes to the judge alone.
Must not know rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from smartmail.domain.account import Account
from smartmail.domain.ids import MessageId
from smartmail.domain.leaks import Exit
from smartmail.domain.message import BlobRow, MessageRow
from smartmail.domain.submission import SubmissionRow
from smartmail.formats.seal import SealError
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_mail import MailReads
from smartmail.service.flow.submission_record import open_submission
from smartmail.service.flow.submission_request import header_recipients
from smartmail.service.kernel.intake import open_summary
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.protection.leaks import OutgoingLetter
from smartmail.service.protection.leaks.letter import Read

PAGE: Final = 500
WAYS: Final[tuple[Exit, ...]] = ("jmap", "web", "api", "planned")
"""By which a submission may have left."""


class Store(AccountStore, BlobRowStore, MailReads, Protocol):
    """Its groups."""


@dataclass(frozen=True, slots=True)
class Past:
    """A letter that was sent; `letter` None: it cannot be judged, for that reason. `doubtful`: it left by one of WAYS. `at` in
    milliseconds.
    """

    id: MessageId
    at: int
    letter: OutgoingLetter | None
    reason: str = ""
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """What an account sent in a time: messages by id, and the submissions of those that have one."""

    account: Account
    ids: tuple[MessageId, ...]
    submissions: dict[MessageId, SubmissionRow]


class PastMail:
    """Finds and opens it."""

    def __init__(self, store: Store, keyring: Keyring, blobs: SealedBlobs) -> None:
        self._store = store
        self._keyring = keyring
        self._blobs = blobs

    async def sent(self, account: Account, since: int, until: int) -> Sent:
        """Return what an account sent from `since` on and before `until` (milliseconds)."""
        rows = await self._store.submissions(account.id, None)
        submissions = {row.message_id: row for row in rows if row.undo_status != "canceled"}
        ids = set(submissions)
        for box in await self._store.mailboxes(account.id):
            if box.role == "sent":
                _, view = await self._store.view(account.id, box.id)
                ids.update(one.message_id for one in view)
        found: list[MessageId] = []
        for page in _pages(sorted(ids)):
            rows_there = {row.id: row for row in await self._store.messages(account.id, page)}
            for one in page:
                at = _sent_at(submissions.get(one), rows_there.get(one))
                if since <= at < until:
                    found.append(one)
        return Sent(account, tuple(found), submissions)

    async def letters(self, sent: Sent, ids: Sequence[MessageId]) -> list[Past]:
        """Open some of what was sent, in their order. Raises Unavailable."""
        account = sent.account
        keys = await self._keyring.account(account)
        rows = {row.id: row for row in await self._store.messages(account.id, ids)}
        blobs = {row.id: row for row in await self._store.blobs([row.blob_id for row in rows.values()])}
        sealed = {one[0]: one[2] for one in await self._store.summaries(account.id, ids)}
        found = []
        for one in ids:
            row, submission = rows.get(one), sent.submissions.get(one)
            at, blob = _sent_at(submission, row), None if row is None else blobs.get(row.blob_id)
            if row is None or blob is None:
                found.append(Past(one, at, None, "gone"))
            elif account.kind != "person":
                # Who of those that may send for it wrote it is not kept with the copy.
                found.append(Past(one, at, None, "shared"))
            else:
                opener = _Opener(account, keys, row, blob, sealed.get(one, b""), self._blobs)
                found.append(opener.past(at, submission))
        return found


@dataclass(frozen=True, slots=True)
class _Opener:
    account: Account
    keys: Sealer
    row: MessageRow
    blob: BlobRow
    sealed: bytes
    blobs: SealedBlobs

    def past(self, at: int, submission: SubmissionRow | None) -> Past:
        """Return the letter, or why there is none."""
        account, sender = self.account, self.account.login
        way: Exit = "smtp"
        try:
            summary = open_summary(self.keys, self.row.blob_id, self.sealed)
            recipients = header_recipients(summary)
            if submission is not None:
                text = open_submission(self.keys, submission)
                way, sender, recipients = "secure" if text.ticket else WAYS[0], text.mail_from, text.rcpt_to
            read = self._reader()
        except SealError:
            return Past(self.row.id, at, None, "damaged")
        usable = tuple(one for one in recipients if "@" in one)
        if not usable:
            return Past(self.row.id, at, None, "no-recipient")
        letter = OutgoingLetter(account.id, way, sender, usable, summary, read)
        return Past(self.row.id, at, letter, doubtful=way == WAYS[0])

    def _reader(self) -> Read:
        """Return what reads the message; the last range is kept, for it is asked for by each set of rules."""
        data_key = self.keys.unwrap(self.row.blob_id, self.row.wrapped_key)
        last: tuple[int, int, bytes] | None = None

        async def read(start: int, length: int) -> bytes:
            nonlocal last
            if last is None or last[:2] != (start, length):
                home = self.account.organization_id
                last = start, length, await self.blobs.read(self.blob, home, data_key, start, length)
            return last[2]

        return read


def _sent_at(submission: SubmissionRow | None, row: MessageRow | None) -> int:
    if submission is not None:
        return submission.send_at
    return 0 if row is None else row.received_at


def _pages(ids: Sequence[MessageId]) -> list[Sequence[MessageId]]:
    return [ids[start : start + PAGE] for start in range(0, len(ids), PAGE)]
