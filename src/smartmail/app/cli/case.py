"""Cases of reported phishing (해킹메일 신고): list, show, evidence, package, set, report, mailbox, desk.

People report by a click, or by moving a message into the mailbox that `case mailbox` gives them. `case set-desk` names the
address of the security desk (보안관제) that hears of each new campaign, with the evidence package; no address: nobody.
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import acts_of, add_act
from smartmail.app.cli.operations import running
from smartmail.app.node import Node
from smartmail.domain.ids import MessageId

HELP = "reported phishing: cases, evidence, the security desk"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    running.add_acts(acts, "case")
    report = add_act(acts, "report", "report a message for a person", "ACCOUNT")
    report.add_argument("message", type=int, metavar="MESSAGE", help="its number, as ./smartmail search shows it")
    box = add_act(acts, "mailbox", "give people the mailbox into which they move what they report")
    box.add_argument("--account", default="", metavar="ADDRESS", help="one person; all without it")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"report": _report, "mailbox": _mailbox}.get(options.act)
    return running.run(options) if act is None else opening.perform(options, lambda node: act(node, options))


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
