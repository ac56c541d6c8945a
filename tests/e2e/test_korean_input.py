"""Korean typed by a real input method in Chromium and WebKit: the search box, the recipients, the letter.

No syllable is lost or doubled; a syllable that is not finished yet is looked for already; Enter that ends a syllable
does nothing else by it.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from playwright.sync_api import Browser as Chromium
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service
from tests.e2e.company import DEMO_PASSWORD
from tests.e2e.korean_input import HANGUL, KIM, NA, KoreanScreen, korean_screen, program
from tests.e2e.test_other_browsers import screen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.company import Company

pytestmark = pytest.mark.peer

LOGIN = "minji.kim@hanbit.example"
WAIT_S = 30.0
SEARCH = "input[enterkeyhint=search]"
TO = "input[role=combobox][inputmode=email]"
LETTER = "[role=textbox][contenteditable=true]"


class Engine(Protocol):
    """A browser on the screen."""

    def open(self, url: str) -> None:
        """Go to a page."""
        ...

    def click(self, css: str) -> None:
        """Click as a person does."""
        ...

    def run(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        ...


def until(engine: Engine, expression: str) -> None:
    """Wait until an expression is true in the page."""
    deadline = time.monotonic() + WAIT_S
    while not engine.run(expression):
        assert time.monotonic() < deadline, (expression, engine.run("document.body.innerText.slice(0, 800)"))
        time.sleep(0.1)


def put(engine: Engine, css: str, text: str) -> None:
    """Put text into a field past the keyboard: keys that a driver makes get lost in the input method."""
    engine.run(
        f"((field) => {{ field.value = {json.dumps(text)}; field.dispatchEvent(new Event('input', {{ bubbles: true }})) }})"
        f"(document.querySelector({json.dumps(css)}))"
    )


def into_hangul(engine: Engine, keyboard: KoreanScreen, value: str) -> None:
    """Switch the keyboard of the field that has the focus; a window needs a moment until it has its input method."""
    deadline = time.monotonic() + WAIT_S
    while True:
        keyboard.switch()
        keyboard.type("r")
        until(engine, f"/[rㄱ]/.test({value})")
        hangul = engine.run(f"{value} === 'ㄱ'")
        keyboard.press("BackSpace")
        if hangul:
            until(engine, f"{value} === ''")
            return
        keyboard.press("ctrl+a", "BackSpace")
        until(engine, f"{value} === ''")
        assert time.monotonic() < deadline, "the input method never took the keys"


def story(engine: Engine, keyboard: KoreanScreen, site: str) -> None:
    """Sign in, look for something, write to somebody."""
    engine.open(site)
    until(engine, "document.querySelector('input[name=username]') !== null")
    put(engine, "input[name=username]", LOGIN)
    put(engine, "input[name=password]", DEMO_PASSWORD)
    engine.click("button[type=submit]")
    until(engine, "document.querySelectorAll('[role=row] .subject').length > 3")

    engine.click(SEARCH)
    until(engine, f"document.activeElement === document.querySelector('{SEARCH}')")
    value = f"document.querySelector('{SEARCH}').value"
    into_hangul(engine, keyboard, value)
    keyboard.type(HANGUL)
    until(engine, f"{value} === '한글'")
    keyboard.press("BackSpace")
    # The last syllable loses what was typed last; it is not finished yet.
    until(engine, f"{value} === '한그'")
    keyboard.press("f", "Return")
    until(engine, "location.hash.includes('q=') || location.href.includes(encodeURIComponent('한글'))")
    assert engine.run(value) == "한글"

    engine.run("[...document.querySelectorAll('button')].find((one) => one.textContent.trim() === '메일 쓰기').click()")
    until(engine, f"document.querySelector('{TO}') !== null && document.querySelector('{LETTER}') !== null")
    engine.click(TO)
    keyboard.type(KIM)
    to = f"document.querySelector('{TO}').value"
    until(engine, f"{to} === '김'")
    until(engine, "[...document.querySelectorAll('[role=option]')].some((one) => one.textContent.includes('김'))")
    assert engine.run(to) == "김"

    engine.click(LETTER)
    keyboard.type(HANGUL)
    keyboard.press("Return")
    keyboard.type(NA)
    keyboard.press("space", "1")
    lines = f"[...document.querySelectorAll('{LETTER} p')].map((one) => one.textContent)"
    until(engine, f"{lines}.includes('나 1')")
    assert engine.run(lines)[:2] == ["한글", "나 1"]


@pytest.fixture
def keyboard() -> Iterator[KoreanScreen]:
    """A screen of this test's own."""
    # Sockets of the bus want a short path.
    with tempfile.TemporaryDirectory() as home, screen() as display, korean_screen(Path(home), display) as ready:
        yield ready


class ByPlaywright:
    """Chromium."""

    def __init__(self, page: Any) -> None:
        """Take a page."""
        self._page = page

    def open(self, url: str) -> None:
        """Go to a page."""
        self._page.goto(url)

    def click(self, css: str) -> None:
        """Click."""
        self._page.locator(css).first.click()

    def run(self, expression: str) -> Any:
        """Return a value."""
        return self._page.evaluate(expression)


def test_chromium(chromium: Chromium, company: Company, keyboard: KoreanScreen) -> None:
    with contextlib.closing(
        chromium.browser_type.launch(
            executable_path=program("chromium"), headless=False, args=["--no-sandbox"], env=dict(keyboard.environment)
        )
    ) as browser:
        page = browser.new_context(locale="ko-KR", ignore_https_errors=True, no_viewport=True).new_page()
        page.set_default_timeout(30_000)
        story(ByPlaywright(page), keyboard, company.site)


class BySelenium:
    """WebKitGTK."""

    def __init__(self, session: Any) -> None:
        """Take a session."""
        self._session = session

    def open(self, url: str) -> None:
        """Go to a page."""
        self._session.get(url)

    def click(self, css: str) -> None:
        """Click."""
        self._session.find_element(By.CSS_SELECTOR, css).click()

    def run(self, expression: str) -> Any:
        """Return a value."""
        return self._session.execute_script(f"return {expression}")


def test_webkit(company: Company, keyboard: KoreanScreen) -> None:
    browser = next(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"), None)
    assert browser is not None, "missing: MiniBrowser; ./smartmail test installs what tests need"
    options = Options()
    options.binary_location = str(browser)
    options.add_argument("--automation")
    options.set_capability("acceptInsecureCerts", True)  # noqa: FBT003 - selenium's own order
    environment = dict(keyboard.environment)
    environment["WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS"] = "1"  # root in a container has no user namespaces
    session = webdriver.WebKitGTK(options=options, service=Service(program("WebKitWebDriver"), env=environment))
    try:
        session.set_window_size(1440, 900)
        story(BySelenium(session), keyboard, company.site)
    finally:
        session.quit()
