"""Manages distribution lists: what a list is like, who is in it, who may write to it.

Members are addresses inside or outside, other lists, groups (`group:NAME`) or departments
(`department:CODE`, with those below). A message to a list is sent anew by the
list: its failures go to the owners. With --moderation, mail waits in `./smartmail approval`.
"""

import argparse

import msgspec

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, organizations
from smartmail.app.node import Node
from smartmail.domain.addressing import ListText, Member
from smartmail.domain.errors import NotFound

HELP = "distribution lists: members, who may post, moderation"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    create = add_act(acts, "create", "make a list", "ADDRESS")
    create.add_argument("--name", default="", help="how the list is called")
    create.add_argument("--owner", action="append", required=True, metavar="ADDRESS", help="who answers for it")
    change = add_act(acts, "change", "change what a list is like", "ADDRESS")
    change.add_argument("--name", help="how the list is called")
    change.add_argument("--owner", action="append", metavar="ADDRESS", help="who answers for it")
    for act in (create, change):
        _add_settings(act)
    add_act(acts, "add", "put members into a list", "ADDRESS", "MEMBERS…")
    add_act(acts, "drop", "take members out of a list", "ADDRESS", "MEMBERS…")
    add_act(acts, "show", "show a list and its members", "ADDRESS")
    add_act(acts, "list", "show all lists").add_argument("--organization", metavar="NAME")
    add_act(acts, "remove", "give a list up", "ADDRESS").add_argument(
        "--forget", action="store_true", help="let somebody else have the address"
    )


def _add_settings(act: argparse.ArgumentParser) -> None:
    act.add_argument("--moderator", action="append", metavar="ADDRESS", help="who decides about mail that waits")
    act.add_argument("--post", choices=("anyone", "inside", "members", "moderators"), help="who may post (inside)")
    act.add_argument(
        "--moderation", choices=("never", "strangers", "all"), help="whose mail waits for a moderator (never)"
    )
    act.add_argument("--reply-to", choices=("author", "list"), help="where answers go (author)")
    act.add_argument("--prefix", help="words before the subject")
    act.add_argument("--max-octets", type=int, metavar="N", help="the largest message; 0: no limit of its own")
    act.add_argument("--attachments", choices=("yes", "no"), help="whether attachments are taken (yes)")
    act.add_argument(
        "--notice", choices=("yes", "no"), help="whether addresses are hidden and answers go to the author alone (no)"
    )
    act.add_argument("--unsubscribe", choices=("yes", "no"), help="whether members outside may leave by a link (yes)")
    act.add_argument(
        "--rewriting",
        choices=("never", "dmarc", "always"),
        help="when From names the list (dmarc: where it would be refused)",
    )


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {
        "create": _create, "change": _change, "add": _add, "drop": _drop, "show": _show, "list": _list,
        "remove": _remove,
    }[options.act]  # fmt: skip
    return opening.perform(options, lambda node: act(node, options))


def _with_options(text: ListText, options: argparse.Namespace) -> ListText:
    named = {
        "name": options.name, "owners": tuple(options.owner) if options.owner else None,
        "moderators": tuple(options.moderator) if options.moderator else None, "post": options.post,
        "moderation": options.moderation, "reply_to": options.reply_to, "prefix": options.prefix,
        "max_octets": options.max_octets, "rewriting": options.rewriting,
        "attachments": None if options.attachments is None else options.attachments == "yes",
        "notice": None if options.notice is None else options.notice == "yes",
        "unsubscribe": None if options.unsubscribe is None else options.unsubscribe == "yes",
    }  # fmt: skip
    return msgspec.structs.replace(text, **{name: value for name, value in named.items() if value is not None})


async def _create(node: Node, options: argparse.Namespace) -> int:
    text = _with_options(ListText("", ()), options)
    row = await node.services.addressing.lists.create(CLI, options.address, text)
    lines = [f"{row.address} is a list. Next: ./smartmail list add {row.address} MEMBER…"]
    opening.show(options, {"address": row.address}, lines)
    return 0


async def _change(node: Node, options: argparse.Namespace) -> int:
    lists = node.services.addressing.lists
    await lists.change(CLI, options.address, _with_options(await lists.text(options.address), options))
    opening.show(options, {"address": options.address}, [f"{options.address} is changed."])
    return 0


async def _member(node: Node, address: str, word: str) -> Member:
    if word.startswith("group:"):
        return Member(group=(await node.services.governing.group(word.removeprefix("group:"))).id)
    if word.startswith("department:"):
        company = await node.services.addressing.stand_ins.domain_of(address)
        code = word.removeprefix("department:")
        one = await node.services.organization.departments.find(company.organization_id, code)
        return Member(department=one.id, below=True)
    return Member(word)


async def _add(node: Node, options: argparse.Namespace) -> int:
    members = [await _member(node, options.address, word) for word in options.members]
    count = await node.services.addressing.lists.add(CLI, options.address, members)
    opening.show(options, {"address": options.address, "members": count}, [f"{options.address} has {count} members."])
    return 0


async def _drop(node: Node, options: argparse.Namespace) -> int:
    lists = node.services.addressing.lists
    wanted = {word: await _member(node, options.address, word) for word in options.members}
    done = [word for word, one in wanted.items() if await lists.remove(CLI, options.address, one)]
    opening.show(options, {"address": options.address, "dropped": done}, [f"{len(done)} members are out."])
    return 0 if len(done) == len(options.members) else 1


async def _member_text(node: Node, groups: dict[int, str], one: Member) -> str:
    if one.department:
        try:
            return f"department:{await node.services.organization.departments.code_of(one.department)}"
        except NotFound:
            return f"department:{one.department} (gone)"
    return f"group:{groups.get(one.group, one.group)}" if one.group else one.address


async def _show(node: Node, options: argparse.Namespace) -> int:
    lists = node.services.addressing.lists
    text = await lists.text(options.address)
    names = {group.id: group.name for group in await node.services.governing.groups()}
    members = [await _member_text(node, names, one) for one in await lists.members(options.address)]
    facts = msgspec.structs.asdict(text)
    lines = [f"{name.replace('_', '-')}: {_shown(value)}" for name, value in facts.items()]
    opening.show(
        options, {**facts, "members": members}, [*lines, f"members: {len(members)}", *[f"  {m}" for m in members]]
    )
    return 0


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


async def _list(node: Node, options: argparse.Namespace) -> int:
    document, rows = [], []
    for organization in await organizations(node, options.organization):
        for row in await node.services.addressing.stand_ins.list_all(organization.id, "list"):
            text = await node.services.addressing.book.list_text(row)
            count = len(await node.services.addressing.lists.members(row.address))
            document.append({"address": row.address, "name": text.name, "members": count, "post": text.post})
            rows.append((row.address, text.name, str(count), text.post, text.moderation))
    opening.show(options, document, opening.table(("ADDRESS", "NAME", "MEMBERS", "POST", "MODERATION"), rows))
    return 0


async def _remove(node: Node, options: argparse.Namespace) -> int:
    await node.services.addressing.stand_ins.retire(CLI, options.address, "list", forget=options.forget)
    opening.show(options, {"address": options.address}, [f"The list {options.address} is gone."])
    return 0
