"""Shows and decides about mail that waits for an approval: posts to moderated lists, mail over a limit."""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, shown
from smartmail.app.node import Node
from smartmail.domain.errors import AlreadyExists

HELP = "mail that waits for somebody's yes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    listing = add_act(acts, "list", "show what waits")
    listing.add_argument("--state", choices=("waiting", "approved", "rejected", "expired"), default="waiting")
    add_act(acts, "approve", "let mail go", "NUMBERS…")
    add_act(acts, "reject", "end mail; an author of ours is told", "NUMBERS…").add_argument(
        "--note", default="", help="words for the author"
    )


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = _list if options.act == "list" else _decide
    return opening.perform(options, lambda node: act(node, options))


async def _list(node: Node, options: argparse.Namespace) -> int:
    document, rows = [], []
    for one in await node.services.addressing.approvals.list_all(options.state):
        row, text = one.row, one.text
        document.append({
            "id": row.id, "kind": row.kind, "about": row.subject, "sender": text.sender, "subject": text.subject,
            "reason": text.reason, "recipients": text.recipients, "size": text.size, "askedAt": row.asked_at,
            "expiresAt": row.expires_at, "state": row.state, "by": row.decided_by,
        })  # fmt: skip
        what = f"list {row.subject}" if row.kind == "list" else f"{text.recipients} outside"
        rows.append((str(row.id), what, text.sender, text.subject, shown(row.asked_at), shown(row.expires_at)))
    opening.show(options, document, opening.table(("NUMBER", "WHAT", "FROM", "SUBJECT", "SINCE", "UNTIL"), rows))
    return 0


async def _decide(node: Node, options: argparse.Namespace) -> int:
    approve = options.act == "approve"
    outcomes: dict[str, str] = {}
    for word in options.numbers:
        if not word.isdecimal():
            raise opening.CommandError(f"{word} is no number: ./smartmail approval list shows them.")
        note = "" if approve else options.note
        try:
            await node.services.addressing.approvals.decide(CLI, int(word), approve=approve, note=note)
            outcomes[word] = "goes on" if approve else "is ended"
        except AlreadyExists:
            outcomes[word] = "was decided before"
    opening.show(options, outcomes, [f"{word} {told}." for word, told in outcomes.items()])
    return 0 if "was decided before" not in outcomes.values() else 1
