"""Every valid number is found in any of its spellings, and no mask tells it."""

import random
import unicodedata
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.formats_leaks import corpus

from smartmail.formats.leaks.detecting import detect
from smartmail.formats.leaks.finding import RANK

TODAY = date(2026, 12, 2)
_seeds = st.integers(0, 1 << 40).map(random.Random)
_hyphens = st.sampled_from(["-", "–", "－", "‐", "−", " - ", "- ", "\u200b-", "-\u2060"])
_wide = str.maketrans("0123456789", "０１２３４５６７８９")
_digits = st.sampled_from(
    [None, _wide, str.maketrans("0123456789", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"), str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")]
)
_before = st.sampled_from(["", "번호 ", "홍길동(", "\n", "값=", "→", "①", "[", "주민번호는"])
_behind = st.sampled_from(["", " 입니다", ")", "\n", "입니다", ".", ", 끝", "]", "¹"])


def _found(text, detector, value, least="medium"):
    return [
        one
        for one in detect(text, today=TODAY)
        if (one.detector, one.value) == (detector, value) and RANK[one.confidence] >= RANK[least]
    ]


@given(_seeds, st.booleans(), st.booleans(), _hyphens, _digits, _before, _behind)
def test_residents_numbers(r, foreign, new, hyphen, table, before, behind):
    number = corpus.resident(r, foreign=foreign, new=new)
    written = f"{number[:6]}{hyphen}{number[6:]}"
    text = before + (written.translate(table) if table else written) + behind
    [one] = _found(text, "kr.frn" if foreign else "kr.rrn", number)
    place = unicodedata.normalize("NFKC", text[one.start : one.end])
    assert [unicodedata.decimal(sign) for sign in place if sign.isdecimal()] == [int(sign) for sign in number]


@given(_seeds, st.sampled_from([" ", "-", "–", "\u00a0"]), _digits, _before, _behind)
def test_cards(r, separator, table, before, behind):
    number = corpus.card(r)
    sizes = {16: [4, 4, 4, 4], 15: [4, 6, 5], 14: [4, 6, 4]}[len(number)]
    written = corpus.grouped(number, sizes, separator)
    assert _found(before + (written.translate(table) if table else written) + behind, "card", number, "high")
    assert _found(f"카드번호 {number}", "card", number, "high")


@given(_seeds)
def test_numbers_of_firms_and_of_other_states(r):
    firm, japanese, chinese = corpus.firm(r), corpus.my_number(r), corpus.chinese(r)
    assert _found(corpus.grouped(firm, [3, 2, 5], "-"), "kr.brn", firm, "high")
    assert len(set(japanese)) == 1 or _found(f"マイナンバー {japanese}", "jp.mynumber", japanese, "high")
    assert _found(f"번호 {chinese.lower()} 확인", "cn.id", chinese, "high")


@given(_seeds)
def test_numbers_of_corporations_by_their_name(r):
    number = corpus.corporation(r)
    assert _found(f"법인등록번호: {number[:6]}-{number[6:]}", "kr.crn", number, "high")


@given(st.integers(0, 1 << 40))
def test_no_mask_tells_its_value(seed):
    text = corpus.planted(seed).text
    for one in detect(text, today=TODAY):
        hidden = "".join(filter(str.isalnum, one.masked)).lower()
        value = "".join(filter(str.isalnum, one.value)).lower()
        assert one.value not in one.masked and value not in hidden
        assert one.detector == "email" or sum(map(str.isdigit, one.masked)) <= 10
        if one.detector in {"kr.rrn", "kr.frn", "kr.crn"}:
            assert hidden == value[:7]


@given(_seeds, st.integers(0, 11), st.integers(1, 9))
def test_a_card_or_a_firm_with_one_wrong_digit_is_none(r, place, by):
    for number, detector, sizes in (
        (corpus.card(r), "card", None),
        (corpus.firm(r), "kr.brn", [3, 2, 5]),
    ):
        at = place % (len(number) - 1)
        wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
        sizes = sizes or {16: [4, 4, 4, 4], 15: [4, 6, 5], 14: [4, 6, 4]}[len(number)]
        # 사업자등록번호: two wrong digits of the last pair may hide in the tens; one never does but in the ninth place.
        if detector == "card" or at < 8:
            assert not _found(corpus.grouped(wrong, sizes, "-"), detector, wrong, "low")
