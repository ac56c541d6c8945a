"""A node opened: store, keys, volumes, bus and the services over them.

The only module that names adapters. Worker processes and commands open a node the same way; what they do with it is
bootstrap's and the commands' business.
"""

import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from smartmail.adapters.bus import open_bus
from smartmail.adapters.clock import SystemClock
from smartmail.adapters.extraction.children import ParsingChildren
from smartmail.adapters.keys.master import MasterKeyError, load_or_create
from smartmail.adapters.keys.ring import KeyRing
from smartmail.adapters.sql import DatabaseAway, open_postgres, open_sqlite
from smartmail.app import catalogues, parsing_child
from smartmail.app.defending import compose_defence
from smartmail.app.addressing import compose_addressing
from smartmail.app.filtering import compose_filters
from smartmail.app.inspecting import compose_inspectors
from smartmail.app.learning import compose_learning
from smartmail.app.signatures import system_roots
from smartmail.app.settings import Settings, secret
from smartmail.app.quarantining import compose_cases, compose_quarantine
from smartmail.app.ruling import compose_rules
from smartmail.app.telling import compose_trace
from smartmail.app.tracing import compose_tracing
from smartmail.app.transporting import compose_transport, open_resolver, open_web
from smartmail.app.worker_context import CannotStartError, CannotStartYetError
from smartmail.base import log
from smartmail.domain.cluster import NodeRow, VolumeKind, VolumeRow
from smartmail.domain.errors import Unavailable
from smartmail.domain.ids import VolumeId
from smartmail.ports.blobs import Volume, VolumeFailed, VolumeUnavailable
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.dissection import Dissector
from smartmail.ports.dns import Resolver
from smartmail.ports.extraction import TextExtractor
from smartmail.ports.http import HttpClient, NoHttp
from smartmail.ports.keys import KeyIdentity, Keys, WrongMasterKey
from smartmail.ports.store import Store
from smartmail.service.addressing.book import AddressBook
from smartmail.service.administration import AdministrationService
from smartmail.service.audit import AuditService
from smartmail.service.auth import AuthService
from smartmail.service.authentication.reports import DmarcReportService
from smartmail.service.blob_lookup import BlobLookupService
from smartmail.service.catalogue import Services
from smartmail.service.certificates import AcmeService, AlarmService, CertificateService
from smartmail.service.checking import CheckService
from smartmail.service.defence.notices import Notices
from smartmail.service.delivery import DeliveryService
from smartmail.service.delivery.desk import DeliveryDesk
from smartmail.service.detaching import DetachService
from smartmail.service.directory import DirectoryService
from smartmail.service.emptying import EmptyingService
from smartmail.service.exporting import ExportService
from smartmail.service.findings import FindingsService
from smartmail.service.governing import GovernanceService
from smartmail.service.identities import IdentityService
from smartmail.service.importing import ImportService
from smartmail.service.inspection.service import InspectionService
from smartmail.service.keyring import Keyring
from smartmail.service.mail_limits import MailLimits
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
from smartmail.service.queue import QueueService
from smartmail.service.queue_control import QueueControl
from smartmail.service.quotas import QuotaService
from smartmail.service.reaching import Reaching
from smartmail.service.receipts import ReceiptService
from smartmail.service.reports import ReportService
from smartmail.service.rights import Rights
from smartmail.service.routing import RoutingService
from smartmail.service.sealed_blobs import SealedBlobs
from smartmail.service.search.service import SearchService
from smartmail.service.sharing import PresenceService, PrincipalService, SendingService, SharingService, WorkService
from smartmail.service.smime import SmimeInspector, SmimeService, TrustService
from smartmail.service.signing import SigningService
from smartmail.service.states import StateService
from smartmail.service.submission import SubmissionService
from smartmail.service.upkeep import UpkeepService
from smartmail.service.uploads import UploadService
from smartmail.service.vault import VaultService

SYSTEM = "system"
KEY_SETTING = "master-key"
_ROOM_OCTETS = 1 << 20


@dataclass(frozen=True, slots=True)
class Node:
    """What a process works with."""

    settings: Settings
    store: Store
    clock: SystemClock
    keys: KeyRing
    volumes: dict[VolumeId, Volume]
    bus: Bus
    services: Services


@asynccontextmanager
async def open_node(settings: Settings, *, first_start: bool = False) -> AsyncIterator[Node]:
    """Open everything that a process needs and close it at the end. Raises CannotStartError."""
    store = await _open_store(settings)
    try:
        keys = await _open_keys(settings, store, first_start=first_start)
        volumes = await _open_volumes(settings, store)
        address = None if settings.uses_sqlite else secret(settings.file.database.url)
        bus = await open_bus(os.path.join(settings.directory, "run"), address, settings.file.node)
        resolver = open_resolver(settings.file.dns)
        web = open_web(settings.file, resolver)
        extractor = ParsingChildren(parsing_child.command(), parsing_child.environment())
        try:
            clock = SystemClock()
            services = compose_services(
                store=store, keys=keys, volumes=volumes, bus=bus, clock=clock, host=settings.file.names.mail,
                resolver=resolver,
                node=_node_row(settings), http=web, extractor=extractor, dissector=extractor, site=f"https://{settings.file.names.app}",
            )  # fmt: skip
            yield Node(settings, store, clock, keys, volumes, bus, services)
            await services.auth.settle()
            await services.tracer.settle()
        finally:
            await extractor.close()
            await web.close()
            await bus.close()
            for volume in volumes.values():
                await volume.close()
    finally:
        await store.close()


async def _open_store(settings: Settings) -> Store:
    try:
        if settings.uses_sqlite:
            os.makedirs(settings.directory, mode=0o700, exist_ok=True)
            return await open_sqlite(os.path.join(settings.directory, "smartmail.db"))
        return await open_postgres(secret(settings.file.database.url), connections=settings.file.database.pool)
    except PermissionError as error:
        raise CannotStartError(
            f"{settings.directory} is not writable: {error}. Give this user the right to write."
        ) from error
    except (Unavailable, OSError) as error:
        # What the driver says is in the detail; it is for this administrator, not for a peer.
        why = error.detail or str(error) if isinstance(error, Unavailable) else str(error)
        if settings.uses_sqlite and _is_full(settings.directory):
            raise CannotStartYetError(f"No space is left for {settings.directory} ({why}). Free some.") from error
        if isinstance(error, DatabaseAway):
            raise CannotStartYetError(
                f"The database does not answer ({why}). Start it, or mend its address."
            ) from error
        raise CannotStartError(f"The database cannot be opened: {why}") from error


def _is_full(directory: str) -> bool:
    """Whether too little space is left for SQLite to open its files (its shared index alone takes 32 KiB)."""
    with suppress(OSError):
        status = os.statvfs(directory)
        return status.f_bavail * status.f_frsize < _ROOM_OCTETS
    return False


async def _open_keys(settings: Settings, store: Store, *, first_start: bool) -> KeyRing:
    kept = await store.setting(SYSTEM, KEY_SETTING)
    try:
        master = load_or_create(settings.key_file, settings.directory, first_start=first_start and kept is None)
        keys = KeyRing(master)
        if kept is not None:
            keys.require(KeyIdentity(*json.loads(kept)))
    except (MasterKeyError, WrongMasterKey, OSError) as error:
        raise CannotStartError(str(error)) from error
    if kept is None:
        await store.put_setting(SYSTEM, KEY_SETTING, json.dumps(list(keys.identity)))
    return keys


async def _open_volumes(settings: Settings, store: Store) -> dict[VolumeId, Volume]:
    """Open the node's volume and check that it is the one that the store knows."""
    try:
        volume = _volume(settings)
        identity = await volume.identity()
    except (VolumeUnavailable, OSError) as error:
        raise CannotStartError(f"The volume cannot be opened: {error}. Check path or bucket and its rights.") from error
    row = await _volume_row(store, "s3" if settings.file.volume.s3 else "local", identity)
    return {row.id: volume}


async def _volume_row(store: Store, kind: str, identity: str) -> VolumeRow:
    rows = await store.volumes()
    for row in rows:
        if json.loads(row.config)["identity"] == identity:
            return row
    if rows:
        raise CannotStartError(
            "This node's volume is not the one that the database knows. Nodes that share a database share a volume: "
            "point [volume] at the same bucket, or put the volume's directory back."
        )
    return await store.add_volume(kind, json.dumps({"identity": identity}), 1)


def _volume(settings: Settings) -> Volume:
    s3 = settings.file.volume.s3
    if s3 is None:
        from smartmail.adapters.volumes.packs import PackVolume

        return PackVolume(settings.volume_path, on_failure=_end_process)
    from smartmail.adapters.volumes.objects import ObjectVolume, S3Settings, connect

    return ObjectVolume(
        connect(
            S3Settings(
                bucket=s3.bucket, endpoint=s3.endpoint, region=s3.region, prefix=s3.prefix,
                access_key=secret(s3.access_key), secret_key=secret(s3.secret_key),
            )
        )
    )  # fmt: skip


def _node_row(settings: Settings) -> NodeRow:
    kind: VolumeKind = "s3" if settings.file.volume.s3 else "local"
    return NodeRow(settings.file.node, 0, 0, " ".join(settings.roles), kind)


def _end_process(error: VolumeFailed) -> None:
    """A failed sync leaves the disk unknown: end at once, the supervisor starts us anew (docs/adr)."""
    log.event("volume.failed", detail=str(error))
    os._exit(74)


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
    keyring = Keyring(keys, store, clock)
    blobs = SealedBlobs(volumes, clock)
    hints = Hints(bus)
    book = AddressBook(store, keyring, clock)
    directory = DirectoryService(store, keyring, book)
    policy = PolicyService(store, clock, bus)
    rights = Rights(store, clock, bus, policy)
    tracing = compose_tracing(store, keyring, policy, clock, bus)
    mailboxes = MailboxService(store, rights, keyring, hints)
    defence = compose_defence(store, keyring, blobs, mailboxes, hints, bus, clock, host, tracing.geo)
    auth = AuthService(store, clock, bus, keyring, policy, defence.parts.logins)
    principals = PrincipalService(store, clock, policy)
    states = StateService(store, rights)
    ruling = compose_rules(store, keyring, resolver, clock, dissector)
    limits = MailLimits(policy, defence.parts.sending, ruling.acquaintances.wrote)
    quotas = QuotaService(store, policy, clock)
    sending = SendingService(store, rights, keyring, hints, clock)
    identities = IdentityService(store, rights, sending, keyring, hints)
    reading = ReadingService(store, rights, keyring, blobs)
    messages = MessageService(store, rights, keyring, blobs, hints, clock)
    addressing = compose_addressing(store, book, directory, blobs, resolver, policy, hints, host, site)
    submissions = SubmissionService(
        store, rights, sending, limits, keyring, blobs, reading, identities, hints, clock, addressing,
        Reaching(directory, addressing.passing),
    )  # fmt: skip
    reports = ReportService(store, keyring, blobs, clock, host)
    transport, tls_reports = compose_transport(store, keyring, blobs, hints, clock, resolver, http or NoHttp(), host)
    keywords = KeywordService(store, keyring)
    queue = QueueService(store, keyring, blobs, submissions, reports, hints, clock)
    queue.bounced = defence.parts.sending.bounced
    signing = SigningService(store, keyring, queue, clock, resolver, host)
    search = SearchService(store, keyring, blobs, extractor)
    tags = TagService(store, rights, keyring, hints, clock)
    views = ViewService(store, rights)
    metadata = MetadataService(store, rights, keyring)
    learning = compose_learning(store, keyring, blobs, policy, clock)
    quarantining = compose_quarantine(
        store, keyring, blobs, policy, learning.service, ruling.engines, hints, clock, host, site
    )
    filters, filtering = compose_filters(
        store, keyring, blobs, mailboxes, metadata, policy, directory, hints, clock, host, tracing.geo
    )
    certificates = CertificateService(store, keyring, bus, clock)
    findings, trust = FindingsService(store, rights, keyring), TrustService(store, clock, system_roots)
    sharing = SharingService(store, rights, principals, hints, clock)
    vault = VaultService(store, rights, keyring, policy, hints, clock)
    cases, purges = compose_cases(store, keyring, blobs, reading, findings, mailboxes, vault, hints, clock, host)
    desk = DeliveryDesk(store, keyring, blobs, directory, sending, limits, filtering, hints, clock, addressing)
    desk.aside = defence.parts.aside
    queue_control = QueueControl(store, keyring, submissions, reports, hints, clock)
    telling = compose_trace(store, keyring, clock, (desk, queue, queue_control, submissions, quarantining.service, addressing.approvals))
    return Services(
        auth=auth,
        policy=policy,
        governing=GovernanceService(store, clock, bus),
        directory=directory,
        rights=rights,
        sharing=sharing,
        principals=principals,
        sending=sending,
        work=WorkService(store, rights, keyring, hints, clock),
        presence=PresenceService(rights, bus, clock),
        provisioning=ProvisioningService(store, clock, directory, mailboxes, identities, auth, policy, quotas),
        mailboxes=mailboxes,
        messages=messages,
        carrying=CarryService(store, rights, keyring, reading, keywords, messages, hints),
        keywords=keywords,
        reading=reading,
        views=views,
        metadata=metadata,
        maildrops=MaildropService(mailboxes, views, reading, messages, policy, bus, clock),
        vault=vault,
        cases=cases,
        purges=purges,
        emptying=EmptyingService(store, policy, mailboxes, messages, clock),
        detaching=DetachService(store, rights, keyring, blobs, reading, policy, hints, clock),
        tags=tags,
        queries=QueryService(reading, keywords, search),
        asking=AskingService(mailboxes, tags, clock),
        search=search,
        identities=identities,
        uploads=UploadService(store, rights, keyring, blobs, clock),
        blob_lookup=BlobLookupService(store, reading),
        submissions=submissions,
        receipts=ReceiptService(store, sending, keyring, blobs, reading, identities, hints, clock, host),
        delivery=DeliveryService(desk, InspectionService(compose_inspectors(store, resolver, clock, host, tracing, defence.parts.bombs, SmimeInspector(trust), (quarantining.inspector, *learning.inspectors), ruling))),
        learning=learning.service,
        quarantine=quarantining.service,
        digests=quarantining.digests,
        quarantine_links=quarantining.links,
        sender_lists=quarantining.lists,
        filters=filters,
        scanning=ruling.scanning,
        queue=queue,
        queue_control=queue_control,
        tracer=telling.tracer,
        trace=telling.service,
        books=telling.books,
        signing=signing,
        defence=defence,
        geo=tracing.geo,
        relays=tracing.relays,
        findings=findings,
        smime=SmimeService(store, reading, findings, trust, clock),
        certificates=certificates,
        acme=AcmeService(store, certificates, http or NoHttp(), clock),
        certificate_alarms=AlarmService(store, certificates, Notices(store, keyring, blobs, hints, clock, host), clock),
        routing=RoutingService(store, resolver, clock, host, book),
        addressing=addressing,
        transport=transport,
        tls_reports=tls_reports,
        dmarc_reports=DmarcReportService(store, resolver, keyring, blobs, hints, clock, host),
        hints=hints,
        states=states,
        push_subscriptions=PushSubscriptionService(
            store, keyring, states, sharing, hints, clock, http or NoHttp(), f"mailto:postmaster@{host}"
        ),
        imports=ImportService(store, keyring, blobs, mailboxes, hints, clock),
        exports=ExportService(store, mailboxes, reading, keywords),
        upkeep=UpkeepService(store, volumes, clock, node),
        audit=AuditService(store, keyring, clock, policy),
        checks=CheckService(store, keyring, blobs, volumes, clock),
        administration=AdministrationService(store, keyring, directory, auth, signing, submissions, hints, clock),
        quotas=quotas,
    )
