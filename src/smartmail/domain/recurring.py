"""Recurring mail: one letter that is sent again and again, by a rule of the calendar in somebody's time zone.

STRATEGIES  A turn is named by its moment. Days are those of the zone: 09:00 stays 09:00 when clocks are changed. An hour
            that is left out on such a day is taken by the offset before it, and of one that comes twice the first counts
            (as RFC 5545 §3.3.5 has it). A turn of a holiday may be sent on the working day before or after it; of turns
            that come to the same day so there is one. A rule's last day is of the days before that move.
LIMITS      MAX_DAYS from the beginning, MAX_TURNS turns, MAX_PLANS of an account. A turn is moved MAX_MOVED days at most: with
            no working day within them it stays where it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smartmail.domain.holidays import Holidays
from smartmail.domain.ids import AccountId, MessageId

Every = Literal["day", "weekday", "week", "month"]
OnHoliday = Literal["keep", "before", "after"]
PlanState = Literal["active", "paused", "held"]
PlanReason = Literal["", "suspended", "policy", "recipients", "sender", "large", "limit"]
"""Why a plan is held; "limit": why its turn is put off, and tried again by itself."""

MAX_DAYS: Final = 366
MAX_TURNS: Final = 366
MAX_PLANS: Final = 50
MAX_MOVED: Final = 31
NO_HOLIDAYS: Final = Holidays()
NO_MESSAGE: Final = MessageId(0)
_LOOKED: Final = 64
"""Days looked at for the next turn: more than two months."""
_WORKDAYS: Final = 5
_MINUTES: Final = 24 * 60
_DAYS_OF_WEEK: Final = range(1, 8)


@dataclass(frozen=True, slots=True)
class Rule:
    """When: at `minute` of the day in `zone` (an IANA name). `days`: of a week, 1 is Monday. `day`: of a month; a shorter
    month has its last day instead. `until` is the last day, inclusive; `count` 0: as many as there are. `on_holiday`: on
    that day all the same, or on the working day before or after it.
    """

    every: Every
    minute: int
    zone: str
    days: tuple[int, ...] = ()
    day: int = 0
    until: date | None = None
    count: int = 0
    on_holiday: OnHoliday = "keep"


@dataclass(frozen=True, slots=True)
class RecurringRow:
    """A plan as it is kept. `next_at` in milliseconds; `made`: the message of a turn that is not handed in yet."""

    account_id: AccountId
    message_id: MessageId
    state: PlanState
    sealed: bytes
    next_at: int
    turns: int = 0
    made: MessageId = NO_MESSAGE
    reason: PlanReason = ""
    leased_until: int = 0


def fault(rule: Rule) -> str | None:
    """Return the name of what cannot be in a rule; None for nothing."""
    if not 0 <= rule.minute < _MINUTES:
        return "time"
    if _zone(rule.zone) is None:
        return "timeZone"
    if (rule.every == "week") != bool(rule.days) or any(one not in _DAYS_OF_WEEK for one in rule.days):
        return "days"
    if (rule.every == "month") != bool(rule.day) or not 0 <= rule.day <= 31:
        return "day"
    return None if 0 <= rule.count <= MAX_TURNS else "count"


def turn_after(rule: Rule, moment: int, holidays: Holidays = NO_HOLIDAYS) -> int | None:
    """Return the first turn later than a moment (milliseconds); None when its last day is over. The rule has no fault."""
    return next(_turns(rule, moment, holidays), None)


def newest_due(rule: Rule, due: int, now: int, holidays: Holidays = NO_HOLIDAYS) -> tuple[int, int]:
    """Return the newest turn that is due, of those from `due` on, and how many before it were missed."""
    missed = 0
    for one in _turns(rule, due, holidays):
        if one > now or missed >= MAX_TURNS:
            break
        due, missed = one, missed + 1
    return due, missed


def put_off_to(rule: Rule, due: int, holidays: Holidays) -> int:
    """Return when a turn is sent that was named before its day became a holiday: later where the rule has it so, else as it
    was. (To send it earlier it is too late.)
    """
    zone = _zone(rule.zone) or ZoneInfo("UTC")
    day = datetime.fromtimestamp(due / 1000, UTC).astimezone(zone).date()
    if rule.on_holiday != "after" or not holidays.has(day):
        return due
    return max(due, _moment(rule, _moved(rule, day, holidays), zone))


def ends_later(rule: Rule, moment: int) -> bool:
    """Say whether the last day of a rule lies after a moment (milliseconds)."""
    zone = _zone(rule.zone) or ZoneInfo("UTC")
    return rule.until is not None and rule.until > datetime.fromtimestamp(moment / 1000, UTC).astimezone(zone).date()


def _turns(rule: Rule, moment: int, holidays: Holidays) -> Iterator[int]:
    """Yield the turns after a moment. Later days never come to earlier ones by being moved, so the first found is the next."""
    zone = _zone(rule.zone) or ZoneInfo("UTC")
    begin = datetime.fromtimestamp(moment / 1000, UTC).astimezone(zone).date()
    # What was to be sent before the moment may be moved behind it.
    day = begin - timedelta(days=0 if rule.on_holiday == "keep" else MAX_MOVED)
    last, looked = moment, begin
    while (day - looked).days < _LOOKED:
        if rule.until is not None and day > rule.until:
            return
        if _falls(rule, day) and (at := _moment(rule, _moved(rule, day, holidays), zone)) > last:
            yield at
            last, looked = at, day
        day += timedelta(days=1)


def _moved(rule: Rule, day: date, holidays: Holidays) -> date:
    if rule.on_holiday == "keep":
        return day
    step = timedelta(days=-1 if rule.on_holiday == "before" else 1)
    days = (day + step * far for far in range(MAX_MOVED + 1))
    return next((one for one in days if not holidays.has(one)), day)


def _falls(rule: Rule, day: date) -> bool:
    if rule.every == "weekday":
        return day.isoweekday() <= _WORKDAYS
    if rule.every == "week":
        return day.isoweekday() in rule.days
    if rule.every == "month":
        ends = (day + timedelta(days=1)).month != day.month
        return day.day == rule.day or (ends and day.day < rule.day)
    return True


def _moment(rule: Rule, day: date, zone: ZoneInfo) -> int:
    at = datetime.combine(day, time(rule.minute // 60, rule.minute % 60), zone)
    return int(at.timestamp()) * 1000


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
