"""Records of the admin web are sentences: who did what to whom, without codes and without lists of numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import go, look, panel, sign_in
from tests.e2e.company import DESKTOP
from tests.e2e.controls import pick

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page
    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer


@pytest.fixture
def admin(company: Company, new_person: Callable[..., Person]) -> Page:
    """The page of an administrator who is signed in."""
    return sign_in(new_person(viewport=DESKTOP).page, company)


def test_records_are_sentences(admin: Page, tmp_path: Path) -> None:
    go(admin, "사용자")
    admin.get_by_role("row").filter(has_text="haeun.choi@hanbit.example").click()
    expect(panel(admin)).to_contain_text("haeun.choi@hanbit.example")
    go(admin, "감사기록")
    table = admin.get_by_role("table")
    expect(table).to_contain_text(re.compile(r"님이 사용자 [\d,]+명의 정보를 조회했습니다"))
    # Neither codes nor ids stand in the list, and no column is pressed into one letter a line.
    assert not re.search(r"access\.|login\.|ids:|organization:\d", table.inner_text())
    assert all(box["height"] < 100 for row in table.get_by_role("row").all()[:20] if (box := row.bounding_box()))
    row = admin.get_by_role("row").filter(has_text="정보를 조회했습니다").first
    row.click()
    expect(panel(admin)).to_contain_text("access.")
    look(admin, "records-sentence", tmp_path)
    admin.keyboard.press("Escape")
    pick(admin.get_by_label("종류"), "로그인")
    admin.get_by_role("button", name="찾기").click()
    expect(table).to_contain_text("님이 로그인했습니다 (관리자 웹)")
    expect(table).not_to_contain_text("조회했습니다")
    go(admin, "열람 기록")
    expect(admin.get_by_role("table")).to_contain_text("님의 사용자 정보를 조회했습니다")
    look(admin, "looks-sentence", tmp_path)
