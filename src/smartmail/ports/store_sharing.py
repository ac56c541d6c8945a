"""The store's part for sharing: grants, what is each person's own in a shared mailbox, work on shared mail.

Grants belong to the account that is shared and are changed in its own transactions with its own modseq. Reads are per
account; only `accounts_shared_with` looks across accounts.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from smartmail.domain.ids import AccountId, BlobId, MailboxId, MessageId, ModSeq, ThreadId
from smartmail.domain.keywords import Keywords
from smartmail.domain.message import MessageRow
from smartmail.domain.rights import Grant, Grantee
from smartmail.domain.sharing import AssignmentRow, AssignmentState, NoteRow, NoticeRow, PersonKeywords, SentByRow


class SharingTx(Protocol):
    """Changes of sharing inside one transaction of the shared account."""

    async def set_grant(
        self, mailbox_id: MailboxId, grantee: Grantee, rights: frozenset[str], ends_at: int | None = None
    ) -> frozenset[str]:
        """Give exactly these rights (none: take the grant away) until a moment (0: without an end; None: as long as what is
        there); return the former ones. The mailbox counts as changed. Raises NotFound (mailbox).
        """
        ...

    async def end_grant(self, ended: Grant) -> bool:
        """Take a grant away that still ends when this one says; say whether it was there."""
        ...

    async def copy_grants(self, source: MailboxId, target: MailboxId) -> None:
        """Give a new mailbox the grants and the switches of another one."""
        ...

    async def drop_grants(self, mailbox_id: MailboxId) -> None:
        """Forget all grants and switches of a mailbox that has gone."""
        ...

    async def touch_senders(self) -> None:
        """Note that it changed for whom this account's person may send: changes of identities before it are void."""
        ...

    async def set_personal(self, mailbox_id: MailboxId, *, personal: bool) -> None:
        """Say whether \\Seen and star are each person's own in a mailbox. Raises NotFound."""
        ...

    async def set_person_subscribed(self, person_id: AccountId, mailbox_id: MailboxId, *, subscribed: bool) -> None:
        """Keep whether a person wants to see a mailbox of this account. Raises NotFound."""
        ...

    async def person_keywords(self, person_id: AccountId, message_ids: Sequence[MessageId]) -> list[PersonKeywords]:
        """Return what the person has set, one entry per message that exists."""
        ...

    async def set_person_keywords(self, person_id: AccountId, changes: Mapping[MessageId, Keywords]) -> list[MessageId]:
        """Keep a person's own keywords; the messages get the transaction's modseq. Returns those that changed."""
        ...

    async def put_assignment(
        self, message_id: MessageId, assignee: AccountId, assigned_by: AccountId, at: int, state: AssignmentState
    ) -> AssignmentRow:
        """Assign the message's thread, instead of who had it. Raises NotFound.

        An assignment that is made, changed or taken away changes the mailboxes of its message, as a note does. When the
        message goes, it stays with another of the thread.
        """
        ...

    async def drop_assignment(self, thread_id: ThreadId) -> None:
        """Take an assignment away. Raises NotFound."""
        ...

    async def put_note(
        self, note_id: int | None, message_id: MessageId, author: AccountId, at: int, sealed: bytes
    ) -> NoteRow:
        """Write a note (None) or change its text; message and author of one that exists stay. Raises NotFound.

        A note goes with its message.
        """
        ...

    async def drop_note(self, note_id: int) -> None:
        """Remove a note. Raises NotFound."""
        ...

    async def put_sent_by(self, row: SentByRow) -> None:
        """Keep who sent a message; the message counts as changed. Raises NotFound."""
        ...

    async def drop_sent_by(self, message_id: MessageId) -> None:
        """Forget who sent a message, if that is known; the message counts as changed."""
        ...

    async def add_notice(self, notice: NoticeRow) -> None:
        """Keep a notice for this account's person (its id is given here)."""
        ...

    async def touch_notices(self) -> None:
        """Note that something changed about shares of which no notice is kept; no notice is another one."""
        ...

    async def drop_notices(self, ids: Sequence[int]) -> list[int]:
        """Remove notices; return those that existed."""
        ...


class SharingStore(Protocol):
    """Reads of sharing."""

    async def grants(self, account_id: AccountId) -> list[Grant]:
        """Return all grants of an account, those that have ended and were not taken away yet among them."""
        ...

    async def ended_grants(self, now: int, limit: int) -> list[Grant]:
        """Return grants of all accounts that have ended, the first that did first."""
        ...

    async def grants_state(self, account_id: AccountId) -> ModSeq:
        """Return the modseq at which grants or switches of the account last changed, 0 for never."""
        ...

    async def accounts_shared_with(self, grantees: Sequence[Grantee]) -> list[AccountId]:
        """Return accounts that hold a grant to one of the grantees, ascending."""
        ...

    async def personal_mailboxes(self, account_id: AccountId) -> list[MailboxId]:
        """Return the mailboxes in which \\Seen and star are each person's own."""
        ...

    async def person_subscriptions(self, account_id: AccountId, person_id: AccountId) -> Mapping[MailboxId, bool]:
        """Return what the person said about mailboxes of the account."""
        ...

    async def person_keywords(
        self, account_id: AccountId, person_id: AccountId, message_ids: Sequence[MessageId]
    ) -> list[PersonKeywords]:
        """Return what the person has set, one entry per message that exists and is personal or has a row."""
        ...

    async def person_unseen(self, account_id: AccountId, person_id: AccountId) -> Mapping[MailboxId, tuple[int, int]]:
        """Return (unseen, unseen placements) of the mailboxes whose \\Seen is each person's own; see MailboxRow."""
        ...

    async def blob_messages(self, account_id: AccountId, blob_id: BlobId) -> list[MessageRow]:
        """Return the messages of the account that refer to a blob."""
        ...

    async def is_upload(self, account_id: AccountId, blob_id: BlobId) -> bool:
        """Say whether the account holds the blob as an upload."""
        ...

    async def assignments(self, account_id: AccountId, thread_ids: Sequence[ThreadId] | None) -> list[AssignmentRow]:
        """Return assignments of the named threads, or all."""
        ...

    async def notes(self, account_id: AccountId, ids: Sequence[int] | None) -> list[NoteRow]:
        """Return the named notes, or all, oldest first."""
        ...

    async def notes_on(self, account_id: AccountId, thread_ids: Sequence[ThreadId]) -> list[NoteRow]:
        """Return the notes on conversations, oldest first."""
        ...

    async def sent_by(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> list[SentByRow]:
        """Return who sent messages, for those of which it is known."""
        ...

    async def sent_copies(self, queue_id: int) -> list[tuple[AccountId, MessageId]]:
        """Return the copies in other accounts that were made when a queue entry was."""
        ...

    async def left(
        self, account_id: AccountId, mailbox_ids: Sequence[MailboxId], since: ModSeq, until: ModSeq
    ) -> tuple[set[MessageId], set[ThreadId]]:
        """Return the messages, and the threads of messages, that lay in one of the mailboxes at `since` and left it until
        `until`. They may lie in another, or there again. Known from the first grant of the account on.
        """
        ...

    async def notices(self, account_id: AccountId) -> list[NoticeRow]:
        """Return the notices of an account's person, oldest first."""
        ...

    async def sweep_sharing(self, account_id: AccountId) -> int:
        """Remove what hung on messages that have gone; return how many rows."""
        ...
