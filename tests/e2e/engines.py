"""Three browser engines behind one hand: what a person does and sees is written once and done in each.

Chromium is driven by Playwright, Firefox by puppeteer over WebDriver BiDi, WebKitGTK by selenium: the ways that work
with the browsers of Debian.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service
from tests.e2e.conftest import NODE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from playwright.sync_api import Browser as Chromium

HERE = pathlib.Path(__file__).parent
WAIT_S = 60.0
_PAUSE_S = 0.05
_AGAIN_S = 3.0
_DRIVER_S = 180.0


def program(*names: str) -> str:
    """Where a program lies; the test fails without it."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    pytest.fail(f"missing: {names[0]}; ./smartmail test installs what tests need")


class Engine(Protocol):
    """A browser with one page."""

    def open(self, url: str) -> None:
        """Go to a page."""
        ...

    def run(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        ...

    def point(self, x: float, y: float) -> None:
        """Click at a place of the page."""
        ...

    def type(self, text: str) -> None:
        """Type with the driver's own keyboard, which knows no input method."""
        ...

    def press(self, key: str) -> None:
        """Press a named key with the driver's keyboard."""
        ...

    def size(self, width: int, height: int) -> None:
        """Give the page a size."""
        ...

    def picture(self, path: pathlib.Path) -> None:
        """Take a picture of what is seen."""
        ...


class ByPlaywright:
    """Chromium."""

    def __init__(self, page: Any) -> None:
        """Take a page."""
        self._page = page

    def open(self, url: str) -> None:
        self._page.goto(url)

    def run(self, expression: str) -> Any:
        return self._page.evaluate(expression)

    def point(self, x: float, y: float) -> None:
        self._page.mouse.click(x, y)

    def type(self, text: str) -> None:
        self._page.keyboard.type(text)

    def press(self, key: str) -> None:
        self._page.keyboard.press(key)

    def size(self, width: int, height: int) -> None:
        self._page.set_viewport_size({"width": width, "height": height})

    def picture(self, path: pathlib.Path) -> None:
        self._page.screenshot(path=str(path))


class BySelenium:
    """WebKitGTK."""

    def __init__(self, session: Any) -> None:
        """Take a session."""
        self._session = session

    def open(self, url: str) -> None:
        self._session.get(url)

    def run(self, expression: str) -> Any:
        return self._session.execute_script(f"return {expression}")

    def point(self, x: float, y: float) -> None:
        chain = ActionChains(self._session)
        chain.w3c_actions.pointer_action.move_to_location(round(x), round(y)).click()  # type: ignore[no-untyped-call]
        chain.perform()

    def type(self, text: str) -> None:
        self._session.switch_to.active_element.send_keys(text)

    def press(self, key: str) -> None:
        self._session.switch_to.active_element.send_keys(getattr(Keys, key.upper(), key))

    def size(self, width: int, height: int) -> None:
        self._session.set_window_size(width, height)

    def picture(self, path: pathlib.Path) -> None:
        assert self._session.save_screenshot(str(path))


class ByPuppeteer:
    """Firefox, by a process of Node that obeys a line at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Take the process; it tells when the browser is there."""
        self._process = process
        self._hear("the start")

    def open(self, url: str) -> None:
        self._say("open", url=url)

    def run(self, expression: str) -> Any:
        return self._say("run", expression=expression)

    def point(self, x: float, y: float) -> None:
        self._say("point", x=x, y=y)

    def type(self, text: str) -> None:
        self._say("type", text=text)

    def press(self, key: str) -> None:
        self._say("press", key=key)

    def size(self, width: int, height: int) -> None:
        self._say("size", width=width, height=height)

    def picture(self, path: pathlib.Path) -> None:
        self._say("picture", path=str(path))

    def heard(self) -> dict[str, list[str]]:
        """What the console said that is wrong, and every address that was asked for."""
        return self._say("heard")  # type: ignore[no-any-return]

    def _say(self, act: str, **more: object) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"act": act, **more}) + "\n")
        self._process.stdin.flush()
        return self._hear(act)

    def _hear(self, what: str) -> Any:
        assert self._process.stdout is not None
        # A driver that says nothing any more is ended: then its line is empty.
        bound = threading.Timer(_DRIVER_S, self._process.kill)
        bound.start()
        try:
            line = self._process.stdout.readline()
        finally:
            bound.cancel()
        assert line, f"Firefox ended or did not answer within {_DRIVER_S:.0f} s: {what}"
        answer = json.loads(line)
        assert "error" not in answer, (what, answer)
        return answer["value"]


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """An X server without a screen; it names its own free number."""
    reader, writer = os.pipe()
    command = [program("Xvfb"), "-displayfd", str(writer), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start"
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


@contextlib.contextmanager
def chromium_on(chromium: Chromium, environment: Mapping[str, str]) -> Iterator[ByPlaywright]:
    """Chromium with a window of its own on a screen."""
    browser = chromium.browser_type.launch(
        executable_path=program("chromium"), headless=False, args=["--no-sandbox"], env=dict(environment)
    )
    with contextlib.closing(browser):
        page = browser.new_context(locale="ko-KR", ignore_https_errors=True, no_viewport=True).new_page()
        page.set_default_timeout(WAIT_S * 1000)
        yield ByPlaywright(page)


@contextlib.contextmanager
def webkit_on(environment: Mapping[str, str]) -> Iterator[BySelenium]:
    """WebKitGTK's small browser on a screen."""
    browser = next(pathlib.Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"), None)
    assert browser is not None, "missing: MiniBrowser; ./smartmail test installs what tests need"
    options = Options()
    options.binary_location = str(browser)
    options.add_argument("--automation")
    options.set_capability("acceptInsecureCerts", True)  # noqa: FBT003 - selenium's own order
    # Root in a container has no user namespaces.
    wanted = {**environment, "GDK_BACKEND": "x11", "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
    session = webdriver.WebKitGTK(options=options, service=Service(program("WebKitWebDriver"), env=wanted))
    try:
        session.set_window_size(1440, 900)
        yield BySelenium(session)
    finally:
        session.quit()


@contextlib.contextmanager
def firefox_on(environment: Mapping[str, str], *, headless: bool = False) -> Iterator[ByPuppeteer]:
    """Firefox, on a screen or without one. HOME must be a folder of the test's own: Firefox keeps things there."""
    wish = json.dumps({"program": program("firefox-esr", "firefox"), "headless": headless})
    process = subprocess.Popen(
        [str(NODE / "bin" / "node"), str(HERE / "firefox_driver.mjs"), wish],
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield ByPuppeteer(process)
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """Let the driver close its browser; one that hangs is told to end, and ends the browser then too."""
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    for harder in (process.terminate, process.kill):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
            return
        harder()
    process.wait(20)


# Where the first of these elements can be pressed: it is seen, nothing lies over it.
_PLACE = """((path) => {
  const found = document.evaluate(path, document, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE, null);
  for (let at = 0; at < found.snapshotLength; at += 1) {
    const one = found.snapshotItem(at);
    if (one.getClientRects().length === 0) continue;
    one.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    const { x, y, width, height } = one.getBoundingClientRect();
    const [left, top] = [x + width / 2, y + height / 2];
    const there = document.elementFromPoint(left, top);
    if (there && (one.contains(there) || (one.labels && [...one.labels].some((label) => label.contains(there)))))
      return [left, top];
  }
  return null;
})(%s)"""


class Hand:
    """A person at an engine: waits for what it wants to press, and presses it where it stands."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine."""
        self.engine = engine

    def run(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        return self.engine.run(expression)

    def until(self, expression: str, within: float = WAIT_S) -> None:
        """Wait until an expression is true in the page."""
        deadline = time.monotonic() + within
        while not self.run(expression):
            if time.monotonic() > deadline:
                raise AssertionError((expression, self.run("document.body.innerText.slice(0, 1500)")))
            time.sleep(_PAUSE_S)

    def until_after(self, expression: str, act: Callable[[], object]) -> None:
        """Act, again when nothing came of it, until an expression is true in the page."""
        deadline = time.monotonic() + WAIT_S
        while True:
            act()
            with contextlib.suppress(AssertionError):
                return self.until(expression, _AGAIN_S)
            assert time.monotonic() < deadline, expression

    def click(self, path: str) -> None:
        """Press the first element of an XPath that can be pressed, once it stands still."""
        deadline = time.monotonic() + WAIT_S
        before = None
        while True:
            place = self.run(_PLACE % json.dumps(path))
            if place is not None and place == before:
                break
            if time.monotonic() > deadline:
                raise AssertionError((path, self.run("document.body.innerText.slice(0, 1500)")))
            before = place
            time.sleep(_PAUSE_S)
        self.engine.point(*place)

    def enter(self, css: str) -> None:
        """Press into a field until it has the focus: what slides in may have gone on under the pointer."""
        field = f"document.querySelector({json.dumps(css)})"
        self.until(f"{field} !== null")
        self.run(f"{field}.setAttribute('data-wanted', '')")
        self.until_after(f"document.activeElement === {field}", lambda: self.click("//*[@data-wanted]"))
        self.run(f"{field}.removeAttribute('data-wanted')")

    def focus(self, css: str) -> None:
        """Give something the focus once it is there: a list that is fetched is not."""
        what = f"document.querySelector({json.dumps(css)})"
        self.until(f"({what}?.focus(), {what} !== null && document.activeElement === {what})")

    def press_button(self, name: str, within: str = "") -> None:
        """Press a button or a link by its name."""
        kinds = "self::button or self::a or @role='menuitem' or @role='tab' or @role='option'"
        self.click(f"{within}//*[{kinds}][@aria-label='{name}' or normalize-space(.)='{name}']")

    def until_words(self, words: str) -> None:
        """Wait until these words are on the screen."""
        self.until(f"document.body.innerText.includes({json.dumps(words)})")

    def put(self, css: str, text: str) -> None:
        """Put text into a field past the keyboard: keys that a driver makes get lost in an input method."""
        self.until(f"document.querySelector({json.dumps(css)}) !== null")
        self.run(
            f"((field) => {{ field.value = {json.dumps(text)};"
            f" field.dispatchEvent(new Event('input', {{ bubbles: true }})) }})(document.querySelector({json.dumps(css)}))"
        )
