"""Lists of senders: whom people, domains, an organisation or the whole installation let through or keep out.

A SUBJECT is an address, a domain (with all below it), a network or a country (KR); to keep out, also a link or its host, or
the SHA-256 of an attachment; --kind says so where it is not plain. `import` takes a list of indicators (CSV).
Allowing never lets malware through, nor what DMARC refuses for a domain of ours; a forged sender is not allowed by it.
"""

import argparse
import csv

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, organizations, read_end, shown
from smartmail.app.node import Node
from smartmail.domain.errors import Invalid
from smartmail.domain.quarantine import RULE_KINDS, RuleKind, RulePlace
from smartmail.formats.address import domain_to_ascii
from smartmail.service.protection.filtering.lists import SYSTEM, own_place

_TYPES: dict[str, RuleKind] = {
    "sender": "address", "email": "address", "address": "address", "domain": "domain", "ip": "network",
    "network": "network", "host": "url", "hostname": "url", "url": "url", "sha256": "file",
}  # fmt: skip
HELP = "senders that are always let through or kept out"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    for name, text in (("allow", "let a sender through"), ("block", "keep a sender out")):
        act = _scoped(add_act(acts, name, text, "SUBJECT"))
        act.add_argument("--kind", choices=RULE_KINDS, default=None)
        act.add_argument("--until", default="", metavar="YYYY-MM-DD", help="the last day; for ever without it")
    many = _scoped(add_act(acts, "import", "keep out what a list of indicators (CSV: type,value) names", "FILE"))
    many.add_argument("--until", default="", metavar="YYYY-MM-DD", help="the last day; for ever without it")
    _scoped(add_act(acts, "list", "show a list, with hits"))
    _scoped(add_act(acts, "remove", "take rules off a list", "NUMBERS…"))


def _scoped(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--account", default="", metavar="ADDRESS", help="a person's list")
    group.add_argument("--domain", default="", metavar="NAME", help="a domain's list")
    group.add_argument("--organization", default="", metavar="NAME", help="an organisation's list")
    return parser


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"list": _list, "remove": _remove, "import": _import}.get(options.act, _put)
    return opening.perform(options, lambda node: act(node, options))


async def _place(node: Node, options: argparse.Namespace) -> RulePlace:
    if options.account:
        return own_place((await opening.find_account(node, options.account)).id)
    if options.domain:
        return RulePlace("domain", domain_to_ascii(options.domain).lower())
    if options.organization:
        return RulePlace("organization", str(int((await organizations(node, options.organization))[0].id)))
    return SYSTEM


async def _put(node: Node, options: argparse.Namespace) -> int:
    until = read_end(options.until) if options.until else None
    made = await node.services.sender_lists.put(
        CLI, await _place(node, options), options.act, options.subject, options.kind, until
    )
    word = "let through" if options.act == "allow" else "kept out"
    document = {"id": made.row.id, "act": made.row.act, "kind": made.row.kind, "subject": made.subject}
    opening.show(options, document, [f"{made.subject} ({made.row.kind}) is {word} (rule {made.row.id})."])
    return 0


def read_indicators(path: str) -> list[tuple[RuleKind, str]]:
    """Return kind and value of each line of a CSV file; what is of another type is left out. Raises CommandError."""
    found: list[tuple[RuleKind, str]] = []
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            for line in csv.reader(file):
                kind = _TYPES.get(line[0].strip().lower()) if len(line) > 1 else None
                if kind is not None and line[1].strip():
                    # As an evidence package writes it; and "hxxp" and "[.]" as people write what nobody shall click.
                    value = line[1].strip().removeprefix("'").replace("[.]", ".")
                    found.append((kind, value))
    except (OSError, ValueError, csv.Error) as error:
        raise opening.CommandError(f"{path} cannot be read: {error}") from error
    return found


async def _import(node: Node, options: argparse.Namespace) -> int:
    until = read_end(options.until) if options.until else None
    place, done, wrong = await _place(node, options), 0, list[str]()
    for kind, value in dict.fromkeys(read_indicators(options.file)):
        try:
            await node.services.sender_lists.put(CLI, place, "block", value, kind, until)
            done += 1
        except Invalid as error:
            wrong.append(error.public)
    lines = [f"{done} are kept out.", *wrong]
    opening.show(options, {"blocked": done, "wrong": wrong}, lines)
    return 1 if wrong else 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.sender_lists.rules(await _place(node, options))
    document = [
        {"id": one.row.id, "act": one.row.act, "kind": one.row.kind, "subject": one.subject, "hits": one.row.hits,
         "lastHitAt": one.row.hit_at, "expiresAt": one.row.expires_at, "by": one.row.author}
        for one in found
    ]  # fmt: skip
    rows = [
        (str(one.row.id), one.row.act, one.row.kind, one.subject, str(one.row.hits), shown(one.row.hit_at),
         shown(one.row.expires_at), one.row.author)
        for one in found
    ]  # fmt: skip
    head = ("NUMBER", "ACT", "KIND", "SUBJECT", "HITS", "LAST", "UNTIL", "BY")
    opening.show(options, document, opening.table(head, rows) if rows else ["The list is empty."])
    return 0


async def _remove(node: Node, options: argparse.Namespace) -> int:
    place = await _place(node, options)
    for word in options.numbers:
        if not word.isdecimal():
            raise opening.CommandError(f"{word} is no number: ./smartmail sender list shows them.")
        await node.services.sender_lists.remove(CLI, place, int(word))
    opening.show(options, {"removed": options.numbers}, [f"Rule {word} is gone." for word in options.numbers])
    return 0
