"""정기발송: a letter is begun, changed, stopped, gone on with and ended on the screen, and each turn arrives by itself."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import PARTNER, on_node, parsed, wait_for_mail
from tests.e2e.controls import pick
from tests.e2e.demo_desk import PHONE, violations
from tests.e2e.pictures import keep_picture
from tests.e2e.test_second_factor import PASSWORD, new_account
from tests.e2e.writing_help import look, new_writer, wait_saved

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.company import Company, Person
    from tests.e2e.demo_desk import Desk

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer

_BACK_MS = 60_000
SUBJECT = "주간 업무 보고드립니다"


def due_now(company: Company, login: str) -> None:
    """Let the turn of everything that somebody sends again and again have come."""

    async def change(node: Node) -> None:
        account = await node.services.directory.account_by_login(login)
        store, now = node.services.recurring.turning._store, int(time.time() * 1000)  # noqa: SLF001
        for row in await store.recurring.of_account(account.id):
            await store.write(account.id, lambda tx, row=row: tx.put_recurring(replace(row, next_at=now - 1000)))

    on_node(company.node.directory, change)


def test_a_letter_is_sent_again_and_again(new_person: Callable[..., Person], company: Company, tmp_path: Path) -> None:
    login = "again.and.again@hanbit.example"
    new_account(company, login, "나정기")
    person = new_person().sign_in(login, PASSWORD)
    page = person.page
    person.compose(PARTNER, SUBJECT)
    person.write("이번 주 업무를 보고드립니다.")
    wait_saved(page)
    page.get_by_role("button", name="예약 발송").click()
    page.get_by_role("menuitem", name="정기발송").click()
    dialog = page.get_by_role("dialog", name="정기발송")
    dialog.get_by_text("매월", exact=True).click()
    pick(dialog.get_by_label("날짜", exact=True), "마지막 날")
    expect(dialog.get_by_role("status")).to_have_text("매월 마지막 날 오전 9:00")
    dialog.get_by_text("다음 영업일", exact=True).click()
    expect(dialog.get_by_role("status")).to_have_text("매월 마지막 날 오전 9:00, 휴일이면 다음 영업일")
    expect(dialog).to_contain_text("회사가 정한 휴일에는 보내지 않습니다")
    look(page, "monthly", tmp_path)
    assert violations(page) == []
    dialog.get_by_text("매주", exact=True).click()
    for day in ("월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"):
        button = dialog.get_by_role("button", name=day)
        if (button.get_attribute("aria-pressed") == "true") != (day in {"월요일", "목요일"}):
            button.click()
    dialog.get_by_label("보낼 시각").fill("08:30")
    dialog.get_by_text("앞 영업일", exact=True).click()
    expect(dialog.get_by_role("status")).to_have_text("매주 월·목 오전 8:30, 휴일이면 앞 영업일")
    look(page, "weekly", tmp_path)
    dialog.get_by_text("정한 횟수만").click()
    dialog.get_by_label("보낼 횟수").fill("0")
    expect(dialog.get_by_role("button", name="정기발송 시작")).to_be_disabled()
    dialog.get_by_label("보낼 횟수").fill("5")
    dialog.get_by_role("button", name="정기발송 시작").click()
    expect(person.notices).to_contain_text("정기발송을 시작했습니다")
    expect(page.locator("section.window")).to_have_count(0)

    page.get_by_role("link", name="예약메일함").click()
    item = page.get_by_role("listitem").filter(has_text=SUBJECT)
    expect(item).to_contain_text("매주 월·목 오전 8:30, 휴일이면 앞 영업일")
    expect(item).to_contain_text("5번 중 0번 보냄")
    look(page, "kept", tmp_path)
    assert violations(page) == []
    item.get_by_role("button", name="일시 중지").click()
    expect(item).to_contain_text("일시 중지됨")
    item.get_by_role("button", name="다시 시작").click()
    expect(item).to_contain_text("다음")
    item.get_by_role("button", name="바꾸기").click()
    dialog.get_by_text("평일", exact=True).click()
    dialog.get_by_text("그대로", exact=True).click()
    dialog.get_by_role("button", name="바꾸기").click()
    expect(item).to_contain_text("평일 오전 8:30")

    # The turn comes; the partner has it, and the letter goes on. Then the next one, with a Message-ID of its own.
    found = set()
    for turn in (1, 2):
        due_now(company, login)
        expect(item).to_contain_text("다음", timeout=_BACK_MS)
        with company.branch_imap() as session:
            deadline = time.monotonic() + _BACK_MS / 1000
            while len(found) < turn:
                assert time.monotonic() < deadline, "the turn has not arrived"
                found.add(str(parsed(wait_for_mail(session, SUBJECT, within=60))["Message-ID"]))
    page.reload()
    item.get_by_role("button", name="정기발송 종료").click()
    expect(person.notices).to_contain_text("임시보관함")
    expect(item).to_have_count(0)
    person.go("임시보관함")
    expect(person.row(SUBJECT)).to_be_visible()
    person.go("보낸메일함")
    expect(person.row(SUBJECT).first).to_be_visible()


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_dialog_and_the_list_of_the_demo(
    new_desk: Callable[..., Desk], tmp_path: Path, size: dict[str, int] | None, theme: str
) -> None:
    desk = new_desk(size, theme=theme) if size else new_desk(theme=theme)
    page = desk.open("/?size=60")
    page.locator("#row-0").wait_for()
    page.keyboard.press("c")
    page.get_by_role("combobox", name="받는사람").fill("partner@outside.example,")
    page.get_by_role("textbox", name="제목").fill(SUBJECT)
    page.get_by_role("button", name="예약 발송").click()
    keep_picture(page, tmp_path / "menu.png")
    page.get_by_role("menuitem", name="정기발송").click()
    dialog = page.get_by_role("dialog", name="정기발송")
    dialog.get_by_text("매주", exact=True).click()
    keep_picture(page, tmp_path / "week.png")
    assert violations(page) == []
    dialog.get_by_text("매월", exact=True).click()
    pick(dialog.get_by_label("날짜", exact=True), "30일")
    dialog.get_by_text("다음 영업일", exact=True).click()
    dialog.get_by_text("정한 날까지").click()
    keep_picture(page, tmp_path / "month.png")
    assert violations(page) == []
    expect(dialog.get_by_role("button", name="정기발송 시작")).to_be_disabled()
    dialog.get_by_label("마지막 날", exact=True).fill((date.today() + timedelta(days=200)).isoformat())
    dialog.get_by_role("button", name="정기발송 시작").click()
    expect(page.locator("section.window")).to_have_count(0)
    page.evaluate("location.hash = '/scheduled'")
    item = page.get_by_role("listitem").filter(has_text=SUBJECT)
    expect(item).to_contain_text("매월 30일 오전 9:00, 휴일이면 다음 영업일")
    item.get_by_role("button", name="일시 중지").click()
    expect(item).to_contain_text("일시 중지됨")
    keep_picture(page, tmp_path / "list.png")
    assert violations(page) == []


def test_a_turn_keeps_off_the_days_that_policy_names(new_person: Callable[..., Person], company: Company) -> None:
    login, today = "again.holiday@hanbit.example", date.today()
    closed = tuple(str(today + timedelta(days=ahead)) for ahead in range(-1, 12))
    new_writer(company, login, "나휴일", holidays__own=closed)
    person = new_person().sign_in(login)
    page = person.page
    person.compose(PARTNER, "휴일을 피하는 보고")
    person.write("영업일에만 보내는 메일입니다.")
    wait_saved(page)
    page.get_by_role("button", name="예약 발송").click()
    page.get_by_role("menuitem", name="정기발송").click()
    dialog = page.get_by_role("dialog", name="정기발송")
    dialog.get_by_text("매일", exact=True).click()
    dialog.get_by_text("다음 영업일", exact=True).click()
    dialog.get_by_role("button", name="정기발송 시작").click()
    expect(person.notices).to_contain_text("정기발송을 시작했습니다")

    async def is_later(node: Node) -> None:
        account = await node.services.directory.account_by_login(login)
        [row] = await node.store.recurring.of_account(account.id)
        assert datetime.fromtimestamp(row.next_at / 1000, UTC).date() >= today + timedelta(days=10)

    on_node(company.node.directory, is_later)
    page.get_by_role("link", name="예약메일함").click()
    expect(page.get_by_role("listitem").filter(has_text="휴일을 피하는 보고")).to_contain_text("휴일이면 다음 영업일")


def test_what_cannot_be_sent_as_it_is_is_told_before(desk: Desk) -> None:
    page = desk.open("/?size=60")
    page.locator("#row-0").wait_for()
    page.keyboard.press("c")
    page.get_by_role("textbox", name="제목").fill(SUBJECT)
    page.get_by_role("button", name="예약 발송").click()
    page.get_by_role("menuitem", name="정기발송").click()
    expect(page.get_by_role("region", name="알림")).to_contain_text("받는사람을 입력해 주세요")
    expect(page.get_by_role("dialog")).to_have_count(0)
