"""Numbers of persons of other states: Japan's individual number (マイナンバー) and China's resident id (公民身份号码)."""

import re
from collections.abc import Iterator
from typing import Final

from smartmail.formats.leaks import checks
from smartmail.formats.leaks.finding import Confidence, Finding, masked
from smartmail.formats.leaks.reading import Reading, Words
from smartmail.formats.leaks.surroundings import ACCOUNT, CODES, is_apart, is_within_code, named

_MY_NUMBER: Final = re.compile(r"[0-9](?<![0-9].)[0-9]{3}([ \-]?)[0-9]{4}\1[0-9]{4}(?![0-9])", re.DOTALL)
_MY_NUMBER_WORDS: Final = Words(r"マイナンバ|個人番号|my ?number|individual number")
_OTHERS: Final = Words(CODES.source, ACCOUNT)
_CHINESE: Final = re.compile(
    r"[1-8](?<![0-9A-Za-z].)[0-9]{5}((?:18|19|20)[0-9]{2})([0-9]{2})([0-9]{2})[0-9]{3}[0-9Xx](?![0-9A-Za-z])", re.DOTALL
)
_CHINESE_WORDS: Final = Words(r"身份|身分證|resident id|id card|公民|证件|證件")
_PROVINCES: Final = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_SPAN: Final = 40


def my_numbers(reading: Reading) -> Iterator[Finding]:
    """Yield individual numbers: sure next to a word, else weak, since numbers of parcels look the same."""
    for found in reading.numbers(_MY_NUMBER, 10):
        digits = "".join(filter(str.isdigit, found[0]))
        start, end = found.span()
        if not checks.my_number(digits) or len(set(digits)) == 1 or not is_apart(reading, start, end):
            continue
        if is_within_code(reading, start, end):
            continue
        is_named = reading.near(_MY_NUMBER_WORDS, start, end, _SPAN)
        is_code = named(reading, start, _OTHERS, _MY_NUMBER_WORDS)
        confidence: Confidence = "high" if is_named and not is_code else "low"
        yield _found("jp.mynumber", confidence, masked(digits, 4), digits, (start, end))


def chinese(reading: Reading) -> Iterator[Finding]:
    """Yield resident ids of China: province, day of birth and check sign; a wrong check sign only next to a word."""
    for found in _CHINESE.finditer(reading.text):
        value = found[0].upper()
        if not _PROVINCES.match(value) or not is_apart(reading, *found.span()):
            continue
        if not checks.is_day(int(found[1]), found[2], found[3], reading.today):
            continue
        if checks.chinese(value):
            yield _found("cn.id", "high", masked(value, 6), value, found.span())
        elif reading.near(_CHINESE_WORDS, *found.span(), _SPAN):
            yield _found("cn.id", "low", masked(value, 6), value, found.span())


def _found(detector: str, confidence: Confidence, shown: str, value: str, place: tuple[int, int]) -> Finding:
    return Finding(detector=detector, confidence=confidence, masked=shown, value=value, start=place[0], end=place[1])
