"""Text as a filter reads it: tricks of writing undone, words, pairs of words, pieces of words, characters in twos.

Latin and other spaced scripts give words, pairs of words up to three apart, and pieces of four characters, which read
`V1agra` and `Viagra` nearly alike. Korean, Japanese and Chinese are written without reliable spaces, so they give
characters in twos over a line whose blanks and dots are taken out: `대 출`, `대.출` and `대출` are one. Letters of
Hangul that stand alone are put together again (`ㄷㅐ출`), and of each two syllables the consonants count once more, so
that another vowel (`댸출`) does not hide them.

LIMITS  Every step is linear; the caller bounds the characters, `MAX_RUN` those of a word.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Final

MAX_RUN: Final = 40
"""Characters of a word; what is longer is an encoded text or an attack, and says no more than its beginning."""
_CJK: Final = "ᄀ-ᇿ⺀-⿟々〆〇ぁ-ゖァ-ヺーㄱ-ㆎㆠ-ㆿㇰ-ㇿ㐀-䶿一-鿿가-힣豈-﫿\U00020000-\U0003ffff"
# Shown as nothing: soft hyphen, joiners, direction marks, variation selectors, tags, Hangul fillers, byte order mark.
_NOTHING: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffc\U000e0000-\U000e0fff]"
)
_LETTERS: Final = re.compile("[ㄱ-ㅎㅏ-ㅣ]{2,}[가-힣]?|[가-힣][ㄱ-ㅎㅏ-ㅣ]{2,}")
_ONE_WORD: Final = re.compile(rf"[^\W_{_CJK}](?:[^\W_{_CJK}]|['$%-](?=[^\W_{_CJK}]))*|[$€£₩!?%]+")
_CJK_LINE: Final = re.compile(rf"[{_CJK}](?:[\s.,·ㆍ・*~^_/|+:;'\"-]{{0,3}}[{_CJK}0-9])*")
_APART: Final = re.compile(r"[\s.,·ㆍ・*~^_/|+:;'\"-]+")
_SPACES: Final = re.compile(r"\s+")

_FIRST, _VOWELS, _FINALS = 0xAC00, 21, 28
_INITIAL: Final = {jamo: number for number, jamo in enumerate("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")}
_VOWEL: Final = {jamo: number for number, jamo in enumerate("ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ")}
_FINAL: Final = {
    jamo: number for number, jamo in enumerate("ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ", 1)
}


def plain(text: str) -> str:
    """Return text with tricks of writing undone: NFKC, nothing that is shown as nothing, Hangul put together."""
    if text.isascii():
        return text
    text = _NOTHING.sub("", text)
    text = _LETTERS.sub(lambda match: _together(match[0]), text)  # before NFKC makes conjoining letters of them
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text))


def hidden(text: str) -> int:
    """Return how many characters of a text are shown as nothing."""
    return 0 if text.isascii() else len(_NOTHING.findall(text))


def _together(letters: str) -> str:
    """Put letters of Hangul together to syllables as a keyboard does."""
    out: list[str] = []
    at, size = 0, len(letters)
    while at < size:
        initial, vowel = _INITIAL.get(letters[at]), _VOWEL.get(letters[at + 1]) if at + 1 < size else None
        if initial is None or vowel is None:
            out.append(letters[at])
            at += 1
            continue
        final = _FINAL.get(letters[at + 2], 0) if at + 2 < size else 0
        if final and at + 3 < size and letters[at + 3] in _VOWEL:  # it begins the next syllable
            final = 0
        out.append(chr(_FIRST + (initial * _VOWELS + vowel) * _FINALS + final))
        at += 3 if final else 2
    return "".join(out)


def tokens(text: str) -> Iterator[str]:
    """Give the tokens of a text that `plain` made. What stands in CJK and what does not is read apart."""
    lower = text.lower()
    words = [word if len(word) <= MAX_RUN else word[:MAX_RUN] for word in _ONE_WORD.findall(lower)]
    yield from words
    yield from pairs(words)
    yield from pieces(lower)
    if not text.isascii():
        for match in _CJK_LINE.finditer(lower):
            yield from twos(match[0])


def pairs(words: list[str]) -> Iterator[str]:
    """Give pairs of words, next to each other and with one or two between (orthogonal sparse bigrams)."""
    yield from map("%s %s".__mod__, pairwise(words))
    yield from map("%s_%s".__mod__, zip(words, words[2:], strict=False))
    yield from map("%s__%s".__mod__, zip(words, words[3:], strict=False))


def pieces(text: str) -> Iterable[str]:
    """Return all pieces of four characters, blanks as one."""
    text = _SPACES.sub(" ", text)
    return map("".join, zip(text, text[1:], text[2:], text[3:], strict=False))


def twos(line: str) -> Iterator[str]:
    """Give characters in twos, and the consonants of syllables in twos."""
    line = _APART.sub("", line)
    for one, two in pairwise(line):
        yield one + two
        if "가" <= one <= "힣" and "가" <= two <= "힣":
            yield consonants(one) + consonants(two)


@lru_cache(4096)
def consonants(syllable: str) -> str:
    """Return a syllable without its vowel: initial and final by their numbers, told apart from any text."""
    number = ord(syllable) - _FIRST
    return f"\x01{number // (_VOWELS * _FINALS)}.{number % _FINALS}"
