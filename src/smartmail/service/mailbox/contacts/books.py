"""Address books. An account that needs one and has none gets one, which is the default one: where new cards go."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from smartmail.base.i18n import translate
from smartmail.domain.contacts import MAX_BOOK_DESCRIPTION, MAX_BOOK_NAME, MAX_BOOKS, Book, BookRow
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound, RateLimited
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.ports.store_tx import Body, MailTx
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.push import Hints
from smartmail.service.mailbox.contacts.gate import ContactGate, note_for_others
from smartmail.service.mailbox.contacts.store import Store
from smartmail.service.mailbox.contacts.texts import BookText, open_book, open_line, seal_book, seal_line

T = TypeVar("T")


class HasContents(Invalid):
    """Cards would be lost with the book (RFC 9610 §2.3, addressBookHasContents)."""


@dataclass(frozen=True, slots=True)
class BookWish:
    """What of a book shall be so; None leaves it. An empty description takes it away."""

    name: str | None = None
    description: str | None = None
    order: int | None = None
    subscribed: bool | None = None


class BookService:
    """Makes, changes and removes address books."""

    def __init__(self, store: Store, keyring: Keyring, gate: ContactGate, hints: Hints) -> None:
        self._store = store
        self._keyring = keyring
        self._gate = gate
        self._hints = hints

    async def all(self, actor: Actor, account_id: AccountId) -> list[Book]:
        """Return the books in the order of the list; where there is none yet, whoever may make one finds the first made.
        Raises NotFound, Forbidden.
        """
        await self._gate.reads(actor, account_id)
        keys = await self._keyring.account_by_id(account_id)
        rows = await self._store.address_books(account_id)
        if not rows and await self._gate.may_change(actor, account_id):
            rows = await self._first(account_id, keys)
        books = [open_book(keys, row) for row in rows]
        return sorted(books, key=lambda one: (one.order, not one.is_default, one.name, one.id))

    async def default(self, actor: Actor, account_id: AccountId) -> int:
        """Return the number of the default book. Raises NotFound, Forbidden."""
        books = await self.all(actor, account_id)
        found = next((one.id for one in books if one.is_default), None)
        if found is None:
            raise NotFound
        return found

    async def create(self, actor: Actor, account_id: AccountId, wish: BookWish) -> Book:
        """Make a book. Raises Invalid, AlreadyExists (name), RateLimited (too many), NotFound, Forbidden."""
        await self._gate.changes(actor, account_id)
        text = _checked(BookText("", None, 0, True), wish)
        await self.all(actor, account_id)
        keys = await self._keyring.account_by_id(account_id)
        record = self._gate.noted(actor, "contacts.book.create", f"account:{account_id}")

        async def body(tx: MailTx) -> BookRow:
            rows = await tx.address_books()
            if len(rows) >= MAX_BOOKS:
                raise RateLimited(f"at most {MAX_BOOKS} address books")
            _check_name([open_book(keys, row) for row in rows], text.name)
            number = await tx.next_contact()
            await note_for_others(tx, actor, account_id, record)
            return await tx.put_address_book(number, seal_book(keys, number, text), is_default=not rows)

        return open_book(keys, await self._write(account_id, body))

    async def update(self, actor: Actor, account_id: AccountId, number: int, wish: BookWish) -> None:
        """Change a book. Raises Invalid, AlreadyExists, NotFound, Forbidden."""
        await self._gate.changes(actor, account_id)
        keys = await self._keyring.account_by_id(account_id)
        record = self._gate.noted(actor, "contacts.book.update", f"account:{account_id}")

        async def body(tx: MailTx) -> BookRow:
            books = {row.id: open_book(keys, row) for row in await tx.address_books()}
            if number not in books:
                raise NotFound
            held = books.pop(number)
            text = _checked(BookText(held.name, held.description, held.order, held.subscribed), wish)
            _check_name(books.values(), text.name)
            await note_for_others(tx, actor, account_id, record)
            return await tx.put_address_book(number, seal_book(keys, number, text), is_default=held.is_default)

        await self._write(account_id, body)

    async def make_default(self, actor: Actor, account_id: AccountId, number: int) -> None:
        """Make a book the default one. Raises NotFound, Forbidden."""
        await self._gate.changes(actor, account_id)

        async def body(tx: MailTx) -> None:
            rows = {row.id: row for row in await tx.address_books()}
            if number not in rows:
                raise NotFound
            for row in rows.values():
                if row.is_default != (row.id == number):
                    await tx.put_address_book(row.id, row.sealed, is_default=row.id == number)

        await self._write(account_id, body)

    async def destroy(self, actor: Actor, account_id: AccountId, number: int, *, contents: bool) -> None:
        """Remove a book, with `contents` also the cards that are in no other. Raises HasContents, NotFound, Forbidden
        (the default one).
        """
        await self._gate.changes(actor, account_id)
        keys = await self._keyring.account_by_id(account_id)
        record = self._gate.noted(actor, "contacts.book.destroy", f"account:{account_id}")

        async def body(tx: MailTx) -> None:
            row = next((one for one in await tx.address_books() if one.id == number), None)
            if row is None:
                raise NotFound
            if row.is_default:
                raise Forbidden("the default address book stays")
            lines = [open_line(keys, row) for row in await tx.contact_lines()]
            inside = [one for one in lines if number in one.books]
            if inside and not contents:
                raise HasContents("there are contacts in it")
            await tx.destroy_contact_cards([one.id for one in inside if one.books == (number,)])
            for one in inside:
                left = tuple(book for book in one.books if book != number)
                if left:
                    await tx.put_contact_line(one.id, seal_line(keys, one.id, one.line, left))
            await tx.destroy_address_book(number)
            await tx.audit(record)

        await self._write(account_id, body)

    async def _first(self, account_id: AccountId, keys: Sealer) -> list[BookRow]:
        account = await self._store.account(account_id)
        text = BookText(translate(account.language, "contacts.book.default"), None, 0, True)

        async def body(tx: MailTx) -> list[BookRow]:
            # Somebody else may have been faster.
            if not await tx.address_books():
                number = await tx.next_contact()
                await tx.put_address_book(number, seal_book(keys, number, text), is_default=True)
            return await tx.address_books()

        return await self._write(account_id, body)

    async def _write(self, account_id: AccountId, body: Body[T]) -> T:
        result = await self._store.write(account_id, body)
        self._hints.account_changed(account_id)
        return result


def _checked(held: BookText, wish: BookWish) -> BookText:
    name = held.name if wish.name is None else " ".join(unicodedata.normalize("NFC", wish.name).split())
    if not name or len(name) > MAX_BOOK_NAME or not name.isprintable():
        raise Invalid(f"an address book needs a name of at most {MAX_BOOK_NAME} characters")
    description = held.description if wish.description is None else wish.description or None
    if len(description or "") > MAX_BOOK_DESCRIPTION:
        raise Invalid("the description is too long")
    order = held.order if wish.order is None else wish.order
    if not 0 <= order < 1 << 31:
        raise Invalid("that order cannot be")
    return BookText(name, description, order, held.subscribed if wish.subscribed is None else wish.subscribed)


def _check_name(others: Iterable[Book], name: str) -> None:
    if any(one.name.casefold() == name.casefold() for one in others):
        raise AlreadyExists("there is an address book of that name")
