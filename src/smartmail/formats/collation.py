"""Names in the order that readers of a language expect: 가나다, あいうえお, 拼音, 筆畫. Pure.

NAME       collation
PURPOSE    `sort_key` makes of a text what sorts as CLDR sorts it for a language: scripts of that language first (Korean:
           Hangul, Chinese: Han; Japanese has Latin before kana), Hanja among the syllables that they are read as, kana by
           gojūon whatever their shape, kanji as in JIS X 0208, hanzi by pinyin or by strokes. Letters differ before accents
           do, those before case and the shape of kana.
LIMITS     A kanji has many readings: whoever knows which one is meant sorts by that text instead. A hanzi has its usual
           reading (單 as a surname is with dān). What no order names stands behind it by code point. Letters with a stroke
           count as plain ones; Arabic, Thai and others stand by code point.
SOURCE     Unicode Technical Standard 10, with the orders of CLDR (collation_tables.py).
"""

import unicodedata
from functools import cache
from typing import Final

from smartmail.formats.collation_tables import JAPANESE, KOREAN, PINYIN, STROKE

SortKey = tuple[str, str, str]
"""Letters, accents, shapes."""

_KEPT: Final = 60_000
"""Characters whose weights are kept, of a language: all that people write in."""
_SCRIPTS: Final = ("latin", "greek", "cyrillic", "other", "hangul", "kana", "bopomofo", "han")
_FIRST: Final = {
    "ko": ("hangul", "han"),
    "ja": ("latin", "kana", "han"),
    "zh-Hans": ("han",),
    "zh-Hant": ("han", "bopomofo"),
}
_BLOCKS: Final = (
    (0x0370, "latin"), (0x0400, "greek"), (0x0530, "cyrillic"), (0x1100, "other"), (0x1200, "hangul"), (0x1D00, "other"),
    (0x1F00, "latin"), (0x2000, "greek"), (0x2C60, "other"), (0x2C80, "latin"), (0x3040, "other"), (0x3100, "kana"),
    (0x3130, "bopomofo"), (0x3190, "hangul"), (0x31A0, "other"), (0x31C0, "bopomofo"), (0x31F0, "other"),
    (0x3200, "kana"), (0x3400, "other"), (0x4DC0, "han"), (0x4E00, "other"), (0xA000, "han"), (0xA720, "other"),
    (0xA800, "latin"), (0xAC00, "other"), (0xD7FC, "hangul"), (0xF900, "other"), (0xFB00, "han"), (0x1B000, "other"),
    (0x1B170, "kana"), (0x20000, "other"), (0x323B0, "han"),
)  # fmt: skip
"""Ends of stretches of code points, and whose they are."""
_PLAIN: Final = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "þ": "th"}
)
_SMALL: Final = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
_KATAKANA: Final = {ord("ァ") + at: chr(ord("ぁ") + at) for at in range(ord("ヶ") - ord("ァ") + 1)}
_VOWELS: Final = {
    char: vowel
    for vowel, row in {
        "あ": "あかさたなはまやらわ", "い": "いきしちにひみりゐ", "う": "うくすつぬふむゆる", "え": "えけせてねへめれゑ",
        "お": "おこそとのほもよろを",
    }.items()
    for char in row
}  # fmt: skip
_REPEATS: Final = frozenset("ーゝゞヽヾ々")


def sort_key(text: str, language: str) -> SortKey:
    """Return by what a text sorts among others of the same language; one that is not known here sorts as English."""
    whole = unicodedata.normalize("NFKC", text)
    letters = whole if _REPEATS.isdisjoint(whole) else _spelled(whole)
    primary, marks = _weights(language)
    return (
        "".join(map(primary.__getitem__, letters)),
        "".join(map(marks.__getitem__, letters)),
        whole.swapcase(),
    )


def is_kana(char: str) -> bool:
    """Say whether a character is kana, whatever its shape."""
    return char != "" and _script(unicodedata.normalize("NFKC", char)[0]) == "kana"


def _spelled(text: str) -> str:
    """ー is the vowel before it, ヽ the kana and 々 the kanji before it."""
    told = ""
    for char in text:
        told += _repeated(char, told[-1:]) if char in _REPEATS else char
    return told


def _repeated(char: str, before: str) -> str:
    if char == "ー":
        return _VOWELS.get(_kana(before), char)
    return (before if char == "々" else _kana(before)) or char


def _kana(char: str) -> str:
    """Return the hiragana of a character without its marks: what counts first."""
    plain = unicodedata.normalize("NFD", char)[:1]
    return plain.translate(_KATAKANA).translate(_SMALL)


class _Primary(dict[str, str]):
    """Character → two: of which kind it is, and where it stands among its kind; none for what does not count."""

    def __init__(self, language: str) -> None:
        super().__init__()
        first = _FIRST.get(language, ())
        order = (*first, *(one for one in _SCRIPTS if one not in first))
        self._classes = {name: chr(0x10 + at) for at, name in enumerate(order)}
        self._han = _han_of(language)
        self._read = _readings() if language == "ko" else {}

    def __missing__(self, char: str) -> str:
        weight = "".join(map(self._weight, _letters(char)))
        if len(self) < _KEPT:
            self[char] = weight
        return weight

    def _weight(self, char: str) -> str:
        kind = unicodedata.category(char)
        if kind[0] in "MC":
            return ""
        if kind == "Nd":
            return "\x04" + chr(unicodedata.decimal(char))
        script = _script(char)
        if kind[0] in "ZPSN" and script != "han":
            return chr("ZPSN".index(kind[0]) + 1) + char
        if char in self._read:
            return self._classes["hangul"] + self._read[char][0]
        rank = self._han.get(char) if script == "han" else None
        return self._classes[script] + (char if rank is None and script != "han" else chr(rank or _behind(char)))


class _Marks(dict[str, str]):
    """Character → itself with its accents, as hiragana; Hanja behind the syllable that they are read as."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._read = _readings() if language == "ko" else {}

    def __missing__(self, char: str) -> str:
        read = self._read.get(char)
        plain = unicodedata.normalize("NFD", char.casefold()).translate(_KATAKANA).translate(_SMALL)
        mark = plain if read is None else chr(0x20000 + read[1])
        if len(self) < _KEPT:
            self[char] = mark
        return mark


def _letters(char: str) -> str:
    if "가" <= char <= "힣":
        return char
    folded = unicodedata.normalize("NFD", char.casefold()).translate(_PLAIN)
    return folded.translate(_KATAKANA).translate(_SMALL)


def _script(char: str) -> str:
    code = ord(char)
    return next((name for end, name in _BLOCKS if code < end), "other")


def _behind(char: str) -> int:
    """Where a Han character stands that its order does not name: the common block first."""
    code = ord(char)
    return 0x10000 + code if 0x4E00 <= code <= 0x9FFF else 0x20000 + code


@cache
def _weights(language: str) -> tuple[_Primary, _Marks]:
    return _Primary(language), _Marks(language)


@cache
def _han_of(language: str) -> dict[str, int]:
    order = {"ja": JAPANESE, "zh-Hans": PINYIN, "zh-Hant": STROKE}.get(language, "")
    return {char: at for at, char in enumerate(order, 1)}


@cache
def _readings() -> dict[str, tuple[str, int]]:
    """Hanja → the syllable that it is read as, and its place among all of them."""
    found = ((char, word[0]) for word in KOREAN.split() for char in word[1:])
    return {char: (syllable, at) for at, (char, syllable) in enumerate(found)}
