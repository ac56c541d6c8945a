"""The store: everything durable except blobs.

Rules that every driver keeps, proved by one contract suite (tests/contract/test_store_*.py):

- `write(account_id, body)` runs `body(tx)` in one transaction and returns only after it is durable. `body` awaits
  nothing but `tx`, has no side effects and may be run again. A body that raises changes nothing, also when other
  bodies share its commit.
- One modseq per account and transaction: the first change of a body raises the account's counter by one, every row
  touched carries it, every destroyed object leaves a tombstone (AR-5). Counters of mailboxes
  and accounts are kept by the store, in the same transaction.
- UIDs rise and are never used again under one UIDVALIDITY, also after the newest message has gone.
- Every mail row starts with the account id; no method spans two accounts except `deliver_many`, which is one
  commit of independent bodies.
- Reads outside `write` see the last commit. They are short, or paged by the driver.
- The store sees sealed bytes and keyed hashes only; it never opens anything.

Errors: domain.errors (NotFound, AlreadyExists, OverQuota, StateMismatch); Unavailable when the database is away.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from smartmail.domain.account import Account, AccountState, Credential, DomainRow, NewAccount, Organization, Session
from smartmail.domain.audit import AuditRecord
from smartmail.domain.changes import Changes, ChangeType
from smartmail.domain.cluster import NodeClaim, NodeRow, VolumeRow
from smartmail.domain.errors import MailError
from smartmail.domain.ids import (
    AccountId,
    BlobId,
    IdentityId,
    MailboxId,
    MessageId,
    ModSeq,
    OrganizationId,
    QueueEntryId,
    SubmissionId,
    ThreadId,
    Uid,
)
from smartmail.domain.keywords import Keywords
from smartmail.domain.mailbox import MailboxRow, NewMailbox
from smartmail.domain.message import Added, BlobRow, Delivery, MessageRow, NewMessage, Placement, ViewChanges, ViewEntry
from smartmail.domain.queue import Attempt, HoldReason, NewQueueEntry, QueueEntryRow, QueueRecipient
from smartmail.domain.signing import KeyState, SigningKeyRow
from smartmail.domain.submission import IdentityRow, NewSubmission, SubmissionRow, UndoStatus
from smartmail.ports.store_absences import AbsenceStore
from smartmail.ports.store_access import AccessStore
from smartmail.ports.store_account_life import AccountLifeStore
from smartmail.ports.store_addressing import AddressingStore
from smartmail.ports.store_admin_jobs import AdminJobStore
from smartmail.ports.store_alarms import AlarmStore
from smartmail.ports.store_appearance import AppearanceStore
from smartmail.ports.store_audit import AuditStore
from smartmail.ports.store_authentication import AuthenticationStore
from smartmail.ports.store_backup import BackupStore
from smartmail.ports.store_big_files import BigFileStore
from smartmail.ports.store_brands import BrandStore
from smartmail.ports.store_break_glass import BreakGlassStore
from smartmail.ports.store_bulletins import BulletinStore
from smartmail.ports.store_cases import CaseStore
from smartmail.ports.store_contacts import ContactStore, ContactTx
from smartmail.ports.store_correspondents import CorrespondentStore
from smartmail.ports.store_database import DatabaseStore
from smartmail.ports.store_defence import DefenceStore
from smartmail.ports.store_directory_import import DirectoryImportStore
from smartmail.ports.store_factors import FactorStore
from smartmail.ports.store_figures import FigureStore
from smartmail.ports.store_filters import FilterStore, FilterTx
from smartmail.ports.store_identity_certificates import IdentityCertificateStore
from smartmail.ports.store_independence import IndependenceStore
from smartmail.ports.store_invitations import InvitationStore
from smartmail.ports.store_keys import KeyStore
from smartmail.ports.store_lessons import LessonStore, LessonTx
from smartmail.ports.store_list_remindings import ListRemindingStore
from smartmail.ports.store_metadata import MetadataStore
from smartmail.ports.store_oauth import OauthStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_parcels import ParcelStore
from smartmail.ports.store_photographs import PhotographStore
from smartmail.ports.store_policy import PolicyStore
from smartmail.ports.store_policy_changes import PolicyChangeStore
from smartmail.ports.store_proposals import ProposalStore
from smartmail.ports.store_pulls import PullStore
from smartmail.ports.store_push import PushStore
from smartmail.ports.store_quarantine import QuarantineStore
from smartmail.ports.store_queue import QueueControlStore, QueueLineStore
from smartmail.ports.store_records import RecordStore
from smartmail.ports.store_recurring import RecurringStore, RecurringTx
from smartmail.ports.store_rekeying import RekeyStore
from smartmail.ports.store_reminders import ReminderStore, ReminderTx
from smartmail.ports.store_roles import RoleStore
from smartmail.ports.store_route import RouteStore
from smartmail.ports.store_search import SearchStore
from smartmail.ports.store_share_letters import ShareLetterStore
from smartmail.ports.store_share_requests import ShareRequestStore
from smartmail.ports.store_sharing import SharingStore, SharingTx
from smartmail.ports.store_tasks import TaskStore
from smartmail.ports.store_team_templates import TeamTemplateStore
from smartmail.ports.store_trace import TraceStore
from smartmail.ports.store_transport import TransportStore
from smartmail.ports.store_trends import TrendStore
from smartmail.ports.store_vault import VaultStore, VaultTx
from smartmail.ports.store_volumes import VolumeStore
from smartmail.ports.store_webhooks import WebhookStore

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


class MailReads(Protocol):
    """What services read of one account's mail."""

    async def account(self, account_id: AccountId) -> Account:
        """Return an account. Raises NotFound."""
        ...

    async def mailboxes(self, account_id: AccountId) -> list[MailboxRow]:
        """Return all mailboxes of an account."""
        ...

    async def view(self, account_id: AccountId, mailbox_id: MailboxId) -> tuple[MailboxRow, list[ViewEntry]]:
        """Return a mailbox and all its lines by ascending UID, from one snapshot. Raises NotFound."""
        ...

    async def view_changes(
        self, account_id: AccountId, mailbox_id: MailboxId, since: ModSeq, *, everything: bool = False
    ) -> ViewChanges:
        """Return what changed in the mailbox after `since`; `everything` also tells UIDs that came and went since then.
        Raises NotFound when the mailbox has gone.
        """
        ...

    async def messages(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> list[MessageRow]:
        """Return those that exist, in no order."""
        ...

    async def placements(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> list[Placement]:
        """Return all placements of the messages."""
        ...

    async def summaries(
        self, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> list[tuple[MessageId, BlobId, bytes]]:
        """Return (id, blob id, sealed summary) of those that exist, in no order."""
        ...

    async def inspections(
        self, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> list[tuple[MessageId, BlobId, bytes]]:
        """Return (id, the blob that it is bound to, sealed inspection) of those that have one, in no order."""
        ...

    async def blob(self, blob_id: BlobId) -> BlobRow:
        """Return where a blob lies. Raises NotFound."""
        ...

    async def blobs(self, blob_ids: Sequence[BlobId]) -> list[BlobRow]:
        """Return those that exist, in no order."""
        ...

    async def blob_key(self, account_id: AccountId, blob_id: BlobId) -> bytes:
        """Return the data key wrapped for the account, from a message or an upload. Raises NotFound: also the proof
        that the account may read the blob.
        """
        ...

    async def list_messages(
        self, account_id: AccountId, mailbox_id: MailboxId, *, position: int, limit: int
    ) -> tuple[list[MessageId], int]:
        """Return a window of the mailbox, newest received first, without deleted placements, and the total."""
        ...

    async def all_messages(self, account_id: AccountId) -> list[MessageRow]:
        """Return every message of the account, newest received first (filters and sorts run in services)."""
        ...

    async def thread(self, account_id: AccountId, thread_ids: Sequence[ThreadId]) -> list[tuple[ThreadId, MessageId]]:
        """Return members of the threads, oldest received first."""
        ...

    async def thread_counts(self, account_id: AccountId) -> Mapping[MailboxId, tuple[int, int]]:
        """Return mailbox → (threads, threads with an unseen message), as RFC 8621 §2 counts them."""
        ...

    async def keywords(self, account_id: AccountId) -> list[tuple[int, bytes]]:
        """Return number and sealed spelling of the account's own keywords."""
        ...

    async def changes(self, account_id: AccountId, kind: ChangeType, since: ModSeq, limit: int) -> Changes | None:
        """Return what happened to objects of a kind after `since`; None when the log does not reach back that far or
        `since` is yet to come. An object created and destroyed after `since` is left out. An answer is cut between
        two transactions only; one transaction that alone has more than `limit` lines is given whole.
        """
        ...

    async def state(self, account_id: AccountId, kind: ChangeType) -> ModSeq:
        """Return the highest modseq among the kind's changes."""
        ...

    async def imported(self, account_id: AccountId, keys: Sequence[bytes]) -> set[bytes]:
        """Return those keys that `MailTx.remember_import` has noted."""
        ...

    async def identities(self, account_id: AccountId) -> list[IdentityRow]:
        """Return all identities."""
        ...

    async def submissions(self, account_id: AccountId, ids: Sequence[SubmissionId] | None) -> list[SubmissionRow]:
        """Return the named submissions that exist, or all."""
        ...


class QueueStore(QueueLineStore, QueueControlStore, Protocol):
    """The queue: results, inspection."""

    async def enqueue(self, entry: NewQueueEntry) -> None:
        """Insert an entry that belongs to no account transaction (mail from outside)."""
        ...

    async def report(
        self, worker: str, entry_id: QueueEntryId, attempts: Sequence[Attempt], enqueue: Sequence[NewQueueEntry] = ()
    ) -> bool:
        """Record outcomes of a lease; an entry whose recipients are all final is removed and its blob released.

        `enqueue` holds reports to the sender, inserted in the same commit, so that a failure is never forgotten.
        False when the lease was lost: then nothing was recorded and nothing enqueued.
        """
        ...

    async def set_prefix(self, entry_id: QueueEntryId, sealed_prefix: bytes) -> bytes:
        """Keep the header lines that go first; the first writer wins, and the kept value is returned."""
        ...

    async def next_due(self) -> int | None:
        """Return the earliest time at which something that is not in line yet will be, or None."""
        ...

    async def queue_entries(self, limit: int) -> list[tuple[QueueEntryRow, list[QueueRecipient]]]:
        """Return the oldest entries with all recipients."""
        ...

    async def release(self, entry_id: QueueEntryId, reason: HoldReason, *, now: int) -> int:
        """Make recipients held for that reason ready; return how many."""
        ...

    async def cancel_entry(self, entry_id: QueueEntryId) -> bool:
        """Remove an entry with all recipients that are not final, whoever it belongs to (an administrator's act).

        False when there is none, or one of its recipients is leased: it may be on its way this moment.
        """
        ...


class DirectoryStore(Protocol):
    """Organisations, domains, accounts, addresses, credentials, sessions."""

    async def create_organization(
        self, name: str, wrap: Callable[[OrganizationId], tuple[bytes, bytes]]
    ) -> Organization:
        """Make an organisation; `wrap` makes (wrapped key, wrapped queue key) once the id is known.

        Raises AlreadyExists by name.
        """
        ...

    async def organization(self, organization_id: OrganizationId) -> Organization:
        """Raises NotFound."""
        ...

    async def organizations(self) -> list[Organization]:
        """Return all."""
        ...

    async def add_domain(self, row: DomainRow) -> None:
        """Raises AlreadyExists."""
        ...

    async def domain(self, name: str) -> DomainRow | None:
        """Return the domain if it is ours."""
        ...

    async def domains(self) -> list[DomainRow]:
        """Return all."""
        ...

    async def create_account(self, new: NewAccount, wrap: Callable[[AccountId], bytes]) -> Account:
        """Make an account and its login address. `wrap` makes the wrapped key once the id is known.
        Raises AlreadyExists (address), NotFound (organisation).
        """
        ...

    async def update_account(
        self,
        account_id: AccountId,
        *,
        name: str | None = None,
        language: str | None = None,
        is_admin: bool | None = None,
        quota: int | None = None,
        state: AccountState | None = None,
        raise_epoch: bool = False,
    ) -> Account:
        """Change what is not None (quota -1 lifts it). Raises NotFound."""
        ...

    async def accounts(self, organization_id: OrganizationId | None = None) -> list[Account]:
        """Return accounts ordered by login."""
        ...

    async def administrators(self, organization_id: OrganizationId | None = None) -> list[Account]:
        """Return the administrators of an organisation, None: of all, that can sign in now, ordered by login."""
        ...

    async def add_address(self, address: str, account_id: AccountId) -> None:
        """Add an alias. Raises AlreadyExists, NotFound."""
        ...

    async def addresses(self, account_id: AccountId) -> list[str]:
        """Return all addresses of the account, the login first."""
        ...

    async def resolve(self, addresses: Sequence[str]) -> Mapping[str, AccountId]:
        """Return those addresses (normalised) that are accounts of ours and active."""
        ...

    async def credentials(self, account_id: AccountId) -> list[Credential]:
        """Return all credentials of an account."""
        ...

    async def put_credential(self, credential: Credential) -> Credential:
        """Insert (id 0) or replace; the main password is one per account. How it was last used stays.

        Raises NotFound (id), AlreadyExists (another has the same `lookup`).
        """
        ...

    async def credential_of(self, lookup: bytes) -> Credential | None:
        """Return the token or certificate found by its SHA-256."""
        ...

    async def delete_credential(self, account_id: AccountId, credential_id: int) -> None:
        """Remove one."""
        ...

    async def put_session(self, session: Session) -> None:
        """Insert or refresh a web session."""
        ...

    async def session(self, token_hash: bytes) -> Session | None:
        """Return a session."""
        ...

    async def sessions(self, account_id: AccountId) -> list[Session]:
        """Return an account's sessions by time of their start, expired ones among them."""
        ...

    async def delete_session(self, token_hash: bytes) -> None:
        """Remove a session."""
        ...


class ConfigStore(Protocol):
    """Settings, secrets of domains, set-up tokens."""

    async def setting(self, scope: str, name: str) -> str | None:
        """Return a setting's JSON text."""
        ...

    async def settings(self, scope: str) -> Mapping[str, str]:
        """Return all settings of a scope."""
        ...

    async def put_setting(self, scope: str, name: str, value: str | None, *, audit: AuditRecord | None = None) -> None:
        """Set or remove (None) a setting."""
        ...

    async def dkim_keys(self, domain: str) -> list[SigningKeyRow]:
        """Return a domain's signing keys in all states, by selector."""
        ...

    async def put_dkim_key(self, row: SigningKeyRow) -> None:
        """Insert or replace a key."""
        ...

    async def set_dkim_states(self, domain: str, states: Mapping[str, KeyState], *, at: int) -> None:
        """Change the states of some keys (selector → state) at once."""
        ...

    async def drop_dkim_key(self, domain: str, selector: str) -> bool:
        """Remove a key; say whether it was there."""
        ...

    async def use_once(self, token_hash: bytes) -> str | None:
        """Consume a one-time token; return its purpose, or None when unknown, used or expired."""
        ...

    async def put_once(self, token_hash: bytes, purpose: str, expires_at: int) -> None:
        """Keep a one-time token."""
        ...

    async def audit(self, record: AuditRecord, account_id: AccountId | None = None) -> None:
        """Append an audit record outside an account transaction. `account_id`: whose data the act was on."""
        ...


class ClusterStore(Protocol):
    """Volumes, nodes, blobs that nobody refers to."""

    async def volumes(self) -> list[VolumeRow]:
        """Return all volumes."""
        ...

    async def add_volume(self, kind: str, config: str, weight: int) -> VolumeRow:
        """Register a volume, online."""
        ...

    async def heartbeat(self, node: NodeRow) -> list[NodeRow]:
        """Note that a node lives; return all nodes seen in the last minute."""
        ...

    async def dead_blobs(self, before: int, limit: int) -> list[BlobRow]:
        """Return blobs without a reference since `before` (milliseconds)."""
        ...

    async def forget_blobs(self, blob_ids: Sequence[BlobId]) -> list[BlobId]:
        """Remove rows of blobs that still have no reference; return those removed."""
        ...

    async def relocate_blob(self, blob_id: BlobId, old: BlobRow, new: BlobRow) -> bool:
        """Swap a blob's location if it still is `old`."""
        ...

    async def blob_rows(self, after: BlobId, limit: int) -> list[tuple[BlobRow, int]]:
        """Return blobs with their reference count by ascending id (check-store, compaction)."""
        ...

    async def expire(self, now: int) -> int:
        """Remove expired delivery keys, sessions, uploads and tokens; return how many."""
        ...

    async def trim_changes(self, account_id: AccountId, below: ModSeq) -> None:
        """Forget what was destroyed up to `below` and raise the horizon to it. Raises NotFound, also for a modseq that
        the account has not reached.
        """
        ...

    async def mark_changes(self, now: int, last: int) -> int:
        """Note how far the change log of accounts is that went on since their newest mark, unless that is younger than
        `last`; return how many.
        """
        ...

    async def old_marks(self, before: int, limit: int) -> list[tuple[AccountId, ModSeq]]:
        """Return the newest per account of the oldest `limit` marks made before a time. `trim_changes` removes marks up
        to its own.
        """
        ...

    async def lock(self, name: str, owner: str, *, now: int, until: int, any_clock: bool = False) -> bool:
        """Take or renew a named lease for a job that runs once in the cluster. Raises ClockOff: this node's clock is off,
        unless `any_clock` says that it goes on with what it holds, or that the job is safe all the same. Giving a lease
        back (`until` is not after `now`) is always safe.
        """
        ...

    async def take_back_locks(self, owners: str) -> None:
        """End the named leases of owners whose names begin so, who are known to be dead."""
        ...

    async def moment(self) -> int:
        """Return the time by which leases are, in milliseconds of Unix time: the database server's where several nodes
        share one, else this machine's.
        """
        ...

    async def knows_schema(self) -> bool:
        """Say whether this program knows the schema that the database has by now: another node may have changed it."""
        ...

    async def claim_node(self, claim: NodeClaim, silent_since: int) -> NodeClaim:
        """Take a node's name, where nobody has it, the same place has it, or whoever has it was last heard of at
        `silent_since` or before; return whose it is now.
        """
        ...

    async def hold_node(self, name: str, holder: str, now: int, skew: int) -> bool:
        """Tell that the holder of a name lives; False where another holds it by now."""
        ...

    async def node_claims(self, since: int) -> list[NodeClaim]:
        """Return the names that were held at that time or after."""
        ...


class Store(
    MailReads,
    QueueStore,
    QuarantineStore,
    CaseStore,
    DirectoryStore,
    OrganizationStore,
    AccountLifeStore,
    AbsenceStore,
    ConfigStore,
    PolicyStore,
    AccessStore,
    PolicyChangeStore,
    SharingStore,
    PushStore,
    MetadataStore,
    SearchStore,
    FilterStore,
    FactorStore,
    IdentityCertificateStore,
    CorrespondentStore,
    ContactStore,
    LessonStore,
    VaultStore,
    AuditStore,
    RecordStore,
    TransportStore,
    OauthStore,
    AuthenticationStore,
    AddressingStore,
    DefenceStore,
    RoleStore,
    BreakGlassStore,
    IndependenceStore,
    ProposalStore,
    DirectoryImportStore,
    RouteStore,
    TraceStore,
    AdminJobStore,
    AlarmStore,
    FigureStore,
    TrendStore,
    AppearanceStore,
    PhotographStore,
    BackupStore,
    BigFileStore,
    ParcelStore,
    PullStore,
    InvitationStore,
    ReminderStore,
    RecurringStore,
    TeamTemplateStore,
    ShareRequestStore,
    ShareLetterStore,
    TaskStore,
    BrandStore,
    BulletinStore,
    ListRemindingStore,
    WebhookStore,
    VolumeStore,
    KeyStore,
    RekeyStore,
    ClusterStore,
    DatabaseStore,
    Protocol,
):
    """All groups, and the ways to write mail."""

    async def write(self, account_id: AccountId, body: Body[T]) -> T:
        """Run `body` in one durable transaction on one account. Raises what `body` raises, NotFound, Unavailable.

        StateMismatch, before `body` runs, when the task expects another state (ports.expectation).
        """
        ...

    async def deliver_many(
        self, deliveries: Sequence[Delivery], fallback: NewQueueEntry | None
    ) -> list[Added | MailError | None]:
        """Store one copy per delivery in one commit: Added, None for a duplicate, or the error of that copy.

        Copies that fail are kept in that same commit as recipients of `fallback` (one recipient per delivery, in the
        same order; the others are left out). Without `fallback`, or when that fails too, nothing is stored and the
        first error is raised.
        """
        ...

    async def close(self) -> None:
        """Finish what is being written and close."""
        ...
