"""자동분류 in Chromium, on a real node: a rule with a count, run on mail that is there, undone, and at work for new mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, Route, expect
from tests.e2e.company import DESKTOP, Company, Person, acknowledged, until_shown
from tests.e2e.controls import pick
from tests.e2e.test_account_page import at, shots
from tests.e2e.test_folders_and_sharing import make, rail
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.peer

LOGIN = "rules@hanbit.example"
BY_HAND = '# 손으로 쓴 것\r\nif header :contains "x-hand" "yes" {\r\n  keep;\r\n}\r\n'


def letter(subject: str) -> bytes:
    head = (
        f"From: Partner <u0@bench.test>\r\nTo: {LOGIN}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@bench.test>\r\n"
    )
    return (head + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nbody\r\n").encode()


def raw(page: Page) -> str:
    """The script on the tab of the original."""
    page.get_by_role("tab", name="Sieve 원문").click()
    box = page.get_by_role("textbox", name="Sieve 원문")
    expect(box).not_to_have_value("")
    text = box.input_value()
    page.get_by_role("tab", name="규칙").click()
    return text


def test_a_rule_is_made_counted_run_and_undone(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    new_account(company, LOGIN, "규칙이")
    for subject in ("Quote 1", "Lunch", "Quote 2"):
        company.deliver(LOGIN, letter(subject))
    person = new_person(viewport=DESKTOP).sign_in(LOGIN, PASSWORD)
    page = person.page
    expect(page.get_by_role("row").filter(has_text="Quote 2")).to_be_visible()
    make(page, "견적함")

    at(person, "rules", "자동분류")
    page.get_by_role("tab", name="Sieve 원문").click()
    page.get_by_role("textbox", name="Sieve 원문").fill(BY_HAND.replace("\r\n", "\n"))
    page.get_by_role("button", name="저장").click()
    expect(page.get_by_role("status").filter(has_text="Sieve를 저장했습니다.")).to_be_attached()
    page.get_by_role("tab", name="규칙").click()

    page.get_by_role("button", name="규칙 만들기").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("규칙 이름").fill("견적 모으기")
    pick(dialog.get_by_label("어디를"), "subject")
    dialog.get_by_label("찾을 값").fill("quote")
    pick(dialog.get_by_label("메일함"), "견적함")
    expect(dialog.get_by_text("최근 메일 3통 중 2통이 맞습니다.")).to_be_visible()
    dialog.get_by_role("button", name="조건 묶음 추가").click()
    shots(page, tmp_path, "rule")
    dialog.get_by_role("button", name="조건 제거").last.click()
    dialog.get_by_role("button", name="조건 제거").last.click()
    dialog.get_by_role("button", name="저장").click()
    row = page.get_by_role("listitem").filter(has_text="견적 모으기")
    expect(row).to_contain_text("제목 ‘quote’ 포함 → 메일함으로 이동: 견적함")
    # What was written by hand stands there as it was.
    assert BY_HAND.replace("\r\n", "\n") in raw(page)

    row.get_by_role("button", name="견적 모으기 메뉴").click()
    page.get_by_role("menuitem", name="지금 있는 메일에 실행").click()
    expect(page.get_by_role("dialog")).to_contain_text("받은메일함의 메일 2통이 맞습니다.")
    page.get_by_role("dialog").get_by_role("button", name="실행").click()
    expect(page.get_by_role("status").filter(has_text="메일 2통에 규칙을 실행했습니다.")).to_be_attached()
    shots(page, tmp_path, "rules")
    rail(page).get_by_role("link", name="견적함").click()
    expect(page.get_by_role("row").filter(has_text="Quote")).to_have_count(2)

    company.deliver(LOGIN, letter("Quote 3"))
    expect(page.get_by_role("row").filter(has_text="Quote 3")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_role("row").filter(has_text="Quote 1")).to_have_count(0)
    rail(page).get_by_role("link", name="받은메일함").click()
    expect(page.get_by_role("row").filter(has_text="Quote 1")).to_be_visible()

    at(person, "rules", "자동분류")
    page.get_by_role("switch", name="견적 모으기 켜기").click()
    expect(page.get_by_role("status").filter(has_text="규칙을 저장했습니다.")).to_be_attached()
    assert "fileinto" not in raw(page)
    row.get_by_role("button", name="견적 모으기 메뉴").click()
    page.get_by_role("menuitem", name="삭제").click()
    expect(row).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text="규칙을 삭제했습니다.")).to_be_attached()
    assert raw(page) == BY_HAND.replace("\r\n", "\n")


def test_fields_are_shown_when_it_is_known_what_stands_in_them(
    company: Company, new_person: Callable[..., Person]
) -> None:
    """An answer that comes late takes nothing away that somebody typed before it."""
    login = "early.typist@hanbit.example"
    new_account(company, login, "이르미")
    page = new_person(viewport=DESKTOP).sign_in(login, PASSWORD).page
    held: list[Route] = []

    def hold(route: Route) -> None:
        asked = route.request.post_data or ""
        held.append(route) if "SieveScript/" in asked or "VacationResponse/get" in asked else route.continue_()

    page.route("**/jmap/api/**", hold)
    for name, title in (("forward", "자동 전달"), ("vacation", "부재중 자동응답")):
        page.evaluate("(name) => (location.hash = `#/settings/${name}`)", name)
        expect(page.get_by_role("heading", name=title, level=2)).to_be_visible()
        switch = page.get_by_role("main").get_by_role("switch")
        # What is asked is held: the page stays without fields for a while, and has them soon after the answer.
        for _ in range(600):
            page.wait_for_timeout(50)
            if held:
                break
        expect(switch).to_have_count(0)
        until_shown(switch, lambda: [held.pop().continue_() for _ in list(held)])


def test_absence_forwarding_and_blocked_senders(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    login = "away@hanbit.example"
    new_account(company, login, "휴가자")
    person = new_person(viewport=DESKTOP).sign_in(login, PASSWORD)
    page = at(person, "vacation", "부재중 자동응답")
    page.get_by_role("switch").click()
    page.get_by_label("끝").fill("2030-01-02T09:00")
    # A text to begin with, and what the sender will see of it.
    page.get_by_role("group", name="상용 문구").get_by_role("button", name="휴가").click()
    seen = page.get_by_role("region", name="받는 사람이 보는 모습")
    expect(seen).to_contain_text("복귀하는 대로 답장드리겠습니다")
    page.get_by_label("회사 사람에게 보낼 말").fill("다음 주에 돌아옵니다.")
    expect(seen).to_contain_text("다음 주에 돌아옵니다.")
    page.get_by_text("다른 내용", exact=True).click()
    page.get_by_label("회사 밖 사람에게 보낼 말").fill("I am on leave.")
    shots(page, tmp_path, "vacation")
    page.get_by_role("button", name="저장").click()
    expect(page.get_by_role("status").filter(has_text="자동응답을 저장했습니다.")).to_be_attached()
    page.reload()
    expect(page.get_by_label("회사 밖 사람에게 보낼 말")).to_have_value("I am on leave.")
    expect(page.get_by_label("끝")).to_have_value("2030. 1. 2. (수) 09:00")

    at(person, "forward", "자동 전달")
    page.get_by_role("switch").first.click()
    page.get_by_label("받을 주소").fill("minji.kim@hanbit.example")
    shots(page, tmp_path, "forward")
    page.get_by_role("button", name="저장").click()
    expect(page.get_by_role("status").filter(has_text="자동 전달을 저장했습니다.")).to_be_attached()
    at(person, "rules", "자동분류")
    assert 'if true {\n  redirect :copy "minji.kim@hanbit.example";' in raw(page)

    at(person, "senders", "수신차단·허용")
    page.get_by_label("메일 주소나 도메인").fill("spam@shop.example")
    with acknowledged(page, "/set"):
        page.get_by_role("button", name="추가").click()
    row = page.get_by_role("listitem").filter(has_text="spam@shop.example")
    expect(row).to_be_visible()
    shots(page, tmp_path, "senders")
    page.reload()
    row.get_by_role("button", name="삭제").click()
    expect(page.get_by_role("status").filter(has_text="항목을 삭제했습니다.")).to_be_attached()
