"""Checks style, types, import contracts, sizes, purity, references and words, side by side, in under a minute.

A check that passes may print lines that begin with `note:`; they are shown too.
"""

import argparse
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from smartmail.app.cli import checkout

HELP = "lint, types, import contracts, sizes (for developers)"
_AT_ONCE = 3


@dataclass(frozen=True)
class Check:
    """One program to run and where."""

    name: str
    command: tuple[str, ...]
    folder: str = "."


@dataclass(frozen=True)
class Outcome:
    """How a check ended."""

    check: Check
    code: int
    output: str
    seconds: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fix", action="store_true", help="let the formatter and the linter mend what they can first")
    parser.add_argument("only", nargs="*", metavar="CHECK", help="run only these")


def run(options: argparse.Namespace) -> int:
    """Run the checks; 0 when all are clean."""
    root, started = checkout.root(), time.monotonic()
    if options.fix:
        _mend(root)
    chosen = [check for check in checks(root) if not options.only or check.name in options.only]
    if not chosen:
        print(f"smartmail: known checks: {', '.join(check.name for check in checks(root))}", file=sys.stderr)
        return 2
    failed = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for future in as_completed([pool.submit(_perform, root, check) for check in chosen]):
            outcome = future.result()
            print(
                f"{'ok    ' if outcome.code == 0 else 'FAILED'}  {outcome.check.name:<10} {outcome.seconds:5.1f} s",
                flush=True,
            )
            if outcome.code != 0:
                failed.append(outcome)
            else:
                print(end="".join(f"        {note}\n" for note in _notes(outcome.output)))
    for outcome in failed:
        print(f"\n── {outcome.check.name}: {' '.join(outcome.check.command)}\n{outcome.output.rstrip()}")
    verdict = f"{len(chosen) - len(failed)} passed, {len(failed)} failed in {time.monotonic() - started:.0f} s"
    print(f"\n{verdict}")
    return 1 if failed else 0


def checks(root: Path) -> list[Check]:
    """Return all checks, the slowest first, so that they overlap well."""
    python, web = sys.executable, []
    if (root / "web" / "node_modules").exists():
        web.append(Check("web", ("npm", "run", "--silent", "check"), "web"))
    return [
        Check("types", (python, "-m", "mypy")),
        *web,
        Check("lint", (checkout.tool("ruff"), "check", "--output-format", "concise")),
        Check("format", (checkout.tool("ruff"), "format", "--check")),
        Check("imports", (checkout.tool("lint-imports"),)),
        Check("sizes", (python, "tools/sizecheck.py")),
        Check("purity", (python, "tools/purity.py")),
        Check("rfc", (python, "tools/rfcxref.py", "--check")),
        Check("rules", (python, "tools/rulexref.py")),
        Check("vocabulary", (python, "tools/vocabulary.py")),
    ]


def _notes(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("note: ")]


def _mend(root: Path) -> None:
    for command in (("check", "--fix", "--quiet"), ("format", "--quiet")):
        subprocess.run([checkout.tool("ruff"), *command], cwd=root, check=False)  # noqa: S603


def _perform(root: Path, check: Check) -> Outcome:
    started = time.monotonic()
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            check.command,
            cwd=root / check.folder,
            env=checkout.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        return Outcome(check, 1, str(error), time.monotonic() - started)
    return Outcome(check, done.returncode, done.stdout, time.monotonic() - started)
