"""나중에 보기 and 답장 없으면 알리기: mail leaves the list, comes back by itself, and an answer ends the wait."""

from __future__ import annotations

import time
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import PARTNER, acknowledged, letter, on_node
from tests.e2e.controls import pick
from tests.e2e.demo_desk import DESKTOP, PHONE, WIDE, violations
from tests.e2e.pictures import keep_picture
from tests.e2e.test_second_factor import PASSWORD, new_account
from tests.e2e.writing_help import look

from smartmail.domain.principal import Actor, Origin
from smartmail.service.mailbox.reminders.keeping import Wish

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.company import Company, Person
    from tests.e2e.demo_desk import Desk

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer

_SOON_MS = 3_000
_DAY_MS = 86_400_000
_BACK_MS = 90_000
"""Within 5 seconds on a quiet machine; stories share theirs with all others."""


def at_once(company: Company, login: str, subject: str) -> list[tuple[str, int, str]]:
    """Let the reminder of a mail be due in a moment; return what waited, as (kind, days ahead, Message-ID)."""
    found: list[tuple[str, int, str]] = []

    async def change(node: Node) -> None:
        services = node.services
        account = await services.directory.account_by_login(login)
        actor = Actor(account.id, account.organization_id, account.login, False, Origin("system"), account.auth_epoch)
        service, now = services.reminders.service, int(time.time() * 1000)
        rows = await service.all(actor, account.id)
        for one in await services.reading.messages(actor, account.id, [row.message_id for row in rows]):
            row = next(row for row in rows if row.message_id == one.row.id)
            if one.summary.subject != subject:
                continue
            found.append((row.kind, round((row.wake_at - now) / _DAY_MS), one.summary.message_ids[0]))
            await service.remind(actor, account.id, [row.message_id], Wish(row.kind, now + _SOON_MS))

    on_node(company.node.directory, change)
    return found


def test_a_mail_is_put_off_undone_and_comes_back_by_itself(
    new_person: Callable[..., Person], company: Company, tmp_path: Path
) -> None:
    login = "later@hanbit.example"
    new_account(company, login, "나중에")
    for subject in ("견적 검토 부탁드립니다", "주간 업무 보고"):
        company.deliver(login, letter(login, subject))
    person = new_person().sign_in(login, PASSWORD)
    page = person.page
    person.bring("견적 검토").get_by_role("checkbox").click()
    page.keyboard.press("b")
    keep_picture(page, tmp_path / "snooze-menu.png")
    page.get_by_role("menuitem", name="내일 아침").click()
    expect(person.row("견적 검토")).to_have_count(0)
    person.notices.get_by_role("button", name="실행 취소").click()
    expect(person.row("견적 검토")).to_be_visible()
    # Once more, to an hour of one's own.
    person.row("견적 검토").get_by_role("checkbox").click()
    page.keyboard.press("b")
    page.get_by_role("menuitem", name="날짜와 시각 선택").click()
    page.get_by_label("다시 볼 시간").fill("2020-01-01T09:00")
    expect(page.get_by_role("button", name="이 시간에 보기")).to_be_disabled()
    keep_picture(page, tmp_path / "snooze-own-hour.png")
    page.get_by_label("다시 볼 시간").fill(f"{date.today() + timedelta(days=25)}T15:30")
    page.get_by_role("button", name="이 시간에 보기").click()
    expect(person.notices).to_contain_text("3:30")
    expect(person.row("견적 검토")).to_have_count(0)
    page.get_by_role("link", name="나중에 보기").click()
    item = page.get_by_role("listitem").filter(has_text="견적 검토")
    expect(item).to_contain_text("3:30")
    look(page, "snoozed", tmp_path)
    assert violations(page) == []
    item.get_by_role("button", name="시간 변경").click()
    with acknowledged(page, "Email/remind"):
        page.get_by_role("menuitem", name="월요일 아침").click()
    expect(item).to_contain_text("9:00")
    person.go("받은메일함")
    expect(person.row("주간 업무")).to_be_visible()
    [(kind, days, _)] = at_once(company, login, "견적 검토 부탁드립니다")
    assert kind == "snooze" and days <= 7
    # It comes back on top, without a reload, and says why.
    first = page.locator("#row-0")
    expect(first).to_contain_text("견적 검토", timeout=_BACK_MS)
    expect(first).to_contain_text("나중에 보기")
    look(page, "came-back", tmp_path)
    person.read("견적 검토")
    person.unfold_banner()
    banner = page.get_by_role("note").filter(has_text="나중에 보기")
    expect(banner).to_be_visible()
    look(page, "came-back-open", tmp_path)
    assert violations(page) == []
    banner.get_by_role("button", name="종료").click()
    expect(banner).to_have_count(0)


def test_sent_mail_without_an_answer_comes_up_and_an_answer_takes_it_away(
    new_person: Callable[..., Person], company: Company, tmp_path: Path
) -> None:
    login = "waiting@hanbit.example"
    new_account(company, login, "기다림")
    person = new_person().sign_in(login, PASSWORD)
    page = person.page
    person.compose(PARTNER, "납기 확인 요청")
    person.write("납기를 알려 주십시오.")
    page.get_by_role("button", name="메일 옵션").click()
    pick(page.get_by_label("답장 없으면 알리기"), "3일 안에 답장이 없으면")
    look(page, "follow-up-option", tmp_path)
    page.keyboard.press("Escape")
    person.send()
    expect(person.notices).to_contain_text("보냈습니다")
    [(kind, days, message_id)] = at_once(company, login, "납기 확인 요청")
    assert (kind, days) == ("followUp", 3)
    row = person.row("납기 확인 요청")
    expect(row).to_contain_text("답장이 없습니다", timeout=_BACK_MS)
    person.read("납기 확인 요청")
    banner = page.get_by_role("note").filter(has_text="답장이 없습니다")
    expect(banner.get_by_role("button", name="전달")).to_be_visible()
    look(page, "unanswered", tmp_path)
    assert violations(page) == []
    answer = letter(login, "Re: 납기 확인 요청", "다음 주 화요일입니다.").replace(
        b"Message-ID:", f"In-Reply-To: <{message_id}>\r\nMessage-ID:".encode(), 1
    )
    company.deliver(login, answer)
    page.get_by_role("link", name="받은메일함").click()
    expect(person.row("Re: 납기")).to_be_visible(timeout=_BACK_MS)
    expect(page.get_by_role("row").filter(has_text="답장이 없습니다")).to_have_count(0, timeout=_BACK_MS)


def test_on_a_phone_at_the_demo(new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    desk = new_desk(PHONE)
    page = desk.open("/?size=40")
    subject = desk.row(2).locator(".subject").inner_text()
    desk.row(2).click()
    page.get_by_role("button", name="나중에 보기").click()
    page.get_by_role("menuitem", name="날짜와 시각 선택").click()
    expect(page.get_by_label("다시 볼 시간")).to_be_visible()
    keep_picture(page, tmp_path / "phone-own-hour.png")
    page.get_by_role("button", name="취소").click()
    page.get_by_role("button", name="나중에 보기").click()
    page.get_by_role("menuitem", name="내일 아침").click()
    expect(page.get_by_role("region", name="알림")).to_contain_text("다시 표시")
    page.goto(desk.site + "/?size=40#/snoozed")
    expect(page.get_by_role("heading", name="나중에 보기")).to_be_visible()
    keep_picture(page, tmp_path / "phone-list.png")
    expect(page.get_by_role("listitem").filter(has_text=subject)).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, WIDE], ids=["line", "pane"])
def test_the_clock_of_a_row_puts_it_off_in_two_presses(new_desk: Callable[..., Desk], size: dict[str, int]) -> None:
    desk = new_desk(size)
    page = desk.open("/?size=40")
    subject = desk.row(3).locator(".subject").inner_text()
    hours = page.get_by_role("menu", name="나중에 보기")
    desk.row(1).hover()
    desk.row(1).locator(".hover").get_by_title("나중에 보기").click()
    expect(hours).to_be_visible()
    # The clock of another row asks for that one.
    desk.row(3).hover()
    desk.row(3).locator(".hover").get_by_title("나중에 보기").click()
    hours.get_by_role("menuitem", name="내일 아침").click()
    expect(page.get_by_role("region", name="알림")).to_contain_text("다시 표시")
    expect(hours).to_have_count(0)
    # Nothing was opened or chosen for it.
    expect(page.locator(".mail-row.open")).to_have_count(0)
    expect(page.get_by_role("toolbar", name="선택한 메일 처리")).to_have_count(0)
    page.goto(desk.site + "/?size=40#/snoozed")
    expect(page.get_by_role("listitem").filter(has_text=subject)).to_be_visible()


def test_where_nothing_can_be_put_off_rows_have_no_clock(desk: Desk) -> None:
    page = desk.open("/?size=40")
    expect(desk.row(0).locator(".hover").get_by_title("나중에 보기")).to_have_count(1)
    page.get_by_role("link", name="휴지통").click()
    expect(page.get_by_role("heading", name="휴지통")).to_be_visible()
    expect(page.locator(".mail-row .hover").get_by_title("나중에 보기")).to_have_count(0)
