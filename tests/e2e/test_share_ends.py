"""A mailbox is shared until a day, on a real node: the day stands in the dialog, a letter tells of it, the end takes it away."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, Route, expect
from tests.e2e.company import DESKTOP, PHONE, Company, Person
from tests.e2e.demo_desk import violations
from tests.e2e.offered import offered
from tests.e2e.pictures import keep_picture
from tests.e2e.test_folders_and_sharing import act, make, rail
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.peer
_END = re.compile(r'("shareEnds/\w+":)"[^"]+"')


def said(day: date) -> re.Pattern[str]:
    return re.compile(f"{day.month}월 {day.day}일까지")


def bring_the_end_near(page: Page) -> None:
    """Nobody waits for a midnight: the day that is chosen from now on is over in some seconds."""

    def near(route: Route) -> None:
        soon = f"{datetime.now(UTC) + timedelta(seconds=15):%Y-%m-%dT%H:%M:%SZ}"
        route.continue_(post_data=_END.sub(rf'\1"{soon}"', route.request.post_data or ""))

    page.route("**/jmap/api/**", near)


def test_a_mailbox_is_shared_until_a_day_and_goes_when_it_is_over(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    new_account(company, "lender@hanbit.example", "임대인")
    new_account(company, "tenant@hanbit.example", "임차인")
    page = new_person(viewport=DESKTOP).sign_in("lender@hanbit.example", PASSWORD).page
    first, later = date.today() + timedelta(days=10), date.today() + timedelta(days=20)
    make(page, "감사 자료")
    act(page, "감사 자료", "공유")
    dialog = page.get_by_role("dialog")
    offered(dialog.get_by_label("공유 대상"), "임차인", "임차인")
    page.keyboard.press("Enter")
    dialog.get_by_label("마지막 날").fill(first.isoformat())
    keep_picture(page, tmp_path / "share-until.png")
    assert violations(page) == []
    dialog.get_by_role("button", name="공유하기").click()
    expect(page.get_by_role("status").filter(has_text="1명에게 메일함 1개를 공유했습니다.")).to_be_attached()

    tenant = new_person(viewport=DESKTOP).sign_in("tenant@hanbit.example", PASSWORD)
    shared = tenant.page.get_by_role("navigation").get_by_role("link", name="감사 자료")
    expect(shared).to_be_visible()
    letter = tenant.read("메일함을 공유받았습니다: 감사 자료")
    for words in ("임대인", first.isoformat(), "보기"):
        expect(letter.locator("body")).to_contain_text(words)
    keep_picture(tenant.page, tmp_path / "letter.png")
    tenant.back()

    row = dialog.get_by_role("listitem").filter(has_text="임차인")
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="메일함 열기").click()
    act(page, "감사 자료", "공유")
    row.get_by_role("button", name=said(first)).click()
    row.get_by_label("마지막 날").scroll_into_view_if_needed()
    keep_picture(page, tmp_path / "share-phone.png")
    assert violations(page) == []
    dialog.get_by_role("button", name="닫기").click()
    page.set_viewport_size(DESKTOP)

    act(page, "감사 자료", "공유")
    row.get_by_role("button", name=said(first)).click()
    row.get_by_label("마지막 날").fill(later.isoformat())
    keep_picture(page, tmp_path / "share-later.png")
    assert violations(page) == []
    row.get_by_role("button", name="바꾸기").click()
    expect(row.get_by_role("button", name=said(later))).to_be_visible()

    expect(shared).to_be_visible()
    bring_the_end_near(page)
    row.get_by_role("button", name=said(later)).click()
    row.get_by_label("마지막 날").fill(first.isoformat())
    row.get_by_role("button", name="바꾸기").click()
    # Without a reload, as it happens.
    expect(shared).to_have_count(0, timeout=90_000)
    tenant.bring("메일함 공유가 종료되었습니다: 감사 자료")
    assert rail(tenant.page).is_visible()
