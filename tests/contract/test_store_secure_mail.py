"""Contract of the store: letters of secure mail, their tickets and views, on both drivers."""

import asyncio
from dataclasses import replace

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.audit import AuditRecord
from smartmail.domain.secure_mail import (
    MOST_TRIES,
    PAUSE_MS,
    PAUSE_TRIES,
    Recalled,
    SecureLetter,
    SecureTicket,
    SecureView,
)

RECORD = AuditRecord(1, "system", "secure-mail.test", "secure-letter:1")
LETTER, LEE, PARK = b"l" * 16, b"1" * 16, b"2" * 16
KEY, NOISE = b"k" * 62, b"n" * 62


def a_letter(bench: Bench, **facts) -> SecureLetter:
    account = bench.account
    made = SecureLetter(
        LETTER, account.id, account.organization_id, b"wrapped", KEY, b"sealed", b"summary", bench.blob(1).id, b"data",
        b"hash", 100, 10, 20, 500, 0,
    )  # fmt: skip
    return replace(made, **facts)


def a_ticket(bench: Bench, ticket_id: bytes = LEE, **facts) -> SecureTicket:
    return replace(SecureTicket(ticket_id, LETTER, bench.account.id, b"t" + ticket_id, b"who", 10, 2), **facts)


def a_view(number: int, ticket_id: bytes = LEE) -> SecureView:
    return SecureView(b"v%015d" % number, ticket_id, LETTER, b"s%d" % number, 30, b"from")


async def kept(bench: Bench, **facts):
    store = bench.store.secure_mail
    await store.add(a_letter(bench, **facts), bench.blob(1), [a_ticket(bench), a_ticket(bench, PARK)], RECORD)
    return store


async def opened(store, number: int, at: int = 30, ticket_id: bytes = LEE) -> bool:
    return await store.open_ticket(ticket_id, at, replace(a_view(number, ticket_id), at=at), RECORD)


async def test_what_is_kept_is_found_by_letter_message_and_token(bench: Bench):
    store = await kept(bench)
    assert await store.letter(LETTER) == a_letter(bench)
    assert await store.letters(bench.account.id, 10) == [a_letter(bench)]
    assert await store.letters_of_message(bench.account.id, b"hash") == [a_letter(bench)]
    assert await store.letters_of_message(bench.account.id, b"other") == []
    assert [one.id for one in await store.tickets([LETTER])] == [LEE, PARK]
    assert await store.by_token(b"t" + PARK) == a_ticket(bench, PARK)
    assert await store.by_token(b"t") is None and await store.letter(b"x") is None
    assert await bench.refs(bench.blob(1)) == 1
    assert await store.blobs(b"", 10) == [(LETTER, bench.blob(1).id)]


async def test_a_view_counts_once_for_ticket_and_letter_and_within_its_bounds(bench: Bench):
    store = await kept(bench, most=3)
    assert not await opened(store, 0, at=19)
    assert await opened(store, 1, at=20) and await opened(store, 2, at=40)
    assert not await opened(store, 3)
    letter, [lee, park] = await store.letter(LETTER), await store.tickets([LETTER])
    # What the ticket refused was not counted for the letter either.
    assert (letter.taken, lee.taken, lee.first_at, lee.last_at, park.taken) == (2, 2, 20, 40, 0)
    assert await opened(store, 4, ticket_id=PARK)
    assert not await opened(store, 5, ticket_id=PARK)
    assert (await store.letter(LETTER)).is_used_up
    assert [one.session_hash for one in await store.views([LETTER], 10)] == [b"s2", b"s4", b"s1"]
    assert (await store.by_session(b"s1")).ticket_id == LEE and await store.by_session(b"s5") is None


async def test_the_end_is_exact_to_the_millisecond(bench: Bench):
    store = await kept(bench)
    assert await opened(store, 1, at=499)
    assert not await opened(store, 2, at=500)


async def test_wrong_tries_rest_and_lock_and_a_view_forgets_them(bench: Bench):
    store = await kept(bench)
    assert [await store.try_ticket(LEE, 30) for _ in range(PAUSE_TRIES)] == [1, 2, 3, 4, 5]
    assert await store.try_ticket(LEE, 30 + PAUSE_MS - 1) == 0
    later = 30 + PAUSE_MS
    assert [await store.try_ticket(LEE, later) for _ in range(6)] == [6, 7, 8, 9, MOST_TRIES, 0]
    assert await store.try_ticket(PARK, 30) == 1
    assert await opened(store, 1, ticket_id=PARK)
    assert await store.try_ticket(PARK, 30) == 1
    await store.unlock_tickets(LETTER)
    assert await store.try_ticket(LEE, 30) == 1


async def test_a_recall_overwrites_the_key_once_and_tells_what_had_been_seen(bench: Bench):
    store = await kept(bench)
    assert await opened(store, 1)
    assert await store.end_letter(LETTER, 50, "recalled", NOISE, RECORD) == [Recalled(LEE, 1), Recalled(PARK, 0)]
    assert await store.end_letter(LETTER, 51, "recalled", KEY, RECORD) is None
    letter = await store.letter(LETTER)
    assert (letter.content_key, letter.ended, letter.ended_at) == (NOISE, "recalled", 50)
    assert not await opened(store, 2) and not await opened(store, 3, ticket_id=PARK)
    assert await bench.refs(bench.blob(1)) == 0
    assert await store.blobs(b"", 10) == []
    assert [one.state(letter, 60) for one in await store.tickets([LETTER])] == ["recalled-after", "recalled"]


async def test_one_ticket_is_recalled_alone(bench: Bench):
    store = await kept(bench)
    assert await store.recall_ticket(PARK, 40, RECORD) == Recalled(PARK, 0)
    assert await store.recall_ticket(PARK, 41, RECORD) is None
    assert not await opened(store, 1, ticket_id=PARK) and await opened(store, 2)
    assert await store.end_letter(LETTER, 50, "recalled", NOISE, RECORD) == [Recalled(LEE, 1)]


async def test_of_a_recall_and_an_opening_that_come_together_one_wins(bench: Bench):
    store = bench.store.secure_mail
    for number in range(50):
        letter_id = b"r%015d" % number
        ticket = replace(a_ticket(bench, b"k%015d" % number), letter_id=letter_id)
        view = replace(a_view(number, ticket.id), letter_id=letter_id)
        await store.add(replace(a_letter(bench), id=letter_id), bench.blob(1), [ticket], RECORD)
        acts = [
            store.open_ticket(ticket.id, 30, view, RECORD),
            store.end_letter(letter_id, 50, "recalled", NOISE, RECORD),
        ]
        if number % 2:
            acts.reverse()
        results = await asyncio.gather(*acts)
        has_opened, [told] = sorted(results, key=lambda one: isinstance(one, list))
        assert told.views == int(has_opened)
        assert (await store.ticket(ticket.id)).taken == int(has_opened)


async def test_expired_letters_lose_their_key_and_are_forgotten_later(bench: Bench):
    store = await kept(bench)
    assert await store.letters_over(499, 10) == []
    assert [one.id for one in await store.letters_over(500, 10)] == [LETTER]
    assert await store.end_letter(LETTER, 501, "expired", NOISE) is not None
    assert await store.letters_over(600, 10) == []
    letter = await store.letter(LETTER)
    assert [one.state(letter, 600) for one in await store.tickets([LETTER])] == ["expired", "expired"]
    assert await store.forget(501, 10) == 0 and await store.forget(502, 10) == 1
    assert await store.letter(LETTER) is None and await store.tickets([LETTER]) == []


async def test_a_sender_changes_what_has_not_ended(bench: Bench):
    store = await kept(bench)
    assert await store.change_letter(LETTER, expires_at=900, most=5, sealed=b"new", audit=RECORD)
    letter = await store.letter(LETTER)
    assert (letter.expires_at, letter.most, letter.sealed) == (900, 5, b"new")
    assert await store.change_ticket(LEE, most=9, audit=RECORD)
    assert await store.seal_ticket(LEE, b"who", b"now") and not await store.seal_ticket(LEE, b"who", b"late")
    await store.note_delivery(LEE, 60, delivered=True)
    [lee, park] = await store.tickets([LETTER])
    assert (lee.most, lee.sealed, lee.delivered_at, park.delivered_at) == (9, b"now", 60, 0)
    await store.note_act(b"v", 1, 0)
    assert await opened(store, 1)
    await store.note_act(a_view(1).id, 2, 1)
    [view] = await store.views([LETTER], 10)
    assert (view.downloads, view.replies) == (2, 1)
    await store.end_letter(LETTER, 70, "recalled", NOISE, RECORD)
    assert not await store.change_letter(LETTER, expires_at=900, most=5, sealed=b"x", audit=RECORD)
    assert not await store.change_ticket(LEE, most=1, audit=RECORD)
