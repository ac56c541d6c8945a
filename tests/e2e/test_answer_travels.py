"""A mail comes in, is read in the browser and answered; the answer arrives. On the real server, nothing in between."""

from __future__ import annotations

import imaplib
import json
import re
import secrets
import smtplib
import subprocess
import sys
import time
import unicodedata
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING

import dkim
import pytest
from playwright.sync_api import expect
from tests.e2e.company import (
    BOX,
    HERO,
    HOLD_MS,
    LIVE_MS,
    PARTNER,
    PHONE,
    letter,
    on_node,
    parsed,
    until_shown,
    wait_for_mail,
)
from tests.e2e.controls import pick
from tests.e2e.pictures import keep_picture
from tests.peers import postfix
from tests.peers.served import until

from smartmail.app.demo.mail import LETTERS
from smartmail.service.flow.directory import NewPerson

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Locator, Route
    from tests.e2e.company import Company, Person

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer

HAEUN = "haeun.choi@hanbit.example"
SEOJUN = "seojun.park@hanbit.example"
JIWOO = "jiwoo.lee@hanbit.example"
DOYUN = "doyun.jung@hanbit-trading.example"
YUJIN = "yujin.han@hanbit-tech.example"
SMITH = "smith@hanbit-tech.example"
PICTURE = next(data for one, *_ in LETTERS for _name, kind, data in one.files if kind == "image/png")


@pytest.fixture
def minji(new_person: Callable[..., Person]) -> Person:
    return new_person().sign_in(HERO)


# Reading


def test_mail_of_every_charset_reads_as_it_was_written(minji: Person) -> None:
    for one, _age, _keywords in LETTERS:
        row = minji.bring(one.subject)
        expect(row.locator(".from")).to_contain_text(one.name)
        body = minji.read(one.subject).locator("body")
        lines = [line for line in one.text.splitlines() if line and not line.startswith((">", "- "))]
        if not one.html:
            for line in lines:
                expect(body).to_contain_text(line)
        # A colleague's department stands where a stranger's address does; behind "자세히" are all addresses.
        article = minji.page.get_by_role("article", name="메일 읽기")
        article.get_by_role("button", name="자세히", exact=True).click()
        expect(article.get_by_role("definition").first).to_contain_text(one.address)
        assert "�" not in body.inner_text()
        minji.back()


def test_html_and_its_own_pictures_are_shown_and_the_tracker_is_not(minji: Person) -> None:
    asked: list[str] = []
    minji.page.on("request", lambda request: asked.append(request.url))
    body = minji.read("화면 시안 첨부드립니다")
    picture = body.get_by_role("img", name="시안")
    expect(picture).to_be_visible()
    assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 10
    expect(minji.page.get_by_text("추적 이미지 1개를 막았습니다")).to_be_visible()
    expect(minji.page.get_by_role("button", name="이미지 표시")).to_have_count(0)
    assert [url for url in asked if not url.startswith((minji.site, "blob:", "data:"))] == []


def test_remote_pictures_come_when_they_are_asked_for(new_person: Callable[..., Person], company: Company) -> None:
    html = "<p>그림</p><img alt='사진' src='http://pictures.example/a.png'><p style='height:100%'>끝</p>"
    company.deliver(SEOJUN, letter(SEOJUN, "그림이 있는 메일", "x", html))
    seojun = new_person().sign_in(SEOJUN)
    asked: list[str] = []

    def picture(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=PICTURE, content_type="image/png")

    seojun.page.route("**/jmap/picture/**", picture)
    shown = seojun.read("그림이 있는 메일").get_by_role("img", name="사진")
    expect(shown).to_be_visible()
    assert asked == []
    seojun.unfold_banner()
    seojun.page.get_by_role("button", name="이미지 표시").click()
    expect(shown).to_have_js_property("naturalWidth", 10)
    # Our node is asked, which fetches it.
    [address] = asked
    assert urlsafe_b64decode(address.rpartition("/")[2] + "==") == b"http://pictures.example/a.png"


def test_a_letter_as_tall_as_its_window_does_not_grow_for_ever(
    new_person: Callable[..., Person], company: Company
) -> None:
    tall = "<table height='100%' style='height:100%'><tr><td style='height:100%;padding:20px'>글</td></tr></table>"
    company.deliver(SEOJUN, letter(SEOJUN, "높이가 창만 한 메일", "x", f"<div style='height:100%'>{tall}{tall}</div>"))
    seojun = new_person().sign_in(SEOJUN)
    expect(seojun.read("높이가 창만 한 메일").get_by_text("글").first).to_be_visible()
    # Playwright presses only what stands still.
    seojun.page.get_by_role("button", name="답장", exact=True).click()
    assert seojun.page.locator("article iframe").evaluate("frame => frame.clientHeight") < 400


@pytest.mark.parametrize(
    ("subject", "name"), [(one.subject, name) for one, *_ in LETTERS for name, _type, _octets in one.files]
)
def test_files_come_down_under_their_names_octet_by_octet(minji: Person, subject: str, name: str) -> None:
    octets = next(data for one, *_ in LETTERS for file, _type, data in one.files if file == name)
    minji.read(subject)
    with minji.page.expect_download() as coming:
        minji.page.get_by_role("link", name=re.compile(re.escape(name))).click()
    assert coming.value.suggested_filename == unicodedata.normalize("NFC", name)
    assert coming.value.path().read_bytes() == octets


# Arriving and answering


def test_mail_from_outside_appears_in_the_open_list(new_person: Callable[..., Person], company: Company) -> None:
    seojun = new_person().sign_in(SEOJUN)
    company.deliver(SEOJUN, letter(SEOJUN, "방금 도착한 문의"))
    expect(seojun.row("방금 도착한 문의")).to_be_visible(timeout=LIVE_MS)
    expect(seojun.page).to_have_title(re.compile(r"^\(\d+\) "))


def test_an_answer_to_a_colleague_is_there_at_once(
    minji: Person, new_person: Callable[..., Person], company: Company
) -> None:
    haeun = new_person().sign_in(HAEUN)
    subject = "Re: 연차 사용 계획 회신 부탁드립니다"
    minji.read(subject)
    minji.answer("네, 12월 24일에 쓰겠습니다. 똠방각하!")
    minji.send()
    # The notice goes when the letter can no longer be taken back.
    expect(minji.notices).to_contain_text("보냈습니다")
    expect(haeun.row(subject)).to_be_visible(timeout=HOLD_MS + LIVE_MS)
    body = haeun.read(subject)
    expect(body.locator("body")).to_contain_text("네, 12월 24일에 쓰겠습니다. 똠방각하!")
    expect(body.locator("blockquote").first).to_contain_text("네, 확인했습니다. 감사합니다.")
    expect(haeun.page.get_by_role("article")).to_contain_text("김민지")
    with company.imap(HAEUN) as session:
        answer = parsed(wait_for_mail(session, subject))
    assert answer["In-Reply-To"] == "<demo-2@hanbit.example>"
    minji.back()
    minji.go("보낸메일함")
    expect(minji.row(subject)).to_be_visible()


def test_an_answer_leaves_signed_for_another_server(minji: Person, company: Company) -> None:
    mail = letter(HERO, "납기 문의드립니다", "12월 납기가 가능할까요?\n")
    company.submit_at_branch(HERO, mail)
    expect(minji.row("납기 문의드립니다")).to_be_visible(timeout=LIVE_MS)
    expect(minji.read("납기 문의드립니다").locator("body")).to_contain_text("12월 납기가 가능할까요?")
    minji.answer("네, 12월 10일까지 보내 드리겠습니다.")
    minji.send()
    expect(minji.notices).to_contain_text("보냈습니다")
    with company.branch_imap() as session:
        octets = wait_for_mail(session, "Re: 납기 문의드립니다")
    answer = parsed(octets)
    assert answer["Subject"] == "Re: 납기 문의드립니다"
    assert answer["From"].addresses[0].addr_spec == HERO
    assert answer["From"].addresses[0].display_name == "김민지"
    assert answer["In-Reply-To"] == parsed(mail)["Message-ID"]
    assert "네, 12월 10일까지 보내 드리겠습니다." in answer.get_body(("plain",)).get_content()
    assert "12월 납기가 가능할까요?" in answer.get_body(("html",)).get_content()
    minji.back()
    expect(minji.row("납기 문의드립니다").locator(".answered")).to_be_visible()
    # What the signature covers was not touched under way, as another program sees it.
    records = dkim_records(company, "hanbit.example")
    signed = octets[octets.index(b"DKIM-Signature:") :]
    assert dkim.verify(signed, dnsfunc=lambda name, timeout=5: records[name.decode().rstrip(".")])


def test_an_answer_arrives_at_a_debian_postfix(new_person: Callable[..., Person], company: Company) -> None:
    port = company.branch.ports["smtp"]  # the one port where the company's node looks for exchangers
    with postfix.postfix(port, {"hanbit.example": company.node.ports["smtp"]}, "127.0.0.3") as peer:
        mail = letter(SEOJUN, "포스트픽스에서 보낸 메일", "계약서를 보내 주세요.\n", sender=BOX)
        with smtplib.SMTP(peer.address, peer.port, local_hostname="pc.postfix.example") as session:
            session.sendmail(BOX, [SEOJUN], mail)
        seojun = new_person().sign_in(SEOJUN)
        expect(seojun.row("포스트픽스에서 보낸 메일")).to_be_visible()
        seojun.read("포스트픽스에서 보낸 메일")
        seojun.answer("계약서를 곧 보내겠습니다.")
        seojun.send()
        expect(seojun.notices).to_contain_text("보냈습니다")
        until(peer.messages, 90, "the answer in the maildir")
        answer = parsed(peer.messages()[0])
    assert answer["Subject"] == "Re: 포스트픽스에서 보낸 메일"
    assert answer["In-Reply-To"] == parsed(mail)["Message-ID"]
    assert "계약서를 곧 보내겠습니다." in answer.get_body(("plain",)).get_content()
    assert answer["DKIM-Signature"]


def dkim_records(company: Company, domain: str) -> dict[str, bytes]:
    """DNS records of a domain's keys, as the administrator is told them."""
    command = [sys.executable, "-m", "smartmail.app.cli", "domain", "keys", "--json"]
    command += ["--data", str(company.node.directory), domain]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    return {one["name"].rstrip("."): one["text"].encode() for one in json.loads(told)["items"]}


# Writing


def test_a_draft_outlives_the_page(new_person: Callable[..., Person]) -> None:
    jiwoo = new_person().sign_in(JIWOO)
    jiwoo.compose("a.partner@outside.example", "4분기 예산 초안")
    jiwoo.write("아직 쓰는 중입니다")
    expect(jiwoo.page.get_by_text(re.compile("저장됨"))).to_be_visible()
    jiwoo.page.reload()
    jiwoo.go("임시보관함")
    jiwoo.row("4분기 예산 초안").click()
    expect(jiwoo.page.get_by_role("textbox", name="제목")).to_have_value("4분기 예산 초안")
    expect(jiwoo.page.get_by_role("textbox", name="본문")).to_contain_text("아직 쓰는 중입니다")
    expect(jiwoo.page.locator(".chip")).to_contain_text("a.partner@outside.example")


def test_an_attached_file_arrives_octet_by_octet(new_person: Callable[..., Person], company: Company) -> None:
    jiwoo = new_person().sign_in(JIWOO)
    octets = secrets.token_bytes(300_000) + b"\r\n.\r\nFrom x\r\n"
    decomposed = unicodedata.normalize("NFD", "분기 보고서 (최종).hwp")  # as a Mac names files
    jiwoo.compose(PARTNER, "보고서 전달드립니다")
    jiwoo.write("첨부를 확인해 주세요.")
    jiwoo.page.locator("input[type=file]:not([accept])").set_input_files(
        {"name": decomposed, "mimeType": "application/x-hwp", "buffer": octets}
    )
    expect(jiwoo.page.get_by_text("KB", exact=False).last).to_be_visible()
    jiwoo.send()
    expect(jiwoo.notices).to_contain_text("보냈습니다")
    with company.branch_imap() as session:
        [file] = parsed(wait_for_mail(session, "보고서 전달드립니다")).iter_attachments()
    assert file.get_filename() == unicodedata.normalize("NFC", decomposed)
    assert file.get_content_type() == "application/x-hwp"
    assert file.get_content() == octets


# Acting


def test_delete_goes_to_the_trash_and_comes_back(new_person: Callable[..., Person], company: Company) -> None:
    doyun = new_person().sign_in(DOYUN)
    company.deliver(DOYUN, letter(DOYUN, "지워 볼 메일"))
    doyun.row("지워 볼 메일").get_by_role("checkbox").click()
    doyun.page.get_by_role("toolbar").get_by_role("button", name="삭제", exact=True).click()
    expect(doyun.notices).to_contain_text("휴지통으로 옮겼습니다")
    expect(doyun.row("지워 볼 메일")).to_have_count(0)
    doyun.notices.get_by_role("button", name="실행 취소").click()
    expect(doyun.row("지워 볼 메일")).to_be_visible()
    doyun.row("지워 볼 메일").get_by_role("checkbox").click()
    doyun.page.get_by_role("toolbar").get_by_role("button", name="삭제", exact=True).click()
    doyun.go("휴지통")
    expect(doyun.row("지워 볼 메일")).to_be_visible()


def test_stars_and_reading_agree_with_a_mail_program(new_person: Callable[..., Person], company: Company) -> None:
    yujin = new_person().sign_in(YUJIN)
    company.deliver(YUJIN, letter(YUJIN, "표시를 맞춰 볼 메일"))
    row = yujin.row("표시를 맞춰 볼 메일")
    expect(row).to_have_class(re.compile("unread"), timeout=LIVE_MS)
    with company.imap(YUJIN) as session:
        session.select("INBOX")
        row.get_by_role("button", name="별표", exact=True).click()
        wait_for_flags(session, {"\\Flagged"})
        yujin.read("표시를 맞춰 볼 메일")
        wait_for_flags(session, {"\\Flagged", "\\Seen"})
        yujin.back()
        session.store("1", "-FLAGS.SILENT", "(\\Flagged \\Seen)")
        expect(row.get_by_role("button", name="별표", exact=True)).to_be_visible(timeout=LIVE_MS)
        expect(row).to_have_class(re.compile("unread"))
        session.store("1", "+FLAGS.SILENT", "(\\Flagged \\Seen)")
        expect(row.get_by_role("button", name="별표 해제")).to_be_visible(timeout=LIVE_MS)
        expect(row).not_to_have_class(re.compile("unread"))


def wait_for_flags(session: imaplib.IMAP4, wanted: set[str], within: float = 60.0) -> None:
    """Poll the first message's flags."""
    deadline = time.monotonic() + within
    while True:
        session.noop()
        _, data = session.fetch("1", "(FLAGS)")
        flags = {flag.decode() for flag in imaplib.ParseFlags(data[0])} - {"\\Recent"}
        if flags == wanted:
            return
        assert time.monotonic() < deadline, flags
        time.sleep(0.05)


def test_search_finds_korean_inside_words_of_any_charset(minji: Person) -> None:
    for words, subject in (
        ("장비 견적", "[견적서] 3분기 장비 구매 건"),
        ("펲시콜라", "똠방각하 공연 단체 관람"),
        ("수입신고필증을", "수입신고필증 송부"),
        ("火曜日", "来週の打ち合わせについて"),
        ("查收", "关于合同的修改意见"),
    ):
        box = minji.page.get_by_label("메일 검색")

        def look(words: str = words, box: Locator = box) -> None:
            box.fill("")
            box.fill(words)

        look()
        expect(minji.page.get_by_role("heading", name="검색 결과")).to_be_visible()
        # The index of a node that has just begun is behind for a while.
        until_shown(minji.row(subject), look)
    minji.page.get_by_label("메일 검색").fill("아무데도없는말")
    expect(minji.page.get_by_text("‘아무데도없는말’에 맞는 메일이 없습니다")).to_be_visible()


# Coming and going


def test_the_set_up_link_works_once(company: Company, new_person: Callable[..., Person], tmp_path: Path) -> None:
    login, tokens = "newcomer@hanbit.example", []

    async def invite(node: Node) -> None:
        account = await node.services.provisioning.person(NewPerson(login, "새 사람", "ko"), None)
        tokens.append(await node.services.auth.new_setup_link(account.id))

    on_node(company.node.directory, invite)
    address = f"{company.site}/setup#{tokens[0]}"
    first, second = new_person(), new_person()
    first.page.goto(address)
    set_up(first, "too short")
    expect(first.page.get_by_role("status")).to_have_count(0)
    # Page and server ask for the same; the server would refuse it too, and the link stays good.
    first.page.evaluate("() => document.querySelectorAll('input').forEach((each) => each.removeAttribute('minlength'))")
    set_up(first, "too short")
    expect(first.page.get_by_role("alert")).to_contain_text("쓸 수 없는 비밀번호입니다")
    keep_picture(first.page, tmp_path / "set-up.png")
    set_up(first, "창가의 긴 비밀번호 하나")
    expect(first.page.get_by_role("status")).to_contain_text(f"이제 {login} 주소로 로그인할 수 있습니다")
    assert "setup#" not in first.page.url
    second.page.goto(address)
    set_up(second, "누군가의 다른 비밀번호")
    expect(second.page.get_by_role("alert")).to_contain_text("이미 쓰였거나")
    first.page.get_by_role("link", name="로그인으로 이동").click()
    first.try_password(login, "창가의 긴 비밀번호 하나")
    expect(first.page.get_by_role("heading", name="받은메일함")).to_be_visible()


def set_up(person: Person, password: str) -> None:
    """Fill in the set-up page."""
    for label in ("새 비밀번호", "비밀번호 확인"):
        person.page.get_by_label(label, exact=True).fill(password)
    person.page.get_by_role("button", name="비밀번호 설정").click()


def test_a_wrong_password_is_told_in_korean(new_person: Callable[..., Person]) -> None:
    stranger = new_person()
    stranger.page.goto(stranger.site)
    for login in (HERO, "nobody@hanbit.example"):
        stranger.try_password(login, "틀린 비밀번호")
        expect(stranger.page.get_by_role("alert")).to_have_text("메일 주소 또는 비밀번호가 맞지 않습니다.")


def test_signing_out_ends_the_session_everywhere(new_person: Callable[..., Person]) -> None:
    smith = new_person().sign_in(SMITH)
    cookies = smith.page.context.cookies()
    other = smith.page.context.new_page()
    other.goto(smith.site)
    other.get_by_role("heading", name="받은메일함").wait_for()
    smith.page.get_by_role("button", name="계정과 설정").click()
    smith.page.get_by_role("menuitem", name="로그아웃").or_(
        smith.page.get_by_role("button", name="로그아웃")
    ).first.click()
    expect(smith.page.get_by_role("heading", name="로그인")).to_be_visible()
    # The cookie that was stolen in time is worth nothing now.
    smith.page.context.add_cookies(cookies)  # type: ignore[arg-type]
    assert smith.page.context.request.get(f"{smith.site}/jmap/session").status == 401
    expect(other.get_by_role("heading", name="로그인")).to_be_visible(timeout=LIVE_MS)


def test_english_and_dark_stay_after_a_reload(new_person: Callable[..., Person]) -> None:
    smith = new_person().sign_in(SMITH)
    smith.page.evaluate("() => (location.hash = '#/settings/look')")
    pick(smith.page.get_by_label("언어", exact=True), "English")
    smith.page.get_by_role("radio", name="Dark", exact=True).check()
    smith.page.goto(smith.site)
    expect(smith.page.get_by_role("heading", name="Inbox")).to_be_visible()
    look = "() => [document.documentElement.lang, getComputedStyle(document.body).colorScheme]"
    assert smith.page.evaluate(look) == ["en", "dark"]
    # The server keeps it for every browser of theirs: other stories know them as they were.
    smith.page.evaluate("() => (location.hash = '#/settings/look')")
    smith.page.get_by_role("radio", name="Light", exact=True).check()
    with smith.page.expect_response(
        lambda answer: "/jmap/api" in answer.url and "UserPreferences" in (answer.request.post_data or "")
    ):
        pick(smith.page.get_by_label("Language", exact=True), "한국어")
    expect(smith.page.get_by_label("언어", exact=True)).to_be_visible()


def test_a_phone_reads_and_answers(new_person: Callable[..., Person], company: Company) -> None:
    company.deliver(SEOJUN, letter(SEOJUN, "전화기로 읽을 메일", "회의는 세 시입니다.\n"))
    seojun = new_person(PHONE).sign_in(SEOJUN)
    expect(seojun.read("전화기로 읽을 메일").locator("body")).to_contain_text("회의는 세 시입니다.")
    seojun.answer("세 시에 뵙겠습니다")
    assert not seojun.page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
    seojun.send()
    expect(seojun.notices).to_contain_text("보냈습니다")
    with company.branch_imap() as session:
        wait_for_mail(session, "Re: 전화기로 읽을 메일")
