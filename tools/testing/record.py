"""What one run of pytest came to, as the plugin writes it and the command reads it (.cache/test/*.json)."""

import json
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tools.testing.budgets import Cost
from tools.testing.schedule import file_of
from tools.testing.tiers import tier_of


@dataclass
class Case:
    """One test: its outcome (passed, failed, skipped), its seconds from set-up to tear-down, why it failed or was skipped."""

    outcome: str = "passed"
    seconds: float = 0.0
    reason: str = ""


@dataclass
class Record:
    """One run: cases by test id, CPU seconds by file, seconds after the start at which each worker was done."""

    cases: dict[str, Case] = field(default_factory=lambda: defaultdict(Case))
    cpu: dict[str, float] = field(default_factory=dict)
    workers: dict[str, float] = field(default_factory=dict)

    def ids(self, outcome: str) -> list[str]:
        """Return the ids of all tests that ended so, sorted."""
        return sorted(test for test, case in self.cases.items() if case.outcome == outcome)

    def slowest(self, count: int, tier: str | None = None) -> list[tuple[str, float]]:
        """Return the slowest tests, of one tier or of all, the slowest first, each with its seconds."""
        chosen = [(t, case.seconds) for t, case in self.cases.items() if tier is None or tier_of(t) == tier]
        return sorted(chosen, key=lambda row: (-row[1], row[0]))[:count]

    def file_seconds(self) -> dict[str, float]:
        """Return the summed seconds of each file's tests."""
        sums: dict[str, float] = defaultdict(float)
        for test, case in self.cases.items():
            sums[file_of(test)] += case.seconds
        return dict(sums)

    def cost(self, tier: str) -> Cost:
        """Return what the tests of a tier cost together."""
        return Cost(
            sum(seconds for file, seconds in self.cpu.items() if tier_of(file) == tier),
            sum(case.seconds for test, case in self.cases.items() if tier_of(test) == tier),
        )


def write(path: Path, record: Record) -> None:
    """Write the record."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(record), indent=1), encoding="utf-8")


def read(path: Path) -> Record | None:
    """Return the record, or None where pytest ended without writing one."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return None
    cases = defaultdict(Case, {test: Case(**case) for test, case in kept["cases"].items()})
    return Record(cases, kept["cpu"], kept["workers"])
