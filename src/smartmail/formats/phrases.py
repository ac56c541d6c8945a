"""Words looked for in text as people bend it: folded first, all of them in one pass, and near each other.

A folded text has no blanks and no marks, small letters only, Hangul written in single letters put together and letters that
imitate ASCII as these: "바.카.라", "ㅋㅏ지노", "ＰАYPAL" read "바카라", "카지노", "paypal". Words are folded the same way. One
automaton (RE2) finds all words of a set in one pass, linear in the text whatever it holds. Pure, never raises.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import re2

from smartmail.base.text import without_invisible
from smartmail.formats.lookalike import plain

_MARKS: Final = re.compile(r"[\W_]+")
_IMITATES: Final = re.compile("[\u0370-\u058f]")
# Hangul letters that NFKC left standing alone behind an open syllable end it; Latin letters are drawn for vowels.
_LEADS: Final = "".join(map(chr, range(0x1100, 0x1113)))
_VOWELS: Final = {"h": "ᅢ", "r": "ᅡ", "l": "ᅵ", "1": "ᅵ", "t": "ᅮ", "卜": "ᅡ", "ト": "ᅡ"}
_DRAWN: Final = re.compile(f"([{_LEADS}])([{''.join(_VOWELS)}])")
_TAILS: Final = dict(zip("ᄀᄂᄃᄅᄆᄇᄉᄋᄌᄎᄏᄐᄑᄒ", "ᆨᆫᆮᆯᆷᆸᆺᆼᆽᆾᆿᇀᇁᇂ", strict=True))
_OPEN: Final = re.compile(f"([가-힣])([{''.join(_TAILS)}])(?![\u1161-\u1175])")
MAX_MEMORY: Final = 32 << 20
_SHORT: Final = 6
_ENDING: Final = re.compile("(?:e?s|e?d|ing)?(?![a-z])")
MAX_PLACES: Final = 5
"""Of a word in a text that are looked at for neighbours."""


def folded(text: str) -> str:
    """Return a text as words are looked for."""
    text = unicodedata.normalize("NFKC", without_invisible(text)).lower()
    # Blanks go first: they are most of what goes, and this is four times as fast for them.
    text = _MARKS.sub("", "".join((plain(text) if _IMITATES.search(text) else text).split()))
    return _put_together(text) if any(one in text for one in _LEADS) else text


def _put_together(text: str) -> str:
    drawn = _DRAWN.sub(lambda found: found[1] + _VOWELS[found[2]], text)
    joined = unicodedata.normalize("NFC", drawn)
    return unicodedata.normalize("NFC", _OPEN.sub(_closed, joined))


def _closed(found: re.Match[str]) -> str:
    is_open = (ord(found[1]) - 0xAC00) % 28 == 0
    return found[1] + _TAILS[found[2]] if is_open else found[0]


class Phrases:
    """A set of words that is looked for at once."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = tuple(dict.fromkeys(filter(None, map(folded, words))))
        options: Any = re2.Options()
        options.literal, options.log_errors, options.max_mem = True, False, MAX_MEMORY
        self._set: Any = re2.Set.SearchSet(options)
        for word in self._words:
            self._set.Add(word)
        self._set.Compile()

    def found(self, text: str) -> frozenset[str]:
        """Return which of the words a folded text holds, as they are folded."""
        return frozenset(self._words[number] for number in self._set.Match(text) or ()) if text else frozenset()


def standing(words: Iterable[str], plain: str) -> frozenset[str]:
    """Return those found words that stand by themselves in the text as it is written (in small letters), or are written apart.

    Words of Latin letters are parts of others once blanks are gone: "essex", "first". Short ones must end where they end but
    for a plural or a past, longer ones begin where they begin; Hangul, kana and Chinese characters know no such bounds.
    """
    return frozenset(one for one in words if not one.isascii() or _stands(one, plain))


def _stands(word: str, plain: str) -> bool:
    if word not in plain:
        return len(word) > _SHORT
    return any(_is_bounded(plain, at, at + len(word)) for at in _places(plain, word))


def _is_bounded(plain: str, start: int, end: int) -> bool:
    if start and "a" <= plain[start - 1] <= "z":
        return False
    return end - start > _SHORT or _ENDING.match(plain, end) is not None


def near(text: str, groups: Sequence[Iterable[str]], span: int) -> tuple[str, ...]:
    """Return a word of each group, all within `span` characters of one of the first group; nothing when there are none.

    The words are folded and known to stand in the folded text, as `Phrases.found` tells them.
    """
    first, *others = groups
    for word in sorted(first):
        for around in windows(text, (word,), span):
            rest = [next((one for one in sorted(group) if one in around), "") for group in others]
            if all(rest):
                return (word, *rest)
    return ()


def windows(text: str, words: Iterable[str], span: int) -> Iterator[str]:
    """Yield what stands within `span` characters around each place of these words, `MAX_PLACES` of each."""
    for word in sorted(words):
        for at in _places(text, word):
            yield text[max(0, at - span) : at + len(word) + span]


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    for _ in range(MAX_PLACES):
        if at < 0:
            return
        yield at
        at = text.find(word, at + 1)
