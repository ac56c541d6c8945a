"""Takes a wave of phishing out of all mailboxes, and puts it back: run, list, undo.

A wave is every message with one of the marks: a Message-ID, a sender (address or domain), a text (its SHA-256), a link
(address or host) or an attachment (its SHA-256). `--case N` takes the marks of a reported case. What is taken lies in the vault as recalled: its people
neither see nor restore it. A run that is broken off is taken up again by the server within a minute.
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, organizations
from smartmail.app.cli.operations import running
from smartmail.app.cli.sender import read_indicators
from smartmail.app.node import Node
from smartmail.domain.cases import Wave
from smartmail.domain.quarantine import RuleKind
from smartmail.service.kernel.clock import DAY

HELP = "take a wave of phishing out of all mailboxes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    running.add_acts(acts, "purge")
    act = add_act(acts, "run", "find a wave and take it out")
    for name, text in (
        ("message-id", "a Message-ID"), ("sender", "an address or domain in From"),
        ("digest", "the SHA-256 of a text"), ("url", "a link, or the host of links"), ("file", "the SHA-256 of an attachment"),
    ):  # fmt: skip
        act.add_argument(f"--{name}", action="append", default=[], help=f"{text}; may be given more than once")
    act.add_argument(
        "--case", type=int, default=0, metavar="NUMBER", help="the marks of a case; look with --dry-run first"
    )
    act.add_argument("--indicators", default="", metavar="FILE", help="CSV of type,value, as `sender import` reads it")
    act.add_argument("--days", type=int, default=30, help="how far to look back (30)")
    act.add_argument("--organization", default=None, metavar="NAME")
    act.add_argument("--dry-run", action="store_true", help="only tell what would be taken")
    act.add_argument("--reason", default="", help="why; kept sealed")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    return running.run(options) if options.act != "run" else opening.perform(options, lambda node: _run(node, options))


async def _run(node: Node, options: argparse.Namespace) -> int:
    wave = Wave(
        tuple(options.message_id), tuple(options.sender), tuple(options.digest), tuple(options.url),
        node.clock.now() - max(1, options.days) * DAY, options.reason, tuple(options.file),
    )  # fmt: skip
    if options.case:
        marks = await node.services.cases.wave(CLI, options.case)
        wave = Wave(
            (*wave.message_ids, *marks.message_ids), (*wave.senders, *marks.senders), wave.digests,
            (*wave.urls, *marks.urls), wave.since, wave.reason, wave.files,
        )  # fmt: skip
    if options.indicators:
        wave = _with(wave, read_indicators(options.indicators))
    document, lines = [], []
    for one in await organizations(node, options.organization):
        found = await node.services.purges.purge(CLI, one.id, wave, dry_run=options.dry_run)
        document.append({
            "organization": one.name, "purge": found.purge_id, "accounts": found.accounts, "messages": found.messages,
        })  # fmt: skip
        verb = "would be taken" if options.dry_run else "were taken"
        number = f" (purge {found.purge_id})" if found.purge_id else ""
        lines.append(f"{one.name}: {found.messages} messages of {found.accounts} accounts {verb}{number}.")
    opening.show(options, document, lines)
    return 0


def _with(wave: Wave, indicators: list[tuple[RuleKind, str]]) -> Wave:
    def of(*kinds: str) -> tuple[str, ...]:
        return tuple(value for kind, value in indicators if kind in kinds)

    return Wave(
        wave.message_ids, (*wave.senders, *of("address", "domain")), wave.digests, (*wave.urls, *of("url")), wave.since,
        wave.reason, (*wave.files, *of("file")),
    )  # fmt: skip
