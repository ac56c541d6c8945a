"""Recipients: the directory answers while a syllable is composed, tells who is away, and gives whole departments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import HERO, acknowledged
from tests.e2e.demo_desk import violations
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


def test_a_department_with_those_below_it_is_taken_by_its_box(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    page.keyboard.press("c")
    page.get_by_role("button", name="조직도").click()
    dialog = page.get_by_role("dialog", name="조직도")
    dialog.get_by_role("checkbox", name="기술본부 모두").check()
    expect(dialog.get_by_role("status")).to_contain_text("9명 선택")
    look(page, "directory", tmp_path)
    assert violations(page) == []
    dialog.get_by_role("checkbox", name="기술본부 모두").uncheck()
    dialog.get_by_role("checkbox", name="하위 부서 포함").uncheck()
    dialog.get_by_role("checkbox", name="기술본부 모두").check()
    expect(dialog.get_by_role("status")).to_contain_text("2명 선택")
    dialog.get_by_role("button", name="받는사람").click()
    expect(chips(page)).to_have_count(2)


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
