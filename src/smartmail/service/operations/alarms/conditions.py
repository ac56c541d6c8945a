"""The catalogue of alarm conditions, as data. A new one is a line here, a measure in measures.py, a text `alarm.<name>` in
every language.
"""

from typing import Final

from smartmail.domain.alarms import Condition

HOUR_QUIET: Final = 60
DAY_QUIET: Final = 1440

CONDITIONS: Final[tuple[Condition, ...]] = (
    Condition("queue.length", "recipients", "above", 5_000, 50_000, direct=True),
    Condition("queue.oldest", "minutes", "above", 240, 1_440, direct=True),
    Condition("disk.days-left", "days", "below", 30, 7, DAY_QUIET),
    Condition("disk.free", "percent", "below", 15, 5, direct=True),
    Condition("volumes.closed", "volumes", "above", 1, 1_000, DAY_QUIET),
    Condition("volumes.open", "volumes", "below", 0, 0, HOUR_QUIET, direct=True),
    Condition("backup.age", "days", "above", 2, 7, DAY_QUIET),
    Condition("rehearsal.age", "days", "above", 10, 30, DAY_QUIET),
    Condition("certificate.days-left", "days", "below", 14, 3, DAY_QUIET),
    Condition("bounce.rate", "percent", "above", 20, 50),
    Condition("login.failures", "per ten minutes", "above", 300, 2_000, HOUR_QUIET),
    Condition("sending.spike", "percent of usual", "above", 400, 1_000),
    Condition("sending.stopped", "accounts", "above", 1, 5),
    Condition("access.break-glass", "accounts", "above", 1, 2, HOUR_QUIET),
    Condition("books.imbalance", "recipients", "above", 1, 100),
    Condition("policy.lagging", "processes", "above", 1, 3, HOUR_QUIET),
    Condition("audit.broken", "findings", "above", 1, 1, DAY_QUIET),
    Condition("audit.behind", "records", "above", 1_000, 100_000),
    Condition("siem.behind", "records", "above", 10_000, 1_000_000),
    Condition("clock.skew", "milliseconds", "above", 500, 2_000, HOUR_QUIET, direct=True),
    Condition("keys.standing", "minutes", "above", 15, 240, DAY_QUIET),
)
BY_NAME: Final[dict[str, Condition]] = {one.name: one for one in CONDITIONS}
