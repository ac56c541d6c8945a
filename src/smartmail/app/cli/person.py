"""Manages people: show, find, seat, set, rename, transfer, close; planned, cancel.

`seat ADDRESS DEPARTMENT[/DUTY]…` says where somebody sits, the primary seat first (겸직: several). `rename` gives another
login and keeps the old address for some months. `transfer` makes an account with another company; the old one closes and
its addresses lead to the new one for some months; with --mailbox its mail goes along. With --on DAY a change waits for that day, 00:00 in Seoul: `planned`
shows what waits, `cancel` takes it back. `find` looks people up by the beginning of a name, 초성, login, department,
title or employee number.
"""

import argparse
from datetime import datetime
from zoneinfo import ZoneInfo

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, shown
from smartmail.app.node import Node
from smartmail.domain.account import Account
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import Step, Wanted, WantedSeat
from smartmail.domain.principal import Actor, Origin

HELP = "people: seats, titles, employee numbers, new names, planned changes"
SEOUL = ZoneInfo("Asia/Seoul")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    add_act(acts, "show", "show what is known of somebody", "ADDRESS")
    find = add_act(acts, "find", "look people up", "WORDS…")
    find.add_argument("--organization", metavar="NAME", help="whose people, where there are several companies")
    changes = [add_act(acts, "seat", "say where somebody sits, the primary seat first", "ADDRESS", "SEATS…")]
    facts = add_act(acts, "set", "change titles, name, employee number, telephone", "ADDRESS")
    for name in ("name", "position", "grade", "honorific", "number"):
        facts.add_argument(f"--{name}", help="an empty text removes it" if name != "name" else "the person's name")
    facts.add_argument("--fact", action="append", metavar="NAME=VALUE", help="kept sealed, such as mobile=010…")
    rename = add_act(acts, "rename", "another login; the old address stays for a while", "ADDRESS", "NEW")
    transfer = add_act(acts, "transfer", "to another company of the group", "ADDRESS", "NEW")
    transfer.add_argument(
        "--mailbox", action="store_true", help="the mail goes along, sealed anew for the other company"
    )
    for one in (rename, transfer):
        one.add_argument("--months", type=int, default=6, help="how long old addresses stay (6)")
    changes += [facts, rename, transfer, add_act(acts, "close", "no login and no mail; data stay", "ADDRESS")]
    for one in changes:
        one.add_argument("--on", metavar="DAY", help="wait for that day (2026-12-01, or 2026-12-01T09:00), Seoul time")
    planned = add_act(acts, "planned", "show planned changes")
    cancel = add_act(acts, "cancel", "take a planned change back")
    cancel.add_argument("change", type=int, metavar="ID")
    for one in (planned, cancel):
        one.add_argument("--organization", metavar="NAME", help="whose, where there are several companies")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    return opening.perform(options, lambda node: _ACTS[options.act](node, options))


def day(text: str) -> int:
    """Return a moment that was typed as Seoul has it, in milliseconds."""
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=SEOUL).timestamp() * 1000)
    except ValueError:
        raise opening.CommandError(f"{text} is no day: write it as 2026-12-01 or 2026-12-01T09:00.") from None


async def _company(node: Node, options: argparse.Namespace) -> OrganizationId:
    return (await node.services.organization.companies.named(CLI, options.organization)).id


async def _show(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    card = await node.services.organization.people.card(CLI, account.id)
    document = {
        "login": account.login, "name": account.name, "employeeNumber": card.row.employee_number,
        "position": card.position, "grade": card.grade, "honorific": card.honorific, "facts": dict(card.facts),
        "seats": [{"department": one.path, "code": one.code, "duty": one.duty} for one in card.seats],
        "addresses": list(card.addresses), "ends": dict(card.ends), "state": account.state,
    }  # fmt: skip
    rows = [("name", f"{account.name} {account.title}".strip()), ("employee number", card.row.employee_number)]
    rows += [("seat" if place else "primary seat", f"{one.path} {one.duty}".strip())
             for place, one in enumerate(card.seats)]  # fmt: skip
    rows += [("position", card.position), ("grade", card.grade), ("honorific", card.honorific), *card.facts.items()]
    for address in card.addresses:
        until = f" until {shown(card.ends[address])}" if address in card.ends else ""
        rows.append(("address", address + until))
    opening.show(options, document, opening.table(("", account.login), [row for row in rows if row[1]]))
    return 0


async def _find(node: Node, options: argparse.Namespace) -> int:
    actor = Actor(AccountId(0), await _company(node, options), "", is_admin=True, origin=Origin("cli"))
    found = await node.services.organization.search.search(actor, " ".join(options.words), 50)
    document = [{"login": one.login, "name": one.name, "department": one.department, "title": one.title,
                 "employeeNumber": one.employee_number} for one in found]  # fmt: skip
    rows = [(one.name, one.title, one.department, one.employee_number, one.login) for one in found]
    opening.show(options, document, opening.table(("NAME", "TITLE", "DEPARTMENT", "NUMBER", "LOGIN"), rows))
    return 0 if found else 1


async def _seat(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    departments, seats = node.services.organization.departments, []
    for word in options.seats:
        name, _, duty = word.partition("/")
        one = await departments.find(account.organization_id, name)
        seats.append(WantedSeat(one.code, duty))
    return await _do(node, options, account, Wanted(login=account.login, seats=tuple(seats)))


async def _set(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    facts = None
    if options.fact:
        facts = dict((await node.services.organization.people.card(CLI, account.id)).facts)
        facts.update(_fact(text) for text in options.fact)
        facts = {name: value for name, value in facts.items() if value}
    wanted = Wanted(
        login=account.login, name=options.name, position=options.position, grade=options.grade,
        honorific=options.honorific, employee_number=options.number, facts=facts,
    )  # fmt: skip
    return await _do(node, options, account, wanted)


def _fact(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise opening.CommandError(f"{text} is no fact: write it as mobile=010-1234-5678.")
    return name.strip(), value.strip()


async def _login(node: Node, options: argparse.Namespace) -> int:
    if options.act == "transfer" and options.months < 1:
        raise opening.CommandError("Old addresses of a transfer stay for a month at least: --months 1 or more.")
    account = await opening.find_account(node, options.address)
    return await _do(node, options, account, None, options.new, options.months)


async def _close(node: Node, options: argparse.Namespace) -> int:
    return await _do(node, options, await opening.find_account(node, options.address), None)


async def _do(
    node: Node, options: argparse.Namespace, account: Account, wanted: Wanted | None, login: str = "", months: int = 0
) -> int:
    kind = {"seat": "change", "set": "change"}.get(options.act, options.act)
    step = Step(kind=kind, account_id=account.id, wanted=wanted, login=login, months=months,
                mailbox=getattr(options, "mailbox", False))  # fmt: skip
    organization = node.services.organization
    if options.on:
        row = await organization.planned.plan(CLI, step, day(options.on))
        lines = [f"Change {row.id} of {account.login} waits for {shown(row.effective_at)}."]
        opening.show(options, {"change": row.id, "effectiveAt": row.effective_at}, lines)
        return 0
    made = await organization.people.perform(CLI, step)
    where = " / ".join(text for text in (f"{made.name} {made.title}".strip(), made.department) if text)
    opening.show(options, {"login": made.login, "name": made.name, "department": made.department,
                           "title": made.title, "state": made.state}, [f"{made.login}: {where} ({made.state})"])  # fmt: skip
    return 0


async def _planned(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.organization.planned.list_all(CLI, await _company(node, options))
    logins = {one.id: one.login for one in await node.services.directory.accounts()}
    document, rows = [], []
    for one in found:
        login = logins.get(AccountId(one.step.account_id), str(one.step.account_id))
        row, what = one.row, f"{one.step.kind} {one.step.login}".strip()
        document.append({"id": row.id, "state": row.state, "effectiveAt": row.effective_at, "login": login,
                         "what": one.step.kind, "by": row.actor, "error": row.detail})  # fmt: skip
        rows.append((str(row.id), shown(row.effective_at), row.state, login, what, row.detail))
    opening.show(options, document, opening.table(("ID", "WHEN", "STATE", "LOGIN", "WHAT", ""), rows))
    return 0


async def _cancel(node: Node, options: argparse.Namespace) -> int:
    await node.services.organization.planned.cancel(CLI, await _company(node, options), options.change)
    opening.show(options, {"id": options.change}, [f"Change {options.change} will not happen."])
    return 0


_ACTS = {
    "show": _show, "find": _find, "seat": _seat, "set": _set, "rename": _login, "transfer": _login, "close": _close,
    "planned": _planned, "cancel": _cancel,
}  # fmt: skip
