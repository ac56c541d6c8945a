"""The tracer: late by a moment, bounded, patient with a store that is away; what it writes opens for its organisation."""

import asyncio
import io
import json
import os

import pytest

from smartmail.base import log
from smartmail.domain.errors import NotFound, Unavailable
from smartmail.domain.trace import Event, Facts, TraceBatch
from smartmail.formats.seal import SealError, SealKey
from smartmail.service.flow.tracing import recording, sealing
from smartmail.service.flow.tracing.recording import Tracer
from smartmail.service.kernel.keyring import Sealer


class Clock:
    """Ids that rise, octets that never repeat."""

    def __init__(self) -> None:
        self.at, self.last = 1_800_000_000_000, 0

    def now(self) -> int:
        return self.at

    def new_id(self) -> int:
        self.last = max(self.at << 22, self.last + 1)
        return self.last

    def random(self, octets: int) -> bytes:
        return os.urandom(octets)


class Keyring:
    """Keys of organisation 1; 2 was destroyed and 3 never was."""

    def __init__(self, clock: Clock) -> None:
        self.sealer = Sealer(SealKey(b"k" * 32), 1, clock)

    async def queue(self, organization_id: int) -> Sealer:
        if organization_id == 2:
            raise SealError("destroyed")
        if organization_id == 3:
            raise NotFound
        return self.sealer


class Store:
    """Takes batches, unless it is away."""

    def __init__(self) -> None:
        self.batches: list[TraceBatch] = []
        self.away = False

    async def add_trace(self, batch: TraceBatch) -> None:
        if self.away:
            raise Unavailable
        self.batches.append(batch)


@pytest.fixture
def parts():
    clock = Clock()
    store, keyring = Store(), Keyring(clock)
    return store, keyring, clock


FACTS = Facts("kim@a.example", ("Lee@B.example", "x@c.example"), "견적서", "1@a", "smtp", "192.0.2.1", told=9)


async def test_a_story_is_written_whole_and_tells_nothing_to_who_has_no_key(parts):
    store, keyring, clock = parts
    tracer = Tracer(store, keyring, clock, lambda *_told: None)
    tracer.begin(1, 77, FACTS, [Event("accepted"), Event("delivered", "lee@b.example")], at_once=2)
    await tracer.settle()
    [batch] = store.batches
    [story] = batch.stories
    begun = sealing.open_story(keyring.sealer, story)
    assert begun.facts == FACTS
    assert [event.kind for _, event in begun.events] == ["accepted", "delivered"]
    assert batch.events == ()
    tracer.note(1, 77, Event("released", "lee@b.example"))
    await tracer.settle()
    [note] = store.batches.pop().events
    assert sealing.open_event(keyring.sealer, note).kind == "released"
    found = {key for _, key, _ in batch.keys}
    assert found == {
        sealing.sender_key(keyring.sealer, "KIM@a.example"), sealing.recipient_key(keyring.sealer, "lee@b.example"),
        sealing.recipient_key(keyring.sealer, "x@C.example"), sealing.message_id_key(keyring.sealer, "<1@a>"),
        sealing.peer_key(keyring.sealer, "192.0.2.1"), sealing.id_key(keyring.sealer, 9),
    }  # fmt: skip
    assert sorted(batch.counts) == [(0, 1, "accepted", 2), (0, 1, "delivered", 2)]
    [text] = batch.texts
    assert "견적서".encode() in sealing.open_text(keyring.sealer, text)
    everything = b"".join((story.sealed, text.sealed, note.sealed, *found))
    assert b"example" not in everything
    with pytest.raises(SealError):
        sealing.open_event(keyring.sealer, sealing.EventRow(78, note.seq, note.sealed))


async def test_what_the_queue_knows_of_a_beginning_gives_way_to_what_the_door_tells(parts):
    store, keyring, clock = parts
    tracer = Tracer(store, keyring, clock, lambda *_told: None)
    tracer.seen(1, 77, Facts("kim@a.example", ("x@c.example",)), [Event("delivered", "x@c.example")])
    tracer.begin(1, 77, FACTS, [Event("accepted")])
    await tracer.settle()
    [batch] = store.batches
    assert [(one.id, one.joins) for one in batch.stories] == [(77, True), (77, False)]
    # What joins a story is written beside it, and stays when the beginning is told anew.
    assert [sealing.open_event(keyring.sealer, one).kind for one in batch.events] == ["delivered"]


async def test_it_writes_by_itself_within_a_second(parts):
    store, keyring, clock = parts
    tracer = Tracer(store, keyring, clock, lambda *_told: None)
    tracer.note(1, 77, Event("queued"))
    tracer.note(1, 77)
    async with asyncio.timeout(30):
        while not store.batches:
            await asyncio.sleep(0.01)
    assert len(store.batches[0].events) == 1


async def test_what_waits_for_a_store_that_is_away_keeps_its_order(parts, monkeypatch):
    monkeypatch.setattr(recording, "BATCH", 2)
    store, keyring, clock = parts
    tracer = Tracer(store, keyring, clock, lambda *_told: None)
    store.away = True
    for number in range(5):
        tracer.note(1, number, Event("queued"))
    await tracer.settle()
    assert store.batches == []
    store.away = False
    tracer.note(1, 5, Event("queued"))
    await tracer.settle()
    assert [one.story_id for batch in store.batches for one in batch.events] == [0, 1, 2, 3, 4, 5]


async def test_too_much_is_dropped_counted_and_told(parts, monkeypatch):
    monkeypatch.setattr(recording, "MAX_WAITING", 3)
    store, keyring, clock = parts
    stream = io.StringIO()
    log.configure(stream=stream)
    tracer = Tracer(store, keyring, clock, lambda *_told: None)
    try:
        for number in range(8):
            tracer.note(1, number, Event("queued"))
        await tracer.settle()
    finally:
        log.configure()
    assert [one.story_id for batch in store.batches for one in batch.events] == [0, 1, 2]
    [told] = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (told["event"], told["count"]) == ("trace.dropped", 5)


async def test_an_organisation_without_a_key_does_not_keep_others_waiting(parts):
    store, keyring, clock = parts
    tracer = Tracer(store, keyring, clock, lambda *_told: None)
    for organization in (2, 1, 3):
        tracer.begin(organization, 10 + organization, FACTS, [Event("accepted")])
    await tracer.settle()
    [batch] = store.batches
    assert [one.id for one in batch.stories] == [11]


def test_refusals_of_one_second_are_bounded(parts):
    store, keyring, clock = parts
    tracer = Tracer(store, keyring, clock, lambda *_told: None)
    assert sum(tracer.may_refuse() for _ in range(500)) == recording.REFUSALS_A_SECOND
    clock.at += 1000
    assert tracer.may_refuse()
