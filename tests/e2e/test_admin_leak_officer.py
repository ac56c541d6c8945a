"""What a security officer does about leak rules in the admin web, on a real node: exceptions, dry runs, approval lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import go, look, panel, sign_in
from tests.e2e.company import DESKTOP, obeyed, on_node
from tests.e2e.controls import pick
from tests.e2e.test_admin_leaks import LETTER, NUMBER, RULE, SENDER, build, caught

from smartmail.domain.leaks import LeakAction, LeakRule
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Locator, Page, Route
    from tests.e2e.company import Company, Person

    from smartmail.app.node import Node

LINE = "고객자료 결재"
APPROVERS = ("jiwoo.lee@hanbit.example", "seojun.park@hanbit.example")
pytestmark = pytest.mark.peer
_CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))  # type: ignore[arg-type]


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


def test_a_false_positive_is_excepted_until_a_date_and_the_exception_is_ended(
    admin: Page, company: Company, tmp_path: pathlib.Path
) -> None:
    on_node(company.node.directory, caught)
    go(admin, "유출 탐지 내역")
    admin.get_by_role("row").filter(has_text=RULE).first.click()
    panel(admin).get_by_role("button", name="오탐으로 처리하고 예외 등록").click()
    asked = admin.get_by_role("dialog")
    expect(asked.get_by_role("checkbox", name="주민등록번호 900101-")).to_be_checked()
    expect(asked).not_to_contain_text(NUMBER)
    asked.get_by_role("button", name="오탐으로 처리하고 예외 등록").click()
    expect(asked).to_contain_text("꼭 입력해야 합니다.")
    asked.get_by_label("사유").fill("시험용으로 만든 번호임을 확인함")
    look(admin, "leak-except", tmp_path)
    asked.get_by_role("button", name="오탐으로 처리하고 예외 등록").click()
    expect(panel(admin)).to_contain_text("오탐으로 처리하고 예외를 등록했습니다.")
    expect(panel(admin).get_by_role("button", name="오탐으로 표시")).to_have_count(0)
    go(admin, "오탐 예외")
    row = admin.get_by_role("row").filter(has_text=RULE)
    expect(row).to_contain_text("적용 중")
    expect(row).to_contain_text("주민등록번호 900101-")
    look(admin, "leak-exceptions", tmp_path)
    row.click()
    expect(panel(admin)).to_contain_text("시험용으로 만든 번호임을 확인함")
    look(admin, "leak-exception", tmp_path)
    panel(admin).get_by_role("button", name="예외 종료").click()
    admin.get_by_role("dialog").get_by_role("button", name="예외 종료").click()
    expect(row).to_contain_text("종료")
    expect(panel(admin).get_by_role("button", name="예외 종료")).to_have_count(0)
    panel(admin).get_by_role("button", name="탐지 내역 보기").click()
    expect(panel(admin)).to_contain_text("x@partner.example")


async def _sent(node: Node) -> None:
    """Let mail with a resident number be in Sent, as mail programs leave it there."""
    services = node.services
    person = next(one for one in await node.store.accounts(None) if one.login == SENDER)
    actor = Actor(person.id, person.organization_id, SENDER, False, Origin("imap"))
    box = await services.mailboxes.by_role(actor, person.id, "sent")
    for number in range(40):
        octets = LETTER.replace(b"Subject:", b"X-Number: %d\r\nSubject:" % number)
        intake = await services.messages.begin(actor, person.id, len(octets))
        await intake.feed(octets)
        await services.messages.add(actor, person.id, await intake.finish(), [box.row.id])


def _count(report: Locator, table: str, line: str) -> list[str]:
    """The numbers of a line: by the rules now, and by those that are tried."""
    cells = report.get_by_role("table", name=table).get_by_role("row").filter(has_text=line).get_by_role("cell")
    return cells.all_inner_texts()[1:]


def test_a_rule_is_tried_on_the_mail_of_the_last_days_before_it_is_saved_and_after(
    admin: Page, company: Company, tmp_path: pathlib.Path
) -> None:
    on_node(company.node.directory, _sent)
    form = build(admin)
    form.get_by_role("button", name="최근 메일에 모의 적용").click()
    tried = panel(admin).get_by_role("region", name="최근 메일에 모의 적용")
    tried.get_by_label("며칠 동안의 메일").fill("93")
    tried.get_by_role("button", name="모의 적용 시작").click()
    expect(tried).to_contain_text("쓸 수 있는 범위를 벗어났습니다.")
    tried.get_by_label("며칠 동안의 메일").fill("1")
    look(admin, "leak-dry-run-form", tmp_path)
    tried.get_by_role("button", name="모의 적용 시작").click()
    expect(tried.get_by_role("status").first).to_contain_text("완료")
    found = _count(tried, "규칙별 해당 메일", RULE)
    assert found[0] == "0" and int(found[1]) >= 40, "a rule that is not there yet"
    expect(tried).to_contain_text("그대로 발송 → 차단")
    expect(tried).to_contain_text("900101-1")
    expect(tried).not_to_contain_text(NUMBER)
    look(admin, "leak-dry-run-of-form", tmp_path)
    form.get_by_role("button", name="규칙 저장").click()
    admin.get_by_role("row").filter(has_text=RULE).click()
    panel(admin).get_by_role("button", name="최근 메일에 모의 적용").click()
    panel(admin).get_by_role("button", name="모의 적용 시작").click()
    report = panel(admin).get_by_role("region", name="모의 적용 결과")
    expect(report.get_by_role("status").first).to_contain_text("완료")
    assert int(_count(report, "조치별 메일", "차단")[1]) >= 40
    panel(admin).get_by_role("link", name="모의 적용 목록에서 보기").click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("모의 적용")
    expect(panel(admin)).to_contain_text(f"{RULE}: 적용")
    look(admin, "leak-dry-run", tmp_path)
    panel(admin).get_by_role("link", name=RULE).click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("내부정보유출방지 규칙")
    expect(panel(admin)).to_contain_text("주민등록번호 1건 이상")


def test_a_dry_run_is_begun_from_the_list_and_stopped_and_what_it_counted_stays(
    admin: Page, company: Company, tmp_path: pathlib.Path
) -> None:
    on_node(company.node.directory, _sent)
    build(admin).get_by_role("button", name="규칙 저장").click()
    expect(admin.get_by_role("row").filter(has_text=RULE)).to_contain_text("기록만")

    def slowly(route: Route) -> None:
        """It works for a hundredth of the time: it is stopped while it pauses."""
        asked = route.request.post_data_json
        route.continue_(post_data=json.dumps({**asked, "share": 1}) if asked else None)

    admin.route("**/leak-dry-runs", slowly)
    go(admin, "모의 적용")
    admin.get_by_role("button", name="모의 적용하기").click()
    panel(admin).get_by_role("checkbox", name=RULE).check()
    look(admin, "leak-dry-run-new", tmp_path)
    panel(admin).get_by_role("button", name="모의 적용하기").click()
    report = panel(admin).get_by_role("region", name="모의 적용 결과")
    expect(report.get_by_role("status").first).to_contain_text("진행 중")
    expect(report.get_by_role("progressbar")).to_be_visible()
    report.get_by_role("button", name="모의 적용 중단").click()
    expect(report.get_by_role("status").first).to_contain_text("취소됨")
    expect(report.get_by_role("button", name="모의 적용 중단")).to_have_count(0)
    row = admin.get_by_role("row").filter(has_text="취소됨")
    expect(row).to_contain_text(f"{RULE}: 적용")
    look(admin, "leak-dry-runs", tmp_path)


def _step(within: Locator, number: int) -> Locator:
    return within.get_by_role("group", name=f"{number}단계")


async def _used(node: Node) -> None:
    """Let a rule hold mail for the line."""
    condition = {"fact": "finding", "in": ["kr.rrn"]}
    [home, *_] = {one.organization_id for one in await node.store.accounts(None) if one.login == SENDER}
    asked = LeakRule(
        Scope("organization", str(int(home))), RULE, condition, (LeakAction("approve", line=LINE),), stage="log"
    )
    await node.services.leaks.rules.new(_CLI, asked)
    await obeyed(node)


def test_an_approval_line_is_made_previewed_changed_and_removed(
    admin: Page, company: Company, tmp_path: pathlib.Path
) -> None:
    on_node(company.node.directory, _used)
    go(admin, "결재선")
    admin.get_by_role("button", name="결재선 만들기").click()
    form = panel(admin)
    form.get_by_role("button", name="단계 추가").click()
    second = _step(form, 2)
    pick(second.get_by_role("combobox", name="승인자", exact=True), "people")
    pick(second.get_by_label("필요한 승인"), "some")
    second.get_by_text("기한: 4시간 후 상위 승인자에게").click()
    second.get_by_label("결정 기한").fill("8")
    pick(second.get_by_label("기한이 지나면"), "approve")
    form.get_by_role("button", name="결재선 저장").click()
    expect(form.get_by_text("꼭 입력해야 합니다.")).to_have_count(2)
    form.get_by_label("결재선 이름").fill(LINE)
    second.get_by_label("승인할 사람의 주소").fill("\n".join(APPROVERS))
    look(admin, "line-form", tmp_path)
    form.get_by_role("button", name="승인할 사람 미리 보기").click()
    preview = form.get_by_role("region", name="승인할 사람 미리 보기")
    preview.get_by_label("보낸 사람").fill(SENDER)
    preview.get_by_role("button", name="미리 보기", exact=True).click()
    steps = preview.get_by_role("status").get_by_role("listitem")
    expect(steps.filter(has_text="2단계")).to_contain_text("2명이 승인하면 됩니다.")
    for name in ("이지우", "박서준"):
        expect(steps.filter(has_text="2단계")).to_contain_text(name)
    look(admin, "line-preview", tmp_path)
    form.get_by_role("button", name="결재선 저장").click()
    row = admin.get_by_role("row").filter(has_text=LINE)
    expect(row).to_contain_text("1. 부서장")
    row.click()
    expect(panel(admin)).to_contain_text("8시간 후 자동 승인")
    expect(panel(admin)).to_contain_text(RULE)
    look(admin, "line", tmp_path)
    panel(admin).get_by_role("button", name="바꾸기").click()
    expect(_step(panel(admin), 2).get_by_label("승인할 사람 수")).to_have_value("2")
    panel(admin).get_by_role("button", name="1단계를 아래로").click()
    panel(admin).get_by_role("button", name="결재선 저장").click()
    expect(row).to_contain_text("2. 부서장")
    look(admin, "lines", tmp_path)
    admin.get_by_role("button", name="결재선 만들기").click()
    panel(admin).get_by_label("결재선 이름").fill(LINE)
    panel(admin).get_by_role("button", name="결재선 저장").click()
    expect(panel(admin).get_by_role("alert")).to_contain_text("같은 이름의 결재선이 있습니다.")
    panel(admin).get_by_role("button", name="취소").click()
    row.click()
    panel(admin).get_by_role("button", name="결재선 삭제").click()
    admin.get_by_role("dialog").get_by_role("button", name="결재선 삭제").click()
    expect(row).to_have_count(0)
