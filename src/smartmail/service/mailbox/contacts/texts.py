"""What is sealed of address books and cards, bound to their numbers: none opens in another's place."""

from dataclasses import dataclass
from typing import Any

import msgspec

from smartmail.domain.contacts import Book, BookRow, CardRow, ContactCard, LineRow
from smartmail.formats.jscontact import Card, Line
from smartmail.formats.seal import Kind, Purpose
from smartmail.service.kernel.keyring import Sealer


class BookText(msgspec.Struct, array_like=True, frozen=True):
    """What is sealed of a book."""

    name: str
    description: str | None
    order: int
    subscribed: bool


class LineText(msgspec.Struct, array_like=True, frozen=True):
    """What is sealed of a card to find it by."""

    line: Line
    books: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FoundLine:
    """The line of a card."""

    id: int
    line: Line
    books: tuple[int, ...]


_BOOK = msgspec.msgpack.Decoder(BookText)
_LINE = msgspec.msgpack.Decoder(LineText)
_CARD = msgspec.msgpack.Decoder(dict[str, Any])
_ENCODER = msgspec.msgpack.Encoder()


def seal_book(keys: Sealer, number: int, text: BookText) -> bytes:
    """Return a book sealed."""
    return keys.seal(Kind.ADDRESS_BOOK, _ENCODER.encode(text), number)


def open_book(keys: Sealer, row: BookRow) -> Book:
    """Return a book opened."""
    text = _BOOK.decode(keys.open(Kind.ADDRESS_BOOK, row.sealed, row.id))
    return Book(row.id, text.name, text.description, text.order, text.subscribed, row.is_default, row.modseq)


def seal_card(keys: Sealer, number: int, card: Card) -> bytes:
    """Return a card sealed."""
    return keys.seal(Kind.CONTACT_CARD, _ENCODER.encode(card), number)


def open_card(keys: Sealer, row: CardRow) -> ContactCard:
    """Return a card opened."""
    card = _CARD.decode(keys.open(Kind.CONTACT_CARD, row.sealed, row.id))
    books = _LINE.decode(keys.open(Kind.CONTACT_LINE, row.sealed_line, row.id)).books
    return ContactCard(row.id, card, books, row.modseq)


def seal_line(keys: Sealer, number: int, line: Line, books: tuple[int, ...]) -> bytes:
    """Return a line sealed."""
    return keys.seal(Kind.CONTACT_LINE, _ENCODER.encode(LineText(line, books)), number)


def open_line(keys: Sealer, row: LineRow) -> FoundLine:
    """Return a line opened."""
    text = _LINE.decode(keys.open(Kind.CONTACT_LINE, row.sealed, row.id))
    return FoundLine(row.id, text.line, text.books)


def uid_hash(keys: Sealer, uid: str) -> bytes:
    """Return by what a card of that uid is found."""
    return keys.hash(Purpose.CONTACT_UID, uid.encode())
