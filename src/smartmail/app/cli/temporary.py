"""Manages temporary accounts: add, list, ask, grant, refuse, sponsor.

A temporary account (외주, 협력사) ends at 24:00 in Seoul of its last day by itself, has a sponsor inside the company, and
writes and is written to inside only unless --outside. `ask` notes that a later end is wanted, `grant` and `refuse` decide.
"""

import argparse
from datetime import date

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act
from smartmail.app.node import Node
from smartmail.domain.organization import Wanted
from smartmail.formats.address import normalize, split_address
from smartmail.service.account_life.ground import day_of, end_of_day

HELP = "temporary accounts: end, sponsor, extension"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    add = add_act(acts, "add", "make an account that ends", "ADDRESS")
    add.add_argument("--until", required=True, metavar="DAY", help="its last day (2026-12-31)")
    add.add_argument("--sponsor", required=True, metavar="ADDRESS", help="who answers for it")
    add.add_argument("--name", default="", help="the person's name")
    add.add_argument("--reason", default="", help="why it is there")
    add.add_argument("--outside", action="store_true", help="mail to and from outside too")
    listed = add_act(acts, "list", "show temporary accounts")
    listed.add_argument("--organization", metavar="NAME", help="whose, where there are several companies")
    ask = add_act(acts, "ask", "ask for a later end", "ADDRESS")
    ask.add_argument("--until", required=True, metavar="DAY", help="the new last day")
    ask.add_argument("--reason", required=True, help="why")
    add_act(acts, "grant", "let it end later", "ADDRESS")
    add_act(acts, "refuse", "let it end as agreed", "ADDRESS")
    add_act(acts, "sponsor", "let somebody else answer for it", "ADDRESS", "SPONSOR")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    return opening.perform(options, lambda node: _ACTS[options.act](node, options))


def _end(text: str) -> int:
    try:
        return end_of_day(date.fromisoformat(text))
    except ValueError:
        raise opening.CommandError(f"{text} is no day: write it as 2026-12-31.") from None


async def _add(node: Node, options: argparse.Namespace) -> int:
    sponsor = await opening.find_account(node, options.sponsor)
    domain = split_address(normalize(options.address))[1]
    row = next((one for one in await node.services.directory.domains() if one.name == domain), None)
    if row is None:
        raise opening.CommandError(f"{domain} is no domain of ours.")
    made = await node.services.account_life.temporary.create(
        CLI, row.organization_id, Wanted(login=options.address, name=options.name or None),
        ends_at=_end(options.until), sponsor=sponsor.id, reason=options.reason, inside_only=not options.outside,
    )  # fmt: skip
    line = f"{made.login} ends after {options.until}. Make a setup-link with `account setup-link`."
    opening.show(options, {"login": made.login, "endsAt": made.ends_at, "sponsor": sponsor.login}, [line])
    return 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    company = await node.services.organization.companies.named(CLI, options.organization)
    found = await node.services.account_life.temporary.list_all(CLI, company.id)
    document = [
        {"login": one.account.login, "endsAt": one.account.ends_at, "agreedUntil": one.row.agreed_until,
         "sponsor": one.sponsor or None, "mustTakeOver": one.heir or None, "askedUntil": one.row.asked_until,
         "reason": one.reason}
        for one in found
    ]  # fmt: skip
    rows = [
        (one.account.login, day_of(one.account.ends_at or one.row.agreed_until), one.sponsor or f"({one.heir})",
         "" if one.row.asked_until is None else day_of(one.row.asked_until), one.reason)
        for one in found
    ]  # fmt: skip
    opening.show(options, document, opening.table(("LOGIN", "LAST DAY", "SPONSOR", "ASKED FOR", "WHY"), rows))
    return 0


async def _ask(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    await node.services.account_life.temporary.ask_extension(CLI, account.id, _end(options.until), options.reason)
    line = f"A later end is asked for. `temporary grant {account.login}` or `temporary refuse {account.login}` decides."
    opening.show(options, {"login": account.login, "askedUntil": _end(options.until)}, [line])
    return 0


async def _decide(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    made = await node.services.account_life.temporary.decide(CLI, account.id, grant=options.act == "grant")
    line = f"{made.login} ends after {day_of(made.ends_at or 0)}."
    opening.show(options, {"login": made.login, "endsAt": made.ends_at}, [line])
    return 0


async def _sponsor(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    sponsor = await opening.find_account(node, options.sponsor)
    made = await node.services.account_life.temporary.assign(CLI, account.id, sponsor.id)
    opening.show(
        options, {"login": made.login, "sponsor": sponsor.login}, [f"{sponsor.login} answers for {made.login}."]
    )
    return 0


_ACTS = {"add": _add, "list": _list, "ask": _ask, "grant": _decide, "refuse": _decide, "sponsor": _sponsor}
