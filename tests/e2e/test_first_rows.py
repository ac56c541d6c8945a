"""The first page is quick because it asks for little: six requests until the rows are there, the rest after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import Company, Person, letter
from tests.e2e.first_rows import CLOCKS, before_rows, requests_of
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.peer

MOST = 6


@pytest.fixture(scope="module")
def somebody(company: Company) -> str:
    """Somebody of our own with thirty letters."""
    login = "first.rows@hanbit.example"
    new_account(company, login, "첫줄이")
    for at in range(30):
        company.deliver(login, letter(login, f"첫 줄 {at}"))
    return login


@pytest.fixture
def fresh(new_person: Callable[..., Person], company: Company, somebody: str) -> Page:
    """A profile that holds nothing but the session."""
    person = new_person().sign_in(somebody, PASSWORD)
    page = new_person().page
    page.context.add_cookies(person.page.context.storage_state()["cookies"])  # type: ignore[arg-type]
    page.add_init_script(path=CLOCKS)
    return page


def test_the_first_rows_need_six_requests_and_everything_else_comes_after_them(
    fresh: Page, company: Company, somebody: str
) -> None:
    asked = requests_of(fresh)
    fresh.goto(company.site)
    fresh.wait_for_function("() => window.firstRows")
    early = before_rows(fresh, asked)
    assert len(early) <= MOST, early
    assert sum("/jmap/api" in url for url in early) == 1
    assert not [url for url in early if "/jmap/events" in url or "appearance" in url]
    # What waited comes all the same: the stream that new mail is heard by, and who one writes as.
    company.deliver(somebody, letter(somebody, "이어서 온 편지"))
    expect(fresh.get_by_role("row").filter(has_text="이어서 온 편지").first).to_be_visible()
    person = Person(fresh, company.site)
    person.compose("minji.kim@hanbit.example", "보내는 사람이 있습니다")
    expect(fresh.get_by_role("button", name="보내기", exact=True)).to_be_enabled()


def test_an_address_of_a_letter_brings_its_mailbox_along(fresh: Page, company: Company) -> None:
    fresh.goto(company.site)
    row = fresh.get_by_role("row").filter(has_text="첫 줄 29").first
    row.click()
    expect(fresh.locator("article h1").filter(has_text="첫 줄 29")).to_be_visible()
    asked = requests_of(fresh)
    fresh.reload()
    expect(fresh.locator("article h1").filter(has_text="첫 줄 29")).to_be_visible()
    assert any("/jmap/session" in url for _when, url in asked)
    fresh.keyboard.press("u")
    expect(fresh.get_by_role("row").filter(has_text="첫 줄 29").first).to_be_visible()
