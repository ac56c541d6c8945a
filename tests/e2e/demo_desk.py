"""A person at the webmail's demo build: one page, what its console said, and what must hold on every screen."""

from __future__ import annotations

import pathlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AXE = pathlib.Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP = {"width": 1440, "height": 900}
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


@pytest.fixture
def new_desk(chromium: Browser, demo_site: str) -> Iterator[Callable[..., Desk]]:
    contexts = []
    desks: list[Desk] = []

    def make(viewport: dict[str, int] | None = None, theme: str = "light", locale: str = "ko-KR") -> Desk:
        phone = (viewport or DESKTOP)["width"] < 720
        context = chromium.new_context(
            viewport=viewport or DESKTOP,  # type: ignore[arg-type]
            locale=locale,
            timezone_id="Asia/Seoul",
            color_scheme=theme,  # type: ignore[arg-type]
            has_touch=phone,
            is_mobile=phone,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        desk = Desk(page, demo_site)
        page.on("console", lambda message: message.type in LOUD and desk.said.append(message.text))
        page.on("pageerror", lambda error: desk.said.append(str(error)))
        desks.append(desk)
        return desk

    yield make
    said = [line for desk in desks for line in desk.said]
    for context in contexts:
        context.close()
    assert said == [], "\n".join(said)


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    return new_desk()


STILL = """() => Promise.all(document.getAnimations()
  .filter((one) => one.effect?.getComputedTiming().endTime !== Infinity)
  .map((one) => one.finished.catch(() => undefined)))"""
"""Until what moves has come to its end, but for what moves for ever."""


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """Return what axe finds wrong on the page by WCAG 2.2 AA."""
    page.evaluate(AXE.read_text())
    page.evaluate(STILL)  # colours on their way are no one's text
    result = page.evaluate("() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })")
    return [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in result["violations"]]
