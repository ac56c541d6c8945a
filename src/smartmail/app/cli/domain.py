"""Manages the domains that mail is received for: add, list, dkim, tls, records.

`records DOMAIN` shows all DNS records that the domain wants: where mail goes, who may send, where mail programs find us.
`dkim DOMAIN` shows the DNS records of the domain's signing keys; with --new it makes a key first. The first key signs as
soon as it exists: publish its record. To change keys: --new --selector NEXT, publish its record, --check until it is
seen, --activate NEXT (the old key is retired), and after a week --remove OLD and its record.
"""

import argparse

from smartmail.app.cli import domain_reports, domain_tls, opening
from smartmail.app.node import Node
from smartmail.app.serving.mail_servers import mail_servers
from smartmail.domain.account import DomainRow
from smartmail.domain.errors import AlreadyExists, Invalid, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.client_setup import srv_records
from smartmail.service.people.administration import DkimRecord

HELP = "add and list domains; DKIM keys and DNS records"
_TXT_STRING = 255  # RFC 1035 §3.3: the longest character-string


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    add = acts.add_parser("add", help="receive mail for a domain", description="Receives mail for a domain.")
    opening.add_arguments(add)
    add.add_argument("domain", metavar="DOMAIN")
    add.add_argument("--organization", metavar="NAME", help="whose domain it is; a new name makes a new organisation")
    listing = acts.add_parser("list", help="show all domains", description="Shows all domains.")
    opening.add_arguments(listing)
    dkim = acts.add_parser("dkim", help="signing keys and the DNS records to publish", description=__doc__)
    opening.add_arguments(dkim)
    dkim.add_argument("domain", metavar="DOMAIN")
    acts_on_key = dkim.add_mutually_exclusive_group()
    acts_on_key.add_argument("--new", action="store_true", help="make a key")
    acts_on_key.add_argument("--check", action="store_true", help="ask the name service whether the records are seen")
    acts_on_key.add_argument("--activate", metavar="SELECTOR", help="sign with this key, and retire the one before it")
    acts_on_key.add_argument("--retire", metavar="SELECTOR", help="sign with this key no more")
    acts_on_key.add_argument("--remove", metavar="SELECTOR", help="remove a key that was retired 7 days ago or earlier")
    dkim.add_argument("--force", action="store_true", help="activate an unseen key, or remove one that may be needed")
    dkim.add_argument("--selector", default="sm1", metavar="NAME", help="name of the new key (sm1)")
    dkim.add_argument("--kind", choices=("rsa", "ed25519"), default="rsa", help="kind of the new key (rsa, 2048 bits)")
    records = acts.add_parser(
        "records", help="all DNS records to publish", description="Shows all DNS records to publish."
    )
    domain_tls.add_tls(acts)
    domain_reports.add_reports(acts)
    opening.add_arguments(records)
    records.add_argument("domain", metavar="DOMAIN")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {
        "add": _add,
        "list": _list,
        "dkim": _dkim,
        "records": _records,
        "tls": _tls,
        "reports": domain_reports.reports,
    }[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _tls(node: Node, options: argparse.Namespace) -> int:
    return await domain_tls.tls(node, options, _actor())


def _actor() -> Actor:
    return Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


async def _add(node: Node, options: argparse.Namespace) -> int:
    organization_id = await _organization(node, options.organization)
    try:
        row = await node.services.administration.add_domain(_actor(), options.domain, organization_id)
    except AlreadyExists:
        raise opening.CommandError(f"{options.domain} is a domain of ours already.") from None
    opening.show(
        options, {"domain": row.name, "organization": row.organization_id},
        [f"Mail for {row.name} is received. Next: its MX record, and ./smartmail domain dkim {row.name} --new"],
    )  # fmt: skip
    return 0


async def _organization(node: Node, name: str | None) -> OrganizationId:
    if name is not None:
        return await node.services.provisioning.organization(name)
    known = await node.services.directory.organizations()
    if len(known) > 1:
        names = ", ".join(one.name for one in known)
        raise opening.CommandError(f"There are several organisations: name one with --organization ({names}).")
    return known[0].id if known else await node.services.provisioning.organization("SmartMail")


async def _list(node: Node, options: argparse.Namespace) -> int:
    names = {one.id: one.name for one in await node.services.directory.organizations()}
    document, rows = [], []
    for row in await node.services.directory.domains():
        keys = await node.services.administration.dkim_records(row)
        selectors = [one.selector for one in keys]
        document.append({
            "domain": row.name, "organization": names.get(row.organization_id), "state": row.state, "dkim": selectors,
        })  # fmt: skip
        rows.append((row.name, names.get(row.organization_id, ""), row.state, ", ".join(selectors) or "none"))
    opening.show(options, document, opening.table(("DOMAIN", "ORGANISATION", "STATE", "DKIM"), rows))
    return 0


async def _dkim(node: Node, options: argparse.Namespace) -> int:
    administration = node.services.administration
    try:
        domain = await administration.domain(options.domain)
    except NotFound as error:
        raise opening.CommandError(f"{error.public}. Add it first: ./smartmail domain add {options.domain}") from None
    if options.check or options.activate or options.retire or options.remove:
        return await _change_dkim(node, options, domain)
    if options.new:
        records = [await administration.create_dkim(_actor(), domain, options.selector, options.kind)]
    else:
        records = await administration.dkim_records(domain)
    if not records:
        raise opening.CommandError(f"{domain.name} has no key. Make one: ./smartmail domain dkim {domain.name} --new")
    document = [
        {"selector": one.selector, "kind": one.kind, "state": one.state, "name": one.name, "text": one.text}
        for one in records
    ]
    lines = [line for one in records for line in (f"; {one.selector}: {_STATES[one.state]}", *record_lines(one))]
    if options.new and records[0].state == "published":
        lines.append(f"; when it is seen: ./smartmail domain dkim {domain.name} --activate {records[0].selector}")
    opening.show(options, document, lines)
    return 0


_STATES = {
    "published": "not used yet; publish this record, then --activate it",
    "active": "signs mail",
    "retired": "signs no more; leave its record for 7 days",
}


async def _change_dkim(node: Node, options: argparse.Namespace, domain: DomainRow) -> int:
    administration = node.services.administration
    try:
        if options.check:
            seen = await administration.check_dkim(domain)
            states = {one.selector: one.state for one in await administration.dkim_records(domain)}
            document = [{"selector": one, "state": states[one], "dns": seen[one]} for one in seen]
            rows = [(one, states[one], seen[one]) for one in seen]
            opening.show(options, document, opening.table(("SELECTOR", "STATE", "DNS"), rows))
            wrong = [one for one in seen if states[one] == "active" and seen[one] in {"missing", "different"}]
            return 1 if wrong else 0
        if options.activate:
            retired = await administration.activate_dkim(_actor(), domain, options.activate, unchecked=options.force)
            also = f" Retired: {', '.join(retired)}. Leave the record for 7 days." if retired else ""
            told = f"{options.activate} signs mail of {domain.name} now.{also}"
        elif options.retire:
            others = await administration.retire_dkim(_actor(), domain, options.retire)
            also = "" if others else f" Nothing signs mail of {domain.name} now."
            told = f"{options.retire} signs no more. Leave its record for 7 days.{also}"
        else:
            await administration.remove_dkim(_actor(), domain, options.remove, now=options.force)
            told = f"{options.remove} is gone. Its record can go too."
    except (Invalid, NotFound) as error:
        raise opening.CommandError(f"{error.public}. To do it all the same: --force") from None
    opening.show(options, {"domain": domain.name, "told": told}, [told])
    return 0


async def _records(node: Node, options: argparse.Namespace) -> int:
    administration, names = node.services.administration, node.settings.file.names
    try:
        domain = await administration.domain(options.domain)
    except NotFound as error:
        raise opening.CommandError(f"{error.public}. Add it first: ./smartmail domain add {options.domain}") from None
    signing = [line for one in await administration.dkim_records(domain) for line in record_lines(one)]
    lines = [
        f"{domain.name}. IN MX 10 {names.mail}.",
        f'{domain.name}. IN TXT "v=spf1 mx -all"',
        f'_dmarc.{domain.name}. IN TXT "v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain.name}"',
        *(signing or [f"; no signing key yet: ./smartmail domain dkim {domain.name} --new"]),
        *await domain_tls.tls_records(node, domain.name),
        *srv_records(domain.name, mail_servers(node.settings)),
        # Mail programs that do not look for SRV records ask these names.
        *(f"{name}.{domain.name}. IN CNAME {names.app}." for name in ("autoconfig", "autodiscover")),
    ]
    opening.show(options, lines, lines)
    return 0


def record_lines(record: DkimRecord) -> list[str]:
    """Return the record as a zone file has it, cut into strings of at most 255 octets."""
    parts = [record.text[at : at + _TXT_STRING] for at in range(0, len(record.text), _TXT_STRING)]
    quoted = "\n".join(f'    "{part}"' for part in parts)
    return [f"{record.name}. IN TXT (", quoted, ")"]
