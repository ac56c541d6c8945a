"""Manages accounts: add, list, passwd, quota, close, reopen, state, alias, setup-link; app passwords, tokens, second factors, sessions,
logins.

Passwords are asked for, or read from standard input with --password-stdin; they are never written on the command line.
An account without a password gets a one-time link with which the person sets it.
"""

import argparse
import asyncio
import getpass
import re
import sys

from smartmail.app.cli import credentials, factors, opening, sending
from smartmail.app.node import Node
from smartmail.domain.account import Account, AccountKind
from smartmail.domain.errors import AlreadyExists, Invalid, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.directory import NewPerson

HELP = "add, list, close accounts; passwords, quotas, aliases"

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_LANGUAGES = ("ko", "en", "ja", "zh-Hans", "zh-Hant")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    add = _act(acts, "add", "make an account with its mailboxes", address=True)
    add.add_argument("--name", default="", help="the person's name")
    add.add_argument(
        "--language", choices=_LANGUAGES, default="", help="language of the webmail and of reports (what policy says)"
    )
    add.add_argument("--department", default="", help="for the directory")
    add.add_argument("--title", default="", help="for the directory")
    add.add_argument("--admin", action="store_true", help="may administer")
    add.add_argument("--quota", type=octets, metavar="SIZE", help="such as 500M or 10G (no limit)")
    add.add_argument("--shared", action="store_true", help="an account for several; nobody logs in as it")
    add.add_argument("--resource", action="store_true", help="a room or a thing of the directory; nobody logs in as it")
    add.add_argument("--setup-link", action="store_true", help="print a link instead of setting a password")
    _password(add)
    _act(acts, "list", "show all accounts")
    passwd = _act(acts, "passwd", "set the password; sessions and what else opens the account end", address=True)
    _password(passwd)
    passwd.add_argument(
        "--keep-programs", action="store_true", help="leave app passwords, tokens, certificates and connected programs"
    )
    _act(acts, "quota", "limit the octets that an account may keep", address=True).add_argument(
        "size", type=octets, metavar="SIZE", help="such as 500M or 10G; none lifts the limit"
    )
    _act(acts, "close", "no login and no mail any more; the data stay", address=True)
    _act(acts, "reopen", "undo close", address=True)
    state = _act(acts, "state", "suspend an account, make it dormant or active again", address=True)
    state.add_argument("state", metavar="STATE", choices=("pending", "active", "suspended", "dormant"))
    state.add_argument("--reason", default="", help="kept sealed in the record")
    _act(acts, "alias", "another address for an account", address=True).add_argument("alias", metavar="ALIAS")
    _act(acts, "setup-link", "a one-time link with which the person sets a password", address=True)
    credentials.add_acts(acts)
    factors.add_acts(acts)
    sending.add_acts(acts)


def _act(acts: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str, *, address: bool = False
         ) -> argparse.ArgumentParser:  # fmt: skip
    parser = acts.add_parser(name, help=text, description=text)
    opening.add_arguments(parser)
    if address:
        parser.add_argument("address", metavar="ADDRESS")
    return parser


def _password(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")


def octets(text: str) -> int:
    """Return a size such as 500M or 10G in octets; -1 for none. Raises ArgumentTypeError."""
    if text.lower() in {"none", "unlimited"}:
        return -1
    match = re.fullmatch(r"(\d{1,12})([kmgt]?)i?b?", text.strip(), re.IGNORECASE)
    if match is None or int(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"not a size: {text!r} (such as 500M, 10G, none)")
    return int(match[1]) * _UNITS[match[2].lower()]


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = _ACTS[options.act]
    return opening.perform(options, lambda node: act(node, options))


def _actor() -> Actor:
    return Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


def _kind(options: argparse.Namespace) -> AccountKind:
    return "shared" if options.shared else "resource" if options.resource else "person"


async def _add(node: Node, options: argparse.Namespace) -> int:
    nobodys = options.shared or options.resource
    password = None if options.setup_link or nobodys else await _read_password(options)
    quota = options.quota if options.quota and options.quota > 0 else None
    person = NewPerson(
        options.address, options.name or options.address.partition("@")[0], options.language, options.department,
        options.title, options.admin, quota, _kind(options),
    )  # fmt: skip
    try:
        account = await node.services.provisioning.person(person, password)
    except AlreadyExists as error:
        raise opening.CommandError(error.public or f"{options.address} is an address already.") from None
    except NotFound as error:
        raise opening.CommandError(
            f"{error.public or options.address}. Add the domain first: ./smartmail domain add DOMAIN"
        ) from None
    document, lines = _shown(account), [f"{account.login} is account {account.id}."]
    if options.shared:
        lines.append(f"Next: who works in it: ./smartmail share add {account.login} WHOM delete+send-as")
    elif password is None and not nobodys:
        link = await _link(node, account)
        document["setupLink"] = link
        lines += ["The person sets a password here (the link works once, for a day):", f"  {link}"]
    opening.show(options, document, lines)
    return 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    accounts = await node.services.directory.accounts()
    rows = []
    for one in accounts:
        limit = "" if one.quota is None else size_text(one.quota)
        marks = " ".join(mark for mark, on in (("admin", one.is_admin), (one.state, one.state != "active")) if on)
        rows.append((one.login, one.name, f"{one.messages:,}", size_text(one.used), limit, marks))
    document = [{**_shown(one), "addresses": await node.services.directory.addresses(one.id)} for one in accounts]
    opening.show(options, document, opening.table(("ADDRESS", "NAME", "MESSAGES", "USED", "QUOTA", ""), rows))
    return 0


_PASSWORD_SET = {
    False: "The password of {} is set; its sessions, app passwords, tokens and connected programs have ended.",
    True: "The password of {} is set; its sessions have ended.",
}


async def _passwd(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    try:
        await node.services.administration.set_password(
            _actor(), account.id, await _read_password(options), keep_programs=options.keep_programs
        )
    except Invalid as error:
        raise opening.CommandError(error.public) from None
    opening.show(options, _shown(account), [_PASSWORD_SET[options.keep_programs].format(account.login)])
    return 0


async def _quota(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    limit = None if options.size < 0 else options.size
    account = await node.services.administration.set_quota(_actor(), account.id, limit)
    told = "has no limit" if limit is None else f"may keep {size_text(limit)}"
    opening.show(options, _shown(account), [f"{account.login} {told} and uses {size_text(account.used)}."])
    return 0


async def _close(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    account = await node.services.administration.close(_actor(), account.id)
    opening.show(options, _shown(account), [f"{account.login} is closed. ./smartmail account reopen undoes it."])
    return 0


async def _reopen(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    account = await node.services.administration.reopen(_actor(), account.id)
    opening.show(options, _shown(account), [f"{account.login} is open again."])
    return 0


async def _state(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    account = await node.services.account_life.states.set(_actor(), account.id, options.state, options.reason)
    opening.show(options, _shown(account), [f"{account.login} is {account.state}."])
    return 0


async def _alias(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    try:
        alias = await node.services.administration.add_alias(_actor(), account.id, options.alias)
    except AlreadyExists as error:
        raise opening.CommandError(error.public or f"{options.alias} is an address already.") from None
    opening.show(options, {**_shown(account), "alias": alias}, [f"{alias} is an address of {account.login} now."])
    return 0


async def _setup_link(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    link = await _link(node, account)
    opening.show(options, {**_shown(account), "setupLink": link}, ["The link works once, for a day:", f"  {link}"])
    return 0


async def _link(node: Node, account: Account) -> str:
    token = await node.services.administration.setup_link(_actor(), account.id)
    port = node.settings.ports()["https"] or 443
    return f"https://{node.settings.file.names.app}:{port}/setup#{token}"


async def _read_password(options: argparse.Namespace) -> str:
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise opening.CommandError("There is no terminal to ask for the password. Use --password-stdin.")
    first = await asyncio.to_thread(getpass.getpass, "New password: ")
    if first != await asyncio.to_thread(getpass.getpass, "Again: "):
        raise opening.CommandError("The two differ; nothing was changed.")
    return first


def _shown(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "address": account.login,
        "name": account.name,
        "department": account.department,
        "title": account.title,
        "language": account.language,
        "admin": account.is_admin,
        "state": account.state,
        "messages": account.messages,
        "used": account.used,
        "quota": account.quota,
    }


def size_text(size: int) -> str:
    """Return octets in words: 1.4 GB."""
    amount, units = float(size), ["B", "KB", "MB", "GB", "TB"]
    while amount >= 1024 and len(units) > 1:
        amount /= 1024
        units.pop(0)
    return f"{amount:.0f} {units[0]}" if amount >= 100 or units[0] == "B" else f"{amount:.1f} {units[0]}"


_ACTS = {
    "add": _add, "list": _list, "passwd": _passwd, "quota": _quota, "close": _close, "reopen": _reopen, "state": _state,
    "alias": _alias, "setup-link": _setup_link, **credentials.ACTS, **factors.ACTS, **sending.ACTS,
}  # fmt: skip
