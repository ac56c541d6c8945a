"""Contract of the store: address books and cards (ports/store_contacts.py), on both drivers."""

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.contacts import CardRoom, SealedCard
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.ids import ModSeq


def sealed(number: int, uid: bytes = b"", *, size: int = 10, text: bytes = b"card") -> SealedCard:
    return SealedCard(number, uid or b"uid-%d" % number, size, text, b"line:" + text)


async def put(bench: Bench, *, text: bytes = b"card", size: int = 10) -> int:
    async def body(tx):
        number = await tx.next_contact()
        await tx.put_contact_card(sealed(number, text=text, size=size))
        return number

    return await bench.store.write(bench.account.id, body)


async def state(bench: Bench, kind: str) -> ModSeq:
    return await bench.store.state(bench.account.id, kind)


async def test_books_are_kept_and_told_as_changes(bench: Bench):
    before = await state(bench, "address_book")

    async def body(tx):
        one, two = await tx.next_contact(), await tx.next_contact()
        await tx.put_address_book(one, b"one", is_default=True)
        return await tx.put_address_book(two, b"two", is_default=False)

    two = await bench.store.write(bench.account.id, body)
    rows = await bench.store.address_books(bench.account.id)
    assert [(row.sealed, row.is_default) for row in rows] == [(b"one", True), (b"two", False)]
    assert rows[1] == two and two.created_modseq == two.modseq == await state(bench, "address_book")
    middle = await state(bench, "address_book")
    await bench.store.write(bench.account.id, lambda tx: tx.put_address_book(rows[0].id, b"uno", is_default=False))
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_address_book(two.id))
    changes = await bench.store.changes(bench.account.id, "address_book", middle, 10)
    assert (changes.created, changes.updated, changes.destroyed) == ([], [rows[0].id], [two.id])
    every = await bench.store.changes(bench.account.id, "address_book", before, 10)
    assert (every.created, every.destroyed) == ([rows[0].id], [])
    [left] = await bench.store.address_books(bench.account.id)
    assert (left.sealed, left.is_default, left.created_modseq) == (b"uno", False, rows[0].created_modseq)
    with pytest.raises(NotFound):
        await bench.store.write(bench.account.id, lambda tx: tx.destroy_address_book(two.id))


async def test_cards_and_their_lines_go_together(bench: Bench):
    one, two = await put(bench, text=b"one", size=7), await put(bench, text=b"two", size=5)
    rows = await bench.store.contact_cards(bench.account.id, [two, one, 999])
    assert [(row.id, row.sealed, row.sealed_line) for row in rows] == [
        (one, b"one", b"line:one"),
        (two, b"two", b"line:two"),
    ]
    assert [line.sealed for line in await bench.store.contact_lines(bench.account.id)] == [b"line:one", b"line:two"]
    assert await bench.store.contact_cards(bench.account.id, []) == []
    before = await state(bench, "contact")
    mail = await state(bench, "message")

    async def body(tx):
        assert await tx.contact_room() == CardRoom(2, 12)
        await tx.put_contact_line(one, b"line:moved")
        assert await tx.destroy_contact_cards([two, 999]) == [two]
        assert await tx.contact_room() == CardRoom(1, 7)
        assert [line.id for line in await tx.contact_lines()] == [one]
        with pytest.raises(NotFound):
            await tx.put_contact_line(two, b"gone")
        with pytest.raises(NotFound):
            await tx.contact_card(two)

    await bench.store.write(bench.account.id, body)
    changes = await bench.store.changes(bench.account.id, "contact", before, 10)
    assert (changes.created, changes.updated, changes.destroyed) == ([], [one], [two])
    assert await state(bench, "message") == mail
    [line] = await bench.store.contact_lines(bench.account.id)
    [card] = await bench.store.contact_cards(bench.account.id, [one])
    assert (line.sealed, card.sealed_line, card.modseq) == (b"line:moved", b"line:moved", await state(bench, "contact"))


async def test_a_uid_is_there_once_and_a_card_keeps_its_own(bench: Bench):
    one = await put(bench)
    with pytest.raises(AlreadyExists):
        await bench.store.write(bench.account.id, lambda tx: tx.put_contact_card(sealed(99, b"uid-%d" % one)))
    changed = await bench.store.write(
        bench.account.id, lambda tx: tx.put_contact_card(sealed(one, b"uid-%d" % one, text=b"new", size=3))
    )
    assert (changed.sealed, changed.sealed_line) == (b"new", b"line:new")
    await bench.store.write(bench.account.id, lambda tx: tx.put_contact_card(sealed(one, b"other")))
    await bench.store.write(bench.account.id, lambda tx: tx.put_contact_card(sealed(50, b"uid-%d" % one)))
    assert len(await bench.store.contact_lines(bench.account.id)) == 2


async def test_numbers_are_given_once_and_a_failed_write_leaves_nothing(bench: Bench):
    one = await put(bench)
    await bench.store.write(bench.account.id, lambda tx: tx.destroy_contact_cards([one]))
    assert await put(bench) > one

    async def broken(tx):
        await tx.put_contact_card(sealed(await tx.next_contact(), b"lost"))
        raise AlreadyExists

    before = await state(bench, "contact")
    with pytest.raises(AlreadyExists):
        await bench.store.write(bench.account.id, broken)
    assert len(await bench.store.contact_lines(bench.account.id)) == 1
    assert await state(bench, "contact") == before
    told = await bench.store.states(bench.account.id)
    assert (told.contact, told.address_book) == (before, await state(bench, "address_book"))
