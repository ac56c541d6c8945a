"""Mail on its way: queue, transport, filters, quarantine, delivery, and the story that is told of it."""

from dataclasses import dataclass

from smartmail.app.filtering import compose_filters
from smartmail.app.floor import Floor, Ports
from smartmail.app.inspecting import compose_inspectors
from smartmail.app.learning import Learning, compose_learning
from smartmail.app.quarantining import Quarantining, compose_cases, compose_quarantine
from smartmail.app.signatures import system_roots
from smartmail.app.telling import Telling, compose_trace
from smartmail.app.transporting import compose_transport
from smartmail.service.flow.authentication.reports import DmarcReportService
from smartmail.service.flow.delivery import DeliveryService
from smartmail.service.flow.delivery.desk import DeliveryDesk
from smartmail.service.flow.filters.scripts import FilterService
from smartmail.service.flow.queue import QueueService
from smartmail.service.flow.queue_control import QueueControl
from smartmail.service.flow.reports import ReportService
from smartmail.service.flow.returned_receipts import ReturnedReceipts
from smartmail.service.flow.routing import RoutingService
from smartmail.service.flow.signing import SigningService
from smartmail.service.flow.smime import SmimeInspector, SmimeService, TrustService
from smartmail.service.flow.transport.reports import TlsReportService
from smartmail.service.flow.transport.service import TransportService
from smartmail.service.governance.cases.purging import PurgeService
from smartmail.service.governance.cases.service import CaseService
from smartmail.service.kernel.inspection.service import InspectionService
from smartmail.service.kernel.metadata import MetadataService
from smartmail.service.mailbox.mailstore.aside import Aside
from smartmail.service.mailbox.vault import VaultService
from smartmail.service.protection.route.abroad import AbroadService


@dataclass(frozen=True, slots=True)
class Flow:
    """Services that move mail, and those that judge it."""

    transport: TransportService
    tls_reports: TlsReportService
    queue: QueueService
    queue_control: QueueControl
    signing: SigningService
    routing: RoutingService
    dmarc_reports: DmarcReportService
    learning: Learning
    quarantining: Quarantining
    filters: FilterService
    smime: SmimeService
    vault: VaultService
    cases: CaseService
    purges: PurgeService
    delivery: DeliveryService
    telling: Telling
    abroad: AbroadService


def compose_flow(ports: Ports, floor: Floor) -> Flow:
    """Make them over the floor."""
    store, clock, host, resolver = ports.store, ports.clock, ports.host, ports.resolver
    keyring, blobs, hints, policy = floor.keyring, floor.blobs, floor.hints, floor.policy
    defence, ruling, tracing, addressing = floor.defence, floor.ruling, floor.tracing, floor.addressing
    reports = ReportService(store, keyring, blobs, clock, host)
    transport, tls_reports = compose_transport(
        store, keyring, blobs, hints, clock, resolver, ports.http, host, floor.authority, ports.bus
    )
    queue = QueueService(store, keyring, blobs, floor.submissions, reports, hints, clock)
    queue.bounced = defence.parts.sending.bounced
    queue_control = QueueControl(store, keyring, floor.submissions, reports, hints, clock, floor.authority)
    queue_control.approvals = addressing.approvals
    learning = compose_learning(store, keyring, blobs, policy, clock)
    quarantining = compose_quarantine(
        store, keyring, blobs, policy, learning.service, ruling.engines, hints, clock, host, ports.site, floor.authority
    )
    filters, filtering = compose_filters(
        store, keyring, blobs, floor.mailboxes, MetadataService(store, floor.rights, keyring), policy, floor.directory,
        hints, clock, host, tracing.geo, floor.agreement,
    )  # fmt: skip
    trust = TrustService(store, clock, system_roots, floor.authority)
    vault = VaultService(store, floor.rights, keyring, policy, hints, clock)
    cases, purges = compose_cases(
        store,
        keyring,
        blobs,
        floor.reading,
        floor.findings,
        floor.mailboxes,
        vault,
        hints,
        clock,
        host,
        floor.authority,
        floor.proposals,
    )
    desk = DeliveryDesk(
        store, keyring, blobs, floor.directory, floor.outgoing, floor.limits, filtering, hints, clock, addressing
    )
    desk.aside = Aside(floor.mailboxes, "defence.aside")
    desk.abroad = abroad = AbroadService(store, policy, Aside(floor.mailboxes, "route.abroad"), clock)
    inspectors = compose_inspectors(
        store, resolver, clock, host, tracing, defence.parts.bombs, SmimeInspector(trust),
        (quarantining.inspector, *learning.inspectors), ruling, floor.brands,
    )  # fmt: skip
    traced = (desk, queue, queue_control, floor.submissions, quarantining.service, addressing.approvals)
    telling = compose_trace(store, keyring, clock, floor.policy, traced)
    desk.receipts = ReturnedReceipts(telling.service, telling.tracer, blobs)
    return Flow(
        transport=transport,
        tls_reports=tls_reports,
        queue=queue,
        queue_control=queue_control,
        signing=SigningService(store, keyring, queue, clock, resolver, host),
        routing=RoutingService(store, resolver, clock, host, floor.book),
        dmarc_reports=DmarcReportService(store, resolver, keyring, blobs, hints, clock, host),
        learning=learning,
        quarantining=quarantining,
        filters=filters,
        smime=SmimeService(store, floor.reading, floor.findings, trust, clock),
        vault=vault,
        cases=cases,
        purges=purges,
        delivery=DeliveryService(desk, InspectionService(inspectors)),
        telling=telling,
        abroad=abroad,
    )
