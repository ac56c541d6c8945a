"""Sponsorship: whoever answers for a temporary account sees it, takes it over, asks for more; and who is away is shown."""

import asyncio

import pytest
from tests.jmap_server import jmap_house

from smartmail.adapters.clock import SystemClock
from smartmail.domain.absence import Away
from smartmail.domain.organization import Step
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.httpd.jmap.context import show_time
from smartmail.service.flow.directory import NewPerson
from smartmail.service.kernel.clock import DAY
from smartmail.service.people.account_life import Leave

PRINCIPALS = "urn:ietf:params:jmap:principals"
OWN = "https://smartmail.example/jmap"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


@pytest.fixture(autouse=True)
def _own_types(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN, PRINCIPALS])


async def temporary(house, sponsor) -> int:
    account = await house.services.provisioning.person(NewPerson("hong@a.example", "홍"), None)
    await house.services.account_life.temporary.begin(
        CLI, account.id, ends_at=SystemClock().now() + 60 * DAY, sponsor=sponsor.id, reason="SI 구축"
    )
    return account.id


async def test_a_sponsor_sees_takes_over_and_asks(house, browser, kim):
    choi = house.accounts["choi@a.example"]
    number = await temporary(house, choi)
    assert (await browser.call("Sponsorship/query"))["list"] == []
    assert await browser.error("Sponsorship/takeOver", id=f"u{number}") == "notFound"
    await house.services.account_life.leavers.leave(CLI, choi.id, Leave(successor=kim.id))
    [one] = (await browser.call("Sponsorship/query"))["list"]
    assert (one["email"], one["mustTakeOver"], one["reason"]) == ("hong@a.example", True, "SI 구축")
    assert one["endsAt"] < one["agreedUntil"]
    until = "2099-01-01T00:00:00Z"
    assert await browser.error("Sponsorship/askExtension", id=one["id"], until=until, reason="x") == "notFound"
    done = (await browser.call("Sponsorship/takeOver", id=one["id"]))["sponsorship"]
    assert (done["mustTakeOver"], done["endsAt"]) == (False, done["agreedUntil"])
    assert await browser.error("Sponsorship/takeOver", id=one["id"]) == "notFound"
    assert await browser.error("Sponsorship/askExtension", id=one["id"], until=until, reason="x") == "invalidArguments"
    later = (await house.services.directory.account(number)).ends_at + 30 * DAY
    asked = await browser.call("Sponsorship/askExtension", id=one["id"], until=show_time(later), reason="검수 연장")
    assert asked["sponsorship"]["askedUntil"] == show_time(later)
    assert asked["sponsorship"]["endsAt"] == done["endsAt"]
    assert await browser.error("Sponsorship/takeOver", id="u999999") == "notFound"


async def test_colleagues_see_who_is_away(house, browser, kim):
    choi = house.accounts["choi@a.example"]
    found = (await browser.call("Principal/get"))["list"]
    who = next(one for one in found if one["email"] == "choi@a.example")
    assert who["absence"] is None
    step = Step(kind="away", account_id=choi.id, away=Away(kind="leave", until=4_070_908_800_000, reason="비밀"))
    await house.services.organization.people.perform(CLI, step)
    # Lists of principals are at most two seconds old.
    for _ in range(1000):
        [told] = (await browser.call("Principal/get", ids=[who["id"]]))["list"]
        if told["absence"]:
            break
        await asyncio.sleep(0.05)
    assert told["absence"] == {"kind": "leave", "until": "2099-01-01T00:00:00Z"}
    assert "비밀" not in str(told)
