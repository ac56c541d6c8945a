"""Reading on a real node: links shown for what they are, conversations, banners and the way, tags, smart folders, files,
ways to search, and leaving a mailing list.
"""

from __future__ import annotations

import contextlib
import email.policy
import http.server
import imaplib
import re
import smtplib
import ssl
import threading
import time
from email.message import EmailMessage
from email.utils import format_datetime, formatdate, localtime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.company import DESKTOP, PARTNER, Company, Person, acknowledged, letter, parsed, wait_for_mail
from tests.e2e.demo_desk import open_group, violations
from tests.e2e.test_second_factor import PASSWORD, new_account
from tests.e2e.writing_help import look
from tests.lab.authority import Authority
from tests.lab.dkim import sign_message
from tests.peers.served import Served, free_port_base, put_node_file, until
from tests.unit.formats_extract import documents as made
from tools.fake_dns import FakeDns

from smartmail.app.demo.mail import LETTERS
from smartmail.proto.mailauth import keys
from smartmail.proto.mailauth.dkim import SigningKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.peer

PICTURE = next(data for one, *_ in LETTERS for _name, kind, data in one.files if kind == "image/png")

LINKS = (
    ("www.bank.example", "https://evil.example/x", "‘www.bank.example’라고 적혀 있지만", "evil.example"),
    ("여기서 로그인", "https://www.bank.example@evil.example/", "@ 뒤가 실제 사이트", "evil.example"),
    ("숫자로 가기", "http://3405803785/login", "숫자 주소로 이동", "203.0.113.9"),
    ("아이디 확인", "https://аррӏе.com/", "‘apple.com’처럼 보이지만", "xn--80ak6aa92e.com"),
    ("결제하기", "https://한글кот.example/", "함께 쓰지 않는 문자", "한글кот.example"),
)
HONEST = (("한글.한국", "https://한글.한국/"), ("회사 소개", "https://www.bench.test/about"))
PDF_OBJECTS = (
    b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
    b"<</Length 42>>stream\nBT /F1 24 Tf 50 780 Td (Article 1) Tj ET  \nendstream",
    b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
)
HEAD = "Received: from far.example (far.example [203.0.113.77]) by relay.bench.test with ESMTP id 1; {}\r\n"


def bring_in(company: Company, recipient: str, *mails: bytes) -> None:
    """Deliver behind the filters: what is shown is tried here, not where mail is put."""
    with smtplib.LMTP("localhost", company.node.ports["lmtp"], local_hostname="mx.bench.test") as session:
        for octets in mails:
            session.sendmail(PARTNER, [recipient], octets)


def reader(company: Company, new_person: Callable[..., Person], local: str, name: str) -> tuple[str, Person]:
    """Somebody new, signed in at a desk."""
    login = f"{local}@hanbit.example"
    new_account(company, login, name)
    return login, new_person(viewport=DESKTOP).sign_in(login, PASSWORD)


@contextlib.contextmanager
def imap(company: Company, login: str) -> Iterator[imaplib.IMAP4]:
    """The person's mail program."""
    trust = ssl.create_default_context(cafile=str(company.node.directory / "tls" / "ca.pem"))
    with imaplib.IMAP4_SSL("localhost", company.node.ports["imaps"], ssl_context=trust) as session:
        # The password is not ASCII: LOGIN of this client could not say it.
        session.authenticate("PLAIN", lambda _challenge: f"\0{login}\0{PASSWORD}".encode())
        yield session


def drag(page: Page, what: Locator, onto: Locator) -> None:
    """Drag by hand: Chromium starts a native drag when a pressed pointer moves. A list moves under what is dragged near
    its edge, so the place to drop it is brought away from there first.
    """
    onto.evaluate("one => one.scrollIntoView({ block: 'center' })")
    what.hover()
    page.mouse.down()
    onto.hover()
    onto.hover()
    page.mouse.up()


def search(page: Page, line: str) -> None:
    box = page.get_by_role("combobox", name="메일 검색")
    box.fill(line)
    box.press("Enter")


def find(page: Page, line: str, rows: Locator, count: int) -> None:
    """Search until the index has what was delivered a moment ago."""
    for _ in range(30):
        search(page, line)
        with contextlib.suppress(AssertionError):
            expect(rows).to_have_count(count, timeout=2000)
            return
        page.get_by_role("button", name="검색어 삭제").click()
    expect(rows).to_have_count(count)


def test_a_link_is_explained_before_it_leads_elsewhere(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    login, person = reader(company, new_person, "linkreader", "고리나")
    anchors = "".join(f'<p><a href="{href}">{words}</a></p>' for words, href, *_ in (*LINKS, *HONEST))
    bring_in(company, login, letter(login, "링크 모음", "링크", html=f"<div>{anchors}{'<p>긴 글</p>' * 60}</div>"))
    page = person.page
    page.context.route(re.compile(r"^https?://(?!localhost)"), lambda route: route.fulfill(body="there"))
    body = person.read("링크 모음")
    bar = page.get_by_role("alertdialog", name="겉보기와 다른 링크입니다")
    for words, _href, why, real in LINKS:
        body.get_by_role("link", name=words).click()
        expect(bar).to_contain_text(why)
        expect(bar).to_contain_text(real)
        expect(bar).to_be_in_viewport()
        expect(bar.get_by_role("button", name="열지 않기")).to_be_focused()
        page.keyboard.press("Escape")
        expect(bar).to_have_count(0)
        expect(body.get_by_role("link", name=words)).to_be_focused()
    assert len(page.context.pages) == 1
    # The right button follows nothing, so nothing is explained.
    body.get_by_role("link", name=LINKS[0][0]).click(button="right")
    expect(bar).to_have_count(0)
    for words, _href in HONEST:
        with page.expect_popup() as opened:
            body.get_by_role("link", name=words).click()
        opened.value.close()
        expect(bar).to_have_count(0)
    body.get_by_role("link", name=LINKS[0][0]).click()
    assert violations(page) == []
    with page.expect_popup() as opened:
        bar.get_by_role("button", name="그래도 이동").click()
    opened.value.wait_for_url("https://evil.example/x")
    assert opened.value.evaluate("opener === null")
    expect(bar).to_have_count(0)
    body.get_by_role("link", name=LINKS[3][0]).click()
    expect(bar).to_be_visible()
    look(page, "link", tmp_path)


def threaded(to: str, number: int, subject: str, *, said: str, after: str | None) -> bytes:
    """One of a conversation's letters, an hour after the one before."""
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = f"거래처 <{PARTNER}>"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = formatdate(time.time() - 3600 * (10 - number))
    mail["Message-ID"] = f"<talk-{number}-{to}>"
    if after:
        mail["In-Reply-To"] = mail["References"] = after
    mail.set_content(said)
    return mail.as_bytes()


def test_a_conversation_is_one_row_and_acted_on_as_one(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    login, person = reader(company, new_person, "talker", "이야기")
    page = person.page
    root = f"<talk-0-{login}>"
    bring_in(
        company,
        login,
        threaded(login, 0, "납품 일정 협의", said="첫째 이야기입니다.", after=None),
        *(threaded(login, n, "Re: 납품 일정 협의", said=f"이야기 {n}번입니다.", after=root) for n in range(1, 5)),
        letter(login, "다른 이야기", "섞이지 않습니다."),
    )
    rows = page.get_by_role("row").filter(has_text="납품 일정 협의")
    expect(rows).to_have_count(5)
    # The last one to come moves the others down: nothing is aimed at before.
    person.row("다른 이야기").wait_for()
    with imap(company, login) as session:
        session.select("INBOX")
        session.store("1:*", "+FLAGS", "\\Seen")

    # An own answer stands between what came before and after it.
    rows.filter(has_text="이야기 4번").click()
    expect(person.body.get_by_text("이야기 4번입니다.")).to_be_visible()
    person.answer("제가 답합니다.")
    person.send()
    with company.branch_imap() as session:
        answer = parsed(wait_for_mail(session, "납품 일정 협의"))
    bring_in(
        company,
        login,
        threaded(login, 9, "답장: 납품 일정 협의", said="마지막 이야기입니다.", after=str(answer["Message-ID"])),
    )
    page.goto(f"{person.site}/#/settings/look")
    page.get_by_role("switch", name="대화로 묶어 보기").click()
    page.goto(f"{person.site}/#")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("답장: 납품 일정 협의")
    rows.first.click()
    article = page.get_by_role("article", name="메일 읽기")
    expect(person.body.get_by_text("마지막 이야기입니다.")).to_be_visible()
    expect(article.get_by_role("button", name=re.compile("개 더$"))).to_be_visible()
    look(page, "conversation-folded", tmp_path)
    article.get_by_role("button", name=re.compile("개 더$")).click()
    parts = article.get_by_role("region", name=re.compile("의 메일$"))
    expect(parts).to_have_count(6)
    own = parts.nth(5)
    expect(own).to_contain_text("이야기")
    own.get_by_role("button").first.click()
    expect(own.frame_locator("iframe").get_by_text("제가 답합니다.")).to_be_visible()
    look(page, "conversation-open", tmp_path)
    assert violations(page) == []

    page.keyboard.press("u")
    page.locator("#row-0").hover()
    rows.first.get_by_role("checkbox").click()
    page.keyboard.press("Delete")
    expect(person.notices).to_contain_text("메일 6통을")
    expect(rows).to_have_count(0)
    with imap(company, login) as session:

        def held(mailbox: str) -> int:
            session.select(mailbox)
            return len(session.search(None, "ALL")[1][0].split())

        until(lambda: held("INBOX") == 1, what="the conversation gone at the server")
        assert held("Sent") == 1
    person.notices.get_by_role("button", name="실행 취소").click()
    expect(rows).to_have_count(1)
    rows.first.click()
    article.get_by_role("button", name=re.compile("개 더$")).click()
    expect(parts).to_have_count(6)


def test_banners_say_why_and_the_way_is_drawn(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    login, person = reader(company, new_person, "wary", "조심해")
    far = HEAD.format(format_datetime(localtime()))
    octets = letter(login, "급히 확인 바랍니다", "계좌를 확인해 주세요.\n", sender="ceo@bench.test")
    company.deliver(login, far.encode() + octets, "ceo@bench.test")
    named = letter(login, "제 새 주소입니다", "연락 주세요.\n")
    head, _, rest = named.partition(b"\r\n")
    assert head.startswith(b"From:")
    company.deliver(login, f"From: =?utf-8?B?6rmA66+87KeA?= <{PARTNER}>\r\n".encode() + rest)
    page = person.page
    article = page.get_by_role("article", name="메일 읽기")

    person.read("제 새 주소입니다")
    alert = article.get_by_role("alert")
    expect(alert).to_contain_text("사칭이 의심되는 메일입니다")
    expect(alert).to_contain_text(PARTNER)
    look(page, "impostor", tmp_path)
    # Further reasons wait behind it, and the way with them.
    if (rest := article.get_by_role("button", name=re.compile("^안내 .*건 더"))).count():
        rest.click()
    alert.get_by_role("button", name="사유와 경로").click()
    way = page.get_by_role("list", name="경로").get_by_role("listitem")
    expect(way.first).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("u")

    person.read("급히 확인 바랍니다")
    article.get_by_role("button", name="자세히", exact=True).click()
    article.get_by_role("button", name="경로·헤더").click()
    expect(way.filter(has_text="203.0.113.77").or_(way.filter(has_text="far.example")).first).to_contain_text(
        "확인 안 됨"
    )
    expect(way.filter(has_text="확인됨").first).to_be_visible()
    look(page, "way", tmp_path)
    assert violations(page) == []
    page.get_by_role("radio", name="헤더").click(force=True)
    expect(page.get_by_label("헤더").locator("text=Message-ID").first).to_be_visible()
    page.get_by_role("radio", name="원문").click(force=True)
    with page.expect_download() as download:
        page.get_by_role("link", name=".eml로 저장").click()
    assert b"far.example" in download.value.path().read_bytes()


def test_tags_are_dragged_and_searches_become_folders(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    login, person = reader(company, new_person, "tagger", "꼬리표")
    bring_in(company, login, *(letter(login, f"견적 요청 {n}", "단가를 알려 주세요.\n") for n in range(3)))
    page = person.page
    person.row("견적 요청 2").wait_for()
    page.get_by_role("button", name="태그 만들기").click()
    dialog = page.get_by_role("dialog", name="태그 만들기")
    dialog.get_by_label("이름").fill("분기 마감")
    dialog.get_by_role("radio", name="남색").check(force=True)
    dialog.get_by_role("button", name="태그 만들기").click()
    tag = page.get_by_role("list", name="태그").get_by_role("link", name=re.compile("^분기 마감"))
    drag(page, person.row("견적 요청 0").locator(".subject"), tag)
    expect(person.row("견적 요청 0").locator(".tag")).to_have_text("분기 마감")
    drag(page, tag, person.row("견적 요청 1").locator(".subject"))
    expect(person.row("견적 요청 1").locator(".tag")).to_have_text("분기 마감")
    tag.click()
    expect(page.get_by_role("heading", name="분기 마감", level=1)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="견적 요청")).to_have_count(2)
    look(page, "tag", tmp_path)
    # Others see it too: it is a keyword of the message.
    with imap(company, login) as session:
        session.select("INBOX")

        def tagged() -> tuple[int, int]:
            told = [one for one in session.fetch("1:*", "(FLAGS)")[1] if isinstance(one, bytes)]
            return len(told), sum(
                bool(re.search(rb"[( ][^\\$() ]+(?=[ )])", one.partition(b"FLAGS ")[2])) for one in told
            )

        until(lambda: tagged() == (3, 2), what="the keyword at the server")

    person.go("받은메일함")
    search(page, "is:unread 견적")
    page.get_by_role("button", name="이 검색 저장").click()
    page.get_by_label("스마트메일함 이름").fill("안읽은 견적")
    page.get_by_role("button", name="저장", exact=True).click()
    smart = page.get_by_role("list", name="스마트메일함").get_by_role("link", name=re.compile("안읽은 견적"))
    expect(smart.locator(".count")).to_have_text("3")
    person.row("견적 요청 1").click(modifiers=["Control"])
    with acknowledged(page, "Email/set"):
        page.keyboard.press("Shift+I")
    expect(smart.locator(".count")).to_have_text("2")
    page.reload()
    expect(smart.locator(".count")).to_have_text("2")
    smart.click()
    expect(page.get_by_role("row").filter(has_text="견적 요청")).to_have_count(2)
    look(page, "smart", tmp_path)
    assert violations(page) == []


def pdf() -> bytes:
    """One page in a font that every reader has."""
    out, places = b"%PDF-1.4\n", []
    for number, item in enumerate(PDF_OBJECTS, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    size = len(PDF_OBJECTS) + 1
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % size + rows + tail


def with_files(to: str, subject: str, files: dict[str, tuple[str, bytes]]) -> bytes:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = f"거래처 <{PARTNER}>"
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = formatdate()
    mail["Message-ID"] = f"<{time.monotonic_ns()}@bench.test>"
    mail.set_content("파일을 보냅니다.\n")
    for name, (kind, octets) in files.items():
        main, _, sub = kind.partition("/")
        mail.add_attachment(octets, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


def test_files_are_looked_at_and_deleted_alone(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    login, person = reader(company, new_person, "filer", "서류함")
    inside = letter(login, "속편지", "속에 든 글입니다.\n")
    files = {
        "계약서.pdf": ("application/pdf", pdf()),
        "보고서.hwp": ("application/x-hwp", made.hwp(made.hwp_section("한글문서의 글"))),
        "안내.docx": ("application/octet-stream", made.docx("워드문서의 글")),
        "예산.xlsx": ("application/octet-stream", made.xlsx()),
        "묶음.zip": ("application/zip", made.zipped({"속.txt": "묶음 속의 글".encode()})),
        "전달.eml": ("application/octet-stream", inside),
    }
    shown = {
        "보고서.hwp": "한글문서의 글",
        "안내.docx": "워드문서의 글",
        "예산.xlsx": "1234567",
        "묶음.zip": "속.txt",
        "전달.eml": "속에 든 글입니다.",
    }
    bring_in(company, login, with_files(login, "서류 여섯 가지", files))
    page = person.page
    person.read("서류 여섯 가지")
    region = page.get_by_role("region", name="첨부")
    expect(region.get_by_role("listitem")).to_have_count(6)
    look(page, "files", tmp_path)
    preview = page.get_by_role("dialog", name=re.compile("미리보기"))
    for name, text in shown.items():
        region.get_by_role("button", name=name).first.click()
        expect(preview).to_contain_text(text, timeout=60_000)
        look(page, f"preview-{name.rpartition('.')[2]}", tmp_path)
        page.keyboard.press("Escape")
        expect(preview).to_have_count(0)
    region.get_by_role("button", name="계약서.pdf").first.click()
    expect(preview.get_by_text("1쪽", exact=True).first).to_be_visible()
    page.wait_for_function("() => (document.querySelector('dialog canvas')?.width ?? 0) > 100")
    preview.get_by_role("button", name="글만 보기").click()
    expect(preview).to_contain_text("Article 1", timeout=60_000)
    look(page, "preview-pdf", tmp_path)
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("u")

    open_group(page, "더보기")
    page.get_by_role("link", name="첨부 보관함").click()
    rows = page.locator(".section").get_by_role("row")
    expect(rows.filter(has_text="계약서.pdf")).to_be_visible()
    look(page, "drawer", tmp_path)
    page.get_by_role("searchbox", name="파일 이름 찾기").fill("hwp")
    expect(rows.filter(has_text="계약서.pdf")).to_have_count(0)
    rows.filter(has_text="보고서.hwp").get_by_role("checkbox").click()
    page.get_by_role("button", name="첨부 1개 삭제").click()
    page.get_by_role("dialog").get_by_role("button", name="첨부 삭제").click()
    expect(person.notices).to_contain_text("메일 1통의 첨부를 삭제해")
    expect(rows.filter(has_text="보고서.hwp")).to_have_count(0)

    page.goto(f"{person.site}/#")
    person.read("서류 여섯 가지")
    expect(region.get_by_role("button", name="계약서.pdf").first).to_be_visible()
    region.get_by_role("button", name="첨부만 삭제").click()
    page.get_by_role("dialog").get_by_role("button", name="첨부 삭제").click()
    expect(person.notices).to_contain_text("비웠습니다")
    expect(region.get_by_role("button", name="계약서.pdf")).to_have_count(0)
    expect(person.body.get_by_text("파일을 보냅니다.")).to_be_visible()
    person.notices.get_by_role("button", name="실행 취소").click()
    expect(region.get_by_role("button", name="계약서.pdf").first).to_be_visible()


def test_a_search_reads_words_as_the_person_wishes(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    login, person = reader(company, new_person, "finder", "찾는이")
    page = person.page
    bring_in(company, login, letter(login, "회의록 정리"), letter(login, "會議 資料"), letter(login, "점심 약속"))
    person.row("점심 약속").wait_for()
    found = page.get_by_role("row").filter(has_text=re.compile("회의록|會議|점심"))
    for line, subject, why in (("ㅎㅇㄹ", "회의록 정리", "초성"), ("ghldmlfhr", "회의록 정리", "한/영 자판")):
        find(page, line, found, 1)
        expect(person.row(subject)).to_contain_text(why)

    page.get_by_role("button", name="검색 방식").click()
    panel = page.get_by_role("dialog", name="검색 방식")
    expect(panel.get_by_role("radiogroup")).to_have_count(4)
    assert violations(page) == []
    look(page, "ways", tmp_path)
    # On the narrow screen the button was another one.
    page.get_by_role("button", name="검색 방식").click()
    panel.get_by_role("radiogroup", name="한/영 자판").get_by_text("안 함").click()
    expect(found).to_have_count(0)
    panel.get_by_role("radiogroup", name="한자").get_by_text("항상").click()
    page.keyboard.press("Escape")
    find(page, "회의", found, 2)
    expect(person.row("會議 資料")).to_contain_text("한자")

    # Chosen for every device.
    page.goto(f"{person.site}/#/settings/advanced")
    group = page.get_by_role("radiogroup", name="한/영 자판")
    expect(group.get_by_role("radio", name="안 함")).to_be_checked()
    look(page, "ways-settings", tmp_path)
    group.get_by_text("자동").click()
    page.goto(f"{person.site}/#?q=ghldmlfhr")
    expect(found).to_have_count(1)


class Lists(http.server.BaseHTTPRequestHandler):
    """A mailing list's own server: notes what it is asked."""

    def do_POST(self) -> None:
        """Take somebody off."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append((self.path, body, self.headers.get("cookie")))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        """Show a picture, and note what came along with the question."""
        said = ", ".join(sorted(name.lower() for name in self.headers))
        self.server.asked.append((self.path, said.encode(), self.headers.get("cookie")))  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("content-type", "image/png")
        self.send_header("set-cookie", "who=17")
        self.send_header("content-length", str(len(PICTURE)))
        self.end_headers()
        self.wfile.write(PICTURE)

    def log_message(self, *_args: object) -> None:
        """Stay quiet."""


@pytest.fixture
def lists(tmp_path: Path) -> Iterator[tuple[str, list[tuple[str, bytes, str | None]], Path]]:
    """Address, what was asked, and the authority of a server over TLS."""
    authority = Authority()
    trust = tmp_path / "authority.pem"
    trust.write_text(authority.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue("news.bench.test").write(tmp_path / "news.pem"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Lists)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.asked = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://news.bench.test:{server.server_address[1]}", server.asked, trust  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


def news(login: str, subject: str, way_out: str, *, one_click: bool) -> bytes:
    mail = letter(login, subject, "이번 주 소식입니다.\n", sender="news@bench.test")
    head = f"List-Id: <news.bench.test>\r\nList-Unsubscribe: {way_out}\r\n"
    return (head + ("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" if one_click else "")).encode() + mail


def test_servers_of_others_are_asked_by_ours_for_leaving_lists_and_for_pictures(
    new_person: Callable[..., Person], lists: tuple[str, list[tuple[str, bytes, str | None]], Path], tmp_path: Path,
    company: Company,
) -> None:  # fmt: skip
    address, asked, trust = lists
    key = keys.generate("ed25519")
    zone = {
        "news.bench.test": {"A": ["127.0.0.1"]},
        "bench.test": {"TXT": ['"v=spf1 ip4:127.0.0.0/8 -all"']},
        "n1._domainkey.bench.test": {"TXT": [f'"{keys.record_of(key)}"']},
    }
    login = "minji.kim@hanbit.example"
    with free_port_base() as base, FakeDns(zone) as names:
        node = Served(tmp_path / "company", base, "--demo")
        put_node_file(
            node.directory,
            f'[dns]\naddress = "127.0.0.1"\nport = {names.port}\n'
            f'[outgoing]\nnetworks = ["127.0.0.0/8"]\npictures = ["127.0.0.0/8"]\nauthorities = "{trust}"\n',
        )
        try:
            node.start()
            house = Company(node, company.branch)
            person = new_person(viewport=DESKTOP)
            person.site = house.site
            person.sign_in(login)
            page = person.page
            proved = news(login, "한 번에 그만 받기", f"<{address}/out?who=17>", one_click=True)
            signed = sign_message(proved, [SigningKey("bench.test", "n1", key)], signed_at=int(time.time())) + proved
            bring = [signed, news(login, "누가 보냈는지 모름", f"<{address}/out?who=18>", one_click=True)]
            bring.append(
                news(login, "편지로 그만 받기", f"<mailto:leave@bench.test?subject=leave%2017>, <{address}/page>",
                     one_click=False)
            )  # fmt: skip
            for octets in bring:
                house.deliver(login, octets, "news@bench.test")
            article = page.get_by_role("article", name="메일 읽기")

            person.read("한 번에 그만 받기")
            person.unfold_banner()
            look(page, "unsubscribe", tmp_path)
            article.get_by_role("button", name="수신거부", exact=True).click()
            expect(person.notices).to_contain_text("수신거부를 신청했습니다")
            assert asked == [("/out?who=17", b"List-Unsubscribe=One-Click", None)]
            expect(article.get_by_role("button", name="수신거부", exact=True)).to_have_count(0)
            page.keyboard.press("u")

            # Nobody answers for this one: nothing is told to whoever sent it.
            person.read("누가 보냈는지 모름")
            person.unfold_banner()
            article.get_by_role("button", name="수신거부", exact=True).click()
            expect(person.notices).to_contain_text("보낸 사람이 확인되지 않아")
            assert len(asked) == 1
            page.keyboard.press("u")

            person.read("편지로 그만 받기")
            person.unfold_banner()
            article.get_by_role("button", name="수신거부 메일 쓰기").click()
            window = page.get_by_role("region", name="leave 17")
            expect(window.get_by_role("group", name="받는사람")).to_contain_text("leave@bench.test")
            look(page, "unsubscribe-letter", tmp_path)
            person.send()
            expect(person.notices).to_contain_text("보냈습니다")
            assert len(asked) == 1

            # A picture of a stranger's server: our node asks for it, and says nothing of who reads.
            html = f'<p>새 소식</p><img alt="사진" width="300" height="200" src="{address}/banner.png?who=17">'
            house.deliver(login, letter(login, "그림이 있는 소식", "새 소식", html, sender="news@bench.test"))
            left: list[str] = []
            page.on("request", lambda request: request.url.startswith(house.site) or left.append(request.url))
            shown = person.read("그림이 있는 소식").get_by_role("img", name="사진")
            expect(shown).to_be_visible()
            assert len(asked) == 1
            person.unfold_banner()
            page.get_by_role("button", name="이미지 표시").click()
            expect(shown).to_have_js_property("naturalWidth", 10)
            assert asked[1:] == [("/banner.png?who=17", b"accept, content-length, host, user-agent", None)]
            assert [url for url in left if not url.startswith(("data:", "blob:", "about:"))] == []
            page.close()
        finally:
            node.kill_all()
            print("\n".join(node.complaints()[-40:]))
