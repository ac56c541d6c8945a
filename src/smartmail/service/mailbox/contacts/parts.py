"""The services of contacts, as the catalogue holds them."""

from dataclasses import dataclass

from smartmail.service.mailbox.contacts.books import BookService
from smartmail.service.mailbox.contacts.cards import CardService
from smartmail.service.mailbox.contacts.files import CardFiles
from smartmail.service.mailbox.contacts.gate import ContactGate


@dataclass(frozen=True, slots=True)
class Contacts:
    """What the edge calls."""

    gate: ContactGate
    books: BookService
    cards: CardService
    files: CardFiles
