"""Manages groups of people that policy can be set for: add, list, delete, join, leave.

Where two groups of a person disagree, the one with the greater priority decides.
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin

HELP = "groups of people that policy can be set for"

_CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    add = _act(acts, "add", "make a group")
    add.add_argument("--organization", metavar="NAME", help="whose group it is, where there are several")
    add.add_argument("--priority", type=int, default=0, help="the greater one decides (0)")
    _act(acts, "list", "show groups and their members", name=False)
    _act(acts, "delete", "remove a group and what is set for it")
    _act(acts, "join", "put an account into a group").add_argument("address", metavar="ADDRESS")
    _act(acts, "leave", "take an account out of a group").add_argument("address", metavar="ADDRESS")


def _act(
    acts: "argparse._SubParsersAction[argparse.ArgumentParser]", act: str, text: str, *, name: bool = True
) -> argparse.ArgumentParser:
    parser = acts.add_parser(act, help=text, description=text)
    opening.add_arguments(parser)
    if name:
        parser.add_argument("group", metavar="GROUP")
    return parser


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"add": _add, "list": _list, "delete": _delete, "join": _join, "leave": _leave}[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _add(node: Node, options: argparse.Namespace) -> int:
    organization = await node.services.governing.organization(options.organization)
    group = await node.services.governing.new_group(_CLI, organization.id, options.group, options.priority)
    opening.show(options, {"id": group.id, "name": group.name}, [f"{group.name} is group {group.id}."])
    return 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    document, rows = [], []
    logins = {one.id: one.login for one in await node.services.directory.accounts()}
    for group in await node.services.governing.groups():
        members = [logins.get(one, str(one)) for one in await node.services.governing.members(group.id)]
        document.append({"id": group.id, "name": group.name, "priority": group.priority, "members": members})
        rows.append((str(group.id), group.name, str(group.priority), " ".join(members)))
    opening.show(options, document, opening.table(("ID", "NAME", "PRIORITY", "MEMBERS"), rows))
    return 0


async def _delete(node: Node, options: argparse.Namespace) -> int:
    group = await node.services.governing.group(options.group)
    await node.services.governing.delete_group(_CLI, group.id)
    opening.show(options, {"id": group.id}, [f"{group.name} and what was set for it are gone."])
    return 0


async def _join(node: Node, options: argparse.Namespace) -> int:
    return await _change(node, options, member=True)


async def _leave(node: Node, options: argparse.Namespace) -> int:
    return await _change(node, options, member=False)


async def _change(node: Node, options: argparse.Namespace, *, member: bool) -> int:
    group = await node.services.governing.group(options.group)
    account = await opening.find_account(node, options.address)
    await node.services.governing.set_member(_CLI, group.id, account.id, member=member)
    word = "is in" if member else "is not in"
    document = {"group": group.name, "address": account.login, "member": member}
    opening.show(options, document, [f"{account.login} {word} {group.name}."])
    return 0
