"""How long each test file took when the whole suite was last recorded: tests/durations.json.

Only files of a second and more are kept, so that the file stays small and its diffs readable; all others of a tier
have its median. `./smartmail test --record` writes it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tools.testing.tiers import TIERS, tier_of

KEPT_FROM_S = 1.0
# Before the first record: what a file of the tier took in October 2026, roughly.
_GUESSES = {"pure": 0.3, "house": 4.0, "world": 20.0, "screens": 15.0}


@dataclass(frozen=True)
class Durations:
    """Seconds by file, and by tier for the files that are not listed."""

    files: Mapping[str, float] = field(default_factory=dict)
    others: Mapping[str, float] = field(default_factory=lambda: dict(_GUESSES))

    def of(self, file: str) -> float:
        """Return the seconds to expect of a test file."""
        return self.files.get(file) or self.others.get(tier_of(file), KEPT_FROM_S)


def read(path: Path) -> Durations:
    """Return what was recorded; guesses where there is no file yet."""
    if not path.exists():
        return Durations()
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Durations(kept["files"], {**_GUESSES, **kept["others"]})


def merged(before: Durations, measured: Mapping[str, float], present: set[str]) -> Durations:
    """Return `before` with what a run measured; files that are in the tree no more are dropped.

    A tier of which nothing was measured keeps its median.
    """
    files = {file: seconds for file, seconds in before.files.items() if file in present and file not in measured}
    files |= {file: round(seconds, 1) for file, seconds in measured.items() if seconds >= KEPT_FROM_S}
    others = dict(before.others)
    for tier in TIERS:
        if seconds := [s for file, s in measured.items() if tier_of(file) == tier and s < KEPT_FROM_S]:
            others[tier] = max(0.1, round(median(seconds), 1))
    return Durations(dict(sorted(files.items())), others)


def write(path: Path, durations: Durations) -> None:
    """Write the file anew."""
    content = {"others": durations.others, "files": durations.files}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
