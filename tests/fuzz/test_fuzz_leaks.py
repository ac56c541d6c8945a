"""Any text is read by the detectors of leak prevention: nothing is raised, findings have their places in it, apart and in order."""

import contextlib
from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from smartmail.formats.leaks.detecting import DETECTORS, examine
from smartmail.formats.leaks.dictionary import Dictionary, InvalidDictionary, Term, score
from smartmail.formats.leaks.patterns import InvalidPattern, Pattern
from smartmail.formats.leaks.reading import Reading

TODAY = date(2026, 12, 2)
_ANY = st.text(st.characters(), max_size=300)
_NEAR = st.text(
    alphabet="0123456789-–. \n\u200b０９①¹공일이삼구주민등록번호카드계좌법인여권면허@abAMSKEeyJ=+/<_:각\u1100\u1161\u11a8\u0301\u00ad\ud800",
    max_size=300,
)
_PIECES = st.lists(
    st.sampled_from([
        "900101-1234568", "4111-1111-1111-1111", "4111111111111111", "주민번호 ", "카드 ", "M123A4567", "여권 ", "OTAwMTAxLTEyMzQ1Njg=",
        "8654321-101009", "구공공일공일", "일이삼사오육팔", "010-1234-5678", "\n", " ", ",", "hong@example.com", "https://x.kr/?", "\u200b",
        "AKIAIOSFODNN7EXAMPLE", "-----BEGIN PRIVATE KEY-----", "-----END", "eyJhbGciOiJIUzI1NiJ9.", "12가3456", "서울시 강남구 역삼로 1", "비밀번호: Ab1!xyz",
    ]),
    max_size=30,
).map("".join)  # fmt: skip


@given(st.one_of(_ANY, _NEAR, _PIECES))
@example("\ud800900101-1234568\udfff")
@example("1\u0301" * 20)
@example("\u11a8\u11a8가\u11a8")
@example("İ" * 40 + "900101-1234568")
def test_any_text_is_examined(text):
    told = examine(text, today=TODAY)
    last = 0
    for one in told.findings:
        assert last <= one.start < one.end <= len(text)
        last = one.end if one.via != "base64" else one.start
        assert one.detector in DETECTORS
        assert one.value
        assert one.value not in one.masked
    assert examine(text, today=TODAY) == told


@given(st.one_of(_ANY, _NEAR))
def test_places_lead_back_in_order(text):
    reading = Reading(text)
    places = [reading.place(at, at + 1) for at in range(len(reading.text))]
    assert all(0 <= start <= end <= len(text) for start, end in places)
    assert places == sorted(places)
    assert len(reading.lowered) == len(reading.text)


@given(st.lists(st.text(st.characters(), max_size=12), max_size=8), _ANY)
def test_any_dictionary_is_refused_or_finds_its_words(words, text):
    with contextlib.suppress(InvalidDictionary):
        for hit in score(text + " " + " ".join(words), Dictionary(map(Term, words))).hits:
            assert hit.word in words
            assert hit.start <= hit.end


@given(st.text(alphabet="ab()[]{}|*+?.\\^$0123,-dwsb가\ud800", max_size=30), _ANY)
def test_any_expression_is_refused_or_met(source, text):
    with contextlib.suppress(InvalidPattern):
        for span in Pattern.compile(source).find(text):
            assert 0 <= span.start <= span.end <= len(text)
