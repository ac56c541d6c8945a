"""Changes that were planned leave a company as the same changes done by hand do, also when runs overlap or are killed."""

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.errors import MailError
from smartmail.domain.organization import Step, Wanted, WantedSeat
from smartmail.domain.principal import Actor, Origin

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
PEOPLE, DEPARTMENTS, POSITIONS = ("a", "b", "c"), ("가", "나", "다"), ("부장", "사원")

seats = st.lists(st.sampled_from((*DEPARTMENTS, "없음")), max_size=2, unique=True)
changes = st.builds(
    lambda where, position, number: ("change", where, position, number),
    st.none() | seats, st.none() | st.sampled_from((*POSITIONS, "", "없음")), st.none() | st.sampled_from(("1", "2", "")),
)  # fmt: skip
renames = st.builds(lambda name: ("rename", name), st.sampled_from(("x", "y", "a", "b")))
acts = st.lists(st.tuples(st.sampled_from(PEOPLE), changes | renames | st.just(("close",))), min_size=1, max_size=8)


def step_of(account_id: int, act: tuple) -> Step:
    if act[0] == "rename":
        return Step(kind="rename", account_id=account_id, login=f"{act[1]}@a.example", months=1)
    if act[0] == "close":
        return Step(kind="close", account_id=account_id)
    _, where, position, number = act
    sits = None if where is None else tuple(WantedSeat(one) for one in where)
    wanted = Wanted(login="", seats=sits, position=position, employee_number=number)
    return Step(kind="change", account_id=account_id, wanted=wanted)


async def company(house):
    organization = house.services.organization
    people = {login: await house.person(f"{login}@a.example") for login in PEOPLE}
    number = people["a"].organization_id
    for name in DEPARTMENTS:
        await organization.departments.create(CLI, number, name)
    await organization.titles.set_order(CLI, number, "position", POSITIONS)
    return number, {login: actor.account_id for login, actor in people.items()}


async def picture(house, number):
    store = house.store
    accounts = [(one.login, one.state, one.department, one.title) for one in await store.accounts(number)]
    rows = [(row.account_id, row.employee_number, row.position_id) for row in await store.people(number)]
    addresses = [await store.addresses(one.id) for one in await store.accounts(number)]
    identities = [sorted(row.address for row in await store.identities(one.id)) for one in await store.accounts(number)]
    return accounts, rows, await store.seats(number), addresses, identities


async def by_hand(wanted, folder: Path):
    async with quiet_house(folder / "hand") as house:
        number, ids = await company(house)
        for login, act in wanted:
            try:
                await house.services.organization.people.perform(CLI, step_of(ids[login], act))
            except MailError:
                continue
        return await picture(house, number)


async def planned(wanted, folder: Path):
    async with quiet_house(folder / "planned") as house:
        number, ids = await company(house)
        service = house.services.organization.planned
        at = house.clock.now() + 100_000
        for place, (login, act) in enumerate(wanted):
            await service.plan(CLI, step_of(ids[login], act), at + place)
        assert await service.apply_due() == 0
        house.clock.ahead += 200_000
        run = asyncio.create_task(service.apply_due())
        await asyncio.sleep(0)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        await service.apply_due()
        assert await house.store.due_changes(house.clock.now(), 10) == []
        return await picture(house, number)


@settings(max_examples=12, deadline=None)
@given(acts)
def test_planned_equals_by_hand(wanted):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        async def both():
            assert await planned(wanted, folder) == await by_hand(wanted, folder)

        asyncio.run(both())


@pytest.mark.parametrize("runs", [2, 5])
async def test_runs_at_once_apply_a_change_once(tmp_path, runs):
    async with quiet_house(tmp_path / "house") as house:
        _number, ids = await company(house)
        service = house.services.organization.planned
        await service.plan(CLI, step_of(ids["a"], ("rename", "x")), house.clock.now() + 10)
        house.clock.ahead += 20
        await asyncio.gather(*(service.apply_due() for _ in range(runs)))
        records = await house.store._db.rows("select action from audit where action = 'person.rename'")
        assert len(records) == 1
        assert (await house.services.directory.account(ids["a"])).login == "x@a.example"
