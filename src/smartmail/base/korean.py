"""Particles of Korean that depend on the last sound of the word before them (이/가, 을/를, 은/는, 으로/로, 와/과).

Texts name both, as people do who do not know the word: `{name}이(가)`. Where the word that comes there ends in Hangul or in
a figure its sound is known, and the one that fits is taken; a Latin word is read in more than one way and keeps both.
"""

import re
from collections.abc import Mapping

_PAIRS = {
    "이(가)": ("이", "가"), "을(를)": ("을", "를"), "은(는)": ("은", "는"), "와(과)": ("과", "와"), "과(와)": ("과", "와"),
    "(으)로": ("으로", "로"),
}  # fmt: skip
_PLACE = re.compile(r"\{(\w+)\}([^\w\s{}(]*)(" + "|".join(map(re.escape, _PAIRS)) + ")")
_FIRST, _COUNT, _FINALS = 0xAC00, 11_172, 28
_RIEUL = 8
_FIGURES = {"0": 21, "1": _RIEUL, "2": 0, "3": 16, "4": 0, "5": 0, "6": 1, "7": _RIEUL, "8": _RIEUL, "9": 0}
"""The final consonant with which a figure is read: 영, 일, 이, 삼, 사, 오, 육, 칠, 팔, 구."""


def fitted(text: str, values: Mapping[str, object]) -> str:
    """Return a text with `{name}` places in which particles fit the values that will stand there."""
    return _PLACE.sub(lambda found: _one(found, values), text)


def _one(found: re.Match[str], values: Mapping[str, object]) -> str:
    name, closing, pair = found.groups()
    final = _final(str(values.get(name, "")))
    if final is None:
        return found.group()
    # 서울로, 7로: after ㄹ the direction is as after a vowel.
    open_end = final == 0 or (final == _RIEUL and pair == "(으)로")
    return f"{{{name}}}{closing}{_PAIRS[pair][open_end]}"


def _final(word: str) -> int | None:
    """Return the number of the final consonant of a word (Unicode, Hangul syllables), 0 for none, None if unknown."""
    last = word[-1:]
    if last in _FIGURES:
        return _FIGURES[last]
    code = ord(last) - _FIRST if last else -1
    return code % _FINALS if 0 <= code < _COUNT else None
