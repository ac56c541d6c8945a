"""Look-alike domains, names of people, the mark of advertisements: the vectors of the specification, as tables."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.formats.advertisement import mark_of
from smartmail.formats.lookalike import distance, likeness, mixes_scripts, registered, skeleton
from smartmail.formats.person_names import key_of, sounds_of
from smartmail.formats.words import decode_text

OWN = "innotab.com"


@pytest.mark.parametrize(
    ("domain", "how"),
    [
        ("lnnotab.com", "skeleton"),
        ("innotaЬ.com", "skeleton"),
        ("xn--innota-utf.com", "skeleton"),
        ("innotаb.com", "skeleton"),
        ("ｉnnotab.com", "skeleton"),
        ("innot\u200bab.net", "skeleton"),
        ("innotáb.com", "skeleton"),
        ("innotab.co", "suffix"),
        ("innotab.co.kr", "suffix"),
        ("inno-tab.com", "affix"),
        ("innotab-kr.com", "affix"),
        ("secure-innotab.net", "affix"),
        ("innotabb.com", "typo"),
        ("innota.com", "typo"),
        ("inontab.com", "typo"),
        ("innotab.com.login.example", "inside"),
        ("mail.lnnotab.com", "skeleton"),
        ("innotab.com", None),
        ("mail.innotab.com", None),
        ("INNOTAB.COM.", None),
        ("innovation.com", None),
        ("xn--cg4bki.com", None),
        ("example.com", None),
        ("", None),
    ],
)
def test_imitations_of_our_domain(domain, how):
    assert likeness(domain, OWN) == how


@pytest.mark.parametrize(
    ("domain", "original", "how"),
    [
        ("xn--nver-53d.com", "naver.com", "skeleton"),
        ("rnicrosoft.com", "microsoft.com", "skeleton"),
        ("vvooribank.com", "wooribank.com", "skeleton"),
        ("c1oud.example", "cloud.example", "skeleton"),
        ("g00gle.com", "google.com", "skeleton"),
        ("kakaobnak.com", "kakaobank.com", "typo"),
        ("cjlogistcis.com", "cjlogistics.com", "typo"),
        ("lg.net", "lg.com", "suffix"),
        ("lq.com", "lg.com", None),
        ("kbs.com", "kbstar.com", None),
        ("삼송.com", "삼성.com", None),
    ],
)
def test_imitations_of_others(domain, original, how):
    assert likeness(domain, original) == how


def test_hangul_and_latin_may_stand_together_and_cyrillic_may_not():
    assert not mixes_scripts("삼성sdi")
    assert not mixes_scripts("東京tower")
    assert mixes_scripts("innotаb")


def test_what_was_registered():
    assert registered("mail.innotab.co.kr") == "innotab.co.kr"
    assert registered("co.kr") == "co.kr"
    assert registered("localhost") == "localhost"


@settings(deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_distance_is_symmetric_and_bounded(one, other):
    assert distance(one, other, 2) == distance(other, one, 2) <= 3
    assert distance(one, one, 0) == 0


@settings(deadline=None)
@given(st.text(max_size=200))
def test_skeletons_never_raise_and_hold_nothing_invisible(text):
    assert "\u200b" not in skeleton(text + "\u200b")
    likeness(text, OWN)
    likeness(OWN, text)


# People


def same_person(one: str, other: str) -> bool:
    """Say whether a reader would take the two names for one person's."""
    first, second = key_of(one), key_of(other)
    if len(first) < 2 or len(second) < 2:
        return False
    return first == second or bool(sounds_of(one) & sounds_of(other))


@pytest.mark.parametrize(
    "name",
    ["홍길동", "홍 길 동", "홍길동 대표", "대표이사 홍길동", "홍길동 님", "[인사팀] 홍길동", "홍길동(영업)", "홍\u200b길동", "Gildong Hong",
     "Hong Gil-dong", "HONG GILDONG (CEO)", "Hong, Gil Dong", "Gi1dong Hong", "Gildоng Hоng", "Mr. Gil Dong Hong"],
)  # fmt: skip
def test_names_that_read_as_a_colleagues(name):
    assert same_person(name, "홍길동")


@pytest.mark.parametrize("name", ["홍길순", "길동", "Hong", "Gilson Hong", "대표이사", "님", "", "고객센터", "Gildong"])
def test_names_that_do_not(name):
    assert not same_person(name, "홍길동")


@pytest.mark.parametrize(
    ("latin", "hangul"),
    [("Chulsoo Kim", "김철수"), ("Cheol-su Gim", "김철수"), ("Lee Younghee", "이영희"), ("Yi Yeong-hui", "이영희"),
     ("Park Ji Sung", "박지성"), ("Choi Minho", "최민호"), ("Jung Woo-sung", "정우성")],
)  # fmt: skip
def test_ways_to_write_a_name_in_latin_letters(latin, hangul):
    assert sounds_of(latin) & sounds_of(hangul)


def test_a_title_alone_is_nobody():
    assert not same_person("이사", "김이사")
    assert key_of("부사장 김철수") == "김철수"


@settings(deadline=None)
@given(st.text(max_size=150))
def test_names_never_raise(text):
    same_person(text, "홍길동")


# Advertisements


@pytest.mark.parametrize(
    ("subject", "mark"),
    [
        ("(광고) 세일", "compliant"),
        (decode_text(b"=?EUC-KR?B?KLGksO0pILy8wM8=?="), "compliant"),
        ("( 광 고 ) 세일", "variant"),
        ("(광.고)", "variant"),
        ("[광고]", "variant"),
        ("(廣告)", "variant"),
        ("(ＡＤ)", "variant"),
        ('("광고") 세일', "variant"),
        ("(대출광고) 안내", "variant"),
        ("(성인광고) 안내", "variant"),
        ("(ㄱㅘㅇㄱㅗ) 세일", "variant"),
        ("(광\u200b고) 세일", "variant"),
        ("★광고★ 세일", "variant"),
        ("세일 (광고)", "variant"),
        ("Re: (광고) 세일", "variant"),
        ("（광고） 세일", "variant"),
        (" (광고) 세일", "variant"),
        ("광고비 정산 요청", None),
        ("[광고비] 정산 요청", None),
        ("신규 광고 기획안 검토 (광고팀)", None),
        ("[AWS] 안내", None),
        ("", None),
    ],
)
def test_marks_of_advertisements(subject, mark):
    assert mark_of(subject) == mark


@pytest.mark.parametrize("subject", ["(" * 100_000, "광 " * 100_000, "(광" + "." * 100_000 + "고)", "\u200b" * 100_000])
def test_hostile_subjects_cost_little(subject):
    begun = time.process_time()
    mark_of(subject)
    likeness(subject, OWN)
    same_person(subject, "홍길동")
    assert time.process_time() - begun < 0.5
