"""A search becomes a rule, and E files what is done with, in Chromium on a real node."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import DESKTOP, Company, Person, letter, until_shown
from tests.e2e.test_account_page import at
from tests.e2e.test_folders_and_sharing import make, rail
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.peer


def test_a_search_becomes_a_rule_with_what_a_rule_can_ask(company: Company, new_person: Callable[..., Person]) -> None:
    login = "searcher@hanbit.example"
    new_account(company, login, "찾는이")
    for subject in ("분기 견적서 하나", "점심 안내", "분기 견적서 둘"):
        company.deliver(login, letter(login, subject))
    person = new_person(viewport=DESKTOP).sign_in(login, PASSWORD)
    page = person.page
    for subject in ("분기 견적서 하나", "분기 견적서 둘"):
        person.bring(subject)
    page.keyboard.press("/")
    page.keyboard.type("subject:견적서 is:unread")
    page.keyboard.press("Enter")

    def look_again() -> None:
        page.get_by_role("button", name="검색어 삭제").click()
        box = page.get_by_role("combobox", name="메일 검색")
        box.fill("subject:견적서 is:unread")
        box.press("Enter")

    # The index has what was delivered a moment ago a moment later.
    until_shown(page.get_by_text("2통 찾음"), look_again)
    page.get_by_role("button", name="자동분류 만들기").click()

    dialog = page.get_by_role("dialog", name="규칙 만들기")
    expect(dialog.get_by_label("어디를")).to_have_attribute("data-value", "subject")
    expect(dialog.get_by_label("찾을 값")).to_have_value("견적서")
    # Mail that comes in has not been read: that part is left out, and named.
    expect(person.notices).to_contain_text("is:unread")
    expect(dialog.get_by_text(re.compile("최근 메일 .*통 중 2통이 맞습니다"))).to_be_visible()
    # Called what it does, until somebody calls it otherwise.
    expect(dialog.get_by_label("규칙 이름")).to_have_value("제목 ‘견적서’ → 별표")
    dialog.get_by_label("규칙 이름").fill("견적서 별표")
    dialog.get_by_role("button", name="저장").click()
    expect(person.notices).to_contain_text("규칙을 저장했습니다")
    # The person stays with what was found.
    expect(page.get_by_text("2통 찾음")).to_be_visible()
    at(person, "rules", "자동분류")
    expect(page.get_by_role("listitem").filter(has_text="견적서 별표")).to_contain_text("제목 ‘견적서’ 포함")


def test_a_mail_becomes_a_rule_in_two_clicks(company: Company, new_person: Callable[..., Person]) -> None:
    login = "alike@hanbit.example"
    new_account(company, login, "나누는이")
    sender = "Subject: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n본문\r\n"
    head = f"From: =?utf-8?b?7ISc7KeA7JWIIOqzvOyepQ==?= <jian.seo@saegyeol.example>\r\nTo: {login}\r\n"
    for at_, subject in enumerate(("[Quote] spindle", "Invoice")):
        company.deliver(login, (f"Message-ID: <alike{at_}@x>\r\n{head}" + sender.format(subject)).encode())
    company.deliver(login, letter(login, "점심 안내"))
    person = new_person(viewport=DESKTOP).sign_in(login, PASSWORD)
    page = person.page
    for subject in ("[Quote] spindle", "Invoice", "점심 안내"):
        person.bring(subject)
    make(page, "거래처")
    person.read("[Quote] spindle").locator(".letter").wait_for()
    page.get_by_role("button", name="더 보기").last.click()
    page.get_by_role("menuitem", name="이 메일로 자동분류 만들기").click()

    dialog = page.get_by_role("dialog", name="규칙 만들기")
    name = dialog.get_by_label("규칙 이름")
    expect(name).to_have_value("서지안 과장의 메일 → 거래처")
    expect(dialog.get_by_label("찾을 값")).to_have_value("jian.seo@saegyeol.example")
    expect(dialog.get_by_text("최근 메일 3통 중 2통이 맞습니다.")).to_be_visible()
    # The name follows what it does.
    dialog.get_by_text("제목", exact=True).first.click()
    expect(name).to_have_value("제목 ‘Quote’ → 거래처")
    expect(dialog.get_by_text("최근 메일 3통 중 1통이 맞습니다.")).to_be_visible()
    dialog.get_by_text("보낸사람", exact=True).first.click()
    dialog.get_by_role("checkbox", name="지금 있는 메일에도 적용").check()
    dialog.get_by_role("button", name="저장").click()
    expect(person.notices).to_contain_text("메일 2통에 규칙을 실행했습니다.")
    page.keyboard.press("u")
    expect(person.row("점심 안내")).to_be_visible()
    expect(person.row("Invoice")).to_have_count(0)
    rail(page).get_by_role("link", name="거래처").click()
    expect(person.row("Invoice")).to_be_visible()


def test_e_files_what_is_done_with_only_where_a_company_wants_it(
    company: Company, new_person: Callable[..., Person]
) -> None:
    for login, name, on in (("archiver@hanbit.example", "보관이", True), ("keeper@hanbit.example", "그냥이", False)):
        new_account(company, login, name, archive__key=on)
        company.deliver(login, letter(login, "다 한 일"))
        person = new_person(viewport=DESKTOP).sign_in(login, PASSWORD)
        person.read("다 한 일").locator(".letter").wait_for()
        person.page.keyboard.press("e")
        if on:
            expect(person.notices).to_contain_text("보관함으로 옮겼습니다")
            expect(person.row("다 한 일")).to_have_count(0)
            person.page.keyboard.press("z")
        # Where the key says nothing, the next one speaks to the list that is open still.
        person.page.keyboard.press("u")
        expect(person.row("다 한 일")).to_be_visible()
        expect(person.notices).not_to_contain_text("보관함")
