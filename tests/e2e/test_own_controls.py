"""Own controls by pointer and keys, and the settings in their groups: at the demo build."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.controls import offered_by, pick
from tests.e2e.demo_desk import PHONE, violations

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.e2e.demo_desk import Desk

# No native control but for files, ticks and the line of a slider, which is drawn by us.
NATIVE = "select, progress, meter, input[type=date], input[type=time], input[type=datetime-local], input[type=month]"


def settings(desk: Desk, page: str = "") -> Page:
    """A page of the settings."""
    opened = desk.open()
    opened.evaluate("(to) => { location.hash = `#/settings${to}`; }", f"/{page}" if page else "")
    opened.get_by_role("heading", name="설정" if page == "" else re.compile(".")).first.wait_for()
    return opened


def test_a_list_is_opened_walked_and_searched_by_keys(desk: Desk) -> None:
    page = settings(desk, "look")
    field = page.get_by_role("combobox", name="메일을 오른쪽으로 밀면")
    field.focus()
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-expanded", "true")
    assert violations(page) == []
    page.keyboard.press("End")
    page.keyboard.press("Escape")
    # Escape changes nothing, and leaves the page as it is.
    expect(field).to_have_text("읽음·안읽음")
    expect(field).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_attribute("data-value", "star")
    expect(field).to_be_focused()
    # 스팸 by the keys that write it, with a Latin layout on.
    field.press("t")
    field.press("m")
    field.press("v")
    page.keyboard.press("Enter")
    expect(field).to_have_attribute("data-value", "spam")
    # Nothing of that was taken for a shortcut of the list.
    expect(page).to_have_url(re.compile("/settings/look"))


def test_a_list_in_a_dialog_shuts_alone_and_shows_what_it_offers(desk: Desk) -> None:
    page = desk.open()
    page.get_by_role("button", name="태그 만들기").click()
    dialog = page.get_by_role("dialog", name="태그 만들기")
    parent = dialog.get_by_role("combobox", name="상위 태그")
    assert "업무" in offered_by(parent)
    expect(dialog).to_be_visible()
    pick(parent, "업무")
    expect(parent).to_have_text("업무")
    parent.click()
    dialog.get_by_role("heading").first.click()
    expect(parent).to_have_attribute("aria-expanded", "false")


def test_a_day_is_typed_as_people_write_it_or_walked_to(desk: Desk) -> None:
    page = desk.open()
    page.keyboard.press("c")
    page.get_by_role("combobox", name="받는사람").fill("someone@x.example,")
    page.get_by_role("button", name="메일 옵션").click()
    day = page.get_by_label("회신 요청 기한")
    day.fill("2027년 1월 5일")
    day.press("Enter")
    expect(day).to_have_value("2027. 1. 5. (화)")
    day.press("ArrowDown")
    picked = page.get_by_role("gridcell", selected=True).get_by_role("button")
    expect(picked).to_be_focused()
    expect(picked).to_have_accessible_name("2027년 1월 5일 화요일")
    assert violations(page) == []
    page.keyboard.press("PageDown")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(day).to_have_value("2027. 2. 6. (토)")
    expect(day).to_be_focused()
    # Escape shuts the month, and not what it stands in.
    day.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.get_by_role("grid", name="2027년 2월")).to_have_count(0)
    expect(day).to_be_visible()
    day.fill("언젠가")
    day.press("Enter")
    expect(day).to_have_attribute("aria-invalid", "true")


@pytest.mark.parametrize("where", ["look", "device", "advanced", "writing", "join", "account"])
def test_every_page_of_the_settings_is_ours_and_reads_in_every_theme(desk: Desk, where: str) -> None:
    page = settings(desk, where)
    page.locator(".settings .content > *").first.wait_for()
    expect(page.locator(NATIVE)).to_have_count(0)
    for theme, contrast in (("light", "normal"), ("dark", "normal"), ("light", "more"), ("dark", "more")):
        page.evaluate(
            "(told) => Object.assign(document.documentElement.dataset, told)", {"theme": theme, "contrast": contrast}
        )
        assert violations(page) == [], (theme, contrast)


def test_a_theme_shows_at_once_and_high_contrast_stays(desk: Desk) -> None:
    page = settings(desk, "look")
    ink = "getComputedStyle(document.querySelector('.settings .text')).color"
    page.locator(".settings .text").first.wait_for()
    before = page.evaluate(ink)
    page.get_by_role("radio", name="고대비").check(force=True)
    assert page.evaluate("document.documentElement.dataset.contrast") == "more"
    assert page.evaluate(ink) != before
    page.reload()
    page.locator(".settings .content > *").first.wait_for()
    assert page.evaluate("document.documentElement.dataset.contrast") == "more"
    page.get_by_role("radio", name="밝게").check(force=True)
    assert page.evaluate("document.documentElement.dataset.contrast") == "normal"


def test_a_setting_is_found_by_its_name_its_first_sounds_and_another_word(desk: Desk) -> None:
    page = settings(desk, "look")
    groups = page.get_by_role("navigation", name="설정").get_by_role("heading")
    expect(groups).to_have_text(["화면", "메일"])
    search = page.get_by_role("searchbox", name="설정 검색")
    hits = page.get_by_role("navigation", name="설정").get_by_role("link")
    search.fill("서명")
    expect(hits.first).to_contain_text("쓰기")
    search.fill("ㅂㅎㄱㅈ")
    expect(hits.first).to_contain_text("방해 금지")
    search.fill("자전거")
    expect(hits).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text="찾는 설정이 없습니다")).to_be_visible()
    search.fill("푸시")
    expect(hits.first).to_contain_text("이 기기")
    search.fill("초성")
    search.press("Enter")
    expect(page).to_have_url(re.compile("/settings/advanced"))
    expect(page.locator(".content .sought")).to_contain_text("초성")
    search.press("Escape")
    expect(groups).to_have_count(2)


def test_a_phone_shows_the_list_first_then_the_page(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(PHONE)
    page = settings(desk)
    page.get_by_role("searchbox", name="설정 검색").fill("방해 금지")
    page.get_by_role("navigation", name="설정").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="이 기기")).to_be_visible()
    page.get_by_role("button", name="설정 목록으로").click()
    expect(page.get_by_role("searchbox", name="설정 검색")).to_be_visible()
    assert violations(page) == []
