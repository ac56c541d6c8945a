"""공지 and 전체메일: an administrator tells a department something, its people read it; the author of a mail to everybody sees
who has not read it, reminds them and takes it back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e import admin_web
from tests.e2e.company import DESKTOP, on_node, until_shown
from tests.e2e.controls import pick
from tests.e2e.demo_desk import violations
from tests.e2e.test_second_factor import _CLI, PASSWORD, new_account
from tests.e2e.writing_help import look

from smartmail.domain.addressing import ListText, Member

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.company import Company, Person

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer

TEAM = "안전팀"
READER = "safety.reader@hanbit.example"
TITLE = "겨울철 작업장 안전수칙을 확인해 주세요"
MAINTENANCE = "12월 5일(토) 오후 10시~11시 메일 점검 안내"
BODY = "12월 20일까지 아래에서 받아 주세요.\nhttps://edu.hanbit.example/safety\n\n문의: 안전팀"


def test_a_bulletin_is_published_read_and_those_who_have_not_are_known(
    new_person: Callable[..., Person], company: Company, tmp_path: Path
) -> None:
    new_account(company, READER, "김안전", TEAM)
    new_account(company, "safety.other@hanbit.example", "박안전", TEAM)
    reader = new_person().sign_in(READER, PASSWORD)
    page = reader.page
    expect(page.get_by_text(TITLE)).to_have_count(0)

    admin = admin_web.sign_in(new_person(viewport=DESKTOP).page, company)
    admin_web.go(admin, "공지")
    admin.get_by_role("button", name="새 공지").click()
    form = admin_web.panel(admin)
    form.get_by_label("제목").fill(TITLE)
    form.get_by_label("내용").fill(BODY)
    pick(form.get_by_role("group", name="대상").get_by_role("combobox").first, "부서")
    pick(form.get_by_label("부서", exact=True), TEAM)
    form.get_by_label("한 번 띄우기").check()
    form.get_by_label("필독").check()
    admin_web.look(admin, "bulletin-new", tmp_path)
    form.get_by_role("button", name="새 공지").click()
    row = admin.get_by_role("row").filter(has_text=TITLE)
    expect(row).to_contain_text("게시 중")

    # The waiting page of one of the team shows it by itself.
    dialog = page.get_by_role("dialog", name=TITLE)
    expect(dialog.get_by_role("link", name="https://edu.hanbit.example/safety")).to_be_visible()
    look(page, "bulletin-popup", tmp_path)
    dialog.get_by_role("button", name="나중에").click()
    expect(dialog).to_have_count(0)
    bar = page.get_by_role("note").filter(has_text=TITLE)
    expect(bar).to_contain_text("필독")
    look(page, "bulletin-bar", tmp_path)
    page.reload()
    expect(bar).to_be_visible()
    expect(dialog).to_have_count(0)
    bar.get_by_role("button", name="읽기").click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    look(page, "bulletin-reading", tmp_path)
    page.get_by_role("button", name="읽었습니다").click()
    expect(page.get_by_text("에 읽었습니다.")).to_be_visible()
    page.get_by_role("button", name="공지 목록").click()
    expect(page.get_by_role("button", name=TITLE)).to_be_visible()
    look(page, "bulletin-list", tmp_path)
    assert violations(page) == []

    # One has read it, one has not; the list of those leaves with a reason.
    row.click()
    details = admin_web.panel(admin)
    expect(details).to_contain_text("2명 중 1명이 읽었습니다.")
    unread = details.get_by_role("list", name="안 읽은 사람")
    expect(unread).to_contain_text("박안전")
    expect(unread).not_to_contain_text("김안전")
    admin_web.look(admin, "bulletin-readers", tmp_path)
    details.get_by_role("button", name="안 읽은 사람 CSV").click()
    ask = admin_web.form_of(admin, details, "사유")
    ask.get_by_label("사유").fill("안전교육 미확인자에게 안내")
    with admin.expect_download() as coming:
        ask.get_by_role("button", name="안 읽은 사람 CSV").click()
    assert "박안전" in coming.value.path().read_text("utf-8-sig")


def test_what_everybody_must_know_stands_on_the_sign_in_page(
    new_person: Callable[..., Person], company: Company, tmp_path: Path
) -> None:
    admin = admin_web.sign_in(new_person(viewport=DESKTOP).page, company)
    admin_web.go(admin, "공지")
    admin.get_by_role("button", name="새 공지").click()
    form = admin_web.panel(admin)
    form.get_by_label("제목").fill(MAINTENANCE)
    form.get_by_label("내용").fill("이 시간에는 메일을 보내거나 받을 수 없습니다.")
    form.get_by_label("로그인 화면에 표시").check()
    form.get_by_role("button", name="새 공지").click()
    row = admin.get_by_role("row").filter(has_text=MAINTENANCE)
    expect(row).to_contain_text("로그인 화면에 표시")
    for size in (DESKTOP, {"width": 390, "height": 844}):
        page = new_person(viewport=size).page
        page.goto(company.site)
        page.get_by_label("메일 주소").fill("anybody@hanbit.example")
        news = page.get_by_role("region", name="공지")
        expect(news).to_contain_text(MAINTENANCE)
        look(page, f"sign-in-news-{size['width']}", tmp_path)
        expect(news.get_by_text("보내거나 받을 수 없습니다")).to_be_hidden()
        news.get_by_text(MAINTENANCE).click()
        expect(news.get_by_text("보내거나 받을 수 없습니다")).to_be_visible()
        look(page, f"sign-in-news-open-{size['width']}", tmp_path)
        assert violations(page) == []
        # Of another company nobody hears it.
        page.get_by_label("메일 주소").fill("anybody@elsewhere.example")
        expect(news).to_have_count(0)
    row.click()
    details = admin_web.panel(admin)
    details.get_by_role("button", name="게시 종료").click()
    details.or_(admin.get_by_role("dialog")).get_by_role("button", name="게시 종료").last.click()
    expect(row).to_contain_text("종료")


def test_a_mail_to_everybody_is_followed_reminded_and_taken_back(
    new_person: Callable[..., Person], company: Company, tmp_path: Path
) -> None:
    author, first, second = ("notice.author@hanbit.example", "notice.one@hanbit.example", "notice.two@hanbit.example")
    everybody = "notice.all@hanbit.example"
    new_account(company, author, "이알림", "알림팀", undo__max_seconds=0)
    new_account(company, first, "하나", "알림팀")
    new_account(company, second, "두리", "알림팀")

    async def prepare(node: Node) -> None:
        lists = node.services.addressing.lists
        await lists.create(_CLI, everybody, ListText("전 직원", (author,), notice=True))
        await lists.add(_CLI, everybody, [Member(first), Member(second)])

    on_node(company.node.directory, prepare)
    person = new_person().sign_in(author, PASSWORD)
    page = person.page
    person.compose(everybody, "연말 일정 안내")
    person.write("12월 31일은 쉽니다.")
    person.send()

    reader = new_person().sign_in(first, PASSWORD)
    reader.read("연말 일정 안내")

    def open_panel() -> None:
        page.goto(f"{company.site}/#/settings")
        page.goto(f"{company.site}/#/receipts")
        page.get_by_role("button", name="연말 일정 안내").click()

    unread = page.get_by_role("list", name="안 읽은 사람")
    until_shown(unread.filter(has_text="두리").filter(has_not_text="하나"), open_panel)
    look(page, "list-readers", tmp_path)
    page.get_by_role("button", name="다시 알림").click()
    page.get_by_role("dialog").get_by_role("button", name="다시 알림").click()
    expect(person.notices).to_contain_text("1명에게 다시 알렸습니다")
    expect(page.get_by_role("button", name="다시 알림")).to_be_disabled()
    other = new_person().sign_in(second, PASSWORD)
    other.bring("[다시 알림] 연말 일정 안내")
    page.get_by_role("button", name="발송취소").click()
    page.get_by_role("dialog").get_by_role("button", name="발송취소").click()
    expect(page.get_by_text("회수 완료 1")).to_be_visible()
    look(page, "list-recalled", tmp_path)
    assert violations(page) == []
