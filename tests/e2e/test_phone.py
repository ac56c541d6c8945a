"""Mail on a phone of 360 x 740: every task of a user with a thumb, nothing beyond the edge, nothing too small to hit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.company import Company, Person, letter
from tests.e2e.controls import pick
from tests.e2e.demo_desk import Desk, violations
from tests.e2e.offered import offered
from tests.e2e.phone_help import SMALL_PHONE, Thumb, fits
from tests.e2e.pictures import keep_picture
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.peer

PLACES = (
    *(
        "contacts",
        "organization",
        "approvals",
        "bulletins",
        "attachments",
        "attachments/usage",
        "big-files",
        "quarantine",
        "snoozed",
    ),
    *("scheduled", "receipts", "settings", "settings/look", "settings/writing", "settings/device"),
)
AT_WORK = (
    *("rules", "vacation", "forward", "senders", "account", "security", "sessions", "programs", "looks", "pulls"),
    *("parcels", "writing", "device"),
)
# A list that was flung runs on for a while.
AT_REST = """async () => {
  const grid = document.querySelector('[role=grid]');
  for (let still = 0, last = -1; still < 12; still = grid.scrollTop === last ? still + 1 : 0) {
    last = grid.scrollTop;
    await new Promise(requestAnimationFrame);
  }
}"""
MOVED = "() => document.querySelector('[role=grid]').scrollTop > 100"


def notice(page: Page) -> Locator:
    return page.get_by_role("region", name="알림")


def moved(page: Page) -> float:
    """How far the row under the finger lies from its place."""
    found: float = page.evaluate(
        """() => Math.max(0, ...[...document.querySelectorAll('.mail-row')]
          .map((row) => Math.abs(new DOMMatrix(getComputedStyle(row).transform).e)))"""
    )
    return found


def choose_swipes(page: Page, right: str, left: str) -> None:
    pick(page.get_by_label("메일을 오른쪽으로 밀면"), right)
    pick(page.get_by_label("메일을 왼쪽으로 밀면"), left)


def test_a_row_follows_the_finger_and_acts_only_from_far_enough_on(
    new_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = new_desk(SMALL_PHONE)
    page = desk.open()
    thumb = Thumb(page)
    row, subject = desk.row(3), desk.row(3).locator(".subject").inner_text()
    under = page.locator(".layer .under")

    thumb.hold(row, 60)
    assert moved(page) == pytest.approx(52, abs=2)
    expect(under).to_have_text(re.compile("읽음|안읽음"))
    fits(page, "pushed", tmp_path)
    thumb.up()
    expect(under).to_have_count(0)
    assert moved(page) == 0
    expect(notice(page).get_by_role("button", name="실행 취소")).to_have_count(0)

    thumb.hold(row, -200)
    expect(under).to_have_text("삭제")
    keep_picture(page, tmp_path / "far.png")
    # Back again with the same finger: nothing happens.
    thumb.to(300, 400)
    thumb.up()
    expect(under).to_have_count(0)
    expect(row.locator(".subject")).to_have_text(subject)

    thumb.push(row, -200)
    expect(notice(page)).to_contain_text("휴지통")
    expect(row.locator(".subject")).not_to_have_text(subject)
    notice(page).get_by_role("button", name="실행 취소").click()
    expect(row.locator(".subject")).to_have_text(subject)
    assert violations(page) == []


def test_a_finger_that_goes_down_scrolls_and_a_long_press_still_chooses(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(SMALL_PHONE)
    page = desk.open()
    thumb = Thumb(page)
    page.locator(".list > .layer").wait_for(state="attached")
    thumb.down(180, 560)
    thumb.to(240, 260)
    thumb.up()
    page.wait_for_function(MOVED)
    assert moved(page) == 0
    page.evaluate(AT_REST)
    # Scrolled, the list is scrolled back by pulling it; it is not loaded again. What the page fetches of itself in idle time
    # (scripts, styles, pictures) does not count.
    asked = r"() => performance.getEntriesByType('resource').filter((one) => !/\.(js|css|woff2|svg|png)(\?|$)/.test(one.name)).length"
    before = page.evaluate(asked)
    thumb.down(180, 260)
    thumb.to(180, 320)
    expect(page.locator(".layer .pull")).to_have_count(0)
    thumb.up()
    assert page.evaluate(asked) == before
    page.evaluate(AT_REST)

    page.get_by_role("button", name="메일", exact=True).tap()
    page.wait_for_function("() => document.querySelector('[role=grid]').scrollTop === 0")
    box = desk.row(2).bounding_box()
    assert box is not None
    thumb.down(150, box["y"] + 30)
    expect(page.get_by_role("heading", name="1통 선택")).to_be_visible()
    # What began as a long press pushes nothing aside.
    thumb.to(300, box["y"] + 30)
    assert moved(page) == 0
    thumb.up()


def test_what_pushing_does_is_chosen(new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    desk = new_desk(SMALL_PHONE)
    page = desk.page
    page.goto(desk.site + "/#/settings/look")
    thumb = Thumb(page)
    choose_swipes(page, "star", "move")
    fits(page, "choices", tmp_path)
    page.get_by_role("button", name="메일", exact=True).tap()
    row, subject = desk.row(2), desk.row(2).locator(".subject").inner_text()
    thumb.push(row, 180)
    expect(row.get_by_role("button", name="별표 해제")).to_be_visible()
    thumb.push(row, -180)
    dialog = page.get_by_role("dialog", name="이동")
    fits(page, "where-to", tmp_path)
    assert violations(page) == []
    dialog.get_by_role("menuitem", name="거래처").tap()
    expect(notice(page)).to_contain_text("거래처")
    expect(row.locator(".subject")).not_to_have_text(subject)

    page.goto(desk.site + "/#/settings/look")
    choose_swipes(page, "snooze", "none")
    page.get_by_role("button", name="메일", exact=True).tap()
    thumb.hold(row, -180)
    assert moved(page) == 0
    thumb.up()
    thumb.push(row, 180)
    expect(page.get_by_role("dialog", name="나중에 보기").get_by_role("menuitem", name="내일 아침")).to_be_visible()
    fits(page, "when", tmp_path)


def test_nothing_flies_for_those_who_want_no_motion(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk(SMALL_PHONE)
    desk.page.emulate_media(reduced_motion="reduce")
    page = desk.open()
    subject = desk.row(1).locator(".subject").inner_text()
    Thumb(page).push(desk.row(1), -200)
    expect(desk.row(1).locator(".subject")).not_to_have_text(subject)
    assert (
        page.evaluate("() => document.getAnimations().filter((one) => one.effect.target.matches('.mail-row')).length")
        == 0
    )


def test_every_screen_of_the_demo_fits_a_finger(new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    desk = new_desk(SMALL_PHONE)
    page = desk.open()
    fits(page, "list", tmp_path)
    page.get_by_role("button", name="메일함 열기").tap()
    fits(page, "rail", tmp_path)
    page.locator(".rail").get_by_role("button", name="더보기").tap()
    expect(page.get_by_role("link", name="첨부 보관함")).to_be_visible()
    page.get_by_role("button", name="계정과 설정").tap()
    fits(page, "account", tmp_path)
    for where in PLACES:
        # Anew each time: what is open over the screen stays otherwise.
        page.goto("about:blank")
        page.goto(f"{desk.site}/#/{where}")
        page.locator(".section h1, .section h2").first.wait_for()
        fits(page, where.replace("/", "-"), tmp_path)
    page.goto(desk.site + "/?signIn=1")
    page.locator("form").wait_for()
    fits(page, "sign-in", tmp_path)


def bring_in(company: Company, login: str, count: int) -> None:
    for number in range(1, count + 1):
        company.deliver(login, letter(login, f"현장 보고 {number}", f"{number}번 현장입니다.\n"))


def test_a_day_with_a_thumb(company: Company, new_person: Callable[..., Person], tmp_path: Path) -> None:
    login = "thumb.story@hanbit.example"
    new_account(company, login, "엄지혜")
    new_account(company, "thumb.mate@hanbit.example", "동료진")
    bring_in(company, login, 20)
    person = new_person(viewport=SMALL_PHONE).sign_in(login, PASSWORD)
    page = person.page
    thumb = Thumb(page)
    person.row("현장 보고 20").wait_for()
    fits(page, "list", tmp_path)

    # The list is where it was.
    person.bring("현장 보고 5")
    page.wait_for_function(MOVED)
    where = page.get_by_role("grid").evaluate("grid => grid.scrollTop")
    person.row("현장 보고 5").tap()
    expect(person.body.get_by_text("5번 현장입니다.")).to_be_visible()
    fits(page, "open", tmp_path)

    # Tag and star.
    page.get_by_role("article").get_by_role("button", name="별표", exact=True).tap()
    page.get_by_role("article").get_by_role("button", name="태그").first.tap()
    fits(page, "tags", tmp_path)
    page.get_by_role("menuitem").last.tap()
    page.get_by_role("dialog").get_by_role("textbox", name="이름").fill("현장")
    fits(page, "tag", tmp_path)
    page.get_by_role("dialog").get_by_role("button", name="태그 만들기").tap()
    expect(page.get_by_role("dialog")).to_have_count(0)

    # An answer, above the keyboard.
    page.get_by_role("button", name="답장", exact=True).last.tap()
    person.write("확인했습니다")
    file = {"name": "현장.txt", "mimeType": "text/plain", "buffer": b"x" * 2000}
    page.locator("input[type=file]:not([accept])").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_text("현장.txt")).to_be_visible()
    fits(page, "answer", tmp_path)
    page.set_viewport_size({"width": 360, "height": 400})
    expect(page.get_by_role("button", name="보내기", exact=True)).to_be_in_viewport(ratio=1)
    fits(page, "answer-keyboard", tmp_path)
    page.set_viewport_size(SMALL_PHONE)  # type: ignore[arg-type]
    person.send()
    expect(person.notices).to_contain_text("보냈습니다")
    person.back()
    expect(page.get_by_role("grid")).to_be_visible()
    page.wait_for_function("where => document.querySelector('[role=grid]').scrollTop === where", arg=where)

    # Both ways, and back.
    page.get_by_role("button", name="메일", exact=True).tap()
    row = person.row("현장 보고 19")
    row.wait_for()
    thumb.push(row, 180)
    expect(row.locator(".dot")).to_have_count(0)
    person.notices.get_by_role("button", name="실행 취소").tap()
    expect(row.locator(".dot")).to_be_visible()
    thumb.push(row, -180)
    expect(row).to_have_count(0)
    expect(person.notices).to_contain_text("휴지통")
    person.notices.get_by_role("button", name="실행 취소").tap()
    expect(row).to_be_visible()

    # Pulled, the server is asked.
    with page.expect_response(lambda answer: "Email/query" in (answer.request.post_data or "")):
        thumb.down(180, 200)
        thumb.to(180, 420)
        expect(page.locator(".layer .pull")).to_have_text("놓으면 새로 고침")
        keep_picture(page, tmp_path / "pulled.png")
        thumb.up()
    expect(page.get_by_role("status").filter(has_text="메일 목록을 새로 고쳤습니다.")).to_be_attached()
    expect(page.locator(".layer .pull")).to_have_count(0)

    # Chosen by a long press, moved.
    box = person.row("현장 보고 18").bounding_box()
    assert box is not None
    thumb.down(150, box["y"] + 30)
    expect(page.get_by_role("heading", name="1통 선택")).to_be_visible()
    thumb.up()
    fits(page, "chosen", tmp_path)
    page.get_by_role("button", name="이동").tap()
    page.get_by_role("menuitem", name="휴지통").tap()
    expect(person.row("현장 보고 18")).to_have_count(0)

    # Found.
    page.get_by_role("button", name="검색").first.tap()
    expect(page.get_by_label("메일 검색").first).to_be_focused()
    page.keyboard.insert_text("현장 보고 7")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").filter(has_text="현장 보고 7").first).to_be_visible()
    fits(page, "found", tmp_path)
    page.get_by_role("button", name="메일", exact=True).tap()

    # A mailbox of one's own, shared.
    page.get_by_role("button", name="메일함 열기").tap()
    page.get_by_role("button", name="메일함 만들기").first.tap()
    page.get_by_role("textbox", name="이름").fill("현장 자료")
    fits(page, "mailbox", tmp_path)
    page.get_by_role("dialog").get_by_role("button", name="메일함 만들기").tap()
    page.get_by_role("button", name="현장 자료 메뉴").tap()
    page.get_by_role("menuitem", name="공유").tap()
    dialog = page.get_by_role("dialog")
    offered(dialog.get_by_label("공유 대상"), "동료진", "동료진").tap()
    fits(page, "share", tmp_path)
    dialog.get_by_role("button", name="공유하기").tap()
    expect(page.get_by_role("status").filter(has_text="공유했습니다")).to_be_attached()


def test_attachments_leave_a_phone_too(company: Company, new_person: Callable[..., Person], tmp_path: Path) -> None:
    login = "thumb.files@hanbit.example"
    new_account(company, login, "손가락")
    person = new_person(viewport=SMALL_PHONE).sign_in(login, PASSWORD)
    page = person.page
    page.get_by_role("button", name="쓰기", exact=True).tap()
    page.get_by_role("combobox", name="받는사람").fill(f"{login},")
    page.get_by_role("textbox", name="제목").fill("파일을 지울 메일")
    person.write("파일입니다")
    file = {"name": "도면.txt", "mimeType": "text/plain", "buffer": b"x" * 5000}
    page.locator("input[type=file]:not([accept])").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_text("도면.txt")).to_be_visible()
    person.send()
    person.read("파일을 지울 메일")
    region = page.get_by_role("region", name="첨부")
    region.get_by_role("button", name="첨부만 삭제").tap()
    fits(page, "detach", tmp_path)
    # The way back is offered for eight seconds: on a slow machine nothing else is waited for before it is taken.
    page.get_by_role("dialog").get_by_role("button", name="첨부 삭제").tap()
    expect(person.notices).to_contain_text("비웠습니다")
    person.notices.get_by_role("button", name="실행 취소").tap()
    expect(person.notices).to_contain_text("취소했습니다")
    expect(region.get_by_role("button", name="도면.txt").first).to_be_visible()
    region.get_by_role("button", name="첨부만 삭제").tap()
    page.get_by_role("dialog").get_by_role("button", name="첨부 삭제").tap()
    expect(person.notices).to_contain_text("비웠습니다")
    expect(region.get_by_role("button", name="도면.txt")).to_have_count(0)


def test_settings_of_a_company_fit_a_finger(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    login = "thumb.choices@hanbit.example"
    new_account(company, login, "설정해")
    person = new_person(viewport=SMALL_PHONE).sign_in(login, PASSWORD)
    for where in AT_WORK:
        person.page.goto(f"{person.site}/#/settings/{where}")
        person.page.locator(".section h2").first.wait_for()
        fits(person.page, where, tmp_path)
