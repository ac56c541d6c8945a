"""What people see of the mail that they sent, and what they answer or repeat by mail."""

from smartmail.app.wiring.flow.incoming import Inbound
from smartmail.app.wiring.flow.outgoing import Outbound
from smartmail.app.wiring.kernel import Kernel
from smartmail.app.wiring.mailbox import Files, Mailbox
from smartmail.app.wiring.ports import Ports
from smartmail.service.flow.invitations import InvitationService
from smartmail.service.flow.list_withdrawing import ListWithdrawing
from smartmail.service.flow.recall_receipts import RecallReceipts
from smartmail.service.flow.receipts import ReceiptService
from smartmail.service.flow.recurring import Recurring, RecurringService, TurnService
from smartmail.service.flow.sent_lists import SentListService
from smartmail.service.flow.sent_mail import SentMailService
from smartmail.service.flow.tracing.books import BookService
from smartmail.service.flow.unsubscribing import UnsubscribeService
from smartmail.service.kernel.audit.signing import RecordSigner
from smartmail.service.kernel.clock import HOUR, MINUTE
from smartmail.service.kernel.jobs import Job, when_due
from smartmail.service.mailbox.big_files.letter_links import LetterLinks


class PersonalMail:
    """Made over mail in both directions."""

    def __init__(
        self, ports: Ports, kernel: Kernel, mailbox: Mailbox, files: Files, outbound: Outbound, inbound: Inbound
    ) -> None:
        store, clock, host, keyring, blobs = ports.store, ports.clock, ports.host, kernel.keyring, kernel.blobs
        policy, hints, reading, submissions = kernel.policy, kernel.hints, mailbox.reading, outbound.submissions
        trace = inbound.trace
        self.books = BookService(store, keyring, clock)
        lists = SentListService(
            store, outbound.addresses.book, trace, policy, keyring, blobs, hints, clock, host
        )  # fmt: skip
        withdrawing = ListWithdrawing(store, keyring, trace, outbound.tracer, clock, outbound.addressing.approvals)
        recalls = RecallReceipts(
            store, LetterLinks(files.big_files.links, reading), RecordSigner(keyring), kernel.notices, clock
        )
        self.sent_mail = SentMailService(
            store,
            kernel.rights,
            reading,
            submissions,
            trace,
            policy,
            hints,
            clock,
            lists,
            withdrawing,
            recalls,
            files.secure_mail.console,
        )
        self.receipts = ReceiptService(
            store, mailbox.sending, keyring, blobs, reading, mailbox.identities, hints, clock, host
        )
        self.recurring = Recurring(
            RecurringService(store, keyring, reading, mailbox.identities, submissions, policy, hints, clock),
            TurnService(store, keyring, blobs, reading, submissions, policy, kernel.notices, hints, clock, host),
        )
        self.invitations = InvitationService(
            store, keyring, reading, mailbox.messages, mailbox.mailboxes, mailbox.identities, submissions, clock, host
        )
        self.unsubscribing = UnsubscribeService(ports.http)
        kernel.jobs += (
            Job("books", 10 * MINUTE, self.books.settle),
            Job("trace-merge", MINUTE, self.books.merge),
            Job("trace-retention", HOUR, self.books.forget),
            when_due("recurring", "recurring", self.recurring.turning.turn),
        )
