"""What is searched for in a text: the one place that calls the detectors of formats.leaks.

Pure. Detectors are asked for by name; words and expressions of rules are searched for under the names that the rules
gave them. Must not know rules, letters, or what a hit leads to.
"""

from collections.abc import Container, Iterator, Mapping
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Final

from smartmail.domain.leaks import CONFIDENCES, Confidence, Hit
from smartmail.formats.leaks.detecting import DETECTORS, examine, may_find
from smartmail.formats.leaks.dictionary import Dictionary, Term, score
from smartmail.formats.leaks.finding import Finding, masked
from smartmail.formats.leaks.masking import Place
from smartmail.formats.leaks.patterns import Pattern
from smartmail.policy.leak_conditions import Expression, Needs, Wordlist

MAX_HITS: Final = 2_000
"""Of one text and one list of words or expression: more say nothing more."""
KNOWN: Final = frozenset(DETECTORS)
_SHOWN: Final = 2
"""Characters of what an expression met that an officer sees."""


def hits_in(text: str, place: str, needs: Needs, today: date) -> tuple[list[Hit], bool]:
    """Return what is found in a text at a place of the letter, and whether there may be more."""
    found: list[Hit] = []
    is_cut = False
    if needs.detectors:
        examined = examine(text, needs.detectors, today=today)
        is_cut = examined.is_cut
        found += [Hit(one.detector, one.confidence, one.masked, place, one.value) for one in examined.findings]
    for listed in needs.wordlists:
        scored = score(text, dictionary_of(listed))
        is_cut |= scored.is_cut
        found += [
            Hit(listed.name, "medium", one.word, place, one.word, one.weight) for one in scored.hits[:MAX_HITS]
        ]  # fmt: skip
    for expression in needs.expressions:
        found += islice(_met(text, place, expression), MAX_HITS)
    return found, is_cut


def may_hit(text: str, needs: Needs, today: date) -> bool:
    """Say whether anything may be found in a text that counts; False in a fraction of the time of `hits_in`."""
    if needs.detectors and may_find(text, needs.detectors, needs.least, today=today):
        return True
    for listed in needs.wordlists:
        scored = score(text, dictionary_of(listed))
        if scored.hits or scored.is_cut:
            return True
    return any(True for one in needs.expressions for _ in pattern_of(one).find(text))


def places_in(
    text: str, needs: Needs, least: Mapping[str, Confidence], today: date, kept: Container[tuple[str, str]] = ()
) -> list[Place]:
    """Return what has to be hidden in a text: what is found of the names in `least`, from that confidence on; `kept`: detector and
    value of what is not hidden.
    """
    found: list[Place] = []
    wanted = needs.detectors & least.keys()
    if wanted:
        found += [
            _place(one)
            for one in examine(text, wanted, today=today).findings
            if CONFIDENCES.index(one.confidence) >= CONFIDENCES.index(least[one.detector])
            and (one.detector, one.value) not in kept
        ]
    for listed in needs.wordlists:
        if listed.name in least:
            scored = score(text, dictionary_of(listed)).hits
            found += [Place(one.start, one.end) for one in scored if (listed.name, one.word) not in kept]
    for expression in needs.expressions:
        if expression.name in least:
            met = pattern_of(expression).find(text)
            found += [Place(one.start, one.end, _SHOWN) for one in met if (expression.name, one.value) not in kept]
    return found


def _place(one: Finding) -> Place:
    """Return where a finding is, with as much of it shown as its masked value shows; of an evasion nothing."""
    if one.via:
        return Place(one.start, one.end)
    signs = [sign for sign in one.masked if sign.isalnum() or sign == "*"]
    if "*" not in signs:
        return Place(one.start, one.end)
    return Place(one.start, one.end, signs.index("*"), signs[::-1].index("*"))


def _met(text: str, place: str, expression: Expression) -> Iterator[Hit]:
    for one in pattern_of(expression).find(text):
        yield Hit(expression.name, "medium", masked(one.value, _SHOWN), place, one.value)


@lru_cache(256)
def dictionary_of(listed: Wordlist) -> Dictionary:
    """Return a list of words ready to be searched for. Raises ValueError."""
    return Dictionary(Term(word, weight) for word, weight in zip(listed.words, listed.weights, strict=True))


@lru_cache(256)
def pattern_of(expression: Expression) -> Pattern:
    """Return an expression ready to be searched for. Raises ValueError."""
    return Pattern.compile(expression.text)
