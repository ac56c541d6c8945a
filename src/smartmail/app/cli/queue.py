"""Shows and moves what waits to be delivered: list, retry, cancel.

A cancelled entry is removed without a report to its sender; a sender of ours sees it in the webmail.
"""

import argparse
from datetime import UTC, datetime
from typing import Any

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.queue import QueueRecipient
from smartmail.service.envelope import Recipient, Result

HELP = "what waits to be delivered: list, retry, cancel"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    listing = acts.add_parser("list", help="show the oldest entries", description="Shows the oldest entries.")
    opening.add_arguments(listing)
    listing.add_argument("--limit", type=int, default=100, metavar="N", help="at most so many (100)")
    retry = acts.add_parser("retry", help="try now instead of later", description="Tries entries now.")
    opening.add_arguments(retry)
    retry.add_argument("--all", action="store_true", help="everything that waits")
    retry.add_argument("--domain", metavar="DOMAIN", help="what waits for this destination")
    retry.add_argument("entries", nargs="*", metavar="ID", help="entries as list shows them")
    cancel = acts.add_parser("cancel", help="remove entries", description="Removes entries.")
    opening.add_arguments(cancel)
    cancel.add_argument("entries", nargs="+", metavar="ID", help="entries as list shows them")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"list": _list, "retry": _retry, "cancel": _cancel}[options.act]
    return opening.perform(options, lambda node: act(node, options))


def _actor() -> Actor:
    return Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


async def _list(node: Node, options: argparse.Namespace) -> int:
    now = node.clock.now()
    document, lines = [], []
    for entry_id, envelope, recipients in await node.services.queue.entries(options.limit):
        shown = [_recipient(row, recipient, result) for row, recipient, result in recipients]
        document.append({"id": f"{entry_id:x}", "from": envelope.reverse_path, "recipients": shown})
        lines.append(f"{entry_id:x}  from <{envelope.reverse_path}>")
        lines += ["  " + _recipient_line(one, now) for one in shown]
    opening.show(options, document, lines or ["The queue is empty."])
    return 0


def _recipient(row: QueueRecipient, recipient: Recipient, result: Result | None) -> dict[str, Any]:
    reply = None if result is None else f"{result.code or ''} {result.enhanced} {result.text}".strip()
    return {
        "address": recipient.address,
        "state": row.state,
        "held": row.hold_reason,
        "attempts": row.attempts,
        "next": datetime.fromtimestamp(row.next_at / 1000, UTC).isoformat(timespec="seconds"),
        "host": None if result is None else result.host or None,
        "reply": reply,
    }


def _recipient_line(one: dict[str, Any], now: int) -> str:
    wait = datetime.fromisoformat(one["next"]).timestamp() - now / 1000
    when = f"next in {wait / 60:.0f} min" if wait > 0 else "due"
    state = f"held: {one['held']}" if one["state"] == "held" else f"{one['state']}, {when}"
    tried = f"{one['attempts']} tries" if one["attempts"] else "not tried yet"
    last = f"; {one['host'] or ''} {one['reply']}".rstrip() if one["reply"] else ""
    return f"to <{one['address']}>  {state}, {tried}{last}"


async def _retry(node: Node, options: argparse.Namespace) -> int:
    if not (options.all or options.domain or options.entries):
        raise opening.CommandError("Name entries, or --domain DOMAIN, or --all.")
    chosen = [_id(text) for text in options.entries]
    if options.all or options.domain:
        for entry_id, _envelope, recipients in await node.services.queue.entries(100_000):
            if options.all or any(row.domain == options.domain.lower() for row, _, _ in recipients):
                chosen.append(entry_id)
    hastened = await node.services.administration.retry(_actor(), chosen)
    opening.show(options, {"recipients": hastened}, [f"{hastened} recipients are tried now."])
    return 0


async def _cancel(node: Node, options: argparse.Namespace) -> int:
    outcomes = {}
    for text in options.entries:
        outcomes[text] = await node.services.administration.cancel(_actor(), _id(text))
    lines = [
        f"{text}: {'cancelled' if done else 'is gone, or on its way this moment'}" for text, done in outcomes.items()
    ]
    opening.show(options, {"cancelled": outcomes}, lines)
    return 0 if all(outcomes.values()) else 1


def _id(text: str) -> QueueEntryId:
    try:
        return QueueEntryId(int(text, 16))
    except ValueError:
        raise opening.CommandError(f"{text} is no entry: ./smartmail queue list shows them.") from None
