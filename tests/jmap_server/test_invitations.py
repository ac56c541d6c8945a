"""Invitations in mail: shown, answered to the organiser, changed, cancelled, forged."""

import pytest
from tests.jmap_server import jmap_house
from tests.jmap_server.jmap_house import Browser

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.formats import icalendar

OWN = "https://smartmail.example/jmap"


@pytest.fixture(autouse=True)
def own(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN])


CALENDAR = """BEGIN:VCALENDAR
METHOD:{method}
BEGIN:VEVENT
UID:event-1@b.example
SEQUENCE:{sequence}
ORGANIZER;CN=이주임:mailto:lee@b.example
ATTENDEE;CN=김;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{to}
DTSTART;TZID=Asia/Seoul:20261201T{hour}0000
DTEND;TZID=Asia/Seoul:20261201T{hour}3000
SUMMARY:주간 회의
END:VEVENT
END:VCALENDAR
"""


def invitation(
    method: str = "REQUEST",
    sequence: int = 0,
    hour: str = "10",
    sender: str = "lee@b.example",
    to: str = "kim@a.example",
) -> bytes:
    calendar = CALENDAR.format(method=method, sequence=sequence, hour=hour, to=to)
    return (
        f"From: {sender}\r\nTo: kim@a.example\r\nSubject: invitation\r\nMessage-ID: <{method}{sequence}@b.example>\r\n"
        'Content-Type: multipart/alternative; boundary="b"\r\nMIME-Version: 1.0\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nPlease come.\r\n"
        f"--b\r\nContent-Type: text/calendar; charset=utf-8; method={method}\r\n\r\n"
        + calendar.replace("\n", "\r\n")
        + "\r\n--b--\r\n"
    ).encode()


async def shown(browser: Browser, number: int) -> dict:
    return (await browser.call("Email/invitation", id=f"e{number}"))["invitation"]


async def sent_calendars(house, browser: Browser, kim) -> list[icalendar.Invitation]:
    """Return the calendars of what lies in the sent mailbox, the oldest first."""
    boxes = {one["role"]: one["id"] for one in (await browser.call("Mailbox/get"))["list"]}
    found = await browser.call(
        "Email/query", filter={"inMailbox": boxes["sent"]}, sort=[{"property": "receivedAt", "isAscending": True}]
    )
    calendars = []
    for email in found["ids"]:
        got = (await browser.call("Email/get", ids=[email], properties=["blobId", "attachments", "to", "inReplyTo"]))[
            "list"
        ][0]
        [part] = [one for one in got["attachments"] if one["type"] == "text/calendar"]
        reply = await browser.ask(
            "GET", f"/jmap/download/{browser.account}/{part['blobId']}/a.ics?accept=text/calendar"
        )
        calendar = icalendar.read(reply.body)
        assert calendar is not None and [one["email"] for one in got["to"]] == ["lee@b.example"]
        calendars.append(calendar)
    return calendars


async def test_a_card_shows_what_is_asked(house, browser, kim):
    number = await house.deliver(kim, invitation())
    one = await shown(browser, number)
    assert (one["method"], one["title"], one["me"], one["mayAnswer"]) == ("request", "주간 회의", "kim@a.example", True)
    assert one["start"] == {"written": "2026-12-01T10:00:00", "zone": "Asia/Seoul", "utc": "2026-12-01T01:00:00Z"}
    assert one["organizer"] == {"email": "lee@b.example", "name": "이주임", "status": "needs-action"}
    assert (one["isNewest"], one["isFromOrganizer"], one["answer"], one["answeredAt"]) == (True, True, "", None)
    plain = await house.deliver(kim, b"From: a@b.example\r\nSubject: x\r\n\r\nhello\r\n")
    assert await shown(browser, plain) is None


@pytest.mark.parametrize("answer", ["accepted", "tentative", "declined"])
async def test_an_answer_leaves_for_the_organizer_and_is_remembered(house, browser, kim, answer):
    number = await house.deliver(kim, invitation(sequence=3))
    told = await browser.call("Email/answerInvitation", id=f"e{number}", answer=answer, note="5분 늦습니다")
    one = told["invitation"]
    assert (one["answer"], one["answeredOlder"], one["note"], one["mayAnswer"]) == (answer, False, "5분 늦습니다", True)
    [calendar] = await sent_calendars(house, browser, kim)
    assert (calendar.method, calendar.uid, calendar.sequence) == ("reply", "event-1@b.example", 3)
    assert [(each.address, each.status) for each in calendar.attendees] == [("kim@a.example", answer)]
    assert calendar.comment == "5분 늦습니다"
    [(entry, recipients)] = await house.store.queue_entries(10)
    assert len(recipients) == 1 and entry.account_id == kim.id
    again = await house.deliver(kim, invitation(sequence=3))
    assert (await shown(browser, again))["answer"] == answer


async def test_a_newer_request_asks_again_and_the_old_one_is_old(house, browser, kim):
    first = await house.deliver(kim, invitation())
    await browser.call("Email/answerInvitation", id=f"e{first}", answer="accepted")
    second = await house.deliver(kim, invitation(sequence=1, hour="15"))
    new = await shown(browser, second)
    assert (new["answer"], new["answeredOlder"], new["mayAnswer"]) == ("accepted", True, True)
    old = await shown(browser, first)
    assert (old["isNewest"], old["mayAnswer"]) == (False, False)
    assert await browser.error("Email/answerInvitation", id=f"e{first}", answer="declined") == "stateMismatch"
    await browser.call("Email/answerInvitation", id=f"e{second}", answer="declined")
    assert [one.sequence for one in await sent_calendars(house, browser, kim)] == [0, 1]


async def test_a_cancellation_ends_it_for_the_request_too(house, browser, kim):
    first = await house.deliver(kim, invitation())
    await browser.call("Email/answerInvitation", id=f"e{first}", answer="accepted")
    cancelled = await shown(browser, await house.deliver(kim, invitation("CANCEL", 1)))
    assert (cancelled["isCancelled"], cancelled["mayAnswer"], cancelled["answer"]) == (True, False, "accepted")
    old = await shown(browser, first)
    assert (old["isCancelled"], old["mayAnswer"]) == (True, False)


async def test_somebody_else_cancels_nothing_and_hides_nothing(house, browser, kim):
    first = await house.deliver(kim, invitation())
    forged = await shown(browser, await house.deliver(kim, invitation("CANCEL", 9, sender="evil@c.example")))
    assert forged["isFromOrganizer"] is False
    one = await shown(browser, first)
    assert (one["isCancelled"], one["isNewest"], one["mayAnswer"]) == (False, True, True)


async def test_who_was_invited_as_a_group_answers_as_themselves(house, browser, kim):
    number = await house.deliver(kim, invitation(to="team@a.example"))
    await browser.call("Email/answerInvitation", id=f"e{number}", answer="accepted")
    [calendar] = await sent_calendars(house, browser, kim)
    assert [one.address for one in calendar.attendees] == ["kim@a.example"]


async def test_what_policy_refuses_leaves_nothing_behind(house, browser, kim):
    number = await house.deliver(kim, invitation())
    cli = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))  # type: ignore[arg-type]
    await house.services.governing.set_knob(cli, PolicyRule("outside.send", Scope("system"), False))
    assert await browser.error("Email/answerInvitation", id=f"e{number}", answer="accepted") != ""
    assert await sent_calendars(house, browser, kim) == []
    assert (await shown(browser, number))["answer"] == ""


async def test_others_and_hostile_calendars(house, browser, kim):
    number = await house.deliver(kim, invitation())
    choi = await house.browser("choi@a.example")
    assert await choi.error("Email/invitation", id=f"e{number}") == "notFound"
    assert await browser.error("Email/answerInvitation", id=f"e{number}", answer="maybe") == "invalidArguments"
    assert await browser.error("Email/answerInvitation", id=f"e{number}", answer="accepted", note="x" * 1001) == (
        "invalidArguments"
    )
    bad = invitation().replace(b"BEGIN:VEVENT", b"BEGIN:VEVENT\r\n" + b"BEGIN:X\r\n" * 500)
    assert await shown(browser, await house.deliver(kim, bad)) is None


async def test_nothing_of_it_lies_in_clear(house, browser, kim, tmp_path):
    number = await house.deliver(kim, invitation())
    await browser.call("Email/answerInvitation", id=f"e{number}", answer="accepted", note="숨은 말 8822")
    for path in (tmp_path / "data").rglob("*"):
        octets = path.read_bytes() if path.is_file() else b""
        for word in ("숨은 말 8822", "event-1@b.example", "주간 회의"):
            assert word.encode() not in octets, path


async def test_another_time_is_proposed_to_the_organizer(house, browser, kim):
    number = await house.deliver(kim, invitation(sequence=2))
    one = await shown(browser, number)
    assert (one["mayPropose"], one["mayRefresh"], one["proposed"]) == (True, True, None)
    told = await browser.call(
        "Email/proposeInvitation", id=f"e{number}", start="2026-12-01T05:00:00Z", end="2026-12-01T05:30:00Z",
        note="오후가 좋습니다",
    )  # fmt: skip
    one = told["invitation"]
    assert (one["answer"], one["proposed"], one["note"]) == ("tentative", "2026-12-01T05:00:00Z", "오후가 좋습니다")
    [calendar] = await sent_calendars(house, browser, kim)
    assert (calendar.method, calendar.uid, calendar.sequence) == ("counter", "event-1@b.example", 2)
    assert calendar.start is not None and calendar.start.written == "2026-12-01T05:00:00"
    assert calendar.end is not None and calendar.end.written == "2026-12-01T05:30:00"
    assert [(each.address, each.status) for each in calendar.attendees] == [("kim@a.example", "tentative")]
    assert (calendar.summary, calendar.comment) == ("주간 회의", "오후가 좋습니다")
    # People without a calendar read it on the clock of the invitation.
    found = await browser.call("Email/query", filter={"body": "14:00"})
    assert len(found["ids"]) == 1
    # A plain answer takes the proposal's place.
    await browser.call("Email/answerInvitation", id=f"e{number}", answer="accepted")
    assert (await shown(browser, number))["proposed"] is None


async def test_an_impossible_time_is_not_proposed(house, browser, kim):
    number = await house.deliver(kim, invitation())
    for start, end in (
        ("2026-12-01T05:00:00Z", "2026-12-01T05:00:00Z"),
        ("2026-12-01T05:00:00Z", "2026-12-01T04:00:00Z"),
        ("2026-12-01T05:00:00Z", "2027-12-01T05:00:00Z"),
        ("1800-12-01T05:00:00Z", "1800-12-01T06:00:00Z"),
    ):
        refused = await browser.error("Email/proposeInvitation", id=f"e{number}", start=start, end=end)
        assert refused == "invalidArguments"
    weekly = invitation().replace(b"SUMMARY", b"RRULE:FREQ=WEEKLY\r\nSUMMARY")
    series = await house.deliver(kim, weekly)
    assert (await shown(browser, series))["mayPropose"] is False
    assert (
        await browser.error(
            "Email/proposeInvitation", id=f"e{series}", start="2026-12-01T05:00:00Z", end="2026-12-01T06:00:00Z"
        )
        == "stateMismatch"
    )
    assert await sent_calendars(house, browser, kim) == []


async def test_the_newest_invitation_is_asked_for_and_that_is_no_answer(house, browser, kim):
    first = await house.deliver(kim, invitation())
    await browser.call("Email/answerInvitation", id=f"e{first}", answer="accepted")
    await shown(browser, await house.deliver(kim, invitation(sequence=1, hour="15")))
    old = await shown(browser, first)
    assert (old["mayAnswer"], old["mayPropose"], old["mayRefresh"]) == (False, False, True)
    told = await browser.call("Email/refreshInvitation", id=f"e{first}", note="옛 초대만 있습니다")
    assert told["invitation"]["answer"] == "accepted"
    calendar = (await sent_calendars(house, browser, kim))[-1]
    assert (calendar.method, calendar.uid, calendar.comment) == ("refresh", "event-1@b.example", "옛 초대만 있습니다")
    assert [each.address for each in calendar.attendees] == ["kim@a.example"]
    assert calendar.organizer is not None and calendar.organizer.address == "lee@b.example"
    assert calendar.start is None
    cancelled = await house.deliver(kim, invitation("CANCEL", 2))
    assert (await shown(browser, cancelled))["mayRefresh"] is False
    assert await browser.error("Email/refreshInvitation", id=f"e{first}") == "stateMismatch"


@pytest.mark.parametrize("method", ["COUNTER", "REFRESH", "DECLINECOUNTER"])
async def test_what_others_propose_is_shown_and_answered_by_nobody(house, browser, kim, method):
    number = await house.deliver(kim, invitation(method))
    one = await shown(browser, number)
    assert (one["method"], one["mayAnswer"], one["mayPropose"], one["mayRefresh"]) == (
        method.lower(), False, False, False,
    )  # fmt: skip
    assert await browser.error("Email/answerInvitation", id=f"e{number}", answer="accepted") == "stateMismatch"


async def test_what_else_is_on_about_that_day_is_told(house, browser, kim):
    """Of what the person comes to or may come to; never what was declined, cancelled, far away or somebody else's."""

    def event(uid: str, hours: str, day: str = "20261201") -> bytes:
        first, last = hours.split("-")
        octets = invitation().replace(b"event-1@", f"{uid}@".encode()).replace(b"REQUEST0@", f"{uid}@".encode())
        octets = octets.replace(
            b"DTSTART;TZID=Asia/Seoul:20261201T100000", f"DTSTART;TZID=Asia/Seoul:{day}T{first}00".encode()
        )
        octets = octets.replace(
            b"DTEND;TZID=Asia/Seoul:20261201T103000", f"DTEND;TZID=Asia/Seoul:{day}T{last}00".encode()
        )
        return octets.replace("주간 회의".encode(), uid.encode())

    async def answered(answer: str, *what: str) -> str:
        number = await house.deliver(kim, event(*what))
        await browser.call("Email/answerInvitation", id=f"e{number}", answer=answer, note="")
        return f"e{number}"

    late = await answered("tentative", "late", "1500-1600")
    await answered("accepted", "early", "0930-1015")
    await answered("declined", "declined", "1000-1100")
    await answered("accepted", "far", "1000-1100", "20261205")
    await answered("accepted", "gone", "1100-1200")
    gone = event("gone", "1100-1200").replace(b"METHOD:REQUEST", b"METHOD:CANCEL").replace(b"gone@b", b"gone2@b", 1)
    await shown(browser, await house.deliver(kim, gone))
    await house.deliver(kim, event("unanswered", "1000-1100"))
    lee = await house.person("lee@a.example")
    theirs = await house.browser("lee@a.example")
    other = await house.deliver(lee, event("theirs", "1000-1100"))
    await theirs.call("Email/answerInvitation", id=f"e{other}", answer="accepted", note="")

    one = await shown(browser, await house.deliver(kim, invitation()))
    assert [(each["title"], each["answer"]) for each in one["close"]] == [("early", "accepted"), ("late", "tentative")]
    assert one["close"][0]["start"] == "2026-12-01T00:30:00Z" and one["close"][0]["end"] == "2026-12-01T01:15:00Z"
    # Not itself; and by its newest time, once it was moved.
    assert [each["title"] for each in (await shown(browser, int(late[1:])))["close"]] == ["early"]
