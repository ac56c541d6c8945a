"""외부메일 가져오기 in Chromium: a mailbox at another server is tried, added, brought in, changed and taken away."""

from __future__ import annotations

import imaplib
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import DESKTOP, Company, Person, on_node
from tests.e2e.controls import pick
from tests.e2e.test_account_page import at, shots
from tests.e2e.test_second_factor import PASSWORD, new_account

from smartmail.service.flow.directory import NewPerson

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer

OLD = "old-box@bench.test"
OLD_PASSWORD = "lighthouse at sea 47"


def letter(number: int) -> bytes:
    return (
        f"From: lee@b.example\r\nTo: {OLD}\r\nSubject: 옛 메일 {number}\r\nMessage-ID: <old{number}@b.example>\r\n"
        f"Date: Fri, 5 Jan 2024 12:00:00 +0900\r\n\r\n본문 {number}\r\n"
    ).encode()


def old_box(company: Company) -> None:
    """A mailbox elsewhere with mail in it."""

    async def prepare(node: Node) -> None:
        await node.services.provisioning.person(NewPerson(OLD, "옛 메일함"), OLD_PASSWORD)

    on_node(company.branch.directory, prepare)
    with imaplib.IMAP4("localhost", company.branch.ports["imap"]) as session:
        session.login(OLD, OLD_PASSWORD)
        for number in range(3):
            session.append("INBOX", "", None, letter(number))  # type: ignore[arg-type]


def test_an_outside_mailbox(company: Company, new_person: Callable[..., Person], tmp_path: Path) -> None:
    login = "pull@hanbit.example"
    new_account(company, login, "모아봄", pull__plain=True)
    old_box(company)
    page = at(new_person(viewport=DESKTOP).sign_in(login, PASSWORD), "pulls", "외부메일 가져오기")
    expect(page.get_by_text("등록한 외부메일이 없습니다.")).to_be_visible()

    page.get_by_role("button", name="외부메일 추가").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("메일 서버").fill("10.0.0.9")
    dialog.get_by_label("아이디").fill(OLD)
    dialog.get_by_label("비밀번호").fill("wrong")
    dialog.get_by_role("button", name="연결 확인").click()
    expect(dialog.get_by_role("status")).to_contain_text("이 주소의 서버에서는 가져올 수 없습니다.")
    dialog.get_by_label("메일 서버").fill("127.0.0.1")
    pick(dialog.get_by_label("암호화"), "암호화 안 함 (위험)")
    dialog.get_by_label("포트").fill(str(company.branch.ports["imap"]))
    dialog.get_by_role("button", name="연결 확인").click()
    expect(dialog.get_by_role("status")).to_contain_text("아이디나 비밀번호가 맞지 않습니다.", timeout=60_000)
    dialog.get_by_label("비밀번호").fill(OLD_PASSWORD)
    dialog.get_by_role("button", name="연결 확인").click()
    expect(dialog.get_by_role("status")).to_contain_text("메일 3통이 있습니다.", timeout=60_000)
    dialog.get_by_label("표시 이름").fill("옛 회사 메일")
    shots(page, tmp_path, "pull-dialog")
    dialog.get_by_role("button", name="저장").click()
    expect(dialog).to_be_hidden()
    entry = page.get_by_role("listitem").filter(has_text="옛 회사 메일")
    expect(entry).to_contain_text("가져온 메일 3통", timeout=60_000)
    expect(entry).to_contain_text("정상", timeout=60_000)
    shots(page, tmp_path, "pulls")

    entry.get_by_role("switch").click()
    expect(entry).to_contain_text("꺼짐")
    entry.get_by_role("button", name="수정").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("비밀번호")).to_have_value("")
    dialog.get_by_label("표시 이름").fill("예전 회사")
    dialog.get_by_role("button", name="저장").click()
    entry = page.get_by_role("listitem").filter(has_text="예전 회사")
    expect(entry).to_contain_text("꺼짐")

    page.goto(f"{company.site}/")
    expect(page.get_by_text("옛 메일 2")).to_be_visible()
    page.goto(f"{company.site}/#/settings/pulls")
    entry = page.get_by_role("listitem").filter(has_text="예전 회사")
    entry.get_by_role("button", name="삭제").click()
    page.get_by_role("dialog").get_by_role("button", name="삭제").click()
    expect(page.get_by_text("등록한 외부메일이 없습니다.")).to_be_visible()
