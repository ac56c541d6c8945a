"""Countries and networks of addresses: show, replace the tables, and name relays that are trusted.

`update` takes CSV (first,last,value or network/prefix,value), MMDB (MaxMind, DB-IP), or a table of SmartMail's own. It is
checked before it is used, holds in every process of every node within seconds, and needs no restart.
"""

import argparse
import re
from typing import Any

from smartmail.adapters.geoip.files import read_table
from smartmail.adapters.geoip.shipped import LICENCE
from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.formats.geo_table import KINDS, GeoTableError, is_inside, parse_address
from smartmail.service.protection.geo import TableInForce

HELP = "countries of addresses: show, update, reset, relays"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    show = acts.add_parser(
        "show",
        help="show the tables, or where addresses are",
        description="Shows the tables, or where addresses are.",
    )
    opening.add_arguments(show)
    show.add_argument("addresses", nargs="*", metavar="ADDRESS", help="addresses to look up")
    update = acts.add_parser("update", help="put a table in force", description="Puts a table in force.")
    opening.add_arguments(update)
    update.add_argument("file", metavar="FILE", help="CSV, MMDB, or a table of SmartMail's")
    update.add_argument("--kind", choices=KINDS, help="country or asn; told by the file when left out")
    update.add_argument("--source", default="", metavar="TEXT", help="where it comes from")
    update.add_argument("--licence", default="", metavar="TEXT", help="what its licence wants to be said")
    update.add_argument("--date", default="", metavar="YYYY-MM-DD", help="of when it is")
    reset = acts.add_parser(
        "reset", help="go back to a shipped table", description="Goes back to the table that came with the program."
    )
    opening.add_arguments(reset)
    reset.add_argument("kind", choices=KINDS)
    relays = acts.add_parser(
        "relays",
        help="relays whose Received lines are believed",
        description="Shows and changes the relays whose own Received line is believed: name only hosts that always write one.",
    )
    opening.add_arguments(relays)
    relays.add_argument("--add", nargs="+", default=[], metavar="NET", help="addresses or networks to trust")
    relays.add_argument("--remove", nargs="+", default=[], metavar="NET", help="addresses or networks to trust no more")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"show": _show, "update": _update, "reset": _reset, "relays": _relays}[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _show(node: Node, options: argparse.Namespace) -> int:
    geo = node.services.geo
    tables = await geo.tables()
    if not options.addresses:
        lines = [line for table in tables for line in _table_lines(table)]
        lines += [f"Licences of the tables that came with the program: {LICENCE}"]
        opening.show(options, {"tables": [_table(one) for one in tables]}, lines)
        return 0
    found = [_place(node, text) for text in options.addresses]
    lines = [f"{one['address']}  {_words(one)}" for one in found]
    opening.show(options, {"addresses": found, "tables": [_table(one) for one in tables]}, lines)
    return 0


def _place(node: Node, text: str) -> dict[str, Any]:
    address = parse_address(text)
    if address is None:
        raise opening.CommandError(f"{text} is no IP address.")
    place = node.services.geo.look(text)
    return {"address": text, "country": place.country, "asn": place.asn, "inside": is_inside(address)}


def _words(one: dict[str, Any]) -> str:
    if one["inside"]:
        return "private network"
    network = f"AS{one['asn']}" if one["asn"] else "network unknown"
    return f"{one['country'] or 'country unknown'}  {network}"


def _table(one: TableInForce) -> dict[str, Any]:
    return one.facts._asdict() | {"ranges": one.ranges, "version": one.version, "shipped": one.version == 0}


def _table_lines(one: TableInForce) -> list[str]:
    origin = "came with the program" if one.version == 0 else f"was brought, version {one.version}"
    licence = f"; licence: {one.facts.licence}" if one.facts.licence else ""
    return [
        f"{one.facts.kind}: {one.ranges:,} ranges of {one.facts.date}, {origin}",
        f"  source: {one.facts.source}{licence}",
    ]


async def _update(node: Node, options: argparse.Namespace) -> int:
    if options.date and not _DATE.fullmatch(options.date):
        raise opening.CommandError("Write the date as YYYY-MM-DD.")
    try:
        octets = read_table(
            options.file, kind=options.kind, source=options.source, licence=options.licence, date=options.date
        )
    except GeoTableError as error:
        raise opening.CommandError(str(error)) from error
    table = await node.services.geo.replace(octets)
    opening.show(options, _table(table), _table_lines(table))
    return 0


async def _reset(node: Node, options: argparse.Namespace) -> int:
    await node.services.geo.reset(options.kind)
    return await _show(node, argparse.Namespace(addresses=[], json=options.json))


async def _relays(node: Node, options: argparse.Namespace) -> int:
    relays = node.services.relays
    known = [str(network) for network in (await relays.relays()).networks]
    if options.add or options.remove:
        removed = set(relays.written(options.remove))
        missing = removed - set(known)
        if missing:
            raise opening.CommandError(f"Not trusted: {', '.join(sorted(missing))}")
        known = await relays.set([one for one in known if one not in removed] + options.add)
    opening.show(options, {"relays": known}, known or ["No relay is trusted: only what our own servers saw counts."])
    return 0
