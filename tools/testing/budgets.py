"""What each tier may cost, recorded in tests/budgets.toml; a run that costs more fails.

Two sums per tier, both of the run at landing strength:

cpu_s       CPU seconds of the tests' processes and of all that they start. It hardly depends on what else the machine
            does or on how many workers there are, so its budget is tight: it is what a tier costs anybody.
duration_s  The durations of all tests, summed. Waiting counts, but so do the neighbours, so its budget is roomy: it
            catches a test that sleeps, which the CPU does not see.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.testing.tiers import QUICK, TIERS

# How much more than the recorded run a tier may take. The CPU seconds of one test vary by a tenth or two with caches
# and clock rates; durations double where another worker wants the same core, and again where another program does.
CPU_ROOM, DURATION_ROOM = 1.3, 4.0
MINUTES = {frozenset(TIERS): 28, frozenset(QUICK): 8, frozenset({"pure"}): 3}
"""What a run of these tiers may take at landing strength on two cores that do nothing else. Printed and not judged: a
machine that has other work takes longer."""
_HEAD = """\
# What each tier of ./smartmail test may cost at landing strength (docs/testing.md). Written by ./smartmail test --record:
# the measured sums with room for the noise of a machine. A higher number needs a reason in the commit that brings it.
"""


@dataclass(frozen=True)
class Cost:
    """CPU seconds and summed durations of a tier: measured, or allowed."""

    cpu_s: float
    duration_s: float


def read(path: Path) -> dict[str, Cost]:
    """Return the budget of each tier."""
    with path.open("rb") as file:
        return {tier: Cost(row["cpu_s"], row["duration_s"]) for tier, row in tomllib.load(file).items()}


def with_room(measured: Cost) -> Cost:
    """Return the budget that follows from a measured run, in whole tens of seconds."""
    return Cost(_tens(measured.cpu_s * CPU_ROOM), _tens(measured.duration_s * DURATION_ROOM))


def _tens(seconds: float) -> int:
    return int(seconds // 10 + 1) * 10


def write(path: Path, allowed: Mapping[str, Cost]) -> None:
    """Write the file anew."""
    rows = [
        f"\n[{tier}]\ncpu_s = {cost.cpu_s:.0f}\nduration_s = {cost.duration_s:.0f}\n" for tier, cost in allowed.items()
    ]
    path.write_text(_HEAD + "".join(rows), encoding="utf-8")


def minutes(whole: Iterable[str], seconds: float) -> str:
    """Return the line that says how long a run took, and how long one of these whole tiers may take."""
    most = MINUTES.get(frozenset(whole))
    return f"took {seconds / 60:.1f} min" + (f", {most} allowed on two cores that do nothing else" if most else "")


def exceeded(tier: str, cost: Cost, allowed: Cost, slowest: list[tuple[str, float]]) -> list[str]:
    """Return one plain line for each sum that is over its budget; `slowest` are the tier's tests and their seconds."""
    named = ", ".join(f"{test} ({seconds:.0f} s)" for test, seconds in slowest)
    rows = (("CPU seconds", cost.cpu_s, allowed.cpu_s), ("seconds of tests", cost.duration_s, allowed.duration_s))
    return [
        f"{tier} is over its budget: {sum_:.0f} {what}, {most:.0f} allowed; its slowest tests: {named}"
        for what, sum_, most in rows
        if sum_ > most
    ]
