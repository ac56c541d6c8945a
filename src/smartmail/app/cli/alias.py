"""Addresses that stand for others: aliases, catch-alls (`@domain`), forwards of accounts.

An address that was removed stays nobody's, unless it is removed with --forget. `forward` forwards an account's mail, with
--no-copy without keeping one; `forwards` shows all. A second address of one account, that it may also send as, is
`./smartmail account alias`; a whole domain that stands for another, `./smartmail route set NAME --alias-of OTHER`.
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, organizations
from smartmail.app.cli.operations import running
from smartmail.app.node import Node

HELP = "addresses that stand for others, forwards"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    running.add_acts(acts, "alias")
    forward = add_act(acts, "forward", "forward an account's mail", "ACCOUNT", "TARGETS…")
    forward.add_argument("--no-copy", action="store_true", help="the account gets no copy")
    add_act(acts, "unforward", "end the forwarding of an account", "ACCOUNT")
    add_act(acts, "forwards", "show forwards").add_argument("--organization", metavar="NAME")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"forward": _forward, "unforward": _unforward, "forwards": _forwards}.get(options.act)
    return running.run(options) if act is None else opening.perform(options, lambda node: act(node, options))


async def _forward(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.account)
    await node.services.addressing.stand_ins.put_forward(CLI, account, options.targets, keep=not options.no_copy)
    kept = "it keeps no copy" if options.no_copy else "it keeps a copy"
    document = {"account": account.login, "targets": options.targets, "copy": not options.no_copy}
    opening.show(options, document, [f"Mail for {account.login} goes to {', '.join(options.targets)}; {kept}."])
    return 0


async def _unforward(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.account)
    await node.services.addressing.stand_ins.retire(CLI, account.login, "forward")
    opening.show(options, {"account": account.login}, [f"Mail for {account.login} is not forwarded any more."])
    return 0


async def _forwards(node: Node, options: argparse.Namespace) -> int:
    document: list[dict[str, object]] = []
    rows: list[tuple[str, ...]] = []
    for organization in await organizations(node, options.organization):
        for row in await node.services.addressing.stand_ins.list_all(organization.id, "forward"):
            text = await node.services.addressing.book.targets(row)
            document.append({"account": row.address, "targets": list(text.addresses), "copy": text.keep})
            rows.append((row.address, ", ".join(text.addresses), "yes" if text.keep else "no"))
    opening.show(options, document, opening.table(("ACCOUNT", "TARGETS", "COPY"), rows))
    return 0
