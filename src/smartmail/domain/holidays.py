"""Days on which nobody works: weekends, the public holidays of a country, and those that a company adds.

SOURCES     KR: 공휴일에 관한 법률 and 관공서의 공휴일에 관한 규정 §2, §3 (with 제헌절 and 노동절, which are holidays from 2026); days
            of the lunar calendar as 한국천문연구원 has them; days of elections by 공직선거법 §34. JP: 国民の祝日に関する法律 §2, §3;
            equinoxes by the formula of the Maritime Safety Agency's almanac (1980 to 2099).
LIMITS      KR has days of the moon and of elections from 2026 to LAST, in other years the fixed days alone. Days that a
            government names later, for once (임시공휴일), are for a company to add.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal

Country = Literal["KR", "JP"]
COUNTRIES: Final[tuple[Country, ...]] = ("KR", "JP")
LAST: Final = 2035
_DAY: Final = timedelta(days=1)
_MONDAY, _SATURDAY, _SUNDAY = 0, 5, 6

_MOON: Final[dict[int, tuple[str, str, str]]] = {
    2026: ("02-17", "05-24", "09-25"), 2027: ("02-07", "05-13", "09-15"), 2028: ("01-27", "05-02", "10-03"),
    2029: ("02-13", "05-20", "09-22"), 2030: ("02-03", "05-09", "09-12"), 2031: ("01-23", "05-28", "10-01"),
    2032: ("02-11", "05-16", "09-19"), 2033: ("01-31", "05-06", "09-08"), 2034: ("02-19", "05-25", "09-27"),
    2035: ("02-08", "05-15", "09-16"),
}  # fmt: skip
"""설날, 부처님오신날, 추석."""
_ELECTIONS: Final = ("2026-06-03", "2028-04-12", "2030-03-27", "2030-06-12", "2032-04-14", "2034-05-31", "2035-03-28")
_KR_NEVER_MOVED: Final = ((1, 1), (6, 6))
_KR_MOVED: Final = ((3, 1), (5, 1), (5, 5), (7, 17), (8, 15), (10, 3), (10, 9), (12, 25))
_JP_FIXED: Final = ((1, 1), (2, 11), (2, 23), (4, 29), (5, 3), (5, 4), (5, 5), (8, 11), (11, 3), (11, 23))
_JP_MONDAYS: Final = ((1, 2), (7, 3), (9, 3), (10, 2))
"""(month, which Monday of it)."""


@dataclass(frozen=True, slots=True)
class Holidays:
    """When somebody does not work. `own`: `2027-05-03`, or `05-03` for each year."""

    countries: tuple[str, ...] = ()
    own: tuple[str, ...] = ()

    def has(self, day: date) -> bool:
        """Say whether nobody works on a day."""
        if day.weekday() >= _SATURDAY:
            return True
        named = day.isoformat()
        return named in self.own or named[5:] in self.own or any(day in public(one, day.year) for one in self.countries)


@lru_cache(maxsize=64)
def public(country: str, year: int) -> frozenset[date]:
    """Return the public holidays of a year on whatever day of the week, with those in place of others; none elsewhere."""
    return {"KR": _korea, "JP": _japan}.get(country, _nowhere)(year)


def _nowhere(_: int) -> frozenset[date]:
    return frozenset()


def _korea(year: int) -> frozenset[date]:
    feasts, moved = [], [date(year, *one) for one in _KR_MOVED]
    if year in _MOON:
        new_year, buddha, harvest = (date.fromisoformat(f"{year}-{one}") for one in _MOON[year])
        feasts = [one + _DAY * around for one in (new_year, harvest) for around in (-1, 0, 1)]
        moved = sorted([*moved, buddha])
    rest = [date(year, *one) for one in _KR_NEVER_MOVED] + [date.fromisoformat(one) for one in _ELECTIONS]
    every = [*feasts, *moved, *(one for one in rest if one.year == year)]
    found = set(every)
    # A feast of three days gives back what falls on a Sunday or on another holiday, the others what falls on a Saturday too.
    lost = [one for one in feasts if one.weekday() == _SUNDAY or every.count(one) > 1]
    lost += [one for one in moved if one.weekday() >= _SATURDAY or (every.count(one) > 1 and one not in feasts)]
    for one in sorted(lost):
        found.add(_free_after(one, found))
    return frozenset(found)


def _free_after(day: date, taken: set[date]) -> date:
    day += _DAY
    while day in taken or day.weekday() >= _SATURDAY:
        day += _DAY
    return day


def _japan(year: int) -> frozenset[date]:
    named = {date(year, *one) for one in _JP_FIXED} | {_monday(year, *one) for one in _JP_MONDAYS}
    named |= {date(year, 3, _equinox(20.8431, year)), date(year, 9, _equinox(23.2488, year))}
    return frozenset({*named, *_instead(named), *_between(named)})


def _instead(named: set[date]) -> Iterator[date]:
    """§3-2: for one on a Sunday the first day after it that is none."""
    for day in sorted(named):
        if day.weekday() == _SUNDAY:
            after = day + _DAY
            while after in named:
                after += _DAY
            yield after


def _between(named: set[date]) -> Iterator[date]:
    """§3-3: a day with one before it and one after it."""
    return (day + _DAY for day in sorted(named) if day + 2 * _DAY in named and day + _DAY not in named)


def _monday(year: int, month: int, which: int) -> date:
    first = date(year, month, 1)
    return first + _DAY * ((_MONDAY - first.weekday()) % 7 + 7 * (which - 1))


def _equinox(base: float, year: int) -> int:
    return int(base + 0.242194 * (year - 1980) - (year - 1980) // 4)
