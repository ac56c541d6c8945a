"""Big files in the composer, on a real node: by themselves a link, across a reload, bound, taken back, thrown away."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from tests.e2e.company import DESKTOP, PARTNER, Company, Person, new_page, parsed, wait_for_mail
from tests.e2e.demo_desk import violations
from tests.e2e.test_second_factor import PASSWORD, new_account
from tests.e2e.writing_help import letter_of, look, wait_saved

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.peer

NAME = "설계 도면 전체.zip"
SUBJECT = "도면 보내드립니다"
_GET = """async (type) => {
    const session = await (await fetch('/jmap/session')).json();
    const [accountId] = Object.keys(session.accounts);
    const answer = await fetch('/jmap/api/', { method: 'POST', headers: { 'x-smartmail': '1',
        'content-type': 'application/json' }, body: JSON.stringify({
        using: Object.keys(session.capabilities), methodCalls: [[`${type}/get`, { accountId, ids: null }, '0']] }) });
    return (await answer.json()).methodResponses[0][1].list;
}"""

_UNTIL_NONE = f"""async () => {{
    const get = {_GET};
    for (let turn = 0; turn < 3000; turn += 1) {{
        if ((await get('LinkedFile')).length === 0) return;
        await new Promise((done) => requestAnimationFrame(done));
    }}
    throw new Error('files of a letter that was thrown away are left');
}}"""


def held(page: Page, kind: str) -> list[dict[str, Any]]:
    """What the server holds of the person's files or links."""
    return page.evaluate(_GET, kind)


def test_a_big_file_of_a_letter_goes_as_a_link(company: Company, chromium: Browser, tmp_path: Path) -> None:
    new_account(company, "files@hanbit.example", "도면", big_files__switch_octets=2 << 20)
    # A page of its own: a line that is cut shows on the console, as it should.
    person = Person(new_page(chromium, viewport=DESKTOP), company.site).sign_in("files@hanbit.example", PASSWORD)
    page = person.page
    file = tmp_path / NAME
    file.write_bytes(os.urandom(3 << 20))
    begun: list[str] = []

    def cut(route: Route) -> None:
        begun.append(route.request.method)
        route.abort("connectionreset") if route.request.method == "PATCH" else route.continue_()

    page.route("**/files/tus/**", cut)
    person.compose(PARTNER, SUBJECT)
    person.write("도면입니다.")
    window = page.get_by_role("region", name=SUBJECT)
    attach = window.locator("footer input[type=file]")
    attach.set_input_files(file)
    row = window.get_by_role("list", name="대용량첨부").get_by_role("listitem")
    expect(row).to_contain_text(NAME)
    # What the link asks for is one line; the rest is had from it.
    expect(row).to_contain_text("7일 · 100회 · 누구나")
    expect(window.get_by_label("기간(일)")).to_have_count(0)
    window.get_by_role("button", name="변경").click()
    expect(window).to_contain_text("2 MB를 넘는 파일은 링크로 보냅니다")
    # Nothing leaves before it is whole; a pause is a pause.
    person.send()
    expect(person.notices).to_contain_text("다 올린 후에")
    row.get_by_role("button", name="일시 중지").click()
    expect(row).to_contain_text("일시 중지됨")
    look(page, "files-coming", tmp_path)

    # The page is gone: the draft knows the file, which goes on when it is picked again.
    wait_saved(page)
    page.reload()
    page.unroute("**/files/tus/**")
    page.on("request", lambda request: begun.append(request.method) if "/files/tus/" in request.url else None)
    person.go("임시보관함")
    person.row(SUBJECT).click()
    expect(row).to_contain_text("같은 파일을 다시 선택하면")
    attach.set_input_files(file)
    expect(row).to_contain_text("링크로 보냅니다", timeout=60_000)
    assert begun.count("POST") == 1, "the upload began anew"

    # What the link asks for.
    window.get_by_role("button", name="변경").click()
    window.get_by_label("기간(일)").fill("3")
    window.get_by_label("내려받기 횟수").fill("0")
    person.send()
    expect(window.get_by_role("alert")).to_contain_text("횟수는 1~100번")
    window.get_by_label("내려받기 횟수").fill("2")
    window.get_by_role("checkbox", name="비밀번호").check()
    person.send()
    expect(window.get_by_role("alert")).to_contain_text("비밀번호를 4자 이상")
    window.get_by_role("textbox", name="비밀번호").fill("도면-1234")
    look(page, "files-bound", tmp_path)
    assert violations(page) == []

    # Taken back: the letter has its file, the link stays the same.
    person.send()
    person.notices.get_by_role("button", name="발송취소").click()
    expect(person.notices).to_contain_text("보내기를 취소했습니다")
    expect(row).to_contain_text("링크로 보냅니다")
    expect(letter_of(page)).not_to_contain_text("/files/")
    [before] = held(page, "FileLink")
    person.send()
    expect(person.notices).to_contain_text("보냈습니다")
    with company.branch_imap() as session:
        mail = parsed(wait_for_mail(session, SUBJECT))
    [link] = held(page, "FileLink")
    assert link["id"] == before["id"]
    assert (link["mostDownloads"], link["proof"], link["end"], link["recipient"]) == (2, "password", None, PARTNER)
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        assert body.get_content().count(link["url"]) == 1
    assert list(mail.iter_attachments()) == []
    assert not [field for field in mail if field.lower().startswith("x-smartmail-")]
    reader = chromium.new_context(java_script_enabled=False, ignore_https_errors=True, locale="ko").new_page()
    reader.goto(company.site + re.sub(r"^https://[^/]+", "", link["url"]))
    expect(reader.get_by_label("비밀번호")).to_be_visible()
    reader.context.close()
    page.context.close()


def test_policy_leaves_the_choice_and_what_is_thrown_away_ends(
    company: Company, chromium: Browser, tmp_path: Path
) -> None:
    new_account(company, "choice@hanbit.example", "선택", big_files__switch_octets=2 << 20)
    person = Person(new_page(chromium, viewport=DESKTOP), company.site).sign_in("choice@hanbit.example", PASSWORD)
    page = person.page
    small, big = tmp_path / "작은 파일.txt", tmp_path / "큰 파일.bin"
    small.write_bytes(b"small")
    big.write_bytes(os.urandom(3 << 20))
    person.compose("minji.kim@hanbit.example", "고르는 메일")
    window = page.get_by_role("region", name="고르는 메일")
    window.locator("footer input[type=file]").set_input_files([small, big])
    rows = window.get_by_role("list", name="대용량첨부").get_by_role("listitem")
    # Both are there: nothing moves any more under the pointer.
    expect(rows.filter(has_text="링크로 보냅니다")).to_have_count(1, timeout=60_000)
    expect(window.get_by_text("%", exact=False)).to_have_count(0, timeout=60_000)
    window.get_by_role("button", name="대용량 링크로").click()
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="링크로 보냅니다")).to_have_count(2, timeout=60_000)
    # Colleagues may get it as it is; once somebody outside is written to it is a link only.
    rows.filter(has_text="큰 파일").get_by_role("button", name="일반 첨부로").click()
    expect(rows).to_have_count(1)
    page.get_by_role("combobox", name="받는사람").fill(f"{PARTNER},")
    expect(window.get_by_text("%", exact=False)).to_have_count(0, timeout=60_000)
    person.send()
    expect(person.notices).to_contain_text("대용량 링크로만")
    window.get_by_role("button", name="대용량 링크로").click()
    expect(rows.filter(has_text="링크로 보냅니다")).to_have_count(2, timeout=60_000)
    expect(rows.filter(has_text="큰 파일").get_by_role("button", name="일반 첨부로")).to_have_count(0)
    # Sent and taken back: it has links, which end with the letter.
    person.send()
    person.notices.get_by_role("button", name="발송취소").click()
    expect(person.notices).to_contain_text("보내기를 취소했습니다")
    assert len(held(page, "FileLink")) == 2
    window.get_by_role("button", name="버리기").click()
    page.get_by_role("dialog").get_by_role("button", name="버리기").click()
    page.evaluate(_UNTIL_NONE)
    assert [one for one in held(page, "FileLink") if one["end"] is None] == []
    page.context.close()
