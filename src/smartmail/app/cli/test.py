"""Runs the tests in four tiers: pure code, stores and services, whole nodes beside other mail programs, browsers.

./smartmail test             everything, as a landing demands it
./smartmail test --changed   what the work on this branch reaches
./smartmail test --quick     pure code, stores and services only
./smartmail test --full      with the long rounds: kills, power cuts, attacks, every language

Words after the options go to pytest:  ./smartmail test -- -k smuggling tests/dialogs
Whatever a test could not try for want of something counts as failed.

A tier that costs more than tests/budgets.toml allows fails the run. A test that fails among others and passes alone has
failed, unless tests/flaky.toml lists it with its cause. docs/testing.md tells the rest.

The order is shuffled; --seed N, or SMARTMAIL_TEST_SEED in the environment, gives the order of an earlier run again.
"""

import argparse
import importlib
import sys

from smartmail.app.cli import checkout, system_packages

HELP = "run all tests, browser tests included (for developers)"
PASSES_ARGUMENTS = True
TIERS = ("pure", "house", "world", "screens")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--quick", action="store_true", help="run the tiers pure and house only")
    which.add_argument("--tier", action="append", choices=TIERS, help="run this tier only (may be repeated)")
    which.add_argument("--changed", action="store_true", help="run only what a change reaches")
    parser.add_argument("--base", metavar="REV", help="with --changed: changed since when (where the branch left main)")
    parser.add_argument("--full", action="store_true", help="with the long rounds, and pure code once more elsewhere")
    parser.add_argument("--record", action="store_true", help="write durations and budgets out of this run")
    parser.add_argument("--workers", type=int, metavar="N", help="share the tests among so many processes")
    parser.add_argument("--no-packages", action="store_true", help="do not look for missing system packages")
    parser.add_argument("--seed", type=int, help="order of the tests, as an earlier run told it")


def run(options: argparse.Namespace) -> int:
    """Run the tests; 0 when everything was tried and passed."""
    root = checkout.root()
    if not options.no_packages and not system_packages.ensure(root / "tools" / "system_packages.toml"):
        print("0 passed, 1 failed")
        return 1
    # The runner is no part of the product: it lies beside the tests' other tools.
    sys.path.insert(0, str(root))
    return int(importlib.import_module("tools.testing.command").run(options, root, checkout.environment()))
