"""Every box that takes Enter, under the two orders in which browsers tell of the Enter that ends a syllable.

Chrome on Windows and macOS sends `keydown` Enter (229) while the syllable is still composed, then `compositionend`;
Safari sends `compositionend` first and then `keydown` Enter with 229. In both, that Enter is the input method's: nothing
happens by it, nothing is lost, and the next Enter does the one thing that Enter does there, with every syllable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.demo_desk import Desk

pytestmark = [pytest.mark.peer, pytest.mark.shared_page]

# What a page is told of Enter and Escape, to be sure that the order is the one that is meant.
_HEAR = """() => {
  window.heard = [];
  addEventListener('keydown', (event) => heard.push([event.key, event.keyCode, event.isComposing]), true);
  addEventListener('compositionend', () => heard.push(['end']), true);
}"""
_DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@dataclass(frozen=True)
class Box:
    """A field: how one gets to it, what is typed, what Enter does there."""

    open: Callable[[Page], Locator]
    syllables: str
    done: Callable[[Page], Any]
    key: str = "Enter"


def _search(page: Page) -> Locator:
    return page.get_by_role("combobox", name="메일 검색")


def _found(page: Page) -> None:
    expect(_search(page)).not_to_be_focused()
    expect(_search(page)).to_have_value("회의")
    expect(page.get_by_role("heading", name="검색 결과")).to_be_visible()
    expect(page.locator("#row-0 .subject")).to_contain_text("회의")


def _recipients(name: str) -> Callable[[Page], Locator]:
    def opened(page: Page) -> Locator:
        page.keyboard.press("c")
        if name != "받는사람":
            page.get_by_role("button", name="참조·숨은참조").click()
        return page.get_by_role("combobox", name=name, exact=True)

    return opened


def _one_chip(name: str) -> Callable[[Page], None]:
    def done(page: Page) -> None:
        field = page.get_by_role("group", name=name, exact=True)
        expect(field.locator(".chip")).to_have_count(1)
        expect(field.locator(".chip")).to_contain_text("박서준")
        expect(field.get_by_role("combobox")).to_have_value("")

    return done


def _dialog(button: str, label: str) -> Callable[[Page], Locator]:
    def opened(page: Page) -> Locator:
        page.get_by_role("button", name=button).first.click()
        return page.get_by_role("dialog").get_by_label(label, exact=True)

    return opened


def _named(name: str) -> Callable[[Page], None]:
    def done(page: Page) -> None:
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_role("link", name=name)).to_have_count(1)

    return done


def _group(page: Page) -> Locator:
    page.goto(page.url.split("#", maxsplit=1)[0] + "#/contacts")
    page.get_by_role("button", name="새 그룹").click()
    return page.get_by_role("dialog").get_by_label("이름", exact=True)


def _palette(page: Page) -> Locator:
    page.keyboard.press("Control+k")
    return page.get_by_role("combobox", name="명령 찾기")


def _trash(page: Page) -> None:
    expect(page.get_by_role("combobox", name="명령 찾기")).to_have_count(0)
    expect(page.get_by_role("heading", name="휴지통")).to_be_visible()


def _saved_search(page: Page) -> Locator:
    _search(page).fill("회의")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="이 검색 저장").click()
    field = page.get_by_label("스마트메일함 이름")
    field.fill("")
    return field


def _link(page: Page) -> Locator:
    page.keyboard.press("c")
    page.get_by_role("textbox", name="본문").click()
    page.get_by_role("toolbar", name="서식").get_by_role("button", name="링크").click()
    return page.get_by_label("링크 주소")


def _subject(page: Page) -> Locator:
    page.keyboard.press("c")
    page.get_by_role("combobox", name="받는사람").fill("a@b.example,")
    page.get_by_role("textbox", name="본문").wait_for()
    return page.get_by_role("textbox", name="제목")


def _sent(page: Page) -> None:
    expect(page.get_by_role("region", name="알림")).to_contain_text("보냈습니다")
    page.get_by_role("link", name="보낸메일함").click()
    expect(page.locator("#row-0 .subject")).to_have_text("보고")


def _in_words(page: Page) -> None:
    expect(page.get_by_role("textbox", name="본문")).to_be_focused()
    expect(page.get_by_role("textbox", name="본문")).to_have_text("")
    expect(page.get_by_role("textbox", name="제목")).to_have_value("보고")


BOXES = {
    "search": Box(_search, "회의", _found),
    "to": Box(_recipients("받는사람"), "서준", _one_chip("받는사람")),
    "cc": Box(_recipients("참조"), "서준", _one_chip("참조")),
    "tag": Box(_dialog("태그 만들기", "이름"), "급한", _named("급한")),
    "mailbox": Box(_dialog("메일함 만들기", "이름"), "입찰", _named("입찰")),
    "group": Box(_group, "납품", _named("납품")),
    "palette": Box(_palette, "휴지통", _trash),
    "saved search": Box(_saved_search, "모임", _named("모임")),
    "link": Box(_link, "가나", lambda page: expect(page.get_by_label("링크 주소")).to_have_count(0)),
    "subject": Box(_subject, "보고", _in_words),
    "send": Box(_subject, "보고", _sent, "Control+Enter"),
}


class Composition:
    """A syllable in the making in the field that has the focus, as an input method makes it."""

    def __init__(self, page: Page) -> None:
        """Take a page."""
        self._page = page
        self._client = page.context.new_cdp_session(page)

    def make(self, text: str) -> None:
        """Compose, a sign at a time."""
        for end in range(1, len(text) + 1):
            at = {"selectionStart": end, "selectionEnd": end}
            self._client.send("Input.imeSetComposition", {"text": text[:end], **at})

    def end(self, text: str) -> None:
        """Give the text over to the field."""
        self._client.send("Input.insertText", {"text": text})

    def key_of_input_method(self, key: str, modifiers: int = 0) -> None:
        """A key that the input method has taken: 229, and no letter of it reaches the page."""
        what = {"key": key, "code": key, "windowsVirtualKeyCode": 229, "modifiers": modifiers}
        self._client.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **what})
        self._client.send("Input.dispatchKeyEvent", {"type": "keyUp", **what})


@pytest.mark.parametrize("order", ["chrome", "safari"])
@pytest.mark.parametrize("name", BOXES)
def test_enter_of_the_input_method_does_nothing_and_the_next_one_does_it_once(
    desk: Desk, name: str, order: str
) -> None:
    box = BOXES[name]
    page = desk.open()
    field = box.open(page)
    field.focus()
    page.evaluate(_HEAR)
    composition = Composition(page)
    composition.make(box.syllables)
    modifiers = 2 if box.key.startswith("Control") else 0
    if order == "chrome":
        composition.key_of_input_method("Enter", modifiers)
        expect(field).to_have_value(box.syllables)
        composition.end(box.syllables)
        assert page.evaluate("heard") == [["Enter", 229, True], ["end"]]
    else:
        composition.end(box.syllables)
        composition.key_of_input_method("Enter", modifiers)
        assert page.evaluate("heard") == [["end"], ["Enter", 229, False]]
    page.evaluate(_DRAWN)
    expect(field).to_be_focused()
    expect(field).to_have_value(box.syllables)
    page.keyboard.press(box.key)
    box.done(page)


@pytest.mark.parametrize("name", ["tag", "saved search", "to", "send"])
def test_escape_that_gives_a_syllable_up_closes_nothing(desk: Desk, name: str) -> None:
    page = desk.open()
    field = BOXES[name].open(page)
    field.focus()
    composition = Composition(page)
    composition.make("가")
    composition.key_of_input_method("Escape")
    page.evaluate(_DRAWN)
    expect(field).to_be_focused()
    expect(field).to_have_value("가")
