"""Composition of what people do with their mail: lists, search, tags, uploads, receipts, moving in and out."""

from smartmail.app.bulletins import compose_bulletins
from smartmail.app.contacts import compose_contacts
from smartmail.app.floor import Floor, Ports
from smartmail.app.photographing import compose_photographs
from smartmail.service.catalogue import PersonalServices
from smartmail.service.flow.receipts import ReceiptService
from smartmail.service.flow.recurring import Recurring, RecurringService, TurnService
from smartmail.service.flow.unsubscribing import UnsubscribeService
from smartmail.service.governance.emptying import EmptyingService
from smartmail.service.kernel.audit.texts import RecordTexts
from smartmail.service.kernel.metadata import MetadataService
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.states import StateService
from smartmail.service.mailbox.blob_lookup import BlobLookupService
from smartmail.service.mailbox.detaching import DetachService
from smartmail.service.mailbox.exporting import ExportService
from smartmail.service.mailbox.files_together import FilesTogether
from smartmail.service.mailbox.importing import ImportService
from smartmail.service.mailbox.maildrop import MaildropService
from smartmail.service.mailbox.mailstore.asking import AskingService
from smartmail.service.mailbox.mailstore.carrying import CarryService
from smartmail.service.mailbox.mailstore.keywords import KeywordService
from smartmail.service.mailbox.mailstore.query import QueryService
from smartmail.service.mailbox.mailstore.tags import TagService
from smartmail.service.mailbox.mailstore.views import ViewService
from smartmail.service.mailbox.preferences import PreferenceService
from smartmail.service.mailbox.previewing import PreviewService
from smartmail.service.mailbox.push_subscriptions import PushSubscriptionService
from smartmail.service.mailbox.reminders import Reminders, ReminderService, WakingService
from smartmail.service.mailbox.remote_pictures import RemotePictures
from smartmail.service.mailbox.search.service import SearchService
from smartmail.service.mailbox.share_requests import ShareRequestService
from smartmail.service.mailbox.sharing import PresenceService, ShareEnds, SharingService, WorkService
from smartmail.service.mailbox.uploads import UploadService
from smartmail.service.people.team_templates import TeamTemplateService


def compose_personal(ports: Ports, floor: Floor, notices: Notices, sharing: SharingService) -> PersonalServices:
    """Make them over the ports and the floor."""
    store, clock, bus, host, web = ports.store, ports.clock, ports.bus, ports.host, ports.http
    keyring, blobs, hints, policy, rights = floor.keyring, floor.blobs, floor.hints, floor.policy, floor.rights
    reading, messages, mailboxes = floor.reading, floor.messages, floor.mailboxes
    keywords = KeywordService(store, keyring)
    search = SearchService(store, keyring, blobs, ports.extractor)
    tags = TagService(store, rights, keyring, hints, clock)
    views = ViewService(store, rights)
    states = StateService(store, rights)
    bulletins = compose_bulletins(ports, floor)
    metadata = MetadataService(store, rights, keyring)
    uploads = UploadService(store, rights, keyring, blobs, clock)
    return PersonalServices(
        work=WorkService(store, rights, sharing, keyring, hints, clock),
        presence=PresenceService(rights, bus, clock),
        carrying=CarryService(store, rights, keyring, reading, keywords, messages, hints),
        keywords=keywords,
        views=views,
        metadata=metadata,
        preferences=PreferenceService(metadata),
        team_templates=TeamTemplateService(store, keyring, policy, floor.authority, clock),
        share_requests=ShareRequestService(store, sharing, policy, keyring, notices, hints, clock),
        share_ends=ShareEnds(store, sharing, clock),
        maildrops=MaildropService(mailboxes, views, reading, messages, policy, bus, clock),
        emptying=EmptyingService(store, policy, mailboxes, messages, clock, notices),
        detaching=DetachService(store, rights, keyring, blobs, reading, policy, hints, clock),
        tags=tags,
        queries=QueryService(reading, keywords, search),
        asking=AskingService(mailboxes, tags, clock),
        search=search,
        uploads=uploads,
        blob_lookup=BlobLookupService(store, reading),
        brands=floor.brands,
        receipts=ReceiptService(store, floor.sending, keyring, blobs, reading, floor.identities, hints, clock, host),
        push_subscriptions=PushSubscriptionService(
            store, keyring, states, sharing, bulletins.news, hints, clock, web, f"mailto:postmaster@{host}"
        ),
        states=states,
        imports=ImportService(store, keyring, blobs, mailboxes, hints, clock, floor.defence.parts.bombs.teach),
        exports=ExportService(store, mailboxes, reading, keywords),
        files_together=FilesTogether(store, reading, RecordTexts(keyring, clock), clock),
        previews=PreviewService(ports.extractor, ports.layouts, ports.bodies),
        photographs=compose_photographs(ports, floor),
        remote_pictures=RemotePictures(ports.picture_http, keyring, rights),
        unsubscribing=UnsubscribeService(web),
        contacts=compose_contacts(ports, floor, uploads),
        reminders=Reminders(
            ReminderService(store, keyring, reading, hints, clock), WakingService(store, keyring, hints, clock)
        ),
        recurring=_recurring(ports, floor, notices),
        bulletins=bulletins,
    )


def _recurring(ports: Ports, floor: Floor, notices: Notices) -> Recurring:
    store, keyring, hints, clock = ports.store, floor.keyring, floor.hints, ports.clock
    reading, submissions = floor.reading, floor.submissions
    return Recurring(
        RecurringService(store, keyring, reading, floor.identities, submissions, floor.policy, hints, clock),
        TurnService(store, keyring, floor.blobs, reading, submissions, floor.policy, notices, hints, clock, ports.host),
    )
