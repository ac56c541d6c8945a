"""Patterns of Sieve against a slow reading of RFC 5228 §2.7.1, and comparators against what they promise."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.proto.sieve import compare
from smartmail.proto.sieve.patterns import PatternError, compile_regex, glob, glob_cost

LETTERS = st.text(alphabet="aAbB회é.\\", max_size=12)
GLOBS = st.text(alphabet="aAb회*?\\", max_size=10)
TEXTS = st.text(max_size=30)
COMPARATORS = ("i;octet", "i;ascii-casemap", "i;unicode-casemap")


def slow(pattern: str, value: str) -> tuple[str, ...] | None:
    """The pattern as a regular expression whose wildcards take as little as they can."""
    pieces, at = [], 0
    while at < len(pattern):
        one = pattern[at]
        if one == "\\" and at + 1 < len(pattern):
            at += 1
            pieces.append(re.escape(pattern[at]))
        else:
            pieces.append({"*": "(.*?)", "?": "(.)"}.get(one, re.escape(one)))
        at += 1
    found = re.fullmatch("".join(pieces), value, re.DOTALL)
    return None if found is None else (value, *found.groups())


@settings(max_examples=2_000, deadline=None)
@given(GLOBS, LETTERS)
def test_wildcards_match_as_the_slow_way_does(pattern, value):
    spans = glob(pattern, value)
    assert (None if spans is None else tuple(value[a:b] for a, b in spans)) == slow(pattern, value)
    assert glob_cost(pattern, len(value)) >= 0


@given(TEXTS, TEXTS)
def test_equality_is_an_equivalence_and_contains_follows_from_it(one, other):
    for comparator in COMPARATORS:
        assert compare.equal(one, one, comparator)
        assert compare.equal(one, other, comparator) == compare.equal(other, one, comparator)
    for comparator in ("i;octet", "i;ascii-casemap"):  # RFC 5051 §2 folds letter case before it takes apart: ª is a
        assert compare.fold(compare.fold(one, comparator), comparator) == compare.fold(one, comparator)
    assert compare.equal(one, other, "i;octet") == (one == other)


@given(TEXTS, TEXTS)
def test_relations_are_a_total_order(one, other):
    for comparator in (*COMPARATORS, "i;ascii-numeric"):
        told = {name: compare.relation(name, one, other, comparator) for name in compare.RELATIONS}
        assert told["lt"] + told["eq"] + told["gt"] == 1
        assert (told["le"], told["ge"], told["ne"]) == (not told["gt"], not told["lt"], not told["eq"])


@given(TEXTS)
def test_what_wildcards_stand_for_keeps_its_spelling(value):
    for comparator in ("i;octet", "i;ascii-casemap"):
        assert compare.matches(value, "*", comparator) == (value, value)


@given(st.text(alphabet="ab()[]{}*+?|^$.\\1,-회", max_size=20), TEXTS)
@settings(max_examples=500, deadline=None)
def test_expressions_match_or_are_told_to_be_wrong(pattern, value):
    try:
        compile_regex(pattern, "i;ascii-casemap")
    except PatternError as error:
        assert str(error)
        return
    found = compare.regex(value, pattern, "i;ascii-casemap")
    assert found is None or found[0] in value
