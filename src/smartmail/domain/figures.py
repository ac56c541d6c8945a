"""Figures of a company's mail: what each day came to, per person and for the whole, and how days make a report.

A day is one of Korea (UTC+9), as in audit reviews. Every number counts rows of the trace or of the login records by the
time that the row itself has; `service.operations.figures.counting` says which. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal

import msgspec

from smartmail.domain.errors import Invalid
from smartmail.domain.ids import OrganizationId
from smartmail.domain.serving import Availability

DAY_MS: Final = 24 * 3_600_000
_AHEAD_MS: Final = 9 * 3_600_000
"""Of Korea's time, which has no summer time."""
TOP: Final = 20
DORMANT_DAYS: Final = 90
Period = Literal["day", "week", "month"]
PERIODS: Final[tuple[Period, ...]] = ("day", "week", "month")


class Tally(msgspec.Struct, array_like=True):
    """What somebody's mail came to. New fields go to the end, with a default.

    received: copies that came into the mailbox, `received_outside` of them from outside. sent: messages sent,
    `recipients` of them, `handed_over` taken by other systems. spam: received copies that the checks wanted in the spam
    mailbox. bounced: recipients of sent mail that nobody took. logins, failures: at all doors.
    """

    received: int = 0
    received_octets: int = 0
    received_outside: int = 0
    sent: int = 0
    sent_octets: int = 0
    recipients: int = 0
    handed_over: int = 0
    spam: int = 0
    bounced: int = 0
    logins: int = 0
    failures: int = 0

    def add(self, other: "Tally") -> None:
        """Add another one."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Whole(msgspec.Struct, array_like=True):
    """What only the company as a whole has: messages taken in from outside with their octets, messages that the checks
    held to be spam or found malware in, and those that were refused at the door.
    """

    incoming: int = 0
    incoming_octets: int = 0
    spam: int = 0
    virus: int = 0
    rejected: int = 0

    def add(self, other: "Whole") -> None:
        """Add another one."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Standing(msgspec.Struct, array_like=True):
    """Where an account stood when its day was counted. `last_login` in milliseconds, 0 for never."""

    department_id: int = 0
    used: int = 0
    messages: int = 0
    last_login: int = 0
    active: bool = True


class DayFigures(msgspec.Struct, array_like=True):
    """One day of one company. `outside`: domain → messages from it, recipients there. `countries`: two letters ("" not
    known, as all of a private network) → logins, failures.
    """

    whole: Whole = msgspec.field(default_factory=Whole)
    people: dict[int, Tally] = msgspec.field(default_factory=dict)
    standing: dict[int, Standing] = msgspec.field(default_factory=dict)
    outside: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)
    countries: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)

    def person(self, account_id: int) -> Tally:
        """Return the tally of a person, made where there was none."""
        found = self.people.get(account_id)
        if found is None:
            found = self.people[account_id] = Tally()
        return found


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A counted day as the store keeps it. `day` as 2026-11-27."""

    organization_id: OrganizationId
    day: str
    counted_at: int
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person in a report."""

    account_id: int
    login: str
    name: str
    department_id: int
    tally: Tally
    used: int
    growth: int
    last_login: int


@dataclass(frozen=True, slots=True)
class Dormant:
    """An account that nobody has used for long; `days` None: never."""

    login: str
    name: str
    days: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """What a span came to. `whole` None: the reader may see some people only, and what is of all is left out."""

    period: Period
    first: date
    last: date
    counted: tuple[tuple[str, Tally, Whole], ...]
    total: Tally
    whole: Whole | None
    people: tuple[PersonLine, ...]
    departments: tuple[tuple[str, int, Tally], ...]
    """Name with the names above it, how many people, their sum."""
    outside_in: tuple[tuple[str, int], ...] = ()
    outside_out: tuple[tuple[str, int], ...] = ()
    countries: tuple[tuple[str, int, int], ...] = ()
    dormant: tuple[Dormant, ...] = ()
    used: int = 0
    growth: int = 0
    availability: tuple[Availability, ...] = ()
    missing: tuple[str, ...] = ()
    """Days of which nothing is known."""


def day_of(at: int) -> date:
    """Return the day in Korea that a time lies in."""
    return datetime.fromtimestamp((at + _AHEAD_MS) / 1000, UTC).date()


def begin_of(day: date) -> int:
    """Return the first millisecond of a day in Korea."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000 - _AHEAD_MS


def span_of(period: Period, day: date) -> tuple[date, date]:
    """Return the first and the last day of the day, week (from Monday) or month that a day lies in. Raises Invalid."""
    if period == "day":
        return day, day
    if period == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    if period != "month":
        raise Invalid(f"a period is one of {', '.join(PERIODS)}")
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def days_between(first: date, last: date) -> list[date]:
    """Return all days from the first to the last."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def summed(tallies: Iterable[Tally]) -> Tally:
    """Return the sum."""
    total = Tally()
    for one in tallies:
        total.add(one)
    return total


def top(counts: Mapping[str, int], most: int = TOP) -> tuple[tuple[str, int], ...]:
    """Return the greatest, the greatest first; equal ones by name."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return tuple(one for one in ordered if one[1])[:most]
