"""The administrator's guide from the admin web of a running node: the chapter of a page, and what the search finds in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import go, sign_in
from tests.e2e.company import PHONE, new_page
from tests.e2e.demo_desk import violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from tests.e2e.company import Company

pytestmark = pytest.mark.peer


def test_a_page_leads_to_its_chapter_and_the_search_finds_others(company: Company, chromium: Browser) -> None:
    page = new_page(chromium)
    try:
        sign_in(page, company)
        site = company.site.replace("localhost", "admin.localhost")
        link = page.get_by_role("link", name="도움말: 이 화면의 안내서")
        expect(link).to_have_attribute("href", "/help/ko/dashboard#dashboard")
        go(page, "역할")
        with page.context.expect_page() as tab:
            link.click()
        chapter = tab.value
        chapter.wait_for_load_state()
        assert chapter.url == f"{site}/help/ko/roles#roles"
        expect(chapter.get_by_role("heading", name="역할", exact=True)).to_be_in_viewport()
        assert violations(chapter) == []
        chapter.close()
        page.keyboard.press("Control+k")
        page.get_by_role("dialog").get_by_role("combobox").fill("공격 메일 회수")
        option = page.get_by_role("option").filter(has_text="안내서")
        with page.context.expect_page() as tab:
            option.click()
        tab.value.wait_for_load_state()
        assert tab.value.url == f"{site}/help/ko/quarantine#taking-a-wave-out-of-all-mailboxes"
        # The header has room for it on a phone.
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        expect(link).to_be_in_viewport(ratio=1)
        expect(page.get_by_role("button", name="내 계정")).to_be_in_viewport(ratio=1)
    finally:
        page.context.close()
