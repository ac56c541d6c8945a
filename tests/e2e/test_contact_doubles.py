"""People who are in the address book twice: shown first, made one, and two again by undo; on a desk and a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.demo_desk import DESKTOP, PHONE, Desk, violations
from tests.e2e.pictures import keep_picture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.peer

TWICE = "junho.lim@daeyang-parts.example"
"""Somebody in the demo's address book."""


def visit(desk: Desk) -> Page:
    page = desk.open()
    page.goto(f"{desk.site}/#/contacts")
    page.locator(".section [role=row]").first.wait_for()
    return page


def add(page: Page, name: str, email: str, phone: str) -> None:
    page.get_by_role("button", name="연락처 추가").click()
    panel = page.get_by_role("complementary", name="연락처 추가")
    panel.get_by_label("이름", exact=True).fill(name)
    panel.get_by_role("textbox", name="메일", exact=True).fill(email)
    panel.get_by_role("button", name="전화번호 추가").click()
    panel.get_by_role("textbox", name="전화", exact=True).fill(phone)
    panel.get_by_role("button", name="저장").click()
    page.get_by_role("complementary", name="연락처 정보").get_by_role("button", name="닫기").click()


def look(page: Page) -> Locator:
    page.locator(".section header").first.get_by_role("button", name="더 보기").click()
    page.get_by_role("menuitem", name="중복 연락처 합치기").click()
    return page.get_by_role("dialog", name="중복 연락처 합치기")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_doubles_are_shown_merged_and_brought_back(
    new_desk: Callable[..., Desk], tmp_path: Path, viewport: dict[str, int]
) -> None:
    page = visit(new_desk(viewport))
    people = page.locator(".section [role=row]").filter(has_text="임준호")
    expect(people).to_have_count(1)
    dialog = look(page)
    expect(dialog).to_contain_text("중복된 연락처가 없습니다.")
    dialog.get_by_role("button", name="닫기").last.click()

    add(page, "임준호", TWICE.upper(), "02-700-1234")
    add(page, "대양부품 영업", TWICE, "02-700-0000")
    expect(people).to_have_count(2)
    dialog = look(page)
    row = dialog.get_by_role("listitem")
    expect(row).to_have_count(1)
    # Three under one address, one of them of another name: the person says whether it is one.
    expect(row).to_contain_text("이름이 다릅니다")
    expect(row.get_by_role("checkbox")).not_to_be_checked()
    expect(row).to_contain_text("합친 뒤:")
    row.get_by_role("checkbox").check(force=True)
    keep_picture(page, tmp_path / "doubles.png")
    assert violations(page) == []
    dialog.get_by_role("button", name="1건 합치기").click()
    expect(dialog).to_have_count(0)
    expect(people).to_have_count(1)
    people.click()
    card = page.get_by_role("complementary", name="연락처 정보")
    for said in ("02-700-1234", "02-700-0000", "010-5555-"):
        expect(card).to_contain_text(said)
    card.get_by_role("button", name="닫기").click()
    page.keyboard.press("z")
    expect(people).to_have_count(2)
