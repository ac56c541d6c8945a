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

`Store` is for the composition in `app` and for drivers; a service names the groups that it uses
(`store_*.py`; import contract "Services name the groups of the store that they use").

Errors: domain.errors (NotFound, AlreadyExists, OverQuota, StateMismatch); Unavailable when the database is away.
"""

from typing import Protocol

from smartmail.ports.store_absences import AbsenceStore
from smartmail.ports.store_access import AccessStore
from smartmail.ports.store_account_life import AccountLifeStore
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_addressing import AddressingStore
from smartmail.ports.store_admin_jobs import AdminJobStore
from smartmail.ports.store_alarms import AlarmStore
from smartmail.ports.store_appearance import AppearanceStore
from smartmail.ports.store_audit import AuditLog, AuditStore
from smartmail.ports.store_authentication import AuthenticationStore
from smartmail.ports.store_backup import BackupStore
from smartmail.ports.store_big_files import BigFileStore
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_brands import BrandStore
from smartmail.ports.store_break_glass import BreakGlassStore
from smartmail.ports.store_bulletins import BulletinStore
from smartmail.ports.store_cases import CaseStore
from smartmail.ports.store_contacts import ContactStore
from smartmail.ports.store_correspondents import CorrespondentStore
from smartmail.ports.store_database import DatabaseStore
from smartmail.ports.store_defence import DefenceStore
from smartmail.ports.store_directory import CredentialStore, DirectoryStore, DomainStore, SessionStore
from smartmail.ports.store_directory_import import DirectoryImportStore
from smartmail.ports.store_factors import FactorStore
from smartmail.ports.store_figures import FigureStore
from smartmail.ports.store_filters import FilterStore
from smartmail.ports.store_identity_certificates import IdentityCertificateStore
from smartmail.ports.store_independence import IndependenceStore
from smartmail.ports.store_invitations import InvitationStore
from smartmail.ports.store_keys import KeyStore
from smartmail.ports.store_lessons import LessonStore
from smartmail.ports.store_list_remindings import ListRemindingStore
from smartmail.ports.store_mail import DeliveryStore, MailReads
from smartmail.ports.store_metadata import MetadataStore
from smartmail.ports.store_nodes import LeaseStore, NodeStore
from smartmail.ports.store_oauth import OauthStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_parcels import ParcelStore
from smartmail.ports.store_photographs import PhotographStore
from smartmail.ports.store_policy import GroupStore, HoldStore, PolicyStore
from smartmail.ports.store_policy_changes import PolicyChangeStore
from smartmail.ports.store_proposals import ProposalStore
from smartmail.ports.store_pulls import PullStore
from smartmail.ports.store_push import PushStore
from smartmail.ports.store_quarantine import QuarantineStore
from smartmail.ports.store_queue import QueueControlStore, QueueLineStore, QueueStore
from smartmail.ports.store_records import RecordStore
from smartmail.ports.store_recurring import RecurringStore
from smartmail.ports.store_rekeying import RekeyStore
from smartmail.ports.store_reminders import ReminderStore
from smartmail.ports.store_roles import RoleStore
from smartmail.ports.store_route import RouteStore
from smartmail.ports.store_search import SearchStore
from smartmail.ports.store_settings import OnceStore, SettingStore, SigningKeyStore
from smartmail.ports.store_share_letters import ShareLetterStore
from smartmail.ports.store_share_requests import ShareRequestStore
from smartmail.ports.store_sharing import SharingStore
from smartmail.ports.store_tasks import TaskStore
from smartmail.ports.store_team_templates import TeamTemplateStore
from smartmail.ports.store_trace import TraceStore
from smartmail.ports.store_transport import TransportStore
from smartmail.ports.store_trends import TrendStore
from smartmail.ports.store_upkeep import UpkeepStore
from smartmail.ports.store_vault import VaultStore
from smartmail.ports.store_volumes import VolumeStore
from smartmail.ports.store_webhooks import WebhookStore


class Store(
    MailReads,
    QueueStore,
    QuarantineStore,
    CaseStore,
    DirectoryStore,
    OrganizationStore,
    AccountLifeStore,
    AbsenceStore,
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
    TeamTemplateStore,
    ShareRequestStore,
    ShareLetterStore,
    TaskStore,
    BrandStore,
    ListRemindingStore,
    WebhookStore,
    VolumeStore,
    KeyStore,
    RekeyStore,
    DatabaseStore,
    AccountStore,
    DeliveryStore,
    BlobRowStore,
    DomainStore,
    CredentialStore,
    SessionStore,
    SettingStore,
    SigningKeyStore,
    OnceStore,
    AuditLog,
    NodeStore,
    LeaseStore,
    UpkeepStore,
    GroupStore,
    HoldStore,
    QueueLineStore,
    QueueControlStore,
    Protocol,
):
    """All groups. Only `app` and drivers import it."""

    bulletins: BulletinStore
    recurring: RecurringStore
    reminders: ReminderStore

    async def close(self) -> None:
        """Finish what is being written and close."""
        ...
