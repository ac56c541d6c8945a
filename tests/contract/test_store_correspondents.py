"""Contract of the store: correspondents (ports/store_correspondents.py), on both drivers."""

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.adapters.sql import correspondents
from smartmail.domain.correspondents import Contact, Correspondent


async def test_lines_grow_and_their_first_time_stays(bench: Bench):
    store = bench.store
    await store.note_contacts(
        [Contact(7, b"\xffa", 1_000, received=1, proved_at=1_000), Contact(7, b"\xffb", 1_000, sent=1)]
    )
    await store.note_contacts(
        [Contact(7, b"\xffa", 5_000, received=2), Contact(7, b"\xffa", 3_000, sent=1, proved_at=900)]
    )
    assert await store.correspondents(7, [b"\xffa", b"\xffb", b"\xffc"]) == {
        b"\xffa": Correspondent(b"\xffa", 1_000, 5_000, 3, 1, 1_000),
        b"\xffb": Correspondent(b"\xffb", 1_000, 1_000, 0, 1, 0),
    }


async def test_lines_belong_to_one_owner(bench: Bench):
    await bench.store.note_contacts([Contact(7, b"\xffa", 1), Contact(-7, b"\xffa", 2)])
    assert (await bench.store.correspondents(-7, [b"\xffa"]))[b"\xffa"].first_at == 2
    assert await bench.store.correspondents(8, [b"\xffa"]) == {}


async def test_an_owner_keeps_a_bounded_number_of_lines(bench: Bench, monkeypatch):
    monkeypatch.setattr(correspondents, "MAX_CORRESPONDENTS", 20)
    notes = [Contact(7, bytes([200, number]), 1_000 + number) for number in range(60)]
    await bench.store.note_contacts(notes)
    await bench.store.note_contacts([Contact(7, b"\x00x", 9_000)])
    left = await bench.store.correspondents(7, [*(one.key for one in notes), b"\x00x"])
    assert 10 <= len(left) <= 20
    assert b"\x00x" in left
    assert bytes([200, 59]) in left
    assert bytes([200, 0]) not in left


async def test_nothing_is_nothing(bench: Bench):
    await bench.store.note_contacts([])
    assert await bench.store.correspondents(7, []) == {}


async def test_conversations_are_known_by_the_ids_that_they_name(bench: Bench):
    account = bench.account.id
    row = (account, b"known", b"subject", 1)
    statement = "insert into thread_ref (account_id, ref_hash, subject_hash, thread_id) values ($1, $2, $3, $4)"
    await bench.store._db.change(0, lambda session: session.run(statement, *row))
    assert await bench.store.has_reference(account, [b"other", b"known"])
    assert not await bench.store.has_reference(account, [b"other"])
    assert not await bench.store.has_reference(account + 1, [b"known"])
    assert not await bench.store.has_reference(account, [])
    await bench.store._db.change(0, lambda session: session.run(statement, account, b"known", b"another subject", 7))
    assert await bench.store.referring_threads(account, [b"other", b"known"], 5) == [1, 7]
    assert await bench.store.referring_threads(account, [b"known"], 1) == [1]
    assert await bench.store.referring_threads(account + 1, [b"known"], 5) == []
