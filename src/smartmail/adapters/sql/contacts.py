"""Address books and cards (ports.store_contacts)."""

from collections.abc import Sequence

from smartmail.adapters.sql import tombstones
from smartmail.adapters.sql.declared import every
from smartmail.adapters.sql.session import OnDatabase, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.tx_base import TxBase
from smartmail.domain.contacts import BookRow, CardRoom, CardRow, LineRow, SealedCard
from smartmail.domain.errors import AlreadyExists
from smartmail.ports.store_contacts import ContactStore

_LINE_ROW = Shape(LineRow)
_BOOK = Shape(BookRow)
_BOOKS = f"select {_BOOK} from address_book where account_id = $1 order by id"
_PUT_BOOK = f"""insert into address_book (account_id, {_BOOK}) values ($1, $2, $3, $4, $5, $5)
    on conflict (account_id, id) do update set sealed = excluded.sealed, is_default = excluded.is_default,
    modseq = excluded.modseq returning {_BOOK}"""
_DROP_BOOK = "delete from address_book where account_id = $1 and id = $2 returning created_modseq"
_CARD = Shape(CardRow, "c.id, c.sealed, l.sealed, c.created_modseq, c.modseq")
_CARDS = f"""select {_CARD} from contact_card c join contact_line l on l.account_id = c.account_id and l.id = c.id
    where c.account_id = $1 and c.id = any($2) order by c.id"""
_LINES = "select id, sealed from contact_line where account_id = $1 order by id"
_ROOM = "select count(*), coalesce(sum(size), 0)::bigint from contact_card where account_id = $1"
_SAME_UID = "select id from contact_card where account_id = $1 and uid_hash = $2"
_PUT_CARD = """insert into contact_card (account_id, id, uid_hash, size, sealed, created_modseq, modseq)
    values ($1, $2, $3, $4, $5, $6, $6) on conflict (account_id, id) do update set uid_hash = excluded.uid_hash,
    size = excluded.size, sealed = excluded.sealed, modseq = excluded.modseq"""
_PUT_LINE = """insert into contact_line (account_id, id, sealed) values ($1, $2, $3)
    on conflict (account_id, id) do update set sealed = excluded.sealed"""
_TOUCH_CARD = "update contact_card set modseq = $3 where account_id = $1 and id = $2 returning id"
_DROP_CARDS = "delete from contact_card where account_id = $1 and id = any($2) returning id, created_modseq"
_DROP_LINES = "delete from contact_line where account_id = $1 and id = any($2)"


class TxContacts(TxBase):
    """ports.store_contacts.ContactTx."""

    async def next_contact(self) -> int:
        number: int = self._state.next_contact
        self._state.next_contact += 1
        self._state.dirty = True
        return number

    async def address_books(self) -> list[BookRow]:
        return [_BOOK.of(row) for row in await self._session.rows(_BOOKS, self._id)]

    async def put_address_book(self, number: int, sealed: bytes, *, is_default: bool) -> BookRow:
        modseq = self._state.address_book_state = self._state.touch()
        return _BOOK.of(await row_of(self._session, _PUT_BOOK, self._id, number, sealed, int(is_default), modseq))

    async def destroy_address_book(self, number: int) -> None:
        row = await row_of(self._session, _DROP_BOOK, self._id, number)
        self._state.address_book_state = self._state.touch()
        self._bury(tombstones.ADDRESS_BOOK, [(number, row[0])])

    async def contact_card(self, number: int) -> CardRow:
        return _CARD.of(await row_of(self._session, _CARDS, self._id, [number]))

    async def contact_lines(self) -> list[LineRow]:
        return [_LINE_ROW.of(row) for row in await self._session.rows(_LINES, self._id)]

    async def contact_room(self) -> CardRoom:
        row = await row_of(self._session, _ROOM, self._id)
        return CardRoom(row[0], row[1])

    async def put_contact_card(self, card: SealedCard) -> CardRow:
        same = await self._session.row(_SAME_UID, self._id, card.uid_hash)
        if same is not None and same[0] != card.id:
            raise AlreadyExists("a card of that uid is there already")
        modseq = self._state.contact_state = self._state.touch()
        await self._session.run(_PUT_CARD, self._id, card.id, card.uid_hash, card.size, card.sealed, modseq)
        await self._session.run(_PUT_LINE, self._id, card.id, card.sealed_line)
        return await self.contact_card(card.id)

    async def put_contact_line(self, number: int, sealed: bytes) -> None:
        modseq = self._state.touch()
        await row_of(self._session, _TOUCH_CARD, self._id, number, modseq)
        self._state.contact_state = modseq
        await self._session.run(_PUT_LINE, self._id, number, sealed)

    async def destroy_contact_cards(self, numbers: Sequence[int]) -> list[int]:
        gone = await self._session.rows(_DROP_CARDS, self._id, list(numbers)) if numbers else ()
        if gone:
            await self._session.run(_DROP_LINES, self._id, [row[0] for row in gone])
            self._state.contact_state = self._state.touch()
            self._bury(tombstones.CONTACT, [(row[0], row[1]) for row in gone])
        return [row[0] for row in gone]


class SqlContacts(OnDatabase):
    """ports.store_contacts.ContactStore."""

    address_books = every(ContactStore.address_books, _BOOK, _BOOKS)
    contact_cards = every(ContactStore.contact_cards, _CARD, _CARDS, some=True)
    contact_lines = every(ContactStore.contact_lines, _LINE_ROW, _LINES)
