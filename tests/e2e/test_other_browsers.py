"""A day at the webmail in Firefox and WebKit, on a real node: signed in, found, read, sorted, written, looked up, set.

Chromium tells the long stories. What these browsers say on their consoles, what their policy stops and what they ask of
other hosts is heard all the while: nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from typing import TYPE_CHECKING

import pytest
from tests.e2e.company import PARTNER, letter, wait_for_mail
from tests.e2e.engines import ByPuppeteer, Engine, Hand, firefox_on, screen, webkit_on
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.company import Company

pytestmark = pytest.mark.peer

FOUND, OTHER = "11월 견적서 회신 요청", "점심 모임"
BODY = "다음 주 일정을 알려 주세요."
FILE = "일정표.txt"
LETTER = "[role=textbox][contenteditable=true]"

# Heard from before the page's first act on; a sign-in keeps the page.
_LISTEN = """(() => {
  if (window.heard) return false;
  window.heard = { wrong: [], away: [] };
  for (const level of ['error', 'warn']) {
    const old = console[level];
    console[level] = (...words) => (heard.wrong.push(words.map(String).join(' ')), old(...words));
  }
  // WebKit's word for a size that settles one frame later; nothing of the page failed.
  const later = /^ResizeObserver loop completed/;
  addEventListener('error', ({ message }) => later.test(message) || heard.wrong.push(`error: ${message}`));
  addEventListener('unhandledrejection', (event) => heard.wrong.push(`rejected: ${event.reason}`));
  addEventListener('securitypolicyviolation', (event) => heard.wrong.push(`policy: ${event.violatedDirective}`));
  new PerformanceObserver((list) => {
    for (const { name } of list.getEntries())
      if (!/^(?:blob|data):/.test(name) && new URL(name).origin !== location.origin) heard.away.push(name);
  }).observe({ type: 'resource', buffered: true });
  return true;
})()"""
_ROW = "//*[@role='row'][contains(., '{}')]"
_FRAME = "document.querySelector('article iframe')"


def rows(words: str) -> str:
    """Expression of how many rows hold these words."""
    return f"[...document.querySelectorAll('[role=row]')].filter((one) => one.textContent.includes('{words}')).length"


def sign_in(hand: Hand, site: str, login: str) -> None:
    """With a name and a password, to the list."""
    hand.engine.open(site)
    hand.until("document.querySelector('input[name=username]') !== null")
    hand.run(_LISTEN)
    hand.put("input[name=username]", login)
    hand.put("input[name=password]", PASSWORD)
    hand.click("//button[@type='submit']")
    hand.until(f"{rows(FOUND)} > 0 && {rows(OTHER)} > 0")


def find(hand: Hand) -> None:
    """By an operator that becomes a chip, and out again."""
    hand.enter("input[enterkeyhint=search]")
    hand.engine.type("subject:견적서 ")
    hand.until("document.querySelectorAll('search .chip').length === 1")
    hand.until(f"{rows(FOUND)} > 0 && {rows(OTHER)} === 0")
    hand.press_button("검색어 삭제")
    hand.until(f"{rows(OTHER)} > 0")


def read(hand: Hand) -> None:
    """In a frame that runs nothing; a star at the row."""
    hand.until_after(
        f"{_FRAME}?.contentDocument?.body?.innerText.includes('{BODY}')", lambda: hand.click(_ROW.format(FOUND))
    )
    allowed, height, scripts, asked = hand.run(
        f"((frame) => [frame.getAttribute('sandbox'), frame.clientHeight, frame.contentDocument.scripts.length,"
        f" frame.contentWindow.performance.getEntriesByType('resource').map((one) => one.name)])({_FRAME})"
    )
    assert "allow-scripts" not in allowed
    assert 20 <= height <= 200
    assert scripts == 0
    assert asked == []
    hand.engine.press("u")
    hand.until(f"{rows(OTHER)} > 0")


def sort(hand: Hand, company_has: str) -> None:
    """A star; a tag and a mailbox of one's own, made here; moved there, and brought back."""
    at_row = _ROW.format(FOUND)
    hand.click(f"{at_row}//button[@aria-label='별표']")
    hand.until(
        f"document.evaluate(\"{at_row}//button[@aria-label='별표 해제']\", document, null, 9, null).singleNodeValue !== null"
    )
    for button, name in (("태그 만들기", "검토"), ("메일함 만들기", company_has)):
        hand.press_button(button)
        hand.until("document.querySelector('dialog[open] input') === document.activeElement")
        hand.engine.type(name)
        hand.engine.press("Enter")
        hand.until("document.querySelector('dialog[open]') === null")
        hand.until(f"[...document.querySelectorAll('nav a')].some((one) => one.textContent.includes('{name}'))")
    hand.click(f"{at_row}//input[@type='checkbox']")
    hand.press_button("태그", "//*[@role='toolbar']")
    hand.click("//*[@role='menuitemcheckbox'][contains(., '검토')]")
    hand.until(f"{rows('검토')} > 0")
    hand.until_words("태그를 붙였습니다")
    hand.press_button("이동", "//*[@role='toolbar']")
    hand.click(f"//*[@role='menuitem'][contains(., '{company_has}')]")
    hand.until(f"{rows(FOUND)} === 0")
    hand.press_button("실행 취소")
    hand.until(f"{rows(FOUND)} > 0")


def write(hand: Hand, subject: str) -> None:
    """Bold words and a file; taken back once, then sent."""
    hand.press_button("메일 쓰기")
    hand.enter("input[role=combobox][inputmode=email]")
    hand.engine.type(f"{PARTNER},")
    hand.until("document.querySelectorAll('.field .chip').length === 1")
    hand.enter("input[id$=-subject]")
    hand.engine.type(subject)
    hand.enter(LETTER)
    hand.press_button("굵게")
    hand.enter(LETTER)
    hand.engine.type("화요일 오후가 좋겠습니다.")
    hand.until(f"document.querySelector('{LETTER} strong')?.textContent.includes('화요일')")
    hand.run(
        "((field) => { const data = new DataTransfer();"
        f" data.items.add(new File(['월 화 수'], '{FILE}', {{ type: 'text/plain' }})); field.files = data.files;"
        " field.dispatchEvent(new Event('change', { bubbles: true })) })"
        "(document.querySelector('.window footer input[type=file]:not([accept])'))"
    )
    hand.until_words(FILE)
    # Where its share stood there is its size now: it is with the server.
    hand.until("/\\d B/.test(document.querySelector('.window .state')?.textContent ?? '')")
    hand.press_button("보내기")
    hand.until_words("보냈습니다")
    hand.press_button("발송취소")
    hand.until(f"document.querySelector('{LETTER} strong')?.textContent.includes('화요일')")
    hand.until_words(FILE)
    hand.until_after(f"document.querySelector('{LETTER}') === null", lambda: hand.press_button("보내기"))
    hand.click("//nav//a[contains(., '보낸메일함')]")
    hand.until(f"{rows(subject)} > 0")


def look_around(hand: Hand, pictures: Path) -> None:
    """Receipts, rules, the dark theme, the width of a phone."""
    for where, words in (("receipts", "수신확인"), ("settings/rules", "자동분류"), ("settings/look", "언어와 화면")):
        hand.run(f"void (location.hash = '#/{where}')")
        hand.until(f"[...document.querySelectorAll('h1, h2')].some((one) => one.textContent.includes('{words}'))")
    hand.click("//label[normalize-space(.)='어둡게']")
    hand.until("document.documentElement.dataset.theme === 'dark'")
    hand.engine.picture(pictures / "dark.png")
    hand.run("void (location.hash = '')")
    hand.engine.size(390, 844)
    # A window of a desktop may be held wider than a phone.
    hand.until("innerWidth <= 500")
    hand.until(f"{rows(OTHER)} > 0")
    hand.engine.picture(pictures / "phone.png")
    assert hand.run("document.documentElement.scrollWidth <= innerWidth")


def day(engine: Engine, company: Company, login: str, pictures: Path) -> None:
    """All of it, in one browser."""
    new_account(company, login, "한여름")
    for subject in (FOUND, OTHER):
        company.deliver(login, letter(login, subject, f"{BODY}\n"))
    hand = Hand(engine)
    subject = f"일정 {login.partition('@')[0]}"
    sign_in(hand, company.site, login)
    find(hand)
    read(hand)
    sort(hand, "보관")
    write(hand, subject)
    look_around(hand, pictures)
    assert hand.run("JSON.stringify(heard)") == json.dumps({"wrong": [], "away": []}, separators=(",", ":"))
    with company.branch_imap() as session:
        octets = wait_for_mail(session, subject)
    assert b"<strong>" in octets
    assert b"attachment" in octets


@contextlib.contextmanager
def firefox() -> Iterator[ByPuppeteer]:
    """Firefox without a screen, in a home of its own: root's may belong to another."""
    with tempfile.TemporaryDirectory() as home, firefox_on({**os.environ, "HOME": home}, headless=True) as engine:
        engine.size(1366, 900)
        yield engine


@contextlib.contextmanager
def webkit() -> Iterator[Engine]:
    """WebKitGTK on a screen and in a home of its own."""
    with screen() as display, tempfile.TemporaryDirectory() as home:
        with webkit_on({**os.environ, "DISPLAY": display, "HOME": home, "LANGUAGE": "ko"}) as engine:
            yield engine


@pytest.mark.parametrize("started", [firefox, webkit], ids=["firefox", "webkit"])
def test_a_day(
    started: Callable[[], contextlib.AbstractContextManager[Engine]], company: Company, tmp_path: Path
) -> None:
    with started() as engine:
        try:
            day(engine, company, f"{started.__name__}@hanbit.example", tmp_path)
        except BaseException:
            engine.picture(tmp_path / "failed.png")
            raise
        if isinstance(engine, ByPuppeteer):
            told = engine.heard()
            assert told["wrong"] == []
            assert [
                url for url in told["asked"] if not url.startswith((company.site, "blob:", "data:", "about:"))
            ] == []
