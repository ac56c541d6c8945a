"""How safe the way to other mail systems must be: partners, exceptions with an end, authorities.

`tls DOMAIN` demands verified TLS for mail to a domain, .example.com for all below it: what cannot go so comes back to its
sender (or waits, with --defer). `exception HOST --port N --until DATE` lets one old host speak TLS 1.0 and 1.1 until that day;
with --inward an old machine that comes to that port of ours. `report FILE` shows what another system says of its TLS
sessions with us.
"""

import argparse

from smartmail.app.cli.acting import acts_of
from smartmail.app.cli.operations import running
from smartmail.app.cli.tls_reports import show_report

HELP = "secure transport to partners; exceptions with an end date"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    running.add_acts(acts, "partner")
    text = "show a TLS report that another system sent about our domains"
    report = acts.add_parser("report", help=text, description=text)
    report.add_argument("file", metavar="FILE", help="the mail, or its attachment, packed or not")
    report.add_argument("--json", action="store_true", help="print the result as one JSON document")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    return show_report(options) if options.act == "report" else running.run(options)
