"""Clocks that a test moves or sets (ports.clock.Clock). Ids follow the time that is told; random octets are real."""

import datetime as dt

from smartmail.adapters.clock import SystemClock


def day(ahead: int) -> str:
    """Return the date `ahead` days from today (UTC), YYYY-MM-DD: for an end that the system's clock must not have reached.

    A date that is written out is in the future only until it comes.
    """
    return (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=ahead)).isoformat()


class MovedClock(SystemClock):
    """The system's clock, put forward by `ahead` milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = 0

    def now(self) -> int:
        return super().now() + self.ahead

    def go(self, milliseconds: int) -> None:
        self.ahead += milliseconds


class FrozenClock(SystemClock):
    """Stands still until it is moved: `at`, in milliseconds."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at

    def now(self) -> int:
        return self.at
