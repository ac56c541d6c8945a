"""Mailboxes: what lies in an account, who else may use it, and what people do with their mail."""

from smartmail.app.wiring.identity import Identity
from smartmail.app.wiring.kernel import Kernel
from smartmail.app.wiring.ports import Ports
from smartmail.app.wiring.protection import Protection
from smartmail.service.kernel.clock import HOUR, MINUTE, SECOND
from smartmail.service.kernel.house_letters import HouseLetters
from smartmail.service.kernel.jobs import Job, when_due
from smartmail.service.mailbox.big_files import BigFiles, BigFileUpkeep, BigLinks, BigUploads, Giving, Verdicts, Viewing
from smartmail.service.mailbox.big_files.contents import Contents
from smartmail.service.mailbox.big_files.converting import BigAttachments
from smartmail.service.mailbox.big_files.leaks import LinkLeaks
from smartmail.service.mailbox.big_files.letters import BigFileLetters
from smartmail.service.mailbox.big_files.texts import FileKeys
from smartmail.service.mailbox.blob_lookup import BlobLookupService
from smartmail.service.mailbox.bulletins import BulletinBoard, BulletinDesk, Bulletins
from smartmail.service.mailbox.bulletins.readers import BulletinNews
from smartmail.service.mailbox.bulletins.texts import BulletinTexts
from smartmail.service.mailbox.contacts import BookService, CardFiles, CardService, ContactGate, Contacts
from smartmail.service.mailbox.detaching import DetachService
from smartmail.service.mailbox.exporting import ExportService
from smartmail.service.mailbox.files_together import FilesTogether
from smartmail.service.mailbox.identities import IdentityService
from smartmail.service.mailbox.importing import ImportService
from smartmail.service.mailbox.maildrop import MaildropService
from smartmail.service.mailbox.mailstore.asking import AskingService
from smartmail.service.mailbox.mailstore.carrying import CarryService
from smartmail.service.mailbox.mailstore.keywords import KeywordService
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService
from smartmail.service.mailbox.mailstore.messages import MessageService
from smartmail.service.mailbox.mailstore.query import QueryService
from smartmail.service.mailbox.mailstore.reading import ReadingService
from smartmail.service.mailbox.mailstore.tags import TagService
from smartmail.service.mailbox.mailstore.views import ViewService
from smartmail.service.mailbox.parcels import MailBundles, ParcelDesk, Parcels, ParcelWork
from smartmail.service.mailbox.preferences import PreferenceService
from smartmail.service.mailbox.previewing import PreviewService
from smartmail.service.mailbox.push_subscriptions import PushSubscriptionService
from smartmail.service.mailbox.quotas import QuotaService
from smartmail.service.mailbox.reminders import Reminders, ReminderService, WakingService
from smartmail.service.mailbox.remote_pictures import RemotePictures
from smartmail.service.mailbox.search.service import SearchService
from smartmail.service.mailbox.secure_mail import (
    Opening,
    SecureConsole,
    SecureLetters,
    SecureMail,
    SecureReplying,
    SecureUpkeep,
)
from smartmail.service.mailbox.secure_mail.texts import LetterKeys
from smartmail.service.mailbox.share_letter_work import ShareLetterWork
from smartmail.service.mailbox.share_letters import ShareLetters
from smartmail.service.mailbox.share_requests import ShareRequestService
from smartmail.service.mailbox.sharing import (
    PresenceService,
    PrincipalService,
    SendingService,
    ShareEnds,
    SharingService,
    WorkService,
)
from smartmail.service.mailbox.uploads import UploadService
from smartmail.service.mailbox.vault import VaultService


class Mailbox:
    """Messages and mailboxes, found, read and shared."""

    def __init__(self, ports: Ports, kernel: Kernel) -> None:
        store, clock, keyring, blobs = ports.store, ports.clock, kernel.keyring, kernel.blobs
        hints, policy, rights, notices = kernel.hints, kernel.policy, kernel.rights, kernel.notices
        self.mailboxes = MailboxService(store, rights, keyring, hints)
        self.quotas = QuotaService(store, policy, clock, notices)
        self.sending = SendingService(store, rights, keyring, hints, clock)
        self.identities = IdentityService(store, rights, self.sending, keyring, hints)
        self.reading = ReadingService(store, rights, keyring, blobs, kernel.witness)
        self.messages = MessageService(store, rights, keyring, blobs, hints, clock, kernel.witness)
        self.keywords = KeywordService(store, keyring)
        self.search = SearchService(store, keyring, blobs, ports.extractor)
        self.queries = QueryService(self.reading, self.keywords, self.search)
        self.tags = TagService(store, rights, keyring, hints, clock)
        self.views = ViewService(store, rights)
        self.asking = AskingService(self.mailboxes, self.tags, clock)
        self.vault = VaultService(store, rights, keyring, policy, hints, clock)
        self.carrying = CarryService(store, rights, keyring, self.reading, self.keywords, self.messages, hints)
        self.detaching = DetachService(store, rights, keyring, blobs, self.reading, policy, hints, clock)
        self.maildrops = MaildropService(
            self.mailboxes, self.views, self.reading, self.messages, policy, ports.bus, clock
        )
        self.uploads = UploadService(store, rights, keyring, blobs, clock)
        self.blob_lookup = BlobLookupService(store, self.reading)
        self.preferences = PreferenceService(kernel.metadata)
        self.previews = PreviewService(ports.extractor, ports.layouts, ports.bodies)
        self.files_together = FilesTogether(store, self.reading, kernel.record_texts, clock)
        self.remote_pictures = RemotePictures(ports.picture_http or ports.http, keyring, rights)
        self.reminders = Reminders(
            ReminderService(store, keyring, self.reading, hints, clock), WakingService(store, keyring, hints, clock)
        )
        kernel.jobs += (
            Job("vault", HOUR, self.vault.purge),
            Job("quotas-watch", MINUTE, self.quotas.watch),
            Job("quotas", SECOND, self.quotas.apply, everywhere=True),
            when_due("reminders", "reminders", self.reminders.waking.wake),
            Job("follow-ups", 5 * SECOND, self.reminders.waking.settle),
            Job("reminders-cleanup", HOUR, self.reminders.waking.forget),
        )


class Sharing:
    """What people have together: shares, contacts, bulletins; and who is told of changes by push."""

    def __init__(self, ports: Ports, kernel: Kernel, mailbox: Mailbox) -> None:
        store, clock, keyring, hints, policy = ports.store, ports.clock, kernel.keyring, kernel.hints, kernel.policy
        self.principals = PrincipalService(store, clock, policy)
        self.sharing = SharingService(
            store, kernel.rights, self.principals, hints, clock, kernel.authority, ShareLetters(store, clock)
        )
        share_letters = ShareLetterWork(
            store, self.principals, mailbox.mailboxes, policy, kernel.notices, hints, clock, ports.home
        )
        self.share_requests = ShareRequestService(store, self.sharing, policy, keyring, kernel.notices, hints, clock)
        share_ends = ShareEnds(store, self.sharing, clock)
        self.work = WorkService(store, kernel.rights, self.sharing, keyring, hints, clock)
        self.presence = PresenceService(kernel.rights, ports.bus, clock)
        gate = ContactGate(store, kernel.rights, policy, clock)
        books = BookService(store, keyring, gate, hints)
        cards = CardService(store, keyring, gate, books, hints, clock)
        self.contacts = Contacts(gate, books, cards, CardFiles(store, gate, cards, mailbox.uploads))
        texts = BulletinTexts(store, keyring)
        board = BulletinBoard(store, texts, policy, ports.bus, clock)
        desk = BulletinDesk(store, texts, kernel.authority, kernel.record_texts, ports.bus, clock)
        self.bulletins = Bulletins(desk, board, BulletinNews(store, board, clock))
        self.push_subscriptions = PushSubscriptionService(
            store, keyring, kernel.states, self.sharing, self.bulletins.news, hints, clock, ports.http,
            f"mailto:postmaster@{ports.host}",
        )  # fmt: skip
        kernel.jobs += (
            when_due("share-ends", "share-ends", share_ends.turn),
            share_letters.job("share-notifications", "share-letters"),
        )


class Files:
    """Mail and files that come in and go out by other ways than mail."""

    def __init__(
        self, ports: Ports, kernel: Kernel, protection: Protection, identity: Identity, mailbox: Mailbox
    ) -> None:
        store, clock, keyring, blobs = ports.store, ports.clock, kernel.keyring, kernel.blobs
        policy, texts, step_up = kernel.policy, kernel.record_texts, identity.step_up
        self.imports = ImportService(
            store, keyring, blobs, mailbox.mailboxes, kernel.hints, clock, protection.defence.parts.bombs.teach
        )
        self.exports = ExportService(store, mailbox.mailboxes, mailbox.reading, mailbox.keywords)
        self.parcels = Parcels(
            ParcelDesk(
                store, keyring, blobs, policy, step_up, mailbox.mailboxes, mailbox.messages, texts, clock
            ),
            ParcelWork(
                store, keyring, blobs, policy, self.exports, self.imports, mailbox.reading, kernel.notices, texts, clock,
                ports.home,
            ),
            MailBundles(store, mailbox.reading, policy, step_up, texts, clock),
        )  # fmt: skip
        keys, contents = FileKeys(keyring, clock), Contents(store, blobs)
        # It begins when the last octet is there.
        verdicts = Verdicts(store, keys, contents, protection.ruling.engines, ports.dissector, policy, clock)
        letters = BigFileLetters(store, keyring, blobs, kernel.hints, clock, ports.host)
        links = BigLinks(store, keys, policy, clock, ports.home, LinkLeaks(protection.automatic_leaks, contents))
        uploads = BigUploads(store, keys, blobs, policy, clock, verdicts.begin)
        self.big_attachments = BigAttachments(store, blobs, policy, uploads, links)
        self.big_files = BigFiles(
            uploads, links, Giving(store, keys, contents, policy, identity.access.gate, letters, clock), verdicts,
            BigFileUpkeep(store, keys, links, letters, verdicts, clock),
            Viewing(contents, PreviewService(ports.extractor, ports.layouts), policy, clock),
        )  # fmt: skip
        letter_keys = LetterKeys(keyring, clock)
        secure = SecureLetters(store, keyring, letter_keys, blobs, policy, letters, clock, ports.home, ports.host)
        house = HouseLetters(keyring, blobs, clock)
        opening = Opening(store, letter_keys, blobs, identity.access.gate, letters, clock)
        self.secure_mail = SecureMail(
            secure, opening,
            SecureReplying(store, house, opening, protection.ruling.engines, kernel.hints, clock, ports.host),
            SecureConsole(store, store, letter_keys, secure, house, policy, kernel.hints, clock, ports.host),
            SecureUpkeep(store, letter_keys, clock),
        )  # fmt: skip
        kernel.jobs += (
            Job("secure-mail", MINUTE, self.secure_mail.upkeep.turn),
            self.parcels.work.job("mailbox-files", "parcels"),
            Job("mailbox-files-cleanup", MINUTE, self.parcels.work.forget),
            Job("big-files-verdicts", 15 * SECOND, self.big_files.upkeep.judge, stop=verdicts.stop),
            Job("big-files", MINUTE, self.big_files.upkeep.turn),
        )
