"""Looks at everything that a server needs, and says what is wrong and what to do. Changes nothing."""

import argparse
import asyncio
import sys

from smartmail.app.cli import diagnosis, opening, readiness, settings_options
from smartmail.app.cli.diagnosis import Verdict
from smartmail.app.settings import Settings, SettingsError

HELP = "say what is wrong and what to do"

_SIGNS = {"ok": "ok   ", "warning": "WARN ", "error": "WRONG"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_arguments(parser)
    parser.add_argument("--port-base", type=int, metavar="N", help="as given to serve")


def run(options: argparse.Namespace) -> int:
    """Look; 0 when nothing is wrong (warnings may be), 1 otherwise."""
    try:
        settings = settings_options.read(options)
    except SettingsError as error:
        return _show(options, [Verdict("error", "node file", str(error))])
    return _show(options, asyncio.run(_examine(settings)))


async def _examine(settings: Settings) -> list[Verdict]:
    verdicts = [*diagnosis.without_node(settings)]
    verdicts += await diagnosis.with_node(settings, readiness.missing)
    return verdicts


def _show(options: argparse.Namespace, verdicts: list[Verdict]) -> int:
    document = [
        {"level": one.level, "topic": one.topic, "found": one.found, "remedy": one.remedy or None} for one in verdicts
    ]
    lines = []
    for one in verdicts:
        lines.append(f"{_SIGNS[one.level]}  {one.topic:<14} {one.found}")
        if one.remedy:
            lines.append(f"       {'':<14} → {one.remedy}")
    wrong = sum(one.level == "error" for one in verdicts)
    warned = sum(one.level == "warning" for one in verdicts)
    lines.append("" if wrong or warned else "\nAll is well.")
    if wrong or warned:
        lines.append(f"{wrong} wrong, {warned} to look at.")
    opening.show(options, document, lines)
    sys.stdout.flush()
    return 1 if wrong else 0
