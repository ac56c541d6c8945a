"""Collectors that records are sent on to: syslog over TLS (RFC 5425) with RFC 5424 fields, CEF or JSON.

Every record is sent once and in the order of its chain, from the oldest that is kept; while a collector is away records
wait in the store. The pair of chain and seq names a record, so that one that came twice can be told.
"""

import argparse
import json
from typing import Any

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.domain.audit import KINDS
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.records import SiemTarget
from smartmail.formats import siem

HELP = "send records to collectors (SIEM): list, add, on, off, test, remove, dictionary"
ROOT = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
MAX_PEM = 1 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    opening.add_arguments(acts.add_parser("list", help="show collectors and how many records wait for each"))
    add = acts.add_parser(
        "add", help="add a collector", description="Adds a collector; it begins with the oldest record."
    )
    opening.add_arguments(add)
    add.add_argument("name", metavar="NAME")
    add.add_argument("place", metavar="HOST:PORT", help="6514 is the usual port")
    add.add_argument("--format", choices=("rfc5424", "cef", "json"), default="rfc5424", help="rfc5424 (default)")
    add.add_argument("--kind", action="append", default=[], choices=KINDS, help="only these; may be repeated")
    add.add_argument("--organization", type=int, default=0, metavar="N", help="only this company's chain")
    add.add_argument("--authority", metavar="FILE", help="PEM of the authority of its certificate")
    add.add_argument(
        "--unconfirmed", action="store_true", help="for a collector that does not answer the end of a connection"
    )
    for name, help_ in (
        ("on", "send to it (again)"), ("off", "let it wait"), ("test", "send one line and tell what happens"),
        ("remove", "forget it"),
    ):  # fmt: skip
        act = acts.add_parser(name, help=help_)
        opening.add_arguments(act)
        act.add_argument("name", metavar="NAME")
    acts.add_parser("dictionary", help="print what the fields mean, as JSON")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    if options.act == "dictionary":
        print(json.dumps(siem.dictionary(), ensure_ascii=False, indent=1))
        return 0
    acts = {"list": _list, "add": _add, "on": _turn, "off": _turn, "test": _test, "remove": _remove}
    return opening.perform(options, lambda node: acts[options.act](node, options))


async def _list(node: Node, options: argparse.Namespace) -> int:
    document: list[dict[str, Any]] = [
        {
            "name": one.name, "place": f"{one.host}:{one.port}", "format": one.format,
            "kinds": list(one.kinds), "organization": one.organization_id, "state": one.state,
            "waiting": await node.services.forwarding.waiting(one),
        }
        for one in await node.services.collectors.targets(ROOT)
    ]  # fmt: skip
    lines = opening.table(
        ("name", "place", "format", "kinds", "state", "waiting"),
        [
            (
                one["name"],
                one["place"],
                one["format"],
                " ".join(one["kinds"]) or "all",
                one["state"],
                str(one["waiting"]),
            )
            for one in document
        ],
    )
    opening.show(options, document, lines if document else ["There are none. ./smartmail siem add NAME HOST:PORT"])
    return 0


async def _add(node: Node, options: argparse.Namespace) -> int:
    host, _, port = options.place.rpartition(":")
    if not host or not port.isdecimal():
        raise opening.CommandError(f"{options.place} is no HOST:PORT.")
    authority = opening.octets_of(options.authority, MAX_PEM).decode("ascii", "replace") if options.authority else ""
    target = SiemTarget(
        0, options.name, options.format, host.strip("[]"), int(port), tuple(options.kind), authority,
        "sent" if options.unconfirmed else "close", "on", OrganizationId(options.organization), node.clock.now(),
    )  # fmt: skip
    made = await node.services.collectors.add(ROOT, target)
    opening.show(options, {"id": made.id, "name": made.name}, [f"{made.name} gets records from now on."])
    return 0


async def _turn(node: Node, options: argparse.Namespace) -> int:
    one = await node.services.collectors.turn(ROOT, options.name, on=options.act == "on")
    opening.show(options, {"name": one.name, "state": one.state}, [f"{one.name} is {one.state}."])
    return 0


async def _test(node: Node, options: argparse.Namespace) -> int:
    await node.services.collectors.test(ROOT, options.name)
    opening.show(options, {"name": options.name, "test": "ok"}, [f"{options.name} has received a test line."])
    return 0


async def _remove(node: Node, options: argparse.Namespace) -> int:
    await node.services.collectors.remove(ROOT, options.name)
    opening.show(options, {"name": options.name}, [f"{options.name} is forgotten."])
    return 0
