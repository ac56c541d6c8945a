"""Invitations: what real programs send, what the hostile send, zones with summer time, answers that others read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.formats import icalendar
from smartmail.formats.icalendar import Person, counter, read, refresh, reply

OUTLOOK = """BEGIN:VCALENDAR
METHOD:REQUEST
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
BEGIN:VTIMEZONE
TZID:Eastern Standard Time
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=1SU;BYMONTH=11
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
ORGANIZER;CN="Lee; Jane: Sales":mailto:lee@b.example
ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=김민지:mailto:kim@a.example
ATTENDEE;PARTSTAT=ACCEPTED;CN=choi:MAILTO:choi@a.example
DESCRIPTION;LANGUAGE=ko-KR:안건\\n1\\, 예산\\; 2\\\\끝
UID:040000008200E00074C5B7101A82E008
SUMMARY;LANGUAGE=ko-KR:3분기 실
 적 회의
DTSTART;TZID=Eastern Standard Time:20260710T100000
DTEND;TZID=Eastern Standard Time:20260710T113000
SEQUENCE:2
STATUS:CONFIRMED
LOCATION:대회의실
BEGIN:VALARM
DESCRIPTION:REMINDER
TRIGGER;RELATED=START:-PT15M
END:VALARM
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()


def event(*lines: str, method: str = "REQUEST") -> bytes:
    whole = ["BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", "UID:1", *lines, "END:VEVENT", "END:VCALENDAR"]
    return "\r\n".join([*whole, ""]).encode()


def seconds(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp())


def test_what_outlook_sends():
    found = read(OUTLOOK)
    assert found is not None
    assert (found.method, found.sequence, found.summary) == ("request", 2, "3분기 실적 회의")
    assert found.description == "안건\n1, 예산; 2\\끝"
    assert found.organizer == Person("lee@b.example", "Lee; Jane: Sales")
    assert [(one.address, one.status) for one in found.attendees] == [
        ("kim@a.example", "needs-action"),
        ("choi@a.example", "accepted"),
    ]
    assert found.start is not None and found.start.at == seconds(2026, 7, 10, 14, 0)
    assert found.end is not None and (found.end.written, found.end.at) == (
        "2026-07-10T11:30:00",
        seconds(2026, 7, 10, 15, 30),
    )
    assert not found.repeats and not found.cancelled


@pytest.mark.parametrize(
    ("local", "hours"),
    [
        ("20260308T015900", -5), ("20260308T030000", -4), ("20261101T010000", -4), ("20261101T020000", -5),
        ("20260115T090000", -5), ("20270701T090000", -4),
    ],
)  # fmt: skip
def test_summer_time_by_the_zone_that_came_along(local, hours):
    found = read(OUTLOOK.replace(b"20260710T100000", local.encode()))
    assert found is not None and found.start is not None and found.start.at is not None
    as_if_utc = datetime.strptime(f"{local}+0000", "%Y%m%dT%H%M%S%z").timestamp()
    assert found.start.at == as_if_utc - hours * 3600


@pytest.mark.parametrize(
    ("line", "at", "written"),
    [
        ("DTSTART:20261201T010000Z", seconds(2026, 12, 1, 1), "2026-12-01T01:00:00"),
        ("DTSTART;TZID=Asia/Seoul:20261201T100000", seconds(2026, 12, 1, 1), "2026-12-01T10:00:00"),
        ("DTSTART;TZID=Korea Standard Time:20261201T100000", seconds(2026, 12, 1, 1), "2026-12-01T10:00:00"),
        ("DTSTART;TZID=Somewhere/Else:20261201T100000", None, "2026-12-01T10:00:00"),
        ("DTSTART:20261201T100000", None, "2026-12-01T10:00:00"),
        ("DTSTART;VALUE=DATE:20261201", None, "2026-12-01"),
    ],
)
def test_times(line, at, written):
    found = read(event(line))
    assert found is not None and found.start is not None
    assert (found.start.at, found.start.written) == (at, written)


def test_a_length_in_place_of_an_end():
    found = read(event("DTSTART:20261201T010000Z", "DURATION:PT1H30M"))
    assert found is not None and found.end is not None and found.end.at == seconds(2026, 12, 1, 2, 30)
    days = read(event("DTSTART;VALUE=DATE:20261201", "DURATION:P2D"))
    assert days is not None and days.end is not None and days.end.written == "2026-12-03"


def test_what_is_cancelled_and_one_of_a_series():
    found = read(event("DTSTART:20261201T010000Z", method="CANCEL"))
    assert found is not None and found.cancelled and found.method == "cancel"
    series = read(event("RRULE:FREQ=DAILY", "RECURRENCE-ID:20261201T010000Z"))
    assert series is not None and series.repeats and series.recurrence == "20261201T010000Z"


def test_an_answer_reads_back_and_keeps_what_the_organizer_needs():
    asked = read(OUTLOOK)
    assert asked is not None
    note = "늦습니다; 10분, 죄송\n합니다 " + "가" * 60
    octets = reply(asked, Person("kim@a.example", '김"민지'), "tentative", note, seconds(2026, 7, 1))
    assert all(len(line) <= 75 for line in octets.split(b"\r\n"))
    answer = read(octets)
    assert answer is not None
    assert (answer.method, answer.uid, answer.sequence, answer.comment) == ("reply", asked.uid, 2, note)
    assert answer.attendees == (Person("kim@a.example", "김민지", "tentative"),)
    assert answer.organizer == asked.organizer
    assert answer.start is not None and answer.start.written == "2026-07-10T10:00:00"


def test_another_time_reads_back_with_its_own_times_alone():
    asked = read(OUTLOOK)
    assert asked is not None
    start, end = seconds(2026, 7, 11), seconds(2026, 7, 11) + 1800
    octets = counter(asked, Person("kim@a.example", "김민지"), start, end, "토요일", seconds(2026, 7, 1))
    assert octets.count(b"\r\nDTSTART") == octets.count(b"\r\nDTEND") == octets.count(b"\r\nSUMMARY") == 1
    told = read(octets)
    assert told is not None and told.start is not None and told.end is not None
    assert (told.method, told.uid, told.sequence, told.comment) == ("counter", asked.uid, 2, "토요일")
    assert (told.start.at, told.end.at, told.organizer, told.summary) == (start, end, asked.organizer, asked.summary)
    assert told.attendees == (Person("kim@a.example", "김민지", "tentative"),)


def test_the_wish_to_be_told_anew_says_only_who_asks_of_what():
    asked = read(OUTLOOK)
    assert asked is not None
    octets = refresh(asked, Person("kim@a.example", "김민지"), "", seconds(2026, 7, 1))
    told = read(octets)
    assert told is not None
    assert (told.method, told.uid, told.organizer) == ("refresh", asked.uid, asked.organizer)
    assert not any(name in octets for name in (b"DTSTART", b"SUMMARY", b"SEQUENCE", b"PARTSTAT"))


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"hello", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR", b"END:VEVENT\r\nEND:X", b"\x00" * 1000,
        b"BEGIN:VCALENDAR\r\n" * 5000, event().replace(b"UID:1", b"X:1"), b"a" * (icalendar.MAX_OCTETS + 1),
    ],
)  # fmt: skip
def test_what_is_none(octets):
    assert read(octets) is None


def test_bounds_hold():
    many = read(event(*(f"ATTENDEE:mailto:p{number}@x.example" for number in range(5000))))
    assert many is not None and len(many.attendees) == icalendar.MAX_ATTENDEES
    long = read(event("SUMMARY:" + "x" * 300_000, "DESCRIPTION:a", *(" " + "y" * 70 for _ in range(2500))))
    assert long is not None
    assert len(long.summary) <= icalendar.MAX_TEXT and len(long.description) <= icalendar.MAX_TEXT
    bad = read(event("ORGANIZER:javascript:alert(1)", "ATTENDEE:mailto:a b@x", "ATTENDEE:http://x@y", "SEQUENCE:-1e9"))
    assert bad is not None and (bad.organizer, bad.attendees, bad.sequence) == (None, (), 0)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(OUTLOOK.split(b"\r\n")) | st.binary(max_size=60), max_size=60))
def test_nothing_raises(lines):
    read(b"\r\n".join(lines))
