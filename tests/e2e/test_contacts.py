"""주소록 and 조직도 in Chromium: at the demo client on a desk and a phone, and with a real node behind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.company import acknowledged
from tests.e2e.demo_desk import DESKTOP, PHONE, Desk, violations
from tests.e2e.pictures import keep_picture
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.shared_page

OUTLOOK = (
    "이름,성,회사,직함,휴대폰,전자 메일 주소,메모\r\n"
    "은채,도,대양부품,과장,010-1234-5678,eunchae@b.example,단가 협의\r\n"
    ",,,,,,빈 사람\r\n"
    "지오,남궁,,,,jio@b.example,\r\n"
).encode("cp949")


def people(page: Page) -> Locator:
    """Rows of the place beyond mail; the list of mail lies under it."""
    return page.locator(".section [role=row]")


def person(page: Page, name: str) -> Locator:
    return people(page).filter(has=page.get_by_text(name, exact=True))


def told(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("status").filter(has_text=text).first).to_be_attached()


def visit(desk: Desk, place: str) -> Page:
    page = desk.open()
    page.goto(f"{desk.site}/#/{place}")
    people(page).first.wait_for()
    return page


def test_a_contact_is_made_found_by_first_sounds_changed_removed_and_brought_back(desk: Desk) -> None:
    page = visit(desk, "contacts")
    page.keyboard.press("n")
    panel = page.get_by_role("complementary", name="연락처 추가")
    panel.get_by_role("button", name="저장").click()
    expect(panel.get_by_role("alert")).to_contain_text("하나는 입력해 주세요")
    panel.get_by_label("이름", exact=True).fill("서지훈")
    panel.get_by_role("textbox", name="메일", exact=True).fill("jihoon.seo@partner.example")
    panel.get_by_label("회사", exact=True).fill("한울상사")
    panel.get_by_role("button", name="저장").click()
    told(page, "‘서지훈’ 연락처를 추가했습니다")
    # Who is in the address book is offered in a letter, by first sounds too; the card makes room for it.
    page.get_by_role("complementary", name="연락처 정보").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.get_by_role("combobox", name="받는사람").fill("ㅅㅈㅎ")
    expect(page.get_by_role("option").first).to_contain_text("한울상사")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="받는사람")).to_contain_text("서지훈")
    page.get_by_role("button", name="버리기").click()
    page.get_by_role("dialog").get_by_role("button", name="버리기").click()

    page.get_by_role("searchbox", name="이름, 초성").fill("ㅅㅈㅎ")
    expect(people(page)).to_have_count(1)
    person(page, "서지훈").click()
    card = page.get_by_role("complementary", name="연락처 정보")
    expect(card).to_contain_text("한울상사")
    card.get_by_role("button", name="수정").click()
    form = page.get_by_role("complementary", name="수정")
    form.get_by_label("직책").fill("대리")
    form.get_by_role("button", name="저장").click()
    expect(card).to_contain_text("대리")

    card.get_by_role("button", name="삭제").click()
    expect(people(page)).to_have_count(0)
    told(page, "‘서지훈’ 항목을 삭제했습니다")
    page.get_by_role("heading", name="주소록", exact=True).first.click()
    page.keyboard.press("z")
    expect(person(page, "서지훈")).to_be_visible()
    expect(person(page, "서지훈")).to_contain_text("대리")


def test_chosen_people_become_a_group_that_is_written_to(desk: Desk) -> None:
    page = visit(desk, "contacts")
    for name in ("오세린", "Emily Carter"):
        person(page, name).get_by_role("checkbox").check()
    expect(page.get_by_role("toolbar", name="2명 선택")).to_be_visible()
    page.get_by_role("button", name="그룹에 추가").click()
    page.get_by_role("menuitem", name="새 그룹").click()
    page.get_by_role("dialog").get_by_label("이름").fill("납품 일정")
    page.get_by_role("dialog").get_by_role("button", name="저장").click()
    told(page, "‘납품 일정’ 그룹을 만들었습니다")

    page.get_by_role("link", name="납품 일정").click()
    expect(people(page)).to_have_count(2)
    person(page, "오세린").get_by_role("checkbox").check()
    page.get_by_role("button", name="그룹에서 제외").click()
    expect(people(page)).to_have_count(1)
    page.get_by_role("heading", name="납품 일정").click()
    page.keyboard.press("z")
    expect(people(page)).to_have_count(2)

    page.get_by_role("button", name="모두에게 메일 쓰기").click()
    to = page.get_by_role("group", name="받는사람")
    expect(to).to_contain_text("오세린")
    expect(to).to_contain_text("Emily Carter")


def test_a_file_is_looked_at_before_it_is_taken_in(desk: Desk, tmp_path: Path) -> None:
    page = visit(desk, "contacts")
    file = tmp_path / "people.vcf"
    file.write_text("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:서지훈\r\nEND:VCARD\r\n")
    page.locator(".section").get_by_role("button", name="더 보기").click()
    page.get_by_role("menuitem", name="가져오기").click()
    dialog = page.get_by_role("dialog", name="가져오기")
    dialog.locator("input[type=file]").set_input_files(file)
    expect(dialog.get_by_role("status")).to_have_text("추가 1 · 중복 1 · 오류 1")
    # What cannot be read stands first, with its line and why.
    expect(dialog.get_by_role("row").nth(1)).to_contain_text("이름도 주소도 없습니다.")
    expect(dialog.get_by_role("row").nth(1)).to_contain_text("17")
    assert violations(page) == []
    dialog.get_by_role("button", name="1명 가져오기").click()
    told(page, "연락처 1개를 가져왔습니다")


def test_the_company_is_walked_by_keyboard_and_chosen_people_are_written_to(desk: Desk) -> None:
    page = visit(desk, "organization")
    tree = page.get_by_role("tree", name="부서")
    # The own department stands open, and its people beside it.
    expect(tree.get_by_role("treeitem", name="기술본부")).to_have_attribute("aria-selected", "true")
    tree.get_by_role("treeitem", name="경영지원본부").focus()
    expect(tree.get_by_role("treeitem", name="인사팀")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(tree.get_by_role("treeitem", name="인사팀")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(tree.get_by_role("treeitem", name="인사팀")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="품질팀")).to_be_visible()

    page.get_by_role("searchbox", name="이름, 초성").fill("ㄱㅁㅈ")
    expect(people(page).first).to_contain_text("김민지")
    page.locator(".section").get_by_role("grid").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    card = page.get_by_role("complementary", name="연락처 정보")
    expect(card).to_contain_text("minji.kim@hanbit-tech.example")
    card.get_by_role("button", name="주소록에 추가").click()
    told(page, "‘김민지’ 연락처를 추가했습니다")
    card.get_by_role("button", name="주소록에 추가").click()
    told(page, "‘김민지’ 주소는 이미 주소록에 있습니다")
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)

    tree.get_by_role("treeitem", name="기술본부").click()
    page.get_by_role("button", name="모두 선택").click()
    chosen = page.get_by_role("toolbar")
    expect(chosen).to_have_accessible_name(re.compile(r"명 선택"))
    chosen.get_by_role("button", name="메일 쓰기").click()
    expect(page.get_by_role("group", name="받는사람")).to_contain_text("김민지")


def test_a_letter_to_everybody_of_a_department_waits_until_they_are_known(desk: Desk) -> None:
    page = desk.page
    page.goto(f"{desk.site}/?delay=300#/organization")
    page.get_by_role("tree", name="부서").get_by_role("treeitem", name="기술본부").click()
    people(page).first.get_by_role("checkbox").check()
    page.get_by_role("button", name="모두 선택").click()
    page.get_by_role("toolbar", name=re.compile("명 선택")).get_by_role("button", name="메일 쓰기").click()
    expect(page.get_by_role("group", name="받는사람").locator(".chip").nth(1)).to_be_visible()


def test_a_sender_goes_from_the_mail_into_the_address_book(desk: Desk) -> None:
    page = desk.open()
    desk.row(0).click()
    article = page.get_by_role("article")
    article.get_by_role("button", name="더 보기").click()
    page.get_by_role("menuitem", name="보낸사람을 주소록에 추가").click()
    # Whoever it is; those whom the address book has already are not made twice.
    told(page, re.compile("연락처를 추가했습니다|이미 주소록에 있습니다"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_every_screen_is_accessible(
    new_desk: Callable[..., Desk], viewport: dict[str, int], theme: str, tmp_path: Path
) -> None:
    desk = new_desk(viewport, theme)
    page = visit(desk, "organization")
    assert violations(page) == []
    keep_picture(page, tmp_path / "organization.png")
    page.goto(f"{desk.site}/#/contacts")
    person(page, "오세린").click()
    expect(page.get_by_role("complementary", name="연락처 정보")).to_contain_text("serin.oh")
    assert violations(page) == []
    keep_picture(page, tmp_path / "card.png")
    page.get_by_role("button", name="수정").click()
    expect(page.get_by_role("complementary", name="수정")).to_be_visible()
    assert violations(page) == []
    keep_picture(page, tmp_path / "form.png")
    # Nothing hangs over the edge of a phone.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.peer
def test_contacts_live_on_the_node(company: Company, new_person: Callable[..., Person], tmp_path: Path) -> None:
    login = "contacts@hanbit.example"
    new_account(company, login, "주소현")
    page = new_person(viewport=DESKTOP).sign_in(login, PASSWORD).page
    page.get_by_role("link", name="주소록", exact=True).click()
    expect(page.get_by_text("연락처가 없습니다")).to_be_visible()

    page.locator(".section").get_by_role("button", name="가져오기").click()
    file = tmp_path / "outlook.csv"
    file.write_bytes(OUTLOOK)
    dialog = page.get_by_role("dialog", name="가져오기")
    dialog.locator("input[type=file]").set_input_files(file)
    expect(dialog.get_by_role("status")).to_have_text("추가 2 · 중복 0 · 오류 1")
    expect(dialog.get_by_role("row").nth(1)).to_contain_text("이름도 주소도 전화번호도 없습니다.")
    dialog.get_by_role("button", name="2명 가져오기").click()
    expect(people(page)).to_have_count(2)
    # Nothing is typed behind a dialog.
    expect(dialog).to_have_count(0)

    page.get_by_role("searchbox", name="이름, 초성").fill("ㄷㅇㅊ")
    expect(people(page)).to_have_count(1)
    person(page, "도은채").click()
    card = page.get_by_role("complementary", name="연락처 정보")
    expect(card).to_contain_text("단가 협의")
    card.get_by_role("button", name="수정").click()
    form = page.get_by_role("complementary", name="수정")
    form.get_by_label("직책").fill("부장")
    form.get_by_role("button", name="메일 주소 추가").click()
    form.get_by_role("textbox", name="메일", exact=True).last.fill("second@b.example")
    form.get_by_role("button", name="저장").click()
    expect(card).to_contain_text("second@b.example")
    # The button that saved is gone; Escape still closes the card and nothing else.
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    page.get_by_role("searchbox", name="이름, 초성").fill("")
    expect(people(page)).to_have_count(2)

    for name in ("도은채", "남궁지오"):
        person(page, name).get_by_role("checkbox").check()
    page.get_by_role("button", name="그룹에 추가").click()
    page.get_by_role("menuitem", name="새 그룹").click()
    page.get_by_role("dialog").get_by_label("이름").fill("납품 일정")
    page.get_by_role("dialog").get_by_role("button", name="저장").click()
    page.get_by_role("link", name="납품 일정").click()
    expect(people(page)).to_have_count(2)

    # Removed and brought back: the group still knows who it was.
    person(page, "도은채").get_by_role("checkbox").check()
    page.get_by_role("toolbar").get_by_role("button", name="삭제").click()
    expect(people(page)).to_have_count(1)
    with acknowledged(page, "ContactCard/set"):
        page.get_by_role("region", name="알림").get_by_role("button", name="실행 취소").click()
    expect(people(page)).to_have_count(2)
    page.reload()
    expect(person(page, "도은채")).to_contain_text("부장")

    page.locator(".section").get_by_role("button", name="더 보기").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="내보내기: vCard 3.0").click()
    written = download.value.path().read_text("utf-8")
    assert "FN:도은채" in written
    assert "second@b.example" in written
    assert written.count("BEGIN:VCARD") == 3


@pytest.mark.peer
def test_a_colleague_is_found_in_the_company_and_kept(company: Company, new_person: Callable[..., Person]) -> None:
    new_account(company, "organ@hanbit.example", "조직현")
    new_account(company, "colleague@hanbit.example", "갈매현")
    page = new_person(viewport=DESKTOP).sign_in("organ@hanbit.example", PASSWORD).page
    page.get_by_role("link", name="조직도", exact=True).click()
    # The company itself, by its name and with everybody in it.
    expect(page.get_by_role("treeitem").first).to_have_accessible_name(re.compile(r"^\S.*, [\d,]+명$"))
    page.get_by_role("searchbox", name="이름, 초성").fill("ㄱㅁㅎ")
    person(page, "갈매현").click()
    page.get_by_role("button", name="주소록에 추가").click()
    told(page, "‘갈매현’ 연락처를 추가했습니다")
    page.get_by_role("link", name="주소록", exact=True).click()
    expect(person(page, "갈매현")).to_contain_text("colleague@hanbit.example")
