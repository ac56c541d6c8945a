"""Dictionaries: particles, blanks, bounds of words, weights and places; expressions of administrators, and which are refused."""

import pytest

from smartmail.formats.leaks.dictionary import Dictionary, Hit, InvalidDictionary, Term, score
from smartmail.formats.leaks.finding import MAX_FINDINGS
from smartmail.formats.leaks.patterns import InvalidPattern, Pattern, Span
from smartmail.formats.leaks.technology import terms

WORDS = Dictionary([Term("도면", 2), Term("이차전지", 3), Term("EUV 노광", 2), Term("secret"), Term("极密", 4)])


def found(text: str) -> list[tuple[str, str]]:
    return [(one.word, text[one.start : one.end]) for one in score(text, WORDS).hits]


@pytest.mark.parametrize(
    "text", ["도면", "도면을 보냅니다", "도면에서는", "도면들까지만", "(도면)", "도면입니다.", "첨부한 도면과 함께"]
)
def test_particles_are_ignored(text):
    assert found(text) == [("도면", "도면")]


@pytest.mark.parametrize("text", ["전도면허", "설계도면을", "도면적", "비밀 서류"])
def test_short_words_within_others_are_none(text):
    assert found(text) == []


def test_long_words_are_found_in_compounds_and_apart():
    assert found("차세대이차전지사업") == [("이차전지", "이차전지")]
    assert found("이차 전지와 이 차\n전 지") == [("이차전지", "이차 전지"), ("이차전지", "이 차\n전 지")]
    assert found("EUV노광 euv  노광") == [("EUV 노광", "EUV노광"), ("EUV 노광", "euv  노광")]


def test_latin_words_stand_alone():
    assert found("Secret, top-secret") == [("secret", "Secret"), ("secret", "secret")]
    assert found("secrets insecret") == []
    assert found("这是极密文件") == [("极密", "极密")]


def test_text_is_read_as_detectors_read_it():
    assert found("극 ｓｅｃｒｅｔ 도\u200b면") == [("secret", "ｓｅｃｒｅｔ"), ("도면", "도\u200b면")]


def test_weights_add_up_and_places_are_bounded():
    told = score("도면 도면 secret", WORDS)
    assert (told.weight, told.words, told.is_cut) == (5, {"도면", "secret"}, False)
    assert told.hits[0] == Hit("도면", 2, 0, 2)
    many = score("secret " * (MAX_FINDINGS + 1), WORDS)
    assert (len(many.hits), many.is_cut) == (MAX_FINDINGS, True)


def test_an_empty_dictionary_finds_nothing_and_bad_words_are_refused():
    assert score("도면", Dictionary([])).hits == ()
    for word in ("", "   ", "x" * 101):
        with pytest.raises(InvalidDictionary):
            Dictionary([Term(word)])


def test_signs_of_expressions_are_signs_in_words():
    assert score("a.c abc C++", Dictionary([Term("a.c"), Term("C++", 2)])).weight == 3


def test_the_words_of_national_technology():
    words = Dictionary(terms())
    assert len(words) == len(terms()) > 150
    assert {one.weight for one in terms()} == {1, 2, 3}
    told = score("하이니켈 양극재의 슬러리 배합비와 공정 레시피를 보냅니다", words)
    assert told.words == {"하이니켈 양극재", "슬러리 배합비", "공정 레시피"}
    assert score("내일 회의 자료를 첨부합니다. 감사합니다.", words).weight == 0


def test_patterns_are_met_in_the_text_as_read():
    pattern = Pattern.compile(r"[A-Z]{3}-\d{6}")
    assert pattern.find("사번 ＡＢＣ－１２３４５６ 확인") == [Span(3, 13, "ABC-123456")]
    assert Pattern.compile("abc", ignore_case=True).find("xABC") == [Span(1, 4, "ABC")]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "empty"), ("a*", "nothing"), ("x?|y", "nothing"), ("(a", "syntax"), ("(?=a)", "syntax"), (r"(a)\1", "syntax"),
        ("a" * 1001, "long"), ("((a{100}){100}){100}", "syntax"), ("[\ud800]", "syntax"),
    ],
)  # fmt: skip
def test_patterns_that_are_refused(source, reason):
    with pytest.raises(InvalidPattern) as refused:
        Pattern.compile(source)
    assert refused.value.reason == reason


def test_no_pattern_takes_long():
    assert Pattern.compile("(a+)+$x|(a|aa)+b").find("a" * 1_000_000) == []
    assert len(Pattern.compile("a").find("a" * (MAX_FINDINGS + 5))) == MAX_FINDINGS
