"""Contacts: address books and cards of an account (docs/adr/0055-contacts.md, RFC 9610).

- `ContactGate` (gate.py): who may; asked first by all others.
- `BookService` (books.py): address books; the default one is made when somebody first needs it.
- `CardService` (cards.py): cards, in transactions that hold their bounds.
- `finding.py`: which cards a search means. Pure.
- `CardFiles` (files.py): vCard and CSV in, with a dry run and an answer for every entry, and out.

Contacts of a person are nobody else's, whatever they share of their mail; those of a shared account (대표메일) are its team's.
Must not know JMAP.
"""

from smartmail.service.mailbox.contacts.books import BookService, BookWish
from smartmail.service.mailbox.contacts.cards import CardService, NewCard
from smartmail.service.mailbox.contacts.files import CardFiles, ExportForm, ImportedEntry, ImportForm, ImportWish
from smartmail.service.mailbox.contacts.gate import ContactGate
from smartmail.service.mailbox.contacts.parts import Contacts
from smartmail.service.mailbox.contacts.texts import FoundLine

__all__ = [
    "BookService", "BookWish", "CardFiles", "CardService", "ContactGate", "Contacts", "ExportForm", "FoundLine", "ImportForm",
    "ImportWish", "ImportedEntry", "NewCard",
]  # fmt: skip
