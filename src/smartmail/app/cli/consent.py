"""Acts of administrators that wait for a second one's consent (policy: admin.two-person).

    consent list                 consent show 7
    consent confirm 7            consent refuse 7 --note "not without a ticket"

The command line has the master key: what it does itself never waits.
"""

import argparse
import json

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, shown
from smartmail.app.node import Node
from smartmail.base.i18n import translate
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.proposals import PROPOSAL_STATES
from smartmail.service.proposals import Proposal

HELP = "acts that wait for a second administrator"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    listing = add_act(acts, "list", "show what waits")
    listing.add_argument("--state", choices=(*PROPOSAL_STATES, "all"), default="waiting")
    add_act(acts, "show", "show what it is, and why", "NUMBER")
    for name, text in (("confirm", "consent: it is done at once"), ("refuse", "say no")):
        add_act(acts, name, text, "NUMBER").add_argument("--note", default="", help="words for the record")
    add_act(acts, "withdraw", "take it back for who proposed it", "NUMBER")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"list": _list, "show": _show}.get(options.act, _decide)
    return opening.perform(options, lambda node: act(node, options))


async def _list(node: Node, options: argparse.Namespace) -> int:
    state = None if options.state == "all" else options.state
    found = await node.services.proposals.list_all(CLI, state)
    rows = [
        (
            str(one.row.id), one.row.state, _named(one.row.act), one.row.named, one.reason, shown(one.row.created_at),
            shown(one.row.due_at or one.row.expires_at),
        )
        for one in found
    ]  # fmt: skip
    heads = ("NUMBER", "STATE", "ACT", "BY", "WHY", "SINCE", "UNTIL")
    opening.show(options, [_document(one) for one in found], opening.table(heads, rows))
    return 0


async def _show(node: Node, options: argparse.Namespace) -> int:
    try:
        one = await node.services.proposals.get(CLI, _number(options))
    except NotFound:
        raise _missing(options) from None
    lines = [
        f"{one.row.id}  {_named(one.row.act)}  {one.row.state}",
        f"  proposed by {one.row.named} at {shown(one.row.created_at)}: {one.reason}",
        f"  {json.dumps(one.arguments, ensure_ascii=False)}",
    ]
    if one.row.due_at is not None and one.row.state == "waiting":
        lines.append(f"  nobody else could consent: it happens by itself at {shown(one.row.due_at)}")
    if one.row.decided_at is not None:
        lines.append(f"  decided by {one.row.decider} at {shown(one.row.decided_at)} {one.result}")
    opening.show(options, _document(one), lines)
    return 0


async def _decide(node: Node, options: argparse.Namespace) -> int:
    proposals, number = node.services.proposals, _number(options)
    try:
        if options.act == "confirm":
            one = await proposals.confirm(CLI, number, options.note)
        elif options.act == "refuse":
            one = await proposals.refuse(CLI, number, options.note)
        else:
            one = await proposals.withdraw(CLI, number)
    except NotFound:
        raise _missing(options) from None
    except AlreadyExists:
        raise opening.CommandError(f"Number {number} is decided already, or its time is over.") from None
    opening.show(
        options, _document(one), [f"Number {number}, {_named(one.row.act)}: {one.row.state}. {one.result}".strip()]
    )
    return 0 if one.row.state != "failed" else 1


def _number(options: argparse.Namespace) -> int:
    if not options.number.isdecimal():
        raise opening.CommandError(f"{options.number} is no number: ./smartmail consent list shows them.")
    return int(options.number)


def _missing(options: argparse.Namespace) -> opening.CommandError:
    return opening.CommandError(
        f"There is no number {options.number}: ./smartmail consent list --state all shows them."
    )


def _named(act: str) -> str:
    try:
        return translate("en", f"act.{act}")
    except KeyError:
        return act


def _document(one: Proposal) -> dict[str, object]:
    row = one.row
    return {
        "number": row.id, "act": row.act, "state": row.state, "by": row.named, "reason": one.reason,
        "arguments": one.arguments, "createdAt": row.created_at, "expiresAt": row.expires_at, "dueAt": row.due_at,
        "decidedBy": row.decider, "decidedAt": row.decided_at, "result": one.result,
    }  # fmt: skip
