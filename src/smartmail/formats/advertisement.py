"""The mark `(광고)` that Korean law wants at the start of the subject of commercial mail, and how it is evaded.

STANDARDS
    Act on Promotion of Information and Communications Network Utilization, article 50 (4), and its enforcement decree:
    the subject begins with exactly `(광고)`. `(광 고)`, `[광고]`, `(廣告)` and the like are violations.

Pure; looks at a bounded beginning and end of the subject; never raises.
"""

import re
import unicodedata
from typing import Final, Literal

from smartmail.base.text import without_invisible

Mark = Literal["compliant", "variant"]

_EXACT: Final = "(광고)"
_LOOKED_AT: Final = 60
_INSIDE: Final = 16
_OPEN, _CLOSE = "([{<〈《「『【〔〖«‹“‘\"'*★☆■□◆◇●○#_-=~|/\\·", ")]}>〉》」』】〕〗»›”’\"'*★☆■□◆◇●○#_-=~|/\\·"
_ENCLOSED: Final = re.compile(
    rf"[{re.escape(_OPEN)}]([^{re.escape(_OPEN + _CLOSE)}]{{1,{_INSIDE}}})[{re.escape(_CLOSE)}]"
)
# Dots and dashes between the two syllables are part of the trick, not marks of their own: `(광.고)`, `(광-고)`.
_SPLIT: Final = re.compile(r"(?<=[광廣広广ㄱ-ㅣ])[\s.,·‧・_\-~*/|+'\"`:;!^]+(?=[고告ㄱ-ㅣ])")
_PREFIX: Final = re.compile(r"(?:(?:re|fw|fwd|회신|전달|답장)\s*[:：]\s*)+", re.IGNORECASE)
_WORDS: Final = frozenset({"광고", "廣告", "広告", "广告", "ad", "advertisement", "advert", "ads"})
_KINDS: Final = (
    "성인",
    "대출",
    "유료",
    "정보성",
    "홍보",
    "무료",
    "이벤트",
    "스팸",
    "주식",
    "대부",
    "보험",
    "순수",
    "문자",
)


def mark_of(subject: str) -> Mark | None:
    """Return whether a subject carries the mark as the law wants it, in another spelling, or not at all."""
    if subject.startswith(_EXACT):
        return "compliant"
    text = _PREFIX.sub("", unicodedata.normalize("NFKC", without_invisible(subject)).strip(), count=1)
    for piece in {text[:_LOOKED_AT], text[-_LOOKED_AT:]}:
        shown = _SPLIT.sub("", piece)
        for match in _ENCLOSED.finditer(shown):
            at_end = match.start() <= 2 or match.end() >= len(shown) - 2
            if at_end and _is_word(match[1]):
                return "variant"
    return None


def _is_word(text: str) -> bool:
    bare = re.sub(r"[\W_]+", "", text).lower()
    if bare in _WORDS and "/" not in text:
        return True
    for kind in _KINDS:
        bare = bare.removeprefix(kind).removesuffix(kind)
    return bare in _WORDS or letters(bare) == letters("광고")


# Initial, vowel and final letters (U+1100…) as the single letters that a keyboard has.
_INITIALS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS: Final = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_JAMO: Final = {
    **{0x1100 + at: letter for at, letter in enumerate(_INITIALS)},
    **{0x1161 + at: letter for at, letter in enumerate(_VOWELS)},
    **{0x11A8 + at: letter for at, letter in enumerate(_FINALS)},
}
_SIMPLE: Final = {ord("ㅘ"): "ㅗㅏ", ord("ㅙ"): "ㅗㅐ", ord("ㅚ"): "ㅗㅣ", ord("ㅝ"): "ㅜㅓ", ord("ㅞ"): "ㅜㅔ", ord("ㅟ"): "ㅜㅣ", ord("ㅢ"): "ㅡㅣ"}  # fmt: skip


def letters(text: str) -> str:
    """Return Hangul as the row of letters that was typed, whichever way it was put together (`ㄱㅗㅏㅇㄱㅗ`)."""
    return unicodedata.normalize("NFKD", text).translate(_JAMO).translate(_SIMPLE)
