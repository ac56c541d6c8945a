"""The machine seen and worked from the admin web on a real node: volumes, backups, alarms, leavers, processes."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import go, look, panel, sign_in
from tests.e2e.company import DESKTOP, HERO, on_node, until_shown
from tests.e2e.test_second_factor import new_account

from smartmail.service.operations.alarms.telling import SCOPE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page
    from tests.e2e.company import Company, Person

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer
SOON_MS = 60_000
"""Work of the node: a busy machine may need it."""
LEAVER, LEAVER_NAME = "leaver@hanbit-tech.example", "떠나리"
SUCCESSOR = "haeun.choi@hanbit.example"


@pytest.fixture
def admin(company: Company, new_person: Callable[..., Person]) -> Page:
    """The page of an administrator who is signed in."""
    return sign_in(new_person(viewport=DESKTOP).page, company)


def test_a_volume_is_tried_added_drained_and_taken_out(admin: Page, tmp_path: Path) -> None:
    go(admin, "스토리지 볼륨")
    admin.get_by_role("button", name="볼륨 추가").click()
    form = panel(admin)
    form.get_by_label("위치").fill("mail2")
    form.get_by_role("button", name="미리 보기").click()
    expect(form.get_by_role("alert")).to_be_visible()
    with tempfile.TemporaryDirectory(prefix="volume-") as folder:
        form.get_by_label("위치").fill(f"{folder}/mail2")
        form.get_by_role("button", name="미리 보기").click()
        expect(form).to_contain_text(re.compile("쓰기 .+/초"), timeout=SOON_MS)
        look(admin, "volume-measured", tmp_path)
        form.get_by_role("button", name="볼륨 추가").click()
        row = admin.get_by_role("row").filter(has_text=f"{folder}/mail2")
        expect(row).to_contain_text("사용 중", timeout=SOON_MS)
        row.click()
        panel(admin).get_by_role("button", name="가중치 바꾸기").click()
        panel(admin).get_by_role("spinbutton", name="가중치").fill("0")
        panel(admin).get_by_role("button", name="가중치 바꾸기").click()
        expect(panel(admin)).to_contain_text("반영했습니다")
        look(admin, "volume", tmp_path)
        panel(admin).get_by_role("button", name="비우기", exact=True).click()
        dialog = admin.get_by_role("dialog")
        look(admin, "volume-drain", tmp_path)
        dialog.get_by_role("button", name="비우기", exact=True).click()
        expect(dialog).to_have_count(0)
        # The jobs role empties it; the page says so when it is asked again.
        until_shown(row.filter(has_text="비었음"), admin.reload)
        expect(row).to_contain_text("비었음")
        panel(admin).get_by_role("button", name="볼륨 빼기").click()
        admin.get_by_role("dialog").get_by_role("button", name="볼륨 빼기").click()
        expect(row).to_have_count(0)


def test_backups_are_set_taken_rehearsed_and_mail_comes_back(admin: Page, tmp_path: Path) -> None:
    go(admin, "백업·복원")
    expect(admin.get_by_text("백업 장소를 정하지 않아")).to_be_visible()
    admin.get_by_role("button", name="장소·일정 바꾸기").click()
    with tempfile.TemporaryDirectory(prefix="backup-") as folder:
        admin.get_by_label("백업 장소").fill(f"{folder}/place")
        admin.get_by_label("시작 시각(UTC)").fill("18")
        look(admin, "backup-plan", tmp_path)
        admin.get_by_role("region", name="장소·일정 바꾸기").get_by_role("button", name="장소·일정 바꾸기").click()
        expect(admin.get_by_text(f"{folder}/place")).to_be_visible()
        admin.get_by_role("button", name="지금 백업").click()
        expect(admin.get_by_text(re.compile("계정 .+개, 메일 .+통을 백업했습니다"))).to_be_visible(timeout=SOON_MS)
        backup = admin.get_by_role("table", name="백업 목록").get_by_role("row").nth(1)
        expect(backup).to_contain_text("온전함")
        backup.click()
        panel(admin).get_by_role("button", name="복원 시험").click()
        admin.get_by_role("dialog").get_by_role("button", name="복원 시험").click()
        admin.keyboard.press("Escape")
        expect(admin.get_by_text(re.compile("성공: 메일 .+통을")).first).to_be_visible(timeout=3 * SOON_MS)
        admin.reload()
        expect(admin.get_by_text("백업과 복원 시험이 모두 정상입니다.")).to_be_visible()
        admin.get_by_role("button", name="한 사람").click()
        admin.get_by_label("누구의 메일").fill(HERO)
        admin.get_by_label("사유").fill("짧음")
        admin.get_by_role("button", name="메일 복원").click()
        expect(admin.get_by_text("조금 더 자세히 입력해 주세요.")).to_be_visible()
        look(admin, "backup-bring", tmp_path)
        admin.get_by_label("사유").fill("본인이 지운 메일을 찾아 달라고 함")
        admin.get_by_role("button", name="메일 복원").click()
        expect(admin.get_by_text(re.compile("[0-9]+통을 되돌렸습니다"))).to_be_visible(timeout=SOON_MS)
        look(admin, "backup-done", tmp_path)
        admin.get_by_role("button", name="노드 파일 설정으로").click()
        admin.get_by_role("dialog").get_by_role("button", name="노드 파일 설정으로").click()
        expect(admin.get_by_text("백업 장소를 정하지 않아")).to_be_visible()


@pytest.fixture
def bounds_go_back(company: Company) -> Iterator[None]:
    """A bound that every disk meets is an alarm for all the stories that follow."""
    yield

    async def go_back(node: Node) -> None:
        await node.store.put_setting(SCOPE, "rule:disk.free", None)

    on_node(company.node.directory, go_back)


@pytest.mark.usefixtures("bounds_go_back")
def test_alarms_are_bounded_seen_to_and_silenced(admin: Page, company: Company, tmp_path: Path) -> None:
    go(admin, "경보 조건")
    look(admin, "alarm-rules", tmp_path)
    admin.get_by_role("row").filter(has_text="디스크의 남은 공간").click()
    rule = panel(admin)
    rule.get_by_role("button", name="기준 바꾸기").click()
    rule.get_by_label("주의").fill("100")
    rule.get_by_role("button", name="기준 바꾸기").click()
    expect(rule).to_contain_text("≤ 100%")
    look(admin, "alarm-rule", tmp_path)
    # The node looks each minute; this look is the same work.
    on_node(company.node.directory, lambda node: node.services.alarms.service.look())
    go(admin, "경보")
    row = admin.get_by_role("row").filter(has_text="디스크의 남은 공간").first
    until_shown(row, admin.reload)
    row.click()
    panel(admin).get_by_role("button", name="처리 중으로 표시").click()
    expect(panel(admin)).to_contain_text("처리하는 사람")
    expect(row).to_contain_text("처리 중")
    panel(admin).get_by_role("button", name="알림 잠시 끄기").click()
    panel(admin).get_by_role("button", name="알림 잠시 끄기").click()
    look(admin, "alarm", tmp_path)
    go(admin, "경보 조건")
    expect(admin.get_by_role("row").filter(has_text="디스크의 남은 공간")).to_contain_text("알림 꺼 둠")
    admin.get_by_role("row").filter(has_text="디스크의 남은 공간").click()
    panel(admin).get_by_role("button", name="다시 알리기").click()
    admin.get_by_role("button", name="시험 알림 보내기").click()
    expect(admin.get_by_text(re.compile("관리자 [0-9]+명에게 시험 메일을"))).to_be_visible()


def test_somebody_leaves_and_comes_back(admin: Page, company: Company, tmp_path: Path) -> None:
    new_account(company, LEAVER, LEAVER_NAME)
    go(admin, "퇴직자 처리")
    expect(admin.get_by_text("퇴직자가 없습니다")).to_be_visible()
    admin.get_by_label("퇴직하는 사람").fill(LEAVER)
    admin.get_by_role("button", name="보유 항목 조회").click()
    expect(admin.get_by_text(re.compile(f"{LEAVER_NAME}.*님이 맡고 있는 것"))).to_be_visible()
    admin.get_by_label("후임").fill(SUCCESSOR)
    admin.get_by_role("button", name="미리 보기").click()
    expect(admin.get_by_text(f"새 메일은 {SUCCESSOR} 님이 받습니다.")).to_be_visible()
    look(admin, "leaver-preview", tmp_path)
    admin.get_by_role("button", name="퇴직 처리", exact=True).click()
    expect(admin.get_by_text(re.compile("님을 퇴직 처리했습니다|님의 로그인을 모두 막았습니다"))).to_be_visible()
    row = admin.get_by_role("row").filter(has_text=LEAVER)
    row.click()
    look(admin, "leaver", tmp_path)
    panel(admin).get_by_role("button", name="복직시키기").click()
    admin.get_by_role("dialog").get_by_role("button", name="복직시키기").click()
    expect(row).to_contain_text("복직")


def test_a_process_starts_anew_and_the_log_is_read(admin: Page, tmp_path: Path) -> None:
    go(admin, "프로세스·로그")
    row = admin.get_by_role("row").filter(has_text="background").first
    expect(row).to_contain_text("동작 중")
    deaths = row.get_by_role("cell").last.inner_text()
    row.click()
    pid = panel(admin).get_by_text(re.compile("^[0-9]+$")).first.inner_text()
    look(admin, "processes", tmp_path)
    panel(admin).get_by_role("button", name="다시 시작").click()
    admin.get_by_role("dialog").get_by_role("button", name="다시 시작").click()
    expect(panel(admin).get_by_text(re.compile("^[0-9]+$")).first).not_to_have_text(pid, timeout=SOON_MS)
    expect(row).to_contain_text("동작 중", timeout=SOON_MS)
    expect(row.get_by_role("cell").last).to_have_text(deaths)  # it was asked to: that is no death
    admin.get_by_role("button", name="찾기").click()
    expect(admin.get_by_role("table", name="최근 로그")).to_contain_text("process.restarting")
    expect(admin.get_by_role("table", name="최근 로그")).not_to_contain_text("@")
    look(admin, "processes-log", tmp_path)
