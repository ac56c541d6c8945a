"""The guide from where one needs it: the chapter of a screen, found by words, readable by everybody, in the demo build."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.demo_desk import DESKTOP, PHONE, Desk, run_command, violations

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

pytestmark = [pytest.mark.peer, pytest.mark.shared_page]


def opened_by(desk: Desk, act: Callable[[], object]) -> Page:
    """The tab that an act opens."""
    with desk.page.context.expect_page() as tab:
        act()
    tab.value.wait_for_load_state()
    return tab.value


def help_item(desk: Desk) -> Locator:
    """Open the person's menu and return its entry."""
    desk.page.get_by_role("banner").get_by_role("button").last.click()
    return desk.page.get_by_role("menuitem", name="도움말")


def test_the_menu_opens_the_chapter_of_the_screen_and_the_screen_stays(desk: Desk) -> None:
    page = desk.open()
    chapter = opened_by(desk, help_item(desk).click)
    assert chapter.url == f"{desk.site}/help/ko/reading"
    expect(chapter.get_by_role("heading", level=1)).to_have_text("메일 읽기")
    expect(chapter.get_by_role("navigation").get_by_role("link", name="메일 읽기")).to_have_attribute(
        "aria-current", "page"
    )
    chapter.close()
    page.goto(f"{desk.site}/#/contacts")
    page.get_by_role("heading", name="주소록").first.wait_for()
    chapter = opened_by(desk, lambda: run_command(page, "도움말"))
    assert chapter.url == f"{desk.site}/help/ko/contacts"
    expect(page.get_by_role("heading", name="주소록").first).to_be_visible()


def test_while_somebody_writes_it_is_the_chapter_of_writing(desk: Desk) -> None:
    page = desk.open()
    page.keyboard.press("c")
    page.get_by_role("textbox", name="제목").wait_for()
    assert opened_by(desk, help_item(desk).click).url == f"{desk.site}/help/ko/writing"


def test_a_word_of_another_program_finds_the_section(desk: Desk) -> None:
    page = desk.open()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="명령 찾기").fill("라벨")
    option = page.get_by_role("listbox", name="명령 찾기").get_by_role("option").first
    expect(option).to_contain_text("메일함, 태그, 자동분류 › 태그")
    section = opened_by(desk, lambda: page.keyboard.press("Enter"))
    assert section.url == f"{desk.site}/help/ko/organising#tags"
    expect(section.get_by_role("heading", name="태그", exact=True)).to_be_in_viewport()


def test_settings_shortcuts_and_the_door_lead_there_too(desk: Desk) -> None:
    page = desk.page
    page.goto(f"{desk.site}/#/settings/writing")
    link = page.get_by_role("link", name="도움말")
    expect(link).to_have_attribute("href", "/help/ko/writing#signatures")
    assert opened_by(desk, link.click).get_by_role("heading", name="서명", exact=True).is_visible()
    page.keyboard.press("?")
    close = page.get_by_role("dialog", name="단축키").get_by_role("button", name="닫기")
    expect(close).to_be_focused()
    expect(page.get_by_role("link", name="사용자 안내서 열기")).to_have_attribute("href", "/help/ko/writing#signatures")
    page.goto(f"{desk.site}/?signIn=1")
    door = opened_by(desk, page.get_by_role("link", name="도움말").click)
    expect(door.get_by_role("heading", level=1)).to_have_text("처음 로그인하기")


def test_who_reads_no_korean_is_given_english(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(locale="ja-JP")
    page = desk.page
    page.goto(f"{desk.site}/#/settings/look")
    chapter = opened_by(desk, page.get_by_role("link", name="ヘルプ").click)
    assert chapter.url == f"{desk.site}/help/en/sign-in#screen-and-language"
    expect(chapter.get_by_role("heading", level=1)).to_have_text("Signing in for the first time")
    chapter.get_by_role("link", name="한국어").click()
    expect(chapter.get_by_role("heading", level=1)).to_have_text("처음 로그인하기")


@pytest.mark.parametrize(
    ("viewport", "theme"), [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light"), (PHONE, "dark")]
)
def test_the_pages_shut_nobody_out(new_desk: Callable[..., Desk], viewport: dict[str, int], theme: str) -> None:
    desk = new_desk(viewport, theme)
    for path in ("/help/ko", "/help/ko/reading", "/help/en/programs"):
        desk.page.goto(desk.site + path)
        assert violations(desk.page) == [], path
        assert desk.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], path
    ground = desk.page.evaluate("getComputedStyle(document.body).backgroundColor")
    lightness = float(ground.removeprefix("oklch(").split()[0])
    assert (lightness < 0.3) == (theme == "dark") and (lightness > 0.9) == (theme == "light"), ground
    pictures = desk.page.locator("main img")
    pictures.first.scroll_into_view_if_needed()
    expect(pictures.first).to_have_js_property("complete", value=True)
    assert pictures.first.evaluate("one => one.naturalWidth") > 100
