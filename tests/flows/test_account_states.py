"""States of accounts, cell by cell on real services: the table is what the services obey (BR-1)."""

import pytest
from tests.flows.life_house import CLI, DAY, DOORS, life_house

from smartmail.domain.account import STATES, AccountState
from smartmail.domain.addressing import ListText, Member
from smartmail.domain.errors import AuthFailed, Forbidden, Invalid, PolicyRejected
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.filters.gate import Exit, OutgoingGate
from smartmail.service.identity.factors.service import SignedIn

HAND: tuple[AccountState, ...] = ("pending", "active", "suspended", "dormant")


@pytest.fixture
async def house(tmp_path):
    async with life_house(tmp_path / "house") as opened:
        lists = opened.services.addressing.lists
        await lists.create(CLI, "team@a.example", ListText("team", ("boss@a.example",), post="anyone"))
        group = await opened.services.governing.new_group(CLI, opened.company, "team")
        await opened.services.governing.set_member(CLI, group.id, opened.id("kim"), member=True)
        await lists.add(CLI, "team@a.example", [Member(group=group.id)])
        kim = await opened.account("kim")
        await opened.services.addressing.stand_ins.put_forward(CLI, kim, ["kim@far.example"], keep=True)
        yield opened


async def bring(house, state: AccountState):
    """Let kim be in a state, by whichever way leads there."""
    if state in HAND:
        await house.life.states.set(CLI, house.id("kim"), state)
        return
    if state == "leaving":
        from smartmail.service.people.account_life import Leave

        await house.life.leavers.leave(CLI, house.id("kim"), Leave())
    else:
        await house.services.administration.close(CLI, house.id("kim"))
    house.services.delivery.desk._recipients.clear()


async def can_send(house) -> bool:
    kim = house.who["kim"]
    try:
        await house.services.delivery.desk.limits.of(kim)
    except PolicyRejected:
        return False
    return True


async def cells(house) -> dict[str, bool]:
    """Look what kim's account can, without asking the table."""
    kim = await house.account("kim")
    reached = await house.reached("kim@a.example")
    shown = await house.services.organization.search.search(
        Actor(0, house.company, "", is_admin=True, origin=Origin("cli")), "kim", 10
    )
    return {
        "login": all([await house.gets_in("kim", door) for door in DOORS if door != "web" or kim.state != "dormant"]),
        "receive": await house.mail("kim") == "" and reached[0] == "kim@a.example",
        "send": await can_send(house),
        "forward": "kim@far.example" in reached and kim.may("forward"),
        "shown": any(one.login == "kim@a.example" for one in shown),
        "counted": await house.reached("team@a.example") == ["kim@a.example"],
    }


@pytest.mark.parametrize("state", list(STATES))
async def test_every_cell_of_the_table(house, state):
    if state != "active":
        await bring(house, state)
    house.later(2_000)  # what is remembered for a second is over
    found = await cells(house)
    assert found == {faculty: faculty in STATES[state] for faculty in found}
    assert (await house.account("kim")).state == state


async def test_a_door_is_shut_for_who_is_in(house):
    kim = await house.services.auth.login("kim@a.example", "correct horse", Origin("imap", "192.0.2.7", 5, tls=True))
    assert await house.services.auth.still_valid(kim)
    await house.life.states.set(CLI, house.id("kim"), "suspended", "조사 중")
    assert not await house.services.auth.still_valid(kim)


async def test_ways_between_states(house):
    with pytest.raises(Invalid, match="pending"):
        await house.life.states.set(CLI, house.id("kim"), "pending")
        await house.life.states.set(CLI, house.id("kim"), "dormant")
    with pytest.raises(Forbidden):
        await house.life.states.set(CLI, house.id("boss"), "suspended")
    with pytest.raises(Forbidden):
        await house.life.states.set(house.who["lee"], house.id("kim"), "suspended")


async def test_planned_mail_of_a_suspended_sender_waits_and_goes_on(house):
    entry = await house.plan_mail("kim")
    await house.life.states.set(CLI, house.id("kim"), "suspended")
    assert await house.recipients(entry) == [("held", "account")]
    house.later(2 * 3_600_000)
    await house.life.states.set(CLI, house.id("kim"), "active")
    assert await house.recipients(entry) == [("ready", None)]


@pytest.mark.parametrize("state", HAND)
async def test_rules_send_nothing_for_who_may_not_forward(house, state):
    if state != "active":
        await house.life.states.set(CLI, house.id("kim"), state)
    gate = OutgoingGate(house.services.policy, house.services.directory, None)  # type: ignore[arg-type]
    account = await house.account("kim")
    kinds: tuple[Exit, ...] = ("redirect", "vacation", "notify")
    for kind in kinds:
        refused = bool(await gate.refusal(account, kind, ["lee@a.example"]))
        assert refused is ("forward" not in STATES[state])


# --- dormancy ---


async def dormant_after(house, days: int) -> None:
    await house.services.governing.set_knob(CLI, PolicyRule("dormant.days", Scope("system"), days))


async def notices(house, name: str) -> int:
    return sum(1 for one, rows in await house.store.queue_entries(1000) for _ in rows if one.account_id is None)


async def test_dormancy_comes_after_two_notices(house):
    await dormant_after(house, 90)
    await house.gets_in("lee")
    await house.services.auth.settle()
    told: dict[int, list[str]] = {}
    for day in range(1, 95):
        house.later(DAY)
        if day == 50:
            assert await house.gets_in("lee")
            await house.services.auth.settle()
        if day in {59, 60, 61, 82, 83, 84, 89, 90, 91}:
            told[day] = [str(await house.life.dormancy.turn()), (await house.account("kim")).state]
    assert [told[day][1] for day in (59, 60, 83, 89)] == ["active"] * 4
    assert told[91][1] == "dormant"
    assert (await house.account("lee")).state == "active"
    # The last administrator is not locked out by time.
    assert (await house.account("boss")).state == "active"


async def test_nobody_becomes_dormant_unnoticed(house):
    """A knob that is set long after the last login gives a week's notice first."""
    house.later(400 * DAY)
    await dormant_after(house, 90)
    await house.life.dormancy.turn()
    assert (await house.account("kim")).state == "active"
    house.later(6 * DAY)
    await house.life.dormancy.turn()
    assert (await house.account("kim")).state == "active"
    house.later(2 * DAY)
    await house.life.dormancy.turn()
    assert (await house.account("kim")).state == "dormant"


async def test_a_dormant_person_comes_back_by_proving_who_they_are(house):
    await house.life.states.set(CLI, house.id("kim"), "dormant")
    assert not await house.gets_in("kim", "imap")
    assert (await house.account("kim")).state == "dormant"
    with pytest.raises(AuthFailed):
        await house.services.auth.login("kim@a.example", "wrong", Origin("web", "192.0.2.7", 5, tls=True))
    entered = await house.sign_in("kim")
    assert isinstance(entered, SignedIn)
    assert (await house.account("kim")).state == "active"
    assert await house.gets_in("kim", "imap")
