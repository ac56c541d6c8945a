"""A company's own name, logo and colour: set on a screen, seen there, at sign-in and in the webmail, readable in both themes."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect
from tests.e2e.admin_web import go, look, sign_in
from tests.e2e.company import DESKTOP, HERO
from tests.e2e.pictures import keep_picture

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer
NAME = "한빛소프트 메일"
# The colours come as a style sheet of their own, after the name.
IS_OTHER = "ours => getComputedStyle(document.documentElement).getPropertyValue('--accent') !== ours"


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (900, 300), "#0a7d4f").save(out, "JPEG")
    return out.getvalue()


def test_a_company_shows_itself(company: Company, new_person: Callable[..., Person], tmp_path: pathlib.Path) -> None:
    admin = sign_in(new_person(viewport=DESKTOP).page, company)
    go(admin, "회사 모습")
    # Its address is the page's own, not that of the name and colours that every page asks for.
    admin.reload()
    expect(admin.get_by_role("heading", level=1)).to_have_text("회사 모습")
    ours = admin.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent')")
    admin.get_by_label("표시 이름").fill(NAME)
    admin.get_by_label("로고", exact=True).set_input_files(
        {"name": "logo.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    expect(admin.get_by_alt_text("지금 로고")).to_be_visible()
    admin.get_by_label("회사 색 쓰기").check()
    admin.get_by_label("색상").fill("150")
    try:
        admin.get_by_role("button", name="저장", exact=True).click()
        expect(admin.get_by_role("status")).to_contain_text("저장했습니다")
        expect(admin.get_by_role("banner")).to_contain_text(NAME)
        admin.wait_for_function(IS_OTHER, arg=ours)
        look(admin, "appearance", tmp_path)
        go(admin, "현황")
        look(admin, "overview-own-colour", tmp_path)
        # At sign-in: there is one company, so nobody need say whose.
        person = new_person(viewport=DESKTOP)
        person.page.goto(company.site)
        expect(person.page.get_by_role("banner").get_by_text(NAME, exact=True)).to_be_visible()
        keep_picture(person.page, tmp_path / "sign-in.png")
        person.sign_in(HERO)
        expect(person.page.locator(".company")).to_contain_text(NAME)
        # With how many mails are unread, once that is known.
        expect(person.page).to_have_title(re.compile(rf"^(\([\d,]+\) )?받은메일함 · {NAME}$"))
        person.page.wait_for_function(IS_OTHER, arg=ours)
        keep_picture(person.page, tmp_path / "webmail.png")
    finally:
        go(admin, "회사 모습")
        admin.get_by_role("button", name="기본 모습으로").click()
        expect(admin.get_by_role("status")).to_contain_text("되돌렸습니다")
    expect(admin.get_by_role("banner")).to_contain_text("SmartMail")
