"""What is done with mail that nothing proves (SPF, DKIM, DMARC, ARC): show the settings, set them.

dmarc            obey (default): what a domain's policy asks for is done; watch: it is only noted
quarantine       junk (default): what a policy wants set aside goes to Junk; hold: it is held in the queue
trusted-sealers  domains whose ARC seals are believed, by blanks or commas; empty: none
reports          send (default): DMARC aggregate reports go daily to domains that ask for them; off: none
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.domain.errors import Invalid
from smartmail.service.flow.authentication.settings import CHOICES, AuthenticationSettings

HELP = "what is done with mail that fails DMARC or has no authentication"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    show = acts.add_parser("show", help="show the settings", description="Shows the settings.")
    opening.add_arguments(show)
    change = acts.add_parser("set", help="change a setting", description="Changes a setting.")
    opening.add_arguments(change)
    change.add_argument("name", choices=sorted(CHOICES), metavar="NAME", help=", ".join(sorted(CHOICES)))
    change.add_argument("value", metavar="VALUE", help="the new value; '' for the default")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"show": _show, "set": _set}[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _show(node: Node, options: argparse.Namespace) -> int:
    values = await AuthenticationSettings(node.store, node.clock).values()
    opening.show(options, values, opening.table(("SETTING", "VALUE"), list(values.items())))
    return 0


async def _set(node: Node, options: argparse.Namespace) -> int:
    try:
        await AuthenticationSettings(node.store, node.clock).put(options.name, options.value, who="cli")
    except Invalid as error:
        raise opening.CommandError(f"{error.public}.") from None
    return await _show(node, options)
