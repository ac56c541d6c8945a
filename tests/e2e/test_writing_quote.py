"""The quotation of an answer is text: it is answered point by point, and what goes out quotes faithfully."""

from __future__ import annotations

import email.policy
import re
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import HERO, PARTNER, letter, parsed, wait_for_mail
from tests.e2e.demo_desk import settle
from tests.e2e.writing_help import letter_of, wait_saved

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)
QUESTIONS = """<div style="font-family:Dotum;color:#1F4E79"><div>견적을 보냅니다.</div><div><br></div>
<ol><li>납기: 발주 후 6주</li><li>결제: 월말 마감</li><li>유효기간: 12월 31일</li></ol>
<table border=1><tr><td width=180 style="background-color:#FFE699">품목</td><td align=right>1,250</td></tr></table>
<p>그림입니다 <img src="cid:seal@outside.example" width=40 height=40><img src="https://e.test/spy.png"></p></div>"""
NEWSLETTER = """<table width="600" align="center"><tr><td><table width="290" style="float:left"><tr><td>왼쪽 소식</td></tr></table>
<table width="290"><tr><td>오른쪽 소식</td></tr></table></td></tr></table>"""


def with_picture(subject: str, html: str) -> bytes:
    """A letter whose picture lies inside it."""
    mail = MIMEMultipart("related")
    mail["From"], mail["To"], mail["Subject"] = f"서지안 <{PARTNER}>", HERO, subject
    mail["Message-ID"] = "<quote-picture@outside.example>"
    mail["Date"] = "Tue, 01 Dec 2026 10:21:00 +0900"
    mail.attach(MIMEText(html, "html", "utf-8"))
    picture = MIMEImage(PIXEL, "png")
    picture["Content-ID"] = "<seal@outside.example>"
    picture["Content-Disposition"] = "inline"
    mail.attach(picture)
    return mail.as_bytes(policy=email.policy.SMTP)


def begin(person: Person, company: Company, mail: bytes, subject: str) -> Page:
    """Bring the mail, open it, and begin an answer."""
    company.deliver(HERO, mail)
    person.read(subject)
    person.page.get_by_role("button", name="답장", exact=True).last.click()
    letter_of(person.page).wait_for()
    return person.page


def test_each_point_is_answered_at_its_place(new_person: Callable[..., Person], company: Company) -> None:
    person = new_person().sign_in(HERO)
    asked: list[str] = []
    person.page.on("request", lambda request: "e.test" in request.url and asked.append(request.url))
    subject = "5축 가공기 견적서"
    page = begin(person, company, with_picture(subject, QUESTIONS), subject)
    words = letter_of(page)
    expect(words.locator(".quote-head")).to_contain_text(re.compile(r"20\d\d\. \d+\. \d+\..*서지안.*작성:"))
    quote = words.locator("blockquote[type=cite]")
    expect(quote).to_contain_text("납기: 발주 후 6주")
    # The looks that its boxes gave to the words, the fills and sizes of its table, and its own picture are kept.
    assert quote.get_by_text("견적을 보냅니다.").evaluate("(one) => getComputedStyle(one).color") == "rgb(31, 78, 121)"
    cell = quote.get_by_role("cell", name="품목")
    assert cell.evaluate("(one) => getComputedStyle(one).backgroundColor") == "rgb(255, 230, 153)"
    assert round(cell.evaluate("(one) => one.getBoundingClientRect().width")) == 180
    expect(quote.locator("img")).to_have_count(1)

    # Typing begins above; Enter behind the first point makes room for an answer to it.
    page.keyboard.insert_text("검토했습니다.")
    quote.get_by_text("납기: 발주 후 6주").click()
    page.keyboard.press("End")
    settle(page)  # the editor hears of a moved cursor a frame later
    page.keyboard.press("Enter")
    page.keyboard.insert_text("4주로 줄여 주십시오.")
    expect(quote).to_have_count(2)
    expect(quote.nth(1).locator("ol")).to_have_attribute("start", "2")
    # What is undone goes back to the last pause.
    wait_saved(page)
    page.keyboard.press("Shift+Home")
    settle(page)
    page.keyboard.press("Delete")
    settle(page)
    page.keyboard.press("Backspace")
    expect(quote).to_have_count(1)
    # Keys are one step where they came within half a second of each other; what joined the quotation again may be one too.
    answer = words.get_by_text("4주로 줄여 주십시오.")
    for _ in range(3):
        if answer.count() == 0:
            page.keyboard.press("Control+z")
    expect(answer).to_be_visible()
    wait_saved(page)

    # What was written in between is there in another page, and goes out as it stands there.
    page.reload()
    person.go("임시보관함")
    person.row(f"Re: {subject}").click()
    expect(letter_of(page).get_by_text("4주로 줄여 주십시오.")).to_be_visible()
    expect(letter_of(page).locator("blockquote[type=cite]")).to_have_count(2)
    person.send()
    with company.branch_imap() as session:
        mail = parsed(wait_for_mail(session, f"Re: {subject}"))
    html, text = (mail.get_body((kind,)).get_content() for kind in ("html", "plain"))
    assert html.count('<blockquote type="cite"') == 2
    order = ["검토했습니다.", "작성:", "납기: 발주 후 6주", "4주로 줄여 주십시오.", "결제: 월말 마감"]
    assert sorted(order, key=html.index) == order
    assert re.search(r'<ol[^>]*start="2"', html)
    assert "rgb(31, 78, 121)" in html
    assert "e.test" not in html
    assert 'src="cid:seal@outside.example"' in html
    assert [one["Content-ID"] for one in mail.walk() if one.get_content_maintype() == "image"] == [
        "<seal@outside.example>"
    ]
    lines = [line.strip() for line in text.splitlines()]
    assert "> 납기: 발주 후 6주" in lines
    assert "4주로 줄여 주십시오." in lines
    assert asked == []


def test_what_is_laid_out_stays_as_it_was_until_it_is_edited(
    new_person: Callable[..., Person], company: Company
) -> None:
    person = new_person().sign_in(HERO)
    page = begin(person, company, letter(HERO, "두 단 소식지", "x", NEWSLETTER), "두 단 소식지")
    expect(letter_of(page).locator("blockquote")).to_have_count(0)
    edit = page.get_by_role("button", name="인용문 편집")
    expect(edit).to_have_accessible_description("편집하면 복잡한 배치가 단순해집니다.")
    page.get_by_role("button", name="원본 보기").click()
    edit.click()
    expect(letter_of(page).locator("blockquote[type=cite]")).to_contain_text("오른쪽 소식")
    expect(page.get_by_role("button", name="원본 보기")).to_have_count(0)
    page.get_by_role("button", name="인용문 접기").click()
    expect(letter_of(page).locator("blockquote")).to_be_hidden()
    page.get_by_role("button", name="인용문 펼치기").click()
    expect(letter_of(page).locator("blockquote").first).to_be_visible()


def test_a_plain_answer_quotes_below_its_words_and_is_not_warned_of_anothers(
    new_person: Callable[..., Person], company: Company
) -> None:
    person = new_person().sign_in(HERO)
    page = begin(person, company, letter(HERO, "계약 문의", "계약서를 첨부했습니다.\n"), "계약 문의")
    expect(letter_of(page).locator("blockquote")).to_contain_text("첨부했습니다")
    page.get_by_role("button", name="일반 텍스트로").click()
    field = page.locator(".window textarea")
    expect(field).to_have_value(re.compile(r"작성:\n> 계약서를 첨부했습니다\."))
    field.evaluate("(one) => (one.focus(), one.setSelectionRange(0, 0))")
    page.keyboard.insert_text("받았습니다.")
    # Words of another promise no file of ours.
    expect(page.locator(".window").get_by_text("첨부한다고 썼지만")).to_have_count(0)
    page.get_by_role("button", name="서식 사용").click()
    expect(letter_of(page).locator("blockquote[type=cite]")).to_contain_text("첨부했습니다")
    expect(letter_of(page).locator(".quote-head")).to_contain_text("작성:")
    person.send()
    with company.branch_imap() as session:
        mail = parsed(wait_for_mail(session, "Re: 계약 문의"))
    assert mail.get_body(("plain",)).get_content().index("받았습니다.") < mail.get_body(("plain",)).get_content().index(
        "작성:"
    )
