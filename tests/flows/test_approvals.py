"""Approval of outgoing mail: lines, votes, deputies, absence, time, kills. A mail goes once, with the votes that its line asks for."""

import asyncio
from collections import Counter

import pytest
from tests.flows.approval_house import CLI, DIGEST, HOUR, approval_house
from tests.house.child import start

from smartmail.adapters.sql import approvals as sql
from smartmail.base.i18n import translate
from smartmail.domain.absence import Away
from smartmail.domain.approving import Line, Step, Who
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound, StateMismatch
from smartmail.domain.leaks import IncidentQuery
from smartmail.domain.organization import Step as Change

MANAGER = Step(Who("manager"))
BOTH = (MANAGER, Step(Who("manager", levels=2)))


@pytest.fixture
async def office(tmp_path):
    async with approval_house(tmp_path / "house") as opened:
        yield opened


async def test_the_manager_of_the_department_decides(office):
    await office.line()
    number = await office.ask()
    assert await office.mail(number) == {"held"} and await office.letters() == 1
    [asked] = await office.approvals.inbox(office.actor("lee"))
    assert (asked.row.id, asked.text.findings) == (number, ("주민등록번호 900101-1******",))
    for name in ("kim", "park", "choi"):
        assert await office.approvals.inbox(office.actor(name)) == []
        with pytest.raises(Forbidden):
            await office.approvals.decide(office.actor(name), number, approve=True)
    await office.approvals.decide(office.actor("lee"), number, approve=True, note="확인", digest=DIGEST)
    assert (await office.state(number), await office.mail(number)) == ("approved", {"ready"})
    assert await office.acts(number) == [("ask", 0, office.id("kim")), ("approve", office.id("lee"), office.id("lee"))]
    [done] = await office.approvals.decided(office.actor("lee"))
    assert [one.comment for one in (await office.approvals.opener.said(done)).values()] == ["확인"]
    assert [one.row.id for one in await office.approvals.sent(office.actor("kim"))] == [number]


async def test_what_is_foreseen_is_who_is_asked_with_who_decides_for_them(office):
    await office.line(*BOTH)
    line = await office.approvals.lines.named(office.company, "결재")
    now = office.approvals._clock.now()
    await office.approvals.deputies.name(office.actor("lee"), office.id("choi"), now, now + HOUR)
    first, second = await office.approvals.foreseer.steps(office.company, line, office.id("kim"))
    assert [(one.account_id, one.others) for one in first.approvers] == [(office.id("lee"), (office.id("choi"),))]
    assert (
        [one.account_id for one in first.above] == [one.account_id for one in second.approvers] == [office.id("park")]
    )
    assert (first.needed, first.held, second.held) == (1, False, False)
    assert await office.letters() == 0, "nobody is asked"
    number = await office.ask()
    assert [one.row.id for one in await office.approvals.inbox(office.actor("lee"))] == [number]
    own, _ = await office.approvals.foreseer.steps(office.company, line, office.id("lee"))
    assert [one.account_id for one in own.approvers] == [office.id("park")], "not the sender"


async def test_too_few_people_are_foreseen(office):
    line = Line("x", (Step(Who("group", group=99)), Step(Who("people", people=(office.id("lee"),)), "all", 0)))
    first, second = await office.approvals.foreseer.steps(office.company, line, office.id("kim"))
    assert first.held and not first.approvers and not second.held and not second.above
    with pytest.raises(NotFound):
        await office.approvals.foreseer.steps(office.company + 1, line, office.id("kim"))


async def test_nobody_decides_on_their_own_mail(office):
    await office.line()
    number = await office.ask("lee")
    assert await office.approvals.inbox(office.actor("lee")) == []
    [asked] = await office.approvals.inbox(office.actor("park"))
    assert asked.row.id == number, "the manager's manager"
    with pytest.raises(Forbidden):
        await office.approvals.decide(office.actor("lee"), number, approve=True)


async def test_step_after_step(office):
    await office.line(*BOTH)
    number = await office.ask()
    await office.approvals.decide(office.actor("lee"), number, approve=True, step=0)
    await office.approvals.decide(office.actor("lee"), number, approve=True, step=0)
    assert (await office.state(number), await office.mail(number)) == ("waiting", {"held"})
    assert await office.letters() == 2
    await office.approvals.decide(office.actor("park"), number, approve=False, note="금액 확인", step=1)
    assert (await office.state(number), await office.mail(number)) == ("rejected", set())
    assert await office.letters() == 3, "the sender is told"
    with pytest.raises(AlreadyExists):
        await office.approvals.decide(office.actor("park"), number, approve=True, step=1)


async def test_a_decision_is_about_the_message_that_was_looked_at(office):
    await office.line()
    number = await office.ask()
    with pytest.raises(StateMismatch):
        await office.approvals.decide(office.actor("lee"), number, approve=True, digest=bytes(32))
    assert await office.mail(number) == {"held"}


async def test_twenty_at_once_send_once(office):
    people = [(await office.house.person(f"p{one}@a.example")).id for one in range(20)]
    await office.line(Step(Who("people", people=tuple(people))))
    number = await office.ask()
    click = [office.approvals.decide(office.actor(f"p{one}"), number, approve=True) for one in range(20)]
    answers = await asyncio.gather(*click, return_exceptions=True)
    assert Counter(type(one).__name__ for one in answers) == {"ApprovalRow": 1, "AlreadyExists": 19}
    assert [act for act, _account, _by in await office.acts(number)] == ["ask", "approve"]
    assert (await office.state(number), await office.mail(number)) == ("approved", {"ready"})
    double = [office.approvals.decide(office.actor("p0"), number, approve=True) for _ in range(2)]
    assert await asyncio.gather(*double, return_exceptions=True)
    assert len(await office.acts(number)) == 2


async def test_all_of_twenty_at_once(office):
    people = [(await office.house.person(f"p{one}@a.example")).id for one in range(20)]
    await office.line(Step(Who("people", people=tuple(people)), "all"))
    number = await office.ask()
    await asyncio.gather(
        *(office.approvals.decide(office.actor(f"p{one % 20}"), number, approve=True) for one in range(40))
    )
    assert await office.state(number) == "approved"
    assert Counter(act for act, _account, _by in await office.acts(number)) == {"ask": 1, "approve": 20}


@pytest.mark.parametrize("line", ["결재", "no such line"])
async def test_where_nobody_is_found_it_is_held_and_shown(office, line):
    await office.line(Step(Who("group", group=99)))
    number = await office.ask(line=line)
    assert await office.mail(number) == {"held"}
    [shown] = await office.approvals.list_all("waiting", office.company)
    assert shown.row.id == number
    assert await office.state(number) == ("held" if line == "결재" else "waiting")
    assert await office.letters() == 1, "the administrator is told"
    await office.approvals.decide(office.actor("boss"), number, approve=True)
    state = "released" if line == "결재" else "approved"
    assert (await office.state(number), await office.mail(number)) == (state, {"ready"})


async def test_an_administrator_in_place_of_an_approver_is_told_as_one(office):
    await office.line()
    number = await office.ask()
    await office.approvals.decide(office.actor("boss"), number, approve=True, note="급함")
    assert await office.state(number) == "released"
    assert (await office.acts(number))[-1] == ("release", 0, office.id("boss"))


async def test_an_administrator_who_decides_second_hears_that_it_is_over(office):
    await office.line()
    for first in (True, False):
        number = await office.ask()
        await office.approvals.decide(office.actor("lee"), number, approve=first)
        before = (await office.state(number), await office.mail(number), await office.acts(number))
        for second in (True, False):
            with pytest.raises(AlreadyExists):
                await office.approvals.decide(office.actor("boss"), number, approve=second)
        assert (await office.state(number), await office.mail(number), await office.acts(number)) == before


async def test_the_letter_links_to_the_mail_in_the_inbox_and_does_not_decide(office, monkeypatch):
    written = []
    entry = office.approvals.letters._notices.entry

    async def noted(organization_id, to, key, values):
        written.append((to, key, values["url"]))
        return await entry(organization_id, to, key, values)

    monkeypatch.setattr(office.approvals.letters._notices, "entry", noted)
    await office.line()
    number = await office.ask()
    row = await office.house.store.approving.one(number)
    [(to, key, url)] = written
    assert (to, key) == ("lee@a.example", "approval.leak")
    assert url.startswith("https://") and url.endswith(f"/#/approvals/{row.entry_id:x}")
    for language in ("ko", "en", "ja", "zh-Hans", "zh-Hant"):
        for kind in ("leak", "limit", "list"):
            said = translate(language, f"approval.{kind}.text", sender="a", subject="b", about="c", count=1, url=url)
            assert url in said.split()
    assert await office.mail(number) == {"held"}


async def test_the_sender_takes_it_back(office):
    await office.line()
    number = await office.ask()
    with pytest.raises(NotFound):
        await office.approvals.withdraw(office.actor("choi"), number)
    await office.approvals.withdraw(office.actor("kim"), number)
    assert (await office.state(number), await office.mail(number)) == ("withdrawn", set())
    with pytest.raises(AlreadyExists):
        await office.approvals.decide(office.actor("lee"), number, approve=True)


async def test_a_deputy_decides_in_the_right_of_one_person(office):
    await office.line()
    now, deputies = office.house.clock.now(), office.approvals.deputies
    with pytest.raises(Invalid):
        await deputies.name(office.actor("lee"), office.id("lee"), now, now + HOUR)
    await deputies.name(office.actor("lee"), office.id("choi"), now, now + 100 * HOUR)
    number = await office.ask()
    for change in (
        deputies.end(office.actor("lee")), deputies.name(office.actor("lee"), office.id("park"), now, now + HOUR),
    ):  # fmt: skip
        with pytest.raises(StateMismatch):
            await change
    assert await office.letters() == 2
    [asked] = await office.approvals.inbox(office.actor("choi"))
    await office.approvals.decide(office.actor("choi"), asked.row.id, approve=True)
    assert (await office.acts(number))[-1] == ("approve", office.id("lee"), office.id("choi"))
    assert [one.row.id for one in await office.approvals.decided(office.actor("lee"))] == [number]
    await deputies.end(office.actor("lee"))
    later = await office.ask()
    with pytest.raises(Forbidden):
        await office.approvals.decide(office.actor("choi"), later, approve=True)


async def test_a_deputy_does_not_decide_on_their_own_mail(office):
    await office.line()
    now = office.house.clock.now()
    await office.approvals.deputies.name(office.actor("lee"), office.id("kim"), now, now + HOUR)
    number = await office.ask()
    assert await office.approvals.inbox(office.actor("kim")) == []
    with pytest.raises(Forbidden):
        await office.approvals.decide(office.actor("kim"), number, approve=True)


async def test_who_stands_in_for_somebody_away_decides(office):
    await office.line()
    away = Away(kind="leave", substitute=office.id("choi"))
    change = Change(kind="away", account_id=office.id("lee"), away=away)
    await office.house.services.organization.people.perform(CLI, change)
    number = await office.ask()
    await office.approvals.decide(office.actor("choi"), number, approve=True)
    assert (await office.acts(number))[-1] == ("approve", office.id("lee"), office.id("choi"))


async def test_an_approver_who_leaves(office):
    await office.line()
    number = await office.ask()
    await office.house.services.organization.people.perform(CLI, Change(kind="close", account_id=office.id("lee")))
    assert await office.jobs["approval-people"]() == 1
    assert (await office.state(number), await office.mail(number)) == ("waiting", {"held"})
    [asked] = await office.approvals.inbox(office.actor("park"))
    assert asked.row.id == number
    await office.house.services.organization.people.perform(CLI, Change(kind="close", account_id=office.id("park")))
    assert await office.jobs["approval-people"]() == 1
    assert (await office.state(number), await office.mail(number)) == ("held", {"held"})
    assert await office.jobs["approval-people"]() == 0


async def test_time_escalates_then_ends(office):
    await office.line(Step(Who("manager"), escalate_after=4, decide_after=16), clock=True)
    number = await office.ask()
    assert await office.jobs["approvals"]() == 0
    office.house.clock.ahead += 4 * HOUR
    assert await office.jobs["approvals"]() == 1
    assert await office.jobs["approvals"]() == 0
    [asked] = await office.approvals.inbox(office.actor("park"))
    assert asked.row.id == number and await office.state(number) == "waiting"
    office.house.clock.ahead += 12 * HOUR
    assert await office.jobs["approvals"]() == 1
    assert (await office.state(number), await office.mail(number)) == ("expired", set())
    assert [act for act, _account, _by in await office.acts(number)] == ["ask", "escalate", "expire"]


@pytest.mark.parametrize(("verdict", "state", "mail"), [("approve", "approved", "ready"), ("keep", "waiting", "held")])
async def test_what_time_decides(office, verdict, state, mail):
    await office.line(Step(Who("manager"), escalate_after=0, decide_after=1, at_end=verdict), clock=True)
    number = await office.ask()
    office.house.clock.ahead += HOUR
    assert await office.jobs["approvals"]() == 1
    assert await office.jobs["approvals"]() == 0
    assert (await office.state(number), await office.mail(number)) == (state, {mail})


async def test_deadlines_are_in_working_hours(office):
    await office.line()
    row = await office.house.store.approving.one(await office.ask())
    assert row.expires_at - row.step_at >= (16 + 15) * HOUR, "a night is between"


async def test_sent_first_decided_later(office):
    await office.line(Step(Who("manager")), name="사후", afterwards=True)
    number = await office.ask(line="사후", held=False)
    assert await office.mail(number) == {"ready"}
    with pytest.raises(StateMismatch):
        await office.approvals.withdraw(office.actor("kim"), number)
    await office.approvals.decide(office.actor("lee"), number, approve=False, note="다음부터 암호")
    assert (await office.state(number), await office.mail(number)) == ("rejected", {"ready"})


async def test_mail_that_left_is_never_ended_by_time_and_is_shown_as_overdue(office):
    await office.line(Step(Who("manager"), escalate_after=1, decide_after=2), name="사후", afterwards=True, clock=True)
    number = await office.ask(line="사후", held=False)
    office.house.clock.ahead += HOUR
    assert await office.jobs["approvals"]() == 1
    assert [one.row.id for one in await office.approvals.inbox(office.actor("park"))] == [number]
    before = await office.letters()
    office.house.clock.ahead += HOUR
    assert await office.jobs["approvals"]() == 1
    assert await office.jobs["approvals"]() == 0
    assert (await office.state(number), await office.mail(number)) == ("waiting", {"ready"})
    assert [act for act, _account, _by in await office.acts(number)] == ["ask", "escalate", "keep"]
    assert await office.letters() == before + 1, "the administrator is told"
    await office.approvals.decide(office.actor("lee"), number, approve=True)
    assert (await office.state(number), await office.mail(number)) == ("approved", {"ready"})


async def test_an_objection_says_why_and_is_an_incident(office):
    await office.line(Step(Who("manager")), name="사후", afterwards=True)
    number = await office.ask(line="사후", held=False)
    before = await office.letters()
    with pytest.raises(Invalid):
        await office.approvals.decide(office.actor("lee"), number, approve=False, note=" ")
    assert await office.state(number) == "waiting"
    await office.approvals.decide(office.actor("lee"), number, approve=False, note="고객사가 아닌 곳")
    assert await office.letters() == before + 2, "the sender and the administrator are told"
    boss = office.actor("boss")
    [one] = await office.house.services.leaks.incidents.list(boss, office.company, IncidentQuery())
    assert (one.row.action, one.row.account_id, one.row.state) == ("object", office.id("kim"), "open")
    assert (one.text.reason, one.text.login) == ("고객사가 아닌 곳", "kim@a.example")
    await office.approvals.decide(office.actor("lee"), number, approve=False, note="한 번 더")
    assert len(await office.house.services.leaks.incidents.list(boss, office.company, IncidentQuery())) == 1


async def test_another_system_decides_with_its_document(office):
    await office.line(Step(Who("external", system="전자결재")))
    number = await office.ask()
    outside = office.approvals.decide_outside
    with pytest.raises(Forbidden):
        await outside(CLI, number, approve=True, system="다른 시스템", document="1")
    for _ in range(2):
        await outside(CLI, number, approve=True, system="전자결재", document="2026-118")
    assert (await office.state(number), await office.mail(number)) == ("approved", {"ready"})
    said = await office.approvals.opener.said(await office.approvals.opener.open(number))
    assert [(one.system, one.document) for one in said.values()] == [("전자결재", "2026-118")]


@pytest.mark.parametrize("step", ["_add_acts", "_add_approvers", "_end_hold", "add_audit"])
async def test_a_crash_within_the_commit_changes_nothing(office, step, monkeypatch):
    await office.line()
    number = await office.ask()
    real = getattr(sql, step)

    async def crash(*values, **named):
        await real(*values, **named)
        raise OSError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(sql, step, crash)
        with pytest.raises(OSError, match="killed"):
            await office.approvals.decide(office.actor("lee"), number, approve=True)
    assert (await office.state(number), await office.mail(number)) == ("waiting", {"held"})
    assert len(await office.acts(number)) == 1
    await office.approvals.decide(office.actor("lee"), number, approve=True)
    assert (await office.state(number), await office.mail(number)) == ("approved", {"ready"})


@pytest.mark.parametrize("after", [0, 3])
async def test_killed_while_approving(tmp_path, after):
    directory = tmp_path / "house"
    child = start("tests.flows.approving_child", str(directory))
    try:
        numbers = [int(one) for one in child.stdout.readline().split()]
        for _ in range(after):
            assert child.stdout.readline()
    finally:
        child.kill()
    async with approval_house(directory) as office:
        done = 0
        for number in numbers:
            approved = await office.state(number) == "approved"
            assert await office.mail(number) == ({"ready"} if approved else {"held"})
            done += approved
            await office.approvals.decide(office.actor("lee"), number, approve=True)
            assert (await office.state(number), await office.mail(number)) == ("approved", {"ready"})
            assert [act for act, _account, _by in await office.acts(number)] == ["ask", "approve"]
        assert done >= after
