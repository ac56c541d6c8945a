"""What a letter asks for, and what a person has ready: importance, receipts, 개별발송, signatures, templates, notes to
oneself, sending again; and what they are warned of.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import parsed, wait_for_mail
from tests.e2e.controls import pick
from tests.e2e.demo_desk import run_command, violations
from tests.e2e.offered import offered
from tests.e2e.pictures import keep_picture
from tests.e2e.writing_help import chips, letter_of, look, new_writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page
    from tests.e2e.company import Company, Person
    from tests.e2e.demo_desk import Desk

pytestmark = pytest.mark.peer

WRITER = "options.writer@hanbit.example"
COLLEAGUES = {"options.one@hanbit.example": "온하나", "options.two@hanbit.example": "온두리"}


def _begin(page: Page) -> None:
    page.keyboard.press("c")
    letter_of(page).click()


@pytest.mark.parametrize(
    "words", ["견적서를 첨부드립니다", "資料を添付いたします", "请查收附件", "Please see the attachment"]
)
def test_a_forgotten_file_is_asked_about(desk: Desk, words: str) -> None:
    page = desk.open()
    page.keyboard.press("c")
    page.get_by_role("combobox", name="받는사람").fill("a@outside.example,")
    letter_of(page).click()
    page.keyboard.insert_text(words)
    expect(page.get_by_role("status").filter(has_text="첨부한다고 썼지만")).to_be_visible()
    page.get_by_role("button", name="보내기", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="취소").click()
    expect(letter_of(page)).to_contain_text(words)
    page.get_by_role("button", name="보내기", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="그대로 보내기").click()
    expect(letter_of(page)).to_have_count(0)


def test_a_template_begins_a_letter(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    _begin(page)
    page.get_by_role("textbox", name="제목").fill("주간 보고")
    letter_of(page).click()
    page.keyboard.insert_text("이번 주에 한 일")
    page.get_by_role("button", name="템플릿").click()
    page.get_by_role("menuitem", name="지금 내용을 템플릿으로 저장").click()
    page.get_by_role("dialog").get_by_role("button", name="저장").click()
    page.get_by_role("button", name="닫기").first.click()
    expect(letter_of(page)).to_have_count(0)
    _begin(page)
    page.get_by_role("button", name="템플릿").click()
    page.get_by_role("menuitem", name="주간 보고").click()
    expect(letter_of(page)).to_contain_text("이번 주에 한 일")
    expect(page.get_by_role("textbox", name="제목")).to_have_value("주간 보고")


def test_settings_of_writing_are_a_page(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    page.evaluate("() => (location.hash = '#/settings/writing')")
    page.get_by_role("button", name="서명 추가").click()
    page.get_by_label("서명 내용").fill("{{이름}} 드림")
    page.get_by_label("서명 내용").blur()
    look(page, "settings", tmp_path)
    assert violations(page) == []


def test_a_person_uses_all_of_it_in_one_day(
    new_person: Callable[..., Person], company: Company, tmp_path: Path
) -> None:
    new_writer(company, WRITER, "온쓰기", "기획팀")
    for colleague, name in COLLEAGUES.items():
        new_writer(company, colleague, name)
    person = new_person().sign_in(WRITER)
    page = person.page
    page.goto(person.site + "/#/settings/writing")
    page.get_by_role("button", name="서명 추가").click()
    page.get_by_label("서명 내용").fill("한빛테크 {{이름}} 드림")
    page.get_by_label("서명 내용").blur()
    pick(page.get_by_label("발송취소 시간"), "0")
    page.goto(person.site + "/#")
    page.get_by_role("heading", name="받은메일함").wait_for()
    _one_by_one(person, tmp_path)
    for colleague, name in COLLEAGUES.items():
        with company.imap(colleague) as session:
            mail = parsed(wait_for_mail(session, "님께 드리는 안내"))
        assert mail["To"].addresses[0].addr_spec == colleague
        assert mail["Cc"] is None
        assert mail["Importance"] == "high"
        assert mail["X-Priority"] == "1"
        assert WRITER in mail["Disposition-Notification-To"]
        assert mail["Reply-By"]
        assert mail["Subject"] == f"{name}님께 드리는 안내"
        text = mail.get_body(("plain",))
        assert text is not None
        assert f"안녕하세요, {name}님" in text.get_content()
        assert "한빛테크" in text.get_content()
        assert "드림" in text.get_content()
    _a_note(person)
    _again(person, company)


def _one_by_one(person: Person, tmp_path: Path) -> None:
    page = person.page
    page.keyboard.press("c")
    field = page.get_by_role("combobox", name="받는사람")
    for colleague in COLLEAGUES:
        offered(field, colleague, colleague).click()
    expect(chips(page)).to_have_count(2)
    page.get_by_role("textbox", name="제목").fill("{{이름}}님께 드리는 안내")
    person.write("안녕하세요, {{이름}}님")
    page.get_by_role("button", name="메일 옵션").click()
    pick(page.get_by_label("중요도"), "high")
    page.get_by_label("수신확인 요청").check()
    page.get_by_label("개별발송").check()
    page.get_by_label("회신 요청 기한").fill(f"{date.today() + timedelta(days=7)}")
    keep_picture(page, tmp_path / "options.png")
    page.keyboard.press("Escape")
    look(page, "composer", tmp_path)
    page.get_by_role("button", name="보내기", exact=True).click()
    expect(person.notices).to_contain_text("2명에게 따로 보냈습니다")


def _a_note(person: Person) -> None:
    page = person.page
    run_command(page, "내게쓰기")
    page.get_by_role("textbox", name="제목").fill("잊지 말 것")
    person.write("우유 사기")
    page.get_by_role("button", name="저장", exact=True).click()
    person.go("내게쓴메일함")
    expect(person.row("잊지 말 것")).to_be_visible()


def _again(person: Person, company: Company) -> None:
    page = person.page
    person.go("보낸메일함")
    person.read("온두리님께 드리는 안내")
    run_command(page, "다시 보내기")
    expect(page.get_by_role("textbox", name="제목")).to_have_value("온두리님께 드리는 안내")
    page.get_by_role("textbox", name="제목").fill("다시 보낸 안내")
    person.send()
    with company.imap("options.two@hanbit.example") as session:
        mail = parsed(wait_for_mail(session, "다시 보낸 안내"))
    assert mail["Importance"] == "high"
    text = mail.get_body(("plain",))
    assert text is not None
    assert text.get_content().count("드림") == 1
