"""What mail programs and the webmail send teaches one memory, sealed, that a composer is asked from."""

import asyncio

import pytest
from tests.flows.house import open_house
from tests.flows.test_big_attachments import submit
from tests.flows.test_footers import by_jmap

from smartmail.service.flow.misdelivery import Draft

LETTER = b"From: kim@a.example\r\nTo: Park <ys.park@hanbit-elec.example>\r\nSubject: Hanbit quotation\r\n\r\nDear Park,\r\nhello\r\n"


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person("kim@a.example")
        await opened.person("lee@a.example")
        yield opened


async def taught(house, letters: int):
    """Wait until so many letters have taught kim's memory: learning follows the reply."""
    kim = house.accounts["kim@a.example"]
    for _ in range(400):
        row = await house.store.correspondence.of_account(kim.id)
        if row is not None and row.letters >= letters:
            return row
        await asyncio.sleep(0)
    raise AssertionError("nothing was learnt")


@pytest.mark.parametrize("entrance", [submit, by_jmap])
async def test_a_letter_teaches_whatever_program_it_came_from(house, entrance):
    await entrance(house, LETTER, "ys.park@hanbit-elec.example")
    row = await taught(house, 1)
    assert (row.letters, b"hanbit" in row.sealed.lower()) == (1, False)


async def test_twenty_letters_of_a_mail_program_make_a_habit(house):
    kim = house.accounts["kim@a.example"]
    guard, wrong = house.services.misdelivery, Draft([("ys.park@hanbit-elcc.example", "Park")], subject="Quotation")
    for at in range(20):
        assert await guard.cautions(kim.id, wrong) == []
        await submit(house, LETTER, "ys.park@hanbit-elec.example")
        await taught(house, at + 1)
    found = await guard.cautions(kim.id, wrong)
    assert [one.instead for one in found if one.kind == "domain"] == ["hanbit-elec.example"]
    lee = house.accounts["lee@a.example"]
    assert await guard.cautions(lee.id, wrong) == [], "nobody is told out of another one's memory"
