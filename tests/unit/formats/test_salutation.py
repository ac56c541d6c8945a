"""formats.salutation: whom the first lines of a letter address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats.salutation import Addressed, addressed


@pytest.mark.parametrize(
    ("text", "name", "title", "script"),
    [
        ("김 부장님,\n안녕하세요", "김", "부장", "ko"),
        ("김부장님", "김", "부장", "ko"),
        ("안녕하세요, 김철수 부장님.", "김철수", "부장", "ko"),
        ("한빛전자 이 대리님 안녕하세요", "이", "대리", "ko"),
        ("김철수님께\n자료 보내드립니다.", "김철수", "", "ko"),
        ("株式会社青空\n田中様", "田中", "", "ja"),
        ("佐藤さん、\nお疲れ様です。", "佐藤", "", "ja"),
        ("山本課長\nお世話になっております。", "山本", "課長", "ja"),
        ("王经理：您好", "王", "经理", "zh"),
        ("尊敬的李女士：", "李", "", "zh"),
        ("Dear Mr. Kim,", "Kim", "", "en"),
        ("Hi Gildong,\nthanks", "Gildong", "", "en"),
        ("Hello Alice Park -", "Alice Park", "", "en"),
    ],
)
def test_a_salutation_names_a_person(text: str, name: str, title: str, script: str):
    assert addressed(text) == [Addressed(name, title, script)]


@pytest.mark.parametrize(
    "text",
    [
        "", "고객님께", "담당자님", "우리 팀장님", "안녕하세요 부장님", "이사님", "박 부장님께 들었습니다.", "안녕하세요. 한빛전자 김철수입니다.",
        "関係者各位", "ご担当者様", "株式会社青空 御中", "お疲れ様です。", "いつもお世話になっております。", "各位同事", "Dear all,", "Dear Sir or Madam,", "Hi there!",
        "본문입니다.\n둘째 줄\n셋째 줄\n넷째 줄\n김 부장님,",
    ],
)  # fmt: skip
def test_nobody_in_particular_and_people_who_are_mentioned_are_not_addressed(text: str):
    assert addressed(text) == []


def test_several_people_are_addressed_in_one_line():
    assert [one.name for one in addressed("이 과장님, 박철수 대리님")] == ["이", "박철수"]


@given(st.text(max_size=400))
def test_any_text_is_read(text: str):
    for one in addressed(text):
        assert one.name
