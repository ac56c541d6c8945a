"""Backups: take, look, verify, rehearse; bring mail of a person back; restore everything to an empty host.

The place is the [backup] section of the node file, or --place DIR. `take` may run while the server serves. `rehearse` shows
that a backup can be restored, in a folder of its own: nothing is reached from there and nothing is sent. `bring` gives a
person what is missing, or with --beside all that was asked for in a mailbox of its own. `restore` makes a whole node where
there is none; mail that waited to be sent is held there until you say `./smartmail queue release`.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Callable
from datetime import datetime

from smartmail.adapters.backup import DirectoryPlace
from smartmail.app import catalogues
from smartmail.app.cli import opening, settings_options
from smartmail.app.cli.acting import CLI, acts_of, add_act, read_end, shown
from smartmail.app.cli.progress import Progress
from smartmail.app.node import Node, open_node
from smartmail.app.opening.backing import backup_plan
from smartmail.app.opening.sandbox import Sandbox
from smartmail.app.recovery.restoring import Rehearsed, rehearse, restore_node
from smartmail.app.settings import Settings, SettingsError
from smartmail.app.worker_context import CannotStartError
from smartmail.domain.backup import BackupFinding
from smartmail.domain.errors import AlreadyExists, MailError
from smartmail.domain.ids import MessageId
from smartmail.formats.seal import SealError
from smartmail.ports.backup import BackupPlace, PlaceError
from smartmail.service.operations.backup.bringing import Wanted
from smartmail.service.operations.backup.taking import Taken
from smartmail.service.operations.backup.telling import Told

HELP = "backups: take, verify, rehearse, bring mail back, restore everything"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    add_act(acts, "take", "take a backup now, while mail flows").add_argument("--reason", default="", metavar="TEXT")
    add_act(acts, "list", "show the backups in the place, newest first")
    add_act(acts, "runs", "show what was done: backups, verifications, rehearsals, restores")
    add_act(acts, "status", "say whether one can rely on the backups; 1 when not")
    add_act(acts, "verify", "read a backup back and name what is wrong").add_argument(
        "--backup", default="", metavar="NAME"
    )
    trying = add_act(acts, "rehearse", "restore into a sandbox, compare, read everything, file the result")
    trying.add_argument("--backup", default="", metavar="NAME", help="which (the newest)")
    trying.add_argument("--in", dest="folder", metavar="DIR", help="where the sandbox is made and removed (temporary)")
    bring = add_act(acts, "bring", "bring mail of an account back into the running server", "ADDRESS")
    bring.add_argument(
        "--mailbox", metavar="PATH", help="only this mailbox, as it was called in the backup: Projects/2026"
    )
    bring.add_argument("--message", type=int, metavar="ID", help="only this message")
    bring.add_argument("--at", metavar="DAY", help="from the newest backup of that day or before")
    bring.add_argument("--beside", action="store_true", help="all of it, in a mailbox of its own; else what is missing")
    bring.add_argument("--reason", required=True, metavar="TEXT", help="why: ten characters at least, recorded")
    whole = add_act(acts, "restore", "make a whole node of a backup, where there is none")
    whole.add_argument("--place", metavar="DIR", help="directory of the backups (that of the node file)")
    whole.add_argument("--backup", default="", metavar="NAME", help="which (the newest)")
    whole.add_argument("--send-queue", action="store_true", help="do not hold mail that waited: some may be sent twice")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    catalogues.load()
    if options.act == "restore":
        return _guarded(lambda: asyncio.run(_restore(options)))
    acts = {
        "take": _take, "list": _list, "runs": _runs, "status": _status, "verify": _verify, "rehearse": _rehearse,
        "bring": _bring,
    }  # fmt: skip
    return opening.perform(options, lambda node: acts[options.act](node, options))


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


async def _take(node: Node, options: argparse.Namespace) -> int:
    taken = await _taken(node, options)
    one = taken.manifest
    document = {
        "backup": one.name, "accounts": one.rows("account"), "messages": one.rows("message"),
        "new_blobs": taken.new_blobs, "new_octets": taken.new_octets, "missing": list(one.missing),
    }  # fmt: skip
    lines = [
        f"Backup {one.name}: {one.rows('account'):,} accounts, {one.rows('message'):,} messages",
        f"new in the place: {taken.new_blobs:,} blobs, {taken.new_octets >> 20:,} MB",
    ]
    if one.missing:
        lines.append(
            f"{len(one.missing)} blobs could not be read: run ./smartmail check-store. It does not count as good."
        )
    opening.show(options, document, lines)
    return 1 if one.missing else 0


async def _taken(node: Node, options: argparse.Namespace) -> Taken:
    """Take it at once, or when the one has ended that is being taken: the day's own may begin at any moment."""
    backups, told = node.services.backups, _told(options, "backup")
    try:
        return await backups.take(CLI, options.reason, told)
    except AlreadyExists:
        opening.complain("another backup is being taken; this one begins when that one has ended")
        return await backups.take(CLI, options.reason, told, waits=True)


async def _list(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.backups.backups(CLI)
    document = [
        {"backup": one.name, "at": shown(one.made_at), "accounts": one.accounts, "messages": one.messages,
         "missing": one.missing, "opens": one.manifest_ok}
        for one in found
    ]  # fmt: skip
    rows = [
        (one.name, shown(one.made_at), f"{one.accounts:,}", f"{one.messages:,}",
         "whole" if one.manifest_ok and not one.missing else "damaged")
        for one in found
    ]  # fmt: skip
    head = ("backup", "taken", "accounts", "messages", "state")
    opening.show(
        options, document, opening.table(head, rows) if rows else ["There is none yet: ./smartmail backup take"]
    )
    return 0


async def _runs(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.backups.runs(CLI)
    document = [
        {"id": one.id, "kind": one.kind, "state": one.state, "begun": shown(one.begun_at), "backup": one.snapshot,
         "facts": dict(one.facts)}
        for one in found
    ]  # fmt: skip
    rows = [(shown(one.begun_at), one.kind, one.state, json.dumps(one.facts)[:80]) for one in found]
    opening.show(options, document, opening.table(("begun", "kind", "state", "facts"), rows))
    return 0


async def _status(node: Node, options: argparse.Namespace) -> int:
    one = await node.services.backups.standing(CLI)
    lines = [f"last good backup: {shown(one.backup_at)}", f"last good rehearsal: {shown(one.rehearsal_at)}"]
    lines += [f"NOT GREEN: {finding.object}: {finding.meaning}" for finding in one.findings] or ["green"]
    document = {"green": one.green, "backup_at": one.backup_at, "rehearsal_at": one.rehearsal_at}
    opening.show(options, document, lines)
    return 0 if one.green else 1


async def _verify(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.backups.verify(CLI, options.backup, _told(options, "verify"))
    opening.show(options, {"findings": [_plain(one) for one in found]}, _lines(found))
    return 1 if found else 0


def _plain(one: BackupFinding) -> dict[str, str]:
    return {"trouble": one.trouble, "object": one.object, "meaning": one.meaning}


def _lines(found: list[BackupFinding]) -> list[str]:
    return [f"{one.trouble:<10} {one.object}: {one.meaning}" for one in found] or ["Nothing is wrong."]


async def _rehearse(node: Node, options: argparse.Namespace) -> int:
    place = await node.services.backups.place(CLI)
    sandbox = await asyncio.to_thread(Sandbox, options.folder or tempfile.gettempdir())
    try:
        done = await rehearse(node.settings, place.place, sandbox.folder, options.backup, _told(options, "rehearsal"))
    finally:
        await asyncio.to_thread(sandbox.remove)
    document = done.document()
    await node.services.backups.note(CLI, "rehearsal", done.restored.snapshot, document)
    page = _page(done)
    stamp = f"{node.clock.now():014d}"
    await place.place.put(f"rehearsals/{stamp}-json", json.dumps(document, indent=1).encode())
    await place.place.put(f"rehearsals/{stamp}-text", "\n".join(page).encode())
    opening.show(options, document, page)
    return 0 if done.good else 1


def _page(done: Rehearsed) -> list[str]:
    one = done.restored
    return [
        f"Rehearsal of backup {one.snapshot} ({shown(int(one.snapshot))}), {datetime.now():%Y-%m-%d %H:%M}",  # noqa: DTZ005
        "Result: GOOD" if done.good else "Result: NOT GOOD",
        f"restored: {one.accounts:,} accounts, {one.messages:,} messages, {one.blobs:,} blobs, {one.octets:,} octets",
        f"lost: {one.lost:,} blobs; without a key: {one.keyless:,} accounts and organisations",
        f"time: {done.seconds:.1f} s",
        "compared: every row with the manifest; every message opened",
        *_lines(list(done.findings)),
        "",
    ]


async def _bring(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    mailbox = tuple(options.mailbox.split("/")) if options.mailbox else ()
    message = None if options.message is None else MessageId(options.message)
    at = None if options.at is None else read_end(options.at)
    one = await node.services.backups.bring(
        CLI, Wanted(account.id, mailbox, message), options.reason, at=at, beside=options.beside
    )
    document = {"chosen": one.chosen, "brought": one.brought, "present": one.present, "lost": one.lost}
    lines = [
        f"{one.chosen:,} in the backup: {one.brought:,} came back, {one.present:,} were there, {one.lost:,} are lost"
    ]
    opening.show(options, document, lines)
    return 1 if one.lost else 0


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
