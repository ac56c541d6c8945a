"""People of the admin web: narrowed, sorted, picked, changed at once and taken back; whoever is asked for is looked up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import go, look, panel, sign_in
from tests.e2e.company import DESKTOP
from tests.e2e.controls import offered_by, pick

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Page
    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer


@pytest.fixture
def admin(company: Company, new_person: Callable[..., Person]) -> Page:
    """The page of an administrator who is signed in."""
    return sign_in(new_person(viewport=DESKTOP).page, company)


def rows_of(page: Page) -> Locator:
    """Rows of the list without its head."""
    return page.get_by_role("table").locator("tbody").get_by_role("row")


def number_in(text: str) -> int:
    """The number after 조건에 맞는 사람, else the first one."""
    found = re.search(r"사람 ([\d,]+)명", text) or re.search(r"([\d,]+)명", text)
    assert found, text
    return int(found[1].replace(",", ""))


def test_people_are_narrowed_sorted_and_counted(admin: Page, tmp_path: Path) -> None:
    go(admin, "사용자")
    head = admin.locator(".head p")
    expect(head).to_have_text(re.compile(r"^[\d,]+명$"))
    whole = number_in(head.inner_text())
    pick(admin.get_by_label("부서", exact=True), 2)
    expect(head).to_contain_text("조건에 맞는 사람")
    # The words come with the choice, the number with the answer.
    expect(head).not_to_contain_text(f"사람 {whole:,}명")
    some = number_in(head.inner_text())
    assert 0 < some < whole
    expect(rows_of(admin)).to_have_count(some)
    # What is narrowed is an address: it opens again as it was.
    admin.reload()
    expect(rows_of(admin)).to_have_count(some)
    look(admin, "people-narrowed", tmp_path)
    pick(admin.get_by_label("부서", exact=True), "")
    pick(admin.get_by_label("2단계 인증", exact=True), "none")
    expect(head).to_contain_text("조건에 맞는 사람")
    pick(admin.get_by_label("2단계 인증", exact=True), "")
    expect(admin.locator("[aria-busy=true]")).to_have_count(0)
    column = admin.get_by_role("columnheader", name="이름")
    expect(column).to_have_attribute("aria-sort", "ascending")
    first = rows_of(admin).first.locator("strong").inner_text()
    column.get_by_role("button").click()
    expect(column).to_have_attribute("aria-sort", "descending")
    expect(rows_of(admin).first.locator("strong")).not_to_have_text(first)


def test_many_are_moved_and_moved_back(admin: Page, tmp_path: Path) -> None:
    go(admin, "사용자")
    pick(admin.get_by_label("종류", exact=True), "person")
    expect(admin.locator(".head p")).to_contain_text("조건에 맞는 사람")
    expect(admin.locator("[aria-busy=true]")).to_have_count(0)
    names = []
    for at in (1, 2, 3):
        row = rows_of(admin).nth(at)
        names.append(row.locator("strong").inner_text())
        row.get_by_role("checkbox").check()
    before = [department_of(admin, name) for name in names]
    bar = admin.get_by_role("toolbar", name="선택한 사용자 작업")
    expect(bar).to_contain_text("3명 선택")
    look(admin, "people-picked", tmp_path)
    bar.get_by_role("button", name="부서 이동").click()
    dialog = admin.get_by_role("dialog")
    field = dialog.get_by_label("부서")
    to = next(one for one in offered_by(field) if one not in before)
    pick(field, to)
    dialog.get_by_role("button", name="미리 보기").click()
    expect(dialog.get_by_role("status")).to_have_text("3명에게 적용합니다.")
    dialog.get_by_role("button", name="부서 이동").click()
    told = admin.get_by_role("status").filter(has_text="부서 이동: 3명 완료")
    expect(told).to_be_visible()
    for name in names:
        expect(row_of(admin, name)).to_contain_text(to)
    told.get_by_role("button", name="실행 취소").click()
    expect(admin.get_by_text("3명 중 3명의 변경을 취소했습니다.")).to_be_visible()
    for name, department in zip(names, before, strict=True):
        expect(row_of(admin, name)).to_contain_text(department)


def row_of(page: Page, name: str) -> Locator:
    """The row of somebody."""
    return rows_of(page).filter(has=page.locator("strong", has_text=re.compile(f"^{name}$")))


def department_of(page: Page, name: str) -> str:
    """The department that the list says of somebody."""
    return row_of(page, name).locator("td").nth(3).inner_text()


def test_whoever_is_asked_for_is_looked_up(admin: Page) -> None:
    asked: list[str] = []
    admin.on("request", lambda one: asked.append(one.url) if "/admin/v1/accounts?" in one.url else None)
    go(admin, "발송 정지")
    admin.get_by_role("button", name="발송 정지").click()
    field = panel(admin).get_by_role("combobox", name="메일 주소")
    field.press_sequentially("ㅊㅎㅇ")
    option = admin.get_by_role("option").filter(has_text="haeun.choi@hanbit.example")
    option.click()
    expect(field).to_have_value("haeun.choi@hanbit.example")
    # Nobody's list is fetched whole for that.
    assert [one for one in asked if "limit=500" in one] == []
