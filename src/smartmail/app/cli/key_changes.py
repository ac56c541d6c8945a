"""Acts of `./smartmail key` over the keys of companies and accounts: changed by hand, by schedule, shown."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, add_act, organizations, shown
from smartmail.app.cli.progress import Progress
from smartmail.app.node import Node
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.rekeying import RekeyScope
from smartmail.service.operations.keys.rekeying import RekeyView


def add_acts(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add them to those of the command."""
    change = add_act(acts, "change", "change the key of a company, of its accounts or of one, while mail flows")
    change.add_argument("--company", metavar="NAME", help="whose; not needed where there is one")
    whose = change.add_mutually_exclusive_group(required=True)
    whose.add_argument("--organization", action="store_true", help="the company's own key")
    whose.add_argument("--accounts", action="store_true", help="the keys of all its accounts")
    whose.add_argument("--account", metavar="ADDRESS", help="the key of this account")
    change.add_argument("--reason", required=True, metavar="TEXT", help="why: ten characters at least, recorded")
    change.add_argument("--no-wait", action="store_true", help="begin only; the nodes that serve go on with it")
    add_act(acts, "changes", "show how far changes of keys are, and whether keys of before are destroyed")
    add_act(acts, "change-cancel", "give up a change whose next keys are not in use yet")
    plan = add_act(acts, "schedule", "say or show every how many months keys change by themselves")
    plan.add_argument("--accounts", type=int, metavar="N", help="of accounts, 0 for never")
    plan.add_argument("--companies", type=int, metavar="N", help="of companies, 0 for never")


async def _change(node: Node, options: argparse.Namespace) -> int:
    work, scope, home, account = node.services.keys.rekeying, *(await _whose(node, options))
    row = await work.begin(CLI, scope, home, account, options.reason)
    if options.no_wait:
        return await _changes(node, options)
    progress = Progress("keys", 100, shown=not options.json)
    while (now := await work.current()) is not None and now.id == row.id:
        await work.turn()
        newest = (await node.store.rekeys(1))[0]
        progress.told(newest.percent, newest.changed, "values", what=f"keys ({newest.state})")
        if newest.ended_at is None:
            await asyncio.sleep(1)
    return await _changes(node, options)


async def _whose(node: Node, options: argparse.Namespace) -> tuple[RekeyScope, OrganizationId, AccountId]:
    if options.account:
        found = await node.services.directory.account_by_login(options.account)
        return "account", found.organization_id, found.id
    homes = await organizations(node, options.company)
    if len(homes) > 1:
        raise opening.CommandError("There is more than one company: say which with --company.")
    return ("organization" if options.organization else "accounts"), homes[0].id, AccountId(0)


async def _changes(node: Node, options: argparse.Namespace) -> int:
    views = await node.services.keys.rekeying.views(CLI)
    opening.show(options, [_told(one) for one in views], [_line(one) for one in views] or ["none"])
    return 0


async def _cancel(node: Node, options: argparse.Namespace) -> int:
    await node.services.keys.rekeying.cancel(CLI)
    await node.services.keys.rekeying.turn()
    return await _changes(node, options)


async def _schedule(node: Node, options: argparse.Namespace) -> int:
    retiring = node.services.keys.retiring
    said = await retiring.schedule(CLI)
    if options.accounts is not None or options.companies is not None:
        accounts = said.accounts if options.accounts is None else options.accounts
        companies = said.organizations if options.companies is None else options.companies
        said = await retiring.set_schedule(CLI, accounts, companies)
    document = {"accounts": said.accounts, "companies": said.organizations}
    lines = [
        f"{name}: every {months} months" if months else f"{name}: by hand only" for name, months in document.items()
    ]
    opening.show(options, document, lines)
    return 0


def _told(one: RekeyView) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.id, "scope": row.scope, "subject": one.subject, "state": row.state, "percent": row.percent,
        "changed": row.changed, "octets": row.octets, "failed": row.failed, "seconds_left": one.seconds_left,
        "begun": shown(row.started_at), "ended": shown(row.ended_at), "destroyed": shown(row.destroyed_at),
        "by": row.actor,
    }  # fmt: skip


def _line(one: RekeyView) -> str:
    row = one.row
    left = f", about {one.seconds_left // 60} min left" if one.seconds_left is not None else ""
    failed = f", {row.failed:,} do not open" if row.failed else ""
    before = ""
    if row.state == "done" and row.scope != "organization":
        before = (
            f"; keys of before destroyed {shown(row.destroyed_at)}" if row.destroyed_at else "; keys of before are kept"
        )
    return (
        f"{shown(row.started_at)}  {one.subject} ({row.scope})  {row.state} {row.percent} %{left}  "
        f"{row.changed:,} values{failed}{before}"
    )


ACTS: Final[dict[str, Callable[[Node, argparse.Namespace], Awaitable[int]]]] = {
    "change": _change, "changes": _changes, "change-cancel": _cancel, "schedule": _schedule,
}  # fmt: skip
