"""Composition of parcels: mailboxes out and in, over the floor."""

from smartmail.app.floor import Floor, Ports
from smartmail.service.kernel.audit.texts import RecordTexts
from smartmail.service.kernel.notifications import Notices
from smartmail.service.mailbox.exporting import ExportService
from smartmail.service.mailbox.importing import ImportService
from smartmail.service.mailbox.mailstore.keywords import KeywordService
from smartmail.service.mailbox.parcels import MailBundles, ParcelDesk, Parcels, ParcelWork


def compose_parcels(ports: Ports, floor: Floor, notices: Notices) -> Parcels:
    """Return the parts."""
    store, clock, keyring, blobs = ports.store, ports.clock, floor.keyring, floor.blobs
    texts = RecordTexts(keyring, clock)
    desk = ParcelDesk(
        store, keyring, blobs, floor.policy, floor.proving.step_up, floor.mailboxes, floor.messages, texts, clock
    )
    work = ParcelWork(
        store, keyring, blobs, floor.policy,
        ExportService(store, floor.mailboxes, floor.reading, KeywordService(store, keyring)),
        ImportService(store, keyring, blobs, floor.mailboxes, floor.hints, clock, floor.defence.parts.bombs.teach),
        floor.reading, notices, texts, clock, ports.site or f"https://{ports.host}",
    )  # fmt: skip
    bundles = MailBundles(store, floor.reading, floor.policy, floor.proving.step_up, texts, clock)
    return Parcels(desk, work, bundles)
