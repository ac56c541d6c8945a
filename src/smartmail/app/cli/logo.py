"""Logos of senders (BIMI): which mark authorities may confirm one, and what is known of a domain's.

    logo trust FILE            an authority for marks, by its certificate in PEM      logo list
    logo distrust FINGERPRINT  trust it no more: its logos go at once                 logo show DOMAIN

Nothing is trusted unless it is added here. Logos are fetched when proved mail comes; the policy `brand.logos` hides them.
"""

import argparse
import time

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, day_of, the_organization
from smartmail.app.node import Node
from smartmail.domain.brands import BrandLogo
from smartmail.formats.mark_certificate import MAX_OCTETS
from smartmail.service.smime.trust import RootRow

HELP = "logos of senders: authorities that confirm them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    for name, place, text in (
        ("trust", "FILE", "trust a mark authority, by its certificate in PEM"),
        ("distrust", "FINGERPRINT", "trust a mark authority no more"),
        ("list", "", "show the mark authorities"),
        ("show", "DOMAIN", "show what is known of a domain's logo"),
    ):
        act = acts.add_parser(name, help=text, description=text)
        opening.add_arguments(act)
        if place:
            act.add_argument("what", metavar=place)
        if name != "show":
            act.add_argument("--organization", metavar="NAME", help="whose trust (needed when there are several)")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"trust": _trust, "distrust": _distrust, "list": _list, "show": _show}[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _trust(node: Node, options: argparse.Namespace) -> int:
    organization = await the_organization(node, options.organization)
    octets = opening.octets_of(options.what, MAX_OCTETS)
    row = await node.services.brands.trust.add_root(CLI, organization.id, octets)
    opening.show(
        options, _document(row), [f"{organization.name} trusts {row.name} for logos until {day_of(row.until)}."]
    )
    return 0


async def _distrust(node: Node, options: argparse.Namespace) -> int:
    organization = await the_organization(node, options.organization)
    await node.services.brands.trust.remove_root(CLI, organization.id, options.what)
    opening.show(options, {"fingerprint": options.what}, [f"{organization.name} trusts it no more."])
    return 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    organization = await the_organization(node, options.organization)
    rows = await node.services.brands.trust.roots(organization.id)
    lines = [f"{one.fingerprint}  until {day_of(one.until)}  {one.name}" for one in rows]
    nothing = [f"{organization.name} trusts no mark authority: no logo is shown."]
    opening.show(options, [_document(one) for one in rows], lines or nothing)
    return 0


async def _show(node: Node, options: argparse.Namespace) -> int:
    rows = await node.services.brands.known(options.what)
    document = [
        {
            "domain": one.domain, "kind": one.kind or None, "owner": one.owner or None, "issuer": one.issuer or None,
            "octets": len(one.svg), "reason": one.reason or None, "until": one.expires_at,
            "standing": one.standing or None,
        }
        for one in rows
    ]  # fmt: skip
    opening.show(options, document, [_line(one) for one in rows] or ["Nothing is known of a logo of this domain."])
    return 0 if rows else 1


def _line(one: BrandLogo) -> str:
    until = time.strftime("%Y-%m-%d %H:%M", time.gmtime(one.expires_at // 1000))
    if not one.svg:
        return f"no logo, looked at again after {until} UTC: {one.reason}"
    standing = f", revocation: {one.standing}" if one.standing else ""
    return f"{one.kind} mark of {one.owner or '-'}, confirmed by {one.issuer or '-'}, kept until {until} UTC{standing}"


def _document(row: RootRow) -> dict[str, object]:
    return {"fingerprint": row.fingerprint, "name": row.name, "until": row.until}
