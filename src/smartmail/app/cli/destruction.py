"""The register of destructions (파기 대장): destroy for good what a leaver, a domain or a company left, list, print a
certificate (파기 확인서).

`domain` and `company` want them closed (`organization close-domain`, `organization close`), and all of their accounts; a
legal hold on one account keeps all of it. Without --yes they show what would be destroyed.
"""

import argparse
import asyncio
from pathlib import Path

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.formats import destruction_certificate
from smartmail.formats.audit_chain import timestamp

HELP = "destroy data of leavers, domains, companies for good, with register and certificate"
ROOT = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    account = acts.add_parser("account", help="destroy the key of a closed account: nothing of it opens again")
    opening.add_arguments(account)
    account.add_argument("address", metavar="ADDRESS")
    domain = acts.add_parser("domain", help="destroy the keys of all accounts of a closed domain")
    opening.add_arguments(domain)
    domain.add_argument("domain", metavar="DOMAIN")
    company = acts.add_parser("company", help="destroy all keys of a closed company")
    opening.add_arguments(company)
    company.add_argument("company", metavar="NAME")
    for one in (account, domain, company):
        one.add_argument("--ground", required=True, metavar="TEXT", help="on what ground, as the register shows it")
        one.add_argument("--reason", required=True, metavar="TEXT", help="why now: ten characters at least, sealed")
        one.add_argument("--yes", action="store_true", help="there is no way back")
    listing = acts.add_parser("list", help="show the register")
    opening.add_arguments(listing)
    listing.add_argument("--organization", type=int, metavar="N", help="only of this company")
    certificate = acts.add_parser("certificate", help="print the certificate of an entry")
    opening.add_arguments(certificate)
    certificate.add_argument("number", type=int, metavar="NUMBER")
    certificate.add_argument("--language", default="ko", choices=("ko", "en", "ja", "zh-Hans", "zh-Hant"))
    certificate.add_argument("--pdf", metavar="FILE", help="write it there as PDF")
    certificate.add_argument("--html", action="store_true", help="as a page that can be printed")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    acts = {"account": _account, "domain": _domain, "company": _company, "list": _list, "certificate": _certificate}
    return opening.perform(options, lambda node: acts[options.act](node, options))


async def _account(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    if not options.yes:
        raise opening.CommandError(
            f"{account.messages:,} messages of {account.login} would never open again. Say --yes to do it."
        )
    outcome = await node.services.destructions.destroy_account(ROOT, account.id, options.ground, options.reason)
    number = outcome.result.partition(":")[2]
    opening.show(
        options, {"account": account.login, "number": int(number)},
        [f"Destroyed. Number {number} in the register: ./smartmail destruction certificate {number}"],
    )  # fmt: skip
    return 0


async def _domain(node: Node, options: argparse.Namespace) -> int:
    row = next((one for one in await node.services.directory.domains() if one.name == options.domain), None)
    if row is None:
        raise opening.CommandError(f"There is no domain {options.domain}.")
    return await _whole(node, options, row.organization_id, row.name)


async def _company(node: Node, options: argparse.Namespace) -> int:
    row = await node.services.organization.companies.named(ROOT, options.company)
    return await _whole(node, options, row.id, "")


async def _whole(node: Node, options: argparse.Namespace, home: OrganizationId, domain: str) -> int:
    wholes = node.services.account_life.wholes
    extent = await wholes.extent(ROOT, home, domain)
    if not options.yes:
        troubles = [] if extent.is_closed else ["It is not closed."]
        troubles += [f"{login} is still in use." for login in extent.open[:10]]
        troubles += [f"A legal hold keeps {login}." for login in extent.held[:10]]
        told = f"{extent.accounts:,} accounts with {extent.messages:,} messages would never open again."
        raise opening.CommandError(" ".join([told, *troubles, "Say --yes to do it."]))
    outcome = await wholes.destroy(ROOT, home, domain, options.ground, options.reason)
    number = outcome.result.partition(":")[2]
    opening.show(
        options, {"domain": domain or None, "organization": home, "number": int(number), "accounts": extent.accounts},
        [f"Destroyed: {extent.accounts:,} accounts. Number {number}: ./smartmail destruction certificate {number}"],
    )  # fmt: skip
    return 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    home = None if options.organization is None else OrganizationId(options.organization)
    entries = await node.services.destructions.register(ROOT, home)
    document = [
        {
            "number": one.row.id, "at": timestamp(one.row.at), "organization": one.row.organization_id,
            "kind": one.row.kind, "subject": one.row.subject, "login": one.login, "ground": one.row.ground, "by": one.row.actor,
            "counts": one.row.counts, "keys": list(one.row.keys), "reason": one.reason,
        }
        for one in entries
    ]  # fmt: skip
    lines = opening.table(
        ("number", "at", "whose", "ground", "by"),
        [(str(one["number"]), str(one["at"]), f"{one['login']} {one['subject']}", str(one["ground"]), str(one["by"]))
         for one in document],
    )  # fmt: skip
    opening.show(options, document, lines if document else ["Nothing has been destroyed."])
    return 0


async def _certificate(node: Node, options: argparse.Namespace) -> int:
    one = await node.services.destructions.certificate(ROOT, options.number, options.language)
    if options.pdf:
        await asyncio.to_thread(Path(options.pdf).write_bytes, destruction_certificate.pdf(one))
        opening.show(options, {"file": options.pdf}, [f"{options.pdf} is written."])
        return 0
    shown = destruction_certificate.page(one) if options.html else destruction_certificate.text(one)
    opening.show(options, {"title": one.title, "lines": [list(line) for line in one.lines]}, [shown])
    return 0
