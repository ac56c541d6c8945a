"""An invitation from another company, answered on its card in Chromium: the organiser's own mailbox gets the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import DESKTOP, HERO, PARTNER, Company, Person, parsed, wait_for_mail
from tests.e2e.test_account_page import shots
from tests.e2e.test_second_factor import PASSWORD, new_account

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


# Kept from before the letter is opened: what moved within it, and whether its calendar ever stood there as a file.
_WATCH = """() => {
  window.moved = []; window.asFile = false;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      for (const { node } of entry.sources)
        if ((node?.nodeType === 1 ? node : node?.parentElement)?.closest('article')) window.moved.push(node.outerHTML?.slice(0, 80));
  }).observe({ type: 'layout-shift' });
  new MutationObserver(() => (window.asFile ||= document.querySelector('article .files') !== null))
    .observe(document.body, { childList: true, subtree: true });
}"""


def test_the_card_of_an_invitation_comes_with_the_letter(company: Company, new_person: Callable[..., Person]) -> None:
    login = "still@hanbit.example"
    new_account(company, login, "가만이")
    mail = MAIL.replace(HERO.encode(), login.encode()).replace(b"story@partner", b"still@partner")
    company.deliver(login, mail)
    person = new_person(viewport=DESKTOP).sign_in(login, PASSWORD)
    person.row("초대 meeting").wait_for()
    # The answer about the calendar is the last to come: nothing may be pushed aside by it.
    person.page.evaluate(_WATCH)
    person.read("초대 meeting")
    card = person.page.get_by_role("region", name="일정 초대")
    expect(card).to_contain_text("신년 업무 회의")
    expect(card.get_by_role("link", name="일정 파일 저장")).to_have_attribute("download", "invite.ics")
    person.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert person.page.evaluate("() => [window.moved, window.asFile]") == [[], False]


def test_an_invitation_is_answered(company: Company, new_person: Callable[..., Person], tmp_path: Path) -> None:
    company.deliver(HERO, MAIL)
    person = new_person(viewport=DESKTOP).sign_in(HERO)
    person.read("초대 meeting")
    card = person.page.get_by_role("region", name="일정 초대")
    expect(card).to_contain_text("신년 업무 회의")
    expect(card).to_contain_text("오전 10:00 – 오전 11:30")
    expect(card).to_contain_text(f"주최: 거래처 ({PARTNER})")
    shots(person.page, tmp_path, "invitation")
    card.get_by_label("주최자에게 남길 말").fill("자료를 가져가겠습니다")
    card.get_by_role("button", name="참석", exact=True).click()
    expect(card).to_contain_text("내 회신: 참석")
    with company.branch_imap() as session:
        answer = parsed(wait_for_mail(session, "자료를 가져가겠습니다", key="BODY"))
    calendar = next(part for part in answer.walk() if part.get_content_type() == "text/calendar")
    assert calendar.get_param("method") == "REPLY"
    told = icalendar.read(calendar.get_payload(decode=True))
    assert told is not None
    assert [(one.address, one.status) for one in told.attendees] == [(HERO, "accepted")]
    assert told.comment == "자료를 가져가겠습니다"


def test_another_time_is_proposed(company: Company, new_person: Callable[..., Person], tmp_path: Path) -> None:
    login = "proposer@hanbit.example"
    new_account(company, login, "제안이")
    mail = MAIL.replace(HERO.encode(), login.encode()).replace(b"story@partner", b"proposal@partner")
    old = mail.replace(b"SEQUENCE:0", b"SEQUENCE:1").replace(b"<proposal@", b"<newer@")
    person = new_person(viewport=DESKTOP).sign_in(login, PASSWORD)
    company.deliver(login, mail)
    person.read("초대 meeting")
    card = person.page.get_by_role("region", name="일정 초대")
    card.get_by_role("button", name="다른 시간 제안").click()
    expect(card.get_by_label("시작")).to_have_value("2027. 1. 5. (화) 10:00")
    # The end moves along with the start.
    card.get_by_label("시작").fill("2027-01-06T14:00")
    card.get_by_label("시작").press("Enter")
    expect(card.get_by_label("끝")).to_have_value("2027. 1. 6. (수) 15:30")
    card.get_by_label("끝").fill("2027-01-06T13:00")
    expect(card.get_by_role("button", name="제안 보내기")).to_be_disabled()
    card.get_by_label("끝").fill("2027-01-06T15:00")
    card.get_by_label("주최자에게 남길 말").fill("수요일이 좋습니다")
    shots(person.page, tmp_path, "proposal")
    card.get_by_role("button", name="제안 보내기").click()
    expect(card).to_contain_text("내가 제안한 시간")
    expect(card).to_contain_text("내 회신: 미정")
    with company.branch_imap() as session:
        sent = parsed(wait_for_mail(session, "수요일이 좋습니다", key="BODY"))
    calendar = next(part for part in sent.walk() if part.get_content_type() == "text/calendar")
    assert calendar.get_param("method") == "COUNTER"
    told = icalendar.read(calendar.get_payload(decode=True))
    assert told is not None and told.start is not None and told.end is not None
    assert (told.start.written, told.end.written) == ("2027-01-06T05:00:00", "2027-01-06T06:00:00")

    # A newer invitation makes this one old: the newest can be asked for again.
    company.deliver(login, old)
    person.back()
    expect(person.page.get_by_role("row").filter(has_text="초대 meeting")).to_have_count(2)
    person.page.locator("#row-0").click()
    expect(card).to_contain_text("회신한 후에 일정이 변경되었습니다")
    person.back()
    person.page.locator("#row-1").click()
    expect(card).to_contain_text("이 초대보다 최신 초대가 있습니다")
    shots(person.page, tmp_path, "outdated")
    card.get_by_role("button", name="최신 초대 요청").click()
    expect(person.notices).to_contain_text("주최자에게 회신을 보냈습니다")


def test_what_else_is_on_that_day_stands_on_the_card(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    login = "busy@hanbit.example"
    new_account(company, login, "바쁜이")
    mail = MAIL.replace(HERO.encode(), login.encode())
    company.deliver(login, mail.replace(b"story@partner", b"first@partner"))
    other = mail.replace(b"story@partner", b"second@partner").replace("신년 업무 회의".encode(), "공장 견학".encode())
    other = other.replace(b"T113000", b"T170000").replace(b"=?utf-8?B?7LSI64yA?= meeting", b"factory")
    company.deliver(login, other)
    person = new_person(viewport=DESKTOP).sign_in(login, PASSWORD)
    person.read("초대 meeting")
    card = person.page.get_by_role("region", name="일정 초대")
    card.get_by_role("button", name="참석", exact=True).click()
    expect(card).to_contain_text("내 회신: 참석")
    expect(card).not_to_contain_text("그날의 다른 일정")
    person.back()
    person.read("factory")
    expect(card).to_contain_text("그날의 다른 일정")
    expect(card.get_by_role("listitem").filter(has_text="신년 업무 회의")).to_contain_text("시간 겹침")
    expect(card.get_by_role("listitem").filter(has_text="신년 업무 회의")).to_contain_text("오전 10:00 – 오전 11:30")
    shots(person.page, tmp_path, "same-day")
