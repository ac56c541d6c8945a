"""Dates of mail: RFC 5322 §3.3 with its obsolete and broken forms, and IMAP's date-time. Arithmetic only, no clock.

A date is (seconds since 1970-01-01T00:00Z, offset of its zone in minutes east of Greenwich).
"""

import re
from functools import lru_cache
from typing import Final

from smartmail.formats.params import strip_comments

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTH: Final = {name.lower(): number for number, name in enumerate(_MONTHS, 1)}

# RFC 5322 §4.3; the single letters are of unknown meaning there and count as +0000. KST and its like are no part of
# the standard and are written all the same.
_ZONES: Final = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "bst": 60, "cet": 60, "met": 60, "cest": 120, "eet": 120,
    "msk": 180, "ist": 330, "ict": 420, "wib": 420, "hkt": 480, "sgt": 480, "cst-8": 480, "kst": 540, "jst": 540,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
}  # fmt: skip

_LONGEST: Final = 200  # octets of a Date field that are looked at
_MAX_OFFSET: Final = 24 * 60 - 1

_CLOCK: Final = r"(\d{1,2})\s*[:.]\s*(\d{1,2})(?:\s*[:.]\s*(\d{1,2}))?(?:[.,]\d+)?\s*([AaPp][Mm]\b)?"
_RFC: Final = re.compile(
    rf"(?:[^\d\s,]+[\s,]*)?(\d{{1,2}})[\s.-]*([A-Za-z]{{3}})[A-Za-z.]*[\s.,-]*(\d{{2,4}})[\s,:]+{_CLOCK}", re.ASCII
)
_CTIME: Final = re.compile(
    rf"(?:[^\d\s,]+[\s,]+)?([A-Za-z]{{3}})[a-z]*[\s.]+(\d{{1,2}})[\s,]+(?:(\d{{4}})[\s,]+)?{_CLOCK}", re.ASCII
)
_ISO: Final = re.compile(
    rf"(?:[^\d\s,]+[\s,]*)?(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}})[\sT]+(?:[^\d\s]+[\s,]+)?{_CLOCK}", re.ASCII
)
_OFFSET: Final = re.compile(r"(?:GMT|UTC?)?\s*([+-])\s*(\d{1,2}):?(\d{2})?(?!\d)", re.IGNORECASE)
_ZONE: Final = re.compile(r"[A-Za-z]+")
_YEAR: Final = re.compile(r"\b(\d{4})\b")


def parse_date(value: bytes) -> tuple[int, int] | None:
    """Return (seconds, offset in minutes) of a raw Date value; None when it holds no date."""
    text = strip_comments(value[:_LONGEST]).decode("latin-1").strip()
    for pattern, order in ((_RFC, "dmy"), (_CTIME, "mdy"), (_ISO, "ymd")):
        match = pattern.match(text)
        if match is None:
            continue
        parts = dict(zip(order, match.groups()[:3], strict=True))
        rest = text[match.end() :]
        if parts["y"] is None:  # ctime: the year stands after the clock, and a zone may stand before it
            year = _YEAR.search(rest)
            if year is None:
                return None
            parts["y"], rest = year[1], rest[: year.start()] + rest[year.end() :]
        return _combine(parts, match.groups()[3:], rest.strip())
    return None


def _combine(parts: dict[str, str], clock: tuple[str | None, ...], zone_text: str) -> tuple[int, int] | None:
    month = int(parts["m"]) if parts["m"].isdecimal() else _MONTH.get(parts["m"].lower(), 0)
    hour, minute, second = int(clock[0] or 0), int(clock[1] or 0), int(clock[2] or 0)
    if clock[3]:
        hour = hour % 12 + (12 if clock[3][0] in "Pp" else 0)
    offset = _zone(zone_text)
    seconds = _seconds(_year(parts["y"]), month, int(parts["d"]), hour, minute, second)
    return None if seconds is None else (seconds - offset * 60, offset)


def _year(digits: str) -> int:
    """RFC 5322 §4.3: two digits below 50 are 20xx, other two and three digits count from 1900."""
    year = int(digits)
    if len(digits) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if year < 200 else year  # also four digits: agents of 2002 wrote 0102


def _zone(text: str) -> int:
    match = _OFFSET.match(text)
    if match is None:
        name = _ZONE.match(text)
        return _ZONES.get(name[0].lower(), 0) if name else 0
    digits, minutes = match[2], int(match[3] or 0)
    offset = int(digits) * 60 + minutes
    if minutes > 59 or offset > _MAX_OFFSET:
        return 0
    return -offset if match[1] == "-" else offset


def _seconds(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int | None:
    """Return seconds since 1970 in the date's own zone; None when a number is out of its range (leap second: 60)."""
    if not (1900 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= _month_length(year, month)):
        return None
    if hour == 24 and minute == second == 0:
        return _days(year, month, day) * 86400 + 86400
    if hour > 23 or minute > 59 or second > 60:
        return None
    return _days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second


def _month_length(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in {4, 6, 9, 11} else 31


def _days(year: int, month: int, day: int) -> int:
    """Return days since 1970-01-01 in the Gregorian calendar (years begin in March, so the leap day comes last)."""
    year -= month <= 2
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + day_of_year - 719468


def _civil(days: int) -> tuple[int, int, int]:
    """Return (year, month, day) of days since 1970-01-01."""
    era, day_of_era = divmod(days + 719468, 146097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    month = month_from_march + (3 if month_from_march < 10 else -9)
    return era * 400 + year_of_era + (month <= 2), month, day_of_year - (153 * month_from_march + 2) // 5 + 1


def _split(seconds: int, offset: int) -> tuple[int, int, int, int, str, str]:
    """Return (days, year, month, day, clock text, zone text)."""
    days, rest = divmod(seconds + offset * 60, 86400)
    year, month, day = _civil(days)
    sign, minutes = ("-", -offset) if offset < 0 else ("+", offset)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return days, year, month, day, clock, f"{sign}{minutes // 60:02}{minutes % 60:02}"


@lru_cache(16)  # mail of one second has one Received date
def format_date(seconds: int, offset: int = 0) -> str:
    """Return the RFC 5322 form: `Fri, 05 Jan 2024 12:00:00 +0900`."""
    days, year, month, day, clock, zone = _split(seconds, offset)
    return f"{_DAYS[(days + 3) % 7]}, {day:02} {_MONTHS[month - 1]} {year:04} {clock} {zone}"
