"""휴직, 파견, 복직, 재입사 over real services, by injected clock (BR-4)."""

import pytest
from tests.flows.held import letter, put
from tests.flows.life_house import CLI, DAY, life_house

from smartmail.domain.absence import Away
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.organization import Step, Wanted
from smartmail.domain.principal import Actor, Origin
from smartmail.service.people.account_life import Leave
from smartmail.service.people.organization.ground import MONTH


@pytest.fixture
async def house(tmp_path):
    async with life_house(tmp_path / "house") as opened:
        yield opened


def away(house, name: str, kind: str = "leave", **facts) -> Step:
    return Step(kind="away", account_id=house.id(name), away=Away(kind=kind, **facts))


async def do(house, step: Step, actor: Actor = CLI):
    return await house.services.organization.people.perform(actor, step)


async def back(house, name: str):
    return await do(house, Step(kind="return", account_id=house.id(name)))


async def written(house, subject: str) -> None:
    await put(house, letter(subject, "고객 <client@far.example>"), "kim@a.example", sender="client@far.example")


async def answered(house) -> list[str]:
    """Return to whom the house has written by now."""
    found = [rows for one, rows in await house.store.queue_entries(1000) if one.account_id is None]
    return [row.domain for rows in found for row in rows]


# --- away ---


async def test_who_is_on_leave_gets_in_nowhere_and_keeps_the_mail(house):
    live = await house.services.auth.login("kim@a.example", "correct horse", Origin("imap", "192.0.2.7", 5, tls=True))
    gone = await do(house, away(house, "kim", until=house.now() + 30 * DAY))
    assert (gone.state, await house.gets_in("kim")) == ("suspended", False)
    assert not await house.services.auth.still_valid(live)
    assert await house.mail("kim") == ""
    assert await house.reached("kim@a.example") == ["kim@a.example"]
    assert (await back(house, "kim")).state == "active"
    assert await house.gets_in("kim")
    inbox = await house.services.mailboxes.by_role(house.who["kim"], house.id("kim"), "inbox")
    assert inbox.row.total == 1


async def test_who_is_seconded_may_go_on_reading(house):
    gone = await do(house, away(house, "kim", "secondment", shut=False, place="부산 공장"))
    assert (gone.state, await house.gets_in("kim")) == ("active", True)
    card = await house.services.organization.people.card(CLI, house.id("kim"))
    assert card.absence is not None
    assert (card.absence.row.kind, card.absence.text.place) == ("secondment", "부산 공장")
    [one] = await house.services.organization.absences.list_all(CLI, house.company)
    assert one.row.account_id == house.id("kim")


async def test_an_absence_with_an_end_is_over_by_the_clock(house):
    await do(house, away(house, "kim", mail="forward", substitute=house.id("lee"), until=house.now() + 30 * DAY))
    assert await house.reached("kim@a.example") == ["kim@a.example", "lee@a.example"]
    turn = house.services.organization.absences.turn
    house.later(30 * DAY - 600_000)
    assert (await turn(), await house.gets_in("kim")) == (0, False)
    house.later(600_000)
    # Mail does not wait for the job.
    assert await house.reached("kim@a.example") == ["kim@a.example"]
    assert (await turn(), await turn()) == (1, 0)
    assert await house.gets_in("kim")


async def test_the_substitute_gets_the_mail_too_as_long_as_they_are_there(house):
    await do(house, away(house, "kim", mail="forward", substitute=house.id("lee")))
    assert await house.reached("kim@a.example") == ["kim@a.example", "lee@a.example"]
    await house.life.states.set(CLI, house.id("lee"), "suspended")
    assert await house.reached("kim@a.example") == ["kim@a.example", "lee@a.example"]
    await house.life.states.set(CLI, house.id("lee"), "active")
    await house.life.leavers.leave(CLI, house.id("lee"), Leave())
    # Nothing bounces because a substitute has gone: it lies where it always lies.
    assert await house.reached("kim@a.example") == ["kim@a.example"]


async def test_who_leaves_is_nobodys_substitute_and_away_no_more(house):
    for name in ("kim", "park"):
        await do(house, away(house, name, mail="forward", substitute=house.id("lee")))
    held = [one for one in await house.life.leavers.holdings(CLI, house.id("lee")) if one.kind == "substitute"]
    assert {one.label for one in held} == {"kim@a.example", "park@a.example"}
    await house.life.leavers.leave(CLI, house.id("lee"), Leave(successor=house.id("boss")))
    assert await house.reached("kim@a.example") == ["kim@a.example", "boss@a.example"]
    await house.life.leavers.leave(CLI, house.id("park"), Leave())
    assert await house.store.absence(house.id("park")) is None
    back_again = await house.life.leavers.restore(CLI, house.id("park"))
    assert back_again.state == "active"


async def test_who_writes_is_answered_by_the_house_once_a_day(house):
    await do(house, away(house, "kim", mail="answer", substitute=house.id("lee")))
    for number in range(2):
        await written(house, f"question {number}")
    assert await answered(house) == ["far.example"]
    house.later(DAY + 60_000)
    await written(house, "another day")
    assert len(await answered(house)) == 2
    await back(house, "kim")
    house.later(2 * DAY)
    await written(house, "back")
    assert len(await answered(house)) == 2
    inbox = await house.services.mailboxes.by_role(house.who["kim"], house.id("kim"), "inbox")
    assert inbox.row.total == 4


async def test_the_answer_names_the_substitute_in_the_words_of_the_account(house):
    absentees = house.services.directory.finder.absentees
    await do(house, away(house, "kim", mail="answer", substitute=house.id("lee")))
    _, text = await absentees.answer(await house.account("kim"))
    assert "휴직" in text
    assert "lee@a.example" in text
    await do(house, away(house, "kim", "secondment", mail="answer", answer="본사로 연락 바랍니다."))
    _, text = await absentees.answer(await house.account("kim"))
    assert text == "본사로 연락 바랍니다."


async def test_what_cannot_be_is_refused(house):
    other = await house.services.organization.companies.create(CLI, "다른 회사")
    await house.services.directory.add_domain("b.example", other.id)
    foreign = (await house.house.person("kim@b.example")).account_id
    told = []
    for substitute in (foreign, 999_999):
        with pytest.raises(Invalid) as refused:
            await do(house, away(house, "kim", mail="forward", substitute=substitute))
        told.append(refused.value.public)
    assert told[0] == told[1]
    for facts in ({"mail": "forward"}, {"until": house.now()}, {"answer": "x" * 3000}, {"substitute": house.id("kim")}):
        with pytest.raises(Invalid):
            await do(house, away(house, "kim", **facts))
    with pytest.raises(Invalid):
        await back(house, "kim")
    with pytest.raises(Forbidden):
        await do(house, away(house, "boss"))
    await house.life.states.set(CLI, house.id("kim"), "suspended")
    with pytest.raises(Invalid):
        await do(house, away(house, "kim"))


async def test_only_who_administers_them_lets_people_be_away(house):
    for actor in (house.who["lee"], Actor(AccountId(1), 999, "", is_admin=True, origin=Origin("web"))):
        with pytest.raises((Forbidden, NotFound)):
            await do(house, away(house, "kim"), actor)
        with pytest.raises((Forbidden, NotFound)):
            await do(house, Step(kind="return", account_id=house.id("kim")), actor)


async def test_leave_and_return_are_planned_for_their_days(house):
    planned = house.services.organization.planned
    leave = away(house, "kim", mail="answer", until=house.now() + 90 * DAY)
    await planned.plan(CLI, leave, house.now() + 10 * DAY)
    with pytest.raises(Invalid):
        await planned.plan(CLI, away(house, "kim", until=house.now() + DAY), house.now() + 10 * DAY)
    await planned.plan(CLI, Step(kind="return", account_id=house.id("kim")), house.now() + 50 * DAY)
    house.later(10 * DAY - 600_000)
    assert (await planned.apply_due(), await house.gets_in("kim")) == (0, True)
    house.later(600_000)
    assert (await planned.apply_due(), await house.gets_in("kim")) == (1, False)
    house.later(40 * DAY)
    assert (await planned.apply_due(), await house.gets_in("kim")) == (1, True)
    assert [one.row.state for one in await planned.list_all(CLI, house.company)] == ["done", "done"]


# --- back again ---


def rehire(house, who: str, **facts) -> Step:
    wanted = Wanted(login="", **facts) if facts else None
    return Step(kind="rehire", account_id=house.id(who), wanted=wanted)


async def numbered(house, name: str, number: str) -> None:
    wanted = Wanted(login=f"{name}@a.example", employee_number=number)
    await do(house, Step(kind="change", account_id=house.id(name), wanted=wanted))


async def destroyed(house, name: str) -> None:
    await house.life.leavers.leave(CLI, house.id(name), Leave())
    while (await house.account(name)).wrapped_key:
        house.later(30 * DAY)
        await house.life.leavers.turn()


async def test_a_leaver_is_the_same_account_within_the_days(house):
    await numbered(house, "kim", "2020-001")
    await house.mail("kim")
    await house.life.leavers.leave(CLI, house.id("kim"), Leave(successor=house.id("lee")))
    back_again = await do(house, rehire(house, "kim", employee_number="2026-777"))
    assert (back_again.id, back_again.state) == (house.id("kim"), "active")
    inbox = await house.services.mailboxes.by_role(house.who["kim"], house.id("kim"), "inbox")
    assert inbox.row.total == 1
    assert (await house.services.organization.people.card(CLI, house.id("kim"))).row.employee_number == "2026-777"
    with pytest.raises(Invalid):
        await do(house, rehire(house, "kim"))


async def test_later_it_is_a_new_account_without_any_old_object(house):
    await numbered(house, "kim", "2020-001")
    await house.mail("kim")
    await destroyed(house, "kim")
    with pytest.raises(AlreadyExists):
        await house.person_of("kim")  # nobody else gets the address yet
    with pytest.raises(Invalid):
        await do(house, rehire(house, "kim"))  # of the old one not even the name is left
    made = await do(house, rehire(house, "kim", name="김민지", employee_number="2020-001"))
    assert (made.login, made.name, made.messages) == ("kim@a.example", "김민지", 0)
    assert made.id != house.id("kim")
    card = await house.services.organization.people.card(CLI, made.id)
    assert card.row.employee_number == "2020-001"
    assert await house.reached("kim@a.example") == ["kim@a.example"]
    assert await house.store.grants(made.id) == []
    assert (await house.account("kim")).login == f"kim@a.example/{house.id('kim')}"


async def test_two_people_have_one_name(house):
    for name in ("kim", "lee"):
        wanted = Wanted(login=f"{name}@a.example", name="김민지")
        await do(house, Step(kind="change", account_id=house.id(name), wanted=wanted))
    await house.life.leavers.leave(CLI, house.id("kim"), Leave())
    assert (await do(house, rehire(house, "kim"))).id == house.id("kim")
    assert {(await house.account(name)).name for name in ("kim", "lee")} == {"김민지"}


async def test_a_rehire_waits_for_its_day_and_is_done_once(house):
    planned = house.services.organization.planned
    await house.life.leavers.leave(CLI, house.id("kim"), Leave())
    await planned.plan(CLI, rehire(house, "kim", name="김민지"), house.now() + 3 * DAY)
    house.later(3 * DAY)
    assert (await planned.apply_due(), await planned.apply_due()) == (1, 0)
    found = await house.account("kim")
    assert (found.state, found.name) == ("active", "김민지")


async def test_a_killed_rehire_takes_what_it_had_made(house):
    await destroyed(house, "kim")
    planned = house.services.organization.planned
    row = await planned.plan(CLI, rehire(house, "kim", name="김민수"), house.now() + DAY)
    await house.store.release_leaver(house.id("kim"), house.services.organization.people._ground.record(CLI, "t", "t"))
    made = await house.house.person("kim@a.example")
    house.later(DAY)
    assert await planned.apply_due() == 1
    [one] = await planned.list_all(CLI, house.company)
    assert (one.row.id, one.row.state) == (row.id, "done")
    assert (await house.services.directory.account_by_login("kim@a.example")).id == made.account_id


# --- lists of people ---


async def test_a_list_makes_somebody_new_of_who_was_destroyed(house):
    sources = house.services.organization.sources
    everybody = [Wanted(login=f"{name}@a.example", name=name) for name in ("kim", "lee", "park", "boss")]
    await destroyed(house, "lee")
    plan = await sources.plan(CLI, house.company, everybody)
    assert [one.login for one in plan.make] == ["lee@a.example"]
    # The address is kept from others, and a list does not say that it is the same person.
    assert "before" in (await sources.apply(CLI, plan)).errors[0][1]
    house.later(13 * MONTH)
    plan = await sources.plan(CLI, house.company, everybody)
    await sources.apply(CLI, plan)
    assert (await house.services.directory.account_by_login("lee@a.example")).id != house.id("lee")


async def test_a_list_names_a_leaver_within_the_days(house):
    sources = house.services.organization.sources
    await house.mail("kim")
    await house.life.leavers.leave(CLI, house.id("kim"), Leave())
    plan = await sources.plan(CLI, house.company, [Wanted(login="kim@a.example")])
    assert [one.login for one in plan.reopen] == ["kim@a.example"]
    await sources.apply(CLI, plan)
    assert (await house.account("kim")).state == "active"
    assert await house.store.left_addresses(["kim@a.example"]) == []
