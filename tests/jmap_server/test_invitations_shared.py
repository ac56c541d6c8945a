"""Invitations in an account that is shared: answered as it by whoever may send for it, only seen by the others."""

import pytest
from tests.jmap_server import jmap_house
from tests.jmap_server.test_invitations import OWN, invitation, sent_calendars, shown

from smartmail.domain.rights import SHARE_ROLES, WHOLE_ACCOUNT, Grantee

TEAM = "sales@a.example"


@pytest.fixture(autouse=True)
def own(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN])


@pytest.fixture
async def team(house):
    return await house.person(TEAM, kind="shared")


async def colleague(house, team, login: str, rights: frozenset[str]):
    """A browser of somebody with these rights, looking at the team's mail."""
    person = house.accounts.get(login) or await house.person(login)
    grantee = Grantee("account", person.id)
    await house.services.sharing.share(house.actor(team), team.id, WHOLE_ACCOUNT, grantee, rights, quiet=True)
    browser = await house.browser(login)
    browser.account = f"a{team.id}"
    return browser


@pytest.mark.parametrize("sending", ["sendAs", "sendOnBehalf"])
async def test_who_may_send_for_the_team_answers_as_the_team(house, team, sending):
    kim = await colleague(house, team, "kim@a.example", SHARE_ROLES["file"] | {sending})
    number = await house.deliver(team, invitation(to=TEAM))
    one = await shown(kim, number)
    assert (one["me"], one["mayAnswer"], one["answer"]) == (TEAM, True, "")
    told = await kim.call("Email/answerInvitation", id=f"e{number}", answer="accepted", note="두 명 갑니다")
    assert (told["invitation"]["answer"], told["invitation"]["note"]) == ("accepted", "두 명 갑니다")
    # The organiser hears the team, whose Sent mailbox has it, with who sent it.
    [calendar] = await sent_calendars(house, kim, team)
    assert [(each.address, each.status) for each in calendar.attendees] == [(TEAM, "accepted")]
    boxes = {one["role"]: one["id"] for one in (await kim.call("Mailbox/get"))["list"]}
    [sent] = (await kim.call("Email/query", filter={"inMailbox": boxes["sent"]}))["ids"]
    properties = ["from", "sender", "sentBy"]
    [email] = (await kim.call("Email/get", ids=[sent], properties=properties))["list"]
    assert [each["email"] for each in email["from"]] == [TEAM]
    assert (email["sentBy"]["email"], email["sentBy"]["onBehalf"]) == ("kim@a.example", sending == "sendOnBehalf")
    expected = ["kim@a.example"] if sending == "sendOnBehalf" else []
    assert [each["email"] for each in email["sender"] or []] == expected
    # A colleague sees that it is answered.
    lee = await colleague(house, team, "lee@a.example", SHARE_ROLES["view"])
    seen = await shown(lee, number)
    assert (seen["answer"], seen["mayAnswer"], seen["mayPropose"], seen["mayRefresh"]) == (
        "accepted", False, False, False,
    )  # fmt: skip


async def test_who_may_only_look_answers_nothing(house, team):
    lee = await colleague(house, team, "lee@a.example", SHARE_ROLES["delete"])
    number = await house.deliver(team, invitation(to=TEAM))
    assert (await shown(lee, number))["title"] == "주간 회의"
    start, end = "2026-12-01T05:00:00Z", "2026-12-01T06:00:00Z"
    assert await lee.error("Email/answerInvitation", id=f"e{number}", answer="accepted") == "forbidden"
    assert await lee.error("Email/proposeInvitation", id=f"e{number}", start=start, end=end) == "forbidden"
    assert await lee.error("Email/refreshInvitation", id=f"e{number}") == "forbidden"
    assert await house.store.queue_entries(10) == []
    assert (await shown(lee, number))["answer"] == ""
    # What is not shared is not there.
    await house.person("no@a.example")
    stranger = await house.browser("no@a.example")
    stranger.account = f"a{team.id}"
    assert await stranger.error("Email/invitation", id=f"e{number}") == "accountNotFound"
