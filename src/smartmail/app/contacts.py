"""Composition of contacts: over the store, the rights and the uploads of the same people."""

from smartmail.app.floor import Floor, Ports
from smartmail.service.mailbox.contacts import BookService, CardFiles, CardService, ContactGate, Contacts
from smartmail.service.mailbox.uploads import UploadService


def compose_contacts(ports: Ports, floor: Floor, uploads: UploadService) -> Contacts:
    """Return the parts."""
    store, keyring, hints = ports.store, floor.keyring, floor.hints
    gate = ContactGate(store, floor.rights, floor.policy, ports.clock)
    books = BookService(store, keyring, gate, hints)
    cards = CardService(store, keyring, gate, books, hints, ports.clock)
    return Contacts(gate, books, cards, CardFiles(store, gate, cards, uploads))
