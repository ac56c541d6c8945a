"""How a company shows itself: the name, logo and colour at sign-in, in both webs, and the name in mail of the house.

`set` changes what is given and leaves the rest; `--domain` means one domain instead of the whole company. A logo is a PNG of
at most 512 × 512 pixels. A colour is its hue in degrees (0 red, 120 green, 240 blue); how light it must be to be read is found
by the program.
"""

import argparse
from pathlib import Path

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, organizations, shown, the_organization
from smartmail.app.node import Node
from smartmail.domain.appearance import OURS
from smartmail.domain.errors import MailError

HELP = "set the name, logo and colour that a company shows"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    _of(add_act(acts, "show", "show appearances"))
    put = _of(add_act(acts, "set", "set an appearance"))
    put.add_argument("--name", help="what stands in the place of the program's name")
    put.add_argument("--hue", type=int, metavar="DEGREES", help="0 to 359; -1: the program's own colour")
    put.add_argument("--logo", type=Path, metavar="FILE", help="a PNG; an empty file takes the logo away")
    _of(add_act(acts, "remove", "take an appearance away"))


def _of(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--organization", metavar="NAME", help="whose (needed where there are several)")
    parser.add_argument("--domain", default="", help="of this domain only")
    return parser


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"show": _show, "set": _set, "remove": _remove}[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _show(node: Node, options: argparse.Namespace) -> int:
    rows, documents = [], []
    for one in await organizations(node, options.organization):
        for appearance in await node.services.appearance.list_all(CLI, one.id):
            hue = "" if appearance.hue == OURS else str(appearance.hue)
            rows.append(
                (
                    one.name,
                    appearance.domain,
                    appearance.name,
                    hue,
                    str(len(appearance.logo)),
                    shown(appearance.changed_at),
                )
            )
            documents.append({
                "company": one.name, "domain": appearance.domain, "name": appearance.name,
                "hue": None if appearance.hue == OURS else appearance.hue, "logoOctets": len(appearance.logo),
            })  # fmt: skip
    opening.show(options, documents, opening.table(("COMPANY", "DOMAIN", "NAME", "HUE", "LOGO", "CHANGED"), rows))
    return 0


async def _set(node: Node, options: argparse.Namespace) -> int:
    home = (await the_organization(node, options.organization)).id
    domain = options.domain.lower()
    kept = next((one for one in await node.services.appearance.list_all(CLI, home) if one.domain == domain), None)
    name = options.name if options.name is not None else "" if kept is None else kept.name
    hue = options.hue if options.hue is not None else OURS if kept is None else kept.hue
    try:
        logo = None if options.logo is None else options.logo.read_bytes()
        await node.services.appearance.put(CLI, home, domain, name=name, hue=hue, logo=logo)
    except (MailError, OSError) as error:
        raise opening.CommandError(f"Not set: {getattr(error, 'public', error)}.") from None
    opening.show(options, {"set": True}, ["The appearance is set. Pages show it when they are opened or loaded again."])
    return 0


async def _remove(node: Node, options: argparse.Namespace) -> int:
    home = (await the_organization(node, options.organization)).id
    try:
        await node.services.appearance.drop(CLI, home, options.domain.lower())
    except MailError as error:
        raise opening.CommandError(f"Not removed: {error.public}.") from None
    opening.show(options, {"removed": True}, ["The appearance is taken away."])
    return 0
