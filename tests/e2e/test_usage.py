"""What the room goes to, who has read what was sent, and people of a letter on a phone, at the demo build."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.e2e.demo_desk import PHONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.demo_desk import Desk


def test_a_sender_and_a_mailbox_of_the_usage_lead_to_their_attachments_alone(desk: Desk) -> None:
    page = desk.page
    page.goto(f"{desk.site}/?size=60#/attachments/usage")
    expect(page.get_by_role("heading", name="첨부가 많은 메일함")).to_be_visible()
    page.get_by_role("button", name=re.compile("김민지 책임")).click()
    cells = page.locator("tbody td.from")
    chosen = page.locator(".tools").get_by_text("김민지 책임", exact=True)
    expect(chosen).to_be_visible()
    expect(cells.filter(has_text="김민지 책임").first).to_be_visible()
    expect(cells.filter(has_not_text="김민지 책임")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("조건에 맞는 .*개 모두 삭제"))).to_be_visible()
    page.get_by_role("button", name="보낸 사람 조건 빼기").click()
    expect(cells.filter(has_not_text="김민지 책임").first).to_be_visible()
    page.get_by_role("button", name="용량 사용 내역").click()
    page.locator(".usage").get_by_role("button", name=re.compile("받은메일함")).click()
    expect(page.locator(".tools").get_by_text("받은메일함", exact=True)).to_be_visible()
    page.get_by_role("button", name="메일함 조건 빼기").click()
    expect(page.locator(".tools").get_by_text("받은메일함", exact=True)).to_have_count(0)


def test_on_a_phone_the_people_that_are_offered_have_their_names(new_desk: Callable[..., Desk]) -> None:
    page = new_desk(PHONE).open("/?size=60")
    page.get_by_role("button", name="쓰기", exact=True).tap()
    to = page.get_by_role("combobox", name="받는사람")
    to.fill("someone.else@partner.example,")
    chip = page.locator(".chip .cut").first
    expect(chip).to_be_visible()
    assert chip.evaluate("(one) => one.scrollWidth <= one.clientWidth"), "the address is cut"
    to.fill("서준")
    name = page.get_by_role("option").first.locator(".first .cut").first
    expect(name).to_have_text("박서준 수석")
    assert name.evaluate("(one) => one.scrollWidth <= one.clientWidth"), "the name is cut"


def test_an_open_mail_is_answered_from_its_top_where_there_is_room(desk: Desk) -> None:
    page = desk.open("/?size=60")
    desk.row(0).locator(".subject").click()
    article = page.get_by_role("article", name="메일 읽기")
    answer = article.get_by_role("button", name="답장", exact=True)
    bar = article.get_by_role("button", name=re.compile("에게 답장 쓰기$"))
    passed_on = article.get_by_role("button", name="전달", exact=True)
    expect(answer).to_have_count(1)
    page.set_viewport_size({"width": 740, "height": 900})
    expect(answer).to_have_count(1)
    article.evaluate("(one) => { one.style.width = '420px' }")
    # Answering moves to the foot as a whole: nothing is offered twice, nothing is missing.
    expect(answer).to_have_count(0)
    expect(bar).to_be_in_viewport()
    expect(passed_on).to_have_count(1)
    article.evaluate("(one) => { one.style.width = '' }")
    expect(answer).to_have_count(1)
    expect(passed_on).to_have_count(1)
    answer.click()
    expect(page.locator("section.window")).to_be_visible()


def test_the_list_of_receipts_tells_how_many_have_read_and_the_table_who(desk: Desk) -> None:
    page = desk.page
    page.goto(f"{desk.site}/?size=60#/receipts")
    row = page.locator("li button").filter(has_text=re.compile(r"3명 중 [12]명 읽음")).first
    row.click()
    told = re.search(r"3명 중 (\d)명 읽음", row.inner_text())
    assert told is not None
    panel = page.locator("section.detail")
    expect(panel.get_by_text(f"3명 가운데 {told[1]}명이 읽었습니다.")).to_be_visible()
    expect(panel.get_by_role("row")).to_have_count(4)
