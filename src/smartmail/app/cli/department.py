"""Manages departments: add, list, rename, move, place, remove, mail, post, posts.

A department has a code that never changes (without --code: its name); policy and sharing name the code, so that a renamed
or moved department keeps what was set for it. `move` takes all below along. `mail` gives a department an address that goes
to whoever is in it (부서메일); `post` makes an address that belongs to whoever has a duty in it (직책메일).
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act
from smartmail.app.node import Node
from smartmail.domain.ids import OrganizationId
from smartmail.domain.organization import TOP, Department, in_order

HELP = "the tree of departments, their mail and posts"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    add = add_act(acts, "add", "make a department", "NAME")
    add.add_argument("--code", default="", help="a code of its own (the name)")
    add.add_argument("--under", metavar="DEPARTMENT", help="the department above, by code or name")
    add.add_argument("--position", type=int, default=0, help="place among its siblings, the least first (0)")
    listing = add_act(acts, "list", "show the tree with its people")
    listing.add_argument("--people", action="store_true", help="with who is in each")
    add_act(acts, "rename", "call a department something else", "DEPARTMENT", "NEW")
    move = add_act(acts, "move", "put a department, with all below, elsewhere", "DEPARTMENT")
    move.add_argument("--under", metavar="DEPARTMENT", help="the department above; without it: to the top")
    place = add_act(acts, "place", "order a department among its siblings", "DEPARTMENT")
    place.add_argument("position", type=int, metavar="POSITION")
    add_act(acts, "remove", "remove an empty department", "DEPARTMENT")
    mail = add_act(acts, "mail", "give a department an address for its people", "DEPARTMENT", "ADDRESS")
    mail.add_argument("--own", action="store_true", help="without the departments below")
    mail.add_argument("--closed", action="store_true", help="only members may write to it")
    post = add_act(acts, "post", "make an address for whoever has a duty", "DEPARTMENT", "DUTY", "ADDRESS")
    post.add_argument("--name", default="", help="what it shows as (department and duty)")
    add_act(acts, "posts", "show posts and who holds them")
    for one in acts.choices.values():
        one.add_argument("--organization", metavar="NAME", help="whose, where there are several companies")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    return opening.perform(options, lambda node: _ACTS[options.act](node, options))


async def _company(node: Node, options: argparse.Namespace) -> OrganizationId:
    return (await node.services.organization.companies.named(CLI, options.organization)).id


async def _one(node: Node, options: argparse.Namespace) -> Department:
    return await node.services.organization.departments.find(await _company(node, options), options.department)


async def _above(node: Node, options: argparse.Namespace) -> int:
    if not options.under:
        return TOP
    return (await node.services.organization.departments.find(await _company(node, options), options.under)).id


async def _add(node: Node, options: argparse.Namespace) -> int:
    made = await node.services.organization.departments.create(
        CLI, await _company(node, options), options.name, code=options.code, parent_id=await _above(node, options),
        position=options.position,
    )  # fmt: skip
    return _told(options, made, f"{made.name} is a department with code {made.code}.")


async def _list(node: Node, options: argparse.Namespace) -> int:
    departments = node.services.organization.departments
    document, lines = [], []
    for one, depth in in_order(await departments.list_all(CLI, await _company(node, options))):
        people = await departments.people(CLI, one.id)
        logins = [account.login for account in people]
        document.append({"code": one.code, "name": one.name, "depth": depth, "people": logins})
        code = "" if one.code == one.name else f" [{one.code}]"
        lines.append(f"{'  ' * depth}{one.name}{code}  {len(people) or ''}".rstrip())
        if options.people:
            lines += [f"{'  ' * depth}  - {account.name} {account.title} <{account.login}>" for account in people]
    opening.show(options, document, lines)
    return 0


async def _rename(node: Node, options: argparse.Namespace) -> int:
    one = await _one(node, options)
    made = await node.services.organization.departments.change(CLI, one.id, name=options.new)
    return _told(options, made, f"{one.name} is called {made.name} now; its code stays {made.code}.")


async def _move(node: Node, options: argparse.Namespace) -> int:
    one = await _one(node, options)
    made = await node.services.organization.departments.change(CLI, one.id, parent_id=await _above(node, options))
    return _told(options, made, f"{made.name} stands under {options.under or 'the company'}.")


async def _place(node: Node, options: argparse.Namespace) -> int:
    one = await _one(node, options)
    made = await node.services.organization.departments.change(CLI, one.id, position=options.position)
    return _told(options, made, f"{made.name} has place {made.position}.")


async def _remove(node: Node, options: argparse.Namespace) -> int:
    one = await _one(node, options)
    await node.services.organization.departments.remove(CLI, one.id)
    return _told(options, one, f"{one.name} is gone.")


async def _mail(node: Node, options: argparse.Namespace) -> int:
    one = await _one(node, options)
    address = await node.services.organization.departments.give_mail(
        CLI, one.id, options.address, below=not options.own, post="members" if options.closed else "anyone"
    )
    lines = [f"Mail for {address} goes to the people of {one.name}. Who may write: ./smartmail list change {address}"]
    opening.show(options, {"address": address, "department": one.code}, lines)
    return 0


async def _post(node: Node, options: argparse.Namespace) -> int:
    one = await _one(node, options)
    account = await node.services.organization.posts.create(CLI, one.id, options.duty, options.address, options.name)
    lines = [f"{account.login} belongs to whoever is {options.duty} of {one.name}."]
    opening.show(options, {"address": account.login, "department": one.code, "duty": options.duty}, lines)
    return 0


async def _posts(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.organization.posts.list_all(CLI, await _company(node, options))
    document = [
        {"address": one.account.login, "department": one.department, "duty": one.duty,
         "holders": [account.login for account in one.holders]} for one in found
    ]  # fmt: skip
    rows = [(one.account.login, one.department, one.duty, " ".join(a.login for a in one.holders)) for one in found]
    opening.show(options, document, opening.table(("ADDRESS", "DEPARTMENT", "DUTY", "HELD BY"), rows))
    return 0


def _told(options: argparse.Namespace, one: Department, text: str) -> int:
    document = {"id": one.id, "code": one.code, "name": one.name, "parent": one.parent_id, "position": one.position}
    opening.show(options, document, [text])
    return 0


_ACTS = {
    "add": _add, "list": _list, "rename": _rename, "move": _move, "place": _place, "remove": _remove, "mail": _mail,
    "post": _post, "posts": _posts,
}  # fmt: skip
