"""The store's part for address books and cards (ports.store). Proved by tests/contract/test_store_contacts.py."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.contacts import BookRow, CardRoom, CardRow, LineRow, SealedCard
from smartmail.domain.ids import AccountId


class ContactTx(Protocol):
    """Inside a transaction on one account."""

    async def next_contact(self) -> int:
        """Return the number of a new book or card."""
        ...

    async def address_books(self) -> list[BookRow]:
        """Return all address books by number."""
        ...

    async def put_address_book(self, number: int, sealed: bytes, *, is_default: bool) -> BookRow:
        """Make or change a book. Who calls keeps one default one."""
        ...

    async def destroy_address_book(self, number: int) -> None:
        """Remove a book; cards are the caller's. Raises NotFound."""
        ...

    async def contact_card(self, number: int) -> CardRow:
        """Return a card. Raises NotFound."""
        ...

    async def contact_lines(self) -> list[LineRow]:
        """Return the lines of all cards by number."""
        ...

    async def contact_room(self) -> CardRoom:
        """Return what is there."""
        ...

    async def put_contact_card(self, card: SealedCard) -> CardRow:
        """Make or change a card. Raises AlreadyExists (another card has its uid)."""
        ...

    async def put_contact_line(self, number: int, sealed: bytes) -> None:
        """Change the line of a card that is otherwise as it was, and tell the card as changed. Raises NotFound."""
        ...

    async def destroy_contact_cards(self, numbers: Sequence[int]) -> list[int]:
        """Remove cards; return those that there were."""
        ...


class ContactStore(Protocol):
    """Outside of transactions."""

    async def address_books(self, account_id: AccountId) -> list[BookRow]:
        """Return all address books by number."""
        ...

    async def contact_cards(self, account_id: AccountId, numbers: Sequence[int]) -> list[CardRow]:
        """Return those of the cards that are there, by number."""
        ...

    async def contact_lines(self, account_id: AccountId) -> list[LineRow]:
        """Return the lines of all cards by number."""
        ...
