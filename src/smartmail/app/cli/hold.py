"""Places and lifts legal holds: what is held stays in the vault when people delete it, and is neither purged nor shredded.

Whoever deletes does not learn of the hold. `hold place ADDRESS MATTER` holds everything of an account.
"""

import argparse
from datetime import datetime

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin

HELP = "legal holds: deleted mail of a matter is kept"

_CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    for name, text in (("place", "keep an account's mail, or one message"), ("release", "lift a hold")):
        act = acts.add_parser(name, help=text, description=text)
        opening.add_arguments(act)
        act.add_argument("address", metavar="ADDRESS")
        act.add_argument("matter", metavar="MATTER", help="name of the case")
        act.add_argument("--message", type=int, default=0, metavar="ID", help="this message only (everything)")
    opening.add_arguments(acts.add_parser("list", help="show holds", description="Shows holds."))


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"place": _place, "release": _release, "list": _list}[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _place(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    await node.services.governing.hold(_CLI, account.id, options.matter, options.message)
    what = f"message {options.message}" if options.message else "everything"
    document = {"address": account.login, "matter": options.matter, "message": options.message}
    opening.show(options, document, [f"{what} of {account.login} is held for {options.matter}."])
    return 0


async def _release(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    try:
        await node.services.governing.release(_CLI, account.id, options.matter, options.message)
    except NotFound:
        raise opening.CommandError("There is no such hold. ./smartmail hold list shows all.") from None
    document = {"address": account.login, "matter": options.matter, "message": options.message}
    opening.show(options, document, [f"The hold of {options.matter} on {account.login} is lifted."])
    return 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    logins = {one.id: one.login for one in await node.services.directory.accounts()}
    holds = await node.services.governing.holds()
    rows, document = [], []
    for one in holds:
        login = logins.get(one.account_id, str(one.account_id))
        when = datetime.fromtimestamp(one.at / 1000).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ006 -- shown in the place's own time
        rows.append((one.matter, login, str(one.message_id) if one.message_id else "everything", when, one.actor))
        document.append(
            {"matter": one.matter, "address": login, "message": one.message_id, "at": one.at, "actor": one.actor}
        )
    opening.show(options, document, opening.table(("MATTER", "ACCOUNT", "MESSAGE", "SINCE", "BY"), rows))
    return 0
