"""All services of a process, made once in app.wiring.services and handed to the edge."""

from collections.abc import Sequence
from dataclasses import dataclass

from smartmail.service.admin_parts import AdminParts
from smartmail.service.flow.addressing.parts import Addressing
from smartmail.service.flow.authentication.brands import BrandService
from smartmail.service.flow.certificates import AcmeService, CertificateService
from smartmail.service.flow.delivery import DeliveryService
from smartmail.service.flow.directory import DirectoryService
from smartmail.service.flow.filters.scripts import FilterService
from smartmail.service.flow.invitations import InvitationService
from smartmail.service.flow.leak_dry_run import LeakDryRun
from smartmail.service.flow.misdelivery import MisdeliveryGuard
from smartmail.service.flow.pulls import Pulls
from smartmail.service.flow.quarantine import DigestService, Links, QuarantineService
from smartmail.service.flow.queue import QueueService
from smartmail.service.flow.queue_control import QueueControl
from smartmail.service.flow.receipts import ReceiptService
from smartmail.service.flow.recurring import Recurring
from smartmail.service.flow.routing import RoutingService
from smartmail.service.flow.sent_mail import SentMailService
from smartmail.service.flow.signing import SigningService
from smartmail.service.flow.smime import SmimeService
from smartmail.service.flow.submission import SubmissionService
from smartmail.service.flow.tracing.books import BookService
from smartmail.service.flow.tracing.recording import Tracer
from smartmail.service.flow.tracing.service import TraceService
from smartmail.service.flow.transport import TransportService
from smartmail.service.flow.unsubscribing import UnsubscribeService
from smartmail.service.governance.cases import CaseService, PurgeService
from smartmail.service.governance.emptying import EmptyingService
from smartmail.service.governance.governing import GovernanceService
from smartmail.service.governance.policy_changes import AckService, ChangeService, DecisionLog, RehearsalService
from smartmail.service.governance.roles import RoleService
from smartmail.service.identity.access import Access
from smartmail.service.identity.auth import AuthService
from smartmail.service.identity.factors.consents import ConsentService
from smartmail.service.identity.factors.devices import Devices
from smartmail.service.identity.factors.enrolment import Enrolment
from smartmail.service.identity.factors.recovering import Recovering
from smartmail.service.identity.factors.resetting import FactorResets
from smartmail.service.identity.factors.service import FactorService
from smartmail.service.identity.factors.step_up import StepUp
from smartmail.service.identity.identity_certificates import RevocationLists, TrustLists
from smartmail.service.identity.oauth import OauthService
from smartmail.service.kernel.appearance import AppearanceService
from smartmail.service.kernel.audit import AuditService, Witness
from smartmail.service.kernel.audit.anchoring import AnchorService
from smartmail.service.kernel.audit.texts import RecordTexts
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.jobs import Job
from smartmail.service.kernel.metadata import MetadataService
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.proposals import ProposalService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rights import Rights
from smartmail.service.kernel.security_labels import SecurityLabels
from smartmail.service.kernel.states import StateService
from smartmail.service.kernel.volumes.parts import VolumeParts
from smartmail.service.mailbox.big_files import BigFiles
from smartmail.service.mailbox.blob_lookup import BlobLookupService
from smartmail.service.mailbox.bulletins import Bulletins
from smartmail.service.mailbox.contacts import Contacts
from smartmail.service.mailbox.detaching import DetachService
from smartmail.service.mailbox.exporting import ExportService
from smartmail.service.mailbox.files_together import FilesTogether
from smartmail.service.mailbox.identities import IdentityService
from smartmail.service.mailbox.importing import ImportService
from smartmail.service.mailbox.maildrop import MaildropService
from smartmail.service.mailbox.mailstore.asking import AskingService
from smartmail.service.mailbox.mailstore.carrying import CarryService
from smartmail.service.mailbox.mailstore.keywords import KeywordService
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService
from smartmail.service.mailbox.mailstore.messages import MessageService
from smartmail.service.mailbox.mailstore.query import QueryService
from smartmail.service.mailbox.mailstore.reading import ReadingService
from smartmail.service.mailbox.mailstore.tags import TagService
from smartmail.service.mailbox.mailstore.views import ViewService
from smartmail.service.mailbox.parcels import Parcels
from smartmail.service.mailbox.preferences import PreferenceService
from smartmail.service.mailbox.previewing import PreviewService
from smartmail.service.mailbox.push_subscriptions import PushSubscriptionService
from smartmail.service.mailbox.quotas import QuotaService
from smartmail.service.mailbox.reminders import Reminders
from smartmail.service.mailbox.remote_pictures import RemotePictures
from smartmail.service.mailbox.search.service import SearchService
from smartmail.service.mailbox.secure_mail import SecureMail
from smartmail.service.mailbox.share_requests import ShareRequestService
from smartmail.service.mailbox.sharing import (
    PresenceService,
    PrincipalService,
    SendingService,
    SharingService,
    WorkService,
)
from smartmail.service.mailbox.uploads import UploadService
from smartmail.service.mailbox.vault import VaultService
from smartmail.service.operations.alarms import AlarmServices
from smartmail.service.operations.backup.service import BackupService
from smartmail.service.operations.checking import CheckService
from smartmail.service.operations.database_care import DatabaseCareService
from smartmail.service.operations.figures import FigureParts
from smartmail.service.operations.health import HealthService
from smartmail.service.operations.host_names import HostNameService
from smartmail.service.operations.keys.parts import KeyParts
from smartmail.service.operations.processes import ProcessService
from smartmail.service.operations.records import (
    DestructionService,
    GroundService,
    LookService,
    RecordExportService,
    ReviewService,
)
from smartmail.service.operations.route_probe import RouteProbes
from smartmail.service.operations.rule_packs import RulePackService
from smartmail.service.operations.siem import ForwardService, TargetService
from smartmail.service.operations.trends.parts import TrendServices
from smartmail.service.operations.updates import UpdateService
from smartmail.service.operations.upkeep import UpkeepService
from smartmail.service.people.account_life import AccountLife
from smartmail.service.people.administration import AdministrationService
from smartmail.service.people.directory_import import DirectoryImports
from smartmail.service.people.domain_records import DomainRecords
from smartmail.service.people.founding import FoundingService
from smartmail.service.people.organization import OpeningService, Organizing
from smartmail.service.people.photographs import PhotographService
from smartmail.service.people.provisioning import ProvisioningService
from smartmail.service.people.saving import SavingService
from smartmail.service.people.team_templates import TeamTemplateService
from smartmail.service.protection.defence import DefenceService
from smartmail.service.protection.defence.owner_release import OwnerRelease
from smartmail.service.protection.filtering.learning import LearningService
from smartmail.service.protection.filtering.lists import SenderLists
from smartmail.service.protection.filtering.scanning import ScanService
from smartmail.service.protection.findings import FindingsService
from smartmail.service.protection.geo import GeoService
from smartmail.service.protection.geo_files import GeoFiles
from smartmail.service.protection.leaks import LeakPrevention
from smartmail.service.protection.route.abroad import AbroadService
from smartmail.service.protection.route.relays import TrustedRelays


@dataclass(frozen=True)
class Services:
    """What the edge may call, and the jobs of all of them."""

    jobs: Sequence[Job]
    work: WorkService
    presence: PresenceService
    carrying: CarryService
    keywords: KeywordService
    views: ViewService
    metadata: MetadataService
    preferences: PreferenceService
    team_templates: TeamTemplateService
    share_requests: ShareRequestService
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
    figures: FigureParts
    updates: UpdateService
    geo_files: GeoFiles
    rule_packs: RulePackService
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
    misdelivery: MisdeliveryGuard
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
    keys: KeyParts
    routing: RoutingService
    route_probes: RouteProbes
    addressing: Addressing
    transport: TransportService
    domain_records: DomainRecords
    tracer: Tracer
    trace: TraceService
    sent_mail: SentMailService
    security_labels: SecurityLabels
    books: BookService
    hints: Hints
    upkeep: UpkeepService
    volumes: VolumeParts
    health: HealthService
    witness: Witness
    checks: CheckService
    administration: AdministrationService
    backups: BackupService
    host_names: HostNameService
    processes: ProcessService
    database_care: DatabaseCareService
    admin_api: AdminParts
    alarms: AlarmServices
    trends: TrendServices
    appearance: AppearanceService
    big_files: BigFiles
    secure_mail: SecureMail
    parcels: Parcels
    pulls: Pulls
    invitations: InvitationService
    quotas: QuotaService
    saving: SavingService
    access: Access
    leaks: LeakPrevention
    leak_dry_run: LeakDryRun
