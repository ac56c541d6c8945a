"""Numbers that were written so that nobody finds them: in words, backwards, as base64 within the text.

Each view is text again, as long as what it stands for or with a place of its own, and is read by the same families.
"""

import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Final

from smartmail.formats.leaks import checks
from smartmail.formats.leaks.finding import Confidence, Finding
from smartmail.formats.leaks.reading import Reading, Words
from smartmail.formats.leaks.surroundings import CODES, is_apart, named

_SIGNS: Final = "공영령일이삼사오육륙칠팔구빵둘셋넷零〇一二三四五六七八九壹貳叁肆伍陸柒捌玖"
_AS_DIGITS: Final = str.maketrans(_SIGNS, "0001234566789" + "0234" + "00123456789" + "123456789")
_SPELT: Final = re.compile(rf"(?:[{_SIGNS}0-9][ .,\-~]{{0,3}}){{8,40}}")
_ONLY_SIGNS: Final = re.compile(f"[{_SIGNS}]")
_FEWEST: Final = 4
"""Digits in words without which a run is a number as it is written."""
_HAS_SPELT: Final = Words(rf"(?:[{_SIGNS}][0-9 .,\-~]*){{{_FEWEST}}}")
"""What a text has in which a run of `_SPELT` is: most have none."""
_PERSON: Final = re.compile(r"([0-9](?<![0-9].)[0-9]{6})( ?- ?|)([0-9]{6})(?![0-9])", re.DOTALL)
_CARD: Final = re.compile(r"[0-9](?<![0-9].)[0-9]{3}([ \-]?)[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?![0-9])", re.DOTALL)
_SAID: Final = r"거꾸로|역순|뒤집|뒤에서|reverse|backward|逆"
_BACKWARDS: Final = Words(_SAID)
_TOLD: Final = Words(_SAID, "주민|외국인|카드|card")
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/_\-]{18,}(?:\r?\n[A-Za-z0-9+/_\-]{4,80}){0,2000}={0,2}")
_LOOK: Final = 96
_SPAN: Final = 40
MAX_DECODED: Final = 500_000
"""Octets of base64 in one text that are looked into."""


def spelt(reading: Reading) -> Iterator[tuple[int, str]]:
    """Yield (place, digits) of runs of digits of which some are words: `구공공일공일 다시 일이삼사오육팔` without the 다시."""
    for found in _SPELT.finditer(reading.text) if reading.has_as_written(_HAS_SPELT) else ():
        run = found[0]
        if len(_ONLY_SIGNS.findall(run)) < _FEWEST:
            continue
        yield found.start(), run.translate(_AS_DIGITS)
        # The subject's particle reads as a two: 팔이 is 82 or "8 is".
        if run.endswith("이"):
            yield found.start(), run[:-1].translate(_AS_DIGITS)


def decoded(reading: Reading) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, text) of what base64 within a text says; nothing that is no text."""
    left = MAX_DECODED
    for found in reading.words_of_base64(_ENCODED):
        signs = "".join(found[0].split()).translate(_URL_SAFE)
        # Pictures and files are no text, and their first octets tell.
        if not _is_text(signs[:_LOOK]) or left <= 0:
            continue
        said = _text(signs[: left * 4 // 3])
        left -= len(signs) * 3 // 4
        if said:
            yield found.start(), found.end(), said


_URL_SAFE: Final = str.maketrans("-_", "+/", "=")


def _is_text(signs: str) -> bool:
    return _text(signs[: len(signs) // 4 * 4]) != "" if len(signs) == _LOOK else True


def _text(signs: str) -> str:
    octets = b64decode(signs[: len(signs) - (len(signs) % 4 == 1)] + "=" * (-len(signs) % 4))
    for charset in ("utf-8", "cp949"):
        said = octets.decode(charset, "ignore")
        # A cut within a character loses a few octets at the end, nothing else may be lost.
        if len(octets) - len(said.encode(charset)) <= 3 and said and _is_readable(said):
            return said
    return ""


def _is_readable(text: str) -> bool:
    known = sum(one.isprintable() or one in "\r\n\t" for one in text[:2000])
    return known == len(text[:2000]) and any(one.isdigit() or one.isspace() for one in text[:2000])


def backwards(reading: Reading) -> Iterator[Finding]:
    """Yield numbers of residents and cards whose digits are written from the last to the first."""
    for found in reading.numbers(_PERSON, 13):
        digits = (found[1] + found[3])[::-1]
        if not checks.born(digits, reading.today) or digits[6] in "90" or not is_apart(reading, *found.span()):
            continue
        is_foreign = digits[6] in "5678"
        is_right = checks.foreigner(digits) if is_foreign else checks.resident(digits)
        is_announced = _is_announced(reading, found, _TOLD if found[2] else _BACKWARDS)
        if is_right or is_announced:
            confidence: Confidence = (
                "medium" if (is_right and (found[2] or is_announced)) or (found[2] and is_announced) else "low"
            )
            name = "kr.frn" if is_foreign else "kr.rrn"
            yield _backwards(name, confidence, f"{digits[:6]}-{digits[6]}******", digits, found.span())
    for found in reading.numbers(_CARD, 13):
        digits = "".join(filter(str.isdigit, found[0]))[::-1]
        if not checks.card(digits) or checks.card(digits[::-1]) or not is_apart(reading, *found.span()):
            continue
        is_announced = _is_announced(reading, found, _TOLD)
        yield _backwards(
            "card", "medium" if is_announced else "low", f"{digits[:4]}-{digits[4:6]}**-****-****", digits, found.span()
        )


def _is_announced(reading: Reading, found: re.Match[str], words: Words) -> bool:
    start, end = found.span()
    return reading.near(words, start, end, _SPAN) and not named(reading, start, CODES, words)


def _backwards(name: str, confidence: Confidence, shown: str, value: str, place: tuple[int, int]) -> Finding:
    return Finding(
        detector=name, confidence=confidence, masked=shown, value=value, start=place[0], end=place[1], via="reversed"
    )
