"""메일함 내려받기·올리기 in Chromium, on a real node: out as a ZIP, back in without doubles, undone."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import DESKTOP, Company, Person
from tests.e2e.controls import pick
from tests.e2e.test_account_page import at, shots
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.peer

BOX = "".join(
    "From lee@b.example Fri Jan  5 03:00:00 2024\n"
    f"From: lee@b.example\nTo: box@hanbit.example\nSubject: 옛 메일 {number}\n"
    f"Message-ID: <{number}@b.example>\nDate: Fri, 5 Jan 2024 12:00:00 +0900\n\n본문 {number}\n\n"
    for number in range(3)
).encode()


def test_a_mailbox_goes_out_and_comes_back(company: Company, new_person: Callable[..., Person], tmp_path: Path) -> None:
    login = "box@hanbit.example"
    new_account(company, login, "박보관")
    page = at(new_person(viewport=DESKTOP).sign_in(login, PASSWORD), "parcels", "메일함 내려받기·올리기")

    page.get_by_role("button", name="메일 파일 올리기").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(
        {"name": "옛 메일.mbox", "mimeType": "application/mbox", "buffer": BOX}
    )
    pick(dialog.get_by_role("combobox"), "받은메일함")
    dialog.get_by_role("button", name="올리기").click()
    entry = page.get_by_role("listitem").filter(has_text="옛 메일.mbox")
    expect(entry).to_contain_text("새 메일 3통", timeout=120_000)

    page.get_by_role("button", name="메일함 내려받기").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("파일 이름").fill("내 메일")
    dialog.get_by_label("모든 메일함").uncheck()
    dialog.get_by_label("받은메일함").check()
    dialog.get_by_role("button", name="파일 만들기").click()
    made = page.get_by_role("listitem").filter(has_text="내 메일.zip")
    expect(made).to_contain_text("완료", timeout=120_000)
    with page.expect_download() as coming:
        made.get_by_role("button", name="내려받기").click()
    path = tmp_path / "a.zip"
    coming.value.save_as(path)
    assert coming.value.suggested_filename == "내 메일.zip"
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert sum(name.startswith("받은메일함/20240105-1200 옛 메일") for name in names) == 3

    page.get_by_role("button", name="메일 파일 올리기").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("input[type=file]").set_input_files(path)
    dialog.get_by_role("button", name="올리기").click()
    again = page.get_by_role("listitem").filter(has_text="a.zip")
    expect(again).to_contain_text("새 메일 0통 · 이미 있던 메일 3통", timeout=120_000)
    shots(page, tmp_path, "parcels")

    entry.get_by_role("button", name="모두 되돌리기").click()
    page.get_by_role("dialog").get_by_role("button", name="모두 되돌리기").click()
    expect(page.get_by_role("region", name="알림").get_by_text("메일 3통을 되돌렸습니다.")).to_be_visible()
    expect(entry).to_contain_text("되돌림")
