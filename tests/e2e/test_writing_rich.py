"""The rich letter: tables and looks of office programs stay, pictures go along inside it, drafts outlive their page."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import ANSWER_MS, HERO, PARTNER, parsed, wait_for_mail
from tests.e2e.writing_help import letter_of, look, paste, wait_saved

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page
    from tests.e2e.company import Company, Person
    from tests.e2e.demo_desk import Desk

pytestmark = pytest.mark.peer

EXCEL = """<html><head><style>
<!--table {mso-displayed-decimal-separator:"\\.";}
.xl65 {border:.5pt solid windowtext; background:#FFE699; font-weight:700; text-align:center;}
.xl66 {border:.5pt solid windowtext; color:#C00000;}
--></style></head><body><!--StartFragment-->
<table border=0 cellpadding=0><tr><td class=xl65 colspan=2>3분기 실적</td></tr>
<tr><td class=xl66>매출</td><td class=xl66 align=right>1,250</td></tr></table><!--EndFragment--></body></html>"""
WORD = """<p class=MsoNormal style='text-align:center'><b><span style='color:#1F4E79;font-size:14.0pt'>회의록</span></b>
<o:p></o:p></p><p class=MsoNormal><span style='font-weight:bold'>결정</span> 사항은
<span style='background:yellow'>다음 주</span>에<img src="file:///C:/temp/a.png"></p><script>alert(1)</script>"""
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAADAAAAAwCAIAAADYYG7QAAAAQklEQVR4nO3OMQ0AIBAAsVfDhv8VabjgGJpUQOes/ZXJB0JCQkL1QEhISKgeCAkJCdUDISEhoXogJCQkVA+EhIQeu4JHq4hvlQhfAAAAAElFTkSuQmCC"
"""A red square of 48 dots, as PNG."""


def test_tables_and_looks_of_office_programs_stay(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    page.keyboard.press("c")
    letter = letter_of(page)
    letter.click()
    paste(page, html=EXCEL, text="3분기 실적", picture="iVBORw0KGgo=")
    cells = letter.locator("td")
    expect(cells).to_have_count(3)
    expect(cells.first).to_have_attribute("colspan", "2")
    assert cells.first.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(255, 230, 153)"
    assert cells.nth(1).evaluate("one => getComputedStyle(one).borderTopStyle") == "solid"
    # The picture that Excel brings of the same cells is not wanted as well.
    expect(letter.locator("img")).to_have_count(0)
    page.keyboard.press("Control+End")
    paste(page, html=WORD, text="회의록")
    title = letter.get_by_text("회의록")
    assert title.evaluate("one => getComputedStyle(one).color") == "rgb(31, 78, 121)"
    expect(letter.locator("strong", has_text="결정")).to_be_visible()
    expect(letter.locator("img, script")).to_have_count(0)
    look(page, "office", tmp_path)


def test_a_picture_is_pasted_drawn_smaller_and_coloured_words_stand_beside_it(
    new_person: Callable[..., Person], company: Company, tmp_path: Path
) -> None:
    person = new_person().sign_in(HERO)
    page = person.page
    person.compose(PARTNER, "그림이 든 메일")
    letter = letter_of(page)
    letter.click()
    page.keyboard.insert_text("화면을 보냅니다")
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="글자 색").click()
    page.get_by_role("button", name="빨강").click()
    expect(letter.locator("span")).to_have_css("color", "rgb(192, 38, 45)")
    page.keyboard.press("Control+End")
    paste(page, picture=PICTURE)
    image = letter.locator("img")
    expect(image).to_be_visible()
    _draw_smaller(page)
    look(page, "picture", tmp_path)
    wait_saved(page)
    # The draft goes on in another page with its picture.
    page.reload()
    person.go("임시보관함")
    person.row("그림이 든 메일").click()
    again = letter_of(page).locator("img")
    expect(again).to_be_visible()
    page.wait_for_function("() => document.querySelector('.letter-text img')?.naturalWidth === 48")
    person.send()
    with company.branch_imap() as session:
        mail = parsed(wait_for_mail(session, "그림이 든 메일"))
    html = mail.get_body(("html",))
    assert html is not None
    words = html.get_content()
    assert 'src="cid:' in words
    assert "rgb(192, 38, 45)" in words
    cid = words.split('src="cid:')[1].split('"')[0]
    [part] = [one for one in mail.walk() if one["Content-ID"] == f"<{cid}>"]
    assert base64.b64encode(part.get_content()).decode() == PICTURE


def _draw_smaller(page: Page) -> None:
    image = letter_of(page).locator("img")
    image.hover()
    box = image.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] - 1)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 17, box["y"] + box["height"] - 17, steps=4)
    page.mouse.up()
    expect(letter_of(page).locator("img")).not_to_have_css("width", f"{box['width']:.0f}px")


_KEPT = """(more) => new Promise((done) => {
  const open = indexedDB.open('smartmail');
  open.onsuccess = () => {
    const all = open.result.transaction('queue').objectStore('queue').openCursor();
    let octets = 0;
    all.onsuccess = () => {
      const at = all.result;
      if (!at) return done(octets > more && octets);
      if (String(at.key).startsWith('draft-')) octets += at.value.octets.byteLength;
      at.continue();
    };
  };
})"""
"""Octets of letters that lie on the device when they are more than `more`, else false."""


def kept_on_device(page: Page, more: int) -> int:
    """Wait for letters of more octets than `more`; return how many there are.

    By polling from here: to `wait_for_function` a promise is true before it is kept.
    """
    deadline = time.monotonic() + ANSWER_MS / 1000
    while not (octets := page.evaluate(_KEPT, more)):
        assert time.monotonic() < deadline, "nothing was kept on the device"
        page.wait_for_timeout(50)
    return int(octets)


def test_a_killed_page_loses_no_word(new_person: Callable[..., Person]) -> None:
    person = new_person().sign_in(HERO)
    page = person.page
    page.get_by_role("row").first.wait_for()
    # From here on the server hears nothing more: only the device can know.
    page.route("**/jmap/**", lambda _route: None)
    page.keyboard.press("c")
    page.get_by_role("textbox", name="제목").fill("끊긴 창에서 쓰던 메일")
    before = kept_on_device(page, 0)
    person.write("이 말은 남아야 합니다")
    # The words stand in it twice, as text and as markup.
    kept_on_device(page, before + 60)
    context = page.context
    page.close()
    page = context.new_page()
    page.goto(person.site)
    expect(page.get_by_role("textbox", name="제목")).to_have_value("끊긴 창에서 쓰던 메일")
    expect(letter_of(page)).to_contain_text("이 말은 남아야 합니다")
    wait_saved(page)


def test_a_draft_that_somebody_else_changed_is_told(new_person: Callable[..., Person], company: Company) -> None:
    person = new_person().sign_in(HERO)
    page = person.page
    page.keyboard.press("c")
    page.get_by_role("textbox", name="제목").fill("두 곳에서 쓰는 초안")
    person.write("처음")
    wait_saved(page)
    with company.imap(HERO) as session:
        session.select("Drafts")
        session.literal = "두 곳에서 쓰는 초안".encode()  # type: ignore[attr-defined]
        [uid] = session.uid("SEARCH", "CHARSET", "UTF-8", "SUBJECT")[1][0].split()
        session.uid("STORE", uid.decode(), "+FLAGS", "(\\Deleted)")
        session.expunge()
    person.write("둘째")
    expect(page.get_by_role("alert")).to_contain_text("다른 창이나 기기에서 이 초안을 고치거나 삭제했습니다")
    expect(letter_of(page)).to_contain_text("둘째")
