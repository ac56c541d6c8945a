"""Mailboxes in Chromium, on a real node: made, painted, dragged, renamed, removed; shared with colleagues in plain words."""

from __future__ import annotations

import imaplib
import re
import ssl
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.company import DESKTOP, Company, Person, acknowledged
from tests.e2e.controls import pick
from tests.e2e.demo_desk import violations
from tests.e2e.offered import offered
from tests.e2e.pictures import keep_picture
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.peer


def rail(page: Page) -> Locator:
    return page.get_by_role("navigation", name="메일함").first


def wide(page: Page, folder: Path, name: str) -> None:
    """Only at a desk: on a phone the rail is away, and its dialogs with it."""
    keep_picture(page, folder / f"{name}-wide.png")
    assert violations(page) == []


def make(page: Page, name: str, colour: str | None = None) -> None:
    """Make a mailbox at the top."""
    page.get_by_role("button", name="메일함 만들기").first.click()
    page.get_by_role("textbox", name="이름").fill(name)
    if colour:
        page.get_by_role("radio", name=colour, exact=True).check(force=True)
    page.get_by_role("dialog").get_by_role("button", name="메일함 만들기").click()
    expect(rail(page).get_by_role("link", name=name)).to_be_visible()


def act(page: Page, mailbox: str, verb: str) -> None:
    """Choose from the menu that a right click opens."""
    rail(page).get_by_role("link", name=mailbox).click(button="right")
    page.get_by_role("menuitem", name=verb).click()


def test_mailboxes_are_made_dragged_renamed_and_removed(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    login = "folders@hanbit.example"
    new_account(company, login, "함정리")
    page = new_person(viewport=DESKTOP).sign_in(login, PASSWORD).page
    make(page, "프로젝트", "초록")
    make(page, "견적")
    make(page, "가나다")

    with acknowledged(page, "Mailbox/set"):
        rail(page).get_by_role("link", name="견적").drag_to(rail(page).get_by_role("link", name="프로젝트"))
    expect(rail(page).get_by_role("button", name="프로젝트 접기")).to_be_visible()
    keep_picture(page, tmp_path / "rail.png")
    page.reload()
    rail(page).get_by_role("button", name="프로젝트 접기").click()
    expect(rail(page).get_by_role("link", name="견적")).to_have_count(0)
    rail(page).get_by_role("button", name="프로젝트 펼치기").click()

    act(page, "가나다", "이름·색 바꾸기")
    page.get_by_role("textbox", name="이름").fill("마무리")
    page.get_by_role("button", name="저장").click()
    expect(rail(page).get_by_role("link", name="마무리")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="‘마무리’ 메일함을 바꿨습니다.")).to_be_attached()
    page.keyboard.press("z")
    expect(rail(page).get_by_role("link", name="가나다")).to_be_visible()

    both = rail(page).get_by_role("link").filter(has_text=re.compile("가나다|프로젝트"))
    expect(both).to_have_text([re.compile("가나다"), re.compile("프로젝트")])
    with acknowledged(page, "Mailbox/set"):
        act(page, "가나다", "아래로")
    expect(both).to_have_text([re.compile("프로젝트"), re.compile("가나다")])
    page.reload()
    expect(both).to_have_text([re.compile("프로젝트"), re.compile("가나다")])

    act(page, "프로젝트", "메일함 삭제")
    page.get_by_role("dialog").get_by_role("button", name="삭제").click()
    expect(rail(page).get_by_role("link", name="프로젝트")).to_have_count(0)
    expect(rail(page).get_by_role("link", name="견적")).to_have_count(0)


def test_two_mailboxes_are_shared_with_three_people(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    for login, name in (
        ("share@hanbit.example", "나누미"),
        ("one@hanbit.example", "하나현"),
        ("two@hanbit.example", "뻐꾸미"),
        ("three@hanbit.example", "세찬이"),
    ):
        new_account(company, login, name)
    page = new_person(viewport=DESKTOP).sign_in("share@hanbit.example", PASSWORD).page
    make(page, "계약서")
    make(page, "입찰")
    acts = 1
    act(page, "계약서", "공유")
    dialog = page.get_by_role("dialog")
    for typed, name in (("하나현", "하나현"), ("뻐꾸", "뻐꾸미"), ("ㅅㅊㅇ", "세찬이")):
        offered(dialog.get_by_label("공유 대상"), typed, name)
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("button", name=f"{name} 빼기")).to_be_visible()
        acts += 1
    dialog.get_by_role("radio", name="편집 가능").check()
    dialog.get_by_role("checkbox", name="입찰").check()
    wide(page, tmp_path, "share")
    dialog.get_by_role("button", name="공유하기").click()
    acts += 3
    assert acts <= 8
    expect(page.get_by_role("status").filter(has_text="3명에게 메일함 2개를 공유했습니다.")).to_be_attached()

    with_login = "one@hanbit.example"
    trust = ssl.create_default_context(cafile=str(company.node.directory / "tls" / "ca.pem"))
    with imaplib.IMAP4_SSL("localhost", company.node.ports["imaps"], ssl_context=trust) as session:
        session.authenticate("PLAIN", lambda _: f"\0{with_login}\0{PASSWORD}".encode())
        listed = b" ".join(line for line in session.list()[1] if isinstance(line, bytes))
    assert b"share@hanbit.example" in listed

    act(page, "입찰", "공유")
    expect(dialog.get_by_text("지금 공유 중")).to_be_visible()
    row = dialog.get_by_role("listitem").filter(has_text="뻐꾸미")
    expect(row.get_by_role("combobox")).to_have_attribute("data-value", "file")
    pick(row.get_by_role("combobox"), "view")
    expect(row.get_by_role("combobox")).to_have_attribute("data-value", "view")
    wide(page, tmp_path, "shared")
    row.get_by_role("button", name="뻐꾸미 빼기").click()
    expect(row).to_have_count(0)
