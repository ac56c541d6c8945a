"""What an administrator hears who does not see: people are picked, changed and changed back, by the roles and names that
Chromium gives to a screen reader.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import go, sign_in
from tests.e2e.company import DESKTOP
from tests.e2e.controls import pick
from tests.e2e.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer
LANDMARKS = ("banner", "navigation", "search", "main")


def test_people_are_picked_and_moved(company: Company, new_person: Callable[..., Person]) -> None:
    page = sign_in(new_person(viewport=DESKTOP).page, company)
    reader = Reader(page)
    go(page, "사용자")
    parts = ["banner", "navigation 메뉴", "main", "navigation 사용자", "search"]
    assert [one for one in reader.all(*LANDMARKS) if one in parts] == parts
    assert reader.all("heading")[0] == "heading 사용자"
    assert "table 사용자" in reader.all("table")
    people = page.get_by_role("table").locator("tbody").get_by_role("row")
    names = [people.nth(at).locator("strong").inner_text() for at in (1, 2)]
    # A row that is come to says who it is, where, and how the account is.
    people.nth(1).focus()
    reader.comes_to(f"^row .*{re.escape(names[0])}.*@.*정상")
    for at, name in enumerate(names, 1):
        people.nth(at).get_by_role("checkbox").press("Space")
        reader.comes_to(f"^checkbox {name} 선택$")
    acts = page.get_by_role("toolbar", name="선택한 사용자 작업")
    expect(acts).to_contain_text("2명 선택")
    acts.get_by_role("button", name="부서 이동").press("Enter")
    dialog = page.get_by_role("dialog")
    reader.comes_to("^combobox 부서$")
    assert {"dialog 2명 선택 – 부서 이동", "button 미리 보기", "button 취소"} <= set(reader.all("dialog", "button"))
    pick(dialog.get_by_label("부서"), 1)
    dialog.get_by_role("button", name="미리 보기").press("Enter")
    # What it meets is told, and the same button does it.
    expect(dialog.get_by_role("status")).to_have_text("2명에게 적용합니다.")
    reader.comes_to("^button 부서 이동$")
    page.keyboard.press("Enter")
    told = page.get_by_role("status").filter(has_text=re.compile("부서 이동: 2명 완료"))
    told.wait_for()
    reader.comes_to(f"^checkbox {names[1]} 선택$")
    told.get_by_role("button", name="실행 취소").press("Enter")
    expect(page.get_by_role("status").filter(has_text="2명 중 2명의 변경을 취소했습니다.")).to_be_visible()
    reader.comes_to(f"^checkbox {names[1]} 선택$")
