"""A change of filters is in force in every process before who made it is told so (service.agreement)."""

import asyncio

import pytest
from tests.house.bus import LocalBus
from tests.house.clock import FrozenClock
from tests.house.opening import opened

from smartmail.domain.errors import Unavailable
from smartmail.domain.principal import Actor, Origin
from smartmail.service.agreement import Agreement
from smartmail.service.directory import NewPerson

SCRIPT = b'require "fileinto";\r\nfileinto "x";\r\n'


class LossyBus(LocalBus):
    """Loses what is published on one topic."""

    lost = ""

    def publish(self, topic: str, payload: str) -> None:
        if topic != self.lost:
            super().publish(topic, payload)


@pytest.fixture
async def two(tmp_path):
    """The services of two processes over one store, both on the list of those that live; their bus and clock."""
    (tmp_path / "data").mkdir()
    # Time stands: what a process knew a moment ago is as fresh as it can be.
    bus, clock = LossyBus(), FrozenClock(1_800_000_000_000)
    async with (
        opened(tmp_path / "data", clock=clock, bus=bus) as one,
        opened(tmp_path / "data", clock=clock, bus=bus) as other,
    ):
        await one.services.policy_acks.turn("a", "edge-1")
        await other.services.policy_acks.turn("a", "edge-2")
        yield one.services, other.services, bus, clock


async def person(services):
    number = await services.provisioning.organization("test")
    await services.directory.add_domain("a.example", number)
    account = await services.provisioning.person(NewPerson("kim@a.example", "kim"), "horse battery staple")
    return account, Actor(account.id, account.organization_id, "kim@a.example", False, Origin("sieve"))


async def test_what_one_process_changes_counts_in_the_other_before_it_is_answered(two):
    one, other, _bus, _clock = two
    account, actor = await person(one)
    runner = other.delivery.desk.filters
    assert await runner.version(account.id) == 0
    kept = await one.filters.put(actor, account.id, "main", SCRIPT)
    assert await runner.version(account.id) == 0
    await one.filters.activate(actor, account.id, kept.id)
    first = await runner.version(account.id)
    assert first > 0
    await one.filters.put(actor, account.id, "main", SCRIPT + b"keep;\r\n")
    assert await runner.version(account.id) > first
    await one.filters.activate(actor, account.id, None)
    assert await runner.version(account.id) == 0


async def test_a_process_that_does_not_answer_holds_up_a_change_until_its_knowledge_is_old(two, monkeypatch):
    one, _other, bus, _clock = two
    account, actor = await person(one)
    waited: list[float] = []
    reached = Agreement.reach

    async def noted(self, kind, within_s):
        waited.append(within_s)
        agreed = await reached(self, kind, 0.05)
        assert not agreed
        return agreed

    monkeypatch.setattr(Agreement, "reach", noted)
    bus.lost = "changed-heard"
    await one.filters.put(actor, account.id, "main", SCRIPT)
    assert waited and min(waited) > 1.0, "longer than a process goes by what it knows"


async def test_who_is_gone_is_not_waited_for_and_a_store_that_is_away_is(two):
    one, _other, bus, clock = two
    agreement = Agreement(one.delivery.desk.store, clock, bus)
    assert await agreement.reach("filters", 30.0)
    clock.at += 60_000
    bus.lost = "changed-heard"
    assert await agreement.reach("filters", 30.0), "nobody has shown for a minute"

    class Away:
        async def acks(self):
            raise Unavailable

    assert not await Agreement(Away(), clock, bus).reach("filters", 0.01)


async def test_an_answer_that_was_on_its_way_does_not_hide_a_change(two, monkeypatch):
    one, other, _bus, _clock = two
    account, actor = await person(one)
    runner, store = other.delivery.desk.filters, other.delivery.desk.store
    asked, told = asyncio.Event(), asyncio.Event()
    ask = store.active_filters

    async def slowly(since):
        found = await ask(since=since)
        asked.set()
        await told.wait()
        return found

    monkeypatch.setattr(store, "active_filters", slowly)
    asking = asyncio.create_task(runner.version(account.id))
    await asked.wait()
    kept = await one.filters.put(actor, account.id, "main", SCRIPT)
    await one.filters.activate(actor, account.id, kept.id)
    told.set()
    await asking
    assert await runner.version(account.id) > 0
