"""Korean typed by a real input method in Chromium, Firefox and WebKit: no jamo is lost, doubled or out of its place.

The webmail's demo build stands in for a node: what is tested happens between the input method and the page. Enter that
ends a syllable does one thing by it; suggestions and the search follow a syllable that is not finished yet.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.e2e.engines import WAIT_S, Engine, Hand, chromium_on, firefox_on, screen, webkit_on
from tests.e2e.korean_input import HANGUL, KIM, KoreanScreen, korean_screen, on_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser as Chromium

pytestmark = pytest.mark.peer

SEARCH = "input[enterkeyhint=search]"
TO = "input[role=combobox][inputmode=email]"
SUBJECT = "input[id$=-subject]"
LETTER = "[role=textbox][contenteditable=true]"
NAME = "dialog[open] input[type=text], dialog[open] input:not([type])"
LINES = f"[...document.querySelectorAll('{LETTER} p')].map((one) => one.textContent)"


def value_of(css: str) -> str:
    """Expression of what stands in a field."""
    return f"(document.querySelector('{css}')?.value ?? '')"


class Typist(Hand):
    """A person at an engine whose keyboard types Korean."""

    def __init__(self, engine: Engine, keyboard: KoreanScreen) -> None:
        """Take an engine on the keyboard's screen."""
        super().__init__(engine)
        self.keyboard = keyboard

    def keys(self, syllables: str) -> None:
        """Press the keys of these syllables."""
        self.keyboard.press(*on_keys(syllables))

    def press(self, *keys: str) -> None:
        """Press named keys at the X server."""
        self.keyboard.press(*keys)

    def into_hangul(self, value: str) -> None:
        """Switch the keyboard of the field that has the focus; a window needs a moment until it has its input method."""
        deadline = time.monotonic() + WAIT_S
        while True:
            self.keyboard.switch()
            self.until_after(f"/[rㄱ]/.test({value})", lambda: self.keyboard.type("r"))
            hangul = self.run(f"{value} === 'ㄱ'")
            self.press("BackSpace")
            if hangul:
                self.until(f"{value} === ''")
                return
            self.press("ctrl+a", "BackSpace")
            self.until(f"{value} === ''")
            assert time.monotonic() < deadline, "the input method never took the keys"


def search_follows(typist: Typist) -> None:
    """The search box: it looks for syllables in the making; Enter that ends one leaves the words as they are."""
    typist.enter(SEARCH)
    value = value_of(SEARCH)
    typist.into_hangul(value)
    typist.keyboard.type(HANGUL)
    typist.until(f"{value} === '한글'")
    typist.press("BackSpace")
    typist.until(f"{value} === '한그'")
    typist.press("ctrl+a", "BackSpace")
    typist.until(f"{value} === ''")
    typist.keys("회의")
    # The last syllable is still the input method's. Its first half finds the same mail: what counts is the whole.
    typist.until(f"{value} === '회의'")
    typist.until_words("검색 결과")
    typist.until(
        "[...document.querySelectorAll('[role=row] .subject')].some((one) => one.textContent.includes('회의'))"
    )
    assert typist.run(value) == "회의"
    typist.press("Return")
    typist.until("document.activeElement.getAttribute('role') === 'grid'")
    assert typist.run(value) == "회의"


def shortcuts_work(typist: Typist) -> None:
    """Letters that are commands stay commands while the keyboard types Korean."""
    typist.press("Escape")
    typist.focus("[role=grid]")
    at = "[...document.querySelectorAll('[role=row]')].findIndex((one) => one.classList.contains('cursor'))"
    start = typist.run(at)
    typist.press("j")
    typist.until(f"{at} === {start + 1}")
    typist.press("j")
    typist.until(f"{at} === {start + 2}")
    typist.press("k")
    typist.until(f"{at} === {start + 1}")
    typist.press("slash")
    typist.until(f"document.activeElement === document.querySelector('{SEARCH}')")
    typist.press("ctrl+a", "BackSpace", "Escape")
    typist.until(f"{value_of(SEARCH)} === ''")
    typist.focus("[role=grid]")
    typist.press("c")
    typist.until(f"document.querySelector('{TO}') !== null && document.querySelector('{LETTER}') !== null")


def recipients_follow(typist: Typist) -> None:
    """Suggestions while a syllable is composed; Enter takes one of them, and nothing is left in the field."""
    typist.enter(TO)
    value = value_of(TO)
    typist.keys("서준")
    # Half of the name finds more people: those of the whole name must stand there.
    typist.until(f"{value} === '서준'")
    options = "[...document.querySelectorAll('[role=option]')]"
    typist.until(f"{options}.length > 0 && {options}.every((one) => one.textContent.includes('서준'))")
    assert typist.run(value) == "서준"
    typist.press("Return")
    chips = "[...document.querySelectorAll('.field .chip')].map((one) => one.textContent.trim())"
    typist.until(f"{chips}.length === 1")
    assert "박서준" in typist.run(chips)[0]
    # Had a syllable come after the chip, it would stand before this one.
    typist.keyboard.type(KIM)
    typist.until(f"{value}.includes('김')")
    assert typist.run(value) == "김"
    # Jamo by jamo: one Backspace too many would take the chip.
    while left := typist.run(value):
        typist.press("BackSpace")
        typist.until(f"{value} !== {json.dumps(left)}")
    assert len(typist.run(chips)) == 1


def letter_is_as_typed(typist: Typist) -> None:
    """The start of a letter, Enter inside a syllable, bold, jamo and digit, backspace, a click elsewhere."""
    typist.enter(LETTER)
    typist.keyboard.type(HANGUL)
    typist.press("Return")
    typist.keys("나")
    typist.press("space", "1", "Return")
    # A jamo by itself and a digit.
    typist.keys("ㅋ")
    typist.press("1", "Return")
    # Backspace takes a syllable apart; a consonant goes over to the vowel that follows.
    typist.keys("간")
    typist.press("BackSpace", "BackSpace")
    typist.until(f"{LINES}.at(-1) === 'ㄱ'")
    typist.press("BackSpace")
    typist.keys("간")
    typist.keyboard.type("k")
    typist.until(f"{LINES}.at(-1) === '가나'")
    typist.press("Return")
    # Bold is put on inside a syllable and off inside another.
    typist.keys("다")
    typist.press("ctrl+b")
    typist.keys("라")
    typist.press("ctrl+b")
    typist.keys("마")
    typist.until(f"{LINES}.at(-1) === '다라마'")
    # A click elsewhere while the last syllable is open.
    typist.enter(SUBJECT)
    assert typist.run(LINES) == ["한글", "나 1", "ㅋ1", "가나", "다라마"]
    assert typist.run(f"[...document.querySelectorAll('{LETTER} strong')].map((one) => one.textContent)") == ["라"]


def names_are_whole(typist: Typist) -> None:
    """A tag's and a mailbox's name: Enter inside the last syllable makes one thing, called as it was typed."""
    for button, syllables in (("태그 만들기", "급한"), ("메일함 만들기", "입찰")):
        typist.press_button(button)
        typist.until(f"document.activeElement === document.querySelector({NAME!r})")
        typist.keys(syllables)
        typist.until(f"{value_of(NAME)} === '{syllables}'")
        typist.press("Return")
        typist.until("document.querySelector('dialog[open]') === null")
        named = "[...document.querySelectorAll('nav a .name, nav a')].map((one) => one.textContent.trim())"
        typist.until(f"{named}.some((one) => one.startsWith('{syllables}'))")


def story(engine: Engine, keyboard: KoreanScreen, site: str) -> None:
    """All that is typed, in one browser."""
    typist = Typist(engine, keyboard)
    # A window that has just come may keep the keys to itself (Firefox: its address bar) until somebody presses into its page.
    engine.open("about:blank")
    typist.until_after("document.hasFocus()", keyboard.touch)
    engine.open(site)
    typist.until("document.querySelectorAll('[role=row] .subject').length > 3")
    for chapter in (search_follows, names_are_whole, shortcuts_work, recipients_follow, letter_is_as_typed):
        chapter(typist)


@pytest.fixture
def keyboard() -> Iterator[KoreanScreen]:
    """A screen of this test's own."""
    # Sockets of the bus want a short path.
    with tempfile.TemporaryDirectory() as home, screen() as display, korean_screen(Path(home), display) as ready:
        yield ready


def test_chromium(chromium: Chromium, demo_site: str, keyboard: KoreanScreen) -> None:
    with chromium_on(chromium, keyboard.environment) as engine:
        story(engine, keyboard, demo_site)


@pytest.mark.parametrize("started", [firefox_on, webkit_on], ids=["firefox", "webkit"])
def test_other_engines(
    started: Callable[..., contextlib.AbstractContextManager[Engine]], demo_site: str, keyboard: KoreanScreen
) -> None:
    with started(keyboard.environment) as engine:
        story(engine, keyboard, demo_site)
