"""All services of a process, made once in app.bootstrap and handed to the edge."""

from dataclasses import dataclass

from smartmail.service.administration import AdministrationService
from smartmail.service.auth import AuthService
from smartmail.service.checking import CheckService
from smartmail.service.delivery import DeliveryService
from smartmail.service.directory import DirectoryService
from smartmail.service.exporting import ExportService
from smartmail.service.identities import IdentityService
from smartmail.service.importing import ImportService
from smartmail.service.mailstore.keywords import KeywordService
from smartmail.service.mailstore.mailboxes import MailboxService
from smartmail.service.mailstore.messages import MessageService
from smartmail.service.mailstore.reading import ReadingService
from smartmail.service.mailstore.views import ViewService
from smartmail.service.provisioning import ProvisioningService
from smartmail.service.push import Hints
from smartmail.service.queue import QueueService
from smartmail.service.routing import RoutingService
from smartmail.service.signing import SigningService
from smartmail.service.submission import SubmissionService
from smartmail.service.upkeep import UpkeepService
from smartmail.service.uploads import UploadService


@dataclass(frozen=True, slots=True)
class Services:
    """What the edge may call."""

    auth: AuthService
    directory: DirectoryService
    provisioning: ProvisioningService
    mailboxes: MailboxService
    messages: MessageService
    keywords: KeywordService
    reading: ReadingService
    views: ViewService
    identities: IdentityService
    uploads: UploadService
    submissions: SubmissionService
    delivery: DeliveryService
    queue: QueueService
    signing: SigningService
    routing: RoutingService
    hints: Hints
    imports: ImportService
    exports: ExportService
    upkeep: UpkeepService
    checks: CheckService
    administration: AdministrationService
