"""What a month's records come to (KA-43): counted from their facts, one after the other. Pure but for nothing: no store.

A list holds the TOP of each kind; the totals are exact.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from smartmail.domain.audit import RecordFacts

KOREA: Final = timezone(timedelta(hours=9), "KST")
TOP: Final = 20
HOME: Final = frozenset({"", "KR"})
"""Countries that are not abroad; "" is one that is not known, as all of a private network."""
OFFICE_HOURS: Final = range(8, 19)
MASS: Final = 100
"""Messages that one person takes from another's account on one day."""
MAX_EXPORTS: Final = 1_000


@dataclass(slots=True)
class MonthCounts:
    """The counters of one organisation's month."""

    records: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    abroad: Counter[str] = field(default_factory=Counter)
    off_hours: Counter[str] = field(default_factory=Counter)
    reads: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    exports: list[int] = field(default_factory=list)
    logged_in: dict[int, int] = field(default_factory=dict)

    def add(self, seq: int, facts: RecordFacts) -> None:
        """Count one record."""
        self.records += 1
        if facts.kind == "login":
            self._login(facts)
        elif facts.kind == "access":
            day = _moment(facts.at).strftime("%Y-%m-%d")
            self.reads[facts.actor, f"account:{facts.account_id}", day] += 1
        elif facts.kind == "admin" and facts.actor.startswith(("account:", "cli", "admin")) and is_off_hours(facts.at):
            self.off_hours[facts.actor] += 1
        if facts.action.endswith(".export") and len(self.exports) < MAX_EXPORTS:
            self.exports.append(seq)

    def _login(self, facts: RecordFacts) -> None:
        if facts.action != "login.ok":
            self.failures[facts.actor or facts.address or "?"] += 1
            return
        if facts.country not in HOME:
            self.abroad[f"{facts.actor} {facts.country}"] += 1
        if facts.account_id:
            self.logged_in.setdefault(facts.account_id, facts.at)

    def body(
        self, mass: Counter[tuple[str, str, str]], dormant: list[tuple[str, int]], unexplained: list[str]
    ) -> dict[str, Any]:
        """Return the review's text as data: what was counted, and what others looked up for it."""
        return {
            "records": self.records,
            "login-failures": {"total": self.failures.total(), "top": _top(self.failures)},
            "off-hours": {"total": self.off_hours.total(), "top": _top(self.off_hours)},
            "abroad": {"total": self.abroad.total(), "top": _top(self.abroad)},
            "mass-reads": {
                "total": sum(count >= MASS for count in mass.values()),
                "top": [[" ".join(name), count] for name, count in mass.most_common(TOP) if count >= MASS],
            },
            "dormant": {"total": len(dormant), "top": [[name, days] for name, days in dormant[:TOP]]},
            "exports-without-reason": {"total": len(unexplained), "top": [[one, 1] for one in unexplained[:TOP]]},
        }


def _top(counter: Counter[str]) -> list[list[Any]]:
    return [[name, count] for name, count in sorted(counter.items(), key=lambda one: (-one[1], one[0]))[:TOP]]


def is_off_hours(at: int) -> bool:
    """Say whether a time is outside of office hours in Korea: at night, or on Saturday or Sunday."""
    moment = _moment(at)
    return moment.weekday() >= 5 or moment.hour not in OFFICE_HOURS


def month_before(now: int) -> tuple[str, int, int]:
    """Return the month before the one that a time is in, in Korea: its name (2026-01), begin and end."""
    first = _moment(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    begin = (first - timedelta(days=1)).replace(day=1)
    return begin.strftime("%Y-%m"), _milliseconds(begin), _milliseconds(first)


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(KOREA)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
