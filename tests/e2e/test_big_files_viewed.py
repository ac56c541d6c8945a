"""A big file that is only shown, on a real node: chosen in the letter, looked at without scripts, logged, forced by policy."""

from __future__ import annotations

import os
import pathlib
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.e2e.company import DESKTOP, PARTNER, PHONE, Company, Person, new_page, parsed, until_shown, wait_for_mail
from tests.e2e.demo_desk import violations
from tests.e2e.test_second_factor import PASSWORD, new_account
from tests.jmap_server.test_big_files_viewed import pdf, photograph
from tests.unit.formats_layout import packages as made

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.peer

LANGUAGES = {"ko": "보기 전용", "en": "View only", "ja": "閲覧専用", "zh-CN": "仅供查看", "zh-TW": "僅供檢視"}


def shot(page: Page, name: str) -> None:
    """Keep a picture of both widths where SHOTS says so; nothing may stick out."""
    folder = os.environ.get("SMARTMAIL_SHOTS")
    for width, size in (("wide", DESKTOP), ("phone", PHONE)):
        page.set_viewport_size(size)
        page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
        if folder:
            page.screenshot(path=str(pathlib.Path(folder) / f"{name}-{width}.png"))
    page.set_viewport_size(DESKTOP)


def reader_of(chromium: Browser, language: str = "ko", scheme: str = "light") -> Page:
    """Somebody outside, without scripts."""
    context = chromium.new_context(
        java_script_enabled=False, ignore_https_errors=True, locale=language, viewport=DESKTOP, color_scheme=scheme
    )
    return context.new_page()


def test_a_file_of_a_letter_is_only_shown(company: Company, chromium: Browser, tmp_path: Path) -> None:
    new_account(company, "viewonly@hanbit.example", "보기전용", big_files__switch_octets=1 << 20)
    person = Person(new_page(chromium, viewport=DESKTOP), company.site).sign_in("viewonly@hanbit.example", PASSWORD)
    page = person.page
    subject = "견적서를 보기 전용으로 보냅니다"
    file = tmp_path / "견적서 원본.pdf"
    file.write_bytes(pdf(3) + b"%" + b"A" * (1 << 20))
    person.compose(PARTNER, subject)
    person.write("견적서입니다.")
    window = page.get_by_role("region", name=subject)
    window.locator("footer input[type=file]").set_input_files(file)
    row = window.get_by_role("list", name="대용량첨부").get_by_role("listitem")
    expect(row).to_contain_text("링크로 보냅니다", timeout=60_000)
    window.get_by_role("button", name="변경").click()
    window.get_by_role("checkbox", name="보기 전용").check()
    expect(row).to_contain_text("누구나 · 보기 전용")
    expect(window).to_contain_text("화면으로만 보고")
    window.get_by_role("checkbox", name="받을 수 있는 곳 제한").check()
    window.get_by_label("IP 주소").fill("사무실")
    person.send()
    expect(window).to_contain_text("IP 주소나 대역")
    window.get_by_label("IP 주소").fill("127.0.0.0/8, ::1")
    shot(page, "letter")
    assert violations(page) == []
    person.send()
    expect(person.notices).to_contain_text("보냈습니다")
    with company.branch_imap() as session:
        mail = parsed(wait_for_mail(session, subject))
    body = mail.get_body(("plain",)).get_content()
    assert "보기 전용" in body
    where = company.site + "/files/" + re.search(r"/files/([\w-]+=*)", body)[1]

    reader = reader_of(chromium)
    reader.goto(where)
    expect(reader.get_by_text("보기 전용입니다")).to_be_visible()
    expect(reader.get_by_role("button", name="내려받기")).to_have_count(0)
    shot_plain(reader, "offer")
    reader.get_by_role("button", name="보기").click()
    expect(reader.get_by_role("heading", name="견적서 원본.pdf")).to_be_visible()
    expect(reader.get_by_role("img", name="1쪽")).to_be_visible()
    expect(reader.get_by_role("img")).to_have_count(3)
    expect(reader.get_by_role("banner")).to_contain_text(PARTNER)
    shot_plain(reader, "view-pdf")
    seen = reader.url
    # What shows it gives nothing: not by another door, not by a range.
    secret = seen.split("/files/view/")[1].split("/")[0]
    for address in (seen, f"{company.site}/files/get/{secret}/x"):
        answer = reader.request.get(address, headers={"range": "bytes=0-99"})
        assert answer.status in {200, 404} and not answer.body().startswith(b"%PDF")
    reader.emulate_media(media="print")
    expect(reader.get_by_role("img", name="1쪽")).to_be_hidden()
    reader.emulate_media(media="screen")

    page.goto(f"{company.site}/#/big-files")
    expect(page.get_by_text("보기 전용", exact=False).first).to_be_visible(timeout=60_000)

    def look_again() -> None:
        page.reload()
        page.get_by_role("button", name="본 기록").click()

    # What was seen is written down a moment after its last page.
    page.get_by_role("button", name="본 기록").click()
    until_shown(page.get_by_text("끝까지 봄"), look_again)
    shot(page, "viewed")
    page.get_by_role("button", name="링크 취소").click()
    page.get_by_role("dialog").get_by_role("button", name="링크 취소").click()
    expect(page.get_by_text("취소한 링크", exact=False).first).to_be_visible()
    reader.reload()
    expect(reader.get_by_text("보낸 사람이 이 링크를 취소했습니다.")).to_be_visible()
    reader.context.close()
    page.context.close()


def shot_plain(reader: Page, name: str) -> None:
    """The same for a page that runs no script."""
    folder = os.environ.get("SMARTMAIL_SHOTS")
    for width, size in (("wide", DESKTOP), ("phone", PHONE)):
        reader.set_viewport_size(size)
        if folder:
            reader.screenshot(path=str(pathlib.Path(folder) / f"{name}-{width}.png"))
    reader.set_viewport_size(DESKTOP)


def test_policy_makes_links_view_only_and_every_kind_is_shown(
    company: Company, chromium: Browser, tmp_path: Path
) -> None:
    new_account(company, "onlyview@hanbit.example", "정책보기", big_files__view_only=True)
    page = Person(new_page(chromium, viewport=DESKTOP), company.site).sign_in("onlyview@hanbit.example", PASSWORD).page
    page.goto(f"{company.site}/#/big-files")
    files = {
        "계약서.docx": made.contract(), "예산.xlsx": made.budget(), "발표.pptx": made.plan(), "현장.jpg": photograph(),
        "알 수 없음.bin": b"\0\1\2" * 5000,
    }  # fmt: skip
    for name, octets in files.items():
        (tmp_path / name).write_bytes(octets)
    page.get_by_label("파일 올리기").set_input_files([tmp_path / name for name in files])
    for name in files:
        expect(page.get_by_role("heading", name=name)).to_be_visible(timeout=60_000)
    expect(page.get_by_text("악성코드 검사 중")).to_have_count(0, timeout=60_000)
    urls: dict[str, str] = {}
    for name in files:
        card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=name))
        card.get_by_role("button", name="링크 만들기").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("checkbox", name="보기 전용")).to_be_checked()
        expect(dialog.get_by_role("checkbox", name="보기 전용")).to_be_disabled()
        dialog.get_by_label("받는 사람 메일 주소").fill("lee@partner.example")
        if not urls:
            shot(page, "dialog")
            assert violations(page) == []
        dialog.get_by_role("button", name="링크 만들기").click()
        expect(dialog).to_have_count(0)
        expect(card.get_by_text("lee@partner.example")).to_be_visible()
        urls[name] = link_of(page, name)
    for name, words in (("계약서.docx", "부품 납품 계약서"), ("예산.xlsx", ""), ("발표.pptx", ""), ("현장.jpg", "")):
        reader = reader_of(chromium, scheme="dark" if name == "예산.xlsx" else "light")
        reader.goto(company.site + urls[name])
        reader.get_by_role("button", name="보기").click()
        expect(reader.get_by_role("heading", name=name)).to_be_visible()
        if words:
            expect(reader.get_by_text(words).first).to_be_visible()
        shot_plain(reader, f"view-{name.split('.')[1]}")
        reader.context.close()
    reader = reader_of(chromium)
    reader.goto(company.site + urls["알 수 없음.bin"])
    expect(reader.get_by_text("보여 드릴 수 없는 형식")).to_be_visible()
    expect(reader.get_by_role("button")).to_have_count(0)
    shot_plain(reader, "view-not")
    reader.context.close()
    for language, words in LANGUAGES.items():
        reader = reader_of(chromium, language)
        reader.goto(company.site + urls["현장.jpg"])
        expect(reader.get_by_text(words, exact=False).first).to_be_visible()
        reader.get_by_role("button").click()
        expect(reader.get_by_role("banner")).to_contain_text(words)
        reader.context.close()
    page.context.close()


def link_of(page: Page, name: str) -> str:
    """Return the path of the newest link of a file."""
    return page.evaluate(
        """async (name) => {
            const session = await (await fetch('/jmap/session')).json();
            const [accountId] = Object.keys(session.accounts);
            const call = (type) => [`${type}/get`, { accountId, ids: null }, type];
            const answer = await fetch('/jmap/api/', { method: 'POST', headers: { 'x-smartmail': '1',
                'content-type': 'application/json' }, body: JSON.stringify({
                using: Object.keys(session.capabilities), methodCalls: [call('LinkedFile'), call('FileLink')] }) });
            const [files, links] = (await answer.json()).methodResponses.map((one) => one[1].list);
            const file = files.find((one) => one.name === name);
            return new URL(links.find((one) => one.fileId === file.id).url).pathname;
        }""",
        name,
    )
