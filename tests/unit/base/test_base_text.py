"""Comparing and cutting of text, in the writing systems of this region."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.base.text import cut, fold, titled


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Report", "REPORT"),
        ("한빛", unicodedata.normalize("NFD", "한빛")),  # file names of macOS
        ("ＡＢＣ１２", "abc12"),  # full width
        ("ｶﾞｲﾄﾞ", "ガイド"),  # half width, with its own voicing marks
        ("Straße", "STRASSE"),
        ("ﬁle", "file"),
        ("㈜한빛", "(주)한빛"),
        ("Å", "A\u030a"),
    ],
)
def test_spellings_of_one_text_compare_equal(one, other):
    assert fold(one) == fold(other)


def test_texts_are_put_in_order_by_title_case():
    """RFC 5051: letters of either case before `[` and `_`; marks behind their letter; Hangul before Han."""
    told = ["Zoe", "[b]", "_", "alpha", "Ärger", "Beta", "café", "漢字", "한빛", "가나"]
    assert sorted(told, key=titled) == ["alpha", "Ärger", "Beta", "café", "Zoe", "[b]", "_", "가나", "한빛", "漢字"]
    assert titled("straße") == titled("STRA\N{LATIN SMALL LETTER SHARP S}E")


@pytest.mark.parametrize(("one", "other"), [("가", "각"), ("は", "ば"), ("国", "國"), ("한자", "漢字"), ("a b", "ab")])
def test_different_texts_stay_apart(one, other):
    assert fold(one) != fold(other)


@given(st.text(max_size=40))
def test_fold_does_not_depend_on_composition(text):
    forms = {fold(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert forms == {fold(text)}


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


def test_cut_keeps_whole_what_fits():
    assert cut("한빛 보고서", 6) == "한빛 보고서"
    assert cut("한빛 보고서", 4) == "한빛 보"
    assert cut("", 0) == ""


def test_cut_does_not_tear_a_mark_from_its_letter():
    assert cut("cafe\u0301s", 4) == "caf"
    assert cut("cafe\u0301s", 5) == "cafe\u0301"
    # Nothing but marks: there is no letter to keep.
    assert cut("\u0301" * 5, 3) == ""


@given(st.text(alphabet="a\u0301\u0308한", max_size=30), st.integers(0, 30))
def test_cut_is_a_prefix_that_ends_at_a_letter(text, limit):
    kept = cut(text, limit)
    assert text.startswith(kept)
    assert len(kept) <= limit
    assert kept == text or not unicodedata.combining(text[len(kept)]) or not kept
