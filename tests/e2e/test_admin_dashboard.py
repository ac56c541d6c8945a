"""The dashboard on a real node: what happens is seen within seconds, ranges go back, numbers lead to their rows."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING

import apsw
import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import look, sign_in
from tests.e2e.company import DESKTOP, HERO, letter, on_node
from tests.e2e.demo_desk import settle
from tests.e2e.pictures import keep_picture

from smartmail.domain.trends import NOBODY, WATCHED, Trend

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page
    from tests.e2e.company import Company, Person

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer
SEEN_S = 30.0
"""Patience for a number to go up, beside other tests."""
GAP = range(20, 30)
"""Minutes ago in which nobody measured."""


def fill(company: Company) -> None:
    """Let two days lie behind the company, with a gap of ten minutes."""

    async def work(node: Node) -> None:
        [home] = {one.organization_id for one in await node.services.directory.accounts()}
        now = int(time.time()) // 60
        rows = []
        for ago in range(1, 2 * 24 * 60):
            if ago in GAP:
                continue
            wave = 1 + math.sin(ago / 180)
            values = {
                ("mail.in", ""): 12 * wave, ("mail.sent", ""): 7 * wave, ("mail.out", ""): 4 * wave,
                ("verdict", "deliver"): 9 * wave, ("verdict", "junk"): 3 * wave, ("queue.waiting", ""): 40 * wave,
                ("queue.held", ""): 6, ("login.ok", "KR"): 5 * wave, ("login.failed", "KR"): wave,
                ("login.failed", "CN"): 2 * wave,
            }  # fmt: skip
            rows += [
                Trend(name, home, label, now - ago, int(value), int(value), 1)
                for (name, label), value in values.items()
            ]
            rows.append(Trend(WATCHED, NOBODY, "", now - ago, 1, 1, 1))
            rows.append(Trend("connection.refused", NOBODY, "", now - ago, 3, 3, 1))
        with apsw.Connection(f"{company.node.directory}/smartmail.db") as database:
            # A company that has run for longer measured itself in the gap.
            database.set_busy_timeout(60_000)
            database.execute("delete from trend_minute where at between ? and ?", (now - GAP[-1], now - GAP[0]))
        await node.store.add_trends(rows)
        await node.services.trends.measures.fold()

    on_node(company.node.directory, work)


@pytest.fixture(scope="module")
def filled(company: Company) -> Company:
    fill(company)
    return company


@pytest.fixture
def admin(filled: Company, new_person: Callable[..., Person]) -> Page:
    return sign_in(new_person(viewport=DESKTOP).page, filled)


def chart(admin: Page, title: str) -> Locator:
    return admin.get_by_role("region", name=title, exact=True).first


def test_connections_that_were_refused_have_a_line(admin: Page) -> None:
    refused = chart(admin, "거부된 연결")
    refused.get_by_text("표로 보기").click()
    expect(refused.get_by_role("table")).to_contain_text("한 주소에서 너무 많아 거부됨")
    expect(refused.get_by_role("cell", name="3", exact=True).first).to_be_visible()
    chart(admin, "거부된 연결").get_by_role("link").first.click()
    expect(admin).to_have_url(re.compile("/bans"))


def number(admin: Page, title: str, line: str) -> int:
    text = chart(admin, title).get_by_role("listitem").filter(has_text=line).locator("strong").inner_text()
    return int(re.sub(r"\D", "", text) or 0)


def test_what_happens_is_seen_at_once(admin: Page, filled: Company, tmp_path: pathlib.Path) -> None:
    expect(chart(admin, "메일 수발신").locator("canvas")).to_be_visible()
    # The whole minute begins anew: what counts is that the newest number goes up.
    for _ in range(5):
        before = number(admin, "메일 수발신", "받은 메일")
        filled.deliver(HERO, letter(HERO, "현황에 보일 메일"))
        began = time.monotonic()
        while (seen := number(admin, "메일 수발신", "받은 메일")) <= before and time.monotonic() - began < SEEN_S:
            before = min(before, seen)
            admin.wait_for_timeout(50)
        took = time.monotonic() - began
        if took < SEEN_S:
            break
    print(f"seen after {took:.2f} s")
    assert took < SEEN_S  # 2 s where nothing else runs
    look(admin, "dashboard", tmp_path)
    for name, width in (("wide", 1440), ("phone", 390)):
        admin.set_viewport_size({"width": width, "height": 2600})
        settle(admin)
        keep_picture(admin, tmp_path / f"dashboard-whole-{name}.png")


def test_what_nobody_measured_is_said(admin: Page) -> None:
    expect(chart(admin, "발송 대기열")).to_contain_text("측정 기록이 없는 시간: 10분")
    chart(admin, "발송 대기열").get_by_text("표로 보기").click()
    cells = chart(admin, "발송 대기열").get_by_role("table").get_by_role("row")
    expect(cells.filter(has_text="알 수 없음")).not_to_have_count(0)


def test_ranges_go_back(admin: Page, tmp_path: pathlib.Path) -> None:
    for label in ("6시간", "1일", "7일", "90일"):
        admin.get_by_text(label, exact=True).click()
        expect(admin.locator("[aria-busy=true]")).to_have_count(0)
        expect(chart(admin, "로그인").locator("canvas")).to_be_visible()
    look(admin, "dashboard-90d", tmp_path)
    admin.reload()
    expect(admin.get_by_label("90일")).to_be_checked()


def test_numbers_lead_to_rows(admin: Page) -> None:
    chart(admin, "국가별 로그인").get_by_role("link", name="중국").click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("감사기록")
    expect(admin.get_by_label("국가 코드")).to_have_value("CN")
    admin.go_back()
    canvas = chart(admin, "메일 수발신").locator(".u-over")
    canvas.click(position={"x": 200, "y": 60})
    expect(admin.get_by_role("heading", level=1)).to_have_text("메일 추적")
    assert "since=" in admin.url
    admin.go_back()
    chart(admin, "발송 대기열").get_by_role("link").first.click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("발송 대기열")
