"""Recipients: the directory answers while a syllable is composed, tells who is away, and gives whole departments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.e2e.company import HERO, acknowledged
from tests.e2e.controls import pick
from tests.e2e.demo_desk import PHONE, violations
from tests.e2e.pictures import keep_picture
from tests.e2e.writing_help import chips, look

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.company import Person
    from tests.e2e.demo_desk import Desk

pytestmark = [pytest.mark.peer, pytest.mark.shared_page]


@pytest.mark.parametrize("typed", ["서준", "ㅂㅅㅈ", "플랫폼개발팀", "수석", "seojun"])
def test_the_directory_finds_by_name_first_sounds_department_title_and_login(desk: Desk, typed: str) -> None:
    page = desk.open()
    page.keyboard.press("c")
    page.get_by_role("combobox", name="받는사람").fill(typed)
    option = page.get_by_role("option").filter(has_text="seojun.park")
    expect(option).to_contain_text("수석 · 플랫폼개발팀")
    expect(option).to_contain_text("부재중")


def test_suggestions_follow_a_composition_and_enter_inside_it_adds_nobody(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    page.keyboard.press("c")
    field = page.get_by_role("combobox", name="받는사람")
    field.focus()
    client = page.context.new_cdp_session(page)
    for part in ("ㅅ", "서", "서ㅈ", "서주", "서준"):
        client.send("Input.imeSetComposition", {"text": part, "selectionStart": len(part), "selectionEnd": len(part)})
    expect(page.get_by_role("option").filter(has_text="seojun.park")).to_be_visible()
    look(page, "suggestions", tmp_path)
    # Enter of the input method, in both orders that browsers have.
    for composing in (True, False):
        field.evaluate(
            "(one, isComposing) => one.dispatchEvent(new KeyboardEvent('keydown', "
            "{ key: 'Enter', code: 'Enter', keyCode: 229, isComposing, bubbles: true, cancelable: true }))",
            composing,
        )
    expect(chips(page)).to_have_count(0)
    client.send("Input.insertText", {"text": "서준"})
    page.keyboard.press("Enter")
    expect(chips(page)).to_have_count(1)
    expect(chips(page)).to_contain_text("박서준")
    expect(chips(page)).to_contain_text("부재중")
    expect(field).to_have_value("")


def picker(page: Page, button: str = "조직도") -> Locator:
    page.keyboard.press("c")
    page.get_by_role("button", name=button, exact=True).click()
    return page.get_by_role("dialog", name=button)


def test_a_department_with_those_below_it_is_taken_by_its_box(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    dialog = picker(page)
    dialog.get_by_role("checkbox", name="하위 부서 포함").check()
    dialog.get_by_role("checkbox", name="기술본부 모두").check()
    expect(dialog.get_by_role("status")).to_contain_text("9명 선택")
    expect(dialog.get_by_role("group", name="받는사람")).to_contain_text("기술본부 + 하위 부서")
    look(page, "directory", tmp_path)
    assert violations(page) == []
    dialog.get_by_role("checkbox", name="기술본부 모두").uncheck()
    dialog.get_by_role("checkbox", name="하위 부서 포함").uncheck()
    dialog.get_by_role("checkbox", name="기술본부 모두").check()
    expect(dialog.get_by_role("status")).to_contain_text("2명 선택")
    dialog.get_by_role("button", name="1곳 추가").click()
    expect(chips(page)).to_have_count(2)


def test_the_tree_opens_at_the_own_team_and_tells_how_many_are_where(desk: Desk) -> None:
    page = desk.open()
    dialog = picker(page)
    own = dialog.get_by_role("treeitem", name="기술본부, 내 부서, 9명")
    expect(own).to_have_attribute("aria-selected", "true")
    expect(own).to_be_in_viewport()
    # Its people stand beside it; other departments are folded.
    expect(dialog.get_by_role("row").filter(has_text="jiwoo.han")).to_be_visible()
    expect(dialog.get_by_role("treeitem", name="경영지원본부")).to_have_attribute("aria-expanded", "false")
    expect(dialog.get_by_role("treeitem", name="인사팀")).to_have_count(0)
    expect(dialog.get_by_role("treeitem", name="한빛테크, 12명")).to_be_visible()


def test_words_find_people_and_departments_and_each_field_gets_its_own(desk: Desk) -> None:
    page = desk.open()
    dialog = picker(page)
    dialog.get_by_role("searchbox").fill("ㅍㅈㅌ")
    expect(dialog.get_by_role("treeitem")).to_have_count(3)
    expect(dialog.get_by_role("treeitem").last).to_contain_text("품질팀")
    dialog.get_by_role("searchbox").fill("서준")
    row = dialog.get_by_role("row").filter(has_text="seojun.park")
    # Who is away is told before one writes.
    expect(row).to_contain_text("부재중")
    row.click()
    dialog.get_by_role("button", name="참조", exact=False).nth(0).click()
    dialog.get_by_role("searchbox").fill("ㄱㅁㅈ")
    dialog.get_by_role("row").filter(has_text="minji.kim").click()
    expect(dialog.get_by_role("group", name="참조", exact=True)).to_contain_text("김민지")
    dialog.get_by_role("button", name="2곳 추가").click()
    expect(chips(page)).to_contain_text("박서준")
    expect(chips(page, "참조")).to_contain_text("김민지")


def test_people_are_picked_by_keys_alone(desk: Desk) -> None:
    page = desk.open()
    dialog = picker(page)
    own = dialog.get_by_role("treeitem", name="기술본부")
    own.focus()
    page.keyboard.press("ArrowDown")
    team = dialog.get_by_role("treeitem", name="플랫폼개발팀")
    expect(team).to_be_focused()
    page.keyboard.press("Enter")
    expect(team).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Space")
    expect(team).to_have_attribute("aria-checked", "true")
    expect(own).to_have_attribute("aria-checked", "mixed")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    expect(team).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(team).to_be_visible()
    page.keyboard.press("Enter")
    # From the tree to the people: the space bar takes the one that the keyboard is on.
    dialog.get_by_role("grid").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(dialog.get_by_role("status")).to_contain_text("6명 선택")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(chips(page)).to_have_count(0)


def test_contacts_and_groups_are_picked_in_the_same_dialog(desk: Desk) -> None:
    page = desk.open()
    dialog = picker(page, "주소록")
    expect(dialog.get_by_role("radio", name="내 주소록")).to_be_checked()
    dialog.get_by_role("searchbox").fill("오세린")
    dialog.get_by_role("row").filter(has_text="오세린").first.click()
    dialog.get_by_role("searchbox").fill("")
    # A group stands among contacts as well; it is the same one wherever it is taken.
    among = dialog.get_by_role("row").filter(has_text="단가 협의")
    among.click()
    expect(dialog.get_by_role("group", name="받는사람")).to_contain_text(re.compile(r"단가 협의\s*[1-9]명"))
    dialog.get_by_text("그룹", exact=True).click()
    group = dialog.get_by_role("row").filter(has_text="단가 협의")
    expect(group).to_have_attribute("aria-selected", "true")
    group.click()
    expect(group).to_have_attribute("aria-selected", "false")
    group.click()
    expect(group).to_have_attribute("aria-selected", "true")
    dialog.get_by_role("button", name="2곳 추가").click()
    expect(chips(page).filter(has_text="오세린")).to_have_count(1)
    assert chips(page).count() > 1


def test_on_a_phone_people_are_picked_over_the_whole_screen(new_desk: Callable[..., Desk], tmp_path: Path) -> None:
    page = new_desk(PHONE).open()
    dialog = picker(page)
    pick(dialog.get_by_label("부서", exact=True), "\u2003\u2003플랫폼개발팀")
    dialog.get_by_role("checkbox", name="플랫폼개발팀 모두").check()
    expect(dialog.get_by_role("status")).to_contain_text("5명 선택")
    keep_picture(page, tmp_path / "picker-phone.png")
    assert violations(page) == []
    dialog.get_by_role("button", name="1곳 추가").click()
    expect(chips(page)).to_have_count(5)


def test_who_is_written_to_comes_first_until_it_is_forgotten(new_person: Callable[..., Person]) -> None:
    person = new_person().sign_in(HERO)
    page = person.page
    person.compose("zz.often@outside.example", "자주 보내는 사람에게")
    # Whom one writes to is noted once the letter has gone.
    with acknowledged(page, "frequentPeople"):
        person.send()
    expect(person.notices).to_contain_text("보냈습니다")
    page.reload()
    page.get_by_role("row").first.wait_for()
    page.keyboard.press("c")
    field = page.get_by_role("combobox", name="받는사람")
    field.fill("zz.of")
    option = page.get_by_role("option").filter(has_text="zz.often")
    expect(option).to_contain_text("외부")
    option.get_by_role("button", name="자주 쓰는 주소에서 빼기").click()
    expect(option).to_have_count(0)
    field.fill("zz.ofte")
    expect(page.get_by_role("option").filter(has_text="zz.often")).to_have_count(0)


def test_the_directory_of_a_real_company_answers(new_person: Callable[..., Person]) -> None:
    person = new_person().sign_in(HERO)
    person.page.keyboard.press("c")
    person.page.get_by_role("combobox", name="받는사람").fill("ㅂㅅㅈ")
    expect(person.page.get_by_role("option").filter(has_text="seojun.park@hanbit.example")).to_be_visible()
