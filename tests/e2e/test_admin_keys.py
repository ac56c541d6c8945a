"""Keys at work in the admin web on a real node: a recovery kit made and rehearsed, a new master key, originals opened by two."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import form_of, go, look, panel, rail, sign_in
from tests.e2e.company import DESKTOP, HERO, letter
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page
    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer
SOON_MS = 90_000
"""Work of the node, which waits half a minute before it gives up an old key; a busy machine may need more."""
WHY = "연례 암호키 점검에 따른 작업"
SECOND = "opens@hanbit.example"


@pytest.fixture
def admin(company: Company, new_person: Callable[..., Person]) -> Page:
    """The page of an administrator who is signed in."""
    return sign_in(new_person(viewport=DESKTOP).page, company)


def region(page: Page, name: str):
    return page.get_by_role("region", name=name, exact=True)


def appoint(company: Company) -> None:
    """Let a second person hold the office of security: by command, for whom an administrator appoints is in their hand."""
    new_account(company, SECOND, "이인자")
    command = [sys.executable, "-m", "smartmail.app.cli", "role", "grant", SECOND, "security"]
    subprocess.run([*command, "--data", str(company.node.directory)], check=True, capture_output=True, timeout=120)


def test_a_kit_is_printed_and_rehearsed_and_the_key_replaced(admin: Page, tmp_path: Path) -> None:
    go(admin, "암호키")
    kit = region(admin, "복구 키트")
    expect(kit).to_contain_text("복구 키트가 없습니다")
    look(admin, "keys", tmp_path)
    kit.get_by_role("button", name="복구 키트 만들기").click()
    form = form_of(admin, kit, "전체 장수")
    form.get_by_label("전체 장수").fill("3")
    form.get_by_label("복구에 필요한 장수").fill("2")
    form.get_by_label("사유").fill(WHY)
    look(admin, "kit-form", tmp_path)
    form.get_by_role("button", name="복구 키트 만들기").last.click()
    sheets = kit.get_by_role("article")
    expect(sheets).to_have_count(3, timeout=SOON_MS)
    expect(sheets.first).to_contain_text("3장 가운데 1번")
    look(admin, "kit-made", tmp_path)
    printed = admin.pdf(path=str(tmp_path / "kit.pdf"), format="A5")
    assert len(re.findall(rb"/Type /Page\b(?!s)", printed)) == 3, "each share on a page of its own"
    shares = [sheets.nth(at).locator("pre").inner_text() for at in (2, 0)]
    kit.get_by_role("button", name="인쇄했으니 삭제").click()
    expect(sheets).to_have_count(0)
    kit.get_by_role("button", name="복구 연습").click()
    kit.get_by_label("1번째 장").fill(shares[0][:-1])
    kit.get_by_label("2번째 장").fill(shares[1])
    kit.get_by_role("button", name="확인", exact=True).click()
    expect(kit.get_by_role("alert")).to_be_visible()
    look(admin, "kit-slip", tmp_path)
    kit.get_by_label("1번째 장").fill(shares[0])
    kit.get_by_role("button", name="확인", exact=True).click()
    expect(kit).to_contain_text("되찾을 수 있습니다")
    look(admin, "kit-rehearsed", tmp_path)

    master = region(admin, "마스터 키")
    before = master.locator("dd").first.inner_text()
    master.get_by_role("button", name="마스터 키 교체").click()
    form = form_of(admin, master, "사유")
    form.get_by_label("사유").fill(WHY)
    look(admin, "rotate-form", tmp_path)
    form.get_by_role("button", name="마스터 키 교체").last.click()
    expect(master.get_by_role("progressbar")).to_be_visible()
    look(admin, "rotating", tmp_path)
    expect(master.get_by_role("progressbar")).to_have_count(0, timeout=SOON_MS)
    expect(master.locator("dd").first).not_to_have_text(before)
    admin.reload()
    expect(region(admin, "복구 키트")).to_contain_text("예전 마스터 키의 것입니다")


def test_originals_are_sealed_anew(admin: Page, company: Company, tmp_path: Path) -> None:
    go(admin, "암호키")
    originals = region(admin, "원문 암호화")
    originals.get_by_role("button", name="다시 암호화", exact=True).click()
    form = form_of(admin, originals, "사유")
    form.get_by_label("사유").fill(WHY)
    look(admin, "reseal-form", tmp_path)
    form.get_by_role("button", name="다시 암호화", exact=True).last.click()
    expect(originals).to_contain_text("ChaCha20-Poly1305")
    look(admin, "resealing", tmp_path)
    expect(originals).to_contain_text("완료", timeout=2 * SOON_MS)
    expect(originals.get_by_role("alert")).to_have_count(0)
    look(admin, "resealed", tmp_path)


def test_two_open_originals(admin: Page, company: Company, new_person: Callable[..., Person], tmp_path: Path) -> None:
    company.deliver(HERO, letter(HERO, "두 사람이 열 메일"))
    appoint(company)
    go(admin, "원문 열람")
    admin.get_by_role("button", name="열람 요청").click()
    form = panel(admin)
    form.get_by_label("누구의 메일").fill(HERO)
    form.get_by_label("열람 시간(분)").fill("30")
    form.get_by_label("사유").fill(WHY)
    look(admin, "opening-form", tmp_path)
    form.get_by_role("button", name="열람 요청").click()
    expect(admin.get_by_text("다른 관리자의 승인을 기다립니다.")).to_be_visible()
    other = new_person(viewport=DESKTOP).page
    other.goto(company.site.replace("localhost", "admin.localhost"))
    other.get_by_label("관리자 주소").fill(SECOND)
    other.get_by_label("비밀번호").fill(PASSWORD)
    other.keyboard.press("Enter")
    rail(other).wait_for()
    go(other, "이중 승인")
    other.get_by_role("row").filter(has_text="원문 열람").first.click()
    panel(other).get_by_role("button", name="동의").click()
    confirm = other.get_by_role("dialog")
    confirm.get_by_role("button", name="동의").click()
    expect(confirm).to_have_count(0)
    go(other, "원문 열람")
    other.get_by_role("row").filter(has_text=HERO).first.click()
    look(other, "opening", tmp_path)
    panel(other).get_by_role("button", name="메일 목록 보기").click()
    panel(other).get_by_role("button", name="두 사람이 열 메일").first.click()
    expect(panel(other)).to_contain_text("두 사람이 열 메일")
    look(other, "original", tmp_path)
    panel(other).get_by_role("button", name="지금 종료").click()
    expect(other.get_by_role("row").filter(has_text=HERO).first).to_contain_text("종료")


def test_keys_of_accounts_are_changed_and_a_schedule_is_set(admin: Page, tmp_path: Path) -> None:
    go(admin, "암호키")
    keys = region(admin, "회사와 계정의 암호키")
    expect(keys).to_contain_text("수동")
    look(admin, "key-changes", tmp_path)
    keys.get_by_role("button", name="교체 주기 정하기").click()
    form = form_of(admin, keys, "계정 키, 몇 달마다")
    form.get_by_label("계정 키, 몇 달마다").fill("12")
    form.get_by_label("회사 키, 몇 달마다").fill("24")
    form.get_by_role("button", name="교체 주기 정하기").last.click()
    expect(keys).to_contain_text("12개월마다")
    keys.get_by_role("button", name="암호키 바꾸기").click()
    form = form_of(admin, keys, "사유")
    form.get_by_label("사유").fill(WHY)
    look(admin, "key-change-form", tmp_path)
    form.get_by_role("button", name="암호키 바꾸기").last.click()
    expect(keys.get_by_role("progressbar")).to_be_visible()
    look(admin, "key-changing", tmp_path)
    expect(keys.get_by_role("progressbar")).to_have_count(0, timeout=2 * SOON_MS)
    expect(keys).to_contain_text("완료 100%")
    expect(keys).to_contain_text("백업이 필요로 하는 동안 보관")
    expect(keys.get_by_role("alert")).to_have_count(0)
    look(admin, "key-changed", tmp_path)
