"""Distribution lists: who may post, moderation, what the list's message looks like, to whom it goes, leaving."""

import asyncio
import email
import email.policy
import smtplib

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.test_aliases import CLI, TEXT, house_and_outside, idle, send
from tests.flows.test_mail_out import TableResolver, inbox, relaying, until

from smartmail.domain.addressing import ListText, Member
from smartmail.domain.errors import AlreadyExists, Forbidden
from smartmail.domain.principal import Origin
from smartmail.formats.headers import Header
from smartmail.service.flow.addressing import mediating

LIST = "news@a.example"


@pytest.fixture
async def two(tmp_path):
    async with house_and_outside(tmp_path) as pair:
        yield pair


async def new_list(house, members=("kim@a.example", "lee@a.example", "park@b.example"), **facts):
    text = ListText(**{"name": "소식", "owners": ("kim@a.example",), "post": "anyone", **facts})
    lists = house.services.addressing.lists
    await lists.create(CLI, LIST, text)
    await lists.add(CLI, LIST, [Member(one) for one in members])
    return lists


def submit(house, login, to, message=None):
    octets = message or TEXT.format(sender=login, to=to, id="5").encode()
    with smtplib.SMTP("127.0.0.1", house.ports["submission"]) as client:
        client.login(login, PASSWORD)
        try:
            return client.sendmail(login, [to], octets)
        except smtplib.SMTPRecipientsRefused as error:
            return error.recipients


async def only(house, login):
    [message] = await until(lambda: inbox(house, login))
    return message


async def test_the_list_sends_its_own_message_to_each_member_once(two):
    a, b = two
    await new_list(a, ["kim@a.example", "lee@a.example", "park@b.example", "kim+x@a.example"], prefix="[소식]")
    await asyncio.to_thread(send, a, LIST)
    outside, inside = Header(await only(b, "park@b.example")), Header(await only(a, "lee@a.example"))
    await idle(a)
    assert len(await inbox(a, "kim@a.example")) == 1
    for header in (outside, inside):
        assert header.first("return-path") == b"<news-bounces@a.example>"
        assert header.text("list-id") == "소식 <news.a.example>"
        assert header.first("list-post") == b"<mailto:news@a.example>"
        assert header.first("list-owner") == b"<mailto:news-owner@a.example>"
        assert header.text("subject") == "[소식] hello"
        assert header.text("from") == "out@c.example"


async def test_nested_lists_and_aliases_reach_each_person_once(two):
    a, b = two
    lists = await new_list(a, ["inner@a.example", "kim@a.example", "team@a.example"])
    await lists.create(CLI, "inner@a.example", ListText("inner", ("lee@a.example",)))
    await lists.add(CLI, "inner@a.example", [Member(one) for one in (LIST, "lee@a.example", "park@b.example")])
    await a.services.addressing.stand_ins.put_alias(CLI, "team@a.example", ["park@b.example", "kim@a.example"])
    await asyncio.to_thread(send, a, LIST)
    await only(b, "park@b.example")
    await idle(a)
    assert len(await inbox(a, "kim@a.example")) == len(await inbox(a, "lee@a.example")) == 1


async def test_a_group_is_a_member(two):
    a, _b = two
    lists = await new_list(a, [])
    governing = a.services.governing
    organization = (await a.services.directory.organizations())[0]
    group = await governing.new_group(CLI, organization.id, "sales", 0)
    for login in ("kim@a.example", "lee@a.example"):
        await governing.set_member(CLI, group.id, a.accounts[login].id, member=True)
    await lists.add(CLI, LIST, [Member(group=group.id)])
    await asyncio.to_thread(send, a, LIST)
    await only(a, "lee@a.example")
    await only(a, "kim@a.example")


@pytest.mark.parametrize(
    ("post", "stranger", "claims_inside", "member_outside"),
    [("anyone", 0, 0, 0), ("inside", 550, 550, 550), ("members", 550, 550, 0), ("moderators", 550, 550, 550)],
)
async def test_who_may_post_is_told_at_rcpt(two, post, stranger, claims_inside, member_outside):
    a, _b = two
    await new_list(a, post=post)

    async def code(sender):
        refused = await asyncio.to_thread(send, a, LIST, sender=sender, number=sender)
        return refused[LIST][0] if refused else 0

    assert await code("out@c.example") == stranger
    assert await code("kim@a.example") == claims_inside, "an address of ours from outside proves nothing"
    assert await code("park@b.example") == member_outside
    assert await code("") == 550, "no reports to a list"
    assert bool(await asyncio.to_thread(submit, a, "lee@a.example", LIST)) == (post == "moderators")
    assert await asyncio.to_thread(submit, a, "kim@a.example", LIST) == {}, "owners may always"


async def test_mail_waits_for_a_moderator_and_goes_on_when_approved(two):
    a, b = two
    await new_list(a, ["park@b.example"], post="moderators", moderation="strangers", moderators=("lee@a.example",))
    approvals = a.services.addressing.approvals
    assert (
        await asyncio.to_thread(send, a, LIST, message=TEXT.format(sender="out@c.example", to=LIST, id="7").encode())
        == {}
    )
    question = await only(a, "lee@a.example")
    text = email.message_from_bytes(question, policy=email.policy.default).get_content()
    assert LIST in text and "./smartmail approval" in text
    [waiting] = await approvals.list_all()
    assert (waiting.text.subject, waiting.row.subject, waiting.row.kind) == ("hello", LIST, "list")
    assert await inbox(b, "park@b.example") == []
    kim, lee = [await a.services.auth.login(f"{name}@a.example", PASSWORD, Origin("jmap")) for name in ("kim", "lee")]
    out = kim.__class__(lee.account_id + 99, lee.organization_id, "x", False, Origin("jmap"))
    with pytest.raises(Forbidden):
        await approvals.decide(out, waiting.row.id, approve=True)
    await approvals.decide(lee, waiting.row.id, approve=True)
    with pytest.raises(AlreadyExists):
        await approvals.decide(kim, waiting.row.id, approve=False)
    assert Header(await only(b, "park@b.example")).text("list-id") == "소식 <news.a.example>"
    await idle(a)


async def test_a_rejected_mail_is_gone_and_its_author_inside_is_told(two):
    a, b = two
    await new_list(a, ["park@b.example"], moderation="all", moderators=("lee@a.example",))
    await a.person("author@a.example", language="ko")
    assert await asyncio.to_thread(submit, a, "author@a.example", LIST) == {}
    [waiting] = await until(a.services.addressing.approvals.list_all)
    await a.services.addressing.approvals.decide(CLI, waiting.row.id, approve=False, note="다음 주에")
    told = email.message_from_bytes(await only(a, "author@a.example"), policy=email.policy.default)
    assert "다음 주에" in told.get_content()
    await idle(a)
    assert await inbox(b, "park@b.example") == []


async def test_what_nobody_decides_ends(two):
    a, _b = two
    await new_list(a, moderation="all")
    await asyncio.to_thread(send, a, LIST)
    [waiting] = await until(a.services.addressing.approvals.list_all)
    passing = next(job.work for job in a.services.jobs if job.name == "approvals")
    assert await passing() == 0
    now = a.clock.now
    a.services.addressing.book.clock.now = lambda: now() + 4 * 24 * 3600 * 1000
    try:
        assert await passing() == 1
    finally:
        del a.services.addressing.book.clock.now
    [ended] = await a.services.addressing.approvals.list_all("expired")
    assert ended.row.id == waiting.row.id


async def test_bounces_of_members_go_to_the_owner(two):
    a, b = two
    await new_list(a, ["nobody@b.example"])
    await asyncio.to_thread(send, a, LIST)
    report = await only(a, "kim@a.example")
    assert b"nobody@b.example" in report and b"Action: failed" in report
    assert await inbox(b, "out@c.example") == []


async def test_a_message_that_comes_back_to_the_list_ends(two):
    a, b = two
    await new_list(a)
    message = b"List-Id: x <news.a.example>\r\n" + TEXT.format(sender="out@c.example", to=LIST, id="1").encode()
    await asyncio.to_thread(send, a, LIST, message=message)
    assert b"5.4.6" in await only(b, "out@c.example")
    assert await inbox(a, "lee@a.example") == []


@pytest.mark.parametrize("facts", [{"max_octets": 50}, {"attachments": False}])
async def test_limits_of_a_list(two, facts):
    a, b = two
    await new_list(a, **facts)
    message = (
        b"From: out@c.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\ntext\r\n--b\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\nxxxx\r\n--b--\r\n"
    )
    await asyncio.to_thread(send, a, LIST, message=message)
    assert b"Action: failed" in await only(b, "out@c.example")
    await idle(a)
    assert await inbox(a, "lee@a.example") == []


async def test_replies_go_where_the_list_wants_them(two):
    a, _b = two
    await new_list(a, reply_to="list")
    await asyncio.to_thread(send, a, LIST)
    header = Header(await only(a, "lee@a.example"))
    assert header.text("reply-to") == f"소식 <{LIST}>"
    assert header.text("from") == "out@c.example"


async def test_from_is_rewritten_where_the_authors_domain_would_refuse(two):
    a, _b = two
    await new_list(a, prefix="[x]")
    resolver = a.services.routing._resolver

    async def txt(name):
        return {"_dmarc.c.example": [b"v=DMARC1; p=reject"], "c.example": [b"v=spf1 +all"]}.get(name, [])

    resolver.txt = txt
    await asyncio.to_thread(send, a, LIST)
    header = Header(await only(a, "lee@a.example"))
    assert header.text("from") == f"out via 소식 <{LIST}>"
    assert header.text("reply-to") == "out@c.example"


async def test_many_members_are_handed_on_step_by_step(two, monkeypatch):
    a, b = two
    monkeypatch.setattr(mediating, "STEP", 3)
    people = [f"p{number}@b.example" for number in range(7)]
    for one in people:
        await b.person(one)
    await new_list(a, [*people, "kim@a.example", "lee@a.example"])
    await asyncio.to_thread(send, a, LIST)
    for one in people:
        await only(b, one)
    await idle(a)
    for house, one in [*((b, one) for one in people), (a, "kim@a.example"), (a, "lee@a.example")]:
        assert len(await inbox(house, one)) == 1, one


async def test_a_member_outside_leaves_with_one_click(two):
    a, _b = two
    lists = await new_list(a)
    token = await a.services.addressing.handing._mediator._leaving_token(await lists.row(LIST), "park@b.example")
    assert lists.read_token(token) == (LIST, "park@b.example")
    assert lists.read_token(token[:-2] + ("AA" if token[-2:] != "AA" else "BB")) is None
    assert await lists.leave(CLI, token) == LIST
    assert await lists.leave(CLI, token) == LIST
    assert [one.address for one in await lists.members(LIST)] == ["kim@a.example", "lee@a.example"]


async def test_a_step_that_is_done_again_asks_and_sends_once(tmp_path):
    """A worker that dies before it reports does its work anew: what it prepared is not there twice."""
    async with open_house(tmp_path, resolver=TableResolver({})) as house:
        for login in ("kim@a.example", "lee@a.example"):
            await house.person(login)
        await new_list(house, ["kim@a.example", "lee@a.example"], moderation="all")
        await asyncio.to_thread(send, house, LIST)
        queue, delivery = house.services.queue, house.services.delivery
        [work] = await queue.lease("w1", limit=5, busy={})
        outcomes = [await delivery.deliver_queued(work) for _ in range(3)]
        assert len(await house.services.addressing.approvals.list_all()) == 1
        await queue.report("w1", work, outcomes[-1])
        [waiting] = await house.services.addressing.approvals.list_all()
        await house.services.addressing.approvals.decide(CLI, waiting.row.id, approve=True)
        async with relaying(house):
            await only(house, "lee@a.example")
            await idle(house)

        async def copies(login):
            return [one for one in await inbox(house, login) if b"List-Id:" in one]

        assert len(await copies("kim@a.example")) == len(await copies("lee@a.example")) == 1


async def test_br_10_an_answer_to_all_of_a_notice_reaches_its_author_alone(two):
    house, _ = two
    await new_list(house, ["lee@a.example"], notice=True, post="inside", reply_to="list")
    await asyncio.to_thread(submit, house, "kim@a.example", LIST)
    await until(lambda: inbox(house, "lee@a.example"))
    [octets] = await inbox(house, "lee@a.example")
    mail = email.message_from_bytes(octets, policy=email.policy.default)
    named = [one.addr_spec for name in ("to", "cc", "reply-to") if mail[name] for one in mail[name].addresses]
    assert named == ["kim@a.example"]
    assert [one.display_name for one in mail["to"].groups] == ["소식"]
