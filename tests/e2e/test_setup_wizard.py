"""From an empty host to the first mail, in a browser: nothing is typed after the one command, and a clock runs in the picture."""

from __future__ import annotations

import re
import time
from base64 import b32decode
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import look, rail
from tests.e2e.company import PARTNER
from tests.e2e.company import new_page as fresh_page
from tests.e2e.conftest import build_webmail
from tests.e2e.fresh_host import DOMAIN, FRESH_ADMIN, FRESH_PASSWORD, fresh_host, show_clock
from tests.e2e.pictures import keep_picture
from tests.peers.served import until

from smartmail.formats.totp import STEP_S, Totp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page
    from tests.e2e.fresh_host import FreshHost

pytestmark = pytest.mark.peer
MOST_S = 600


@pytest.fixture
def host(tmp_path: Path) -> Iterator[FreshHost]:
    """A machine on which `serve` was typed, and nothing else."""
    build_webmail("webmail")
    build_webmail("admin")
    with fresh_host(tmp_path) as running:
        yield running


@pytest.fixture
def new_page(chromium: Browser, tmp_path: Path) -> Iterator[Callable[[], Page]]:
    """Make pages of browsers that nobody has used; nothing may go wrong in them."""
    made: list[Page] = []
    wrong: list[str] = []

    def make() -> Page:
        page = fresh_page(chromium)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        made.append(page)
        return page

    yield make
    for number, page in enumerate(made):
        if not page.is_closed():
            keep_picture(page, tmp_path / f"end-{number}.png")
        page.context.close()
    assert wrong == []


def found(page: Page, password: str = FRESH_PASSWORD) -> None:
    """Fill in the first form."""
    page.get_by_label("회사 이름").fill("한빛상사")
    page.get_by_label("메일 도메인").fill(DOMAIN)
    page.get_by_label("관리자 이름").fill("박지호")
    page.get_by_label("관리자 메일 아이디").fill(FRESH_ADMIN.partition("@")[0])
    page.get_by_label("비밀번호", exact=True).fill(password)
    page.get_by_label("비밀번호 확인").fill(password)
    page.get_by_role("button", name="만들고 계속하기").click()


def at(page: Page, step: str) -> None:
    """Wait until a step is shown."""
    expect(page.get_by_role("heading", level=1)).to_have_text(step, timeout=60_000)


def test_from_an_empty_host_to_the_first_mail(host: FreshHost, new_page: Callable[[], Page], tmp_path: Path) -> None:
    page = new_page()
    show_clock(page, began_at := time.time())
    page.goto(host.link)
    began = time.monotonic()
    expect(page.get_by_role("heading", name="회사와 첫 관리자 만들기")).to_be_visible()
    look(page, "1-found", tmp_path)
    found(page, "짧다")
    expect(page.get_by_role("alert")).to_contain_text("자")
    found(page)
    at(page, "서버 이름")
    assert "#" not in page.url
    _name(page)
    look(page, "2-host", tmp_path)
    page.get_by_role("button", name="다음").click()
    at(page, "2단계 인증")
    _enrol(page, tmp_path)
    at(page, "정책 기본값")
    look(page, "3-preset", tmp_path)
    page.get_by_label("금융").check()
    page.get_by_role("button", name="다음").click()
    at(page, "발송 경로")
    look(page, "4-outgoing", tmp_path)
    page.get_by_role("button", name="다음").click()
    at(page, "인증서")
    look(page, "5-certificate", tmp_path)
    page.get_by_role("button", name="다음").click()
    at(page, "DNS 레코드")
    page.get_by_role("button", name="지금 확인").click()
    expect(page.get_by_role("listitem").filter(has_text=f"MX {DOMAIN}")).to_contain_text("등록됨", timeout=60_000)
    expect(page.get_by_role("listitem").filter(has_text="v=spf1")).to_contain_text("없음")
    look(page, "6-records", tmp_path)
    # Left here, and opened again elsewhere: it goes on where it was.
    page = _comes_back(page, host, began_at)
    at(page, "DNS 레코드")
    page.get_by_role("button", name="다음").click()
    at(page, "구성원")
    page.get_by_label("이름", exact=True).fill("김민지")
    page.get_by_label("메일 아이디").fill("minji.kim")
    page.get_by_role("button", name="추가", exact=True).click()
    expect(page.get_by_role("button", name="링크 복사 김민지")).to_be_visible()
    look(page, "7-people", tmp_path)
    page.get_by_role("button", name="다음").click()
    at(page, "첫 메일")
    page.get_by_role("button", name="첫 메일 보내기").click()
    expect(page.get_by_role("status")).to_contain_text("받는 쪽 서버가 접수했습니다", timeout=60_000)
    # Its own mail, and the notice of the new factor.
    expect(page.get_by_role("status")).to_contain_text("Delivered")
    expect(page.get_by_role("status")).to_contain_text(re.compile("내 받은메일함 ?[1-9]"), timeout=60_000)
    look(page, "8-first-mail", tmp_path)
    page.get_by_role("button", name="다음").click()
    at(page, "설치가 완료되었습니다")
    took = time.monotonic() - began
    keep_picture(page, tmp_path / "9-ready.png")
    page.get_by_role("button", name="설치 마치기").click()
    rail(page).wait_for()
    expect(page.get_by_text("설치가 아직 완료되지 않았습니다")).to_have_count(0)
    print(f"from the address to the first mail: {took:.0f} s")
    assert took < MOST_S
    # The door stays shut: the address of the start works no more, for anybody.
    stranger = new_page()
    stranger.goto(host.link)
    expect(stranger.get_by_role("alert")).to_contain_text("이미 쓰였거나")
    host.node.stop()
    host.node.start()
    assert host.links() == [host.link]


def test_mail_to_somebody_elsewhere_goes_out(host: FreshHost, new_page: Callable[[], Page]) -> None:
    page = new_page()
    page.goto(host.link)
    found(page)
    at(page, "서버 이름")
    page.get_by_role("button", name="나중에 하기").click()
    at(page, "2단계 인증")
    page.get_by_role("button", name="나중에 하기").click()
    at(page, "정책 기본값")
    page.get_by_role("button", name=re.compile("첫 메일")).click()
    page.get_by_label("받는 주소").fill(PARTNER)
    page.get_by_role("button", name="첫 메일 보내기").click()
    expect(page.get_by_role("status")).to_contain_text("받는 쪽 서버가 접수했습니다", timeout=60_000)
    expect(page.get_by_role("status")).to_contain_text("250")
    until(lambda: host.partner_has("SmartMail 첫 메일"), 20, "the mail at the partner's")


def _name(page: Page) -> None:
    """Take the names that are offered; only what DNS was asked for has a state, and only what it knows is green."""
    page.get_by_label("메일 서버 이름").fill("localhost")
    expect(page.get_by_role("button", name="다음")).to_be_disabled()
    page.get_by_label("메일 서버 이름").fill(f"mail.{DOMAIN}")
    expect(page.get_by_label("관리 화면 이름")).to_have_value(f"admin.{DOMAIN}")
    expect(page.get_by_text("등록됨")).to_have_count(0)
    page.get_by_role("button", name="지금 확인").click()
    rows = page.get_by_role("region", name="DNS 확인").get_by_role("listitem")
    expect(rows.filter(has_text=f"mail.{DOMAIN}")).to_contain_text("등록됨", timeout=60_000)
    expect(rows.filter(has_text=f"mail.{DOMAIN}")).to_contain_text("127.0.0.1")
    expect(rows.filter(has_text=f"admin.{DOMAIN}")).to_contain_text("없음")


def _enrol(page: Page, tmp_path: Path) -> None:
    page.get_by_label("비밀번호를 한 번 더").fill(FRESH_PASSWORD)
    page.get_by_role("button", name="등록 코드 보기").click()
    secret = page.locator("[data-secret]").inner_text()
    app = Totp(b32decode(secret))
    look(page, "2-factor", tmp_path)
    page.get_by_label("인증 앱의 숫자").fill(app.code(int(time.time()) // STEP_S))
    page.get_by_role("button", name="확인").click()
    expect(page.get_by_text("복구 코드", exact=True)).to_be_visible()
    page.get_by_role("button", name="다음").click()


def _comes_back(page: Page, host: FreshHost, began: float) -> Page:
    """Close the page, and come back to the admin web in the same browser."""
    later = page.context.new_page()
    page.close()
    show_clock(later, began)
    later.goto(host.admin_site)
    rail(later).wait_for()
    later.get_by_role("button", name="이어서 하기").click()
    return later
