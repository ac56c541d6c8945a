"""상세검색: the form writes the search line and reads it; what is found says where it lies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.demo_desk import PHONE, settle, violations
from tests.e2e.pictures import keep_picture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.demo_desk import Desk

pytestmark = [pytest.mark.peer]


def opened(page: Page) -> Locator:
    page.get_by_role("button", name="상세검색").click()
    return page.get_by_role("dialog", name="상세검색")


def test_the_form_writes_chips_and_reads_them_back(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    form = opened(page)
    # Empty, it has nothing to look for.
    expect(form.get_by_role("button", name="검색", exact=True)).to_be_disabled()
    sender = form.get_by_role("combobox", name="보낸사람")
    expect(sender).to_be_focused()
    sender.press_sequentially("ㅂㅅㅈ")
    form.get_by_role("option", name=re.compile("seojun.park")).click()
    expect(sender).to_have_value("seojun.park@hanbit-tech.example")
    form.get_by_label("내용").fill("예산")
    form.get_by_text("1년", exact=True).click()
    form.get_by_role("button", name="첨부 있음").click()
    form.get_by_role("button", name="안읽음").click()
    expect(form.get_by_role("button", name="안읽음")).to_have_attribute("aria-pressed", "true")
    form.get_by_role("button", name="안읽음").click()
    form.get_by_role("checkbox", name="스팸·휴지통 포함").check()
    # The button tells how many there are before one presses it, and they are as many.
    button = form.get_by_role("button", name=re.compile(r"\d+통 보기"))
    expect(button).to_be_visible()
    count = re.sub(r"\D", "", button.inner_text())
    keep_picture(page, tmp_path / "form.png")
    assert violations(page) == []
    button.click()
    expect(form).to_have_count(0)
    for chip in ("보낸사람: seojun.park@hanbit-tech.example", "최근: 1년", "첨부", "메일함: 스팸·휴지통 포함"):
        expect(page.get_by_role("search").get_by_role("button", name=chip, exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="메일 검색")).to_have_value("예산")
    expect(page.get_by_text(f"{count}통 찾음")).to_be_visible()

    page.get_by_role("button", name=re.compile("검색 조건 빼기: 최근")).click()
    form = opened(page)
    expect(form.get_by_role("combobox", name="보낸사람")).to_have_value("seojun.park@hanbit-tech.example")
    expect(form.get_by_label("내용")).to_have_value("예산")
    expect(form.get_by_role("radio", name="전체")).to_be_checked()
    expect(form.get_by_role("button", name="첨부 있음")).to_have_attribute("aria-pressed", "true")
    expect(form.get_by_role("checkbox", name="스팸·휴지통 포함")).to_be_checked()
    form.get_by_role("button", name="조건 초기화").click()
    expect(form.get_by_role("combobox", name="보낸사람")).to_have_value("")
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    # Left without a search, what stood there stands there.
    expect(page.get_by_role("combobox", name="메일 검색")).to_have_value("예산")


def test_days_of_an_interval_are_both_counted(desk: Desk) -> None:
    page = desk.open()
    form = opened(page)
    form.get_by_text("직접 입력", exact=True).click()
    form.get_by_label("시작일").fill("2026-09-01")
    form.get_by_label("종료일").fill("2026-09-30")
    form.get_by_label("내용").fill("견적")
    form.get_by_label("내용").press("Enter")
    expect(page).to_have_url(re.compile("q=on%3A2026-09-01..2026-09-30"))
    form = opened(page)
    expect(form.get_by_label("종료일")).to_have_attribute("data-value", "2026-09-30")


def test_the_form_is_filled_and_sent_by_keys_alone(desk: Desk) -> None:
    page = desk.open()
    page.keyboard.press("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="상세검색")).to_be_focused()
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="상세검색")
    expect(form.get_by_role("combobox", name="보낸사람")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("견적")
    page.keyboard.press("Enter")
    expect(form).to_have_count(0)
    expect(page.get_by_role("button", name="제목: 견적", exact=True)).to_be_visible()
    # The keyboard goes on in what was found.
    expect(page.get_by_role("grid").first).to_be_focused()


def test_on_a_phone_the_form_takes_the_screen(new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    page = new_desk(PHONE).open("/#?q=견적")
    form = opened(page)
    settle(page)  # an animation is known once it has begun
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))")
    box = form.bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, PHONE["width"], PHONE["height"])
    assert violations(page) == []
    keep_picture(page, tmp_path / "form-phone.png")
    form.get_by_label("제목").fill("견적")
    form.get_by_role("button", name=re.compile("통 보기")).click()
    expect(form).to_have_count(0)
    expect(page.get_by_role("button", name="제목: 견적", exact=True)).to_be_visible()


@pytest.mark.parametrize("size", [None, PHONE])
def test_a_found_row_says_its_mailbox_and_an_own_letter_that_it_is_mine(
    new_desk: Callable[..., Desk], size: dict[str, int] | None
) -> None:
    desk = new_desk(size)
    page = desk.open("/#?q=견적")
    rows = page.get_by_role("row")
    sent = rows.filter(has_text="보낸메일함").first
    expect(sent.locator(".from")).to_contain_text("나 → ")
    expect(rows.filter(has_text="받은메일함").first.locator(".from")).not_to_contain_text("나 → ")
    expect(rows.filter(has_text="거래처").first).to_be_visible()
    # In the list of a mailbox every row lies there.
    page.goto(desk.site + "/#")
    page.reload()
    rows.first.wait_for()
    expect(rows.filter(has_text="받은메일함")).to_have_count(0)
