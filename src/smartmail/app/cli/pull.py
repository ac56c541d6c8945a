"""Shows mailboxes at other providers whose mail people bring in (외부메일 가져오기), and stops one.

People add theirs in the webmail; whether they may, how many and how often says policy (pull.allowed, pull.most,
pull.minutes, pull.delete, pull.plain). What is stopped here its person may switch on again, while policy lets them.
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, shown
from smartmail.app.node import Node
from smartmail.domain.errors import NotFound

HELP = "mail that people bring in from other providers"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    listed = add_act(acts, "list", "show whose mail is brought in from where, and how it goes")
    listed.add_argument("--organization", metavar="NAME", help="whose, where there are several companies")
    add_act(acts, "stop", "switch one off", "ID")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    return opening.perform(options, lambda node: _ACTS[options.act](node, options))


async def _list(node: Node, options: argparse.Namespace) -> int:
    company = await node.services.organization.companies.named(CLI, options.organization)
    found = await node.services.pulls.oversight.list_all(CLI, company.id)
    document = [
        {
            "id": one.row.id.hex(), "login": one.account.login, "protocol": one.protocol, "host": one.host,
            "deletesOriginals": one.remove, "enabled": one.row.enabled, "reason": one.row.reason, "taken": one.row.taken,
            "pulledAt": one.row.pulled_at or None,
        }
        for one in found
    ]  # fmt: skip
    rows = [
        (one.row.id.hex(), one.account.login, f"{one.protocol} {one.host}",
         (one.row.reason or "well") if one.row.enabled else "off", str(one.row.taken), shown(one.row.pulled_at or None))
        for one in found
    ]  # fmt: skip
    opening.show(options, document, opening.table(("ID", "LOGIN", "FROM", "STATE", "TAKEN", "LAST"), rows))
    return 0


async def _stop(node: Node, options: argparse.Namespace) -> int:
    try:
        await node.services.pulls.oversight.stop(CLI, bytes.fromhex(options.id))
    except (ValueError, NotFound):
        raise opening.CommandError(f"There is no pull {options.id}; see `smartmail pull list`.") from None
    opening.show(options, {"id": options.id, "enabled": False}, [f"{options.id} is off."])
    return 0


_ACTS = {"list": _list, "stop": _stop}
