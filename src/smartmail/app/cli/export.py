"""Writes an account's messages to files: each exactly as it came in, imported ones with their own line ends.

--format eml      DIR/Mailbox/UID.eml
--format maildir  DIR as a Maildir++ with flags and dates
--format mbox     DIR/Mailbox.mbox, or FILE itself when one --mailbox is chosen
"""

import argparse
import os
from collections import Counter

from smartmail.app.cli import opening
from smartmail.app.cli.progress import Progress
from smartmail.app.node import Node
from smartmail.domain.mailbox import Mailbox
from smartmail.domain.principal import Actor
from smartmail.service.mailbox.export_files import Writer, open_writer
from smartmail.service.mailbox.exporting import ExportService
from smartmail.service.mailbox.mailstore.mailboxes import canonical_path

HELP = "write an account's mail to .eml files, a Maildir or mbox"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    opening.add_arguments(parser)
    parser.add_argument("--account", required=True, metavar="ADDRESS", help="whose mail")
    parser.add_argument("--to", required=True, metavar="PATH", help="where to: a directory, or a file for one mbox")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why: ten characters at least; it is recorded")
    parser.add_argument("--format", choices=("eml", "maildir", "mbox"), default="eml", help="what to write (eml)")
    parser.add_argument(
        "--mailbox", action="append", default=[], metavar="NAME", help="only this one (Parent/Child); may be repeated"
    )


def run(options: argparse.Namespace) -> int:
    """Export; 0 when everything was written, 1 when a message could not be read."""
    return opening.perform(options, lambda node: _export(node, options))


async def _export(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.account)
    actor = opening.command_actor(account)
    service = node.services.exports
    chosen = _choose(await service.mailboxes(actor, account.id), options.mailbox)
    single = len(options.mailbox) == 1
    _require_new(options.to, file=options.format == "mbox" and single)
    work = _Work(service, actor, open_writer(options.format, options.to, single=single))
    await node.services.grounds.open_mail(actor, account.id, "mail.export", options.reason)
    progress = Progress("export", sum(mailbox.row.total for mailbox in chosen), shown=not options.json)
    try:
        for mailbox in chosen:
            await work.mailbox(mailbox, progress)
    except OSError as error:
        raise opening.CommandError(f"{error.filename or options.to}: {error.strerror}") from error
    finally:
        progress.end()
        work.writer.close()
    _report(options, work)
    return 1 if work.failed else 0


class _Work:
    def __init__(self, service: ExportService, actor: Actor, writer: Writer) -> None:
        self._service = service
        self._actor = actor
        self.writer = writer
        self.counts: Counter[str] = Counter()
        self.octets = 0
        self.failed: list[tuple[str, str]] = []

    async def mailbox(self, mailbox: Mailbox, progress: Progress) -> None:
        name = "/".join(mailbox.path)
        self.writer.begin(mailbox.path, mailbox.row.role)
        async for one in self._service.messages(self._actor, self._actor.account_id, mailbox):
            if isinstance(one, tuple):
                self.failed.append((f"{name} UID {one[0]}", one[1]))
                continue
            try:
                self.octets += self.writer.add(one)
            except ValueError as error:
                self.failed.append((f"{name} UID {one.uid}", str(error)))
                continue
            self.counts[name] += 1
            progress.told(self.counts.total(), self.counts.total(), "messages")


def _choose(mailboxes: list[Mailbox], names: list[str]) -> list[Mailbox]:
    if not names:
        return mailboxes
    known = {mailbox.path: mailbox for mailbox in mailboxes}
    chosen = []
    for name in names:
        path = canonical_path(tuple(part for part in name.split("/") if part))
        if path not in known:
            listed = ", ".join("/".join(one) for one in known)
            raise opening.CommandError(f"There is no mailbox {name}. There are: {listed}")
        chosen.append(known[path])
    return chosen


def _require_new(target: str, *, file: bool) -> None:
    """Never write into what is there: an export must not be mixed with another one."""
    if file and os.path.lexists(target):
        raise opening.CommandError(f"{target} exists. Name a new file.")
    if not file and os.path.isdir(target) and os.listdir(target):
        raise opening.CommandError(f"{target} is not empty. Name a new directory.")
    if not file and os.path.lexists(target) and not os.path.isdir(target):
        raise opening.CommandError(
            f"{target} is no directory. Name a new one, or choose one --mailbox for an mbox file."
        )


def _report(options: argparse.Namespace, work: _Work) -> None:
    document = {
        "account": options.account,
        "to": os.path.abspath(options.to),
        "format": options.format,
        "exported": work.counts.total(),
        "octets": work.octets,
        "mailboxes": dict(work.counts),
        "failed": [{"place": place, "reason": reason} for place, reason in work.failed],
    }
    lines = [f"{count:>9,}  {name}" for name, count in work.counts.items()]
    lines.append(f"{work.counts.total():>9,}  messages, {work.octets:,} octets, in {os.path.abspath(options.to)}")
    lines += [f"not readable: {place}: {reason}" for place, reason in work.failed]
    opening.show(options, document, lines)
