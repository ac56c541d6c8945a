"""Lets people leave: show, leave, list, cancel, restore, rehire.

`show ADDRESS` lists what somebody holds and what would become of it. `leave` shuts every door at once (or with --on DAY,
00:00 in Seoul), takes planned mail back, hands over what was held, and lets the successor get the mail. --choose
KIND=hand|end|hold changes what is done with a kind. For as long as `leaver.days` says `restore` brings everything back;
then the data are destroyed. The address is given to nobody else for `leaver.address-months`. `rehire` takes somebody on
again: the same account while its data are there, a new one under the old address later.
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, shown
from smartmail.app.cli.person import day
from smartmail.app.node import Node
from smartmail.domain.account_life import LeavingRow
from smartmail.domain.ids import AccountId
from smartmail.domain.organization import Step, Wanted
from smartmail.service.account_life import Leave

HELP = "leavers: what they hold, handing over, restoring"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    add_act(acts, "show", "show what somebody holds and what would become of it", "ADDRESS")
    leave = add_act(acts, "leave", "let somebody leave", "ADDRESS")
    leave.add_argument("--successor", metavar="ADDRESS", help="gets what is handed over, and the mail")
    leave.add_argument("--reader", metavar="ADDRESS", help="may read the mailbox for leaver.read-days")
    leave.add_argument("--choose", action="append", default=[], metavar="KIND=DONE", help="hand, end or hold a kind")
    leave.add_argument("--answer", default="", help="what who writes to them reads, where there is no successor")
    leave.add_argument("--reason", default="", help="kept sealed in the record")
    leave.add_argument("--on", metavar="DAY", help="wait for that day (2026-12-31), Seoul time")
    add_act(acts, "cancel", "take a plan back that has not begun", "ADDRESS")
    restore = add_act(acts, "restore", "bring a leaver back", "ADDRESS")
    restore.add_argument("--reason", default="", help="kept sealed in the record")
    rehire = add_act(acts, "rehire", "take a leaver on again", "ADDRESS")
    rehire.add_argument("--login", default="", metavar="NEW", help="another login than before")
    rehire.add_argument("--name", default="", help="needed where the data were destroyed")
    rehire.add_argument("--number", default="", help="the employee number")
    rehire.add_argument("--on", metavar="DAY", help="wait for that day (2026-12-31), Seoul time")
    listed = add_act(acts, "list", "show leavers")
    listed.add_argument("--organization", metavar="NAME", help="whose, where there are several companies")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    return opening.perform(options, lambda node: _ACTS[options.act](node, options))


async def _person(node: Node, address: str | None) -> AccountId:
    return AccountId(0) if not address else (await opening.find_account(node, address)).id


async def _show(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.account_life.leavers.holdings(CLI, await _person(node, options.address))
    document = [
        {"kind": one.kind, "thing": one.thing, "what": one.label, "choices": list(one.choices)} for one in found
    ]
    rows = [(one.kind, one.label, one.choices[0], ", ".join(one.choices[1:])) for one in found]
    opening.show(options, document, opening.table(("KIND", "WHAT", "USUAL", "OR"), rows))
    return 0


async def _leave(node: Node, options: argparse.Namespace) -> int:
    choices = {}
    for text in options.choose:
        kind, equals, choice = text.partition("=")
        if not equals:
            raise opening.CommandError(f"{text} is no choice: write it as list-owner=hand.")
        choices[kind.strip()] = choice.strip()
    account_id = await _person(node, options.address)
    row = await node.services.account_life.leavers.leave(CLI, account_id, Leave(
        await _person(node, options.successor), await _person(node, options.reader), choices, options.answer,
        options.reason, day(options.on) if options.on else None,
    ))  # fmt: skip
    lines = {
        "planned": f"{options.address} leaves on {shown(row.effective_at)}. `leaver cancel` takes it back.",
        "done": f"{options.address} has left. `leaver restore` undoes it until {shown(row.destroy_at)}.",
    }
    rest = "Every door is shut; what could not be settled yet is tried again: see `leaver show`."
    opening.show(options, _document(row, options.address), [lines.get(row.state, rest)])
    return 0


async def _cancel(node: Node, options: argparse.Namespace) -> int:
    await node.services.account_life.leavers.cancel(CLI, await _person(node, options.address))
    opening.show(options, {"cancelled": options.address}, [f"{options.address} stays."])
    return 0


async def _restore(node: Node, options: argparse.Namespace) -> int:
    account = await node.services.account_life.leavers.restore(
        CLI, await _person(node, options.address), options.reason
    )
    line = f"{account.login} is back. Make a setup-link with `account setup-link`: old passwords are gone."
    opening.show(options, {"login": account.login, "state": account.state}, [line])
    return 0


async def _rehire(node: Node, options: argparse.Namespace) -> int:
    wanted = Wanted(login=options.login, name=options.name or None, employee_number=options.number or None)
    step = Step(
        kind="rehire", account_id=await _person(node, options.address), login=options.login,
        wanted=wanted if options.name or options.number else None,
    )  # fmt: skip
    if options.on:
        row = await node.services.organization.planned.plan(CLI, step, day(options.on))
        lines = [f"Change {row.id} of {options.address} waits for {shown(row.effective_at)}."]
        opening.show(options, {"change": row.id, "effectiveAt": row.effective_at}, lines)
        return 0
    account = await node.services.organization.people.perform(CLI, step)
    line = f"{account.login} is back. Make a setup-link with `account setup-link`: old passwords are gone."
    opening.show(options, {"login": account.login, "state": account.state}, [line])
    return 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    company = await node.services.organization.companies.named(CLI, options.organization)
    logins = {one.id: one.login for one in await node.services.directory.accounts()}
    found = await node.services.account_life.leavers.list_all(CLI, company.id)
    document = [_document(row, logins.get(row.account_id, "")) for row in found]
    rows = [
        (logins.get(row.account_id, ""), row.state, shown(row.effective_at), logins.get(row.successor_id, ""),
         shown(row.destroy_at))
        for row in found
    ]  # fmt: skip
    opening.show(options, document, opening.table(("LOGIN", "STATE", "SINCE", "SUCCESSOR", "DESTROYED AT"), rows))
    return 0


def _document(row: LeavingRow, login: str) -> dict[str, object]:
    return {
        "login": login, "state": row.state, "effectiveAt": row.effective_at, "successor": row.successor_id or None,
        "reader": row.reader_id or None, "readUntil": row.read_until or None, "destroyAt": row.destroy_at,
    }  # fmt: skip


_ACTS = {"show": _show, "leave": _leave, "cancel": _cancel, "restore": _restore, "rehire": _rehire, "list": _list}
