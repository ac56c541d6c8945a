"""Words in text as people bend it, all in one pass, and near each other."""

import time

import pytest

from smartmail.formats.phrases import Phrases, folded, near


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("바.카.라", "바카라"), ("카 지 노", "카지노"), ("ㅋㅏ지노", "카지노"), ("ㅋr지노", "카지노"), ("ㄷH출", "대출"), ("ㄷㅐㅊㅜㄹ", "대출"),
        ("대★출", "대출"), ("카.톡", "카톡"), ("ＰＡＹＰＡＬ", "paypal"), ("раураl", "paypal"), ("Pay\u200bPal", "paypal"), ("무ㄹㅛ", "무료"),
    ],
)  # fmt: skip
def test_letters_are_read_as_people_read_them(written, read):
    assert folded(written) == read


def test_honest_letters_stay_what_they_are():
    assert folded("안녕하세요, 김 과장님!") == "안녕하세요김과장님"
    assert folded("お世話になっております。") == "お世話になっております"
    assert folded("\ud800 a") == "a", "half a surrogate pair is no letter"


def test_a_set_of_words_is_found_in_one_pass():
    phrases = Phrases(["계좌 변경", "계좌", "wire transfer", "계좌", ""])
    assert phrases.found(folded("계좌-변경 안내. WIRE  transfer")) == {"계좌변경", "계좌", "wiretransfer"}
    assert phrases.found(folded("회의")) == frozenset()
    assert phrases.found("") == frozenset()


def test_words_are_near_each_other_or_not():
    text = folded("계좌 이야기입니다. " + "가나다 " * 20 + "새 계좌로 변경")
    assert near(text, [("계좌",), ("변경",)], 5) == ("계좌", "변경")
    assert near(text, [("계좌",), ("이야기",), ("변경",)], 5) == ()
    assert near(text, [(), ("변경",)], 5) == ()


def test_hostile_text_costs_little():
    phrases = Phrases(["가가가가가나", "ㅋㅋㅋ", "aab"])
    begun = time.process_time()
    for text in ("가" * 20_000, "ㅋ" * 20_000, "a" * 20_000, "ㄱㅏ" * 10_000):
        assert near(folded(text), [phrases.found(folded(text)), ("없음",)], 200) == ()
    assert time.process_time() - begun < 2
