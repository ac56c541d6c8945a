"""A person at the webmail's demo build: one page, what its console said, and what must hold on every screen."""

from __future__ import annotations

import pathlib
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.e2e.company import ANSWER_MS
from tests.e2e.without_worker import keep_worker_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

AXE = pathlib.Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP = {"width": 1366, "height": 900}
"""The office laptop: the list alone, an open mail in its place. From 1440 px on they stand side by side."""
WIDE = {"width": 1920, "height": 1080}
PHONE = {"width": 390, "height": 844}
SMALLEST_PHONE = {"width": 360, "height": 640}
# A policy violation, a warning of the framework; not the hints that Chromium gives to form authors.
LOUD = {"error", "warning"}


def run_command(page: Page, words: str) -> None:
    """Open the palette and run the command of this name, which must come first.

    Before its field is there, keys go nowhere; `combobox` alone would also be the search field behind it.
    """
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="명령 찾기").fill(words)
    expect(page.get_by_role("listbox", name="명령 찾기").get_by_role("option").first).to_contain_text(words)
    page.keyboard.press("Enter")


def open_group(page: Page, name: str) -> None:
    """Unfold a group of the rail; it stays as it is once it was turned."""
    head = page.get_by_role("navigation", name="메일함").get_by_role("button", name=name, exact=True)
    if head.get_attribute("aria-expanded") == "false":
        head.click()
    expect(head).to_have_attribute("aria-expanded", "true")


@dataclass
class Desk:
    """One page of one person, and everything that its console said."""

    page: Page
    site: str
    said: list[str] = field(default_factory=list)

    def open(self, where: str = "/") -> Page:
        """Open an address of the demo and wait for the first rows."""
        self.page.goto(self.site + where)
        self.page.locator("[role=row]").first.wait_for()
        return self.page

    def row(self, index: int) -> Locator:
        """Row by its place in the whole list, starting at 0."""
        return self.page.locator(f"#row-{index}")


def sit_down(
    chromium: Browser, site: str, viewport: dict[str, int] | None = None, theme: str = "light", locale: str = "ko-KR"
) -> Desk:
    """A page of a browser that nobody has used yet."""
    phone = (viewport or DESKTOP)["width"] < 720
    context = chromium.new_context(
        viewport=viewport or DESKTOP,  # type: ignore[arg-type]
        locale=locale,
        timezone_id="Asia/Seoul",
        color_scheme=theme,  # type: ignore[arg-type]
        has_touch=phone,
        is_mobile=phone,
    )
    keep_worker_out(context)
    page = context.new_page()
    page.set_default_timeout(ANSWER_MS)
    desk = Desk(page, site)
    page.on("console", lambda message: message.type in LOUD and desk.said.append(message.text))
    page.on("pageerror", lambda error: desk.said.append(str(error)))
    return desk


def _said_by(desks: Iterable[Desk]) -> list[str]:
    return [line for desk in desks for line in desk.said]


@pytest.fixture
def new_desk(chromium: Browser, demo_site: str) -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def make(viewport: dict[str, int] | None = None, theme: str = "light", locale: str = "ko-KR") -> Desk:
        desks.append(sit_down(chromium, demo_site, viewport, theme, locale))
        return desks[-1]

    yield make
    said = _said_by(desks)
    for desk in desks:
        desk.page.context.close()
    assert said == [], "\n".join(said)


@pytest.fixture(scope="module")
def _kept_desks() -> Iterator[dict[tuple[object, ...], Desk]]:
    desks: dict[tuple[object, ...], Desk] = {}
    yield desks
    for desk in desks.values():
        desk.page.context.close()


@pytest.fixture
def kept_desk(
    chromium: Browser, demo_site: str, _kept_desks: dict[tuple[object, ...], Desk]
) -> Iterator[Callable[..., Desk]]:
    """As `new_desk`, for many short tests: one page for each size, theme and locale of a module, emptied of what it kept.

    A browser begins a process for each new page, which costs as much again as loading it does. For tests
    that leave nothing at the page itself: no routes, no listeners, no other size. `goes_on`: the page as the last one left it.
    """

    def make(
        viewport: dict[str, int] | None = None, theme: str = "light", locale: str = "ko-KR", *, goes_on: bool = False
    ) -> Desk:
        wish = (tuple((viewport or DESKTOP).items()), theme, locale)
        if (desk := _kept_desks.get(wish)) is None:
            desk = _kept_desks[wish] = sit_down(chromium, demo_site, viewport, theme, locale)
            return desk
        if goes_on:
            desk.said.clear()
            return desk
        for opened in desk.page.context.pages[1:]:
            opened.close()
        desk.page.goto("about:blank")
        desk.page.mouse.move(0, 0)  # nothing of the next screen is pointed at
        session = desk.page.context.new_cdp_session(desk.page)
        session.send("Storage.clearDataForOrigin", {"origin": demo_site, "storageTypes": "all"})
        session.detach()
        desk.said.clear()
        return desk

    yield make
    said = _said_by(_kept_desks.values())
    assert said == [], "\n".join(said)


@pytest.fixture
def desk(request: pytest.FixtureRequest) -> Desk:
    """A page of the demo that nobody has used: a new one, or in a file that is marked `shared_page` the file's own, emptied.
    There, a test that leaves something at its page (a listener, a route, a size) is marked `own_page`.
    """
    pages = (one.name for one in request.node.iter_markers() if one.name in {"own_page", "shared_page"})
    make = "kept_desk" if next(pages, "") == "shared_page" else "new_desk"
    return request.getfixturevalue(make)()  # type: ignore[no-any-return]


STILL = """() => Promise.all(document.getAnimations()
  .filter((one) => one.effect?.getComputedTiming().endTime !== Infinity)
  .map((one) => one.finished.catch(() => undefined)))"""
"""Until what moves has come to its end, but for what moves for ever."""


def settle(page: Page) -> None:
    """Wait until a change of size or colours has been drawn, and what moves has come to its end."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.evaluate(STILL)


# What is asked for alone: what axe found right would be some megabytes on its way out of the page.
_VIOLATIONS = """async ([front, runOnly, more]) => {
  const before = [...document.querySelectorAll(front)].at(-1);
  const rules = Object.fromEntries(more.map((rule) => [rule, { enabled: true }]));
  const wish = { runOnly, rules, resultTypes: ['violations'], selectors: false, preload: runOnly.includes('wcag2a') };
  const found = await axe.run(before ?? document, wish);
  return found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 160))]);
}"""
_MODAL = "dialog:modal"
_FOREMOST = "dialog:modal, [popover]:popover-open"
EVERYTHING = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa")
_OF_STRUCTURE = (
    "heading-order", "empty-heading", "page-has-heading-one", "landmark-one-main", "landmark-unique", "region",
)  # fmt: skip
"""How a page is walked by ear, which WCAG leaves to good practice: one main part, headings in their order, parts with names
of their own. Asked together with everything.
"""
OF_COLOURS = ("color-contrast", "link-in-text-block")
"""What another theme of the same screen can change: colours and nothing else."""
OF_MORE_CONTRAST = ("color-contrast-enhanced",)
"""High contrast promises 7:1 (WCAG 2.2 AAA)."""


def asked_at(name: str) -> int:
    """At which of two sizes a landing asks axe about a view: 0 the wide one, by day, 1 a phone, by night. A full run asks at
    both.
    """
    return zlib.crc32(name.encode()) % 2


def violations(
    page: Page, *, in_front: bool = False, rules: tuple[str, ...] = EVERYTHING
) -> list[tuple[str, list[str]]]:
    """Return what axe finds wrong on the page by WCAG 2.2 AA, or by `rules` alone. `in_front`: only in what stands before all
    else, a menu too, and how its parts follow one another.

    Behind a modal dialog nobody can read or press anything: the page is looked at where it is in front, and half of what
    axe costs is saved here.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    settle(page)  # colours on their way are no one's text; those of another theme come with the next frame
    wish = [_FOREMOST if in_front else _MODAL, rules, _OF_STRUCTURE if in_front and rules == EVERYTHING else ()]
    return [(rule, nodes) for rule, nodes in page.evaluate(_VIOLATIONS, wish)]
