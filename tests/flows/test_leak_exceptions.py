"""False positives: what an officer found to be no leak leaves until a date, and nothing else does."""

from dataclasses import replace

import pytest
from tests.flows.administrators import open_company
from tests.flows.test_big_attachments import CLI, submit
from tests.flows.test_leaks import NUMBER, due, house, incidents, mail, refused, rule

from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.leaks import IncidentQuery, LeakAction, LeakRule
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.outgoing.leaks import LeakBlocked
from smartmail.service.flow.submission_request import Request
from smartmail.service.kernel.clock import DAY

__all__ = ["house"]
OTHER = "900101-2234567"
WHY = "시험용 번호입니다. 아무의 것도 아닙니다."


def letter(number: int, *values: str) -> bytes:
    return mail(f"주민등록번호 {' '.join(values)}", number=number)


async def blocked(house, number, *values):  # noqa: F811 -- the fixture's value
    """Return the incident of a letter that is blocked."""
    await refused(submit, house, letter(number, *values), "x@b.example")
    return (await incidents(house))[0]


async def leaves(house, number, *values):  # noqa: F811 -- the fixture's value
    """Send a letter and see it leave."""
    before = len(await due(house))
    await submit(house, letter(number, *values), "x@b.example")
    assert len(await due(house)) == before + 1


def exceptions(house):  # noqa: F811 -- the fixture's value
    return house.services.leaks.exceptions


def home(house):  # noqa: F811 -- the fixture's value
    return house.accounts["kim@a.example"].organization_id


async def make(house, incident, days=30, actor=CLI, **more):  # noqa: F811 -- the fixture's value
    until = house.clock.now() + days * DAY
    return await exceptions(house).make(actor, home(house), incident.row.id, until, WHY, **more)


async def test_a_false_positive_leaves_by_any_letter_and_another_value_does_not(house):  # noqa: F811
    await rule(house, "block")
    [made] = await make(house, await blocked(house, 1, NUMBER))
    assert (await incidents(house))[0].row.state == "false_positive"
    assert (made.text.rule, made.text.detector, made.text.reason) == ("주민번호", "kr.rrn", WHY)
    assert NUMBER not in repr(made) and NUMBER.replace("-", "") not in repr(made)
    await leaves(house, 2, NUMBER)
    await blocked(house, 3, OTHER)
    found = await blocked(house, 4, NUMBER, OTHER)
    assert len(found.text.hits) == 1, "what does not count is no finding of the rule"


async def test_the_verdict_says_that_an_exception_held_the_rule(house):  # noqa: F811
    made = await rule(house, "block")
    await make(house, await blocked(house, 1, NUMBER))
    kim = house.accounts["kim@a.example"]
    tried = await house.services.leaks.trying.text(kim.id, "web", ["x@b.example"], "hi", f"주민등록번호 {NUMBER}")
    assert tried.action is None
    assert [(one.rule_id, one.outcome) for one in tried.tried] == [(made.id, "excepted")]


async def test_an_exception_ends_by_its_date_and_before_it(house):  # noqa: F811
    await rule(house, "block")
    incident = await blocked(house, 1, NUMBER)
    [made] = await make(house, incident, days=1)
    await leaves(house, 2, NUMBER)
    house.clock.go(DAY)
    await blocked(house, 3, NUMBER)
    [again] = await make(house, incident, days=2)
    await leaves(house, 4, NUMBER)
    await exceptions(house).end(CLI, home(house), again.row.id)
    await blocked(house, 5, NUMBER)
    listed = await exceptions(house).list(CLI, home(house))
    assert [one.row.id for one in listed] == [again.row.id, made.row.id]
    assert [one.row.in_force(house.clock.now()) for one in listed] == [False, False]
    with pytest.raises(NotFound):
        await exceptions(house).end(CLI, home(house), again.row.id)


async def test_it_holds_when_the_rule_is_turned_on_and_not_for_another_rule(house):  # noqa: F811
    made = await rule(house, "block", stage="log")
    await submit(house, letter(1, NUMBER), "x@b.example")
    [incident] = await incidents(house)
    await make(house, incident)
    await house.services.leaks.rules.turn(CLI, made.id, "on")
    await leaves(house, 2, NUMBER)
    await rule(house, "block", condition={"fact": "finding", "in": ["kr.rrn"], "confidence": "high"})
    await blocked(house, 3, NUMBER)


async def test_a_rule_that_wants_no_finding_is_not_made_to_match(house):  # noqa: F811
    """Without its values a condition with "not" would hold; what is excepted only ever lets go."""
    marked = {"fact": "words", "in": ["확인함"]}
    await rule(house, "block", condition={"all": [{"fact": "finding", "in": ["kr.rrn"]}, {"not": marked}]})
    incident = await blocked(house, 1, NUMBER)
    await make(house, incident)
    await leaves(house, 2, NUMBER)
    await leaves(house, 3, NUMBER, "확인함")


async def test_who_may_make_one(house):  # noqa: F811
    await rule(house, "block")
    incident = await blocked(house, 1, NUMBER)
    lee, kim = house.accounts["lee@a.example"], house.accounts["kim@a.example"]
    person = Actor(lee.id, lee.organization_id, lee.login, False, Origin("admin"))
    with pytest.raises((Forbidden, NotFound)):
        await make(house, incident, actor=person)
    own = replace(CLI, account_id=kim.id)
    with pytest.raises(Forbidden):
        await make(house, incident, actor=own)
    for days in (0, 367):
        with pytest.raises(Invalid):
            await make(house, incident, days=days)
    with pytest.raises(NotFound):
        await make(house, incident, rule_id=99)
    with pytest.raises(NotFound):
        await make(house, incident, findings=[7])
    assert await exceptions(house).list(CLI, home(house)) == []
    house.clock.go(91 * DAY)
    await house.services.leaks.incidents.forget()
    with pytest.raises(NotFound):
        await make(house, incident)


async def test_some_findings_only_and_the_act_is_recorded(house):  # noqa: F811
    await rule(house, "block")
    incident = await blocked(house, 1, NUMBER, OTHER)
    at = next(number for number, hit in enumerate(incident.text.hits) if hit.masked.startswith("900101-1"))
    assert len(await make(house, incident, findings=[at])) == 1
    await leaves(house, 2, NUMBER)
    await blocked(house, 3, OTHER)
    rows = [one.record for one in await house.store.unchained_records("audit", 0, 1000)]
    made = [one for one in rows if one.action == "leak-exception.new"]
    assert [one.object for one in made] == [f"leak-incident:{incident.row.id}"]
    assert made[0].sealed_detail is not None
    found = await house.services.leaks.incidents.list(CLI, home(house), IncidentQuery(state="false_positive"))
    assert [one.row.id for one in found] == [incident.row.id]


async def test_where_two_persons_are_needed_one_alone_excepts_nothing(tmp_path):
    async with open_company(tmp_path / "one") as (ours, _):
        services, boss, deputy = ours.services, ours.as_("boss"), ours.as_("deputy")
        number = {"fact": "finding", "in": ["kr.rrn"]}
        await services.leaks.rules.new(
            CLI, LeakRule(ours.whole, "주민번호", number, (LeakAction("block"),), stage="on")
        )
        await ours.knob("admin.two-person", ("policy",))
        kim = ours.people["kim"]
        who = Actor(kim.id, kim.organization_id, kim.login, False, Origin("web"))
        with pytest.raises(LeakBlocked):
            await by_web(services, who, letter(1, NUMBER).replace(b"x@b.example", b"x@far.example"))
        [incident] = await services.leaks.incidents.list(boss, ours.organization_id, IncidentQuery())
        given = (ours.organization_id, incident.row.id, ours.house.clock.now() + DAY, WHY)
        with pytest.raises(Forbidden):
            await services.leaks.exceptions.make(boss, *given)
        outcome = await services.leaks.proposing.exception(boss, *given)
        assert outcome.waits and await services.leaks.exceptions.list(boss, ours.organization_id) == []
        await services.proposals.confirm(deputy, outcome.proposal.row.id)
        [made] = await services.leaks.exceptions.list(boss, ours.organization_id)
        assert (made.text.detector, made.row.made_by) == ("kr.rrn", boss.named)
        await by_web(services, who, letter(2, NUMBER).replace(b"x@b.example", b"x@far.example"))


async def by_web(services, who, octets):
    """Send a letter from a draft."""
    box = await services.mailboxes.by_role(who, who.account_id, "drafts")
    intake = await services.messages.begin(who, who.account_id, len(octets))
    await intake.feed(octets)
    added = await services.messages.add(who, who.account_id, await intake.finish(), [box.row.id])
    [identity, *_] = await services.identities.list_all(who, who.account_id)
    await services.submissions.submit(who, who.account_id, Request(identity.row.id, added.message_id))
