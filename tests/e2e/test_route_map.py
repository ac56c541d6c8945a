"""Where a mail came from, in the webmail: the map of its way, and the country in the rows of a list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.company import Company, Person, letter, on_node
from tests.e2e.demo_desk import DESKTOP, PHONE, Desk, violations
from tests.e2e.pictures import keep_picture
from tests.e2e.test_second_factor import PASSWORD, new_account

from smartmail.domain.inspection import Hop, Inspection, Reason
from smartmail.service.kernel.inspection.keeping import seal_inspection
from smartmail.service.kernel.intake import Intake, new_message

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer

MAP = re.compile("^메일이 온 길의 지도")
DASHES = "(line) => getComputedStyle(line).strokeDasharray"


def open_way(page: Page, who: str) -> Locator:
    """Open the newest mail of somebody in the list and look at its way; return the map."""
    page.get_by_role("row").filter(has_text=who).first.locator(".subject").click()
    page.get_by_role("article", name="메일 읽기").get_by_role("heading", level=1).wait_for()
    page.get_by_role("article").get_by_role("button", name="자세히", exact=True).click()
    page.get_by_role("button", name="경로·헤더").click()
    drawn = page.get_by_role("img", name=MAP)
    drawn.wait_for()
    return drawn


@pytest.mark.parametrize(("size", "theme"), [(DESKTOP, "light"), (DESKTOP, "dark"), (PHONE, "light")])
def test_the_way_is_drawn_on_a_map_that_nobody_outside_is_asked_for(
    new_desk: Callable[..., Desk], tmp_path: Path, size: dict[str, int], theme: str
) -> None:
    desk = new_desk(size, theme)
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    page = desk.open()
    drawn = open_way(page, "佐藤")
    # A claimed hop in Singapore, then Japan, whose server ours has seen; the desktop behind them is in no country.
    expect(drawn).to_have_accessible_name(
        re.compile("싱가포르 → 일본 → 대한민국.*확인된 구간 1개, 확인되지 않은 구간 1개")
    )
    lines = drawn.locator(".leg")
    expect(lines).to_have_count(2)
    assert [lines.nth(index).evaluate(DASHES) for index in range(2)] == ["5px, 4px", "none"]
    expect(drawn.get_by_text("16분 지연")).to_be_visible()
    expect(page.get_by_text("지도에 없는 경유지: 1번 사설망")).to_be_visible()
    # The list beneath says the same to who cannot see the map.
    expect(page.get_by_role("list", name="경로").get_by_role("listitem")).to_have_count(4)
    shown = drawn.bounding_box()
    assert shown is not None
    assert 0 <= shown["x"]
    assert shown["x"] + shown["width"] <= size["width"]
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    for words in ("JP", "SG", "KR"):
        at = drawn.locator(".name", has_text=words).bounding_box()
        assert at is not None
        assert shown["y"] < at["y"] < shown["y"] + shown["height"] - 8
    keep_picture(page, tmp_path / f"way-{size['width']}-{theme}.png")
    assert violations(page) == []
    assert [url for url in asked if not url.startswith((desk.site, "data:", "blob:"))] == []


def test_rows_wear_the_country_as_the_person_wants(desk: Desk) -> None:
    page = desk.open()
    foreign = page.get_by_role("row").filter(has_text="佐藤").first
    expect(foreign.get_by_text("일본에서 온 메일")).to_have_count(1)
    # What came from home wears nothing until all is asked for.
    page.goto(f"{desk.site}/#/settings/look")
    choice = page.get_by_role("radiogroup", name="목록에 발신 국가 표시")
    expect(choice.get_by_role("radio", name="외국만")).to_be_checked()
    choice.get_by_role("radio", name="표시 안 함").check(force=True)
    page.goto(f"{desk.site}/#")
    page.get_by_role("row").filter(has_text="佐藤").first.wait_for()
    expect(page.get_by_text("일본에서 온 메일")).to_have_count(0)
    page.goto(f"{desk.site}/#/settings/look")
    choice.get_by_role("radio", name="모두").check(force=True)
    page.goto(f"{desk.site}/#")
    expect(page.get_by_role("row").filter(has_text="佐藤").first.get_by_text("일본에서 온 메일")).to_have_count(1)


def hop(address: str, country: str, at: int, delay: int, *, verified: bool = False) -> Hop:
    return Hop(
        verified, f"mx.{country.lower()}.test", address, "next.test", "ESMTPS", "TLSv1.3", at, delay, country, 4766
    )


def arrive(company: Company, login: str, octets: bytes, found: Inspection) -> None:
    """Store a mail as delivery does for a peer that is not of this machine."""

    async def store(node: Node) -> None:
        account = next(one for one in await node.store.accounts() if one.login == login)
        desk = node.services.delivery.desk
        keys = await desk.keyring.account(account)
        intake = await Intake.begin(desk.blobs, account.organization_id)
        await intake.feed(octets)
        content = await intake.finish()
        message = new_message(
            keys, content, (await desk.mailbox(account.id, "inbox"),), received_at=desk.clock.now(),
            inspection=seal_inspection(keys, content.blob.row.id, found),
        )  # fmt: skip
        await node.store.write(account.id, lambda tx: tx.add_message(message))

    on_node(company.node.directory, store)


def test_a_sender_who_moved_is_told_of_and_drawn(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    """On a real node: row, banner, map and list of one mail from a country that its sender never sent from."""
    login = "route.map@hanbit.example"
    new_account(company, login, "길지도")
    at = 1_795_683_600
    found = Inspection(
        hops=(
            hop("198.51.100.7", "NG", at, 4, verified=True),
            hop("203.0.113.9", "US", at - 4, 1200),
            hop("192.0.2.4", "KR", at - 1204, 0),
        ),
        country="NG", asn=37148, reasons=(Reason("country-changed", 1.5, ("NG", "KR", "12")),),
    )  # fmt: skip
    arrive(company, login, letter(login, "계좌가 바뀌었습니다"), found)
    mine = new_person().sign_in(login, PASSWORD)
    page = mine.page
    row = mine.bring("계좌가 바뀌었습니다")
    expect(row.get_by_text("나이지리아에서 온 메일")).to_have_count(1)
    mine.read("계좌가 바뀌었습니다")
    expect(page.get_by_role("article")).to_contain_text(
        "최근 12개월 동안 KR에서만 보냈습니다. 이번 메일은 NG에서 왔습니다."
    )
    page.get_by_role("article").get_by_role("button", name="자세히", exact=True).click()
    page.get_by_role("button", name="경로·헤더").click()
    drawn = page.get_by_role("img", name=MAP)
    expect(drawn).to_have_accessible_name(
        re.compile("대한민국 → 미국 → 나이지리아 → 대한민국. 확인된 구간 1개, 확인되지 않은 구간 2개")
    )
    lines = drawn.locator(".leg")
    expect(lines).to_have_count(3)
    assert [lines.nth(index).evaluate(DASHES) for index in range(3)] == ["5px, 4px", "5px, 4px", "none"]
    expect(drawn.get_by_text("20분 지연")).to_be_visible()
    expect(page.get_by_role("list", name="경로").get_by_role("listitem").nth(2)).to_contain_text("AS4766")
    # Whose data that is, with the link that their licence asks for.
    expect(page.get_by_role("link", name="IP Geolocation by DB-IP")).to_have_attribute("href", "https://db-ip.com")
    keep_picture(page, tmp_path / "moved.png")
