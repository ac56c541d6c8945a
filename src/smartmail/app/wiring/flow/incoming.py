"""Mail that comes in: who looks at it and in which order, quarantine, filters, delivery, and mailboxes elsewhere."""

import ssl
import warnings
from functools import lru_cache
from pathlib import Path

from cryptography import x509

from smartmail.app.wiring.flow.filters import compose_filters
from smartmail.app.wiring.flow.outgoing import Outbound
from smartmail.app.wiring.kernel import Kernel
from smartmail.app.wiring.mailbox import Mailbox
from smartmail.app.wiring.ports import Ports
from smartmail.app.wiring.protection import Protection
from smartmail.service.flow.authentication.brand_sight import BrandSight
from smartmail.service.flow.authentication.brands import SETTING as BRANDS
from smartmail.service.flow.authentication.brands import BrandService
from smartmail.service.flow.authentication.inspector import AuthenticationInspector
from smartmail.service.flow.authentication.mark_standing import MarkStanding
from smartmail.service.flow.authentication.reports import DmarcReportService, ReportIntake
from smartmail.service.flow.delivery import DeliveryService
from smartmail.service.flow.delivery.desk import DeliveryDesk
from smartmail.service.flow.pulls import PullBook, PullOversight, Pulls, PullWork
from smartmail.service.flow.pulls.checking import PullChecks
from smartmail.service.flow.pulls.turning import TurnParts
from smartmail.service.flow.quarantine import DigestService, Links, QuarantineService
from smartmail.service.flow.quarantine.items import ItemReader
from smartmail.service.flow.quarantine.rescanning import Rescanning
from smartmail.service.flow.returned_receipts import ReturnedReceipts
from smartmail.service.flow.smime import SmimeInspector, SmimeService, TrustService
from smartmail.service.flow.tracing.service import TraceService
from smartmail.service.flow.transport.intake import TlsReportIntake
from smartmail.service.kernel.clock import HOUR, MINUTE, SECOND
from smartmail.service.kernel.inspection.service import InspectionService
from smartmail.service.kernel.inspection.specimen import Inspector
from smartmail.service.kernel.jobs import Job
from smartmail.service.mailbox.mailstore.aside import Aside
from smartmail.service.protection.route.abroad import AbroadService


class Inbound:
    """Made over what mail that leaves needs."""

    def __init__(
        self, ports: Ports, kernel: Kernel, protection: Protection, mailbox: Mailbox, outbound: Outbound
    ) -> None:
        store, clock, host, keyring, blobs = ports.store, ports.clock, ports.host, kernel.keyring, kernel.blobs
        policy, hints, authority = kernel.policy, kernel.hints, kernel.authority
        self.brands = BrandService(
            store, ports.http, clock, policy, TrustService(store, clock, tuple, authority, BRANDS),
            BrandSight(store, keyring, clock), MarkStanding(ports.plain_http or ports.http, clock),
        )  # fmt: skip
        trust = TrustService(store, clock, system_roots, authority)
        self.smime = SmimeService(store, mailbox.reading, protection.findings, trust, clock)
        self.quarantine_links = Links(keyring, clock)
        reader = ItemReader(store, keyring, blobs)
        self.quarantine = QuarantineService(
            store, keyring, reader, Rescanning(protection.ruling.engines, reader), policy, protection.learning,
            protection.sender_lists, hints, clock, authority, outbound.tracer,
        )  # fmt: skip
        self.digests = DigestService(
            store,
            keyring,
            blobs,
            reader,
            self.quarantine,
            self.quarantine_links,
            policy,
            hints,
            clock,
            host,
            ports.site,
        )
        self.filters, filtering = compose_filters(
            store, keyring, blobs, mailbox.mailboxes, kernel.metadata, policy, outbound.directory, hints, clock, host,
            protection.geo, kernel.agreement, protection.automatic_leaks,
        )  # fmt: skip
        self.trace = TraceService(store, keyring, clock, policy)
        self.abroad = AbroadService(store, policy, Aside(mailbox.mailboxes, "route.abroad"), clock)
        desk = DeliveryDesk(
            store, keyring, blobs, outbound.directory, outbound.outgoing, outbound.limits, filtering, hints, clock,
            outbound.addressing, outbound.tracer, ReturnedReceipts(self.trace, outbound.tracer, blobs),
            Aside(mailbox.mailboxes, "defence.aside"), self.abroad,
        )  # fmt: skip
        inspectors = _inspectors(ports, protection, self.brands, SmimeInspector(trust)) if ports.inspects else ()
        self.delivery = DeliveryService(desk, InspectionService(inspectors))
        dmarc_reports = DmarcReportService(store, ports.resolver, keyring, blobs, hints, clock, host)
        self.pulls = _pulls(ports, kernel, mailbox, self.delivery)
        kernel.jobs += (
            Job("digests", MINUTE, self.digests.send_due),
            Job("quarantine", HOUR, self.quarantine.purge),
            Job("dmarc-reports", HOUR, dmarc_reports.send),
            # What is told twice is written once.
            Job("trace-events", SECOND, self.trace.follower.turn, everywhere=True),
            self.pulls.work.job("mail-fetch", "pulls"),
        )


def _inspectors(
    ports: Ports, protection: Protection, brands: BrandService, signatures: Inspector
) -> tuple[Inspector, ...]:
    """Return the chain: authentication first, for all others judge by it; then the way; the filter last.

    Without a name service nobody can be authenticated.
    """
    store, resolver, rules = ports.store, ports.resolver, protection.ruling
    chain: list[Inspector] = []
    if resolver is not None:
        chain.append(AuthenticationInspector(store, resolver, ports.clock, ports.host, protection.relays, brands))
    chain += [signatures, protection.route, *rules.steps, *protection.judges]
    # Judged by all others: what becomes of a message decides what is learnt from it.
    chain += [protection.route_memory, rules.memory]
    if resolver is not None:
        chain += [ReportIntake(store), TlsReportIntake(store)]
    # Last: what is junk needs no place of its own, and only wanted mail makes its sender known to the greylist.
    return (*chain, protection.defence.parts.bombs)


def _pulls(ports: Ports, kernel: Kernel, mailbox: Mailbox, delivery: DeliveryService) -> Pulls:
    """Return what brings mail of other providers, by the way of delivery."""
    store, clock, keyring, source = ports.store, ports.clock, kernel.keyring, ports.operating.pull_source
    checks = PullChecks(mailbox.mailboxes, mailbox.tags)
    return Pulls(
        PullBook(store, keyring, kernel.policy, checks, source, kernel.record_texts, clock),
        PullOversight(store, keyring, kernel.authority, clock),
        PullWork(TurnParts(store, source, delivery, clock, ports.host), keyring, kernel.policy),
    )


@lru_cache(1)
def system_roots() -> tuple[x509.Certificate, ...]:
    """Return the certificate authorities that this system trusts, for S/MIME; none where it has no bundle that can be read."""
    place = ssl.get_default_verify_paths().cafile
    try:
        with warnings.catch_warnings():
            # Some of them are older than the rules for serial numbers.
            warnings.simplefilter("ignore")
            return tuple(x509.load_pem_x509_certificates(Path(place or "").read_bytes()))
    except (OSError, ValueError):
        return ()
