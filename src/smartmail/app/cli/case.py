"""Cases of reported phishing (해킹메일 신고): list, show, evidence, set, report, mailbox, desk.

People report by a click, or by moving a message into the mailbox that `case mailbox` gives them. `case desk` names the
address of the security desk (보안관제) that hears of each new campaign, with the evidence package.
"""

import argparse
from typing import Any

import msgspec

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, organizations, shown
from smartmail.app.node import Node
from smartmail.domain.cases import CASE_STATES
from smartmail.domain.ids import MessageId
from smartmail.service.governance.cases import OpenCase

HELP = "reported phishing: cases, evidence, the security desk"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    add_act(acts, "list", "show cases, the newest change first")
    add_act(acts, "show", "show a case with its indicators and reports", "NUMBER")
    evidence = add_act(acts, "evidence", "write the evidence package of a case", "NUMBER")
    evidence.add_argument("--to", required=True, metavar="FILE")
    change = add_act(acts, "set", "say how far a case is", "NUMBER")
    change.add_argument("state", choices=CASE_STATES)
    change.add_argument("--note", default="", help="kept sealed with the case")
    report = add_act(acts, "report", "report a message for a person", "ACCOUNT")
    report.add_argument("message", type=int, metavar="MESSAGE", help="its number, as ./smartmail search shows it")
    box = add_act(acts, "mailbox", "give people the mailbox into which they move what they report")
    box.add_argument("--account", default="", metavar="ADDRESS", help="one person; all without it")
    desk = add_act(acts, "desk", "show or set who hears of new cases")
    desk.add_argument("address", nargs="?", metavar="ADDRESS", help="- for nobody")
    desk.add_argument("--organization", default=None, metavar="NAME")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    return opening.perform(options, lambda node: _ACTS[options.act](node, options))


def _number(text: str) -> int:
    if not text.isdecimal():
        raise opening.CommandError(f"{text} is no number: ./smartmail case list shows them.")
    return int(text)


async def _list(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.cases.list_all()
    rows = [
        (str(one.row.id), one.row.state, str(one.row.reports), shown(one.row.changed_at),
         ", ".join(one.text.senders[:2]), one.text.subject[:60])
        for one in found
    ]  # fmt: skip
    head = ("NUMBER", "STATE", "REPORTS", "CHANGED", "FROM", "SUBJECT")
    opening.show(options, [_document(one) for one in found], opening.table(head, rows) if rows else ["No cases."])
    return 0


def _document(one: OpenCase) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.id, "state": row.state, "reports": row.reports, "openedAt": row.opened_at, "changedAt": row.changed_at,
        **{field: getattr(one.text, field) for field in one.text.__struct_fields__},
    }  # fmt: skip


async def _show(node: Node, options: argparse.Namespace) -> int:
    one = await node.services.cases.get(CLI, _number(options.number))
    reporters = await node.services.cases.reporters(CLI, one.row.id)
    document = msgspec.to_builtins(_document(one)) | {"reporters": [list(each) for each in reporters]}
    lines = [f"{name:<12} {value}" for name, value in document.items() if value not in ("", [], None)]
    opening.show(options, document, lines)
    return 0


async def _evidence(node: Node, options: argparse.Namespace) -> int:
    octets = await node.services.cases.evidence(CLI, _number(options.number))
    _write(options.to, octets)
    opening.show(options, {"file": options.to, "size": len(octets)}, [f"{len(octets)} octets are in {options.to}."])
    return 0


def _write(path: str, octets: bytes) -> None:
    try:
        with open(path, "xb") as file:
            file.write(octets)
    except OSError as error:
        raise opening.CommandError(f"{path} cannot be written: {error}") from error


async def _set(node: Node, options: argparse.Namespace) -> int:
    await node.services.cases.change(CLI, _number(options.number), options.state, options.note)
    opening.show(options, {"state": options.state}, [f"Case {options.number} is {options.state}."])
    return 0


async def _report(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.account)
    number = await node.services.cases.report(opening.command_actor(account), account.id, MessageId(options.message))
    opening.show(options, {"case": number}, [f"It belongs to case {number}."])
    return 0


async def _mailbox(node: Node, options: argparse.Namespace) -> int:
    every = [one for one in await node.services.directory.accounts() if one.may("receive")]
    chosen = [await opening.find_account(node, options.account)] if options.account else every
    for one in chosen:
        await node.services.cases.make_mailbox(one)
    opening.show(options, {"accounts": len(chosen)}, [f"{len(chosen)} people have a mailbox for reports."])
    return 0


async def _desk(node: Node, options: argparse.Namespace) -> int:
    document = {}
    for one in await organizations(node, options.organization):
        if options.address is not None:
            await node.services.cases.set_desk(CLI, one.id, "" if options.address == "-" else options.address)
        document[one.name] = await node.services.cases.desk(one.id)
    opening.show(options, document, [f"{name}: {address or 'nobody'}" for name, address in document.items()])
    return 0


_ACTS = {
    "list": _list, "show": _show, "evidence": _evidence, "set": _set, "report": _report, "mailbox": _mailbox,
    "desk": _desk,
}  # fmt: skip
