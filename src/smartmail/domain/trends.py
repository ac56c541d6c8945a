"""Figures: what is counted and measured minute by minute, to be drawn over time.

A counter adds up what happened in a minute; a gauge is measured now and then, and keeps sum, peak and how often. Labels are
words of ours (a country, a volume's number, a process), never content.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from smartmail.domain.authority import Permission
from smartmail.domain.ids import OrganizationId

MINUTE_S: Final = 60
HOUR_S: Final = 3600
MINUTES_KEPT: Final = 2 * 24 * 60
"""Minutes that are kept one by one."""
HOURS_KEPT: Final = 90 * 24
NOBODY: Final = OrganizationId(0)
"""Whose figures belong to no company: machines, volumes, knocks that name nobody."""

TrendKind = Literal["count", "gauge"]
Grain = Literal["minute", "hour"]


@dataclass(frozen=True, slots=True)
class TrendOf:
    """A kind of figure. `by_company`: companies have their own; the others belong to the installation."""

    kind: TrendKind
    unit: str
    permission: Permission
    by_company: bool = True


TRENDS: Final[Mapping[str, TrendOf]] = {
    "mail.in": TrendOf("count", "messages", "queue.read"),
    "mail.sent": TrendOf("count", "messages", "queue.read"),
    "mail.delivered": TrendOf("count", "recipients", "queue.read"),
    "mail.out": TrendOf("count", "recipients", "queue.read"),
    "mail.deferred": TrendOf("count", "recipients", "queue.read"),
    "mail.bounced": TrendOf("count", "recipients", "queue.read"),
    "verdict": TrendOf("count", "messages", "queue.read"),
    "login.ok": TrendOf("count", "logins", "audit.read"),
    "login.failed": TrendOf("count", "logins", "audit.read"),
    "connection.refused": TrendOf("count", "connections", "node.read", by_company=False),
    "queue.waiting": TrendOf("gauge", "recipients", "queue.read"),
    "queue.held": TrendOf("gauge", "recipients", "queue.read"),
    "queue.oldest": TrendOf("gauge", "seconds", "queue.read"),
    "volume.free": TrendOf("gauge", "octets", "node.read", by_company=False),
    "volume.total": TrendOf("gauge", "octets", "node.read", by_company=False),
    "process.memory": TrendOf("gauge", "octets", "node.read", by_company=False),
    "process.lag": TrendOf("gauge", "milliseconds", "node.read", by_company=False),
}
"""The closed catalogue: what is not here is neither kept nor shown."""

WATCHED: Final = "watched"
"""The mark that a minute was measured at all: without it a minute that counted nothing and one that nobody saw are alike."""


@dataclass(frozen=True, slots=True)
class Trend:
    """What one minute or hour came to. `at`: the number of the minute or hour since 1970 (its time by its length)."""

    name: str
    organization_id: OrganizationId
    label: str
    at: int
    total: int
    peak: int
    samples: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in the queue for one company: recipients that move and that are held, and the oldest entry that moves."""

    organization_id: OrganizationId
    waiting: int
    held: int
    oldest_entry: int | None


def merged(one: Trend, other: Trend) -> Trend:
    """Return both as one."""
    return Trend(
        one.name, one.organization_id, one.label, one.at, one.total + other.total, max(one.peak, other.peak),
        one.samples + other.samples,
    )  # fmt: skip
