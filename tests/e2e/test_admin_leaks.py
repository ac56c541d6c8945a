"""Leak prevention in the admin web, on a real node: a rule is built, tried, logs, acts; what it catches is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import form_of, go, look, panel, sign_in
from tests.e2e.company import DESKTOP, obeyed, on_node
from tests.e2e.controls import pick

from smartmail.domain.leaks import LeakAction, LeakRule
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.outgoing.leaks import LeakBlocked
from smartmail.service.flow.submission_request import Request

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator, Page
    from tests.e2e.company import Company, Person

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer
_CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))  # type: ignore[arg-type]
NUMBER = "900101-1234568"
RULE = "주민등록번호 차단"
SENDER = "haeun.choi@hanbit.example"
LETTER = (
    f"From: {SENDER}\r\nTo: x@partner.example\r\nSubject: 명단\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    f"주민등록번호 {NUMBER}\r\n"
).encode()


@pytest.fixture
def admin(company: Company, new_person: Callable[..., Person]) -> Iterator[Page]:
    """The page of an administrator who is signed in; rules that a story makes are not for the next one."""
    yield sign_in(new_person(viewport=DESKTOP).page, company)

    async def end(node: Node) -> None:
        rules = node.services.leaks.rules
        for one in (await rules.rules(_CLI))[1]:
            await rules.end(_CLI, one.id)
        await obeyed(node)

    on_node(company.node.directory, end)


def build(admin: Page) -> Locator:
    """Begin a rule that blocks resident numbers."""
    go(admin, "내부정보유출방지 규칙")
    admin.get_by_role("button", name="규칙 만들기").click()
    form = panel(admin)
    form.get_by_label("규칙 이름").fill(RULE)
    form.get_by_role("checkbox", name="주민등록번호", exact=True).check()
    form.get_by_role("checkbox", name="차단", exact=True).check()
    return form


def test_a_rule_is_built_tried_logs_and_then_acts(admin: Page, tmp_path: pathlib.Path) -> None:
    form = build(admin)
    look(admin, "leak-rule-form", tmp_path)
    form.get_by_role("button", name="시험하기").click()
    trial = form.get_by_role("region", name="시험하기")
    trial.get_by_label("받는 사람").fill("x@partner.example")
    trial.get_by_label("본문").fill(f"주민등록번호 {NUMBER}")
    trial.get_by_role("button", name="시험 실행").click()
    expect(trial.get_by_role("status")).to_contain_text("차단")
    expect(trial).to_contain_text("900101-")
    expect(trial).not_to_contain_text(NUMBER)
    expect(trial.get_by_role("listitem").filter(has_text=RULE)).to_contain_text("✓ 주민등록번호 1건 이상")
    look(admin, "leak-rule-trial", tmp_path)
    trial.get_by_label("본문").fill("안녕하세요")
    trial.get_by_role("button", name="시험 실행").click()
    expect(trial.get_by_role("status")).to_contain_text("그대로 발송")
    form.get_by_role("button", name="규칙 저장").click()
    row = admin.get_by_role("row").filter(has_text=RULE)
    expect(row).to_contain_text("기록만")
    row.click()
    expect(panel(admin)).to_contain_text("주민등록번호 1건 이상")
    look(admin, "leak-rule", tmp_path)
    panel(admin).get_by_role("button", name="적용", exact=True).click()
    asked = form_of(admin, panel(admin), "사유")
    asked.get_by_role("button", name="적용", exact=True).click()
    expect(row).to_contain_text("적용 중")
    go(admin, "규칙 변경 이력")
    admin.get_by_role("row").nth(1).click()
    expect(panel(admin)).to_contain_text("내부정보유출방지 규칙 적용")
    expect(panel(admin)).to_contain_text(f"{RULE} · 적용 중")
    look(admin, "leak-versions", tmp_path)


def test_a_rule_without_what_it_looks_for_is_not_saved_and_two_conditions_are_joined(
    admin: Page, tmp_path: pathlib.Path
) -> None:
    form = build(admin)
    form.get_by_role("button", name="조건 추가").click()
    second = form.get_by_role("group", name="조건 2")
    form.get_by_role("button", name="규칙 저장").click()
    expect(second).to_contain_text("꼭 입력해야 합니다.")
    look(admin, "leak-rule-faults", tmp_path)
    pick(second.get_by_label("항목"), "recipient")
    second.get_by_role("checkbox", name="회사 밖의 프리메일").check()
    pick(form.get_by_label("조건 결합"), "any")
    form.get_by_role("button", name="규칙 저장").click()
    admin.get_by_role("row").filter(has_text=RULE).click()
    shown = panel(admin)
    expect(shown).to_contain_text("하나라도 만족할 때")
    expect(shown).to_contain_text("받는 사람의 구분: 회사 밖의 프리메일")
    shown.get_by_role("button", name="바꾸기").click()
    expect(shown.get_by_label("규칙 이름")).to_have_value(RULE)
    shown.get_by_role("button", name="조건 1 삭제").click()
    shown.get_by_role("button", name="규칙 저장").click()
    changed = admin.get_by_role("row").filter(has_text=RULE)
    expect(changed).to_have_count(1)
    expect(changed).not_to_contain_text("주민등록번호 1건 이상")


async def caught(node: Node) -> None:
    """Let a rule block a letter of a person of the company."""
    services = node.services
    asked = LeakRule(Scope("system"), RULE, {"fact": "finding", "in": ["kr.rrn"]}, (LeakAction("block"),), stage="on")
    await services.leaks.rules.new(_CLI, asked)
    await obeyed(node)
    person = next(one for one in await node.store.accounts(None) if one.login == SENDER)
    actor = Actor(person.id, person.organization_id, SENDER, False, Origin("jmap"))
    box = await services.mailboxes.by_role(actor, person.id, "drafts")
    intake = await services.messages.begin(actor, person.id, len(LETTER))
    await intake.feed(LETTER)
    added = await services.messages.add(actor, person.id, await intake.finish(), [box.row.id])
    [identity, *_] = await services.identities.list_all(actor, person.id)
    with pytest.raises(LeakBlocked):
        await services.submissions.submit(
            actor, person.id, Request(identity.row.id, added.message_id, rcpt_to=("x@partner.example",))
        )


def test_an_incident_is_found_explained_unmasked_with_a_reason_and_reviewed(
    admin: Page, company: Company, tmp_path: pathlib.Path
) -> None:
    on_node(company.node.directory, caught)
    go(admin, "유출 탐지 내역")
    pick(admin.get_by_label("조치"), "block")
    pick(admin.get_by_label("상태"), "open")
    admin.get_by_role("button", name="찾기").click()
    row = admin.get_by_role("row").filter(has_text=RULE)
    expect(row).to_contain_text("차단")
    look(admin, "leak-incidents", tmp_path)
    row.click()
    incident = panel(admin)
    expect(incident).to_contain_text(SENDER)
    expect(incident.get_by_role("table", name="찾은 내용")).to_contain_text("900101-")
    expect(incident).not_to_contain_text(NUMBER)
    expect(incident.get_by_role("listitem").filter(has_text=RULE)).to_contain_text("✓ 주민등록번호 1건 이상")
    look(admin, "leak-incident", tmp_path)
    incident.get_by_role("button", name="가린 값 보기").click()
    asked = admin.get_by_role("dialog")
    asked.get_by_label("사유").fill("고객 문의 확인에 필요함")
    asked.get_by_role("button", name="가린 값 보기").click()
    expect(incident.get_by_role("table", name="찾은 내용")).to_contain_text(NUMBER.replace("-", ""))
    incident.get_by_role("button", name="오탐으로 표시").click()
    expect(incident).to_contain_text("오탐")
    admin.keyboard.press("Escape")
    pick(admin.get_by_label("상태"), "false_positive")
    admin.get_by_role("button", name="찾기").click()
    expect(admin.get_by_role("row").filter(has_text=RULE)).to_contain_text("오탐")
    admin.get_by_role("button", name="엑셀로 내보내기").click()
    admin.get_by_label("사유").fill("월별 보안 점검에 필요함")
    with admin.expect_download() as download:
        admin.get_by_role("button", name="엑셀로 내보내기").click()
    assert download.value.suggested_filename == "leak-incidents.csv"
