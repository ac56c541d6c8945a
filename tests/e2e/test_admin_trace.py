"""Trace and quarantine of the admin web say why: score, rules in words, what became of it; and what to do stands there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import go, look, panel, sign_in
from tests.e2e.company import DESKTOP, HERO, letter, obeyed, on_node, until_shown
from tests.e2e.controls import pick

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page
    from tests.e2e.company import Company, Person

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer
_CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))  # type: ignore[arg-type]


@pytest.fixture
def admin(company: Company, new_person: Callable[..., Person]) -> Page:
    """The page of an administrator who is signed in."""
    return sign_in(new_person(viewport=DESKTOP).page, company)


def test_a_trace_tells_result_way_and_next_act(admin: Page, company: Company, tmp_path: Path) -> None:
    company.deliver(HERO, letter(HERO, "결과를 볼 메일"))
    go(admin, "메일 추적")
    pick(admin.get_by_label("기간"), "오늘")
    admin.get_by_label("제목 또는 응답 내용").fill("결과를 볼 메일")
    row = admin.get_by_role("row").filter(has_text="결과를 볼 메일").filter(has_text="받은메일함")
    until_shown(row, admin.get_by_role("button", name="찾기").click)
    with admin.expect_download() as taken:
        admin.get_by_role("button", name="엑셀로 저장").click()
    lines = taken.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("시각,보낸 사람,") and "결과" in lines[0]
    assert any("결과를 볼 메일" in line and "받은메일함" in line for line in lines[1:])
    row.first.click()
    beside = panel(admin)
    expect(beside.get_by_role("region", name="결과")).to_contain_text("받는 사람에게 전달했습니다.")
    expect(beside).to_contain_text("처리 경로")
    # Rules that weighed are told in words, none with a hole and none as a code.
    assert not re.search(r"\{\d\}|[A-Z]+_[A-Z_]+", beside.inner_text())
    look(admin, "trace-why", tmp_path)
    beside.get_by_role("button", name="발신 도메인 차단").click()
    expect(beside.get_by_label("발신자·링크·파일")).not_to_have_value("")
    beside.get_by_label("사유").fill("시험")
    beside.get_by_role("button", name="발신 도메인 차단").click()
    expect(beside.get_by_role("status")).to_be_visible()
    go(admin, "발신자 규칙")
    rule = admin.get_by_role("row").filter(has_text="차단").first
    expect(rule).to_be_visible()
    rule.click()
    panel(admin).get_by_role("button", name="삭제").click()
    admin.get_by_role("dialog").get_by_role("button", name="삭제").click()


@pytest.fixture
def strict(company: Company) -> Iterator[None]:
    """The company holds all that weighs anything, until the story is over."""

    def setting(value: float | None) -> Callable[[Node], Awaitable[None]]:
        async def put(node: Node) -> None:
            for name, wanted in (("spam.reject-score", 0), ("spam.quarantine-score", value)):
                if value is None:
                    await node.services.governing.unset_knob(_CLI, name, Scope("system"))
                else:
                    await node.services.governing.set_knob(_CLI, PolicyRule(name, Scope("system"), wanted))
            await obeyed(node)

        return put

    on_node(company.node.directory, setting(1))
    yield
    on_node(company.node.directory, setting(None))


@pytest.mark.usefixtures("strict")
def test_quarantine_and_trace_say_why_and_let_it_out(admin: Page, company: Company, tmp_path: Path) -> None:
    junk = "offers@junk.example"
    told = f"From: {junk}\r\nTo: {HERO}\r\nSubject: cheap watches\r\nMessage-ID: <1@junk.example>\r\n\r\nbuy now\r\n"
    company.deliver(HERO, told.encode(), junk)
    go(admin, "메일 추적")
    row = admin.get_by_role("row").filter(has_text="cheap watches").filter(has_text="격리")
    until_shown(row, admin.get_by_role("button", name="찾기").click)
    expect(row.first).to_contain_text("점")
    row.first.click()
    beside = panel(admin)
    expect(beside.get_by_role("region", name="결과")).to_contain_text("격리했습니다")
    expect(beside).to_contain_text(re.compile("점수를 준 규칙 \\d+가지"))
    expect(beside.get_by_role("button", name="내보내기")).to_be_visible()
    look(admin, "trace-held", tmp_path)
    go(admin, "격리함")
    held = admin.get_by_role("row").filter(has_text="cheap watches")
    held.click()
    expect(beside).to_contain_text(re.compile("점수를 준 규칙 \\d+가지"))
    expect(beside.locator("li").first).to_contain_text(re.compile(r"[+-]\d+\.\d"))
    look(admin, "quarantine-why", tmp_path)
    beside.get_by_role("button", name="내보내기").click()
    beside.get_by_label("사유").fill("시험으로 보낸 메일")
    beside.get_by_role("button", name="내보내기").click()
    expect(held).to_have_count(0)


def test_a_shared_mailbox_is_given_its_members_where_it_was_made(admin: Page, tmp_path: Path) -> None:
    go(admin, "사용자")
    admin.get_by_role("button", name="사용자 추가").click()
    form = panel(admin)
    form.get_by_label("이름").fill("민원 창구")
    form.get_by_label("메일 주소").fill("desk.story@hanbit.example")
    pick(form.get_by_label("종류"), "공용")
    form.get_by_role("button", name="계정 만들기").click()
    admin.get_by_label("이름, 주소, 부서, 직위").fill("desk.story")
    admin.get_by_role("row").filter(has_text="desk.story@hanbit.example").click()
    beside = panel(admin)
    beside.get_by_role("button", name="구성원 추가").click()
    beside.get_by_role("combobox", name="구성원").fill(HERO)
    beside.get_by_role("button", name="구성원 추가").click()
    member = beside.get_by_role("listitem").filter(has_text=HERO)
    expect(member).to_contain_text("편집과 삭제 · 공용 주소로 발송")
    look(admin, "shared-members", tmp_path)
    member.get_by_role("button").click()
    expect(beside.get_by_text("구성원이 없습니다")).to_be_visible()
    # What was deleted there for good is looked for in the same place.
    beside.get_by_text("삭제한 메일", exact=True).click()
    expect(beside.get_by_text("복원할 수 있는 메일이 없습니다")).to_be_visible()
    look(admin, "deleted-mail", tmp_path)


def test_a_policy_begins_on_a_day_without_an_end(admin: Page) -> None:
    go(admin, "정책 항목")
    admin.get_by_label("정책 찾기").fill("trash.days")
    admin.get_by_role("row").nth(1).click()
    beside = panel(admin)
    beside.get_by_role("button", name="바로 적용").click()
    beside.get_by_label("값").fill("21")
    beside.get_by_label("시작").fill("2031-12-08T09:00")
    beside.get_by_label("사유").fill("월요일부터")
    beside.get_by_role("button", name="바로 적용").click()
    # It is a change with a day, not an exception without an end; nothing is set before.
    expect(admin.get_by_role("heading", level=1)).to_have_text("정책 변경안")
    expect(panel(admin)).to_contain_text("2031. 12. 8.")
