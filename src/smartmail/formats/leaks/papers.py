"""Numbers of papers: passports and their machine-readable lines, driving licences, cards of health insurance, plates of cars.

None but the machine-readable line has a public check digit: words next to a number make it sure.
"""

import re
from collections.abc import Iterator
from typing import Final

from smartmail.formats.leaks import checks
from smartmail.formats.leaks.finding import Confidence, Finding, masked
from smartmail.formats.leaks.reading import Reading, Words
from smartmail.formats.leaks.surroundings import CODES, is_apart, is_within_code, label, named

_PASSPORT: Final = re.compile(
    r"[A-Z](?<![A-Za-z0-9].)(?:(?<=[MSRGD])[0-9]{8}|(?<=[MSRGDO])[0-9]{3}[A-Z][0-9]{4}|[A-Z][0-9]{7})(?![A-Za-z0-9])",
    re.DOTALL,
)
_MRZ: Final = re.compile(
    r"([A-Z0-9<]{9})([0-9])([A-Z]{3})([0-9]{6})([0-9])[MFX<]([0-9]{6})([0-9])[A-Z0-9<]{14}[0-9<][0-9]"
)
_PASSPORT_WORDS: Final = Words(r"여권|passport|旅券|护照|護照|パスポート")
_LICENCE: Final = re.compile(
    r"[12](?<![0-9].)((?<=1)[1-9]|(?<=2)[0-68])([ \-]?)([0-9]{2})\2([0-9]{6})\2([0-9]{2})(?![0-9])", re.DOTALL
)
_OF_REGION: Final = re.compile(
    r"(서울|부산|경기|강원|충북|충남|전북|전남|경북|경남|제주|대구|인천|광주|대전|울산) ?-?()([0-9]{2})-([0-9]{6})-([0-9]{2})(?![0-9])"
)
_LICENCE_WORDS: Final = Words(r"면허|driv\w{0,6} licen[cs]e|driver")
_INSURANCE: Final = re.compile(r"[1-9](?<![0-9].)-?[0-9]{10}(?![0-9])", re.DOTALL)
_INSURANCE_WORDS: Final = Words(r"건강보험|보험증|증번호|건보")
_PLATE: Final = re.compile(r"[0-9](?<![0-9].)[0-9]{1,2} ?([가-힣]) ?[0-9]{4}(?![0-9])", re.DOTALL)
_PLATE_SIGNS: Final = frozenset(
    "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자허하호배육해공국합"
)
_PLATE_WORDS: Final = Words(r"차량|차번|번호판|주차|자동차|운행|차종")
_SPAN: Final = 30


def _found(detector: str, confidence: Confidence, shown: str, value: str, place: tuple[int, int]) -> Finding:
    return Finding(detector=detector, confidence=confidence, masked=shown, value=value, start=place[0], end=place[1])


def passports(reading: Reading) -> Iterator[Finding]:
    """Yield numbers of passports: Korea's old (`M12345678`) and new form (`M123A4567`), others only by words or MRZ."""
    for found in _PASSPORT.finditer(reading.text):
        value = found[0]
        start, end = found.span()
        if not is_apart(reading, start, end):
            continue
        is_named = reading.near(_PASSPORT_WORDS, start, end, _SPAN)
        two_letters, is_new = value[1].isalpha(), value[4].isalpha()
        if two_letters and label(reading, _PASSPORT_WORDS, start) < 0:
            continue
        confidence: Confidence = "medium" if two_letters else "high" if is_named else "low"
        if is_new and not is_named and not named(reading, start, CODES, _PASSPORT_WORDS):
            confidence = "medium"
        yield _found("kr.passport", confidence, masked(value, 2), value, (start, end))
    yield from _machine_readable(reading)


def _machine_readable(reading: Reading) -> Iterator[Finding]:
    """Yield passports by the second line of their machine-readable zone (ICAO Doc 9303-4 §4.2.2)."""
    if "<" not in reading.text:
        return
    for found in _MRZ.finditer(reading.text):
        number, check, _state, born, second, until, third = found.groups()
        if checks.mrz(number, check) and checks.mrz(born, second) and checks.mrz(until, third):
            value = number.rstrip("<")
            yield _found("kr.passport", "high", masked(value, 2), value, found.span())


def licences(reading: Reading) -> Iterator[Finding]:
    """Yield numbers of driving licences: of a region by number, or by its name."""
    for found in (*reading.numbers(_LICENCE, 10), *_OF_REGION.finditer(reading.text)):
        start, end = found.span()
        if not is_apart(reading, start, end) or is_within_code(reading, start, end):
            continue
        is_named = reading.near(_LICENCE_WORDS, start, end, _SPAN)
        region = found[1] if len(found[1]) > 1 else found[0][:2]
        hyphens = found[2] == "-" or len(found[1]) > 1
        if not hyphens and (not is_named or named(reading, start, CODES, _LICENCE_WORDS)):
            continue
        confidence: Confidence = "high" if hyphens and is_named else "medium"
        if not is_named and named(reading, start, CODES, _LICENCE_WORDS):
            confidence = "low"
        printed = "-".join((region, *found.group(3, 4, 5)))
        yield _found("kr.licence", confidence, masked(printed, 4), printed.replace("-", ""), (start, end))


def insurances(reading: Reading) -> Iterator[Finding]:
    """Yield numbers of cards of health insurance: any 11 digits, so only by a word."""
    if not reading.has(_INSURANCE_WORDS):
        return
    for found in reading.numbers(_INSURANCE, 10):
        start, end = found.span()
        if reading.before(_INSURANCE_WORDS, start, _SPAN) >= 0 and is_apart(reading, start, end):
            digits = found[0].replace("-", "")
            yield _found("kr.insurance", "medium", masked(f"{digits[0]}-{digits[1:]}", 3), digits, (start, end))


def plates(reading: Reading) -> Iterator[Finding]:
    """Yield plates of cars."""
    for found in _PLATE.finditer(reading.text):
        start, end = found.span()
        if found[1] not in _PLATE_SIGNS or not is_apart(reading, start, end):
            continue
        is_named = reading.near(_PLATE_WORDS, start, end, _SPAN)
        value = found[0].replace(" ", "")
        yield _found("kr.plate", "medium" if is_named else "low", masked(value, 3), value, (start, end))
