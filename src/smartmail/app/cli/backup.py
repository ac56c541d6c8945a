"""Backups: take, verify, restore test; restore messages of a person; restore everything to an empty host.

The place is that of `set-schedule`, or the [backup] section of the node file; for `restore` also --place DIR. `rehearse` shows
that a backup can be restored, in a folder of its own: nothing is reached from there and nothing is sent. `bring` gives a
person what is missing, or everything into a separate mailbox. A running server does these; with `--wait` the command ends when
that is done, and does it itself where none runs. NAME is that of `list`, or `newest`.

`restore` makes a whole node where there is none; mail that waited to be sent is held there until you say
`./smartmail queue release`.
"""

import argparse
import asyncio
from collections.abc import Callable

from smartmail.adapters.backup import DirectoryPlace
from smartmail.app import catalogues
from smartmail.app.cli import opening, settings_options
from smartmail.app.cli.acting import CLI, acts_of, add_act, shown
from smartmail.app.cli.operations import running
from smartmail.app.cli.progress import Progress
from smartmail.app.node import Node, open_node
from smartmail.app.opening.backing import backup_plan
from smartmail.app.recovery.restoring import restore_node
from smartmail.app.settings import Settings, SettingsError
from smartmail.app.worker_context import CannotStartError
from smartmail.domain.errors import MailError
from smartmail.formats.seal import SealError
from smartmail.ports.backup import BackupPlace, PlaceError
from smartmail.service.operations.backup.telling import Told

HELP = "backups: take, verify, rehearse, bring mail back, restore everything"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    running.add_acts(acts, "backup")
    add_act(acts, "status", "say whether one can rely on the backups; 1 when not")
    whole = add_act(acts, "restore", "make a whole node of a backup, where there is none")
    whole.add_argument("--place", metavar="DIR", help="directory of the backups (that of the node file)")
    whole.add_argument("--backup", default="", metavar="NAME", help="which (the newest)")
    whole.add_argument("--send-queue", action="store_true", help="do not hold mail that waited: some may be sent twice")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    catalogues.load()
    if options.act == "restore":
        return _guarded(lambda: asyncio.run(_restore(options)))
    if options.act == "status":
        return opening.perform(options, lambda node: _status(node, options))
    return running.run(options)


def _guarded(work: Callable[[], int]) -> int:
    try:
        return work()
    except (SettingsError, CannotStartError) as error:
        opening.complain(str(error))
        return opening.CANNOT_START
    except MailError as error:
        opening.complain(error.public or error.detail or error.code)
    except SealError as error:
        opening.complain(f"The backup does not open: {error}. Is it the right master key?")
    except (PlaceError, opening.CommandError) as error:
        opening.complain(str(error))
    return opening.FAILED


def _told(options: argparse.Namespace, what: str) -> Told:
    progress = Progress(what, 1, shown=not options.json)
    return lambda now, done, total: progress.told(done, done, now, what=now, total=total or max(done, 1))


async def _status(node: Node, options: argparse.Namespace) -> int:
    one = await node.services.backups.standing(CLI)
    lines = [f"last good backup: {shown(one.backup_at)}", f"last good rehearsal: {shown(one.rehearsal_at)}"]
    lines += [f"NOT GREEN: {finding.object}: {finding.meaning}" for finding in one.findings] or ["green"]
    document = {"green": one.green, "backup_at": one.backup_at, "rehearsal_at": one.rehearsal_at}
    opening.show(options, document, lines)
    return 0 if one.green else 1


async def _restore(options: argparse.Namespace) -> int:
    settings = settings_options.read(options)
    made = await restore_node(
        settings, _place(options, settings), options.backup, hold_queue=not options.send_queue,
        told=_told(options, "restore"),
    )  # fmt: skip
    done, settings = made.counts, made.settings
    document = {
        "backup": done.snapshot, "accounts": done.accounts, "messages": done.messages, "lost": done.lost,
        "keyless": done.keyless, "good": not done.lost, "files": list(made.files),
    }  # fmt: skip
    async with open_node(settings) as node:
        await node.services.backups.note(CLI, "restore", done.snapshot, document)
    lines = [
        f"Backup {done.snapshot} of {shown(int(done.snapshot))}: {done.accounts:,} accounts, {done.messages:,} messages.",
        f"{done.lost:,} blobs are lost; {done.keyless:,} accounts or organisations have no key (they were destroyed).",
        f"These files came back too: {', '.join(made.files)}" if made.files else "",
        "Passwords and rights are those of that time: look at what was revoked since. Everybody signs in anew.",
        "Mail that waited is held: ./smartmail queue list, then ./smartmail queue release"
        if not options.send_queue
        else "",
        f"Start it: ./smartmail serve --data {settings.directory}",
    ]
    opening.show(options, document, [line for line in lines if line])
    return 1 if done.lost else 0


def _place(options: argparse.Namespace, settings: Settings) -> BackupPlace:
    place = DirectoryPlace(options.place) if options.place else backup_plan(settings.file.backup).place
    if place is None:
        raise opening.CommandError("Say where the backups lie: --place DIR, or a [backup] section in the node file.")
    return place
