"""The account page in Chromium, on a real node: password, second factors, sessions, programs, who looked, travel."""

from __future__ import annotations

import imaplib
import re
import ssl
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.company import DESKTOP, PHONE, Company, Person, until_shown
from tests.e2e.controls import pick
from tests.e2e.demo_desk import settle, violations
from tests.e2e.pictures import keep_picture
from tests.e2e.test_second_factor import PASSWORD, enrol_app, new_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.peer


def at(person: Person, page: str, heading: str) -> Page:
    """Open a page of the settings."""
    person.page.goto(f"{person.site}/#/settings/{page}")
    person.page.get_by_role("heading", name=heading).wait_for()
    return person.page


def shots(page: Page, folder: Path, name: str) -> None:
    """Take both widths; nothing may stick out, and axe finds nothing."""
    for width, size in (("wide", DESKTOP), ("phone", PHONE)):
        page.set_viewport_size(size)
        settle(page)
        keep_picture(page, folder / f"{name}-{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
    page.set_viewport_size(DESKTOP)
    assert violations(page) == []


def test_password_second_factor_recovery_and_travel(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    login = "safe@hanbit.example"
    new_account(company, login, "안전해")
    person = new_person(viewport=DESKTOP).sign_in(login, PASSWORD)
    page = at(person, "security", "로그인 보안")

    page.get_by_role("button", name="2단계 인증 수단 추가").click()
    enrol_app(page)
    expect(page.get_by_text("복구 코드가 10개 남았습니다.")).to_be_visible()

    page.get_by_role("button", name="주소 등록").click()
    page.get_by_role("dialog").get_by_label("메일 주소").fill("safe@home.example")
    page.get_by_role("button", name="확인 메일 보내기").click()
    expect(page.get_by_text("확인 대기")).to_be_visible()

    page.get_by_role("button", name="신청", exact=True).click()
    dialog = page.get_by_role("dialog")
    pick(dialog.get_by_role("combobox").first, "JP")
    days = page.evaluate(
        "[1, 4].map((n) => { const d = new Date(Date.now() + n * 864e5); return d.toISOString().slice(0, 16) })"
    )
    dialog.get_by_label("시작").fill(days[0])
    dialog.get_by_label("끝").fill(days[1])
    dialog.get_by_label("사유").fill("오사카 출장")
    dialog.get_by_role("button", name="신청").click()
    expect(page.get_by_role("listitem").filter(has_text="오사카 출장")).to_contain_text("승인 대기")
    shots(page, tmp_path, "security")
    page.get_by_role("button", name="신청 취소").click()
    expect(page.get_by_role("listitem").filter(has_text="오사카 출장")).to_contain_text("취소함")

    page.get_by_role("button", name="비밀번호 변경").click()
    fields = page.get_by_role("dialog")
    for label, secret in (
        ("지금 비밀번호", PASSWORD),
        ("새 비밀번호", "달빛 아래 도서관 31"),
        ("비밀번호 확인", "달빛 아래 도서관 31"),
    ):
        fields.get_by_label(label).fill(secret)
    fields.get_by_role("button", name="변경", exact=True).click()
    # It closes when the password is changed. What is announced then may be replaced at once by the mail about the pass above.
    expect(fields).to_be_hidden()
    page.reload()
    page.get_by_role("heading", name="로그인 보안").wait_for()


def test_sessions_attempts_and_known_devices(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    login = "places@hanbit.example"
    new_account(company, login, "어디든")
    elsewhere = new_person().sign_in(login, PASSWORD)
    stranger = new_person()
    stranger.page.goto(stranger.site)
    stranger.try_password(login, "wrong wrong wrong")
    stranger.page.get_by_role("alert").wait_for()

    person = new_person(viewport=DESKTOP).sign_in(login, PASSWORD)
    page = at(person, "sessions", "로그인 기록")
    # A page of the settings is called so too.
    expect(page.get_by_role("listitem").filter(has_text=re.compile(r"이 기기.*127\.0\.0\.1"))).to_be_visible()
    tries = page.get_by_role("list", name="로그인 시도")
    expect(tries.get_by_text("웹메일 · 비밀번호 틀림")).to_be_visible()
    expect(tries.get_by_text("웹메일 · 로그인함").first).to_be_visible()
    page.get_by_text("막힌 시도").click()
    expect(tries.get_by_role("listitem")).to_have_count(1)
    shots(page, tmp_path, "sessions")

    page.get_by_role("button", name="로그아웃", exact=True).first.click()
    expect(page.get_by_role("button", name="로그아웃", exact=True)).to_have_count(0)
    elsewhere.page.reload()
    until_shown(elsewhere.page.get_by_label("메일 주소"), elsewhere.page.reload)


def test_an_app_password_and_its_end(company: Company, new_person: Callable[..., Person], tmp_path: Path) -> None:
    login = "apps@hanbit.example"
    new_account(company, login, "앱많음")
    person = new_person(viewport=DESKTOP).sign_in(login, PASSWORD)
    page = at(person, "programs", "메일 프로그램과 앱")
    page.get_by_role("button", name="앱 비밀번호 만들기").click()
    page.get_by_label("이름").fill("노트북 Thunderbird")
    shots(page, tmp_path, "new-app")
    page.get_by_role("button", name="만들기", exact=True).click()
    secret = page.get_by_role("dialog").locator("code").inner_text()
    page.get_by_role("button", name="닫기").last.click()
    expect(page.get_by_text(secret)).to_have_count(0)
    assert secret not in page.content()

    trust = ssl.create_default_context(cafile=str(company.node.directory / "tls" / "ca.pem"))
    with imaplib.IMAP4_SSL("localhost", company.node.ports["imaps"], ssl_context=trust) as session:
        session.login(login, secret)
    row = page.get_by_role("listitem").filter(has_text="노트북 Thunderbird")
    page.reload()
    until_shown(row.filter(has_text="마지막 사용"), page.reload)
    shots(page, tmp_path, "programs")
    row.get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button", name="삭제").click()
    expect(row).to_have_count(0)
    # The row goes at once; this is said when the server has done it.
    expect(page.get_by_role("status").filter(has_text="연결을 삭제했습니다.")).to_be_attached()
    with imaplib.IMAP4_SSL("localhost", company.node.ports["imaps"], ssl_context=trust) as session:
        with pytest.raises(imaplib.IMAP4.error):
            session.login(login, secret)

    page = at(person, "looks", "내 메일 열람 기록")
    expect(page.get_by_text("아무도 내 메일을 열람하지 않았습니다")).to_be_visible()
    shots(page, tmp_path, "looks")
    page = at(person, "account", "내 계정")
    expect(page.get_by_text("앱많음").first).to_be_visible()
    shots(page, tmp_path, "account")
