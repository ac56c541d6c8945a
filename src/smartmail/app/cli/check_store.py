"""Names every damaged, missing or orphaned object, every sealed value that does not open, every wrong counter.

Reads all octets of the volumes; changes nothing. The server may run meanwhile.
"""

import argparse
import asyncio
import os
from collections import Counter
from typing import Any

import apsw

from smartmail.adapters.sql.sqlite_session import connect
from smartmail.app.cli import opening
from smartmail.app.cli.progress import Progress
from smartmail.app.node import Node
from smartmail.app.settings import Settings
from smartmail.service.operations.checking import Finding, Step

HELP = "look for damaged, missing and orphaned data"

_ADVICE = {
    "damaged": "the disk has changed what was written: look at the disk, then restore it from a backup",
    "missing": "restore the volume from a backup",
    "orphan": "harmless: the jobs collect orphans after a day",
    "unreadable": "wrong key or damaged database: restore the database from a backup",
    "miscounted": "an error of ours: please report it",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_arguments(parser)
    parser.add_argument("--deep", action="store_true", help="open every message too: takes twice as long")


def run(options: argparse.Namespace) -> int:
    """Check; 0 when all is well, 1 when something is wrong."""
    return opening.perform(options, lambda node: _check(node, options))


async def _check(node: Node, options: argparse.Namespace) -> int:
    progress = Progress("check", 1, shown=not options.json)

    def told(step: Step) -> None:
        total = step.total or max(step.done, 1)
        if step.what.startswith("volume"):
            progress.told(step.done, step.done >> 20, "MB", what=step.what, total=total)
        else:
            progress.told(step.done, step.done, step.what, what=step.what, total=total)

    findings: list[dict[str, Any]] = []
    counts: Counter[str] = Counter()
    for finding in await asyncio.to_thread(_database, node.settings):
        counts[finding.trouble] += 1
        findings.append({"trouble": finding.trouble, "object": finding.object, "meaning": finding.meaning})
    async for finding in node.services.checks.run(told, deep=options.deep):
        counts[finding.trouble] += 1
        findings.append({"trouble": finding.trouble, "object": finding.object, "meaning": finding.meaning})
    seconds = progress.end()
    lines = [f"{one['trouble']:<11} {one['object']}: {one['meaning']}" for one in findings]
    lines += [f"{count} {trouble}: {_ADVICE[trouble]}" for trouble, count in counts.items()]
    lines.append(f"{len(findings) or 'nothing'} found in {seconds:.1f} s")
    opening.show(options, {"findings": findings, "seconds": round(seconds, 3)}, lines)
    return 1 if findings else 0


def _database(settings: Settings) -> list[Finding]:
    """Let SQLite look at its own file: pages, indexes, what they say of each other."""
    if not settings.uses_sqlite:
        return []
    connection = connect(os.path.join(settings.directory, "smartmail.db"), writable=False)
    try:
        told = [str(row[0]) for row in connection.execute("pragma integrity_check(100)")]
    except apsw.Error as error:
        told = [str(error)]
    finally:
        connection.close()
    return [Finding("damaged", "database", line) for line in told if line != "ok"]
