"""What a run says at its end: a row per tier, the slowest tests, when each worker was done, what was not tried."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.testing import budgets
from tools.testing.budgets import Cost
from tools.testing.record import Record
from tools.testing.suites import WebTally
from tools.testing.tiers import TIERS, tier_of

SLOWEST_TOLD = 20
_NAMED = 3
_NOT_TRIED_TOLD = 40
_HEAD = f"{'tier':<9}{'passed':>8}{'failed':>8}{'not tried':>11}{'tests s':>10}{'of':>8}{'CPU s':>9}{'of':>8}"


@dataclass(frozen=True)
class Row:
    """One tier of a run: counts, what it cost, and its budget where the whole tier ran at landing strength."""

    tier: str
    passed: int
    failed: int
    not_tried: int
    cost: Cost
    allowed: Cost | None = None

    def __str__(self) -> str:
        allowed = (f"{self.allowed.duration_s:.0f}", f"{self.allowed.cpu_s:.0f}") if self.allowed else ("-", "-")
        return (
            f"{self.tier:<9}{self.passed:>8}{self.failed:>8}{self.not_tried:>11}"
            f"{self.cost.duration_s:>10.0f}{allowed[0]:>8}{self.cost.cpu_s:>9.0f}{allowed[1]:>8}"
        )


@dataclass
class Result:
    """All that a run came to; `problems` are failures that no test stands for, one line each."""

    run: Record
    web: WebTally | None = None
    elsewhere: Record | None = None
    problems: list[str] = field(default_factory=list)
    took: str = ""
    """How long the whole run took, in words."""

    def counts(self) -> tuple[int, int]:
        """Return passed and failed; what was not tried has failed, and so has a suite in which nothing passed."""
        passed = failed = 0
        suites = [*(_counts(record) for record in (self.run, self.elsewhere) if record), *_web_counts(self.web)]
        for good, bad, not_tried in suites:
            passed, failed = passed + good, failed + (bad + not_tried or int(good == 0))
        return passed, failed + len(self.problems)


def _counts(record: Record) -> tuple[int, int, int]:
    passed, failed, skipped = (len(record.ids(outcome)) for outcome in ("passed", "failed", "skipped"))
    return passed, failed, skipped


def _web_counts(web: WebTally | None) -> list[tuple[int, int, int]]:
    return [(web.passed, web.failed, web.skipped)] if web else []


def rows(result: Result, allowed: Mapping[str, Cost]) -> list[Row]:
    """Return a row for each tier of which something ran; the web packages' own tests count as pure."""
    made = []
    for tier in TIERS:
        outcomes = [case.outcome for test, case in result.run.cases.items() if tier_of(test) == tier]
        web = (result.web if tier == "pure" else None) or WebTally()
        cost = result.run.cost(tier)
        row = Row(
            tier,
            outcomes.count("passed") + web.passed,
            outcomes.count("failed") + web.failed,
            outcomes.count("skipped") + web.skipped,
            Cost(cost.cpu_s + web.cpu_s, cost.duration_s + web.seconds),
            allowed.get(tier),
        )
        if row.passed or row.failed or row.not_tried:
            made.append(row)
    return made


def _sum(made: list[Row]) -> Row:
    cost = Cost(sum(row.cost.cpu_s for row in made), sum(row.cost.duration_s for row in made))
    return Row(
        "sum",
        sum(row.passed for row in made),
        sum(row.failed for row in made),
        sum(row.not_tried for row in made),
        cost,
    )


def over_budget(made: list[Row], run: Record) -> list[str]:
    """Return one line for each budget that a row exceeds."""
    return [
        line
        for row in made
        if row.allowed
        for line in budgets.exceeded(row.tier, row.cost, row.allowed, run.slowest(_NAMED, row.tier))
    ]


def lines(result: Result, made: list[Row]) -> list[str]:
    """Return the report but for its closing line."""
    told = [_HEAD, *(str(row) for row in made), str(_sum(made))]
    if result.elsewhere:
        passed, failed, skipped = _counts(result.elsewhere)
        counts = f"{passed} passed, {failed} failed, {skipped} not tried"
        told.append(f"pure again, elsewhere (docs/testing.md): {counts}")
    told += ["", f"{SLOWEST_TOLD} slowest tests:"]
    told += [f"{seconds:8.1f} s  {test}" for test, seconds in result.run.slowest(SLOWEST_TOLD)]
    ends = ", ".join(f"{worker} {seconds:.0f} s" for worker, seconds in sorted(result.run.workers.items()))
    told += ["", f"workers were done after: {ends or 'nothing'}"]
    told += [result.took] if result.took else []
    for record in filter(None, (result.run, result.elsewhere)):
        told += [f"  why: {test}: {record.cases[test].reason}" for test in record.ids("failed")]
        told += [f"  failed: {test}" for test in record.ids("failed")]
        told += [f"  not tried: {t}: {record.cases[t].reason}" for t in record.ids("skipped")[:_NOT_TRIED_TOLD]]
    return [*told, *result.problems]
