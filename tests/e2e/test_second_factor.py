"""Signing in with a second factor in Chromium: an authenticator app, recovery codes, a passkey, enrolment that is due."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import CDPSession, Page, expect
from tests.e2e.company import Company, Person, obeyed, on_node

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.totp import Totp
from smartmail.service.flow.directory import NewPerson

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer

PASSWORD = "바다 위의 등대 47"
_CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


def new_account(company: Company, login: str, name: str, department: str = "", **knobs: object) -> None:
    """Somebody new at the demo company, with policy of their own."""

    async def prepare(node: Node) -> None:
        account = await node.services.provisioning.person(NewPerson(login, name, department=department), PASSWORD)
        for knob, value in knobs.items():
            rule = PolicyRule(knob.replace("__", ".").replace("_", "-"), Scope("account", str(account.id)), value)  # type: ignore[arg-type]
            await node.services.governing.set_knob(_CLI, rule)
        await obeyed(node)

    on_node(company.node.directory, prepare)


def give_password(page: Page, button: str) -> None:
    page.get_by_label("비밀번호", exact=True).fill(PASSWORD)
    page.get_by_role("button", name=button).click()


def enrol_app(page: Page) -> tuple[Totp, list[str]]:
    """Register an authenticator app on the open page; return it and the recovery codes."""
    give_password(page, "인증 앱 등록")
    expect(page.get_by_role("img", name="인증 앱으로 찍을 QR 코드")).to_be_visible()
    text = page.locator("code").first.inner_text()
    totp = Totp(base64.b32decode(text + "=" * (-len(text) % 8)))
    give_code(page, totp)
    expect(page.get_by_role("heading", name="복구 코드")).to_be_visible()
    codes = page.locator("code").all_inner_texts()
    page.get_by_role("button", name="안전한 곳에 보관했습니다").click()
    return totp, codes


def give_code(page: Page, totp: Totp, steps: int = 0) -> None:
    page.get_by_label("인증 코드").fill(totp.code(int(time.time()) // 30 + steps))
    page.get_by_role("button", name="확인").click()


def at_mail(page: Page) -> None:
    page.get_by_role("heading", name="받은메일함").wait_for()


def test_an_app_and_recovery_codes(company: Company, new_person: Callable[..., Person]) -> None:
    login = "otp@hanbit.example"
    new_account(company, login, "오티피")
    mine = new_person().sign_in(login, PASSWORD)
    mine.page.goto(f"{mine.site}/proof")
    mine.page.get_by_role("button", name="2단계 인증 수단 추가").click()
    totp, codes = enrol_app(mine.page)
    assert len(codes) == 10
    expect(mine.page.get_by_text("인증 앱 · OTP")).to_be_visible()

    there = new_person()
    page = there.page
    page.goto(there.site)
    there.try_password(login, PASSWORD)
    page.get_by_role("heading", name="2단계 인증").wait_for()
    page.get_by_label("인증 코드").fill("000000")
    page.get_by_role("button", name="확인").click()
    expect(page.get_by_role("alert")).to_have_text("코드가 맞지 않습니다.")
    # The code of the enrolment has been used; the next one counts, within what a clock may be wrong by.
    give_code(page, totp, 1)
    at_mail(page)

    lost = new_person()
    lost.page.goto(lost.site)
    lost.try_password(login, PASSWORD)
    lost.page.get_by_role("button", name="복구 코드 쓰기").click()
    lost.page.get_by_label("복구 코드").fill(codes[0])
    lost.page.get_by_role("button", name="확인").click()
    at_mail(lost.page)
    lost.page.goto(f"{lost.site}/proof")
    expect(lost.page.get_by_text("복구 코드가 9개 남았습니다.")).to_be_visible()


def test_an_enrolment_that_is_due_comes_before_the_mail(company: Company, new_person: Callable[..., Person]) -> None:
    login = "due@hanbit.example"
    new_account(company, login, "다급해", second_factor__required="required", second_factor__grace_days=0)
    person = new_person()
    person.page.goto(person.site)
    person.try_password(login, PASSWORD)
    person.page.get_by_role("heading", name="2단계 인증 등록").wait_for()
    person.page.goto(person.site)
    person.page.get_by_role("heading", name="2단계 인증 등록").wait_for()
    enrol_app(person.page)
    at_mail(person.page)


def test_a_password_that_is_due(company: Company, new_person: Callable[..., Person]) -> None:
    login = "old@hanbit.example"
    new_account(company, login, "묵은이", password__change_initial=True)

    async def again(node: Node) -> None:
        account = (await node.store.resolve([login]))[login]
        await node.services.auth.set_password(account, PASSWORD)

    on_node(company.node.directory, again)
    person = new_person()
    page = person.page
    page.goto(person.site)
    person.try_password(login, PASSWORD)
    page.get_by_role("heading", name="새 비밀번호").wait_for()
    for secret in ("qwerty12345", "달빛 아래 도서관 31"):
        page.get_by_label("지금 비밀번호").fill(PASSWORD)
        page.get_by_label("새 비밀번호").fill(secret)
        page.get_by_label("비밀번호 확인").fill(secret)
        page.get_by_role("button", name="비밀번호 설정").click()
        if secret.startswith("q"):
            expect(page.get_by_role("alert")).to_contain_text("널리 알려진 비밀번호입니다.")
    at_mail(page)


def test_a_passkey_as_second_factor_and_as_whole_login(company: Company, new_person: Callable[..., Person]) -> None:
    login = "key@hanbit.example"
    new_account(company, login, "나열쇠")
    person = new_person().sign_in(login, PASSWORD)
    page = person.page
    authenticator(page)
    page.goto(f"{person.site}/proof")
    page.get_by_role("button", name="2단계 인증 수단 추가").click()
    give_password(page, "패스키 등록")
    page.get_by_role("button", name="안전한 곳에 보관했습니다").click()
    expect(page.get_by_text("패스키 · Passkey")).to_be_visible()

    sign_out(page)
    page.goto(person.site)
    person.try_password(login, PASSWORD)
    page.get_by_role("heading", name="2단계 인증").wait_for()
    page.get_by_role("button", name="확인").click()
    at_mail(page)

    sign_out(page)
    page.goto(person.site)
    page.get_by_role("link", name="패스키로 로그인").click()
    at_mail(page)


def sign_out(page: Page) -> None:
    page.context.clear_cookies()


def authenticator(page: Page) -> CDPSession:
    """Put a virtual authenticator with user verification into the browser."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session
