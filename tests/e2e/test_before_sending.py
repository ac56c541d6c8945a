"""The question before a letter goes, and what the notice offers once it has gone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.controls import offered_by, pick
from tests.e2e.demo_desk import PHONE, violations
from tests.e2e.test_second_factor import PASSWORD, new_account
from tests.e2e.writing_help import look

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.company import Company, Person
    from tests.e2e.demo_desk import Desk

OUTSIDE = "kim@partner.kr"
INSIDE = "one@hanbit-tech.example"


def open_told(desk: Desk, **told: object) -> Page:
    """The demo build, whose server says this of policy."""
    return desk.open("/?told=" + quote(json.dumps(told)))


def begin(page: Page, to: str, subject: str, text: str = "안녕하세요.") -> Locator:
    """A letter that could be sent; its window."""
    page.keyboard.press("c")
    window = page.locator("section.window")
    window.get_by_role("combobox", name="받는사람").fill(f"{to},")
    window.get_by_role("textbox", name="제목").fill(subject)
    letter = window.get_by_role("textbox", name="본문")
    letter.click()
    page.keyboard.insert_text(text)
    expect(letter).to_contain_text(text)
    return window


def send(window: Locator) -> None:
    window.get_by_role("button", name="보내기", exact=True).click()


def question(page: Page) -> Locator:
    return page.get_by_role("dialog", name="이대로 보낼까요?")


def notices(page: Page) -> Locator:
    return page.get_by_role("region", name="알림")


def test_one_question_shows_whom_what_and_what_was_forgotten(desk: Desk, tmp_path: Path) -> None:
    page = open_told(desk, confirmSending="outside")
    window = begin(page, f"{OUTSIDE}, {INSIDE}", "사분기 견적", "견적서를 첨부합니다.")
    window.get_by_role("button", name="참조·숨은참조").click()
    window.get_by_role("combobox", name="숨은참조").fill("hidden@partner.kr,")
    send(window)
    asked = question(page)
    expect(asked).to_contain_text("사분기 견적")
    expect(asked).to_contain_text("외부 2명")
    expect(asked.get_by_role("listitem").filter(has_text="hidden@partner.kr")).to_contain_text("숨은참조")
    expect(asked).to_contain_text("사내 1명")
    expect(asked.get_by_role("listitem").filter(has_text=INSIDE)).to_have_count(1)
    expect(asked).to_contain_text("첨부한다고 썼지만 첨부 파일이 없습니다.")
    expect(asked).to_contain_text("첨부 없음")
    assert violations(page) == []
    look(page, "question", tmp_path)
    # Escape leaves the question and not the letter.
    page.keyboard.press("Escape")
    expect(asked).to_have_count(0)
    expect(window.get_by_role("textbox", name="제목")).to_have_value("사분기 견적")
    file = tmp_path / "견적.txt"
    file.write_text("견적", encoding="utf-8")
    window.locator("footer input[type=file]").set_input_files(file)
    # Where its share stood there is its size: the server has it.
    expect(window.locator(".state")).to_contain_text("6 B")
    send(window)
    expect(asked).to_contain_text("첨부 1개")
    expect(asked).to_contain_text("견적.txt")
    expect(asked).not_to_contain_text("첨부한다고 썼지만")
    # By keyboard alone: the words, the way back, the way on. Nothing asks a second time.
    expect(asked.get_by_role("group", name="사분기 견적")).to_be_focused()
    page.keyboard.press("Tab")
    expect(asked.get_by_role("button", name="계속 쓰기")).to_be_focused()
    page.keyboard.press("Tab")
    expect(asked.get_by_role("button", name="보내기", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(notices(page)).to_contain_text("보냈습니다")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_who_is_asked_only_of_mail_to_outside_sends_inside_at_once(desk: Desk) -> None:
    page = open_told(desk, confirmSending="outside")
    send(begin(page, INSIDE, "안으로 가는 메일"))
    expect(notices(page)).to_contain_text("보냈습니다")
    window = begin(page, OUTSIDE, "밖으로 가는 메일")
    window.get_by_role("button", name="예약 발송").click()
    page.get_by_role("menuitem", name="내일 오전 9시").click()
    expect(question(page)).to_contain_text("9:00에 보냅니다")
    question(page).get_by_role("button", name="예약", exact=True).click()
    expect(notices(page)).to_contain_text("9:00에 보냅니다")
    expect(notices(page).get_by_role("button", name="발송취소")).to_be_visible()


def test_a_person_asks_for_more_than_policy_and_never_for_less(desk: Desk) -> None:
    page = open_told(desk, confirmSending="outside")
    page.evaluate("() => (location.hash = '#/settings/writing')")
    wish = page.get_by_role("combobox", name="발송 전 확인")
    assert offered_by(wish) == ["외부로 보낼 때만", "항상"]
    pick(wish, "always")
    page.evaluate("() => (location.hash = '')")
    page.locator("[role=row]").first.wait_for()
    window = begin(page, INSIDE, "안으로 가도 보는 메일")
    page.keyboard.press("Control+Enter")
    expect(question(page)).to_contain_text("사내 1명")
    # The key that sends answers as well.
    page.keyboard.press("Control+Enter")
    expect(window).to_have_count(0)
    expect(notices(page)).to_contain_text("보냈습니다")


def test_the_notice_takes_back_and_offers_receipts_and_contacts_afterwards(desk: Desk, tmp_path: Path) -> None:
    desk.page.clock.install()
    page = open_told(desk, maxUndoSeconds=60)
    send(begin(page, f"{OUTSIDE}, lee@partner.kr, {INSIDE}", "되돌릴 메일"))
    offered = notices(page).get_by_role("button")
    expect(offered.filter(has_text="발송취소")).to_be_visible()
    expect(offered.filter(has_text="수신확인")).to_have_count(0)
    offered.filter(has_text="발송취소").click()
    window = page.locator("section.window")
    expect(window.get_by_role("textbox", name="제목")).to_have_value("되돌릴 메일")
    send(window)
    expect(offered.filter(has_text="발송취소")).to_be_visible()
    # The time in which it can be taken back is over.
    page.clock.fast_forward(60_000)
    expect(offered.filter(has_text="2명을 주소록에 추가")).to_be_visible()
    expect(offered.filter(has_text="발송취소")).to_have_count(0)
    offered.filter(has_text="주소록에 추가").click()
    expect(notices(page)).to_contain_text("연락처 2개를 추가했습니다")
    # Whom an address book has is not offered again; a colleague never was.
    send(begin(page, f"{OUTSIDE}, {INSIDE}", "아는 사람에게"))
    expect(offered.filter(has_text="발송취소")).to_be_visible()
    page.clock.fast_forward(60_000)
    expect(offered.filter(has_text="수신확인")).to_be_visible()
    expect(offered.filter(has_text="주소록에 추가")).to_have_count(0)
    offered.filter(has_text="수신확인").click()
    expect(page.get_by_role("heading", name="아는 사람에게")).to_be_visible()
    expect(page.get_by_role("link", name="수신확인")).to_have_attribute("aria-current", "page")


def test_words_of_the_foot_stand_where_there_is_room(new_desk: Callable[..., Desk]) -> None:
    page = new_desk().open()
    foot = begin(page, OUTSIDE, "넓은 창").locator("footer")
    for name, word in (("파일 첨부", "첨부"), ("메일 옵션", "옵션"), ("템플릿", "템플릿")):
        button = foot.get_by_role("button", name=name)
        expect(button.get_by_text(word, exact=True)).to_be_visible()
        assert button.evaluate("(one) => one.scrollWidth <= one.clientWidth"), name
    phone = new_desk(PHONE).open()
    phone.get_by_role("button", name="쓰기", exact=True).click()
    foot = phone.locator("section.window footer")
    # The act that most letters need has its word on a phone too.
    expect(foot.get_by_text("첨부", exact=True)).to_be_visible()
    expect(foot.get_by_text("옵션", exact=True)).to_be_hidden()
    assert phone.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_the_split_button_sends_and_opens_what_else_can_be_done_by_keys_and_by_thumb(
    new_desk: Callable[..., Desk],
) -> None:
    page = open_told(new_desk(), outsideRecipients={"maxPerMessage": 1, "over": "approval"})
    window = begin(page, OUTSIDE, "승인 없이 가는 메일")
    now = window.get_by_role("button", name="보내기", exact=True)
    later = window.get_by_role("button", name="예약 발송")
    left, right = now.bounding_box(), later.bounding_box()
    assert left is not None
    assert right is not None
    assert 0 <= right["x"] - (left["x"] + left["width"]) <= 1
    assert (left["y"], left["height"]) == (right["y"], right["height"])
    # From either half, and back to the half that it came from.
    menu = page.get_by_role("menu", name="예약 발송")
    for half in (now, later):
        half.focus()
        page.keyboard.press("Alt+ArrowDown")
        expect(menu.get_by_role("menuitem").first).to_be_focused()
        page.keyboard.press("Escape")
        expect(menu).to_be_hidden()
        expect(half).to_be_focused()
        expect(window).to_be_visible()
    page.keyboard.press("Enter")
    expect(menu.get_by_role("menuitem", name="정기발송")).to_be_visible()
    assert violations(page) == []
    # Nobody has to approve what goes to one outside.
    request = menu.get_by_role("menuitem", name="승인 요청")
    expect(request).to_have_count(0)
    page.keyboard.press("Escape")
    window.get_by_role("combobox", name="받는사람").fill("lee@partner.kr,")
    now.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(request).to_be_focused()
    page.keyboard.press("Enter")
    expect(window).to_have_count(0)
    expect(notices(page)).to_contain_text("보냈습니다")
    phone = new_desk(PHONE).open()
    phone.get_by_role("button", name="쓰기", exact=True).click()
    later = phone.get_by_role("button", name="예약 발송")
    box = later.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    later.click()
    item = phone.get_by_role("menuitem", name="날짜와 시각 선택")
    place = item.bounding_box()
    assert place is not None
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= 390
    assert phone.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_the_rail_has_ten_places_in_their_order_and_the_rest_behind_its_foot(desk: Desk) -> None:
    rail = desk.open().get_by_role("navigation", name="메일함")
    names = [
        "받은메일함",
        "나중에 보기",
        "보낸메일함",
        "수신확인",
        "임시보관함",
        "예약메일함",
        "스팸메일함",
        "휴지통",
        "개인 메일함",
        "공용메일함",
        "태그",
    ]
    tops = [
        rail.get_by_text(name, exact=True).first.evaluate("(one) => one.getBoundingClientRect().top") for name in names
    ]
    assert tops == sorted(tops)
    left = "(one) => one.querySelector('svg').getBoundingClientRect().left"
    sent, receipts = (rail.get_by_role("link", name=name).first.evaluate(left) for name in ("보낸메일함", "수신확인"))
    assert receipts == sent
    # What is seldom gone to is behind ⋯ at the foot, and stays there once it was opened.
    expect(rail.get_by_role("link", name="대용량첨부")).to_have_count(0)
    more = rail.get_by_role("button", name="더보기")
    expect(more).to_have_attribute("aria-expanded", "false")
    more.click()
    expect(rail.get_by_role("link", name="대용량첨부")).to_be_in_viewport()
    desk.page.reload()
    expect(rail.get_by_role("link", name="대용량첨부")).to_be_attached()


@pytest.mark.peer
def test_policy_asks_before_mail_leaves_and_the_notice_leads_to_its_receipts(
    new_person: Callable[..., Person], company: Company
) -> None:
    writer, reader = "asked.first@hanbit.example", "asked.reader@hanbit.example"
    new_account(company, writer, "물음이", sending__confirm="always", undo__max_seconds=0)
    new_account(company, reader, "받음이")
    person = new_person().sign_in(writer, PASSWORD)
    person.compose(reader, "정책이 묻는 메일")
    person.write("한 번 더 보고 보냅니다")
    person.send()
    asked = question(person.page)
    expect(asked).to_contain_text("사내 1명")
    expect(asked).to_contain_text(reader)
    asked.get_by_role("button", name="계속 쓰기").click()
    expect(person.page.get_by_role("textbox", name="제목")).to_have_value("정책이 묻는 메일")
    person.send()
    asked.get_by_role("button", name="보내기", exact=True).click()
    person.notices.get_by_role("button", name="수신확인").click()
    table = person.page.get_by_role("table")
    expect(table).to_contain_text("받음이")
    expect(person.page.get_by_role("heading", name="정책이 묻는 메일")).to_be_visible()
