"""`./smartmail test`: chooses what runs, runs it, tries failed tests again alone, and judges the result."""

import argparse
import datetime as dt
import os
import random
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.testing import budgets, durations, elsewhere, flaky, imports, reach, report, suites, tiers
from tools.testing.record import Record

SEED = "SMARTMAIL_TEST_SEED"
_SEEDS = 2**32


@dataclass(frozen=True)
class Plan:
    """What runs: pytest's paths (none: all), web packages (none: all; None: no web), the tiers that run whole."""

    paths: tuple[str, ...] = ()
    web: tuple[str, ...] | None = ()
    whole: tuple[str, ...] = tiers.TIERS


def run(options: argparse.Namespace, root: Path, environment: Mapping[str, str]) -> int:
    """Run what the options ask for, in `environment` with what is pinned; 0 when all was tried and passed."""
    environment = suites.environment(environment, options.full)
    return perform(options, suites.Runner(root, environment, suites.workers(options.workers)))


def perform(options: argparse.Namespace, runner: suites.Runner) -> int:
    """Do what `run` says with the programs that `runner` starts."""
    root, started = runner.root, time.monotonic()
    if options.rest:
        result = report.Result(runner.pytest("words", options.rest))
        return _close(result, report.rows(result, {}))
    try:
        listed = flaky.read(root / "tests" / "flaky.toml")
        plan = plan_of(options, root)
    except (ValueError, subprocess.CalledProcessError) as error:
        print(f"smartmail: {error}\n0 passed, 1 failed")
        return 1
    order = seed(options.seed, os.environ)
    web = None if plan.web is None else runner.vitest(plan.web)
    print(f"order of the tests: --seed {order}; {runner.workers} workers", flush=True)
    result = report.Result(runner.pytest("run", [*suites.shuffled(runner, order), *plan.paths]), web)
    _try_again(runner, result.run, listed)
    if options.full and "pure" in plan.whole:
        words = [*suites.shuffled(runner, order), *_folders(root, ("pure",))]
        with elsewhere.opened() as there:
            result.elsewhere = runner.pytest("elsewhere", words, there)
    result.took = budgets.minutes(() if options.full else plan.whole, time.monotonic() - started)
    return _judge(options, root, plan, result)


def plan_of(options: argparse.Namespace, root: Path) -> Plan:
    """Return what runs; ValueError where a test file lies in no tier."""
    files = tiers.test_files(root)
    if lost := tiers.without_tier(files):
        raise ValueError(f"in no tier, so that no budget counts them (tools/testing/tiers.py): {', '.join(lost)}")
    if options.changed:
        return _of_a_change(options, root)
    chosen = tiers.QUICK if options.quick else tuple(options.tier or ())
    if not chosen:
        return Plan()
    return Plan(tuple(_folders(root, chosen)), () if "pure" in chosen else None, chosen)


def _of_a_change(options: argparse.Namespace, root: Path) -> Plan:
    choice = reach.choose(imports.changed_files(root, options.base), imports.describe(root))
    print("\n".join(reach.told(choice)), flush=True)
    if choice.everything:
        return Plan()
    return Plan(tuple(sorted(choice.tests)), tuple(sorted(choice.web)) or None, ())


def _folders(root: Path, chosen: tuple[str, ...]) -> list[str]:
    """Return the test folders of some tiers, as far as the tree has tests in them."""
    return sorted({"/".join(file.split("/")[:2]) for file in tiers.test_files(root) if tiers.tier_of(file) in chosen})


def seed(given: int | None, environment: Mapping[str, str]) -> int:
    """Return the seed of the order: the one asked for, else that of the environment, else any."""
    if given is not None:
        return given
    kept = environment.get(SEED, "")
    return int(kept) if kept.isascii() and kept.isdigit() else random.SystemRandom().randrange(_SEEDS)


def _try_again(runner: suites.Runner, run: Record, listed: list[flaky.Entry]) -> None:
    """Try a few failed tests once more, one after the other, and say which of them pass then.

    Only a listed one counts as passed, and at a landing a few that were never seen before: the others stay failed, and
    the run says what to do about them.
    """
    failed = run.ids("failed")
    if not 0 < len(failed) <= flaky.MOST_TRIED_AGAIN or not all("::" in test for test in failed):
        return
    print(f"\nOnce more, alone: {', '.join(failed)}", flush=True)
    alone = runner.pytest("again", ["-q", "-p", "no:cacheprovider", *failed])
    passed = set(failed).intersection(alone.ids("passed"))
    verdict = flaky.judge(passed, listed, landing=bool(runner.environment.get("CI")))
    for test in (*verdict.forgiven, *verdict.fresh):
        run.cases[test].outcome = "passed"
    print("\n".join(flaky.lines(verdict, listed, dt.datetime.now(tz=dt.UTC).date())))


def _judge(options: argparse.Namespace, root: Path, plan: Plan, result: report.Result) -> int:
    """Compare with the budgets, or record them anew, and report."""
    path = root / "tests" / "budgets.toml"
    judged = plan.whole if not options.full and not options.record else ()
    allowed = {tier: cost for tier, cost in budgets.read(path).items() if tier in judged}
    made = report.rows(result, allowed)
    result.problems += report.over_budget(made, result.run)
    if options.record:
        _record(root, result, {} if options.full else {row.tier: row for row in made if row.tier in plan.whole})
    return _close(result, made)


def _record(root: Path, result: report.Result, made: Mapping[str, report.Row]) -> None:
    """Write durations, and the budgets of the tiers in `made`, out of a run in which nothing failed."""
    if result.counts()[1]:
        print("\nNothing is recorded: a run that fails is no measure.")
        return
    place = root / "tests" / "durations.json"
    present = set(tiers.test_files(root))
    durations.write(place, durations.merged(durations.read(place), result.run.file_seconds(), present))
    kept = budgets.read(root / "tests" / "budgets.toml")
    budgets.write(root / "tests" / "budgets.toml", kept | {t: budgets.with_room(row.cost) for t, row in made.items()})
    print(f"\nRecorded: tests/durations.json; budgets of {', '.join(made) or 'no tier'}.")


def _close(result: report.Result, made: list[report.Row]) -> int:
    passed, failed = result.counts()
    print()
    print("\n".join(report.lines(result, made)))
    print(f"{passed} passed, {failed} failed")
    return int(failed > 0)
