"""Runs all tests: pure code, stores, whole nodes, real mail programs and browsers, and the web apps' own.

Words after the options go to pytest:  ./smartmail test -- -k smuggling tests/dialogs
Whatever a test could not try for want of something counts as failed.

Tests of whole nodes and browsers wait for other programs, while other tests use every core. When the whole run leaves a
few of them failed, those are tried once more with the machine to themselves. The closing lines name each one that
passed only then: it is a test to mend, or a fault that only a busy machine shows. Anything else that fails has failed.

The order is shuffled; --seed N, or SMARTMAIL_TEST_SEED in the environment, gives the order of an earlier run again.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from smartmail.app.cli import checkout, system_packages

HELP = "run all tests, browser tests included (for developers)"
PASSES_ARGUMENTS = True
_MOST_WORKERS = 4
# Folders whose tests wait for programs that share the machine with other tests.
_AMONG_OTHERS = ("tests/e2e/", "tests/peers/", "tests/cluster/", "tests/flows/", "tests/jmap_server/", "tests/guide/")
# About one in forty of them: more is no chance any more.
_MOST_TRIED_AGAIN = 12
SEED = "SMARTMAIL_TEST_SEED"
_SEEDS = 2**32
_SLOWEST_TOLD = 40
# Colour codes of vitest would hide its counts.
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass
class Tally:
    """Counts of one suite; `skipped` names what was not tried, `again` what passed only when tried alone."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_clean(self) -> bool:
        """Whether every test was run and passed, and there was at least one."""
        return self.passed > 0 and not self.failed and not self.skipped


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-packages", action="store_true", help="do not look for missing system packages")
    parser.add_argument("--seed", type=int, help="order of the tests, as an earlier run told it (whole run only)")


def run(options: argparse.Namespace) -> int:
    """Run the suites; 0 when everything was tried and passed."""
    root = checkout.root()
    if not options.no_packages and not system_packages.ensure(root / "tools" / "system_packages.toml"):
        print("0 passed, 1 failed")
        return 1
    tallies = []
    if not options.rest and (root / "web" / "package.json").exists():
        tallies.append(_run_web(root))
    tallies.append(_run_pytest(root, options.rest, seed(options.seed, os.environ)))
    print()
    for tally in tallies:
        _report(tally)
    passed = sum(tally.passed for tally in tallies)
    failed = sum(tally.failed + len(tally.skipped) + (tally.passed == 0 and not tally.failed) for tally in tallies)
    print(f"{passed} passed, {failed} failed")
    return 0 if all(tally.is_clean for tally in tallies) else 1


def _report(tally: Tally) -> None:
    words = f"{tally.name}: {tally.passed} passed, {tally.failed} failed, {len(tally.skipped)} not tried"
    print(f"{words} in {tally.seconds:.0f} s")
    for line in tally.skipped[:40]:
        print(f"  not tried: {line}")
    for line in tally.again:
        print(f"  passed only alone, not among other tests: {line}")


def seed(given: int | None, environment: Mapping[str, str]) -> int:
    """Return the seed of the order: the one asked for, else that of the environment, else any."""
    if given is not None:
        return given
    kept = environment.get(SEED, "")
    return int(kept) if kept.isascii() and kept.isdigit() else random.SystemRandom().randrange(_SEEDS)


def _run_pytest(root: Path, words: list[str], order: int) -> Tally:
    report = root / ".cache" / "test" / "pytest.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    chosen = words or [
        "-q",
        "-n",
        str(min(_MOST_WORKERS, os.cpu_count() or 1)),
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        f"--durations={_SLOWEST_TOLD}",
        f"--randomly-seed={order}",
    ]
    if not words:
        print(f"order of the tests: --seed {order}", flush=True)
    started = time.monotonic()
    code = _pytest(root, [f"--junitxml={report}", *chosen])
    tally = read_report(report)
    if code != 0 and not tally.failed:
        tally.failed = 1  # a crash or an error outside of any test
    if not words:
        _try_again(root, tally)
    tally.seconds = time.monotonic() - started
    return tally


def _pytest(root: Path, words: list[str]) -> int:
    command = [sys.executable, "-m", "pytest", *words]
    return subprocess.run(command, cwd=root, env=checkout.environment(), check=False).returncode  # noqa: S603


def _try_again(root: Path, tally: Tally) -> None:
    """Try a few failed tests of whole nodes once more, one after the other; the tally says which passed then."""
    cases = worth_another_try(root / ".pytest_cache" / "v" / "cache" / "lastfailed", tally.failed)
    if not cases:
        return
    print(f"\nOnce more, alone: {', '.join(cases)}", flush=True)
    report = root / ".cache" / "test" / "again.xml"
    report.unlink(missing_ok=True)
    _pytest(root, ["-q", "-p", "no:cacheprovider", f"--junitxml={report}", *cases])
    second = read_report(report)
    if second.failed or second.skipped or second.passed != len(cases):
        return
    tally.failed, tally.passed, tally.again = 0, tally.passed + len(cases), cases


def worth_another_try(last_failed: Path, failed: int) -> list[str]:
    """Return the failed tests when all of them are among those that share the machine, and few; else none.

    `last_failed` is what pytest wrote about its run; `failed` the count of the report, which it must equal.
    """
    try:
        cases = sorted(json.loads(last_failed.read_text()))
    except (OSError, ValueError):
        return []
    few = 0 < failed == len(cases) <= _MOST_TRIED_AGAIN
    return cases if few and all(case.startswith(_AMONG_OTHERS) for case in cases) else []


def read_report(report: Path) -> Tally:
    """Count the cases of a JUnit file; a missing file counts as one failure."""
    tally = Tally("pytest")
    if not report.exists():
        tally.failed = 1
        return tally
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - written by pytest just now
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            tally.failed += 1
        elif skipped is not None and skipped.get("type") != "pytest.xfail":
            tally.skipped.append(f"{case.get('classname')}.{case.get('name')}: {skipped.get('message')}")
        else:
            tally.passed += 1
    return tally


def _run_web(root: Path) -> Tally:
    tally, started = Tally("web"), time.monotonic()
    print("web apps: npm test", flush=True)
    try:
        done = subprocess.run(
            ["npm", "run", "--silent", "test"],  # noqa: S607
            cwd=root / "web",
            env={**checkout.environment(), "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        tally.skipped.append(f"npm: {error.strerror}")
        return tally
    output = _COLOUR.sub("", done.stdout)
    tally.passed, tally.failed, left_out = read_vitest(output)
    tally.skipped = [f"{left_out} web tests are marked as skipped"] if left_out else []
    if done.returncode != 0:
        tally.failed = max(tally.failed, 1)
    if not tally.is_clean:
        print(output)
    tally.seconds = time.monotonic() - started
    return tally


def read_vitest(output: str) -> tuple[int, int, int]:
    """Return passed, failed and skipped out of vitest's closing lines ("Tests  3 failed | 40 passed (43)")."""
    line = next((line for line in output.splitlines() if re.match(r"\s*Tests\s", line)), "")
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|todo)", line)}
    return counts.get("passed", 0), counts.get("failed", 0), counts.get("skipped", 0) + counts.get("todo", 0)
