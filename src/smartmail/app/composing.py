"""Composition of all services of a process: ports, then the floor, then mail on its way, then what people do with mail."""

from collections.abc import Mapping

from smartmail.app import catalogues
from smartmail.app.floor import Ports, compose_floor
from smartmail.app.flow import compose_flow
from smartmail.domain.cluster import NodeRow
from smartmail.domain.ids import VolumeId
from smartmail.ports.blobs import Volume
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.dissection import Dissector
from smartmail.ports.dns import Resolver
from smartmail.ports.extraction import TextExtractor
from smartmail.ports.http import HttpClient, NoHttp
from smartmail.ports.keys import Keys
from smartmail.ports.store import Store
from smartmail.service.administration import AdministrationService
from smartmail.service.audit import AuditService
from smartmail.service.blob_lookup import BlobLookupService
from smartmail.service.catalogue import Services
from smartmail.service.certificates import AcmeService, AlarmService, CertificateService
from smartmail.service.checking import CheckService
from smartmail.service.defence.notices import Notices
from smartmail.service.detaching import DetachService
from smartmail.service.emptying import EmptyingService
from smartmail.service.exporting import ExportService
from smartmail.service.governing import GovernanceService
from smartmail.service.importing import ImportService
from smartmail.service.maildrop import MaildropService
from smartmail.service.mailstore.asking import AskingService
from smartmail.service.mailstore.carrying import CarryService
from smartmail.service.mailstore.keywords import KeywordService
from smartmail.service.mailstore.query import QueryService
from smartmail.service.mailstore.tags import TagService
from smartmail.service.mailstore.views import ViewService
from smartmail.service.metadata import MetadataService
from smartmail.service.provisioning import ProvisioningService
from smartmail.service.push_subscriptions import PushSubscriptionService
from smartmail.service.receipts import ReceiptService
from smartmail.service.search.service import SearchService
from smartmail.service.sharing import PresenceService, PrincipalService, SharingService, WorkService
from smartmail.service.states import StateService
from smartmail.service.upkeep import UpkeepService
from smartmail.service.uploads import UploadService


def compose_services(
    *,
    store: Store,
    keys: Keys,
    volumes: Mapping[VolumeId, Volume],
    bus: Bus,
    clock: Clock,
    host: str,
    resolver: Resolver,
    node: NodeRow = NodeRow("node1", 0, 0, "", "local"),  # noqa: B008 -- a frozen value
    http: HttpClient | None = None,
    extractor: TextExtractor | None = None,
    dissector: Dissector | None = None,
    site: str = "",
) -> Services:
    """Make all services of a process over its ports. `host` is our name in mail that we write, `node` how this node
    shows itself to the others.
    """
    catalogues.load()
    web = http or NoHttp()
    ports = Ports(store, keys, volumes, bus, clock, host, resolver, node, web, extractor, dissector, site)
    floor = compose_floor(ports)
    flow = compose_flow(ports, floor)
    keyring, blobs, hints, policy, rights = floor.keyring, floor.blobs, floor.hints, floor.policy, floor.rights
    reading, messages, mailboxes = floor.reading, floor.messages, floor.mailboxes
    keywords = KeywordService(store, keyring)
    search = SearchService(store, keyring, blobs, extractor)
    tags = TagService(store, rights, keyring, hints, clock)
    views = ViewService(store, rights)
    certificates = CertificateService(store, keyring, bus, clock)
    principals = PrincipalService(store, clock, policy)
    sharing = SharingService(store, rights, principals, hints, clock)
    states = StateService(store, rights)
    return Services(
        auth=floor.auth,
        policy=policy,
        governing=GovernanceService(store, clock, bus),
        directory=floor.directory,
        rights=rights,
        sharing=sharing,
        principals=principals,
        sending=floor.sending,
        work=WorkService(store, rights, keyring, hints, clock),
        presence=PresenceService(rights, bus, clock),
        provisioning=ProvisioningService(
            store, clock, floor.directory, mailboxes, floor.identities, floor.auth, policy, floor.quotas
        ),
        mailboxes=mailboxes,
        messages=messages,
        carrying=CarryService(store, rights, keyring, reading, keywords, messages, hints),
        keywords=keywords,
        reading=reading,
        views=views,
        metadata=MetadataService(store, rights, keyring),
        maildrops=MaildropService(mailboxes, views, reading, messages, policy, bus, clock),
        vault=flow.vault,
        cases=flow.cases,
        purges=flow.purges,
        emptying=EmptyingService(store, policy, mailboxes, messages, clock),
        detaching=DetachService(store, rights, keyring, blobs, reading, policy, hints, clock),
        tags=tags,
        queries=QueryService(reading, keywords, search),
        asking=AskingService(mailboxes, tags, clock),
        search=search,
        identities=floor.identities,
        uploads=UploadService(store, rights, keyring, blobs, clock),
        blob_lookup=BlobLookupService(store, reading),
        submissions=floor.submissions,
        receipts=ReceiptService(store, floor.sending, keyring, blobs, reading, floor.identities, hints, clock, host),
        delivery=flow.delivery,
        learning=flow.learning.service,
        quarantine=flow.quarantining.service,
        digests=flow.quarantining.digests,
        quarantine_links=flow.quarantining.links,
        sender_lists=flow.quarantining.lists,
        filters=flow.filters,
        scanning=floor.ruling.scanning,
        queue=flow.queue,
        queue_control=flow.queue_control,
        tracer=flow.telling.tracer,
        trace=flow.telling.service,
        books=flow.telling.books,
        signing=flow.signing,
        defence=floor.defence,
        geo=floor.tracing.geo,
        relays=floor.tracing.relays,
        findings=floor.findings,
        smime=flow.smime,
        certificates=certificates,
        acme=AcmeService(store, certificates, web, clock),
        certificate_alarms=AlarmService(store, certificates, Notices(store, keyring, blobs, hints, clock, host), clock),
        routing=flow.routing,
        addressing=floor.addressing,
        transport=flow.transport,
        tls_reports=flow.tls_reports,
        dmarc_reports=flow.dmarc_reports,
        hints=hints,
        states=states,
        push_subscriptions=PushSubscriptionService(
            store, keyring, states, sharing, hints, clock, web, f"mailto:postmaster@{host}"
        ),
        imports=ImportService(store, keyring, blobs, mailboxes, hints, clock),
        exports=ExportService(store, mailboxes, reading, keywords),
        upkeep=UpkeepService(store, volumes, clock, node),
        audit=AuditService(store, keyring, clock, policy),
        checks=CheckService(store, keyring, blobs, volumes, clock),
        administration=AdministrationService(
            store, keyring, floor.directory, floor.auth, flow.signing, floor.submissions, hints, clock
        ),
        quotas=floor.quotas,
    )
