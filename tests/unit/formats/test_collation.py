"""The order of names for readers of five languages: as CLDR has it, which the web pages ask of their browser."""

import json
import random
import unicodedata
from pathlib import Path

import pytest

from smartmail.formats.collation import is_kana, sort_key

ORDERS = json.loads((Path(__file__).parent / "collation_orders.json").read_text(encoding="utf-8"))
"""Lists in their order; web/jmap/test/collation.test.ts holds the same ones against Intl.Collator."""


def ordered(names, language):
    return sorted(names, key=lambda name: sort_key(name, language))


@pytest.mark.parametrize("language", ORDERS)
def test_names_stand_as_readers_of_a_language_expect(language):
    for seed in range(5):
        mixed = list(ORDERS[language])
        random.Random(seed).shuffle(mixed)
        assert ordered(mixed, language) == ORDERS[language]


def test_the_same_name_written_otherwise_stands_beside_itself():
    assert sort_key("김민서", "ko") == sort_key(unicodedata.normalize("NFD", "김민서"), "ko")
    assert sort_key("ＡＢＣ", "ko") == sort_key("ABC", "ko")
    assert ordered(["カート", "かあと", "かうと"], "ja") == ["かあと", "カート", "かうと"]
    assert ordered(["ﾊﾝ", "はる", "はら"], "ja") == ["はら", "はる", "ﾊﾝ"]


def test_letters_weigh_more_than_accents_and_these_more_than_case():
    assert ordered(["résumé b", "Resume a", "resume a", "résumé a"], "en") == [
        "resume a", "Resume a", "résumé a", "résumé b",
    ]  # fmt: skip
    assert ordered(["がい", "かう", "かい"], "ja") == ["かい", "がい", "かう"]


def test_what_no_order_names_stands_behind_it():
    rare = "\U00020b9f"
    assert ordered([rare, "龜", "一"], "zh-Hant")[-1] == rare
    assert ordered([rare, "亜"], "ja") == ["亜", rare]
    assert ordered(["丽", rare, "가"], "ko") == ["가", "丽", rare]


@pytest.mark.parametrize("text", ["", "ー", "々", "ーー", "\u0301", "\ud800", "\0", "\U0010ffff", "🙂"])
@pytest.mark.parametrize("language", [*ORDERS, "xx"])
def test_any_text_has_a_place(text, language):
    assert sort_key(text, language) == sort_key(text, language)


def test_kana_in_any_shape():
    assert [is_kana(one) for one in ["あ", "ア", "ｱ", "ー", "田", "a", ""]] == [
        True,
        True,
        True,
        True,
        False,
        False,
        False,
    ]
