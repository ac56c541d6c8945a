"""What is looked for: a text in a field, in all the ways it may be written, as terms to look up and tests on the text.

A `Clause` holds when each of its demands does, a demand when one of its ways does. The way as typed has no label; ways
that a switch opens carry it, so that a result can say why it was found. Full and half width are one by nature (NFKC).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from smartmail.base.text import fold
from smartmail.formats.search import han, hangul, terms
from smartmail.formats.search.document import BORDER, Document, Field, region

MAX_NEEDLE: Final = 1_000
"""Characters of a text that is looked for."""
_PATTERN_MAX: Final = 32
"""Characters of a needle that is looked for in other ways than as typed."""


class Switch(StrEnum):
    """Another way to read what was typed: initials of syllables (초성), the keyboard in the other language (한/영),
    Han characters by their reading and back (한자↔한글), simplified and traditional forms (간체↔번체).
    """

    INITIALS = "initials"
    KEYBOARD = "keyboard"
    HANJA = "hanja"
    VARIANTS = "variants"


NO_SWITCHES: Final[frozenset[Switch]] = frozenset()
ALL_SWITCHES: Final[frozenset[Switch]] = frozenset(Switch)
_MARKS: Final = {
    Field.SUBJECT: terms.SUBJECT,
    Field.FROM: terms.PEOPLE,
    Field.TO: terms.PEOPLE,
    Field.CC: terms.PEOPLE,
    Field.BCC: terms.PEOPLE,
    Field.OTHER: terms.OTHER,
}
_HEADER_MARKS: Final = (terms.SUBJECT, terms.PEOPLE)
_ONLY_IN_PART: Final = frozenset({Field.FROM, Field.TO, Field.CC, Field.BCC, Field.FILE})


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to write a needle: literally, or as a pattern over folded text. `exact`: its only term says all."""

    how: Switch | None
    terms: tuple[str, ...]
    needle: str
    pattern: re.Pattern[str] | None = None
    exact: bool = False

    def stands_in(self, folded: str) -> bool:
        """Whether folded text holds it."""
        return self.needle in folded if self.pattern is None else self.pattern.search(folded) is not None


@dataclass(frozen=True, slots=True)
class Way:
    """A wording in a field. Messages that have all `terms` may match; they do when `exact` and none of `doubts` is theirs,
    or when they have the `word`.
    """

    wording: Wording
    field: Field
    terms: tuple[str, ...]
    exact: bool
    doubts: tuple[str, ...] = ()
    word: str = ""

    def looked_up(self) -> tuple[str, ...]:
        """Return all terms that the judgement needs."""
        return (*self.terms, *self.doubts, self.word) if self.word else (*self.terms, *self.doubts)

    def holds(self, document: Document) -> bool:
        """Whether the text matches."""
        if self.wording.pattern is None:
            # Folding keeps what is folded already: a needle that stands in the text as it is needs no folding of it,
            # and of Hangul, Han and kana, which folding does not change, nothing else can stand there.
            if self.wording.needle in region(document.joined, self.field):
                return True
            if terms.is_cjk(self.wording.needle):
                return False
        return self.wording.stands_in(region(document.folded, self.field))


Demand = tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """Texts of which each must stand in the field."""

    demands: tuple[Demand, ...]

    def all_terms(self) -> set[str]:
        """Return every term that is looked up."""
        return {term for demand in self.demands for way in demand for term in way.looked_up()}

    def holds(self, document: Document) -> bool:
        """Whether the text matches."""
        return all(any(way.holds(document) for way in demand) for demand in self.demands)

    def hows(self, document: Document) -> frozenset[Switch]:
        """Return the switches without which it would not match; none when it matches as typed."""
        used: set[Switch] = set()
        for demand in self.demands:
            hows = [way.wording.how for way in demand if way.holds(document)]
            if None not in hows:
                used.update(how for how in hows[:1] if how is not None)
        return frozenset(used)

    def judge(self, lookup: Callable[[str], int], everything: int) -> tuple[int, int]:
        """Return (messages that surely match, messages that may), as bits; `lookup` gives those that have a term."""
        sure, maybe = everything, everything
        for demand in self.demands:
            found = [_judge(way, lookup, everything) for way in demand]
            sure &= _union(one[0] for one in found)
            maybe &= _union(one[1] for one in found)
        return sure, maybe


def _judge(way: Way, lookup: Callable[[str], int], everything: int) -> tuple[int, int]:
    bits = everything
    for term in way.terms:
        bits &= lookup(term)
        if not bits:
            return 0, 0
    if not way.exact:
        return bits & lookup(way.word) if way.word else 0, bits
    doubtful = _union(map(lookup, way.doubts))
    return bits & ~doubtful, bits


def _union(many: Iterable[int]) -> int:
    found = 0
    for bits in many:
        found |= bits
    return found


# --- from what was typed -------------------------------------------------------------------------------------------


def clause(field: Field, texts: Sequence[str], switches: frozenset[Switch] = NO_SWITCHES) -> Clause | None:
    """Return what looks for each of the texts in a field; None when they say nothing, so that everything matches."""
    demands = []
    for typed in texts:
        needle = fold(typed[:MAX_NEEDLE]).replace(BORDER, " ")
        if needle:
            found = wordings(typed[:MAX_NEEDLE], needle, switches)
            demands.append(tuple(way for one in found for way in _ways(one, field)))
    return Clause(tuple(demands)) if demands else None


def _ways(one: Wording, field: Field) -> list[Way]:
    if field is Field.ANYWHERE:
        return [_way(one, Field.COMMON), _way(one, Field.OTHER)]
    return [_way(one, field)]


def _way(one: Wording, field: Field) -> Way:
    mark = _MARKS.get(field, "")
    marked = one.terms
    if mark and one.pattern is None:
        marked = tuple(mark + term for term in one.terms)
    exact = one.exact and field not in _ONLY_IN_PART
    doubts = tuple(mark + one.needle for mark in _HEADER_MARKS) if exact and field is Field.BODY else ()
    word = (
        terms.WORD + one.needle if field is Field.COMMON and one.pattern is None and terms.is_word(one.needle) else ""
    )
    return Way(one, field, marked if field is not Field.OTHER or one.pattern is None else (), exact, doubts, word)


def wordings(typed: str, needle: str, switches: frozenset[Switch]) -> list[Wording]:
    """Return the ways to write a needle (folded): as typed first."""
    found = [_literal(None, needle)]
    if len(needle) > _PATTERN_MAX:
        return found
    for switch, make in _MAKERS.items():
        if switch in switches:
            found += make(typed, needle)
    return found


def _literal(how: Switch | None, needle: str) -> Wording:
    return Wording(how, terms.of_needle(needle), needle, exact=terms.is_one_term(needle))


def _initials(_typed: str, needle: str) -> list[Wording]:
    """Consonants that stand alone are the initials of syllables, when there are at least two; others stand as they are."""
    if len(needle) < 2 or sum(map(hangul.is_initial, needle)) < 2:
        return []
    wanted = tuple(
        terms.INITIALS + first + second
        for first, second in pairwise(needle)
        if hangul.is_initial(first) and hangul.is_initial(second)
    )
    pattern = "".join(
        f"[{hangul.with_initial(char)}]" if hangul.is_initial(char) else re.escape(char) for char in needle
    )
    return [Wording(Switch.INITIALS, wanted[: terms.MAX_NEEDLE_TERMS], needle, re.compile(pattern))]


def _keyboard(typed: str, needle: str) -> list[Wording]:
    other = hangul.typed_as_korean(typed) or hangul.typed_as_latin(typed)
    if other is None or fold(other) == needle:
        return []
    return [_literal(Switch.KEYBOARD, fold(other))]


def _hanja(_typed: str, needle: str) -> list[Wording]:
    found = [_literal(Switch.HANJA, one) for one in han.spellings(needle) if one != needle]
    classes = [han.characters().get(char, "") for char in needle]
    if all(classes):
        pattern = "".join(f"[{one}]" for one in classes)
        found.append(Wording(Switch.HANJA, terms.pairs(terms.READINGS, needle), needle, re.compile(pattern)))
    return found


def _variants(_typed: str, needle: str) -> list[Wording]:
    forms = han.forms()
    if not any(char in forms for char in needle):
        return []
    pattern = "".join(f"[{forms[char]}]" if char in forms else re.escape(char) for char in needle)
    return [Wording(Switch.VARIANTS, terms.of_needle(needle), needle, re.compile(pattern))]


_MAKERS: Final = {
    Switch.INITIALS: _initials,
    Switch.KEYBOARD: _keyboard,
    Switch.HANJA: _hanja,
    Switch.VARIANTS: _variants,
}


# --- snippets ------------------------------------------------------------------------------------------------------


def spans(clauses: Iterable[Clause], text: str) -> list[tuple[int, int]]:
    """Return where in a shown text the needles stand, ascending and apart."""
    patterns: dict[str, None] = {}
    for one in clauses:
        for demand in one.demands:
            patterns.update(
                dict.fromkeys(
                    way.wording.pattern.pattern if way.wording.pattern else re.escape(way.wording.needle)
                    for way in demand
                )
            )
    if not patterns:
        return []
    longest_first = sorted(patterns, key=len, reverse=True)
    found = re.compile("|".join(f"(?:{one})" for one in longest_first), re.IGNORECASE).finditer(text)
    return [match.span() for match in found]
