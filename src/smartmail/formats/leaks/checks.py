"""Check digits and dates of numbers, each by its published rule. Takes digits only; knows nothing of the text around them."""

import re
from datetime import date
from operator import mul
from typing import Final

_RESIDENT: Final = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_BUSINESS: Final = (1, 3, 7, 1, 3, 7, 1, 3, 5)
_CORPORATION: Final = (1, 2) * 6
_MY_NUMBER: Final = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_CHINESE: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHINESE_SIGNS: Final = "10X98765432"
_MRZ: Final = {sign: at for at, sign in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {"<": 0}
_ISSUERS: Final = {
    16: re.compile(
        r"4|5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|352[89]|35[3-8]|62|6011|64[4-9]|65|60|9[0-9]{3}|6360|81"
    ),
    15: re.compile(r"3[47]"),
    14: re.compile(r"36|38|39|30[0-5]"),
}
_CENTURY: Final = {
    "1": 1900, "2": 1900, "3": 2000, "4": 2000, "5": 1900, "6": 1900, "7": 2000, "8": 2000, "9": 1800, "0": 1800,
}  # fmt: skip


def _sum(digits: str, weights: tuple[int, ...]) -> int:
    return sum(map(mul, map(int, digits), weights))


def resident(digits: str) -> bool:
    """Whether the last of 13 digits is the check digit of 주민등록번호 (numbers given since October 2020 have none)."""
    return (11 - _sum(digits, _RESIDENT) % 11) % 10 == int(digits[12])


def foreigner(digits: str) -> bool:
    """Whether the last of 13 digits is the check digit of 외국인등록번호 (numbers given since October 2020 have none)."""
    return (13 - _sum(digits, _RESIDENT) % 11) % 10 == int(digits[12])


def business(digits: str) -> bool:
    """Whether the last of 10 digits is the check digit of 사업자등록번호."""
    total = _sum(digits, _BUSINESS) + int(digits[8]) * 5 // 10
    return (10 - total % 10) % 10 == int(digits[9])


def corporation(digits: str) -> bool:
    """Whether the last of 13 digits is the check digit of 법인등록번호 (numbers given since 2025 may have none)."""
    return (10 - _sum(digits, _CORPORATION) % 10) % 10 == int(digits[12])


def luhn(digits: str) -> bool:
    """Whether digits of any count end with the check digit of ISO/IEC 7812-1 annex B."""
    odd = sum(map(int, digits[-1::-2]))
    even = sum(int(one) * 2 - (9 if one > "4" else 0) for one in digits[-2::-2])
    return (odd + even) % 10 == 0


def card(digits: str) -> bool:
    """Whether digits are of a range that an issuer of cards has, and end with their check digit."""
    issuers = _ISSUERS.get(len(digits))
    return issuers is not None and issuers.match(digits) is not None and len(set(digits)) > 1 and luhn(digits)


def my_number(digits: str) -> bool:
    """Whether the last of 12 digits is the check digit of a Japanese individual number (総務省令第85号, 2014)."""
    rest = _sum(digits, _MY_NUMBER) % 11
    return int(digits[11]) == (0 if rest <= 1 else 11 - rest)


def chinese(number: str) -> bool:
    """Whether the last of 18 signs is the check sign of a Chinese resident id (GB 11643-1999: ISO 7064, mod 11-2)."""
    return _CHINESE_SIGNS[_sum(number[:17], _CHINESE) % 11] == number[17]


def mrz(field: str, check: str) -> bool:
    """Whether a sign is the check digit of a field of a machine-readable zone (ICAO Doc 9303-3 §4.9)."""
    total = sum(_MRZ.get(sign, 0) * (7, 3, 1)[at % 3] for at, sign in enumerate(field))
    return str(total % 10) == check


def is_day(year: int, month: str, day: str, today: date) -> bool:
    """Whether it is a day of the calendar that is not to come."""
    try:
        return date(year, int(month), int(day)) <= today
    except ValueError:
        return False


def born(digits: str, today: date) -> bool:
    """Whether 13 digits begin with a birthday that their seventh digit puts into a century."""
    return is_day(_CENTURY[digits[6]] + int(digits[:2]), digits[2:4], digits[4:6], today)
