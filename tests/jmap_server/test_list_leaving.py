"""The page that members outside leave a list by: looking takes nobody off, posting does."""

import pytest
from tests.jmap_server.jmap_house import Browser

from smartmail.domain.addressing import ListText, Member
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.addressing import leaving

CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


@pytest.fixture
async def link(house):
    """A link of a member outside."""
    lists = house.services.addressing.lists
    await lists.create(CLI, "news@a.example", ListText("news", ("kim@a.example",)))
    await lists.add(CLI, "news@a.example", [Member("out<b>@x.example"), Member("kim@a.example")])
    mac = house.services.addressing.book.keyring.installation_mac
    return f"/lists/leave/{leaving.token('news@a.example', 'out<b>@x.example', mac)}"


async def members(house):
    return [one.address for one in await house.services.addressing.lists.members("news@a.example")]


async def test_looking_takes_nobody_off_and_one_click_does(house, link):
    browser = Browser(house.app, page=False)
    asked = await browser.ask("GET", link, headers={"accept-language": "ko-KR,en;q=0.5"})
    assert asked.status == 200
    text = asked.body.decode()
    assert "수신 해지" in text and "out&lt;b&gt;@x.example" in text and "<b>" not in text
    assert len(await members(house)) == 2
    form = {"content-type": "application/x-www-form-urlencoded"}
    for _ in range(2):
        done = await browser.ask("POST", link, b"List-Unsubscribe=One-Click", headers=form)
        assert done.status == 200
        assert await members(house) == ["kim@a.example"]


@pytest.mark.parametrize("path", ["/lists/leave/", "/lists/leave/AAAA", "/lists/leave/é"])
async def test_a_link_that_is_not_ours_does_nothing(house, link, path):
    browser = Browser(house.app, page=False)
    assert (await browser.ask("GET", path)).status == 404
    assert (await browser.ask("POST", path)).status == 404
    assert len(await members(house)) == 2
