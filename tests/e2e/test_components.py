"""The page of all components looks as its kept pictures do, in every theme. `docs/testing.md` says how they are renewed.

Letters are drawn otherwise by every version of a browser: the pictures are without them, and what is asked of letters
(colour, size, weight) is kept as text beside.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.e2e import compared
from tests.e2e.demo_desk import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image
    from playwright.sync_api import Browser, Page

REFERENCES = pathlib.Path(__file__).parent / "references"
RENEW = os.environ.get("SMARTMAIL_RENEW_PICTURES") == "1"
VIEW = {"width": 820, "height": 900}
THEMES = {
    "light": "theme=light",
    "dark": "theme=dark",
    "high": "theme=light&contrast=more",
    "high-dark": "theme=dark&contrast=more",
}
CONTROL = "button, input, [role=menuitem], [role=menuitemradio]"
STATES = {"hover": ["hover"], "active": ["hover", "active"], "focus": ["focus", "focus-visible", "focus-within"]}


NO_LETTERS = "* { -webkit-text-fill-color: transparent !important }"
LETTERS = """() => Object.fromEntries([...document.querySelectorAll('section')].map((section) => [section.id, [...new Set(
  [...section.querySelectorAll('*')].filter((one) => [...one.childNodes].some((part) => part.nodeType === 3 && part.data.trim()))
    .map((one) => getComputedStyle(one)).map((style) => `${style.fontSize} ${style.fontWeight} ${style.color}`))].sort()]))"""


@contextmanager
def gallery(browser: Browser, site: str, theme: str) -> Iterator[Page]:
    """The page of all components, still, with each control in the state that it stands for."""
    context = browser.new_context(viewport=VIEW, device_scale_factor=1, reduced_motion="reduce", locale="ko-KR")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{site}/components.html?{THEMES[theme]}")
    page.locator("#menus").wait_for()
    page.evaluate("document.fonts.ready")
    force(page)
    yield page
    context.close()


def force(page: Page) -> None:
    """Put controls into their states, as the browser's own tools do: without a pointer that would be in one place only."""
    tools = page.context.new_cdp_session(page)
    tools.send("DOM.enable")
    tools.send("CSS.enable")
    root = tools.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    for state, classes in STATES.items():
        for place in tools.send("DOM.querySelectorAll", {"nodeId": root, "selector": f"[data-state={state}]"})[
            "nodeIds"
        ]:
            inside = tools.send("DOM.querySelectorAll", {"nodeId": place, "selector": f"{CONTROL}, .box"})["nodeIds"]
            for node in inside:
                tools.send("CSS.forcePseudoState", {"nodeId": node, "forcedPseudoClasses": classes})


def wear(page: Page, css: str = "") -> None:
    """Put rules on the page, in a sheet that is adopted: an element would be refused by the policy of the page."""
    page.evaluate(
        "(css) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet]; }",
        css,
    )


def picture(page: Page, css: str = "") -> Image.Image:
    """All of the page, with some more rules and without its letters."""
    wear(page, NO_LETTERS + css)
    return compared.opened(page.screenshot(full_page=True, animations="disabled", caret="hide"))


@pytest.fixture(scope="module")
def light(chromium: Browser, demo_site: str) -> Iterator[Page]:
    with gallery(chromium, demo_site, "light") as page:
        yield page


@pytest.mark.parametrize("theme", THEMES)
def test_components_look_as_they_did(chromium: Browser, demo_site: str, theme: str, tmp_path: pathlib.Path) -> None:
    with gallery(chromium, demo_site, theme) as page:
        assert violations(page) == []
        letters = page.evaluate(LETTERS)
        now = picture(page)
    kept, told = REFERENCES / f"components-{theme}.png", REFERENCES / f"components-{theme}.json"
    if RENEW:
        compared.keep(now, kept)
        told.write_text(json.dumps(letters, indent=1) + "\n", "utf-8")
    assert letters == json.loads(told.read_text("utf-8"))
    difference = compared.differing(now, compared.opened(kept.read_bytes()))
    if compared.blocks(difference) > compared.MOST_BLOCKS:
        now.save(tmp_path / f"{theme}-now.png")
        difference.save(tmp_path / f"{theme}-differs.png")
        pytest.fail(
            f"{compared.blocks(difference)} blocks differ in {difference.getbbox()}; pictures are in {tmp_path}"
        )


MUTATIONS = {
    "a radius": "#buttons .filled { border-radius: 4px !important }",
    "a colour": ":root { --accent: oklch(0.475 0.178 230) !important }",
    "a paler warning": ".banner.warn { background: var(--sheet) !important }",
    "a smaller switch": ".track { width: 33px !important }",
    "a lower button": "#buttons .outline { min-height: 31px !important }",
    "no focus ring": "button { outline: none !important }",
    "a thinner bar": ".bar { height: 4px !important }",
}


@pytest.mark.parametrize("css", MUTATIONS.values(), ids=MUTATIONS.keys())
def test_a_change_that_one_sees_is_found(light: Page, css: str) -> None:
    before = picture(light)
    assert compared.blocks(compared.differing(before, picture(light, css))) > compared.MOST_BLOCKS
    assert compared.blocks(compared.differing(before, picture(light))) == 0


@pytest.mark.parametrize(
    "css", [".day { font-weight: 700 !important }", ":root { --ink-2: oklch(0.6 0.02 264) !important }"]
)
def test_other_letters_are_found(light: Page, css: str) -> None:
    wear(light)
    before = light.evaluate(LETTERS)
    wear(light, css)
    assert light.evaluate(LETTERS) != before


@pytest.mark.parametrize(
    "smoothing", ["--font-render-hinting=none", "--disable-lcd-text", "--disable-font-subpixel-positioning"]
)
def test_another_smoothing_is_no_change(chromium: Browser, demo_site: str, light: Page, smoothing: str) -> None:
    """What differs between versions of the browser: how edges are smoothed, and by a hair how wide words are."""
    program = shutil.which("chromium-headless-shell")
    other = chromium.browser_type.launch(executable_path=program, args=["--no-sandbox", smoothing])
    with gallery(other, demo_site, "light") as page:
        smoothed = picture(page)
    other.close()
    assert compared.blocks(compared.differing(picture(light), smoothed)) <= compared.MOST_BLOCKS
