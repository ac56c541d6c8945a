"""Message trace through the doors: what came, what was tried and said, where it lies; each to whom it concerns."""

import asyncio
import re
import smtplib

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.queue_house import enqueue, retry_now
from tests.flows.test_filters import use
from tests.flows.test_inspection import Scripted

from smartmail.domain.principal import Actor, Origin
from smartmail.domain.queue import QueueFilter
from smartmail.service.flow import queue_control
from smartmail.service.flow.queue_work import Outcome
from smartmail.service.flow.tracing.service import Marks
from smartmail.service.flow.tracing.wording import lines_of
from smartmail.service.kernel.envelope import Result
from smartmail.service.kernel.inspection.service import InspectionService

KIM, LEE, FAR = "kim@a.example", "lee@a.example", "far@away.example"
MESSAGE = b"Subject: =?utf-8?B?6rKs7KCB7ISc?=\r\nMessage-ID: <7@b.example>\r\nFrom: <x@b.example>\r\n\r\nhello\r\n"


@pytest.fixture
async def house(tmp_path):
    """One server with two people."""
    directory = tmp_path / "house"
    directory.mkdir()
    async with open_house(directory) as house:
        for login in (KIM, LEE):
            await house.person(login)
        yield house


async def send(house, sender, to, message=MESSAGE, *, login=None):
    """Send by SMTP; return the id that the server told."""

    def work():
        with smtplib.SMTP("127.0.0.1", house.ports["submission" if login else "smtp"]) as session:
            if login:
                session.login(login, PASSWORD)
            session.ehlo()
            session.mail(sender)
            for one in to:
                assert session.rcpt(one)[0] == 250
            return session.data(message.replace(b"x@b.example", sender.encode()))[1].decode()

    said = await asyncio.to_thread(work)
    await house.services.tracer.settle()
    return int(re.search(r"\b[0-9a-f]{14,16}\b", said)[0], 16)


async def find(house, **marks):
    await house.services.tracer.settle()
    return await house.services.trace.find(Marks(**marks))


def kinds(story):
    return [(event.kind, event.recipient) for _, event in story.events]


def actor(house, login):
    account = house.accounts[login]
    return Actor(account.id, account.organization_id, login, is_admin=False, origin=Origin("web"))


async def attempt(house, kind, result, **values):
    """Lease one piece of work and report one outcome for all of its recipients."""
    [work] = await house.services.queue.lease("w", limit=1)
    outcomes = [Outcome(row.number, kind, result, **values) for row, _ in work.recipients]
    await house.services.queue.report("w", work, outcomes)
    return work.lease.entry.id


async def test_a_delivered_message_is_found_by_every_mark_and_says_where_it_is(house):
    told = await send(house, "x@b.example", [KIM, LEE])
    [story] = await find(house, sender="X@B.example")
    for marks in (
        {"recipient": LEE}, {"message_id": "<7@b.example>"}, {"peer": "127.0.0.1"}, {"number": told}, {"text": "견적 LEE@"},
        {"sender": "x@b.example", "recipient": KIM, "text": "견적서", "number": told}, {},
    ):  # fmt: skip
        assert await find(house, **marks) == [story], marks
    for marks in (
        {"sender": KIM},
        {"sender": "x@b.example", "recipient": FAR},
        {"text": "견적서 없는말"},
        {"number": 5},
        {"until": 5},
    ):
        assert await find(house, **marks) == [], marks
    assert [kind for kind in kinds(story) if kind[0] != "checked"] == [
        ("accepted", ""),
        ("delivered", KIM),
        ("delivered", LEE),
    ]
    assert (story.facts.subject, story.facts.door, story.facts.size > 0) == ("견적서", "smtp", True)
    event = story.events[-1][1]
    now = await house.services.trace.whereabouts(event.account_id, event.message_number)
    assert (event.uid, now.mailboxes, now.seen) == (1, ("inbox",), False)
    # A repeat of a lost answer has a story too, and makes no second copy.
    await send(house, "x@b.example", [KIM, LEE])
    [second, _] = await find(house, sender="x@b.example")
    assert [kind for kind, _ in kinds(second) if kind != "checked"] == ["accepted", "duplicate", "duplicate"]
    [book] = await house.services.books.books(2)
    assert (book.accepted, dict(book.ends), book.difference) == (4, {"delivered": 4}, 0)


async def test_attempts_replies_and_the_report_are_told_in_the_readers_language(house):
    told = await send(house, KIM, [FAR], login=KIM)
    greylisted = Result(451, "4.7.1", "Greylisted, come back later", "mx.away.example", tls="TLSv1.3", verified="sts")
    await attempt(house, "temporary", greylisted)
    [story] = await find(house, text="greylisted")
    assert story.id == told
    assert kinds(story) == [("accepted", ""), ("queued", FAR), ("deferred", FAR)]
    assert story.facts.account_id == house.accounts[KIM].id
    last = lines_of(story, "ko")[-1]
    assert "다시 시도" in last.text
    assert "mx.away.example" in last.text
    assert last.reply == "451 4.7.1 Greylisted, come back later [TLSv1.3, sts]"
    assert "그레이리스팅" in last.meaning
    await retry_now(house, story.id)
    await attempt(house, "permanent", Result(550, "5.7.1", "listed by Spamhaus", "mx.away.example"))
    [bounced] = await find(house, text="spamhaus 550", sender=KIM)
    assert kinds(bounced)[-1] == ("bounced", FAR)
    # The report is a message of our own, and says what it came out of.
    found = {one.id: one for one in await find(house, number=told)}
    [report] = [one for one in found.values() if one.id != told]
    assert (report.facts.sender, report.facts.recipients, report.facts.parent) == ("", (KIM,), told)
    assert kinds(report) == [("made", "")]
    for language in ("en", "ja", "zh-Hans", "zh-Hant"):
        assert all(line.text for line in lines_of(bounced, language))
    books = await house.services.books.books(2)
    assert [(one.accepted, dict(one.ends), one.queued, one.difference) for one in books] == [(2, {"bounced": 1}, 1, 0)]
    assert await house.services.books.settle() == []


async def test_a_remote_delivery_is_told_to_its_sender(house):
    await send(house, KIM, [FAR], login=KIM)
    await attempt(house, "delivered", Result(250, "2.0.0", "Ok: queued as 77F", "mx.away.example"), handover="relayed")
    await house.services.tracer.settle()
    [story] = await house.services.trace.own(actor(house, KIM), Marks())
    assert lines_of(story, "ko")[-1].text == f"{FAR}: 상대 서버가 접수함 (mx.away.example)"
    assert await house.services.trace.own(actor(house, LEE), Marks()) == []


async def test_what_a_process_did_not_tell_begins_with_its_first_attempt(house):
    entry_id = await enqueue(house, KIM, [FAR])
    assert await find(house, sender=KIM) == []
    await attempt(house, "temporary", Result(0, "4.4.1", "connect to mx: refused", "mx"))
    [story] = await find(house, sender=KIM, recipient=FAR)
    assert (story.id, kinds(story)) == (entry_id, [("deferred", FAR)])


async def test_acts_of_administrators_are_in_the_story(house):
    told = await send(house, KIM, [FAR], login=KIM)
    marks = queue_control.Marks(QueueFilter(entries=(told,)))
    cli = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
    for act in ("hold", "release", "reroute", "delete"):
        await house.services.queue_control.act(cli, act, marks, to="other.example" if act == "reroute" else "")
    [story] = await find(house, number=told)
    told_acts = [(event.kind, event.recipient, event.by, event.act) for _, event in story.events[2:]]
    assert told_acts == [
        ("held", FAR, "cli", ""), ("released", FAR, "cli", ""), ("rerouted", FAR, "cli", "other.example"),
        ("removed", FAR, "cli", ""),
    ]  # fmt: skip
    [book] = await house.services.books.books(2)
    assert (dict(book.ends), book.difference) == ({"removed": 1}, 0)


async def test_people_see_their_own_part_and_nothing_else(house):
    await send(house, "x@b.example", [KIM, LEE])
    await send(house, LEE, [KIM])  # somebody outside claims to be Lee
    await send(house, LEE, [KIM], login=LEE)
    mine = await house.services.trace.own(actor(house, LEE), Marks())
    assert [(one.facts.sender, one.facts.recipients) for one in mine] == [(LEE, (KIM,)), ("x@b.example", (LEE,))]
    assert [kind for kind, _ in kinds(mine[1])] == ["accepted", "delivered"]
    assert {one for _, one in kinds(mine[1])} == {"", LEE}
    assert await house.services.trace.own(actor(house, LEE), Marks(recipient=FAR)) == []
    assert len(await house.services.trace.own(actor(house, KIM), Marks(sender=LEE))) == 2
    assert len(await house.services.trace.own(actor(house, LEE), Marks(text="견적서", recipient=LEE))) == 1


async def test_two_organisations_have_a_story_each_under_the_id_that_was_told(house):
    other = await house.services.provisioning.organization("other")
    await house.services.directory.add_domain("c.example", other)
    await house.person("pak@c.example")
    told = await send(house, "x@b.example", [KIM, "pak@c.example"])
    stories = await find(house, number=told)
    assert {one.organization_id: one.facts.recipients for one in stories} == {
        house.accounts[KIM].organization_id: (KIM,),
        other: ("pak@c.example",),
    }
    assert await find(house, number=told, organization_id=other) == [
        one for one in stories if one.organization_id == other
    ]
    assert [(one.accepted, one.difference) for one in await house.services.books.books(2)] == [(1, 0), (1, 0)]


async def test_merged_words_are_found_as_before_and_old_stories_go(house):
    for number in range(3):
        await send(house, f"s{number}@b.example", [KIM])
    organization_id = house.accounts[KIM].organization_id
    real = house.clock.now
    house.services.books._clock = type("Later", (), {"now": staticmethod(lambda: real() + 60_000)})()
    assert await house.services.books.merge() == 3
    assert await house.services.books.merge() == 0
    pieces = await house.store.trace_texts(organization_id, after=0, before=(1 << 63) - 1, limit=9)
    assert [one.lines for one in pieces] == [3]
    assert [one.facts.sender for one in await find(house, text="견적서 s1@b")] == ["s1@b.example"]
    assert await house.services.books.forget() == 0
    await house.store.put_setting("system", "trace.days", "30")
    house.services.books._clock = type("Later", (), {"now": staticmethod(lambda: real() + 61 * 24 * 3600_000)})()
    assert await house.services.books.forget() > 0
    for marks in ({"text": "견적서"}, {"recipient": KIM}, {}):
        assert await find(house, **marks) == []


@pytest.fixture
def demanding(house):
    """Let mail be treated as its subject says."""
    house.services.delivery.inspection = InspectionService([Scripted()])


def subject(word: str) -> bytes:
    return f"Subject: {word}\r\nMessage-ID: <{word}@b.example>\r\nFrom: <x@b.example>\r\n\r\nhello\r\n".encode()


async def test_quarantine_is_told_and_what_is_thrown_away_has_its_end(house, demanding):
    told = await send(house, "x@b.example", [KIM], subject("quarantine"))
    [story] = await find(house, number=told)
    assert [(event.kind, event.recipient, event.act) for _, event in story.events] == [
        ("accepted", "", ""), ("checked", "", "quarantine"), ("held", KIM, "quarantine"),
    ]  # fmt: skip
    assert lines_of(story, "ko")[1].text.startswith("검사함: 격리, 점수 ")
    assert story.events[1][1].rules == (("scripted", 1.5),)
    await house.services.quarantine.delete_own(actor(house, KIM), f"{told:x}-0")
    [story] = await find(house, number=told)
    last = story.events[-1][1]
    assert (last.kind, last.recipient, last.by) == ("removed", KIM, KIM)
    [book] = await house.services.books.books(2)
    assert (book.accepted, dict(book.ends), book.held, book.difference) == (1, {"removed": 1}, 0, 0)


@pytest.mark.parametrize(
    ("script", "kind", "place"),
    [
        ("discard;", "filtered", None), ('redirect "out@c.example";', "filtered", None), ("keep;", "delivered", ("inbox",)),
        ('require ["fileinto", "mailbox"]; fileinto :create "거래처";', "delivered", ("거래처",)),
    ],
)  # fmt: skip
async def test_what_a_persons_filters_did_is_told(house, script, kind, place):
    await use(house, script, KIM)
    await send(house, "x@b.example", [KIM])
    [story] = await find(house, sender="x@b.example", recipient=KIM)
    event = story.events[-1][1]
    assert (event.kind, event.recipient, bool(event.uid)) == (kind, KIM, place is not None)
    if place:
        found = await house.services.trace.whereabouts(event.account_id, event.message_number)
        assert found.mailboxes == place
    assert all(book.difference == 0 for book in await house.services.books.books(2))


async def test_a_recipient_that_does_not_exist_has_a_story_where_its_domain_is_ours(house):
    def work():
        with smtplib.SMTP("127.0.0.1", house.ports["smtp"]) as session:
            session.ehlo("peer.example")
            session.mail("x@b.example")
            assert [session.rcpt(one)[0] for one in ("nobody@a.example", FAR)] == [550, 550]

    await asyncio.to_thread(work)
    [story] = await find(house, sender="x@b.example")
    assert (kinds(story), story.facts.helo) == ([("rejected", "nobody@a.example")], "peer.example")
    assert lines_of(story, "ko")[0].text == "메일을 거절함"
    assert await house.services.books.books(2) == []


@pytest.mark.parametrize("act", ["reject", "defer"])
async def test_what_was_not_taken_is_told_and_is_in_no_book(house, demanding, act):
    def work():
        with smtplib.SMTP("127.0.0.1", house.ports["smtp"]) as session, pytest.raises(smtplib.SMTPDataError):
            session.sendmail("x@b.example", [KIM, LEE], subject(act))

    await asyncio.to_thread(work)
    for marks in ({"sender": "x@b.example"}, {"recipient": LEE}, {"text": f"told: {act}"}, {"peer": "127.0.0.1"}):
        [story] = await find(house, **marks)
        assert [(event.kind, event.act) for _, event in story.events] == [("checked", act), ("rejected", act)]
    assert await house.services.books.books(2) == []
    # Who was to get it does not hear of it: it is the peer that was told.
    assert await house.services.trace.own(actor(house, LEE), Marks()) == []


async def test_copies_of_two_organisations_that_both_fail_wait_each_under_an_id_of_its_own(house):
    other = await house.services.provisioning.organization("other")
    await house.services.directory.add_domain("c.example", other)
    await house.person("pak@c.example")
    for login in ("full@a.example", "full@c.example"):
        await house.person(login, quota=100)
    to = [KIM, "full@a.example", "pak@c.example", "full@c.example"]
    told = await send(house, "x@b.example", to)
    stories = {one.organization_id: one for one in await find(house, number=told)}
    assert {number: [kind for kind in kinds(one) if kind[0] != "checked"] for number, one in stories.items()} == {
        house.accounts[KIM].organization_id: [("accepted", ""), ("delivered", KIM), ("queued", "full@a.example")],
        other: [("accepted", ""), ("delivered", "pak@c.example"), ("queued", "full@c.example")],
    }
    assert sorted(one.id for one in stories.values()) == sorted(
        one.id for one, _rows in await house.store.queue_entries(9)
    )
    books = await house.services.books.books(2)
    assert [(one.accepted, dict(one.ends), one.queued, one.difference) for one in books] == [
        (2, {"delivered": 1}, 1, 0)
    ] * 2
