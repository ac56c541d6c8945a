"""Composition of bulletins: over the store, the keys, policy and the authority."""

from smartmail.app.floor import Floor, Ports
from smartmail.service.kernel.audit.texts import RecordTexts
from smartmail.service.mailbox.bulletins import BulletinBoard, BulletinDesk, Bulletins
from smartmail.service.mailbox.bulletins.readers import BulletinNews
from smartmail.service.mailbox.bulletins.texts import BulletinTexts


def compose_bulletins(ports: Ports, floor: Floor) -> Bulletins:
    """Return the parts."""
    store, clock, bus = ports.store, ports.clock, ports.bus
    texts, records = BulletinTexts(store, floor.keyring), RecordTexts(floor.keyring, clock)
    desk = BulletinDesk(store, texts, floor.authority, records, bus, clock)
    board = BulletinBoard(store, texts, floor.policy, bus, clock)
    return Bulletins(desk, board, BulletinNews(store, board, clock))
