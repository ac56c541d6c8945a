"""How many people outside somebody may write to: refused in words, or held until an administrator says yes."""

import asyncio
import smtplib

import pytest
from tests.flows.house import PASSWORD
from tests.flows.test_aliases import CLI, TEXT, house_and_outside, idle
from tests.flows.test_mail_out import inbox, until

from smartmail.domain.errors import AlreadyExists, Forbidden
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.queue import QueueFilter
from smartmail.service.flow.queue_control import Marks


@pytest.fixture
async def two(tmp_path):
    async with house_and_outside(tmp_path) as (a, b):
        for number in range(4):
            await b.person(f"p{number}@b.example")
        await a.person("boss@a.example", is_admin=True)
        yield a, b


async def rule(house, **values):
    for name, value in values.items():
        knob = name.replace("__", ".").replace("_", "-")
        await house.services.governing.set_knob(CLI, PolicyRule(knob, Scope("system"), value))


def submit(house, *to, number="1"):
    """Return the code that the last recipient met, 0 for none."""
    with smtplib.SMTP("127.0.0.1", house.ports["submission"]) as client:
        client.login("kim@a.example", PASSWORD)
        message = TEXT.format(sender="kim@a.example", to=", ".join(to), id=number).encode()
        try:
            refused = client.sendmail("kim@a.example", list(to), message)
        except smtplib.SMTPRecipientsRefused as error:
            refused = error.recipients
    return (*refused[to[-1]],) if to[-1] in refused else 0


async def test_one_recipient_outside_too_many_is_refused_in_words(two):
    a, b = two
    await rule(a, message__max_outside=2)
    people = [f"p{number}@b.example" for number in range(3)]
    code, text = await asyncio.to_thread(submit, a, "lee@a.example", *people)
    assert code == 550 and b"at most 2 recipients outside" in text and b"ask for a higher limit" in text
    await until(lambda: inbox(b, "p1@b.example"))
    assert await inbox(b, "p2@b.example") == []


async def test_a_days_limit_counts_all_doors_and_warns_once(two):
    a, _b = two
    await rule(a, day__max_outside=3, day__warn_outside=1)
    assert await asyncio.to_thread(submit, a, "p0@b.example", "p1@b.example") == 0
    assert await asyncio.to_thread(submit, a, "p2@b.example", number="2") == 0
    code, text = await asyncio.to_thread(submit, a, "p3@b.example", number="3")
    assert code == 550 and b"0 are left today" in text
    assert await asyncio.to_thread(submit, a, "lee@a.example", number="4") == 0, "inside mail is not counted"
    await idle(a)
    assert len(await inbox(a, "kim@a.example")) == 1


async def test_an_approval_lets_one_mail_go(two):
    a, b = two
    await rule(a, message__max_outside=1, outside__over="approval")
    assert await asyncio.to_thread(submit, a, "p0@b.example", "p1@b.example", "lee@a.example") == 0
    approvals = a.services.addressing.approvals
    [waiting] = await approvals.list_all()
    assert (waiting.row.kind, waiting.text.recipients, waiting.text.sender) == ("limit", 2, "kim@a.example")
    await until(lambda: inbox(a, "boss@a.example"))
    assert await inbox(a, "lee@a.example") == []
    await approvals.decide(CLI, waiting.row.id, approve=True)
    for house, one in ((b, "p0@b.example"), (b, "p1@b.example"), (a, "lee@a.example")):
        assert len(await until(lambda house=house, one=one: inbox(house, one))) == 1


async def test_a_rejection_is_told_to_the_sender(two):
    a, b = two
    await rule(a, message__max_outside=1, outside__over="approval")
    await asyncio.to_thread(submit, a, "p0@b.example", "p1@b.example")
    [waiting] = await a.services.addressing.approvals.list_all()
    await a.services.addressing.approvals.decide(CLI, waiting.row.id, approve=False)
    await until(lambda: inbox(a, "kim@a.example"))
    await idle(a)
    assert await inbox(b, "p0@b.example") == []


async def test_nobody_approves_the_own_mail(two):
    a, b = two
    await rule(a, message__max_outside=1, outside__over="approval")
    kim = a.accounts["kim@a.example"]
    await a.services.roles.mark(CLI, kim.id, administrator=True)
    await asyncio.to_thread(submit, a, "p0@b.example", "p1@b.example")
    approvals = a.services.addressing.approvals
    [waiting] = await approvals.list_all()
    one = Actor(kim.id, kim.organization_id, kim.login, is_admin=True, origin=Origin("admin"), by="session")
    with pytest.raises(Forbidden):
        await approvals.decide(one, waiting.row.id, approve=True)
    [waiting] = await approvals.list_all()
    assert await inbox(b, "p0@b.example") == []


async def act(house, what="delete", **options):
    return await house.services.queue_control.act(CLI, what, Marks(QueueFilter(hold_reason="approval")), **options)


async def test_a_held_mail_that_an_administrator_deletes_is_asked_about_no_more(two):
    a, b = two
    await rule(a, message__max_outside=1, outside__over="approval")
    await asyncio.to_thread(submit, a, "p0@b.example", "p1@b.example")
    approvals = a.services.addressing.approvals
    [waiting] = await approvals.list_all()
    # As long as something of it waits, somebody is asked.
    some = Marks(QueueFilter(hold_reason="approval"), recipient="p0@b.example")
    assert (await a.services.queue_control.act(CLI, "delete", some)).recipients == 1
    assert [one.row.id for one in await approvals.list_all()] == [waiting.row.id]
    assert (await act(a)).recipients == 1
    assert await approvals.list_all() == []
    [ended] = await approvals.list_all("rejected")
    assert (ended.row.id, ended.row.decided_by) == (waiting.row.id, CLI.named)
    with pytest.raises(AlreadyExists):
        await approvals.decide(CLI, waiting.row.id, approve=True)
    [told] = await until(lambda: inbox(a, "kim@a.example"))
    await idle(a)
    assert [len(await inbox(a, "kim@a.example")), told is not None] == [1, True]
    assert await inbox(b, "p0@b.example") == await inbox(b, "p1@b.example") == []


async def test_who_gets_a_report_of_the_delete_is_told_once(two):
    a, _b = two
    await rule(a, message__max_outside=1, outside__over="approval")
    await asyncio.to_thread(submit, a, "p0@b.example", "p1@b.example")
    await act(a, report=True)
    assert await a.services.addressing.approvals.list_all() == []
    await until(lambda: inbox(a, "kim@a.example"))
    await idle(a)
    assert len(await inbox(a, "kim@a.example")) == 1


async def test_a_held_mail_that_an_administrator_releases_is_approved(two):
    a, b = two
    await rule(a, message__max_outside=1, outside__over="approval")
    await asyncio.to_thread(submit, a, "p0@b.example", "p1@b.example")
    await act(a, "release")
    assert await a.services.addressing.approvals.list_all() == []
    [ended] = await a.services.addressing.approvals.list_all("approved")
    assert ended.row.decided_by == CLI.named
    await until(lambda: inbox(b, "p1@b.example"))
    await idle(a)
    assert await inbox(a, "kim@a.example") == []
