"""Where the keyboard is after each act in the webmail: on something that can be seen and has a name, where one goes on. Never
nowhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.demo_desk import open_group
from tests.e2e.reader import Act, Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.demo_desk import Desk

pytestmark = [pytest.mark.peer, pytest.mark.shared_page]

LIST = "^grid "
LETTER = "^group 메일 내용"
WORDS = "() => document.querySelector('article iframe')?.contentDocument?.body?.innerText.trim().length > 0"
# What keeps the focus is fetched after the first rows; whoever imports it too has waited until it runs.
KEPT = """async () => {
  const found = () => performance.getEntriesByType('resource').find(({ name }) => name.includes('/lost-focus-'));
  while (!found()) await new Promise((done) => requestAnimationFrame(done));
  await import(found().name);
}"""
MAIL: list[Act] = []


def act(*then: str) -> Callable[[Callable[[Page], None]], Callable[[Page], None]]:
    """Enter what a function does into the table."""

    def enter(do: Callable[[Page], None]) -> Callable[[Page], None]:
        MAIL.append(Act(do.__name__.replace("_", " "), do, then))
        return do

    return enter


def keys(page: Page, *pressed: str) -> None:
    """Press one key after the other."""
    for key in pressed:
        page.keyboard.press(key)


def undo(page: Page) -> Locator:
    """What takes the last act back."""
    return page.get_by_role("region", name="알림").get_by_role("button", name="실행 취소")


def narrowing(page: Page, name: str) -> Locator:
    """What narrows the list."""
    return page.get_by_role("group", name="필터").get_by_role("button", name=name, exact=True)


def contact(page: Page) -> None:
    """Open the last of the contacts: groups come first."""
    page.evaluate("location.hash = '/contacts'")
    page.locator(".section [role=row]").first.wait_for()
    page.locator(".section").get_by_role("grid").focus()
    keys(page, "End", "Enter")
    page.get_by_role("complementary").wait_for()


def opened(page: Page) -> None:
    """Open the second letter of the list."""
    keys(page, "j", "Enter")
    page.wait_for_function(WORDS)


def written(page: Page) -> Locator:
    """A letter that has been begun; its window."""
    page.keyboard.press("c")
    page.get_by_role("combobox", name="받는사람").press_sequentially("a@outside.example,")
    page.get_by_role("textbox", name="제목").fill("견적")
    window = page.locator("section.window")
    window.locator(".letter-text").wait_for()
    return window


@act(LIST)
def a_row_is_deleted_by_a_key(page: Page) -> None:
    keys(page, "j", "#")
    undo(page).wait_for()


@act(LIST)
def a_row_is_deleted_by_its_own_button(page: Page) -> None:
    page.locator("#row-1").hover()
    page.locator("#row-1").get_by_role("button", name="삭제").click()
    undo(page).wait_for()


@act(LIST)
def an_act_is_taken_back_by_its_notice(page: Page) -> None:
    keys(page, "j", "#")
    undo(page).press("Enter")
    expect(undo(page)).to_have_count(0)


@act(LIST)
def a_notice_is_closed(page: Page) -> None:
    keys(page, "j", "#")
    notice = page.get_by_role("region", name="알림").get_by_role("button", name="닫기")
    notice.press("Enter")
    expect(notice).to_have_count(0)


@act(LIST)
def an_act_is_taken_back_by_a_key(page: Page) -> None:
    keys(page, "j", "#")
    undo(page).wait_for()
    page.keyboard.press("z")
    expect(undo(page)).to_have_count(0)


@act(LIST)
def rows_that_are_chosen_are_deleted(page: Page) -> None:
    keys(page, "j", "x", "j", "x")
    page.get_by_role("toolbar").get_by_role("button", name="삭제", exact=True).press("Enter")
    undo(page).wait_for()


@act(LIST)
def rows_that_are_chosen_are_moved(page: Page) -> None:
    keys(page, "j", "x", "v")
    page.get_by_role("menuitem", name=re.compile("거래처")).first.press("Enter")
    undo(page).wait_for()


@act(LIST)
def a_choice_of_rows_is_given_up(page: Page) -> None:
    keys(page, "j", "x", "Escape")
    expect(page.get_by_text("1통 선택")).to_have_count(0)


@act(LIST)
def all_rows_are_chosen(page: Page) -> None:
    keys(page, "j", "Control+a")
    page.get_by_role("toolbar").first.wait_for()


@act(LETTER)
def a_letter_is_opened(page: Page) -> None:
    opened(page)


@act(LIST)
def a_letter_is_closed(page: Page) -> None:
    opened(page)
    page.get_by_role("article").get_by_role("button", name="목록", exact=True).press("Enter")
    expect(page.get_by_role("article")).to_have_count(0)


@act(LETTER, LIST)
def an_open_letter_is_moved(page: Page) -> None:
    opened(page)
    page.keyboard.press("v")
    page.get_by_role("menuitem", name=re.compile("거래처")).first.press("Enter")
    undo(page).wait_for()


@act(LETTER, LIST)
def an_open_letter_is_deleted_by_its_button(page: Page) -> None:
    opened(page)
    page.get_by_role("article").get_by_role("button", name="삭제", exact=True).first.press("Enter")
    undo(page).wait_for()


@act("^button 이동")
def a_menu_is_closed(page: Page) -> None:
    opened(page)
    page.get_by_role("article").get_by_role("button", name="이동", exact=True).press("Enter")
    page.get_by_role("menu").first.wait_for()
    page.keyboard.press("Escape")


@act("^textbox 본문")
def an_answer_is_begun(page: Page) -> None:
    opened(page)
    page.keyboard.press("r")


@act(LETTER)
def an_answer_is_sent(page: Page) -> None:
    opened(page)
    page.keyboard.press("r")
    page.get_by_role("textbox", name="본문").press_sequentially("네")
    page.keyboard.press("Control+Enter")
    expect(page.locator("section.window")).to_have_count(0)


@act(LIST)
def a_new_letter_is_sent_by_its_button(page: Page) -> None:
    page.keyboard.press("j")
    window = written(page)
    window.locator(".letter-text").press_sequentially("네")
    window.get_by_role("button", name="보내기", exact=True).press("Enter")
    expect(window).to_have_count(0)


@act(LIST)
def a_new_letter_is_kept_for_later(page: Page) -> None:
    page.keyboard.press("j")
    window = written(page)
    window.get_by_role("button", name="닫기", exact=True).press("Enter")
    expect(window).to_have_count(0)


@act(LIST)
def a_new_letter_is_thrown_away(page: Page) -> None:
    page.keyboard.press("j")
    window = written(page)
    window.get_by_role("button", name="버리기", exact=True).press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="버리기", exact=True).press("Enter")
    expect(window).to_have_count(0)


@act("^button 견적")
def a_new_letter_is_put_aside(page: Page) -> None:
    window = written(page)
    window.get_by_role("button", name="접기").press("Enter")
    expect(window).to_have_count(0)


@act("^region 견적", "^textbox 본문")
def a_letter_that_was_put_aside_is_taken_up_again(page: Page) -> None:
    window = written(page)
    window.get_by_role("button", name="접기").press("Enter")
    page.get_by_role("button", name="견적", exact=True).press("Enter")


@act("^(button|toggle button) 안읽음")
def the_list_is_narrowed(page: Page) -> None:
    narrowing(page, "안읽음").press("Enter")
    expect(page).to_have_url(re.compile("unread"))


@act("^(button|toggle button) 전체")
def the_list_is_made_whole_again(page: Page) -> None:
    narrowing(page, "안읽음").press("Enter")
    narrowing(page, "전체").press("Enter")
    expect(page).not_to_have_url(re.compile("unread"))


@act("^link 휴지통")
def another_mailbox_is_opened(page: Page) -> None:
    page.get_by_role("link", name="휴지통").press("Enter")
    page.get_by_role("heading", name="휴지통", level=1).wait_for()


@act(LIST)
def help_is_closed(page: Page) -> None:
    keys(page, "j", "?")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Escape")


@act(LIST)
def the_palette_is_closed(page: Page) -> None:
    keys(page, "j", "Control+k")
    page.get_by_role("combobox", name="명령 찾기").wait_for()
    page.keyboard.press("Escape")


@act("^button 태그 만들기")
def a_dialog_is_cancelled_by_its_button(page: Page) -> None:
    page.get_by_role("button", name="태그 만들기").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="취소").press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)


@act("^button 태그 만들기")
def a_tag_is_made(page: Page) -> None:
    page.get_by_role("button", name="태그 만들기").press("Enter")
    page.get_by_role("dialog").get_by_role("textbox").first.fill("급한 일")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)


@act("^(button|link)")
def a_tag_is_deleted(page: Page) -> None:
    open_group(page, "태그")
    page.get_by_role("button", name=re.compile("태그 관리$")).first.press("Enter")
    page.get_by_role("menuitem", name="태그 삭제").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="삭제").press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)


@act("^(button|link)")
def a_mailbox_is_made(page: Page) -> None:
    page.get_by_role("button", name="메일함 만들기").first.press("Enter")
    page.get_by_role("dialog").get_by_role("textbox").first.fill("새 거래처")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)


@act("^(button|link)")
def a_mailbox_is_deleted(page: Page) -> None:
    page.get_by_role("button", name=re.compile("거래처.* 메뉴$")).first.press("Enter")
    page.get_by_role("menuitem", name="메일함 삭제").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="삭제").press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)


@act("^button 경로")
def a_panel_beside_a_letter_is_closed(page: Page) -> None:
    opened(page)
    page.get_by_role("article").get_by_role("button", name="자세히").press("Enter")
    page.get_by_role("article").get_by_role("button", name="경로·헤더").press("Enter")
    details = page.get_by_role("complementary").last
    details.get_by_role("button", name="닫기").press("Enter")


@act(LIST)
def a_search_is_ended(page: Page) -> None:
    page.get_by_role("banner").get_by_role("combobox", name="메일 검색").fill("예산")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="검색 결과", level=1).wait_for()


@act("^link 이 기기")
def another_page_of_the_settings_is_opened(page: Page) -> None:
    page.evaluate("location.hash = '/settings/look'")
    page.get_by_role("link", name="이 기기").press("Enter")
    page.get_by_role("heading", name="이 기기").wait_for()


@act("^grid ")
def a_contact_is_closed(page: Page) -> None:
    contact(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary")).to_have_count(0)


@act("^button 연락처 추가")
def a_new_contact_is_given_up(page: Page) -> None:
    page.evaluate("location.hash = '/contacts'")
    page.locator(".section [role=row]").first.wait_for()
    page.locator(".section").get_by_role("button", name="연락처 추가").press("Enter")
    page.get_by_role("complementary").get_by_role("button", name="취소").press("Enter")
    expect(page.get_by_role("complementary")).to_have_count(0)


@act("^grid ")
def a_contact_is_deleted(page: Page) -> None:
    contact(page)
    page.get_by_role("complementary").get_by_role("button", name="삭제").press("Enter")
    undo(page).wait_for()


@act("^(button|link|group|checkbox)")
def held_mail_is_let_in(page: Page) -> None:
    page.evaluate("location.hash = '/quarantine'")
    held = page.locator("li.held")
    held.first.wait_for()
    before = held.count()
    held.first.get_by_role("button", name="받은메일함으로").press("Enter")
    expect(held).to_have_count(before - 1)


@pytest.mark.parametrize("one", MAIL, ids=lambda one: one.name)
def test_the_focus_goes_on_where_the_mail_does(desk: Desk, one: Act) -> None:
    page = desk.open("/?size=60")
    page.evaluate(KEPT)
    one.do(page)
    Reader(page).comes_to(*one.then)
