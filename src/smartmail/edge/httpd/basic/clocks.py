"""Times on pages: by the clock that the reader chose here or in the webmail, else by that of their language's country.

A page without a script does not learn the zone of the browser.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smartmail.edge.httpd.basic.looks import Words

ZONE: Final = "timeZone"
HOURS: Final = "hours"
CYCLES: Final = ("h23", "h12")
"""Of a preference: 15:12, and 3:12 with the half of the day."""
MAX_ZONE: Final = 64
_KOREA: Final = timezone(timedelta(hours=9))
_ZONES: Final = {"zh-Hans": timezone(timedelta(hours=8)), "zh-Hant": timezone(timedelta(hours=8))}
"""Japan's is Korea's."""
_NOON: Final = 12


@dataclass(frozen=True, slots=True)
class PageClock:
    """How a reader reads times. `zone` "": as their language has it."""

    zone: str = ""
    hours: str = CYCLES[0]

    @classmethod
    def chosen(cls, preferences: Mapping[str, Any]) -> "PageClock":
        """Return what somebody chose; what is no clock is none."""
        zone, hours = preferences.get(ZONE), preferences.get(HOURS)
        return cls(zone if isinstance(zone, str) and named(zone) else "", hours if hours in CYCLES else CYCLES[0])

    def show(self, words: Words, utc: str) -> str:
        """Return a time of the API (RFC 8620 §1.4) as text."""
        zone: tzinfo = named(self.zone) or _ZONES.get(words.language, _KOREA)
        at = datetime.fromisoformat(utc).astimezone(UTC).astimezone(zone)
        if self.hours == CYCLES[0]:
            return at.strftime("%Y-%m-%d %H:%M")
        half = "before-noon" if at.hour < _NOON else "after-noon"
        return f"{at:%Y-%m-%d} {words.raw(half, time=f'{at.hour % _NOON or _NOON}:{at:%M}')}"


def named(zone: str) -> ZoneInfo | None:
    """Return the zone of an IANA name; None for what is none."""
    if not zone or len(zone) > MAX_ZONE:
        return None
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
