"""Senders that people, domains, an organization or the whole installation allow or block.

A SUBJECT is an address, a domain (with all below it), a network or a country (KR); to block, also a link or its host, or
the SHA-256 of an attachment; --kind says so where it is not plain. `import` blocks what a list of indicators (CSV) names.
Allowing never lets malware through, nor what DMARC refuses for a domain of ours; a forged sender is not allowed by it.
"""

import argparse
import csv

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, read_end
from smartmail.app.cli.operations import naming, running
from smartmail.app.node import Node
from smartmail.domain.errors import Invalid
from smartmail.domain.quarantine import RuleKind, RulePlace

_TYPES: dict[str, RuleKind] = {
    "sender": "address", "email": "address", "address": "address", "domain": "domain", "ip": "network",
    "network": "network", "host": "url", "hostname": "url", "url": "url", "sha256": "file",
}  # fmt: skip
HELP = "senders that are always allowed or blocked"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    running.add_acts(acts, "sender")
    many = add_act(acts, "import", "block what a list of indicators (CSV: type,value) names", "FILE")
    many.add_argument(
        "--scope", default="system", help="whose list, such as organization:NAME or account:ADDRESS (system)"
    )
    many.add_argument("--until", default="", metavar="YYYY-MM-DD", help="the last day; for ever without it")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    return (
        opening.perform(options, lambda node: _import(node, options))
        if options.act == "import"
        else running.run(options)
    )


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
    level, _, subject = (await naming.scope_of(node, options.scope)).partition(":")
    done, wrong = 0, list[str]()
    for kind, value in dict.fromkeys(read_indicators(options.file)):
        try:
            await node.services.sender_lists.put(CLI, RulePlace(level, subject), "block", value, kind, until)  # type: ignore[arg-type]  # the service takes no others
            done += 1
        except Invalid as error:
            wrong.append(error.public)
    opening.show(options, {"blocked": done, "wrong": wrong}, [f"{done} are blocked.", *wrong])
    return 1 if wrong else 0
