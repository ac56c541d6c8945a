"""Time zones that a calendar brings along (RFC 5545 §3.6.5), and the few whose clocks never change.

Pure: no table of the world is read. LIMITS: `MAX_OBSERVANCES` of a zone; rules are yearly, by the n-th weekday of a month, as
every program writes them; of others the beginning alone counts. FAILURE: a zone that cannot be read is left out.
"""

import calendar
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

MAX_OBSERVANCES: Final = 40
_OFFSET: Final = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?")
_START: Final = re.compile(r"(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})")
_DAY: Final = re.compile(r"([+-]?[1-5])(MO|TU|WE|TH|FR|SA|SU)")
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_HOUR: Final = 3600
_STEADY: Final = {
    "utc": 0, "gmt": 0, "etc/utc": 0, "asia/seoul": 9, "korea standard time": 9, "asia/tokyo": 9, "tokyo standard time": 9,
    "asia/shanghai": 8, "china standard time": 8, "asia/hong_kong": 8, "asia/taipei": 8, "taipei standard time": 8,
    "asia/singapore": 8, "singapore standard time": 8, "asia/manila": 8, "asia/bangkok": 7, "asia/ho_chi_minh": 7,
    "asia/jakarta": 7, "se asia standard time": 7,
}  # fmt: skip


class Observance(msgspec.Struct, frozen=True):
    """From a moment on (as its clocks show it, called UTC), an offset east of Greenwich in seconds; each year again at the `nth`
    `weekday` of `month`, 0 for once.
    """

    start: datetime
    offset: int
    month: int = 0
    nth: int = 0
    weekday: int = 0


class Zone(msgspec.Struct, frozen=True):
    """A zone."""

    observances: tuple[Observance, ...]

    def offset(self, local: datetime) -> int:
        """Return seconds east of Greenwich when clocks there show `local`."""
        onsets = [
            (onset, one.offset)
            for one in self.observances
            for year in (local.year - 1, local.year)
            if (onset := _onset(one, year)) is not None and onset <= local
        ]
        return max(onsets)[1] if onsets else min(self.observances, key=lambda one: one.start).offset


def read_zone(lines: Sequence[Any]) -> dict[str, Zone]:
    """Return the zone of a VTIMEZONE's lines (name, value) under its id; nothing where it cannot be read."""
    name, found, facts = "", list[Observance](), dict[str, str]()
    for line in lines:
        if line.name == "BEGIN":
            facts = {}
        elif line.name == "END":
            observance = _observance(facts)
            if observance is not None and len(found) < MAX_OBSERVANCES:
                found.append(observance)
        elif line.name == "TZID":
            name = line.value.strip()[:100]
        else:
            facts.setdefault(line.name, line.value.strip())
    return {name: Zone(tuple(found))} if name and found else {}


def known_offset(name: str) -> int | None:
    """Return the offset in seconds of a zone whose clocks never change; None where that is not known."""
    hours = _STEADY.get(name.strip().lower())
    return None if hours is None else hours * _HOUR


def _observance(facts: dict[str, str]) -> Observance | None:
    offset, start = _OFFSET.fullmatch(facts.get("TZOFFSETTO", "")), _START.fullmatch(facts.get("DTSTART", ""))
    if offset is None or start is None:
        return None
    try:
        year, month_, day_, hour, minute, second = (int(one) for one in start.groups())
        begins = datetime(year, month_, day_, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    seconds = int(offset[2]) * _HOUR + int(offset[3]) * 60 + int(offset[4] or 0)
    seconds = -seconds if offset[1] == "-" else seconds
    rule = dict(pair.partition("=")[::2] for pair in facts.get("RRULE", "").upper().split(";"))
    day, month = _DAY.fullmatch(rule.get("BYDAY", "")), rule.get("BYMONTH", "")
    if (
        rule.get("FREQ") != "YEARLY"
        or day is None
        or not (month.isascii() and month.isdecimal() and 1 <= int(month) <= 12)
    ):
        return Observance(begins, seconds)
    return Observance(begins, seconds, int(month), int(day[1]), _WEEKDAYS.index(day[2]))


def _onset(one: Observance, year: int) -> datetime | None:
    """Return when an observance begins in a year, None where it does not."""
    if not one.month:
        return one.start
    if year < max(1, one.start.year) or year > 9999:
        return None
    first, days = calendar.monthrange(year, one.month)
    if one.nth > 0:
        day = 1 + (one.weekday - first) % 7 + 7 * (one.nth - 1)
    else:
        last = (first + days - 1) % 7
        day = days - (last - one.weekday) % 7 - 7 * (-one.nth - 1)
    return one.start.replace(year=year, month=one.month, day=day) if 1 <= day <= days else None
