"""Hangul: initial consonants of syllables (초성), and text typed with the keyboard in the other language (한/영).

The layout is the two-set one (KS X 5002), which practically all Korean keyboards have. Unicode §3.12 for syllables.
"""

import re
from typing import Final

_FIRST: Final = 0xAC00
_LAST: Final = 0xD7A3
_PER_INITIAL: Final = 588
_PER_VOWEL: Final = 28
_INITIAL_JAMO: Final = 0x1100

_INITIALS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS: Final = ["", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]
_KEYS: Final = {
    "q": "ㅂ", "w": "ㅈ", "e": "ㄷ", "r": "ㄱ", "t": "ㅅ", "y": "ㅛ", "u": "ㅕ", "i": "ㅑ", "o": "ㅐ", "p": "ㅔ",
    "a": "ㅁ", "s": "ㄴ", "d": "ㅇ", "f": "ㄹ", "g": "ㅎ", "h": "ㅗ", "j": "ㅓ", "k": "ㅏ", "l": "ㅣ",
    "z": "ㅋ", "x": "ㅌ", "c": "ㅊ", "v": "ㅍ", "b": "ㅠ", "n": "ㅜ", "m": "ㅡ",
    "Q": "ㅃ", "W": "ㅉ", "E": "ㄸ", "R": "ㄲ", "T": "ㅆ", "O": "ㅒ", "P": "ㅖ",
}  # fmt: skip
_PAIRS: Final = {
    "ㅗㅏ": "ㅘ", "ㅗㅐ": "ㅙ", "ㅗㅣ": "ㅚ", "ㅜㅓ": "ㅝ", "ㅜㅔ": "ㅞ", "ㅜㅣ": "ㅟ", "ㅡㅣ": "ㅢ",
    "ㄱㅅ": "ㄳ", "ㄴㅈ": "ㄵ", "ㄴㅎ": "ㄶ", "ㄹㄱ": "ㄺ", "ㄹㅁ": "ㄻ", "ㄹㅂ": "ㄼ", "ㄹㅅ": "ㄽ",
    "ㄹㅌ": "ㄾ", "ㄹㅍ": "ㄿ", "ㄹㅎ": "ㅀ", "ㅂㅅ": "ㅄ",
}  # fmt: skip
_LETTERS: Final = {jamo: letter for letter, jamo in reversed(_KEYS.items())} | {
    jamo: "".join(next(key for key, one in _KEYS.items() if one == half) for half in pair)
    for pair, jamo in _PAIRS.items()
}
_SYLLABLE: Final = re.compile("[가-힣]")
_TYPED: Final = re.compile("[가-힣ㄱ-ㅣ]")


def is_syllable(char: str) -> bool:
    """Whether it is a whole syllable."""
    return "가" <= char <= "힣"


def initial(syllable: str) -> str:
    """Return the initial of a syllable as NFKC writes a consonant that stands alone (U+1100…)."""
    return chr(_INITIAL_JAMO + (ord(syllable) - _FIRST) // _PER_INITIAL)


def is_initial(char: str) -> bool:
    """Whether it is a consonant as `initial` returns it."""
    return "ᄀ" <= char <= "ᄒ"


def with_initial(jamo: str) -> str:
    """Return a character class of all syllables that begin so: `가-깋`."""
    start = _FIRST + (ord(jamo) - _INITIAL_JAMO) * _PER_INITIAL
    return f"{chr(start)}-{chr(start + _PER_INITIAL - 1)}"


def typed_as_korean(text: str) -> str | None:
    """Return what the keys of a Latin text write in Korean mode, None unless it is syllables throughout."""
    if not text.isascii() or not any(char.isalpha() for char in text):
        return None
    written = _compose([_KEYS.get(char) or _KEYS.get(char.lower(), char) for char in text])
    stray = [char for char in written if char.isalpha() and not is_syllable(char)]
    return None if stray else written


def typed_as_latin(text: str) -> str | None:
    """Return the keys of a Korean text in Latin mode, None when it has no Hangul."""
    if not _TYPED.search(text):
        return None
    return "".join(_keys_of(char) for char in text)


def _keys_of(char: str) -> str:
    if not is_syllable(char):
        return _LETTERS.get(char, char)
    at = ord(char) - _FIRST
    parts = (
        _INITIALS[at // _PER_INITIAL],
        _VOWELS[at % _PER_INITIAL // _PER_VOWEL],
        _FINALS[at % _PER_VOWEL],
    )
    return "".join(_LETTERS[part] for part in parts if part)


def _compose(jamo: list[str]) -> str:
    """Return syllables as an input method makes them: a consonant before a vowel begins the next syllable."""
    out: list[str] = []
    at = 0
    while at < len(jamo):
        taken, syllable = _syllable(jamo, at)
        out.append(syllable)
        at += taken
    return "".join(out)


def _syllable(jamo: list[str], at: int) -> tuple[int, str]:
    """Return how many jamo the syllable at a position takes, and it."""
    vowel = jamo[at + 1] if at + 1 < len(jamo) else ""
    if jamo[at] not in _INITIALS or vowel not in _VOWELS or not vowel:
        return 1, jamo[at]
    end = at + 2
    double = _PAIRS.get(vowel + jamo[end]) if end < len(jamo) else None
    if double:
        vowel, end = double, end + 1
    final = ""
    # Longest first: two consonants, one, none; what begins the next syllable is not taken.
    for count in (2, 1):
        group = jamo[end : end + count]
        one = group[0] if len(group) == count == 1 else _PAIRS.get("".join(group), "") if len(group) == count else ""
        following = jamo[end + count] if end + count < len(jamo) else ""
        if one and one in _FINALS and not (following and following in _VOWELS):
            final, end = one, end + count
            break
    code = (_INITIALS.index(jamo[at]) * 21 + _VOWELS.index(vowel)) * _PER_VOWEL + _FINALS.index(final)
    return end - at, chr(_FIRST + code)
