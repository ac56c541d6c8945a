"""What every screen of the webmail stands on: five languages, places beyond mail, the palette, panes, papers, undo."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.crawl import SETTLED, STILL_MS
from tests.e2e.demo_desk import DESKTOP, PHONE, Desk, asked_at, settle, violations
from tests.e2e.pictures import keep_picture
from tests.strength import FULL

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

pytestmark = [pytest.mark.peer, pytest.mark.shared_page]

# Locale of the browser → inbox, settings page, sign-in button.
LANGUAGES = {
    "ko-KR": ("받은메일함", "언어와 화면", "로그인"),
    "en-GB": ("Inbox", "Language and appearance", "Sign in"),
    "ja-JP": ("受信トレイ", "言語と画面", "ログイン"),
    "zh-CN": ("收件箱", "语言和外观", "登录"),
    "zh-TW": ("收件匣", "語言與外觀", "登入"),
}
# Address → what is there when it is.
PAGES = {
    "/": "[role=row] .subject",
    "/#inbox/inbox-2": "article iframe",
    "/#/settings/look": ".settings .content > *",
    "/#/settings/device": ".settings .content > *",
    "/?signIn": "form input",
    "/setup#token": "form input",
    "/connect": "table",
}
# A landing asks axe for these two; the walk over every screen asks it for the light desk and the dark phone.
LOOKS = [(DESKTOP, "dark"), (PHONE, "light"), *([(DESKTOP, "light"), (PHONE, "dark")] if FULL else [])]
OVERFLOWS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
# Names of keys that stand on the screen in place of words: `settings.look`.
BARE_KEY = re.compile(
    r"\b(?:action|nav|settings|reading|list|mailbox|push|device|error|compose|setup|connect)\.[a-z][A-Za-z]+\b"
)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_browser_is_spoken_to_in_its_language(new_desk: Callable[..., Desk], locale: str) -> None:
    inbox, settings, sign_in = LANGUAGES[locale]
    desk = new_desk(DESKTOP, locale=locale)
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    page = desk.open()
    expect(page.get_by_role("heading", name=inbox)).to_be_visible()
    catalogues = [url for url in asked if re.search(r"/(ko|en|ja|zh-Han[st])-[^/]+\.js$", url)]
    assert len(catalogues) == 1, "only the language in use is fetched"
    page.goto(f"{desk.site}/#/settings/look")
    expect(page.get_by_role("heading", name=settings)).to_be_visible()
    page.goto(f"{desk.site}/?signIn")
    expect(page.get_by_role("button", name=sign_in, exact=True)).to_be_visible()


def shown(page: Page, desk: Desk, where: str) -> None:
    page.goto("about:blank")
    page.goto(desk.site + where)
    page.locator("h1:visible, h2:visible").first.wait_for()
    drawn(page)


def come_to(page: Page, where: str) -> None:
    """Come to an address in the page that is open, from the list: a load is the costliest part of a look."""
    until = PAGES[where]
    page.evaluate("location.hash = ''")
    page.wait_for_function("(css) => document.querySelector(css) === null", arg=until)
    page.evaluate("(hash) => { location.hash = hash; }", where.partition("#")[2])
    page.locator(until).first.wait_for()
    drawn(page)


def drawn(page: Page) -> None:
    # Parts that a screen fetches when it is opened change it as they come.
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.evaluate(SETTLED, STILL_MS)


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_screen_breaks_in_any_language(
    new_desk: Callable[..., Desk], locale: str, size: dict[str, int], tmp_path: pathlib.Path
) -> None:
    desk = new_desk(size, locale=locale)
    for number, where in enumerate(PAGES):
        # Each is opened from nothing at one of the two sizes at least; a full run opens all of them so.
        if not FULL and where.startswith("/#") and asked_at(locale + where) == (size is PHONE):
            come_to(desk.page, where)
        else:
            shown(desk.page, desk, where)
        keep_picture(desk.page, tmp_path / f"{locale}-{size['width']}-{number}.png")
        assert not desk.page.evaluate(OVERFLOWS), where
        assert not BARE_KEY.findall(desk.page.locator("body").inner_text()), where


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_forty_percent_more_words_break_no_screen(new_desk: Callable[..., Desk], size: dict[str, int]) -> None:
    desk = new_desk(size)
    for where in ("/?pseudo", "/?pseudo#inbox/inbox-2", "/?pseudo#/settings/look", "/?pseudo&signIn"):
        shown(desk.page, desk, where)
        assert not desk.page.evaluate(OVERFLOWS), where
        assert "~" in desk.page.locator("body").inner_text()


@pytest.mark.parametrize(("size", "theme"), LOOKS, ids=lambda one: one if isinstance(one, str) else str(one["width"]))
def test_new_screens_are_accessible(new_desk: Callable[..., Desk], size: dict[str, int], theme: str) -> None:
    desk = new_desk(size, theme=theme)
    page = desk.open()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="명령 찾기").wait_for()
    assert violations(page) == []
    for where in ("/#/settings", "/#/settings/look", "/#/settings/device", "/#/nowhere"):
        shown(page, desk, where)
        assert violations(page) == [], where


def test_the_palette_finds_everything_by_name_in_any_language(desk: Desk) -> None:
    page = desk.open()
    field = page.get_by_role("combobox", name="명령 찾기")
    first = page.get_by_role("listbox", name="명령 찾기").get_by_role("option").first
    for words, found in (
        ("메일 쓰", "메일 쓰기"),
        ("new mail", "메일 쓰기"),
        ("受信トレイ", "받은메일함"),
        ("ㄷㅊㅋ", "단축키"),
        ("거래", "거래처"),
    ):
        page.keyboard.press("Control+k")
        field.fill(words)
        expect(first).to_contain_text(found)
        page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    field.fill("ㅎㅈㅌ")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="휴지통")).to_be_visible()
    page.keyboard.press("Control+k")
    field.fill("없는 명령")
    expect(page.get_by_text("일치하는 명령이 없습니다")).to_be_visible()


def test_shortcuts_and_the_palette_work_while_korean_is_typed(desk: Desk) -> None:
    page = desk.open()
    # On a Mac the key arrives as a jamo, with the place of the key alone to go by.
    press = """([key, code, ctrlKey]) => document.querySelector('main').dispatchEvent(
        new KeyboardEvent('keydown', { key, code, ctrlKey, bubbles: true, cancelable: true }))"""
    page.evaluate(press, ["ㅏ", "KeyK", True])
    expect(page.get_by_role("combobox", name="명령 찾기")).to_be_visible()
    # Enter that ends a syllable runs nothing.
    page.evaluate("""() => document.activeElement.dispatchEvent(new KeyboardEvent('keydown',
        { key: 'Enter', keyCode: 229, isComposing: true, bubbles: true, cancelable: true }))""")
    expect(page.get_by_role("combobox", name="명령 찾기")).to_be_visible()
    page.keyboard.press("Escape")
    page.evaluate(press, ["ㅊ", "KeyC", False])
    expect(page.get_by_role("textbox", name="제목")).to_be_visible()


def test_places_beyond_mail_have_addresses_and_the_list_keeps_its_place(desk: Desk) -> None:
    page = desk.open()
    page.get_by_role("grid").evaluate("(list) => { list.scrollTop = 4000; }")
    row = page.get_by_role("row").nth(5)
    words = row.inner_text()
    page.get_by_role("button", name="계정과 설정").click()
    page.get_by_role("menuitem", name="모든 설정").click()
    assert page.url.endswith("#/settings/look")
    page.get_by_role("link", name="이 기기").click()
    expect(page.get_by_role("heading", name="이 기기")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="언어와 화면")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="언어와 화면")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="받은메일함")).to_be_visible()
    page.go_forward()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="받은메일함")).to_be_visible()
    assert words


def test_choices_are_kept_for_the_person_and_heard_by_other_pages(desk: Desk) -> None:
    page = desk.page
    shown(page, desk, "/#/settings/look")
    page.get_by_text("촘촘하게", exact=True).click()
    page.get_by_role("switch", name="대화로 묶어 보기").click()
    kept = "() => demo.server.handle({ using: [], methodCalls: [['UserPreferences/get', { ids: null }, 'a']] }).methodResponses[0][1].list[0].values"
    page.wait_for_function(f"() => ({kept})().conversation === true")
    assert page.evaluate(kept) == {"density": "compact", "conversation": True}
    page.keyboard.press("Escape")
    expect(page.locator("#row-0")).to_have_css("height", "30px")
    # Chosen on another device: the server's word counts.
    page.evaluate(
        "() => demo.server.handle({ using: [], methodCalls: [['UserPreferences/set', { update: { singleton: { 'values/density': 'roomy' } } }, 'a']] })"
    )
    expect(page.locator("#row-0")).to_have_css("height", "44px")


def test_the_reading_pane_stands_beside_below_or_nowhere(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(DESKTOP)
    page = desk.open()
    pane = page.get_by_role("article", name="메일 읽기")
    for choice, beside in (("오른쪽", True), ("아래", False)):
        page.get_by_role("button", name="계정과 설정").click()
        page.get_by_text(choice, exact=True).click()
        page.keyboard.press("Escape")
        desk.row(2).click()
        expect(pane).to_be_visible()
        expect(desk.row(0)).to_be_visible()
        reading, row = pane.bounding_box(), desk.row(0).bounding_box()
        assert reading is not None and row is not None
        assert (reading["x"] > row["x"] + row["width"] - 20) is beside
        assert (reading["y"] > row["y"] + 100) is not beside
    page.get_by_role("button", name="계정과 설정").click()
    page.get_by_text("목록만", exact=True).click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="목록", exact=True)).to_be_visible()


def test_conversations_share_a_row_when_chosen(desk: Desk) -> None:
    page = desk.open("/?size=30")
    desk.row(0).click()
    page.get_by_role("button", name="답장", exact=True).click()
    page.get_by_role("textbox", name="본문").click()
    page.keyboard.insert_text("묶어 보기")
    page.get_by_role("button", name="보내기", exact=True).click()
    expect(page.get_by_role("region", name="알림")).to_contain_text("보냈습니다")
    count = "() => demo.server.handle({ using: [], methodCalls: [['Email/query', { filter: null, collapseThreads: %s, limit: 1 }, 'a']] }).methodResponses[0][1].total"
    assert page.evaluate(count % "false") - page.evaluate(count % "true") == 1


def test_letters_with_colours_of_their_own_in_the_dark(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(DESKTOP, theme="dark")
    page = desk.page
    button = page.get_by_role("button", name="원래 색")
    for index in range(40):
        page.goto(f"{desk.site}/?size=40#inbox/inbox-{index}")
        page.locator("iframe[title='메일 본문']").wait_for()
        page.frame_locator("iframe[title='메일 본문']").locator(".letter").wait_for()
        if button.count():
            break
    letter = page.frame_locator("iframe[title='메일 본문']").locator(".letter")
    expect(letter).to_have_css("filter", re.compile("invert"))
    button.click()
    expect(letter).to_have_css("filter", "none")
    expect(page.get_by_role("button", name="어둡게 바꾸기")).to_be_visible()


def test_undo_leads_back_through_several_acts(desk: Desk) -> None:
    page = desk.open()
    first, second = (desk.row(index).locator(".subject").inner_text() for index in (0, 1))
    heading = page.locator(".count, .number").first
    expect(heading).to_be_visible()
    for subject in (first, second):
        # What stood below slides up into the row's place; until then the mouse would be over it.
        expect(desk.row(0).locator(".subject")).to_have_text(subject)
        settle(page)
        desk.row(0).hover()
        desk.row(0).get_by_role("button", name="삭제").click()
    expect(desk.row(0).locator(".subject")).not_to_have_text(first)
    page.keyboard.press("z")
    expect(desk.row(0).locator(".subject")).to_have_text(second)
    page.keyboard.press("Control+z")
    expect(desk.row(0).locator(".subject")).to_have_text(first)
    expect(desk.row(1).locator(".subject")).to_have_text(second)
