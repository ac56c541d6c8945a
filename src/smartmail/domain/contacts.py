"""Address books and their cards (docs/vocabulary.md), and the bounds that keep them small enough to be searched whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from smartmail.domain.ids import ModSeq

MAX_BOOKS: Final = 100
MAX_BOOKS_PER_CARD: Final = 20
MAX_BOOK_NAME: Final = 200  # characters
MAX_BOOK_DESCRIPTION: Final = 2_000
MAX_CARD_OCTETS: Final = 400_000
"""Of one card as JSON, its picture included."""
MAX_PHOTO_OCTETS: Final = 200_000
MAX_FILE_OCTETS: Final = 32 << 20
"""Of a file that is read in."""


@dataclass(frozen=True, slots=True)
class BookRow:
    """An address book as stored. One of an account is the default one, where new cards go."""

    id: int
    sealed: bytes
    is_default: bool
    created_modseq: ModSeq
    modseq: ModSeq


@dataclass(frozen=True, slots=True)
class LineRow:
    """What a card is found by, sealed apart from it: names and addresses without pictures."""

    id: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card as stored, with its line."""

    id: int
    sealed: bytes
    sealed_line: bytes
    created_modseq: ModSeq
    modseq: ModSeq


@dataclass(frozen=True, slots=True)
class SealedCard:
    """A card to be put: made when there is none of that number. `uid_hash` is no other card's."""

    id: int
    uid_hash: bytes
    size: int
    sealed: bytes
    sealed_line: bytes


@dataclass(frozen=True, slots=True)
class CardRoom:
    """How many cards an account has, and octets in them."""

    cards: int
    octets: int


@dataclass(frozen=True, slots=True)
class Book:
    """An address book opened."""

    id: int
    name: str
    description: str | None
    order: int
    subscribed: bool
    is_default: bool
    modseq: ModSeq


@dataclass(frozen=True, slots=True)
class ContactCard:
    """A card opened: JSContact (RFC 9553), and the books that it is in."""

    id: int
    card: Mapping[str, Any]
    books: tuple[int, ...]
    modseq: ModSeq
