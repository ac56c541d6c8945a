"""Lets people be away and come back: begin, end, show, list.

`begin` says that somebody is on leave (휴직) or seconded (파견), now or with --on DAY (00:00 in Seoul). Nobody gets in by any
door meanwhile unless --open. Mail is always kept; --mail forward gives it to the substitute too, --mail answer tells who
writes. With --until DAY they are back on that day by themselves, else `end` says so.
"""

import argparse
from typing import Any

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, shown
from smartmail.app.cli.person import day
from smartmail.app.node import Node
from smartmail.domain.absence import ABSENCE_KINDS, ABSENT_MAIL, Away
from smartmail.domain.account import Account
from smartmail.domain.organization import Step
from smartmail.service.organization import AbsenceShown

HELP = "leave of absence, secondment, return"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    begin = add_act(acts, "begin", "let somebody be away", "ADDRESS")
    begin.add_argument("--kind", choices=ABSENCE_KINDS, default="leave", help="leave (휴직) or secondment (파견)")
    begin.add_argument("--until", metavar="DAY", help="back on that day (2027-03-01), Seoul time")
    begin.add_argument("--open", action="store_true", help="they may sign in meanwhile")
    begin.add_argument("--mail", choices=ABSENT_MAIL, default="keep", help="beside being kept: forwarded, answered")
    begin.add_argument("--substitute", metavar="ADDRESS", help="who gets the mail, or is named in the answer")
    begin.add_argument("--answer", default="", help="what who writes reads, instead of the usual words")
    begin.add_argument("--place", default="", help="where they are meanwhile")
    begin.add_argument("--reason", default="", help="kept sealed")
    end = add_act(acts, "end", "let somebody be back", "ADDRESS")
    for one in (begin, end):
        one.add_argument("--on", metavar="DAY", help="wait for that day (2026-12-01), Seoul time")
    add_act(acts, "show", "show how somebody is away", "ADDRESS")
    listed = add_act(acts, "list", "show who is away")
    listed.add_argument("--organization", metavar="NAME", help="whose, where there are several companies")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    return opening.perform(options, lambda node: _ACTS[options.act](node, options))


async def _begin(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    substitute = (await opening.find_account(node, options.substitute)).id if options.substitute else 0
    away = Away(
        kind=options.kind, until=day(options.until) if options.until else 0, shut=not options.open, mail=options.mail,
        substitute=substitute, answer=options.answer, place=options.place, reason=options.reason,
    )  # fmt: skip
    return await _do(node, options, account, Step(kind="away", account_id=account.id, away=away))


async def _end(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    return await _do(node, options, account, Step(kind="return", account_id=account.id))


async def _do(node: Node, options: argparse.Namespace, account: Account, step: Step) -> int:
    organization = node.services.organization
    if options.on:
        row = await organization.planned.plan(CLI, step, day(options.on))
        lines = [f"Change {row.id} of {account.login} waits for {shown(row.effective_at)}."]
        opening.show(options, {"change": row.id, "effectiveAt": row.effective_at}, lines)
        return 0
    made = await organization.people.perform(CLI, step)
    what = "is away" if step.kind == "away" else "is back"
    opening.show(options, {"login": made.login, "state": made.state}, [f"{made.login} {what} ({made.state})."])
    return 0


async def _show(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    one = await node.services.organization.absences.of(account.id)
    if one is None:
        opening.show(options, {"login": account.login, "kind": None}, [f"{account.login} is here."])
        return 1
    document = _document(one, account.login)
    opening.show(options, document, opening.table(("", account.login), [(k, str(v)) for k, v in document.items() if v]))
    return 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    company = await node.services.organization.companies.named(CLI, options.organization)
    logins = {one.id: one.login for one in await node.services.directory.accounts()}
    found = await node.services.organization.absences.list_all(CLI, company.id)
    document = [_document(one, logins.get(one.row.account_id, "")) for one in found]
    rows = [
        (str(one["login"]), str(one["kind"]), shown(each.row.since), shown(each.row.until) if each.row.until else "",
         str(one["mail"]), each.substitute)
        for one, each in zip(document, found, strict=True)
    ]  # fmt: skip
    opening.show(options, document, opening.table(("LOGIN", "KIND", "SINCE", "UNTIL", "MAIL", "SUBSTITUTE"), rows))
    return 0


def _document(one: AbsenceShown, login: str) -> dict[str, Any]:
    row, text = one.row, one.text
    return {
        "login": login, "kind": row.kind, "since": row.since, "until": row.until or None, "mail": row.mail,
        "shut": row.shut, "substitute": one.substitute, "answer": text.answer, "place": text.place,
        "reason": text.reason, "by": row.author,
    }  # fmt: skip


_ACTS = {"begin": _begin, "end": _end, "show": _show, "list": _list}
