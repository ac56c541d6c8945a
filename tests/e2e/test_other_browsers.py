"""The same short story in Firefox and WebKit: sign in, list, read, answer in Korean.

Chromium tells the long stories. Firefox is driven by puppeteer over WebDriver BiDi and WebKitGTK by selenium on a
screen of its own: the ways that work with the browsers of Debian.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING, Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service
from tests.e2e.company import DEMO_PASSWORD, letter, wait_for_mail
from tests.e2e.conftest import NODE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.company import Company

pytestmark = pytest.mark.peer

HERE = pathlib.Path(__file__).parent
SMITH, ADMIN = "smith@hanbit-tech.example", "admin@hanbit.example"
BODY = "다음 주 일정을 알려 주세요."
TIMEOUT_S = 60


def program(*names: str) -> str:
    """Where a program lies; the test fails without it."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    pytest.fail(f"missing: {names[0]}; apt-get install firefox-esr webkit2gtk-driver xvfb")


def test_firefox(company: Company, tmp_path: pathlib.Path) -> None:
    subject = "불여우로 읽을 메일"
    company.deliver(SMITH, letter(SMITH, subject, f"{BODY}\n"))
    wish = {
        "program": program("firefox-esr", "firefox"),
        "site": company.site,
        "login": SMITH,
        "password": DEMO_PASSWORD,
        "subject": subject,
        "body": BODY,
        "answer": "화요일 오후가 좋겠습니다.",
        "screenshot": str(tmp_path / "firefox.png"),
    }
    # A home of its own: Firefox keeps things there, and root's may belong to another.
    environment = {**os.environ, "HOME": str(tmp_path)}
    command = [str(NODE / "bin" / "node"), str(HERE / "firefox_story.mjs"), json.dumps(wish)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    text, height, scripts = told["read"]
    assert told["listed"] >= 1
    assert BODY in text
    assert 20 <= height <= 200
    assert scripts == 0
    assert told["wrong"] == []
    assert (tmp_path / "firefox.png").stat().st_size > 10_000
    arrived(company, subject, "화요일 오후가 좋겠습니다.")


def test_webkit(company: Company, tmp_path: pathlib.Path) -> None:
    subject = "사파리로 읽을 메일"
    company.deliver(ADMIN, letter(ADMIN, subject, f"{BODY}\n"))
    with webkit() as browser:
        browser.get(company.site)
        browser.set_window_size(1440, 900)
        wait = WebDriverWait(browser, TIMEOUT_S)
        wait.until(lambda _: browser.find_elements(By.NAME, "username"))[0].send_keys(ADMIN)
        browser.find_element(By.NAME, "password").send_keys(DEMO_PASSWORD)
        browser.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
        row = f'//*[@role="row"][contains(., "{subject}")]'
        wait.until(lambda _: browser.find_elements(By.XPATH, row))[0].click()
        text = "return document.querySelector('article iframe')?.contentDocument?.body?.innerText ?? ''"
        wait.until(lambda _: BODY in browser.execute_script(text))
        height = browser.execute_script("return document.querySelector('article iframe').clientHeight")
        assert 20 <= height <= 200
        browser.find_element(By.CSS_SELECTOR, "article .answers button").click()
        box = wait.until(lambda _: browser.find_elements(By.CSS_SELECTOR, "[role=textbox][contenteditable=true]"))[0]
        box.click()
        box.send_keys("수요일 오전이 좋겠습니다.")
        assert browser.save_screenshot(str(tmp_path / "webkit.png"))
        browser.find_element(By.CSS_SELECTOR, "footer button.filled").click()
        wait.until(lambda _: "보냈습니다" in browser.find_element(By.TAG_NAME, "body").text)
    arrived(company, subject, "수요일 오전이 좋겠습니다.")


def arrived(company: Company, subject: str, words: str) -> None:
    """The answer lies at the second server."""
    with company.branch_imap() as session:
        octets = wait_for_mail(session, f"Re: {subject}")
        assert octets
        session.literal = words.encode()  # type: ignore[attr-defined]
        _, found = session.search("UTF-8", "BODY")
        assert found[0], octets[-2000:]


@contextlib.contextmanager
def webkit() -> Iterator[Any]:
    """WebKitGTK's small browser on a screen of its own."""
    driver = program("WebKitWebDriver")
    browser = next(pathlib.Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"), None)
    assert browser is not None, "missing: MiniBrowser; apt-get install libwebkit2gtk-4.1-0"
    with screen() as display:
        options = Options()
        options.binary_location = str(browser)
        options.add_argument("--automation")
        options.set_capability("acceptInsecureCerts", True)  # noqa: FBT003 - selenium's own order
        with tempfile.TemporaryDirectory() as home:
            environment = {**os.environ, "DISPLAY": display, "HOME": home, "LANGUAGE": "ko", "GDK_BACKEND": "x11"}
            environment["WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS"] = "1"  # root in a container has no user namespaces
            session = webdriver.WebKitGTK(options=options, service=Service(driver, env=environment))
            try:
                yield session
            finally:
                session.quit()


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
