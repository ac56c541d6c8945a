"""The services of contacts, as the catalogue holds them."""

from dataclasses import dataclass

from smartmail.service.contacts.books import BookService
from smartmail.service.contacts.cards import CardService
from smartmail.service.contacts.files import CardFiles
from smartmail.service.contacts.gate import ContactGate


@dataclass(frozen=True, slots=True)
class Contacts:
    """What the edge calls."""

    gate: ContactGate
    books: BookService
    cards: CardService
    files: CardFiles
