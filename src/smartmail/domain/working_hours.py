"""Working time: so many hours on, counted from 9 to 18 o'clock on the days on which people work.

Deadlines of approvals are told in it, so that what is sent on Friday evening does not run out on Sunday. Pure: days off are
domain.holidays', the zone is a fixed distance from UTC, which is what policy has for a company (`digest.zone`).
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from smartmail.domain.holidays import Holidays

BEGIN: Final = 9
END: Final = 18
"""Hours of the day between which people work."""
MOST_HOURS: Final = 1_000
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


def after(start: int, hours: int, holidays: Holidays, zone: int = 0) -> int:
    """Return when so many working hours are over. `start` and the result in milliseconds of Unix time; `zone`: milliseconds east of UTC.

    A time outside working hours counts from the next one on: 4 hours after Friday 20:00 is Monday 13:00. `hours` is at most
    MOST_HOURS.
    """
    at = datetime.fromtimestamp((start + zone) // 1000, UTC) + timedelta(milliseconds=(start + zone) % 1000)
    left = _HOUR * min(hours, MOST_HOURS)
    while True:
        at = _next(at, holidays)
        end = at.replace(hour=END, minute=0, second=0, microsecond=0)
        if at + left <= end:
            return int((at + left - datetime.fromtimestamp(0, UTC)) / timedelta(milliseconds=1)) - zone
        left -= end - at
        at = end


def _next(at: datetime, holidays: Holidays) -> datetime:
    """Return the moment itself where people work, else the next at which they begin."""
    begin = at.replace(hour=BEGIN, minute=0, second=0, microsecond=0)
    if at >= at.replace(hour=END, minute=0, second=0, microsecond=0):
        begin += _DAY
    while holidays.has(begin.date()):
        begin += _DAY
    return max(at, begin)
