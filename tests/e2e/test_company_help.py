"""The helpers of the browser stories themselves: what they wait for comes late here, and what they press moves away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page
from tests.e2e.company import Person, new_page

if TYPE_CHECKING:
    from collections.abc import Iterator

# A list of rows of 40 px, of which it draws those in sight: `mail` are the words of all, "" those that are still fetched.
LIST = """
<main><div role="grid" style="height: 200px; overflow-y: scroll; position: relative"><div id="rows"></div></div></main>
<div id="pane"></div>
<script>
  const grid = document.querySelector('[role=grid]'), rows = document.querySelector('#rows'), pane = document.querySelector('#pane');
  let mail = [], scrolled = 0, opened = [], mislead = null;
  function draw() {
    rows.style.height = mail.length * 40 + 'px';
    const first = Math.floor(grid.scrollTop / 40);
    rows.replaceChildren(...mail.slice(first, first + 6).map((words, at) => {
      const row = document.createElement('div');
      row.setAttribute('role', 'row');
      row.textContent = words;
      row.style.cssText = `position: absolute; height: 40px; width: 100%; top: ${(first + at) * 40}px`;
      row.onclick = () => show(words);
      return row;
    }));
  }
  function show(words) {
    opened.push(words);
    const other = mislead; mislead = null;
    if (other === 'lost') return;
    setTimeout(() => {
      grid.hidden = grid.style.display = 'none';
      pane.innerHTML = '<button>목록</button><article><h2></h2></article>';
      pane.querySelector('h2').textContent = other ?? words;
      pane.querySelector('button').onclick = () => { pane.innerHTML = ''; grid.style.display = ''; grid.hidden = false; };
    }, 300);
  }
  function put(all) { mail = all; draw(); }
  grid.onscroll = () => { scrolled += 1; draw(); };
</script>
"""
FAR = [f"남의 메일 {number}" for number in range(60)]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    page = new_page(chromium)
    page.set_content(LIST)
    yield page
    page.context.close()


def test_a_mail_far_down_is_brought_and_opened(page: Page) -> None:
    page.evaluate("(all) => put(all)", [*FAR, "찾는 메일"])
    Person(page, "").read("찾는 메일")
    assert page.evaluate("opened") == ["찾는 메일"]


def test_a_mail_that_comes_late_is_waited_for_at_the_top(page: Page) -> None:
    page.evaluate("(all) => { put(all); setTimeout(() => put(['찾는 메일', ...all]), 2500) }", FAR)
    Person(page, "").read("찾는 메일")
    assert page.evaluate("opened") == ["찾는 메일"]


def test_an_empty_mailbox_gets_its_first_mail(page: Page) -> None:
    page.evaluate(
        "() => { grid.style.display = 'none'; setTimeout(() => { grid.style.display = ''; put(['첫 메일']) }, 700) }"
    )
    Person(page, "").read("첫 메일")


def test_rows_on_their_way_are_not_scrolled_over(page: Page) -> None:
    page.evaluate(
        "() => { put(Array(60).fill('')); setTimeout(() => put([...Array(60).keys()].map((at) => `메일 ${at}번`)), 900) }"
    )
    Person(page, "").bring("메일 2번")
    assert page.evaluate("scrolled") == 0


@pytest.mark.parametrize("instead", ["lost", "남의 메일 7"])
def test_a_click_that_went_elsewhere_is_made_again(page: Page, instead: str) -> None:
    page.evaluate("([all, instead]) => { put(all); mislead = instead }", [["찾는 메일", *FAR], instead])
    Person(page, "").read("찾는 메일")
    assert page.evaluate("opened") == ["찾는 메일", "찾는 메일"]
