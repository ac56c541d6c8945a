"""Manages addresses that stand for others: aliases, catch-alls, forwards of accounts, domains that stand for another.

`alias put ADDRESS TARGET…` makes an alias or gives it other targets, inside or outside; `@domain` is the catch-all of a
domain. `alias forward ACCOUNT TARGET…` forwards an account's mail; with --no-copy it keeps none. An address that was
removed stays nobody's, unless it is removed with --forget. `alias domain NAME TARGET` lets a whole domain stand for
another. A second address of one account, that it may also send as, is `./smartmail account alias`.
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, organizations
from smartmail.app.node import Node
from smartmail.domain.addressing import StandIn, StandInKind

HELP = "addresses that stand for others, forwards, alias domains"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    add_act(acts, "put", "make an alias, or give it other targets", "ADDRESS", "TARGETS…")
    remove = add_act(acts, "remove", "give an alias up", "ADDRESS")
    remove.add_argument("--forget", action="store_true", help="let somebody else have the address")
    forward = add_act(acts, "forward", "forward an account's mail", "ACCOUNT", "TARGETS…")
    forward.add_argument("--no-copy", action="store_true", help="the account gets no copy")
    add_act(acts, "unforward", "end the forwarding of an account", "ACCOUNT")
    domain = add_act(acts, "domain", "let a domain stand for another", "NAME")
    domain.add_argument("target", metavar="TARGET", nargs="?", help="the other domain; without it that ends")
    sub = add_act(acts, "sub-address", "say whether kim+word@DOMAIN is kim's", "DOMAIN")
    sub.add_argument("on", metavar="on|off", choices=("on", "off"))
    listing = add_act(acts, "list", "show aliases and forwards")
    listing.add_argument("--organization", metavar="NAME")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {
        "put": _put, "remove": _remove, "forward": _forward, "unforward": _unforward, "domain": _domain,
        "sub-address": _sub_address, "list": _list,
    }[options.act]  # fmt: skip
    return opening.perform(options, lambda node: act(node, options))


async def _put(node: Node, options: argparse.Namespace) -> int:
    service = node.services.addressing.stand_ins
    row = await service.put_alias(CLI, options.address, options.targets)
    targets = (await service.targets(row.address)).addresses
    opening.show(
        options, {"address": row.address, "targets": list(targets)}, [f"{row.address} stands for {', '.join(targets)}."]
    )
    return 0


async def _remove(node: Node, options: argparse.Namespace) -> int:
    await node.services.addressing.stand_ins.retire(CLI, options.address, "alias", forget=options.forget)
    after = "anybody may have it" if options.forget else "nobody gets it again"
    opening.show(options, {"address": options.address}, [f"{options.address} is removed; {after}."])
    return 0


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


async def _domain(node: Node, options: argparse.Namespace) -> int:
    await node.services.addressing.systems.set_alias(CLI, options.name, options.target)
    told = f"stands for {options.target}" if options.target else "stands for itself"
    opening.show(options, {"domain": options.name, "aliasOf": options.target}, [f"{options.name} {told}."])
    return 0


async def _sub_address(node: Node, options: argparse.Namespace) -> int:
    on = options.on == "on"
    await node.services.addressing.systems.set_subaddress(CLI, options.domain, on=on)
    told = "are" if on else "are not"
    opening.show(options, {"domain": options.domain, "on": on}, [f"Sub-addresses of {options.domain} {told} taken."])
    return 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    service = node.services.addressing.stand_ins
    document: list[dict[str, object]] = []
    rows: list[tuple[str, ...]] = []
    kinds: tuple[StandInKind, ...] = ("alias", "forward", "list", "retired")
    for organization in await organizations(node, options.organization):
        for kind in kinds:
            for row in await service.list_all(organization.id, kind):
                targets = await _targets(node, row)
                document.append({"address": row.address, "kind": kind, "targets": targets})
                rows.append((row.address, kind, ", ".join(targets)))
    for domain in await node.services.directory.domains():
        rules = await node.services.addressing.systems.rules(domain.name)
        if rules.alias_of:
            document.append({"address": domain.name, "kind": "domain", "targets": [rules.alias_of]})
            rows.append((domain.name, "domain", rules.alias_of))
    opening.show(options, document, opening.table(("ADDRESS", "KIND", "STANDS FOR"), rows))
    return 0


async def _targets(node: Node, row: StandIn) -> list[str]:
    if row.kind not in {"alias", "forward"}:
        return []
    targets = await node.services.addressing.book.targets(row)
    kept = [row.address] if row.kind == "forward" and targets.keep else []
    return [*kept, *targets.addresses]
