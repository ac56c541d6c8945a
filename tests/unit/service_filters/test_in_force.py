"""A change of filters is in force in every process before who made it is told so (service.kernel.agreement)."""

import asyncio

from tests.house.two_processes import *  # noqa: F403

from smartmail.domain.errors import Unavailable
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.directory import NewPerson
from smartmail.service.kernel.agreement import Agreement

SCRIPT = b'require "fileinto";\r\nfileinto "x";\r\n'


async def person(services):
    number = await services.provisioning.organization("test")
    await services.directory.add_domain("a.example", number)
    account = await services.provisioning.person(NewPerson("kim@a.example", "kim"), "horse battery staple")
    return account, Actor(account.id, account.organization_id, "kim@a.example", False, Origin("sieve"))


async def test_what_one_process_changes_counts_in_the_other_before_it_is_answered(two):
    one, other = two.one.services, two.other.services
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


async def test_a_process_that_does_not_answer_holds_up_a_change_until_its_knowledge_is_old(two, waits):
    account, actor = await person(two.one.services)
    two.bus.lost = "changed-heard"
    await two.one.services.filters.put(actor, account.id, "main", SCRIPT)
    assert waits and min(waits) > 1.0, "longer than a process goes by what it knows"


async def test_who_is_gone_is_not_waited_for_and_a_store_that_is_away_is(two):
    agreement = Agreement(two.one.store, two.clock, two.bus)
    assert await agreement.reach("filters", 30.0)
    two.clock.at += 60_000
    two.bus.lost = "changed-heard"
    assert await agreement.reach("filters", 30.0), "nobody has shown for a minute"

    class Away:
        async def acks(self):
            raise Unavailable

    assert not await Agreement(Away(), two.clock, two.bus).reach("filters", 0.01)


async def test_an_answer_that_was_on_its_way_does_not_hide_a_change(two, monkeypatch):
    one, other = two.one.services, two.other.services
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
