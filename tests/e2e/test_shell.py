"""The frame of the webmail: a bar over the whole width, the rail of ten places, notices, the sign-in page, the first day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from tests.e2e.company import DESKTOP, Company, Person, acknowledged, letter
from tests.e2e.demo_desk import AXE, PHONE, Desk, violations
from tests.e2e.pictures import keep_picture
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FRAME = """async () => {
  const rules = ['label-content-name-mismatch', 'skip-link', 'region', 'landmark-one-main', 'page-has-heading-one'];
  const found = await axe.run(document, { runOnly: rules, resultTypes: ['violations'] });
  return found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 160))]);
}"""


def box(one: Locator) -> dict[str, float]:
    found = one.bounding_box()
    assert found is not None
    return dict(found)


def search_line(page: Page) -> Locator:
    return page.get_by_role("banner").get_by_role("combobox", name="메일 검색")


def test_the_bar_is_over_everything_and_one_sheet_lies_on_the_ground(new_desk: Callable[..., Desk]) -> None:
    desk = new_desk()
    page = desk.open()
    bar, rail, sheet = (box(page.get_by_role(role)) for role in ("banner", "navigation", "main"))  # type: ignore[arg-type]
    assert (bar["x"], bar["y"], bar["width"], bar["height"]) == (0, 0, 1366, 56)
    assert (rail["width"], rail["y"], sheet["x"], sheet["y"]) == (208, 56, 208, 56)
    assert page.get_by_role("main").evaluate("one => getComputedStyle(one).borderTopLeftRadius") == "12px"
    page.set_viewport_size({"width": 1366, "height": 768})
    assert box(page.get_by_role("navigation"))["width"] == 208
    page.set_viewport_size({"width": 900, "height": 768})
    page.get_by_role("banner").get_by_role("button", name="메일함 열기").click()
    page.get_by_role("navigation", name="메일함").get_by_role("link", name="휴지통").click()
    expect(page.get_by_role("heading", name="휴지통", level=1)).to_be_visible()


def test_slash_goes_to_the_search_line_from_every_place(desk: Desk) -> None:
    page = desk.open()
    page.keyboard.press("/")
    expect(search_line(page)).to_be_focused()
    page.goto(desk.site + "/#/receipts")
    page.get_by_role("heading", name="수신확인", level=1).wait_for()
    page.keyboard.press("/")
    expect(search_line(page)).to_be_focused()
    expect(page.get_by_role("heading", name="수신확인", level=1)).to_be_visible()
    page.keyboard.type("견적")
    expect(page.get_by_role("heading", name="검색 결과", level=1)).to_be_visible()


def test_looks_settings_and_the_person_are_in_the_bar(desk: Desk) -> None:
    page = desk.open()
    bar = page.get_by_role("banner")
    bar.get_by_role("button", name="어두운 화면으로").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    bar.get_by_role("button", name="밝은 화면으로").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    # What is read on the button is part of its name.
    expect(bar.get_by_role("button", name="계정과 설정: 한지우 책임", exact=True)).to_contain_text("한지우 책임")
    bar.get_by_role("button", name="설정", exact=True).click()
    expect(page.get_by_role("heading", name="언어와 화면")).to_be_visible()


@pytest.mark.parametrize("where", ["/", "/#/quarantine", "/#/snoozed"])
def test_the_frame_has_landmarks_one_heading_and_a_way_past_it(desk: Desk, where: str) -> None:
    page = desk.open()
    page.goto(desk.site + where)
    page.get_by_role("heading", level=1).first.wait_for()
    page.evaluate(AXE.read_text())
    assert page.evaluate(FRAME) == []
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    if where == "/":
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="메일 목록으로 건너뛰기")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("grid")).to_be_focused()


def test_groups_of_the_rail_fold_and_stay_folded(desk: Desk) -> None:
    page = desk.open()
    rail = page.get_by_role("navigation", name="메일함")
    expect(rail.get_by_role("link", name="거래처")).to_be_visible()
    rail.get_by_role("button", name="개인 메일함", exact=True).click()
    expect(rail.get_by_role("link", name="거래처")).to_have_count(0)
    page.reload()
    expect(rail.get_by_role("button", name="개인 메일함", exact=True)).to_have_attribute("aria-expanded", "false")
    expect(rail.get_by_role("link", name="거래처")).to_have_count(0)


def test_a_notice_stands_in_the_middle_above_the_foot_and_goes_with_its_screen(desk: Desk) -> None:
    page = desk.open()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    region = page.get_by_role("region", name="알림")
    # What can be taken back stays, wherever one goes.
    desk.row(2).get_by_role("checkbox").click()
    page.keyboard.press("Delete")
    shown = region.locator(".notice")
    expect(shown).to_have_count(1)
    shown.evaluate("one => Promise.all(one.getAnimations().map(each => each.finished))")
    place = box(shown)
    assert abs(place["x"] + place["width"] / 2 - 683) < 2
    assert place["y"] + place["height"] <= 900 - 64
    page.get_by_role("navigation", name="메일함").get_by_role("link", name="휴지통").click()
    expect(page.get_by_role("heading", name="휴지통", level=1)).to_be_visible()
    expect(shown.get_by_role("button", name="실행 취소")).to_be_visible()


def test_the_drawer_of_a_phone_has_mailboxes_tags_and_the_person(new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    desk = new_desk(PHONE)
    page = desk.open()
    page.get_by_role("button", name="메일함 열기").tap()
    rail = page.get_by_role("navigation", name="메일함")
    for name in ("받은메일함", "나중에 보기", "거래처", "긴급"):
        assert box(rail.get_by_role("link", name=name).first)["height"] >= 44
    expect(rail.get_by_role("link", name="첨부 보관함")).to_have_count(0)
    keep_picture(page, tmp_path / "drawer.png")
    rail.get_by_role("button", name="설정", exact=True).tap()
    expect(page.get_by_role("link", name="언어와 화면")).to_be_visible()


def test_what_somebody_new_is_shown_moves_no_row_when_it_comes(
    company: Company, new_person: Callable[..., Person]
) -> None:
    login = "first.hour@hanbit.example"
    new_account(company, login, "갓온이")
    company.deliver(login, letter(login, "갓온이 환영합니다"))
    person = new_person(viewport=DESKTOP)
    held: list[Route] = []
    person.page.route(re.compile(r"/FirstDay-[\w-]+\.js$"), lambda route: held.append(route))  # noqa: PLW0108
    with person.page.expect_request(re.compile(r"/FirstDay-[\w-]+\.js$")):
        person.sign_in(login, PASSWORD)
    row = person.row("갓온이 환영합니다")
    row.wait_for()
    before = box(row)
    for route in held:
        route.continue_()
    steps = person.page.get_by_role("region", name="처음 오셨나요?")
    expect(steps.get_by_role("listitem")).to_have_count(3)
    assert box(row) == before, box(steps)


def test_a_language_of_the_sign_in_page_is_not_chosen_for_the_account(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    login = "door.words@hanbit.example"
    new_account(company, login, "문지기")
    person = new_person()
    page = person.page
    page.goto(company.site)
    page.get_by_label("메일 주소").wait_for()
    keep_picture(page, tmp_path / "sign-in.png")
    assert violations(page) == []
    page.get_by_role("button", name="English").click()
    page.get_by_label("Mail address").fill(login)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()
    # Another machine speaks as its browser does: nothing was written to the account.
    other = new_person().sign_in(login, PASSWORD)
    expect(other.page.get_by_role("heading", name="받은메일함", level=1)).to_be_visible()
    expect(other.page.get_by_role("banner")).to_contain_text("문지기")


def test_somebody_new_is_shown_three_steps_once(
    company: Company, new_person: Callable[..., Person], tmp_path: Path
) -> None:
    login = "first.day@hanbit.example"
    new_account(company, login, "새사람")
    page = new_person().sign_in(login, PASSWORD).page
    steps = page.get_by_role("region", name="처음 오셨나요?")
    expect(steps.get_by_role("listitem")).to_have_count(3)
    keep_picture(page, tmp_path / "first-day.png")
    assert violations(page) == []
    steps.get_by_role("button", name="단축키 보기").click()
    expect(page.get_by_role("dialog", name="단축키")).to_be_visible()
    page.keyboard.press("Escape")
    steps.get_by_role("button", name="서명 작성").click()
    expect(page).to_have_url(f"{company.site}/#/settings/writing")
    page.go_back()
    with acknowledged(page, "UserPreferences/set"):
        steps.get_by_role("button", name="시작 안내 닫기").click()
    expect(steps).to_have_count(0)
    other = new_person().sign_in(login, PASSWORD).page
    other.get_by_role("heading", name="받은메일함", level=1).wait_for()
    other.wait_for_function("() => localStorage.getItem('smartmail.settings') !== null")
    expect(other.get_by_role("region", name="처음 오셨나요?")).to_have_count(0)
