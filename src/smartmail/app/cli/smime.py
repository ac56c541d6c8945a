"""Certificate authorities whose S/MIME signatures count beside those of the system, and lists of revoked certificates.

    smime trust FILE     a company's own authority, in PEM        smime list
    smime revoked FILE   its list of revoked certificates         smime distrust FINGERPRINT

Signatures are judged against them from then on; those judged in the last day may show the old result until a restart.
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, day_of, the_organization
from smartmail.app.node import Node

HELP = "authorities whose S/MIME signatures count"

MAX_OCTETS = 10 << 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    for name, place, text in (
        ("trust", "FILE", "trust an authority, by its certificate in PEM"),
        ("revoked", "FILE", "take a list of revoked certificates, PEM or DER"),
        ("distrust", "FINGERPRINT", "trust an authority no more"),
        ("list", "", "show the authorities"),
    ):
        act = acts.add_parser(name, help=text, description=text)
        opening.add_arguments(act)
        if place:
            act.add_argument("what", metavar=place)
        act.add_argument("--organization", metavar="NAME", help="whose trust (needed when there are several)")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"trust": _trust, "revoked": _revoked, "distrust": _distrust, "list": _list}[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _trust(node: Node, options: argparse.Namespace) -> int:
    organization = await the_organization(node, options.organization)
    row = await node.services.smime.trust.add_root(CLI, organization.id, opening.octets_of(options.what, MAX_OCTETS))
    document = {"fingerprint": row.fingerprint, "name": row.name, "until": row.until}
    opening.show(options, document, [f"{organization.name} trusts {row.name} until {day_of(row.until)}."])
    return 0


async def _revoked(node: Node, options: argparse.Namespace) -> int:
    organization = await the_organization(node, options.organization)
    name = await node.services.smime.trust.put_revocations(
        CLI, organization.id, opening.octets_of(options.what, MAX_OCTETS)
    )
    opening.show(options, {"issuer": name}, [f"The list of {name} counts for {organization.name} now."])
    return 0


async def _distrust(node: Node, options: argparse.Namespace) -> int:
    organization = await the_organization(node, options.organization)
    await node.services.smime.trust.remove_root(CLI, organization.id, options.what)
    opening.show(options, {"fingerprint": options.what}, [f"{organization.name} trusts it no more."])
    return 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    organization = await the_organization(node, options.organization)
    rows = await node.services.smime.trust.roots(organization.id)
    document = [{"fingerprint": one.fingerprint, "name": one.name, "until": one.until} for one in rows]
    lines = [f"{one.fingerprint}  until {day_of(one.until)}  {one.name}" for one in rows]
    opening.show(options, document, lines or [f"{organization.name} has no authorities beside those of the system."])
    return 0
