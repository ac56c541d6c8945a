"""Manages who may use mailboxes and accounts of others: add, remove, list, per-person.

WHOM is a login address, group:NAME, domain:NAME, department:NAME or anyone (where policy allows it). RIGHTS are a role
(view, file, delete, manage) or letters of RFC 4314 (lrswipkxtea), with send-as and send-on-behalf after a plus sign, as in
file+send-as. Without --mailbox the whole account is meant, also mailboxes to come; sending is of whole accounts alone.
What is given --until a day ends by itself when that day is over in Korea. Live sessions notice within two seconds.
"""

import argparse
from datetime import date

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.domain.account import Account
from smartmail.domain.errors import Invalid, NotFound, PolicyRejected
from smartmail.domain.ids import MailboxId
from smartmail.domain.principal import Actor
from smartmail.domain.rights import LETTERS, SEND_AS, SEND_ON_BEHALF, SHARE_ROLES, WHOLE_ACCOUNT, Grant, share_role
from smartmail.service.people.account_life.ground import day_of, end_of_day

HELP = "share mailboxes and accounts between people, groups and domains"

_WORDS = {"send-as": SEND_AS, "send-on-behalf": SEND_ON_BEHALF}
_ALL = "(whole account)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    add = _act(acts, "add", "give rights, instead of those held until now")
    add.add_argument("whom", metavar="WHOM")
    add.add_argument(
        "rights", metavar="RIGHTS", type=rights_of, help="view, file, delete, manage, or letters; +send-as"
    )
    add.add_argument(
        "--until",
        metavar="DAY",
        type=_end,
        help="the last day, such as 2026-12-31 (no end; rights that are held keep theirs)",
    )
    _mailbox(add)
    remove = _act(acts, "remove", "take rights away")
    remove.add_argument("whom", metavar="WHOM")
    _mailbox(remove)
    _act(acts, "list", "show who has which rights")
    personal = _act(acts, "per-person", "say whether read and starred are each person's own in a mailbox")
    personal.add_argument("mailbox", metavar="MAILBOX")
    personal.add_argument("switch", choices=("on", "off"))


def _act(acts: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str) -> argparse.ArgumentParser:
    parser = acts.add_parser(name, help=text, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    opening.add_arguments(parser)
    parser.add_argument("address", metavar="ACCOUNT", help="whose mailboxes they are")
    return parser


def _mailbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--mailbox", metavar="PATH", help="such as INBOX or Projects/2026 (the whole account)")


def _end(text: str) -> int:
    try:
        return end_of_day(date.fromisoformat(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no day: write it as 2026-12-31") from None


def rights_of(text: str) -> frozenset[str]:
    """Return rights from a role or letters, and words behind plus signs. Raises ArgumentTypeError."""
    first, *words = text.split("+")
    found: set[str] = set()
    role = next((held for name, held in SHARE_ROLES.items() if name == first), None)
    for word in [*words, *([first] if first in _WORDS else [])]:
        if word not in _WORDS:
            raise argparse.ArgumentTypeError(f"not a right: {word!r} ({', '.join(_WORDS)})")
        found.add(_WORDS[word])
    if role is not None:
        return role | found
    if first not in _WORDS:
        if not first or not set(first) <= set(LETTERS):
            raise argparse.ArgumentTypeError(
                f"not rights: {first!r} ({', '.join(SHARE_ROLES)}, or letters of {LETTERS})"
            )
        found |= set(first)
    return frozenset(found)


def rights_text(rights: frozenset[str]) -> str:
    """Return rights in the words that `rights_of` takes."""
    letters = "".join(one for one in LETTERS if one in rights)
    role = share_role(rights)
    words = [word for word, right in _WORDS.items() if right in rights]
    return "+".join([*([letters if role == "custom" else role] if letters else []), *words])


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"add": _add, "remove": _remove, "list": _list, "per-person": _per_person}[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _add(node: Node, options: argparse.Namespace) -> int:
    return await _set(node, options, options.rights, options.until)


async def _remove(node: Node, options: argparse.Namespace) -> int:
    return await _set(node, options, frozenset())


async def _set(node: Node, options: argparse.Namespace, rights: frozenset[str], ends_at: int | None = None) -> int:
    account = await opening.find_account(node, options.address)
    actor = opening.command_actor(account)
    sharing = node.services.sharing
    try:
        grantee = await sharing.named(actor, options.whom)
    except NotFound:
        raise opening.CommandError(f"{options.whom} is nobody in the organisation of {account.login}.") from None
    mailbox_id = await _place(node, actor, account, options.mailbox)
    try:
        await sharing.share(actor, account.id, mailbox_id, grantee, rights, ends_at)
    except (Invalid, PolicyRejected) as error:
        raise opening.CommandError(f"That cannot be shared: {error.public}.") from None
    what = f"{account.login} {options.mailbox or _ALL}"
    told = f"may now {rights_text(rights)}" if rights else "has no rights any more on"
    document = {
        "account": account.login,
        "mailbox": options.mailbox,
        "whom": options.whom,
        "rights": rights_text(rights),
    }
    last = f" until {day_of(ends_at)}" if ends_at else ""
    line = f"{options.whom} {told} {'on ' if rights else ''}{what}{last}."
    opening.show(options, document, [line])
    return 0


async def _place(node: Node, actor: Actor, account: Account, path: str | None) -> MailboxId:
    if path is None:
        return WHOLE_ACCOUNT
    try:
        return (await node.services.mailboxes.find(actor, account.id, tuple(path.split("/")))).row.id
    except NotFound:
        raise opening.CommandError(f"{account.login} has no mailbox {path}.") from None


async def _list(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    actor = opening.command_actor(account)
    names = {one.row.id: "/".join(one.path) for one in await node.services.mailboxes.list_all(actor, account.id)} | {
        WHOLE_ACCOUNT: _ALL
    }
    personal = await node.services.sharing.seen_per_person(actor, account.id)
    rows = [
        (names[one.mailbox_id], await _name(node, actor, one), rights_text(one.rights),
         "per person" if one.mailbox_id in personal else "", day_of(one.ends_at) if one.ends_at else "")
        for one in await node.services.sharing.grants(actor, account.id)
        if one.mailbox_id in names
    ]  # fmt: skip
    document = [
        {"mailbox": None if where == _ALL else where, "whom": whom, "rights": rights, "seenPerPerson": bool(mark),
         "until": until or None}
        for where, whom, rights, mark, until in rows
    ]  # fmt: skip
    lines = (
        opening.table(("MAILBOX", "WHOM", "RIGHTS", "", "UNTIL"), rows)
        if rows
        else [f"{account.login} shares nothing."]
    )
    opening.show(options, document, lines)
    return 0


async def _name(node: Node, actor: Actor, grant: Grant) -> str:
    try:
        return await node.services.sharing.name_of(actor, grant.grantee)
    except NotFound:
        return f"{grant.grantee.kind}:{grant.grantee.id} (gone)"


async def _per_person(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    actor = opening.command_actor(account)
    mailbox_id = await _place(node, actor, account, options.mailbox)
    on = options.switch == "on"
    await node.services.sharing.set_seen_per_person(actor, account.id, mailbox_id, on=on)
    told = "each person's own" if on else "common to all"
    document = {"account": account.login, "mailbox": options.mailbox, "seenPerPerson": on}
    opening.show(options, document, [f"Read and starred are {told} now in {account.login} {options.mailbox}."])
    return 0
