"""Mail without a script on a real node: by Chromium with scripts off, by curl, and by a text browser."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from html import unescape
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, expect
from tests.e2e.company import (
    DEMO_PASSWORD,
    DESKTOP,
    PARTNER,
    PHONE,
    Company,
    letter,
    on_node,
    until_shown,
    wait_for_mail,
)
from tests.e2e.pictures import keep_picture
from tests.e2e.test_second_factor import PASSWORD, enrol_app, new_account
from tests.e2e.test_shared_mail import share
from tests.e2e.writing_help import new_writer

from smartmail.domain.principal import Actor, Origin
from smartmail.domain.rights import SHARE_ROLES

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from tests.e2e.company import Person

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer

LOGIN = "minji.kim@hanbit.example"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_chromium_with_scripts_off(
    chromium: Browser, company: Company, tmp_path: pathlib.Path, size: dict[str, int]
) -> None:
    subject = f"스크립트 없이 읽을 메일 {size['width']}"
    company.deliver(LOGIN, letter(LOGIN, subject, "다음 주 일정을 <b>알려</b> 주세요.\n"))
    context = chromium.new_context(
        java_script_enabled=False, ignore_https_errors=True, locale="ko-KR", viewport=size  # type: ignore[arg-type]
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(60_000)
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None)
    page.goto(company.site)
    page.get_by_role("link", name="간편 메일").click()
    page.get_by_label("메일 주소").fill(LOGIN)
    page.get_by_label("비밀번호").fill(DEMO_PASSWORD)
    keep_picture(page, tmp_path / "sign-in.png")
    page.get_by_role("button", name="로그인").click()
    expect(page.get_by_role("heading", name="받은메일함")).to_be_visible()
    until_shown(page.get_by_role("link", name=subject), page.reload)
    keep_picture(page, tmp_path / "list.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    page.get_by_role("link", name=subject).click()
    expect(page.get_by_text("다음 주 일정을 <b>알려</b> 주세요.")).to_be_visible()
    keep_picture(page, tmp_path / "letter.png")
    page.get_by_role("link", name="답장", exact=True).click()
    page.get_by_label("본문").fill("화요일이 좋겠습니다.")
    page.get_by_label("첨부파일").set_input_files(
        files=[{"name": "일정표.csv", "mimeType": "text/csv", "buffer": "화,오후".encode()}]
    )
    keep_picture(page, tmp_path / "write.png")
    page.get_by_role("button", name="보내기", exact=True).click()
    expect(page.get_by_role("heading", name="받은메일함")).to_be_visible()
    with company.branch_imap() as session:
        octets = wait_for_mail(session, f"Re: {subject}")
    assert b"text/csv" in octets
    page.get_by_label("검색").fill(subject)
    page.get_by_role("button", name="검색").click()
    expect(page.get_by_role("heading", name=f"검색 결과: {subject}")).to_be_visible()
    page.get_by_role("button", name="로그아웃").click()
    expect(page.get_by_role("button", name="로그인")).to_be_visible()
    page.goto(f"{company.site}/basic")
    expect(page.get_by_role("button", name="로그인")).to_be_visible()
    assert wrong == []
    context.close()


def test_a_draft_of_a_team_is_gone_on_with_and_sent_and_times_are_the_reader_s(
    chromium: Browser, company: Company, tmp_path: pathlib.Path
) -> None:
    login, team, subject = "basic.team@hanbit.example", "basic.desk@hanbit.example", "간편 메일로 이어 쓰는 견적"
    new_writer(company, login, "간편인")
    share(company, team, {login: SHARE_ROLES["delete"] | {"sendAs"}}, "간편데스크")

    async def keep(node: Node) -> None:
        account = await node.services.directory.account_by_login(team)
        owner = Actor(account.id, account.organization_id, team, is_admin=False, origin=Origin("cli"))
        box = await node.services.mailboxes.by_role(owner, account.id, "drafts")
        octets = letter(PARTNER, subject, "동료가 쓴 글입니다.\n", sender=team)
        intake = await node.services.messages.begin(owner, account.id, len(octets))
        await intake.feed(octets)
        await node.services.messages.add(
            owner, account.id, await intake.finish(), [box.row.id], names=("$draft", "$seen")
        )

    on_node(company.node.directory, keep)
    context = chromium.new_context(
        java_script_enabled=False, ignore_https_errors=True, locale="ko-KR", viewport=PHONE  # type: ignore[arg-type]
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{company.site}/basic")
    page.get_by_label("메일 주소").fill(login)
    page.get_by_label("비밀번호").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="로그인").click()
    page.get_by_role("link", name="시간 표시").click()
    page.get_by_label("시간대").fill("Mars/Base")
    page.get_by_role("button", name="확인").click()
    expect(page.get_by_role("alert")).to_contain_text("그런 시간대가 없습니다")
    page.get_by_label("시간대").fill("America/New_York")
    page.get_by_label("시각", exact=True).select_option(label="오후 3:12")
    keep_picture(page, tmp_path / "clock-phone.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="확인").click()
    page.get_by_role("link", name="간편데스크").click()
    page.get_by_role("link", name="임시보관함").click()
    expect(page.get_by_role("row").filter(has_text=subject)).to_contain_text(re.compile("오전|오후"))
    page.get_by_role("link", name=subject).click()
    page.get_by_role("link", name="이어서 쓰기").click()
    expect(page.get_by_label("본문")).to_have_value(re.compile("동료가 쓴 글입니다"))
    page.get_by_label("본문").fill("동료가 쓴 글을 이어 썼습니다.")
    page.get_by_role("button", name="임시 저장").click()
    page.get_by_role("link", name="임시보관함").click()
    page.get_by_role("link", name=subject).click()
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.get_by_role("link", name="이어서 쓰기").click()
    address = page.url
    keep_picture(page, tmp_path / "team-draft.png")
    late = context.new_page()
    late.goto(address)
    page.get_by_role("button", name="보내기", exact=True).click()
    with company.branch_imap() as session:
        assert team.encode() in wait_for_mail(session, subject)
    page.get_by_role("link", name="임시보관함").click()
    expect(page.get_by_text("메일이 없습니다")).to_be_visible()
    late.get_by_role("button", name="보내기", exact=True).click()
    expect(late.get_by_role("alert")).to_contain_text("동료가 먼저 이 메일을 고쳤거나 보냈습니다")
    keep_picture(late, tmp_path / "late.png")
    page.get_by_role("link", name="보낸메일함").click()
    expect(page.get_by_role("link", name=subject)).to_have_count(1)
    context.close()


class Curl:
    """curl with a jar of cookies."""

    def __init__(self, company: Company, folder: pathlib.Path) -> None:
        self.site = company.site
        self._words = [
            "curl",
            "-sS",
            "--cacert",
            str(company.node.directory / "tls" / "ca.pem"),
            "-H",
            "Accept-Language: ko",
        ]
        self._jar = str(folder / "jar")

    def ask(self, path: str, *more: str) -> str:
        """Return the page that a request ends at."""
        command = [*self._words, "-b", self._jar, "-c", self._jar, "-L", *more, f"{self.site}{path}"]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout

    def send(self, path: str, page: str, **fields: str) -> str:
        """Send the form of a page that goes to `path`."""
        form = re.search(rf'<form method="post" action="{path}".*?</form>', page, re.DOTALL)
        assert form is not None, page
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form[0])
        given = {name: unescape(value) for name, value in hidden} | fields
        many = "multipart" in form[0]
        return self.ask(
            path,
            *(
                word
                for name, value in given.items()
                for word in ("-F" if many else "--data-urlencode", f"{name}={value}")
            ),
        )


def test_curl_with_a_second_factor(company: Company, new_person: Callable[..., Person], tmp_path: pathlib.Path) -> None:
    login = "curl@hanbit.example"
    new_account(company, login, "씨유알엘")
    mine = new_person().sign_in(login, PASSWORD)
    mine.page.goto(f"{mine.site}/proof")
    mine.page.get_by_role("button", name="2단계 인증 수단 추가").click()
    totp, _codes = enrol_app(mine.page)
    curl = Curl(company, tmp_path)
    page = curl.send("/basic/sign-in", curl.ask("/basic"), address=login, password=PASSWORD)
    assert "2단계 인증" in page
    assert "코드가 맞지 않습니다" in curl.send("/basic/code", page, code="000000")
    page = curl.send("/basic/code", page, code=totp.code(int(time.time()) // 30 + 1))
    assert "받은메일함" in page
    file = tmp_path / "보고.txt"
    file.write_text("첨부 내용")
    page = curl.send(
        "/basic/write", curl.ask("/basic/write"), to=login, subject="나에게", body="글", file=f"@{file};type=text/plain"
    )
    assert "받은메일함" in page
    deadline = time.monotonic() + 120
    while "나에게" not in (page := curl.ask("/basic")):
        assert time.monotonic() < deadline, page
    letter_page = curl.ask(unescape(re.search(r'href="(/basic/mail[^"]*)">나에게<', page)[1]))  # type: ignore[index]
    place = unescape(re.search(r'href="(/jmap/download/[^"]*)"', letter_page)[1])  # type: ignore[index]
    assert curl.ask(place) == "첨부 내용"
    assert "로그인" in curl.send("/basic/sign-out", page)
    assert "나에게" not in curl.ask("/basic")


def test_a_text_browser_shows_the_pages(company: Company, tmp_path: pathlib.Path) -> None:
    """w3m lays out what curl brought: it is a reader here, for its own forms want a terminal."""
    program = shutil.which("w3m")
    if program is None:
        pytest.fail("w3m is missing: ./smartmail test installs what tests need")
    curl = Curl(company, tmp_path)
    page = curl.send("/basic/sign-in", curl.ask("/basic"), address=LOGIN, password=DEMO_PASSWORD)
    command = [program, "-dump", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8", "-cols", "100"]
    shown = subprocess.run(command, input=page, capture_output=True, text=True, check=True, timeout=120).stdout
    assert "받은메일함" in shown
    assert "로그아웃" in shown
