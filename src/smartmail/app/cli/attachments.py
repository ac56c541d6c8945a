"""Lists attachments, deletes them without their messages, and shows and restores what was deleted.

delete may be stopped and begun again at any time: what is done is done, and messages under a hold are left alone. What was
deleted can be restored for as long as policy keeps it (vault.days).
"""

import argparse
import re
from collections import Counter
from typing import Any

from smartmail.app.cli import opening
from smartmail.app.cli.progress import Progress
from smartmail.app.cli.sizes import size_of
from smartmail.app.node import Node
from smartmail.domain.account import Account
from smartmail.domain.errors import MailError
from smartmail.domain.ids import MessageId
from smartmail.service.mailbox.detaching import HeldFile

HELP = "attachments of an account: list, delete without the mail, restore"
_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    listing = acts.add_parser("list", help="show the largest", description="Shows an account's largest attachments.")
    _add_account(listing)
    listing.add_argument("--limit", type=int, default=50, metavar="N", help="at most so many (50)")
    delete = acts.add_parser(
        "delete", help="take them out of old messages", description="Takes attachments out of messages, which stay."
    )
    opening.add_arguments(delete)
    whose = delete.add_mutually_exclusive_group(required=True)
    whose.add_argument("--account", metavar="ADDRESS", help="whose")
    whose.add_argument("--domain", metavar="DOMAIN", help="of all accounts of a domain")
    whose.add_argument("--all", action="store_true", help="of all accounts")
    delete.add_argument("--larger-than", type=size_of, required=True, metavar="SIZE", help="only such files, like 5M")
    delete.add_argument("--older-than", type=int, required=True, metavar="DAYS", help="only in messages so old")
    delete.add_argument("--dry-run", action="store_true", help="only say what would be deleted")
    gone = acts.add_parser("deleted", help="show what can be restored", description="Shows what was deleted last.")
    _add_account(gone)
    gone.add_argument("--limit", type=int, default=50, metavar="N", help="at most so many (50)")
    restore = acts.add_parser("restore", help="bring messages back", description="Brings deleted messages back.")
    _add_account(restore)
    restore.add_argument("messages", nargs="+", metavar="ID", help="messages as deleted shows them")


def _add_account(parser: argparse.ArgumentParser) -> None:
    opening.add_arguments(parser)
    parser.add_argument("--account", required=True, metavar="ADDRESS", help="whose")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"list": _list, "delete": _delete, "deleted": _deleted, "restore": _restore}[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _list(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.account)
    found = await node.services.detaching.drawer(opening.command_actor(account), account.id)
    found.sort(key=lambda one: -one.size)
    document = {"total": len(found), "octets": sum(one.size for one in found),
                "attachments": [_file(one) for one in found[: options.limit]]}  # fmt: skip
    rows = [_row(one) for one in found[: options.limit]]
    lines = [*opening.table(("octets", "message", "name", "from", "subject"), rows)] if rows else []
    opening.show(options, document, [*lines, f"{len(found):,} attachments, {document['octets']:,} octets"])
    return 0


def _file(one: HeldFile) -> dict[str, Any]:
    return {"message": one.message_id, "part": one.section, "name": one.name, "type": one.media_type,
            "octets": one.size, "from": one.sender, "subject": one.subject}  # fmt: skip


def _row(one: HeldFile) -> tuple[str, ...]:
    return f"{one.size:,}", str(one.message_id), one.name[:40], one.sender[:40], one.subject[:40]


async def _accounts(node: Node, options: argparse.Namespace) -> list[Account]:
    if options.account:
        return [await opening.find_account(node, options.account)]
    accounts = await node.services.directory.accounts()
    if options.domain:
        ending = "@" + options.domain.strip().lower()
        accounts = [one for one in accounts if one.login.endswith(ending)]
    if not accounts:
        raise opening.CommandError(f"There is no account in {options.domain}. ./smartmail account list shows all.")
    return accounts


async def _delete(node: Node, options: argparse.Namespace) -> int:
    accounts = await _accounts(node, options)
    done: list[HeldFile] = []
    failed: list[tuple[str, str]] = []
    progress = Progress("attachments", len(accounts), shown=not options.json)
    try:
        for number, account in enumerate(accounts):
            rule = node.services.detaching.by_rule(
                opening.command_actor(account), account.id, larger_than=options.larger_than,
                older_than_days=options.older_than, dry_run=options.dry_run,
            )  # fmt: skip
            async for one, error in rule:
                if error is None:
                    done.append(one)
                else:
                    failed.append((f"{account.login} message {one.message_id}", _words(error)))
                progress.told(number, len(done), "files")
    finally:
        progress.end()
    _report(options, done, failed)
    return 1 if failed else 0


def _words(error: MailError) -> str:
    return error.public or error.code


def _report(options: argparse.Namespace, done: list[HeldFile], failed: list[tuple[str, str]]) -> None:
    size = sum(one.size for one in done)
    document = {"dryRun": options.dry_run, "files": len(done), "octets": size,
                "failed": [{"place": place, "reason": reason} for place, reason in failed]}  # fmt: skip
    verb = "would be deleted" if options.dry_run else "deleted"
    lines = opening.table(("octets", "message", "name", "from", "subject"), [_row(one) for one in done[:_SHOWN]])
    if len(done) > _SHOWN:
        lines.append(f"… and {len(done) - _SHOWN:,} more")
    lines = [*(lines if done else []), f"{len(done):,} attachments {verb}, {size:,} octets"]
    reasons = Counter(reason for _, reason in failed)
    lines += [f"{count:,} left: {reason}" for reason, count in reasons.most_common()]
    opening.show(options, document, lines)


async def _deleted(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.account)
    found, total = await node.services.vault.list(opening.command_actor(account), account.id, limit=options.limit)
    document = {"total": total, "messages": [
        {"id": one.row.message_id, "reason": one.row.reason, "subject": one.summary.subject, "octets": one.row.size,
         "deleted": one.row.at, "until": one.until} for one in found
    ]}  # fmt: skip
    rows = [(str(one.row.message_id), one.row.reason, f"{one.row.size:,}", one.summary.subject[:60]) for one in found]
    lines = opening.table(("message", "reason", "octets", "subject"), rows) if rows else []
    opening.show(options, document, [*lines, f"{total:,} messages can be restored"])
    return 0


async def _restore(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.account)
    bad = [word for word in options.messages if not re.fullmatch(r"[0-9]{1,18}", word)]
    if bad:
        raise opening.CommandError(f"{bad[0]} is no message. ./smartmail attachments deleted shows them.")
    wanted = [MessageId(int(word)) for word in options.messages]
    restored = await node.services.vault.restore(opening.command_actor(account), account.id, wanted)
    document = {"restored": {str(old): new for old, new in restored.items()}}
    lines = [f"{one}: {f'restored as message {restored[one]}' if one in restored else 'not there'}" for one in wanted]
    opening.show(options, document, lines)
    return 0 if len(restored) == len(set(wanted)) else 1
