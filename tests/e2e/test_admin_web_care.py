"""The database tended, rules brought by file, the evidence of a case, a domain's new name: in the admin web, on a real node."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.bench.made_mail import made
from tests.e2e.admin_web import go, look, panel, rail, sign_in
from tests.e2e.company import DESKTOP, new_page, on_node
from tests.e2e.conftest import build_webmail
from tests.e2e.controls import pick
from tests.e2e.test_second_factor import new_account
from tests.peers.served import served
from tests.unit.serving.test_update_bundle import KEY, PUBLIC

from smartmail.app.demo.people import ADMIN
from smartmail.domain.principal import system_actor
from smartmail.formats.rule_pack import PackRule, RulePack, sign
from smartmail.service.flow.directory import NewPerson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page
    from tests.e2e.company import Company, Person

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer
SOON_MS = 60_000
PASSWORD = "Maple-gorge.quartz7"
BOSS = "boss@nuri.example"
WHY = "침해 사고 조사 2026-17"
VICTIM, VICTIM_NAME = "evidence@hanbit-tech.example", "신고자"
PACK = RulePack(
    id="2026-11", made_at=1_762_000_000_000, notes="택배 사칭 규칙을 더했습니다.", weights={"spf-fail": 2.5},
    rules=(
        PackRule(name="parcel", title="택배 사칭", weight=3.0, words=("배송 조회",), also=("주소지 오류",)),
        PackRule(name="tax", title="세금 환급 사칭", weight=2.0, words=("환급금 조회",)),
    ),
)  # fmt: skip


@pytest.fixture
def admin(company: Company, new_person: Callable[..., Person]) -> Page:
    """The page of an administrator who is signed in."""
    return sign_in(new_person(viewport=DESKTOP).page, company)


def test_the_database_is_checked_written_anew_and_planned(admin: Page, tmp_path: Path) -> None:
    go(admin, "데이터베이스")
    main = admin.get_by_role("main")
    look(admin, "database", tmp_path)
    main.get_by_role("button", name="무결성 검사").click()
    admin.get_by_role("dialog").get_by_role("button", name="무결성 검사").click()
    expect(main).to_contain_text("손상이 없습니다.", timeout=SOON_MS)
    expect(main).to_contain_text("마지막 검사에서 손상이 없었습니다.")
    # Of a large database its tables are measured by the check alone.
    expect(main.get_by_role("table", name="표", exact=True).get_by_role("row").nth(5)).to_be_visible()
    main.get_by_role("button", name="새로 써서 줄이기").click()
    dialog = admin.get_by_role("dialog")
    dialog.get_by_role("button", name="미리 보기").click()
    expect(dialog).to_contain_text("여유가 필요합니다")
    look(admin, "database-rewrite", tmp_path)
    dialog.get_by_role("button", name="새로 써서 줄이기").click()
    expect(main).to_contain_text("마쳤습니다. 돌려준 공간", timeout=SOON_MS)
    # From now on room is given back in steps as well.
    expect(main.get_by_role("button", name="빈 공간 조금씩 돌려주기")).to_be_visible()
    main.get_by_role("button", name="일정 정하기").click()
    plan = admin.get_by_role("region", name="일정 정하기")
    pick(plan.get_by_label("요일"), "일요일")
    look(admin, "database-plan", tmp_path)
    plan.get_by_role("button", name="일정 정하기").click()
    expect(main).to_contain_text("매주 일요일 18:00 UTC: 무결성 검사, 통계 갱신, 빈 공간 조금씩 돌려주기")
    look(admin, "database-done", tmp_path)


@pytest.fixture
def trusted(company: Company) -> Iterator[None]:
    """The vendor's key is pinned as long as the story goes on."""

    async def put(node: Node, key: str | None) -> None:
        await node.store.put_setting("updates", "vendor-key", key)

    on_node(company.node.directory, lambda node: put(node, base64.b64encode(PUBLIC).decode()))
    yield
    on_node(company.node.directory, lambda node: put(node, None))


@pytest.mark.usefixtures("trusted")
def test_rules_by_file_are_seen_applied_and_taken_back(admin: Page, tmp_path: Path) -> None:
    go(admin, "검사")
    part = admin.get_by_role("region", name="스팸 규칙 묶음")
    expect(part).to_contain_text("프로그램에 들어 있는 규칙만")
    good, bad = tmp_path / "rules.pack", tmp_path / "changed.pack"
    good.write_bytes(sign(PACK, KEY))
    bad.write_bytes(sign(PACK, KEY)[:-1] + b"x")
    part.get_by_label("규칙 파일 선택").set_input_files(str(bad))
    expect(part.get_by_role("alert")).to_be_visible(timeout=SOON_MS)
    part.get_by_label("규칙 파일 선택").set_input_files(str(good))
    expect(part.get_by_role("row").filter(has_text="택배 사칭")).to_contain_text("– → +3")
    look(admin, "rules-preview", tmp_path)
    part.get_by_role("button", name="이 묶음 적용").click()
    expect(part.get_by_role("status")).to_contain_text("적용했습니다", timeout=SOON_MS)
    expect(part).to_contain_text("2026-11")
    part.get_by_role("button", name="이전으로 되돌리기").click()
    expect(part.get_by_role("status")).to_contain_text("되돌렸습니다")
    expect(part).to_contain_text("프로그램에 들어 있는 규칙만")
    look(admin, "rules-back", tmp_path)


def test_what_the_filter_was_taught_is_seen_by_script(admin: Page, company: Company, tmp_path: Path) -> None:
    async def teach(node: Node) -> None:
        home = (await node.services.directory.account_by_login(ADMIN)).organization_id
        await node.services.learning.teach(home, [(one.octets, one.spam) for one in made("ko", 60)])

    on_node(company.node.directory, teach)
    go(admin, "검사")
    part = admin.get_by_role("region", name="스팸 학습")
    row = part.get_by_role("row").filter(has_text="한국어")
    expect(row).to_contain_text("학습 부족")
    expect(row).to_contain_text(re.compile(r"정상 \d+통, 스팸 \d+통 더 필요"))
    expect(part).to_contain_text("정상 200통과 스팸 200통을 배우기 전에는")
    expect(part).to_contain_text("사용 중 (회사가 가르친 내용이 우선합니다)")
    part.scroll_into_view_if_needed()
    look(admin, "spam-lessons", tmp_path)


def test_the_evidence_of_a_case_is_seen_and_opened_for_a_reason(admin: Page, company: Company, tmp_path: Path) -> None:
    new_account(company, VICTIM, VICTIM_NAME)
    octets = (
        f"From: =?utf-8?b?{base64.b64encode('보안팀'.encode()).decode()}?= <help@evil-login.test>\r\nTo: {VICTIM}\r\n"
        f"Subject: =?utf-8?b?{base64.b64encode('사옥 이전 안내'.encode()).decode()}?=\r\nMessage-ID: <evidence-1@evil-login.test>\r\n"
        "Date: Fri, 27 Nov 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n자세한 내용 https://evil-login.test/verify/17\r\n"
    ).encode()
    company.deliver(VICTIM, octets)

    async def report(node: Node) -> None:
        account = await node.services.directory.account_by_login(VICTIM)
        actor = system_actor(account.id, account.organization_id)
        box = await node.services.mailboxes.by_role(actor, account.id, "inbox")
        [number], _total = await node.store.list_messages(account.id, box.row.id, position=0, limit=1)
        await node.services.cases.report(actor, account.id, number)

    on_node(company.node.directory, report)
    go(admin, "해킹메일 신고")
    admin.get_by_role("row").filter(has_text="사옥 이전 안내").first.click()
    side = panel(admin)
    side.get_by_role("button", name="증거 보기").click()
    expect(side).to_contain_text("https://evil-login.test/verify/17".removeprefix("https://"))
    expect(side).to_contain_text(VICTIM_NAME)
    side.get_by_text("머리글 전체").click()
    expect(side).to_contain_text("evidence-1@evil-login.test")
    expect(side).not_to_contain_text("자세한 내용")
    side.get_by_role("button", name="받은 사람 찾기").click()
    expect(side).to_contain_text("1명의 메일함에 1통이 있습니다.", timeout=SOON_MS)
    look(admin, "case-evidence", tmp_path)
    side.get_by_role("button", name="본문 보기").click()
    dialog = admin.get_by_role("dialog")
    dialog.get_by_label("사유").fill(WHY)
    dialog.get_by_role("button", name="본문 보기").click()
    expect(side).to_contain_text("자세한 내용", timeout=SOON_MS)
    look(admin, "case-message", tmp_path)
    side.get_by_role("button", name="증거 파일 내려받기").click()
    dialog.get_by_label("사유").fill(WHY)
    with admin.expect_download(timeout=SOON_MS) as download:
        dialog.get_by_role("button", name="증거 파일 내려받기").click()
    assert download.value.suggested_filename.endswith(".zip")
    assert Path(download.value.path()).read_bytes()[:2] == b"PK"


async def two_domains(node: Node) -> None:
    """A company with two domains; in the new one a name is taken already."""
    provisioning = node.services.provisioning
    home = await provisioning.organization("누리무역")
    for domain in ("nuri.example", "nuri-global.example"):
        await node.services.directory.add_domain(domain, home)
    for login, name in ((BOSS, "보스"), ("kim@nuri.example", "김누리"), ("kim@nuri-global.example", "김지사")):
        await provisioning.person(NewPerson(login, name, is_admin=login == BOSS), PASSWORD)


def test_a_domain_gets_another_name_after_a_look_at_clashes(chromium: Browser, tmp_path: Path) -> None:
    build_webmail("admin")
    with served(tmp_path / "node") as node:
        on_node(node.directory, two_domains)
        page = new_page(chromium)
        page.goto(f"https://admin.localhost:{node.ports['https']}")
        page.get_by_label("관리자 주소").fill(BOSS)
        page.get_by_label("비밀번호").fill(PASSWORD)
        page.keyboard.press("Enter")
        rail(page).wait_for()
        go(page, "도메인")
        page.get_by_role("row").filter(has_text="nuri.example").filter(has_not_text="global").click()
        side = panel(page)
        side.get_by_role("button", name="도메인 이름 바꾸기").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("새 도메인").fill("nuri-global.example")
        dialog.get_by_role("button", name="미리 보기").click()
        expect(dialog).to_contain_text("2명의 주소가 바뀝니다.", timeout=SOON_MS)
        expect(dialog).to_contain_text("kim@nuri.example → kim2@nuri-global.example")
        look(page, "domain-renaming", tmp_path)
        dialog.get_by_role("button", name="도메인 이름 바꾸기").click()
        expect(side).to_contain_text("2개 주소를 바꾸었습니다.", timeout=SOON_MS)
        go(page, "사용자")
        expect(page.get_by_role("row").filter(has_text="kim2@nuri-global.example")).to_have_count(1)
        page.context.close()
