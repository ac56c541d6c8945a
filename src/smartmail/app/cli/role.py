"""Delegates administration: roles, and who holds which over what.

    role list                                              role show helpdesk
    role new "메일 담당" queue.read queue.change --mask body
    role grant lee@example.com helpdesk --scope domain:example.com --until 2027-01-31
    role revoke 12                                         role preview lee@example.com

SCOPE is LEVEL:NAME, LEVEL one of organization, domain, department, group; without it the whole company.
Nobody is administrator of nothing: the last administrator of a company stays.
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, organizations, read_end, shown
from smartmail.app.node import Node
from smartmail.base.i18n import translate
from smartmail.domain.authority import BUILT_IN, COMPANY, MASKS, PERMISSIONS, AdminRole
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope

HELP = "administrative roles, and who holds them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    listing = add_act(acts, "list", "show roles and who holds them")
    show = add_act(acts, "show", "show what a role permits and what it does not show", "ROLE")
    new = add_act(acts, "new", "make a role", "NAME", "PERMISSIONS…")
    change = add_act(acts, "change", "give a role other permissions", "ROLE", "PERMISSIONS…")
    drop = add_act(acts, "drop", "remove a role that nobody holds", "ROLE")
    for act in (new, change):
        act.add_argument("--mask", action="append", default=[], choices=MASKS, help="a field that it does not show")
    grant = add_act(acts, "grant", "let an account hold a role", "ADDRESS", "ROLE")
    grant.add_argument("--scope", default="", help="over what (the whole company)")
    grant.add_argument("--until", metavar="DAY", help="last day, as 2027-03-31 (no end)")
    revoke = add_act(
        acts, "revoke", "take a role from an account: its number in the list, or ADDRESS for company", "WHAT"
    )
    add_act(acts, "preview", "show what an account is allowed as administrator", "ADDRESS")
    for act in (listing, show, new, change, drop):
        act.add_argument("--organization", metavar="NAME", help="whose, where there are several")
    del revoke


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {
        "list": _list, "show": _show, "new": _put, "change": _put, "drop": _drop, "grant": _grant, "revoke": _revoke,
        "preview": _preview,
    }[options.act]  # fmt: skip
    return opening.perform(options, lambda node: act(node, options))


async def _list(node: Node, options: argparse.Namespace) -> int:
    document: list[dict[str, object]] = []
    rows = []
    logins = {one.id: one for one in await node.services.directory.accounts()}
    for organization in await organizations(node, options.organization):
        names = {one.id: _named(one) for one in await node.services.roles.book.known(organization.id)}
        for account in logins.values():
            if account.is_admin and account.organization_id == organization.id and account.may("login"):
                document.append({"number": None, "address": account.login, "role": COMPANY, "scope": organization.name})
                rows.append(("-", account.login, names[COMPANY], f"organization:{organization.name}", "never", ""))
        for one in await node.services.roles.appointments(CLI, organization.id):
            login = logins[one.account_id].login if one.account_id in logins else str(one.account_id)
            scope = await node.services.governing.scope_text(one.scope)
            document.append({
                "number": one.id, "address": login, "role": one.role, "scope": scope, "until": one.expires_at,
                "by": one.author,
            })  # fmt: skip
            rows.append((str(one.id), login, names.get(one.role, one.role), scope, shown(one.expires_at), one.author))
    opening.show(options, document, opening.table(("NUMBER", "ACCOUNT", "ROLE", "OVER", "UNTIL", "BY"), rows))
    return 0


async def _show(node: Node, options: argparse.Namespace) -> int:
    role = await _find(node, await _home(node, options), options.role)
    document = {
        "id": role.id, "name": role.name, "permissions": sorted(role.permissions), "masks": sorted(role.masks),
        "office": role.office,
    }  # fmt: skip
    hidden = ", ".join(sorted(role.masks)) or "nothing"
    opening.show(options, document, [f"{_named(role)} ({role.id})", f"  hides {hidden}", *_wrapped(role)])
    return 0


async def _put(node: Node, options: argparse.Namespace) -> int:
    home = await _home(node, options)
    unknown = [one for one in options.permissions if one not in PERMISSIONS]
    if unknown:
        raise opening.CommandError(f"There is no permission {unknown[0]}. There are: {', '.join(PERMISSIONS)}")
    name, number = getattr(options, "name", ""), 0
    if options.act == "change":
        old = await _find(node, home, options.role)
        if old.id in BUILT_IN:
            raise opening.CommandError(f"{old.id} is built in; make one of your own with ./smartmail role new.")
        name, number = old.name, int(old.id)
    made = await node.services.roles.book.put(CLI, home, name, options.permissions, options.mask, number)
    opening.show(options, {"id": made.id, "name": made.name}, [f"{made.name} is role {made.id}."])
    return 0


async def _drop(node: Node, options: argparse.Namespace) -> int:
    home = await _home(node, options)
    role = await _find(node, home, options.role)
    if role.id in BUILT_IN:
        raise opening.CommandError(f"{role.id} is built in.")
    await node.services.roles.book.drop(CLI, home, int(role.id))
    opening.show(options, {"id": role.id}, [f"{role.name} is gone."])
    return 0


async def _grant(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    role = await _find(node, account.organization_id, options.role)
    scope = Scope("organization", str(int(account.organization_id)))
    if options.scope:
        scope = await node.services.governing.scope(options.scope)
    until = read_end(options.until) if options.until else None
    outcome = await node.services.roles.appoint(CLI, account.id, role.id, scope, expires_at=until)
    over = await node.services.governing.scope_text(scope)
    told = f"{account.login} is {_named(role)} over {over}, until: {shown(until)}. ({outcome.result})"
    opening.show(options, {"address": account.login, "role": role.id, "result": outcome.result}, [told])
    return 0


async def _revoke(node: Node, options: argparse.Namespace) -> int:
    if options.what.isdecimal():
        try:
            await node.services.roles.dismiss(CLI, int(options.what))
        except NotFound:
            raise opening.CommandError(f"There is no number {options.what}: ./smartmail role list shows all.") from None
        opening.show(options, {"number": int(options.what)}, [f"Number {options.what} is ended."])
        return 0
    account = await opening.find_account(node, options.what)
    await node.services.roles.mark(CLI, account.id, administrator=False)
    told = f"{account.login} is no administrator of the company any more."
    opening.show(options, {"address": account.login}, [told])
    return 0


async def _preview(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    seen = await node.services.roles.preview(CLI, account.id)
    left = await node.services.roles.rehearse(CLI, account.id)
    document, lines = [], [] if seen.holdings else [f"{account.login} administers nothing."]
    for one in seen.holdings:
        over = await node.services.governing.scope_text(one.scope)
        document.append({
            "role": one.role, "scope": over, "permissions": sorted(one.permissions), "masks": sorted(one.masks),
        })  # fmt: skip
        lines += [f"{one.role} over {over}; hides {', '.join(sorted(one.masks)) or 'nothing'}:"]
        lines += _wrapped(AdminRole(one.role, "", one.permissions))
    lines.append(f"Without them: {left.administrators} administrators left, {left.changers} who change roles.")
    opening.show(options, document, lines)
    return 0


async def _home(node: Node, options: argparse.Namespace) -> OrganizationId:
    return (await node.services.governing.organization(options.organization)).id


async def _find(node: Node, home: OrganizationId, word: str) -> AdminRole:
    for one in await node.services.roles.book.known(home):
        if word in {one.id, one.name}:
            return one
    raise opening.CommandError(f"There is no role {word}: {', '.join(BUILT_IN)}, or one of your own by name or number.")


def _named(role: AdminRole) -> str:
    return translate("en", f"admin-role.{role.id}") if role.id in BUILT_IN else role.name


def _wrapped(role: AdminRole) -> list[str]:
    words = [one for one in PERMISSIONS if one in role.permissions]
    return ["  " + " ".join(words[start : start + 6]) for start in range(0, len(words), 6)]
