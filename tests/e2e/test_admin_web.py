"""The admin web on a real node: sign-in, what needs somebody, people, domains, trace, records; wide and on a phone."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import go, rail
from tests.e2e.company import DEMO_PASSWORD, DESKTOP, HERO, PHONE, letter, until_shown
from tests.e2e.pictures import keep_picture

from smartmail.app.demo.people import ADMIN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page
    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer


@pytest.fixture
def admin(company: Company, new_person: Callable[..., Person]) -> Page:
    """The page of an administrator who is signed in."""
    page = new_person(viewport=DESKTOP).page
    page.goto(company.site.replace("localhost", "admin.localhost"))
    page.get_by_label("관리자 주소").fill(ADMIN)
    page.get_by_label("비밀번호").fill(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    rail(page).wait_for()
    return page


def look(page: Page, name: str, tmp_path: Path) -> None:
    """Keep pictures at both widths; nothing may reach beyond the page."""
    for size_name, size in (("wide", DESKTOP), ("phone", PHONE)):
        page.set_viewport_size(size)
        keep_picture(page, tmp_path / f"admin-{name}-{size_name}.png")
        page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size(DESKTOP)


def test_an_administrator_finds_the_way(admin: Page, company: Company, tmp_path: Path) -> None:
    # What needs somebody, and a sum that is right; what nobody looked at is told as such.
    expect(admin.get_by_role("heading", level=1)).to_have_text(re.compile("지금 볼 것"))
    figures = admin.get_by_role("region", name="오늘의 수치")
    expect(figures.get_by_role("link")).to_have_count(6)
    expect(figures.get_by_role("link", name="사용자")).to_contain_text(re.compile("정상 [0-9]+ · 휴면 [0-9]+"))
    admin.get_by_role("button", name="모두 보기").click()
    # A day has not passed, so nobody can say when the disk is full.
    expect(admin.get_by_role("listitem").filter(has_text="디스크가 찰 때까지 남은 날")).to_contain_text("확인 전")
    admin.get_by_role("button", name="접기").click()
    look(admin, "overview", tmp_path)
    go(admin, "사용자")
    rows = admin.get_by_role("table").get_by_role("row")
    expect(rows.filter(has_text=HERO)).to_have_count(1)
    look(admin, "people", tmp_path)
    admin.get_by_label("이름, 주소, 부서, 직위").fill("haeun")
    expect(rows).to_have_count(2)
    rows.nth(1).click()
    expect(admin.get_by_role("complementary")).to_contain_text("haeun.choi@hanbit.example")
    look(admin, "person", tmp_path)
    admin.keyboard.press("Escape")
    expect(admin.get_by_role("complementary")).to_have_count(0)
    for name in ("도메인", "적용 중인 정책", "발송 대기열", "메일 추적", "격리함", "감사기록"):
        go(admin, name)
        look(admin, name, tmp_path)
    # A page is an address of its own: it opens again where one was.
    admin.reload()
    admin.get_by_role("heading", name="감사기록").wait_for()


def test_a_message_is_traced(admin: Page, company: Company, tmp_path: Path) -> None:
    company.deliver(HERO, letter(HERO, "추적할 메일"))
    go(admin, "메일 추적")
    row = admin.get_by_role("row").filter(has_text="추적할 메일")
    until_shown(row, admin.get_by_role("button", name="찾기").click)
    row.first.click()
    panel = admin.get_by_role("complementary")
    expect(panel).to_contain_text("접수")
    expect(panel).to_contain_text(f"{datetime.now(ZoneInfo('Asia/Seoul')).year}. ")
    expect(panel).to_contain_text(HERO)
    look(admin, "story", tmp_path)


def test_who_administers_nothing_stays_outside(company: Company, new_person: Callable[..., Person]) -> None:
    page = new_person(viewport=DESKTOP).page
    page.goto(company.site.replace("localhost", "admin.localhost"))
    page.get_by_label("관리자 주소").fill("haeun.choi@hanbit.example")
    page.get_by_label("비밀번호").fill(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("heading", name="관리자 로그인")).to_be_visible()
