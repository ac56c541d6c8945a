"""A face beside a name: put there by its person, seen by colleagues who write and read, removed by an administrator."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect
from tests.e2e.admin_web import go, look, panel, sign_in
from tests.e2e.company import DESKTOP, HERO, until_shown
from tests.e2e.pictures import keep_picture
from tests.e2e.test_account_page import at, shots
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer


def picture() -> bytes:
    out = BytesIO()
    ground = Image.new("RGB", (900, 600), "#345")
    ground.paste("#c96", (330, 120, 570, 480))
    ground.save(out, "JPEG")
    return out.getvalue()


def test_a_face_beside_a_name(company: Company, new_person: Callable[..., Person], tmp_path: pathlib.Path) -> None:
    login = "face@hanbit.example"
    new_account(company, login, "얼굴이")
    person = new_person(viewport=DESKTOP).sign_in(login, PASSWORD)
    page = at(person, "account", "내 계정")
    page.get_by_label("사진 올리기").set_input_files({"name": "me.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    expect(page.get_by_text("사진을 올렸습니다")).to_be_visible()
    face = page.locator(".who img.avatar")
    assert face.evaluate("async one => (await one.decode(), one.naturalWidth)") == 72
    shots(page, tmp_path, "account")

    colleague = new_person(viewport=DESKTOP).sign_in(HERO)
    colleague.page.keyboard.press("c")
    line = colleague.page.get_by_role("combobox", name="받는사람")
    line.fill("얼굴")
    found = colleague.page.get_by_role("option", name="얼굴이").locator("img.avatar")
    # The other process hears of a new picture a moment later, and what was asked for is shown as it was then.
    until_shown(found, lambda: (line.fill(""), line.fill("얼굴")))
    assert found.evaluate("async one => (await one.decode(), one.naturalWidth)") == 72
    keep_picture(colleague.page, tmp_path / "suggestion.png")

    admin = sign_in(new_person(viewport=DESKTOP).page, company)
    go(admin, "사용자")
    admin.get_by_role("searchbox").first.fill("얼굴이")
    admin.get_by_role("row").filter(has_text="얼굴이").click()
    expect(panel(admin).get_by_alt_text("얼굴이 님의 사진")).to_be_visible()
    look(admin, "person-photograph", tmp_path)
    panel(admin).get_by_role("button", name="사진 삭제").click()
    expect(panel(admin).get_by_alt_text("얼굴이 님의 사진")).to_have_count(0)
