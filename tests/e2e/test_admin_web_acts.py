"""What an administrator does in the admin web on a real node: people, groups, policy, mail flow, defence, records."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import form_of, go, look, panel, sign_in
from tests.e2e.company import DEMO_PASSWORD, DESKTOP, obeyed, on_node
from tests.e2e.controls import pick

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page
    from tests.e2e.company import Company, Person

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer
HAEUN = "haeun.choi@hanbit.example"
KNOB = "password.min-length"
_CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))  # type: ignore[arg-type]


@pytest.fixture
def admin(company: Company, new_person: Callable[..., Person]) -> Page:
    """The page of an administrator who is signed in."""
    return sign_in(new_person(viewport=DESKTOP).page, company)


def test_a_person_is_made_and_comes_in_by_the_link(
    admin: Page, company: Company, new_person: Callable[..., Person], tmp_path: pathlib.Path
) -> None:
    go(admin, "사용자")
    admin.get_by_role("button", name="사용자 추가").click()
    form = panel(admin)
    form.get_by_role("button", name="계정 만들기").click()
    expect(form.get_by_text("꼭 입력해야 합니다.")).to_have_count(2)
    look(admin, "person-faults", tmp_path)
    form.get_by_label("이름").fill("오새봄")
    form.get_by_label("메일 주소").fill("saebom")
    form.get_by_role("button", name="계정 만들기").click()
    expect(form.get_by_text("메일 주소 형식이 아닙니다")).to_be_visible()
    form.get_by_label("메일 주소").fill("saebom.oh@hanbit.example")
    form.get_by_label("직위").fill("사원")
    form.get_by_role("button", name="계정 만들기").click()
    link = form.locator("code").inner_text()
    assert re.fullmatch(r"https://\S+/setup#\S+", link)
    look(admin, "person-link", tmp_path)
    expect(admin.get_by_role("row").filter(has_text="saebom.oh@hanbit.example")).to_have_count(1)
    other = new_person(viewport=DESKTOP)
    other.page.goto(f"{company.site}/setup#{link.partition('#')[2]}")
    expect(other.page.get_by_role("heading", name="시작하기")).to_be_visible()


def test_quota_addresses_factors_and_policy_of_a_person(admin: Page, tmp_path: pathlib.Path) -> None:
    go(admin, "사용자")
    admin.get_by_label("이름, 주소, 부서, 직위").fill("haeun")
    admin.get_by_role("row").filter(has_text=HAEUN).click()
    person = panel(admin)
    person.get_by_role("button", name="용량 바꾸기").click()
    person.get_by_label("용량 (GB)").fill("5")
    person.get_by_role("button", name="용량 바꾸기").click()
    expect(person).to_contain_text("5 GB")
    look(admin, "person-facts", tmp_path)
    person.get_by_text("로그인", exact=True).click()
    expect(person).to_contain_text("등록한 2단계 인증이 없습니다")
    look(admin, "person-access", tmp_path)
    person.get_by_role("button", name="2단계 인증 초기화").click()
    dialog = admin.get_by_role("dialog")
    dialog.get_by_label("사유").fill("휴대전화 분실")
    look(admin, "person-reset", tmp_path)
    dialog.get_by_role("button", name="취소").click()
    person.get_by_text("주소·그룹", exact=True).click()
    person.get_by_role("button", name="주소 추가").click()
    person.get_by_label("메일 주소").fill("hr.desk@hanbit.example")
    person.get_by_role("button", name="주소 추가").click()
    expect(person).to_contain_text("hr.desk@hanbit.example")
    person.get_by_text("적용된 정책", exact=True).click()
    person.get_by_label("정책 찾기").fill("pop3.login-delay")
    line = person.get_by_role("button").filter(has_text="POP3 로그인 간격")
    expect(line).to_contain_text("사용 안 함")
    line.click()
    expect(person).to_contain_text("이 값은 기본값에 따라 정해졌습니다: 사용 안 함")
    look(admin, "person-policy", tmp_path)


def test_a_group_is_made_by_the_keyboard_alone(admin: Page, tmp_path: pathlib.Path) -> None:
    go(admin, "그룹")
    admin.get_by_role("button", name="그룹 만들기").focus()
    admin.keyboard.press("Enter")
    admin.keyboard.type("임원")
    admin.keyboard.press("Enter")
    expect(panel(admin).get_by_role("heading", name="임원")).to_be_visible()
    panel(admin).get_by_role("button", name="구성원 추가").focus()
    admin.keyboard.press("Enter")
    admin.keyboard.type(HAEUN)
    admin.keyboard.press("Enter")
    expect(panel(admin)).to_contain_text("최하은")
    look(admin, "group", tmp_path)
    admin.keyboard.press("Escape")
    expect(panel(admin)).to_have_count(0)


@pytest.fixture
def rules_go_back(company: Company) -> Iterator[None]:
    """What a story sets for the whole company is not for the next one."""
    yield

    async def go_back(node: Node) -> None:
        governing, access = node.services.governing, node.services.access.rules
        for scope in {rule.scope for rule in (await governing.rules())[1] if rule.knob == KNOB}:
            await governing.unset_knob(_CLI, KNOB, scope)
        for shown in (await access.rules(_CLI))[1]:
            await access.stop(_CLI, shown.id)
        await obeyed(node)

    on_node(company.node.directory, go_back)


@pytest.mark.usefixtures("rules_go_back")
def test_policy_is_set_put_together_rehearsed_and_returned(admin: Page, tmp_path: pathlib.Path) -> None:
    go(admin, "정책 항목")
    admin.get_by_label("정책 찾기").fill(KNOB)
    admin.get_by_role("row").nth(1).click()
    knob = panel(admin)
    knob.get_by_role("button", name="바로 적용").click()
    knob.get_by_label("값").fill("12")
    knob.get_by_label("사유").fill("보안 점검 결과")
    look(admin, "knob", tmp_path)
    knob.get_by_role("button", name="바로 적용").click()
    expect(knob).to_contain_text("12자 · 회사")
    knob.get_by_role("button", name="변경에 담기").click()
    knob.get_by_label("값").fill("9")
    knob.get_by_role("button", name="변경에 담기").click()
    basket = admin.get_by_role("region", name="담아 둔 변경")
    expect(basket).to_contain_text("담아 둔 변경 1개")
    basket.get_by_role("button", name="변경안 만들기").click()
    expect(basket.get_by_role("listitem")).to_contain_text("비밀번호 최소 길이 9자 · 회사")
    basket.get_by_role("button", name="비밀번호 최소 길이 수정").click()
    basket.get_by_label("값").fill("11")
    look(admin, "basket-edit", tmp_path)
    basket.get_by_role("button", name="담은 변경 저장").click()
    expect(basket.get_by_role("listitem")).to_have_count(1)
    expect(basket.get_by_role("listitem")).to_contain_text("11자 · 회사")
    basket.get_by_label("사유").fill("다음 분기부터")
    look(admin, "basket", tmp_path)
    basket.get_by_role("button", name="변경안 저장").click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("정책 변경안")
    change = panel(admin)
    expect(change.locator("del").first).to_have_text("12자")
    expect(change.locator("ins").first).to_have_text("11자")
    change.get_by_role("button", name="모의 적용하기").click()
    expect(change).to_contain_text(re.compile("계정 [0-9]+개 가운데 [0-9]+개가 바뀝니다"))
    look(admin, "change", tmp_path)
    change.get_by_role("button", name="진행하기").click()
    change.get_by_role("button", name="진행하기").click()
    expect(change).to_contain_text("적용됨")
    go(admin, "정책 이력")
    admin.get_by_role("row").nth(1).click()
    expect(panel(admin)).to_contain_text("비밀번호 최소 길이 = 11자")
    look(admin, "history", tmp_path)


def test_a_preset_says_what_it_changes_before_it_is_applied(admin: Page, tmp_path: pathlib.Path) -> None:
    go(admin, "업종별 기본값")
    admin.get_by_role("row").filter(has_text="공공").click()
    preset = panel(admin)
    changes = preset.get_by_role("table", name=re.compile("바뀌는 항목 [0-9]+개"))
    line = changes.get_by_role("row").filter(has_text="이전 비밀번호 재사용 제한")
    expect(line.get_by_role("cell").nth(1)).to_have_text("최근 2개")
    expect(line.get_by_role("cell").nth(2)).to_have_text("최근 3개")
    look(admin, "preset", tmp_path)
    preset.get_by_role("button", name="이 값으로 시작").click()
    form = form_of(admin, preset, "사유")
    form.get_by_label("사유").fill("기관 기준")
    form.get_by_role("button", name="미리 보기").click()
    expect(form.get_by_role("status")).to_contain_text("이전 비밀번호 재사용 제한: 최근 2개 → 최근 3개")
    look(admin, "preset-preview", tmp_path)
    form.get_by_role("button", name="취소").click()
    go(admin, "적용 중인 정책")
    expect(admin.get_by_role("row").filter(has_text="이전 비밀번호 재사용 제한")).to_have_count(0)


@pytest.mark.usefixtures("rules_go_back")
def test_a_rule_that_a_lock_voids_says_so_and_leads_there(
    admin: Page, company: Company, tmp_path: pathlib.Path
) -> None:
    async def set_both(node: Node) -> None:
        [home] = {one.organization_id for one in await node.services.directory.accounts()}
        await node.services.governing.set_knob(_CLI, PolicyRule(KNOB, Scope("organization", str(home)), 12))
        await node.services.governing.set_knob(_CLI, PolicyRule(KNOB, Scope("system"), 14, locked=True))
        await obeyed(node)

    on_node(company.node.directory, set_both)
    go(admin, "적용 중인 정책")
    admin.get_by_role("row").filter(has_text="비밀번호 최소 길이").filter(has_text="회사").click()
    expect(panel(admin)).to_contain_text("이 설정은 시스템의 잠긴 설정에 가려져 있습니다.")
    look(admin, "rule-shadowed", tmp_path)
    panel(admin).get_by_role("button", name="가리는 설정 보기").click()
    expect(admin).to_have_url(re.compile(re.escape(KNOB)))
    knob = panel(admin)
    expect(knob.get_by_role("button", name="가리는 설정 보기")).to_have_count(1)
    knob.get_by_role("button", name="가리는 설정 보기").click()
    expect(knob.locator(":focus")).to_contain_text("14자 · 시스템")
    look(admin, "knob-shadowed", tmp_path)


def test_the_queue_is_narrowed_and_an_act_is_rehearsed(admin: Page, company: Company, tmp_path: pathlib.Path) -> None:
    go(admin, "발송 대기열")
    pick(admin.get_by_label("상태"), "held")
    admin.get_by_role("button", name="찾기").click()
    expect(admin).to_have_url(re.compile("state=held"))
    expect(admin.get_by_text("대기 중인 메일이 없습니다")).to_be_visible()
    admin.reload()
    expect(admin.get_by_label("상태")).to_have_attribute("data-value", "held")
    look(admin, "queue", tmp_path)


def test_aliases_lists_and_departments_are_made(admin: Page, tmp_path: pathlib.Path) -> None:
    go(admin, "별칭")
    admin.get_by_role("button", name="별칭 만들기").click()
    panel(admin).get_by_label("메일 주소").fill("info@hanbit.example")
    panel(admin).get_by_label("받을 주소").fill(HAEUN)
    panel(admin).get_by_role("button", name="별칭 만들기").click()
    admin.get_by_role("row").filter(has_text="info@hanbit.example").click()
    expect(panel(admin)).to_contain_text(HAEUN)
    look(admin, "alias", tmp_path)
    go(admin, "배포리스트")
    admin.get_by_role("button", name="배포리스트 만들기").click()
    panel(admin).get_by_label("메일 주소").fill("all@hanbit.example")
    panel(admin).get_by_label("이름").fill("전체 공지")
    panel(admin).get_by_role("button", name="배포리스트 만들기").click()
    expect(panel(admin).get_by_role("heading", name="전체 공지")).to_be_visible()
    go(admin, "부서")
    admin.get_by_role("button", name="부서 만들기").click()
    panel(admin).get_by_label("이름").fill("채용파트")
    pick(panel(admin).get_by_label("상위 부서"), "인사팀")
    panel(admin).get_by_role("button", name="부서 만들기").click()
    row = admin.get_by_role("row").filter(has_text="채용파트")
    expect(row).to_contain_text("\u2003채용파트")
    row.click()
    look(admin, "department", tmp_path)


def test_a_network_is_shut_out_and_let_in_again(admin: Page, tmp_path: pathlib.Path) -> None:
    go(admin, "차단된 IP")
    admin.get_by_role("button", name="차단하기").click()
    panel(admin).get_by_label("네트워크").fill("203.0.113.0/24")
    panel(admin).get_by_role("button", name="차단하기").click()
    admin.get_by_role("row").filter(has_text="203.0.113.0/24").click()
    expect(panel(admin)).to_contain_text("관리자가 차단")
    look(admin, "ban", tmp_path)
    panel(admin).get_by_role("button", name="차단 해제").click()
    expect(admin.get_by_role("row").filter(has_text="203.0.113.0/24")).to_have_count(0)


def test_records_are_narrowed_and_taken_out_with_a_reason(admin: Page, tmp_path: pathlib.Path) -> None:
    go(admin, "감사기록")
    pick(admin.get_by_label("종류"), "로그인 세션")
    admin.get_by_role("button", name="찾기").click()
    go(admin, "감사기록")
    admin.get_by_role("row").nth(1).click()
    look(admin, "record", tmp_path)
    admin.keyboard.press("Escape")
    admin.get_by_role("button", name="내보내기").click()
    admin.get_by_label("사유").fill("월별 접속기록 점검에 필요함")
    with admin.expect_download() as download:
        admin.get_by_role("button", name="내보내기").click()
    assert download.value.suggested_filename.endswith(".csv")
    go(admin, "월별 점검")
    # This company began this month, or an hour before it; a review that there is to sign: test_sixty_tasks.py.
    expect(admin.get_by_text("점검할 달이 아직 없습니다").or_(admin.get_by_role("table")).first).to_be_visible()
    look(admin, "review", tmp_path)


@pytest.mark.usefixtures("rules_go_back")
def test_an_access_rule_shows_first_whom_it_would_meet(admin: Page, tmp_path: pathlib.Path) -> None:
    go(admin, "접속 규칙")
    admin.get_by_role("button", name="규칙 만들기").click()
    rule = panel(admin)
    pick(rule.get_by_label("처리 방식"), "알림")
    rule.get_by_label("국가", exact=True).fill("KR")
    unknown = rule.get_by_label("국가를 알 수 없는 주소")
    expect(unknown).to_have_attribute("data-value", "notify")
    pick(unknown, "허용")
    rule.get_by_role("button", name="미리 보기").click()
    expect(rule).to_contain_text(re.compile("지난 로그인 가운데 [0-9]+건"))
    look(admin, "access-rule", tmp_path)
    rule.get_by_role("button", name="규칙 만들기").click()
    made = admin.get_by_role("row").filter(has_text="알림")
    expect(made).to_contain_text("이 국가 밖: 대한민국")
    made.click()
    expect(panel(admin).get_by_text("국가를 알 수 없는 주소")).to_be_visible()
    expect(panel(admin)).to_contain_text(re.compile("국가를 알 수 없는 주소\\s*허용"))


def test_a_fresh_proof_is_asked_for_and_what_was_begun_goes_on(admin: Page, tmp_path: pathlib.Path) -> None:
    # The session is young, so that the node would not ask: its first answer is put in its place.
    problem = {"type": "about:blank", "title": "다시", "status": 403, "code": "proof_needed", "requestId": "x" * 8}
    answer = json.dumps(problem | {"wants": ["step-up"]})
    # The list is asked for with a query, so that only the making is met, once.
    admin.route(
        "**/admin/v1/keys",
        lambda route: route.fulfill(status=403, body=answer, content_type="application/problem+json"),
        times=1,
    )
    go(admin, "API 키")
    admin.get_by_role("button", name="API 키 만들기").click()
    form = panel(admin)
    form.get_by_label("이름").fill("연동")
    form.get_by_label("사용자 · 보기").check()
    form.get_by_role("button", name="API 키 만들기").click()
    dialog = admin.get_by_role("dialog", name="본인 확인")
    dialog.get_by_label("비밀번호").fill("아닙니다")
    look(admin, "proof", tmp_path)
    dialog.get_by_role("button", name="확인", exact=True).click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("비밀번호").fill(DEMO_PASSWORD)
    dialog.get_by_role("button", name="확인", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(form.locator("code")).to_be_visible()
