"""승인함: mail that waits is read, approved, rejected with a reason, several at once; the sender's own mail; 위임."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.demo_desk import PHONE, violations
from tests.e2e.test_before_sending import notices
from tests.e2e.writing_help import look

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Page
    from tests.e2e.demo_desk import Desk

BOX = "/?size=60&approvals#/approvals"
AFTER = BOX.replace("approvals", "approvals=after", 1)
SCREEN = "승인함"
LIST = "고객 명단 정정 요청"
WIDE = {"width": 1440, "height": 900}


def at(desk: Desk, where: str = "", box: str = BOX) -> Page:
    desk.page.goto(desk.site + box + where)
    desk.page.get_by_role("heading", name=SCREEN, exact=True).wait_for()
    return desk.page


def detail(page: Page, name: str) -> Locator:
    """A mail that was opened: a region beside the list, or a panel over it."""
    return page.get_by_role("region", name=name).or_(page.get_by_role("complementary", name=name))


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def looks_at(page: Page) -> list[str]:
    """Which letters were read on the server; each look is in the company's record."""
    return page.evaluate("() => demo.server.approvals.read")  # type: ignore[no-any-return]


def test_a_letter_is_read_and_approved(new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    page = at(new_desk(WIDE))
    expect(page.get_by_role("tab", name="결정할 메일 4")).to_have_attribute("aria-selected", "true")
    assert looks_at(page) == [], "the list reads no letter"
    assert violations(page) == []
    look(page, "approvals-list", tmp_path)
    page.get_by_role("button", name=LIST).click()
    letter = detail(page, LIST)
    expect(letter).to_contain_text("요청하신 명단을 보내드립니다")
    expect(letter).to_contain_text("lee@partner-kr.example, park@partner-kr.example")
    expect(letter).to_contain_text("주민등록번호 900101-1******")
    expect(letter).to_contain_text("고객명단.xlsx")
    assert looks_at(page) == ["1"], "one look"
    assert violations(page) == []
    look(page, "approvals-letter", tmp_path)
    letter.get_by_role("button", name="승인", exact=True).click()
    expect(notices(page)).to_contain_text("승인했습니다")
    expect(page.get_by_role("tab", name="결정할 메일 3")).to_be_visible()
    tab(page, "처리한 메일")
    expect(page.get_by_role("button", name=LIST)).to_contain_text("2단계 중 2단계")


def test_a_rejection_says_why(new_desk: Callable[..., Desk]) -> None:
    page = at(new_desk(WIDE), "/a1")
    letter = detail(page, LIST)
    letter.get_by_role("button", name="반려", exact=True).click()
    comment = letter.get_by_role("textbox", name="의견")
    expect(letter.get_by_role("alert")).to_have_text("반려 사유를 입력하세요.")
    expect(comment).to_be_focused()
    assert violations(page) == []
    comment.fill("고객 번호를 가려 주세요.")
    letter.get_by_role("button", name="반려", exact=True).click()
    expect(notices(page)).to_contain_text("반려했습니다")
    tab(page, "처리한 메일")
    page.get_by_role("button", name=LIST).click()
    expect(letter).to_contain_text("고객 번호를 가려 주세요.")
    expect(letter.get_by_role("button", name="승인", exact=True)).to_have_count(0)


def test_on_a_phone_a_link_opens_the_letter_and_one_tap_approves(new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    page = at(new_desk(PHONE), "/a1")
    letter = detail(page, LIST)
    approve = letter.get_by_role("button", name="승인", exact=True)
    expect(letter).to_contain_text("요청하신 명단을 보내드립니다")
    expect(approve).to_be_in_viewport(ratio=1)
    assert violations(page) == []
    look(page, "approvals-phone", tmp_path)
    approve.tap()
    expect(notices(page)).to_contain_text("승인했습니다")
    expect(letter).to_have_count(0)


def test_several_are_decided_at_once_and_what_changed_is_not(new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    page = at(new_desk(WIDE))
    for subject in (LIST, "4분기 견적서", "도면 검토 의견"):
        page.get_by_role("checkbox", name=subject).check()
    look(page, "approvals-several", tmp_path)
    page.evaluate("() => demo.server.approvals.decidedElsewhere('2')")
    page.get_by_role("group", name="결정").get_by_role("button", name="승인", exact=True).click()
    expect(notices(page)).to_contain_text("다른 사람이 먼저 처리했거나 내용이 바뀌었습니다")
    expect(page.get_by_role("checkbox")).to_have_count(1)
    assert looks_at(page) == []


def test_the_rail_shows_it_only_to_whom_it_concerns(new_desk: Callable[..., Desk]) -> None:
    page = new_desk(WIDE).open("/?size=60&approvals")
    line = page.get_by_role("navigation", name="메일함").get_by_role("link", name=SCREEN)
    expect(line).to_have_text("승인함4")
    line.click()
    page.get_by_role("button", name=LIST).click()
    detail(page, LIST).get_by_role("button", name="승인", exact=True).click()
    expect(line).to_have_text("승인함3")
    other = new_desk(WIDE).open("/?size=60")
    other.get_by_role("navigation", name="메일함").get_by_role("button", name="더보기").wait_for()
    # It has been asked, and there is nothing to show.
    other.wait_for_function("() => demo.server.approvals.counted > 0")
    expect(other.get_by_role("navigation", name="메일함").get_by_role("link", name=SCREEN)).to_have_count(0)


def test_mail_that_left_is_confirmed_or_objected_to(new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    page = at(new_desk(WIDE), box=AFTER)
    row = page.get_by_role("button", name="참가자 명단 송부")
    expect(row).to_contain_text("사후승인")
    row.click()
    letter = detail(page, "참가자 명단 송부")
    expect(letter).to_contain_text("사후승인 대기")
    expect(letter.get_by_role("button", name="확인", exact=True)).to_be_visible()
    expect(letter.get_by_role("button", name="반려")).to_have_count(0)
    assert violations(page) == []
    look(page, "approvals-after", tmp_path)
    letter.get_by_role("button", name="이의 제기").click()
    expect(letter.get_by_role("alert")).to_have_text("이의 사유를 입력하세요.")
    letter.get_by_role("textbox", name="의견").fill("번호를 가려야 합니다.")
    letter.get_by_role("button", name="이의 제기").click()
    expect(notices(page)).to_contain_text("이의를 제기했습니다")


def test_a_lower_label_is_shown_from_and_to_with_its_reason(new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    page = at(new_desk(WIDE), box=AFTER)
    row = page.get_by_role("button", name="RE: 단가 협의")
    expect(row).to_contain_text("대외비 → 일반")
    row.click()
    letter = detail(page, "RE: 단가 협의")
    expect(letter).to_contain_text("등급 낮춤 요청: 대외비 → 일반")
    expect(letter).to_contain_text("단가를 지우고 일정만 적었습니다.")
    assert violations(page) == []
    look(page, "approvals-lower", tmp_path)
    letter.get_by_role("button", name="승인", exact=True).click()
    expect(notices(page)).to_contain_text("승인했습니다")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_an_objection_offers_its_sender_the_recall(new_desk: Callable[..., Desk], tmp_path: Path, size) -> None:
    page = at(new_desk(size), "/sent", AFTER)
    page.get_by_role("button", name="계약 조건 안내").click()
    letter = detail(page, "계약 조건 안내")
    expect(letter).to_contain_text("승인자가 이의를 제기했습니다")
    expect(letter).to_contain_text("할인율은 빼고 보내야 합니다.")
    expect(letter.get_by_role("button", name="발송취소")).to_have_count(0)
    assert violations(page) == []
    look(page, f"approvals-objected-{'wide' if size is WIDE else 'phone'}", tmp_path)
    letter.get_by_role("link", name="수신확인에서 회수").click()
    expect(page).to_have_url(re.compile("#/receipts/M1$"))


def test_a_sender_sees_each_step_and_takes_it_back(new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    page = at(new_desk(WIDE), "/sent")
    row = page.get_by_role("button", name="설계 변경 안내")
    expect(row).to_contain_text("승인 대기 · 2단계 중 2단계")
    expect(row).to_contain_text("최은영 님의 결정을 기다림")
    row.click()
    letter = detail(page, "설계 변경 안내")
    expect(letter.get_by_role("listitem").filter(has_text="lee@partner-kr.example")).to_contain_text("승인 대기")
    expect(letter).to_contain_text("확인했습니다.")
    expect(letter.get_by_role("button", name="승인", exact=True)).to_have_count(0)
    assert violations(page) == []
    look(page, "approvals-sent", tmp_path)
    letter.get_by_role("button", name="발송취소").click()
    page.get_by_role("dialog").get_by_role("button", name="발송취소").click()
    expect(notices(page)).to_contain_text("발송을 취소했습니다")
    expect(row).to_contain_text("발송취소")
    expect(letter.get_by_role("button", name="발송취소")).to_have_count(0)


def test_a_deputy_is_named_and_ended(new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    page = at(new_desk(WIDE), "/deputy")
    form = page.get_by_role("tabpanel", name="위임")
    who = form.get_by_role("combobox", name="위임 승인자")

    def give() -> None:
        who.fill("윤서아")
        page.get_by_role("option").first.click()
        form.get_by_label("종료일").fill("2099-12-31")
        page.keyboard.press("Tab")
        form.get_by_role("button", name="위임", exact=True).click()

    give()
    expect(form.get_by_role("alert")).to_contain_text("결정을 기다리는 메일이 있으면")
    assert violations(page) == []
    look(page, "approvals-deputy", tmp_path)
    tab(page, "결정할 메일")
    for subject in (LIST, "4분기 견적서"):
        page.get_by_role("checkbox", name=subject).check()
    page.get_by_role("group", name="결정").get_by_role("button", name="승인", exact=True).click()
    expect(page.get_by_role("checkbox")).to_have_count(1)
    tab(page, "위임")
    give()
    expect(notices(page)).to_contain_text("님에게 위임했습니다")
    expect(form).to_contain_text("2099년 12월 31일까지")
    form.get_by_role("button", name="위임 종료").click()
    expect(who).to_be_visible()


def test_the_focus_comes_back_to_the_row(new_desk: Callable[..., Desk]) -> None:
    page = at(new_desk({"width": 1000, "height": 800}))
    row = page.get_by_role("button", name=LIST)
    row.focus()
    page.keyboard.press("Enter")
    expect(detail(page, LIST)).to_be_focused()
    page.keyboard.press("Escape")
    expect(detail(page, LIST)).to_have_count(0)
    expect(row).to_be_focused()


def test_a_sender_looks_at_doubted_recipients_and_sends_without_one(
    new_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    page = at(new_desk(PHONE), "/a6")
    letter = detail(page, "3분기 단가표")
    send = letter.get_by_role("button", name="그대로 보내기")
    expect(letter).to_contain_text("partner-kr.example 도메인은 평소 쓰던 partner.example 도메인과 비슷합니다.")
    expect(send).to_be_in_viewport(ratio=1)
    expect(letter.get_by_role("button", name="승인", exact=True)).to_have_count(0)
    assert violations(page) == []
    look(page, "approvals-doubts", tmp_path)
    letter.get_by_role("checkbox", name="제외").check()
    expect(letter.get_by_role("status")).to_contain_text("받는 사람 목록에는 주소가 남습니다")
    letter.get_by_role("button", name="1명 제외하고 보내기").tap()
    expect(notices(page)).to_contain_text("메일을 보냈습니다")
    tab(page, "승인대기함")
    row = page.get_by_role("button", name="3분기 단가표")
    expect(row).to_contain_text("확인하고 보냄")
    # It is looked at alone: several are not sent at once unread.
    tab(page, "결정할 메일")
    expect(page.get_by_role("checkbox", name="3분기 단가표")).to_have_count(0)
