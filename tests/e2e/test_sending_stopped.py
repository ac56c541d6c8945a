"""An account that was stopped from sending: its owner sees why in the webmail and releases it by an authenticator app."""

from __future__ import annotations

import base64
import contextlib
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from tests.e2e.company import DESKTOP, PHONE, Company, Person, on_node
from tests.e2e.test_second_factor import PASSWORD, at_mail, give_code, new_account
from tests.flows.factor_house import page as a_page

from smartmail.formats.totp import Totp
from smartmail.service.identity.factors.service import SignedIn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer

LOGIN = "payroll@hanbit.example"
TWO_DAYS = 2 * 86_400_000
SIGNS = {"sameness": 47, "links": 40, "place": 47}


def enrol(company: Company, monkeypatch: pytest.MonkeyPatch) -> Totp:
    """Two days ago the person registered an authenticator app."""
    made: list[Totp] = []

    async def work(node: Node) -> None:
        with monkeypatch.context() as patched:
            clock, now = type(node.clock), type(node.clock).now
            patched.setattr(clock, "now", lambda its: now(its) - TWO_DAYS)
            signed = await node.services.factors.sign_in(LOGIN, PASSWORD, a_page())
            assert isinstance(signed, SignedIn)
            actor = await node.services.auth.session(signed.token, a_page().origin, owing=True)
            token, shown = await node.services.enrolment.begin(actor, "totp", PASSWORD, a_page())
            secret = parse_qs(urlsplit(str(shown["address"])).query)["secret"][0]
            made.append(Totp(base64.b32decode(secret + "=" * (-len(secret) % 8))))
            code = made[0].code(node.clock.now() // 30_000)
            await node.services.enrolment.finish(actor, token, "totp", "내 폰", {"code": code}, a_page())
        await node.services.auth.settle()

    on_node(company.node.directory, work)
    return made[0]


def stop(company: Company) -> None:
    """The node believes that the account is stolen."""

    async def work(node: Node) -> None:
        account = (await node.store.resolve([LOGIN]))[LOGIN]
        assert await node.services.defence.parts.sending.stop(account, "stolen", SIGNS, "system")
        await node.services.defence.settle()

    on_node(company.node.directory, work)


def test_the_owner_releases_what_was_stopped(
    company: Company, new_person: Callable[..., Person], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_account(company, LOGIN, "급여담당")
    totp = enrol(company, monkeypatch)
    mine = new_person(viewport=DESKTOP)
    page = mine.page
    page.goto(mine.site)
    mine.try_password(LOGIN, PASSWORD)
    give_code(page, totp)
    at_mail(page)
    stop(company)
    bar = page.get_by_role("alert").filter(has_text="메일 발송이 중지되었습니다")
    # A page that is just beginning may have asked a moment before.
    for _ in range(10):
        page.reload()
        at_mail(page)
        with contextlib.suppress(AssertionError):
            expect(bar).to_be_visible(timeout=3000)
            break
    page.screenshot(path=str(tmp_path / "stopped.png"))
    bar.get_by_role("button", name="사유 확인 및 해제").click()
    asked = page.get_by_role("dialog", name="메일 발송이 중지되었습니다")
    expect(asked.get_by_text("같은 내용 47회")).to_be_visible()
    page.screenshot(path=str(tmp_path / "why.png"))
    page.set_viewport_size(PHONE)
    page.screenshot(path=str(tmp_path / "why-phone.png"))
    asked.get_by_role("button", name="본인 확인하고 해제").click()
    page.get_by_label("인증 코드").wait_for()
    page.screenshot(path=str(tmp_path / "proof-phone.png"))
    # The code of the sign-in has been used; the next one counts, within what a clock may be wrong by.
    page.get_by_label("인증 코드").fill(totp.code(int(time.time()) // 30 + 1))
    page.get_by_role("button", name="확인", exact=True).click()
    expect(page.get_by_text("발송이 다시 허용되었습니다.").first).to_be_visible()
    expect(bar).to_have_count(0)
    page.screenshot(path=str(tmp_path / "released-phone.png"))
