"""Leavers over real services: doors shut, nothing that they held left alone, addresses kept, restored or destroyed (BR-2, BR-3)."""

from dataclasses import replace

import pytest
from tests.flows.life_house import CLI, DAY, life_house

from smartmail.domain.addressing import ListText, Member, RelayText
from smartmail.domain.authority import Appointment
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound, Unavailable
from smartmail.domain.organization import Step, Wanted, WantedSeat
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Origin
from smartmail.domain.rights import WHOLE_ACCOUNT, Grantee
from smartmail.policy import knobs
from smartmail.service.people.account_life import Leave
from smartmail.service.people.account_life.ground import end_of_day
from smartmail.service.people.account_life.leaving import BY_ADDRESS
from smartmail.service.people.organization.ground import MONTH


@pytest.fixture
async def house(tmp_path):
    async with life_house(tmp_path / "house") as opened:
        yield opened


async def burdened(house) -> int:
    """Let kim hold one of each; return the queue entry of planned mail."""
    services, kim = house.services, house.who["kim"]
    sales = await house.join("sales", kind="shared")
    await services.sharing.share(sales, sales.account_id, WHOLE_ACCOUNT, Grantee("account", kim.account_id), "lrsi")
    await services.sharing.share(
        house.who["park"], house.id("park"), WHOLE_ACCOUNT, Grantee("account", kim.account_id), "lr"
    )
    await services.sharing.share(kim, kim.account_id, WHOLE_ACCOUNT, Grantee("account", house.id("lee")), "lrs")
    lists = services.addressing.lists
    await lists.create(
        CLI, "team@a.example", ListText("t", ("kim@a.example",), ("kim@a.example", "park@a.example"), post="anyone")
    )
    await lists.add(CLI, "team@a.example", [Member("kim@a.example"), Member("park@a.example")])
    await services.administration.add_alias(CLI, kim.account_id, "k.kim@a.example")
    await services.addressing.stand_ins.put_alias(CLI, "info@a.example", ["kim@a.example", "park@a.example"])
    await services.addressing.stand_ins.put_alias(CLI, "only@a.example", ["k.kim@a.example"])
    await services.addressing.relays.register(
        CLI, await house.account("kim"), RelayText("ERP", ("erp@a.example",)), ("192.0.2.9/32",), hourly=0,
        ends_at=house.now() + 900 * DAY, cleartext=False,
    )  # fmt: skip
    scope = Scope("organization", str(house.company))
    record = services.organization.people._ground.record(CLI, "role.appoint", f"account:{kim.account_id}")
    await house.store.appoint(
        Appointment(0, house.company, kim.account_id, "helpdesk", scope, "cli", house.now()), (), record
    )
    group = await services.governing.new_group(CLI, house.company, "plant")
    await services.governing.set_member(CLI, group.id, kim.account_id, member=True)
    await services.organization.departments.create(CLI, house.company, "영업팀", code="S1")
    for name, duty in (("kim", ""), ("boss", "팀장")):
        await services.organization.titles.set_order(CLI, house.company, "duty", ["팀장"])
        wanted = Wanted(login=f"{name}@a.example", seats=(WantedSeat("S1", duty),))
        await services.organization.people.perform(CLI, Step(kind="change", account_id=house.id(name), wanted=wanted))
    await services.auth.new_app_password(kim, "phone")
    await house.join("temp")
    await house.life.temporary.begin(
        CLI, house.id("temp"), ends_at=house.now() + 60 * DAY, sponsor=kim.account_id, reason="협력사"
    )
    return await house.plan_mail("kim")


ONE_OF_EACH = {
    "planned-mail", "delegation-given", "delegation-got", "shared-account", "list-owner", "list-moderator",
    "list-member", "alias", "relay", "role", "group", "seat", "sponsored", "credential",
}  # fmt: skip


async def kinds(house, name="kim") -> set[str]:
    return {one.kind for one in await house.life.leavers.holdings(CLI, house.id(name))}


async def rights(house, owner: str, name: str) -> frozenset[str]:
    grants = await house.store.grants(house.id(owner))
    return frozenset().union(*(one.rights for one in grants if one.grantee == Grantee("account", house.id(name))))


async def test_nothing_is_left_alone(house):
    entry = await burdened(house)
    assert await kinds(house) == ONE_OF_EACH
    live = await house.services.auth.login("kim@a.example", "correct horse", Origin("imap", "192.0.2.7", 5, tls=True))
    row = await house.life.leavers.leave(
        house.admin(), house.id("kim"), Leave(successor=house.id("lee"), reader=house.id("boss"))
    )
    assert row.state == "done"
    assert await kinds(house) == set()
    assert not await house.services.auth.still_valid(live) and not await house.gets_in("kim")
    # Handed over.
    assert await rights(house, "sales", "lee") == frozenset("lrsi") and not await rights(house, "sales", "kim")
    text = await house.services.addressing.lists.text("team@a.example")
    assert (text.owners, text.moderators) == (("lee@a.example",), ("lee@a.example", "park@a.example"))
    assert await house.reached("info@a.example") == ["lee@a.example", "park@a.example"]
    assert await house.reached("only@a.example") == ["lee@a.example"]
    assert [one.row.account_id for one in await house.services.addressing.relays.list_all()] == [house.id("lee")]
    # Ended.
    assert not await rights(house, "park", "kim") and not await rights(house, "kim", "lee")
    assert [one.address for one in await house.services.addressing.lists.members("team@a.example")] == [
        "park@a.example"
    ]
    assert await house.recipients(entry) == []
    assert await house.store.appointments(house.company, house.id("kim")) == []
    assert await house.store.groups_of(house.id("kim")) == []
    assert await house.store.seats(house.company, house.id("kim")) == []
    # Mail for each of their addresses goes to the successor.
    for address in ("kim@a.example", "k.kim@a.example"):
        assert await house.reached(address) == ["lee@a.example"]
    # The manager must take the temporary account over.
    [temp] = await house.life.temporary.mine(house.admin())
    assert (temp.account.login, temp.sponsor, temp.heir) == ("temp@a.example", "", "boss@a.example")


async def test_planned_mail_of_a_leaver_never_goes_out(house):
    entry = await house.plan_mail("kim")
    await house.life.leavers.leave(CLI, house.id("kim"), Leave())
    house.later(2 * 3_600_000)
    assert await house.recipients(entry) == []
    assert await house.store.planned_mail(house.id("kim")) == []


class Killed(Exception):
    """The process dies here."""


@pytest.mark.parametrize("step", range(14))
async def test_a_killed_handover_is_finished_by_the_job(house, step):
    entry = await burdened(house)
    leavers, done = house.life.leavers, 0

    def killing(settle):
        async def work(*arguments):
            nonlocal done
            if done == step:
                raise Killed
            done += 1
            await settle(*arguments)

        return work

    plain = [(kind, kind.settle) for kind in leavers._kinds]
    for kind, settle in plain:
        kind.settle = killing(settle)
    with pytest.raises(Killed):
        await leavers.leave(CLI, house.id("kim"), Leave(successor=house.id("lee")))
    for kind, settle in plain:
        kind.settle = settle
    # Already now: no door, no mail that leaves, the successor has the mail.
    assert not await house.gets_in("kim")
    assert await house.recipients(entry) in ([], [("held", "account")])
    assert await house.reached("kim@a.example") == ["lee@a.example"]
    assert await leavers.turn() == 1
    assert await kinds(house) == set()
    row = await house.store.leaving(house.id("kim"))
    assert row is not None and row.state == "done"


async def test_what_cannot_be_done_now_is_done_later(house):
    await burdened(house)
    leavers = house.life.leavers
    kind = next(one for one in leavers._kinds if type(one).__name__ == "Relays")
    settle = kind.settle

    async def away(*_arguments):
        raise Unavailable

    kind.settle = away
    row = await leavers.leave(CLI, house.id("kim"), Leave(successor=house.id("lee")))
    assert row.state == "running" and await kinds(house) == {"relay"}
    kind.settle = settle
    await leavers.turn()
    assert await kinds(house) == set()


async def test_a_day_to_come(house):
    at = house.now() + 3 * DAY
    await house.life.leavers.leave(CLI, house.id("kim"), Leave(successor=house.id("lee"), effective_at=at))
    await house.life.leavers.turn()
    assert await house.gets_in("kim")
    with pytest.raises(AlreadyExists):
        await house.life.leavers.leave(CLI, house.id("kim"), Leave())
    house.later(3 * DAY)
    await house.life.leavers.turn()
    assert (await house.account("kim")).state == "leaving"


async def test_a_plan_can_be_taken_back(house):
    await house.life.leavers.leave(CLI, house.id("kim"), Leave(effective_at=house.now() + DAY))
    await house.life.leavers.cancel(CLI, house.id("kim"))
    house.later(2 * DAY)
    await house.life.leavers.turn()
    assert (await house.account("kim")).state == "active"
    with pytest.raises(NotFound):
        await house.life.leavers.cancel(CLI, house.id("kim"))


async def test_the_manager_reads_for_a_while_and_nothing_more(house):
    await house.mail("kim", subject="one")
    await house.life.leavers.leave(CLI, house.id("kim"), Leave(reader=house.id("lee")))
    lee, kim = house.who["lee"], house.id("kim")
    access = await house.services.sharing.access(lee, kim)
    assert access.everywhere == frozenset("lr")
    house.later(31 * DAY)
    await house.life.leavers.turn()
    with pytest.raises(NotFound):
        await house.services.sharing.access(lee, kim)


async def test_who_writes_to_a_leaver_without_successor_reads_why(house):
    answer = "Kim has left; write to sales@a.example"
    await house.life.leavers.leave(CLI, house.id("kim"), Leave(answer=answer))
    house.later(2_000)
    assert await house.mail("kim") == answer
    # A catch-all of the domain gets nothing of it.
    await house.services.addressing.stand_ins.put_alias(CLI, "@a.example", ["park@a.example"])
    house.later(2_000)
    assert await house.mail("kim") == answer
    assert await house.mail("whoever") == ""


async def test_a_successor_who_leaves_too_passes_nothing_on(house):
    await house.life.leavers.leave(CLI, house.id("kim"), Leave(successor=house.id("lee")))
    await house.life.leavers.leave(CLI, house.id("lee"), Leave(successor=house.id("park")))
    assert await house.reached("lee@a.example") == ["park@a.example"]
    assert await house.reached("kim@a.example") == ["nobody"]


async def uids(house) -> list[tuple[int, int]]:
    kim = house.who["kim"]
    inbox = await house.services.mailboxes.by_role(kim, kim.account_id, "inbox")
    view = await house.services.views.open(kim, kim.account_id, inbox.row.id)
    return [(one.uid, one.message_id) for one in view.entries]


async def test_a_leaver_comes_back_with_the_same_mail(house):
    for number in range(3):
        await house.mail("kim", subject=f"no {number}")
    before = await uids(house)
    assert len(before) == 3
    await house.life.leavers.leave(CLI, house.id("kim"), Leave(successor=house.id("lee"), reader=house.id("boss")))
    house.later(29 * DAY)
    await house.life.leavers.turn()
    assert (await house.life.leavers.restore(CLI, house.id("kim"), "재입사")).state == "active"
    assert await uids(house) == before
    assert await house.reached("kim@a.example") == ["kim@a.example"]
    assert not await rights(house, "kim", "boss")
    # Secrets of before are gone: an invitation lets them in.
    assert not await house.gets_in("kim")
    await house.services.auth.set_password(house.id("kim"), "correct horse")
    assert await house.gets_in("kim")


async def test_the_days_are_over(house):
    await house.mail("kim")
    await house.life.leavers.leave(CLI, house.id("kim"), Leave())
    house.later(31 * DAY)
    await house.services.governing.hold(CLI, house.id("kim"), "case 1")
    await house.life.leavers.turn()
    assert (await house.account("kim")).wrapped_key, "a legal hold keeps it"
    await house.services.governing.release(CLI, house.id("kim"), "case 1")
    await house.life.leavers.turn()
    gone = await house.account("kim")
    assert (gone.state, gone.wrapped_key) == ("closed", b"")
    [entry] = await house.services.destructions.register(CLI, house.company)
    assert entry.row.ground == "leaver"
    with pytest.raises(Invalid):
        await house.life.leavers.restore(CLI, house.id("kim"))


async def test_an_address_is_given_to_nobody_for_a_year(house):
    await burdened(house)
    old = house.id("kim")
    await house.life.leavers.leave(
        CLI, old, Leave(successor=house.id("lee"), choices=dict.fromkeys(BY_ADDRESS, "hold"))
    )
    house.later(31 * DAY)
    await house.life.leavers.turn()
    house.later(12 * MONTH - 32 * DAY)
    for take in (
        lambda: house.person_of("kim"), lambda: house.services.administration.add_alias(CLI, house.id("park"), "kim@a.example"),
        lambda: house.services.addressing.stand_ins.put_alias(CLI, "k.kim@a.example", ["park@a.example"]),
        lambda: house.services.organization.people.perform(
            CLI, Step(kind="rename", account_id=house.id("park"), login="kim@a.example", months=1)
        ),
    ):  # fmt: skip
        with pytest.raises(AlreadyExists, match="nobody before 20"):
            await take()
    house.later(2 * DAY)
    await house.life.leavers.turn()
    await house.join("kim")
    assert house.id("kim") != old
    new = house.id("kim")
    assert (await house.services.addressing.lists.text("team@a.example")).owners == ("lee@a.example",)
    assert await kinds(house) == {"credential"}
    assert await house.store.granted_to(new) == [] and await house.store.grants(new) == []
    assert await house.store.groups_of(new) == [] and await house.store.appointments(house.company, new) == []
    assert [one.kind for one in await house.store.credentials(new)] == ["password"]
    assert (await house.account("kim")).messages == 0
    assert await house.reached("kim@a.example") == ["kim@a.example"]
    assert await house.mail("kim") == ""


async def test_an_alias_that_was_removed_is_free_after_the_same_time(house):
    stand_ins = house.services.addressing.stand_ins
    await stand_ins.put_alias(CLI, "old@a.example", ["park@a.example"])
    await stand_ins.retire(CLI, "old@a.example", "alias")
    house.later(12 * MONTH - DAY)
    await house.life.leavers.turn()
    with pytest.raises(AlreadyExists):
        await stand_ins.put_alias(CLI, "old@a.example", ["lee@a.example"])
    house.later(2 * DAY)
    await house.life.leavers.turn()
    await stand_ins.put_alias(CLI, "old@a.example", ["lee@a.example"])


async def test_who_may_and_what_cannot_be(house):
    leavers = house.life.leavers
    for call in (
        leavers.holdings(house.who["lee"], house.id("kim")),
        leavers.leave(house.who["lee"], house.id("kim"), Leave()),
    ):
        with pytest.raises(Forbidden):
            await call
    for how in (Leave(successor=house.id("kim")), Leave(reader=999), Leave(choices={"list-owner": "burn"})):
        with pytest.raises(Invalid):
            await leavers.leave(CLI, house.id("kim"), how)
    with pytest.raises(Forbidden):  # the last administrator
        await leavers.leave(CLI, house.id("boss"), Leave())
    assert await house.store.leaving(house.id("boss")) is None
    assert (await house.account("boss")).state == "active"


# --- temporary accounts ---


async def temporary(house, days: int = 10, **facts):
    await house.join("temp")
    return await house.life.temporary.begin(
        CLI, house.id("temp"), sponsor=house.id("lee"), reason="외주", **{"ends_at": house.now() + days * DAY, **facts}
    )


async def test_a_temporary_account_has_an_end(house):
    with pytest.raises(Invalid, match="has an end"):
        await temporary(house, ends_at=None)
    wanted = Wanted(login="x@a.example")
    for end in (None, house.now(), house.now() + 5_000 * DAY):
        with pytest.raises(Invalid):
            await house.life.temporary.create(
                CLI, house.company, wanted, ends_at=end, sponsor=house.id("lee"), reason="r"
            )
    made = await house.life.temporary.create(
        CLI, house.company, wanted, ends_at=house.now() + DAY, sponsor=house.id("lee"), reason="r"
    )
    policy = await house.services.policy.of(made)
    assert made.ends_at is not None and not policy[knobs.OUTSIDE_SEND] and not policy[knobs.OUTSIDE_RECEIVE]


async def test_dead_on_all_doors_at_midnight_without_a_job(house):
    from datetime import UTC, datetime, timedelta

    from tests.flows.life_house import DOORS

    day = (datetime.fromtimestamp(house.now() / 1000, UTC) + timedelta(hours=9)).date() + timedelta(days=3)
    end = end_of_day(day)
    assert (end / 1000 + 9 * 3600) % 86_400 == 0
    await temporary(house, ends_at=end)
    house.later(end - house.now() - 60_000)
    live = await house.services.auth.login("temp@a.example", "correct horse", Origin("imap", "192.0.2.7", 5, tls=True))
    entered = await house.sign_in("temp")
    web = Origin("web", "192.0.2.7", 5, tls=True)
    assert live.valid_until == end and await house.services.auth.still_valid(live)
    house.later(60_001)
    for door in DOORS:
        assert not await house.gets_in("temp", door), door
    assert not await house.services.auth.still_valid(live)
    from smartmail.domain.errors import AuthFailed

    with pytest.raises(AuthFailed):
        await house.services.auth.session(entered.token, web)
    assert await house.reached("temp@a.example") == ["nobody"]


async def test_an_extension_is_decided_by_somebody_else(house):
    await temporary(house)
    later, temp = house.now() + 40 * DAY, house.life.temporary
    with pytest.raises((Forbidden, NotFound)):
        await temp.ask_extension(house.who["park"], house.id("temp"), later, "more work")
    with pytest.raises(Invalid):
        await temp.ask_extension(house.who["lee"], house.id("temp"), later, " ")
    await temp.ask_extension(house.who["lee"], house.id("temp"), later, "more work")
    with pytest.raises(Forbidden):
        await temp.decide(house.who["lee"], house.id("temp"), grant=True)
    assert (await temp.decide(house.admin(), house.id("temp"), grant=True)).ends_at == later
    with pytest.raises(NotFound):
        await temp.decide(house.admin(), house.id("temp"), grant=True)
    await temp.ask_extension(house.admin(), house.id("temp"), later + DAY, "more")
    with pytest.raises(Forbidden):
        await temp.decide(house.admin(), house.id("temp"), grant=True)
    assert (await temp.decide(CLI, house.id("temp"), grant=False)).ends_at == later


@pytest.mark.parametrize("taken", [True, False])
async def test_the_sponsors_manager_takes_over_or_it_stops(house, taken):
    agreed = (await temporary(house, days=60)).ends_at
    await house.life.leavers.leave(CLI, house.id("lee"), Leave(successor=house.id("park")))
    assert (await house.account("temp")).ends_at < agreed
    with pytest.raises(NotFound):
        await house.life.temporary.take_over(house.who["kim"], house.id("temp"))
    if taken:
        assert (await house.life.temporary.take_over(house.who["park"], house.id("temp"))).ends_at == agreed
    house.later(8 * DAY)
    assert await house.gets_in("temp") is taken


async def test_without_anybody_it_stops_at_once(house):
    await temporary(house, days=60)
    await house.life.leavers.leave(CLI, house.id("lee"), Leave())
    house.later(1)
    assert not await house.gets_in("temp")
    row = await house.store.sponsorship(house.id("temp"))
    assert row is not None and replace(row, sealed=b"").sponsor_id == 0
