"""Particles that fit the word before them."""

import pytest

from smartmail.base import i18n, korean


@pytest.mark.parametrize(
    ("text", "word", "said"),
    [
        ("{a}이(가) 왔습니다", "민지", "민지가 왔습니다"),
        ("{a}이(가) 왔습니다", "하은", "하은이 왔습니다"),
        ("‘{a}’을(를) 지웠습니다", "견적서", "‘견적서’를 지웠습니다"),
        ('"{a}"을(를) 지웠습니다', "공문", '"공문"을 지웠습니다'),
        ("{a}은(는) 길입니다", "길", "길은 길입니다"),
        ("{a}(으)로 보냅니다", "서울", "서울로 보냅니다"),
        ("{a}(으)로 보냅니다", "부산", "부산으로 보냅니다"),
        ("{a}(으)로 바꿉니다", 7, "7로 바꿉니다"),
        ("{a}(으)로 바꿉니다", 10, "10으로 바꿉니다"),
        ("{a}와(과) 함께", "팀장", "팀장과 함께"),
        ("{a}과(와) 함께", "이사", "이사와 함께"),
        # Read in more than one way, or nothing at all: both stay.
        ("{a}이(가) 왔습니다", "kim@a.example", "kim@a.example이(가) 왔습니다"),
        ("{a}이(가) 왔습니다", "", "이(가) 왔습니다"),
        # What a person wrote is left as it is.
        ("{a}을(를) 지웠습니다", "나이(가) 많은 사람", "나이(가) 많은 사람을 지웠습니다"),
        ("{a}을(를) 지웠습니다", "{a}은(는)", "{a}은(는)을(를) 지웠습니다"),
    ],
)
def test_the_particle_fits(text, word, said):
    assert korean.fitted(text, {"a": word}).format(a=word) == said


def test_two_places_of_one_text():
    text = '{who}이(가) "{act}"을(를) 요청했습니다'
    values = {"who": "박서준", "act": "키 교체"}
    assert korean.fitted(text, values).format(**values) == '박서준이 "키 교체"를 요청했습니다'


def test_only_korean_readers_get_it():
    i18n_before = dict(i18n._catalogues)
    try:
        i18n.install({"ko": {"k": "{a}이(가)"}, "en": {"k": "{a}이(가)"}})
        assert i18n.translate("ko", "k", a="민지") == "민지가"
        assert i18n.translate("en", "k", a="민지") == "민지이(가)"
    finally:
        i18n.install(i18n_before)
