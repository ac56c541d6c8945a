"""Contract of the store: the care of the database below it, on both drivers."""

import asyncio

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench, Factory


class Told:
    """Hears how far it is."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int]] = []

    def __call__(self, done: int, total: int) -> None:
        self.steps.append((done, total))


async def filled(bench: Bench, rows: int) -> None:
    """Settings of some size, all of which but a few are taken away again."""
    for number in range(rows):
        await bench.store.put_setting("bulk", f"n{number}", "x" * 4_000)


async def test_facts_and_tables_say_what_there_is(bench: Bench, store_factory: Factory):
    await filled(bench, 50)
    care = bench.store.database_care()
    facts = await care.facts()
    assert facts.engine == store_factory.driver
    assert facts.octets > 100_000
    assert facts.version[0].isdigit()
    known = {one.name: one for one in await care.tables()}
    assert known["account"].octets > 0
    sizes = [one.octets for one in await care.tables()]
    assert sizes == sorted(sizes, reverse=True)
    if store_factory.driver == "sqlite":
        assert known["setting"].rows >= 50
        assert facts.disk
        assert facts.log is not None
    else:
        assert (facts.disk, facts.log) == (None, None)


async def test_a_sound_database_has_no_findings_and_every_act_says_how_far_it_is(bench: Bench):
    await bench.add_many(5)
    care = bench.store.database_care()
    for act in (care.check, care.optimise, care.give_back, care.rewrite):
        told = Told()
        assert not await act(told)
        if told.steps:
            done, total = told.steps[-1]
            assert done == total
            assert [one for one, _ in told.steps] == sorted(one for one, _ in told.steps)
    assert len(await bench.uids()) == 5, "mail is where it was"
    await bench.add()
    assert len(await bench.uids()) == 6


async def test_writers_of_other_processes_wait_for_a_rewrite_and_lose_nothing(bench: Bench, store_factory: Factory):
    other = await store_factory.open()
    await filled(bench, 200)

    async def write() -> None:
        for number in range(40):
            await other.put_setting("meanwhile", f"n{number}", str(number))

    await asyncio.gather(write(), bench.store.database_care().rewrite(Told()))
    assert len(await bench.store.settings("meanwhile")) == 40
    assert not await bench.store.database_care().check(Told())


async def test_a_check_that_is_cancelled_ends(bench: Bench):
    await filled(bench, 100)
    running = asyncio.create_task(bench.store.database_care().check(Told()))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await bench.add()
