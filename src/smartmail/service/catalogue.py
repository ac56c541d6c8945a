"""All services of a process, made once in app.bootstrap and handed to the edge."""

from dataclasses import dataclass

from smartmail.service.access import Access
from smartmail.service.account_life import AccountLife
from smartmail.service.addressing.parts import Addressing
from smartmail.service.admin_parts import AdminParts
from smartmail.service.administration import AdministrationService
from smartmail.service.alarms import AlarmServices
from smartmail.service.appearance import AppearanceService
from smartmail.service.audit import AuditService, Witness
from smartmail.service.audit.anchoring import AnchorService
from smartmail.service.audit.texts import RecordTexts
from smartmail.service.auth import AuthService
from smartmail.service.authentication.brands import BrandService
from smartmail.service.authentication.reports import DmarcReportService
from smartmail.service.authority import Authority
from smartmail.service.backup.service import BackupService
from smartmail.service.big_files import BigFiles
from smartmail.service.blob_lookup import BlobLookupService
from smartmail.service.bulletins import Bulletins
from smartmail.service.cases import CaseService, PurgeService
from smartmail.service.certificates import AcmeService, AlarmService, CertificateService
from smartmail.service.checking import CheckService
from smartmail.service.contacts import Contacts
from smartmail.service.database_care import DatabaseCareService
from smartmail.service.defence import DefenceService
from smartmail.service.defence.owner_release import OwnerRelease
from smartmail.service.delivery import DeliveryService
from smartmail.service.detaching import DetachService
from smartmail.service.directory import DirectoryService
from smartmail.service.directory_import import DirectoryImports
from smartmail.service.domain_records import DomainRecords
from smartmail.service.emptying import EmptyingService
from smartmail.service.exporting import ExportService
from smartmail.service.factors.consents import ConsentService
from smartmail.service.factors.devices import Devices
from smartmail.service.factors.enrolment import Enrolment
from smartmail.service.factors.recovering import Recovering
from smartmail.service.factors.resetting import FactorResets
from smartmail.service.factors.service import FactorService
from smartmail.service.factors.step_up import StepUp
from smartmail.service.figures import FigureParts
from smartmail.service.files_together import FilesTogether
from smartmail.service.filtering.learning import LearningService
from smartmail.service.filtering.lists import SenderLists
from smartmail.service.filtering.scanning import ScanService
from smartmail.service.filters.scripts import FilterService
from smartmail.service.findings import FindingsService
from smartmail.service.founding import FoundingService
from smartmail.service.geo import GeoService
from smartmail.service.geo_files import GeoFiles
from smartmail.service.governing import GovernanceService
from smartmail.service.health import HealthService
from smartmail.service.identities import IdentityService
from smartmail.service.identity_certificates import RevocationLists, TrustLists
from smartmail.service.importing import ImportService
from smartmail.service.invitations import InvitationService
from smartmail.service.key_rotation import KeyRotation
from smartmail.service.keys.parts import KeyParts
from smartmail.service.maildrop import MaildropService
from smartmail.service.mailstore.asking import AskingService
from smartmail.service.mailstore.carrying import CarryService
from smartmail.service.mailstore.keywords import KeywordService
from smartmail.service.mailstore.mailboxes import MailboxService
from smartmail.service.mailstore.messages import MessageService
from smartmail.service.mailstore.query import QueryService
from smartmail.service.mailstore.reading import ReadingService
from smartmail.service.mailstore.tags import TagService
from smartmail.service.mailstore.views import ViewService
from smartmail.service.metadata import MetadataService
from smartmail.service.oauth import OauthService
from smartmail.service.organization import OpeningService, Organizing
from smartmail.service.parcels import Parcels
from smartmail.service.photographs import PhotographService
from smartmail.service.policy import PolicyService
from smartmail.service.policy_changes import AckService, ChangeService, DecisionLog, RehearsalService
from smartmail.service.preferences import PreferenceService
from smartmail.service.previewing import PreviewService
from smartmail.service.processes import ProcessService
from smartmail.service.proposals import ProposalService
from smartmail.service.provisioning import ProvisioningService
from smartmail.service.pulls import Pulls
from smartmail.service.push import Hints
from smartmail.service.push_subscriptions import PushSubscriptionService
from smartmail.service.quarantine import DigestService, Links, QuarantineService
from smartmail.service.queue import QueueService
from smartmail.service.queue_control import QueueControl
from smartmail.service.quotas import QuotaService
from smartmail.service.receipts import ReceiptService
from smartmail.service.records import (
    DestructionService,
    GroundService,
    LookService,
    RecordExportService,
    ReviewService,
)
from smartmail.service.recurring import Recurring
from smartmail.service.reminders import Reminders
from smartmail.service.remote_pictures import RemotePictures
from smartmail.service.rights import Rights
from smartmail.service.roles import RoleService
from smartmail.service.route.abroad import AbroadService
from smartmail.service.route.relays import TrustedRelays
from smartmail.service.route_probe import RouteProbes
from smartmail.service.routing import RoutingService
from smartmail.service.rule_packs import RulePackService
from smartmail.service.saving import SavingService
from smartmail.service.search.service import SearchService
from smartmail.service.sent_mail import SentMailService
from smartmail.service.share_letter_work import ShareLetterWork
from smartmail.service.share_requests import ShareRequestService
from smartmail.service.sharing import (
    PresenceService,
    PrincipalService,
    SendingService,
    ShareEnds,
    SharingService,
    WorkService,
)
from smartmail.service.siem import ForwardService, TargetService
from smartmail.service.signing import SigningService
from smartmail.service.smime import SmimeService
from smartmail.service.states import StateService
from smartmail.service.submission import SubmissionService
from smartmail.service.team_templates import TeamTemplateService
from smartmail.service.tracing.books import BookService
from smartmail.service.tracing.recording import Tracer
from smartmail.service.tracing.service import TraceService
from smartmail.service.transport import TlsReportService, TransportService
from smartmail.service.trends.parts import TrendServices
from smartmail.service.unsubscribing import UnsubscribeService
from smartmail.service.updates import UpdateService
from smartmail.service.upkeep import UpkeepService
from smartmail.service.uploads import UploadService
from smartmail.service.vault import VaultService
from smartmail.service.volumes.parts import VolumeParts


@dataclass(frozen=True)
class PersonalServices:
    """What people do with their mail."""

    work: WorkService
    presence: PresenceService
    carrying: CarryService
    keywords: KeywordService
    views: ViewService
    metadata: MetadataService
    preferences: PreferenceService
    team_templates: TeamTemplateService
    share_requests: ShareRequestService
    share_ends: ShareEnds
    maildrops: MaildropService
    emptying: EmptyingService
    detaching: DetachService
    tags: TagService
    queries: QueryService
    asking: AskingService
    search: SearchService
    uploads: UploadService
    blob_lookup: BlobLookupService
    receipts: ReceiptService
    brands: BrandService
    states: StateService
    push_subscriptions: PushSubscriptionService
    imports: ImportService
    exports: ExportService
    previews: PreviewService
    files_together: FilesTogether
    photographs: PhotographService
    remote_pictures: RemotePictures
    unsubscribing: UnsubscribeService
    contacts: Contacts
    reminders: Reminders
    recurring: Recurring
    bulletins: Bulletins


@dataclass(frozen=True)
class RecordServices:
    """What is kept of acts and looks, and who is told of it."""

    audit: AuditService
    anchors: AnchorService
    record_texts: RecordTexts
    record_exports: RecordExportService
    grounds: GroundService
    looks: LookService
    reviews: ReviewService
    destructions: DestructionService
    forwarding: ForwardService
    collectors: TargetService


@dataclass(frozen=True)
class OperationServices:
    """Reports, and what changes the program and its tables by file."""

    figures: FigureParts
    updates: UpdateService
    geo_files: GeoFiles
    rule_packs: RulePackService


@dataclass(frozen=True)
class Services(PersonalServices, RecordServices, OperationServices):
    """What the edge may call."""

    auth: AuthService
    factors: FactorService
    enrolment: Enrolment
    trust_lists: TrustLists
    revocation_lists: RevocationLists
    step_up: StepUp
    own_sending: OwnerRelease
    devices: Devices
    consents: ConsentService
    recovering: Recovering
    factor_resets: FactorResets
    oauth: OauthService
    policy: PolicyService
    governing: GovernanceService
    policy_changes: ChangeService
    rehearsals: RehearsalService
    policy_acks: AckService
    decisions: DecisionLog
    directory: DirectoryService
    organization: Organizing
    opening: OpeningService
    account_life: AccountLife
    directory_imports: DirectoryImports
    rights: Rights
    authority: Authority
    proposals: ProposalService
    roles: RoleService
    sharing: SharingService
    share_letters: ShareLetterWork
    principals: PrincipalService
    sending: SendingService
    provisioning: ProvisioningService
    founding: FoundingService
    mailboxes: MailboxService
    messages: MessageService
    reading: ReadingService
    vault: VaultService
    cases: CaseService
    purges: PurgeService
    identities: IdentityService
    submissions: SubmissionService
    delivery: DeliveryService
    learning: LearningService
    quarantine: QuarantineService
    digests: DigestService
    quarantine_links: Links
    sender_lists: SenderLists
    filters: FilterService
    scanning: ScanService
    queue: QueueService
    queue_control: QueueControl
    signing: SigningService
    defence: DefenceService
    geo: GeoService
    relays: TrustedRelays
    abroad: AbroadService
    findings: FindingsService
    smime: SmimeService
    certificates: CertificateService
    acme: AcmeService
    certificate_alarms: AlarmService
    key_rotation: KeyRotation
    keys: KeyParts
    routing: RoutingService
    route_probes: RouteProbes
    addressing: Addressing
    transport: TransportService
    tls_reports: TlsReportService
    dmarc_reports: DmarcReportService
    domain_records: DomainRecords
    tracer: Tracer
    trace: TraceService
    sent_mail: SentMailService
    books: BookService
    hints: Hints
    upkeep: UpkeepService
    volumes: VolumeParts
    health: HealthService
    witness: Witness
    checks: CheckService
    administration: AdministrationService
    backups: BackupService
    processes: ProcessService
    database_care: DatabaseCareService
    admin_api: AdminParts
    alarms: AlarmServices
    trends: TrendServices
    appearance: AppearanceService
    big_files: BigFiles
    parcels: Parcels
    pulls: Pulls
    invitations: InvitationService
    quotas: QuotaService
    saving: SavingService
    access: Access
