"""A search becomes a rule, and E files what is done with, in Chromium on a real node."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import DESKTOP, Company, Person, letter, until_shown
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
        page.get_by_role("button", name="검색어 지우기").click()
        box = page.get_by_role("combobox", name="메일 검색")
        box.fill("subject:견적서 is:unread")
        box.press("Enter")

    # The index has what was delivered a moment ago a moment later.
    until_shown(page.get_by_text("2통 찾음"), look_again)
    page.get_by_role("button", name="이 검색을 스마트메일함으로 저장").click()
    page.get_by_role("button", name="이 조건으로 자동분류").click()

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("어디를")).to_have_value("subject")
    expect(dialog.get_by_label("찾을 값")).to_have_value("견적서")
    # Mail that comes in has not been read: that part is left out, and named.
    expect(person.notices).to_contain_text("is:unread")
    expect(dialog.get_by_text(re.compile("최근 메일 .*통 중 2통이 맞습니다"))).to_be_visible()
    dialog.get_by_label("규칙 이름").fill("견적서 별표")
    dialog.get_by_role("button", name="저장").click()
    expect(page.get_by_role("listitem").filter(has_text="견적서 별표")).to_contain_text("제목 ‘견적서’ 포함")
    # The page's own address again: a reload asks for no second rule.
    expect(page).to_have_url(re.compile("#/settings/rules$"))


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
