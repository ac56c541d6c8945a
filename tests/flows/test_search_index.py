"""The index as a whole: mail that comes by LMTP is indexed by the loop, damage is told and mended, sizes stay in bounds."""

import asyncio
import random
import smtplib
from pathlib import Path

import pytest
from tests.flows.house import LocalBus, compose_house, serve
from tests.flows.test_mail_out import until
from tests.property.test_search_oracle import Oracle, check, small_segments

from smartmail.domain.errors import Unavailable
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.jobs.indexer import Indexer
from smartmail.formats.search.document import READING, Field


class Place:
    """One account of a house, its mail known by an oracle."""

    def __init__(self, house, account, actor, inbox) -> None:
        self.house, self.services, self.account, self.actor, self.inbox = house, house.services, account, actor, inbox
        self.oracle = Oracle(random.Random(3))

    async def add(self, count: int) -> None:
        for _ in range(count):
            octets, texts = self.oracle.make()
            intake = await self.services.messages.begin(self.actor, self.account.id)
            await intake.feed(octets)
            added = await self.services.messages.add(self.actor, self.account.id, await intake.finish(), [self.inbox])
            self.oracle.mail[added.message_id] = texts

    async def destroy(self, ids) -> None:
        await self.services.messages.destroy(self.actor, self.account.id, list(ids))
        for one in ids:
            del self.oracle.mail[one]

    async def right(self, count: int = 30) -> None:
        await check(self.oracle, self.services, self.actor, count)

    async def run(self, statement: str, *values) -> None:
        await self.house.store._db.change(
            self.account.id, lambda session: session.run(statement, self.account.id, *values)
        )


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    small_segments(monkeypatch)
    (tmp_path / "data").mkdir()
    async with compose_house(tmp_path / "data", bus=LocalBus()) as house:
        organization_id = await house.services.provisioning.organization("test")
        await house.services.directory.add_domain("a.example", organization_id)
        account = await house.person("u@a.example")
        actor = Actor(account.id, organization_id, account.login, is_admin=False, origin=Origin("jmap"))
        inbox = (await house.services.mailboxes.by_role(actor, account.id, "inbox")).row.id
        yield Place(house, account, actor, inbox)


def lmtp(port: int, subject: str, body: str) -> None:
    with smtplib.LMTP("127.0.0.1", port) as client:
        client.sendmail("a@b.example", ["u@a.example"], f"From: a@b.example\r\nSubject: {subject}\r\n\r\n{body}\r\n")


async def test_mail_that_was_delivered_is_indexed_by_the_loop(place: Place):
    stopping = asyncio.Event()
    # So seldom does it look by itself that only a hint can have brought it on.
    loop = asyncio.create_task(Indexer(place.services, "here", look_s=3600).run(stopping))
    async with serve(place.house) as served:
        for number in range(3):
            await asyncio.to_thread(lmtp, served.ports["lmtp"], f"marker{number}", f"zebra{number}")
    store, account_id = place.house.store, place.account.id

    async def all_there() -> bool:
        return (await store.search_state(account_id)).indexed == 3

    await until(all_there)
    assert await store.search_unindexed(account_id, 10) == []
    for number, found in enumerate(
        await place.services.queries.matching(place.actor, account_id, [(Field.BODY, f"zebra{n}") for n in range(3)])
    ):
        assert [one for one in range(10) if one in found] == [number + 1]
    stopping.set()
    await loop


async def test_a_damaged_bucket_makes_queries_slow_and_never_wrong(place: Place):
    await place.add(60)
    await place.services.search.indexing.catch_up(place.account.id)
    await place.run("update search_bucket set sealed = $2 where account_id = $1 and number >= 0", b"\x01damaged")
    await place.right()


async def test_a_segment_nobody_can_read_is_told_and_replaced(place: Place):
    await place.add(60)
    await place.services.search.indexing.catch_up(place.account.id)
    await place.run("update search_bucket set sealed = $2 where account_id = $1 and number = -1", b"\x01damaged")
    # Another process: this one still knows the list.
    place.services.search._index._segments._contents.clear()
    with pytest.raises(Unavailable):
        await place.right(5)
    await place.services.search.indexing.catch_up(place.account.id)
    await place.right()
    assert (await place.services.search.status(place.account.id)).pending == 0


async def test_a_missing_text_is_read_again(place: Place):
    await place.add(30)
    await place.services.search.indexing.catch_up(place.account.id)
    await place.run("delete from search_text where account_id = $1 and message_id < $2", 12)
    await place.services.search.indexing.rebuild(place.account.id)
    await place.services.search.indexing.catch_up(place.account.id)
    await place.right()


async def test_what_is_destroyed_leaves_the_index(place: Place):
    await place.add(150)
    await place.services.search.indexing.catch_up(place.account.id)
    full = await place.services.search.status(place.account.id)
    await place.destroy(sorted(place.oracle.mail)[10:140])
    await place.services.search.indexing.catch_up(place.account.id)
    rest = await place.services.search.status(place.account.id)
    assert rest.index_octets < full.index_octets / 3 and rest.text_octets < full.text_octets / 3
    await place.right()
    await place.destroy(sorted(place.oracle.mail))
    await place.services.search.indexing.catch_up(place.account.id)
    empty = await place.services.search.status(place.account.id)
    assert (empty.messages, empty.segments, empty.index_octets, empty.text_octets) == (0, 0, 0, 0)


async def test_a_rebuild_answers_while_it_works(place: Place):
    await place.add(100)
    indexing = place.services.search.indexing
    await indexing.catch_up(place.account.id)
    await indexing.rebuild(place.account.id)
    while await indexing.catch_up(place.account.id, 9) >= 9:
        await place.add(1)
        await place.right(8)
    await place.right()
    status = await place.services.search.status(place.account.id)
    assert (status.pending, (await place.house.store.search_state(place.account.id)).indexed) == (0, status.messages)


async def test_an_index_that_was_read_in_an_older_way_is_made_anew(place: Place):
    await place.add(60)
    indexing, store, account_id = place.services.search.indexing, place.house.store, place.account.id
    await indexing.catch_up(account_id)
    before = await store.search_state(account_id)
    assert (before.reading, before.epoch, await indexing.due()) == (READING, 0, [])
    await place.run("update search_index set reading = $2 where account_id = $1", READING - 1)
    assert await indexing.due() == [account_id], "no mail has come, and there is work"
    await place.right(8)
    assert await indexing.catch_up(account_id) == 60
    after = await store.search_state(account_id)
    assert (after.reading, after.epoch, after.indexed, await indexing.due()) == (READING, 1, 60, [])
    await place.right()


async def test_two_indexers_at_once_cost_work_and_nothing_else(place: Place):
    await place.add(120)
    indexing = place.services.search.indexing
    await asyncio.gather(*(indexing.catch_up(place.account.id) for _ in range(3)))
    view = await place.house.store.search_view(place.account.id)
    living = sum(row.messages - int.from_bytes(row.dead, "little").bit_count() for row in view.segments)
    assert (living + len(view.tail), view.state.indexed) == (120, 120)
    await place.right()
