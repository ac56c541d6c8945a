"""Who is moved into a department whose doors are shut is out on every door, by itself, others stay."""

import asyncio
import re

import pytest
from tests.flows.house import compose_house, open_house
from tests.flows.test_policy_reach import CLI, DOORS, ENDS, LOGIN, answer, lines, log_in, set_knob

from smartmail.domain.organization import Step, Wanted, WantedSeat
from smartmail.domain.policy import Scope


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(LOGIN)
        await opened.person("lee@a.example")
        yield opened


@pytest.fixture
async def other(house, tmp_path):
    """A second process over the same data; no hint passes between the two."""
    async with compose_house(tmp_path / "data") as second:
        company = (await second.services.directory.organizations())[0].id
        departments = second.services.organization.departments
        head = await departments.create(CLI, company, "생산본부", code="P")
        await departments.create(CLI, company, "생산1팀", code="P1", parent_id=head.id)
        for knob in DOORS.values():
            await set_knob(second.services, knob, value=False, scope=Scope("department", f"{company}:P"))
        yield second


@pytest.mark.parametrize("door", DOORS)
async def test_a_move_ends_live_connections_of_another_process(house, other, door):
    reader, writer, _ = await log_in(house, door)
    quiet, staying, greeting = await lines(house.ports["imap"], b'a LOGIN lee@a.example "correct horse"')
    assert b"OK" in greeting
    wanted = Wanted(login="", seats=(WantedSeat("P1"),))
    step = Step(kind="change", account_id=house.accounts[LOGIN].id, wanted=wanted)
    await other.services.organization.people.perform(CLI, step)
    assert re.match(ENDS[door], await answer(reader))
    assert await asyncio.wait_for(reader.read(), 15) == b""
    writer.close()
    staying.write(b"b NOOP\r\n")
    assert b"b OK" in await answer(quiet)
    staying.close()
