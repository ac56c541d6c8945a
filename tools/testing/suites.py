"""Starts the two programs that run tests, pytest and vitest, in an environment of fixed values."""

import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.testing import elsewhere, record

FULL = "SMARTMAIL_TEST_FULL"
# One value for every machine. LANGUAGE would outrank LC_ALL for messages of other programs.
PINNED = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "LANGUAGE": ""}
# More would hold more companies of nodes and browsers than they save; see docs/testing.md.
MOST_WORKERS = 4
# Colour codes of vitest would hide its counts.
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Runner:
    """Where and in which environment the programs run, and with how many workers."""

    root: Path
    environment: Mapping[str, str]
    workers: int

    def pytest(self, name: str, words: Sequence[str], there: elsewhere.Place = elsewhere.HERE) -> record.Record:
        """Run pytest and return its record (.cache/test/NAME.json); a crash outside of any test is a failed case."""
        path = self.root / ".cache" / "test" / f"{name}.json"
        path.unlink(missing_ok=True)
        program = (*there.enter, sys.executable)
        command = [*program, "-m", "pytest", "-p", "tools.testing.plugin", f"--record-to={path}", *words]
        environment = {**self.environment, **there.environment}
        code = subprocess.run(command, cwd=self.root, env=environment, check=False).returncode
        kept = record.read(path) or record.Record()
        if code != 0 and not kept.ids("failed"):
            kept.cases[f"pytest ended with code {code}"] = record.Case("failed")
        return kept

    def vitest(self, packages: Sequence[str] = ()) -> "WebTally":
        """Run the tests of some web packages, or of all."""
        started, before = time.monotonic(), _children_cpu()
        command = ["npm", "run", "--silent", "test", "--", *(f"{package}/test/" for package in packages)]
        environment = {**self.environment, "NO_COLOR": "1"}
        done = subprocess.run(
            command, cwd=self.root / "web", env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
        )  # fmt: skip
        output = _COLOUR.sub("", done.stdout)
        passed, failed, skipped = read_vitest(output)
        tally = WebTally(
            passed,
            max(failed, int(done.returncode != 0)),
            skipped,
            time.monotonic() - started,
            _children_cpu() - before,
        )
        if not passed or tally.failed or skipped:
            print(output)
        return tally


@dataclass(frozen=True)
class WebTally:
    """Counts of vitest, its seconds and the CPU seconds of its processes."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def environment(before: Mapping[str, str], full: bool) -> dict[str, str]:
    """Return the environment of all tests: `before` (that of the checkout's tools) with what is pinned."""
    return {**before, **PINNED, **({FULL: "1"} if full else {})}


def workers(asked: int | None) -> int:
    """Return how many workers share the tests: one more than there are cores, as tests of browsers and nodes mostly wait."""
    return asked or min(MOST_WORKERS, (os.cpu_count() or 1) + 1)


def shuffled(runner: Runner, order: int) -> list[str]:
    """Return pytest's words for a run on all workers in the order of a seed."""
    return [
        "-q",
        "-n",
        str(runner.workers),
        "--dist",
        "loadscope",
        "--no-loadscope-reorder",
        f"--randomly-seed={order}",
    ]


def read_vitest(output: str) -> tuple[int, int, int]:
    """Return passed, failed and skipped out of vitest's closing lines ("Tests  3 failed | 40 passed (43)")."""
    line = next((line for line in output.splitlines() if re.match(r"\s*Tests\s", line)), "")
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|todo)", line)}
    return counts.get("passed", 0), counts.get("failed", 0), counts.get("skipped", 0) + counts.get("todo", 0)
