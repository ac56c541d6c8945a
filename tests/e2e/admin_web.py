"""What the tests of the admin web share: signing in, and looking at a page in both sizes and themes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.e2e.company import DEMO_PASSWORD, DESKTOP, PHONE
from tests.e2e.demo_desk import EVERYTHING, OF_COLOURS, OF_MORE_CONTRAST, asked_at, settle, violations
from tests.strength import FULL

from smartmail.app.demo.people import ADMIN

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page
    from tests.e2e.company import Company

_WEB = Path(__file__).parents[2] / "web"
ENTRIES = json.loads((_WEB / "admin/src/app/entries.json").read_text(encoding="utf-8"))
WORDS: dict[str, str] = json.loads((_WEB / "i18n/admin/ko.json").read_text(encoding="utf-8"))


def sign_in(page: Page, company: Company) -> Page:
    """Sign in as the administrator of the demo company."""
    page.goto(company.site.replace("localhost", "admin.localhost"))
    page.get_by_label("관리자 주소").fill(ADMIN)
    page.get_by_label("비밀번호").fill(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    rail(page).wait_for()
    return page


def rail(page: Page) -> Locator:
    """The twelve places."""
    return page.get_by_role("navigation", name="메뉴", exact=True)


def place_of(page_id: str) -> tuple[str, str]:
    """The names of the place and of the tab that a page is in."""
    for entry in ENTRIES:
        for pages in entry["tabs"]:
            if page_id in pages:
                return WORDS[f"entry.{entry['id']}"], WORDS.get(f"tab.{pages[0]}", WORDS[f"page.{pages[0]}"])
    raise AssertionError(f"{page_id} is in no place of the rail")


def go(page: Page, name: str) -> int:
    """Open a page as somebody does who knows what it is called: its place, its tab, and the page where a tab has several.

    Returns how many clicks it took.
    """
    clicks = 0
    page_id = next(key.removeprefix("page.") for key, word in WORDS.items() if key.startswith("page.") and word == name)
    entry, tab = place_of(page_id)
    within = page.get_by_role("navigation", name=entry, exact=True)
    if within.count() == 0:
        rail(page).get_by_role("link", name=re.compile(f"^{re.escape(entry)}( |$)")).click()
        clicks += 1
    heading = page.get_by_role("heading", level=1)
    one = within.get_by_role("list").first.get_by_role("link", name=tab, exact=True)
    last = within.get_by_role("list").nth(1).get_by_role("link", name=name, exact=True)
    one.or_(heading.filter(has_text=name)).first.wait_for()
    if one.count():
        one.click()
        clicks += 1
    if tab != name:
        last.or_(heading.filter(has_text=name)).first.wait_for()
        if last.count():
            last.click()
            clicks += 1
    if page_id != "overview":
        expect(heading).to_have_text(name)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    return clicks


def panel(page: Page) -> Locator:
    """The details beside the list."""
    return page.get_by_role("complementary")


def form_of(page: Page, within: Locator, label: str) -> Locator:
    """What a button opened that asks for `label`: a window, or a part of the page."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(label).or_(within.get_by_label(label)).first.wait_for()
    return dialog if dialog.get_by_label(label).count() else within


_SHOW = """([theme, contrast]) => Object.assign(document.documentElement.dataset, { theme, contrast })"""
# Views that are looked at in high contrast too, by the name they are looked at under.
_IN_HIGH_CONTRAST = {
    "overview",
    "people",
    "person",
    "shell",
    "trace-why",
    "queue",
    "knob",
    "search",
    "도메인",
    "감사기록",
}


def look(page: Page, name: str, tmp_path: pathlib.Path) -> None:
    """Nothing reaches beyond the page at both widths, and nothing shuts anybody out: wide first in the light theme, on a
    phone in the dark one. A full run asks axe at both widths and keeps their pictures; a landing at one of them, by the name
    of the view, and there for everything in one theme and for colours in the other.
    """
    found: list[tuple[object, ...]] = []
    asked = asked_at(name)
    for at, (size_name, size, theme) in enumerate((("wide", DESKTOP, "light"), ("phone", PHONE, "dark"))):
        page.set_viewport_size(size)
        settle(page)
        if FULL:
            page.screenshot(path=str(tmp_path / f"{name}-{size_name}.png"))
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], f"{name} is {wide} px wide"
        if FULL or at == asked:
            found += [(size_name, *each) for each in _shut_out(page, theme, high=name in _IN_HIGH_CONTRAST)]
    page.evaluate(_SHOW, ["light", "normal"])
    page.set_viewport_size(DESKTOP)
    settle(page)  # what is pressed next stands where it stays
    assert found == [], f"{name}: {json.dumps(found, ensure_ascii=False, indent=1)}"


def _shut_out(page: Page, theme: str, *, high: bool) -> Iterator[tuple[object, ...]]:
    """What axe finds: all of it in this theme, colours in the other; `high`: 7:1 in high contrast."""
    other = "light" if theme == "dark" else "dark"
    for shown, contrast, rules in (
        (theme, "normal", EVERYTHING),
        (other, "normal", OF_COLOURS),
        *([(theme, "more", OF_MORE_CONTRAST)] if high else []),
    ):
        page.evaluate(_SHOW, [shown, contrast])
        for each in violations(page, rules=rules):
            yield (shown, contrast, *each)
