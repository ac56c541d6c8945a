"""Undo of sending, and mail that leaves at its hour: held on the server, whatever becomes of the page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import HERO, PARTNER, parsed, wait_for_mail
from tests.e2e.demo_desk import violations
from tests.e2e.test_second_factor import PASSWORD, new_account
from tests.e2e.writing_help import chips, letter_of, look

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer

COLLEAGUE = "seojun.park@hanbit.example"


def test_sending_is_undone_and_the_letter_comes_back_whole(new_person: Callable[..., Person], company: Company) -> None:
    # Others choose how long sending can be undone.
    new_account(company, "second.thoughts@hanbit.example", "망설임")
    person = new_person().sign_in("second.thoughts@hanbit.example", PASSWORD)
    page = person.page
    person.compose(COLLEAGUE, "잘못 누른 메일")
    person.write("아직 다 쓰지 않았습니다")
    person.send()
    person.notices.get_by_role("button", name="발송취소").click()
    expect(page.get_by_role("textbox", name="제목")).to_have_value("잘못 누른 메일")
    expect(letter_of(page)).to_contain_text("아직 다 쓰지 않았습니다")
    expect(chips(page)).to_have_count(1)
    expect(person.notices).to_contain_text("보내기를 취소했습니다")
    # Sent after all, once; nobody touches the page while the server holds it.
    page.get_by_role("textbox", name="제목").fill("이제 다 쓴 메일")
    person.send()
    expect(person.notices).to_contain_text("보냈습니다")
    page.close()
    with company.imap(COLLEAGUE) as session:
        wait_for_mail(session, "이제 다 쓴 메일")
        session.literal = "잘못 누른 메일".encode()  # type: ignore[attr-defined]
        assert session.search("UTF-8", "SUBJECT")[1] == [b""]
        session.literal = "이제 다 쓴 메일".encode()  # type: ignore[attr-defined]
        assert len(session.search("UTF-8", "SUBJECT")[1][0].split()) == 1


def test_planned_mail_is_listed_put_off_edited_and_sent(
    new_person: Callable[..., Person], company: Company, tmp_path: Path
) -> None:
    person = new_person().sign_in(HERO)
    page = person.page
    person.compose(PARTNER, "다음 주에 나갈 메일")
    person.write("예약한 내용")
    page.get_by_role("button", name="예약 발송").click()
    look(page, "plan-menu", tmp_path)
    page.get_by_role("menuitem", name="다음 월요일 오전 9시").click()
    expect(person.notices).to_contain_text("9:00")
    page.get_by_role("link", name="예약메일함").click()
    item = page.get_by_role("listitem").filter(has_text="다음 주에 나갈 메일")
    expect(item).to_contain_text("9:00")
    look(page, "planned", tmp_path)
    assert violations(page) == []
    item.get_by_role("button", name="시각 바꾸기").click()
    page.get_by_role("menuitem", name="날짜와 시각 선택").click()
    page.get_by_label("보낼 시각").fill(f"{date.today() + timedelta(days=20)}T15:30")
    page.get_by_role("button", name="예약", exact=True).click()
    expect(item).to_contain_text("3:30")
    item.get_by_role("button", name="고치기").click()
    expect(page.get_by_role("textbox", name="제목")).to_have_value("다음 주에 나갈 메일")
    expect(item).to_have_count(0)
    page.get_by_role("textbox", name="제목").fill("고쳐서 예약한 메일")
    page.get_by_role("button", name="예약 발송").click()
    page.get_by_role("menuitem", name="내일 오전 9시").click()
    expect(page.get_by_role("listitem").filter(has_text="고쳐서 예약한 메일")).to_be_visible()
    page.reload()
    again = page.get_by_role("listitem").filter(has_text="고쳐서 예약한 메일")
    again.get_by_role("button", name="지금 보내기").click()
    expect(again).to_have_count(0)
    with company.branch_imap() as session:
        mail = parsed(wait_for_mail(session, "고쳐서 예약한 메일"))
    assert mail["Subject"] == "고쳐서 예약한 메일"
    person.go("보낸메일함")
    expect(person.row("고쳐서 예약한 메일")).to_be_visible()
