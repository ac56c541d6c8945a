"""The part of `./smartmail domain` about secure transport to our domains: the MTA-STS policy and its DNS records."""

import argparse

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.domain.principal import Actor
from smartmail.formats.mta_sts import MODES, write_policy, write_record

DEFAULT_MAX_AGE = 604_800
"""A week: RFC 8461 §3.2 asks for weeks in the end; a first policy should be shorter."""


def add_tls(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `domain tls`."""
    text = "MTA-STS: whether others must deliver over proven TLS"
    parser = acts.add_parser("tls", help=text, description=text)
    opening.add_arguments(parser)
    parser.add_argument("domain", metavar="DOMAIN")
    parser.add_argument(
        "--mode", choices=MODES, help="testing first, enforce when reports are clean; none before it ends"
    )
    parser.add_argument(
        "--max-age", type=int, default=DEFAULT_MAX_AGE, metavar="SECONDS", help="how long others keep it (a week)"
    )
    parser.add_argument(
        "--mx",
        action="append",
        default=[],
        metavar="HOST",
        help="exchanger; this node's name unless given; may be repeated",
    )
    parser.add_argument(
        "--remove", action="store_true", help="publish none any more (set --mode none for max-age before)"
    )


async def tls(node: Node, options: argparse.Namespace, actor: Actor) -> int:
    """Show or change the policy."""
    rules = node.services.transport.rules
    domain = (await node.services.administration.domain(options.domain)).name
    if options.remove:
        await rules.drop_own_policy(actor, domain)
    elif options.mode is not None:
        hosts = tuple(options.mx) or (node.settings.file.names.mail,)
        await rules.set_own_policy(actor, domain, options.mode, options.max_age, hosts)
    own = await rules.own_policy(domain)
    if own is None:
        opening.show(
            options,
            {"domain": domain, "policy": None},
            [f"{domain} has no policy. Begin: ./smartmail domain tls {domain} --mode testing"],
        )
        return 0
    document = {
        "domain": domain,
        "id": own.identity,
        "mode": own.policy.mode,
        "max_age": own.policy.max_age,
        "mx": list(own.policy.mx),
    }
    lines = [f"https://mta-sts.{domain}/.well-known/mta-sts.txt", "", *write_policy(own.policy).decode().splitlines(), "",
             *await tls_records(node, domain)]  # fmt: skip
    opening.show(options, document, lines)
    return 0


async def tls_records(node: Node, domain: str) -> list[str]:
    """Return the records that secure transport wants: the policy's id and host, and where reports go."""
    own = await node.services.transport.rules.own_policy(domain)
    reports = f'_smtp._tls.{domain}. IN TXT "v=TLSRPTv1; rua=mailto:postmaster@{domain}"'
    if own is None:
        return [f"; no MTA-STS policy yet: ./smartmail domain tls {domain} --mode testing", reports]
    return [
        f'_mta-sts.{domain}. IN TXT "{write_record(own.identity)}"',
        f"mta-sts.{domain}. IN CNAME {node.settings.file.names.app}.",
        reports,
    ]
