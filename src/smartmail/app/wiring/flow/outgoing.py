"""Mail that leaves: submission, the queue, signatures, transport and its certificates, and the trace of all mail."""

from smartmail.app.wiring.flow.addresses import Addresses
from smartmail.app.wiring.kernel import Kernel
from smartmail.app.wiring.mailbox import Files, Mailbox
from smartmail.app.wiring.ports import Ports
from smartmail.app.wiring.protection import Protection
from smartmail.app.wiring.upcalls import Upcalls
from smartmail.service.flow.approvals.passing_time import PassingTime
from smartmail.service.flow.certificates import AcmeService, AlarmService, CertificateService
from smartmail.service.flow.misdelivery import Memory, MisdeliveryGuard, ProgramQuestions
from smartmail.service.flow.outgoing import Judge, LeakNotices, Outgoing, OutgoingLeaks, Shaper
from smartmail.service.flow.outgoing.changed_letters import ChangedLetters
from smartmail.service.flow.outgoing.footers import Footers
from smartmail.service.flow.outgoing.labelling import Labelling
from smartmail.service.flow.outgoing.limits import MailLimits
from smartmail.service.flow.outgoing.reaching import Reaching
from smartmail.service.flow.outgoing.stored import Sendable
from smartmail.service.flow.queue import QueueService
from smartmail.service.flow.queue_control import QueueControl
from smartmail.service.flow.reports import ReportService
from smartmail.service.flow.routing import RoutingService
from smartmail.service.flow.secure_release import SecureRelease
from smartmail.service.flow.signing import SigningService
from smartmail.service.flow.submission import SubmissionService
from smartmail.service.flow.tracing.recording import Tracer
from smartmail.service.flow.transport import TlsReportService, TransportRules, TransportService
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE, SECOND
from smartmail.service.kernel.jobs import Job, when_due
from smartmail.service.kernel.letter_entries import LetterEntries
from smartmail.service.kernel.security_labels import SecurityLabels


class Outbound:
    """Made over mailboxes and what they stand on."""

    def __init__(
        self, ports: Ports, kernel: Kernel, protection: Protection, mailbox: Mailbox, files: Files, upcalls: Upcalls
    ) -> None:  # fmt: skip
        store, clock, host, keyring, blobs = ports.store, ports.clock, ports.host, kernel.keyring, kernel.blobs
        policy, hints, defence = kernel.policy, kernel.hints, protection.defence.parts
        self.tracer = Tracer(store, keyring, clock, upcalls.counter.told)
        self.addresses = Addresses(
            ports, kernel, self.tracer, upcalls, protection.automatic_leaks, protection.leak_incidents
        )
        self.directory, self.addressing = self.addresses.directory, self.addresses.addressing
        self.limits = MailLimits(
            policy, defence.sending, protection.ruling.acquaintances.wrote, store, upcalls.decisions.note
        )
        allowances = self.addressing.allowances
        self.security_labels = SecurityLabels(store, kernel.authority, clock)
        labels = Labelling(store, self.security_labels, mailbox.reading, keyring, clock)
        reaching = Reaching(self.directory, self.addressing.passing)
        judge = Judge(mailbox.sending, self.limits, allowances, reaching, labels)
        shaper = Shaper(Footers(store, blobs, policy), files.big_attachments, files.secure_mail.letters)
        leaks = OutgoingLeaks(
            store, protection.leak_judge, protection.leak_changer, protection.leak_incidents,
            LeakNotices(store, kernel.notices, clock), ChangedLetters(store, blobs, policy, files.big_attachments), shaper,
            allowances.sends_first,
        )  # fmt: skip
        self.misdelivery = MisdeliveryGuard(
            store, Memory(store, keyring), policy, protection.ruling.acquaintances.known_domains
        )
        self.outgoing = Outgoing(
            judge, leaks, shaper, LetterEntries(keyring, clock),
            mailbox.sending, self.limits, allowances, self.addressing.journals,
            self.misdelivery, ProgramQuestions(store, self.misdelivery, policy, mailbox.reading, keyring),
        )  # fmt: skip
        self.addressing.approvals.way_out = self.outgoing
        self.submissions = SubmissionService(
            store, kernel.rights, self.outgoing, keyring,
            Sendable(mailbox.reading, mailbox.sending, blobs, clock, host, labels), mailbox.reading, mailbox.identities, hints,
            clock, self.tracer,
        )  # fmt: skip
        reports = ReportService(store, keyring, blobs, clock, host)
        self.queue = QueueService(
            store,
            keyring,
            blobs,
            self.submissions,
            reports,
            hints,
            clock,
            self.tracer,
            defence.sending.bounced,
            files.secure_mail.upkeep.reported,
            SecureRelease(store, keyring, files.secure_mail.letters, self.outgoing.entries, clock),
        )
        self.queue_control = QueueControl(
            store, keyring, self.submissions, reports, hints, clock, kernel.authority, self.tracer,
            self.addressing.approvals,
        )  # fmt: skip
        self.signing = SigningService(store, keyring, self.queue, clock, ports.resolver, host)
        self.routing = RoutingService(store, ports.resolver, clock, host, self.addresses.book)
        rules = TransportRules(store, clock, kernel.authority, ports.bus)
        self.transport = TransportService(store, ports.resolver, ports.http, rules, clock)
        tls_reports = TlsReportService(store, ports.resolver, ports.http, keyring, blobs, rules, hints, clock, host)
        passing = PassingTime(store, self.addressing.approvals, clock)
        kernel.jobs += (
            # The leader may be the node that is lost; of two that find something one takes it.
            Job("lost-nodes", 5 * SECOND, self.queue.take_over, everywhere=True),
            when_due("approvals", "approvals", passing.run),
            Job("approval-people", 10 * MINUTE, passing.look_for_people),
            Job("sts", HOUR, self.transport.policies.refresh),
            Job("tls-reports", HOUR, tls_reports.send),
            Job("tls-reports-cleanup", DAY, self.transport.received.forget),
        )


class Certificates:
    """Certificates of this installation's servers."""

    def __init__(self, ports: Ports, kernel: Kernel) -> None:
        store, clock = ports.store, ports.clock
        self.certificates = CertificateService(store, kernel.keyring, ports.bus, clock, kernel.authority)
        self.acme = AcmeService(store, self.certificates, ports.http, clock, kernel.authority)
        certificate_alarms = AlarmService(store, self.certificates, kernel.notices, clock)
        kernel.jobs += (
            Job("certificates", 5 * MINUTE, self.acme.renew),
            Job("certificate-alarms", 6 * HOUR, certificate_alarms.ring),
        )
