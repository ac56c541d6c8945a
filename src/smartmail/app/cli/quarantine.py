"""Mail that is held for its content: list, show, release, delete, digest.

Items are named as `list` shows them. What an administrator reads, lets out or throws away goes into the audit with the
reason that --reason gives. Malware is let out with --malware only; everything else goes once more past the engines.
Whether spam is held or put into Junk is policy: ./smartmail policy set spam.quarantine-score 6 --scope domain:a.example
"""

import argparse
import sys
from collections.abc import Awaitable, Callable

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, organizations, shown
from smartmail.app.node import Node
from smartmail.domain.errors import MailError
from smartmail.service.flow.quarantine import Deed, HeldItem
from smartmail.service.protection.filtering.explaining import lines

HELP = "mail that is held for its content"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    listing = add_act(acts, "list", "show what is held, the oldest first")
    listing.add_argument("--account", default="", metavar="ADDRESS", help="of one person")
    listing.add_argument("--organization", default=None, metavar="NAME")
    listing.add_argument("--limit", type=int, default=200)
    reading = add_act(acts, "show", "show why one is held", "ITEM")
    reading.add_argument("--message", action="store_true", help="write the message itself instead")
    release = add_act(acts, "release", "let mail out to its recipient", "ITEMS…")
    release.add_argument("--learn", action="store_true", help="teach the filter that it is good")
    release.add_argument("--allow", action="store_true", help="let its sender through to this person from now on")
    release.add_argument("--malware", action="store_true", help="also what engines call malware, unscanned")
    delete = add_act(acts, "delete", "throw mail away", "ITEMS…")
    for act in (reading, release, delete):
        act.add_argument("--reason", required=True, help="why; sealed in the audit")
    add_act(acts, "history", "show who let out and threw away what, and why").add_argument(
        "--limit", type=int, default=100
    )
    add_act(acts, "digest", "send the digests that are due now")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    return opening.perform(options, lambda node: _ACTS[options.act](node, options))


async def _list(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.account) if options.account else None
    chosen = (await organizations(node, options.organization))[0].id if options.organization else None
    items = await node.services.quarantine.all(
        account_id=None if account is None else account.id, organization_id=chosen, limit=options.limit
    )
    rows = [
        (one.id, shown(one.row.entry.created_at), one.recipient, one.author, one.summary.subject[:60], _why(one))
        for one in items
    ]
    head = ("ITEM", "SINCE", "TO", "FROM", "SUBJECT", "WHY")
    opening.show(
        options, [_document(one) for one in items], opening.table(head, rows) if rows else ["Nothing is held."]
    )
    return 0


def _why(item: HeldItem) -> str:
    return item.inspection.virus or f"{item.inspection.nature} {item.inspection.score:g}"


def _document(item: HeldItem) -> dict[str, object]:
    found = item.inspection
    return {
        "id": item.id, "from": item.author, "reversePath": item.sender, "to": item.recipient,
        "subject": item.summary.subject, "receivedAt": item.row.entry.created_at, "size": item.row.entry.size,
        "nature": found.nature, "score": found.score, "virus": found.virus, "country": found.country,
        "reasons": [{"rule": one.rule, "weight": one.weight, "facts": list(one.facts)} for one in found.reasons],
    }  # fmt: skip


async def _show(node: Node, options: argparse.Namespace) -> int:
    item, octets = await node.services.quarantine.show(CLI, options.item, options.reason)
    if options.message:
        sys.stdout.buffer.write(octets)
        return 0
    told = [
        f"{item.id}: held since {shown(item.row.entry.created_at)}, {item.row.entry.size} octets",
        f"From:    {item.author} (envelope: {item.sender or '<>'})", f"To:      {item.recipient}",
        f"Subject: {item.summary.subject}", f"Nature:  {_why(item)}", *lines(item.inspection, "en", 50),
    ]  # fmt: skip
    opening.show(options, _document(item), told)
    return 0


async def _release(node: Node, options: argparse.Namespace) -> int:
    deed = Deed(options.learn, options.allow, options.reason, options.malware)
    return await _each(options, "is let out", lambda one: node.services.quarantine.release(CLI, one, deed))


async def _delete(node: Node, options: argparse.Namespace) -> int:
    return await _each(options, "is deleted", lambda one: node.services.quarantine.delete(CLI, one, options.reason))


async def _each(options: argparse.Namespace, done: str, act: Callable[[str], Awaitable[None]]) -> int:
    outcomes: dict[str, str] = {}
    failed = False
    for one in dict.fromkeys(options.items):
        try:
            await act(one)
            outcomes[one] = done
        except MailError as error:
            failed = True
            outcomes[one] = f"stays: {error.public or error.code}"
    opening.show(options, outcomes, [f"{one} {told}." for one, told in outcomes.items()])
    return 1 if failed else 0


async def _history(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.quarantine.history(options.limit)
    document = [
        {"at": one.at, "actor": one.actor, "action": one.action, "item": one.object.partition(":")[2], "reason": why}
        for one, why in found
    ]
    rows = [(shown(one.at), one.actor, one.action, one.object.partition(":")[2], why) for one, why in found]
    opening.show(options, document, opening.table(("AT", "WHO", "ACT", "ITEM", "WHY"), rows))
    return 0


async def _digest(node: Node, options: argparse.Namespace) -> int:
    sent = await node.services.digests.send_due()
    opening.show(options, {"sent": sent}, [f"{sent} digests are on their way."])
    return 0


_ACTS = {"list": _list, "show": _show, "release": _release, "delete": _delete, "history": _history, "digest": _digest}
