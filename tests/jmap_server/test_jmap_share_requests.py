"""ShareRequest and ShareOffer: a person asks for a shared account, whoever manages it answers, nobody else hears of it."""

import pytest
from tests.jmap_server.jmap_house import House
from tests.jmap_server.test_jmap_departments import CLI, Asker

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.rights import SHARE_ROLES, WHOLE_ACCOUNT, Grantee
from smartmail.service.people.account_life import Leave


@pytest.fixture
async def team(house: House):
    """Sales is shared and managed by Boss; Min and Lee are colleagues, X works for another company."""
    sales = await house.person("sales@a.example", kind="shared")
    people = {name: await house.person(f"{name}@a.example") for name in ("boss", "min", "lee")}
    other = await house.services.organization.companies.create(CLI, "무역")
    await house.services.organization.domains.add(CLI, "t.example", other.id)
    people["x"] = await house.person("x@t.example")
    await give(house, sales, people["boss"], SHARE_ROLES["manage"])
    askers = {name: Asker(await house.browser(one.login), one) for name, one in people.items()}
    return {"sales": f"a{sales.id}", "account": sales, "people": people, **askers}


async def give(house: House, account, person, rights):
    owner = house.actor(account)
    await house.services.sharing.share(
        owner, account.id, WHOLE_ACCOUNT, Grantee("account", person.id), rights, quiet=True
    )


async def ask_for(team, who: str, role: str = "file", **facts):
    wish = {"sharedAccountId": team["sales"], "role": role, "reason": "견적 문의를 봅니다", **facts}
    return await team[who]("ShareRequest/set", create={"a": wish})


async def seen(ask):
    return (await ask("ShareRequest/get", ids=None))["list"]


async def answer(ask, number: str, **wish):
    told = await ask("ShareRequest/set", update={number: wish})
    return "done" if told.get("updated") else told["notUpdated"][number]["type"]


async def granted(house: House, team, who: str):
    rights = house.services.rights
    return (await rights.access(house.actor(team["people"][who]), team["account"].id)).everywhere


async def test_a_person_asks_and_a_manager_gives_less(house: House, team):
    offers = (await team["min"]("ShareOffer/get", ids=None))["list"]
    assert offers == [{"id": team["sales"], "name": "sales", "address": "sales@a.example", "role": ""}]
    number = (await ask_for(team, "min", "delete"))["created"]["a"]["id"]
    [mine] = await seen(team["min"])
    assert (mine["state"], mine["role"], mine["isMine"], mine["mayDecide"]) == ("waiting", "delete", True, False)
    [asked] = await seen(team["boss"])
    assert (asked["personName"], asked["reason"], asked["mayDecide"]) == ("min", "견적 문의를 봅니다", True)
    # Who has nothing to do with it sees nothing, and answers nothing; who asked does not answer themselves.
    for other in ("lee", "x"):
        assert await seen(team[other]) == []
        assert await answer(team[other], number, state="accepted") == "notFound"
    assert await answer(team["min"], number, state="accepted") == "forbidden"
    # Never more than was asked for.
    assert await answer(team["boss"], number, state="accepted", role="manage") == "invalidProperties"
    assert await answer(team["boss"], number, state="accepted", role="file", sending="sendAs") == "done"
    assert await granted(house, team, "min") == SHARE_ROLES["file"] | {"sendAs"}
    [mine] = await seen(team["min"])
    assert (mine["state"], mine["role"], mine["decidedBy"]) == ("accepted", "file", "boss")
    assert (await team["min"]("ShareOffer/get", ids=None))["list"][0]["role"] == "file"
    assert await answer(team["boss"], number, state="declined") == "stateMismatch"


async def test_what_is_held_stays_beside_what_is_given(house: House, team):
    await give(house, team["account"], team["people"]["min"], SHARE_ROLES["view"] | {"sendOnBehalf"})
    assert (await ask_for(team, "min", "view"))["notCreated"]["a"]["type"] == "invalidProperties"
    number = (await ask_for(team, "min", "file"))["created"]["a"]["id"]
    assert await answer(team["boss"], number, state="accepted") == "done"
    assert await granted(house, team, "min") == SHARE_ROLES["file"] | {"sendOnBehalf"}


async def test_a_declined_request_gives_nothing_and_may_be_made_again(house: House, team):
    number = (await ask_for(team, "min"))["created"]["a"]["id"]
    assert await answer(team["boss"], number, state="declined") == "done"
    [mine] = await seen(team["min"])
    assert (mine["state"], mine["decidedBy"]) == ("declined", "boss")
    again = (await ask_for(team, "min"))["created"]["a"]["id"]
    assert [one["id"] for one in await seen(team["min"])] == [again] != [number]
    assert (await team["boss"]("ShareRequest/set", destroy=[again]))["notDestroyed"][again]["type"] == "notFound"
    assert (await team["min"]("ShareRequest/set", destroy=[again]))["destroyed"] == [again]
    assert await seen(team["boss"]) == await seen(team["min"]) == []


async def test_policy_says_what_may_be_asked_for(house: House, team):
    scope = Scope("account", str(int(team["account"].id)))
    await house.services.governing.set_knob(CLI, PolicyRule("sharing.ask", scope, value=False))
    assert (await team["min"]("ShareOffer/get", ids=None))["list"] == []
    assert (await ask_for(team, "min"))["notCreated"]["a"]["type"] == "notFound"
    # As one of another company, and as a person's own mailbox, which nobody asks for.
    assert (await ask_for(team, "x"))["notCreated"]["a"]["type"] == "notFound"
    own = f"a{team['people']['lee'].id}"
    assert (await ask_for(team, "min", sharedAccountId=own))["notCreated"]["a"]["type"] == "notFound"


async def test_a_wish_that_cannot_be_is_named(team):
    assert (await ask_for(team, "min", "owner"))["notCreated"]["a"]["properties"] == ["role"]
    assert (await ask_for(team, "min", reason="가" * 501))["notCreated"]["a"]["properties"] == ["reason"]
    assert (await ask_for(team, "min", sharedAccountId="zz"))["notCreated"]["a"]["properties"] == ["sharedAccountId"]


async def moved(house: House, team, act) -> set[str]:
    """Whose state of notices an act moves."""

    async def states() -> dict[str, str]:
        service = house.services.states
        every = {name: await service.of_account(house.actor(one), one.id) for name, one in team["people"].items()}
        return {name: shown["ShareNotification"] for name, (shown, _) in every.items()}

    before = await states()
    await act
    return {name for name, state in (await states()).items() if state != before[name]}


async def test_each_change_of_a_request_is_pushed_to_who_sees_it(house: House, team):
    both = {"min", "boss"}
    assert await moved(house, team, ask_for(team, "min")) == both
    assert await moved(house, team, ask_for(team, "min", "view")) == both
    [one] = await seen(team["min"])
    assert await moved(house, team, answer(team["boss"], one["id"], state="declined")) == both
    assert await moved(house, team, ask_for(team, "min")) == both
    [one] = await seen(team["min"])
    assert await moved(house, team, team["min"]("ShareRequest/set", destroy=[one["id"]])) == both
    await ask_for(team, "min")
    [one] = await seen(team["min"])
    assert await moved(house, team, answer(team["boss"], one["id"], state="accepted")) == both


async def test_both_sides_hear_by_mail_and_the_acts_are_recorded(house: House, team):
    number = (await ask_for(team, "min"))["created"]["a"]["id"]
    assert await answer(team["boss"], number, state="accepted") == "done"
    told = [recipients for _, recipients in await house.store.queue_entries(10)]
    assert len(told) == 2
    actions = [row.record.action for row in await house.store.unchained_records("audit", 0, 1000)]
    assert [one for one in actions if one.startswith("share.")][-3:] == ["share.ask", "share.accept", "share.set"]
    assert actions.count("share.ask") == 1


async def test_a_grant_that_is_refused_leaves_the_request_waiting(house: House, team):
    number = (await ask_for(team, "min"))["created"]["a"]["id"]
    # Who asked has gone: nothing can be given to them.
    await house.services.account_life.leavers.leave(CLI, team["people"]["min"].id, Leave())
    assert await answer(team["boss"], number, state="accepted") == "notFound"
    assert (await house.store.share_request(int(number, 16))).state == "waiting"
