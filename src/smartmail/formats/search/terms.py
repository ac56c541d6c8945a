"""Terms: what of a text the index knows, and which terms a text must have to hold another one.

Text (folded) is cut where the script changes. A run of Hangul, kana and Han gives its single characters and pairs; a
run of other letters and digits its pieces of one to three characters, and whole words of letters; any other visible character stands alone. Every
term of a needle is then a term of every text that holds it, also inside words: the index never misses.
"""

import re
from collections.abc import Callable
from typing import Final

from smartmail.formats.search import han, hangul
from smartmail.formats.search.document import BORDER, Document

SUBJECT: Final = "\x01"
"""Marks of terms of a subject; terms of the whole common text have none."""
PEOPLE: Final = "\x02"
OTHER: Final = "\x03"
INITIALS: Final = "\x04"
READINGS: Final = "\x05"
WORD: Final = "\x06"
"""Mark of a whole word of letters, in common text only: who looks for one needs no text to be opened."""

MAX_WORD: Final = 16
MAX_NEEDLE_TERMS: Final = 12
"""More narrow the candidates no further."""
_MAX_KNOWN: Final = 1 << 17
_CJK: Final = "ᄀ-ᇿ⺀-⿟々〆〇〡-〩〱-〵〸-〻ぁ-ゖ゙-ゟ゠-ヿㄅ-ㆎㆠ-ㆿㇰ-ㇿ㐀-䶿一-鿿ꥠ-꥿가-퟿豈-﫿ｦ-ￜ\U00020000-\U0003ffff"
_RUN: Final = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+|[^\w\s\x00]|_")
_WORD: Final = re.compile(rf"[^\W_{_CJK}]{{3,}}")
_IN_CJK: Final = re.compile(f"[{_CJK}]")
_ALL_CJK: Final = re.compile(f"[{_CJK}]+")
_IN_WORD: Final = re.compile(rf"[^\W_{_CJK}]")


class _Known(dict[str, tuple[str, ...]]):
    """Pieces of text → their terms, remembered: the pieces of all mail are few."""

    def __init__(self, make: Callable[[str], tuple[str, ...]]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, piece: str) -> tuple[str, ...]:
        if len(self) >= _MAX_KNOWN:
            self.clear()
        made = self[piece] = self._make(piece)
        return made


def _of_character(char: str) -> tuple[str, ...]:
    if _IN_CJK.match(char):
        return (char.translate(han.canonical()), *(READINGS + one for one in han.readings().get(char, ())))
    return () if char.isspace() or char == BORDER else (char,)


def _of_pair(pair: str) -> tuple[str, ...]:
    """Return the pair, the pair of initials of two syllables, and the pairs of readings of two Han characters."""
    if _IN_WORD.match(pair[0]) and _IN_WORD.match(pair[1]):
        return (pair,)
    if not _IN_CJK.match(pair[0]) or not _IN_CJK.match(pair[1]):
        return ()
    if hangul.is_syllable(pair[0]) and hangul.is_syllable(pair[1]):
        return pair, INITIALS + hangul.initial(pair[0]) + hangul.initial(pair[1])
    first, second = (han.readings().get(char, ()) for char in pair)
    return (pair.translate(han.canonical()), *(READINGS + one + other for one in first for other in second))


_characters: Final = _Known(_of_character)
_pairs: Final = _Known(_of_pair)


def of_document(document: Document) -> set[str]:
    """Return all terms of a document."""
    other, common = document.folded.split(BORDER, 1)
    subject, *people = common.split(BORDER, 5)[:5]
    found = _of_text(common)
    for mark, text in ((SUBJECT, subject), (PEOPLE, BORDER.join(people)), (OTHER, other)):
        found.update([mark + term for term in _of_text(text) if term[0] > WORD or len(term) == 1])
    return found


def _of_text(text: str) -> set[str]:
    found: set[str] = set()
    found.update(*map(_characters.__getitem__, set(text)))
    found.update(*map(_pairs.__getitem__, set(map(str.__add__, text, text[1:]))))
    for word in set(_WORD.findall(text)):
        found.update([word[at : at + 3] for at in range(len(word) - 2)])
        if is_word(word):
            found.add(WORD + word)
    return found


def is_word(text: str) -> bool:
    """Whether it has a term of its own as a whole word. Longer ones and numbers would be too many."""
    return 3 < len(text) <= MAX_WORD and text.isalpha() and not _IN_CJK.search(text)


def is_cjk(text: str) -> bool:
    """Whether it is made of Hangul, Han and kana alone."""
    return _ALL_CJK.fullmatch(text) is not None


def of_needle(needle: str) -> tuple[str, ...]:
    """Return plain terms that every text has that holds the folded needle; none for white space."""
    found: dict[str, None] = {}
    for run in _RUN.findall(needle):
        found.update(dict.fromkeys(_longest(run)))
    return tuple(found)[:MAX_NEEDLE_TERMS]


def _longest(run: str) -> list[str]:
    size = 3
    if is_cjk(run):
        run, size = run.translate(han.canonical()), 2
    size = min(size, len(run))
    return [run[at : at + size] for at in range(len(run) - size + 1)]


def is_one_term(needle: str) -> bool:
    """Whether the needle is a term, so that having the term is holding the needle: nothing needs to be verified."""
    found = of_needle(needle)
    return found == (needle,) and not any(char in han.forms() for char in needle)


def pairs(mark: str, text: str) -> tuple[str, ...]:
    """Return the marked pairs of a text, or its single character."""
    if len(text) == 1:
        return (mark + text,)
    found = dict.fromkeys(mark + text[at : at + 2] for at in range(len(text) - 1))
    return tuple(found)[:MAX_NEEDLE_TERMS]
