"""Nobody lets the mail of somebody who is away go to themselves, by whatever way; the person is told where it goes."""

import pytest
from tests.flows.life_house import life_house

from smartmail.domain.absence import Away
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden
from smartmail.domain.organization import Step
from smartmail.service.people.account_life import Leave


@pytest.fixture
async def house(tmp_path):
    async with life_house(tmp_path / "house") as opened:
        await opened.join("chief", is_admin=True)
        yield opened


def forward(house, name: str, to: str) -> Step:
    return Step(
        kind="away", account_id=house.id(name), away=Away(kind="leave", mail="forward", substitute=house.id(to))
    )


async def hand(house, by: str, on: str, action: str = "account.password") -> None:
    at = house.now()
    await house.store.audit(AuditRecord(at, f"account:{house.id(by)}", action, f"account:{house.id(on)}", ""))


async def told(house) -> list[str]:
    return [row.domain for _one, rows in await house.store.queue_entries(1000) for row in rows]


async def test_nobody_gives_an_absent_persons_mail_to_themselves(house):
    people, planned = house.services.organization.people, house.services.organization.planned
    with pytest.raises(Forbidden):
        await people.perform(house.admin(), forward(house, "kim", "boss"))
    with pytest.raises(Forbidden):
        await planned.plan(house.admin(), forward(house, "kim", "boss"), house.now() + 60_000)
    assert await house.store.absence(house.id("kim")) is None
    # Somebody else may say it: that is the second person.
    await people.perform(house.admin("chief"), forward(house, "kim", "boss"))
    assert await house.reached("kim@a.example") == ["kim@a.example", "boss@a.example"]


async def test_an_account_that_they_had_a_hand_on_is_themselves(house):
    people = house.services.organization.people
    await hand(house, "boss", "lee")
    await hand(house, "lee", "park", "factor.reset")
    for puppet in ("lee", "park"):
        with pytest.raises(Forbidden):
            await people.perform(house.admin(), forward(house, "kim", puppet))
    await people.perform(house.admin("chief"), forward(house, "kim", "lee"))


async def test_the_person_is_told_and_the_record_says_to_whom(house):
    assert await told(house) == []
    await house.services.organization.people.perform(house.admin(), forward(house, "kim", "lee"))
    assert await told(house) == ["a.example"]
    records = [row.record for row in await house.store.unchained_records("audit", 0, 1000)]
    [one] = [one for one in records if one.action == "person.away-leave"]
    assert one.object == f"account:{house.id('kim')} account:{house.id('lee')}"


async def test_a_leaver_does_not_hand_it_to_who_lets_them_leave(house):
    await house.services.organization.people.perform(house.admin("chief"), forward(house, "kim", "lee"))
    leavers = house.services.account_life.leavers
    with pytest.raises(Forbidden):
        await leavers.leave(house.admin(), house.id("lee"), Leave(successor=house.id("boss")))
    assert (await house.account("lee")).state == "active"
    await leavers.leave(house.admin(), house.id("lee"), Leave(successor=house.id("park")))
    assert await house.reached("kim@a.example") == ["kim@a.example", "park@a.example"]
