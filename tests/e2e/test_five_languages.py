"""The main screens in the four languages beside Korean, at a desk and on a phone, with a real node behind: every message is
there, nothing is cut off, the page says which language it is in, and days are written as people write them.
"""

from __future__ import annotations

import itertools
import json
import pathlib
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.company import ANSWER_MS, DESKTOP, PHONE, letter, new_page
from tests.e2e.pictures import keep_picture
from tests.e2e.test_reading_company import bring_in
from tests.e2e.test_second_factor import PASSWORD, new_account
from tests.strength import FULL

if TYPE_CHECKING:
    from tests.e2e.company import Company

pytestmark = pytest.mark.peer

CATALOGUES = pathlib.Path(__file__).parents[2] / "web" / "i18n" / "catalogues"
LOCALES = {"en": "en-GB", "ja": "ja-JP", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}
SIZES = {"desktop": DESKTOP, "phone": PHONE}
# A landing sees each language at one size, and the one with the longest words at both.
LANDING = (("en", "desktop"), ("en", "phone"), ("ja", "phone"), ("zh-Hans", "desktop"), ("zh-Hant", "phone"))
VISITS = tuple(itertools.product(LOCALES, SIZES)) if FULL else LANDING
# A whole day, as each language writes it.
DAY = {
    "en": r"\d{1,2} [A-Z][a-z]+,? 20\d\d|[A-Z][a-z]+ \d{1,2}, 20\d\d",
    "ja": r"20\d\d/\d{1,2}/\d{1,2}\([月火水木金土日]\)",
    "zh-Hans": r"20\d\d/\d{1,2}/\d{1,2}周[一二三四五六日]",
    "zh-Hant": r"20\d\d/\d{1,2}/\d{1,2}（週[一二三四五六日]）",
}
PAGES = (
    "look", "rules", "vacation", "forward", "senders", "account", "security", "sessions", "programs", "looks", "parcels",
    "writing", "device",
)  # fmt: skip
SECTIONS = ("contacts", "organization", "attachments", "big-files")
# Words of the page itself; what people wrote, and names of people, may be longer than their place.
_CUT = """() => [...document.querySelectorAll('button, nav a, [role=tab], [role=radio], h1, h2, h3, label, th, [role=columnheader]')]
  .filter((one) => one.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !one.closest('[role=row] [role=gridcell], .hidden-text, .rail, [inert]'))
  .filter((one) => {
    const box = one.getBoundingClientRect();
    if (box.width < 2 || box.right < 0 || box.left > innerWidth) return false;
    const parts = [one, ...one.querySelectorAll('span:not(.hidden-text)')];
    return parts.some((part) => part.clientWidth > 0 && part.scrollWidth > part.clientWidth + 1 &&
      (getComputedStyle(part).overflowX !== 'visible' || part === one && getComputedStyle(one).whiteSpace === 'nowrap'));
  })
  .map((one) => `${one.tagName} ${one.innerText || one.getAttribute('aria-label')}`.slice(0, 90))"""
# What a place fetches comes after its frame.
_STILL = """() => {
  const text = document.body.innerText;
  if (window.shown?.text !== text) window.shown = { text, since: performance.now() };
  return performance.now() - window.shown.since > 150;
}"""
_FOREIGN = """() => [...document.querySelectorAll('button, [role=tab], h1, h2, h3, label, th, [role=columnheader]')]
  .filter((one) => one.checkVisibility() && !one.closest('[lang]:not(html), [role=row], [role=treeitem], .rail, .chip'))
  // Whom one answers and where a colleague works have the names that people gave them.
  .map((one) => one.innerText.replaceAll('거래처', '').replaceAll('영업팀', '')).filter((text) => /[가-힣]/.test(text))"""


class Visitor:
    """Somebody who reads another language, and what was wrong on their way."""

    def __init__(self, page: Page, site: str, language: str, folder: pathlib.Path) -> None:
        """Take a fresh page."""
        self.page, self.site, self.language, self.folder = page, site, language, folder
        self.words = json.loads((CATALOGUES / f"{language}.json").read_text())
        self.keys = frozenset(self.words)
        self.wrong: list[tuple[str, object]] = []
        page.set_default_timeout(ANSWER_MS)

    def look(self, name: str) -> None:
        """Take a picture and note what is wrong."""
        page = self.page
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        page.wait_for_function(_STILL)
        text = page.locator("body").inner_text()
        bare = self.keys & set(re.findall(r"\b[a-z][A-Za-z]*(?:\.[A-Za-z0-9]+)+\b(?!@)", text))
        holes = re.findall(r"\{[a-z][A-Za-z]*\}", text)
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        if page.evaluate("document.documentElement.lang") != self.language:
            self.wrong.append((name, "lang"))
        found = {
            "keys": bare, "holes": holes, "wide": wide, "cut": page.evaluate(_CUT), "foreign": page.evaluate(_FOREIGN),
        }  # fmt: skip
        wrong = [(name, (what, each)) for what, each in found.items() if each]
        if wrong or FULL:
            keep_picture(page, self.folder / f"{self.language}-{page.viewport_size['width']}-{name}.png")  # type: ignore[index]
        self.wrong += wrong

    def visit(self, place: str) -> None:
        """Open a place beyond mail."""
        self.page.goto(f"{self.site}/#/{place}")
        self.page.locator(".section :is(h1, h2):visible, main :is(h1, h2):visible").first.wait_for()

    def sign_in(self, login: str) -> None:
        """As at any door, in their words."""
        self.page.goto(self.site)
        self.page.get_by_label(self.words["signIn.address"]).fill(login)
        self.page.get_by_label(self.words["signIn.password"], exact=True).fill(PASSWORD)
        self.look("sign-in")
        self.page.keyboard.press("Enter")
        self.page.get_by_role("heading", name=self.words["mailbox.inbox"]).wait_for()


@pytest.fixture(scope="module")
def login(company: Company) -> str:
    """A reader with some mail."""
    login = "polyglot@hanbit.example"
    new_account(company, login, "多國語", "영업팀")
    html = '<p>Hello</p><p><a href="https://evil.example/">www.bank.example</a></p>'
    bring_in(
        company, login, letter(login, "Quarterly figures", "Hello\n", html=html), letter(login, "お知らせ", "本文\n")
    )
    return login


@pytest.mark.parametrize(("language", "size"), VISITS)
def test_main_screens_are_whole_in_every_language(
    chromium: Browser, company: Company, login: str, language: str, size: str, tmp_path: pathlib.Path
) -> None:
    page = new_page(chromium, SIZES[size], locale=LOCALES[language])
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    try:
        visitor = Visitor(page, company.site, language, tmp_path)
        visitor.sign_in(login)
        row = page.get_by_role("row").filter(has_text="Quarterly figures").first
        row.wait_for()
        visitor.look("list")
        row.locator("time").dispatch_event("pointerenter")
        # A day as this language writes it.
        expect(row.locator("time")).to_have_attribute("title", re.compile(DAY[language]))
        row.click()
        page.get_by_role("article").get_by_role("heading", name="Quarterly figures").wait_for()
        page.frame_locator("article iframe").get_by_role("link").click()
        page.get_by_role("alertdialog", name=visitor.words["link.title"]).wait_for()
        visitor.look("reading")
        page.keyboard.press("Escape")
        page.goto(f"{company.site}/#?q=Quarterly")
        row.wait_for()
        page.get_by_role("button", name=visitor.words["search.ways"]).click()
        page.get_by_role("radiogroup").nth(3).wait_for()
        visitor.look("search")
        page.keyboard.press("Escape")
        page.goto(f"{company.site}/#")
        page.get_by_role("heading", name=visitor.words["mailbox.inbox"]).wait_for()
        page.locator("#row-0").wait_for()
        page.keyboard.press("c")
        page.get_by_role("combobox", name=visitor.words["compose.to"]).wait_for()
        page.locator("[contenteditable=true]").first.wait_for()
        visitor.look("composer")
        page.goto("about:blank")
        for each in SECTIONS:
            visitor.visit(each)
            visitor.look(each)
        for each in PAGES:
            visitor.visit(f"settings/{each}")
            visitor.look(f"settings-{each}")
        assert visitor.wrong == []
        assert said == []
    finally:
        page.context.close()
