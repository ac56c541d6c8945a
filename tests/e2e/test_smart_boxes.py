"""Whose mail it is and what comes first, in Chromium: the card beside a name, people marked as VIP, smart folders, newsletters
on a phone, days by the person's own clock.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.company import Company, Person, acknowledged, letter
from tests.e2e.controls import pick
from tests.e2e.demo_desk import PHONE, Desk, open_group, violations
from tests.e2e.phone_help import fits
from tests.e2e.pictures import keep_picture
from tests.e2e.test_names_and_dates import prefer
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.peer, pytest.mark.shared_page]

BODY = "iframe[title='메일 본문']"
EXCHANGED = re.compile(r"^주고받은 메일\s*[1-9]")


def open_letter(desk: Desk, row: int = 1) -> Page:
    """A letter from outside."""
    page = desk.open("/?size=60")
    desk.row(row).locator(".subject").click()
    page.frame_locator(BODY).locator(".letter").first.wait_for()
    return page


def sender(page: Page) -> Locator:
    return page.locator("article header .from button.name")


def card_of(page: Page) -> Locator:
    return page.get_by_role("dialog", name="연락처 정보")


def smart(page: Page, name: str) -> Locator:
    open_group(page, "더보기")
    return page.get_by_role("list", name="스마트메일함").get_by_role("link", name=name)


def test_a_name_that_is_pointed_at_shows_who_it_is_and_takes_no_key(desk: Desk) -> None:
    page = open_letter(desk)
    sender(page).hover()
    expect(card_of(page).get_by_role("button", name=EXCHANGED)).to_be_visible()
    assert page.evaluate("document.activeElement.closest('[popover]') === null"), "keys go where they went before"
    # The pointer may go over to the card, and Escape closes nothing but it.
    card_of(page).get_by_role("button", name="메일 쓰기").hover()
    expect(card_of(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(card_of(page)).to_have_count(0)
    expect(sender(page)).to_be_visible()
    # What the pointer leaves goes.
    sender(page).hover()
    expect(card_of(page)).to_be_visible()
    page.locator("article h1").hover()
    expect(card_of(page)).to_have_count(0)


def test_a_name_is_reached_by_keyboard_and_its_person_is_marked(desk: Desk) -> None:
    page = open_letter(desk)
    expect(smart(page, "안읽은 메일")).to_be_visible()
    expect(smart(page, "VIP 메일")).to_have_count(0)
    sender(page).focus()
    page.keyboard.press("Enter")
    expect(card_of(page).get_by_role("button", name="메일 쓰기")).to_be_focused()
    assert violations(page) == []
    card_of(page).get_by_role("button", name="VIP로 표시").press("Enter")
    expect(card_of(page).get_by_role("button", name="VIP 해제")).to_be_visible()
    page.keyboard.press("Escape")
    expect(card_of(page)).to_have_count(0)
    expect(sender(page)).to_be_focused()
    expect(page.locator("article header .vip")).to_have_text("VIP")

    name = sender(page).inner_text()
    expect(smart(page, "VIP 메일")).to_contain_text(re.compile(r"[1-9]"))
    smart(page, "VIP 메일").click()
    expect(page.get_by_role("heading", name="검색 결과")).to_be_visible()
    rows = page.locator("main .list [role=row]")
    expect(rows.first).to_contain_text(name)
    expect(rows.filter(has_not_text=name)).to_have_count(0)

    page.get_by_role("region", name="알림").get_by_role("button", name="실행 취소").click()
    expect(smart(page, "VIP 메일")).to_have_count(0)


def test_everybody_a_letter_names_has_a_card(desk: Desk) -> None:
    page = open_letter(desk)
    page.locator("article header .to button.name").first.click()
    expect(card_of(page)).to_contain_text("jiwoo.han@hanbit-tech.example")
    # Nobody blocks or marks themselves.
    expect(card_of(page).get_by_role("button", name="수신차단")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(card_of(page)).to_have_count(0)
    page.get_by_role("button", name="자세히", exact=True).click()
    page.locator("article header dl button.name").last.click()
    expect(card_of(page).get_by_role("button", name="수신차단")).to_be_visible()
    card_of(page).get_by_role("button", name=EXCHANGED).click()
    expect(page.get_by_role("heading", name="검색 결과")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_card_on_a_phone_is_large_enough_for_a_finger(
    new_desk: Callable[..., Desk], theme: str, tmp_path: Path
) -> None:
    page = open_letter(new_desk(PHONE, theme))
    sender(page).tap()
    expect(card_of(page).get_by_role("button", name=EXCHANGED)).to_be_visible()
    fits(page, "card", tmp_path)
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="자세히", exact=True).tap()
    fits(page, "names", tmp_path)
    page.locator("article header dl button.name").first.tap()
    expect(card_of(page)).to_be_visible()


_PICTURE = (
    '<img src=\'data:image/svg+xml;utf8,<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}"></svg>\''
    " width={0} height={1}>"
)
NEWSLETTER = (
    '<div style="display:none;font-size:1px">preheader</div>'
    '<center><table width="600" style="width:600px"><tr><td width="600">'
    + _PICTURE.format(600, 240)
    + '<table width="600"><tr><td style="font-size:14px">가을 정기 세일이 시작됩니다. 전 품목을 할인된 가격으로 만나 보세요.</td></tr></table>'
    '<table width="600"><tr><td width="300" id="left">' + _PICTURE.format(276, 160) + "<br>겨울 코트</td>"
    '<td width="300" id="right">' + _PICTURE.format(276, 160) + "<br>니트</td></tr></table>"
    '<p style="font-size:10px">본 메일은 발신 전용입니다.</p></td></tr></table></center>'
)
ORDERS = (
    '<p style="font-size:14px">발주 내역입니다.</p><table style="width:900px;font-size:13px"><tr>'
    + "".join(f'<td style="white-space:nowrap">스테인리스 볼트 M{size}</td>' for size in range(10, 18))
    + "</tr></table>"
)
_SHOWN = """() => {
  const frame = document.querySelector("iframe[title='메일 본문']"), page = frame.contentDocument;
  const letter = page.querySelector('.letter'), zoom = Number(letter.style.zoom);
  const said = [...letter.querySelectorAll('*')].filter((one) =>
    one.offsetHeight > 0 && [...one.childNodes].some((node) => node.nodeType === 3 && node.nodeValue.trim()));
  const sizes = said.map((one) => parseFloat(page.defaultView.getComputedStyle(one).fontSize) * zoom);
  page.documentElement.scrollLeft = 50;
  return { room: frame.clientWidth, wide: page.documentElement.scrollWidth, least: Math.min(...sizes), zoom,
    moved: page.documentElement.scrollLeft, pictures: [...letter.querySelectorAll('img')].map((one) => one.offsetWidth) };
}"""


class Shown(TypedDict):
    room: float
    wide: float
    least: float
    zoom: float
    moved: float
    pictures: list[float]


def shown(desk: Desk, html: str) -> Shown:
    """How a letter of these octets stands in its frame."""
    page = desk.open("/?size=60")
    page.evaluate(
        "html => { demo.render = () => Promise.resolve({ html, css: '', lang: 'ko', remoteCount: 0, trackerCount: 0 }) }",
        html,
    )
    desk.row(1).locator(".subject").click()
    page.frame_locator(BODY).get_by_text("입니다").first.wait_for()
    expect(page.locator(BODY)).not_to_have_css("height", "0px")
    told: Shown = page.evaluate(_SHOWN)
    return told


def test_a_newsletter_of_600_px_takes_the_width_of_a_phone(new_desk: Callable[..., Desk]) -> None:
    told = shown(new_desk(PHONE), NEWSLETTER)
    assert told["wide"] == told["room"], told
    assert told["moved"] == 0, told
    assert told["zoom"] == 1, told
    assert told["least"] >= 12, told
    large, left, right = told["pictures"]
    assert large > 0.85 * told["room"], told
    assert 0.3 * told["room"] < left == right < 0.5 * told["room"], told


def test_a_table_that_cannot_give_way_is_panned_and_stays_readable(new_desk: Callable[..., Desk]) -> None:
    told = shown(new_desk(PHONE), ORDERS)
    assert told["wide"] > told["room"], told
    assert told["moved"] == 50, told
    assert told["least"] >= 12 - 0.01, told


def test_a_newsletter_on_a_desk_is_as_it_was_made(desk: Desk) -> None:
    told = shown(desk, NEWSLETTER)
    assert told["pictures"] == [600, 276, 276], told
    assert told["least"] == 10, told


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_day_that_an_answer_is_waited_for_is_of_the_own_clock(desk: Desk, zone: str) -> None:
    page = desk.open()
    prefer(page, "timeZone", zone)
    page.keyboard.press("c")
    page.get_by_role("combobox", name="받는사람").fill("someone@x.example,")
    page.get_by_role("button", name="메일 옵션").click()
    days = [(datetime.now(ZoneInfo(zone)) + timedelta(days=1)).date().isoformat()]
    pick(page.get_by_label("답장 없으면 알리기"), "own")
    # Midnight may pass between the two.
    days.append((datetime.now(ZoneInfo(zone)) + timedelta(days=1)).date().isoformat())
    assert page.locator("input[role=combobox][data-value]").last.get_attribute("data-value") in days


READER = "smart.boxes@hanbit.example"
CHIEF, NAMESAKE = "u0@bench.test", "au0@bench.test"


def test_vips_and_what_is_important_are_the_same_on_every_device(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    new_account(company, READER, "스마트함 독자")
    company.deliver(READER, letter(READER, "스마트함의 첫 편지", sender=CHIEF), CHIEF)
    company.deliver(READER, letter(READER, "이름만 비슷한 이의 편지", sender=NAMESAKE), NAMESAKE)
    urgent = letter(READER, "스마트함의 급한 편지", sender=NAMESAKE)
    company.deliver(READER, b"X-Priority: 1 (Highest)\r\nImportance: High\r\n" + urgent, NAMESAKE)

    one = new_person().sign_in(READER, PASSWORD)
    one.row("스마트함의 급한 편지").wait_for()
    one.read("스마트함의 첫 편지")
    sender(one.page).click()
    with acknowledged(one.page, "UserPreferences/set"):
        card_of(one.page).get_by_role("button", name="VIP로 표시").click()

    other = new_person().sign_in(READER, PASSWORD)
    smart(other.page, "VIP 메일").click()
    expect(other.row("스마트함의 첫 편지")).to_be_visible()
    expect(other.page.get_by_role("row")).to_have_count(1)
    other.page.goto(f"{other.site}/#/settings/senders")
    marked = other.page.get_by_role("region", name="VIP").get_by_role("listitem").filter(has_text=CHIEF)
    expect(marked.get_by_role("button", name="VIP 해제")).to_be_visible()
    keep_picture(other.page, tmp_path / "senders.png")
    marked.get_by_role("button", name="VIP 해제").click()
    expect(marked).to_have_count(0)
    other.page.goto(f"{other.site}/#")
    smart(other.page, "중요 메일").click()
    expect(other.row("스마트함의 급한 편지")).to_be_visible()
    expect(other.page.get_by_role("row")).to_have_count(1)
