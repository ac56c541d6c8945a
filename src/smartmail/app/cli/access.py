"""Rules of place and time: from where, when and by which protocols people may come in; travel exemptions.

A rule is for a scope (system, organization:NAME, domain:NAME, department:NAME, group:NAME, account:ADDRESS). A running server
obeys within two seconds, and ends what is open.

  ./smartmail access new deny --scope system --mode outside --countries KR        nobody comes in from outside of Korea
  ./smartmail access new deny --scope system --mode within --countries CN RU --channels imap pop3
  ./smartmail access new deny --scope group:shift --window-since 22:00 --window-until 06:00
  ./smartmail access test deny --scope system --mode outside --countries KR JP    which past logins it would have refused
  ./smartmail access why kim@example.com imap 198.51.100.9                        what holds there, and which rule says so
  ./smartmail access ask kim@example.com JP 2026-12-01 2026-12-05 trade fair
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, end_of, time_of
from smartmail.app.cli.operations import running
from smartmail.app.node import Node

HELP = "access rules: from where and when people may sign in; travel exemptions"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    running.add_acts(acts, "access")
    ask = add_act(acts, "ask", "ask for a travel exemption for an account", "ADDRESS", "COUNTRY")
    ask.add_argument("begins", type=time_of, metavar="FROM", help="the first day, 2026-12-01")
    ask.add_argument("until", type=end_of, metavar="UNTIL", help="the last day, 2026-12-05")
    ask.add_argument("reason", metavar="REASON", nargs="+")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    return opening.perform(options, lambda node: _ask(node, options)) if options.act == "ask" else running.run(options)


async def _ask(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    asked = await node.services.access.passes.ask(
        CLI, options.country, options.begins, options.until, " ".join(options.reason), account.id
    )
    lines = [f"Travel exemption {asked.id} waits. Decide with: ./smartmail access grant {asked.id}"]
    opening.show(options, {"id": str(asked.id), "state": asked.state}, lines)
    return 0
