"""Dictionaries of leak prevention: words with weights, all looked for in one pass of RE2, linear in the text.

Text is read as detectors read it (`Reading`), in small letters; blanks within a word may be there or not, and Hangul words of four
syllables or more may be written apart (`이차 전지`). What bounds a word:

    Latin letters, digits   no letter or digit of ASCII before and behind
    Hangul, one or two      no Hangul before; behind it nothing but particles (`도면을`, `도면에서는`), so that `전도면허` has no `도면`
    Hangul, three or more   nothing: compounds are written together (`반도체설계도면`)
    other scripts           nothing
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
import re2

from smartmail.base.text import is_unicode
from smartmail.formats.leaks.finding import MAX_FINDINGS
from smartmail.formats.leaks.reading import Reading

MAX_WORDS: Final = 20_000
MAX_WORD: Final = 100
MAX_MEMORY: Final = 64 << 20
_PARTICLES: Final = re.compile(
    "(?:께서|에서|에게|한테|으로|까지|부터|보다|처럼|이나|라도|마저|조차|밖에|이라|이란|입니다|이며|이고|이다|에는|에도|"
    "은|는|이|가|을|를|의|에|로|와|과|도|만|나|란|및|등|들|인|임|라|께|랑)*(?![가-힣])"
)
_LONGEST: Final = 12
"""Characters of particles that are looked at behind a word."""
_BLANKS: Final = re.compile(r"\s+")
_HANGUL: Final = re.compile("[가-힣]+")
_APART: Final = 4


class InvalidDictionary(ValueError):
    """A dictionary that cannot be used; the text says why."""


class Term(msgspec.Struct, frozen=True):
    """A word and what one place of it weighs."""

    word: str
    weight: int = 1


class Hit(msgspec.Struct, frozen=True):
    """A place of a word: `word` as the dictionary writes it, `start` and `end` in the text that was given, in characters."""

    word: str
    weight: int
    start: int
    end: int


class Score(msgspec.Struct, frozen=True):
    """Places by their order, and what they weigh together; `is_cut` when there are more than `MAX_FINDINGS`."""

    hits: tuple[Hit, ...] = ()
    weight: int = 0
    is_cut: bool = False

    @property
    def words(self) -> frozenset[str]:
        """The distinct words that were found."""
        return frozenset(one.word for one in self.hits)


class Dictionary:
    """A set of words that is looked for at once. Raises InvalidDictionary."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._terms: dict[str, Term] = {}
        for term in terms:
            key = _key(term.word)
            if not key or len(term.word) > MAX_WORD or not is_unicode(term.word):
                raise InvalidDictionary(f"a word of 1 to {MAX_WORD} characters: {term.word[:MAX_WORD]!r}")
            self._terms.setdefault(key, term)
        if len(self._terms) > MAX_WORDS:
            raise InvalidDictionary(f"more than {MAX_WORDS} words")
        self._pattern = _compiled(self._terms.values()) if self._terms else None

    def __len__(self) -> int:
        return len(self._terms)

    def found(self, reading: Reading) -> Iterator[Hit]:
        """Yield the places of words, none within another."""
        if self._pattern is None:
            return
        text = reading.lowered
        for start, end in spans(self._pattern, text):
            term = self._terms.get(_key(text[start:end]))
            if term is not None and _is_bounded(text, start, end):
                yield Hit(term.word, term.weight, *reading.place(start, end))


def score(text: str, dictionary: Dictionary) -> Score:
    """Return which words of a dictionary a text has, where, and what they weigh together."""
    reading = Reading(text)
    hits: list[Hit] = []
    for hit in dictionary.found(reading):
        if len(hits) == MAX_FINDINGS:
            return Score(tuple(hits), sum(one.weight for one in hits), is_cut=True)
        hits.append(hit)
    return Score(tuple(hits), sum(one.weight for one in hits), reading.is_cut)


def spans(pattern: Any, text: str) -> Iterator[tuple[int, int]]:
    """Yield where an expression of RE2 is met in a text, in characters: the text goes to RE2 as octets once."""
    octets = text.encode("utf-8", "replace")
    last = at = 0
    for found in pattern.finditer(octets):
        start, end = found.span()
        begin = at + len(octets[last:start].decode())
        last, at = end, begin + len(octets[start:end].decode())
        yield begin, at


def _key(word: str) -> str:
    return _BLANKS.sub("", Reading(word).lowered)


def _compiled(terms: Iterable[Term]) -> Any:
    options: Any = re2.Options()
    options.longest_match, options.log_errors, options.max_mem = True, False, MAX_MEMORY
    try:
        return re2.compile("|".join(map(_expression, terms)), options)
    except re2.error:
        raise InvalidDictionary("too large") from None


def _expression(term: Term) -> str:
    pieces = Reading(term.word).lowered.split()
    apart = [r"\s?".join(one) if len(one) >= _APART and _HANGUL.fullmatch(one) else re2.escape(one) for one in pieces]
    return r"\s{0,2}".join(apart)


def _is_bounded(text: str, start: int, end: int) -> bool:
    first, last = text[start], text[end - 1]
    if first.isascii() and first.isalnum() and _is_latin(text[start - 1 : start]):
        return False
    if last.isascii() and last.isalnum() and _is_latin(text[end : end + 1]):
        return False
    if end - start > 2 or not _HANGUL.fullmatch(text, start, end):
        return True
    if start and _HANGUL.match(text, start - 1):
        return False
    return _PARTICLES.match(text, end, end + _LONGEST) is not None


def _is_latin(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()
