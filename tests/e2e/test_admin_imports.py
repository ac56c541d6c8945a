"""Tables of a directory on their screen: a list comes in from a file, goes out as one, and all of it is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import go, look, panel, sign_in
from tests.e2e.company import DESKTOP, HERO
from tests.e2e.controls import pick

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer
TABLE = "메일링리스트,이름,관리자,보낼 수 있는 사람,구성원\nnotice@hanbit.example,알림,admin@hanbit.example,사내,out@far.example\n"
WRONG = TABLE + "second@hanbit.example,둘째,,어쩌면,\n"


def test_a_list_comes_in_goes_out_and_is_taken_back(
    company: Company, new_person: Callable[..., Person], tmp_path: pathlib.Path
) -> None:
    admin = sign_in(new_person(viewport=DESKTOP).page, company)
    go(admin, "CSV 가져오기")
    pick(admin.get_by_label("종류", exact=True).first, "lists")
    chooser = admin.get_by_label("파일 선택")
    chooser.set_input_files({"name": "lists.csv", "mimeType": "text/csv", "buffer": WRONG.encode("cp949")})
    expect(admin.get_by_text("이 칸에 쓸 수 없는 말입니다")).to_be_visible()
    look(admin, "import-lists-wrong", tmp_path)
    chooser.set_input_files({"name": "lists.csv", "mimeType": "text/csv", "buffer": TABLE.encode("cp949")})
    admin.get_by_role("button", name="2건 가져오기").click()
    expect(panel(admin).get_by_text("2 / 2")).to_be_visible()

    admin.get_by_role("button", name="파일로 내보내기").click()
    form = admin.get_by_role("region", name="파일로 내보내기")
    pick(form.get_by_role("combobox"), "lists")
    form.get_by_label("사유").fill("연말 배포리스트 점검을 위한 반출")
    look(admin, "take-out", tmp_path)
    with admin.expect_download() as coming:
        form.get_by_role("button", name="파일로 내보내기").click()
    kept = tmp_path / "out.csv"
    coming.value.save_as(kept)
    assert "notice@hanbit.example,알림,admin@hanbit.example" in kept.read_text("utf-8-sig")

    panel(admin).get_by_role("button", name="모두 되돌리기").click()
    admin.get_by_role("dialog").get_by_role("button", name="모두 되돌리기").click()
    expect(panel(admin).get_by_text("되돌림")).to_be_visible()


PEOPLE = "메일 주소,이름,부서이름\n" + "".join(
    f"new{number}@hanbit.example,새사람{number},없는팀\n" for number in range(60)
)


def test_one_cause_is_told_once_and_the_empty_table_is_in_words(
    company: Company, new_person: Callable[..., Person], tmp_path: pathlib.Path
) -> None:
    admin = sign_in(new_person(viewport=DESKTOP).page, company)
    go(admin, "CSV 가져오기")
    with admin.expect_download() as coming:
        admin.get_by_role("button", name="빈 양식 받기").click()
    assert coming.value.suggested_filename == "구성원 양식.csv"
    kept = tmp_path / "form.csv"
    coming.value.save_as(kept)
    assert kept.read_text("utf-8-sig").startswith('"메일 주소","이름","사번","부서"')

    chooser = admin.get_by_label("파일 선택")
    chooser.set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": PEOPLE.encode("cp949")})
    wrong = admin.get_by_role("table", name="오류")
    expect(wrong.get_by_role("row")).to_have_count(2)
    expect(wrong.get_by_role("row").last).to_contain_text("부서가 없습니다: 없는팀")
    expect(wrong.get_by_role("cell", name="부서이름")).to_be_visible()
    expect(wrong.get_by_role("cell", name="2–61")).to_be_visible()
    look(admin, "import-causes", tmp_path)
    admin.get_by_role("checkbox", name="없는 부서 만들기").check()
    expect(admin.get_by_role("list", name="새로 만들 부서").get_by_role("listitem")).to_have_text("없는팀")
    expect(wrong).to_have_count(0)
    look(admin, "import-new-departments", tmp_path)
    admin.get_by_role("button", name="61건 가져오기").click()
    expect(panel(admin).get_by_text("61 / 61")).to_be_visible()
    panel(admin).get_by_role("button", name="모두 되돌리기").click()
    admin.get_by_role("dialog").get_by_role("button", name="모두 되돌리기").click()
    expect(panel(admin).get_by_text("되돌림")).to_be_visible()
    nameless = "성명\n새사람\n"
    chooser.set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": nameless.encode("cp949")})
    expect(wrong.get_by_text("‘메일 주소’ 열이 없습니다")).to_be_visible()


def test_a_rehearsal_says_whose_data_change_and_how(
    company: Company, new_person: Callable[..., Person], tmp_path: pathlib.Path
) -> None:
    admin = sign_in(new_person(viewport=DESKTOP).page, company)
    go(admin, "CSV 가져오기")
    table = f"메일 주소,이름,휴대전화\n{HERO},최도진,010-1234-5678\n"
    chooser = admin.get_by_label("파일 선택")
    chooser.set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": table.encode("cp949")})
    changed = admin.get_by_role("table", name="바뀌는 내용")
    expect(changed.get_by_role("rowheader")).to_have_text(f"김민지 {HERO}")
    expect(changed.get_by_role("row", name="이름 김민지 최도진")).to_be_visible()
    expect(changed.get_by_role("row", name="휴대전화")).to_contain_text("010-1234-5678")
    look(admin, "import-changes", tmp_path)
    with admin.expect_download() as coming:
        admin.get_by_role("button", name="바뀌는 내용을 파일로 받기").click()
    assert coming.value.suggested_filename == "구성원 바뀌는 내용.csv"
