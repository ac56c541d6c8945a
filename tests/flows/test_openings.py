"""Originals that two persons open: never one alone, never after the time, never unrecorded; the owner sees it."""

import pytest
from tests.flows.test_access_records import access_records, person
from tests.flows.test_reseal import fill
from tests.house.opening import no_proof
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.errors import Forbidden, Invalid, NotFound, StateMismatch, Unavailable
from smartmail.domain.principal import Actor, Origin
from smartmail.service.kernel.clock import MINUTE

WHY = "부정 거래 신고 2026-11에 따른 확인"


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        opened.services.proposals.strong = no_proof  # sessions that proved themselves lately are tested elsewhere
        yield opened
        await opened.services.witness.settle()


async def administrator(house, login):
    made = await person(house, login)
    await house.store.update_account(made.account_id, is_admin=True)
    return Actor(made.account_id, made.organization_id, login, True, Origin("admin", "203.0.113.5"), by="session")


async def opened(house, minutes=30):
    """Return owner, the two, a third administrator, messages, and the number of an opening."""
    kim = await person(house, "kim@a.example")
    boss, other, third = [await administrator(house, f"{one}@a.example") for one in ("boss", "other", "third")]
    kept = await fill(house, kim, 3)
    asked = await house.services.keys.openings.propose(boss, kim.account_id, minutes, WHY)
    done = await house.services.proposals.confirm(other, asked.row.id)
    assert done.row.state == "done" and done.result.startswith("opening:"), done.result
    return kim, boss, other, third, kept, int(done.result.partition(":")[2])


async def test_two_open_and_both_read_and_the_owner_sees_it(house):
    kim, boss, other, _third, kept, number = await opened(house)
    openings = house.services.keys.openings
    lines = await openings.messages(boss, number)
    assert [(one.id, one.subject, one.readable) for one in lines] == [
        (one, str(at), True) for at, one in reversed(list(enumerate(kept)))
    ]
    assert [one.subject for one in await openings.messages(boss, number, words="2")] == ["2"]
    first = min(kept)
    text = await openings.message(other, number, first)
    assert text.line.subject == "0" and "MARKER-0" in text.text
    assert await openings.original(other, number, first) == kept[first]
    found = {(one.actor, one.action) for one in await access_records(house, kim.account_id)}
    two = f"account:{boss.account_id}", f"account:{other.account_id}"
    assert {(two[0], "access.list"), (two[1], "access.read"), (two[1], "access.export")} <= found
    looks = await house.services.looks.looks(kim, kim.account_id)
    assert {(one.name, one.act) for one in looks} >= {("boss@a.example", "list"), ("other@a.example", "read")}
    (view,) = await openings.views(boss)
    assert (view.login, view.reason, view.is_open) == ("kim@a.example", WHY, True)
    assert (view.row.proposed_by, view.row.confirmed_by) == two
    octets = b"".join(one.read_bytes() for one in house.directory.rglob("*") if one.is_file())
    assert WHY.encode() not in octets


async def test_pages_pass_by_nothing_that_came_at_one_moment(house):
    _kim, boss, _other, _third, kept, number = await opened(house)
    connection = house.store._db._writer._connection
    connection.execute("update message set received_at = 1700000000000")
    openings, after, seen = house.services.keys.openings, None, []
    while lines := await openings.messages(boss, number, after=after, limit=1):
        after = lines[-1].received_at, lines[-1].id
        seen.append(lines[0].id)
    assert seen == sorted(kept, reverse=True)


async def test_nobody_else_and_never_after_its_time(house):
    kim, boss, other, third, kept, number = await opened(house, 30)
    openings, first = house.services.keys.openings, min(kept)
    for call in (openings.messages(third, number), openings.message(third, number, first)):
        with pytest.raises(Forbidden):
            await call
    for outsider in (kim,):
        with pytest.raises(Forbidden):
            await openings.messages(outsider, number)
    with pytest.raises(NotFound):
        await openings.messages(boss, number + 1)
    with pytest.raises(NotFound):
        await openings.message(boss, number, first + 999)
    house.clock.ahead += 30 * MINUTE
    for who in (boss, other):
        with pytest.raises(Forbidden):
            await openings.original(who, number, first)
    assert not (await openings.view(boss, number)).is_open
    with pytest.raises(StateMismatch):
        await openings.end(boss, number)


async def test_an_opening_is_ended_before_its_time(house):
    _kim, boss, other, _third, _kept, number = await opened(house)
    await house.services.keys.openings.end(other, number)
    with pytest.raises(Forbidden):
        await house.services.keys.openings.messages(boss, number)


async def test_an_old_one_is_found_however_many_came_after_it(house, monkeypatch):
    _kim, boss, other, _third, kept, number = await opened(house)
    monkeypatch.setattr("smartmail.service.operations.keys.opening.MAX_LISTED", 0)
    assert await house.services.keys.openings.views(boss) == []
    assert len(await house.services.keys.openings.messages(boss, number)) == len(kept)
    await house.services.keys.openings.end(other, number)


async def test_one_alone_opens_nothing(house):
    kim = await person(house, "kim@a.example")
    boss = await administrator(house, "boss@a.example")
    openings = house.services.keys.openings
    with pytest.raises(Invalid):
        await openings.propose(boss, kim.account_id, 30, WHY)
    other = await administrator(house, "other@a.example")
    house.services.authority.changed()
    asked = await openings.propose(boss, kim.account_id, 30, WHY)
    with pytest.raises(Forbidden):
        await house.services.proposals.confirm(boss, asked.row.id)
    # When the other one has gone meanwhile, time does not replace them.
    await house.store.update_account(other.account_id, is_admin=False)
    house.services.authority.changed()
    house.clock.ahead += 40 * 24 * 60 * MINUTE
    await house.services.proposals.turn()
    assert await openings.views(boss) == []
    for minutes, reason in ((4, WHY), (7 * 24 * 60 + 1, WHY), (30, "short")):
        with pytest.raises(Invalid):
            await openings.propose(boss, kim.account_id, minutes, reason)


async def test_the_act_done_without_consent_opens_nothing(house):
    """Whoever reaches the act past its door, as the proposals' own `do` would let them, is refused by the store."""
    kim = await person(house, "kim@a.example")
    boss = await administrator(house, "boss@a.example")
    await administrator(house, "other@a.example")
    from smartmail.service.operations.keys.opening import ACT, OpenArguments

    with pytest.raises(Forbidden):
        await house.services.proposals.do(boss, ACT, OpenArguments(kim.account_id, 30, WHY), WHY)
    assert await house.services.keys.openings.views(boss) == []


async def test_what_cannot_be_recorded_is_not_shown(house, monkeypatch):
    _kim, boss, _other, _third, kept, number = await opened(house)
    openings, first = house.services.keys.openings, min(kept)

    async def away(*_args):
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr(house.store, "audit", away)
        for call in (
            openings.messages(boss, number), openings.message(boss, number, first), openings.original(boss, number, first),
        ):  # fmt: skip
            with pytest.raises(Unavailable):
                await call
    assert await openings.original(boss, number, first) == kept[first]
