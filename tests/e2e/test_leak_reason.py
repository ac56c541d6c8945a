"""The composer where leak prevention does not take a letter: a reason that is asked for, a letter that is blocked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.e2e.demo_desk import violations
from tests.e2e.test_before_sending import OUTSIDE, begin, notices, send
from tests.e2e.writing_help import look

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.demo_desk import Desk


def test_a_reason_is_asked_for_and_the_letter_goes_with_it(desk: Desk, tmp_path: Path) -> None:
    page = desk.open("/")
    window = begin(page, OUTSIDE, "주민등록번호 확인")
    send(window)
    asked = page.get_by_role("dialog", name="보내는 사유를 입력하세요")
    expect(asked).to_contain_text("내부정보유출방지 규칙(주민등록번호)에 해당합니다")
    go = asked.get_by_role("button", name="보내기", exact=True)
    expect(go).to_be_disabled()
    assert violations(page) == []
    look(page, "leak-reason", tmp_path)
    # Without a reason it stays a draft.
    asked.get_by_role("button", name="계속 쓰기").click()
    expect(window.get_by_role("textbox", name="제목")).to_have_value("주민등록번호 확인")
    send(window)
    asked.get_by_role("textbox", name="사유").fill("고객 요청")
    go.click()
    expect(notices(page)).to_contain_text("보냈습니다")
    expect(window).to_have_count(0)


def test_a_blocked_letter_comes_back_with_the_words_of_the_rule(desk: Desk) -> None:
    page = desk.open("/")
    window = begin(page, OUTSIDE, "설계 도면 송부")
    send(window)
    expect(notices(page)).to_contain_text("내부정보유출방지 규칙(설계 도면)")
    expect(window.get_by_role("textbox", name="제목")).to_have_value("설계 도면 송부")
    expect(page.get_by_role("dialog")).to_have_count(0)
