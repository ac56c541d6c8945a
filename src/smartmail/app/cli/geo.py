"""Countries and networks of addresses: tables, where an address is, and relays that are trusted.

`update` takes CSV (first,last,value or network/prefix,value), MMDB (MaxMind, DB-IP), or a table of SmartMail's own. It is
checked before it is used, holds in every process of every node within seconds, and needs no restart.
"""

import argparse
import re

from smartmail.adapters.geoip.files import read_table
from smartmail.app.cli import opening
from smartmail.app.cli.acting import acts_of, add_act
from smartmail.app.cli.operations import running
from smartmail.app.node import Node
from smartmail.formats.geo_table import KINDS, GeoTableError

HELP = "countries of addresses: list, look, update, reset, relays"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    running.add_acts(acts, "geo")
    # By the API a file is limited: it is in memory there.
    update = add_act(acts, "update", "put a table in force", "FILE")
    update.add_argument("--kind", choices=KINDS, help="country or asn; told by the file when left out")
    update.add_argument("--source", default="", metavar="TEXT", help="where it comes from")
    update.add_argument("--licence", default="", metavar="TEXT", help="what its licence wants to be said")
    update.add_argument("--date", default="", metavar="YYYY-MM-DD", help="of when it is")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    if options.act != "update":
        return running.run(options)
    return opening.perform(options, lambda node: _update(node, options))


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
    document = {**table.facts._asdict(), "ranges": table.ranges, "version": table.version}
    opening.show(options, document, [f"{name:<8} {value}" for name, value in document.items()])
    return 0
