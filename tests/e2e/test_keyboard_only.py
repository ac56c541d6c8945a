"""Without a pointer: a mail is read and answered by keys alone, what has the focus is never hidden, and the list, which draws
only what is in sight, says how long it is and where each row stands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.demo_desk import DESKTOP, PHONE, Desk

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.peer, pytest.mark.shared_page]

SMALL = "/?size=60"
_STEPS = 60
# What is hidden from eyes but shown when it has the focus comes into sight by itself.
_HIDDEN = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one.matches('iframe')) return null;
  const { left, top, width, height } = one.getBoundingClientRect();
  const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.2], [0.5, 0.8]].map(([x, y]) => [left + width * x, top + height * y]);
  const seen = points.some(([x, y]) => { const top = document.elementFromPoint(x, y); return top && (one.contains(top) || top.contains(one)); });
  const told = `${one.tagName} ${one.getAttribute('aria-label') ?? one.innerText ?? ''}`.slice(0, 80);
  if (!seen) return `out of sight: ${told}`;
  // A switch has its ring around what is drawn, a part of it.
  const ring = [one, ...one.children].map((each) => getComputedStyle(each)).some((style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0);
  return ring || getComputedStyle(one).boxShadow !== 'none' || one.matches('input, textarea, select, [contenteditable=true], [role=grid]') ? null : `no ring: ${told}`;
}"""


def walk(page: Page, steps: int = _STEPS) -> list[str]:
    """Press Tab; return what had the focus and could not be seen."""
    found = []
    for _ in range(steps):
        page.keyboard.press("Tab")
        if told := page.evaluate(_HIDDEN):
            found.append(told)
    return found


def test_the_list_says_how_long_it_is_and_where_each_row_stands(desk: Desk) -> None:
    page = desk.open("/?size=2500")
    grid = page.get_by_role("grid").first
    expect(grid).to_have_attribute("aria-rowcount", "2500")
    expect(desk.row(0)).to_have_attribute("aria-rowindex", "1")
    grid.evaluate("grid => { grid.scrollTop = grid.scrollHeight / 2 }")
    expect(desk.row(1250)).to_have_attribute("aria-rowindex", "1251")
    assert page.get_by_role("row").count() <= 100
    # Who listens hears the row that the cursor is on.
    page.keyboard.press("j")
    expect(page.locator("[role=grid][aria-activedescendant], [role=row]:focus").first).to_be_attached()


def test_a_mail_is_read_and_answered_by_keys_alone(desk: Desk) -> None:
    page = desk.open(SMALL)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="메일 목록으로 건너뛰기")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("grid").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    article = page.get_by_role("article", name="메일 읽기")
    expect(article).to_be_visible()
    heading = article.get_by_role("heading").first
    subject = heading.inner_text()
    page.keyboard.press("r")
    letter = page.get_by_role("textbox", name="본문")
    expect(page.get_by_role("textbox", name="제목")).to_have_value(re.compile(re.escape(subject.split(": ")[-1])))
    expect(letter).to_be_focused()
    page.keyboard.type("네, 확인했습니다.")
    expect(letter).to_contain_text("네, 확인했습니다.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("region", name="알림")).to_contain_text("보냈습니다")
    expect(letter).to_have_count(0)
    page.keyboard.press("u")
    expect(article).to_have_count(0)
    page.keyboard.press("j")
    expect(page.locator("[role=row].cursor")).to_have_count(1)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_what_has_the_focus_is_in_sight_and_has_a_ring(new_desk: Callable[..., Desk], size: dict[str, int]) -> None:
    desk = new_desk(size)
    page = desk.open(SMALL)
    assert walk(page) == []
    desk.row(2).locator(".subject").click()
    page.locator("iframe[title='메일 본문']").wait_for()
    assert walk(page, 30) == []
    page.keyboard.press("Escape")
    page.goto(f"{desk.site}{SMALL}#/settings/look")
    page.get_by_role("heading", name="언어와 화면").wait_for()
    assert walk(page, 40) == []


@pytest.mark.parametrize(("key", "label"), [("v", "이동"), ("b", "나중에 보기"), ("l", "태그")])
def test_a_key_opens_its_menu_for_the_row_of_the_cursor_where_no_verbs_are_shown(
    desk: Desk, key: str, label: str
) -> None:
    page = desk.open(SMALL)
    page.keyboard.press("j")
    expect(page.locator("[role=row].cursor")).to_have_count(1)
    page.keyboard.press(key)
    expect(page.get_by_role("toolbar").get_by_role("button", name=label)).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("menu").first).to_be_visible()
    expect(page.get_by_text("1통 선택")).to_be_visible()
    expect(desk.row(0).get_by_role("checkbox")).to_be_checked()


def test_letters_lead_to_the_mailbox_that_a_mail_is_moved_into(desk: Desk) -> None:
    page = desk.open(SMALL)
    page.keyboard.press("j")
    page.keyboard.press("v")
    page.wait_for_function("() => document.activeElement.getAttribute('role') === 'menuitem'")
    wanted = page.get_by_role("menuitem", name="뉴스레터", exact=True)
    expect(wanted).not_to_be_focused()
    # By the keys that write it, with a Latin layout on: none of them is a shortcut of the list.
    for letter in "sbtm":
        page.keyboard.press(letter)
    expect(wanted).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="알림")).to_contain_text("뉴스레터")


def test_a_letter_is_written_by_enter_and_its_tools_are_one_stop(desk: Desk) -> None:
    page = desk.open(SMALL)
    page.keyboard.press("c")
    to = page.get_by_role("combobox", name="받는사람")
    subject = page.get_by_role("textbox", name="제목")
    letter = page.get_by_role("textbox", name="본문")
    letter.wait_for()
    expect(to).to_be_focused()
    # Nobody is named yet: there is nowhere to go on to.
    page.keyboard.press("Enter")
    expect(to).to_be_focused()
    page.keyboard.type("a@b.example")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="받는사람").locator(".chip")).to_have_count(1)
    expect(to).to_be_focused()
    page.keyboard.press("Enter")
    expect(subject).to_be_focused()
    page.keyboard.type("3분기 견적")
    page.keyboard.press("Enter")
    expect(letter).to_be_focused()
    page.keyboard.type("확인 부탁드립니다.")
    expect(letter).to_have_text("확인 부탁드립니다.")
    # The tools stand between the subject and the words: one stop, arrows inside.
    tools = page.get_by_role("toolbar", name="서식")
    subject.focus()
    page.keyboard.press("Tab")
    expect(tools.get_by_role("button").first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(tools.get_by_role("button").nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(tools.get_by_role("button").last).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(tools.get_by_role("button").first).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    expect(letter).to_be_focused()
    # Back at the tool that was left.
    page.keyboard.press("Shift+Tab")
    expect(tools.get_by_role("button").last).to_be_focused()
