"""Each recipient of a big file has a link of their own, and all of one's mail is delegated for a time: on a real node."""

from __future__ import annotations

import os
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.company import DESKTOP, PARTNER, PHONE, Company, Person, parsed, wait_for_mail
from tests.e2e.demo_desk import violations
from tests.e2e.offered import offered
from tests.e2e.pictures import keep_picture
from tests.e2e.test_big_files_writing import held
from tests.e2e.test_second_factor import PASSWORD, new_account
from tests.peers.served import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.peer

SUBJECT = "설계 도면을 따로 보냅니다"
FILE = "설계 도면 묶음.zip"
COLLEAGUE = "apart.reader@hanbit.example"
EACH = "받는 사람마다 다른 링크"


def look(page: Page, name: str, folder: Path) -> None:
    """Keep a picture at both widths; nothing may stick out, and nobody may be kept out."""
    for width, size in (("phone", PHONE), ("wide", DESKTOP)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
        keep_picture(page, folder / f"{name}-{width}.png")
        assert violations(page) == []


def by_recipient(page: Page) -> dict[str, dict[str, Any]]:
    return {one["recipient"]: one for one in held(page, "FileLink")}


def test_each_recipient_has_a_link_of_their_own(
    company: Company, chromium: Browser, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    new_account(company, "apart@hanbit.example", "따로보냄", big_files__switch_octets=2 << 20)
    new_account(company, COLLEAGUE, "따로받음")
    person = new_person(viewport=DESKTOP).sign_in("apart@hanbit.example", PASSWORD)
    page = person.page
    file = tmp_path / FILE
    file.write_bytes(os.urandom(3 << 20))
    person.compose(PARTNER, SUBJECT)
    page.get_by_role("combobox", name="받는사람").fill(f"{COLLEAGUE},")
    person.write("각자의 링크로 받으세요.")
    window = page.get_by_role("region", name=SUBJECT)
    window.locator("footer input[type=file]").set_input_files(file)
    row = window.get_by_role("list", name="대용량첨부").get_by_role("listitem")
    expect(row).to_contain_text("링크로 보냅니다", timeout=60_000)
    window.get_by_role("button", name="변경").click()
    window.get_by_role("checkbox", name=EACH).check()
    expect(window).to_contain_text("한 사람의 링크만 취소")
    look(page, "each", tmp_path)
    person.send()
    expect(person.notices).to_contain_text("2명에게 따로 보냈습니다", timeout=60_000)

    links = by_recipient(page)
    assert set(links) == {PARTNER, COLLEAGUE}
    assert len({one["url"] for one in links.values()}) == 2

    # Everybody is named, and everybody has one link: their own.
    with company.branch_imap() as session:
        outside = parsed(wait_for_mail(session, SUBJECT))
    reader = new_person(viewport=DESKTOP).sign_in(COLLEAGUE, PASSWORD)
    reader.read(SUBJECT)
    with company.imap(COLLEAGUE, PASSWORD) as session:
        inside = parsed(wait_for_mail(session, SUBJECT))
    for mail, own, other in ((outside, PARTNER, COLLEAGUE), (inside, COLLEAGUE, PARTNER)):
        for address in (PARTNER, COLLEAGUE):
            assert address in mail["To"]
        body = mail.get_body(("plain",))
        assert body is not None
        words = body.get_content()
        assert words.count(links[own]["url"]) == 1
        assert links[other]["url"] not in words

    def at(address: str) -> str:
        return company.site + re.sub(r"^https://[^/]+", "", links[address]["url"])

    # One of them fetches it; the sender sees who, and takes the other one's link away alone.
    scriptless = chromium.new_context(java_script_enabled=False, ignore_https_errors=True, locale="ko").new_page()
    scriptless.goto(at(COLLEAGUE))
    with scriptless.expect_download() as waiting:
        scriptless.get_by_role("button", name="내려받기").click()
    assert waiting.value.suggested_filename == FILE
    waiting.value.path()

    page.goto(f"{company.site}/#/big-files")
    page.reload()
    expect(page.get_by_text("링크를 받은 2명 중 1명이 내려받음")).to_be_visible()
    mine = page.locator("ul.links > li")
    expect(mine.filter(has_text=COLLEAGUE).get_by_role("button", name="내려받은 기록")).to_be_visible()
    expect(mine.filter(has_text=PARTNER).get_by_role("button", name="내려받은 기록")).to_have_count(0)
    look(page, "each-log", tmp_path)
    mine.filter(has_text=PARTNER).get_by_role("button", name="링크 취소").click()
    page.get_by_role("dialog").get_by_role("button", name="링크 취소").click()
    expect(mine.filter(has_text=PARTNER)).to_contain_text("취소한 링크")
    # The page shows it before the server has answered.
    ends = {PARTNER: "revoked", COLLEAGUE: None}
    until(lambda: {address: one["end"] for address, one in by_recipient(page).items()} == ends, 60, "one link revoked")
    # More people, named at once.
    page.get_by_role("button", name="링크 만들기").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("받는 사람 메일 주소").fill("first@far.example, second@far.example")
    look(page, "each-more", tmp_path)
    dialog.get_by_role("button", name="링크 만들기").click()
    for address in ("first@far.example", "second@far.example"):
        expect(mine.filter(has_text=address)).to_have_count(1)
    scriptless.goto(at(PARTNER))
    expect(scriptless.get_by_text("보낸 사람이 이 링크를 취소했습니다.")).to_be_visible()
    scriptless.goto(at(COLLEAGUE))
    expect(scriptless.get_by_role("button", name="내려받기")).to_be_visible()
    scriptless.context.close()


def test_all_mail_is_delegated_until_a_day(company: Company, new_person: Callable[..., Person], tmp_path: Path) -> None:
    new_account(company, "absent.owner@hanbit.example", "위임하는이")
    new_account(company, "deputy.reader@hanbit.example", "대리인석")
    owner = new_person(viewport=DESKTOP).sign_in("absent.owner@hanbit.example", PASSWORD)
    page, last = owner.page, date.today() + timedelta(days=10)
    page.goto(f"{company.site}/#/settings/delegates")
    expect(page.get_by_text("위임받은 사람이 없습니다.")).to_be_visible()
    page.get_by_role("button", name="위임", exact=True).click()
    dialog = page.get_by_role("dialog")
    offered(dialog.get_by_label("공유 대상"), "대리인석", "대리인석")
    page.keyboard.press("Enter")
    dialog.get_by_role("radio", name="편집 가능").check()
    dialog.get_by_label("마지막 날").fill(last.isoformat())
    look(page, "delegate", tmp_path)
    dialog.get_by_role("button", name="위임", exact=True).click()
    row = page.get_by_role("list", name="위임받은 사람").get_by_role("listitem")
    until = row.get_by_role("button", name=f"{last.month}월 {last.day}일까지")
    expect(until).to_be_visible()
    expect(row).to_contain_text("대리인석")
    look(page, "delegates", tmp_path)

    deputy = new_person(viewport=DESKTOP).sign_in("deputy.reader@hanbit.example", PASSWORD)
    letter = deputy.read("메일함을 공유받았습니다: 모든 메일함")
    for words in ("위임하는이", last.isoformat(), "편집 가능"):
        expect(letter.locator("body")).to_contain_text(words)
    shared = deputy.page.get_by_role("navigation").get_by_text("위임하는이")
    expect(shared.first).to_be_visible()

    # Without an end, then not at all.
    until.click()
    row.get_by_role("button", name="기한 삭제").click()
    expect(row.get_by_role("button", name="기한 없음")).to_be_visible()
    row.get_by_role("button", name="대리인석 빼기").click()
    expect(page.get_by_text("위임받은 사람이 없습니다.")).to_be_visible()
    expect(shared).to_have_count(0)
