"""Imports old mail into an account: folders of .eml files, Maildir, mbox; any mixture of them.

Nothing is answered, forwarded or announced. Run it again at any time, also after it was killed: what is there already
is left alone, and what was moved or deleted here does not come back. The server may run meanwhile.
Mailboxes are made as the source names them; 보낸편지함, Sent Items, 送信済み and their like go to the mailbox of that role.
"""

import argparse
import time

from smartmail.app.cli import opening
from smartmail.app.cli.progress import Progress
from smartmail.app.node import Node
from smartmail.domain.errors import MailError, OverQuota, StorageFull
from smartmail.service.mailbox.import_files import Survey, survey
from smartmail.service.mailbox.import_run import Choices, ImportRun, Tally

HELP = "bring in old mail: .eml folders, Maildir, mbox"
_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_arguments(parser)
    parser.add_argument("--account", required=True, metavar="ADDRESS", help="the account that gets the mail")
    parser.add_argument(
        "--mailbox", metavar="NAME", help="put everything here (Parent/Child), whatever the source says"
    )
    parser.add_argument(
        "--source", default="files", metavar="NAME", help="name of the source; another name imports anew"
    )
    parser.add_argument("--seen", action="store_true", help="mark everything as read")
    parser.add_argument(
        "--mbox", choices=("mboxrd", "mboxo", "mboxcl2"), metavar="RULE", help="quoting of mbox files (found out)"
    )
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file or directory")


def run(options: argparse.Namespace) -> int:
    """Import; 0 when everything was taken, 1 when something could not be."""
    return opening.perform(options, lambda node: _import(node, options))


async def _import(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.account)
    found = survey(options.paths)
    progress = Progress("import", found.octets, shown=not options.json)
    mailbox = tuple(part for part in (options.mailbox or "").split("/") if part)
    work = ImportRun(
        node.services.imports, opening.command_actor(account),
        Choices(mailbox, options.source, options.seen, options.mbox),
        lambda tally: progress.told(tally.octets, tally.messages, "messages"),
    )  # fmt: skip
    started, stopped = time.monotonic(), ""
    try:
        await work.run(found)
    except MailError as error:
        stopped = _why_stopped(error, options.account)
    finally:
        progress.end()
    _report(options, found, work.tally, time.monotonic() - started, stopped)
    return 1 if stopped or work.tally.failures else 0


def _why_stopped(error: MailError, address: str) -> str:
    if isinstance(error, OverQuota):
        return (
            f"the account is full: raise its quota (./smartmail account set {address} --quota SIZE) and run this again"
        )
    if isinstance(error, StorageFull):
        return "the volume or the disk of the database is full: make room and run this again"
    return f"{error.code}: {error.public or error.detail}; run this again"


def _report(options: argparse.Namespace, found: Survey, tally: Tally, seconds: float, stopped: str) -> None:
    document = {
        "account": options.account,
        "imported": tally.imported,
        "present": tally.present,
        "failed": tally.failures,
        "reasons": dict(tally.reasons),
        "failures": [{"place": place, "reason": reason} for place, reason in tally.failed],
        "ignored": dict(tally.ignored),
        "lineEndsNotKept": tally.inexact,
        "octets": found.octets,
        "seconds": round(seconds, 3),
        "stopped": stopped or None,
    }
    opening.show(options, document, _lines(tally, seconds))
    if stopped:
        opening.complain(stopped)


def _lines(tally: Tally, seconds: float) -> list[str]:
    rate = tally.messages / seconds if seconds else 0
    lines = [
        f"imported       {tally.imported:>9,}   in {seconds:.1f} s, {rate:,.0f}/s",
        f"there already  {tally.present:>9,}",
        f"not readable   {tally.failures:>9,}",
    ]
    lines += [f"  {count:>6,}  {reason}" for reason, count in tally.reasons.most_common()]
    lines += [f"  {place}: {reason}" for place, reason in tally.failed[:_SHOWN]]
    if len(tally.failed) > _SHOWN:
        lines.append(f"  … and {tally.failures - _SHOWN:,} more; --json lists them")
    if tally.ignored:
        lines.append("left out: " + ", ".join(f"{count:,} {reason}" for reason, count in tally.ignored.most_common()))
    if tally.inexact:
        lines.append(f"line ends not kept for {tally.inexact:,} messages that mix them without end")
    return lines
