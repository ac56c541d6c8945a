"""Names stand as readers of the page's language expect, dates tell the whole moment, hours are those of the chosen clock."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.crawl import SETTLED
from tests.e2e.demo_desk import DESKTOP, WIDE, Desk

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.peer, pytest.mark.shared_page]

NARROW = {"width": 900, "height": 700}
WHOLE_DATE = re.compile(r"\d{4}\. \d{1,2}\. \d{1,2}\. \(.\) 오[전후] \d{1,2}:\d{2}")


def prefer(page: Page, name: str, value: str) -> None:
    """Choose something on another device: the page hears of it."""
    page.evaluate(
        "([name, value]) => demo.server.handle({ using: [], methodCalls:"
        " [['UserPreferences/set', { update: { singleton: { [`values/${name}`]: value } } }, 'a']] })",
        [name, value],
    )


def test_the_list_begins_as_the_company_says_and_a_choice_of_ones_own_wins(desk: Desk) -> None:
    told = {"list": {"density": "compact", "pane": "below", "faces": False}}
    page = desk.open("/?told=" + quote(json.dumps(told)))
    expect(desk.row(3)).to_have_css("height", "30px")
    expect(desk.row(3).locator(".face")).to_have_count(0)
    rows, letter = page.get_by_role("grid").bounding_box(), page.get_by_role("article", name="메일 읽기").bounding_box()
    assert rows is not None
    assert letter is not None
    assert letter["y"] >= rows["y"] + rows["height"]
    page.evaluate("() => (location.hash = '#/settings/look')")
    spacing = page.get_by_role("radiogroup", name="목록 간격")
    expect(spacing.get_by_role("radio", name="촘촘하게")).to_be_checked()
    spacing.get_by_text("넓게", exact=True).click()
    page.get_by_role("switch", name="목록에 프로필 표시").click()
    page.evaluate("() => (location.hash = '')")
    expect(desk.row(3)).to_have_css("height", "44px")
    expect(desk.row(3).locator(".face")).to_have_count(1)
    # A company that says nothing leaves the place of the letter to the width.
    page = desk.open("/?told=" + quote(json.dumps({"list": {"density": "normal", "pane": None, "faces": True}})))
    expect(page.get_by_role("article", name="메일 읽기")).to_have_count(0)


@pytest.mark.parametrize(("density", "heights"), [("compact", (30, 54)), ("normal", (36, 72)), ("roomy", (44, 88))])
@pytest.mark.parametrize("viewport", [DESKTOP, WIDE, NARROW], ids=["desktop", "wide", "narrow"])
def test_what_a_row_offers_to_a_hand_lies_over_the_date_and_moves_nothing(
    kept_desk: Callable[..., Desk], viewport: dict[str, int], density: str, heights: tuple[int, int]
) -> None:
    desk = kept_desk(viewport)
    page = desk.open()
    prefer(page, "density", density)
    row, when = desk.row(3), desk.row(3).locator("time")
    expect(row).to_have_css("height", f"{heights[viewport is WIDE]}px")
    page.evaluate(SETTLED, 300)
    before = when.bounding_box()
    assert before is not None
    # Who points at the sender is told the whole date, and the address.
    row.locator(".from").hover()
    expect(row.locator(".hover")).to_have_css("opacity", "1")
    expect(row.locator(".from")).to_have_attribute("title", re.compile(r"<\S+@\S+>\n" + WHOLE_DATE.pattern))
    assert when.bounding_box() == before, "nothing moves when a pointer comes"
    acts = row.locator(".hover button")
    expect(acts).to_have_count(4)
    over = row.locator(".hover").bounding_box()
    assert over is not None
    assert over["x"] <= before["x"]
    assert over["x"] + over["width"] >= before["x"] + before["width"] - 8
    acts.nth(1).click()
    expect(row.get_by_role("button", name="별표 해제")).to_have_count(1)
    row.get_by_role("button", name="삭제").click()
    expect(page.get_by_role("region", name="알림")).to_contain_text("휴지통")


ORDERS = {
    "ko-KR": ["단가 협의", "林怡君", "오세린", "王小明", "임준호", "田中 健一", "佐藤 美咲", "Emily Carter"],
    "ja-JP": ["Emily Carter", "王小明", "佐藤 美咲", "田中 健一", "林怡君", "단가 협의", "오세린", "임준호"],
    "zh-CN": ["林怡君", "田中 健一", "王小明", "佐藤 美咲", "Emily Carter", "단가 협의", "오세린", "임준호"],
    "zh-TW": ["王小明", "田中 健一", "佐藤 美咲", "林怡君", "Emily Carter", "단가 협의", "오세린", "임준호"],
}


@pytest.mark.parametrize("locale", ORDERS)
def test_contacts_stand_in_the_order_of_the_language(new_desk: Callable[..., Desk], locale: str) -> None:
    desk = new_desk(locale=locale)
    desk.page.goto(f"{desk.site}/#/contacts")
    names = desk.page.locator("[role=row] .name")
    expect(names).to_have_text(ORDERS[locale])


def test_enter_at_once_takes_the_keyboard_to_what_is_found(desk: Desk) -> None:
    page = desk.open()
    box = page.get_by_role("combobox", name="메일 검색")
    box.click()
    page.keyboard.type("예산")
    page.keyboard.press("Enter")
    found = page.get_by_role("grid", name="검색 결과 메일 목록")
    expect(found).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(found).to_have_attribute("aria-activedescendant", "row-0")
    # Nothing is found: the box keeps the keyboard.
    box.click()
    page.keyboard.type(" 세상에없는말")
    page.keyboard.press("Enter")
    expect(found).to_have_count(0)
    expect(box).to_be_focused()


def test_the_hour_to_send_at_is_of_the_clock_that_the_person_chose(desk: Desk) -> None:
    page = desk.open()
    prefer(page, "timeZone", "America/New_York")
    page.keyboard.press("c")
    page.get_by_role("combobox", name="받는사람").fill("someone@x.example")
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="제목").fill("뉴욕 시각으로")
    page.get_by_role("button", name="예약 발송").click()
    page.get_by_role("menuitem", name="날짜와 시각 선택").click()
    hour = page.get_by_label("보낼 시각")
    expect(page.get_by_text("미 동부 시간 (GMT-")).to_be_visible()
    hour.fill(f"{date.today() + timedelta(days=20)}T09:30")
    page.get_by_role("button", name="예약", exact=True).click()
    page.get_by_role("link", name="예약메일함").click()
    # The list is of the same clock.
    expect(page.get_by_role("listitem").filter(has_text="뉴욕 시각으로")).to_contain_text("오전 9:30")
