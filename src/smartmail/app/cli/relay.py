"""Manages registered relays: business systems and scanners that send without a person who logs in.

Each has an owner (an account that answers for it; its mail counts as the owner's), the networks it speaks from, the
sender addresses it may show (`@domain` for all of a domain), a limit an hour and an end date. With --cleartext it may log in
as its owner on port 25 without TLS, from its networks, until its end. `relay list --stale` shows those that sent nothing
for 90 days.
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, read_end, shown
from smartmail.app.node import Node
from smartmail.domain.addressing import RelayText
from smartmail.service.flow.addressing.relays import Relay

HELP = "business systems and scanners that may send: from where, as whom, how much"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    add = add_act(acts, "add", "register a relay", "OWNER")
    add.add_argument("--purpose", required=True, help="what it is for")
    add.add_argument("--network", action="append", required=True, metavar="IP[/LEN]", help="where it speaks from")
    add.add_argument("--sender", action="append", required=True, metavar="ADDRESS", help="an address it may show")
    add.add_argument("--hourly", type=int, default=100, metavar="N", help="messages an hour (100); 0: no limit")
    add.add_argument("--until", required=True, metavar="YYYY-MM-DD", help="its last day")
    add.add_argument("--cleartext", action="store_true", help="it may log in without TLS on port 25")
    change = add_act(acts, "change", "change the limit or the end", "ID")
    change.add_argument("--hourly", type=int, metavar="N")
    change.add_argument("--until", metavar="YYYY-MM-DD")
    add_act(acts, "remove", "take a relay off the register", "ID")
    add_act(acts, "list", "show relays").add_argument(
        "--stale", action="store_true", help="only those unused for 90 days"
    )


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"add": _add, "change": _change, "remove": _remove, "list": _list}[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _add(node: Node, options: argparse.Namespace) -> int:
    owner = await opening.find_account(node, options.owner)
    made = await node.services.addressing.relays.register(
        CLI, owner, RelayText(options.purpose, tuple(options.sender)), tuple(options.network), hourly=options.hourly,
        ends_at=read_end(options.until), cleartext=options.cleartext,
    )  # fmt: skip
    opening.show(options, {"id": made.row.id}, [f"Relay {made.row.id} is registered until {options.until}."])
    return 0


def _id(text: str) -> int:
    if not text.isdecimal():
        raise opening.CommandError(f"{text} is no number of a relay: ./smartmail relay list shows them.")
    return int(text)


async def _change(node: Node, options: argparse.Namespace) -> int:
    ends_at = read_end(options.until) if options.until else None
    made = await node.services.addressing.relays.prolong(CLI, _id(options.id), ends_at=ends_at, hourly=options.hourly)
    lines = [f"Relay {made.row.id}: {made.row.hourly} an hour until {shown(made.row.ends_at)}."]
    opening.show(options, {"id": made.row.id, "hourly": made.row.hourly, "until": made.row.ends_at}, lines)
    return 0


async def _remove(node: Node, options: argparse.Namespace) -> int:
    await node.services.addressing.relays.remove(CLI, _id(options.id))
    opening.show(options, {"id": options.id}, [f"Relay {options.id} is off the register."])
    return 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    service = node.services.addressing.relays
    found = [one for one in await service.list_all() if not options.stale or service.is_stale(one)]
    logins = {one.id: one.login for one in await node.services.directory.accounts()}
    document = [_document(one, logins.get(one.row.account_id, ""), stale=service.is_stale(one)) for one in found]
    rows = [
        (
            str(one.row.id), logins.get(one.row.account_id, ""), one.text.purpose, " ".join(one.row.networks),
            " ".join(one.text.senders), str(one.row.hourly), shown(one.row.ends_at), shown(one.row.last_used_at),
            "cleartext" if one.row.cleartext else "",
        )
        for one in found
    ]  # fmt: skip
    head = ("ID", "OWNER", "PURPOSE", "NETWORKS", "SENDERS", "HOURLY", "UNTIL", "LAST USED", "")
    opening.show(options, document, opening.table(head, rows))
    return 0


def _document(one: Relay, owner: str, *, stale: bool) -> dict[str, object]:
    return {
        "id": one.row.id, "owner": owner, "purpose": one.text.purpose, "networks": list(one.row.networks),
        "senders": list(one.text.senders), "hourly": one.row.hourly, "until": one.row.ends_at,
        "lastUsed": one.row.last_used_at, "cleartext": one.row.cleartext, "stale": stale,
    }  # fmt: skip
