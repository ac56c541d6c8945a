"""All services of a process, made once in app.bootstrap and handed to the edge."""

from dataclasses import dataclass

from smartmail.service.addressing.parts import Addressing
from smartmail.service.administration import AdministrationService
from smartmail.service.audit import AuditService
from smartmail.service.auth import AuthService
from smartmail.service.authentication.reports import DmarcReportService
from smartmail.service.blob_lookup import BlobLookupService
from smartmail.service.cases import CaseService, PurgeService
from smartmail.service.certificates import AcmeService, AlarmService, CertificateService
from smartmail.service.checking import CheckService
from smartmail.service.defence import DefenceService
from smartmail.service.delivery import DeliveryService
from smartmail.service.detaching import DetachService
from smartmail.service.directory import DirectoryService
from smartmail.service.emptying import EmptyingService
from smartmail.service.exporting import ExportService
from smartmail.service.filtering.learning import LearningService
from smartmail.service.filtering.lists import SenderLists
from smartmail.service.filtering.scanning import ScanService
from smartmail.service.filters.scripts import FilterService
from smartmail.service.findings import FindingsService
from smartmail.service.geo import GeoService
from smartmail.service.governing import GovernanceService
from smartmail.service.identities import IdentityService
from smartmail.service.importing import ImportService
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
from smartmail.service.policy import PolicyService
from smartmail.service.provisioning import ProvisioningService
from smartmail.service.push import Hints
from smartmail.service.push_subscriptions import PushSubscriptionService
from smartmail.service.quarantine import DigestService, Links, QuarantineService
from smartmail.service.queue import QueueService
from smartmail.service.queue_control import QueueControl
from smartmail.service.quotas import QuotaService
from smartmail.service.receipts import ReceiptService
from smartmail.service.rights import Rights
from smartmail.service.route.relays import TrustedRelays
from smartmail.service.routing import RoutingService
from smartmail.service.search.service import SearchService
from smartmail.service.sharing import PresenceService, PrincipalService, SendingService, SharingService, WorkService
from smartmail.service.signing import SigningService
from smartmail.service.smime import SmimeService
from smartmail.service.states import StateService
from smartmail.service.submission import SubmissionService
from smartmail.service.tracing.books import BookService
from smartmail.service.tracing.recording import Tracer
from smartmail.service.tracing.service import TraceService
from smartmail.service.transport import TlsReportService, TransportService
from smartmail.service.upkeep import UpkeepService
from smartmail.service.uploads import UploadService
from smartmail.service.vault import VaultService


@dataclass(frozen=True, slots=True)
class Services:
    """What the edge may call."""

    auth: AuthService
    policy: PolicyService
    governing: GovernanceService
    directory: DirectoryService
    rights: Rights
    sharing: SharingService
    principals: PrincipalService
    sending: SendingService
    work: WorkService
    presence: PresenceService
    provisioning: ProvisioningService
    mailboxes: MailboxService
    messages: MessageService
    carrying: CarryService
    keywords: KeywordService
    reading: ReadingService
    views: ViewService
    metadata: MetadataService
    maildrops: MaildropService
    vault: VaultService
    cases: CaseService
    purges: PurgeService
    emptying: EmptyingService
    detaching: DetachService
    tags: TagService
    queries: QueryService
    asking: AskingService
    search: SearchService
    identities: IdentityService
    uploads: UploadService
    blob_lookup: BlobLookupService
    submissions: SubmissionService
    receipts: ReceiptService
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
    findings: FindingsService
    smime: SmimeService
    certificates: CertificateService
    acme: AcmeService
    certificate_alarms: AlarmService
    routing: RoutingService
    addressing: Addressing
    transport: TransportService
    tls_reports: TlsReportService
    dmarc_reports: DmarcReportService
    tracer: Tracer
    trace: TraceService
    books: BookService
    hints: Hints
    states: StateService
    push_subscriptions: PushSubscriptionService
    imports: ImportService
    exports: ExportService
    upkeep: UpkeepService
    audit: AuditService
    checks: CheckService
    administration: AdministrationService
    quotas: QuotaService
