"""A person who is quicker than the page: what is pressed before the parts of the first page that come late are there is done,
once and in order, and nothing that comes late covers what is in use by then.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, Route, expect
from tests.e2e.test_keyboard_only import walk

if TYPE_CHECKING:
    from tests.e2e.demo_desk import Desk

pytestmark = pytest.mark.peer

SMALL = "/?size=60"
LATE = re.compile(r"/assets/later-(?!en-|ja-|ko-|zh-)[\w-]+\.js$")
"""Actions, verbs and what the search line needs: all but the words, which have files of their own."""
# Between two of the keys that waited: the first has been drawn, and nothing else has happened.
_PRESS_AT_CURSOR = """(keys) => new MutationObserver((_, seen) => {
  if (!document.querySelector('.mail-row.cursor')) return;
  seen.disconnect();
  for (const key of keys)
    document.activeElement.dispatchEvent(
      new KeyboardEvent('keydown', { key, code: `Key${key.toUpperCase()}`, bubbles: true, cancelable: true }));
}).observe(document, { subtree: true, attributeFilter: ['class'] })"""


def open_without(desk: Desk) -> tuple[Page, list[Route]]:
    """The first rows; what comes late is on its way until its routes are continued."""
    held: list[Route] = []
    desk.page.route(LATE, lambda route: held.append(route))  # noqa: PLW0108
    return desk.open(SMALL), held


def let_come(held: list[Route]) -> None:
    """What was held comes."""
    assert held, "nothing was asked for"
    for route in held:
        route.continue_()


def press(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_keys_pressed_while_earlier_ones_are_done_come_after_them(desk: Desk) -> None:
    page, held = open_without(desk)
    press(page, "jx")
    page.evaluate(_PRESS_AT_CURSOR, "jx")
    let_come(held)
    expect(page.get_by_text("2통 선택")).to_be_visible()
    for row in (0, 1):
        expect(desk.row(row)).to_have_attribute("aria-selected", "true")
    expect(desk.row(1)).to_have_class(re.compile(r"\bcursor\b"))


def test_a_menu_opens_for_the_row_that_was_chosen_before(desk: Desk) -> None:
    page, held = open_without(desk)
    press(page, "jx")
    page.evaluate(_PRESS_AT_CURSOR, "v")
    let_come(held)
    expect(page.get_by_role("menu").get_by_role("menuitem", name="거래처")).to_be_visible()
    expect(desk.row(0)).to_have_attribute("aria-selected", "true")


def test_letters_for_a_menu_that_still_comes_act_on_no_mail(desk: Desk) -> None:
    page, held = open_without(desk)
    star = desk.row(0).locator(".star .icon-button").first
    before = star.get_attribute("aria-label") or ""
    press(page, "jvs#")
    let_come(held)
    expect(page.get_by_role("menu").get_by_role("menuitem", name="거래처")).to_be_visible()
    expect(star).to_have_attribute("aria-label", before)
    expect(page.get_by_role("region", name="알림")).not_to_contain_text("휴지통")


def test_a_key_that_is_done_late_leaves_the_search_line_its_focus(desk: Desk) -> None:
    page, held = open_without(desk)
    press(page, "j/")
    line = page.get_by_role("combobox", name="메일 검색")
    expect(line).to_be_focused()
    let_come(held)
    expect(page.locator(".mail-row.cursor")).to_have_count(1)
    expect(line).to_be_focused()
    page.keyboard.type("예산")
    expect(line).to_have_value("예산")


def test_suggestions_that_come_late_cover_nothing_once_the_line_was_left(desk: Desk) -> None:
    page, held = open_without(desk)
    line = page.get_by_role("combobox", name="메일 검색")
    line.focus()
    page.keyboard.press("Tab")
    expect(line).not_to_be_focused()
    let_come(held)
    expect(page.locator("search [role=listbox]")).to_be_attached()
    assert walk(page) == []
    # Whoever comes back to the line has them.
    line.focus()
    expect(page.get_by_role("listbox", name="검색 조건 제안")).to_be_visible()
