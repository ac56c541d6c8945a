"""Numbers of persons and firms that the Korean state gives: 주민등록번호, 외국인등록번호, 법인등록번호, 사업자등록번호.

A wrong check digit does not clear a resident's number: those given since October 2020 have none. A number of 13 digits may be a
person's or a corporation's: the words next to it decide, then the check digits, then the court's code (`_is_registry`).
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from smartmail.formats.leaks import checks
from smartmail.formats.leaks.finding import Confidence, Finding, masked
from smartmail.formats.leaks.reading import Reading, Words
from smartmail.formats.leaks.surroundings import CODES, is_apart, is_of_series, is_within_code, joint, named, population

_THIRTEEN: Final = re.compile(
    r"([0-9](?<![0-9].)[0-9]{5})( ?[-ー] ?\n?|[ \t]| ?[./*_~·|:,+=] ?|)([0-9]{7})(?![0-9])", re.DOTALL
)
_LOOSE: Final = re.compile(r"[0-9](?<![0-9].)(?:[ .\-]{0,3}[0-9]){12}(?![0-9])", re.DOTALL)
_BUSINESS: Final = re.compile(
    r"([0-9](?<![0-9].)[0-9]{2})( ?[-ー] ?| |)([0-9]{2})( ?[-ー] ?| |)([0-9]{5})(?![0-9])", re.DOTALL
)
_PERSON: Final = Words(r"주민|생년월일|등록번호|성명|외국인|\brrn\b|resident reg|身分|住民登録")
_STRONG: Final = Words(r"주민|외국인|\brrn\b|resident reg|住民登録")
_CORPORATE: Final = Words(r"법인|corporat|法人")
_FIRM: Final = Words(r"사업자|등록번호|business reg|\bbrn\b|공급[자받]|事業者")
_SPAN: Final = 30
_KINDS: Final = frozenset({"11", "12", "13", "14", "21", "22"})
"""Kinds of corporations whose numbers read as days of a month: firms, associations, foundations."""
_COURTS: Final = frozenset(map(str, range(11, 29)))
_MILLISECONDS: Final = range(1_400_000_000_000, 2_100_000_000_000)


def residents(reading: Reading) -> Iterator[Finding]:
    """Yield numbers of residents, foreigners and corporations."""
    rows = [(one, one[1] + one[3]) for one in reading.numbers(_THIRTEEN, 13)]
    bare = [checks.born(digits, reading.today) for one, digits in rows if not one[2]]
    share = population(bare)
    for found, digits in rows:
        finding = _thirteen(reading, found, digits, share)
        joined = joint(reading, *found.span()) if finding else "part"
        if finding and joined == "glued":
            finding = _glued(finding) if finding.confidence == "high" else None
        if finding and joined != "part":
            yield finding
    yield from _loose(reading)


def _thirteen(reading: Reading, found: re.Match[str], digits: str, share: float | None) -> Finding | None:
    start, end, separator = *found.span(), found[2].strip()
    corporate = _corporation(reading, found, digits)
    if corporate:
        return _finding("kr.crn", corporate, digits, start, end)
    if not checks.born(digits, reading.today):
        return None
    is_foreign = digits[6] in "5678"
    is_right = checks.foreigner(digits) if is_foreign else checks.resident(digits)
    detector = "kr.frn" if is_foreign else "kr.rrn"
    if separator in ("-", "ー") and digits[6] not in "90":
        return _finding(detector, "high" if is_right else "medium", digits, start, end)
    beside = reading.near(_PERSON, start, end, _SPAN)
    if digits[6] in "90":
        confidence: Confidence = "high" if is_right and beside else "low"
    elif found[2]:
        confidence = _weighed(is_right, beside)
    else:
        confidence = _bare(reading, found, digits, is_right, beside, share)
    return _finding(detector, confidence, digits, start, end)


def _glued(finding: Finding) -> Finding:
    return msgspec.structs.replace(finding, confidence="medium")


def _weighed(is_right: bool, beside: bool) -> Confidence:
    return "high" if is_right and beside else "medium" if is_right or beside else "low"


def _bare(
    reading: Reading, found: re.Match[str], digits: str, is_right: bool, beside: bool, share: float | None
) -> Confidence:
    """Return how sure 13 digits in a row are: never more than likely without a word next to them."""
    if named(reading, found.start(), CODES, _STRONG):
        return "low"
    if int(digits) in _MILLISECONDS and not reading.near(_STRONG, *found.span(), _SPAN):
        return "low"
    if beside:
        return _weighed(is_right, beside)
    if share is not None:
        return "medium" if share > 0.8 else "low"
    return "medium" if is_right else "low"


def _corporation(reading: Reading, found: re.Match[str], digits: str) -> Confidence | None:
    """Return how sure 13 digits are a corporation's, None when they are a person's or nothing."""
    has_check, is_written = checks.corporation(digits), bool(found[2])
    if not has_check and not is_written:
        return None
    if named(reading, found.start(), _CORPORATE, _STRONG):
        # Numbers given since 2025 have no check digit; a person's that is right stays one whatever it is called.
        known: Confidence = "high" if is_written else "medium"
        return known if has_check else "low" if is_written and not _is_right(reading, digits) else None
    if not has_check or "-" not in found[2]:
        return None
    if digits[6] in "90" or not checks.born(digits, reading.today):
        return "high" if digits[:2] in _COURTS else "low"
    is_unnamed = not reading.near(_PERSON, *found.span(), _SPAN)
    return "high" if not _is_right(reading, digits) and is_unnamed and _is_registry(digits) else None


def _is_right(reading: Reading, digits: str) -> bool:
    """Whether a number has a birthday and a person's check digit."""
    check = checks.foreigner if digits[6] in "5678" else checks.resident
    return check(digits) and checks.born(digits, reading.today)


def _is_registry(digits: str) -> bool:
    """Whether a number begins as corporations' do: a court's code that ends with 01, and the kind of the corporation. One of who was
    born since 2020 may pass any check digit by chance: it is a person's.
    """
    is_recent = digits[:2] >= "20" and digits[6] in "3478"
    return digits[2:4] == "01" and digits[4:6] in _KINDS and not is_recent


def _loose(reading: Reading) -> Iterator[Finding]:
    """Yield residents' numbers with blanks, dots or hyphens between any of their digits."""
    for found in reading.numbers(_LOOSE, 13):
        text = found[0]
        if _THIRTEEN.fullmatch(text):
            continue
        digits = "".join(filter(str.isdigit, text))
        if not checks.born(digits, reading.today):
            continue
        is_right = checks.foreigner(digits) if digits[6] in "5678" else checks.resident(digits)
        even = len(text) >= 2 * len(digits) - 1
        if is_right and is_apart(reading, *found.span()) and not is_of_series(reading, *found.span()):
            beside = reading.near(_STRONG, *found.span(), _SPAN)
            confidence: Confidence = "high" if beside else "medium" if even else "low"
            yield _finding("kr.frn" if digits[6] in "5678" else "kr.rrn", confidence, digits, *found.span())


def _finding(detector: str, confidence: Confidence, digits: str, start: int, end: int) -> Finding:
    shown = f"{digits[:6]}-{digits[6]}******"
    return Finding(detector=detector, confidence=confidence, masked=shown, value=digits, start=start, end=end)


def businesses(reading: Reading) -> Iterator[Finding]:
    """Yield 사업자등록번호. They are public: rules count them."""
    for found in reading.numbers(_BUSINESS, 10):
        digits = found[1] + found[3] + found[5]
        start, end = found.span()
        if not is_apart(reading, start, end) or is_within_code(reading, start, end):
            continue
        beside = reading.near(_FIRM, start, end, _SPAN)
        hyphens = "-" in found[2] and "-" in found[4]
        if checks.business(digits) and digits != "0" * 10:
            confidence: Confidence = "high" if hyphens else "medium" if beside else "low"
        elif hyphens and beside:
            confidence = "low"
        else:
            continue
        shown = masked(f"{digits[:3]}-{digits[3:5]}-{digits[5:]}", 5)
        yield Finding(detector="kr.brn", confidence=confidence, masked=shown, value=digits, start=start, end=end)
