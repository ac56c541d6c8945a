"""The newest of what a search finds are the first of all that it finds, whatever the filter, the state of the index, and
whoever asks; and they are found without looking for all.
"""

import random
from pathlib import Path

import pytest
from tests.contract.store_backends import fresh_postgres
from tests.flows.house import compose_house
from tests.property.test_search_oracle import Oracle, small_segments

from smartmail.domain.principal import Actor, Origin
from smartmail.domain.rights import Grantee
from smartmail.service.mailbox.mailstore import query
from smartmail.service.mailbox.mailstore.conditions import Condition, Operator

TEXTS = ("text", "text", "body", "subject", "from_", "file_name")


class Place:
    """An account with two mailboxes, and a colleague who may read one of them."""

    def __init__(self, house, seed: int) -> None:
        self.house, self.services = house, house.services
        self.chance = random.Random(seed)
        self.oracle = Oracle(self.chance)

    async def prepare(self) -> None:
        organization_id = await self.services.provisioning.organization("test")
        await self.services.directory.add_domain("a.example", organization_id)
        self.account = await self.house.person("u@a.example")
        colleague = await self.house.person("v@a.example")
        self.actor, self.colleague = (
            Actor(one.id, organization_id, one.login, is_admin=False, origin=Origin("jmap"))
            for one in (self.account, colleague)
        )
        boxes = [await self.services.mailboxes.by_role(self.actor, self.account.id, one) for one in ("inbox", "trash")]
        self.boxes = [one.row.id for one in boxes]
        await self.services.sharing.share(
            self.actor, self.account.id, self.boxes[0], Grantee("account", colleague.id), frozenset("lr")
        )

    async def add(self, count: int) -> None:
        chance = self.chance
        for _ in range(count):
            octets, texts = self.oracle.make()
            intake = await self.services.messages.begin(self.actor, self.account.id)
            await intake.feed(octets)
            added = await self.services.messages.add(
                self.actor, self.account.id, await intake.finish(), [chance.choice(self.boxes)],
                names=[one for one in ("$seen", "$flagged") if chance.random() < 0.5],
                # Few moments, so that many share one; some before 1970.
                received_at=chance.randrange(-20, 60) * 1_000,
            )  # fmt: skip
            self.oracle.mail[added.message_id] = texts

    async def destroy(self, count: int) -> None:
        gone = self.chance.sample(sorted(self.oracle.mail), min(count, len(self.oracle.mail)))
        await self.services.messages.destroy(self.actor, self.account.id, gone)
        for one in gone:
            del self.oracle.mail[one]

    def tree(self) -> Condition | Operator:
        chance = self.chance
        first = Condition(
            **{chance.choice(TEXTS): self.oracle.query()},
            in_mailbox=chance.choice([None, None, *self.boxes]),
            not_only_in=chance.choice([None, None, frozenset(self.boxes[1:])]),
            has_keyword=chance.choice([None, None, "$seen"]),
            not_keyword=chance.choice([None, None, "$flagged"]),
            after=chance.choice([None, None, 10_000]),
            header=chance.choice([None] * 5 + [("subject", "e")]),
        )
        other = Condition(**{chance.choice(TEXTS): self.oracle.query()})
        return chance.choice([
            first, first, Operator("AND", (first, other)), Operator("AND", (first, Operator("NOT", (other,)))),
            Operator("OR", (first, other)), Operator("AND", (first, Operator("OR", (other, Condition(before=5_000))))),
        ])  # fmt: skip

    async def right(self, count: int) -> int:
        """Compare; return how often the newest alone answered."""
        queries, answered = self.services.queries, 0
        for _ in range(count):
            actor, tree = self.chance.choice([self.actor, self.actor, self.colleague]), self.tree()
            limit = self.chance.choice([0, 1, 3, 10, 50])
            newest = await queries.newest(actor, self.account.id, tree, limit)
            if newest is not None:
                answered += 1
                assert newest == (await queries.find(actor, self.account.id, tree))[:limit], (tree, limit)
        return answered


@pytest.mark.parametrize(
    ("driver", "seed"), [("sqlite", 1), ("sqlite", 2), pytest.param("postgres", 3, marks=pytest.mark.postgres)]
)
async def test_the_newest_are_the_first_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, driver: str, seed: int):
    small_segments(monkeypatch)
    monkeypatch.setattr("smartmail.service.mailbox.search.index._NEWEST_PAGE", 1)
    monkeypatch.setattr("smartmail.service.mailbox.search.index._TEXT_PAGE", 3)
    # Both ways to judge few messages and many are asked for.
    monkeypatch.setattr(query, "HANDFUL", 20)
    directory = tmp_path / "data"
    directory.mkdir()
    postgres = await fresh_postgres() if driver == "postgres" else None
    async with compose_house(directory, postgres=postgres) as house:
        place = Place(house, seed)
        await place.prepare()
        answered, segments = 0, 0
        for _ in range(7):
            await place.add(place.chance.randint(5, 50))
            answered += await place.right(10)
            await place.services.search.indexing.catch_up(place.account.id)
            answered += await place.right(15)
            await place.destroy(place.chance.randint(0, 15))
            answered += await place.right(15)
            segments = max(segments, (await place.services.search.status(place.account.id)).segments)
        assert segments > 1
        assert answered > 7 * 40 * 0.6


async def test_the_newest_open_no_more_texts_than_they_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    small_segments(monkeypatch)
    directory = tmp_path / "data"
    directory.mkdir()
    async with compose_house(directory) as house:
        place = Place(house, 5)
        await place.prepare()
        for number in range(150):
            octets = f"From: a@b.example\r\nSubject: {number}\r\n\r\nquarterly figures".encode()
            intake = await place.services.messages.begin(place.actor, place.account.id)
            await intake.feed(octets)
            await place.services.messages.add(
                place.actor, place.account.id, await intake.finish(), place.boxes[:1], received_at=number * 1_000
            )
        await place.services.search.indexing.catch_up(place.account.id)
        store, read = house.store, []
        search_buckets, search_texts = store.search_buckets, store.search_texts

        async def buckets(account_id, wanted):
            read.append(len({one[0] for one in wanted}))
            return await search_buckets(account_id, wanted)

        async def texts(account_id, ids):
            read.append(len(ids))
            return await search_texts(account_id, ids)

        monkeypatch.setattr("smartmail.service.mailbox.search.index._NEWEST_PAGE", 1)
        tree = Condition(text="uarterly")
        assert len(await place.services.queries.newest(place.actor, place.account.id, tree, 3)) == 3  # lists are known
        monkeypatch.setattr(store, "search_buckets", buckets)
        monkeypatch.setattr(store, "search_texts", texts)
        found = await place.services.queries.newest(place.actor, place.account.id, tree, 3)
        assert len(found) == 3
        newest, read[:] = sum(read), []
        whole = await place.services.queries.find(place.actor, place.account.id, tree)
        assert (whole[:3], len(whole)) == (found, 150)
        assert newest < sum(read) / 2
