"""Big attachments by link in Chromium, on a real node: sent, cut off, gone on with, fetched without scripts, revoked."""

from __future__ import annotations

import hashlib
import os
import pathlib
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Route, expect
from tests.e2e.company import DESKTOP, PHONE, Company, Person, new_page, until_shown
from tests.e2e.demo_desk import violations
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.peer

TITLES = {
    "ko": "대용량첨부", "en": "A file for you", "ja": "大容量ファイル", "zh-CN": "大文件下载", "zh-TW": "大型檔案下載",
}  # fmt: skip


def shot(page, name: str) -> None:
    """Keep a picture of both widths where SHOTS says so; nothing may stick out."""
    folder = os.environ.get("SMARTMAIL_SHOTS")
    for width, size in (("wide", DESKTOP), ("phone", PHONE)):
        page.set_viewport_size(size)
        # The shell takes its form for the width a frame after the window has it.
        page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
        if folder:
            page.screenshot(path=str(pathlib.Path(folder) / f"{name}-{width}.png"))
    page.set_viewport_size(DESKTOP)


def test_a_big_file_goes_as_a_link_and_is_taken_back(company: Company, chromium: Browser, tmp_path: Path) -> None:
    new_account(company, "big@hanbit.example", "큰파일")
    # A page of its own: a line that is cut shows on the console, as it should.
    page = Person(new_page(chromium, viewport=DESKTOP), company.site).sign_in("big@hanbit.example", PASSWORD).page
    page.goto(f"{company.site}/#/big-files")
    page.get_by_role("heading", name="대용량첨부", exact=True).wait_for()
    shot(page, "empty")
    octets = os.urandom(3 << 20)
    file = tmp_path / "설계 도면 최종본.zip"
    file.write_bytes(octets)

    # The line is cut while the file goes: it goes on by itself.
    cuts: list[str] = []

    def cut(route: Route) -> None:
        if route.request.method == "PATCH" and len(cuts) < 2:
            cuts.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/files/tus/**", cut)
    page.get_by_label("파일 올리기").set_input_files(file)
    expect(page.get_by_text("링크로 보냅니다")).to_be_visible(timeout=60_000)
    assert len(cuts) == 2
    expect(page.get_by_role("heading", name="설계 도면 최종본.zip")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="링크 만들기").click()
    page.get_by_role("dialog").get_by_role("button", name="링크 만들기").click()
    expect(page.get_by_text("링크를 가진 누구나")).to_be_visible()
    expect(page.get_by_text("악성코드 검사 중")).to_have_count(0, timeout=60_000)
    url = page.evaluate(
        """async () => {
            const session = await (await fetch('/jmap/session')).json();
            const [accountId] = Object.keys(session.accounts);
            const answer = await fetch('/jmap/api/', { method: 'POST', headers: { 'x-smartmail': '1',
                'content-type': 'application/json' }, body: JSON.stringify({
                using: Object.keys(session.capabilities), methodCalls: [['FileLink/get', { accountId, ids: null }, '0']] }) });
            return (await answer.json()).methodResponses[0][1].list[0].url;
        }"""
    )
    where = company.site + re.sub(r"^https://[^/]+", "", url)

    # Whoever gets it has no account, and no scripts.
    for language, title in TITLES.items():
        context = chromium.new_context(
            java_script_enabled=False, ignore_https_errors=True, locale=language, viewport=DESKTOP
        )
        reader = context.new_page()
        reader.goto(where)
        expect(reader.get_by_role("heading", name=title)).to_be_visible()
        folder = os.environ.get("SMARTMAIL_SHOTS")
        if folder:
            reader.screenshot(path=f"{folder}/page-{language}.png")
            reader.set_viewport_size(PHONE)
            reader.screenshot(path=f"{folder}/page-{language}-phone.png")
        if language == "ko":
            with reader.expect_download() as waiting:
                reader.get_by_role("button", name="내려받기").click()
            download = waiting.value
            assert download.suggested_filename == "설계 도면 최종본.zip"
            fetched = pathlib.Path(str(download.path())).read_bytes()
            assert hashlib.sha256(fetched).digest() == hashlib.sha256(octets).digest()
        context.close()

    def look_again() -> None:
        page.reload()
        page.get_by_role("button", name="내려받은 기록").click()

    # What was fetched is written down a moment after its last octet.
    look_again()
    until_shown(page.get_by_text("모두 받음"), look_again)
    expect(page.get_by_text("모두 받음")).to_be_visible()
    expect(page.get_by_text("100번 중 1번 받음")).to_be_visible()
    shot(page, "links")
    assert violations(page) == []
    page.get_by_role("button", name="7일 연장").click()
    expect(page.get_by_text("늘렸습니다").first).to_be_visible()
    page.get_by_role("button", name="링크 취소").click()
    page.get_by_role("dialog").get_by_role("button", name="링크 취소").click()
    expect(page.get_by_text("취소한 링크", exact=False).first).to_be_visible()
    gone = chromium.new_context(java_script_enabled=False, ignore_https_errors=True, locale="ko").new_page()
    gone.goto(where)
    expect(gone.get_by_text("보낸 사람이 이 링크를 취소했습니다.")).to_be_visible()
    gone.context.close()
    page.context.close()
