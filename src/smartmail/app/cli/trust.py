"""Certificates that people log in with (공동인증서, GPKI, a company's own): who vouches, what counts, what was revoked.

    trust add FILE… --family npki                authorities as PEM, DER or PKCS #7, root and those below it
    trust add FILE… --family gpki --domain D     for the people of one domain alone
    trust rule npki --policy 1.2.410.200005.1.1.*     which purposes count; --any: all; --off, --on: the whole family
    trust rule npki --identity on --rebind on    ask for the identity number; renewed ones take the old one's place
    trust source ocsp.example crl.example        hosts that may be asked about revocation; --forbid
    trust load FILE…                             lists of revoked certificates by file or directory (closed networks)
    trust list                                   all of it
    trust remove FINGERPRINT

How strict revocation is: ./smartmail policy set certificate.revocation hard|soft|off. Resetting somebody's certificate is
a reset of the second factor, with a reason.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import get_args

from cryptography import x509

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, the_organization
from smartmail.app.node import Node
from smartmail.domain.errors import AlreadyExists, Invalid
from smartmail.domain.identity_certificates import AuthorityRow, CertificateRule, Family
from smartmail.service.identity.identity_certificates.lists import MAX_OCTETS as MAX_LIST
from smartmail.service.identity.identity_certificates.trust import MAX_OCTETS

HELP = "certificates that people log in with: authorities, purposes, revocation"
_SWITCH = ("on", "off")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    add = add_act(acts, "add", "trust the authorities in files", "FILE…")
    add.add_argument("--family", choices=get_args(Family), required=True, help="whose certificates they are")
    rule = add_act(acts, "rule", "say how a family of certificates counts")
    rule.add_argument("family", choices=get_args(Family), metavar="FAMILY", help="npki, gpki or other")
    rule.add_argument("--policy", action="append", metavar="OID", help="a purpose that counts; may be repeated")
    rule.add_argument("--any", action="store_true", help="every purpose counts")
    rule.add_argument("--on", action="store_true", help="certificates of this family count")
    rule.add_argument("--off", action="store_true", help="they do not")
    rule.add_argument("--identity", choices=_SWITCH, help="ask for the identity number (VID)")
    rule.add_argument("--rebind", choices=_SWITCH, help="a renewed certificate takes the old one's place by itself")
    source = add_act(acts, "source", "hosts that may be asked about revocation", "HOST…")
    source.add_argument("--forbid", action="store_true", help="ask them no more")
    add_act(acts, "load", "take lists of revoked certificates from files or directories", "FILE…")
    listing = add_act(acts, "list", "show authorities, rules, hosts and lists")
    remove = add_act(acts, "remove", "trust an authority no more", "FINGERPRINT")
    for act in (add, rule, remove):
        act.add_argument("--domain", default="", metavar="D", help="for the people of this domain alone")
    for act in (add, rule, source, acts.choices["load"], listing, remove):
        act.add_argument("--organization", metavar="NAME", help="whose (needed when there are several)")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    acts = {"add": _add, "rule": _rule, "source": _source, "load": _load, "list": _list, "remove": _remove}
    return opening.perform(options, lambda node: acts[options.act](node, options))


async def _add(node: Node, options: argparse.Namespace) -> int:
    organization = await the_organization(node, options.organization)
    added: list[AuthorityRow] = []
    for place in options.file:
        octets = opening.octets_of(place, MAX_OCTETS)
        try:
            added += await node.services.trust_lists.add(CLI, organization.id, octets, options.family, options.domain)
        except AlreadyExists:
            continue
        except Invalid as error:
            raise opening.CommandError(f"{place}: {error.public}.") from error
    lines = [f"{organization.name} trusts {_name(row)} until {_end(row)}." for row in added]
    opening.show(options, [_document(row) for row in added], lines or ["All of them are trusted already."])
    return 0


async def _rule(node: Node, options: argparse.Namespace) -> int:
    organization = await the_organization(node, options.organization)
    trust = node.services.trust_lists
    held = await trust.rules(CLI, organization.id)
    empty = CertificateRule(organization.id, options.domain, options.family)
    place = (options.domain, options.family)
    rule = next((one for one in held if (one.domain, one.family) == place), empty)
    if options.on and options.off:
        raise opening.CommandError("Say --on or --off, not both.")
    rule = replace(rule, enabled=options.on or (rule.enabled and not options.off))
    if options.any or options.policy:
        rule = replace(rule, policies=() if options.any else tuple(options.policy))
    if options.identity:
        rule = replace(rule, identity=options.identity == "on")
    if options.rebind:
        rule = replace(rule, rebind=options.rebind == "on")
    kept = await trust.set_rule(CLI, rule)
    opening.show(options, _rule_document(kept), [_rule_line(kept)])
    return 0


async def _source(node: Node, options: argparse.Namespace) -> int:
    organization = await the_organization(node, options.organization)
    hosts = [
        await node.services.trust_lists.allow_source(CLI, organization.id, host, allowed=not options.forbid)
        for host in options.host
    ]
    said = "may not be asked any more" if options.forbid else "may be asked about revocation"
    opening.show(options, {"hosts": hosts, "allowed": not options.forbid}, [f"{', '.join(hosts)} {said}."])
    return 0


async def _load(node: Node, options: argparse.Namespace) -> int:
    """Files that are no lists, in a directory, are passed over with a word."""
    organization = await the_organization(node, options.organization)
    loaded, passed = [], []
    for file in _files(options.file):
        try:
            octets = opening.octets_of(str(file), MAX_LIST + 1)
            loaded.append(await node.services.revocation_lists.load(CLI, organization.id, octets, "file"))
        except (Invalid, opening.CommandError) as error:
            passed.append(f"{file.name}: {error.public if isinstance(error, Invalid) else error}")
    lines = [f"A list that counts until {_minute(row.until)} is taken." for row in loaded]
    opening.show(options, {"loaded": len(loaded), "passed": passed}, lines + passed)
    return 0 if loaded and not passed else opening.FAILED


def _files(places: list[str]) -> list[Path]:
    paths = [Path(place) for place in places]
    return [file for path in paths for file in (sorted(path.iterdir()) if path.is_dir() else [path])]


async def _list(node: Node, options: argparse.Namespace) -> int:
    organization = await the_organization(node, options.organization)
    trust, services = node.services.trust_lists, node.services
    rows = await trust.authorities(CLI, organization.id)
    rules = await trust.rules(CLI, organization.id)
    hosts = await trust.sources(CLI, organization.id)
    lists = await services.revocation_lists.facts(CLI, organization.id)
    head = ("ID", "FAMILY", "DOMAIN", "UNTIL", "NAME")
    lines = opening.table(
        head, [(row.fingerprint[:12], row.family, row.domain or "all", _end(row), _name(row)) for row in rows]
    )
    lines += ["", *(_rule_line(one) for one in rules)] if rules else []
    lines += ["", f"May be asked: {', '.join(hosts) or 'nobody (trust source HOST, or trust load FILE)'}"]
    now = node.clock.now() // 1000
    lines += [
        f"List of {row.issuer.hex()[:12]} until {_minute(row.until)}, from {row.source}{', over: load a newer one' if row.until < now else ''}"
        for row in lists
    ]
    document = {
        "authorities": [_document(row) for row in rows],
        "rules": [_rule_document(one) for one in rules],
        "hosts": hosts,
        "lists": [
            {"issuer": row.issuer.hex(), "scope": row.scope, "since": row.since, "until": row.until} for row in lists
        ],
    }
    opening.show(
        options, document, lines if rows else ["No authority is trusted yet. ./smartmail trust add FILE --family npki"]
    )
    return 0


async def _remove(node: Node, options: argparse.Namespace) -> int:
    organization = await the_organization(node, options.organization)
    rows = await node.services.trust_lists.authorities(CLI, organization.id)
    wanted = options.fingerprint.lower().replace(":", "")
    found = [row for row in rows if row.fingerprint.startswith(wanted) and row.domain == options.domain]
    if len(found) != 1:
        raise opening.CommandError("No authority, or several, have that id. ./smartmail trust list shows them.")
    await node.services.trust_lists.remove(CLI, organization.id, found[0].fingerprint, options.domain)
    opening.show(options, _document(found[0]), [f"{_name(found[0])} is not trusted any more."])
    return 0


def _name(row: AuthorityRow) -> str:
    return x509.load_der_x509_certificate(row.der).subject.rfc4514_string()


def _end(row: AuthorityRow) -> str:
    return x509.load_der_x509_certificate(row.der).not_valid_after_utc.strftime("%Y-%m-%d")


def _minute(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


def _document(row: AuthorityRow) -> dict[str, object]:
    return {
        "fingerprint": row.fingerprint, "family": row.family, "domain": row.domain, "name": _name(row), "until": _end(row),
    }  # fmt: skip


def _rule_document(rule: CertificateRule) -> dict[str, object]:
    return {
        "family": rule.family, "domain": rule.domain, "enabled": rule.enabled, "policies": rule.policies,
        "identity": rule.identity, "rebind": rule.rebind,
    }  # fmt: skip


def _rule_line(rule: CertificateRule) -> str:
    purposes = ", ".join(rule.policies) or "every purpose"
    more = ["identity number asked"] * rule.identity + ["renewals by themselves"] * rule.rebind
    state = "; ".join([purposes, *more]) if rule.enabled else "off"
    return f"{rule.family} for {rule.domain or 'all domains'}: {state}"
