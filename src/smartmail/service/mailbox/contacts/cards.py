"""Cards: made, changed and removed in transactions that hold the bounds and keep every uid once in an account."""

import asyncio
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from smartmail.domain.contacts import MAX_BOOKS_PER_CARD, MAX_CARD_OCTETS, CardRoom, ContactCard, LineRow, SealedCard
from smartmail.domain.errors import AlreadyExists, Invalid, MailError, NotFound, OverQuota, TooLarge
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.formats import jscontact
from smartmail.formats.jscontact import Card, CardError
from smartmail.ports.clock import Clock
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.push import Hints
from smartmail.service.mailbox.contacts.books import BookService
from smartmail.service.mailbox.contacts.gate import ContactGate, check_room, note_for_others
from smartmail.service.mailbox.contacts.store import Store
from smartmail.service.mailbox.contacts.texts import FoundLine, open_card, open_line, seal_card, seal_line, uid_hash

_PAGE: Final = 100
"""Cards made in one transaction: others wait for it."""

Changed = tuple[Mapping[str, Any], Sequence[int]]


class NotACard(Invalid):
    """What was given is no card. `property`: which of its properties, "" for all of it."""

    def __init__(self, error: CardError) -> None:
        super().__init__(str(error))
        self.property = error.property


class NoSuchBook(Invalid):
    """A card would be in a book that is not there, in none, or in too many."""


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card to be made; without books it goes to the default one, without uid and times it gets them."""

    card: Mapping[str, Any]
    books: tuple[int, ...] = ()


class CardService:
    """Reads and changes cards."""

    def __init__(
        self, store: Store, keyring: Keyring, gate: ContactGate, books: BookService, hints: Hints, clock: Clock
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._gate = gate
        self._books = books
        self._hints = hints
        self._clock = clock

    async def get(self, actor: Actor, account_id: AccountId, numbers: Sequence[int]) -> list[ContactCard]:
        """Return those of the cards that there are, by number. Raises NotFound, Forbidden."""
        await self._gate.reads(actor, account_id)
        keys = await self._keyring.account_by_id(account_id)
        return [open_card(keys, row) for row in await self._store.contact_cards(account_id, numbers)]

    async def lines(self, actor: Actor, account_id: AccountId) -> list[FoundLine]:
        """Return the lines of all cards by number. Raises NotFound, Forbidden."""
        await self._gate.reads(actor, account_id)
        keys = await self._keyring.account_by_id(account_id)
        rows = await self._store.contact_lines(account_id)
        return await asyncio.to_thread(_opened, keys, rows)

    async def create(self, actor: Actor, account_id: AccountId, new: NewCard) -> ContactCard:
        """Make a card. Raises NotACard, NoSuchBook, AlreadyExists (uid), TooLarge, OverQuota, NotFound, Forbidden."""
        [made] = await self.create_many(actor, account_id, [new])
        if isinstance(made, MailError):
            raise made
        return made

    async def create_many(
        self, actor: Actor, account_id: AccountId, cards: Sequence[NewCard]
    ) -> list[ContactCard | MailError]:
        """Make cards; return each in its place, or why it was not made. Raises NotFound, Forbidden."""
        await self._gate.changes(actor, account_id)
        default = await self._books.default(actor, account_id)
        made: list[ContactCard | MailError] = []
        for start in range(0, len(cards), _PAGE):
            made += await self._page(actor, account_id, default, cards[start : start + _PAGE])
        if any(isinstance(one, ContactCard) for one in made):
            self._hints.account_changed(account_id)
        return made

    async def _page(
        self, actor: Actor, account_id: AccountId, default: int, cards: Sequence[NewCard]
    ) -> list[ContactCard | MailError]:
        keys = await self._keyring.account_by_id(account_id)
        policy = await self._gate.bounds(account_id)
        ready = [self._prepared(one, default) for one in cards]
        record = self._gate.noted(actor, "contacts.create", f"account:{account_id} count:{len(cards)}")

        async def body(tx: MailTx) -> list[ContactCard | MailError]:
            there = {row.id for row in await tx.address_books()}
            room = await tx.contact_room()
            found: list[ContactCard | MailError] = []
            for one in ready:
                try:
                    if isinstance(one, MailError):
                        raise one
                    sealed = _sealed(keys, await tx.next_contact(), one.card, one.books, there)
                    more = CardRoom(room.cards + 1, room.octets + sealed.size)
                    check_room(more, policy)
                    found.append(open_card(keys, await tx.put_contact_card(sealed)))
                    room = more
                except (AlreadyExists, Invalid, TooLarge, OverQuota) as error:
                    found.append(error)
            await note_for_others(tx, actor, account_id, record)
            return found

        return await self._store.write(account_id, body)

    def _prepared(self, new: NewCard, default: int) -> NewCard | MailError:
        now = self._now()
        card = {"uid": self.new_uid(), "created": now, "updated": now, **new.card}
        try:
            return NewCard(jscontact.checked(card), new.books or (default,))
        except CardError as error:
            return NotACard(error)

    async def update(
        self, actor: Actor, account_id: AccountId, number: int, change: Callable[[ContactCard], Changed]
    ) -> None:
        """Make of a card what `change` says: it gets the card and returns it anew with its books, and may be asked again.
        Raises what `change` raises, NotACard, NoSuchBook, AlreadyExists (uid), TooLarge, OverQuota, NotFound, Forbidden.
        """
        await self._gate.changes(actor, account_id)
        keys = await self._keyring.account_by_id(account_id)
        policy = await self._gate.bounds(account_id)
        record = self._gate.noted(actor, "contacts.update", f"account:{account_id} card:{number}")

        async def body(tx: MailTx) -> None:
            before = open_card(keys, await tx.contact_card(number))
            raw, books = change(before)
            if raw.get("updated") == before.card.get("updated"):
                raw = {**raw, "updated": self._now()}
            try:
                card = jscontact.checked(raw)
            except CardError as error:
                raise NotACard(error) from None
            there = {row.id for row in await tx.address_books()}
            await tx.put_contact_card(_sealed(keys, number, card, tuple(books), there))
            check_room(await tx.contact_room(), policy)
            await note_for_others(tx, actor, account_id, record)

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)

    async def destroy(self, actor: Actor, account_id: AccountId, number: int) -> None:
        """Remove a card. Raises NotFound, Forbidden."""
        await self._gate.changes(actor, account_id)
        record = self._gate.noted(actor, "contacts.destroy", f"account:{account_id} card:{number}")

        async def body(tx: MailTx) -> None:
            if not await tx.destroy_contact_cards([number]):
                raise NotFound
            await note_for_others(tx, actor, account_id, record)

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)

    def new_uid(self) -> str:
        """Return a uid that nothing else has."""
        return uuid.UUID(bytes=self._clock.random(16), version=4).urn

    def _now(self) -> str:
        return datetime.fromtimestamp(self._clock.now() // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _opened(keys: Sealer, rows: Sequence[LineRow]) -> list[FoundLine]:
    return [open_line(keys, row) for row in rows]


def _sealed(
    keys: Sealer, number: int, card: Mapping[str, Any], books: tuple[int, ...], there: Iterable[int]
) -> SealedCard:
    inside = tuple(sorted(set(books)))
    if not inside or len(inside) > MAX_BOOKS_PER_CARD or not set(inside) <= set(there):
        raise NoSuchBook("a contact is in at least one address book that there is")
    whole: Card = dict(card)
    size = len(msgspec.json.encode(whole))
    if size > MAX_CARD_OCTETS:
        raise TooLarge(f"a contact takes at most {MAX_CARD_OCTETS} octets")
    line = seal_line(keys, number, jscontact.line_of(whole), inside)
    return SealedCard(number, uid_hash(keys, whole["uid"]), size, seal_card(keys, number, whole), line)
