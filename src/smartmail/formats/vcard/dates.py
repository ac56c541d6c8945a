"""Dates of vCards, whole or in part, and those of JSContact (RFC 9553 §1.4.4, RFC 6350 §4.3)."""

import re
from typing import Any, Final

_WHOLE: Final = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T.*)?\Z")
_MONTH: Final = re.compile(r"(\d{4})-(\d\d)\Z")
_YEAR: Final = re.compile(r"(\d{4})\Z")
_DAY: Final = re.compile(r"--(\d\d)-?(\d\d)\Z")
_MONTH_ALONE: Final = re.compile(r"--(\d\d)\Z")
_STAMP: Final = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:[.,]\d+)?Z\Z")


def date_of(value: str, scale: str = "") -> dict[str, Any] | None:
    """Return a PartialDate, None for what is no date. 1604, what telephones write for "no year", is none."""
    value = value.strip()
    found: dict[str, int] = {}
    for pattern, names in (
        (_WHOLE, ("year", "month", "day")), (_MONTH, ("year", "month")), (_YEAR, ("year",)), (_DAY, ("month", "day")),
        (_MONTH_ALONE, ("month",)),
    ):  # fmt: skip
        match = pattern.match(value)
        if match is not None:
            found = dict(zip(names, map(int, match.groups()), strict=True))
            break
    if found.get("year") == 1604 and "day" in found:
        del found["year"]
    if not found or not 1 <= found.get("month", 1) <= 12 or not 1 <= found.get("day", 1) <= 31:
        return None
    date: dict[str, Any] = {"@type": "PartialDate", **found}
    return date | {"calendarScale": scale.lower()} if scale else date


def shown(date: dict[str, Any], *, dashes: bool) -> str:
    """Return a date as vCard 4.0 writes it, or 3.0 with dashes; "" for what is none."""
    year, month, day = date.get("year"), date.get("month"), date.get("day")
    if not all(one is None or (isinstance(one, int) and 0 <= one <= 9999) for one in (year, month, day)):
        return ""
    match (year, month, day):
        case (int(), int(), int()):
            return f"{year:04}-{month:02}-{day:02}" if dashes else f"{year:04}{month:02}{day:02}"
        case (int(), int(), None):
            return f"{year:04}-{month:02}"
        case (int(), None, None):
            return f"{year:04}"
        case (None, int(), int()):
            return f"--{month:02}-{day:02}" if dashes else f"--{month:02}{day:02}"
        case (None, int(), None):
            return f"--{month:02}"
        case _:
            return ""


def moment_of(value: str) -> str:
    """Return a UTCDateTime out of a timestamp, "" for any other."""
    match = _STAMP.match(value.strip())
    if match is None:
        return ""
    year, month, day, hour, minute, second = match.groups()
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"


def stamp(moment: str) -> str:
    """Return a timestamp of a UTCDateTime; fractions of seconds are left out."""
    return re.sub(r"\.\d+", "", moment).replace("-", "").replace(":", "")
