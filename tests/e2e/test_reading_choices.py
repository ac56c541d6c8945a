"""What a person chooses while reading, in Chromium over the demo: whose pictures are shown, the clock, keys one after the
other, and the way out of a search that finds nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.demo_desk import PHONE, Desk, violations

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.peer, pytest.mark.shared_page]

SHOW = "이미지 표시"
BLOCKED = "추적 이미지 1개를 막았습니다"


def with_pictures(desk: Desk) -> Page:
    """The first letter of the demo has remote pictures, one of which shows nothing, and comes from within."""
    page = desk.open("/?size=60")
    desk.row(0).locator(".subject").click()
    expect(page.get_by_role("button", name=SHOW)).to_be_visible()
    return page


def test_pictures_of_a_trusted_domain_are_shown_at_once_until_it_is_taken_off(desk: Desk) -> None:
    page = with_pictures(desk)
    expect(page.get_by_role("note").filter(has_text=BLOCKED)).to_contain_text("외부 이미지 2개")
    page.get_by_role("button", name="항상 표시").click()
    expect(page.get_by_role("menuitem", name="security@hanbit-tech.example에서 온 메일")).to_be_visible()
    page.get_by_role("menuitem", name="hanbit-tech.example에서 온 모든 메일").click()
    picture = page.frame_locator("iframe[title='메일 본문']").locator("img")
    expect(picture).to_have_attribute("src", re.compile("^data:"))
    # What only tells of the reading is counted still, and never loaded.
    expect(page.get_by_text(BLOCKED)).to_be_visible()
    expect(page.get_by_role("button", name=SHOW)).to_have_count(0)

    # Another letter of the same domain, and this one again: nobody asks.
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(picture).to_have_attribute("src", re.compile("^data:"))

    page.goto(f"{desk.site}/?size=60#/settings/look")
    trusted = page.get_by_role("region", name="이미지를 바로 표시할 곳")
    expect(trusted.get_by_role("listitem")).to_have_text(re.compile("hanbit-tech.example"))
    assert violations(page) == []
    trusted.get_by_role("button", name="빼기").click()
    expect(trusted.get_by_role("listitem")).to_have_count(0)
    page.goto(f"{desk.site}/?size=60#inbox")
    desk.row(0).locator(".subject").click()
    expect(page.get_by_role("button", name=SHOW)).to_be_visible()


def test_the_banner_of_pictures_fits_a_phone_and_both_themes(new_desk: Callable[..., Desk]) -> None:
    for theme in ("light", "dark"):
        page = with_pictures(new_desk(PHONE, theme))
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        assert violations(page) == []
        box = page.get_by_role("button", name="항상 표시").bounding_box()
        assert box is not None and box["height"] >= 44


def test_the_clock_has_twenty_four_hours_where_that_is_chosen_also_after_a_reload(desk: Desk) -> None:
    page = desk.open("/?size=60")
    expect(desk.row(0)).to_contain_text(re.compile("오전|오후"))
    page.goto(f"{desk.site}/?size=60#/settings/account")
    page.get_by_text("15:12", exact=True).click()
    page.goto(f"{desk.site}/?size=60#inbox")
    expect(desk.row(0)).to_contain_text(re.compile(r"(^|\D)\d\d:\d\d$"))
    expect(desk.row(0)).not_to_contain_text(re.compile("오전|오후"))
    page.reload()
    expect(desk.row(0)).to_contain_text(re.compile(r"\d\d:\d\d$"))


def press_korean(page: Page, jamo: str, code: str) -> None:
    """A key as it comes while the Korean input method is on."""
    page.evaluate(
        """([key, code]) => document.activeElement.dispatchEvent(
             new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true }))""",
        [jamo, code],
    )


def test_two_keys_go_to_mailboxes_and_choose_also_with_the_korean_input_method(desk: Desk) -> None:
    page = desk.open("/?size=60")
    for second, name in (("t", "보낸메일함"), ("d", "임시보관함"), ("i", "받은메일함")):
        page.keyboard.press("g")
        page.keyboard.press(second)
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    press_korean(page, "ㅎ", "KeyG")
    press_korean(page, "ㅅ", "KeyT")
    expect(page.get_by_role("heading", name="보낸메일함", exact=True)).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="주소록", level=1)).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(desk.row(0)).to_be_visible()

    page.keyboard.press("*")
    page.keyboard.press("u")
    expect(page.get_by_text(re.compile(r"\d+통 선택"))).to_be_visible()
    chosen = page.locator("[role=row][aria-selected=true]")
    assert 0 < chosen.count() < page.locator("[role=row][aria-rowindex]").count()
    page.keyboard.press("*")
    page.keyboard.press("n")
    expect(page.get_by_text(re.compile(r"\d+통 선택"))).to_have_count(0)


def test_a_second_key_that_means_nothing_does_nothing(desk: Desk) -> None:
    page = desk.open("/?size=60")
    first = desk.row(0).inner_text()
    page.keyboard.press("j")
    page.keyboard.press("g")
    page.keyboard.press("#")
    page.keyboard.press("j")
    expect(page.get_by_role("region", name="알림")).not_to_contain_text("휴지통")
    assert desk.row(0).inner_text() == first


def test_v_opens_the_menu_of_mailboxes(desk: Desk) -> None:
    page = desk.open("/?size=60")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("v")
    page.get_by_role("menu").get_by_role("menuitem", name="거래처").click()
    expect(page.get_by_role("region", name="알림")).to_contain_text("거래처")


def test_a_search_that_finds_nothing_offers_what_would(desk: Desk) -> None:
    page = desk.open("/?size=200")
    page.keyboard.press("/")
    page.keyboard.type("예산 없는말입니다")
    page.keyboard.press("Enter")
    offered = page.get_by_role("list", name="조건을 줄여서 찾기")
    less = offered.get_by_role("button", name=re.compile(r"‘없는말입니다’ 빼고 찾기 \d+통"))
    expect(less).to_be_visible()
    # What would find nothing either is not offered.
    expect(offered.get_by_role("button")).to_have_count(1)
    assert violations(page) == []
    count = re.search(r"(\d+)통", less.inner_text())
    assert count is not None
    less.click()
    expect(page.get_by_text(f"{count[1]}통 찾음")).to_be_visible()
    expect(desk.row(0)).to_contain_text("예산")
