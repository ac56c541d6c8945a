"""Security labels and approvals in the webmail: chosen, inherited, shown; who approves, told before sending and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.controls import offered_by, pick
from tests.e2e.demo_desk import violations
from tests.e2e.test_before_sending import INSIDE, OUTSIDE, begin, notices, open_told, send
from tests.e2e.writing_help import look

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.demo_desk import Desk

LABELS = [
    {"id": "general", "name": "일반", "rank": 0, "outside": "allow", "mark": False, "usual": True},
    {"id": "confidential", "name": "대외비", "rank": 10, "outside": "approve", "mark": True, "usual": False},
    {"id": "top", "name": "극비", "rank": 20, "outside": "refuse", "mark": True, "usual": False},
]
CONFIDENTIAL = 2
"""The row of the demo's mail that is 대외비."""


def test_a_label_is_chosen_and_what_it_means_is_told(desk: Desk, tmp_path: Path) -> None:
    page = open_told(desk, securityLabels=LABELS)
    window = begin(page, OUTSIDE, "사분기 견적")
    chooser = window.get_by_role("combobox", name="보안등급")
    expect(chooser).to_contain_text("일반")
    assert offered_by(chooser) == ["일반", "대외비", "극비"]
    pick(chooser, "대외비")
    expect(window).to_contain_text("회사 밖으로 보내려면 승인이 필요합니다.")
    pick(chooser, "극비")
    expect(chooser).to_contain_text("극비")
    expect(window).to_contain_text("회사 밖으로 보낼 수 없습니다.")
    assert violations(page) == []
    look(page, "label", tmp_path)


def test_a_letter_shows_its_label_and_its_answer_carries_no_less(desk: Desk, tmp_path: Path) -> None:
    page = open_told(desk, securityLabels=LABELS)
    desk.row(CONFIDENTIAL).click()
    expect(page.get_by_text("보안등급 대외비")).to_be_visible()
    assert violations(page) == []
    look(page, "label-read", tmp_path)
    for key in ("r", "f"):
        page.keyboard.press(key)
        window = page.locator("section.window")
        chooser = window.get_by_role("combobox", name="보안등급")
        expect(chooser).to_contain_text("대외비")
        expect(window).to_contain_text("원본이 대외비이므로 더 낮은 등급은 선택할 수 없습니다.")
        assert offered_by(chooser) == ["대외비", "극비"]
        look(page, f"label-{key}", tmp_path)
        window.get_by_role("button", name="닫기").click()
        expect(window).to_have_count(0)


def test_a_label_with_a_term_says_until_when(desk: Desk, tmp_path: Path) -> None:
    long = [one | {"term": 30_000, "then": "general"} if one["id"] == "confidential" else one for one in LABELS]
    page = open_told(desk, securityLabels=long)
    desk.row(CONFIDENTIAL).click()
    expect(page.get_by_text("보안등급 대외비")).to_contain_text("까지")
    window = begin(page, INSIDE, "일정")
    chooser = window.get_by_role("combobox", name="보안등급")
    pick(chooser, "대외비")
    expect(window).to_contain_text("까지 이 등급입니다.")
    assert violations(page) == []
    look(page, "label-until", tmp_path)


def test_a_lower_label_is_asked_for_with_a_reason(desk: Desk, tmp_path: Path) -> None:
    page = open_told(desk, securityLabels=LABELS)
    desk.row(CONFIDENTIAL).click()
    page.get_by_text("보안등급 대외비").wait_for()
    page.keyboard.press("r")
    window = page.locator("section.window")
    chooser = window.get_by_role("combobox", name="보안등급")
    expect(chooser).to_contain_text("대외비")
    window.get_by_role("button", name="더 낮은 등급 요청").click()
    reason = window.get_by_role("textbox", name="등급을 낮추는 사유")
    expect(reason).to_be_focused()
    assert offered_by(chooser) == ["대외비", "극비"], "nothing lower without a reason"
    reason.fill("단가를 지웠습니다")
    assert offered_by(chooser) == ["일반", "대외비", "극비"]
    pick(chooser, "일반")
    expect(window).to_contain_text("등급 낮춤 요청: 대외비 → 일반. 승인 후 발송됩니다.")
    assert violations(page) == []
    look(page, "label-lower", tmp_path)
    window.get_by_role("button", name="요청 취소").click()
    expect(chooser).to_contain_text("대외비")
    expect(reason).to_have_count(0)


def test_without_labels_of_the_company_there_is_nothing_to_choose(desk: Desk) -> None:
    page = desk.open("/")
    desk.row(CONFIDENTIAL).click()
    window = begin(page, INSIDE, "회의")
    expect(window.get_by_role("combobox", name="보안등급")).to_have_count(0)
    expect(page.get_by_text("보안등급 대외비")).to_have_count(0)


@pytest.mark.parametrize("asked", [True, False])
def test_who_has_to_approve_is_told_before_and_after(desk: Desk, tmp_path: Path, *, asked: bool) -> None:
    page = open_told(desk, mailMayWait=asked)
    window = begin(page, OUTSIDE, "계약서 송부")
    send(window)
    if asked:
        question = page.get_by_role("dialog", name="승인이 필요한 메일입니다")
        expect(question).to_contain_text("내부정보유출방지 규칙(계약서)에 해당합니다. 이서연 승인 후 발송됩니다.")
        assert violations(page) == []
        look(page, "approval", tmp_path)
        question.get_by_role("button", name="취소").click()
        expect(window.get_by_role("textbox", name="제목")).to_have_value("계약서 송부")
        send(window)
        question.get_by_role("button", name="승인 요청").click()
    expect(notices(page)).to_contain_text("승인 대기 중입니다. 이서연 승인 후 발송됩니다.")
    expect(notices(page)).not_to_contain_text("메일을 보냈습니다")
    expect(window).to_have_count(0)
    if asked:
        look(page, "approval-waits", tmp_path)


def test_what_waits_for_nobody_is_sent_without_a_question(desk: Desk) -> None:
    page = open_told(desk, mailMayWait=True)
    send(begin(page, OUTSIDE, "회의 시간"))
    expect(notices(page)).to_contain_text("메일을 보냈습니다")
