"""Measures SmartMail beside Debian's Postfix and Dovecot on this machine and writes docs/benchmarks.md.

Installs nothing: where Postfix and Dovecot are missing, or this is not root, SmartMail is measured alone.
Everything runs below a temporary folder, on free ports of loopback.
  --quick    two minutes, one round, no page     --full     a mailbox of 100,000
  --rounds N rounds of each workload             --alone    SmartMail only
  --output F page to write                       --json F   figures for scripts
  --only W   some workloads: ingest, 10 recipients, new connections, IMAP, mixed, wake-up, idle memory (commas between)
             or search: the index at 10,000 messages (--full: a million), SEARCH by IMAP beside Dovecot, counts of tags
`./smartmail bench web` measures the webmail in Chromium over 100,000 messages (--rounds N, --page writes the table).
`./smartmail bench lighthouse` asks Lighthouse about the sign-in page and the list (--rounds N, --page writes the table).
`./smartmail bench misdelivery` sends 100,000 letters of made companies past the misdelivery guard (--page writes the table).
`./smartmail bench leak_dry_run` tries leak rules on 5,000 sent messages (--messages N).
"""

import argparse
import subprocess
import sys

from smartmail.app.cli import checkout

HELP = "compare speed and memory with Postfix and Dovecot (for developers)"
PASSES_ARGUMENTS = True
_OTHERS = ("web", "lighthouse", "misdelivery", "leak_dry_run")
"""Comparisons of their own, each a module of the test tree."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All options belong to the program in the test tree."""


def run(options: argparse.Namespace) -> int:
    """Run the comparison in a process of its own, which finds the test tree."""
    first, others = options.rest[:1], options.rest[1:]
    module, words = (first[0], others) if first and first[0] in _OTHERS else ("compare", options.rest)
    command = [sys.executable, "-m", f"tests.bench.{module}", *words]
    root = checkout.root()
    return subprocess.run(command, cwd=root, env=checkout.environment(), check=False).returncode  # noqa: S603
