"""Operations: records and reports, alarms, backups, keys at work, updates, and what the admin API needs of its own."""

from smartmail.adapters.direct_mail import SmtpDirectMail
from smartmail.adapters.sql.migrate import scripts
from smartmail.app.wiring.flow.outgoing import Certificates, Outbound
from smartmail.app.wiring.flow.personal import PersonalMail
from smartmail.app.wiring.governance import Governance
from smartmail.app.wiring.identity import Identity
from smartmail.app.wiring.kernel import Kernel
from smartmail.app.wiring.ports import Ports
from smartmail.app.wiring.protection import Protection
from smartmail.app.wiring.upcalls import Upcalls
from smartmail.edge.relay.route_probe import ProbeSpeaker
from smartmail.ports.keys import KeyIdentity
from smartmail.service.admin_parts import AdminParts
from smartmail.service.flow.leak_dry_run import LEAK_DRY_RUN, LeakDryRun, PastMail
from smartmail.service.kernel.audit import AuditService
from smartmail.service.kernel.audit.anchoring import AnchorReader, AnchorService
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE, SECOND
from smartmail.service.kernel.jobs import Job, when_due
from smartmail.service.operations.admin_jobs import (
    AUDIT_VERIFY,
    BACKUP_BRING,
    BACKUP_REHEARSE,
    BACKUP_TAKE,
    BACKUP_VERIFY,
    DATABASE_CARE,
    MAIL_PURGE,
    QUEUE_ACT,
    AdminKeys,
    AnswerService,
    BackupActs,
    DatabaseActs,
    EventService,
    JobService,
    QueueActs,
    RecordActs,
)
from smartmail.service.operations.alarms import Alarming, AlarmServices, Measures, MetricsService, Telling, Watched
from smartmail.service.operations.backup.planning import BackupPlans
from smartmail.service.operations.backup.service import BackupService
from smartmail.service.operations.checking import CheckService
from smartmail.service.operations.database_care import DatabaseCareService
from smartmail.service.operations.figures import FigureParts, FigureService, ReportTelling, ServingService
from smartmail.service.operations.health import HealthService
from smartmail.service.operations.host_names import HostNameService
from smartmail.service.operations.key_rotation import KeyRotation
from smartmail.service.operations.keys.changing import KeyChanges
from smartmail.service.operations.keys.kits import KitService
from smartmail.service.operations.keys.opening import OpeningService
from smartmail.service.operations.keys.parts import KeyParts
from smartmail.service.operations.keys.rekeying import Rekeying
from smartmail.service.operations.keys.resealing import Resealing
from smartmail.service.operations.keys.retiring import KeyRetiring
from smartmail.service.operations.keys.rotating import MasterRotation
from smartmail.service.operations.keys.shredding import Shredding
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
from smartmail.service.operations.trends.measuring import TrendMeasures
from smartmail.service.operations.trends.parts import TrendServices
from smartmail.service.operations.trends.showing import TrendView
from smartmail.service.operations.updates import UpdateService
from smartmail.service.operations.upkeep import UpkeepService
from smartmail.service.operations.webhooks import WebhookSender, WebhookService


class Records:
    """Chains and anchors of what was done, what is made of them for people, and collectors they are sent on to."""

    def __init__(self, ports: Ports, kernel: Kernel, protection: Protection, identity: Identity) -> None:
        store, clock, keyring, authority = ports.store, ports.clock, kernel.keyring, kernel.authority
        texts, place = kernel.record_texts, ports.anchor_place
        self.audit = AuditService(
            store, keyring, clock, kernel.policy, authority, protection.geo.country_of, ports.head_place,
            AnchorReader(store, keyring, place).examine,
        )  # fmt: skip
        self.anchors = AnchorService(store, keyring, clock, self.audit, place)
        self.record_exports = RecordExportService(store, authority, self.audit, self.anchors, texts, clock)
        self.grounds = GroundService(store, authority, texts, clock)
        self.looks = LookService(store, authority, kernel.independence, keyring, clock)
        self.reviews = ReviewService(store, authority, keyring, kernel.notices, clock)
        self.destructions = DestructionService(
            store, authority, identity.proposals, keyring, identity.auth, texts, clock
        )  # fmt: skip
        self.forwarding = ForwardService(store, ports.collector, ports.host)
        self.collectors = TargetService(store, authority, ports.collector, clock, ports.host)
        kernel.jobs += (
            Job("audit-retention", DAY, self.audit.forget_old),
            # Nodes may chain at once: the slower one starts over. A lease would be a write every second.
            Job("audit", SECOND, self.audit.chain, everywhere=True),
            Job("anchors", 10 * MINUTE, self.anchors.take),
            Job("reviews", HOUR, self.reviews.turn),
            Job("siem", 5 * SECOND, self.forwarding.forward),
        )


class Care:
    """Backups, keys, volumes and the machine."""

    def __init__(self, ports: Ports, kernel: Kernel, identity: Identity, outbound: Outbound) -> None:
        store, clock, keyring, authority = ports.store, ports.clock, kernel.keyring, kernel.authority
        operating = ports.operating
        plans = BackupPlans(store, ports.keys, keyring, authority, clock, operating.places)
        self.backups = BackupService(
            store, ports.keys, keyring, kernel.blobs.book, authority, kernel.hints, clock, ports.backup_plan, plans,
            operating.rehearser, operating.files,
        )  # fmt: skip
        self.database_care = DatabaseCareService(store, authority, clock)
        self.host_names = HostNameService(kernel.names, authority, clock, operating.names, ports.resolver)
        self.processes = ProcessService(store, authority, clock, operating.processes)
        self.health = HealthService(
            store, ports.keys, kernel.blobs.book, clock, operating.processes, operating.signs,
            frozenset(ports.node.roles.split()),
        )  # fmt: skip
        self.upkeep = UpkeepService(store, ports.volumes, clock, ports.node)
        self.checks = CheckService(store, keyring, kernel.blobs, ports.volumes, clock)
        key_rotation = KeyRotation(store, outbound.signing.keys, kernel.policy, kernel.notices, clock)
        self.keys = _keys(ports, kernel, identity, self.backups)
        kernel.jobs += (
            Job("host-names", 5 * SECOND, self.host_names.follow, everywhere=True),
            Job("heartbeat", 15 * SECOND, self.upkeep.heartbeat, everywhere=True),
            Job("expire", MINUTE, self.upkeep.expire),
            Job("reclaim", 10 * MINUTE, self.upkeep.reclaim),
            Job("orphans", DAY, self.upkeep.collect_orphans),
            Job("trim", DAY, self.upkeep.trim_changes),
            Job("backup", 5 * MINUTE, self.backups.turn),
            Job("rehearsal", 5 * MINUTE, self.backups.rehearsal_turn),
            Job("database-care", 5 * MINUTE, self.database_care.turn),
            Job("key-rotation", 6 * HOUR, key_rotation.turn),
            # Every node does its own part of a new master key.
            when_due("master-key-rotation", "master-key", self.keys.rotation.turn),
            when_due("re-encryption", "reseal", self.keys.resealing.turn),
            when_due("account-key-rotation", "rekey", self.keys.rekeying.turn),
            Job("retire-old-keys", 10 * MINUTE, self.keys.retiring.turn),
        )


def _keys(ports: Ports, kernel: Kernel, identity: Identity, backups: BackupService) -> KeyParts:
    """Return keys at work. A new master key opens the backups of the old one."""
    store, clock, authority, keyring = ports.store, ports.clock, kernel.authority, kernel.keyring
    texts = kernel.record_texts

    async def rekey(target: KeyIdentity) -> None:
        if ports.keeper is not None:
            await backups.let_open(ports.keeper, target)

    rekeying = Rekeying(store, authority, keyring, texts, clock)
    return KeyParts(
        MasterRotation(store, authority, texts, clock, ports.node.id, ports.keeper, rekey),
        Resealing(store, authority, keyring, kernel.blobs, clock),
        OpeningService(store, authority, identity.proposals, keyring, kernel.blobs, kernel.witness, clock),
        KitService(store, authority, texts, clock, ports.keeper),
        Shredding(store, authority, keyring, identity.auth, texts, clock),
        rekeying,
        KeyRetiring(store, authority, clock, rekeying, KeyChanges(store, keyring, clock), backups.oldest),
    )


class Reports:
    """Figures, trends, alarms, and what changes the program and its tables by file."""

    def __init__(
        self, ports: Ports, kernel: Kernel, protection: Protection, identity: Identity, outbound: Outbound,
        personal: PersonalMail, certificates: Certificates, governance: Governance, records: Records, upcalls: Upcalls,
    ) -> None:  # fmt: skip
        store, clock, authority, notices = ports.store, ports.clock, kernel.authority, kernel.notices
        watched = Watched(
            certificates.certificates, personal.books, governance.policy_acks, records.forwarding
        )  # fmt: skip
        measures = Measures(store, ports.volumes, clock, watched)
        telling = Telling(store, notices, SmtpDirectMail(ports.host), clock, ports.host)
        self.alarms = AlarmServices(
            Alarming(store, measures, telling, records.audit, authority, clock),
            MetricsService(store, measures, personal.books, protection.defence, kernel.policy, clock),
        )
        serving = ServingService(store, authority, ports.serving, clock)
        service = FigureService(store, kernel.keyring, authority, serving, clock)
        self.figures = FigureParts(
            service, ReportTelling(store, service, authority, kernel.record_texts, notices, clock), serving
        )
        self.trends = TrendServices(
            upcalls.counter, TrendMeasures(store, ports.volumes, clock, upcalls.counter), TrendView(store, clock, authority)
        )  # fmt: skip
        self.updates = UpdateService(
            store, authority, identity.proposals, ports.versions, clock, schema=len(scripts()), brought=ports.vendor_key
        )  # fmt: skip
        self.rule_packs = RulePackService(
            store, authority, protection.ruling.configuration, protection.ruling.packs, clock
        )
        self.route_probes = RouteProbes(
            store, clock, authority, outbound.routing, outbound.transport, outbound.signing, ProbeSpeaker(ports.host)
        )
        kernel.jobs += (
            # Also where the only node is the one whose clock is off: that is worth an alarm.
            Job("alarms", MINUTE, self.alarms.service.look, any_clock=True),
            Job("audit-check", DAY, self.alarms.service.check_chains),
            Job("figures", 15 * MINUTE, self.figures.telling.turn),
            Job("trends", 15 * SECOND, self.trends.measures.measure),
            Job("trends-rollup", MINUTE, self.trends.measures.fold),
        )


class AdminApi:
    """Answers that are kept, long work, keys of programs, and events told to others."""

    def __init__(
        self, ports: Ports, kernel: Kernel, protection: Protection, outbound: Outbound, governance: Governance,
        records: Records, care: Care,
    ) -> None:  # fmt: skip
        store, keyring, clock, authority = ports.store, kernel.keyring, ports.clock, kernel.authority
        acts, backups = RecordActs(records.audit, governance.purges, authority), BackupActs(store, care.backups)
        jobs = JobService(store, keyring, clock)
        jobs.register(QUEUE_ACT, QueueActs(outbound.queue_control, authority).work)
        jobs.register(AUDIT_VERIFY, acts.verify)
        jobs.register(MAIL_PURGE, acts.purge)
        jobs.register(BACKUP_TAKE, backups.take, alone=True, installation_wide=True)
        jobs.register(BACKUP_VERIFY, backups.verify, slow=True, installation_wide=True)
        jobs.register(BACKUP_REHEARSE, backups.rehearse, alone=True, installation_wide=True)
        jobs.register(BACKUP_BRING, backups.bring, slow=True)
        jobs.register(DATABASE_CARE, DatabaseActs(care.database_care).work, slow=True, installation_wide=True)
        self.leak_dry_run = LeakDryRun(
            store, PastMail(store, keyring, kernel.blobs), protection.leak_judge, authority, clock
        )
        jobs.register(LEAK_DRY_RUN, self.leak_dry_run.work, alone=True)
        events = EventService(store, keyring, clock)
        self.admin_api = AdminParts(
            answers=AnswerService(store, keyring, clock),
            jobs=jobs,
            keys=AdminKeys(store, keyring, clock),
            events=events,
            webhooks=WebhookService(store, keyring, events, clock),
            sender=WebhookSender(store, keyring, events, ports.http, clock),
        )
        kernel.jobs += (
            when_due("tasks", "admin-jobs", jobs.turn),
            when_due("webhooks", "webhooks", self.admin_api.sender.turn),
            Job("idempotency-cleanup", HOUR, self.admin_api.answers.forget),
        )
