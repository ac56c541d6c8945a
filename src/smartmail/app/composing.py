"""Composition of all services of a process: ports, then the floor, then mail on its way, then what people do with mail."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from smartmail.app import catalogues
from smartmail.app.admin_api import compose_admin_api
from smartmail.app.alarming import compose_alarms
from smartmail.app.appearing import compose_appearance
from smartmail.app.backing import compose_backing
from smartmail.app.big_files import compose_big_files
from smartmail.app.changing import compose_changing
from smartmail.app.directory_importing import compose_directory_imports
from smartmail.app.figuring import compose_figures
from smartmail.app.floor import Floor, Ports, compose_floor
from smartmail.app.flow import Flow, compose_flow
from smartmail.app.founding import compose_founding
from smartmail.app.inviting import compose_invitations
from smartmail.app.keys import compose_keys
from smartmail.app.letters import compose_letters
from smartmail.app.living import compose_account_life
from smartmail.app.measuring import compose_trends
from smartmail.app.opening_companies import compose_opening
from smartmail.app.operating import Operating
from smartmail.app.organizing import compose_organization
from smartmail.app.parcels import compose_parcels
from smartmail.app.personal import compose_personal
from smartmail.app.probing import compose_route_probes
from smartmail.app.pulls import compose_pulls
from smartmail.app.recording import compose_records
from smartmail.app.sent_mail import compose_sent_mail
from smartmail.app.updating import compose_updates
from smartmail.app.volumes import compose_volumes
from smartmail.domain.cluster import NodeRow
from smartmail.domain.ids import VolumeId
from smartmail.ports.anchors import AnchorPlace, HeadPlace, NoAnchorPlace, NoHeadPlace
from smartmail.ports.blobs import Volume
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.dissection import Dissector
from smartmail.ports.dns import Resolver
from smartmail.ports.extraction import TextExtractor
from smartmail.ports.http import HttpClient, NoHttp
from smartmail.ports.keys import Keys, MasterKeeper
from smartmail.ports.layouts import BodyReader, LayoutReader
from smartmail.ports.portraits import PortraitMaker
from smartmail.ports.serving import NoServingRecord, ServingRecord
from smartmail.ports.siem import Collector, NoCollector
from smartmail.ports.store import Store
from smartmail.ports.versions import NoVersions, VersionPlace
from smartmail.service.catalogue import OperationServices, PersonalServices, RecordServices, Services
from smartmail.service.flow.certificates import AcmeService, AlarmService, CertificateService
from smartmail.service.identity.oauth import OauthService
from smartmail.service.kernel.notifications import Notices
from smartmail.service.mailbox.share_letter_work import ShareLetterWork
from smartmail.service.mailbox.share_letters import ShareLetters
from smartmail.service.mailbox.sharing import PrincipalService, SharingService
from smartmail.service.operations.admin_jobs import BackupActs, QueueActs, RecordActs
from smartmail.service.operations.alarms import Watched
from smartmail.service.operations.backup.planning import BackupPlan
from smartmail.service.operations.backup.service import BackupService
from smartmail.service.operations.checking import CheckService
from smartmail.service.operations.database_care import DatabaseCareService
from smartmail.service.operations.health import HealthService
from smartmail.service.operations.key_rotation import KeyRotation
from smartmail.service.operations.processes import ProcessService
from smartmail.service.operations.upkeep import UpkeepService
from smartmail.service.people.administration import AdministrationService
from smartmail.service.people.domain_records import DomainRecords
from smartmail.service.people.provisioning import ProvisioningService


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
    plain_http: HttpClient | None = None,
    picture_http: HttpClient | None = None,
    extractor: TextExtractor | None = None,
    dissector: Dissector | None = None,
    site: str = "",
    anchor_place: AnchorPlace | None = None,
    head_place: HeadPlace | None = None,
    collector: Collector | None = None,
    backup_plan: BackupPlan = BackupPlan(),  # noqa: B008 -- a frozen value
    serving: ServingRecord | None = None,
    versions: VersionPlace | None = None,
    operating: Operating = Operating(),  # noqa: B008 -- a frozen value
    keeper: MasterKeeper | None = None,
    portraits: PortraitMaker | None = None,
    layouts: LayoutReader | None = None,
    bodies: BodyReader | None = None,
) -> Services:
    """Make all services of a process over its ports. `host` is our name in mail that we write, `node` how this node
    shows itself to the others.
    """
    catalogues.load()
    web = http or NoHttp()
    ports = Ports(
        store, keys, volumes, bus, clock, host, resolver, node, web, extractor, dissector, site, plain_http or web, picture_http or web,
        operating=operating, keeper=keeper, serving=serving or NoServingRecord(),
        versions=versions or NoVersions(), portraits=portraits, layouts=layouts, bodies=bodies,
    )  # fmt: skip
    floor = compose_floor(ports)
    flow = compose_flow(ports, floor)
    records = compose_records(
        ports,
        floor,
        _notices(ports, floor),
        anchor_place or NoAnchorPlace(),
        collector or NoCollector(),
        head_place or NoHeadPlace(),
    )
    return _assembled(ports, floor, flow, records, compose_backing(ports, floor, backup_plan))


def _notices(ports: Ports, floor: Floor) -> Notices:
    return Notices(ports.store, floor.keyring, floor.blobs, floor.hints, ports.clock, ports.host)


def _assembled(ports: Ports, floor: Floor, flow: Flow, records: RecordServices, backups: BackupService) -> Services:
    """Make what stands on floor and flow, and put all of it into the catalogue."""
    store, volumes, bus, clock, node = ports.store, ports.volumes, ports.bus, ports.clock, ports.node
    web, resolver = ports.http, ports.resolver
    keyring, hints, policy, rights = floor.keyring, floor.hints, floor.policy, floor.rights
    certificates = CertificateService(store, keyring, bus, clock, floor.authority)
    notices = _notices(ports, floor)
    principals = PrincipalService(store, clock, policy)
    letters = ShareLetterWork(
        store, principals, floor.mailboxes, policy, notices, hints, clock, ports.site or f"https://{ports.host}"
    )
    sharing = SharingService(store, rights, principals, hints, clock, floor.authority, ShareLetters(store, clock))
    provisioning = ProvisioningService(
        store, clock, floor.directory, floor.mailboxes, floor.identities, floor.auth, policy, floor.quotas
    )
    organization = compose_organization(store, bus, clock, resolver, floor, provisioning, sharing, notices)
    changing = compose_changing(
        store, keyring, policy, floor.authority, clock, bus, notices, floor.proposals, floor.agreement
    )
    personal = compose_personal(ports, floor, notices, sharing)
    watched = Watched(certificates, flow.telling.books, changing.acks, records.forwarding)
    alarms = compose_alarms(ports, floor, watched, records.audit, notices)
    administration = AdministrationService(
        store, keyring, floor.directory, floor.auth, flow.signing, floor.submissions, hints, clock, floor.authority
    )
    admin_api = compose_admin_api(
        store, keyring, web, clock, QueueActs(flow.queue_control, floor.authority),
        RecordActs(records.audit, flow.purges, floor.authority), BackupActs(store, backups), floor.authority,
    )  # fmt: skip
    imports = compose_directory_imports(
        ports, floor, organization, provisioning, administration, changing.governing, records.record_texts,
        admin_api.jobs, sharing,
    )  # fmt: skip
    return Services(
        **_named(personal),
        **_named(records),
        **_of_floor(floor),
        **_of_flow(flow),
        oauth=OauthService(store, floor.auth, keyring, clock),
        governing=changing.governing,
        policy_changes=changing.changes,
        rehearsals=changing.rehearsals,
        policy_acks=changing.acks,
        sharing=sharing,
        share_letters=letters,
        principals=principals,
        provisioning=provisioning,
        founding=compose_founding(ports, floor, flow, provisioning),
        organization=organization,
        account_life=compose_account_life(
            ports, floor, organization.people, changing.governing, records, personal, provisioning, notices
        ),
        sent_mail=compose_sent_mail(ports, floor, flow),
        certificates=certificates,
        acme=AcmeService(store, certificates, web, clock, floor.authority),
        certificate_alarms=AlarmService(store, certificates, notices, clock),
        key_rotation=KeyRotation(store, flow.signing.keys, policy, notices, clock),
        domain_records=DomainRecords(
            store, flow.signing.keys, flow.transport, ports.resolver, clock, ports.host, ports.site
        ),
        upkeep=UpkeepService(store, volumes, clock, node),
        administration=administration,
        saving=compose_letters(ports, floor, organization.people),
        **_operated(ports, floor, flow, provisioning, backups),
        keys=compose_keys(ports, floor, records.record_texts, backups),
        admin_api=admin_api,
        alarms=alarms,
        **_named(compose_updates(ports, floor, compose_figures(ports, floor, records.record_texts, notices))),
        trends=compose_trends(ports, floor, flow),
        appearance=compose_appearance(ports, floor),
        big_files=compose_big_files(ports, floor),
        directory_imports=imports,
    )


def _of_floor(floor: Floor) -> dict[str, Any]:
    """Return the services of the floor by their names."""
    return {
        "auth": floor.auth,
        "factors": floor.proving.factors,
        "enrolment": floor.proving.enrolment,
        "step_up": floor.proving.step_up,
        "own_sending": floor.own_sending,
        "devices": floor.proving.devices,
        "consents": floor.proving.consents,
        "recovering": floor.proving.recovering,
        "factor_resets": floor.proving.resets,
        "trust_lists": floor.certificates.trust,
        "revocation_lists": floor.certificates.lists,
        "policy": floor.policy,
        "decisions": floor.decisions,
        "directory": floor.directory,
        "rights": floor.rights,
        "authority": floor.authority,
        "proposals": floor.proposals,
        "roles": floor.roles,
        "sending": floor.sending,
        "mailboxes": floor.mailboxes,
        "messages": floor.messages,
        "reading": floor.reading,
        "identities": floor.identities,
        "submissions": floor.submissions,
        "scanning": floor.ruling.scanning,
        "defence": floor.defence,
        "geo": floor.tracing.geo,
        "relays": floor.tracing.relays,
        "findings": floor.findings,
        "addressing": floor.addressing,
        "hints": floor.hints,
        "witness": floor.witness,
        "quotas": floor.quotas,
        "access": floor.access,
    }


def _of_flow(flow: Flow) -> dict[str, Any]:
    """Return the services of the flow of mail by their names."""
    return {
        "vault": flow.vault,
        "cases": flow.cases,
        "purges": flow.purges,
        "delivery": flow.delivery,
        "learning": flow.learning.service,
        "quarantine": flow.quarantining.service,
        "digests": flow.quarantining.digests,
        "quarantine_links": flow.quarantining.links,
        "sender_lists": flow.quarantining.lists,
        "filters": flow.filters,
        "queue": flow.queue,
        "queue_control": flow.queue_control,
        "tracer": flow.telling.tracer,
        "trace": flow.telling.service,
        "books": flow.telling.books,
        "signing": flow.signing,
        "abroad": flow.abroad,
        "smime": flow.smime,
        "routing": flow.routing,
        "transport": flow.transport,
        "tls_reports": flow.tls_reports,
        "dmarc_reports": flow.dmarc_reports,
    }


def _operated(
    ports: Ports, floor: Floor, flow: Flow, provisioning: ProvisioningService, backups: BackupService
) -> dict[str, Any]:
    """Return the services of the machine by their names."""
    store, clock = ports.store, ports.clock
    return {
        "backups": backups,
        "database_care": DatabaseCareService(store, floor.authority, clock),
        "processes": ProcessService(store, floor.authority, clock, ports.operating.processes),
        "volumes": compose_volumes(ports, floor),
        "health": HealthService(
            store,
            ports.keys,
            floor.blobs.book,
            clock,
            ports.operating.processes,
            ports.operating.signs,
            frozenset(ports.node.roles.split()),
        ),
        "invitations": compose_invitations(ports, floor),
        "parcels": compose_parcels(ports, floor, _notices(ports, floor)),
        "pulls": compose_pulls(ports, floor, flow),
        "checks": CheckService(store, floor.keyring, floor.blobs, ports.volumes, clock),
        "opening": compose_opening(ports, floor, flow, provisioning),
        "route_probes": compose_route_probes(ports, floor, flow),
    }


def _named(part: PersonalServices | RecordServices | OperationServices) -> dict[str, Any]:
    """Return the services of a part by their names."""
    return {one.name: getattr(part, one.name) for one in fields(part)}
