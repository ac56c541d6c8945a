"""Numbers of payment cards: ISO/IEC 7812 with the check digit, ranges of issuers, and groups as they are printed.

One in thirty random numbers of 16 digits passes both checks: without groups or a word next to it a number is likely at most, and
among many that mostly fail it is none.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from smartmail.formats.leaks import checks
from smartmail.formats.leaks.finding import Confidence, Finding, masked
from smartmail.formats.leaks.reading import Reading, Words
from smartmail.formats.leaks.surroundings import (
    ACCOUNT,
    CODES,
    is_apart,
    is_of_series,
    is_within_code,
    joint,
    named,
    population,
)

_CARD: Final = re.compile(
    r"[0-9](?<![0-9].)(?:[0-9]{3}([ \-])(?:[0-9]{4}\1[0-9]{4}\1[0-9]{4}|[0-9]{6}\1[0-9]{4,5})|[0-9]{13,15})(?![0-9])",
    re.DOTALL,
)
_SPACED: Final = re.compile(r"[0-9](?<![0-9].)(?:[ .\-]{1,3}[0-9]){13,15}(?![0-9])", re.DOTALL)
_WORDS: Final = Words(
    r"카드|card|신용|체크|결제수단|비자|마스터|\bvisa\b|master|\bamex\b|cvc|cvv|유효기간|カード|信用卡|银行卡"
)
_ACCOUNT: Final = Words(ACCOUNT)
_SPAN: Final = 40


def cards(reading: Reading) -> Iterator[Finding]:
    """Yield numbers of cards."""
    rows = [(one, "".join(filter(str.isdigit, one[0]))) for one in reading.numbers(_CARD, 13)]
    share = population([checks.luhn(digits) for one, digits in rows if not one[1]])
    for found, digits in rows:
        if not checks.card(digits) or is_within_code(reading, *found.span()):
            continue
        joined = joint(reading, *found.span())
        if joined == "part" or (joined == "glued" and not found[1]):
            continue
        confidence = "medium" if joined == "glued" else _confidence(reading, found, share)
        yield _finding(confidence, digits, *found.span())
    for found in reading.numbers(_SPACED, 13):
        digits = "".join(filter(str.isdigit, found[0]))
        if checks.card(digits) and is_apart(reading, *found.span()) and not is_of_series(reading, *found.span()):
            beside = reading.near(_WORDS, *found.span(), _SPAN)
            yield _finding("high" if beside else "medium", digits, *found.span())


def _confidence(reading: Reading, found: re.Match[str], share: float | None) -> Confidence:
    beside = reading.near(_WORDS, *found.span(), _SPAN)
    is_code = named(reading, found.start(), CODES, _WORDS)
    if found[1]:
        return "medium" if is_code else "high"
    if is_code or named(reading, found.start(), _ACCOUNT, _WORDS):
        return "low"
    if beside:
        return "high"
    return "medium" if share is None or share > 0.8 else "low"


def _finding(confidence: Confidence, digits: str, start: int, end: int) -> Finding:
    groups = (4, 8, 12) if len(digits) == 16 else (4, 10)
    bounds = (0, *groups, len(digits))
    printed = "-".join(digits[one:other] for one, other in pairwise(bounds))
    return Finding(
        detector="card", confidence=confidence, masked=masked(printed, 6, 4), value=digits, start=start, end=end
    )
