"""Where the keyboard is after each act in the admin web: on something that can be seen and has a name, where one goes on. Never
nowhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error, Locator, Page, expect
from tests.e2e.admin_web import go, panel, sign_in
from tests.e2e.company import DESKTOP
from tests.e2e.reader import Act, Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer
PATIENCE_MS = 20_000
GROUP = "야간 근무조"
ADMIN: list[Act] = []


def act(*then: str) -> Callable[[Callable[[Page], None]], Callable[[Page], None]]:
    """Enter what a function does into the table: each goes on where the one before ended."""

    def enter(do: Callable[[Page], None]) -> Callable[[Page], None]:
        ADMIN.append(Act(do.__name__.replace("_", " "), do, then))
        return do

    return enter


def press(within: Page | Locator, name: str | re.Pattern[str], role: str = "button") -> None:
    """Press something by the keyboard."""
    exact = isinstance(name, str)
    within.get_by_role(role, name=name, exact=exact).first.press("Enter")  # type: ignore[arg-type]


def row(page: Page, words: str) -> Locator:
    """A row of the table."""
    return page.get_by_role("table").first.get_by_role("row").filter(has_text=words).first


@act("^link 조직")
def a_place_is_opened(page: Page) -> None:
    go(page, "사용자")
    press(page.get_by_role("navigation", name="메뉴", exact=True), re.compile("^조직"), "link")
    page.get_by_role("heading", level=1).wait_for()


@act("^link 그룹")
def a_tab_is_changed(page: Page) -> None:
    go(page, "사용자")
    go(page, "부서")
    page.get_by_role("link", name="그룹", exact=True).first.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("그룹")


@act("^textbox")
def making_is_begun(page: Page) -> None:
    press(page, "그룹 만들기")


@act("^button 그룹 만들기")
def making_is_given_up(page: Page) -> None:
    press(panel(page), "취소")
    expect(panel(page)).to_have_count(0)


@act(f"^complementary {GROUP}")
def a_group_is_made(page: Page) -> None:
    press(page, "그룹 만들기")
    panel(page).get_by_role("textbox").first.fill(GROUP)
    page.keyboard.press("Enter")
    panel(page).get_by_role("heading", name=GROUP).wait_for()


@act("^(combobox|textbox)")
def a_form_of_an_act_is_opened(page: Page) -> None:
    press(panel(page), "구성원 추가")


@act("^button 구성원 추가")
def a_form_of_an_act_is_given_up(page: Page) -> None:
    press(panel(page), "취소")


@act("^button 구성원 추가")
def an_act_is_done(page: Page) -> None:
    press(panel(page), "구성원 추가")
    page.keyboard.type("haeun.choi@hanbit.example")
    page.keyboard.press("Enter")
    expect(panel(page)).to_contain_text("최하은")


@act("^button 구성원 추가", f"^complementary {GROUP}")
def what_was_added_is_taken_away(page: Page) -> None:
    taken = panel(page).get_by_role("button", name=re.compile("최하은"))
    taken.press("Enter")
    expect(taken).to_have_count(0)


@act(f"^row .*{GROUP}", "^button 그룹 만들기")
def a_panel_is_closed_by_escape(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(panel(page)).to_have_count(0)


@act(f"^complementary {GROUP}")
def a_row_is_opened(page: Page) -> None:
    row(page, GROUP).press("Enter")


@act(f"^row .*{GROUP}")
def a_panel_is_closed_by_its_button(page: Page) -> None:
    press(panel(page), "닫기")


@act("^button 삭제")
def a_question_is_answered_with_no(page: Page) -> None:
    row(page, GROUP).press("Enter")
    press(panel(page), re.compile("^삭제"))
    press(page.get_by_role("dialog"), "취소")
    expect(page.get_by_role("dialog")).to_have_count(0)


@act("^row ", "^button 그룹 만들기")
def a_group_is_deleted(page: Page) -> None:
    press(panel(page), re.compile("^삭제"))
    press(page.get_by_role("dialog"), re.compile("^삭제"))
    expect(row(page, GROUP)).to_have_count(0)


@act("^button 이름")
def people_are_sorted(page: Page) -> None:
    go(page, "사용자")
    page.get_by_role("columnheader", name="이름").get_by_role("button").press("Enter")
    expect(page.get_by_role("columnheader", name="이름")).to_have_attribute("aria-sort", "descending")


@act("^checkbox .* 선택")
def a_person_is_picked(page: Page) -> None:
    people = page.get_by_role("table").locator("tbody").get_by_role("row")
    people.nth(1).get_by_role("checkbox").press("Space")
    page.get_by_role("toolbar", name="선택한 사용자 작업").wait_for()


@act("^button 부서 이동")
def an_act_on_many_is_given_up(page: Page) -> None:
    press(page.get_by_role("toolbar", name="선택한 사용자 작업"), "부서 이동")
    press(page.get_by_role("dialog"), "취소")


@act("^checkbox ")
def nobody_is_picked_any_more(page: Page) -> None:
    press(page.get_by_role("toolbar", name="선택한 사용자 작업"), "선택 해제")
    expect(page.get_by_role("toolbar", name="선택한 사용자 작업")).to_have_count(0)


@act("^button 용량 바꾸기")
def a_person_keeps_the_quota(page: Page) -> None:
    page.get_by_label("이름, 주소, 부서, 직위").fill("haeun")
    row(page, "haeun.choi").press("Enter")
    press(panel(page), "용량 바꾸기")
    press(panel(page), "취소")


@act("^button 용량 바꾸기")
def a_person_is_given_a_quota(page: Page) -> None:
    press(panel(page), "용량 바꾸기")
    panel(page).get_by_label("용량 (GB)").fill("5")
    page.keyboard.press("Enter")
    expect(panel(page)).to_contain_text("5 GB")


@act("^tab 로그인")
def another_part_of_a_person_is_shown(page: Page) -> None:
    panel(page).get_by_role("tab").first.focus()
    page.keyboard.press("ArrowRight")
    expect(panel(page)).to_contain_text("2단계 인증")


@act("^row 최하은")
def a_person_is_closed(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(panel(page)).to_have_count(0)


@act("^button ")
def the_search_over_all_is_closed(page: Page) -> None:
    press(page.get_by_role("banner"), re.compile("검색|찾기"))
    page.get_by_role("dialog").get_by_role("combobox").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


@act("^button 찾기")
def the_queue_is_narrowed(page: Page) -> None:
    go(page, "발송 대기열")
    press(page.get_by_role("search"), "찾기")


@act("^button 바로 적용")
def a_policy_is_left_as_it_is(page: Page) -> None:
    go(page, "정책 항목")
    page.get_by_label("정책 찾기").fill("password.min-length")
    page.get_by_role("row").nth(1).press("Enter")
    press(panel(page), "바로 적용")
    press(panel(page), "취소")


def test_the_focus_goes_on_where_an_administrator_does(company: Company, new_person: Callable[..., Person]) -> None:
    page = sign_in(new_person(viewport=DESKTOP).page, company)
    page.set_default_timeout(PATIENCE_MS)
    reader = Reader(page)
    wrong = []
    for one in ADMIN:
        try:
            one.do(page)
            reader.comes_to(*one.then)
        except (AssertionError, Error) as error:
            wrong.append(f"{one.name}: {str(error)[:300]}")
    assert wrong == [], "\n".join(wrong)
