"""Parts of dates (RFC 5260 §4.2). Arithmetic only."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from smartmail.formats.dates import format_date, parse_date

_MJD_OF_1970: Final = 40_587
"""Modified Julian Day of 1970-01-01."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def read_date(value: bytes) -> tuple[int, int] | None:
    """Return (seconds, zone in minutes) of a date field; of one with a semicolon, as Received, what stands behind it."""
    return parse_date(value.rpartition(b";")[2].strip())


def read_zone(text: str) -> int | None:
    """Return the minutes east of `+hhmm`, None for anything else."""
    if len(text) != 5 or text[0] not in "+-" or not (text[1:].isascii() and text[1:].isdecimal()):
        return None
    minutes = int(text[1:3]) * 60 + int(text[3:5])
    return None if minutes >= 24 * 60 else minutes if text[0] == "+" else -minutes


def date_part(name: str, seconds: int, zone: int) -> str | None:
    """Return a part of the time in a zone; None for an unknown part or a time that no calendar has."""
    try:
        local = (_EPOCH + timedelta(seconds=seconds)).astimezone(timezone(timedelta(minutes=zone)))
    except (OverflowError, ValueError):
        return None
    name = name.lower()
    if name in _FORMATS:
        return local.strftime(_FORMATS[name]) if name != "year" else f"{local.year:04d}"
    if name == "date":
        return f"{local.year:04d}-{local.month:02d}-{local.day:02d}"
    if name == "julian":
        return str(_MJD_OF_1970 + (seconds + zone * 60) // 86_400)
    sign, size = ("-", -zone) if zone < 0 else ("+", zone)
    if name == "zone":
        return f"{sign}{size // 60:02d}{size % 60:02d}"
    if name == "iso8601":
        day = date_part("date", seconds, zone)
        return f"{day}T{local:%H:%M:%S}{sign}{size // 60:02d}:{size % 60:02d}"
    return format_date(seconds, zone) if name == "std11" else None


_FORMATS: Final = {
    "year": "", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "second": "%S", "time": "%H:%M:%S",
    "weekday": "%w",
}  # fmt: skip
