"""Reports and updates in the admin web, on a real node: read, taken with a reason, planned; a bundle of nobody is refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import go, look, sign_in
from tests.e2e.company import DESKTOP
from tests.unit.serving.test_update_bundle import PUBLIC, bundle

from smartmail.adapters.clock import SystemClock
from smartmail.domain.figures import day_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer
SOON_MS = 60_000


@pytest.fixture
def admin(company: Company, new_person: Callable[..., Person]) -> Page:
    """The page of an administrator who is signed in."""
    return sign_in(new_person(viewport=DESKTOP).page, company)


def test_a_report_is_read_taken_and_planned(admin: Page, tmp_path: Path) -> None:
    go(admin, "보고서")
    admin.get_by_text("일간", exact=True).click()
    admin.get_by_label("날짜").fill(day_of(SystemClock().now()).isoformat())
    expect(admin.get_by_role("table").first).to_be_visible(timeout=SOON_MS)
    expect(admin.get_by_text("가용성", exact=True)).to_be_visible(timeout=SOON_MS)
    look(admin, "reports", tmp_path)
    admin.get_by_role("button", name="엑셀 파일로 받기").click()
    admin.get_by_label("사유").fill("경영 회의 자료로 씁니다")
    with admin.expect_download(timeout=SOON_MS) as download:
        admin.get_by_role("button", name="엑셀 파일로 받기").last.click()
    octets = Path(download.value.path()).read_bytes()
    assert zipfile.ZipFile(io.BytesIO(octets)).testzip() is None
    assert download.value.suggested_filename.endswith(".xlsx")
    admin.get_by_role("button", name="메일 발송 설정").first.click()
    admin.get_by_role("checkbox", name="월간").check()
    look(admin, "reports-plan", tmp_path)
    admin.get_by_role("button", name="메일 발송 설정").last.click()
    expect(admin.get_by_text("기간이 끝나면 관리자에게 메일로 보냅니다: 월간")).to_be_visible()


def test_an_update_is_checked_before_anything(admin: Page, tmp_path: Path) -> None:
    import base64

    go(admin, "업데이트")
    expect(admin.get_by_text("처음 설치한 버전")).to_be_visible()
    admin.get_by_role("button", name="키 등록·교체").first.click()
    admin.get_by_label("공개키(Base64)").fill(base64.b64encode(PUBLIC).decode())
    admin.get_by_role("button", name="키 등록·교체").last.click()
    expect(admin.get_by_text("공급사의 키가 아직 등록되지 않았습니다.")).to_have_count(0, timeout=SOON_MS)
    changed = tmp_path / "changed.bundle"
    changed.write_bytes(bundle()[:-1])
    admin.get_by_label("업데이트 파일 선택").set_input_files(str(changed))
    expect(admin.get_by_role("alert")).to_be_visible(timeout=SOON_MS)
    good = tmp_path / "good.bundle"
    good.write_bytes(bundle())
    admin.get_by_label("업데이트 파일 선택").set_input_files(str(good))
    expect(admin.get_by_text("CVE-2026-1")).to_be_visible(timeout=SOON_MS)
    table = tmp_path / "countries.csv"
    table.write_text("198.51.100.0/24,JP\n203.0.113.0/24,KR\n")
    admin.get_by_label("국가·네트워크 파일 선택").set_input_files(str(table))
    expect(admin.get_by_text("countries.csv")).to_be_visible(timeout=SOON_MS)
    look(admin, "updates", tmp_path)
