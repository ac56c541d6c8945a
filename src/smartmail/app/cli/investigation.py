"""Investigations: while one lasts, the owner of an account is not shown the looks of the two persons who agreed on it.

It takes two: one proposes, somebody else confirms. It has an end; after it the owner sees everything.
"""

import argparse
from datetime import datetime

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.audit_chain import timestamp

HELP = "looks into a mailbox that its owner is not shown yet: list, propose, confirm"
ROOT = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    opening.add_arguments(acts.add_parser("list", help="show investigations"))
    propose = acts.add_parser("propose", help="ask for one; somebody else must confirm it")
    opening.add_arguments(propose)
    propose.add_argument("address", metavar="ADDRESS")
    propose.add_argument("--until", required=True, metavar="DAY", help="2026-01-31; a year away at most")
    propose.add_argument("--reason", required=True, metavar="TEXT", help="ten characters at least, sealed")
    confirm = acts.add_parser("confirm", help="confirm what an administrator has proposed")
    opening.add_arguments(confirm)
    confirm.add_argument("number", type=int, metavar="NUMBER")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    acts = {"list": _list, "propose": _propose, "confirm": _confirm}
    return opening.perform(options, lambda node: acts[options.act](node, options))


async def _list(node: Node, options: argparse.Namespace) -> int:
    document = [
        {
            "number": one.id, "account": one.account_id, "since": timestamp(one.since), "until": timestamp(one.until),
            "proposed by": one.proposed_by, "confirmed by": one.confirmed_by or "-", "reason": reason,
        }
        for one, reason in await node.services.looks.investigations(ROOT)
    ]  # fmt: skip
    head = ("number", "account", "since", "until", "proposed by", "confirmed by", "reason")
    lines = opening.table(head, [tuple(str(one[name]) for name in head) for one in document])
    opening.show(options, document, lines if document else ["There are none."])
    return 0


async def _propose(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    try:
        until = round(datetime.fromisoformat(options.until).timestamp() * 1000)
    except ValueError:
        raise opening.CommandError(f"{options.until} is no day: write 2026-01-31.") from None
    number = await node.services.looks.propose(ROOT, account.id, until, options.reason)
    opening.show(
        options, {"number": number}, [f"Number {number}: it hides nothing until an administrator confirms it."]
    )
    return 0


async def _confirm(node: Node, options: argparse.Namespace) -> int:
    await node.services.looks.confirm(ROOT, options.number)
    opening.show(options, {"number": options.number}, [f"Number {options.number} is confirmed."])
    return 0
