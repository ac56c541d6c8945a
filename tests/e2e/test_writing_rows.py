"""Writing, feature by feature, at the demo build: what is let go where, handles, saved at, warnings in five
languages, the signature that fits.
"""

from __future__ import annotations

import json
import pathlib
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.controls import pick
from tests.e2e.demo_desk import violations
from tests.e2e.pictures import keep_picture
from tests.e2e.test_writing_rich import PICTURE
from tests.e2e.writing_help import chips, letter_of, look, paste, wait_saved

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Page
    from tests.e2e.demo_desk import Desk

pytestmark = [pytest.mark.peer, pytest.mark.shared_page]

CATALOGUES = pathlib.Path(__file__).parents[2] / "web" / "i18n" / "catalogues"
LOCALES = {"ko": "ko-KR", "en": "en-US", "ja": "ja-JP", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}
FORGOTTEN = {
    "ko": "붙임 참고 바랍니다", "en": "Please see the attachment", "ja": "資料を別添いたします",
    "zh-Hans": "请查收附件", "zh-Hant": "請見附檔",
}  # fmt: skip

_DROP = """([place, files]) => {
  const data = new DataTransfer();
  for (const [name, type, body] of files) {
    const octets = Uint8Array.from(atob(body), (char) => char.charCodeAt(0));
    data.items.add(new File([octets], name, { type }));
  }
  const target = document.querySelector(place);
  const box = target.getBoundingClientRect();
  const at = { clientX: box.x + box.width / 2, clientY: box.y + 30, bubbles: true, cancelable: true, dataTransfer: data };
  for (const kind of ['dragenter', 'dragover', 'drop']) target.dispatchEvent(new DragEvent(kind, at));
}"""
TEXT = ("메모.txt", "text/plain", "aGVsbG8=")
IMAGE = ("사진.png", "image/png", PICTURE)


def drop(page: Page, place: str, *files: tuple[str, str, str]) -> None:
    """Let files go over a place of the page, as a hand does that brings them from the desktop."""
    page.evaluate(_DROP, [place, [list(one) for one in files]])


def attached(page: Page) -> Locator:
    """Files that lie beside the open letter."""
    return page.locator(".window").get_by_role("listitem").filter(has=page.get_by_role("button", name="첨부 빼기"))


def begin(desk: Desk) -> Page:
    """A new letter, its editor there."""
    page = desk.open()
    page.keyboard.press("c")
    letter_of(page).click()
    return page


def test_a_file_let_go_is_attached_and_a_picture_over_the_words_stands_in_them(desk: Desk, tmp_path: Path) -> None:
    page = begin(desk)
    page.keyboard.insert_text("사진을 봐 주세요")
    drop(page, ".window footer", TEXT)
    expect(attached(page)).to_have_count(1)
    # A picture over the words is in them and nowhere else, and what came along with it is not lost.
    drop(page, ".letter-text", IMAGE, ("계약서.pdf", "application/pdf", "JVBERg=="))
    expect(letter_of(page).locator("img")).to_have_count(1)
    expect(attached(page)).to_have_count(2)
    expect(attached(page).filter(has_text="사진.png")).to_have_count(0)
    # Over the head of the letter a picture is a file like any other.
    drop(page, ".window header", IMAGE)
    expect(attached(page).filter(has_text="사진.png")).to_have_count(1)
    expect(letter_of(page).locator("img")).to_have_count(1)
    look(page, "dropped", tmp_path)


def test_a_picture_in_the_words_has_handles_at_its_corners_and_keeps_its_shape(desk: Desk, tmp_path: Path) -> None:
    page = begin(desk)
    paste(page, picture=PICTURE)
    image = letter_of(page).locator("img")
    expect(image).to_be_visible()
    image.click()
    handles = page.locator("[data-resize-handle]")
    expect(handles).to_have_count(4)
    expect(handles.last).to_have_css("opacity", "1")
    before = image.bounding_box()
    assert before
    page.mouse.move(before["x"] + before["width"] - 1, before["y"] + before["height"] - 1)
    page.mouse.down()
    page.mouse.move(before["x"] + before["width"] + 60, before["y"] + before["height"] + 60, steps=5)
    page.mouse.up()
    page.wait_for_function("was => document.querySelector('.letter-text img').width > was + 30", arg=before["width"])
    after = image.bounding_box()
    assert after
    assert abs(after["width"] / after["height"] - before["width"] / before["height"]) < 0.05
    look(page, "handles", tmp_path)


def test_plain_text_has_no_picture_and_says_when_it_was_saved(desk: Desk) -> None:
    page = begin(desk)
    page.get_by_role("textbox", name="제목").fill("글자만 쓰는 메일")
    letter_of(page).click()
    page.keyboard.insert_text("굵은 말")
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+b")
    expect(letter_of(page).locator("strong")).to_have_count(1)
    wait_saved(page)
    # "오후 2:03 저장됨": with the minute, by the clock of the reader.
    status = page.locator(".window header [role=status]")
    expect(status).to_have_text(re.compile(r"(오전|오후) \d{1,2}:\d\d 저장됨"))
    page.get_by_role("button", name="일반 텍스트").click()
    plain = page.locator(".window textarea")
    expect(plain).to_have_value("굵은 말")
    plain.fill("굵은 말 둘")
    wait_saved(page)
    page.locator(".window").get_by_role("button", name="닫기").click()
    page.get_by_role("link", name="임시보관함").click()
    page.get_by_role("row").filter(has_text="글자만 쓰는 메일").first.click()
    # What was chosen last is kept: the next letter is plain too.
    expect(letter_of(page)).to_have_value("굵은 말 둘")


@pytest.mark.parametrize("language", list(LOCALES))
def test_every_warning_is_said_in_the_readers_language(
    new_desk: Callable[..., Desk], language: str, tmp_path: Path
) -> None:
    words = json.loads((CATALOGUES / f"{language}.json").read_text())
    page = new_desk(locale=LOCALES[language]).open()
    page.evaluate(
        """() => demo.server.handle({ using: [], methodCalls: [['UserPreferences/set', { update: { singleton: {
          'values/frequentPeople': [{ name: null, email: 'kim@partner.kr', count: 3, at: Date.now() }] } } }, 'a']] })"""
    )
    page.keyboard.press("c")
    window = page.locator(".window")
    field = window.get_by_role("combobox", name=words["compose.to"])
    field.fill("kim@partmer.kr,")
    letter = window.get_by_role("textbox", name=words["compose.body"])
    letter.click()
    page.keyboard.insert_text(FORGOTTEN[language])
    warnings = window.get_by_role("status")
    expect(warnings.filter(has_text=words["warn.forgotten"])).to_be_visible()
    lookalike = words["warn.lookalike"].replace("{address}", "kim@partmer.kr").replace("{known}", "kim@partner.kr")
    expect(warnings.filter(has_text=lookalike)).to_be_visible()
    expect(window.locator("p.outside")).to_contain_text("partmer.kr")
    # One address from elsewhere among colleagues.
    for name in ("one", "two"):
        field.fill(f"{name}@hanbit-tech.example,")
    unusual = words["warn.unusual"].replace("{address}", "kim@partmer.kr")
    expect(warnings.filter(has_text=unusual)).to_be_visible()
    keep_picture(page, tmp_path / f"warnings-{language}.png")
    field.fill(", ".join(f"p{number}@partner.kr" for number in range(31)) + ",")
    expect(warnings.filter(has_text=re.compile("34"))).to_be_visible()
    assert violations(page) == []
    window.get_by_role("button", name=words["action.send"], exact=True).click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text(words["warn.forgotten"])
    asked.get_by_role("button", name=words["action.cancel"]).click()
    expect(letter).to_contain_text(FORGOTTEN[language])


_KEPT = """(wanted) => {
  const ask = { using: [], methodCalls: [['UserPreferences/get', { ids: null }, 'a']] };
  const { signatures = [] } = demo.server.handle(ask).methodResponses[0][1].list[0].values;
  return wanted.every(([name, of, value]) => signatures.some((one) => one.name === name && one[of] === value));
}"""


def kept(page: Page, *wanted: tuple[str, str, object]) -> None:
    """Wait until the server has these parts of signatures: name, part, value."""
    page.wait_for_function(_KEPT, arg=[list(one) for one in wanted])


def signature(page: Page, name: str, text: str) -> Locator:
    """Add one on the page of writing; return where it is."""
    before = page.get_by_label("서명 내용").count()
    page.get_by_role("button", name="서명 추가").click()
    one = page.locator("fieldset").nth(before)
    one.get_by_label("서명 이름").fill(name)
    one.get_by_label("서명 이름").blur()
    kept(page, (name, "forNew", True))
    one.get_by_label("서명 내용").fill(text)
    one.get_by_label("서명 내용").blur()
    kept(page, (name, "text", text))
    return one


def test_what_is_typed_stays_while_settings_come_in(desk: Desk) -> None:
    page = desk.open()
    page.evaluate("() => (location.hash = '#/settings/writing')")
    signature(page, "사내용", "첫 줄")
    # Typed and not left yet, while another page of the same person has changed something.
    page.get_by_label("서명 이름").fill("반쯤 쓴 이름")
    asked = page.evaluate_handle("""() => {
      const seen = { times: 0 }, handle = demo.server.handle.bind(demo.server);
      demo.server.handle = (ask) => {
        seen.times += ask.methodCalls.filter(([name]) => name === 'UserPreferences/get').length;
        return handle(ask);
      };
      new BroadcastChannel('smartmail').postMessage('preferences');
      return seen;
    }""")
    page.wait_for_function("(seen) => seen.times > 0", arg=asked)
    page.get_by_role("button", name="서명 추가").click()
    expect(page.get_by_label("서명 이름")).to_have_count(2)
    expect(page.get_by_label("서명 이름").first).to_have_value("반쯤 쓴 이름")


def test_the_signature_that_fits_stands_under_the_letter(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    page.evaluate("() => (location.hash = '#/settings/writing')")
    inside = signature(page, "사내용", "사내 짧은 서명")
    pick(inside.get_by_label("받는 곳"), "사내만")
    kept(page, ("사내용", "where", "inside"))
    inside.get_by_label("답장·전달에").uncheck()
    kept(page, ("사내용", "forAnswers", False))
    outside = signature(page, "외부용", "외부 긴 서명")
    pick(outside.get_by_label("받는 곳"), "외부가 있을 때")
    kept(page, ("외부용", "where", "outside"))
    answers = signature(page, "답장용", "답장 서명")
    answers.get_by_label("새 메일에").uncheck()
    kept(page, ("답장용", "forNew", False))
    answers.get_by_label("답장·전달에").check()
    kept(page, ("답장용", "forAnswers", True))
    look(page, "signatures", tmp_path)
    assert violations(page) == []
    page.get_by_role("link", name="받은메일함").first.click()
    page.get_by_role("row").first.wait_for()
    page.keyboard.press("c")
    window = page.locator(".window")
    expect(window).to_contain_text("사내 짧은 서명")
    page.get_by_role("combobox", name="받는사람").fill("a@outside.example,")
    expect(chips(page)).to_have_count(1)
    expect(window).to_contain_text("외부 긴 서명")
    expect(window).not_to_contain_text("사내 짧은 서명")
    # One's own choice stays, whoever is added.
    pick(window.get_by_label("서명"), "답장용")
    expect(window).to_contain_text("답장 서명")
    window.get_by_role("button", name="닫기").click()
    desk.row(2).click()
    page.get_by_role("article").first.wait_for()
    page.keyboard.press("r")
    expect(window).to_contain_text("답장 서명")
    expect(window).not_to_contain_text("외부 긴 서명")
