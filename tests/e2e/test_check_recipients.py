"""Recipients whom the server takes for wrong ones are shown before a letter goes; the sender changes them or sends all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.e2e.demo_desk import violations
from tests.e2e.test_before_sending import begin, notices, send
from tests.e2e.writing_help import look

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.demo_desk import Desk

MANY = ",".join(f"buyer{number}@outside.example" for number in range(8))


def test_doubtful_recipients_are_shown_and_the_letter_waits_for_an_answer(desk: Desk, tmp_path: Path) -> None:
    page = desk.open("/")
    window = begin(page, MANY, "견적 안내", "최 팀장님, 견적을 보냅니다.")
    send(window)
    asked = page.get_by_role("dialog", name="받는 사람을 확인하세요")
    expect(asked).to_contain_text("최 팀장")
    expect(asked).to_contain_text("doyun.choi@hanbit-tech.example")
    assert violations(page) == []
    look(page, "check-recipients", tmp_path)
    asked.get_by_role("button", name="수정").click()
    expect(asked).to_have_count(0)
    expect(window.get_by_role("textbox", name="제목")).to_have_value("견적 안내")
    send(window)
    asked.get_by_role("button", name="그대로 보내기").click()
    expect(notices(page)).to_contain_text("보냈습니다")
    expect(window).to_have_count(0)
