"""The list of mail in the demo: days over the rows, the one bar, faces, orders, what leaves, what is empty."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.demo_desk import DESKTOP, PHONE, Desk, settle, violations

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.peer, pytest.mark.shared_page]

BESIDE = {"width": 1440, "height": 900}
SEOUL = ZoneInfo("Asia/Seoul")
# What is drawn in the list from above to below: heads by their words, rows by their number, each with its top and height.
DRAWN = """() => [...document.querySelectorAll('[role=grid] .place:not([inert])')].map((place) => {
  const box = place.getBoundingClientRect();
  const row = place.querySelector('[role=row]');
  return { top: box.top, height: box.height, index: row ? Number(row.id.slice(4)) : null, words: place.innerText.trim() };
}).sort((one, other) => one.top - other.top)"""
# A row that is in sight whole, and one screen below it.
IN_SIGHT = """() => { const { top } = document.querySelector('[role=grid]').getBoundingClientRect();
  return [...document.querySelectorAll('[role=row]')].map((row) => [row.id, row.getBoundingClientRect().top - top])
    .filter(([, at]) => at >= 0).sort((one, other) => one[1] - other[1])[0] }"""


def drawn(page: Page) -> list[dict[str, object]]:
    """Heads and rows of the list, each directly under the one before it, rows counted without a gap."""
    found: list[dict[str, object]] = page.evaluate(DRAWN)
    for one, other in zip(found, found[1:], strict=False):
        assert abs(one["top"] + one["height"] - other["top"]) < 1, (one, other)  # type: ignore[operator]
    rows = [one["index"] for one in found if one["index"] is not None]
    assert rows == list(range(rows[0], rows[0] + len(rows)))  # type: ignore[call-overload, arg-type]
    return found


def heads(page: Page) -> list[str]:
    return [str(one["words"]).split("\n")[0] for one in drawn(page) if one["index"] is None]


def jump(desk: Desk, row: int) -> None:
    desk.page.get_by_role("grid").evaluate("(grid, top) => { grid.scrollTop = top }", row * 36)
    expect(desk.row(row + 5).locator(".subject")).to_be_visible()
    settle(desk.page)


def in_the_afternoon(desk: Desk) -> None:
    """Mail of the demo is some minutes to years old: soon after midnight none of it is today's."""
    desk.page.clock.set_fixed_time(datetime.now(SEOUL).replace(hour=15))


@pytest.mark.own_page
def test_each_day_has_a_head_and_the_rows_are_counted_without_it(desk: Desk) -> None:
    in_the_afternoon(desk)
    page = desk.open("/?size=12345")
    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", "12345")
    first = drawn(page)
    assert first[0]["index"] is None
    assert re.match(r"오늘\s*\d+월 \d+일 .요일", str(first[0]["words"]))
    assert [one["index"] for one in first[1:4]] == [0, 1, 2]
    assert first[0]["height"] == 30
    expect(desk.row(0)).to_have_attribute("aria-rowindex", "1")
    # Down a screen at a time: every group comes once, in the order of the days.
    seen: list[str] = []
    for _ in range(14):
        seen += [head for head in heads(page) if head not in seen]
        page.keyboard.press("PageDown")
        grid.evaluate("(grid) => { grid.scrollTop += grid.clientHeight * 0.8 }")
        settle(page)
    order = ["오늘", "어제", "이번 주", "지난주"]
    named = [head for head in seen if head in order]
    assert named == [head for head in order if head in named]
    assert named[:2] == ["오늘", "어제"]
    assert violations(page) == []


def test_a_jump_into_the_middle_lands_on_its_rows_and_nothing_moves_when_days_come_to_be_known(desk: Desk) -> None:
    page = desk.open("/?size=12345&delay=150")
    jump(desk, 6000)
    drawn(page)
    for _ in range(6):
        # Upwards, into what was never loaded: rows and heads come to be known above those that are read.
        page.get_by_role("grid").evaluate("(grid) => { grid.scrollTop -= 1500 }")
        settle(page)
        row, before = page.evaluate(IN_SIGHT)
        expect(page.locator(f"#{row} .subject")).to_be_visible()
        settle(page)
        page.wait_for_function("() => document.querySelectorAll('[role=row] .waiting').length === 0")
        settle(page)
        now = page.evaluate("(id) => document.getElementById(id).getBoundingClientRect().top", row)
        top = page.evaluate("() => document.querySelector('[role=grid]').getBoundingClientRect().top")
        # A head of its own may come over it; else it stays to the pixel.
        assert now - top - before in (0, 30), (row, before, now - top)
        drawn(page)
    # The very end is reached, and the last row lies on the edge of the list.
    page.get_by_role("grid").evaluate("(grid) => { grid.scrollTop = grid.scrollHeight }")
    expect(desk.row(12344).locator(".subject")).to_be_visible()
    settle(page)
    edges = page.evaluate(
        "() => ['[role=grid]', '#row-12344'].map((one) => document.querySelector(one).getBoundingClientRect().bottom)"
    )
    assert abs(edges[0] - edges[1]) <= 2, edges


def test_keys_cross_the_heads_and_keep_the_row_in_sight(desk: Desk) -> None:
    page = desk.open("/?size=12345")
    for _ in range(40):
        page.keyboard.press("j")
    expect(desk.row(39)).to_have_class(re.compile("cursor"))
    expect(desk.row(39)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("grid")).to_have_attribute("aria-activedescendant", "row-39")
    for _ in range(39):
        page.keyboard.press("k")
    expect(desk.row(0)).to_be_in_viewport(ratio=1)
    # The head of the first day comes into sight with its first row.
    assert page.get_by_role("grid").evaluate("(grid) => grid.scrollTop") == 0


def test_a_selection_brings_the_verbs_into_the_place_of_the_filters_and_moves_nothing(desk: Desk) -> None:
    page = desk.open("/?size=2500")
    expect(page.get_by_role("toolbar")).to_have_count(0)
    expect(page.get_by_role("group", name="필터").get_by_role("button")).to_have_text(
        ["전체", "안읽음", "별표", "첨부"]
    )
    before = desk.row(3).bounding_box()
    desk.row(3).get_by_role("checkbox").click()
    verbs = page.get_by_role("toolbar", name="선택한 메일 처리")
    expect(verbs).to_contain_text("1통 선택")
    for name in ("삭제", "스팸신고", "답장", "전체답장", "전달", "이동", "태그"):
        expect(verbs.get_by_role("button", name=name, exact=True)).to_be_visible()
    expect(verbs.get_by_role("button", name="받은메일함 2,500통 모두 선택")).to_be_visible()
    assert desk.row(3).bounding_box() == before
    expect(page.get_by_role("group", name="필터")).to_have_count(0)
    assert violations(page) == []
    verbs.get_by_role("button", name="선택 해제").click()
    expect(verbs).to_have_count(0)
    expect(desk.row(3)).not_to_have_class(re.compile("checked"))
    # Those that nobody read are one press away, beside the name of the mailbox.
    page.get_by_role("button", name=re.compile(r"^안읽음 \d")).click()
    expect(page.get_by_role("group", name="필터").get_by_role("button", name="안읽음")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.get_by_text(re.compile("통 찾음"))).to_be_visible()


@pytest.mark.parametrize("locale", ["ko-KR", "en-US", "ja-JP", "zh-CN"])
@pytest.mark.parametrize("viewport", [DESKTOP, BESIDE], ids=["laptop", "beside"])
def test_nothing_of_the_bar_runs_off_its_end(
    new_desk: Callable[..., Desk], viewport: dict[str, int], locale: str
) -> None:
    desk = new_desk(viewport, locale=locale)
    page = desk.open("/?size=2500")
    inside = """() => { const bar = document.querySelector('main .toolbar, main .bar'); const edge = bar.getBoundingClientRect().right;
      return bar.scrollWidth <= bar.clientWidth && bar.clientWidth > 0 &&
        [...bar.querySelectorAll('button, input')].every((one) => one.getBoundingClientRect().right <= edge) }"""
    page.wait_for_function(inside)
    desk.row(1).hover()
    desk.row(1).get_by_role("checkbox").click()
    expect(page.get_by_role("toolbar")).to_be_visible()
    settle(page)
    page.wait_for_function(inside)
    # Every verb has a name, also where it is but a sign; what does not fit at all is in the menu.
    names = (
        page.get_by_role("toolbar")
        .get_by_role("button")
        .evaluate_all("(all) => all.map((one) => one.ariaLabel ?? one.textContent.trim())")
    )
    assert all(names)
    if viewport is BESIDE and locale == "ko-KR":
        page.get_by_role("toolbar").get_by_role("button", name="더 보기").click()
        page.get_by_role("menuitem", name="받은메일함 2,500통 모두 선택").click()
        expect(page.get_by_role("toolbar")).to_contain_text("2,500통 선택")


def test_the_verbs_are_always_there_for_those_who_want_them(desk: Desk) -> None:
    page = desk.page
    page.goto(desk.site + "/?size=300#/settings/look")
    page.get_by_role("radiogroup", name="목록 도구 모음").get_by_text("항상 표시").click()
    page.keyboard.press("Escape")
    verbs = page.get_by_role("toolbar", name="선택한 메일 처리")
    expect(verbs.get_by_role("button", name="삭제")).to_be_disabled()
    expect(page.get_by_role("group", name="필터")).to_be_visible()
    before = desk.row(0).bounding_box()
    desk.row(0).get_by_role("checkbox").click()
    expect(verbs.get_by_role("button", name="삭제")).to_be_enabled()
    expect(page.get_by_role("group", name="필터")).to_be_visible()
    assert desk.row(0).bounding_box() == before


@pytest.mark.own_page
def test_another_order_has_no_days_and_stays_in_the_address(desk: Desk) -> None:
    in_the_afternoon(desk)
    page = desk.open("/?size=300")
    assert "오늘" in heads(page)
    page.get_by_role("button", name="정렬: 최신순").click()
    page.get_by_role("menuitemradio", name="보낸사람순").click()
    expect(page.get_by_role("button", name="정렬: 보낸사람순")).to_be_visible()
    page.wait_for_function("() => document.querySelectorAll('[role=grid] [aria-hidden] .day').length === 0")
    page.wait_for_function(
        """() => { const names = [...document.querySelectorAll('[role=row]')]
          .sort((one, other) => one.ariaRowIndex - other.ariaRowIndex).map((row) => row.querySelector(".sender")?.textContent);
          return names.length > 10 && names.every((name, at) => at === 0 || names[at - 1].localeCompare(name) <= 0) }"""
    )
    page.reload()
    expect(page.get_by_role("button", name="정렬: 보낸사람순")).to_be_visible()
    page.get_by_role("button", name="정렬: 보낸사람순").click()
    page.get_by_role("menuitemradio", name="오래된순").click()
    page.wait_for_function("() => document.querySelectorAll('[role=grid] .day').length > 0")
    assert "오늘" not in heads(page)


@pytest.mark.parametrize(
    ("width", "chosen", "beside"),
    [(1440, None, True), (1439, None, False), (1366, "right", True), (1440, "none", False)],
)
def test_the_open_mail_stands_beside_the_list_where_there_is_room_or_the_person_wants_it(
    new_desk: Callable[..., Desk], width: int, chosen: str | None, beside: bool
) -> None:
    desk = new_desk({"width": width, "height": 900})
    if chosen:
        desk.page.add_init_script(f"localStorage.setItem('smartmail.settings', JSON.stringify({{ pane: '{chosen}' }}))")
    page = desk.open("/?size=300")
    expect(desk.row(0)).to_have_class(re.compile("pane" if beside else "line"))
    desk.row(1).click()
    expect(page.get_by_role("article", name="메일 읽기")).to_be_visible()
    expect(desk.row(1)).to_be_visible(visible=beside)
    if beside:
        assert round(page.get_by_role("grid").evaluate("(grid) => grid.getBoundingClientRect().width")) in range(
            410, 418
        )
        expect(desk.row(1)).to_have_css("height", "72px")


def test_faces_tell_who_is_one_of_us_and_are_a_choice_in_short_rows(desk: Desk) -> None:
    page = desk.open("/?size=300")
    from_inside = page.locator("[role=row]", has=page.locator(".sender", has_text="정유나")).first.locator(".face")
    from_outside = page.locator("[role=row]", has=page.locator(".sender", has_text="임준호")).first.locator(".face")
    expect(from_inside).to_have_class(re.compile("round"))
    expect(from_outside).to_have_class(re.compile("square"))
    page.evaluate("() => demo.server.arrive({ from: [{ name: '메일 배달 안내', email: 'postmaster@localhost' }] })")
    expect(desk.row(0).locator(".face")).to_have_class(re.compile("sign"))
    page.goto(desk.site + "/?size=300#/settings/look")
    page.get_by_role("switch", name="목록에 프로필 표시").click()
    page.keyboard.press("Escape")
    expect(desk.row(0).locator(".subject")).to_be_visible()
    expect(page.locator(".face")).to_have_count(0)


@pytest.mark.parametrize("viewport", [DESKTOP, BESIDE, PHONE], ids=["laptop", "beside", "phone"])
def test_back_in_the_list_the_keyboard_is_at_the_row_of_the_mail(
    new_desk: Callable[..., Desk], viewport: dict[str, int]
) -> None:
    page = new_desk(viewport).open("/?size=300")
    for key in ("j", "j", "j", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("article", name="메일 읽기")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("u")
    grid = page.get_by_role("grid")
    expect(grid).to_be_focused()
    expect(grid).to_have_attribute("aria-activedescendant", "row-3")


def test_what_leaves_slides_aside_and_the_rest_closes_up_but_not_for_those_who_want_no_motion(
    new_desk: Callable[..., Desk],
) -> None:
    flying = """() => { const moved = []; const animate = Element.prototype.animate;
      Element.prototype.animate = function (...all) { moved.push(this.className); return animate.apply(this, all) };
      window.moved = moved }"""
    for motion, flies in (("no-preference", True), ("reduce", False)):
        desk = new_desk(DESKTOP)
        desk.page.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]
        page = desk.open("/?size=300")
        second = desk.row(1).locator(".subject").inner_text()
        page.evaluate(flying)
        page.keyboard.press("j")
        page.keyboard.press("#")
        expect(desk.row(0).locator(".subject")).to_have_text(second)
        # One likeness that slides out, and the rows below.
        assert (page.evaluate("() => window.moved.length") > 10) is flies
        settle(page)
        expect(page.locator("[role=grid] [inert]")).to_have_count(0)
        drawn(page)


def test_mail_that_comes_under_the_finger_is_not_what_its_buttons_act_on(desk: Desk) -> None:
    page = desk.open("/?size=300")
    pressed = desk.row(1).locator(".subject").inner_text()

    def press(what: Locator, arriving: str) -> None:
        what.hover(force=True)  # the buttons of a row come with the pointer
        page.mouse.down()
        page.evaluate("(subject) => demo.server.arrive({ subject })", arriving)
        expect(desk.row(0).locator(".subject")).to_have_text(arriving)
        page.mouse.up()

    press(desk.row(1).get_by_role("checkbox"), "고른 뒤에 온 메일")
    expect(desk.row(1)).to_have_attribute("aria-selected", "false")
    starred = page.locator(".mail-row .star .icon-button.star")
    before = starred.count()
    press(desk.row(2).locator(".star .icon-button"), "별표 뒤에 온 메일")
    press(desk.row(3).get_by_role("button", name="삭제"), "삭제 뒤에 온 메일")
    expect(desk.row(4).locator(".subject")).to_have_text(pressed)
    expect(page.get_by_role("row").filter(has_text="별표 뒤에 온 메일")).to_have_count(1)
    expect(page.get_by_role("region", name="알림")).not_to_contain_text("휴지통")
    expect(starred).to_have_count(before)


def test_an_empty_list_shows_why_and_what_to_do(desk: Desk) -> None:
    page = desk.page
    page.goto(desk.site + "/?size=0")
    pictures = set()

    def picture() -> None:
        pictures.add(page.locator("svg.picture").inner_html())

    expect(page.get_by_text("받은메일함이 비어 있습니다")).to_be_visible()
    picture()
    expect(page.get_by_role("status").get_by_role("button", name="메일 쓰기")).to_be_visible()
    page.get_by_role("group", name="필터").get_by_role("button", name="안읽음").click()
    expect(page.get_by_text("모두 읽었습니다")).to_be_visible()
    picture()
    page.keyboard.press("/")
    page.keyboard.type("없는 낱말")
    expect(page.get_by_text("‘없는 낱말’에 맞는 메일이 없습니다")).to_be_visible()
    picture()
    assert len(pictures) == 3
    assert violations(page) == []
