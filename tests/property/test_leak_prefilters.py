"""Searching a text for leaks skips what cannot be a finding: what is found is the same as when nothing is skipped."""

from contextlib import contextmanager
from datetime import date

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.formats_leaks import corpus

from smartmail.formats.leaks import detecting, evasion, reading, surroundings
from smartmail.formats.leaks.detecting import DETECTORS, FAMILIES, examine, may_find
from smartmail.formats.leaks.finding import RANK, Examined
from smartmail.formats.leaks.reading import Reading, Words

TODAY = date(2026, 12, 1)
SIGNS = "0123456789" * 4 + "-- ..  ,/\n\n·ー:|()~_+=*@<>AMxz가이일공구사\t０９－²①"
PIECES = st.one_of(
    st.text(SIGNS, min_size=1, max_size=24),
    st.integers(0, 1 << 30).map(lambda seed: corpus.planted(seed).text),
    st.integers(0, 1 << 30).map(lambda seed: corpus.clean(seed).text),
    st.sampled_from([
        "900101-1234568", "4111-1111-1111-1111", "4111 1111 1111 1111", "8654321-101009", "120-81-47521", "110111-0006746",
        "주민번호 ", "카드 ", "주문번호: ", "거꾸로 ", "010-1234-5678", "https://a.example/?n=", "M12345678", "11-22-333444-55",
        "a@b.example", "국민은행 ", "홍길동 ", "성명: 홍길동", "12가 3456", "password: aB3$efgh", "구공공일공일일이삼사오육팔",
        "7YyjiqtOztmI64usOiA5MDAxMDEtMTIzNDU2OA==", "My Number 1234 5678 9018", "AKIAABCDEFGHIJKLMNOP", "ー", "\u200b", "é", "각",
    ]),
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=6).map("".join)
WANTED = st.one_of(
    st.just(frozenset({"kr.rrn", "kr.frn", "card"})),
    st.frozensets(st.sampled_from(DETECTORS), min_size=1, max_size=4),
    st.just(frozenset(DETECTORS)),
)


@contextmanager
def nothing_skipped():
    everything = Words("")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Reading, "numbers", lambda self, pattern, _least: pattern.finditer(self.text))
        patched.setattr(evasion, "_HAS_SPELT", everything)
        patched.setattr(Reading, "words_of_base64", lambda self, pattern: pattern.finditer(self.text))
        patched.setattr(reading, "_UNUSUAL", re2.compile(""))
        patched.setattr(surroundings, "_is_within_link", lambda text, *place: text.within(surroundings._LINKS, *place))
        yield


def unfiltered(text: str, wanted: frozenset[str]) -> Examined:
    """Return what all families together find."""
    with nothing_skipped():
        whole = Reading(text, TODAY)
        return detecting._together(whole, wanted, detecting._found(whole, list(FAMILIES)))


@given(TEXTS, WANTED)
def test_the_same_is_found_as_when_nothing_is_skipped(text, wanted):
    assert examine(text, wanted, today=TODAY) == unfiltered(text, wanted)


@given(TEXTS, WANTED, st.sampled_from(list(RANK)))
def test_where_nothing_may_be_found_nothing_is(text, wanted, least):
    if not may_find(text, wanted, least, today=TODAY):
        assert not [one for one in unfiltered(text, wanted).findings if RANK[one.confidence] >= RANK[least]]
