"""The frame of the admin web: twelve places with tabs, the pages that one was at last, and the drawer of a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import ENTRIES, WORDS, go, look, rail, sign_in
from tests.e2e.company import DESKTOP, PHONE

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer


@pytest.fixture
def admin(company: Company, new_person: Callable[..., Person]) -> Page:
    return sign_in(new_person(viewport=DESKTOP).page, company)


def test_twelve_places_and_the_pages_that_one_was_at(admin: Page) -> None:
    links = rail(admin).get_by_role("link")
    expect(links).to_have_count(len(ENTRIES))
    # All of them are in sight at once: nothing is scrolled for.
    for at in range(len(ENTRIES)):
        expect(links.nth(at)).to_be_in_viewport(ratio=1)
    recent = admin.get_by_role("navigation", name="최근 본 곳")
    expect(recent).to_have_count(0)
    for name in ("퇴직자 처리", "사용자", "차단된 IP", "인증서 자동 발급", "정책 이력"):
        go(admin, name)
    # The newest first; what the rail opens anyway is not kept, nor more than three.
    expect(recent.get_by_role("link")).to_have_text(["정책 이력", "인증서 자동 발급", "인증서"])
    recent.get_by_role("link", name="인증서 자동 발급").click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("인증서 자동 발급")
    expect(rail(admin).get_by_role("link", name="서버·저장소")).to_have_attribute("aria-current", "page")
    tabs = admin.get_by_role("navigation", name="서버·저장소")
    expect(tabs.get_by_role("link", name="인증서", exact=True).first).to_have_attribute("aria-current", "true")
    # They last over a reload, and the page's own address opens it.
    admin.reload()
    expect(recent.get_by_role("link").first).to_have_text("인증서 자동 발급")
    expect(tabs.get_by_role("link", name="인증서 자동 발급")).to_have_attribute("aria-current", "page")


def test_the_theme_is_turned_and_kept(admin: Page) -> None:
    theme = "document.documentElement.dataset.theme"
    assert admin.evaluate(theme) == "light"
    admin.get_by_role("button", name=WORDS["theme.dark"]).click()
    admin.wait_for_function(f"{theme} === 'dark'")
    admin.reload()
    rail(admin).wait_for()
    assert admin.evaluate(theme) == "dark"
    admin.get_by_role("button", name=WORDS["theme.light"]).click()
    admin.wait_for_function(f"{theme} === 'light'")


def test_a_phone_has_a_drawer(admin: Page, tmp_path: pathlib.Path) -> None:
    look(admin, "shell", tmp_path)
    admin.set_viewport_size(PHONE)  # type: ignore[arg-type]
    expect(rail(admin)).to_be_hidden()
    admin.get_by_role("button", name="메뉴").click()
    rail(admin).get_by_role("link", name="서버·저장소").click()
    expect(rail(admin)).to_be_hidden()
    expect(admin.get_by_role("heading", level=1)).to_have_text("프로세스·로그")
    # The tab that one is at is in sight, also where the row is wider than the phone.
    admin.get_by_role("navigation", name="서버·저장소").get_by_role("link", name="업데이트").click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("업데이트")
    expect(admin.get_by_role("navigation", name="서버·저장소").get_by_role("link", name="업데이트")).to_be_in_viewport(
        ratio=1
    )
    admin.get_by_role("button", name="메뉴").click()
    expect(rail(admin)).to_be_visible()
    admin.keyboard.press("Escape")
    expect(rail(admin)).to_be_hidden()
