"""An invitation from another company, answered on its card in Chromium: the organiser's own mailbox gets the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import DESKTOP, HERO, PARTNER, Company, Person, parsed, wait_for_mail
from tests.e2e.test_account_page import shots

from smartmail.formats import icalendar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.peer

CALENDAR = f"""BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
UID:story@partner.example
SEQUENCE:0
ORGANIZER;CN=거래처:mailto:{PARTNER}
ATTENDEE;RSVP=TRUE:mailto:{HERO}
ATTENDEE;PARTSTAT=ACCEPTED;CN=박 부장:mailto:park@partner.example
DTSTART;TZID=Asia/Seoul:20270105T100000
DTEND;TZID=Asia/Seoul:20270105T113000
SUMMARY:신년 업무 회의
LOCATION:3층 대회의실
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")
MAIL = (
    f"From: {PARTNER}\r\nTo: {HERO}\r\nSubject: =?utf-8?B?7LSI64yA?= meeting\r\nMessage-ID: <story@partner.example>\r\n"
    'Date: Fri, 27 Nov 2026 10:00:00 +0900\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n'
    "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n회의에 초대합니다.\r\n"
    f"--b\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\n{CALENDAR}\r\n--b--\r\n"
).encode()


def test_an_invitation_is_answered(company: Company, new_person: Callable[..., Person], tmp_path: Path) -> None:
    company.deliver(HERO, MAIL)
    person = new_person(viewport=DESKTOP).sign_in(HERO)
    person.read("초대 meeting")
    card = person.page.get_by_role("region", name="일정 초대")
    expect(card).to_contain_text("신년 업무 회의")
    expect(card).to_contain_text("오전 10:00 – 오전 11:30")
    expect(card).to_contain_text(f"주최: 거래처 ({PARTNER})")
    shots(person.page, tmp_path, "invitation")
    card.get_by_label("주최자에게 한마디").fill("자료를 가져가겠습니다")
    card.get_by_role("button", name="참석", exact=True).click()
    expect(card).to_contain_text("내 답: 참석")
    with company.branch_imap() as session:
        answer = parsed(wait_for_mail(session, "신년 업무 회의"))
    calendar = next(part for part in answer.walk() if part.get_content_type() == "text/calendar")
    assert calendar.get_param("method") == "REPLY"
    told = icalendar.read(calendar.get_payload(decode=True))
    assert told is not None
    assert [(one.address, one.status) for one in told.attendees] == [(HERO, "accepted")]
    assert told.comment == "자료를 가져가겠습니다"
