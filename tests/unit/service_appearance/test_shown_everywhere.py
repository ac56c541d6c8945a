"""Whoever changes how a company shows itself is told so when every process shows it (service.kernel.agreement)."""

import asyncio

import pytest
from tests.house.two_processes import *  # noqa: F403

from smartmail.app.cli.acting import CLI
from smartmail.domain.errors import NotFound
from smartmail.service.kernel.appearance import FRESH_MS


async def company(two):
    number = await two.one.services.provisioning.organization("test")
    await two.one.services.directory.add_domain("a.example", number)
    return number


async def shown(process, number, domain="a.example"):
    return (await process.services.appearance.of(number, domain)).name


async def put(two, number, name, domain=""):
    await two.one.services.appearance.put(CLI, number, domain, name=name, hue=-1, logo=b"")


async def test_a_change_shows_in_every_process_before_it_is_answered(two):
    number = await company(two)
    assert await shown(two.other, number) == await shown(two.one, number) == ""
    for domain, name in (("", "Hanbit"), ("a.example", "Hanbit Trading"), ("a.example", "Trading")):
        await put(two, number, name, domain)
        assert await shown(two.other, number) == await shown(two.one, number) == name
    await two.one.services.appearance.drop(CLI, number, "a.example")
    assert await shown(two.other, number) == await shown(two.one, number) == "Hanbit"
    assert (await two.other.services.appearance.of_domain("")).name == "Hanbit"


async def test_a_process_that_does_not_answer_holds_up_a_change_until_it_looks_anew(two, waits):
    number = await company(two)
    two.bus.lost = "changed-heard"
    await put(two, number, "Hanbit")
    assert waits and min(waits) * 1000 > FRESH_MS, "longer than a process shows what it knows"
    waits.clear()
    with pytest.raises(NotFound):
        await two.one.services.appearance.drop(CLI, number, "a.example")
    assert waits == [], "nothing has changed"


async def test_a_hint_that_was_lost_costs_seconds(two, waits):
    number = await company(two)
    assert await shown(two.other, number) == ""
    two.bus.lost = "changed"
    await put(two, number, "Hanbit")
    assert await shown(two.other, number) == ""
    two.clock.at += FRESH_MS
    assert await shown(two.other, number) == "Hanbit"


@pytest.mark.parametrize("asked", ["one", "other"])
async def test_an_answer_that_was_on_its_way_does_not_hide_a_change(two, monkeypatch, asked):
    number = await company(two)
    process = getattr(two, asked)
    read, began, free = process.store.appearances, asyncio.Event(), asyncio.Event()

    async def slowly(organization_id):
        found = await read(organization_id)
        if asyncio.current_task() is asking:
            began.set()
            await free.wait()
        return found

    monkeypatch.setattr(process.store, "appearances", slowly)
    asking = asyncio.create_task(shown(process, number))
    await began.wait()
    await put(two, number, "Hanbit")
    free.set()
    assert await asking == ""
    assert await shown(process, number) == "Hanbit"
